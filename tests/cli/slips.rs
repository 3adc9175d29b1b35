//! Slips on the command line: exit code 2, and what to write instead.

use libtest_mimic::Trial;
use snapbox::{assert_data_eq, str};

use crate::support::{run, trial};

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        trial("slips::in_a_case", cases),
        trial("slips::in_what_is_set", set),
        trial("slips::in_names", names),
        trial("slips::a_line_with_a_control_url_is_taken", control_lines),
        trial("slips::in_options", options),
        trial("slips::what_is_meant_is_named", meant),
    ]
}

#[track_caller]
fn said(arguments: &[&str]) -> String {
    let ended = run(arguments.iter().copied()).with(2);
    assert_eq!(ended.out, "");
    ended.err
}

fn cases() {
    // A step is shown as it stands; where a domain has no course, there is none to write instead.
    let memory = "tests/engine/conversations/memory.yaml";
    for (spec, step, help) in [
        (memory, "{wiat: 1}", "did you mean `{wait: 1}`?"),
        (
            "reachability",
            "{wait: 3}",
            "it has no values in this domain: leave it out",
        ),
    ] {
        let told = said(&[
            "run",
            "--spec",
            spec,
            "--case",
            &format!("{{course: [{step}]}}"),
        ]);
        assert!(
            told.contains(&format!("`course` is never {step}\n")),
            "{told}"
        );
        assert!(told.contains(&format!("help: {help}\n")), "{told}");
    }
    let case = "{policy: {profiles: [{scheme: basik}], advertise: true}, clent: {}}";
    assert_data_eq!(
        said(&["run", "--case", case]),
        str![[r#"
error: `policy.profiles.scheme` is never `basik`
 --> --case:1:31
  |
1 | {policy: {profiles: [{scheme: basik}], advertise: true}, clent: {}}
  |                               ^^^^^
  |
  = help: did you mean `basic`?

error: `policy` has no field `advertise`
 --> --case:1:40
  |
1 | {policy: {profiles: [{scheme: basik}], advertise: true}, clent: {}}
  |                                        ^^^^^^^^^
  |
  = help: did you mean `advertise_all`?

error: a case has no key `clent`
 --> --case:1:58
  |
1 | {policy: {profiles: [{scheme: basik}], advertise: true}, clent: {}}
  |                                                          ^^^^^
  |
  = help: did you mean `client`?

"#]]
    );
    let field = "{policy: {advertise: true}}";
    assert_data_eq!(
        said(&["run", "--case", field]),
        str![[r#"
error: `policy` has no field `advertise`
 --> --case:1:11
  |
1 | {policy: {advertise: true}}
  |           ^^^^^^^^^
  |
  = help: did you mean `advertise_all`?

"#]]
    );
    assert_data_eq!(
        said(&["run", "--case", "{policy: ["]),
        str![[r#"
error: this is not YAML
 --> --case:1:10
  |
1 | {policy: [
  |          ^ unclosed bracket '['
  |
  = help: check indentation, brackets and quotes here and in the line above; text with a colon, a brace or a hash needs quotes

"#]]
    );
    assert_data_eq!(
        said(&["serve", "--case", "[]"]),
        str![[r#"
error: a case must be a mapping, and this is a list
 --> --case:1:1
  |
1 | []
  | ^
  |
  = help: write keys and values, such as `key: value`

"#]]
    );
}

fn set() {
    assert_data_eq!(
        said(&["--set", "policy.advertise_al=true"]),
        str![[r#"
error: no spec has a field `policy.advertise_al`
  help: did you mean `policy.advertise_all`?

"#]]
    );
    assert_data_eq!(
        said(&["--set", "policy.advertise_all=maybe"]),
        str![[r#"
error: `policy.advertise_all` is never `maybe`
  help: its values are false, true

"#]]
    );
    assert_data_eq!(
        said(&["--set", "client.scheme=basic,digset"]),
        str![[r#"
error: `client.scheme` is never `digset`
  help: its values are basic, bearer

"#]]
    );
    assert_data_eq!(
        said(&["--set", "policy.advertise_all"]),
        str![[r#"
error: `--set policy.advertise_all` has no value
  help: write `--set policy.advertise_all=true`

"#]]
    );
    assert_data_eq!(
        said(&["--set", "policy.advertise_all="]),
        str![[r#"
error: `--set policy.advertise_all=` has no value
  help: write `--set policy.advertise_all=true`

"#]]
    );
    assert_data_eq!(
        said(&["--set", "policy.profiles=many"]),
        str![[r#"
error: `policy.profiles` takes a number or a range, and `many` is neither
  help: in api-access-policy it has 0 to 4 items: write `policy.profiles=4` or `policy.profiles=0..4`

"#]]
    );
    for wrong in ["1..x", "-1", "-0", "+1", "0..-1", "-1..2"] {
        let said = said(&["--set", &format!("policy.profiles={wrong}")]);
        let line = format!(
            "error: `policy.profiles` takes a number or a range, and `{wrong}` is neither\n  help: in \
             api-access-policy it has 0 to 4 items: "
        );
        assert!(said.starts_with(&line), "{said}");
    }
    assert_data_eq!(
        said(&["--set", "policy.profiles=7..9"]),
        str![[r#"
error: `policy.profiles` has no value among: 7 to 9
  help: in api-access-policy it has 0 to 4 items: write `policy.profiles=4` or `policy.profiles=0..4`

"#]]
    );
    assert_data_eq!(
        said(&["--set", "policy=true"]),
        str![[r#"
error: no spec has a field `policy`
  help: the fields are policy.active, policy.profiles, policy.profiles.scheme, policy.profiles.active, policy.advertise_all, instance.first_scheme_only, client.persona, client.scheme, client.credential, policy.exists, policy.global, policy.others, policy.others.for, policy.others.scheme, policy.others.active, policy.required_scope, policy.access_control, policy.condition, instance.check_scopes, instance.blocking, instance.session_cookies, client.from, policy.auth_parameter, policy.prefix, policy.hash, client.form, client.way, policy.external_auth, policy.forward_body, policy.protocol, policy.allowed_headers, policy.cors, instance.auth_service, instance.challenges, instance.identity, instance.backend, client.method, client.target, client.carries, policy.step_up, policy.metadata, policy.cross_origin, policy.dpop_nonce, policy.digest, policy.key, policy.metadata_at, policy.sessions, policy.upstream, policy.for_post, policy.for_post.scheme, policy.realm, policy.behind_tls, policy.open, policy.introspection_by, policy.grants

"#]]
    );
}

fn control_lines() {
    // The program's own line is what is at hand.
    let line = "countersign-control: http://127.0.0.1:1";
    let ended = run(["run", "--against", line, "--spec", "reachability"]).with(3);
    assert!(ended.err.contains("127.0.0.1:1"), "{}", ended.err);
    assert!(!ended.err.contains("adapter"), "{}", ended.err);
}

fn names() {
    assert_data_eq!(
        said(&["run", "--spec", "reachability", "--spec", "reachability"]),
        str![[r#"
error: reachability is given twice
  help: leave one of them out, or give another version of it a name of its own

"#]]
    );
    let rule = ["--rule", "chalenge-driven-client-gets-in"];
    assert_data_eq!(
        said(&rule),
        str![[r#"
error: none of the specs has a rule `chalenge-driven-client-gets-in`
  help: did you mean `challenge-driven-client-gets-in`?

"#]]
    );
    assert_data_eq!(
        said(&["--rule", "x"]),
        str![[r#"
error: none of the specs has a rule `x`
  help: `countersign rules` lists the rules

"#]]
    );
    // A rule that there is, of a spec that was not asked for.
    let other = [
        "--spec",
        "api-access-policy",
        "--rule",
        "challenge-driven-client-gets-in",
    ];
    assert_data_eq!(
        said(&other),
        str![[r#"
error: none of the specs has a rule `challenge-driven-client-gets-in`
  help: add `--spec reachability`, which has it

"#]]
    );
    assert_data_eq!(
        said(&["--spec", "reachability", "--fault", "no-such-thing"]),
        str![[r#"
error: the reference implementation has no fault `no-such-thing`
  help: `countersign faults` lists them

"#]]
    );
    assert_data_eq!(
        said(&["--spec", "reachability", "--fault", "ignores-flag"]),
        str![[r#"
error: the reference implementation has no fault `ignores-flag`
  help: did you mean `flag-ignored`? `countersign faults` lists all

"#]]
    );
    assert_data_eq!(
        said(&["--spec", ""]),
        str![[r#"
error: there is no spec ``
  help: the shipped packs are api-access-policy, api-access-instance, api-access-outcome, api-access-profiles, external-authorization, http-authentication, mcp-authorization, reachability, every-scheme, authorization-server

"#]]
    );
    for (url, why) in [
        ("http://example.com", "is not on a loopback address"),
        ("https://127.0.0.1:9", "is https"),
    ] {
        let said = said(&["run", "--against", url]);
        assert!(said.starts_with(&format!("error: `{url}` {why}")), "{said}");
        assert!(
            said.contains(&format!("`countersign reach {url}`")),
            "{said}"
        );
    }
    assert_data_eq!(
        said(&["run", "--spec", "reachability", "--against", "nginxx"]),
        str![[r#"
error: there is no adapter `nginxx`
  help: did you mean `nginx`?

"#]]
    );
    assert_data_eq!(
        said(&["run", "--spec", "reachability", "--against", "referense"]),
        str![[r#"
error: there is no adapter `referense`
  help: did you mean `reference`?

"#]]
    );
    assert_data_eq!(
        said(&["run", "--spec", "reachability", "--against", "apache"]),
        str![[r#"
error: there is no adapter `apache`
  help: the adapters are [..]; a path to a folder works as well

"#]]
    );
    assert_data_eq!(
        said(&["run", "--spec", "reachability", "--against", "./docs"]),
        str![[r#"
error: this file cannot be read: No such file or directory (os error 2)
 --> ./docs/adapter.yaml:1:1
  |
1 |
  | ^
  |
  = help: an adapter is a folder that contains `adapter.yaml`

"#]]
    );
    let fault = [
        "run",
        "--spec",
        "reachability",
        "--against",
        "nginx",
        "--fault",
        "ignores-the-flag",
    ];
    assert_data_eq!(
        said(&fault),
        str![[r#"
error: only the reference implementation has faults to seed

"#]]
    );
    let port = [
        "serve",
        "--spec",
        "reachability",
        "--against",
        "nginx",
        "--port",
        "4010",
    ];
    assert_data_eq!(
        said(&port),
        str![[r#"
error: only the reference implementation's port can be chosen

"#]]
    );
    assert_data_eq!(
        said(&["adapters", "install", "ngnix"]),
        str![[r#"
error: there is no adapter `ngnix`
  help: did you mean `nginx`?

"#]]
    );
}

fn meant() {
    for (word, help) in [
        ("nginx", "`countersign run --against nginx` tests it"),
        (
            "reachability",
            "`countersign run --spec reachability` runs it",
        ),
        (
            "http://127.0.0.1:9",
            "`countersign reach http://127.0.0.1:9` says who gets in",
        ),
    ] {
        let said = said(&[word]);
        assert!(
            said.starts_with(&format!(
                "error: there is no command `{word}`\n  help: {help}"
            )),
            "{said}"
        );
    }
    let quoted = said(&[
        "run",
        "--spec",
        "reachability",
        "--case",
        "{policy: {advertise_all: \"true\"}}",
    ]);
    assert!(
        quoted.contains("it is the text \"true\" here: leave out the quotes"),
        "{quoted}"
    );
    let nothing = said(&["--set", "policy.profiles="]);
    assert!(
        nothing.contains("help: write `--set policy.profiles=0..2`"),
        "{nothing}"
    );
    for command in ["run", "compare", "kill-matrix"] {
        for cases in ["-1", "0"] {
            let said = said(&[command, "--cases", cases]);
            let line = format!("invalid value '{cases}' for '--cases <N>': write a number from 1");
            assert!(said.contains(&line), "{said}");
        }
    }
    let contradicts = said(&[
        "run",
        "--spec",
        "reachability",
        "--case",
        "{client: {scheme: basic}}",
        "--set",
        "client.scheme=bearer",
    ]);
    assert!(
        contradicts.starts_with(
            "error: `--case` names a value that `--set client.scheme=bearer` leaves out\n"
        ),
        "{contradicts}"
    );
    for (case, said_of_it) in [
        (
            "{policy: {}}\n---\n{client: {}}",
            "there is more than one document here",
        ),
        ("&a [*a]", "an alias stands within what it is an alias of"),
    ] {
        let said = said(&["run", "--spec", "reachability", "--case", case]);
        assert!(said.contains(said_of_it), "{said}");
    }
}

fn options() {
    assert_data_eq!(
        said(&["run", "--agianst", "nginx"]),
        str![[r#"
error: unexpected argument '--agianst' found

  tip: a similar argument exists: '--against'

Usage: countersign run --against <NAME>

For more information, try '--help'.

"#]]
    );
    assert_data_eq!(
        said(&["rum"]),
        str![[r#"
error: unrecognized subcommand 'rum'

  tip: a similar subcommand exists: 'run'

Usage: countersign [OPTIONS]
       countersign <COMMAND>

For more information, try '--help'.

"#]]
    );
    let bare = |command: &str, word: &str| said(&[command, word]);
    for (command, word, option) in [
        ("run", "reachability", "--spec"),
        ("run", "mine.yaml", "--spec"),
        ("kill-matrix", "reachability", "--spec"),
        ("rules", "reachability", "--spec"),
        ("run", "nginx", "--against"),
        ("run", "http://127.0.0.1:1", "--against"),
    ] {
        assert_eq!(
            bare(command, word),
            format!(
                "error: `countersign {command}` takes no `{word}` without an option before it\n  help: write \
                 `countersign {command} {option} {word}`\n"
            )
        );
    }
    assert_data_eq!(
        said(&["run", "--save="]),
        str![[r#"
error: a value is required for '--save [<FOLDER>]' but none was supplied

For more information, try '--help'.

"#]]
    );
    let part = ["--rule", "order-does-not-change-the-set"];
    let part = said(&[&part[..], &["--write-baseline", "known.yaml"]].concat());
    assert!(
        part.starts_with("error: `--write-baseline` goes with no `--rule`: a baseline lists"),
        "{part}"
    );
    let folder = tempfile::tempdir().unwrap();
    let name = folder.path().to_str().unwrap();
    let told = said(&["--spec", "reachability", "--baseline", name]);
    let remedy =
        format!("it is a folder; `--write-baseline {name}/known.yaml` makes a baseline in it");
    assert!(told.contains(&remedy), "{told}");
    assert_data_eq!(
        said(&["run", "--connections", "0"]),
        str![[r#"
error: invalid value '0' for '--connections <N>': 0 is not in 1..=256

For more information, try '--help'.

"#]]
    );
    assert_data_eq!(
        said(&["check"]),
        str![[r#"
error: the following required arguments were not provided:
  <SPEC>...

Usage: countersign check <SPEC>...

For more information, try '--help'.

"#]]
    );
}

//! What an implementation is judged on: what it claims, what binds it, and only if somebody gets in.

use libtest_mimic::Trial;
use serde_json::{Value, json};

use tempfile::TempDir;

use crate::fakes::Fake;
use crate::support::{Ended, countersign, ended, ended as ended_of, run, trial};

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        trial("told::what_is_not_claimed_costs_nobody", unclaimed),
        trial("told::what_no_spec_has_is_a_fault_of_the_set_up", slips),
        trial(
            "told::an_adapter_is_told_where_it_slips",
            slip_of_an_adapter,
        ),
        trial("told::names_before_specs_are_looked_over", names_come_first),
        trial("told::a_pack_that_binds_others_is_left_out", left_out),
        trial(
            "told::a_pack_that_is_named_and_not_claimed_is_no_verdict",
            named_and_not_claimed,
        ),
        trial("told::a_pack_without_a_case_is_no_verdict", nothing_judged),
        trial(
            "told::a_case_outside_of_what_is_supported_is_noticed",
            outside,
        ),
        trial(
            "told::where_nobody_gets_in_nothing_is_judged",
            nobody_gets_in,
        ),
        trial("told::one_scheme_that_works_is_enough", one_scheme),
        trial("told::nobody_who_is_asked_is_no_verdict", nobody_is_asked),
        trial("told::domains_are_printed_and_read_back", domains),
    ]
}

/// A spec of few cases, which looks at its one rule at once. Its names go where `@` stands.
const SMALL: &str = "countersign: 1
pack: {name: @, version: 1, title: Small, binds: @binds}
domain:
  policy:
    profiles: {list: {of: {scheme: {one-of: [basic, bearer]}}, max: 1}}
    advertise_all: {bool: false}
  client:
    persona: {one-of: [preemptive]}
    scheme: {one-of: [basic, bearer]}
    credential: {one-of: [@states]}
define:
  listed: {list: policy.profiles}
  accepted: {schemes-of: listed}
rules:
  - id: the-right-ones-get-in
    level: must
    source: {document: RFC 9110, section: '11.4'}
    impact: Nobody can log in.
    when: {client.scheme: {in: accepted}, client.credential: valid}
    expect: {outcome: accepted}
  - id: others-are-refused
    level: must
    source: {document: RFC 9110, section: '11.4'}
    impact: Everybody can log in.
    when: {not: {client.credential: valid}}
    expect: {status: 401}
  - id: the-flag-changes-nothing
    level: must
    source: {document: RFC 9110, section: '11.4'}
    impact: A flag opens or closes the door.
    relate: {change: {policy.advertise_all: any}, outcome: same}
  - id: the-refused-are-told-the-same
    level: must
    source: {document: RFC 9110, section: '11.4'}
    impact: Nobody can log in.
    when: {client.credential: none, status: 401}
    relate: {change: {client.credential: any}, when: {status: 401}, challenges: same}
";

/// A folder of small specs: `usual.yaml`, `junk.yaml` with another state of credentials, and
/// `platform.yaml`, which binds claimants.
pub(crate) fn specs() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, binds, states) in [
        ("usual", "everybody", "valid, none, wrong-secret"),
        ("junk", "everybody", "valid, none, trailing-junk"),
        ("platform", "claimants", "valid, none"),
    ] {
        let text = SMALL.replace("@binds", binds).replace("@states", states);
        let text = text.replace("name: @", &format!("name: {name}"));
        std::fs::write(folder.path().join(format!("{name}.yaml")), text).unwrap();
    }
    folder
}

/// Runs some of the small specs against a fake.
fn judged(fake: &Fake, names: &[&str], more: &[&str]) -> Ended {
    let folder = specs();
    let mut command = countersign();
    command.current_dir(folder.path());
    command.args(["run", "--against", fake.target()]);
    for name in names {
        command.args(["--spec", &format!("{name}.yaml")]);
    }
    ended(command.args(more))
}

fn unclaimed() {
    let fake = Fake::saying("good", &json!({}));
    let ended = judged(&fake, &["usual"], &[]).with(0);
    let line = "not claimed, and at the simplest value: policy.advertise_all, so 1 rule of theirs never applied";
    assert!(ended.out.contains(line), "{}", ended.out);
    // A part of the domain that was not claimed has no case.
    let set = ["--set", "policy.advertise_all=true"];
    let ended = judged(&fake, &["usual"], &set).with(3);
    let why = "`policy.advertise_all` has no value among: false, which is its simplest value, and fake \
               does not claim it";
    assert!(ended.out.contains(why), "{}", ended.out);
    // Whoever claims it is judged on it.
    for said in [
        json!({"knows": ["policy.advertise_all"]}),
        json!({"supports": {"policy.advertise_all": [true, false]}}),
    ] {
        let ended = judged(&Fake::saying("good", &said), &["usual"], &[]).with(0);
        assert!(!ended.out.contains("not claimed"), "{}", ended.out);
        assert!(!ended.out.contains("not exercised"), "{}", ended.out);
    }
}

fn slips() {
    for (said, what, help) in [
        (
            json!({"supports": {"policy.keys": ["none"]}}),
            "in `supports`, `policy.keys`: no spec has such a field",
            "did you mean `policy.key`?",
        ),
        (
            json!({"supports": {"policy.profiles.scheme": ["basci"]}}),
            "`policy.profiles.scheme` is never `basci`",
            "did you mean `basic`?",
        ),
        (
            json!({"supports": {"policy.profiles": {"max": -1}}}),
            "`policy.profiles` is never at most -1",
            "between 0 and ",
        ),
        (
            json!({"knows": ["policy.require_scope"]}),
            "in `knows`, `policy.require_scope`",
            "did you mean `policy.required_scope`?",
        ),
        (
            json!({"alternatives": {"advertised-profile": "frist"}}),
            "no choice `frist`",
            "did you mean `first`?",
        ),
        (
            json!({"claims": ["platfrom"]}),
            "there is no pack `platfrom`",
            "did you mean `platform`?",
        ),
    ] {
        // Most are of other packs than those that are run.
        let ended = judged(&Fake::saying("good", &said), &["usual", "platform"], &[]).with(3);
        assert!(ended.err.contains(what), "{}", ended.err);
        assert!(ended.err.contains(help), "{}", ended.err);
        assert_eq!(ended.out, "");
    }
}

fn slip_of_an_adapter() {
    let folder = tempfile::tempdir().unwrap();
    let text = "countersign: 1\nadapter: gate\ntitle: Gate\nkind: process\nfiles: {a: a}\n\
                start: [\"{{ program }}\"]\nprogram: {find: [gate], version: {run: [-v], after: v}}\n\
                probe: {path: /x}\nslots: {count: 1, prefix: /s}\n\
                supports: {policy.keys: [none], events: false}\nknows: [policy.actve]\n";
    std::fs::write(folder.path().join("adapter.yaml"), text).unwrap();
    std::fs::write(folder.path().join("a"), "").unwrap();
    let specs = specs();
    let spec = specs.path().join("usual.yaml");
    let (target, spec) = (folder.path().to_str().unwrap(), spec.to_str().unwrap());
    let ended = run(["run", "--against", target, "--spec", spec]).with(2);
    for part in [
        "error: `policy.keys`: no spec has such a field",
        "10 | supports: {policy.keys: [none], events: false}",
        "= help: did you mean `policy.key`?",
        "error: `policy.actve`: no spec has such a field",
        "= help: did you mean `policy.active`?",
    ] {
        assert!(ended.err.contains(part), "{part}\n{}", ended.err);
    }
    // What is of a spec of its own is no slip: what is wrong is told alone.
    let text = text.replace(
        "knows: [policy.actve]",
        "knows: [policy.rate]\nown: [policy.rate]",
    );
    std::fs::write(folder.path().join("adapter.yaml"), text).unwrap();
    let ended = run(["run", "--against", target, "--spec", spec]).with(2);
    assert!(ended.err.contains("`policy.keys`"), "{}", ended.err);
    assert!(!ended.err.contains("policy.rate`:"), "{}", ended.err);
}

fn names_come_first() {
    // What is mistyped is told before specs are looked over, which finds this contradiction.
    let folder = specs();
    let usual = folder.path().join("usual.yaml");
    let mut text = std::fs::read_to_string(&usual).unwrap();
    text.push_str(
        "  - id: the-wrong-ones-are-forbidden\n    level: must\n    source: {document: RFC 9110, section: \
         '11.4'}\n    impact: None.\n    when: {not: {client.credential: valid}}\n    expect: {status: 403}\n",
    );
    std::fs::write(&usual, text).unwrap();
    let said = |more: &[&str]| {
        let mut command = countersign();
        command.current_dir(folder.path());
        ended(command.args(["run", "--spec", "usual.yaml"]).args(more))
            .with(2)
            .err
    };
    assert!(said(&[]).contains("contradict"), "{}", said(&[]));
    for (more, what) in [
        (["--against", "ngnix"], "there is no adapter `ngnix`"),
        (["--against", "./none"], "this file cannot be read"),
        (["--against", "https://127.0.0.1:9"], "is https"),
        (["--fault", "nofault"], "has no fault `nofault`"),
        (
            ["--baseline", "nofile"],
            "the baseline nofile cannot be read",
        ),
        (["--rule", "norule"], "has a rule `norule`"),
        (
            ["--set", "policy.profils=1"],
            "has a field `policy.profils`",
        ),
        (["--case", "{clent: {}}"], "has no key `clent`"),
    ] {
        let said = said(&more);
        assert!(
            said.contains(what) && !said.contains("contradict"),
            "{said}"
        );
    }
}

fn left_out() {
    let fake = Fake::new("good");
    let few = ["--set", "policy.profiles=0..1", "--cases", "300"];
    let arguments = ["run", "--against", fake.target()];
    let of_two = ["--rule", "challenges-are-well-formed"];
    let ended = run(arguments.into_iter().chain(few).chain(of_two));
    let line = "left out: api-access-policy, which binds those who claim it, and fake does not \
                (`--claim api-access-policy` judges all the same)";
    assert_eq!(ended.out.lines().nth(2), Some(line), "{}", ended.out);
    assert!(!ended.out.contains("\napi-access-policy "), "{}", ended.out);
    let rule = ["--rule", "advertises-the-most-recent-profile"];
    let claim = ["--claim", "api-access-policy"];
    let ended = run(arguments.into_iter().chain(few).chain(rule).chain(claim));
    assert!(ended.out.contains("\napi-access-policy "), "{}", ended.out);
    assert!(
        !ended.out.contains("left out: api-access-policy"),
        "{}",
        ended.out
    );
    // By a rule that only such a pack has nothing is judged.
    let ended = run(arguments.into_iter().chain(few).chain(rule)).with(3);
    assert!(ended.out.contains(line), "{}", ended.out);
    let ended = run(arguments.into_iter().chain(["--claim", "no-pack"])).with(2);
    let what = "none of the specs is the pack `no-pack`";
    assert!(ended.err.contains(what), "{}", ended.err);
}

/// To name a pack claims nothing: what was asked for was not judged then, and that is no verdict.
fn named_and_not_claimed() {
    let fake = Fake::new("good");
    let why = "platform: it binds those who claim it, and fake does not\n";
    let ended = judged(&fake, &["platform"], &[]).with(3);
    assert_eq!(ended.err, format!("no verdict: {why}"));
    assert!(!ended.out.contains("\nplatform 1 "), "{}", ended.out);
    // What is asked for beside it is judged.
    let ended = judged(&fake, &["usual", "platform"], &[]).with(3);
    assert_eq!(ended.err, format!("no verdict: {why}"));
    assert!(ended.out.contains("\nusual 1 "), "{}", ended.out);
    let claim = ["--claim", "platform"];
    let ended = judged(&fake, &["platform"], &claim).with(0);
    assert!(ended.out.contains("\nplatform 1 "), "{}", ended.out);
    // What is printed to see a finding again judges by it too.
    let ended = judged(&Fake::new("bearer"), &["platform"], &claim).with(1);
    let again = " --spec platform.yaml --claim platform --rule ";
    assert!(ended.out.contains(again), "{}", ended.out);
    let json = ["--claim", "platform", "--format", "json"];
    let ended = judged(&Fake::new("bearer"), &["platform"], &json).with(1);
    assert!(ended.out.contains(again), "{}", ended.out);
}

fn nothing_judged() {
    // A state of credentials that one of the two has.
    let fake = Fake::saying(
        "good",
        &json!({"supports": {"client.credential": ["trailing-junk"]}}),
    );
    judged(&fake, &["junk"], &[]).with(0);
    let ended = judged(&fake, &["junk", "usual"], &[]).with(3);
    assert!(ended.out.contains("\n0 findings"), "{}", ended.out);
}

fn outside() {
    let fake = Fake::saying(
        "good",
        &json!({"supports": {"policy.profiles.scheme": ["basic"]}}),
    );
    for (policy, why) in [
        (
            "profiles: [{scheme: bearer}], advertise_all: true",
            "it does not claim policy.advertise_all (true)",
        ),
        (
            "profiles: [{scheme: bearer}]",
            "policy.profiles.scheme is bearer, and it supports basic",
        ),
    ] {
        let case = format!("{{policy: {{{policy}}}, client: {{scheme: bearer}}}}");
        let ended = judged(&fake, &["usual"], &["--case", &case]).with(3);
        let line = format!("outside of what fake supports: {why}\n");
        assert!(ended.out.contains(&line), "{}", ended.out);
        // Nor is it said to be in force.
        let folder = specs();
        let mut serve = countersign();
        serve.current_dir(folder.path());
        serve.args(["serve", "--against", fake.target(), "--spec", "usual.yaml"]);
        let served = ended_of(serve.args(["--case", &case])).with(3);
        assert_eq!(served.out, "");
        assert!(served.err.contains(why), "{}", served.err);
    }
    // What a client may do is another matter than what is configured.
    let fake = Fake::saying("good", &json!({"supports": {"client.scheme": ["basic"]}}));
    let case = "{policy: {profiles: [{scheme: bearer}]}, client: {scheme: bearer}}";
    let ended = judged(&fake, &["usual"], &["--case", case]).with(0);
    let line = "outside of what fake supports, and played all the same: client.scheme is bearer";
    assert!(ended.out.contains(line), "{}", ended.out);
}

fn nobody_gets_in() {
    for (mode, parts) in [
        (
            "missing",
            &[
                "could not get in before judging",
                "> GET /s0/resource HTTP/1.1",
                "> authorization: Basic ***",
                "< HTTP/1.1 404 Not Found",
                "With one profile, bearer: refused (404)",
                "remedy: does `/s0/resource` exist?",
            ] as &[&str],
        ),
        ("broken", &["< HTTP/1.1 500", "the program's own log"]),
        (
            "shut",
            &[
                "< HTTP/1.1 401",
                "are the identities of the installation used",
            ],
        ),
        ("elsewhere", &["< HTTP/1.1 302", "sends clients elsewhere"]),
        ("unheard", &["no connection to", "does the program listen"]),
    ] {
        let ended = judged(&Fake::new(mode), &["usual"], &[]).with(3);
        for part in parts {
            assert!(ended.out.contains(part), "{mode}: {part}\n{}", ended.out);
        }
        assert!(!ended.out.contains("FAIL"), "{mode}\n{}", ended.out);
        assert!(ended.out.contains("\n0 findings"), "{mode}\n{}", ended.out);
    }
}

fn one_scheme() {
    // A true defect of the simplest scheme is found, and not taken for the set-up's.
    let ended = judged(&Fake::new("bearer"), &["usual"], &[]).with(1);
    assert!(
        ended.out.contains("the-right-ones-get-in (must; usual 1)"),
        "{}",
        ended.out
    );
}

fn nobody_is_asked() {
    let rule = ["--rule", "the-refused-are-told-the-same"];
    let ended = judged(&Fake::new("open"), &["usual"], &rule).with(3);
    let why = "no verdict: usual: nobody was asked for credentials (401 or 407), in ";
    assert!(
        ended.out.lines().last().unwrap_or_default().contains(why),
        "{}",
        ended.out
    );
    assert!(ended.err.starts_with(why), "{}", ended.err);
    let line = "shows nothing: nobody was asked for credentials (401 or 407), in ";
    assert!(ended.out.contains(line), "{}", ended.out);
    judged(&Fake::new("good"), &["usual"], &rule).with(0);
}

fn domains() {
    let printed = run(["domain", "reachability"]).with(0).out;
    for line in [
        "  - {name: reachability, binds: everybody}",
        "  policy.advertise_all:",
        "    unless-claimed: false",
    ] {
        assert!(printed.lines().any(|one| one == line), "{line}\n{printed}");
    }
    let source = countersign::yaml::Source::new("domain", &*printed);
    let read = countersign::yaml::read(&source).unwrap();
    let json = run(["domain", "reachability", "--format", "json"])
        .with(0)
        .out;
    let json: Value = serde_json::from_str(&json).unwrap();
    let supports = read.get("supports").unwrap().entries().unwrap();
    let keys: Vec<&str> = supports.iter().map(|entry| entry.key.as_str()).collect();
    let other = json["supports"].as_object().unwrap().keys();
    assert_eq!(keys, other.map(String::as_str).collect::<Vec<_>>());
    assert_eq!(json["fields"]["policy.active"]["unless-claimed"], true);
    let many = &json["fields"]["policy.profiles"]["values"];
    assert_eq!(*many, json!({"min": 0, "max": 4}));
    // What it prints to start from is taken as it is.
    let fake = Fake::saying("good", &json!({"supports": json["supports"]}));
    judged(&fake, &["usual"], &[]).with(0);
    let slip = run(["domain", "reachabilty"]).with(2).err;
    assert!(slip.contains("did you mean `reachability`?"), "{slip}");
}

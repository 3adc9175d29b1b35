//! Files that go in and come out: specs, the schema, reproductions, JSON lines.

use std::fs;
use std::process::{Command, Stdio};

use libtest_mimic::Trial;
use snapbox::{assert_data_eq, str};

use crate::fakes::Fake;
use crate::support::{SMALL, countersign, ended, run, shell, trial};

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        trial("files::mistakes_in_an_edited_file_are_told", edited),
        trial("files::who_refuses_everybody_has_fixed_nothing", refusing),
        trial("check::shipped_packs_and_files", right_specs),
        trial("check::mistakes_are_shown_where_they_are", wrong_specs),
        trial("check::no_such_file", no_spec),
        trial("schema::is_json", schema),
        trial("replay::failing_fixed_or_could_not_run", replays),
        trial("replay::other_products", replays_of_other_products),
        #[cfg(unix)]
        trial("replay::what_never_ends", endless),
        trial("replay::what_is_no_reproduction", damaged),
        trial("run::saves_the_same_bytes_twice", saves),
        trial("run::json_lines", json),
        trial("run::a_reader_that_leaves_early", leaves_early),
    ]
}

const SHIPPED: &str = "corpus/who-waits-for-a-challenge-is-shut-out-two-profiles-flag-false-basic-client-2d217ffb.yaml";

/// The command in a directory of its own.
fn in_directory(directory: &tempfile::TempDir) -> Command {
    let mut command = countersign();
    command.current_dir(directory.path());
    command
}

fn right_specs() {
    let ended = run([
        "check",
        "api-access-policy",
        "reachability",
        "specs/reachability.yaml",
    ]);
    let ended = ended.with(0);
    assert_data_eq!(
        ended.out,
        str![[r#"
specs/api-access-policy.yaml: api-access-policy 3, 30 rules, all 54,560 cases, no mistakes
specs/reachability.yaml: reachability 2, 22 rules, all 46,832 cases, no mistakes
specs/reachability.yaml: reachability 2, 22 rules, all 46,832 cases, no mistakes

"#]]
    );
    assert_eq!(ended.err, "");
}

fn wrong_specs() {
    let directory = tempfile::tempdir().unwrap();
    let text = fs::read_to_string("specs/reachability.yaml").unwrap();
    let text = text
        .replacen(
            "client.persona: preemptive",
            "client.personna: preemptive",
            1,
        )
        .replacen("level: should", "level: shuold", 1);
    fs::write(directory.path().join("mine.yaml"), text).unwrap();
    let checked = ended(in_directory(&directory).args(["check", "mine.yaml", "reachability"]));
    let checked = checked.with(2);
    assert_data_eq!(
        checked.err,
        str![[r#"
error: `shuold` is not a level
  --> mine.yaml:83:12
   |
83 |     level: shuold
   |            ^^^^^^
   |
   = help: did you mean `should`?

error: there is no field `client.personna`
  --> mine.yaml:90:23
   |
90 |     relate: {change: {client.personna: preemptive}, outcome: same}
   |                       ^^^^^^^^^^^^^^^
   |
   = help: did you mean `client.persona`?

"#]]
    );
    // A run stops before it sends anything.
    let tried = ended(in_directory(&directory).args(["run", "--spec", "mine.yaml"])).with(2);
    assert_data_eq!(tried.out, str![""]);
}

fn no_spec() {
    let ended = run(["check", "reachabilty"]).with(2);
    assert_data_eq!(
        ended.err,
        str![[r#"
error: there is no spec `reachabilty`
  help: did you mean `reachability`?

"#]]
    );
    let ended = run(["check", "specs/reachability.yml"]).with(2);
    assert_data_eq!(
        ended.err,
        str![[r#"
error: there is no spec `specs/reachability.yml`
  help: did you mean `specs/reachability.yaml`?

"#]]
    );
    let ended = run(["check", "specs"]).with(2);
    assert_data_eq!(
        ended.err,
        str![[r#"
error: `specs` is a folder
  help: name the files in it, such as `specs/*.yaml`

"#]]
    );
    // Whatever is wrong is told at once.
    let ended = run(["run", "--spec", "reachabilty", "--spec", "specs"]).with(2);
    assert_data_eq!(
        ended.err,
        str![[r#"
error: there is no spec `reachabilty`
  help: did you mean `reachability`?

error: `specs` is a folder
  help: name the files in it, such as `specs/*.yaml`

"#]]
    );
}

fn schema() {
    let schema: serde_json::Value = serde_json::from_str(&run(["schema"]).with(0).out).unwrap();
    assert!(schema["$schema"].is_string());
}

fn replays() {
    let directory = tempfile::tempdir().unwrap();
    let text = fs::read_to_string(SHIPPED).unwrap();
    let fixed_text = text.replacen("advertise_all: false", "advertise_all: true", 2);
    fs::write(directory.path().join("failing.yaml"), &text).unwrap();
    fs::write(directory.path().join("fixed.yaml"), &fixed_text).unwrap();

    let failing = ended(in_directory(&directory).args(["replay", "failing.yaml"])).with(1);
    assert_data_eq!(
        failing.out,
        str![[r#"
failing.yaml: still failing in reference 0.1.0 (seen in 0.1.0)
  who waits for a challenge is shut out: two profiles, flag false, Basic client
  expected  accepted, as with client.persona preemptive (200)
  observed  refused (401)
    > GET /resource HTTP/1.1
    > host: HOST
    > accept: */*
    > user-agent: countersign/0.1.0
    < HTTP/1.1 401 Unauthorized
    < content-type: application/json
    < www-authenticate: BEARER realm="Service-now"
    < content-length: 113

"#]]
    );
    let fixed = ended(in_directory(&directory).args(["replay", "fixed.yaml"])).with(0);
    assert_data_eq!(
        fixed.out,
        str![[r#"
fixed.yaml: fixed in reference 0.1.0 (seen in 0.1.0)
  who waits for a challenge is shut out: two profiles, flag false, Basic client

"#]]
    );
    // Without the fault with which it was seen, nothing is fixed.
    let seeded = fixed_text.replacen("version: 0.1.0", "version: \"0.1.0+flag-ignored\"", 1);
    fs::write(directory.path().join("seeded.yaml"), seeded).unwrap();
    let left_out = ended(in_directory(&directory).args(["replay", "seeded.yaml"])).with(0);
    assert_data_eq!(
        left_out.out,
        str![[r#"
seeded.yaml: does not show in reference 0.1.0 (seen in 0.1.0+flag-ignored)
  who waits for a challenge is shut out: two profiles, flag false, Basic client
  note: it was seen with a fault seeded, which is not seeded here, so this does not say that it is fixed: `--fault flag-ignored` seeds it again

"#]]
    );
    fs::remove_file(directory.path().join("seeded.yaml")).unwrap();
    // The gravest answer decides.
    let both = ended(in_directory(&directory).args(["replay", "."])).with(1);
    assert!(both.out.contains("fixed.yaml: fixed") && both.out.contains("still failing"));
    let fake = Fake::new("dies-on-install");
    let against = ["replay", "failing.yaml", "--against", fake.target()];
    let could_not = ended(in_directory(&directory).args(against)).with(3);
    assert_data_eq!(
        could_not.out,
        str![[r#"
failing.yaml: could not run on fake 1 (seen on reference 0.1.0)
  who waits for a challenge is shut out: two profiles, flag false, Basic client
  could not install policies in fake: fake ended early with exit status: 7; its last words:
  panic: out of cheese
  remedy: run it by hand to see more

"#]]
    );
}

/// Only the product on which a failure was seen can have fixed it.
fn replays_of_other_products() {
    let directory = tempfile::tempdir().unwrap();
    let replay = |name: &str, against: &[&str]| {
        let arguments = ["replay", name].into_iter().chain(against.iter().copied());
        ended(in_directory(&directory).args(arguments))
    };
    let text = fs::read_to_string(SHIPPED).unwrap();
    let fixed = text.replacen("advertise_all: false", "advertise_all: true", 2);
    for (name, text) in [("failing.yaml", &text), ("fixed.yaml", &fixed)] {
        let other = text.replacen("name: reference", "name: thttpd", 1);
        let other = other.replacen("version: 0.1.0", "version: \"2.29\"", 1);
        assert_ne!(other, *text);
        fs::write(directory.path().join(name), other).unwrap();
    }
    let nowhere = replay("fixed.yaml", &[]).with(2);
    assert_eq!(nowhere.out, "");
    assert_data_eq!(
        nowhere.err,
        str![[r#"
error: fixed.yaml was seen on thttpd 2.29, which is no adapter that ships
  help: say where that is: `--against FOLDER` with the folder of its adapter, or `--against URL` with its control URL; with another product the answer is whether the failure shows there

"#]]
    );
    let elsewhere = replay("fixed.yaml", &["--against", "reference"]).with(0);
    assert_data_eq!(
        elsewhere.out,
        str![[r#"
fixed.yaml: does not show on reference 0.1.0 (seen on thttpd 2.29)
  who waits for a challenge is shut out: two profiles, flag false, Basic client

"#]]
    );
    let shown = replay("failing.yaml", &["--against", "reference"]).with(1);
    let first = "failing.yaml: shows on reference 0.1.0 as well (seen on thttpd 2.29)\n";
    assert!(shown.out.starts_with(first), "{}", shown.out);
    // An older version of the same product may have fixed it, or not: both are told.
    let old = text.replacen("version: 0.1.0", "version: 0.0.1", 1);
    fs::write(directory.path().join("old.yaml"), old).unwrap();
    let old = replay("old.yaml", &[]).with(1);
    let first = "old.yaml: still failing in reference 0.1.0 (seen in 0.0.1)\n";
    assert!(old.out.starts_with(first), "{}", old.out);
    // What cannot be opened has fixed nothing, and does not keep others from being tried.
    let gone = text.replacen("name: reference", "name: envoy", 1);
    fs::write(directory.path().join("gone.yaml"), gone).unwrap();
    fs::remove_file(directory.path().join("failing.yaml")).unwrap();
    fs::remove_file(directory.path().join("fixed.yaml")).unwrap();
    let both = ended(
        in_directory(&directory)
            .args(["replay", "."])
            .env("PATH", "")
            .env("COUNTERSIGN_HOME", directory.path().join("nothing")),
    )
    .with(1);
    assert!(
        both.out.contains("gone.yaml: could not run on envoy\n"),
        "{}",
        both.out
    );
    assert!(both.out.contains("old.yaml: still failing"), "{}", both.out);
    fs::remove_file(directory.path().join("old.yaml")).unwrap();
    let gone = ended(
        in_directory(&directory)
            .args(["replay", "."])
            .env("PATH", "")
            .env("COUNTERSIGN_HOME", directory.path().join("nothing")),
    )
    .with(3);
    assert!(gone.err.contains("remedy: "), "{}", gone.err);
}

/// A pipe that nobody writes to, and a device that never ends.
#[cfg(unix)]
fn endless() {
    let directory = tempfile::tempdir().unwrap();
    let pipe = directory.path().join("pipe.yaml");
    let made = Command::new("mkfifo").arg(&pipe).status();
    assert!(made.unwrap().success());
    for name in ["pipe.yaml", "/dev/zero"] {
        let refused = ended(in_directory(&directory).args(["replay", name])).with(2);
        let words = format!("could not read {name}: it is no regular file");
        assert!(refused.err.contains(&words), "{}", refused.err);
    }
}

fn damaged() {
    let directory = tempfile::tempdir().unwrap();
    let text = fs::read_to_string(SHIPPED).unwrap();
    let text = text.replacen("demand:", "damend:", 1);
    fs::write(directory.path().join("damaged.yaml"), text).unwrap();
    fs::create_dir(directory.path().join("empty")).unwrap();

    let wrong = ended(in_directory(&directory).args(["replay", "damaged.yaml"])).with(2);
    assert_data_eq!(
        wrong.err,
        str![[r#"
error: a reproduction needs `demand`
  --> damaged.yaml:15:1
   |
15 | countersign-reproduction: 1
   | ^^^^^^^^^^^^^^^^^^^^^^^^
   |
   = help: add `demand: {expect: {outcome: accepted}}`

error: a reproduction has no key `damend`
  --> damaged.yaml:77:1
   |
77 | damend:
   | ^^^^^^
   |
   = help: did you mean `demand`?

"#]]
    );
    // The others are answered, and the bad one is told.
    let text = fs::read_to_string(SHIPPED).unwrap();
    fs::write(directory.path().join("good.yaml"), &text).unwrap();
    let newer = text.replacen(
        "countersign-reproduction: 1",
        "countersign-reproduction: 2\nnew: 1",
        1,
    );
    fs::write(directory.path().join("newer.yaml"), newer).unwrap();
    let all = ended(in_directory(&directory).args(["replay", "."])).with(2);
    assert!(all.out.contains("good.yaml: still failing"), "{}", all.out);
    assert!(
        all.err.contains("a reproduction needs `demand`"),
        "{}",
        all.err
    );
    assert!(all.err.contains("use a newer Countersign"), "{}", all.err);
    assert!(!all.err.contains("has no key `new`"), "{}", all.err);

    let empty = ended(in_directory(&directory).args(["replay", "empty"])).with(2);
    assert_data_eq!(
        empty.err,
        str![[r#"
error: there is no reproduction in empty
  help: `countersign run --save` writes one for each finding

"#]]
    );
    let missing = ended(in_directory(&directory).args(["replay", "missing.yaml"])).with(2);
    assert_data_eq!(
        missing.err,
        str![[r#"
error: could not read missing.yaml: No such file or directory (os error [..])

"#]]
    );
}

/// What is wrong with an edited file is told where it stands.
fn edited() {
    let directory = tempfile::tempdir().unwrap();
    let text = fs::read_to_string(SHIPPED).unwrap();
    let said = |text: &str| {
        fs::write(directory.path().join("edited.yaml"), text).unwrap();
        ended(in_directory(&directory).args(["replay", "edited.yaml"]))
            .with(2)
            .err
    };
    let line =
        |text: &str, wanted: &str| 1 + text.lines().position(|line| line.trim() == wanted).unwrap();
    for (old, new, message, help, column) in [
        (
            "advertise_all: false",
            "advertise_all: yes",
            "`policy.advertise_all` is never ",
            "",
            20,
        ),
        (
            "advertise_all: false",
            "advertise_all: maybe",
            "`policy.advertise_all` is never ",
            "",
            20,
        ),
        (
            "advertise_all: false",
            "advertise_al: true",
            "`policy` has no field `advertise_al`",
            "did you mean `advertise_all`?",
            5,
        ),
        (
            "first_scheme_only: true",
            "first_scheme_only: 1",
            "`instance.first_scheme_only` is never ",
            "",
            24,
        ),
        (
            "form: plain",
            "form: plane",
            "client.form is `plane`, which is none of: ",
            "this Countersign can play no such client",
            11,
        ),
    ] {
        let text = text.replacen(old, new, 1);
        let said = said(&text);
        let place = format!("--> edited.yaml:{}:{column}", line(&text, new));
        for part in [message, help, &place] {
            assert!(said.contains(part), "{new}: {part}\n{said}");
        }
        assert_eq!(said.matches("error:").count(), 1, "{said}");
    }
    // Of a pack that is not known here, what no client can have is told in its place as well.
    let own = text.replacen("pack: reachability", "pack: their-own", 1);
    let own = own.replacen("form: plain", "form: plane", 1);
    let place = format!("--> edited.yaml:{}:11", line(&own, "form: plane"));
    assert!(said(&own).contains(&place), "{}", said(&own));
    // What a mail makes of it.
    let quoted: String = text.lines().map(|line| format!("> {line}\n")).collect();
    assert!(
        said(&quoted).contains("quoted, as in an answer to a mail"),
        "{}",
        said(&quoted)
    );
    let cut: String = text
        .lines()
        .take(100)
        .map(|line| format!("{line}\n"))
        .collect();
    assert!(
        said(&cut).contains("it was probably cut on its way"),
        "{}",
        said(&cut)
    );
}

/// Of a server that refuses everybody nothing is fixed.
fn refusing() {
    let directory = tempfile::tempdir().unwrap();
    let text = fs::read_to_string(SHIPPED).unwrap();
    fs::write(directory.path().join("failing.yaml"), text).unwrap();
    let fake = Fake::saying(
        "shut",
        &serde_json::json!({"knows": ["policy", "instance"]}),
    );
    let against = ["replay", "failing.yaml", "--against", fake.target()];
    let shut = ended(in_directory(&directory).args(against)).with(3);
    let why = "nobody with valid credentials gets in, so it shows nothing that the rule holds: basic refused (401)";
    assert!(shut.out.contains(why), "{}", shut.out);
}

fn saves() {
    let directory = tempfile::tempdir().unwrap();
    let save = || {
        let run = ended(
            in_directory(&directory)
                .args(SMALL)
                .args(["--save", "found"]),
        )
        .with(1);
        let files: Vec<_> = fs::read_dir(directory.path().join("found"))
            .unwrap()
            .collect();
        assert_eq!(files.len(), 1, "{files:?}");
        let file = files.into_iter().next().unwrap().unwrap();
        let name = file.file_name().into_string().unwrap();
        let line = format!("replay    countersign replay found/{name}\n");
        assert!(run.out.contains(&line), "{line}: {}", run.out);
        (name, fs::read(file.path()).unwrap())
    };
    let (name, bytes) = save();
    assert!(
        name.starts_with(
            "who-waits-for-a-challenge-is-shut-out-two-profiles-flag-false-basic-client-"
        ),
        "{name}"
    );
    assert_eq!(save(), (name.clone(), bytes));
    let replayed = ended(in_directory(&directory).args(["replay", &format!("found/{name}")]));
    assert!(replayed.with(1).out.contains("still failing"));

    fs::write(directory.path().join("taken"), "").unwrap();
    let taken = ended(
        in_directory(&directory)
            .args(SMALL)
            .args(["--save", "taken"]),
    )
    .with(3);
    assert_data_eq!(
        taken.err,
        str![[r#"
error: findings cannot be written to taken: taken is a file, and no folder

"#]]
    );
}

fn json() {
    let ended = run(SMALL.into_iter().chain(["--format", "json"])).with(1);
    let lines: Vec<serde_json::Value> = ended
        .out
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let events: Vec<&str> = lines
        .iter()
        .map(|line| line["event"].as_str().unwrap())
        .collect();
    assert_eq!((events[0], *events.last().unwrap()), ("begun", "ended"));
    let of = |event| lines.iter().filter(move |line| line["event"] == event);
    assert_eq!((of("planned").count(), of("done").count()), (1, 1));
    assert!(of("found").any(|line| line["sentence"] == "two profiles, flag false, Basic client"));
    assert!(of("done").all(|line| line["stopped"].is_null()));
}

fn leaves_early() {
    for (line, first) in [
        (
            "countersign --spec reachability --set policy.profiles=0..2 2>&1 | head -1",
            "countersign 0.1.0 against",
        ),
        (
            "countersign --spec reachability --set policy.profiles=0..2 --format json 2>&1 | head -1",
            r#"{"against":"#,
        ),
        ("countersign schema 2>&1 | head -1", "{"),
        (
            "countersign check reachability reachability reachability 2>&1 | head -1",
            "specs/reachability.yaml: ",
        ),
    ] {
        let said = ended(&mut shell(line)).with(0).out;
        assert!(said.starts_with(first), "{line}: {said}");
        assert_eq!(said.lines().count(), 1, "{said}");
    }
    // The exit code is the answer, whoever reads; and nothing is said to the reader who left.
    let mut child = countersign()
        .args(SMALL)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
}

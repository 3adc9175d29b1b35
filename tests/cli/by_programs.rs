//! Packs that real programs play: `countersign run --clients`.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use libtest_mimic::Trial;

use crate::support::{Ended, countersign, ended, run, trial, wanting};

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        wanting("curl", trial("by_programs::the_story_is_told", story)),
        wanting(
            "curl",
            trial("by_programs::a_clients_own_doing_is_no_servers", own_doing),
        ),
        wanting(
            "curl",
            trial("by_programs::a_client_of_ones_own_plays", own_client),
        ),
        trial("by_programs::in_bad_weather", weather),
    ]
}

/// The rule of the platform's story, on few policies.
const STORY: [&str; 7] = [
    "run",
    "--spec",
    "reachability",
    "--rule",
    "challenge-driven-client-gets-in",
    "--set",
    "policy.profiles=0..2",
];

/// Who sends unasked gets in, who waits does not: both are curl, and both are named with how they were called.
fn story() {
    let clients = ["--clients", "curl -u", "curl --basic --digest"];
    let set = [
        "--set",
        "policy.profiles=2..2",
        "--set",
        "policy.profiles[].active=true",
    ];
    let all = STORY.into_iter().chain(set).chain(clients);
    let out = run(all).with(1).out;
    for told in [
        "who waits for a challenge is shut out",
        "two profiles, flag false, Basic client",
        "played by curl --basic --digest (curl ",
        "            curl -u (curl ",
        " --clients 'curl --basic --digest' 'curl -u'",
        "curl -sS -L --max-redirs 5 --basic --digest -u alice:open-sesame http://127.0.0.1:4010/s0/resource",
        "> User-Agent: curl/",
        "reachability 2 by curl -u, curl --basic --digest ",
    ] {
        let joined = out.split_whitespace().collect::<Vec<_>>().join(" ");
        let told = told.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(joined.contains(&told), "no `{told}` in\n{out}");
    }
}

/// A program that was measured, and kept as an entry, plays beside the catalogue's, and is named with its file.
fn own_client() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("mine.yaml");
    let file = file.to_str().unwrap();
    let kept = ["--catalogue", file, "--name", "my client", "--"];
    let curl = [
        "curl",
        "-sS",
        "--anyauth",
        "-u",
        "{user}:{password}",
        "{url}",
    ];
    let measure = ["clients", "measure"].into_iter().chain(kept).chain(curl);
    ended(countersign().args(measure)).with(0);
    let plays = ["--catalogue", file, "--clients", "my client"];
    let cured = ["--set", "policy.advertise_all=true"];
    let out = run(STORY.into_iter().chain(cured).chain(plays)).with(0).out;
    assert!(out.contains("reachability 2 by my client "), "{out}");
    let missing = ["--catalogue", "nowhere.yaml", "--clients", "my client"];
    let told = run(STORY.into_iter().chain(missing)).with(2).err;
    assert!(told.contains("nowhere.yaml cannot be read"), "{told}");
}

/// A program that a right challenge does not move: the server is not charged with it.
fn own_doing() {
    let ended = played("exec /usr/bin/curl -s -o /dev/null \"$last\"", "true", "30").with(3);
    let told = "curl --basic --digest did not answer a challenge of Basic that stood there";
    assert!(ended.out.contains(told), "{}", ended.out);
}

/// One case, in which a program called curl does this; `$last` is the URL.
fn played(does: &str, advertise_all: &str, deadline: &str) -> Ended {
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("curl");
    let text = format!(
        "#!/bin/sh\nfor last; do :; done\ncase \"$last\" in --version) echo 'curl 0.0'; exit;; esac\n{does}\n"
    );
    fs::write(&program, text).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    let mut paths = vec![folder.path().to_owned()];
    paths.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap()));
    let case = format!(
        "{{policy: {{profiles: [{{scheme: basic}}, {{scheme: bearer}}], advertise_all: {advertise_all}}}, client: \
         {{persona: challenge-driven}}}}"
    );
    let mut command = countersign();
    command
        .args(STORY)
        .args(["--case", &case, "--client-deadline", deadline])
        .args(["--clients", "curl --basic --digest"])
        .env("PATH", std::env::join_paths(paths).unwrap());
    ended(&mut command)
}

/// Programs that do what no client should, where the server does what shuts a client out: each is ended and told, and
/// the server is charged with nothing.
fn weather() {
    let flood = "while :; do exec 3<>/dev/tcp/127.0.0.1/${last#*127.0.0.1:}; done";
    let flood = flood.replace(
        "${last#*127.0.0.1:}",
        "$(echo \"$last\" | cut -d: -f3 | cut -d/ -f1)",
    );
    let flood = format!(
        "exec bash -c '{}' bash \"$last\"",
        flood.replace("$last", "$1")
    );
    for (does, told) in [
        ("exit 3", "curl --basic --digest asked for nothing"),
        ("kill -s SEGV $$", "was killed by a signal"),
        ("read -r word </dev/tty; exit 4", "asked for nothing"),
        ("(setsid sleep 600 &) ; exit 0", "asked for nothing"),
        ("exec sleep 600", "did not end within 1 s, and was ended"),
        (
            "while :; do :; done",
            "did not end within 1 s, and was ended",
        ),
        (flood.as_str(), "went on asking, and was ended"),
    ] {
        let deadline = if does.contains("/dev/tcp") { "60" } else { "1" };
        let ended = played(does, "false", deadline).with(3);
        assert!(
            ended.out.contains(told),
            "{does}: no `{told}` in\n{}",
            ended.out
        );
        assert!(ended.out.contains("0 findings"), "{does}: {}", ended.out);
    }
    // Who is not here is told, with what installs it.
    let mut command = countersign();
    let clients = ["--clients", "curl --basic --digest", "newman basic"];
    command.args(STORY).args(clients).env("PATH", "/nowhere");
    let ended = ended(&mut command).with(3);
    assert!(
        ended.err.contains("there is no program `newman`"),
        "{}",
        ended.err
    );
    assert!(ended.err.contains("npm install newman"), "{}", ended.err);
    let ended = run(STORY.into_iter().chain(["--clients", "curl --anyaut"])).with(2);
    assert!(
        ended.err.contains("did you mean `curl --anyauth`?"),
        "{}",
        ended.err
    );
}

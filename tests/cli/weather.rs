//! Implementations that cannot be run: exit code 3, and what to do about it.

use std::io::{Read, Write};
use std::net::TcpListener;

use libtest_mimic::Trial;
use snapbox::{assert_data_eq, str};

use crate::fakes::Fake;
use crate::support::{Running, below, countersign, ended, gone, kill, run, trial, until};

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        trial("weather::an_adapter_with_mistakes", mistakes),
        trial("weather::a_missing_program", missing),
        trial("weather::no_room_for_temporary_files", no_room),
        trial("weather::nobody_at_the_control_url", nobody),
        trial("weather::nonsense_at_the_control_url", nonsense),
        trial("weather::silence_at_the_control_url", silence),
        trial("weather::a_control_program_that_dies", dies),
        trial("weather::temporary_files_of_a_program", temporary),
        trial("weather::death_in_the_middle_of_a_run", dies_later),
        trial("weather::a_port_that_is_taken", taken),
    ]
}

fn mistakes() {
    let folder = tempfile::tempdir().unwrap();
    let text = "countersign: 1\nadapter: mine\ntitle: Mine\nkind: remote\nstrat: [mine]\n";
    std::fs::write(folder.path().join("adapter.yaml"), text).unwrap();
    let mut command = countersign();
    command.current_dir(folder.path());
    let ended = ended(command.args(["run", "--spec", "reachability", "--against", "./"])).with(2);
    assert_data_eq!(
        ended.err,
        str![[r#"
error: an adapter of kind remote needs `start` or `control`
 --> ./adapter.yaml:4:7
  |
4 | kind: remote
  |       ^^^^^^
  |
  = help: add the command that starts the program, or the control URL of a running one

error: an adapter has no key `strat`
 --> ./adapter.yaml:5:1
  |
5 | strat: [mine]
  | ^^^^^
  |
  = help: did you mean `start`?

"#]]
    );
}

fn missing() {
    let nowhere = tempfile::tempdir().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let text = "countersign: 1\nadapter: mine\ntitle: My gateway\nkind: remote\n\
                install: {debian: [my-gateway]}\n\
                program: {find: [my-gateway], version: {run: [-v], after: mine/}}\n\
                start: [\"{{ program }}\"]\n";
    std::fs::write(folder.path().join("adapter.yaml"), text).unwrap();
    let target = folder.path().to_str().unwrap();
    let tried = run(["run", "--spec", "reachability", "--against", target]).with(3);
    assert_data_eq!(
        tried.err,
        str![[r#"
error: could not find My gateway: there is no program `my-gateway`
  remedy: run `countersign adapters install [..]` (Debian: my-gateway)

"#]]
    );

    let mut command = countersign();
    command.env("COUNTERSIGN_HOME", nowhere.path());
    command.args([
        "run",
        "--spec",
        "reachability",
        "--against",
        "django-rest-framework",
    ]);
    let tried = ended(&mut command).with(3);
    assert_data_eq!(
        tried.err,
        str![[r#"
error: could not find Django REST framework: its packages are not installed in [..]/adapters/django-rest-framework-[..]
  remedy: run `countersign adapters install django-rest-framework`

"#]]
    );
}

fn no_room() {
    let folder = tempfile::tempdir().unwrap();
    let text = "countersign: 1\nadapter: mine\ntitle: My gateway\nkind: remote\n\
                program: {find: [sh], version: {run: [-c, \"echo mine/1\"], after: mine/}}\n\
                start: [\"{{ program }}\"]\n";
    std::fs::write(folder.path().join("adapter.yaml"), text).unwrap();
    let mut command = countersign();
    command.env("TMPDIR", folder.path().join("nowhere"));
    command.args(["run", "--spec", "reachability", "--against"]);
    let tried = ended(command.arg(folder.path())).with(3);
    assert_data_eq!(
        tried.err,
        str![[r#"
error: could not make temporary files in [..]/nowhere: No such file or directory (os error 2)[..]
  remedy: set `TMPDIR` to a directory that is there and can be written to, and see whether it is full

"#]]
    );
}

fn nobody() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let tried = run(["run", "--spec", "reachability", "--against", &url]).with(3);
    assert_data_eq!(
        tried.err,
        str![[r#"
error: could not call GET http://127.0.0.1:[..]/v1/implementation: error sending request: client error (Connect): tcp connect error: Connection refused (os error [..])
  remedy: make sure that the program runs and listens on that address

"#]]
    );
    let tried = run([
        "run",
        "--spec",
        "reachability",
        "--against",
        "https://example.org",
    ])
    .with(2);
    assert_data_eq!(
        tried.err,
        str![[r#"
error: `https://example.org` is https, which is not supported yet: serve plain http
  help: `--against` takes the control URL of a program that speaks the control protocol, such as `http://127.0.0.1:43210`; `countersign reach https://example.org` says who gets in at a server as it is

"#]]
    );
}

fn nonsense() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let _ = stream.read(&mut [0; 4096]);
        let answer = "HTTP/1.1 200 OK\r\nContent-Length: 20\r\nConnection: close\r\n\r\n\
                      <html>welcome</html>";
        stream.write_all(answer.as_bytes()).unwrap();
    });
    let tried = run(["run", "--spec", "reachability", "--against", &url]).with(3);
    assert_data_eq!(
        tried.err,
        str![[r#"
error: could not understand the answer of http://127.0.0.1:[..]/v1/implementation: it is not JSON (expected value at line 1 column 1); it answered:
  <html>welcome</html>
  remedy: `--against` takes the control URL of a program that speaks the control protocol (docs/control-protocol.md), and http://127.0.0.1:[..] is none; `countersign reach http://127.0.0.1:[..]` says who gets in at a server as it is

"#]]
    );
}

fn silence() {
    // Connections are taken by the operating system, and nobody ever reads from them. The deadline
    // is the real one: ten seconds, in which other tests run.
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let tried = run(["run", "--spec", "reachability", "--against", &url]).with(3);
    assert_data_eq!(
        tried.err,
        str![[r#"
error: could not call GET http://127.0.0.1:[..]/v1/implementation: no complete answer within 10.0 s
  remedy: see whether the program hangs

"#]]
    );
}

fn dies() {
    let fake = Fake::new("dies-at-once");
    let tried = run(["run", "--spec", "reachability", "--against", fake.target()]).with(3);
    assert_data_eq!(
        tried.err,
        str![[r#"
error: could not start fake: fake ended early with exit status: 3; its last words:
  no such module: frobnicate
  remedy: run it by hand to see more

"#]]
    );
    let fake = Fake::new("dies-on-install");
    let tried = run(["run", "--spec", "reachability", "--against", fake.target()]).with(3);
    assert_data_eq!(
        tried.out,
        str![[r#"
countersign 0.1.0 against fake 1

0 findings

reachability 2  0 passed, 22 not played; planned: all [..] cases; ended after [..] s with 0 judged

without a verdict in reachability 2
  ended early: could not install policies in fake: fake ended early with exit status: 7; its last words:
      panic: out of cheese
      remedy: run it by hand to see more
  22 rules not played (the run ended before): challenge-driven-client-gets-in, accepted-schemes-are-advertised, advertised-schemes-are-accepted, another-profile-shuts-nobody-out and 18 more, which --verbose lists

0 findings; 0 rules passed, 22 without a verdict; no verdict: reachability: could not install policies in fake

"#]]
    );
    assert_data_eq!(
        tried.err,
        str![[r#"
reachability ended early: could not install policies in fake: fake ended early with exit status: 7; its last words:
  panic: out of cheese
  remedy: run it by hand to see more

"#]]
    );
    let tried = run([
        "serve",
        "--spec",
        "reachability",
        "--against",
        fake.target(),
    ])
    .with(3);
    assert_data_eq!(
        tried.err,
        str![[r#"
error: could not install policies in fake: fake ended early with exit status: 7; its last words:
  panic: out of cheese
  remedy: run it by hand to see more

"#]]
    );
}

fn temporary() {
    let fake = Fake::new("says-where");
    let tried = run(["run", "--spec", "reachability", "--against", fake.target()]).with(3);
    let said = "temporary files go to the working directory: true";
    assert!(tried.err.contains(said), "{}", tried.err);
}

fn dies_later() {
    let fake = Fake::new("bare");
    let mut command = countersign();
    command.args(["run", "--spec", "api-access-policy", "--format", "json"]);
    command.args(["--claim", "api-access-policy"]);
    command.args(["--against", fake.target(), "--fail-on", "advice"]);
    let mut running = Running::start(&mut command);
    let found = running.line(|line| line.contains(r#""event":"found""#));
    kill("KILL", until("a request", || fake.asked()));
    let children = below(running.id());
    let ended = running.wait().with(1);
    assert!(ended.out.contains(&found));
    let last: serde_json::Value = serde_json::from_str(ended.out.lines().last().unwrap()).unwrap();
    assert_eq!(last["event"], "ended");
    let stopped = last["stopped"].as_str().unwrap();
    assert!(
        stopped.contains("fake") || stopped.contains("stopped answering"),
        "{stopped}"
    );
    gone(&children);
}

fn taken() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = listener.local_addr().unwrap().port().to_string();
    let tried = run(["serve", "--spec", "reachability", "--port", &port]).with(3);
    assert_data_eq!(
        tried.err,
        str![[r#"
error: could not start the reference implementation: Address already in use (os error [..])
  remedy: it needs a free TCP port on 127.0.0.1; without `--port` it finds one

"#]]
    );
}

//! Ctrl-C and SIGTERM: the command ends soon, says so, and leaves nothing behind.

use libtest_mimic::Trial;

use crate::fakes::Fake;
use crate::support::{Ended, Running, below, countersign, gone, trial, until, wanting};

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        trial("interrupted::the_reference", reference),
        wanting("nginx", trial("interrupted::nginx", nginx)),
        trial("interrupted::with_findings", with_findings),
        trial("interrupted::a_gateway_that_hangs", hangs),
        trial("interrupted::twice", twice),
        trial("interrupted::what_outlives_its_terminal_goes_on", outlives),
        trial("interrupted::replay_and_serve", others),
    ]
}

/// Runs against a target, and interrupts at the first event of this kind.
fn interrupted(target: &str, pack: &str, signal: &str, event: &str) -> Ended {
    let mut command = countersign();
    command.args([
        "run",
        "--against",
        target,
        "--spec",
        pack,
        "--claim",
        pack,
        "--format",
        "json",
        "--fail-on",
        "advice",
    ]);
    let mut running = Running::start(&mut command);
    running.line(|line| line.contains(&format!(r#""event":"{event}""#)));
    let children = below(running.id());
    running.signal(signal);
    let ended = running.wait();
    assert!(ended.err.starts_with("interrupted: "), "{}", ended.err);
    let last: serde_json::Value = serde_json::from_str(ended.out.lines().last().unwrap()).unwrap();
    assert_eq!(last["event"], "ended");
    assert!(
        last["stopped"].as_str().unwrap().contains("interrupted"),
        "{last}"
    );
    let summary = last["summary"].as_str().unwrap();
    assert!(summary.ends_with("; interrupted"), "{summary}");
    gone(&children);
    ended
}

fn reference() {
    interrupted("reference", "api-access-policy", "INT", "progress").with(130);
}

fn nginx() {
    for signal in ["INT", "TERM"] {
        interrupted("nginx", "reachability", signal, "progress").with(130);
    }
}

fn with_findings() {
    let fake = Fake::new("bare");
    interrupted(fake.target(), "api-access-policy", "INT", "found").with(1);
}

/// A run that waits for an answer which never comes.
fn waiting(fake: &Fake) -> (Running, Vec<u32>) {
    let mut command = countersign();
    command.args(["run", "--spec", "reachability", "--against", fake.target()]);
    let mut running = Running::start(&mut command);
    running.line(|line| line.starts_with("countersign "));
    let program = until("a request", || fake.asked());
    let mut left = below(running.id());
    if !left.is_empty() {
        assert!(left.contains(&program), "{left:?} without {program}");
    }
    left.push(program);
    (running, left)
}

/// Whether these tests were started so that a signal is ignored, as a shell starts what runs in the background: so is it
/// then by what they start.
fn is_ignored(signal: &str) -> bool {
    let bit = match signal {
        "HUP" => 0,
        "QUIT" => 2,
        _ => return false,
    };
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mut lines = status.lines();
    let ignored = lines.find_map(|line| line.strip_prefix("SigIgn:"));
    ignored.is_some_and(|mask| u64::from_str_radix(mask.trim(), 16).unwrap() >> bit & 1 == 1)
}

fn hangs() {
    let signals = ["INT", "TERM", "HUP", "QUIT"];
    for signal in signals.into_iter().filter(|signal| !is_ignored(signal)) {
        let fake = Fake::new("hangs");
        let (running, children) = waiting(&fake);
        running.signal(signal);
        let ended = running.wait().with(130);
        assert!(ended.err.starts_with("interrupted: "), "{}", ended.err);
        gone(&children);
    }
}

fn twice() {
    let fake = Fake::new("deaf");
    let (running, children) = waiting(&fake);
    running.signal("INT");
    running.signal("INT");
    let ended = running.wait().with(130);
    assert!(ended.err.starts_with("interrupted: "), "{}", ended.err);
    gone(&children);
}

/// As `nohup` starts it.
fn outlives() {
    let fake = Fake::new("hangs");
    let mut command = std::process::Command::new("/bin/sh");
    let program = env!("CARGO_BIN_EXE_countersign");
    let line = "trap '' HUP; exec \"$0\" run --spec reachability --against \"$1\"";
    command.args(["-c", line, program, fake.target()]);
    let mut running = Running::start(&mut command);
    running.line(|line| line.starts_with("countersign "));
    until("a request", || fake.asked());
    let children = below(running.id());
    running.signal("HUP");
    running.signal("TERM");
    let ended = running.wait().with(130);
    // Two would have ended it at once.
    assert!(ended.out.contains("; interrupted\n"), "{}", ended.out);
    gone(&children);
}

fn others() {
    let fake = Fake::new("hangs");
    let mut command = countersign();
    command.args([
        "serve",
        "--spec",
        "reachability",
        "--against",
        fake.target(),
    ]);
    let mut running = Running::start(&mut command);
    running.line(|line| line.starts_with("in force at "));
    let children = below(running.id());
    running.signal("TERM");
    running.wait().with(0);
    gone(&children);

    let fake = Fake::new("hangs");
    let mut command = countersign();
    command.args(["replay", "corpus", "--against", fake.target()]);
    let running = Running::start(&mut command);
    until("a request", || fake.asked());
    let children = below(running.id());
    running.signal("INT");
    let ended = running.wait().with(130);
    assert!(ended.err.starts_with("interrupted: "), "{}", ended.err);
    gone(&children);
}

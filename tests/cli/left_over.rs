//! Killed in the middle, or in a panic, whoever runs an implementation leaves nothing behind, whatever
//! kind of program it had started: no process and no port, so that it can be started again at once.

use std::process::{Command, ExitCode};

use countersign::adapter::{Availability, Home, availability, find_adapter, open};
use countersign::credentials::Identity;
use countersign::domain::{Setting, Value};
use countersign::implementation::{Installation, Placement};
use libtest_mimic::Trial;

use crate::support::{Running, below, countersign, free, gone, listened_on};

/// The argument with which the tests' program starts an implementation and then panics.
const PANICS: &str = "fake-panics";

/// What it says when the implementation runs.
const RUNS: &str = "in force";

/// One of each kind: workers that outlive their master's signal, a JVM, one that is slow to stop, a
/// binary out of a wheel, Node.js, Python.
const KINDS: [&str; 6] = [
    "nginx",
    "tomcat",
    "squid",
    "envoy",
    "fastify",
    "flask-httpauth",
];

pub(crate) fn trials() -> Vec<Trial> {
    type End = (&'static str, fn(&str));
    let ends: [End; 2] = [("killed", killed), ("in_a_panic", panicked)];
    KINDS
        .into_iter()
        .flat_map(|name| ends.map(|end| (name, end)))
        .map(|(name, (how, test))| {
            let title = format!("{how}::{}", name.replace('-', "_"));
            let trial = Trial::test(title, move || {
                test(name);
                Ok(())
            });
            let adapter = find_adapter(name).unwrap_or_else(|fault| panic!("{fault}"));
            match availability(&adapter, &Home::from_environment()) {
                Availability::Available { .. } => trial,
                Availability::Missing { reason, .. } => {
                    eprintln!("ignored: {}: {reason}", trial.name());
                    trial.with_ignored_flag(true)
                }
            }
        })
        .collect()
}

fn killed(name: &str) {
    for signal in ["KILL", "INT"] {
        let mut command = countersign();
        command.args([
            "serve",
            "--against",
            name,
            "--spec",
            "http-authentication",
            "--case",
            "{policy: {profiles: [{scheme: basic}]}}",
        ]);
        let mut running = Running::start(&mut command);
        running.line(|line| line.starts_with("in force at "));
        let started = below(running.id());
        assert!(!started.is_empty(), "{name} runs as no process");
        let ports = listened_on(&started);
        assert!(!ports.is_empty(), "{name} listens on no port");
        running.signal(signal);
        running.wait();
        gone(&started);
        free(&ports);
    }
}

fn panicked(name: &str) {
    let mut command = Command::new(std::env::current_exe().unwrap());
    let mut running = Running::start(command.args([PANICS, name]));
    running.line(|line| line == RUNS);
    let started = below(running.id());
    let ports = listened_on(&started);
    assert!(!ports.is_empty(), "{name} listens on no port");
    // Seen to run; it panics when it is told that it may.
    running.signal("USR1");
    let ended = running.wait();
    assert!(ended.err.contains("as it was told to"), "{}", ended.err);
    assert_eq!(ended.code, Some(101), "{}", ended.err);
    gone(&started);
    free(&ports);
}

/// The other side of [`panicked`]: plays the program that starts an implementation by the library's own
/// means and panics with it in its hands.
pub(crate) fn play(arguments: &[String]) -> Option<ExitCode> {
    let [PANICS, name] = [arguments.first()?.as_str(), arguments.get(1)?] else {
        return None;
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let told = tokio::signal::unix::SignalKind::user_defined1();
        let mut told = tokio::signal::unix::signal(told).unwrap();
        let mut implementation = open(name, &Home::from_environment()).await.unwrap();
        let profile = Value::record([
            ("scheme", Value::symbol("basic")),
            ("active", Value::Bool(true)),
        ]);
        let installation = Installation {
            upstreams: Vec::new(),
            edit_of: None,
            generation: 1,
            identities: vec![Identity::alice()],
            policies: vec![Setting {
                policy: Value::record([
                    ("active", Value::Bool(true)),
                    ("profiles", Value::List(vec![profile])),
                    ("advertise_all", Value::Bool(true)),
                ]),
                instance: Value::record([("first_scheme_only", Value::Bool(false))]),
            }],
        };
        let placed = implementation.install(&installation).await.unwrap();
        assert!(matches!(placed.first(), Some(Placement::Endpoint(_))));
        println!("{RUNS}");
        told.recv().await;
        panic!("as it was told to");
    })
}

//! Killed in the middle, the command leaves nothing behind, whatever kind of program it had started, and
//! can be started again at once.

use countersign::implementation::{Availability, Home, availability, find_adapter};
use libtest_mimic::Trial;

use crate::support::{Running, below, countersign, gone};

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
    KINDS
        .into_iter()
        .map(|name| {
            let title = format!("killed::{}", name.replace('-', "_"));
            let trial = Trial::test(title, move || {
                killed(name);
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
            "reachability",
            "--case",
        ]);
        let remedied = "{policy: {profiles: [{scheme: basic}], advertise_all: true}, instance: \
                        {first_scheme_only: false}}";
        command.arg(remedied);
        let mut running = Running::start(&mut command);
        running.line(|line| line.starts_with("in force at "));
        let started = below(running.id());
        assert!(!started.is_empty(), "{name} runs as no process");
        running.signal(signal);
        running.wait();
        gone(&started);
    }
}

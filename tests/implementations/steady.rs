//! A second run on the same product gives the same findings, byte for byte.

use std::fmt::Write;

use countersign::engine::{Options, run};
use countersign::implementation::{Home, open};
use countersign::spec::Spec;
use countersign::yaml::Source;
use libtest_mimic::Trial;

use crate::real::wanting;
use crate::support::trial;

/// How many runs are compared here. `docs/adapters.md` says how to compare ten whole ones.
const RUNS: usize = 3;

pub(crate) fn trials() -> Vec<Trial> {
    ["nginx", "django-rest-framework"]
        .into_iter()
        .map(|name| {
            let title = format!("steady::{name}_gives_the_same_findings_each_time");
            wanting(name, trial(&title, move || same_each_time(name)))
        })
        .collect()
}

/// Demands that every implementation breaks in several ways, so that there is something to shrink.
const DEMANDS: &str = "countersign: 1
pack: {name: steady, version: 1, title: Demands that nobody meets}
domain:
  policy:
    profiles: {list: {of: {scheme: {one-of: [basic, bearer]}, active: {bool: true}}, max: 3}}
    advertise_all: {bool: false}
  client:
    persona: {one-of: [preemptive, challenge-driven]}
    scheme: {one-of: [basic, bearer]}
    credential: {one-of: [valid, none, wrong-secret, malformed]}
rules:
  - id: nobody-is-challenged
    level: must
    source: {document: RFC 9110, section: '15.5.2'}
    impact: None; a demand that cannot be met.
    when: {status: 401}
    expect: {challenges: {some: false}}
  - id: everybody-gets-in
    level: must
    source: {document: RFC 9110, section: '11.4'}
    impact: None; a demand that cannot be met.
    expect: {outcome: accepted}
";

async fn same_each_time(name: &'static str) {
    let spec = Spec::read(&Source::new("steady", DEMANDS)).unwrap_or_else(|why| panic!("{why}"));
    let mut runs = Vec::new();
    for _ in 0..RUNS {
        let mut implementation = open(name, &Home::from_environment()).await.unwrap();
        let report = run(
            &spec,
            &mut *implementation,
            &Options::default(),
            &mut |_| {},
        )
        .await;
        implementation.stop().await;
        assert!(report.stopped.is_none(), "{:?}", report.stopped);
        let mut text = String::new();
        for finding in &report.findings {
            writeln!(
                text,
                "{} {}: {}",
                finding.rule, finding.sentence, finding.case
            )
            .unwrap();
            writeln!(text, "  {:?}", finding.discrepancy).unwrap();
            writeln!(text, "  {:?}\n  {:?}", finding.proof, finding.variations).unwrap();
            writeln!(text, "  {:?}\n  {:?}", finding.cures, finding.reliefs).unwrap();
            writeln!(text, "  {} {}", finding.failures, finding.requests).unwrap();
        }
        assert!(!text.is_empty(), "there is something to compare");
        runs.push(text);
    }
    for other in &runs[1..] {
        assert_eq!(other, &runs[0]);
    }
}

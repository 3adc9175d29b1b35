//! A second run on the same product gives the same findings, byte for byte: ten runs, no difference.

use countersign::adapter::{Home, open, shipped_names};
use countersign::engine::{Options, run};
use countersign::report::{Called, JsonLines};
use countersign::results::Event;
use countersign::spec::Spec;
use countersign::yaml::Source;
use libtest_mimic::Trial;

use crate::real::wanting;
use crate::support::trial_beside_others;

/// How many runs are compared. Tomcat starts a JVM for each of the dozen installations of a run, so that
/// ten would take as long as all others together; docs/adapters.md says how to compare ten by hand.
fn runs(name: &str) -> usize {
    let whole = std::env::var("TESTS").is_ok_and(|word| word == "whole");
    match name {
        // It takes seconds to begin anew.
        "tomcat" => 3,
        _ if whole => 10,
        _ => 3,
    }
}

/// How many cases each of them judges, of a space that is larger.
const CASES: u64 = 40;

pub(crate) fn trials() -> Vec<Trial> {
    shipped_names()
        .into_iter()
        .map(|name| {
            let title = format!("steady::{name}_gives_the_same_findings_each_time");
            let trial = trial_beside_others(&title, move || same_each_time(name));
            wanting(name, trial)
        })
        .collect()
}

/// Demands that every implementation breaks in several ways, so that there is something to shrink.
const DEMANDS: &str = "countersign: 1
pack: {name: steady, version: 1, title: Demands that nobody meets}
domain:
  policy:
    profiles: {list: {of: {scheme: {one-of: [basic, bearer, digest]}, active: {bool: true}}, max: 2}}
    advertise_all: {bool: false}
  client:
    persona: {one-of: [preemptive, challenge-driven]}
    scheme: {one-of: [basic, bearer, digest]}
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
    let mut implementation = open(name, &Home::from_environment()).await.unwrap();
    let options = Options {
        cases: CASES,
        ..Options::default()
    };
    let mut first = String::new();
    for time in 0..runs(name) {
        let mut found = Vec::new();
        let mut lines = JsonLines::new(&mut found, Called::default());
        let report = run(&spec, &mut *implementation, &options, &mut |event| {
            if matches!(event, Event::Found(_)) {
                lines.on(&event);
            }
        })
        .await;
        assert!(report.stopped.is_none(), "{:?}", report.stopped);
        let found = String::from_utf8(found).unwrap();
        assert!(!found.is_empty(), "there is something to compare");
        if time == 0 {
            first = found;
        } else {
            assert_eq!(found, first, "run {time}");
        }
    }
    implementation.stop().await;
}

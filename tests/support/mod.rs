//! What the engine's tests share: specs, quiet runs, and a small server whose answers a test writes.

// Each test crate uses a part of it, and clippy's rules for tests do not see that this is one.
#![allow(dead_code, unreachable_pub, clippy::unwrap_used, clippy::panic)]

mod server;

use std::time::Duration;

use countersign::domain::{Allowed, Narrowing};
use countersign::engine::{Options, run};
use countersign::implementation::Implementation;
use countersign::results::{Finding, PackReport, RuleReport, RuleState, causes};
use countersign::spec::{Spec, shipped};
use countersign::wire::Limits;
use countersign::yaml::Source;
use mimalloc::MiMalloc;

#[allow(unused_imports, reason = "each test crate uses a part of it")]
pub use server::{Asked, Break, Reply, Server, open_minded, schemes};

/// As in the command: what plays millions of requests spends an eighth of its time in the C library's.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// A shipped pack.
pub fn pack(name: &str) -> Spec {
    let source = shipped(name).unwrap();
    Spec::read(&source).unwrap_or_else(|problems| panic!("{problems}"))
}

/// A spec written in a test.
pub fn spec(text: &str) -> Spec {
    read(&Source::new("test.yaml", text))
}

fn read(source: &Source) -> Spec {
    let spec = Spec::read(source).unwrap_or_else(|problems| panic!("{problems}"));
    let problems = spec.analyse();
    assert!(!problems.has_errors(), "{problems}");
    spec
}

/// What every server must do, on few cases.
pub fn plain() -> Spec {
    spec(
        r#"
countersign: 1
pack: {name: plain, version: 1, title: What every server must do}
domain:
  policy:
    profiles:
      list: {of: {scheme: {one-of: [basic, bearer]}}, max: 2}
      say: {0: no profile, 1: one profile, other: "{count} profiles"}
  client:
    persona: {one-of: [preemptive, challenge-driven]}
    scheme: {one-of: [basic, bearer], say: "{value} client"}
    credential: {one-of: [valid, wrong-secret, malformed, none], say: {wrong-secret: wrong secret, malformed: malformed credentials, none: no credentials}}
define:
  listed: {list: policy.profiles}
  accepted: {schemes-of: listed}
rules:
  - id: valid-credentials-get-in
    level: must
    source: {document: a test, section: all}
    impact: Somebody is kept out.
    when: {client.credential: valid, client.scheme: {in: accepted}}
    expect: {outcome: accepted}
  - id: others-are-refused
    level: must
    source: {document: a test, section: all}
    impact: Somebody gets in.
    when: {any: [{client.credential: {not: valid}}, {client.scheme: {not-in: accepted}}]}
    expect: {outcome: refused}
  - id: a-401-names-what-is-accepted
    level: must
    source: {document: a test, section: all}
    impact: Nobody knows how to get in.
    when: {status: 401}
    expect: {challenges: {exactly: accepted}}
  - id: challenges-are-well-formed
    level: must
    source: {document: a test, section: all}
    impact: Nobody can read them.
    when: {status: 401}
    expect: {challenges: {well-formed: true}}
  - id: a-challenge-shuts-nobody-out
    level: must
    source: {document: a test, section: all}
    impact: Whoever waits for a challenge waits for ever.
    when: {client.persona: challenge-driven}
    relate: {change: {client.persona: preemptive}, outcome: same}
  - id: a-log-in-is-logged-once
    level: must
    source: {document: a test, section: all}
    impact: Nobody knows who got in.
    when: {outcome: accepted}
    expect: {events: {LOGIN_SUCCESS: 1}}
"#,
    )
}

/// A spec whose domain is the smaller, the quicker a test.
pub fn narrow(spec: &Spec, narrowing: &Narrowing) -> Spec {
    spec.narrow(narrowing, false).unwrap()
}

/// Policies of at most so many profiles.
pub fn at_most(profiles: i64) -> Narrowing {
    let mut narrowing = Narrowing::default();
    let range = Allowed::Range {
        min: None,
        max: Some(profiles),
    };
    narrowing
        .by_path
        .insert("policy.profiles".to_owned(), range);
    narrowing
}

/// Runs without telling anybody.
pub async fn quietly(
    spec: &Spec,
    implementation: &mut dyn Implementation,
    options: &Options,
) -> PackReport {
    run(spec, implementation, options, &mut |_| {}).await
}

/// Short deadlines, for servers that do not answer.
pub fn hasty() -> Options {
    Options {
        limits: Limits {
            head: Duration::from_millis(150),
            body: Duration::from_millis(100),
            ..Limits::default()
        },
        setup_deadline: Duration::from_millis(300),
        patience: Duration::from_millis(100),
        ..Options::default()
    }
}

/// The verdict of a rule.
pub fn rule<'a>(report: &'a PackReport, id: &str) -> &'a RuleReport {
    report.rules.iter().find(|rule| rule.id == id).unwrap()
}

/// The rules in a state that fits.
pub fn rules_that(report: &PackReport, fits: impl Fn(&RuleState) -> bool) -> Vec<&str> {
    let rules = report.rules.iter().filter(|rule| fits(&rule.state));
    rules.map(|rule| rule.id.as_str()).collect()
}

/// Each headline with the rules of its cause, one line each.
pub fn headlines(findings: &[Finding]) -> Vec<String> {
    causes(findings)
        .iter()
        .map(|cause| {
            let mut rules = vec![cause.headline.rule.as_str()];
            rules.extend(cause.others.iter().map(|other| other.rule.as_str()));
            format!("{}: {}", cause.headline.sentence, rules.join(", "))
        })
        .collect()
}

/// The report as a few lines: rules that did not pass, findings, what got no verdict.
pub fn told(report: &PackReport) -> String {
    let mut lines = Vec::new();
    for rule in &report.rules {
        if rule.state != RuleState::Passed {
            lines.push(format!(
                "{:?} {}: {} passed, {} failed, {} inconclusive",
                rule.state, rule.id, rule.held, rule.broke, rule.inconclusive
            ));
        }
    }
    for finding in &report.findings {
        let flaky = match &finding.flaky {
            Some(flaky) => format!(" (flaky: {} of {})", flaky.failed, flaky.runs),
            None => String::new(),
        };
        lines.push(format!(
            "{} -- {}: expected {}, observed {}{flaky}",
            finding.rule,
            finding.sentence,
            finding.discrepancy.expected,
            finding.discrepancy.observed
        ));
    }
    for anomaly in &report.anomalies {
        lines.push(format!(
            "no verdict, {} times: {}",
            anomaly.count, anomaly.what
        ));
    }
    if let Some(stopped) = &report.stopped {
        lines.push(format!("stopped: {stopped}"));
    }
    lines.join("\n")
}

//! Conversations: what can be said of more than one request and one answer, played against the reference
//! implementation. A policy that asks for a departure (`lock_out: everybody`) has to be found by the rule
//! that forbids it, in a sentence that tells what came before.

// A test says what it expects by panicking; clippy knows that of test functions only.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::support::{Reply, Server, headlines, narrow, quietly, rule, rules_that, spec};
use countersign::corpus::{Entry, ReplayState, replay};
use countersign::credentials::{CredentialState, Scheme};
use countersign::domain::{Allowed, Narrowing, Setting, Value};
use countersign::engine::Options;
use countersign::implementation::{
    BoxFuture, Description, Implementation, Installation, Placement, ReferenceImplementation,
};
use countersign::observation::{AuditEvent, SetupFault};
use countersign::results::{PackReport, RuleState};
use countersign::spec::Spec;
use countersign::yaml::Source;

fn edits() -> Spec {
    spec(include_str!("conversations/edits.yaml"))
}

fn memory(only: &[(&str, &[&str])]) -> Spec {
    let mut narrowing = Narrowing::default();
    for (path, words) in only {
        let words = words.iter().map(|word| Value::symbol(word)).collect();
        let allowed = Allowed::Values(words);
        narrowing.by_path.insert((*path).to_owned(), allowed);
    }
    narrow(&spec(include_str!("conversations/memory.yaml")), &narrowing)
}

/// What conforms, and what does not, field by field.
const LOCKS: (&str, &[&str]) = ("policy.lock_out", &["never", "user"]);
const DECIDES: (&str, &[&str]) = ("policy.backend", &["decided"]);
const OPEN: (&str, &[&str]) = ("policy.opens", &["no", "yes"]);
const WAITS: (&str, &[&str]) = ("client.persona", &["preemptive", "challenge-driven"]);

/// The one rule of the pack that is about clients which send credentials unasked.
const UNASKED: &str = "nobody-sends-credentials-unasked";

async fn played(spec: &Spec) -> PackReport {
    let mut reference = ReferenceImplementation::new();
    quietly(spec, &mut reference, &Options::default()).await
}

/// The findings of a run, told by sentence, and what broke.
fn told(report: &PackReport) -> Vec<String> {
    assert!(report.stopped.is_none(), "{:?}", report.stopped);
    assert!(report.anomalies.is_empty(), "{:?}", report.anomalies);
    headlines(&report.findings)
}

#[tokio::test]
async fn a_policy_is_as_it_was_edited_to_be() {
    let report = played(&edits()).await;
    assert_eq!(told(&report), [""; 0]);
    assert_eq!(
        rules_that(&report, |state| *state != RuleState::Passed),
        [""; 0]
    );
}

/// An implementation that keeps its policies as they were first installed, whatever is edited.
struct Stubborn {
    reference: ReferenceImplementation,
    first: Vec<Setting>,
}

impl Implementation for Stubborn {
    fn description(&self) -> &Description {
        self.reference.description()
    }

    fn install<'a>(
        &'a mut self,
        installation: &'a Installation,
    ) -> BoxFuture<'a, Result<Vec<Placement>, SetupFault>> {
        if installation.edit_of.is_none() {
            self.first.clone_from(&installation.policies);
        }
        let policies = self.first.clone();
        Box::pin(async move {
            let installation = Installation {
                upstreams: Vec::new(),
                policies,
                ..installation.clone()
            };
            self.reference.install(&installation).await
        })
    }

    fn events(&mut self, generation: u64) -> BoxFuture<'_, Result<Vec<AuditEvent>, SetupFault>> {
        self.reference.events(generation)
    }

    fn stop(&mut self) -> BoxFuture<'_, ()> {
        self.reference.stop()
    }
}

#[tokio::test]
async fn an_edit_that_does_nothing_is_found_and_told() {
    let mut stubborn = Stubborn {
        reference: ReferenceImplementation::new(),
        first: Vec::new(),
    };
    let report = quietly(&edits(), &mut stubborn, &Options::default()).await;
    assert_eq!(
        told(&report),
        [
            "two profiles, flag false, flag set: the-flag-that-was-set-names-every-scheme, \
             an-edited-policy-is-as-one-made-so, the-waiting-client-gets-in-when-the-flag-was-set"
        ]
    );
    for finding in &report.findings {
        // What happens before is left out where it is not needed.
        assert!(finding.case.steps().len() <= 1, "{}", finding.case);
        assert!(finding.flaky.is_none());

        // A reproduction has the course in it, and shows it again.
        let written = Entry::of(finding, "stubborn", "0").to_yaml();
        let entry = Entry::read(&Source::new("entry", written.clone())).unwrap();
        assert_eq!(entry.case, finding.case);
        let replayed = replay(&entry, &mut stubborn, &Options::default()).await;
        let still = matches!(replayed.state, ReplayState::StillFailing(_));
        assert!(still, "{}\n{written}", replayed.state);
        let mut reference = ReferenceImplementation::new();
        let replayed = replay(&entry, &mut reference, &Options::default()).await;
        let fixed = matches!(replayed.state, ReplayState::Fixed { .. });
        assert!(fixed, "{}\n{written}", replayed.state);
    }
}

#[tokio::test]
async fn what_conforms_breaks_nothing() {
    let spec = memory(&[LOCKS, DECIDES, OPEN, WAITS]);
    let report = played(&spec).await;
    let others: Vec<&str> = (report.findings.iter())
        .map(|finding| finding.rule.as_str())
        .filter(|rule| *rule != UNASKED)
        .collect();
    assert_eq!(others, [""; 0]);
    let not_passed = rules_that(&report, |state| *state != RuleState::Passed);
    assert_eq!(not_passed, [UNASKED]);
}

#[tokio::test]
async fn each_departure_is_found_by_its_rule() {
    let waits: (&str, &[&str]) = ("client.persona", &["challenge-driven"]);
    let mut all = String::new();
    for (name, only) in [
        (
            "unasked",
            [
                LOCKS,
                DECIDES,
                OPEN,
                ("client.persona", &["preemptive"][..]),
            ],
        ),
        ("asked", [LOCKS, DECIDES, OPEN, waits]),
        (
            "blind",
            [LOCKS, DECIDES, OPEN, ("client.persona", &["scheme-blind"])],
        ),
        (
            "backend",
            [LOCKS, ("policy.backend", &["always"]), OPEN, WAITS],
        ),
        (
            "lock-out",
            [("policy.lock_out", &["everybody"]), DECIDES, OPEN, WAITS],
        ),
        (
            "open",
            [LOCKS, DECIDES, ("policy.opens", &["no", "picky"]), WAITS],
        ),
    ] {
        let report = played(&memory(&only)).await;
        for finding in &report.findings {
            if finding.rule != UNASKED || ["unasked", "asked"].contains(&name) {
                all.push_str(&format!(
                    "{name}: {}: {}: {}\n",
                    finding.rule, finding.sentence, finding.discrepancy.observed
                ));
            }
        }
    }
    snapbox::assert_data_eq!(
        all,
        snapbox::str![[r#"
unasked: nobody-sends-credentials-unasked: the simplest case: request 1 with Basic credentials
blind: a-second-request-is-as-offered: a client that reads no challenge: request 2 with Basic credentials
backend: the-backend-is-not-reached-by-whoever-is-kept-out: a backend that is always reached, no credentials: reached once
backend: the-backend-is-not-reached-by-whoever-is-kept-out: lock-outs, a backend that is always reached, three wrong passwords: reached once
lock-out: nobody-else-is-locked-out: lock-outs of everybody, three wrong passwords: refused (401)
open: stray-credentials-change-nothing: a picky open resource: refused (401)

"#]]
    );
}

/// What speaks of what was not there holds of every answer, and is not passed for that.
#[tokio::test]
async fn what_was_not_there_is_not_passed() {
    let rules = [
        ("second", "expect: {requests: {second: as-offered}}"),
        ("asks", "expect: {asks: {alike: [status]}}"),
        ("user", "expect: {backend: {user: alice}}"),
        (
            "sibling",
            "relate: {then: [{ask: {credential: none}}], expect: {backend: {authorization: absent}}}",
        ),
        (
            "again",
            "relate: {again: true, expect: {asks: {alike: [status]}}}",
        ),
        (
            "beside",
            "expect: {status: 401, requests: {second: as-offered}}",
        ),
    ];
    let rules = rules.map(|(id, said)| {
        format!(
            "  - id: {id}\n    level: must\n    source: {{document: a test, section: all}}\n    impact: None.\n    \
             when: {{client.credential: wrong-secret}}\n    {said}\n"
        )
    });
    let text = format!(
        "countersign: 1\npack: {{name: idle, version: 1, title: Idle}}\ndomain:\n  policy: {{profiles: {{list: {{of: \
         {{scheme: {{one-of: [basic]}}}}, min: 1, max: 1}}}}, backend: {{one-of: [decided]}}}}\n  client: {{scheme: \
         {{one-of: [basic]}}, credential: {{one-of: [wrong-secret]}}}}\nrules:\n{}",
        rules.concat()
    );
    let report = played(&Spec::read(&Source::new("idle.yaml", text)).unwrap()).await;
    assert_eq!(told(&report), [] as [String; 0]);
    let states: Vec<(&str, &RuleState)> = report
        .rules
        .iter()
        .map(|rule| (rule.id.as_str(), &rule.state))
        .collect();
    let idle = ["second", "asks", "user", "sibling"].map(|id| (id, &RuleState::NotExercised));
    let held = ["again", "beside"].map(|id| (id, &RuleState::Passed));
    assert_eq!(states, [&idle[..], &held].concat());
}

/// A server that locks a user out at the fourth wrong password, and loses the answer to each second one that it
/// counted.
async fn losing(always: bool) -> PackReport {
    let wrong = Arc::new(AtomicU64::new(0));
    let lost = AtomicU64::new(0);
    let counted = Arc::clone(&wrong);
    let server = Server::new(move |_, asked| {
        if asked.has(Scheme::Basic, CredentialState::Valid) {
            return match counted.load(Ordering::Relaxed) {
                0..4 => Reply::welcome(),
                _ => Reply::challenge(&["Basic"]),
            };
        }
        let before = match asked.authorization {
            Some(_) => counted.fetch_add(1, Ordering::Relaxed),
            None => 0,
        };
        match before == 1 && (always || lost.load(Ordering::Relaxed) == 0) {
            true => {
                lost.fetch_add(1, Ordering::Relaxed);
                Reply::raw("").closing()
            }
            false => Reply::challenge(&["Basic"]),
        }
    });
    let mut counting = Counting { server, wrong };
    counting.server.description.slots = 1;
    let spec = spec(include_str!("conversations/three.yaml"));
    quietly(&spec, &mut counting, &Options::default()).await
}

/// A server that forgets wrong passwords with each installation.
struct Counting {
    server: Server,
    wrong: Arc<AtomicU64>,
}

impl Implementation for Counting {
    fn description(&self) -> &Description {
        self.server.description()
    }

    fn install<'a>(
        &'a mut self,
        installation: &'a Installation,
    ) -> BoxFuture<'a, Result<Vec<Placement>, SetupFault>> {
        self.wrong.store(0, Ordering::Relaxed);
        self.server.install(installation)
    }

    fn events(&mut self, generation: u64) -> BoxFuture<'_, Result<Vec<AuditEvent>, SetupFault>> {
        self.server.events(generation)
    }

    fn stop(&mut self) -> BoxFuture<'_, ()> {
        self.server.stop()
    }
}

/// Whoever sends a step of a conversation once more by itself makes four wrong passwords of three.
#[tokio::test]
async fn a_lost_answer_is_a_fault_of_the_whole_conversation() {
    let report = losing(false).await;
    assert_eq!(told(&report), [""; 0]);
    assert_eq!(rule(&report, "three-are-allowed").state, RuleState::Passed);
    assert!(report.is_complete(countersign::spec::Level::Advice));

    let report = losing(true).await;
    assert_eq!(headlines(&report.findings), [""; 0]);
    let rule = rule(&report, "three-are-allowed");
    assert_eq!(rule.state, RuleState::Inconclusive, "{rule:?}");
    assert!(!report.is_complete(countersign::spec::Level::Advice));
}

/// An implementation that takes no edits.
struct Fixed(ReferenceImplementation);

impl Implementation for Fixed {
    fn description(&self) -> &Description {
        self.0.description()
    }

    fn install<'a>(
        &'a mut self,
        installation: &'a Installation,
    ) -> BoxFuture<'a, Result<Vec<Placement>, SetupFault>> {
        if installation.edit_of.is_some() {
            let no = |_: &Setting| Placement::Unsupported("no edits".to_owned());
            let placements = installation.policies.iter().map(no).collect();
            return Box::pin(async move { Ok(placements) });
        }
        self.0.install(installation)
    }

    fn events(&mut self, generation: u64) -> BoxFuture<'_, Result<Vec<AuditEvent>, SetupFault>> {
        self.0.events(generation)
    }

    fn stop(&mut self) -> BoxFuture<'_, ()> {
        self.0.stop()
    }
}

#[tokio::test]
async fn what_cannot_be_done_is_said_and_shows_nothing_where_it_is_all() {
    let mut fixed = Fixed(ReferenceImplementation::new());
    let only = Options {
        rules: vec!["an-edited-policy-is-as-one-made-so".to_owned()],
        ..Options::default()
    };
    let report = quietly(&edits(), &mut fixed, &only).await;
    let why = report.hollow.clone().unwrap_or_default();
    assert!(why.contains("cannot express it (no edits)"), "{why}");
    assert!(report.judged > 0 && !report.is_complete(countersign::spec::Level::Advice));

    let report = quietly(&edits(), &mut fixed, &Options::default()).await;
    let told = report.notices.iter();
    let told = told.filter(|notice| notice.contains("cannot express it (no edits)"));
    let has_verdict = report.rules.iter().any(|rule| rule.held > 0);
    assert_eq!(
        (told.count(), has_verdict),
        (usize::from(has_verdict), has_verdict)
    );
    assert!(report.hollow.is_none() || !has_verdict);
}

/// Whoever is at work beside a client stays at work with what it asks, whatever that client asks last: nobody
/// may be left who asks for nothing, for ever.
#[tokio::test]
async fn others_at_work_ask_what_they_asked_before() {
    let spec = spec(include_str!("conversations/beside.yaml"));
    let mut reference = ReferenceImplementation::new();
    let report = quietly(&spec, &mut reference, &Options::default()).await;
    assert_eq!(report.stopped, None);
    assert_eq!(report.rules[0].state, RuleState::Passed);
    assert_eq!(report.rules[0].held, 2, "with others at work and without");
}

/// Others are at work while the client of the next step asks, and what they ask is shown, for nobody could tell
/// otherwise what locks a user out.
#[tokio::test]
async fn others_are_at_work_beside_who_asks_next_and_are_shown() {
    let spec = spec(
        "countersign: 1
pack: {name: others, version: 1, title: Others}
domain:
  policy:
    profiles: {list: {of: {scheme: {one-of: [basic]}}, min: 1, max: 1}}
    lock_out: {one-of: [user]}
  client: {credential: {one-of: [valid]}}
rules:
  - id: nobody-is-locked-out
    level: must
    source: {document: Our handbook, section: Passwords}
    impact: Whoever knows a name locks its user out.
    relate:
      behind: [{beside: {credential: wrong-secret}, clients: 3, tries: 2}, {ask: {credential: none}}]
      outcome: same
",
    );
    let report = played(&spec).await;
    let [finding] = report.findings.as_slice() else {
        panic!("{:?}", report.findings);
    };
    let expected = &finding.discrepancy.expected;
    assert!(
        expected
            .contains("asking with credential none while others ask with credential wrong-secret"),
        "{expected}"
    );
    let sent = finding.transcript.sibling.iter();
    let sent: Vec<bool> = sent
        .map(|entry| {
            entry
                .sent_lines()
                .iter()
                .any(|line| line.starts_with("authorization"))
        })
        .collect();
    assert_eq!(
        sent,
        [true, false, true],
        "others, who asks beside them, and the client"
    );
}

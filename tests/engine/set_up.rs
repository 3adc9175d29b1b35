//! What goes wrong with the set-up, or with an implementation that ends, is told as such: it is nobody's failure, and
//! no finding is lost by it.

// A test says what it expects by panicking; clippy knows that of test functions only.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::expect_used
)]

use std::time::{Duration, Instant};

use crate::support::{Break, Reply, Server, hasty, open_minded, plain, quietly, rules_that};
use countersign::credentials::CredentialState::WrongSecret;
use countersign::engine::{Options, run};
use countersign::implementation::Nature;
use countersign::results::{Event, RuleState, Stopped};

#[tokio::test]
async fn an_installation_that_goes_wrong_is_a_fault_of_the_set_up() {
    for (how, why) in [
        (
            Break::Fails,
            "could not reload the test's server: it says no",
        ),
        (
            Break::Hangs,
            "could not install policies: no answer within 0.3 s",
        ),
        (
            Break::Forgets,
            "could not install policies: 2 policies were sent and 1 were answered for",
        ),
    ] {
        let mut server = Server::new(|policy, asked| match asked.is(WrongSecret) {
            true => Reply::welcome(),
            false => open_minded(policy, asked),
        });
        server.description.slots = 2;
        server.breaks = Some((1, how));
        let report = quietly(&plain(), &mut server, &hasty()).await;
        assert!(report.findings.is_empty());
        assert_eq!(report.judged, 0);
        assert!(rules_that(&report, |state| *state != RuleState::NotExercised).is_empty());
        let stopped = report.stopped.unwrap();
        assert!(matches!(stopped, Stopped::Setup(_)));
        assert!(stopped.to_string().starts_with(why), "{stopped}");

        // What was found before it went wrong is kept.
        let findings = findings_before(how, 2).await;
        assert_eq!(
            findings.first().map(String::as_str),
            Some("wrong secret"),
            "{why}"
        );
    }
}

#[tokio::test]
async fn failures_that_waited_when_the_set_up_went_wrong_are_told_as_such() {
    let mut server = faulty(1);
    server.breaks = Some((3, Break::Fails));
    let report = quietly(&plain(), &mut server, &hasty()).await;
    assert!(matches!(report.stopped, Some(Stopped::Setup(_))));
    assert!(report.findings.is_empty());
    let left: u64 = report.left.iter().map(|left| left.count).sum();
    let failed: u64 = report.rules.iter().map(|rule| rule.broke).sum();
    assert!(left > 0);
    assert_eq!((left, report.unshrunk), (failed, failed));
}

/// The sentences of a run that breaks right after its first finding, where no failure waits to be looked into.
async fn findings_before(how: Break, slots: usize) -> Vec<String> {
    let at_once = || Options {
        unexplained: Duration::ZERO,
        ..hasty()
    };
    let installations = {
        let mut server = faulty(slots);
        server.description.nature = Nature::Told;
        let stop = countersign::engine::Stop::default();
        let options = Options {
            stop: stop.clone(),
            ..at_once()
        };
        let mut on_event = |event: Event<'_>| {
            if let Event::Found(_) = event {
                stop.stop();
            }
        };
        let report = run(&plain(), &mut server, &options, &mut on_event).await;
        assert_eq!(report.stopped, Some(Stopped::Asked));
        server.installations
    };
    let mut server = faulty(slots);
    server.description.nature = Nature::Told;
    server.breaks = Some((installations + 1, how));
    let report = quietly(&plain(), &mut server, &at_once()).await;
    assert!(report.stopped.is_some());
    report
        .findings
        .into_iter()
        .map(|finding| finding.sentence)
        .collect()
}

/// Accepts a wrong secret, and has few slots.
fn faulty(slots: usize) -> Server {
    let mut server = Server::new(|policy, asked| match asked.is(WrongSecret) {
        true => Reply::welcome(),
        false => open_minded(policy, asked),
    });
    server.description.slots = slots;
    server
}

#[tokio::test]
async fn an_implementation_that_dies_is_noticed_at_once_however_few_cases_fit_into_a_round() {
    for slots in [1, 2, 16] {
        let mut server = Server::new(open_minded);
        server.description.slots = slots;
        server.breaks = Some((if slots == 16 { 1 } else { 3 }, Break::Dies));
        let begun = Instant::now();
        let report = quietly(&plain(), &mut server, &Options::default()).await;
        let stopped = report.stopped.clone().unwrap();
        assert!(
            matches!(stopped, Stopped::Silent { .. }),
            "{slots} slots: {stopped}"
        );
        assert!(
            stopped.to_string().contains("no connection to 127.0.0.1:"),
            "{stopped}"
        );
        assert!(report.findings.is_empty());
        assert!(begun.elapsed() < Duration::from_secs(5));
        assert!(!report.is_complete(countersign::spec::Level::Advice));
        let silent = server.installations;
        assert!(
            silent <= 16,
            "{slots} slots: {silent} installations until it was noticed"
        );
    }
}

#[tokio::test]
async fn dying_while_a_finding_is_confirmed_makes_it_neither_flaky_nor_lost() {
    // The reruns are installations of their own; whichever of them meets the death, no finding is
    // called flaky because of it.
    for from in 1..12 {
        let mut server = faulty(16);
        server.breaks = Some((from, Break::Dies));
        let report = quietly(&plain(), &mut server, &Options::default()).await;
        assert!(
            report
                .findings
                .iter()
                .all(|finding| finding.flaky.is_none()),
            "{from}"
        );
        assert!(
            report.stopped.is_some() || report.accusations().count() > 0,
            "{from}"
        );
    }
}

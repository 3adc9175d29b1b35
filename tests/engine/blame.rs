//! Who is to blame: an implementation that flickers, chokes, dies or sends what nobody can read is
//! told of as just that. It is accused of nothing that was not seen, and nothing unseen is passed.

// A test says what it expects by panicking; clippy knows that of test functions only.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::expect_used
)]

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::support::{
    self, Asked, Reply, Server, hasty, open_minded, plain, quietly, rule, rules_that, told,
};
use countersign::credentials::CredentialState::{Malformed, Valid, WrongSecret};
use countersign::domain::Setting;
use countersign::domain::{Allowed, Value};
use countersign::engine::{Options, judge_one, run};
use countersign::implementation::{Implementation, ReferenceImplementation};
use countersign::reference::Fault;
use countersign::results::{Coverage, Event, Finding, PackReport, RuleReport, RuleState, Stopped};
use countersign::spec::read_case;
use countersign::yaml::Source;
use snapbox::{IntoData, str};

async fn played(
    decide: impl Fn(&Setting, &Asked<'_>) -> Reply + Send + Sync + 'static,
    options: &Options,
) -> PackReport {
    let mut server = Server::new(decide);
    quietly(&plain(), &mut server, options).await
}

#[tokio::test]
async fn a_server_without_a_fault_passes_everything() {
    let report = played(open_minded, &Options::default()).await;
    assert_eq!(told(&report), "");
    assert!(report.is_complete(countersign::spec::Level::Advice));
    assert_eq!(
        (report.coverage.clone(), report.judged),
        (Coverage::Whole { cases: 112 }, 112)
    );
}

#[tokio::test]
async fn what_is_not_the_same_twice_is_flaky_and_neither_passed_nor_failed() {
    // Every other wrong secret is right.
    let wrong = AtomicU64::new(0);
    let report = played(
        move |policy, asked| {
            let lucky =
                asked.is(WrongSecret) && wrong.fetch_add(1, Ordering::Relaxed).is_multiple_of(2);
            if lucky {
                Reply::welcome()
            } else {
                open_minded(policy, asked)
            }
        },
        &Options::default(),
    )
    .await;
    assert_eq!(report.accusations().count(), 0, "{}", told(&report));
    assert!(!report.findings.is_empty());
    assert_eq!(rule(&report, "others-are-refused").state, RuleState::Flaky);
    assert!(!report.is_complete(countersign::spec::Level::Advice));
    for finding in &report.findings {
        let flaky = finding.flaky.as_ref().unwrap();
        assert!(flaky.failed < flaky.runs && !flaky.otherwise.case.is_empty());
    }
}

/// Where nothing shows again, what was met is all that there is to look into.
#[tokio::test]
async fn what_never_shows_again_is_kept_as_it_was_met() {
    let valid = AtomicU64::new(0);
    let report = played(
        move |policy, asked| {
            // Once only, and not when it is seen whether anybody gets in at all.
            let unlucky = asked.is(Valid) && valid.fetch_add(1, Ordering::Relaxed) == 20;
            match unlucky {
                true => Reply::status(403, &[]),
                false => open_minded(policy, asked),
            }
        },
        &Options::default(),
    )
    .await;
    assert_eq!(report.accusations().count(), 0, "{}", told(&report));
    let never: Vec<&Finding> = { report.findings.iter() }
        .filter(|finding| {
            finding
                .flaky
                .as_ref()
                .is_some_and(|flaky| flaky.failed == 0)
        })
        .collect();
    assert!(!never.is_empty(), "{}", told(&report));
    for finding in never {
        let all = [&finding.transcript.case, &finding.transcript.sibling];
        let mut all = all.into_iter().flatten();
        assert!(all.any(|entry| entry.head.starts_with(b"HTTP/1.1 403")));
    }
}

/// Where the second of two equal requests is answered otherwise, it is the second answer that departs.
#[tokio::test]
async fn the_later_answer_is_held_to_the_first() {
    let mut reference = ReferenceImplementation::with_faults(&[Fault::NamesSchemesOnce]);
    let options = Options {
        rules: vec!["asked-again-the-answer-is-the-same".to_owned()],
        ..Options::default()
    };
    let spec = support::pack("reachability");
    let case = "{policy: {active: false}, client: {credential: none}}";
    let case = read_case(&Source::new("case", case), &spec.domain).unwrap();
    let report = judge_one(&spec, &case, &mut reference, &options, &mut |_| ()).await;
    let found = &report.findings[0].discrepancy;
    assert_eq!(
        (found.expected.as_str(), found.observed.as_str()),
        (
            "challenges for bearer and basic, also when asked again",
            "a challenge for bearer"
        )
    );
}

#[tokio::test]
async fn a_case_that_is_excluded_says_why_it_is_not_judged() {
    let spec = support::pack("http-authentication");
    let mut reference = ReferenceImplementation::new();
    for (case, why) in [
        (
            "{client: {credential: expired}}",
            "with credential expired and scheme basic: a password does not expire",
        ),
        (
            "{policy: {profiles: [{scheme: basic}]}, client: {form: odd-case, method: head}}",
            "`domain.odd` lets no case be odd in client.method and client.form together (",
        ),
    ] {
        let case = read_case(&Source::new("case", case), &spec.domain).unwrap();
        let options = Options::default();
        let report = judge_one(&spec, &case, &mut reference, &options, &mut |_| ()).await;
        let hollow = report.hollow.unwrap_or_default();
        assert!(hollow.contains(why), "{hollow}");
        let told = |rule: &RuleReport| matches!(&rule.state, RuleState::NotApplicable(why) if *why == hollow);
        assert!(report.rules.iter().all(told));
    }
}

#[tokio::test]
async fn a_balancer_over_two_servers_of_which_one_is_broken_is_flaky() {
    let report = played(
        |policy, asked| match asked.nth % 2 {
            0 => open_minded(policy, asked),
            _ => Reply::challenge(&["basic"]),
        },
        &Options::default(),
    )
    .await;
    // Whoever needs two requests meets the broken one always: that is no flicker.
    for finding in report.accusations() {
        let persona = finding.case.at("client.persona");
        assert_eq!(
            persona,
            Some(&Value::symbol("challenge-driven")),
            "{}",
            told(&report)
        );
    }
    assert!(rules_that(&report, |state| *state == RuleState::Flaky).len() > 1);
}

#[tokio::test]
async fn a_client_that_everybody_chokes_on_does_not_end_the_run() {
    // With audit events, all slots play the same client at once: a row of nothing but faults.
    let report = played(
        |policy, asked| match asked.is(Malformed) {
            true => Reply::raw("HTTP/1.1 401").closing(),
            false => open_minded(policy, asked),
        },
        &Options::default(),
    )
    .await;
    assert_eq!(report.stopped, None);
    assert!(report.findings.is_empty(), "{}", told(&report));
    assert_eq!(
        rule(&report, "others-are-refused").state,
        RuleState::Inconclusive
    );
    assert!(!report.anomalies.is_empty());
    assert!(report.anomalies.iter().all(|anomaly| {
        anomaly.what.contains("closed")
            && anomaly.case.at("client.credential") == Some(&Value::symbol("malformed"))
    }));
}

/// Whoever closes the connection on one kind of request, and answers all others, is held to the rule that says how that
/// one is answered; rules about what an answer says have nothing to speak of.
#[tokio::test]
async fn a_connection_that_is_closed_for_an_answer_is_a_verdict() {
    let report = played(
        |policy, asked| match asked.is(Malformed) {
            true => Reply::raw("").closing(),
            false => open_minded(policy, asked),
        },
        &Options::default(),
    )
    .await;
    assert_eq!(report.stopped, None);
    assert!(report.anomalies.is_empty(), "{}", told(&report));
    let notices = report.notices.join("\n");
    assert!(notices.contains("the connection was closed"), "{notices}");
    snapbox::assert_data_eq!(
        told(&report),
        str![[r#"
Failed others-are-refused: 62 passed, 22 failed, 0 inconclusive
others-are-refused -- malformed credentials: expected refused, observed no answer: the connection was closed
"#]].raw()
    );
}

/// Somebody who answers nobody may not be there at all.
#[tokio::test]
async fn connections_that_are_closed_on_everybody_are_no_verdict() {
    let report = played(|_, _| Reply::raw("").closing(), &hasty()).await;
    assert!(matches!(report.stopped, Some(Stopped::Silent { .. })));
    assert!(report.findings.is_empty(), "{}", told(&report));
    assert_eq!(report.judged, 0);
}

#[tokio::test]
async fn whoever_never_answers_is_silent_and_that_takes_no_minutes() {
    let begun = Instant::now();
    let report = played(|_, _| Reply::raw("").waiting(), &hasty()).await;
    assert!(matches!(report.stopped, Some(Stopped::Silent { .. })));
    assert!(begun.elapsed() < Duration::from_secs(8));
    assert_eq!(report.judged, 0);
}

#[tokio::test]
async fn garbage_is_nobodys_failure() {
    let report = played(|_, _| Reply::raw("welcome, friend\r\n\r\n"), &hasty()).await;
    snapbox::assert_data_eq!(
        told(&report),
        str![[r#"
Inconclusive valid-credentials-get-in: 0 passed, 0 failed, 16 inconclusive
Inconclusive others-are-refused: 0 passed, 0 failed, 96 inconclusive
Inconclusive a-401-names-what-is-accepted: 0 passed, 0 failed, 112 inconclusive
Inconclusive challenges-are-well-formed: 0 passed, 0 failed, 112 inconclusive
Inconclusive a-challenge-shuts-nobody-out: 0 passed, 0 failed, 56 inconclusive
Inconclusive a-log-in-is-logged-once: 0 passed, 0 failed, 112 inconclusive
no verdict, 504 times: the answer is not an HTTP response (invalid HTTP version parsed): welcome, friend\r\n\r\n
"#]].raw()
    );
    let report = played(
        |policy, asked| match asked.is(Malformed) {
            true => Reply::raw("HTTP/1.1 4x1 No\r\n\r\n"),
            false => open_minded(policy, asked),
        },
        &Options::default(),
    )
    .await;
    snapbox::assert_data_eq!(
        told(&report),
        str![[r#"
Inconclusive others-are-refused: 62 passed, 0 failed, 22 inconclusive
Inconclusive a-401-names-what-is-accepted: 52 passed, 0 failed, 22 inconclusive
Inconclusive challenges-are-well-formed: 52 passed, 0 failed, 22 inconclusive
Inconclusive a-challenge-shuts-nobody-out: 36 passed, 0 failed, 8 inconclusive
Inconclusive a-log-in-is-logged-once: 16 passed, 0 failed, 22 inconclusive
no verdict, 96 times: the answer is not an HTTP response (invalid HTTP status-code parsed): HTTP/1.1 4x1 No\r\n\r\n
"#]].raw()
    );
}

#[tokio::test]
async fn a_body_that_never_ends_is_an_answer_all_the_same() {
    let report = played(
        |policy, asked| match asked.is(Valid) && !policy.policy.field("profiles").unwrap().items().unwrap().is_empty() {
            true => Reply::raw("HTTP/1.1 401 X\r\nContent-Length: 10\r\nWWW-Authenticate: basic realm=\"x\"\r\n\r\nhalf").waiting(),
            false => open_minded(policy, asked),
        },
        &hasty(),
    )
    .await;
    snapbox::assert_data_eq!(
        told(&report),
        str![[r#"
Failed valid-credentials-get-in: 0 passed, 16 failed, 0 inconclusive
Failed a-401-names-what-is-accepted: 74 passed, 14 failed, 0 inconclusive
NotExercised a-log-in-is-logged-once: 0 passed, 0 failed, 0 inconclusive
valid-credentials-get-in -- one profile, basic client: expected accepted, observed refused (401)
a-401-names-what-is-accepted -- one profile: expected exactly a challenge for bearer, observed a challenge for basic
a-401-names-what-is-accepted -- two profiles: expected exactly challenges for basic and bearer, observed a challenge for basic
"#]]
    );
}

#[tokio::test]
async fn a_redirect_is_an_outcome_of_its_own() {
    let report = played(
        |policy, asked| match asked.authorization {
            None => Reply::status(302, &["Location: /login"]),
            Some(_) => open_minded(policy, asked),
        },
        &Options::default(),
    )
    .await;
    snapbox::assert_data_eq!(
        told(&report),
        str![[r#"
Failed valid-credentials-get-in: 8 passed, 8 failed, 0 inconclusive
Failed others-are-refused: 34 passed, 34 failed, 0 inconclusive
Failed a-challenge-shuts-nobody-out: 14 passed, 14 failed, 0 inconclusive
valid-credentials-get-in -- one profile, basic client: expected accepted, observed redirected (302)
others-are-refused -- no profile: expected refused, observed redirected (302)
a-challenge-shuts-nobody-out -- no profile: expected refused, as with client.persona preemptive (403), observed redirected (302)
a-challenge-shuts-nobody-out -- one profile, basic client: expected accepted, as with client.persona preemptive (200), observed redirected (302)
"#]]
    );
}

#[tokio::test]
async fn a_401_without_a_challenge_shuts_out_who_waits_for_one() {
    let report = played(
        |policy, asked| match asked.authorization {
            None => Reply::status(401, &[]),
            Some(_) => open_minded(policy, asked),
        },
        &Options::default(),
    )
    .await;
    snapbox::assert_data_eq!(
        told(&report),
        str![[r#"
Failed valid-credentials-get-in: 8 passed, 8 failed, 0 inconclusive
Failed a-401-names-what-is-accepted: 34 passed, 36 failed, 0 inconclusive
Failed a-challenge-shuts-nobody-out: 20 passed, 8 failed, 0 inconclusive
valid-credentials-get-in -- one profile, basic client: expected accepted, observed refused (401)
a-401-names-what-is-accepted -- one profile: expected exactly a challenge for basic, observed no challenge
a-challenge-shuts-nobody-out -- one profile, basic client: expected accepted, as with client.persona preemptive (200), observed refused (401)
"#]]
    );
}

#[tokio::test]
async fn a_challenge_that_does_not_parse_is_accused_of_that_alone() {
    let report = played(
        |policy, asked| {
            if asked.is(Valid) {
                return open_minded(policy, asked);
            }
            Reply::status(
                401,
                &[
                    "WWW-Authenticate: basic realm=\"here",
                    "WWW-Authenticate: bearer realm=\"here",
                ],
            )
        },
        &Options::default(),
    )
    .await;
    snapbox::assert_data_eq!(
        told(&report),
        str![[r#"
Inconclusive a-401-names-what-is-accepted: 32 passed, 0 failed, 60 inconclusive
Failed challenges-are-well-formed: 8 passed, 84 failed, 0 inconclusive
challenges-are-well-formed -- wrong secret: expected challenges by the grammar of RFC 9110 §11.3, observed quoted string without its closing quote (line 1, byte 12)
no verdict, 60 times: the challenges do not parse
"#]]
    );
}

#[tokio::test]
async fn bytes_beyond_ascii_in_a_header_are_read() {
    let report = played(
        |policy, asked| {
            let accepted = support::schemes(&policy.policy);
            if asked.is(Valid) || accepted.is_empty() {
                return open_minded(policy, asked);
            }
            let mut bytes = b"HTTP/1.1 401 X\r\nContent-Length: 0\r\nX-Name: caf\xe9\r\n".to_vec();
            for scheme in accepted {
                bytes.extend(format!("WWW-Authenticate: {scheme} realm=\"").bytes());
                bytes.extend(b"caf\xe9\"\r\n");
            }
            bytes.extend(b"\r\n");
            Reply::raw(bytes)
        },
        &Options::default(),
    )
    .await;
    snapbox::assert_data_eq!(told(&report), str![[r#""#]]);
}

#[tokio::test]
async fn policies_that_cannot_be_expressed_are_neither_passed_nor_failed() {
    let mut server = Server::new(open_minded);
    server.refuses = Some(|policy| {
        let bearer = support::schemes(&policy.policy).contains(&"bearer");
        bearer.then(|| "it has no bearer profiles".to_owned())
    });
    let report = quietly(&plain(), &mut server, &Options::default()).await;
    assert_eq!(
        report.unsupported,
        Some((4, "it has no bearer profiles".to_owned()))
    );
    assert_eq!(report.judged, 3 * 16);
    assert_eq!(told(&report), "");

    let mut server = Server::new(open_minded);
    server.refuses = Some(|_| Some("it has no policies".to_owned()));
    let report = quietly(&plain(), &mut server, &Options::default()).await;
    assert_eq!(
        report.unsupported,
        Some((7, "it has no policies".to_owned()))
    );
    assert_eq!((report.judged, report.requests), (0, 0));
    let exercised = rules_that(&report, |state| *state != RuleState::NotExercised);
    assert!(exercised.is_empty(), "{exercised:?}");
}

#[tokio::test]
async fn what_an_implementation_says_it_cannot_do_is_not_tried() {
    let mut server = Server::new(|policy, asked| {
        assert!(
            support::schemes(&policy.policy)
                .iter()
                .all(|scheme| *scheme == "basic")
        );
        open_minded(policy, asked)
    });
    let only = |word: &str| Allowed::Values(vec![Value::symbol(word)]);
    let supports = &mut server.description.supports.by_path;
    supports.insert("policy.profiles.scheme".to_owned(), only("basic"));
    supports.insert("policy.of_another_pack".to_owned(), only("whatever"));
    let report = quietly(&plain(), &mut server, &Options::default()).await;
    assert_eq!(told(&report), "");
    assert_eq!(report.judged, 3 * 16);

    let mut server = Server::new(open_minded);
    let supports = &mut server.description.supports.by_path;
    supports.insert("policy.profiles.scheme".to_owned(), only("digest"));
    let mut events = Vec::new();
    let report = run(&plain(), &mut server, &Options::default(), &mut |event| {
        events.push(match event {
            Event::Planned { coverage, .. } => coverage.to_string(),
            Event::Done(_) => "done".to_owned(),
            _ => "something else".to_owned(),
        });
    })
    .await;
    assert_eq!(events, ["all 0 cases", "done"]);
    assert_eq!((server.installations, report.judged), (0, 0));
    for rule in &report.rules {
        snapbox::assert_data_eq!(
            format!("{:?}", rule.state),
            str![[
                r#"NotApplicable("the implementation supports no case of the domain: `policy.profiles.scheme` has no value among: digest")"#
            ]]
        );
    }
}

#[tokio::test]
async fn the_case_of_a_finding_by_itself_comes_to_the_finding_within_what_is_supported() {
    let beyond = Arc::new(AtomicU64::new(0));
    let asked_of = Arc::clone(&beyond);
    let mut server = Server::new(move |policy, asked| {
        let schemes = support::schemes(&policy.policy);
        let is_beyond = schemes.iter().any(|scheme| *scheme != "basic");
        asked_of.fetch_add(u64::from(is_beyond), Ordering::Relaxed);
        match asked.is(WrongSecret) && !schemes.is_empty() {
            true => Reply::welcome(),
            false => open_minded(policy, asked),
        }
    });
    let only = Allowed::Values(vec![Value::symbol("basic")]);
    let supports = &mut server.description.supports.by_path;
    supports.insert("policy.profiles.scheme".to_owned(), only);
    let spec = plain();
    let options = Options::default();
    let report = quietly(&spec, &mut server, &options).await;
    let all: Vec<String> = report.findings.iter().map(shown).collect();
    assert!(!all.is_empty());
    for finding in &report.findings {
        let case = &finding.case;
        let alone = judge_one(&spec, case, &mut server, &options, &mut |_| {}).await;
        assert_eq!((&alone.stopped, &alone.outside), (&None, &None));
        let again = alone.findings.iter().find(|one| one.rule == finding.rule);
        assert_eq!(again.map(shown), Some(shown(finding)));
    }
    assert_eq!(beyond.load(Ordering::Relaxed), 0);
}

/// A finding, with all that was tried to make it simpler and to explain it.
fn shown(finding: &Finding) -> String {
    let Finding {
        rule,
        sentence,
        brief,
        proof,
        variations,
        ..
    } = finding;
    format!(
        "{rule}: {sentence}, {brief}: {:?} {variations:?}",
        proof.steps
    )
}

#[tokio::test]
async fn without_an_audit_log_nothing_is_said_of_it() {
    let mut server = Server::new(open_minded);
    server.description.events = false;
    let report = quietly(&plain(), &mut server, &Options::default()).await;
    snapbox::assert_data_eq!(
        told(&report),
        str![[
            r#"NotApplicable("the implementation hands over no audit events") a-log-in-is-logged-once: 0 passed, 0 failed, 0 inconclusive"#
        ]]
    );
}

#[tokio::test]
async fn an_answer_that_took_two_attempts_proves_nothing_about_the_log() {
    // It logs, and then the connection breaks: the second attempt is logged as well.
    let tries = AtomicU64::new(0);
    let one = Options {
        connections: 1,
        ..Options::default()
    };
    let report = played(
        move |policy, asked| {
            let reply = open_minded(policy, asked);
            let first = asked.is(Valid)
                && !support::schemes(&policy.policy).is_empty()
                && tries.fetch_add(1, Ordering::Relaxed).is_multiple_of(2);
            if first {
                Reply::raw("HTTP/1.1 2").logging("LOGIN_SUCCESS").closing()
            } else {
                reply
            }
        },
        &one,
    )
    .await;
    assert!(report.findings.is_empty(), "{}", told(&report));
    assert_eq!(
        rule(&report, "a-log-in-is-logged-once").state,
        RuleState::Inconclusive
    );
}

#[tokio::test]
async fn a_server_stops_twice() {
    let mut server = Server::new(open_minded);
    quietly(&plain(), &mut server, &Options::default()).await;
    server.stop().await;
    server.stop().await;
}

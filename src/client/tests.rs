//! Personas against the reference implementation.

use std::sync::Arc;

use super::*;
use crate::auth::{CredentialState, Identity, Scheme};
use crate::domain::Value;
use crate::observation::Outcome;
use crate::reference::Reference;
use crate::wire::{Limits, WireFault};

/// A reference implementation with one policy: Basic, then bearer.
async fn two_profiles(advertise_all: bool) -> Reference {
    let profile = |scheme| Value::record([("scheme", Value::symbol(scheme))]);
    let policy = Value::record([
        (
            "profiles",
            Value::List(vec![profile("basic"), profile("bearer")]),
        ),
        ("advertise_all", Value::Bool(advertise_all)),
    ]);
    let reference = Reference::start(&[]).await.unwrap();
    let policies = [(&policy, &Value::record([]))];
    for placed in reference.install(1, &policies, &[Identity::alice()]) {
        placed.unwrap();
    }
    reference
}

fn case(persona: Persona, scheme: Scheme, credential: CredentialState) -> ClientCase {
    ClientCase {
        persona,
        scheme,
        credential,
    }
}

/// Statuses, and which of the requests carried credentials.
async fn played(reference: &Reference, client: ClientCase) -> (Vec<(u16, bool)>, Outcome) {
    let mut player = Player::new(Limits::default());
    let play = player.play(&reference.endpoint(0), &client).await.unwrap();
    let seen = play.exchanges.iter().map(|exchange| {
        let authorized = exchange.request.field("authorization").is_some();
        (exchange.answer.response.status, authorized)
    });
    (seen.collect(), play.outcome)
}

#[tokio::test]
async fn the_story_one_scheme_advertised_shuts_the_waiting_client_out() {
    use {CredentialState::Valid, Persona::*, Scheme::*};
    let one = two_profiles(false).await;
    let all = two_profiles(true).await;
    for (reference, client, seen, outcome) in [
        (
            &one,
            case(Preemptive, Basic, Valid),
            &[(200, true)][..],
            Outcome::Accepted,
        ),
        (
            &one,
            case(ChallengeDriven, Basic, Valid),
            &[(401, false)],
            Outcome::Refused,
        ),
        (
            &one,
            case(ChallengeDriven, Bearer, Valid),
            &[(401, false), (200, true)],
            Outcome::Accepted,
        ),
        (
            &all,
            case(ChallengeDriven, Basic, Valid),
            &[(401, false), (200, true)],
            Outcome::Accepted,
        ),
    ] {
        assert_eq!(
            played(reference, client).await,
            (seen.to_vec(), outcome),
            "{client:?}"
        );
    }
}

#[tokio::test]
async fn credentials_are_sent_once_and_only_by_who_has_some() {
    use {CredentialState::*, Persona::*};
    let reference = two_profiles(true).await;
    for (client, seen) in [
        (
            case(Preemptive, Scheme::Basic, WrongSecret),
            &[(401, true)][..],
        ),
        (
            case(ChallengeDriven, Scheme::Basic, WrongSecret),
            &[(401, false), (401, true)],
        ),
        (case(Preemptive, Scheme::Basic, None), &[(401, false)]),
        (case(ChallengeDriven, Scheme::Bearer, None), &[(401, false)]),
    ] {
        let expected = (seen.to_vec(), Outcome::Refused);
        assert_eq!(played(&reference, client).await, expected, "{client:?}");
    }
}

#[tokio::test]
async fn credentials_that_cannot_exist_are_never_played() {
    let reference = two_profiles(true).await;
    let client = case(
        Persona::ChallengeDriven,
        Scheme::Basic,
        CredentialState::Expired,
    );
    let mut player = Player::new(Limits::default());
    let fault = player
        .play(&reference.endpoint(0), &client)
        .await
        .unwrap_err();
    assert!(
        matches!(&fault, WireFault::Unsendable { why } if why.contains("expire")),
        "{fault}"
    );
    assert!(client.authorization(&Identity::alice()).is_err());
}

#[tokio::test]
async fn an_answer_seen_before_is_the_same_answer() {
    let reference = two_profiles(true).await;
    let mut player = Player::new(Limits::default());
    let client = case(
        Persona::ChallengeDriven,
        Scheme::Basic,
        CredentialState::Valid,
    );
    let first = player.play(&reference.endpoint(0), &client).await.unwrap();
    let second = player.play(&reference.endpoint(0), &client).await.unwrap();
    for (one, other) in first.exchanges.iter().zip(&second.exchanges) {
        assert!(Arc::ptr_eq(&one.answer, &other.answer));
        assert!(Arc::ptr_eq(&one.request, &other.request));
    }
    assert_eq!(first.sent, Vec::<Vec<u8>>::new());
}

#[tokio::test]
async fn a_recorded_play_carries_what_was_sent() {
    let reference = two_profiles(true).await;
    let mut player = Player::new(Limits::default());
    player.record(true);
    let client = case(
        Persona::ChallengeDriven,
        Scheme::Basic,
        CredentialState::Valid,
    );
    let play = player.play(&reference.endpoint(0), &client).await.unwrap();
    let [bare, authorized] = play.sent.as_slice() else {
        panic!("{:?}", play.sent);
    };
    let start = format!(
        "GET /s0/resource HTTP/1.1\r\nhost: {}\r\naccept: */*\r\nuser-agent: countersign/{}\r\n",
        reference.endpoint(0).authority,
        env!("CARGO_PKG_VERSION"),
    );
    assert_eq!(String::from_utf8_lossy(bare), format!("{start}\r\n"));
    let credentials = "authorization: Basic YWxpY2U6b3BlbjpzZXNhbWU=\r\n";
    assert_eq!(
        String::from_utf8_lossy(authorized),
        format!("{start}{credentials}\r\n")
    );
}

#[tokio::test]
async fn a_player_may_play_in_a_task_of_its_own() {
    let reference = two_profiles(true).await;
    let endpoint = reference.endpoint(0);
    let playing = tokio::spawn(async move {
        let mut player = Player::new(Limits::default());
        player.play(&endpoint, &ClientCase::default()).await
    });
    assert_eq!(playing.await.unwrap().unwrap().outcome, Outcome::Accepted);
}

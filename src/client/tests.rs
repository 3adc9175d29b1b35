//! Personas against the reference implementation.

use std::sync::Arc;

use super::*;
use crate::credentials::{CredentialState, FOR_THE_ORIGIN, Identity, Scheme, TokenKind};
use crate::domain::Value;
use crate::observation::Outcome;
use crate::reference::Reference;
use crate::vocabulary::{ClientCase, Form, Method, Persona};
use crate::wire::{Limits, Way, WireFault};

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
    for placed in reference.install(1, None, &policies, &[Identity::alice()]) {
        placed.unwrap();
    }
    reference
}

fn case(persona: Persona, scheme: Scheme, credential: CredentialState) -> ClientCase {
    ClientCase {
        persona,
        scheme,
        credential,
        ..ClientCase::default()
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
    assert!(client.check(&[Identity::alice()]).is_err());
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
    let credentials = "authorization: Basic YWxpY2U6b3Blbi1zZXNhbWU=\r\n";
    assert_eq!(
        String::from_utf8_lossy(authorized),
        format!("{start}{credentials}\r\n")
    );
}

#[tokio::test]
async fn a_slot_may_say_what_is_asked_for() {
    let reference = two_profiles(true).await;
    let mut player = Player::new(Limits::default());
    player.record(true);
    let client = case(Persona::Preemptive, Scheme::Basic, CredentialState::Valid);
    let in_query = ClientCase {
        scheme: Scheme::Bearer,
        form: Form::Query,
        ..client
    };
    let mut endpoint = reference.endpoint(0);
    for (resource, client, target) in [
        (None, client, "/s0/resource"),
        (Some("/v2/"), client, "/s0/v2/"),
        (
            Some("/v2/"),
            in_query,
            "/s0/v2/?access_token=alice-token-valid",
        ),
        (
            Some("?page=0"),
            in_query,
            "/s0?page=0&access_token=alice-token-valid",
        ),
        (None, client, "/s0/resource"),
    ] {
        endpoint.resource = resource.map(Into::into);
        let play = player.play(&endpoint, &client).await.unwrap();
        let sent = String::from_utf8_lossy(play.sent.first().unwrap()).into_owned();
        assert!(
            sent.starts_with(&format!("GET {target} HTTP/1.1\r\n")),
            "{sent}"
        );
    }
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

#[tokio::test]
async fn an_answer_to_head_is_not_taken_for_one_to_get() {
    // A reply without a body reads the same after either method, save for where it ends.
    let reference = two_profiles(true).await;
    let mut player = Player::new(Limits::default());
    for method in [Method::Get, Method::Head, Method::Get, Method::Post] {
        let client = ClientCase {
            method,
            ..ClientCase::default()
        };
        let play = player.play(&reference.endpoint(0), &client).await.unwrap();
        let [exchange] = play.exchanges.as_slice() else {
            panic!("{play:?}");
        };
        assert_eq!(exchange.request.method, method.name());
        assert_eq!(play.outcome, Outcome::Accepted, "{method}");
        let body = &exchange.answer.response.body;
        assert_eq!(body.is_empty(), method == Method::Head, "{method}");
    }
}

#[tokio::test]
async fn a_preflight_asks_what_a_page_may_do_and_carries_no_credentials() {
    let reference = two_profiles(true).await;
    let mut player = Player::new(Limits::default());
    player.record(true);
    let client = ClientCase {
        method: Method::Preflight,
        credential: CredentialState::None,
        ..ClientCase::default()
    };
    let play = player.play(&reference.endpoint(0), &client).await.unwrap();
    let sent = String::from_utf8_lossy(&play.sent[0]).to_lowercase();
    assert!(
        sent.starts_with("options /s0/resource http/1.1\r\n"),
        "{sent}"
    );
    for line in [
        "\r\norigin: https://client.example\r\n",
        "\r\naccess-control-request-method: get\r\n",
    ] {
        assert!(sent.contains(line), "{sent}");
    }
    assert!(!sent.contains("\r\nauthorization:"), "{sent}");
}

#[tokio::test]
async fn every_form_reaches_the_server_as_it_is() {
    let reference = two_profiles(true).await;
    let mut player = Player::new(Limits::default());
    player.record(true);
    let fitting = Form::ALL
        .iter()
        .filter(|form| form.goes_with(Scheme::Bearer).is_ok());
    for form in fitting.copied() {
        let client = ClientCase {
            scheme: Scheme::Bearer,
            form,
            way: match form {
                Form::ForTheOrigin => Way::ForwardProxy,
                _ => Way::Http1,
            },
            ..ClientCase::default()
        };
        let play = player.play(&reference.endpoint(0), &client).await.unwrap();
        let sent = String::from_utf8_lossy(&play.sent[0]);
        let line = match form {
            Form::Plain => "\r\nauthorization: Bearer alice-token-valid\r\n",
            Form::OddCase => "\r\nauthorization: bEaReR alice-token-valid\r\n",
            Form::SeveralSpaces => "\r\nauthorization: Bearer   alice-token-valid\r\n",
            Form::Tab => "\r\nauthorization: Bearer\talice-token-valid\r\n",
            Form::TrailingBlanks => "\r\nauthorization: Bearer alice-token-valid \t \r\n",
            Form::SchemeOnly => "\r\nauthorization: Bearer\r\n",
            Form::Empty => "\r\nauthorization: \r\n",
            Form::UnknownScheme => "\r\nauthorization: X-Unheard-Of alice-token-valid\r\n",
            Form::TwoLines => {
                "\r\nauthorization: Bearer alice-token-valid\r\nauthorization: Basic bm9"
            }
            Form::Joined => {
                "\r\nauthorization: Bearer alice-token-valid, Basic bm9ib2R5Om5vdGhpbmc=\r\n"
            }
            Form::Folded => "\r\nAuthorization: Bearer\r\n alice-token-valid\r\n",
            Form::BlankBeforeColon => "\r\nAuthorization : Bearer alice-token-valid\r\n",
            Form::Oversized => "\r\nauthorization: Bearer AAAAAAAA",
            Form::Query | Form::FieldAndQuery => {
                "GET /s0/resource?access_token=alice-token-valid HTTP/1.1\r\n"
            }
            Form::ForTheOrigin => {
                "\r\nproxy-authorization: Bearer alice-token-valid\r\nauthorization: x-ORIGIN  user="
            }
            _ => panic!("{form} is not for Bearer"),
        };
        assert!(sent.contains(line), "{form}: {sent}");
    }
}

#[tokio::test]
async fn every_client_gets_as_far_by_every_way() {
    let reference = two_profiles(true).await;
    for way in Way::built_in() {
        for (persona, credential, statuses) in [
            (Persona::Preemptive, CredentialState::Valid, &[200][..]),
            (Persona::ChallengeDriven, CredentialState::Valid, &[0, 200]),
            (
                Persona::ChallengeDriven,
                CredentialState::WrongSecret,
                &[0, 0],
            ),
            (Persona::Preemptive, CredentialState::None, &[0]),
        ] {
            let client = ClientCase {
                way,
                method: match way {
                    Way::Tunnel => Method::Connect,
                    _ => Method::Get,
                },
                ..case(persona, Scheme::Bearer, credential)
            };
            let mut player = Player::new(Limits::default());
            let play = player.play(&reference.endpoint(0), &client).await.unwrap();
            let refused = way.challenge_status();
            let expected: Vec<u16> = statuses
                .iter()
                .map(|status| if *status == 0 { refused } else { *status })
                .collect();
            let seen = play.exchanges.iter().map(|one| one.answer.response.status);
            assert_eq!(seen.collect::<Vec<u16>>(), expected, "{client:?}");
            for exchange in &play.exchanges {
                let asks = exchange.answer.response.status == refused;
                let offers = exchange.answer.challenges.offers("bearer");
                assert_eq!(offers, asks, "{client:?}");
            }
        }
    }
}

#[tokio::test]
async fn what_went_over_http_2_is_kept_as_its_decoded_heads() {
    let reference = two_profiles(false).await;
    let endpoint = reference.endpoint(0);
    let mut player = Player::new(Limits::default());
    player.record(true);
    let client = ClientCase {
        way: Way::H2c,
        ..ClientCase::default()
    };
    let play = player.play(&endpoint, &client).await.unwrap();
    let expected = format!(
        "GET /s0/resource HTTP/2\r\nhost: {}\r\naccept: */*\r\nuser-agent: countersign/{}\r\n\
         authorization: Basic YWxpY2U6b3Blbi1zZXNhbWU=\r\n\r\n",
        endpoint.authority,
        env!("CARGO_PKG_VERSION"),
    );
    assert_eq!(String::from_utf8_lossy(&play.sent[0]), expected);
    let head = &play.exchanges[0].answer.response.head;
    assert!(head.starts_with(b"HTTP/2 200\r\ncontent-type: "));
}

#[tokio::test]
async fn an_extended_connect_is_answered_as_a_get_is() {
    let reference = two_profiles(true).await;
    let endpoint = reference.endpoint(0);
    for way in [Way::H2c, Way::H2] {
        let mut player = Player::new(Limits::default());
        player.record(true);
        for (credential, status) in [
            (CredentialState::None, 401),
            (CredentialState::WrongSecret, 401),
            (CredentialState::Valid, 200),
            // What opens takes its connection with it.
            (CredentialState::Valid, 200),
        ] {
            let client = ClientCase {
                way,
                method: Method::ExtendedConnect,
                credential,
                ..ClientCase::default()
            };
            let play = player.play(&endpoint, &client).await.unwrap();
            let answer = &play.exchanges[0].answer;
            assert_eq!(answer.response.status, status, "{way} {credential}");
            assert_eq!(answer.challenges.offers("bearer"), status == 401, "{way}");
            let sent = String::from_utf8_lossy(&play.sent[0]);
            let begins = format!(
                "CONNECT /s0/resource HTTP/2\r\nhost: {}\r\n:protocol: websocket\r\n",
                endpoint.named(way).unwrap()
            );
            assert!(sent.starts_with(&begins), "{sent}");
            let get = ClientCase {
                method: Method::Get,
                ..client
            };
            let play = player.play(&endpoint, &get).await.unwrap();
            assert_eq!(play.exchanges[0].answer.response.status, status, "{way}");
        }
    }
}

/// A reference implementation with one policy by the RFCs: profiles of these schemes, and one more field.
async fn origin(schemes: &[&str], field: (&'static str, &str), cast: &[Identity]) -> Reference {
    let profile = |scheme: &&str| Value::record([("scheme", Value::symbol(scheme))]);
    let profiles = Value::List(schemes.iter().map(profile).collect());
    let policy = Value::record([("profiles", profiles), (field.0, Value::symbol(field.1))]);
    let reference = Reference::start(&[]).await.unwrap();
    let placed = reference.install(1, None, &[(&policy, &Value::record([]))], cast);
    assert!(placed.iter().all(Result::is_ok), "{placed:?}");
    reference
}

#[tokio::test]
async fn whatever_digest_offers_is_answered_and_judged() {
    use CredentialState as State;
    let cast = Identity::needed_for(&[Scheme::Digest], State::ALL, TokenKind::Opaque);
    for (offer, state, statuses) in [
        ("plain", State::Valid, &[401, 200][..]),
        // No nonce is named, so there is nothing to go on with.
        ("plain", State::NextNonce, &[401, 200]),
        ("next-nonce", State::NextNonce, &[401, 200, 200]),
        ("plain", State::Replayed, &[401, 200, 200]),
        ("userhash", State::Valid, &[401, 200]),
        ("userhash", State::Utf8, &[401, 200]),
        ("userhash", State::UnknownUser, &[401, 401]),
        ("domain", State::Valid, &[401, 200]),
        ("auth-int", State::Valid, &[401, 200]),
        ("auth-int", State::OtherBody, &[401, 401]),
        ("session", State::Valid, &[401, 200]),
        ("session", State::WrongSecret, &[401, 401]),
        ("sha-512-256", State::Valid, &[401, 200]),
        ("plain", State::ColonInPassword, &[401, 200]),
    ] {
        let reference = origin(&["digest"], ("digest", offer), &cast).await;
        let mut player = Player::of(cast.clone(), Limits::default());
        let client = case(Persona::ChallengeDriven, Scheme::Digest, state);
        let play = player.play(&reference.endpoint(0), &client).await.unwrap();
        let seen = play.exchanges.iter().map(|one| one.answer.response.status);
        assert_eq!(seen.collect::<Vec<u16>>(), statuses, "{offer} {state}");
    }
}

#[tokio::test]
async fn a_key_counts_where_the_policy_takes_it() {
    use CredentialState as State;
    let schemes = [Scheme::ApiKey, Scheme::Hmac];
    let cast = Identity::needed_for(&schemes, State::ALL, TokenKind::Opaque);
    let (key, signed) = (Scheme::ApiKey, Scheme::Hmac);
    for (taken, scheme, state, form, status) in [
        ("field", key, State::Valid, Form::Plain, 200),
        ("field", key, State::Valid, Form::Query, 401),
        ("field", key, State::Expired, Form::Plain, 401),
        ("field", key, State::DisabledUser, Form::Plain, 401),
        ("query", key, State::Valid, Form::Query, 200),
        ("query", key, State::Valid, Form::Plain, 401),
        ("query", key, State::WrongSecret, Form::Query, 401),
        ("signature", signed, State::Valid, Form::Plain, 200),
        ("signature", signed, State::WrongUri, Form::Plain, 401),
        ("signature", key, State::Valid, Form::Plain, 401),
        ("none", key, State::Valid, Form::Plain, 403),
    ] {
        let reference = origin(&[], ("key", taken), &cast).await;
        let mut player = Player::of(cast.clone(), Limits::default());
        let client = ClientCase {
            form,
            ..case(Persona::Preemptive, scheme, state)
        };
        let play = player.play(&reference.endpoint(0), &client).await.unwrap();
        let answer = &play.exchanges[0].answer;
        let told = (answer.response.status, answer.challenges.list.len());
        // A 401 needs a challenge, whether or not one is registered.
        let expected = (status, usize::from(status == 401));
        assert_eq!(told, expected, "{taken} {scheme} {state} {form}");
    }
}

#[tokio::test]
async fn a_proxy_hands_on_what_is_not_its_own() {
    let cast = [Identity::alice()];
    let reference = origin(&["basic"], ("key", "none"), &cast).await;
    let mut player = Player::new(Limits::default());
    let client = |credential| ClientCase {
        form: Form::ForTheOrigin,
        way: Way::ForwardProxy,
        ..case(Persona::Preemptive, Scheme::Basic, credential)
    };
    let endpoint = reference.endpoint(0);
    let good = client(CredentialState::Valid);
    let play = player.play(&endpoint, &good).await.unwrap();
    let response = &play.exchanges[0].answer.response;
    assert_eq!(response.status, 401);
    let body = String::from_utf8_lossy(&response.body);
    let sent = FOR_THE_ORIGIN;
    assert_eq!(body, format!("authorization: {sent}\n"));
    // Who is no business of the proxy's does not get past it.
    let bad = client(CredentialState::WrongSecret);
    let play = player.play(&endpoint, &bad).await.unwrap();
    assert_eq!(play.exchanges[0].answer.response.status, 407);
}

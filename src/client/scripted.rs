//! Clients against servers that give certain answers, one after the other.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::*;
use crate::credentials::{CredentialState, Identity, Scheme, TokenKind};
use crate::domain::Value;
use crate::observation::Asked;
use crate::vocabulary::{Baggage, ClientCase, Form, Persona};
use crate::wire::{Endpoint, Limits};

fn case(persona: Persona, scheme: Scheme, credential: CredentialState) -> ClientCase {
    ClientCase {
        persona,
        scheme,
        credential,
        ..ClientCase::default()
    }
}

/// A server that gives these answers, one after the other and the last one for ever.
async fn scripted(answers: &[&str]) -> Endpoint {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = Endpoint::new(listener.local_addr().unwrap().to_string(), "");
    let answers: Vec<String> = answers
        .iter()
        .map(|answer| format!("HTTP/1.1 {answer}\r\nContent-Length: 0\r\n\r\n"))
        .collect();
    tokio::spawn(async move {
        let mut turn = 0;
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut read = Vec::new();
            while stream.read_buf(&mut read).await.is_ok_and(|got| got > 0) {
                if !read.ends_with(b"\r\n\r\n") {
                    continue;
                }
                read.clear();
                let answer = answers.get(turn).or(answers.last()).unwrap();
                stream.write_all(answer.as_bytes()).await.unwrap();
                turn += 1;
            }
        }
    });
    endpoint
}

/// What comes of a client: the statuses, whether it is not applicable, and its last request's credentials.
async fn against(answers: &[&str], client: ClientCase) -> (Vec<u16>, bool, String) {
    let cast = Identity::needed_for(Scheme::ALL, CredentialState::ALL, TokenKind::Jwt);
    let mut player = Player::of(cast, Limits::default());
    let play = player
        .play(&scripted(answers).await, &client)
        .await
        .unwrap();
    let statuses = play.exchanges.iter().map(|one| one.answer.response.status);
    let last = &play.exchanges.last().unwrap().request;
    let sent = last.field("authorization").unwrap_or_default();
    let sent = String::from_utf8_lossy(sent).into_owned();
    (statuses.collect(), play.not_applicable, sent)
}

const OFFER: &str =
    "401 X\r\nWWW-Authenticate: Digest realm=\"r\", qop=\"auth\", nonce=\"first-nonce\"";
const OFFER_OF_BOTH: &str =
    "401 X\r\nWWW-Authenticate: Digest realm=\"r\", qop=\"auth,auth-int\", nonce=\"a-nonce\"";
const STALE: &str = "401 X\r\nWWW-Authenticate: Digest realm=\"r\", qop=\"auth\", nonce=\"second-nonce\", stale=TRUE";

#[tokio::test]
async fn nobody_is_judged_for_a_request_that_was_not_sent() {
    use {CredentialState::*, Persona::*, Scheme::*};
    let oversized = ClientCase {
        form: Form::Oversized,
        ..case(Preemptive, Digest, Valid)
    };
    for bare in [
        "200 X",
        "301 X\r\nLocation: /resource/",
        "404 X",
        "405 X",
        "500 X",
        "401 X\r\nWWW-Authenticate: Basic realm=\"r\"",
    ] {
        for client in [
            case(Preemptive, Digest, Valid),
            case(Preemptive, Digest, WrongUri),
            case(ChallengeDriven, Bearer, WrongSecret),
            case(ChallengeDriven, Digest, ForeignNonce),
            oversized,
        ] {
            let (statuses, not_applicable, sent) = against(&[bare], client).await;
            assert_eq!(
                (statuses.len(), not_applicable, &*sent),
                (1, true, ""),
                "{client:?}"
            );
        }
        // Who waits with good credentials is seen to wait in vain; who has none sent all that it has.
        for client in [
            case(ChallengeDriven, Bearer, Valid),
            case(ChallengeDriven, Digest, Valid),
            case(Preemptive, Digest, None),
        ] {
            let (_, not_applicable, _) = against(&[bare], client).await;
            assert!(!not_applicable, "{bare}: {client:?}");
        }
    }
    for (answers, client, not_applicable) in [
        (
            &[OFFER, "404 X"][..],
            case(Preemptive, Digest, WrongUri),
            false,
        ),
        (&[OFFER, "404 X"], oversized, false),
        (&["404 X"], case(Preemptive, Bearer, Garbage), false),
        (&[OFFER, "200 X"], case(Preemptive, Digest, Replayed), false),
        // Where no body counts, there is nothing to be seen of another.
        (&[OFFER, "200 X"], case(Preemptive, Digest, OtherBody), true),
        (
            &[OFFER_OF_BOTH, "200 X"],
            case(Preemptive, Digest, OtherBody),
            false,
        ),
        // Where no next nonce is named, there is nothing to be seen of one.
        (&[OFFER, "200 X"], case(Preemptive, Digest, NextNonce), true),
        (
            &[
                OFFER,
                "200 X\r\nAuthentication-Info: nextnonce=\"n\"",
                "200 X",
            ],
            case(Preemptive, Digest, NextNonce),
            false,
        ),
    ] {
        let (_, was, _) = against(answers, client).await;
        assert_eq!(was, not_applicable, "{client:?}");
    }
}

#[tokio::test]
async fn a_nonce_past_its_time_is_taken_for_a_new_one_once() {
    use {CredentialState::*, Persona::*, Scheme::Digest};
    for (answers, state, statuses, nonce) in [
        (
            &[OFFER, STALE, "200 X"][..],
            Valid,
            &[401, 401, 200][..],
            "second",
        ),
        (&[OFFER, STALE], Valid, &[401, 401, 401], "second"),
        (
            &[OFFER, STALE, OFFER],
            WrongSecret,
            &[401, 401, 401],
            "second",
        ),
        (
            &[OFFER, STALE, "400 X"],
            WrongUri,
            &[401, 401, 400],
            "second",
        ),
        // What is shown twice is what was good.
        (
            &[OFFER, STALE, "200 X", STALE],
            Replayed,
            &[401, 401, 200, 401],
            "second",
        ),
        (
            &[
                OFFER,
                STALE,
                "200 X\r\nAuthentication-Info: nextnonce=\"third-nonce\"",
                "200 X",
            ],
            NextNonce,
            &[401, 401, 200, 200],
            "third",
        ),
        // That the next nonce is refused is what is to be seen.
        (
            &[
                OFFER,
                "200 X\r\nAuthentication-Info: nextnonce=\"third-nonce\"",
                STALE,
            ],
            NextNonce,
            &[401, 200, 401],
            "third",
        ),
        // So it is where the nonce is to be a wrong one.
        (&[OFFER, STALE, "200 X"], StaleNonce, &[401, 401], "gjstu"),
        (&[OFFER, STALE, "200 X"], ForeignNonce, &[401, 401], "gjstu"),
        (&[OFFER, OFFER, "200 X"], Valid, &[401, 401], "first"),
    ] {
        for persona in [Preemptive, ChallengeDriven] {
            let client = case(persona, Digest, state);
            let (seen, not_applicable, sent) = against(answers, client).await;
            assert_eq!(
                (seen.as_slice(), not_applicable),
                (statuses, false),
                "{client:?}"
            );
            assert!(sent.contains(&format!("nonce=\"{nonce}-")), "{sent}");
            assert!(sent.contains("nc=00000001"), "{sent}");
        }
    }
}

#[tokio::test]
async fn a_nonce_that_was_named_with_an_answer_is_used_for_the_next_request() {
    let cast = Identity::needed_for(Scheme::ALL, CredentialState::ALL, TokenKind::Jwt);
    let mut player = Player::of(cast, Limits::default());
    let answers = [
        "200 X\r\nDPoP-Nonce: one",
        "200 X",
        "200 X\r\nDPoP-Nonce: two",
        "200 X",
    ];
    let endpoint = scripted(&answers).await;
    let client = case(Persona::Preemptive, Scheme::Dpop, CredentialState::Valid);
    let mut before = Vec::new();
    let mut used = Vec::new();
    for _ in answers {
        player.tell_nonce(nonce_for_proofs(&before));
        let play = player.play(&endpoint, &client).await.unwrap();
        let request = &play.exchanges.last().unwrap().request;
        let proof = std::str::from_utf8(request.field("dpop").unwrap()).unwrap();
        let claims = proof.split('.').nth(1).unwrap();
        let claims = URL_SAFE_NO_PAD.decode(claims).unwrap();
        let claims: serde_json::Value = serde_json::from_slice(&claims).unwrap();
        used.push(claims["nonce"].as_str().map(str::to_owned));
        before.push(Asked {
            client: Arc::new(Value::Record(Vec::new())),
            exchanges: play.exchanges,
            outcome: play.outcome,
            events: None,
        });
    }
    let used: Vec<Option<&str>> = used.iter().map(Option::as_deref).collect();
    // One stands until another is named (RFC 9449 §8.2).
    assert_eq!(used, [None, Some("one"), Some("one"), Some("two")]);
}

#[tokio::test]
async fn the_last_nonce_for_proofs_stands_whatever_answer_it_came_with() {
    use {CredentialState::*, Persona::*, Scheme::Dpop};
    let asks = "401 X\r\nWWW-Authenticate: DPoP error=\"use_dpop_nonce\"";
    let told = "401 X\r\nWWW-Authenticate: DPoP algs=\"ES256\"\r\nDPoP-Nonce: one";
    let (seen, _, _) = against(&[told, asks, "200 X"], case(ChallengeDriven, Dpop, Valid)).await;
    assert_eq!(seen, [401, 401, 200]);
    // Nobody goes on for ever, nor where no nonce was told.
    let (seen, _, _) = against(&[told, asks], case(ChallengeDriven, Dpop, Valid)).await;
    assert_eq!(seen, [401, 401, 401]);
    let (seen, _, _) = against(&[asks], case(Preemptive, Dpop, Valid)).await;
    assert_eq!(seen, [401]);
}

#[tokio::test]
async fn cookies_go_with_the_requests_of_who_carries_what_he_was_told() {
    let endpoint = scripted(&[
        "200 X\r\nSet-Cookie: a=1; Path=/\r\nSet-Cookie: b=2",
        "200 X",
    ])
    .await;
    let mut player = Player::of(vec![Identity::alice()], Limits::default());
    let mut client = case(Persona::Preemptive, Scheme::Basic, CredentialState::Valid);
    let play = player.play(&endpoint, &client).await.unwrap();
    let asked = Asked {
        client: Arc::new(Value::Record(Vec::new())),
        outcome: play.outcome,
        exchanges: play.exchanges,
        events: None,
    };
    let mut sent = Vec::new();
    for (carries, told) in [
        (Baggage::ToldCookies, ToldBefore::by(&[asked])),
        (Baggage::ToldCookies, ToldBefore::default()),
        (Baggage::Nothing, ToldBefore::default()),
    ] {
        client.carries = carries;
        assert_eq!(ToldBefore::is_for(&client), carries == Baggage::ToldCookies);
        player.tell_of(told);
        let play = player.play(&endpoint, &client).await.unwrap();
        let fields = &play.exchanges.first().unwrap().request.fields;
        let cookie = fields.iter().find(|line| line.name == "Cookie");
        sent.push(cookie.map(|line| String::from_utf8_lossy(&line.value).into_owned()));
    }
    assert_eq!(sent, [Some("a=1; b=2".to_owned()), None, None]);
}

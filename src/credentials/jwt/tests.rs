//! Tokens, made and judged.

use quickcheck::quickcheck;

use super::*;
use crate::credentials::CredentialState as State;

/// 2026-11-25.
const NOW: u64 = 1_795_564_800;

fn made(state: State) -> String {
    token(
        state,
        "alice",
        &["read".to_owned(), "write".to_owned()],
        None,
    )
    .unwrap()
}

#[test]
fn a_good_token_says_whose_it_is_and_what_it_allows() {
    let claims = read_jwt(&made(State::Valid), NOW).unwrap();
    assert_eq!(claims.user, "alice");
    assert_eq!(claims.scopes, ["read", "write"]);
    // Only the issuer knows of a token that was withdrawn.
    assert!(read_jwt(&made(State::Revoked), NOW).is_ok());
    assert_ne!(made(State::Revoked), made(State::Valid));
}

#[test]
fn each_state_is_wrong_in_the_way_it_says() {
    for (state, fault) in [
        (State::Expired, TokenFault::Expired),
        (State::NotYetValid, TokenFault::NotYetValid),
        (State::WrongAudience, TokenFault::Audience),
        (State::WrongIssuer, TokenFault::Issuer),
        (State::WrongKey, TokenFault::Signature),
        (State::WrongSecret, TokenFault::Signature),
        (State::AlgNone, TokenFault::Algorithm),
    ] {
        let token = made(state);
        assert!(is_jwt(&token), "{state}");
        assert_eq!(read_jwt(&token, NOW), Err(fault), "{state}");
    }
    assert!(token(State::NoColon, "alice", &[], None).is_err());
}

#[test]
fn a_token_is_the_same_in_every_run() {
    assert_eq!(made(State::Valid), made(State::Valid));
    // The beginning of the signature: RS256 has no random part, and the key is in this folder.
    let token = made(State::Valid);
    let (_, signature) = token.rsplit_once('.').unwrap();
    assert!(
        signature.starts_with("o5V0BnewmYLtYl_P02EA3Mvt"),
        "{signature}"
    );
}

#[test]
fn the_key_set_has_the_public_key_and_nothing_else() {
    let keys = jwks();
    let key = &keys["keys"][0];
    assert_eq!(keys["keys"].as_array().unwrap().len(), 1);
    let names: Vec<&String> = key.as_object().unwrap().keys().collect();
    assert_eq!(names, ["alg", "e", "kid", "kty", "n", "use"]);
    assert_eq!((&key["kid"], &key["e"]), (&KEY_ID.into(), &"AQAB".into()));
}

quickcheck! {
    fn any_text_is_read_without_a_panic_and_is_no_token(text: String) -> bool {
        read_jwt(&text, NOW).is_err() && read_jwt(&format!("eyJ{text}.e30.{text}"), NOW).is_err()
    }

    fn a_token_with_one_character_changed_is_not_good(at: usize) -> bool {
        let good = made(State::Valid);
        let mut bytes = good.clone().into_bytes();
        let place = at % bytes.len();
        bytes[place] = if bytes[place] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(bytes).unwrap();
        // The last character of a part holds bits that no byte needs.
        changed == good || read_jwt(&changed, NOW).is_err()
    }
}

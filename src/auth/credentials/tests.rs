//! Credentials: made, then read.

use super::*;
use crate::auth::{Identity, Scheme, TokenState};

fn sent(scheme: Scheme, state: CredentialState) -> Option<String> {
    authorization(scheme, state, &Identity::alice()).unwrap()
}

#[test]
fn words_name_their_states() {
    for state in CredentialState::ALL.iter().copied() {
        assert_eq!(CredentialState::from_word(state.word()), Some(state));
    }
    assert_eq!(CredentialState::from_word("Valid"), None);
}

#[test]
fn basic_is_base64_of_user_and_password() {
    let value = sent(Scheme::Basic, CredentialState::Valid).unwrap();
    assert_eq!(value, "Basic YWxpY2U6b3BlbjpzZXNhbWU=");
    let (scheme, rest) = split_authorization(value.as_bytes()).unwrap();
    assert_eq!(scheme, "Basic");
    let alice = Identity::alice();
    assert_eq!(read_basic(rest), Some((alice.user, alice.password)));
}

#[test]
fn states_differ_in_what_is_wrong_with_them() {
    let alice = Identity::alice();
    let read = |state| {
        let value = sent(Scheme::Basic, state).unwrap();
        read_basic(split_authorization(value.as_bytes()).unwrap().1)
    };
    let (user, password) = read(CredentialState::WrongSecret).unwrap();
    assert!(user == alice.user && password != alice.password);
    let (user, password) = read(CredentialState::UnknownUser).unwrap();
    assert!(user != alice.user && password == alice.password);
    assert_eq!(read(CredentialState::Malformed), None);

    let token = |state| {
        let value = sent(Scheme::Bearer, state).unwrap();
        read_bearer(split_authorization(value.as_bytes()).unwrap().1)
    };
    assert_eq!(token(CredentialState::Malformed), None);
    let unknown = token(CredentialState::WrongSecret).unwrap();
    assert!(alice.tokens.iter().all(|token| token.value != unknown));
    let state = |value: &str| {
        alice
            .tokens
            .iter()
            .find(|t| t.value == value)
            .unwrap()
            .state
    };
    let (valid, expired) = (CredentialState::Valid, CredentialState::Expired);
    assert_eq!(state(&token(valid).unwrap()), TokenState::Valid);
    assert_eq!(state(&token(expired).unwrap()), TokenState::Expired);
}

#[test]
fn combinations_that_cannot_be_are_told_apart_from_having_none() {
    assert_eq!(sent(Scheme::Basic, CredentialState::None), None);
    for (scheme, state) in [
        (Scheme::Basic, CredentialState::Expired),
        (Scheme::Bearer, CredentialState::UnknownUser),
    ] {
        let fault = authorization(scheme, state, &Identity::alice()).unwrap_err();
        assert!(fault.to_string().contains(state.word()), "{fault}");
    }
}

#[test]
fn an_authorization_without_a_scheme_is_nothing() {
    for value in ["", " Basic eA==", "Basic:x", "\"Basic\" x"] {
        assert_eq!(split_authorization(value.as_bytes()), None, "{value}");
    }
    assert_eq!(
        split_authorization(b"Basic"),
        Some(("Basic".to_owned(), &b""[..]))
    );
}

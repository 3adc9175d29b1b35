//! Credentials: made, then read.

use quickcheck::{TestResult, quickcheck};

use super::*;
use crate::auth::{Challenges, split_authorization};
use crate::credentials::{Identity, Scheme, Token, TokenState};

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
fn what_is_made_in_a_state_is_not_what_is_made_of_good_ones() {
    let cast = Identity::needed_for(Scheme::ALL, CredentialState::ALL, TokenKind::Jwt);
    let digest =
        Challenges::parse([&br#"Digest realm="r", qop="auth-int", nonce="n""#[..]].into_iter())
            .list;
    let context = Context {
        method: "GET",
        target: "/resource",
        challenge: digest.first(),
        nonce: Some("n"),
        now: 1_800_000_000,
        ..Context::default()
    };
    // Proofs are signed anew each time; what is signed is not.
    let told = |credentials: Credentials| {
        let mut lines = Vec::new();
        for (name, value) in credentials.fields {
            lines.push(match name {
                "DPoP" => value.rsplit_once('.').unwrap().0.to_owned(),
                _ => value,
            });
        }
        lines.extend(credentials.certificate.map(|made| made.certificate_pem()));
        lines
    };
    for scheme in Scheme::ALL.iter().copied() {
        let good = mint(scheme, CredentialState::Valid, &cast, &context);
        let good = told(good.unwrap().unwrap());
        for state in CredentialState::ALL.iter().copied().skip(1) {
            let (Ok(()), Ok(Some(made))) = (
                state.goes_with(scheme),
                mint(scheme, state, &cast, &context),
            ) else {
                continue;
            };
            // A player sends these twice, and one proof may be good at the wrong signature alone.
            let is_sent_twice = matches!(
                state,
                CredentialState::Replayed | CredentialState::NextNonce
            );
            let by_signature = state == CredentialState::ForgedProof;
            assert_eq!(
                told(made) == good,
                is_sent_twice || by_signature,
                "{scheme} {state}"
            );
        }
    }
}

#[test]
fn basic_is_base64_of_user_and_password() {
    let value = sent(Scheme::Basic, CredentialState::Valid).unwrap();
    assert_eq!(value, "Basic YWxpY2U6b3Blbi1zZXNhbWU=");
    let (scheme, rest) = split_authorization(value.as_bytes()).unwrap();
    assert_eq!(scheme, "Basic");
    let alice = Identity::alice();
    assert_eq!(
        read_basic(rest),
        Some((alice.user, "open-sesame".to_owned()))
    );
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

fn named(user: String, password: String) -> Identity {
    Identity {
        user,
        password: Secret::new(password),
        ..Identity::alice()
    }
}

quickcheck! {
    fn whoever_logs_in_by_basic_is_who_is_read(user: String, password: String) -> TestResult {
        if user.contains(':') {
            return TestResult::discard();
        }
        let identity = named(user, password);
        let sent = authorization(Scheme::Basic, CredentialState::Valid, &identity);
        let sent = sent.unwrap().unwrap();
        let (scheme, rest) = split_authorization(sent.as_bytes()).unwrap();
        let read = read_basic(rest);
        TestResult::from_bool(
            scheme == "Basic" && read == Some((identity.user, identity.password.expose().to_owned()))
        )
    }

    fn no_state_but_the_good_ones_reads_as_the_user(user: String, password: String) -> TestResult {
        if user.contains(':') {
            return TestResult::discard();
        }
        let identity = named(user, password);
        let own = Some((identity.user.clone(), identity.password.expose().to_owned()));
        let good = CredentialState::ALL.iter().copied().filter(|state| {
            let sent = authorization(Scheme::Basic, *state, &identity).ok().flatten();
            sent.is_some_and(|sent| {
                let (_, rest) = split_authorization(sent.as_bytes()).unwrap();
                read_basic(rest) == own
            })
        });
        let good: Vec<CredentialState> = good.collect();
        // Who is given no other identity has no other to be either.
        let same = |state: &CredentialState| match state {
            CredentialState::Valid | CredentialState::Utf8 => true,
            CredentialState::ColonInPassword => identity.password.expose().contains(':'),
            _ => false,
        };
        TestResult::from_bool(good.contains(&CredentialState::Valid) && good.iter().all(same))
    }

    fn what_is_to_be_unknown_is_listed_nowhere(cast: Vec<Identity>, at: usize) -> TestResult {
        if cast.is_empty() {
            return TestResult::discard();
        }
        // Some have what is made for others to fail with.
        let mut cast = cast;
        let name = cast[0].user.clone();
        let token = TokenState::Valid;
        let last = at % cast.len();
        cast[last].user = format!("nobody-{name}");
        let name = cast[0].user.clone();
        let token = Token { value: Secret::new(format!("listed-nowhere-{name}")), state: token, scopes: Vec::new() };
        cast[0].tokens.push(token.clone());
        cast[0].api_keys.push(token);
        let sent = |scheme, state| {
            let minted = mint(scheme, state, &cast, &Context::default()).unwrap();
            minted.unwrap().fields[0].1.clone()
        };
        let stranger = sent(Scheme::Basic, CredentialState::UnknownUser);
        let stranger = read_basic(split_authorization(stranger.as_bytes()).unwrap().1).unwrap().0;
        let signer = sent(Scheme::Hmac, CredentialState::UnknownUser);
        let bearer = sent(Scheme::Bearer, CredentialState::WrongSecret);
        let bearer = read_bearer(split_authorization(bearer.as_bytes()).unwrap().1);
        let key = sent(Scheme::ApiKey, CredentialState::WrongSecret);
        let knows = |user: &str| cast.iter().any(|one| one.user == user);
        let good = !knows(&stranger)
            && !cast.iter().any(|one| signer.starts_with(&format!("{}:", one.user)))
            && bearer.is_some_and(|bearer| cast[0].tokens.iter().all(|one| one.value != bearer))
            && cast[0].api_keys.iter().all(|one| one.value != key);
        TestResult::from_bool(good)
    }
}

#[test]
fn a_token_of_another_issuer_is_altered_as_anybody_can() {
    use base64::Engine as _;
    let part = |text: &str| base64::prelude::BASE64_URL_SAFE_NO_PAD.encode(text);
    let own = format!(
        "{}.{}.c2lnbmF0dXJl",
        part(r#"{"alg":"RS256"}"#),
        part(r#"{"iss":"https://as.example","sub":"alice"}"#)
    );
    let mut alice = Identity::alice();
    alice.tokens[0].value = Secret::new(own.as_str());
    let made = |state| authorization(Scheme::Bearer, state, &alice);
    let value = |state| made(state).unwrap().unwrap();
    assert_eq!(value(CredentialState::Valid), format!("Bearer {own}"));
    for state in [
        CredentialState::WrongSecret,
        CredentialState::WrongKey,
        CredentialState::AlgNone,
    ] {
        let value = value(state);
        assert!(!value.contains("c2lnbmF0dXJl"), "{state}: {value}");
        assert_eq!(value.matches('.').count(), 2, "{state}: {value}");
    }
    assert!(value(CredentialState::AlgNone).ends_with('.'));
    // What only its issuer could say would be refused for its signature, and show nothing.
    for state in [CredentialState::WrongAudience, CredentialState::WrongIssuer] {
        assert!(made(state).is_err(), "{state}");
    }
}

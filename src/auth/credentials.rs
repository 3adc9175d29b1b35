//! Credentials: the `Authorization` value of a client in some state (RFC 9110 §11.4), and its
//! reading by an origin server.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::grammar::{is_space, is_tchar, is_token68, latin1};
use super::identity::{Identity, TokenState};
use super::scheme::Scheme;

/// In which state the credentials are that a client has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum CredentialState {
    /// They are good.
    Valid,
    /// A known user with a wrong password, or a well-formed token that is listed nowhere.
    WrongSecret,
    /// A user whom nobody knows, with a password that would be right for another.
    UnknownUser,
    /// Not what the scheme's grammar asks for.
    Malformed,
    /// Good once, and past their time.
    Expired,
    /// The client has none.
    None,
}

impl CredentialState {
    /// Every state.
    pub const ALL: [Self; 6] = [
        Self::Valid,
        Self::WrongSecret,
        Self::UnknownUser,
        Self::Malformed,
        Self::Expired,
        Self::None,
    ];

    /// The word for it in specs.
    pub fn word(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::WrongSecret => "wrong-secret",
            Self::UnknownUser => "unknown-user",
            Self::Malformed => "malformed",
            Self::Expired => "expired",
            Self::None => "none",
        }
    }

    /// The state that a word names.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.word() == word)
    }
}

impl fmt::Display for CredentialState {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.word())
    }
}

/// A combination of scheme, state and identity for which no credentials exist. Never a finding: the
/// case is not applicable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoSuchCredentials {
    /// The scheme.
    pub scheme: Scheme,
    /// The state.
    pub state: CredentialState,
    /// What it lacks.
    pub why: &'static str,
}

impl fmt::Display for NoSuchCredentials {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { scheme, state, why } = self;
        write!(
            out,
            "there are no `{state}` credentials for {scheme}: {why}"
        )
    }
}

impl std::error::Error for NoSuchCredentials {}

/// The value of `Authorization` for `identity`; nothing for [`CredentialState::None`].
///
/// Basic is base64 of user-id, colon, password in UTF-8 (RFC 7617 §2); bearer is the token as it is
/// (RFC 6750 §2.1).
///
/// # Errors
///
/// When scheme and state do not go together (a password does not expire, a token names no user), and
/// when the identity has no token of that state.
pub fn authorization(
    scheme: Scheme,
    state: CredentialState,
    identity: &Identity,
) -> Result<Option<String>, NoSuchCredentials> {
    let none = |why| Err(NoSuchCredentials { scheme, state, why });
    let token = |wanted| identity.tokens.iter().find(|token| token.state == wanted);
    let secret = match (scheme, state) {
        (_, CredentialState::None) => return Ok(None),
        // `!` is in neither alphabet, yet may stand in a field value.
        (Scheme::Basic, CredentialState::Malformed) => "!not-base64!".to_owned(),
        (Scheme::Bearer, CredentialState::Malformed) => "!not-a-token!".to_owned(),
        (Scheme::Basic, CredentialState::Valid) => basic(&identity.user, &identity.password),
        (Scheme::Basic, CredentialState::WrongSecret) => {
            basic(&identity.user, &format!("{}-wrong", identity.password))
        }
        (Scheme::Basic, CredentialState::UnknownUser) => {
            basic(&format!("nobody-{}", identity.user), &identity.password)
        }
        (Scheme::Basic, CredentialState::Expired) => return none("a password does not expire"),
        (Scheme::Bearer, CredentialState::Valid) => match token(TokenState::Valid) {
            Some(token) => token.value.clone(),
            None => return none("the identity has no valid token"),
        },
        (Scheme::Bearer, CredentialState::Expired) => match token(TokenState::Expired) {
            Some(token) => token.value.clone(),
            None => return none("the identity has no expired token"),
        },
        (Scheme::Bearer, CredentialState::WrongSecret) => {
            format!("listed-nowhere-{}", identity.user)
        }
        (Scheme::Bearer, CredentialState::UnknownUser) => {
            return none("a token names no user of its own");
        }
    };
    Ok(Some(format!("{} {secret}", scheme.name())))
}

fn basic(user: &str, password: &str) -> String {
    STANDARD.encode(format!("{user}:{password}"))
}

/// An `Authorization` value taken apart (RFC 9110 §11.4): the auth-scheme as sent, and whatever
/// follows its spaces. Nothing when it begins with no auth-scheme.
pub fn split_authorization(value: &[u8]) -> Option<(String, &[u8])> {
    let end = value.iter().take_while(|byte| is_tchar(**byte)).count();
    let (scheme, rest) = value.split_at_checked(end)?;
    let spaces = rest.iter().take_while(|byte| is_space(**byte)).count();
    if scheme.is_empty() || (spaces == 0 && !rest.is_empty()) {
        return None;
    }
    Some((latin1(scheme), rest.get(spaces..)?))
}

/// User-id and password of Basic credentials (RFC 7617 §2). The user-id ends at the first colon; a
/// password may contain more of them. Nothing when they are not base64 of UTF-8 with a colon.
pub fn read_basic(credentials: &[u8]) -> Option<(String, String)> {
    let text = String::from_utf8(STANDARD.decode(credentials).ok()?).ok()?;
    let (user, password) = text.split_once(':')?;
    Some((user.to_owned(), password.to_owned()))
}

/// The token of bearer credentials. Nothing when it is not a b64token, which is the same as a
/// token68 (RFC 6750 §2.1).
pub fn read_bearer(credentials: &[u8]) -> Option<String> {
    is_token68(credentials).then(|| latin1(credentials))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(scheme: Scheme, state: CredentialState) -> Option<String> {
        authorization(scheme, state, &Identity::alice()).unwrap()
    }

    #[test]
    fn words_name_their_states() {
        for state in CredentialState::ALL {
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
}

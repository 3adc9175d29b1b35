//! The client half of a case.

use std::fmt;

use super::together::impossible;
use super::words::Word;
use super::{Baggage, Form, Method, Persona, RequestTarget, SourceAddress};
use crate::credentials::{CredentialState, Identity, Scheme, check};
use crate::domain::Value;
use crate::wire::Way;

/// Who asks, with what, and how: a persona that speaks one scheme, with credentials in some state, put
/// into a request in some form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ClientCase {
    /// How it reacts to challenges.
    pub persona: Persona,
    /// The one scheme that it speaks.
    pub scheme: Scheme,
    /// The state of its credentials.
    pub credential: CredentialState,
    /// What it asks to be done.
    pub method: Method,
    /// The shape in which its credentials stand in the request.
    pub form: Form,
    /// How its requests are carried.
    pub way: Way,
    /// What it asks for.
    pub target: RequestTarget,
    /// What its requests carry beside.
    pub carries: Baggage,
    /// From which address it connects.
    pub from: SourceAddress,
}

impl Default for ClientCase {
    /// A preemptive Basic client with valid credentials, which gets the resource over HTTP/1.1.
    fn default() -> Self {
        Self {
            persona: Persona::Preemptive,
            scheme: Scheme::Basic,
            credential: CredentialState::Valid,
            method: Method::Get,
            form: Form::Plain,
            way: Way::Http1,
            target: RequestTarget::Resource,
            carries: Baggage::Nothing,
            from: SourceAddress::Usual,
        }
    }
}

/// Why a value is no client that can be played. It prints as a sentence without a full stop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownClient {
    /// The field whose value is unknown; none where the whole is no record.
    pub field: Option<&'static str>,
    why: String,
}

impl fmt::Display for UnknownClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.why)
    }
}

impl std::error::Error for UnknownClient {}

impl ClientCase {
    /// Reads a client record: `persona`, `scheme`, `credential`, `method`, `form`, `way`,
    /// `target`, `carries` and `from`. A field
    /// that is not there has its default, and other fields are passed over.
    ///
    /// # Errors
    ///
    /// When this is no record or a field's value is unknown.
    pub fn from_value(value: &Value) -> Result<Self, UnknownClient> {
        if !matches!(value, Value::Record(_)) {
            return Err(UnknownClient {
                field: None,
                why: format!("a client is a record, not `{value}`"),
            });
        }
        let default = Self::default();
        Ok(Self {
            persona: field(value)?.unwrap_or(default.persona),
            scheme: field(value)?.unwrap_or(default.scheme),
            credential: field(value)?.unwrap_or(default.credential),
            method: field(value)?.unwrap_or(default.method),
            form: field(value)?.unwrap_or(default.form),
            way: field(value)?.unwrap_or(default.way),
            target: field(value)?.unwrap_or(default.target),
            carries: field(value)?.unwrap_or(default.carries),
            from: field(value)?.unwrap_or(default.from),
        })
    }

    /// Whether there can be such a client, for these identities: a password does not expire, a
    /// browser's preflight carries no credentials, and so on.
    ///
    /// # Errors
    ///
    /// In words, why not: the case is not applicable.
    pub fn check(&self, identities: &[Identity]) -> Result<(), String> {
        self.check_words()?;
        check(self.scheme, self.credential, identities).map_err(|none| none.to_string())
    }

    /// Whether it sends its credentials unasked, and can make them only of a challenge that it got
    /// before.
    pub fn presumes_a_challenge(&self) -> bool {
        self.persona == Persona::Preemptive
            && self.scheme.needs_challenge()
            && self.credential != CredentialState::None
    }

    /// Whether what it does differs from what any client with good credentials does: in the state of its
    /// credentials, or in their form.
    pub fn is_odd(&self) -> bool {
        !matches!(
            self.credential,
            CredentialState::None | CredentialState::Valid
        ) || self.form != Form::Plain
    }

    /// Whether the words go together.
    ///
    /// # Errors
    ///
    /// In words, why they do not.
    pub fn check_words(&self) -> Result<(), String> {
        let why = impossible(|field| match field {
            Persona::FIELD => self.persona.word(),
            Scheme::FIELD => self.scheme.word(),
            CredentialState::FIELD => self.credential.word(),
            Method::FIELD => self.method.word(),
            Form::FIELD => self.form.word(),
            Way::FIELD => self.way.word(),
            Baggage::FIELD => self.carries.word(),
            SourceAddress::FIELD => self.from.word(),
            _ => self.target.word(),
        });
        why.map_or(Ok(()), |why| Err(why.to_owned()))
    }
}

/// The most known words that a message has.
const MOST_NAMED: usize = 12;

/// What a field says, or nothing when it is not there.
fn field<W: Word>(record: &Value) -> Result<Option<W>, UnknownClient> {
    let name = W::FIELD;
    let value = match record.field(name) {
        None | Some(Value::Absent) => return Ok(None),
        Some(value) => value,
    };
    let meant = value.as_symbol().and_then(|text| {
        let mut known = W::all().iter().copied();
        known.find(|candidate| candidate.word() == text)
    });
    if meant.is_some() {
        return Ok(meant);
    }
    let known: Vec<&str> = W::all().iter().map(|candidate| candidate.word()).collect();
    let named: Vec<&str> = known.iter().take(MOST_NAMED).copied().collect();
    let more = match known.len().saturating_sub(MOST_NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    Err(UnknownClient {
        field: Some(name),
        why: format!(
            "client.{name} is `{value}`, which is none of: {}{more}",
            named.join(", ")
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::credentials::TokenKind;
    use crate::vocabulary::client_fields;

    #[test]
    fn fields_that_are_missing_have_their_defaults() {
        let empty = ClientCase::from_value(&Value::record([])).unwrap();
        assert_eq!(empty, ClientCase::default());
        let value = Value::record([
            ("persona", Value::symbol("challenge-driven")),
            ("scheme", Value::symbol("bearer")),
            ("credential", Value::symbol("expired")),
            ("method", Value::symbol("head")),
            ("form", Value::symbol("odd-case")),
            ("accept", Value::symbol("json")),
        ]);
        let case = ClientCase::from_value(&value).unwrap();
        assert_eq!(case.persona, Persona::ChallengeDriven);
        assert_eq!(case.scheme, Scheme::Bearer);
        assert_eq!(case.credential, CredentialState::Expired);
        assert_eq!((case.method, case.form), (Method::Head, Form::OddCase));
    }

    #[test]
    fn unknown_values_are_errors_that_name_the_known_ones() {
        let value = Value::record([("scheme", Value::symbol("carrier-pigeon"))]);
        let error = ClientCase::from_value(&value).unwrap_err();
        assert!(
            error
                .to_string()
                .starts_with("client.scheme is `carrier-pigeon`, which is none of: basic, bearer"),
            "{error}"
        );
        let value = Value::record([("persona", Value::Bool(true))]);
        let error = ClientCase::from_value(&value).unwrap_err();
        assert_eq!(error.field, Some("persona"));
        assert!(ClientCase::from_value(&Value::Int(1)).is_err());
    }

    #[test]
    fn the_first_words_are_the_defaults() {
        let first = client_fields()
            .iter()
            .map(|field| (field.name, Value::symbol(field.words[0])));
        let simplest = ClientCase::from_value(&Value::record(first)).unwrap();
        assert_eq!(simplest, ClientCase::default());
    }

    #[test]
    fn every_word_is_read_back() {
        for field in client_fields() {
            for word in &field.words {
                let record = Value::record([(field.name, Value::symbol(word))]);
                let client = ClientCase::from_value(&record).unwrap();
                assert!(*word == field.words[0] || client != ClientCase::default());
            }
        }
    }

    #[test]
    fn clients_that_cannot_be_say_why() {
        let alice = [Identity::alice()];
        let valid = ClientCase::default();
        assert_eq!(valid.check(&alice), Ok(()));
        let none = ClientCase {
            credential: CredentialState::None,
            ..valid
        };
        assert_eq!(none.check(&[]), Ok(()));
        let preflight = ClientCase {
            method: Method::Preflight,
            ..valid
        };
        let query = ClientCase {
            form: Form::Query,
            ..valid
        };
        let shaped = ClientCase {
            form: Form::Tab,
            ..none
        };
        let proxied = ClientCase {
            scheme: Scheme::Bearer,
            way: Way::ForwardProxy,
            ..query
        };
        for (client, word) in [
            (shaped, "form"),
            (query, "query"),
            (preflight, "preflight"),
            (proxied, "proxy"),
        ] {
            let why = client.check(&alice).unwrap_err();
            assert!(why.contains(word), "{why}");
        }
    }

    /// The simplest way that credentials of a scheme go.
    fn way_of(scheme: Scheme) -> Way {
        match scheme.is_of_connection() {
            true => Way::Https,
            false => Way::Http1,
        }
    }

    #[test]
    fn the_words_go_together_exactly_where_credentials_can_be_made() {
        let cast = Identity::needed_for(Scheme::ALL, CredentialState::ALL, TokenKind::Jwt);
        let opaque = Identity::needed_for(Scheme::ALL, CredentialState::ALL, TokenKind::Opaque);
        for scheme in Scheme::ALL.iter().copied() {
            for credential in CredentialState::ALL.iter().copied() {
                let client = ClientCase {
                    scheme,
                    credential,
                    way: way_of(scheme),
                    ..ClientCase::default()
                };
                let words = client.check_words();
                let made = check(scheme, credential, &cast);
                let bound = scheme == Scheme::Dpop && credential != CredentialState::None;
                let in_jwt = credential.needs_jwt() && scheme != Scheme::Certificate;
                let can = made.is_ok() && !in_jwt && !bound;
                assert_eq!(
                    check(scheme, credential, &opaque).is_ok(),
                    can,
                    "{credential}"
                );
                assert_eq!(
                    words.is_ok(),
                    made.is_ok(),
                    "{scheme} {credential}: {words:?}, {made:?}"
                );
            }
            for form in Form::ALL.iter().copied() {
                let client = ClientCase {
                    scheme,
                    form,
                    way: match form {
                        Form::ForTheOrigin => Way::ForwardProxy,
                        _ => way_of(scheme),
                    },
                    ..ClientCase::default()
                };
                assert_eq!(
                    client.check(&cast).is_ok(),
                    form.goes_with(scheme).is_ok(),
                    "{scheme} {form}"
                );
            }
        }
    }
}

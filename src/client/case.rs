//! The client half of a case.

use crate::auth::{CredentialState, Identity, NoSuchCredentials, Scheme, authorization};
use crate::client::Persona;
use crate::domain::Value;

/// Who asks: a persona that speaks one scheme, with credentials in some state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ClientCase {
    /// How it reacts to challenges.
    pub persona: Persona,
    /// The one scheme that it speaks.
    pub scheme: Scheme,
    /// The state of its credentials.
    pub credential: CredentialState,
}

impl Default for ClientCase {
    /// A preemptive Basic client with valid credentials.
    fn default() -> Self {
        Self {
            persona: Persona::Preemptive,
            scheme: Scheme::Basic,
            credential: CredentialState::Valid,
        }
    }
}

impl ClientCase {
    /// Reads a client record: `persona`, `scheme` and `credential`. A field that is not there has
    /// its default, and other fields are passed over.
    ///
    /// # Errors
    ///
    /// In words, when this is no record or a field's value is unknown.
    pub fn from_value(value: &Value) -> Result<Self, String> {
        if !matches!(value, Value::Record(_)) {
            return Err(format!("a client is a record, not `{value}`"));
        }
        let default = Self::default();
        let personas = Persona::ALL.map(Persona::word);
        let schemes = Scheme::ALL.map(Scheme::word);
        let states = CredentialState::ALL.map(CredentialState::word);
        Ok(Self {
            persona: field(value, "persona", Persona::from_word, &personas)?
                .unwrap_or(default.persona),
            scheme: field(value, "scheme", Scheme::from_word, &schemes)?.unwrap_or(default.scheme),
            credential: field(value, "credential", CredentialState::from_word, &states)?
                .unwrap_or(default.credential),
        })
    }

    /// The value of `Authorization` that it sends for `identity`; nothing when it has none to send.
    ///
    /// # Errors
    ///
    /// When its scheme cannot have credentials in that state: the case is not applicable.
    pub fn authorization(&self, identity: &Identity) -> Result<Option<String>, NoSuchCredentials> {
        authorization(self.scheme, self.credential, identity)
    }
}

/// The meaning of a one-of field, or nothing when it is not there.
fn field<T>(
    record: &Value,
    name: &str,
    meaning: impl Fn(&str) -> Option<T>,
    known: &[&str],
) -> Result<Option<T>, String> {
    match record.field(name) {
        None | Some(Value::Absent) => Ok(None),
        Some(value) => match value.as_symbol().and_then(meaning) {
            Some(meant) => Ok(Some(meant)),
            None => {
                let known = known.join(", ");
                Err(format!(
                    "client.{name} is `{value}`, which is none of: {known}"
                ))
            }
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_that_are_missing_have_their_defaults() {
        let empty = ClientCase::from_value(&Value::record([])).unwrap();
        assert_eq!(empty, ClientCase::default());
        let value = Value::record([
            ("persona", Value::symbol("challenge-driven")),
            ("scheme", Value::symbol("bearer")),
            ("credential", Value::symbol("expired")),
            ("accept", Value::symbol("json")),
        ]);
        let case = ClientCase::from_value(&value).unwrap();
        assert_eq!(case.persona, Persona::ChallengeDriven);
        assert_eq!(case.scheme, Scheme::Bearer);
        assert_eq!(case.credential, CredentialState::Expired);
    }

    #[test]
    fn unknown_values_are_errors_that_name_the_known_ones() {
        let value = Value::record([("scheme", Value::symbol("digest"))]);
        let error = ClientCase::from_value(&value).unwrap_err();
        assert_eq!(
            error,
            "client.scheme is `digest`, which is none of: basic, bearer"
        );
        let value = Value::record([("persona", Value::Bool(true))]);
        assert!(
            ClientCase::from_value(&value)
                .unwrap_err()
                .contains("client.persona")
        );
        assert!(ClientCase::from_value(&Value::Int(1)).is_err());
    }
}

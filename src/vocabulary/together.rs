//! Which words of clients go together. Each word says with what it goes where it is declared; here that is
//! laid out as a table that can be held against a record.

use std::sync::LazyLock;

use super::words::{Word, client_field};
use super::{Baggage, Form, Method, Persona, RequestTarget};
use crate::credentials::{CredentialState, Scheme};
use crate::domain::{Type, Value};
use crate::wire::Way;

/// Words of one field of a client that go with some words of another field only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Needs {
    /// The field.
    pub field: &'static str,
    /// Its words.
    pub words: Vec<&'static str>,
    /// The other field.
    pub other: &'static str,
    /// What its word must be among.
    pub among: Vec<&'static str>,
    /// What would be wrong.
    pub why: &'static str,
}

/// Everything that must go together. A case without it is in no domain, whether or not a spec
/// excludes it.
pub fn client_needs() -> &'static [Needs] {
    static NEEDS: LazyLock<Vec<Needs>> = LazyLock::new(|| {
        [
            needs(Persona::goes_with),
            needs(|credential: CredentialState, form: Form| {
                let none = credential == CredentialState::None && form != Form::Plain;
                unless(none, "no credentials have no form")
            }),
            needs(|method: Method, credential: CredentialState| {
                let carries = method == Method::Preflight && credential != CredentialState::None;
                unless(carries, "a preflight carries no credentials")
            }),
            needs(|target: RequestTarget, credential: CredentialState| {
                let shown = target.is_metadata() && credential != CredentialState::None;
                unless(
                    shown,
                    "everybody may read the metadata, so no credentials are shown for it",
                )
            }),
            needs(|scheme: Scheme, way: Way| match scheme.not_for_proxies() {
                Some(why) => unless(way.is_proxy(), why),
                None => Ok(()),
            }),
            needs(|scheme: Scheme, way: Way| {
                let unshown = scheme.is_of_connection() && way != Way::Https;
                unless(
                    unshown,
                    "a certificate is shown when TLS begins, here by HTTP/1.1 alone",
                )
            }),
            needs(|way: Way, method: Method| {
                let other = way == Way::Tunnel && method != Method::Connect;
                unless(other, "a tunnel is asked for by CONNECT")
            }),
            needs(|method: Method, way: Way| {
                let framed = method == Method::Connect && way.is_framed();
                unless(framed, "no tunnel is asked for over HTTP/2")
            }),
            needs(|method: Method, way: Way| {
                let unframed = method == Method::ExtendedConnect && !way.is_http2();
                unless(unframed, "an extended CONNECT goes by HTTP/2")
            }),
            needs(|target: RequestTarget, method: Method| {
                let none = target != RequestTarget::Resource && method == Method::Connect;
                unless(none, "CONNECT names an authority, and no path")
            }),
            needs(|form: Form, method: Method| {
                let none =
                    matches!(form, Form::Query | Form::FieldAndQuery) && method == Method::Connect;
                unless(none, "CONNECT names an authority, and no query")
            }),
            needs(CredentialState::goes_with),
            needs(Form::goes_with),
            needs(Form::goes_by),
            needs(RequestTarget::goes_by),
            needs(Baggage::goes_by),
            needs(Baggage::goes_with),
            needs(|scheme: Scheme, persona: Persona| {
                let waits = !scheme.is_registered() && persona != Persona::Preemptive;
                unless(waits, "no challenge asks for them")
            }),
        ]
        .concat()
    });
    &NEEDS
}

fn unless(wrong: bool, why: &'static str) -> Result<(), &'static str> {
    if wrong { Err(why) } else { Ok(()) }
}

/// What the words of a field need of another one, together where they need the same for the same reason.
fn needs<A: Word, B: Word>(goes: impl Fn(A, B) -> Result<(), &'static str>) -> Vec<Needs> {
    let mut all: Vec<Needs> = Vec::new();
    for one in A::all().iter().copied() {
        let others = || B::all().iter().copied();
        let Some(why) = others().find_map(|other| goes(one, other).err()) else {
            continue;
        };
        let among = others().filter(|other| goes(one, *other).is_ok());
        let among: Vec<&str> = among.map(B::word).collect();
        let same = |needs: &&mut Needs| needs.why == why && needs.among == among;
        match all.iter_mut().find(same) {
            Some(needs) => needs.words.push(one.word()),
            None => all.push(Needs {
                field: A::FIELD,
                words: vec![one.word()],
                other: B::FIELD,
                among,
                why,
            }),
        }
    }
    all
}

impl Needs {
    /// Whether a client lacks it. A field that the client does not have has its default.
    pub fn is_missing(&self, client: &Value) -> bool {
        let word = |field: &str| client.field(field).and_then(Value::as_symbol);
        self.lacks(|field| word(field).unwrap_or_else(|| default(field)))
    }

    fn lacks<'a>(&self, word: impl Fn(&'static str) -> &'a str) -> bool {
        self.words.contains(&word(self.field)) && !self.among.contains(&word(self.other))
    }

    /// Whether some client of this type may lack it.
    fn concerns(&self, client: &Type) -> bool {
        client
            .fields()
            .iter()
            .filter(|field| &*field.name == self.field)
            .flat_map(|field| field.ty.values())
            .any(|value| {
                value
                    .as_symbol()
                    .is_some_and(|word| self.words.contains(&word))
            })
    }
}

/// What clients of this type must not lack.
pub fn needs_of(client: &Type) -> Vec<&'static Needs> {
    client_needs()
        .iter()
        .filter(|needs| needs.concerns(client))
        .collect()
}

/// What every client of this type lacks once it has these fields instead of its own, if there is such.
pub fn unmet(client: &Type, with: &Value) -> Option<&'static Needs> {
    let words = |field: &'static str| -> Vec<Value> {
        if let Some(word) = with.field(field) {
            return vec![word.clone()];
        }
        let declared = client.fields().iter().find(|one| &*one.name == field);
        match declared {
            Some(declared) => declared.ty.values().collect(),
            None => vec![Value::symbol(default(field))],
        }
    };
    let among =
        |value: &Value, known: &[&str]| value.as_symbol().is_some_and(|word| known.contains(&word));
    let mut all = client_needs().iter();
    all.find(|needs| {
        words(needs.field)
            .iter()
            .all(|word| among(word, &needs.words))
            && !words(needs.other)
                .iter()
                .any(|word| among(word, &needs.among))
    })
}

/// Why there can be no client with these words, by field; nothing where there can.
pub(super) fn impossible<'a>(word: impl Fn(&'static str) -> &'a str) -> Option<&'static str> {
    let missing = client_needs().iter().find(|needs| needs.lacks(&word))?;
    Some(missing.why)
}

fn default(field: &str) -> &'static str {
    let field = client_field(field);
    let first = field.and_then(|field| field.words.first());
    first.copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(fields: &[(&str, &str)]) -> Value {
        Value::record(
            fields
                .iter()
                .map(|(name, word)| (*name, Value::symbol(word))),
        )
    }

    #[test]
    fn a_field_that_is_not_there_has_its_default() {
        let missing = |fields: &[(&str, &str)]| {
            let client = client(fields);
            let missing = client_needs()
                .iter()
                .filter(|needs| needs.is_missing(&client));
            missing.map(|needs| needs.why).collect::<Vec<_>>()
        };
        assert_eq!(missing(&[]), [""; 0]);
        assert_eq!(missing(&[("scheme", "bearer"), ("form", "query")]), [""; 0]);
        let basic = missing(&[("form", "query")]);
        assert_eq!(basic, ["the scheme's credentials do not go into a query"]);
    }
}

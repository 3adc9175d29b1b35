//! The fields of a client and the words that each may take: what a spec picks from, and what a client
//! case is read from and checked against. The words themselves stand where their meanings are declared.

use std::sync::LazyLock;

use super::{Baggage, Form, Method, Persona, RequestTarget, SourceAddress};
use crate::credentials::{CredentialState, Scheme};
use crate::wire::Way;

/// The fields of policy and instance that every domain may presume: the profiles, in each of which a scheme is
/// configured. Whatever else there is has to be claimed.
pub const PRESUMED: &[&str] = &["policy.profiles"];

/// What a field of a client record may say.
pub trait Word: Copy + Eq + 'static {
    /// The field.
    const FIELD: &'static str;

    /// All that it may say, simplest first. The first is what a client has that says nothing.
    fn all() -> &'static [Self];

    /// The word for it.
    fn word(self) -> &'static str;

    /// What it means, in a sentence.
    fn meaning(self) -> &'static str;
}

/// A field of a client record.
#[derive(Debug, PartialEq, Eq)]
pub struct ClientField {
    /// Its name.
    pub name: &'static str,
    /// Its words, simplest first. A field that a spec does not declare has the first of them.
    pub words: Vec<&'static str>,
}

/// Declares the fields of a client: each with what it says.
macro_rules! fields {
    ($($name:literal: $type:ident, $all:expr;)*) => {
        $(impl Word for $type {
            const FIELD: &'static str = $name;

            fn all() -> &'static [Self] {
                $all
            }

            fn word(self) -> &'static str {
                $type::word(self)
            }

            fn meaning(self) -> &'static str {
                $type::meaning(self)
            }
        })*

        /// Every field of a client record, in the order in which they are written.
        pub fn client_fields() -> &'static [ClientField] {
            static FIELDS: LazyLock<Vec<ClientField>> =
                LazyLock::new(|| vec![$(field::<$type>(),)*]);
            &FIELDS
        }
    };
}

fields! {
    "persona": Persona, Persona::all();
    "scheme": Scheme, Scheme::ALL;
    "credential": CredentialState, CredentialState::ALL;
    "method": Method, &Method::ALL;
    "form": Form, Form::ALL;
    "way": Way, &Way::ALL;
    "target": RequestTarget, &RequestTarget::ALL;
    "carries": Baggage, &Baggage::ALL;
    "from": SourceAddress, &SourceAddress::ALL;
}

fn field<W: Word>() -> ClientField {
    ClientField {
        name: W::FIELD,
        words: W::all().iter().map(|one| one.word()).collect(),
    }
}

/// The field of this name.
pub fn client_field(name: &str) -> Option<&'static ClientField> {
    client_fields().iter().find(|field| field.name == name)
}

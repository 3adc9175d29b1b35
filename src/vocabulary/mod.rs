//! The words of clients: who asks, with what, and how, as a spec says it; and which of them go together.

mod baggage;
mod case;
mod form;
mod identities;
mod method;
mod persona;
mod source_address;
mod target;
mod together;
mod words;

pub use baggage::Baggage;
pub use case::{ClientCase, UnknownClient};
pub use form::Form;
pub use identities::identities_for;
pub use method::Method;
pub use persona::{Catalogued, Persona};
pub use source_address::{ADDRESS_RANGE, SourceAddress};
pub use target::RequestTarget;
pub use together::{Needs, client_needs, needs_of, unmet};
pub use words::{ClientField, PRESUMED, Word, client_field, client_fields};

//! Policies and clients as data: types, values, and what makes one value simpler than another.

mod brief;
mod case;
mod change;
mod count;
mod covering;
mod enumerate;
mod extension;
mod narrow;
mod personas;
mod possible;
#[cfg(test)]
mod samples;
mod sentence;
mod simplicity;
mod strategy;
mod trade;
mod tree;
mod types;
mod value;
mod vocabulary;

pub use case::{Case, CaseRef, Domain, Part};
pub use change::{Action, Change};
pub use count::{counted, grouped};
pub use covering::{Cover, covering};
pub use extension::{Extension, at_simplest, outermost};
pub use narrow::{Allowed, NarrowError, Narrowing};
pub use possible::{CLIENT_NEEDS, Needs, impossible, needs_of};
pub use sentence::{Fact, sentence};
pub use simplicity::Simplicity;
pub use strategy::Sampler;
pub use tree::{CaseTree, Cases};
pub use types::{Field, ListType, Say, Type};
pub use value::{Symbol, Value};
pub use vocabulary::CLIENT_VOCABULARY;

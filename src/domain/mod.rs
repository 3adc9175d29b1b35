//! Policies and clients as data: types, values, and what makes one value simpler than another.

mod enumerate;
mod narrow;
mod types;
mod value;

pub use narrow::{Allowed, NarrowError, Narrowing};
pub use types::{Field, ListType, Say, Type};
pub use value::{Symbol, Value};

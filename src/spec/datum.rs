//! What a definition comes to in a case.

use crate::domain::{Symbol, Value};

/// The value of a definition.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Datum {
    /// Items of a list.
    Items(Vec<Value>),
    /// One item, or none.
    Item(Option<Value>),
    /// Distinct symbols in order.
    Set(Vec<Symbol>),
    /// A number.
    Count(i64),
    /// Whether a test holds.
    Test(bool),
}

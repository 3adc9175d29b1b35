//! What a definition comes to in a case.

use std::sync::Arc;

use crate::domain::{Symbol, Value};

/// The value of a definition.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Datum {
    /// Items of a list.
    Items(Arc<[Value]>),
    /// One item, or none.
    Item(Option<Arc<Value>>),
    /// Distinct symbols in order.
    Set(Arc<[Symbol]>),
    /// A number.
    Count(i64),
    /// Whether a test holds.
    Test(bool),
}

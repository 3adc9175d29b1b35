//! YAML as Countersign reads it: nodes that know where they stand, and diagnostics that show it.
//!
//! Specs, adapters and reproductions are edited by people, so a mistake is shown as a compiler
//! would: file, line, column, the source line, a caret and what to write instead. This is the one
//! module that knows the YAML parser.

mod diagnostic;
mod fields;
mod kind;
mod node;
mod write;

pub use diagnostic::{Diagnostic, Diagnostics, Severity, Source, nearest};
pub use fields::Fields;
pub(crate) use fields::one_of;
pub(crate) use kind::{kind_of, of_another_kind};
pub use node::{MapEntry, Node, NodeKind, Span, read};
pub use write::{flow, quoted_if_needed};

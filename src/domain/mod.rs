//! Policies and clients as data: types, values, and what makes one value simpler than another.

mod brief;
mod case;
mod chain;
mod change;
mod count;
mod covering;
mod enumerate;
mod extension;
mod feature;
mod narrow;
mod operation;
mod pass;
#[cfg(test)]
mod samples;
mod sentence;
mod simplest_first;
mod simplicity;
mod space;
mod step;
mod strategy;
mod substitution;
mod tree;
mod types;
mod value;

pub use case::{Case, CaseRef, Conversation, Part, Setting, no_steps};
pub use chain::{Chains, MOST_OPERATIONS};
pub use change::{Action, Change};
pub use count::{counted, grouped};
pub use covering::{Cover, covering};
pub use enumerate::Enumeration;
pub use extension::{Extension, at_simplest, outermost};
pub use feature::{Feature, Features};
pub use narrow::{Allowed, NarrowError, Narrowing};
pub use operation::{CameBy, ListOperation, origins};
pub use pass::{PASSES, Pass};
pub use sentence::{Fact, number_word, sentence};
pub use simplicity::Simplicity;
pub use space::Domain;
pub use step::{
    MOST_BESIDE, MOST_DIFFERENT_STEPS, MOST_SECONDS, MOST_STEPS, MOST_TIMES, Step, StepWord,
    differing, fields_in_words, steps_in_words, steps_of, with_fields,
};
pub use strategy::{Sampler, seeded};
pub use tree::{CaseTree, Cases};
pub use types::{Field, ListType, Say, Type};
pub use value::{Symbol, Value};

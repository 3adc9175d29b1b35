//! What a finding accuses, in values that other findings can be held against.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::domain::{Case, Part, Value};
use crate::observation::Answer;
use crate::spec::{About, Certainty};

/// One answer that a finding may accuse: that of its case, or of the sibling.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Accused {
    /// What is wrong with it.
    pub about: About,
    /// The case that it was given to.
    pub case: Case,
    /// Whether it is sure to be at fault.
    pub certainty: Certainty,
    /// What is odd about that case.
    pub odd: Vec<Odd>,
    /// Whether its client sends no credentials.
    pub silent: bool,
    /// The answers that it got, the last one too.
    #[serde(with = "super::serial::answers")]
    pub answers: Vec<Arc<Answer>>,
    /// Single fields, each with another value with which an answer shows the same thing.
    pub kin: Vec<(String, Value)>,
}

/// Something odd about a case: a field that has not its simplest value. Which scheme is spoken of is not
/// odd, nor that a client waits for a challenge.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Odd {
    /// A field with its value.
    Field(String, String),
    /// A list with so many items.
    Items(String, usize),
    /// The client is of a scheme that its policy does not speak of.
    Stranger,
}

impl Odd {
    /// Whether a case that is odd in this has something to do with one that is odd in the other: the same
    /// field has the same value, or the list as many items at least.
    fn is_in(&self, others: &[Self]) -> bool {
        others.iter().any(|other| match (self, other) {
            (Self::Items(list, few), Self::Items(of, many)) => list == of && few <= many,
            (this, that) => this == that,
        })
    }

    /// Whether it is of this field.
    pub(crate) fn is_of(&self, field: &str) -> bool {
        match self {
            Self::Field(path, _) | Self::Items(path, _) => {
                let rest = path.strip_prefix(field);
                rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('['))
            }
            Self::Stranger => false,
        }
    }

    /// Whether it is about the client and what it sends.
    pub(crate) fn is_of_client(&self) -> bool {
        match self {
            Self::Field(path, _) | Self::Items(path, _) => path.starts_with("client."),
            Self::Stranger => true,
        }
    }

    /// Whether credentials cannot be read in this form.
    pub(crate) fn is_unreadable(&self) -> bool {
        matches!(self, Self::Field(path, form)
            if path == "client.form" && ["scheme-only", "empty"].contains(&form.as_str()))
    }

    /// Whether two cases are odd in the same items of the same lists.
    pub(crate) fn same_items(these: &[Self], those: &[Self]) -> bool {
        let of_items = |odd: &&Self| matches!(odd, Self::Field(path, _) if path.contains("[]"));
        let mut here = these.iter().filter(of_items);
        let mut there = those.iter().filter(of_items);
        here.all(|odd| those.contains(odd)) && there.all(|odd| these.contains(odd))
    }

    /// Whether all of these are in the others, whatever scheme the clients speak.
    pub(crate) fn all_but_stranger_in(these: &[Self], others: &[Self]) -> bool {
        let mut these = these.iter().filter(|odd| **odd != Self::Stranger);
        these.all(|odd| odd.is_in(others))
    }

    /// Whether all of these are in the others.
    pub(crate) fn all_in(these: &[Self], others: &[Self]) -> bool {
        these.iter().all(|odd| odd.is_in(others))
    }
}

/// The path of the field of a client that says what its credentials are like.
pub(crate) const CREDENTIAL_PATH: &str = "client.credential";

/// The fields of a case by path: those of its records, each with its value, and lists whole.
pub(crate) fn fields(case: &Case) -> BTreeMap<String, &Value> {
    let mut fields = BTreeMap::new();
    for part in Part::ALL {
        if let Value::Record(values) = case.part(part) {
            for (name, value) in values {
                fields.insert(format!("{}.{name}", part.word()), value);
            }
        }
    }
    fields
}

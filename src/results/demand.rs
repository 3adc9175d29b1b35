//! What a rule demands of one case, with nothing left to look up in the spec; how it is written and read.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::spec::{
    Clause, Comparison, Predicate, read_clause, read_comparisons, read_predicate, read_repetition,
};
use crate::yaml::{Diagnostic, Diagnostics, Fields, Node, Source, read};

/// What a rule demands of one case, with nothing left to look up in the spec.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResolvedDemand {
    /// Conditions on what is seen of the case.
    pub when: Predicate,
    /// What is expected of the case itself.
    pub expect: Option<Clause>,
    /// What holds between the case and its sibling.
    pub relate: Option<ResolvedRelation>,
}

/// What holds between a case and its sibling.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResolvedRelation {
    /// Conditions on what is seen of the sibling.
    pub when: Predicate,
    /// What is compared.
    pub comparisons: Vec<Comparison>,
    /// What is expected of the sibling.
    pub expect: Option<Clause>,
    /// What either side is to be like: who is not is accused.
    pub sound: Option<Clause>,
}

/// One line of flow style YAML, in the words of the spec language, which reads back as the same.
impl fmt::Display for ResolvedDemand {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = vec![format!("when: {}", self.when)];
        let expect = self.expect.as_ref();
        parts.extend(expect.map(|clause| format!("expect: {clause}")));
        if let Some(relation) = &self.relate {
            let mut inner = Vec::new();
            inner.push(format!("when: {}", relation.when));
            inner.extend(relation.comparisons.iter().map(ToString::to_string));
            let expect = relation.expect.as_ref();
            inner.extend(expect.map(|clause| format!("expect: {clause}")));
            let sound = relation.sound.as_ref();
            inner.extend(sound.map(|clause| format!("sound: {clause}")));
            parts.push(format!("relate: {{{}}}", inner.join(", ")));
        }
        write!(out, "{{{}}}", parts.join(", "))
    }
}

impl ResolvedDemand {
    /// What it looks at that no client gets to see, where it does: then no request shows whether it holds.
    pub fn beyond_clients(&self) -> Option<&'static str> {
        let related = self.relate.as_ref().and_then(|one| one.expect.as_ref());
        let mut clauses = self.expect.iter().chain(related);
        let unseen = |clause: &Clause| {
            if clause.exchange.uses_backend() {
                return Some("what reaches the backend");
            }
            clause.uses_events().then_some("what is logged")
        };
        clauses.find_map(unseen)
    }

    /// Whether it looks at the content of an answer.
    pub fn looks_at_content(&self) -> bool {
        let related = self.relate.as_ref().and_then(|one| one.expect.as_ref());
        let mut clauses = self.expect.iter().chain(related);
        clauses.any(|clause| clause.exchange.uses_content())
    }

    /// Reads one that stands alone.
    pub fn read(node: &Node, problems: &mut Diagnostics) -> Option<Self> {
        let mut fields = Fields::new(node, "a demand", problems)?;
        let when = optional(&mut fields, "when", problems, read_predicate);
        let expect = optional(&mut fields, "expect", problems, read_clause);
        let relate = optional(&mut fields, "relate", problems, relation);
        fields.finish(problems);
        let (expect, relate) = (expect?, relate?);
        if expect.is_some() == relate.is_some() {
            problems.push(Diagnostic::error(
                node.span,
                "a demand is either `expect` or `relate`",
                "add `expect: {…}` for the case itself, or `relate: {…}` beside the sibling",
            ));
            return None;
        }
        Some(Self {
            when: when?.unwrap_or_else(Predicate::always),
            expect,
            relate,
        })
    }
}

fn relation(node: &Node, problems: &mut Diagnostics) -> Option<ResolvedRelation> {
    let mut fields = Fields::new(node, "a relation", problems)?;
    // Of files that were written before courses were.
    optional(&mut fields, "again", problems, read_repetition)?;
    let when = optional(&mut fields, "when", problems, read_predicate);
    let comparisons = read_comparisons(&mut fields, problems);
    let expect = optional(&mut fields, "expect", problems, read_clause);
    let sound = optional(&mut fields, "sound", problems, read_clause);
    fields.finish(problems);
    let (comparisons, expect) = (comparisons?, expect?);
    if comparisons.is_empty() && expect.is_none() {
        problems.push(Diagnostic::error(
            node.span,
            "this relation compares nothing",
            "add `outcome: same`, `challenges: same`, or `expect: {…}` for the sibling",
        ));
        return None;
    }
    Some(ResolvedRelation {
        when: when?.unwrap_or_else(Predicate::always),
        comparisons,
        expect,
        sound: sound?,
    })
}

/// What is under a key that may be absent. The outer option is empty where it is there and wrong.
fn optional<'a, T>(
    fields: &mut Fields<'a>,
    key: &'static str,
    problems: &mut Diagnostics,
    read: impl FnOnce(&'a Node, &mut Diagnostics) -> Option<T>,
) -> Option<Option<T>> {
    match fields.optional(key) {
        None => Some(None),
        Some(node) => read(node, problems).map(Some),
    }
}

impl Serialize for ResolvedDemand {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ResolvedDemand {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let source = Source::new("demand", String::deserialize(from)?);
        let node = read(&source).map_err(serde::de::Error::custom)?;
        let mut problems = Diagnostics::new(source);
        let demand = Self::read(&node, &mut problems).filter(|_| !problems.has_errors());
        demand.ok_or_else(|| serde::de::Error::custom(problems))
    }
}

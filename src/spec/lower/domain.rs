//! The `domain` of a spec: types, words, constraints, and values of those types.

use crate::domain::{Domain, Part, Say, Type, Value};
use crate::vocabulary::{ClientField, client_field, client_fields};
use crate::yaml::{Diagnostic, Diagnostics, Fields, Node, NodeKind};

use super::super::predicate::Predicate;
use super::scope::Scope;
use super::suggestion::suggestion;
use super::types::fields_of;

/// What could be read of a domain.
pub(super) struct Lowered<'a> {
    pub(super) domain: Domain,
    /// Its `exclude` node.
    pub(super) exclude: Option<&'a Node>,
    /// Paths of what could not be read and is left out.
    pub(super) broken: Vec<String>,
}

impl Lowered<'_> {
    /// Nothing at all.
    pub(super) fn nothing() -> Self {
        let empty = || Type::Record(Vec::new());
        Self {
            domain: Domain {
                policy: empty(),
                instance: empty(),
                course: Type::no_course(),
                client: empty(),
                steps: Say::default(),
            },
            exclude: None,
            broken: Part::ALL.map(|part| part.word().to_owned()).to_vec(),
        }
    }
}

/// The domain, without the fields that cannot be read.
pub(super) fn lower<'a>(node: &'a Node, problems: &mut Diagnostics) -> Lowered<'a> {
    let mut lowered = Lowered::nothing();
    let Some(mut fields) = Fields::new(node, "the domain", problems) else {
        return lowered;
    };
    lowered.broken.clear();
    let mut course_node = None;
    for part in Part::ALL {
        let Some(node) = fields.optional(part.word()) else {
            continue;
        };
        if part == Part::Course {
            match super::course::lower(node, problems) {
                Some((course, steps)) => {
                    lowered.domain.course = course;
                    lowered.domain.steps = steps;
                    course_node = Some(node);
                }
                None => lowered.broken.push(part.word().to_owned()),
            }
            continue;
        }
        let Some(read) = fields_of(node, part.word(), problems) else {
            lowered.broken.push(part.word().to_owned());
            continue;
        };
        let mut kept = Vec::new();
        for (name, field) in read {
            match field {
                Some(field) => kept.push(field),
                None => lowered.broken.push(format!("{}.{name}", part.word())),
            }
        }
        *match part {
            Part::Policy => &mut lowered.domain.policy,
            Part::Instance => &mut lowered.domain.instance,
            Part::Course => &mut lowered.domain.course,
            Part::Client => &mut lowered.domain.client,
        } = Type::Record(kept);
    }
    if let (Some(node), Type::List(list)) = (course_node, &lowered.domain.course) {
        let steps: Vec<Value> = list.of.values().collect();
        super::course::check(node, &steps, &lowered.domain, problems);
    }
    lowered.exclude = fields.optional("exclude");
    if let Some(client) = fields.optional("client") {
        check_vocabulary(client, problems);
    }
    fields.finish(problems);
    lowered
}

/// The client's vocabulary is Countersign's own: a spec picks from it.
fn check_vocabulary(client: &Node, problems: &mut Diagnostics) {
    for entry in client.entries().unwrap_or_default() {
        let Some(ClientField { words, .. }) = client_field(&entry.key) else {
            let known: Vec<&str> = client_fields().iter().map(|field| field.name).collect();
            problems.push(Diagnostic::error(
                entry.key_span,
                format!("clients have no field `{}`", entry.key),
                suggestion(&entry.key, &known),
            ));
            continue;
        };
        let Some(NodeKind::List(picked)) = entry.value.get("one-of").map(|node| &node.kind) else {
            problems.push(Diagnostic::error(
                entry.value.span,
                format!("`client.{}` must be a one-of", entry.key),
                format!(
                    "write `{}: {{one-of: [{}]}}`",
                    entry.key,
                    words.iter().take(8).copied().collect::<Vec<_>>().join(", ")
                ),
            ));
            continue;
        };
        for node in picked {
            let word = node.scalar_text().unwrap_or_default();
            if !words.contains(&word.as_str()) {
                problems.push(Diagnostic::error(
                    node.span,
                    format!("no client has the {} `{word}`", entry.key),
                    suggestion(&word, words),
                ));
            }
        }
    }
}

/// The `exclude` list.
pub(super) fn excluded(
    node: &Node,
    scope: &Scope<'_>,
    problems: &mut Diagnostics,
) -> Vec<Predicate> {
    let NodeKind::List(items) = &node.kind else {
        problems.push(Diagnostic::error(
            node.span,
            format!(
                "`exclude` must be a list of conditions, and this is {}",
                node.noun()
            ),
            "write `exclude: [{client.scheme: basic, client.credential: expired}]`",
        ));
        return Vec::new();
    };
    let scope = scope.before();
    items
        .iter()
        .filter_map(|item| super::predicate::lower(item, &scope, problems))
        .collect()
}

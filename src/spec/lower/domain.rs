//! The `domain` of a spec: types, words, constraints, and values of those types.

use crate::domain::{Domain, Part, Say, Type};
use crate::vocabulary::{ClientField, client_field};
use crate::yaml::{Diagnostic, Diagnostics, Fields, Node, NodeKind};

use super::super::exclusion::Exclusion;
use super::scope::Scope;
use super::suggestion::check_word;
use super::types::fields_of;

/// What could be read of a domain.
pub(super) struct Lowered<'a> {
    pub(super) domain: Domain,
    /// Its `odd` node.
    pub(super) odd: Option<&'a Node>,
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
            odd: None,
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
            course_node = Some(node);
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
    lowered.odd = fields.optional("odd");
    lowered.exclude = fields.optional("exclude");
    if let Some(client) = fields.optional("client") {
        check_vocabulary(client, problems);
    }
    // Last, because its steps name fields of the others.
    if let Some(node) = course_node {
        let scope = Scope::new(Some(&lowered.domain), lowered.broken.clone());
        let course = super::course::lower(node, &scope, problems);
        match course {
            Some((course, steps)) => {
                lowered.domain.course = course;
                lowered.domain.steps = steps;
            }
            None => lowered.broken.push(Part::Course.word().to_owned()),
        }
    }
    fields.finish(problems);
    lowered
}

/// The client's vocabulary is Countersign's own: a spec picks from it.
fn check_vocabulary(client: &Node, problems: &mut Diagnostics) {
    for entry in client.entries().unwrap_or_default() {
        let picked = match entry.value.get("one-of").map(|node| &node.kind) {
            Some(NodeKind::List(picked)) => picked.iter().collect(),
            _ => Vec::new(),
        };
        check_word(&entry.key, entry.key_span, &picked, problems);
        if let Some(ClientField { words, .. }) = client_field(&entry.key)
            && !matches!(entry.value.get("one-of"), Some(node) if matches!(node.kind, NodeKind::List(_)))
        {
            problems.push(Diagnostic::error(
                entry.value.span,
                format!("`client.{}` must be a one-of", entry.key),
                format!(
                    "write `{}: {{one-of: [{}]}}`",
                    entry.key,
                    words.iter().take(8).copied().collect::<Vec<_>>().join(", ")
                ),
            ));
        }
    }
}

/// The `exclude` list.
pub(super) fn excluded(
    node: &Node,
    scope: &Scope<'_>,
    problems: &mut Diagnostics,
) -> Vec<Exclusion> {
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
        .filter_map(|item| {
            Some(Exclusion {
                condition: super::predicate::lower(item, &scope, problems)?,
                span: item.span,
                odd: None,
            })
        })
        .collect()
}

//! From YAML nodes to a checked spec, with a diagnostic for every mistake.

mod challenges;
mod clause;
mod course;
mod define;
mod domain;
mod exchange;
mod headers;
mod logged;
mod odd;
mod parameters;
mod predicate;
mod reached;
mod relation;
mod rule;
mod scalar;
mod scope;
mod set;
mod suggestion;
mod types;
mod unknown;
mod value;
mod words;

use std::sync::Arc;

use crate::domain::{Case, Domain, Part, Value};
use crate::vocabulary::{PRESUMED, needs_of};
use crate::yaml::{
    Diagnostic, Diagnostics, Fields, Node, NodeKind, Source, nearest, of_another_kind, one_of, read,
};

use super::clause::Clause;
use super::model::{Alternative, Binds, Pack, Spec};
use super::predicate::Predicate;
use super::relation::{Comparison, Siblings};
use scope::Scope;

/// The version of the spec language that this module reads.
const LANGUAGE: i64 = 1;

impl Spec {
    /// Reads and checks a spec.
    ///
    /// # Errors
    ///
    /// Diagnostics for every mistake found: text that is not YAML, unknown keys, paths, symbols and
    /// definitions (with the nearest known one), values of a wrong type, empty domains.
    pub fn read(source: &Source) -> Result<Self, Diagnostics> {
        let node = read(source)?;
        let mut problems = Diagnostics::new(source.clone());
        let spec = lower(&node, source, &mut problems);
        match spec {
            Some(spec) if !problems.has_errors() => Ok(spec),
            _ => Err(problems),
        }
    }
}

fn lower(node: &Node, source: &Source, problems: &mut Diagnostics) -> Option<Spec> {
    if let Some(problem) = of_another_kind(node, "a spec", "pack") {
        problems.push(problem);
        return None;
    }
    let mut fields = Fields::new(node, "a spec", problems)?;
    check_language(&mut fields, problems);
    let pack = fields
        .required(
            "pack",
            "{name: my-rules, version: 1, title: What they are about}",
            problems,
        )
        .and_then(|node| pack(node, problems));
    let domain::Lowered {
        domain,
        odd,
        exclude,
        broken,
    } = match fields.required("domain", "{policy: …, client: …}", problems) {
        Some(node) => domain::lower(node, problems),
        None => domain::Lowered::nothing(),
    };
    let define_node = fields.optional("define");
    let alternatives = fields
        .optional("alternatives")
        .map(|node| alternatives(node, problems))
        .unwrap_or_default();
    let rules_node = fields.required("rules", "[{id: …, level: …, …}]", problems);
    fields.finish(problems);

    // What cannot be read of the domain is left out, and nobody who names it is told that it does
    // not exist: so every other mistake is found in the same reading.
    let mut scope = Scope::new(Some(&domain), broken);
    let mut excluded = odd
        .map(|node| odd::lower(node, &scope, problems))
        .unwrap_or_default();
    excluded.extend(
        exclude
            .map(|node| domain::excluded(node, &scope, problems))
            .unwrap_or_default(),
    );
    let definitions = define_node
        .map(|node| define::lower(node, &mut scope, problems))
        .unwrap_or_default();
    let rules = rules_node
        .map(|node| rule::lower(node, &scope, &alternatives, problems))
        .unwrap_or_default();
    drop(scope);
    Some(Spec {
        source: source.clone(),
        pack: pack?,
        needs: needs_of(&domain.client),
        extensions: domain.extensions(PRESUMED).into(),
        domain,
        excluded,
        definitions,
        alternatives,
        rules,
        conversations: Arc::default(),
        settings: Arc::default(),
        written: None,
        cover: Arc::default(),
        settings_cover: Arc::default(),
        needed: Arc::default(),
        conditions: Arc::default(),
    })
}

fn check_language(fields: &mut Fields<'_>, problems: &mut Diagnostics) {
    let Some(node) = fields.required("countersign", "1", problems) else {
        return;
    };
    match node.kind {
        NodeKind::Int(LANGUAGE) => {}
        _ => problems.push(Diagnostic::error(
            node.span,
            "this is not a version of the spec language that is known here",
            format!("write `countersign: {LANGUAGE}`"),
        )),
    }
}

fn pack(node: &Node, problems: &mut Diagnostics) -> Option<Pack> {
    let mut fields = Fields::new(node, "the pack", problems)?;
    let name_span = node.get("name").map_or(node.span, |node| node.span);
    let name = fields.required_text("name", "my-rules", problems);
    let title = fields.required_text("title", "What it is about", problems);
    let version = fields.required("version", "1", problems);
    let binds = fields.optional("binds");
    fields.finish(problems);
    let binds = binds.map_or_else(Binds::default, |node| binds_of(node, problems));
    if let Some(text) = name
        && !rule::is_name(text)
    {
        problems.push(Diagnostic::error(
            name_span,
            format!("`{text}` cannot be a pack's name"),
            "use lower-case letters, digits and hyphens",
        ));
    }
    let version = match version?.kind {
        NodeKind::Int(number) if (1..=1_000_000).contains(&number) => u32::try_from(number).ok()?,
        _ => {
            problems.push(Diagnostic::error(
                version?.span,
                "a pack's version is a whole number from 1",
                "write `version: 1`",
            ));
            return None;
        }
    };
    Some(Pack {
        name: name?.to_owned(),
        version,
        title: title?.to_owned(),
        binds,
    })
}

fn binds_of(node: &Node, problems: &mut Diagnostics) -> Binds {
    let text = node.text().unwrap_or_default();
    let known = Binds::ALL.into_iter().find(|binds| binds.word() == text);
    known.unwrap_or_else(|| {
        let words = Binds::ALL.map(Binds::word);
        let help = match nearest(text, words) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => format!(
                "write one of {}, or leave it out for everybody",
                one_of(&words)
            ),
        };
        problems.push(Diagnostic::error(
            node.span,
            "this is not whom a pack can bind",
            help,
        ));
        Binds::default()
    })
}

fn alternatives(node: &Node, problems: &mut Diagnostics) -> Vec<Alternative> {
    let NodeKind::Map(entries) = &node.kind else {
        problems.push(Diagnostic::error(
            node.span,
            format!(
                "`alternatives` must be a mapping, and this is {}",
                node.noun()
            ),
            "write `name: {why: …, choices: {one: what it means, other: what it means}}`",
        ));
        return Vec::new();
    };
    let mut all = Vec::new();
    for entry in entries {
        let Some(mut fields) = Fields::new(&entry.value, "an alternative", problems) else {
            continue;
        };
        let why = fields.required_text("why", "Sources differ on this.", problems);
        let choices = fields.required("choices", "{one: what it means, other: …}", problems);
        fields.finish(problems);
        let written = choices.and_then(Node::entries).unwrap_or_default();
        let mut choices: Vec<(String, String)> = Vec::new();
        for choice in written {
            match choice.value.text() {
                Some(meaning) => choices.push((choice.key.clone(), meaning.to_owned())),
                None => problems.push(Diagnostic::error(
                    choice.value.span,
                    format!(
                        "what the choice `{}` means must be text, and this is {}",
                        choice.key,
                        choice.value.noun()
                    ),
                    "say in one sentence what an implementation does that takes it",
                )),
            }
        }
        if written.len() < 2 {
            problems.push(Diagnostic::error(
                entry.key_span,
                format!("the alternative `{}` has no two choices", entry.key),
                "write each choice with what it means: `choices: {one: …, other: …}`",
            ));
        }
        all.push(Alternative {
            name: entry.key.clone(),
            why: why.unwrap_or_default().to_owned(),
            choices,
        });
    }
    all
}

/// Reads a case of a domain from YAML, such as `--case` gives it; what is not said takes its
/// simplest value.
///
/// # Errors
///
/// Diagnostics for unknown fields and values that the domain does not have.
pub fn read_case(source: &Source, domain: &Domain) -> Result<Case, Diagnostics> {
    let node = read(source)?;
    let mut problems = Diagnostics::new(source.clone());
    if let Some(problem) = of_another_kind(&node, "a case", "client") {
        problems.push(problem);
        return Err(problems);
    }
    match case_from(&node, domain, &mut problems) {
        Some(case) if !problems.has_errors() => Ok(case),
        _ => Err(problems),
    }
}

/// The same out of a part of a larger text; reports what is wrong with it.
pub fn case_from(node: &Node, domain: &Domain, problems: &mut Diagnostics) -> Option<Case> {
    let mut case = domain.simplest();
    let mut fields = Fields::new(node, "a case", problems)?;
    for part in Part::ALL {
        let Some(node) = fields.optional(part.word()) else {
            continue;
        };
        let value = value::value(node, domain.part(part), part.word(), problems);
        case = case.with(part, value.unwrap_or(Value::Absent));
    }
    fields.finish(problems);
    Some(case)
}

/// Holds what a case sets up against a domain, and passes over the rest of it.
pub fn check_setting(node: &Node, domain: &Domain, problems: &mut Diagnostics) {
    for part in [Part::Policy, Part::Instance] {
        if let Some(node) = node.get(part.word()) {
            value::value(node, domain.part(part), part.word(), problems);
        }
    }
}

/// Reads an expectation that stands alone, with no domain and no definitions: any symbol is taken as
/// it is.
pub fn read_clause(node: &Node, problems: &mut Diagnostics) -> Option<Clause> {
    clause::lower(node, &Scope::new(None, Vec::new()), problems)
}

/// Reads a condition on what was seen that stands alone.
pub fn read_predicate(node: &Node, problems: &mut Diagnostics) -> Option<Predicate> {
    predicate::lower(node, &Scope::new(None, Vec::new()), problems)
}

/// Reads the keys of a relation that compare a case with its sibling (`outcome`, `status`,
/// `challenges`), as [`Comparison`] is written.
pub fn read_comparisons(
    fields: &mut Fields<'_>,
    problems: &mut Diagnostics,
) -> Option<Vec<Comparison>> {
    relation::comparisons(fields, problems)
}

/// Reads `again: true` of a relation, with which a case is its own sibling.
pub fn read_repetition(node: &Node, problems: &mut Diagnostics) -> Option<Siblings> {
    relation::repetition(node, problems)
}

/// What a node says, whatever domain it is of: a mapping is a record, a word a symbol.
pub fn read_value(node: &Node) -> Value {
    value::plain(node)
}

/// Reads the steps of a course, whatever domain it is of.
pub fn read_course(node: &Node, problems: &mut Diagnostics) -> Option<Value> {
    course::steps(node, &Scope::new(None, Vec::new()), problems).map(Value::List)
}

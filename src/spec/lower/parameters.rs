//! What is said of auth-params.

use crate::auth::ValueForm;
use crate::domain::Symbol;
use crate::yaml::{Diagnostic, Diagnostics, Fields, MapEntry, Node, NodeKind};

use super::super::parameter::{ParamClause, ValueKind};
use super::super::subject::{ANY, Subject, Which};
use super::scalar::{count, each, truth, words};
use super::scope::Scope;
use super::suggestion::suggestion;

/// The parameters of challenges, by auth-scheme; `usual` are those that are meant where nothing is said.
pub(super) fn parameters(
    node: &Node,
    usual: Which,
    scope: &Scope<'_>,
    problems: &mut Diagnostics,
) -> Option<Vec<(Subject, Vec<ParamClause>)>> {
    let Some(entries) = node.entries() else {
        problems.push(Diagnostic::error(
            node.span,
            format!(
                "`parameters` must be a mapping from schemes, and this is {}",
                node.noun()
            ),
            "write `parameters: {basic: [realm]}`",
        ));
        return None;
    };
    let of = |entry: &MapEntry, problems: &mut Diagnostics| {
        let subject = subject(entry, usual, scope, problems)?;
        Some((subject, params(&entry.value, problems)?))
    };
    let all: Vec<Option<_>> = entries.iter().map(|entry| of(entry, problems)).collect();
    all.into_iter().collect()
}

/// `bearer`, `some bearer`, `any`, or `first` for the first of all.
fn subject(
    entry: &MapEntry,
    usual: Which,
    scope: &Scope<'_>,
    problems: &mut Diagnostics,
) -> Option<Subject> {
    let first = Which::First.word();
    let (which, scheme) = match entry.key.split_once(' ') {
        None if entry.key == first => (Which::First, ANY),
        None => (usual, entry.key.as_str()),
        Some((word, scheme)) => {
            let found = Which::ALL.into_iter().find(|which| which.word() == word);
            if found.is_none() {
                problems.push(Diagnostic::error(
                    entry.key_span,
                    format!("`{word}` does not say which challenges are meant"),
                    suggestion(word, &Which::ALL.map(Which::word)),
                ));
            }
            (found?, scheme)
        }
    };
    if scheme == ANY {
        return Some(Subject {
            which,
            scheme: None,
        });
    }
    let named = Node {
        span: entry.key_span,
        kind: NodeKind::Text(scheme.to_owned()),
    };
    scope.element(&named, problems)?;
    Some(Subject {
        which,
        scheme: Some(Symbol::from(scheme)),
    })
}

/// The parameters of `Authentication-Info`.
pub(super) fn info(node: &Node, problems: &mut Diagnostics) -> Option<Vec<ParamClause>> {
    params(node, problems)
}

/// A list of names that are to be there, or a mapping from names to what is said of them.
fn params(node: &Node, problems: &mut Diagnostics) -> Option<Vec<ParamClause>> {
    if let Some(entries) = node.entries() {
        if entries.is_empty() {
            problems.push(Diagnostic::error(
                node.span,
                "nothing is said of any parameter",
                "write `{realm: present}`",
            ));
            return None;
        }
        let all: Vec<Option<ParamClause>> =
            entries.iter().map(|entry| param(entry, problems)).collect();
        return all.into_iter().collect();
    }
    let names = each(node)
        .into_iter()
        .map(|item| item.text().map(str::to_owned));
    let names: Option<Vec<String>> = names.collect();
    let Some(names) = names else {
        problems.push(Diagnostic::error(
            node.span,
            "a list of auth-param names is expected",
            "write `[realm]`, or `{realm: {form: quoted}}` to say more",
        ));
        return None;
    };
    Some(names.into_iter().map(ParamClause::present).collect())
}

fn param(entry: &MapEntry, problems: &mut Diagnostics) -> Option<ParamClause> {
    let name = entry.key.clone();
    let present = |present| ParamClause {
        name: name.clone(),
        present: Some(present),
        ..ParamClause::default()
    };
    match entry.value.text() {
        Some("present") => return Some(present(true)),
        Some("absent") => return Some(present(false)),
        Some(_) => {
            problems.push(Diagnostic::error(
                entry.value.span,
                format!("{} says nothing of a parameter", entry.value.shown()),
                "write `present`, `absent`, or a mapping such as `{one-of: [UTF-8]}`",
            ));
            return None;
        }
        None => {}
    }
    let mut fields = Fields::new(&entry.value, "what is said of a parameter", problems)?;
    let present = fields.optional("present").map(|node| truth(node, problems));
    let one_of = fields.optional("one-of").map(|node| words(node, problems));
    let one_of_any_case = fields
        .optional("one-of-any-case")
        .map(|node| words(node, problems));
    let has = fields.optional("has").map(|node| words(node, problems));
    let has_none_of = fields
        .optional("has-none-of")
        .map(|node| words(node, problems));
    let without = fields.optional("without").map(|node| words(node, problems));
    let form = fields.optional("form").map(|node| form(node, problems));
    let value = fields.optional("value").map(|node| kind(node, problems));
    let times = fields.optional("times").map(|node| count(node, problems));
    let span = fields.span();
    let all_known = fields.finish(problems);
    let clause = ParamClause {
        name: name.clone(),
        present: present.map_or(Some(None), |found| found.map(Some))?,
        one_of: one_of.unwrap_or(Some(Vec::new()))?,
        one_of_any_case: one_of_any_case.unwrap_or(Some(Vec::new()))?,
        has: has.unwrap_or(Some(Vec::new()))?,
        has_none_of: has_none_of.unwrap_or(Some(Vec::new()))?,
        without: without.unwrap_or(Some(Vec::new()))?,
        form: form.map_or(Some(None), |found| found.map(Some))?,
        value: value.map_or(Some(None), |found| found.map(Some))?,
        times: times.map_or(Some(None), |found| found.map(Some))?,
    };
    let nothing = ParamClause {
        name,
        ..ParamClause::default()
    };
    if clause == nothing {
        if all_known {
            problems.push(Diagnostic::error(
                span,
                "nothing is said of this parameter",
                "use `present`, `one-of`, `one-of-any-case`, `has`, `has-none-of`, `without`, `form`, `value` or `times`",
            ));
        }
        return None;
    }
    Some(clause)
}

fn form(node: &Node, problems: &mut Diagnostics) -> Option<ValueForm> {
    let forms = [ValueForm::Token, ValueForm::Quoted];
    let word = node.scalar_text().unwrap_or_default();
    let found = forms.into_iter().find(|form| form.word() == word);
    if found.is_none() {
        problems.push(Diagnostic::error(
            node.span,
            format!("{} is not a form of a value", node.shown()),
            suggestion(&word, &forms.map(ValueForm::word)),
        ));
    }
    found
}

pub(super) fn kind(node: &Node, problems: &mut Diagnostics) -> Option<ValueKind> {
    let word = node.scalar_text().unwrap_or_default();
    let found = ValueKind::from_word(&word);
    if found.is_none() {
        problems.push(Diagnostic::error(
            node.span,
            format!("{} is not a kind of value", node.shown()),
            suggestion(&word, &ValueKind::ALL.map(ValueKind::word)),
        ));
    }
    found
}

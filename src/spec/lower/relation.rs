//! The `relate` of a rule: which siblings a case is held against, and how.

use crate::yaml::{Diagnostic, Diagnostics, Fields, MapEntry, Node, NodeKind, nearest, one_of};

use super::super::aspect::Aspect;
use super::super::clause::Clause;
use super::super::predicate::Predicate;
use super::super::relation::{ChangeTo, Comparison, Relation, Siblings};
use super::super::term::{Path, SetExpr};
use super::scope::Scope;
use crate::domain::{ListOperation, MOST_OPERATIONS, Part, Type, Value};

pub(super) fn lower(
    node: &Node,
    scope: &Scope<'_>,
    problems: &mut Diagnostics,
) -> Option<Relation> {
    let mut fields = Fields::new(node, "a relation", problems)?;
    let change = fields.optional("change");
    let remove = fields.optional("remove");
    let reorder = fields.optional("reorder");
    let again = fields.optional("again");
    let behind = fields.optional("behind");
    let then = fields.optional("then");
    let edited = fields.optional("edited");
    let reordered = fields.optional("reordered");
    let by_operations = fields.optional("by");
    let up_to = fields.optional("up-to");
    let keep = fields.optional("where");
    let when = fields.optional("when");
    let comparisons = comparisons(&mut fields, problems);
    let expect = fields.optional("expect");
    let sound = fields.optional("sound");
    let span = fields.span();
    let all_known = fields.finish(problems);
    if let (Some(node), None) = (keep, remove) {
        problems.push(Diagnostic::error(
            node.span,
            "`where` says which items are removed, and nothing is",
            "use `when` for a condition on the sibling",
        ));
    }
    if let (Some(node), None) = (by_operations, edited) {
        problems.push(Diagnostic::error(
            node.span,
            "`by` says what was done to a list that was edited, and none was",
            "write it beside `edited: policy.profiles`",
        ));
    }
    if let (Some(node), None) = (up_to, by_operations) {
        problems.push(Diagnostic::error(
            node.span,
            "`up-to` says how many operations come one after the other, and none is named",
            "write it beside `by: [attach, detach]`",
        ));
    }
    let ways = [
        change, remove, reorder, again, behind, then, edited, reordered,
    ];
    let siblings = match ways.iter().flatten().count() {
        0 if !all_known => None,
        1 => {
            let by = |problems: &mut Diagnostics| {
                if let Some(node) = change {
                    return changes(node, scope, problems).map(Siblings::Change);
                }
                if let Some(node) = remove {
                    return removal(node, keep, scope, problems);
                }
                if let Some(node) = reorder {
                    return list_path(node, scope, problems)
                        .map(|(path, _)| Siblings::Reorder(path));
                }
                if let Some(node) = behind {
                    return behind_steps(node, scope, problems).map(Siblings::Behind);
                }
                if let Some(node) = then {
                    let (steps, last) = super::course::then(node, scope, problems)?;
                    return Some(Siblings::Then { steps, last });
                }
                if let Some(node) = reordered {
                    return list_path(node, scope, problems)
                        .map(|(path, _)| Siblings::Reordered(path));
                }
                if let Some(node) = edited {
                    if let Some(by) = by_operations {
                        let operations = operations(by, problems);
                        let (path, _) = list_path(node, scope, problems)?;
                        let by = operations?;
                        let most = match up_to {
                            Some(node) => most_operations(node, problems)?,
                            None => 1,
                        };
                        return Some(Siblings::Operated { path, by, most });
                    }
                    return edited_path(node, scope, problems).map(Siblings::Edited);
                }
                repetition(again?, problems)
            };
            by(problems)
        }
        _ => {
            problems.push(Diagnostic::error(
                span,
                "a relation names its siblings in exactly one way",
                "use one of `change`, `remove`, `reorder`, `again`, `behind`, `then`, `edited` and `reordered`",
            ));
            None
        }
    };
    let when = match when {
        Some(node) => super::predicate::lower(node, scope, problems),
        None => Some(Predicate::always()),
    };
    let expect = expect.map(|node| super::clause::lower(node, scope, problems));
    let no_comparisons = comparisons.as_ref().is_some_and(Vec::is_empty);
    let sound = sound.map(|node| sound_of(node, no_comparisons, scope, problems));
    if comparisons.as_ref().is_some_and(Vec::is_empty) && expect.is_none() {
        if all_known {
            problems.push(Diagnostic::error(
                span,
                "this relation compares nothing",
                "add `outcome: same`, `challenges: same`, or `expect: {…}` for the sibling",
            ));
        }
        return None;
    }
    Some(Relation {
        siblings: siblings?,
        when: when?,
        comparisons: comparisons?,
        expect: match expect {
            Some(clause) => Some(clause?),
            None => None,
        },
        sound: match sound {
            Some(clause) => Some(clause?),
            None => None,
        },
    })
}

/// What either side of a comparison is to be like.
fn sound_of(
    node: &Node,
    no_comparisons: bool,
    scope: &Scope<'_>,
    problems: &mut Diagnostics,
) -> Option<Clause> {
    if no_comparisons {
        problems.push(Diagnostic::error(
            node.span,
            "`sound` says which of two that differ is accused, and nothing is compared",
            "add `outcome: same` or the like, or write it as `expect`",
        ));
    }
    let clause = super::clause::lower(node, scope, problems)?;
    let challenges = clause.challenges.as_ref();
    if !challenges.is_none_or(|clause| clause.sets().all(SetExpr::is_written_out)) {
        problems.push(Diagnostic::error(
            node.span,
            "what is sound is said of both sides alike, and this depends on the case",
            "write the schemes out, such as `{challenges: {at-least: [basic]}}`",
        ));
        return None;
    }
    Some(clause)
}

/// The keys of a relation that compare the case with its sibling.
pub(super) fn comparisons(
    fields: &mut Fields<'_>,
    problems: &mut Diagnostics,
) -> Option<Vec<Comparison>> {
    let named = [
        ("outcome", Aspect::Outcome, &["same", "no-worse"][..]),
        ("status", Aspect::Status, &["same"][..]),
        ("challenges", Aspect::Challenges, &["same"][..]),
    ];
    let found = named.map(|(key, of, words)| (fields.entry(key), of, words));
    let all: Vec<Option<Comparison>> = found
        .into_iter()
        .filter_map(|(entry, of, words)| Some(comparison(entry?, of, words, problems)))
        .collect();
    all.into_iter().collect()
}

fn comparison(
    entry: &MapEntry,
    of: Aspect,
    words: &[&str],
    problems: &mut Diagnostics,
) -> Option<Comparison> {
    let word = entry.value.scalar_text().unwrap_or_default();
    if !words.contains(&word.as_str()) {
        problems.push(Diagnostic::error(
            entry.value.span,
            format!("`{}` is not compared by `{word}`", entry.key),
            format!(
                "use {}; to expect something of the sibling, write `expect: {{{}: {word}}}`",
                one_of(words),
                entry.key
            ),
        ));
        return None;
    }
    Some(Comparison {
        of,
        no_worse: word == "no-worse",
    })
}

/// The most siblings of a case that fields which change together to any value make.
const MOST_SIBLINGS: u64 = 256;

/// How many other values of a field `any` stands for at most.
const MOST_OF_ANY: u64 = 16;

fn changes(
    node: &Node,
    scope: &Scope<'_>,
    problems: &mut Diagnostics,
) -> Option<Vec<(Path, ChangeTo)>> {
    let Some(entries) = node.entries().filter(|entries| !entries.is_empty()) else {
        let found = match node.entries() {
            Some(_) => "an empty one",
            None => node.noun(),
        };
        problems.push(Diagnostic::error(
            node.span,
            format!("a change is a mapping from fields to values, and this is {found}"),
            "write `change: {client.persona: preemptive}`",
        ));
        return None;
    };
    let mut siblings: u64 = 1;
    let mut change = |entry: &MapEntry| {
        let (path, ty) = scope.path(&entry.key, entry.key_span, problems)?;
        let any = entry.value.text() == Some("any");
        if any {
            siblings = siblings.saturating_mul(ty.count().saturating_sub(1).clamp(1, MOST_OF_ANY));
        }
        if siblings > MOST_SIBLINGS {
            problems.push(Diagnostic::error(
                entry.value.span,
                format!("with this `any` a case has {siblings} siblings, and {MOST_SIBLINGS} are tried at most"),
                "name a value here, or change fewer fields together",
            ));
            return None;
        }
        let to = if any {
            ChangeTo::Any
        } else {
            ChangeTo::Value(scope.value(&entry.value, &ty, &entry.key, problems)?)
        };
        Some((path, to))
    };
    let all: Vec<Option<_>> = entries.iter().map(&mut change).collect();
    all.into_iter().collect()
}

/// `again: true`: nothing else can be said of it.
pub(super) fn repetition(node: &Node, problems: &mut Diagnostics) -> Option<Siblings> {
    if matches!(node.kind, NodeKind::Bool(true)) {
        return Some(Siblings::again());
    }
    problems.push(Diagnostic::error(
        node.span,
        "a case is played again or it is not",
        "write `again: true`, or leave it out",
    ));
    None
}

/// The steps of `behind`.
fn behind_steps(node: &Node, scope: &Scope<'_>, problems: &mut Diagnostics) -> Option<Vec<Value>> {
    let steps = super::course::few_steps(node, scope, problems)?;
    if steps.is_empty() {
        problems.push(Diagnostic::error(
            node.span,
            "behind no steps the case is what it was, and nothing is compared",
            "list at least one step, such as `[{ask: {credential: none}}]`; `again: true` has the client ask twice",
        ));
        return None;
    }
    Some(steps)
}

/// The field of a setting that is edited.
fn edited_path(node: &Node, scope: &Scope<'_>, problems: &mut Diagnostics) -> Option<Path> {
    let Some(text) = node.scalar_text() else {
        let fields = scope.setting_fields();
        let example = fields.first().map_or("policy.…", String::as_str);
        problems.push(Diagnostic::error(
            node.span,
            format!(
                "`edited` names one field of the setting, and this is {}",
                node.noun()
            ),
            format!("write `edited: {example}`; each other value of it is tried"),
        ));
        return None;
    };
    let (path, _) = super::course::editable(&text, node.span, scope, problems)?;
    Some(path)
}

/// How many operations come one after the other, at most.
fn most_operations(node: &Node, problems: &mut Diagnostics) -> Option<usize> {
    let number = match node.kind {
        NodeKind::Int(number) => usize::try_from(number).ok(),
        _ => None,
    };
    let most = number.filter(|most| (2..=MOST_OPERATIONS).contains(most));
    if most.is_none() {
        problems.push(Diagnostic::error(
            node.span,
            "this is no number of operations that come one after the other",
            format!(
                "write one from 2 to {MOST_OPERATIONS}; one operation is what it is without `up-to`"
            ),
        ));
    }
    most
}

/// What was done to a list: one word, or several.
fn operations(node: &Node, problems: &mut Diagnostics) -> Option<Vec<ListOperation>> {
    let words: Vec<&Node> = match &node.kind {
        NodeKind::List(items) => items.iter().collect(),
        _ => vec![node],
    };
    let known = ListOperation::ALL.map(ListOperation::word);
    let mut all = Vec::new();
    for word in words {
        let text = word.scalar_text().unwrap_or_default();
        let Some(operation) = ListOperation::from_word(&text) else {
            let help = match nearest(&text, known) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => format!("there is {}", one_of(&known)),
            };
            problems.push(Diagnostic::error(
                word.span,
                format!("nothing that is done to a list is called {}", word.shown()),
                help,
            ));
            return None;
        };
        all.push(operation);
    }
    if all.is_empty() {
        problems.push(Diagnostic::error(
            node.span,
            "by no operation a list is what it was, and nothing is compared",
            format!("name one at least: {}", one_of(&known)),
        ));
        return None;
    }
    Some(all)
}

fn removal(
    node: &Node,
    keep: Option<&Node>,
    scope: &Scope<'_>,
    problems: &mut Diagnostics,
) -> Option<Siblings> {
    let (path, item) = list_path(node, scope, problems)?;
    let keep = match keep {
        Some(node) => super::predicate::lower(node, &scope.in_item(&item), problems)?,
        None => Predicate::always(),
    };
    Some(Siblings::Remove { path, keep })
}

fn list_path(node: &Node, scope: &Scope<'_>, problems: &mut Diagnostics) -> Option<(Path, Type)> {
    let text = node.scalar_text().unwrap_or_default();
    let (path, ty) = scope.path(&text, node.span, problems)?;
    match ty {
        Type::List(list) if path.part != Part::Client => Some((path, list.of)),
        _ => {
            problems.push(Diagnostic::error(
                node.span,
                format!("`{text}` is not a list of the policy"),
                "name a field of the type `list`",
            ));
            None
        }
    }
}

//! The `rules` of a spec.

use crate::yaml::{Diagnostic, Diagnostics, Fields, MapEntry, Node, NodeKind, one_of};

use super::super::aspect::Aspect;
use super::super::clause::Clause;
use super::super::model::{Alternative, Demand, Level, Rule, Standing, Stated};
use super::super::outcome_text::OutcomeText;
use super::super::predicate::Predicate;
use super::super::relation::{ChangeTo, Comparison, Relation, Siblings};
use super::super::term::SetExpr;
use super::scope::Scope;
use super::suggestion::suggestion;
use crate::domain::{Part, Type};
use crate::observation::Outcome;

pub(super) fn lower(
    node: &Node,
    scope: &Scope<'_>,
    alternatives: &[Alternative],
    problems: &mut Diagnostics,
) -> Vec<Rule> {
    let NodeKind::List(items) = &node.kind else {
        problems.push(Diagnostic::error(
            node.span,
            format!("`rules` must be a list, and this is {}", node.noun()),
            "write `- id: …` for each rule",
        ));
        return Vec::new();
    };
    if items.is_empty() {
        problems.push(Diagnostic::error(
            node.span,
            "a spec without rules expects nothing",
            "write at least one rule",
        ));
    }
    let mut ids: Vec<&Node> = Vec::new();
    for id in items.iter().filter_map(|item| item.get("id")) {
        let text = id.scalar_text();
        let first = ids.iter().find(|known| known.scalar_text() == text);
        if let (Some(first), Some(text)) = (first, text) {
            problems.push(
                Diagnostic::error(
                    id.span,
                    format!("two rules are called `{text}`"),
                    "give each its own id",
                )
                .related(first.span, "first here"),
            );
        }
        ids.push(id);
    }
    items
        .iter()
        .filter_map(|item| rule(item, scope, alternatives, problems))
        .collect()
}

fn rule(
    node: &Node,
    scope: &Scope<'_>,
    alternatives: &[Alternative],
    problems: &mut Diagnostics,
) -> Option<Rule> {
    let mut fields = Fields::new(node, "a rule", problems)?;
    let id = fields.required("id", "a-name-with-hyphens", problems);
    let level = fields.required("level", "must", problems);
    let defect = fields.optional("defect");
    let source = fields.required(
        "source",
        "{document: RFC 9110, section: \"11.6.1\"}",
        problems,
    );
    let impact = fields.required("impact", "Who is hurt when it breaks.", problems);
    let when = fields.optional("when");
    let expect = fields.optional("expect");
    let relate = fields.optional("relate");
    let status = fields.optional("status");
    let alternative = fields.optional("alternative");
    let head = fields.span();
    fields.finish(problems);

    let (id_text, span) = id.map_or((String::new(), head), |node| {
        (node.scalar_text().unwrap_or_default(), node.span)
    });
    if id.is_some() && !is_name(&id_text) {
        problems.push(Diagnostic::error(
            span,
            format!("`{id_text}` cannot be a rule's id"),
            "use lower-case letters, digits and hyphens",
        ));
    }
    let level = level.and_then(|node| level_of(node, problems));
    let defect = defect.map_or(Some(None), |node| {
        outcome_text(node, &DEFECT, problems).map(Some)
    });
    let stated = source.and_then(|node| stated(node, problems));
    let impact = impact.and_then(|node| outcome_text(node, &IMPACT, problems));
    let is_scored = status.is_none_or(|node| node.get("not-scored").is_none());
    if let (Some(node), None, None, false) = (when, expect, relate, is_scored) {
        problems.push(Diagnostic::error(
            node.span,
            "this rule demands nothing that can be seen, so it applies to no case",
            "leave `when` out, or add `expect: {…}` or `relate: {…}`",
        ));
    }
    let when = match when {
        Some(node) => super::predicate::lower(node, scope, problems),
        None => Some(Predicate::always()),
    };
    let demand = match (expect, relate) {
        (Some(node), None) => super::clause::lower(node, scope, problems)
            .map(|clause| Demand::Expect(Box::new(clause))),
        (None, Some(node)) => {
            relation(node, scope, problems).map(|relation| Demand::Relate(Box::new(relation)))
        }
        (None, None) if !is_scored => Some(Demand::Unseen),
        (None, None) => {
            problems.push(Diagnostic::error(
                span,
                "this rule demands nothing",
                "add `expect: {…}` for the case itself, or `relate: {…}` beside a sibling; where nothing can \
                 be seen, `status: {not-scored: the reason}`",
            ));
            None
        }
        (Some(_), Some(node)) => {
            problems.push(Diagnostic::error(
                node.span,
                "a rule has either `expect` or `relate`",
                "write two rules, so that each has its own verdict",
            ));
            None
        }
    };
    let standing = status.map_or(Some(Standing::Scored), |node| standing(node, problems));
    let alternative = alternative.map_or(Some(Vec::new()), |node| {
        alternative_of(node, alternatives, problems)
    });
    Some(Rule {
        id: id_text,
        span,
        level: level?,
        defect: defect?,
        stated: stated?,
        impact: impact?,
        when: when?,
        demand: demand?,
        standing: standing?,
        alternative: alternative?,
    })
}

/// A key whose words may depend on the outcome.
struct OutcomeTextKey {
    key: &'static str,
    noun: &'static str,
    /// What is written there.
    what: &'static str,
    example: &'static str,
}

const IMPACT: OutcomeTextKey = OutcomeTextKey {
    key: "impact",
    noun: "an impact",
    what: "who is hurt when the rule breaks",
    example: "Who is hurt otherwise.",
};

const DEFECT: OutcomeTextKey = OutcomeTextKey {
    key: "defect",
    noun: "a defect",
    what: "what is wrong when the rule breaks",
    example: "what is wrong otherwise",
};

/// The same words for all, or words for each outcome and for the rest.
fn outcome_text(
    node: &Node,
    of: &OutcomeTextKey,
    problems: &mut Diagnostics,
) -> Option<OutcomeText> {
    let OutcomeTextKey {
        key,
        noun,
        what,
        example,
    } = of;
    let NodeKind::Map(_) = node.kind else {
        let text = node.text().map(OutcomeText::of_all);
        if text.is_none() {
            problems.push(Diagnostic::error(
                node.span,
                format!(
                    "`{key}` must be text or a mapping, and this is {}",
                    node.noun()
                ),
                format!(
                    "write {what}; or `{{accepted: …, other: …}}` where that depends on what happened"
                ),
            ));
        }
        return text;
    };
    let mut fields = Fields::new(node, noun, problems)?;
    let by_outcome = Outcome::ALL.map(|outcome| {
        let text = fields.text(outcome.word(), problems);
        Some((outcome, text?.to_owned()))
    });
    let other = fields.required_text("other", example, problems);
    fields.finish(problems);
    Some(OutcomeText {
        by_outcome: by_outcome.into_iter().flatten().collect(),
        other: other?.to_owned(),
    })
}

pub(super) fn is_name(text: &str) -> bool {
    !text.is_empty()
        && text
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
}

fn level_of(node: &Node, problems: &mut Diagnostics) -> Option<Level> {
    let word = node.scalar_text().unwrap_or_default();
    let found = Level::ALL.into_iter().find(|level| level.word() == word);
    if found.is_none() {
        problems.push(Diagnostic::error(
            node.span,
            format!("`{word}` is not a level"),
            suggestion(&word, &Level::ALL.map(Level::word)),
        ));
    }
    found
}

fn stated(node: &Node, problems: &mut Diagnostics) -> Option<Stated> {
    let mut fields = Fields::new(node, "a source", problems)?;
    let document = fields.required_text("document", "RFC 9110", problems);
    let section = fields.required("section", "\"11.6.1\"", problems);
    let note = fields.text("note", problems);
    fields.finish(problems);
    let section = section?;
    if let NodeKind::Float(_) = section.kind {
        problems.push(Diagnostic::error(
            section.span,
            "a section such as 11.10 would lose its zero as a number",
            "put it in quotes",
        ));
        return None;
    }
    Some(Stated {
        document: document?.to_owned(),
        section: section.scalar_text()?,
        note: note.map(str::to_owned),
    })
}

fn standing(node: &Node, problems: &mut Diagnostics) -> Option<Standing> {
    if node.text() == Some("scored") {
        return Some(Standing::Scored);
    }
    if let Some([entry]) = node.entries()
        && entry.key == "not-scored"
        && let Some(reason) = entry.value.text()
    {
        return Some(Standing::NotScored(reason.to_owned()));
    }
    problems.push(Diagnostic::error(
        node.span,
        "a rule is scored, or not scored for a reason",
        "write `status: scored` or `status: {not-scored: the reason}`",
    ));
    None
}

fn alternative_of(
    node: &Node,
    alternatives: &[Alternative],
    problems: &mut Diagnostics,
) -> Option<Vec<(usize, usize)>> {
    let mut picked = Vec::new();
    let mut lost = false;
    for entry in node.entries().unwrap_or_default() {
        let names: Vec<&str> = alternatives.iter().map(|one| one.name.as_str()).collect();
        let Some(index) = names.iter().position(|name| *name == entry.key) else {
            problems.push(Diagnostic::error(
                entry.key_span,
                format!("there is no alternative `{}`", entry.key),
                suggestion(&entry.key, &names),
            ));
            lost = true;
            continue;
        };
        let choices: Vec<&str> = alternatives
            .get(index)
            .map(|one| one.choices.iter().map(|(name, _)| name.as_str()).collect())
            .unwrap_or_default();
        let word = entry.value.scalar_text().unwrap_or_default();
        let Some(choice) = choices.iter().position(|name| *name == word) else {
            problems.push(Diagnostic::error(
                entry.value.span,
                format!("`{}` has no choice `{word}`", entry.key),
                suggestion(&word, &choices),
            ));
            lost = true;
            continue;
        };
        picked.push((index, choice));
    }
    if lost {
        return None;
    }
    if picked.is_empty() {
        problems.push(Diagnostic::error(
            node.span,
            "`alternative` names an alternative and a choice",
            "write `alternative: {name: choice}`",
        ));
        return None;
    }
    Some(picked)
}

fn relation(node: &Node, scope: &Scope<'_>, problems: &mut Diagnostics) -> Option<Relation> {
    let mut fields = Fields::new(node, "a relation", problems)?;
    let change = fields.optional("change");
    let remove = fields.optional("remove");
    let reorder = fields.optional("reorder");
    let again = fields.optional("again");
    let behind = fields.optional("behind");
    let then = fields.optional("then");
    let edited = fields.optional("edited");
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
    let ways = [change, remove, reorder, again, behind, then, edited];
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
                    return super::course::steps(node, scope, problems).map(Siblings::Behind);
                }
                if let Some(node) = then {
                    let (steps, last) = super::course::then(node, scope, problems)?;
                    return Some(Siblings::Then { steps, last });
                }
                if let Some(node) = edited {
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
                "use one of `change`, `remove`, `reorder`, `again`, `behind`, `then` and `edited`",
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

fn changes(
    node: &Node,
    scope: &Scope<'_>,
    problems: &mut Diagnostics,
) -> Option<Vec<(super::super::term::Path, ChangeTo)>> {
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
    let mut change = |entry: &MapEntry| {
        let (path, ty) = scope.path(&entry.key, entry.key_span, problems)?;
        let any = entry.value.text() == Some("any");
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

/// The field of a setting that is edited.
fn edited_path(
    node: &Node,
    scope: &Scope<'_>,
    problems: &mut Diagnostics,
) -> Option<super::super::term::Path> {
    let text = node.scalar_text().unwrap_or_default();
    let (path, _) = super::course::editable(&text, node.span, scope, problems)?;
    Some(path)
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

fn list_path(
    node: &Node,
    scope: &Scope<'_>,
    problems: &mut Diagnostics,
) -> Option<(super::super::term::Path, Type)> {
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

//! The `rules` of a spec.

use crate::yaml::{Diagnostic, Diagnostics, Fields, Node, NodeKind};

use super::super::model::{Alternative, Demand, Level, Rule, Standing, Stated};
use super::super::outcome_text::OutcomeText;
use super::super::predicate::Predicate;
use super::scope::Scope;
use super::suggestion::suggestion;
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
        (None, Some(node)) => super::relation::lower(node, scope, problems)
            .map(|relation| Demand::Relate(Box::new(relation))),
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

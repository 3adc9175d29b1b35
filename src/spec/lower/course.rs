//! The `course` of a domain, and steps wherever a spec names some.

use crate::domain::{Domain, ListType, Part, Say, Step, Symbol, Type, Value, differing};
use crate::yaml::{Diagnostic, Diagnostics, Fields, Node, NodeKind};

use super::value::plain;

/// The most steps of a course.
const LONGEST: i64 = 8;

/// What could be read of a course: its type, and the words of its steps.
pub(super) fn lower(node: &Node, problems: &mut Diagnostics) -> Option<(Type, Say)> {
    let mut fields = Fields::new(node, "a course", problems)?;
    let most = fields
        .optional("most")
        .map_or(Some(1), |node| longest(node, problems));
    let steps = fields.required("steps", "[{ask: {credential: none}}]", problems);
    fields.finish(problems);
    let NodeKind::List(items) = &steps?.kind else {
        problems.push(Diagnostic::error(
            node.span,
            "the steps of a course are a list",
            "write `steps: [{ask: {credential: none}}]`, the simplest first",
        ));
        return None;
    };
    let mut all = Vec::new();
    let mut say = Say::default();
    for item in items {
        let step = step(item, true, problems)?;
        if let Some(words) = item.get("say").and_then(Node::text) {
            say.by_value.push((step.to_string(), words.to_owned()));
        }
        all.push(step);
    }
    if all.is_empty() {
        problems.push(Diagnostic::error(
            node.span,
            "a course without steps is no course",
            "list at least one step, or leave `course` out",
        ));
        return None;
    }
    let list = ListType {
        of: Type::Among(all),
        min: 0,
        max: most?,
        distinct: false,
    };
    Some((Type::List(Box::new(list)), say))
}

fn longest(node: &Node, problems: &mut Diagnostics) -> Option<usize> {
    match node.kind {
        NodeKind::Int(most) if (1..=LONGEST).contains(&most) => usize::try_from(most).ok(),
        _ => {
            problems.push(Diagnostic::error(
                node.span,
                format!("a course has 1 to {LONGEST} steps at most"),
                "write `most: 2`",
            ));
            None
        }
    }
}

/// One step, with words where it may say some.
pub(super) fn step(node: &Node, may_say: bool, problems: &mut Diagnostics) -> Option<Value> {
    let mut value = plain(node);
    if let Value::Record(fields) = &mut value {
        fields.retain(|(name, _)| !(may_say && &**name == "say"));
    }
    match Step::from_value(&value) {
        Ok(_) => Some(value),
        Err(why) => {
            problems.push(Diagnostic::error(
                node.span,
                format!("this is no step: {why}"),
                "write `{ask: {credential: none}}`, `{edit: {policy.active: false}}`, `{wait: 1}` or \
                 `{beside: {credential: valid}}`",
            ));
            None
        }
    }
}

/// Several steps.
pub(super) fn steps(node: &Node, problems: &mut Diagnostics) -> Option<Vec<Value>> {
    let NodeKind::List(items) = &node.kind else {
        problems.push(Diagnostic::error(
            node.span,
            format!("steps are a list, and this is {}", node.noun()),
            "write `[{ask: {credential: none}}]`",
        ));
        return None;
    };
    let all: Vec<Option<Value>> = items
        .iter()
        .map(|item| step(item, false, problems))
        .collect();
    all.into_iter().collect()
}

/// Holds what steps name against the domain: a field that is edited is one of the setting's, and takes a
/// value of its own; a client has the fields that its vocabulary knows.
pub(super) fn check(node: &Node, steps: &[Value], domain: &Domain, problems: &mut Diagnostics) {
    for step in steps {
        if let Ok(Step::Edit(edits)) = Step::from_value(step) {
            for (path, value) in edits {
                let names: Vec<&str> = path.split('.').collect();
                let ty = names.split_first().and_then(|(part, names)| {
                    let part = Part::from_word(part)?;
                    domain.part(part).at(names)
                });
                match ty {
                    None => problems.push(Diagnostic::error(
                        node.span,
                        format!("a step edits `{path}`, which the domain does not have"),
                        "name a field of `policy` or `instance`",
                    )),
                    Some(ty) if !ty.contains(&value) => problems.push(Diagnostic::error(
                        node.span,
                        format!("a step sets `{path}` to `{value}`, which it never is"),
                        super::value::values_help(ty, &value.to_string()),
                    )),
                    Some(_) => {}
                }
            }
        }
    }
}

/// The steps of `then`: all but the last, and the fields in which the client that asks last differs.
pub(super) fn then(node: &Node, problems: &mut Diagnostics) -> Option<(Vec<Value>, Value)> {
    let mut steps = steps(node, problems)?;
    let last = steps.pop();
    if let Some(last) = last
        && let Ok(Step::Ask { with, times }) = Step::from_value(&last)
    {
        if times > 1 {
            let fewer = i64::from(times) - 1;
            let mut fields = vec![(Symbol::from("ask"), with.clone())];
            if fewer > 1 {
                fields.push((Symbol::from("times"), Value::Int(fewer)));
            }
            steps.push(Value::Record(fields));
        }
        return Some((steps, differing(&with, &Value::Absent)));
    }
    problems.push(Diagnostic::error(
        node.span,
        "a conversation goes on with a client that asks",
        "let the last step be an `ask`",
    ));
    None
}

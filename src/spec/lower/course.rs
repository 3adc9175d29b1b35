//! The `course` of a domain, and steps wherever a spec names some.

use crate::domain::{
    ListType, MOST_DIFFERENT_STEPS, MOST_SECONDS, MOST_STEPS, Part, Say, Step, StepWord, Symbol,
    Type, Value, differing,
};
use crate::vocabulary::{client_fields, unmet};
use crate::yaml::{Diagnostic, Diagnostics, Fields, Node, NodeKind, Span};

use super::super::term::Path;
use super::scope::Scope;
use super::suggestion::suggestion;
use super::value::plain;

/// A step of each kind.
const EXAMPLES: &str = "`{ask: {credential: none}}`, `{edit: {policy.active: false}}`, `{wait: 1}` or \
                        `{beside: {credential: valid}}`";

/// What could be read of a course: its type, and the words of its steps.
pub(super) fn lower(
    node: &Node,
    scope: &Scope<'_>,
    problems: &mut Diagnostics,
) -> Option<(Type, Say)> {
    let mut fields = Fields::new(node, "a course", problems)?;
    let most = fields
        .optional("most")
        .map_or(Some(1), |node| longest(node, problems));
    let steps = fields.required("steps", "[{ask: {credential: none}}]", problems);
    fields.finish(problems);
    let steps = steps?;
    let NodeKind::List(items) = &steps.kind else {
        problems.push(Diagnostic::error(
            steps.span,
            "the steps of a course are a list",
            "write `steps: [{ask: {credential: none}}]`, the simplest first",
        ));
        return None;
    };
    if let Some(first) = items.get(MOST_DIFFERENT_STEPS) {
        problems.push(Diagnostic::error(
            first.span,
            format!(
                "courses are made of {MOST_DIFFERENT_STEPS} different steps at most, and here are {}",
                items.len()
            ),
            "leave out this one and those behind it, or try them in a spec of their own",
        ));
        return None;
    }
    let mut say = Say::default();
    let read = items
        .iter()
        .map(|item| (item, step(item, scope, true, problems)));
    let read: Vec<(&Node, Option<Value>)> = read.collect();
    let mut all: Vec<Value> = Vec::new();
    for (item, step) in read {
        let step = step?;
        if all.contains(&step) {
            problems.push(Diagnostic::error(
                item.span,
                "this step stands here twice",
                "leave one of them out",
            ));
        }
        if let Some(words) = item.get("say").and_then(Node::text) {
            say.by_value.push((step.to_string(), words.to_owned()));
        }
        all.push(step);
    }
    if all.is_empty() {
        problems.push(Diagnostic::error(
            steps.span,
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
        NodeKind::Int(most) if (1..=MOST_STEPS as i64).contains(&most) => {
            usize::try_from(most).ok()
        }
        _ => {
            problems.push(Diagnostic::error(
                node.span,
                format!("`most` is never {}", node.shown()),
                format!(
                    "it is how many steps a course may have: write a whole number from 1 to {MOST_STEPS}"
                ),
            ));
            None
        }
    }
}

/// One step; where it may say some, its words are the reader's own and not part of it.
pub(super) fn step(
    node: &Node,
    scope: &Scope<'_>,
    may_say: bool,
    problems: &mut Diagnostics,
) -> Option<Value> {
    let entries = node.entries().unwrap_or_default();
    let mut kinds = entries
        .iter()
        .filter_map(|entry| StepWord::from_word(&entry.key).map(|word| (word, entry)));
    let Some((word, does)) = kinds.next() else {
        let (span, help) = match entries.first() {
            Some(entry) => (
                entry.key_span,
                suggestion(&entry.key, &StepWord::ALL.map(StepWord::word)),
            ),
            None => (node.span, format!("write {EXAMPLES}")),
        };
        problems.push(Diagnostic::error(
            span,
            "a step asks, edits, waits, or has others at work beside the client, and this does nothing",
            help,
        ));
        return None;
    };
    if let Some((other, entry)) = kinds.next() {
        problems.push(Diagnostic::error(
            entry.key_span,
            format!(
                "a step does one thing, and this has both `{}` and `{}`",
                word.word(),
                other.word()
            ),
            "write two steps, one behind the other",
        ));
        return None;
    }
    let what = match word {
        StepWord::Ask | StepWord::Beside => who(&does.value, word, scope, problems),
        StepWord::Edit => edits(&does.value, scope, problems),
        StepWord::Wait => number(&does.value, word.word(), (1, MOST_SECONDS), problems),
    };
    let mut fields = vec![(Symbol::from(word.word()), what)];
    for (name, least, most) in word.numbers() {
        let given = entries.iter().find(|entry| entry.key == *name);
        let number = given.map(|entry| number(&entry.value, name, (*least, *most), problems));
        // Once is what is meant where nothing is said.
        let number = number.filter(|number| *name != "times" || *number != Some(Value::Int(1)));
        fields.extend(number.map(|number| (Symbol::from(*name), number)));
    }
    let mut known = vec![word.word()];
    known.extend(word.numbers().iter().map(|(name, ..)| *name));
    if may_say {
        known.push("say");
    }
    let mut all_known = true;
    for entry in entries {
        if known.contains(&entry.key.as_str()) {
            continue;
        }
        all_known = false;
        let help = match entry.key.as_str() {
            "say" => "words for a step stand in `domain.course.steps`".to_owned(),
            _ if known.len() == 1 => "leave it out".to_owned(),
            key => suggestion(key, &known),
        };
        problems.push(Diagnostic::error(
            entry.key_span,
            format!("a step `{}` has no key `{}`", word.word(), entry.key),
            help,
        ));
    }
    if let Some(say) = node
        .get("say")
        .filter(|say| may_say && say.text().is_none())
    {
        problems.push(Diagnostic::error(
            say.span,
            format!("words must be text, and this is {}", say.noun()),
            "write `say: a bare request`",
        ));
    }
    let fields: Option<Vec<_>> = fields
        .into_iter()
        .map(|(name, value)| value.map(|value| (name, value)))
        .collect();
    fields.filter(|_| all_known).map(Value::Record)
}

/// A number of a step.
fn number(
    node: &Node,
    name: &str,
    (least, most): (i64, i64),
    problems: &mut Diagnostics,
) -> Option<Value> {
    match node.kind {
        NodeKind::Int(number) if (least..=most).contains(&number) => Some(Value::Int(number)),
        _ => {
            let unit = if name == "wait" { " of seconds" } else { "" };
            problems.push(Diagnostic::error(
                node.span,
                format!("`{name}` is never {}", node.shown()),
                format!("write a whole number{unit} from {least} to {most}"),
            ));
            None
        }
    }
}

/// The fields in which a client differs from that of the case, in the order of their declaration.
fn who(
    node: &Node,
    word: StepWord,
    scope: &Scope<'_>,
    problems: &mut Diagnostics,
) -> Option<Value> {
    let word = word.word();
    let Some(entries) = node.entries() else {
        problems.push(Diagnostic::error(
            node.span,
            format!("`{word}` names fields of the client, and this is {}", node.noun()),
            format!(
                "write `{word}: {{credential: none}}`, or `{word}: {{}}` for a client like that of the case"
            ),
        ));
        return None;
    };
    let before = problems.list.len();
    for entry in entries {
        super::suggestion::check_word(&entry.key, entry.key_span, &[&entry.value], problems);
    }
    if problems.list.len() > before {
        return None;
    }
    let fields = client_fields().iter().filter_map(|field| {
        let value = &entries.iter().find(|entry| entry.key == field.name)?.value;
        Some((Symbol::from(field.name), plain(value)))
    });
    let with = Value::Record(fields.collect());
    if let Some(domain) = scope.domain
        && let Some(needs) = unmet(&domain.client, &with)
    {
        problems.push(Diagnostic::error(
            node.span,
            format!("no client of the domain can ask so: {}", needs.why),
            format!(
                "give it a `{0}` that goes with it, such as `{0}: {1}`",
                needs.other,
                needs.among.first().unwrap_or(&"…")
            ),
        ));
        return None;
    }
    Some(with)
}

/// The fields of the setting that take other values.
fn edits(node: &Node, scope: &Scope<'_>, problems: &mut Diagnostics) -> Option<Value> {
    let entries = node.entries().unwrap_or_default();
    if entries.is_empty() {
        problems.push(Diagnostic::error(
            node.span,
            "`edit` says which fields of the setting take which values",
            "write `edit: {policy.active: false}`",
        ));
        return None;
    }
    let all: Vec<Option<_>> = entries
        .iter()
        .map(|entry| {
            if scope.domain.is_none() {
                let part = entry.key.split('.').next().and_then(Part::from_word);
                let name = Symbol::from(entry.key.as_str());
                return match part {
                    Some(Part::Policy | Part::Instance) => Some((name, plain(&entry.value))),
                    _ => no_setting(&entry.key, entry.key_span, scope, problems),
                };
            }
            let (path, ty) = editable(&entry.key, entry.key_span, scope, problems)?;
            let value = super::value::value(&entry.value, &ty, &entry.key, problems)?;
            Some((Symbol::from(path.text.as_str()), value))
        })
        .collect();
    all.into_iter().collect::<Option<_>>().map(Value::Record)
}

/// A field that an edit can change.
pub(super) fn editable(
    text: &str,
    span: Span,
    scope: &Scope<'_>,
    problems: &mut Diagnostics,
) -> Option<(Path, Type)> {
    if scope.is_broken(text) {
        return None;
    }
    let mut names = text.split('.');
    let part = names.next().and_then(Part::from_word);
    let names: Vec<&str> = names.collect();
    if let Some(domain) = scope.domain
        && let Some(part) = part
        && matches!(part, Part::Policy | Part::Instance)
    {
        let ty = domain.part(part);
        let is_list = |upto: &usize| {
            let of = names.get(..*upto).and_then(|names| ty.at(names));
            matches!(of, Some(Type::List(_)))
        };
        if let Some(upto) = (1..names.len()).find(is_list) {
            let list = names.get(..upto).unwrap_or_default().join(".");
            problems.push(Diagnostic::error(
                span,
                format!(
                    "`{text}` is within the items of a list, and an edit changes a list as a whole"
                ),
                format!("name the list, `{}.{list}`", part.word()),
            ));
            return None;
        }
        return match ty.at(&names) {
            Some(_) => scope.path(text, span, problems),
            None => no_setting(text, span, scope, problems),
        };
    }
    if scope.domain.is_none() {
        return scope.path(text, span, problems);
    }
    no_setting(text, span, scope, problems)
}

/// What is no field of the setting, with the one that was meant.
fn no_setting<T>(
    text: &str,
    span: Span,
    scope: &Scope<'_>,
    problems: &mut Diagnostics,
) -> Option<T> {
    let fields = scope.setting_fields();
    let known: Vec<&str> = fields.iter().map(String::as_str).collect();
    let behind = format!(".{text}");
    let whole = known.iter().find(|known| known.ends_with(&behind));
    let part = text.split('.').next().and_then(Part::from_word);
    if let Some(Part::Client | Part::Course) = part {
        problems.push(Diagnostic::error(
            span,
            format!("an edit changes the setting, and `{text}` is not of it"),
            match known.as_slice() {
                [] => "name a field of `policy` or `instance`".to_owned(),
                known => format!("name one of its fields: {}", suggestion("", known)),
            },
        ));
        return None;
    }
    problems.push(Diagnostic::error(
        span,
        format!("the setting has no field `{text}`"),
        match whole {
            Some(whole) => format!("write it whole: `{whole}`"),
            None => suggestion(text, &known),
        },
    ));
    None
}

/// The steps that a rule names: not more than a course may have.
pub(super) fn few_steps(
    node: &Node,
    scope: &Scope<'_>,
    problems: &mut Diagnostics,
) -> Option<Vec<Value>> {
    if let NodeKind::List(items) = &node.kind
        && let Some(first) = items.get(MOST_STEPS)
    {
        problems.push(Diagnostic::error(
            first.span,
            format!(
                "these are {} steps, and a conversation has {MOST_STEPS} at most",
                items.len()
            ),
            "leave out this one and those behind it; a step that asks several times has `times`",
        ));
        return None;
    }
    steps(node, scope, problems)
}

/// Several steps.
pub(super) fn steps(
    node: &Node,
    scope: &Scope<'_>,
    problems: &mut Diagnostics,
) -> Option<Vec<Value>> {
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
        .map(|item| step(item, scope, false, problems))
        .collect();
    all.into_iter().collect()
}

/// The steps of `then`: all but the last, and the fields in which the client that asks last differs.
pub(super) fn then(
    node: &Node,
    scope: &Scope<'_>,
    problems: &mut Diagnostics,
) -> Option<(Vec<Value>, Value)> {
    let mut steps = few_steps(node, scope, problems)?;
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

//! Changes: every one-step simplification of a case, and every variation of one field.

use std::fmt;

use super::case::{Case, Part};
use super::simplicity::Simplicity;
use super::space::Domain;
use super::types::{ListType, Type};
use super::value::{Symbol, Value};

/// One step from a case to another, in words and as the case that it leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The part that it changes; a joint move, which changes several, names the policy.
    pub part: Part,
    /// What it changes, such as `policy.profiles[1].scheme`.
    pub path: String,
    /// What it does there.
    pub action: Action,
    /// The case that it leads to.
    pub case: Case,
}

/// What a change does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// One value takes the place of another.
    Set {
        /// The value before.
        from: String,
        /// The value after.
        to: String,
    },
    /// Items leave a list.
    Drop,
    /// Two neighbours in a list change places.
    Swap,
    /// Two symbols change places wherever they stand.
    Exchange {
        /// One of them.
        this: Symbol,
        /// The other.
        that: Symbol,
    },
    /// A whole group takes its simplest value.
    Reset,
    /// A flag goes back, and another field changes in its place; each in words.
    Substitute {
        /// What goes back.
        set_back: String,
        /// What changes.
        step: String,
    },
}

impl fmt::Display for Change {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.action {
            Action::Set { from, to } => write!(out, "{}: {from} -> {to}", self.path),
            Action::Drop => write!(out, "without {}", self.path),
            Action::Swap => write!(out, "{} in the other order", self.path),
            Action::Exchange { this, that } => {
                write!(out, "{this} and {that} exchanged throughout")
            }
            Action::Reset => write!(out, "{} at its simplest", self.path),
            Action::Substitute { set_back, step } => write!(out, "{set_back}, {step}"),
        }
    }
}

/// A changed value within one part, before it is put back into the case.
struct PartChange {
    path: String,
    action: Action,
    value: Value,
}

impl Domain {
    /// Every one-step simplification of a case: steps go first, then the client's before the policy's (a
    /// client costs one request, a policy an installation), and the greatest cuts first. Each is strictly simpler than
    /// the case, so following them always ends.
    pub fn simplifications(&self, case: &Case) -> Vec<Change> {
        let mut changes = Vec::new();
        for part in [Part::Course, Part::Client, Part::Policy, Part::Instance] {
            let mut steps = Vec::new();
            simplify(self.part(part), case.part(part), part.word(), &mut steps);
            changes.extend(steps.into_iter().map(|step| step.into_change(part, case)));
        }
        changes.extend(self.exchanges(case));
        let here = Simplicity::of_case(self, case);
        let mut kept: Vec<Change> = Vec::new();
        for change in changes {
            let simpler = Simplicity::of_case(self, &change.case) < here;
            let known = kept.iter().any(|other| other.case == change.case);
            if simpler && !known && self.contains(&change.case) {
                kept.push(change);
            }
        }
        kept
    }

    /// Every other value of every single field of a case: what an explanation tries.
    pub fn variations(&self, case: &Case) -> Vec<Change> {
        let mut changes = Vec::new();
        for part in Part::ALL {
            let mut steps = Vec::new();
            vary(self.part(part), case.part(part), part.word(), &mut steps);
            changes.extend(steps.into_iter().map(|step| step.into_change(part, case)));
        }
        changes.retain(|change| self.contains(&change.case));
        changes
    }

    /// Joint moves: where several fields take the same symbols, one may refer to another, so two
    /// symbols are exchanged in all of them at once.
    pub fn exchanges(&self, case: &Case) -> Vec<Change> {
        let mut alphabets: Vec<&[Symbol]> = Vec::new();
        for part in Part::ALL {
            collect_alphabets(self.part(part), &mut alphabets);
        }
        let mut changes = Vec::new();
        let mut seen: Vec<&[Symbol]> = Vec::new();
        for alphabet in &alphabets {
            let shared = alphabets.iter().filter(|other| other == &alphabet).count() > 1;
            if !shared || seen.contains(alphabet) {
                continue;
            }
            seen.push(alphabet);
            for (index, this) in alphabet.iter().enumerate() {
                for that in alphabet.iter().skip(index + 1) {
                    let exchange = SymbolExchange {
                        alphabet,
                        this,
                        that,
                    };
                    let changed = Case {
                        policy: exchange.apply(&self.policy, &case.policy),
                        instance: exchange.apply(&self.instance, &case.instance),
                        course: exchange.apply(&self.course, &case.course),
                        client: exchange.apply(&self.client, &case.client),
                    };
                    changes.push(Change {
                        part: Part::Policy,
                        path: String::new(),
                        action: Action::Exchange {
                            this: this.clone(),
                            that: that.clone(),
                        },
                        case: changed,
                    });
                }
            }
        }
        changes
    }
}

impl PartChange {
    fn into_change(self, part: Part, case: &Case) -> Change {
        Change {
            part,
            path: self.path,
            action: self.action,
            case: case.with(part, self.value),
        }
    }
}

fn set(path: &str, from: &Value, to: Value) -> PartChange {
    let action = Action::Set {
        from: from.to_string(),
        to: to.to_string(),
    };
    PartChange {
        path: path.to_owned(),
        action,
        value: to,
    }
}

fn simplify(ty: &Type, value: &Value, path: &str, steps: &mut Vec<PartChange>) {
    match (ty, value) {
        (Type::Record(_), Value::Record(_)) => {
            let simplest = ty.simplest();
            if simplest != *value {
                steps.push(PartChange {
                    path: path.to_owned(),
                    action: Action::Reset,
                    value: simplest,
                });
            }
            in_record(ty, value, path, simplify, steps);
        }
        (Type::List(list), Value::List(items)) => {
            drop_items(list, items, path, steps);
            in_list(list, items, path, simplify, steps);
            for index in 1..items.len() {
                let mut swapped = items.clone();
                swapped.swap(index - 1, index);
                steps.push(PartChange {
                    path: format!("{path}[{}] and [{index}]", index - 1),
                    action: Action::Swap,
                    value: Value::List(swapped),
                });
            }
        }
        (Type::Optional(inner), value) if *value != Value::Absent => {
            steps.push(set(path, value, Value::Absent));
            simplify(inner, value, path, steps);
        }
        (Type::Int { min, .. }, Value::Int(have)) => {
            let gap = have.abs_diff(*min);
            let mut tried = Vec::new();
            for less in [gap, gap / 2, gap.min(1)] {
                let to = i64::try_from(less).map(|less| have.saturating_sub(less));
                if let Ok(to) = to
                    && to < *have
                    && !tried.contains(&to)
                {
                    tried.push(to);
                    steps.push(set(path, value, Value::Int(to)));
                }
            }
        }
        (Type::Bool { .. } | Type::OneOf(_) | Type::Among(_), value) => {
            let simpler = ty.values().take_while(|other| other != value);
            steps.extend(simpler.map(|other| set(path, value, other)));
        }
        _ => {}
    }
}

fn drop_items(list: &ListType, items: &[Value], path: &str, steps: &mut Vec<PartChange>) {
    let mut push = |path: String, kept: Vec<Value>| {
        if kept.len() >= list.min && kept.len() < items.len() {
            steps.push(PartChange {
                path,
                action: Action::Drop,
                value: Value::List(kept),
            });
        }
    };
    if items.len() > 2 {
        push(
            format!("all {path}"),
            items.iter().take(list.min).cloned().collect(),
        );
        let half = items.len() / 2;
        push(
            format!("the later {path}"),
            items.iter().take(half).cloned().collect(),
        );
        push(
            format!("the earlier {path}"),
            items.iter().skip(half).cloned().collect(),
        );
    }
    for index in 0..items.len() {
        let kept = items
            .iter()
            .enumerate()
            .filter(|(at, _)| *at != index)
            .map(|(_, item)| item.clone());
        push(format!("{path}[{index}]"), kept.collect());
    }
}

fn vary(ty: &Type, value: &Value, path: &str, steps: &mut Vec<PartChange>) {
    match (ty, value) {
        (Type::Record(_), Value::Record(_)) => in_record(ty, value, path, vary, steps),
        (Type::List(list), Value::List(items)) => {
            drop_items(list, items, path, steps);
            if items.is_empty() && list.max > 0 {
                // Nothing can leave an empty list, so the simplest item comes.
                steps.push(set(path, value, Value::List(vec![list.of.simplest()])));
            }
            in_list(list, items, path, vary, steps);
        }
        (Type::Optional(inner), value) if *value != Value::Absent => {
            steps.push(set(path, value, Value::Absent));
            vary(inner, value, path, steps);
        }
        (_, value) => {
            let others = ty
                .values()
                .filter(|other| other != value)
                .take(MOST_VARIATIONS);
            steps.extend(others.map(|other| set(path, value, other)));
        }
    }
}

/// The most other values of one field that are tried, so that a wide field costs no more than a
/// bounded number of requests.
const MOST_VARIATIONS: usize = 16;

type Descend = fn(&Type, &Value, &str, &mut Vec<PartChange>);

fn in_record(ty: &Type, value: &Value, path: &str, descend: Descend, steps: &mut Vec<PartChange>) {
    let (Type::Record(fields), Value::Record(values)) = (ty, value) else {
        return;
    };
    for (index, (field, (name, inner))) in fields.iter().zip(values).enumerate() {
        let mut within = Vec::new();
        descend(&field.ty, inner, &format!("{path}.{name}"), &mut within);
        for step in within {
            let mut changed = values.clone();
            if let Some(slot) = changed.get_mut(index) {
                slot.1 = step.value;
            }
            steps.push(PartChange {
                value: Value::Record(changed),
                ..step
            });
        }
    }
}

fn in_list(
    list: &ListType,
    items: &[Value],
    path: &str,
    descend: Descend,
    steps: &mut Vec<PartChange>,
) {
    for (index, item) in items.iter().enumerate() {
        let mut within = Vec::new();
        descend(&list.of, item, &format!("{path}[{index}]"), &mut within);
        for step in within {
            let mut changed = items.to_vec();
            if let Some(slot) = changed.get_mut(index) {
                *slot = step.value;
            }
            steps.push(PartChange {
                value: Value::List(changed),
                ..step
            });
        }
    }
}

fn collect_alphabets<'a>(ty: &'a Type, into: &mut Vec<&'a [Symbol]>) {
    match ty {
        Type::OneOf(symbols) if symbols.len() > 1 => into.push(symbols),
        Type::Record(fields) => fields
            .iter()
            .for_each(|field| collect_alphabets(&field.ty, into)),
        Type::List(list) => collect_alphabets(&list.of, into),
        Type::Optional(inner) => collect_alphabets(inner, into),
        _ => {}
    }
}

struct SymbolExchange<'a> {
    alphabet: &'a [Symbol],
    this: &'a Symbol,
    that: &'a Symbol,
}

impl SymbolExchange<'_> {
    fn apply(&self, ty: &Type, value: &Value) -> Value {
        match (ty, value) {
            (Type::OneOf(symbols), Value::Symbol(have)) if symbols == self.alphabet => {
                Value::Symbol(if have == self.this {
                    self.that.clone()
                } else if have == self.that {
                    self.this.clone()
                } else {
                    have.clone()
                })
            }
            (Type::Record(fields), Value::Record(values)) => Value::Record(
                fields
                    .iter()
                    .zip(values)
                    .map(|(field, (name, value))| (name.clone(), self.apply(&field.ty, value)))
                    .collect(),
            ),
            (Type::List(list), Value::List(items)) => Value::List(
                items
                    .iter()
                    .map(|item| self.apply(&list.of, item))
                    .collect(),
            ),
            (Type::Optional(inner), value) if *value != Value::Absent => self.apply(inner, value),
            _ => value.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use quickcheck::quickcheck;

    use super::super::samples;
    use super::super::strategy::Sampler;
    use super::*;

    quickcheck! {
        fn shrinking_always_gets_simpler_and_ends(seed: u64) -> bool {
            let domain = samples::domain();
            let mut case = Sampler::new(&domain, seed).case().unwrap();
            let mut steps = 0;
            while let Some(change) = domain.simplifications(&case).into_iter().last() {
                let simpler = Simplicity::of_case(&domain, &change.case)
                    < Simplicity::of_case(&domain, &case);
                if !simpler || !domain.contains(&change.case) || steps > 500 {
                    return false;
                }
                steps += 1;
                case = change.case;
            }
            case == domain.simplest()
        }

        fn variations_change_one_field_to_every_other_value(seed: u64) -> bool {
            let domain = samples::domain();
            let case = Sampler::new(&domain, seed).case().unwrap();
            let variations = domain.variations(&case);
            let of = |path: &str| variations.iter().filter(|change| change.path == path).count();
            variations.iter().all(|change| change.case != case && domain.contains(&change.case))
                && of("policy.advertise_all") == 1
                && of("client.retries") == 9
                && of("client.note") >= 1
        }
    }

    #[test]
    fn symbols_that_refer_to_one_another_are_exchanged_together() {
        let domain = samples::domain();
        let mut case = domain.simplest();
        case.client = Value::record([
            ("persona", Value::symbol("preemptive")),
            ("scheme", Value::symbol("bearer")),
            ("retries", Value::Int(0)),
            ("note", Value::Absent),
        ]);
        let profile = |scheme| {
            Value::record([
                ("scheme", Value::symbol(scheme)),
                ("active", Value::Bool(true)),
            ])
        };
        case.policy = Value::record([
            ("active", Value::Bool(true)),
            ("profiles", Value::List(vec![profile("bearer")])),
            ("advertise_all", Value::Bool(false)),
        ]);
        let exchange = domain
            .simplifications(&case)
            .into_iter()
            .find(|change| matches!(change.action, Action::Exchange { .. }))
            .expect("both refer to a scheme");
        assert_eq!(
            exchange.to_string(),
            "basic and bearer exchanged throughout"
        );
        assert_eq!(
            exchange.case.at("client.scheme"),
            Some(&Value::symbol("basic"))
        );
        let first = exchange
            .case
            .at("policy.profiles")
            .and_then(Value::items)
            .unwrap();
        assert_eq!(first, [profile("basic")]);
    }
}

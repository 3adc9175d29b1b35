//! Covering arrays: few cases in which every two field values meet.

use std::collections::BTreeSet;

use super::case::{Case, Part};
use super::space::Domain;
use super::types::Type;
use super::value::Value;

/// A 2-way covering array.
#[derive(Clone, Debug)]
pub struct Cover {
    /// The cases, the one that covers most first.
    pub cases: Vec<Case>,
    /// How many pairs of values they cover.
    pub pairs: usize,
    /// How many pairs no allowed case was found for.
    pub impossible: usize,
}

/// The most values of one field that take part; a wider field takes part with its first, its last
/// and some between.
const MOST_VALUES: usize = 8;

/// How many completions of a pair are tried before it is called impossible.
const TRIES: usize = 24;

/// A field that can be chosen: a leaf of the domain, a list's length, or an option's presence.
struct Factor {
    /// How many levels it has.
    levels: usize,
    /// Other factors that must have at least a level for this one to exist.
    needs: Vec<(usize, usize)>,
}

/// How to build a value out of chosen levels.
enum Plan {
    /// Nothing is chosen.
    Fixed(Value),
    Leaf {
        factor: usize,
        values: Vec<Value>,
    },
    Record(Vec<(super::value::Symbol, Plan)>),
    List {
        length: usize,
        lengths: Vec<usize>,
        items: Vec<Plan>,
    },
    Optional {
        present: usize,
        inner: Box<Plan>,
    },
}

/// Two factors at two levels.
type Pair = (usize, usize, usize, usize);

/// Cases of the domain in which every two values of two fields meet, where an `allowed` case has
/// both. Deterministic.
pub fn covering(domain: &Domain, allowed: &dyn Fn(&Case) -> bool) -> Cover {
    let mut factors = Vec::new();
    let plans: Vec<Plan> = Part::ALL
        .into_iter()
        .map(|part| match (part, domain.part(part)) {
            (Part::Course, ty) if ty.count() == 1 => Plan::Fixed(ty.simplest()),
            (_, ty) => plan(ty, &[], &mut factors),
        })
        .collect();
    let mut open = all_pairs(&factors);
    let total = open.len();
    let mut cover = Cover {
        cases: Vec::new(),
        pairs: 0,
        impossible: 0,
    };
    while let Some(&pair) = open.first() {
        let found = (0..TRIES).find_map(|attempt| {
            let row = complete(&factors, pair, &open, cover.cases.len() + attempt, attempt)?;
            let case = build_case(&plans, &row)?;
            (allowed(&case) && domain.contains(&case)).then_some((row, case))
        });
        match found {
            Some((row, case)) => {
                open.retain(|pair| !covers(&row, pair));
                cover.cases.push(case);
            }
            None => {
                open.remove(&pair);
                cover.impossible += 1;
            }
        }
    }
    cover.pairs = total - cover.impossible;
    cover
}

fn plan(ty: &Type, needs: &[(usize, usize)], factors: &mut Vec<Factor>) -> Plan {
    let mut factor = |levels: usize| {
        factors.push(Factor {
            levels,
            needs: needs.to_vec(),
        });
        factors.len() - 1
    };
    match ty {
        Type::Record(fields) => Plan::Record(
            fields
                .iter()
                .map(|field| (field.name.clone(), plan(&field.ty, needs, factors)))
                .collect(),
        ),
        Type::List(list) => {
            let lengths = spread(list.min, list.max);
            let length = factor(lengths.len());
            let longest = lengths.last().copied().unwrap_or(0);
            let items = (0..longest)
                .map(|index| {
                    let level = lengths
                        .iter()
                        .position(|length| *length > index)
                        .unwrap_or(0);
                    let mut needs = needs.to_vec();
                    needs.push((length, level));
                    plan(&list.of, &needs, factors)
                })
                .collect();
            Plan::List {
                length,
                lengths,
                items,
            }
        }
        Type::Optional(inner) => {
            let present = factor(2);
            let mut needs = needs.to_vec();
            needs.push((present, 1));
            Plan::Optional {
                present,
                inner: Box::new(plan(inner, &needs, factors)),
            }
        }
        Type::Int { min, max } => {
            let width = usize::try_from(max.abs_diff(*min)).unwrap_or(usize::MAX);
            let values: Vec<Value> = spread(0, width)
                .into_iter()
                .filter_map(|step| i64::try_from(step).ok())
                .map(|step| Value::Int(min.saturating_add(step)))
                .collect();
            Plan::Leaf {
                factor: factor(values.len()),
                values,
            }
        }
        Type::Bool { .. } | Type::OneOf(_) | Type::Among(_) => {
            let values: Vec<Value> = ty.values().take(MOST_VALUES).collect();
            Plan::Leaf {
                factor: factor(values.len()),
                values,
            }
        }
    }
}

/// Numbers from `min` to `max`: all of them, or the ends and some between.
fn spread(min: usize, max: usize) -> Vec<usize> {
    let width = max.saturating_sub(min);
    let steps = width.min(MOST_VALUES - 1);
    let mut numbers: Vec<usize> = (0..=steps)
        .map(|step| min + (width * step).checked_div(steps).unwrap_or(0))
        .collect();
    numbers.dedup();
    numbers
}

fn all_pairs(factors: &[Factor]) -> BTreeSet<Pair> {
    let mut pairs = BTreeSet::new();
    for (first, one) in factors.iter().enumerate() {
        for (second, other) in factors.iter().enumerate().skip(first + 1) {
            for level in 0..one.levels {
                for with in 0..other.levels {
                    let held = |needs: &[(usize, usize)], factor: usize, level: usize| {
                        needs
                            .iter()
                            .all(|(needed, least)| *needed != factor || level >= *least)
                    };
                    if held(&other.needs, first, level) && held(&one.needs, second, with) {
                        pairs.insert((first, level, second, with));
                    }
                }
            }
        }
    }
    pairs
}

/// A whole row that has the pair: what the pair needs first, then level by level whatever covers
/// most of what is still open. The turn varies the choice among equals; later attempts vary more, and the
/// last takes the simplest of everything else, which constraints exclude least.
fn complete(
    factors: &[Factor],
    pair: Pair,
    open: &BTreeSet<Pair>,
    turn: usize,
    attempt: usize,
) -> Option<Vec<Option<usize>>> {
    let mut row: Vec<Option<usize>> = vec![None; factors.len()];
    let mut fixed = vec![(pair.0, pair.1), (pair.2, pair.3)];
    let mut at_least: Vec<(usize, usize)> = Vec::new();
    for (factor, _) in &fixed {
        at_least.extend(factors.get(*factor)?.needs.iter().copied());
    }
    fixed.retain(|(factor, level)| {
        !at_least
            .iter()
            .any(|(needed, least)| needed == factor && level < least)
    });
    for (factor, level) in &fixed {
        *row.get_mut(*factor)? = Some(*level);
    }
    // Factors are in an order in which a factor comes after those it needs.
    for (index, factor) in factors.iter().enumerate() {
        let exists = factor.needs.iter().all(|(needed, least)| {
            row.get(*needed)
                .copied()
                .flatten()
                .is_some_and(|l| l >= *least)
        });
        if !exists {
            *row.get_mut(index)? = None;
            continue;
        }
        if row.get(index).copied().flatten().is_some() {
            continue;
        }
        let least = at_least
            .iter()
            .filter(|(needed, _)| *needed == index)
            .map(|(_, least)| *least)
            .max()
            .unwrap_or(0);
        if attempt + 1 == TRIES {
            *row.get_mut(index)? = Some(least);
            continue;
        }
        let levels = factor.levels.saturating_sub(least).max(1);
        let best = (0..levels)
            .map(|offset| least + (offset + mixed(turn, index, attempt)) % levels)
            .map(|level| (gain(&row, index, level, open), level))
            .reduce(|best, next| {
                let better = if attempt.is_multiple_of(2) {
                    next.0 > best.0
                } else {
                    false
                };
                if better { next } else { best }
            })?;
        *row.get_mut(index)? = Some(best.1);
    }
    Some(row)
}

/// A number that varies with each of its arguments: where the choice among equals begins.
fn mixed(turn: usize, index: usize, attempt: usize) -> usize {
    let mut bits = (turn as u64) << 32 ^ (index as u64) << 16 ^ attempt as u64;
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    usize::try_from((bits ^ (bits >> 31)) & 0xffff).unwrap_or(0)
}

fn gain(row: &[Option<usize>], index: usize, level: usize, open: &BTreeSet<Pair>) -> usize {
    row.iter()
        .enumerate()
        .filter(|(other, have)| {
            have.is_some_and(|have| {
                let pair = if *other < index {
                    (*other, have, index, level)
                } else {
                    (index, level, *other, have)
                };
                *other != index && open.contains(&pair)
            })
        })
        .count()
}

fn covers(row: &[Option<usize>], pair: &Pair) -> bool {
    row.get(pair.0).copied().flatten() == Some(pair.1)
        && row.get(pair.2).copied().flatten() == Some(pair.3)
}

fn build_case(plans: &[Plan], row: &[Option<usize>]) -> Option<Case> {
    let [policy, instance, course, client] = plans else {
        return None;
    };
    Some(Case {
        policy: build(policy, row)?,
        instance: build(instance, row)?,
        course: build(course, row)?,
        client: build(client, row)?,
    })
}

fn build(plan: &Plan, row: &[Option<usize>]) -> Option<Value> {
    let level = |factor: &usize| row.get(*factor).copied().flatten();
    Some(match plan {
        Plan::Fixed(value) => value.clone(),
        Plan::Leaf { factor, values } => values.get(level(factor)?)?.clone(),
        Plan::Record(fields) => Value::Record(
            fields
                .iter()
                .map(|(name, plan)| Some((name.clone(), build(plan, row)?)))
                .collect::<Option<Vec<_>>>()?,
        ),
        Plan::List {
            length,
            lengths,
            items,
        } => {
            let length = *lengths.get(level(length)?)?;
            Value::List(
                items
                    .iter()
                    .take(length)
                    .map(|item| build(item, row))
                    .collect::<Option<Vec<_>>>()?,
            )
        }
        Plan::Optional { present, inner } => match level(present)? {
            0 => Value::Absent,
            _ => build(inner, row)?,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::super::samples;
    use super::*;

    /// Counts pairs the slow way, from the cases themselves.
    fn meets(cases: &[Case], one: (&str, &Value), other: (&str, &Value)) -> bool {
        cases
            .iter()
            .any(|case| case.at(one.0) == Some(one.1) && case.at(other.0) == Some(other.1))
    }

    #[test]
    fn every_two_values_meet_in_few_cases() {
        let domain = samples::domain();
        let cover = covering(&domain, &|_| true);
        assert_eq!(cover.impossible, 0);
        assert!(cover.cases.len() < 90, "{} cases", cover.cases.len());
        assert!(cover.cases.iter().all(|case| domain.contains(case)));
        let flags = [
            "policy.active",
            "policy.advertise_all",
            "instance.first_scheme_only",
        ];
        for flag in flags {
            for value in [true, false] {
                for (path, symbol) in [
                    ("client.scheme", "basic"),
                    ("client.scheme", "bearer"),
                    ("client.note", "long"),
                ] {
                    let one = Value::Bool(value);
                    let other = Value::symbol(symbol);
                    assert!(
                        meets(&cover.cases, (flag, &one), (path, &other)),
                        "{flag} {symbol}"
                    );
                }
            }
        }
        for length in 0..=3 {
            for scheme in ["basic", "bearer"] {
                let met = cover.cases.iter().any(|case| {
                    case.at("policy.profiles")
                        .and_then(Value::items)
                        .unwrap()
                        .len()
                        == length
                        && case.at("client.scheme") == Some(&Value::symbol(scheme))
                });
                assert!(met, "{length} profiles and a {scheme} client");
            }
        }
    }

    #[test]
    fn what_a_constraint_forbids_is_impossible_and_the_rest_is_covered() {
        let domain = samples::domain();
        let forbidden = |case: &Case| {
            case.at("client.scheme") == Some(&Value::symbol("basic"))
                && case.at("client.note") == Some(&Value::symbol("long"))
        };
        let cover = covering(&domain, &|case| !forbidden(case));
        assert_eq!(cover.impossible, 1);
        assert!(!cover.cases.iter().any(forbidden));
    }
}

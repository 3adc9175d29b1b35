//! Covering arrays: few cases in which every two field values meet.

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

/// The most values of one field that take part: of numbers the first, the last and some between, of a client's words the
/// first.
const MOST_VALUES: usize = 8;

/// The most words of a field of a setting that take part. A client has more of them, which the rules that look at them are
/// met by anyway; a setting with a word that none of the array has may be met by nobody.
const MOST_WORDS: usize = 64;

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
enum LevelPlan {
    /// Nothing is chosen.
    Fixed(Value),
    Leaf {
        factor: usize,
        values: Vec<Value>,
    },
    Record(Vec<(super::value::Symbol, LevelPlan)>),
    List {
        length: usize,
        lengths: Vec<usize>,
        items: Vec<LevelPlan>,
    },
    Optional {
        present: usize,
        inner: Box<LevelPlan>,
    },
}

/// Two factors at two levels.
type Pair = (usize, usize, usize, usize);

/// Cases of the domain in which every two values of two fields meet, where an `allowed` case has
/// both. Deterministic.
pub fn covering(domain: &Domain, allowed: &dyn Fn(&Case) -> bool) -> Cover {
    let mut factors = Vec::new();
    let plans: Vec<LevelPlan> = Part::ALL
        .into_iter()
        .map(|part| match (part, domain.part(part)) {
            (Part::Course, ty) if ty.count() == 1 => LevelPlan::Fixed(ty.simplest()),
            (Part::Policy | Part::Instance, ty) => plan(ty, MOST_WORDS, &[], &mut factors),
            (_, ty) => plan(ty, MOST_VALUES, &[], &mut factors),
        })
        .collect();
    let mut open = UncoveredPairs::all(&factors);
    let total = open.left;
    let mut cover = Cover {
        cases: Vec::new(),
        pairs: 0,
        impossible: 0,
    };
    while let Some(pair) = open.first() {
        let found = (0..TRIES).find_map(|attempt| {
            let row = complete(&factors, pair, &open, cover.cases.len() + attempt, attempt)?;
            let case = build_case(&plans, &row)?;
            (allowed(&case) && domain.contains(&case)).then_some((row, case))
        });
        match found {
            Some((row, case)) => {
                open.close_all(&row);
                cover.cases.push(case);
            }
            None => {
                open.close(pair);
                cover.impossible += 1;
            }
        }
    }
    cover.pairs = total - cover.impossible;
    cover
}

fn plan(ty: &Type, most: usize, needs: &[(usize, usize)], factors: &mut Vec<Factor>) -> LevelPlan {
    let mut factor = |levels: usize| {
        factors.push(Factor {
            levels,
            needs: needs.to_vec(),
        });
        factors.len() - 1
    };
    match ty {
        Type::Record(fields) => LevelPlan::Record(
            fields
                .iter()
                .map(|field| (field.name.clone(), plan(&field.ty, most, needs, factors)))
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
                    plan(&list.of, most, &needs, factors)
                })
                .collect();
            LevelPlan::List {
                length,
                lengths,
                items,
            }
        }
        Type::Optional(inner) => {
            let present = factor(2);
            let mut needs = needs.to_vec();
            needs.push((present, 1));
            LevelPlan::Optional {
                present,
                inner: Box::new(plan(inner, most, &needs, factors)),
            }
        }
        Type::Int { min, max } => {
            let width = usize::try_from(max.abs_diff(*min)).unwrap_or(usize::MAX);
            let values: Vec<Value> = spread(0, width)
                .into_iter()
                .filter_map(|step| i64::try_from(step).ok())
                .map(|step| Value::Int(min.saturating_add(step)))
                .collect();
            LevelPlan::Leaf {
                factor: factor(values.len()),
                values,
            }
        }
        Type::Bool { .. } | Type::OneOf(_) | Type::Among(_) => {
            let values: Vec<Value> = ty.values().take(most).collect();
            LevelPlan::Leaf {
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

/// The pairs that no case covers yet.
///
/// A factor at a level is a *place*, numbered in the order of both; a place has the set of those that it is
/// still to meet, each pair in the sets of both.
struct UncoveredPairs {
    /// The first place of each factor.
    first_place: Vec<usize>,
    /// Factor and level of each place.
    places: Vec<(usize, usize)>,
    /// For each place those to meet, as bits.
    to_meet: Vec<Vec<u64>>,
    /// How many pairs there are.
    left: usize,
    /// No place before this one is the first of a pair.
    from: usize,
}

const BITS: usize = u64::BITS as usize;

impl UncoveredPairs {
    /// Every pair of levels that two factors can have together.
    fn all(factors: &[Factor]) -> Self {
        let mut first_place = Vec::with_capacity(factors.len());
        let mut places = Vec::new();
        for (index, factor) in factors.iter().enumerate() {
            first_place.push(places.len());
            places.extend((0..factor.levels).map(|level| (index, level)));
        }
        let words = places.len().div_ceil(BITS);
        let mut open = Self {
            to_meet: vec![vec![0; words]; places.len()],
            first_place,
            places,
            left: 0,
            from: 0,
        };
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
                            open.put((first, level, second, with), true);
                        }
                    }
                }
            }
        }
        open
    }

    fn place(&self, factor: usize, level: usize) -> usize {
        self.first_place
            .get(factor)
            .map_or(0, |first| first + level)
    }

    /// Opens a pair or closes it.
    fn put(&mut self, (first, level, second, with): Pair, is_open: bool) {
        let (one, other) = (self.place(first, level), self.place(second, with));
        let mut changed = false;
        for (this, that) in [(one, other), (other, one)] {
            let word = self.to_meet.get_mut(this);
            if let Some(word) = word.and_then(|words| words.get_mut(that / BITS)) {
                changed = set(word, that % BITS, is_open);
            }
        }
        match (changed, is_open) {
            (true, true) => self.left += 1,
            (true, false) => self.left -= 1,
            (false, _) => {}
        }
    }

    fn close(&mut self, pair: Pair) {
        self.put(pair, false);
    }

    /// Closes every pair that a row covers.
    fn close_all(&mut self, row: &[Option<usize>]) {
        let chosen = row.iter().enumerate();
        let chosen = chosen.filter_map(|(factor, level)| Some((factor, (*level)?)));
        for (first, level) in chosen.clone() {
            for (second, with) in chosen.clone().skip_while(|(other, _)| *other <= first) {
                self.close((first, level, second, with));
            }
        }
    }

    /// The first pair, in the order of factors and levels.
    fn first(&mut self) -> Option<Pair> {
        while let Some(words) = self.to_meet.get(self.from) {
            // Places before this one have met all; behind it is what it is the first of.
            let word = words.iter().enumerate().find(|(_, word)| **word != 0);
            if let Some((index, word)) = word {
                let other = index * BITS + word.trailing_zeros() as usize;
                let (first, level) = *self.places.get(self.from)?;
                let (second, with) = *self.places.get(other)?;
                return Some((first, level, second, with));
            }
            self.from += 1;
        }
        None
    }

    /// The places of a row, as bits.
    fn mask(&self, row: &[Option<usize>]) -> Vec<u64> {
        let mut mask = vec![0; self.places.len().div_ceil(BITS)];
        for (factor, level) in row.iter().enumerate() {
            if let Some(level) = level {
                self.mark(&mut mask, factor, *level, true);
            }
        }
        mask
    }

    fn mark(&self, mask: &mut [u64], factor: usize, level: usize, is_chosen: bool) {
        let place = self.place(factor, level);
        if let Some(word) = mask.get_mut(place / BITS) {
            set(word, place % BITS, is_chosen);
        }
    }

    /// How many pairs a factor at a level makes with what was chosen.
    fn gain(&self, chosen: &[u64], factor: usize, level: usize) -> u32 {
        let to_meet = self.to_meet.get(self.place(factor, level));
        let words = to_meet.map_or(&[][..], Vec::as_slice).iter().zip(chosen);
        words.map(|(one, other)| (one & other).count_ones()).sum()
    }
}

/// A whole row that has the pair: what the pair needs first, then level by level whatever covers
/// most of what is still open. The turn varies the choice among equals; later attempts vary more, and the
/// last takes the simplest of everything else, which constraints exclude least.
fn complete(
    factors: &[Factor],
    pair: Pair,
    open: &UncoveredPairs,
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
    let mut chosen = open.mask(&row);
    // Factors are in an order in which a factor comes after those it needs.
    for (index, factor) in factors.iter().enumerate() {
        let exists = factor.needs.iter().all(|(needed, least)| {
            row.get(*needed)
                .copied()
                .flatten()
                .is_some_and(|l| l >= *least)
        });
        if !exists {
            if let Some(level) = row.get_mut(index)?.take() {
                open.mark(&mut chosen, index, level, false);
            }
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
            open.mark(&mut chosen, index, least, true);
            continue;
        }
        let levels = factor.levels.saturating_sub(least).max(1);
        let best = (0..levels)
            .map(|offset| least + (offset + mixed(turn, index, attempt)) % levels)
            .map(|level| (open.gain(&chosen, index, level), level))
            .reduce(|best, next| {
                let better = if attempt.is_multiple_of(2) {
                    next.0 > best.0
                } else {
                    false
                };
                if better { next } else { best }
            })?;
        *row.get_mut(index)? = Some(best.1);
        open.mark(&mut chosen, index, best.1, true);
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

/// Sets a bit of a word, or clears it; whether that changes it.
fn set(word: &mut u64, at: usize, to: bool) -> bool {
    let (before, bit) = (*word, 1 << at);
    *word = if to { before | bit } else { before & !bit };
    *word != before
}

fn build_case(plans: &[LevelPlan], row: &[Option<usize>]) -> Option<Case> {
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

fn build(plan: &LevelPlan, row: &[Option<usize>]) -> Option<Value> {
    let level = |factor: &usize| row.get(*factor).copied().flatten();
    Some(match plan {
        LevelPlan::Fixed(value) => value.clone(),
        LevelPlan::Leaf { factor, values } => values.get(level(factor)?)?.clone(),
        LevelPlan::Record(fields) => Value::Record(
            fields
                .iter()
                .map(|(name, plan)| Some((name.clone(), build(plan, row)?)))
                .collect::<Option<Vec<_>>>()?,
        ),
        LevelPlan::List {
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
        LevelPlan::Optional { present, inner } => match level(present)? {
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

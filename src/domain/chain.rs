//! Chains of operations on a list: how it came to be what it is by several, one after the other.
//!
//! Of a list that has few all are tried. Of others a sample is: first the single operations, then a covering array, in
//! which each two operations that can stand at two places of a chain do so in one of them, and then chains that are
//! drawn. What is drawn depends on the list and on nothing else, so that a case that is played again has the same.

use std::collections::{BTreeSet, HashMap};

use super::operation::{CameBy, ListOperation};
use super::types::ListType;
use super::value::Value;

/// The most operations of a chain.
pub const MOST_OPERATIONS: usize = 3;

/// The most chains of a list that are all tried.
const WHOLE: u64 = 1_024;

/// How many are tried of a list that has more, single operations and the covering array aside.
const DRAWN: usize = 64;

/// The chains of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chains {
    /// Those that are tried, the shorter first.
    pub tried: Vec<CameBy>,
    /// How many there are.
    pub of: u64,
}

impl Chains {
    /// Those of up to so many of these operations that come to a list that is called so, within its type.
    pub fn of(by: &[ListOperation], most: usize, list: &Value, of: &ListType, name: &str) -> Self {
        let mut before = EarlierLists {
            by,
            of,
            name,
            known: HashMap::new(),
            counted: HashMap::new(),
        };
        let lengths = 1..=most.min(MOST_OPERATIONS);
        let count = { lengths.clone() }.map(|length| before.count(list, length));
        let of = count.fold(0, u64::saturating_add);
        let mut tried = match of <= WHOLE {
            true => { lengths }
                .flat_map(|length| before.all(list, length))
                .collect(),
            false => before.sample(list, most.min(MOST_OPERATIONS)),
        };
        let mut known = BTreeSet::new();
        tried.retain(|way: &CameBy| known.insert((way.before.clone(), way.edits.clone())));
        Self { tried, of }
    }

    /// Whether all are tried.
    pub fn is_whole(&self) -> bool {
        self.of <= WHOLE
    }
}

/// What came before lists.
struct EarlierLists<'a> {
    by: &'a [ListOperation],
    of: &'a ListType,
    name: &'a str,
    /// By which single operations each list came to be, with the operation's place among those that there are.
    known: HashMap<Value, Vec<(usize, CameBy)>>,
    /// How many chains of a length come to a list.
    counted: HashMap<(Value, usize), u64>,
}

impl EarlierLists<'_> {
    /// The single operations that come to a list.
    fn one(&mut self, list: &Value) -> Vec<(usize, CameBy)> {
        if let Some(known) = self.known.get(list) {
            return known.clone();
        }
        let by = self.by.iter().enumerate();
        let ways: Vec<(usize, CameBy)> = by
            .flat_map(|(at, one)| {
                let ways = one.came_by(list, self.of, self.name).into_iter();
                ways.map(move |way| (at, way))
            })
            .collect();
        self.known.insert(list.clone(), ways.clone());
        ways
    }

    fn count(&mut self, list: &Value, length: usize) -> u64 {
        if length == 0 {
            return 1;
        }
        let key = (list.clone(), length);
        if let Some(known) = self.counted.get(&key) {
            return *known;
        }
        let ways = self.one(list).into_iter();
        let counts = ways.map(|(_, way)| self.count(&way.before, length - 1));
        let count = counts.fold(0, u64::saturating_add);
        self.counted.insert(key, count);
        count
    }

    /// Every chain of a length.
    fn all(&mut self, list: &Value, length: usize) -> Vec<CameBy> {
        let mut chains = Vec::new();
        for (_, last) in self.one(list) {
            if length == 1 {
                chains.push(last);
                continue;
            }
            let earlier = self.all(&last.before, length - 1);
            chains.extend(earlier.into_iter().map(|first| joined(first, &last)));
        }
        chains
    }

    /// A sample of chains of up to a length.
    fn sample(&mut self, list: &Value, length: usize) -> Vec<CameBy> {
        let mut draw = Draw::of(list);
        let mut chains = self.all(list, 1);
        let orders = self.orders(list, length);
        let mut left: BTreeSet<PlacedPair> = orders.iter().flat_map(|one| pairs(one)).collect();
        let new = |order: &[usize], left: &BTreeSet<PlacedPair>| {
            pairs(order).filter(|pair| left.contains(pair)).count()
        };
        while !left.is_empty() {
            let Some(best) = orders.iter().max_by_key(|one| new(one, &left)) else {
                break;
            };
            left.retain(|pair| !pairs(best).any(|one| one == *pair));
            chains.extend(self.drawn(list, best, &mut draw));
        }
        for _ in 0..DRAWN {
            if let Some(order) = draw.one(&orders) {
                chains.extend(self.drawn(list, order, &mut draw));
            }
        }
        chains
    }

    /// In which orders operations can come to a list, the last first.
    fn orders(&mut self, list: &Value, length: usize) -> Vec<Vec<usize>> {
        if length == 0 {
            return vec![Vec::new()];
        }
        let mut orders = BTreeSet::new();
        for (at, way) in self.one(list) {
            for earlier in self.orders(&way.before, length - 1) {
                orders.insert([vec![at], earlier].concat());
            }
        }
        orders.into_iter().collect()
    }

    /// A chain of operations in an order, the last first, whatever they do else.
    fn drawn(&mut self, list: &Value, order: &[usize], draw: &mut Draw) -> Option<CameBy> {
        let (last, earlier) = order.split_first()?;
        let mut ways = self.one(list);
        ways.retain(|(at, _)| at == last);
        while !ways.is_empty() {
            let (_, way) = ways.swap_remove(draw.below(ways.len()));
            if earlier.is_empty() {
                return Some(way);
            }
            if let Some(first) = self.drawn(&way.before, earlier, draw) {
                return Some(joined(first, &way));
            }
        }
        None
    }
}

/// Two operations and where they stand.
type PlacedPair = [(usize, usize); 2];

/// Each two operations of an order, with their places.
fn pairs(order: &[usize]) -> impl Iterator<Item = PlacedPair> {
    let placed = order.iter().copied().enumerate();
    placed.clone().flat_map(move |one| {
        let later = placed.clone().filter(move |other| other.0 > one.0);
        later.map(move |other| [one, other])
    })
}

/// A chain that goes on.
fn joined(first: CameBy, last: &CameBy) -> CameBy {
    let CameBy {
        before,
        mut edits,
        words,
    } = first;
    edits.extend(last.edits.iter().cloned());
    let then = last.words.strip_prefix("when ").unwrap_or(&last.words);
    CameBy {
        before,
        edits,
        words: format!("{words}, then {then}"),
    }
}

/// Numbers that a list decides (splitmix64, begun by FNV-1a of what it says).
struct Draw(u64);

impl Draw {
    fn of(list: &Value) -> Self {
        let text = list.to_string();
        let bytes = text.bytes();
        Self(bytes.fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        }))
    }

    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let end = (end as u64).max(1);
        usize::try_from((z ^ (z >> 31)) % end).unwrap_or(0)
    }

    fn one<'l>(&mut self, of: &'l [Vec<usize>]) -> Option<&'l [usize]> {
        of.get(self.below(of.len())).map(Vec::as_slice)
    }
}

#[cfg(test)]
mod tests {
    use super::super::types::{Field, Say, Type};
    use super::*;

    fn of(max: usize) -> ListType {
        let field = |name: &str, ty| Field {
            name: name.into(),
            ty,
            say: Say::default(),
        };
        ListType {
            of: Type::Record(vec![
                field("scheme", Type::OneOf(vec!["a".into(), "b".into()])),
                field("active", Type::Bool { simplest: true }),
            ]),
            min: 0,
            max,
            distinct: false,
        }
    }

    fn items(words: &[&str]) -> Value {
        let item = |scheme: &&str| {
            Value::record([
                ("scheme", Value::symbol(scheme)),
                ("active", Value::Bool(true)),
            ])
        };
        Value::List(words.iter().map(item).collect())
    }

    fn chains(list: &Value, most: usize) -> Chains {
        Chains::of(&ListOperation::ALL, most, list, &of(4), "policy.profiles")
    }

    /// Each edit of a chain is one that a single operation makes of what there was.
    fn is_chain(way: &CameBy) -> bool {
        let mut now = way.before.clone();
        let mut left: &[Value] = &way.edits;
        let ty = of(4);
        while !left.is_empty() {
            let made = (1..=2).find(|many| {
                let (Some(edits), Some(after)) = (left.get(..*many), left.get(many - 1)) else {
                    return false;
                };
                let mut all = ListOperation::ALL
                    .iter()
                    .flat_map(|one| one.came_by(after, &ty, "policy.profiles"));
                all.any(|one| one.before == now && one.edits == edits)
            });
            let Some(made) = made else {
                return false;
            };
            now = left[made - 1].clone();
            left = &left[made..];
        }
        true
    }

    #[test]
    fn of_few_chains_all_are_tried_and_each_is_one() {
        let empty = chains(&items(&[]), 3);
        assert!(empty.is_whole(), "{}", empty.of);
        assert!(empty.tried.len() as u64 <= empty.of);
        assert!(empty.tried.iter().all(is_chain));
        let mut lengths: Vec<usize> = empty.tried.iter().map(|way| way.edits.len()).collect();
        assert_eq!(lengths.first(), Some(&1));
        lengths.sort_unstable();
        assert!(lengths.last() >= Some(&3), "{lengths:?}");
        let words = "when policy.profiles[0] was attached, then {scheme: a, active: true} was detached from place 0";
        assert!(
            empty.tried.iter().any(|way| way.words == words),
            "{:?}",
            empty
                .tried
                .iter()
                .map(|way| &way.words)
                .take(30)
                .collect::<Vec<_>>()
        );
    }

    #[test]
    fn of_many_a_sample_has_each_pair_of_operations_at_each_pair_of_places() {
        let list = items(&["a", "b"]);
        let some = chains(&list, 3);
        assert!(!some.is_whole());
        assert!(
            (64..400).contains(&some.tried.len()),
            "{}",
            some.tried.len()
        );
        assert!(some.tried.iter().all(is_chain));
        assert_eq!(
            some,
            chains(&list, 3),
            "what is drawn depends on the list alone"
        );
        // That of single operations is all of them.
        let single = chains(&list, 1);
        assert!(single.is_whole());
        assert_eq!(some.tried[..single.tried.len()], single.tried[..]);
        let mut before = EarlierLists {
            by: &ListOperation::ALL,
            of: &of(4),
            name: "policy.profiles",
            known: HashMap::new(),
            counted: HashMap::new(),
        };
        let orders = before.orders(&list, 3);
        let all: BTreeSet<PlacedPair> = orders.iter().flat_map(|one| pairs(one)).collect();
        // Of 36 at each of three pairs of places, two cannot stand there.
        assert_eq!(all.len(), 3 * 36 - 2);
    }
}

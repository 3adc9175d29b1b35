//! Operations on a list: what somebody does to it, as he would say it, and not what it is afterwards.

use super::types::{ListType, Type};
use super::value::Value;

/// What is done to a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ListOperation {
    /// An item is put at its end.
    Attach,
    /// An item is taken away.
    Detach,
    /// An item is taken away and put at its end again.
    Reattach,
    /// Two neighbours change places.
    Reorder,
    /// A field of an item takes another value.
    Change,
    /// A field of an item takes another value, and then its own again.
    Touch,
}

/// How a list came to be what it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CameBy {
    /// What it was at first.
    pub before: Value,
    /// What it was after each edit; the last is what it is.
    pub edits: Vec<Value>,
    /// What was done, in words: `when policy.profiles[1] was attached`.
    pub words: String,
}

/// The most ways that are tried.
const MOST: usize = 64;

/// The most values of an item, and of a field of one, that are tried.
const MOST_VALUES: usize = 8;

impl ListOperation {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Attach,
        Self::Detach,
        Self::Reattach,
        Self::Reorder,
        Self::Change,
        Self::Touch,
    ];

    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Attach => "attach",
            Self::Detach => "detach",
            Self::Reattach => "reattach",
            Self::Reorder => "reorder",
            Self::Change => "change",
            Self::Touch => "touch",
        }
    }

    /// What a word stands for.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.word() == word)
    }

    /// The ways in which this operation comes to a list that is called so, within its type; a list that is the same
    /// afterwards in every way is none.
    pub fn came_by(self, list: &Value, of: &ListType, name: &str) -> Vec<CameBy> {
        let items = list.items().unwrap_or_default();
        let all = match self {
            Self::Attach => attached(items, name),
            Self::Detach => detached(items, of),
            Self::Reattach => reattached(items, name),
            Self::Reorder => reordered(items, name),
            Self::Change => changed(items, of, name, false),
            Self::Touch => changed(items, of, name, true),
        };
        let is_within = |value: &Value| {
            let items = value.items().unwrap_or_default();
            let is_twice =
                |at: usize, item: &Value| items.iter().skip(at + 1).any(|one| one == item);
            (of.min..=of.max).contains(&items.len())
                && !(of.distinct
                    && items
                        .iter()
                        .enumerate()
                        .any(|(at, item)| is_twice(at, item)))
        };
        let mut kept: Vec<CameBy> = Vec::new();
        for way in all {
            let is_known = |known: &CameBy| known.before == way.before && known.edits == way.edits;
            if is_within(&way.before)
                && way.edits.iter().all(is_within)
                && !kept.iter().any(is_known)
            {
                kept.push(way);
            }
        }
        kept.truncate(MOST);
        kept
    }
}

fn attached(items: &[Value], name: &str) -> Vec<CameBy> {
    let before = items.split_last().map(|(_, before)| before);
    let way = before.map(|before| CameBy {
        before: Value::List(before.to_vec()),
        edits: vec![Value::List(items.to_vec())],
        words: format!("when {name}[{}] was attached", before.len()),
    });
    way.into_iter().collect()
}

fn detached(items: &[Value], of: &ListType) -> Vec<CameBy> {
    let mut ways = Vec::new();
    for at in 0..=items.len() {
        // Of two that are alike nobody could say which is gone.
        let values = of.of.values().filter(|value| !items.contains(value));
        for value in values.take(MOST_VALUES) {
            let words = format!("when {value} was detached from place {at}");
            let mut before = items.to_vec();
            before.insert(at, value);
            ways.push(CameBy {
                before: Value::List(before),
                edits: vec![Value::List(items.to_vec())],
                words,
            });
        }
    }
    ways
}

fn reattached(items: &[Value], name: &str) -> Vec<CameBy> {
    let Some((last, rest)) = items
        .split_last()
        .filter(|(last, rest)| !rest.contains(last))
    else {
        return Vec::new();
    };
    let places = 0..rest.len();
    places
        .map(|at| {
            let mut before = rest.to_vec();
            before.insert(at, last.clone());
            CameBy {
                before: Value::List(before),
                edits: vec![Value::List(rest.to_vec()), Value::List(items.to_vec())],
                words: format!(
                    "when {name}[{}] was detached from place {at} and attached again",
                    rest.len()
                ),
            }
        })
        .collect()
}

fn reordered(items: &[Value], name: &str) -> Vec<CameBy> {
    let is_alone = |at: usize| {
        let item = items.get(at);
        items.iter().filter(|one| Some(*one) == item).count() == 1
    };
    let pairs = 1..items.len();
    pairs
        .filter(|at| is_alone(at - 1) && is_alone(*at))
        .map(|at| {
            let mut before = items.to_vec();
            before.swap(at - 1, at);
            CameBy {
                before: Value::List(before),
                edits: vec![Value::List(items.to_vec())],
                words: format!("when {name}[{}] and [{at}] changed places", at - 1),
            }
        })
        .collect()
}

fn changed(items: &[Value], of: &ListType, name: &str, back: bool) -> Vec<CameBy> {
    let Type::Record(fields) = &of.of else {
        return Vec::new();
    };
    let mut ways = Vec::new();
    for (at, item) in items.iter().enumerate() {
        for field in fields {
            let have = item.field(&field.name);
            let others = field.ty.values().filter(|value| Some(value) != have);
            for value in others.take(MOST_VALUES) {
                let words = match back {
                    false => format!("when {name}[{at}].{} was {value} at first", field.name),
                    true => format!(
                        "when {name}[{at}].{} was set to {value} and back",
                        field.name
                    ),
                };
                let otherwise = with(items, at, &field.name, value);
                let same = Value::List(items.to_vec());
                ways.push(match back {
                    false => CameBy {
                        before: otherwise,
                        edits: vec![same],
                        words,
                    },
                    true => CameBy {
                        before: same.clone(),
                        edits: vec![otherwise, same],
                        words,
                    },
                });
            }
        }
    }
    ways
}

/// The items with a field of one otherwise.
fn with(items: &[Value], at: usize, name: &str, value: Value) -> Value {
    let mut items = items.to_vec();
    if let Some(Value::Record(fields)) = items.get_mut(at)
        && let Some((_, have)) = fields.iter_mut().find(|(known, _)| &**known == name)
    {
        *have = value;
    }
    Value::List(items)
}

/// Of each item of a list that was edited, which of the earlier items it was; nothing for one that was attached. An
/// item that is as it was is found where it stood, or in the same order among others, or wherever it stands now; of what
/// is left of a list that is as long as before, one in the same place is the same item, changed.
pub fn origins(before: &[Value], after: &[Value]) -> Vec<Option<usize>> {
    let mut origins: Vec<Option<usize>> = vec![None; after.len()];
    let mut is_left = vec![true; before.len()];
    let mut claim = |to: usize, from: usize, origins: &mut Vec<Option<usize>>| {
        if let (Some(origin), Some(left)) = (origins.get_mut(to), is_left.get_mut(from))
            && origin.is_none()
            && *left
        {
            *origin = Some(from);
            *left = false;
        }
    };
    let is_as_long = before.len() == after.len();
    for (to, item) in after.iter().enumerate() {
        if is_as_long && before.get(to) == Some(item) {
            claim(to, to, &mut origins);
        }
    }
    if !is_as_long {
        for (to, from) in in_order(before, after) {
            claim(to, from, &mut origins);
        }
    }
    for (to, item) in after.iter().enumerate() {
        let alike = before
            .iter()
            .enumerate()
            .filter(|(_, earlier)| *earlier == item);
        for (from, _) in alike {
            claim(to, from, &mut origins);
        }
    }
    if is_as_long {
        for to in 0..after.len() {
            claim(to, to, &mut origins);
        }
    }
    origins
}

/// The longest part of both that is in one order: places in the second with those in the first.
fn in_order(before: &[Value], after: &[Value]) -> Vec<(usize, usize)> {
    // How much the rests from these places on have in common.
    let width = before.len() + 1;
    let mut lengths = vec![0_usize; width * (after.len() + 1)];
    let at = |to: usize, from: usize| to * width + from;
    for to in (0..after.len()).rev() {
        for from in (0..before.len()).rev() {
            let get = |place: usize| lengths.get(place).copied().unwrap_or(0);
            let length = match after.get(to) == before.get(from) {
                true => get(at(to + 1, from + 1)) + 1,
                false => get(at(to + 1, from)).max(get(at(to, from + 1))),
            };
            if let Some(slot) = lengths.get_mut(at(to, from)) {
                *slot = length;
            }
        }
    }
    let get = |place: usize| lengths.get(place).copied().unwrap_or(0);
    let (mut to, mut from) = (0, 0);
    let mut pairs = Vec::new();
    while to < after.len() && from < before.len() {
        if after.get(to) == before.get(from) {
            pairs.push((to, from));
            to += 1;
            from += 1;
        } else if get(at(to + 1, from)) >= get(at(to, from + 1)) {
            to += 1;
        } else {
            from += 1;
        }
    }
    pairs
}

#[cfg(test)]
mod tests {
    use super::super::types::{Field, Say};
    use super::*;

    fn items(words: &[(&str, bool)]) -> Value {
        let item = |(scheme, active): &(&str, bool)| {
            Value::record([
                ("scheme", Value::symbol(scheme)),
                ("active", Value::Bool(*active)),
            ])
        };
        Value::List(words.iter().map(item).collect())
    }

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

    const A: (&str, bool) = ("a", true);
    const B: (&str, bool) = ("b", true);

    #[test]
    fn every_way_ends_in_the_list() {
        let list = items(&[A, B]);
        for (operation, count, first) in [
            (ListOperation::Attach, 1, items(&[A])),
            // The two values that are not there already, in three places.
            (ListOperation::Detach, 6, items(&[("a", false), A, B])),
            (ListOperation::Reattach, 1, items(&[B, A])),
            (ListOperation::Reorder, 1, items(&[B, A])),
            (ListOperation::Change, 4, items(&[B, B])),
            (ListOperation::Touch, 4, items(&[A, B])),
        ] {
            let ways = operation.came_by(&list, &of(3), "p");
            assert_eq!(ways.len(), count, "{operation:?}");
            assert_eq!(ways[0].before, first, "{operation:?}");
            for way in &ways {
                assert_eq!(way.edits.last(), Some(&list), "{way:?}");
            }
            assert_eq!(ListOperation::from_word(operation.word()), Some(operation));
        }
        // Nothing beyond the type.
        assert_eq!(ListOperation::Detach.came_by(&list, &of(2), "p"), []);
        assert_eq!(ListOperation::Attach.came_by(&items(&[]), &of(2), "p"), []);
    }

    #[test]
    fn items_are_known_again() {
        let of = |before: &[(&str, bool)], after: &[(&str, bool)]| {
            let (before, after) = (items(before), items(after));
            origins(before.items().unwrap(), after.items().unwrap())
        };
        let off = ("a", false);
        assert_eq!(of(&[A], &[A, B]), [Some(0), None]);
        assert_eq!(of(&[A], &[A, A]), [Some(0), None]);
        assert_eq!(of(&[A, B], &[B]), [Some(1)]);
        assert_eq!(of(&[A, B], &[B, A]), [Some(1), Some(0)]);
        assert_eq!(of(&[A, B], &[off, B]), [Some(0), Some(1)]);
        assert_eq!(of(&[B, A], &[B]), [Some(0)]);
        assert_eq!(of(&[B, A, B], &[A, B]), [Some(1), Some(2)]);
        assert_eq!(of(&[B, A, B], &[B, A]), [Some(0), Some(1)]);
        assert_eq!(of(&[], &[B]), [None]);
    }
}

//! The search for traits.

use super::likeness::{Likeness, Row, agreed};
use super::neighbours::neighbours;
use crate::user_agents::model::Traits;

/// How many clients of the catalogue the search begins at.
const BEGINNINGS: usize = 3;

/// The most traits that are changed, one after the other.
const MOST_CHANGES: usize = 24;

/// The traits that describe what was seen: those that predict the most layouts, where a trait more must explain one
/// layout more. They are looked for by changing one trait at a time, beginning at the likest clients of the
/// catalogue, or, where none is near, at `plain`, which has what is known of the client beforehand.
pub fn describing(alike: &[Likeness<'_>], plain: &Traits, rows: &[Row<'_>]) -> Traits {
    let mut beginnings = Vec::new();
    for like in alike.iter().take(BEGINNINGS) {
        let traits = Traits {
            holds: plain.holds,
            ..like.entry.traits
        };
        if !beginnings.contains(&traits) {
            beginnings.push(traits);
        }
        // Where one does all that was seen, what is left is to leave out what nothing that was seen needs.
        if like.agreed == rows.len() {
            break;
        }
    }
    // From nothing the way is long, so it is gone only where nobody is near.
    let nearest = alike.first().map_or(0, |like| like.agreed);
    if 4 * nearest < 3 * rows.len() || beginnings.is_empty() {
        beginnings.push(*plain);
    }
    let found = beginnings.iter().map(|begin| improved(begin, rows));
    let best = found.max_by_key(|(worth, _)| *worth);
    best.map_or(*plain, |(_, traits)| traits)
}

/// What one layout is worth that is predicted.
const A_LAYOUT: isize = 16;

/// What a value costs that is not usual.
const A_VALUE: isize = 8;

/// What traits cost. That a client knows one scheme more costs little, so that none is supposed that nothing shows.
fn cost(traits: &Traits) -> isize {
    let described = traits.describe();
    let peculiar = described.iter().filter(|(key, _)| *key != "knows");
    let values: usize = peculiar.map(|(_, value)| value.split(", ").count()).sum();
    let count = |number: usize| isize::try_from(number).unwrap_or(isize::MAX / 64);
    A_VALUE * count(values) + count(traits.known().count())
}

/// What so many layouts are worth that are predicted.
fn worth(hits: usize) -> isize {
    A_LAYOUT * isize::try_from(hits).unwrap_or(isize::MAX / 64)
}

fn improved(from: &Traits, rows: &[Row<'_>]) -> (isize, Traits) {
    let mut best = (worth(agreed(from, rows)) - cost(from), *from);
    for _ in 0..MOST_CHANGES {
        let before = best;
        let (hit, missed): (Vec<Row<'_>>, Vec<Row<'_>>) = {
            let is_hit = |row: &Row<'_>| agreed(&before.1, &[*row]) == 1;
            rows.iter().copied().partition(is_hit)
        };
        neighbours(&before.1, |traits| {
            // Most of them explain nothing more and cost no less, which is seen at few layouts.
            let most = worth(hit.len() + agreed(&traits, &missed)) - cost(&traits);
            let lost = (most > best.0).then(|| lost(&traits, &hit, most - best.0));
            if let Some(Some(lost)) = lost {
                best = (most - worth(lost), traits);
            }
        });
        if best.0 == before.0 {
            break;
        }
    }
    best
}

/// How many of the layouts that were predicted are predicted no more; nothing where that is worth as much as was
/// gained.
fn lost(traits: &Traits, hit: &[Row<'_>], gained: isize) -> Option<usize> {
    let mut lost = 0;
    for row in hit {
        if agreed(traits, &[*row]) == 0 {
            lost += 1;
            if worth(lost) >= gained {
                return None;
            }
        }
    }
    Some(lost)
}

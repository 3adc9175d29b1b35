//! Which layout of the same challenges lets in the most clients.

use crate::auth::{Challenge, Scheme};
use crate::client::catalogue::Catalogue;
use crate::client::model::{Layout, Script};

use super::Reach;

/// The most challenges of which every order is tried; of more, each is tried in the first place.
const MOST_PERMUTED: usize = 5;

/// How the names of auth-schemes are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spelling {
    /// As they were sent.
    AsSent,
    /// As they are registered.
    Registered,
}

/// A layout, and how many clients get in with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Advice {
    /// The field lines.
    pub lines: Vec<String>,
    /// How many clients get in.
    pub inside: usize,
}

/// The layout of these challenges that lets in the most clients, among every order of them, one line
/// each or all on one, with the names of schemes as sent or as registered. Of equals the one that is
/// nearest to the order as sent, with one line each.
///
/// The script says what else the server does.
pub fn advise(catalogue: &Catalogue, script: &Script, challenges: &[Challenge]) -> Option<Advice> {
    let mut best: Option<Advice> = None;
    for spelling in [Spelling::AsSent, Spelling::Registered] {
        let texts: Vec<String> = challenges
            .iter()
            .map(|challenge| written(challenge, spelling))
            .collect();
        if spelling == Spelling::Registered && texts == as_sent(challenges) {
            continue;
        }
        for order in orders(challenges.len()) {
            let lines: Vec<&str> = order
                .iter()
                .filter_map(|at| texts.get(*at).map(String::as_str))
                .collect();
            let joined = lines.join(", ");
            for lines in [lines.as_slice(), &[joined.as_str()]] {
                let changed = Script {
                    layout: Layout::new(lines.iter().copied()),
                    ..script.clone()
                };
                let inside = Reach::of(catalogue, &changed).inside();
                if best.as_ref().is_none_or(|best| inside > best.inside) {
                    best = Some(Advice {
                        lines: lines.iter().map(|line| (*line).to_owned()).collect(),
                        inside,
                    });
                }
            }
        }
    }
    best
}

fn as_sent(challenges: &[Challenge]) -> Vec<String> {
    let texts = challenges.iter();
    texts.map(ToString::to_string).collect()
}

fn written(challenge: &Challenge, spelling: Spelling) -> String {
    let registered = Scheme::from_name(&challenge.scheme);
    match (spelling, registered) {
        (Spelling::Registered, Some(scheme)) => Challenge {
            scheme: scheme.name().to_owned(),
            ..challenge.clone()
        }
        .to_string(),
        _ => challenge.to_string(),
    }
}

/// Orders of so many things, the one as it is first.
fn orders(count: usize) -> Vec<Vec<usize>> {
    let as_is: Vec<usize> = (0..count).collect();
    if count > MOST_PERMUTED {
        return as_is
            .iter()
            .map(|first| {
                let rest = as_is.iter().filter(|at| *at != first);
                std::iter::once(first).chain(rest).copied().collect()
            })
            .collect();
    }
    let mut orders = vec![Vec::new()];
    for _ in 0..count {
        orders = orders
            .iter()
            .flat_map(|begun: &Vec<usize>| {
                let left = as_is.iter().filter(|at| !begun.contains(at));
                left.map(|next| {
                    let mut longer = begun.clone();
                    longer.push(*next);
                    longer
                })
            })
            .collect();
    }
    orders
}

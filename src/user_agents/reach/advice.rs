//! Which layout of the same challenges lets in the most clients.

use crate::auth::{Challenge, Challenges, Departure, Param, Recipient};

use crate::credentials::Scheme;
use crate::user_agents::catalogue::Catalogue;
use crate::user_agents::model::{Accepts, Layout, Script};

use super::Reach;

/// The most challenges of which every order is tried; of more, each is tried in the first place.
const MOST_PERMUTED: usize = 5;

/// The most challenges for which a layout is looked for: of more no sensible server has any, and each more
/// costs all the others.
const MOST_LAID_OUT: usize = 16;

/// Stands for a realm that the server has not named.
pub const ANY_REALM: &str = "REALM";

/// How the names of auth-schemes are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SchemeSpelling {
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
/// each or all on one, with the names of schemes as sent or as registered, and with their realms as
/// sent or each with a realm that stands first. Of equals the one that is nearest to the challenges as
/// sent, with one line each. Nothing where there are more than any sensible server has.
///
/// The script says what else the server does.
pub fn advise(catalogue: &Catalogue, script: &Script, challenges: &[Challenge]) -> Option<Advice> {
    if challenges.len() > MOST_LAID_OUT {
        return None;
    }
    let mut best: Option<Advice> = None;
    let mut known: Vec<Vec<String>> = Vec::new();
    for realms in [Realms::AsSent, Realms::First] {
        for spelling in [SchemeSpelling::AsSent, SchemeSpelling::Registered] {
            let changed = realms.of(challenges).into_iter();
            let texts: Vec<String> = changed.map(|one| written(&one, spelling)).collect();
            if known.contains(&texts) {
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
            known.push(texts);
        }
    }
    best
}

/// Whether the challenges that were read are surely those that were meant. Where they are not, what a
/// tolerant reader makes of them is no ground for advice: `Basic realm=my realm` offers no scheme
/// `realm`.
///
/// Sure are what the grammar for recipients has, a tab for a space, and a comma that is missing where
/// a parameter follows a quoted one.
pub fn is_sure(challenges: &Challenges, lines: &[&[u8]]) -> bool {
    challenges.problems.iter().all(|problem| {
        let departure = problem.departure;
        departure.recipient() == Recipient::MustCope
            || departure == Departure::TabAfterScheme
            || departure == Departure::MissingComma
                && lines
                    .get(problem.line)
                    .is_some_and(|line| parts_parameters(line, problem.bytes.start))
    })
}

/// Whether what begins here in a line is a parameter, and a closing quote stands before it.
fn parts_parameters(line: &[u8], at: usize) -> bool {
    let (before, behind) = line.split_at_checked(at).unwrap_or((line, &[]));
    let name = behind
        .iter()
        .take_while(|byte| byte.is_ascii_alphanumeric() || b"-_*".contains(byte));
    let name = name.count();
    before.trim_ascii_end().ends_with(b"\"") && name > 0 && behind.get(name) == Some(&b'=')
}

/// A plain challenge for each of the schemes for which one can be made without the server's help, in a
/// realm: Basic and Bearer, and not Digest.
pub fn plain(accepts: Accepts, realm: &str) -> Vec<Challenge> {
    let wanted = [("Basic", accepts.basic), ("Bearer", accepts.bearer)];
    let wanted = wanted.into_iter().filter(|(_, accepted)| *accepted);
    let plain = |(name, _)| Challenge::new(name).with(Param::quoted("realm", realm));
    wanted.map(plain).collect()
}

/// What becomes of realms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Realms {
    /// They stay.
    AsSent,
    /// Challenges of Basic and Bearer get one where they have none, and it stands first.
    First,
}

impl Realms {
    fn of(self, challenges: &[Challenge]) -> Vec<Challenge> {
        if self == Self::AsSent {
            return challenges.to_vec();
        }
        let named = challenges.iter().find_map(|one| one.param("realm"));
        let realm = named.unwrap_or(ANY_REALM);
        let mut changed = challenges.to_vec();
        for challenge in &mut changed {
            if challenge.token68.is_none() && (challenge.is("Basic") || challenge.is("Bearer")) {
                let at = challenge.params.iter().position(|param| param.is("realm"));
                let own = at.map(|at| challenge.params.remove(at));
                let own = own.unwrap_or_else(|| Param::quoted("realm", realm));
                challenge.params.insert(0, own);
            }
        }
        changed
    }
}

fn written(challenge: &Challenge, spelling: SchemeSpelling) -> String {
    let registered = Scheme::from_name(&challenge.scheme);
    match (spelling, registered) {
        (SchemeSpelling::Registered, Some(scheme)) => Challenge {
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

//! Plans: which settings are tried, in which order, and what that covers.

use std::collections::HashSet;

use crate::domain::{
    Case, CaseRef, Domain, Sampler, Simplicity, Type, Value, covering as cover_pairs,
};
use crate::results::Coverage;
use crate::spec::{MOST_CLIENTS, Setting, Spec};

/// Policy and instance of a case.
pub(super) type SettingValue = (Value, Value);

/// The most clients that each setting of a sampled space is tried with.
const MOST_TRIED: usize = 256;

/// The most clients that a setting is tried with which costs little.
const CHEAP: u64 = 32;

/// How many settings are judged together where the space is enumerated: what the table holds.
const EPOCH_WHOLE: usize = 4_096;

/// How many settings are judged together where it is sampled: their siblings, which the sample does
/// not hold, are tried with them.
const EPOCH_SAMPLED: usize = 256;

/// Which settings are tried, in which order.
#[derive(Debug)]
pub struct Plan {
    /// What that covers.
    pub coverage: Coverage,
    /// The clients that each setting is tried with, simplest first.
    pub(super) clients: Vec<Value>,
    settings: Settings,
    epoch: usize,
}

#[derive(Debug)]
enum Settings {
    /// All of them, simplest first.
    Listed(std::vec::IntoIter<SettingValue>),
    /// Those that cost little and those of a covering array, then random ones, until enough cases were
    /// planned.
    Sampled {
        cover: std::vec::IntoIter<SettingValue>,
        more: More,
        seen: HashSet<u64>,
        cases_left: u64,
    },
}

/// Where random settings come from.
#[derive(Debug)]
enum More {
    /// All that are allowed, in random order.
    Listed(std::vec::IntoIter<SettingValue>),
    /// Drawn out of more than can be listed.
    Drawn(Box<Sampler>),
}

impl More {
    fn next(&mut self) -> Option<SettingValue> {
        match self {
            Self::Listed(settings) => settings.next(),
            Self::Drawn(sampler) => sampler.case().map(|case| (case.policy, case.instance)),
        }
    }
}

impl Plan {
    /// A plan for a spec: all of its cases where they are at most `cases`, else so many of them.
    pub fn new(spec: &Spec, cases: u64, seed: u64) -> Self {
        let domain = &spec.domain;
        let mut clients = spec.clients(usize::MAX).to_vec();
        let every_client = domain.client.count() <= MOST_CLIENTS as u64;
        let listed = spec.settings().filter(|_| every_client);
        let total = listed.map(|settings| settings.iter().map(|one| one.clients).sum());
        if let (Some(settings), Some(total)) = (listed, total)
            && total <= cases
        {
            let settings: Vec<SettingValue> = settings.iter().map(value_of).collect();
            return Self {
                coverage: Coverage::Whole { cases: total },
                clients,
                settings: Settings::Listed(settings.into_iter()),
                epoch: EPOCH_WHOLE,
            };
        }
        let all = every_client && clients.len() <= MOST_TRIED;
        let listed = listed.filter(|_| all);
        let cover = if all {
            // Every setting is tried with every client, so only settings are left to be covered.
            let domain = Domain {
                client: Type::Record(Vec::new()),
                ..domain.clone()
            };
            cover_pairs(&domain, &|case| {
                clients.iter().any(|client| {
                    !spec.excludes(CaseRef {
                        policy: &case.policy,
                        instance: &case.instance,
                        client,
                    })
                })
            })
        } else {
            spec.cover().clone()
        };
        let mut settings = listed.map_or_else(Vec::new, |all| cheap(all, cases / 4));
        let mut covering: Vec<Value> = Vec::new();
        for case in cover.cases {
            if !covering.contains(&case.client) {
                covering.push(case.client);
            }
            let setting = (case.policy, case.instance);
            if !settings.contains(&setting) {
                settings.push(setting);
            }
        }
        if !all {
            // Those of the covering array first, or the pairs it is said to cover would not be.
            let room = MOST_TRIED.saturating_sub(covering.len());
            let others = clients.into_iter().filter(|one| !covering.contains(one));
            let others: Vec<Value> = others.take(room).collect();
            clients = covering.into_iter().chain(others).collect();
            clients.sort_by_cached_key(|client| Simplicity::of(&domain.client, client));
        }
        // The covering array is played in full, or the pairs it is said to cover would not be.
        let least = settings
            .iter()
            .map(|setting| allowed(spec, setting, &clients))
            .sum();
        // And nobody judges more cases than there are.
        let of = total.unwrap_or_else(|| domain.count());
        let asked = cases;
        let cases = cases.max(least).min(of);
        Self {
            coverage: Coverage::Sampled {
                of,
                exact: total.is_some(),
                pairs: cover.pairs as u64,
                impossible: cover.impossible as u64,
                cases,
                asked,
                seed,
            },
            clients,
            settings: Settings::Sampled {
                cover: settings.into_iter(),
                more: match listed {
                    Some(all) => More::Listed(shuffled(all, seed).into_iter()),
                    None => More::Drawn(Box::new(Sampler::new(domain, seed))),
                },
                seen: HashSet::new(),
                cases_left: cases,
            },
            epoch: EPOCH_SAMPLED,
        }
    }

    /// A plan of one case.
    pub(super) fn of_one(case: &Case) -> Self {
        let setting = (case.policy.clone(), case.instance.clone());
        Self {
            coverage: Coverage::Whole { cases: 1 },
            clients: vec![case.client.clone()],
            settings: Settings::Listed(vec![setting].into_iter()),
            epoch: 1,
        }
    }

    /// The next settings to be judged together; empty at the end.
    pub(super) fn epoch(&mut self, spec: &Spec) -> Vec<SettingValue> {
        match &mut self.settings {
            Settings::Listed(settings) => settings.by_ref().take(self.epoch).collect(),
            Settings::Sampled {
                cover,
                more,
                seen,
                cases_left,
            } => {
                let mut epoch = Vec::new();
                // A small space may be used up before enough cases were drawn.
                let mut misses = 0;
                while epoch.len() < self.epoch && *cases_left > 0 && misses < 10_000 {
                    let next = cover.next().or_else(|| more.next());
                    let Some(setting) = next else { break };
                    if seen.insert(hash(&setting)) {
                        let cases = allowed(spec, &setting, &self.clients);
                        *cases_left = cases_left.saturating_sub(cases);
                        epoch.push(setting);
                    } else {
                        misses += 1;
                    }
                }
                epoch
            }
        }
    }
}

/// How many cases a setting has with these clients; one where it has none, so that whatever counts down
/// comes to an end.
fn allowed(spec: &Spec, (policy, instance): &SettingValue, clients: &[Value]) -> u64 {
    let allowed = clients.iter().filter(|client| {
        !spec.excludes(CaseRef {
            policy,
            instance,
            client,
        })
    });
    allowed.count().max(1) as u64
}

/// Settings in an order that a seed decides.
fn shuffled(settings: &[Setting], seed: u64) -> Vec<SettingValue> {
    let mut keyed: Vec<(u64, &Setting)> = (0..).map(|at| mixed(seed, at)).zip(settings).collect();
    keyed.sort_by_key(|(key, _)| *key);
    keyed.into_iter().map(|(_, one)| value_of(one)).collect()
}

/// A number that two others decide (the finaliser of splitmix64, which is the same everywhere).
fn mixed(seed: u64, at: u64) -> u64 {
    let mut z = seed ^ (at + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

fn value_of(setting: &Setting) -> SettingValue {
    (setting.policy.clone(), setting.instance.clone())
}

/// Settings that few clients are tried with: they cost little, and what they have may be in no other.
fn cheap(settings: &[Setting], most: u64) -> Vec<SettingValue> {
    let mut left = most;
    let few = settings.iter().filter(|one| one.clients <= CHEAP);
    let fits = few.take_while(|one| {
        let fits = one.clients <= left;
        left = left.saturating_sub(one.clients);
        fits
    });
    fits.map(value_of).collect()
}

fn hash(setting: &SettingValue) -> u64 {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let mut hasher = DefaultHasher::new();
    setting.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::shipped;

    #[test]
    fn a_space_has_one_number_of_cases() {
        let spec = Spec::read(&shipped("reachability").unwrap()).unwrap();
        let told = |cases: u64| Plan::new(&spec, cases, 7).coverage.to_string();
        let whole = told(u64::MAX);
        let all = whole.strip_prefix("all ").unwrap();
        let less = told(Plan::new(&spec, u64::MAX, 7).coverage.cases() - 1);
        assert!(less.contains(&format!(" of {all}, seed 7")), "{less}");
        let few = told(1);
        let why = format!(" of {all} (more than the 1 asked for: the pairs need them), seed 7");
        assert!(few.contains(&why), "{few}");
    }
}

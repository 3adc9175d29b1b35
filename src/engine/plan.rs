//! Plans: which settings are tried, in which order, and what that covers.

use std::collections::HashSet;
use std::fmt;

use crate::domain::{
    Case, CaseRef, Domain, Sampler, Simplicity, Type, Value, counted, covering as cover_pairs,
    grouped,
};
use crate::spec::Spec;

/// What a run covers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Coverage {
    /// Every case of the domain.
    Whole {
        /// How many there are, constraints applied.
        cases: u64,
    },
    /// A covering array, then random cases.
    Sampled {
        /// How many cases the domain has before constraints; saturates.
        of: u64,
        /// Pairs of field values that the covering array covers.
        pairs: u64,
        /// Pairs for which no allowed case was found.
        impossible: u64,
        /// How many cases are judged in all.
        cases: u64,
        /// The seed of the random ones.
        seed: u64,
    },
}

impl Coverage {
    /// How many cases are judged.
    pub fn cases(&self) -> u64 {
        match self {
            Self::Whole { cases } | Self::Sampled { cases, .. } => *cases,
        }
    }
}

impl fmt::Display for Coverage {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whole { cases } => write!(out, "all {}", counted(*cases, "case", "cases")),
            Self::Sampled {
                of,
                pairs,
                impossible,
                cases,
                seed,
            } => {
                write!(out, "2-way: all {}", counted(*pairs, "pair", "pairs"))?;
                if *impossible > 0 {
                    write!(out, " but {impossible} that no case has")?;
                }
                write!(
                    out,
                    "; {} of {}, seed {seed}",
                    grouped(*cases),
                    counted(*of, "case", "cases")
                )
            }
        }
    }
}

/// Policy and instance of a case.
pub(super) type SettingValue = (Value, Value);

/// The most clients that each setting of a sampled space is tried with.
const MOST_CLIENTS: usize = 256;

/// The most combinations of client fields that are looked through for clients.
const MOST_COMBINATIONS: usize = 1 << 16;

/// How many combinations of a setting and a client are looked through, for each case that may be judged,
/// to learn how many of them the constraints leave: that costs a fraction of playing one.
const LOOKED_THROUGH: u64 = 16;

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
    /// Those of a covering array, then random ones, until enough cases were planned.
    Sampled {
        cover: std::vec::IntoIter<SettingValue>,
        sampler: Box<Sampler>,
        seen: HashSet<u64>,
        cases_left: u64,
    },
}

impl Plan {
    /// A plan for a spec: all of its cases where they are at most `cases`, else so many of them.
    pub fn new(spec: &Spec, cases: u64, seed: u64) -> Self {
        let domain = &spec.domain;
        let mut clients = domain.clients(MOST_COMBINATIONS);
        clients.retain(|client| !spec.excludes_client(client));
        let every_client = domain.client.count() <= MOST_COMBINATIONS as u64;
        if let Some((settings, total)) =
            every_client.then(|| whole(spec, &clients, cases)).flatten()
        {
            return Self {
                coverage: Coverage::Whole { cases: total },
                clients,
                settings: Settings::Listed(settings.into_iter()),
                epoch: EPOCH_WHOLE,
            };
        }
        let all = every_client && clients.len() <= MOST_CLIENTS;
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
            cover_pairs(domain, &|case| !spec.excludes(case))
        };
        let mut settings: Vec<SettingValue> = Vec::new();
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
            let room = MOST_CLIENTS.saturating_sub(covering.len());
            let others = clients.into_iter().filter(|one| !covering.contains(one));
            let others: Vec<Value> = others.take(room).collect();
            clients = covering.into_iter().chain(others).collect();
            clients.sort_by_cached_key(|client| Simplicity::of(&domain.client, client));
        }
        // The covering array is played in full, or the pairs it is said to cover would not be.
        let least = (settings.len() as u64).saturating_mul(clients.len() as u64);
        // And nobody judges more cases than there are.
        let of = domain.count();
        let cases = cases.max(least).min(of);
        Self {
            coverage: Coverage::Sampled {
                of,
                pairs: cover.pairs as u64,
                impossible: cover.impossible as u64,
                cases,
                seed,
            },
            clients,
            settings: Settings::Sampled {
                cover: settings.into_iter(),
                sampler: Box::new(Sampler::new(domain, seed)),
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
                sampler,
                seen,
                cases_left,
            } => {
                let mut epoch = Vec::new();
                // A small space may be used up before enough cases were drawn.
                let mut misses = 0;
                while epoch.len() < self.epoch && *cases_left > 0 && misses < 10_000 {
                    let next = cover
                        .next()
                        .or_else(|| sampler.case().map(|case| (case.policy, case.instance)));
                    let Some(setting) = next else { break };
                    if seen.insert(hash(&setting)) {
                        let (policy, instance) = &setting;
                        let allowed = self.clients.iter().filter(|client| {
                            !spec.excludes(CaseRef {
                                policy,
                                instance,
                                client,
                            })
                        });
                        *cases_left = cases_left.saturating_sub(allowed.count().max(1) as u64);
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

/// Every setting that has an allowed case, simplest first, and how many such cases there are in all;
/// nothing where they are more than `most`, or where too much would have to be looked through to tell.
fn whole(spec: &Spec, clients: &[Value], most: u64) -> Option<(Vec<SettingValue>, u64)> {
    let combinations = (spec.domain.policies()).saturating_mul(clients.len() as u64);
    if combinations > most.saturating_mul(LOOKED_THROUGH) {
        return None;
    }
    let mut total = 0;
    let mut settings = Vec::new();
    for (policy, instance) in spec.domain.settings(most)? {
        let allowed = clients.iter().filter(|client| {
            !spec.excludes(CaseRef {
                policy: &policy,
                instance: &instance,
                client,
            })
        });
        let allowed = allowed.count() as u64;
        total += allowed;
        if total > most {
            return None;
        }
        if allowed > 0 {
            settings.push((policy, instance));
        }
    }
    Some((settings, total))
}

fn hash(setting: &SettingValue) -> u64 {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let mut hasher = DefaultHasher::new();
    setting.hash(&mut hasher);
    hasher.finish()
}

//! Plans: which settings are tried, in which order, and what that covers.

use std::collections::HashSet;

use crate::domain::{Case, Conversation, Sampler, Setting, Simplicity};
use crate::results::{Coverage, PlanPart};
use crate::spec::{AllowedSetting, MOST_CONVERSATIONS, Meetings, OFTEN_ENOUGH, Spec};

/// The most conversations that each setting of a sampled space is tried with.
const MOST_TRIED: usize = 256;

/// The most conversations that a setting is tried with which costs little.
const CHEAP: u64 = 32;

/// The least cases of a sample in which rules are looked for that chance would seldom meet: a smaller one is for pairs
/// and for chance.
const STEERED: u64 = 20_000;

/// How many settings are judged together where the space is enumerated, and how many cases they have: what the
/// table holds, a kilobyte a case.
const EPOCH_WHOLE: usize = 4_096;
const EPOCH_CASES: u64 = 65_536;

/// How many settings are judged together where it is sampled, or a few more: those that one is compared with
/// are tried together with it.
const EPOCH_SAMPLED: usize = 256;

/// A setting that is tried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Planned {
    pub(super) setting: Setting,
    /// Whether it is there because another is compared with it: then it is itself compared with no other
    /// setting, or there would be no end of them.
    pub(super) beside: bool,
    /// How many of its cases are judged, the first of them; all where it has no more.
    pub(super) most: u64,
    /// Where it stands in the plan.
    pub(super) place: PlanPlace,
}

/// A place in a plan.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct PlanPlace {
    /// Which settings are judged together: those of one epoch.
    pub(super) epoch: u64,
    /// How many settings come before it.
    pub(super) at: u64,
}

/// Which settings are tried, in which order.
#[derive(Debug)]
pub struct Plan {
    /// What that covers.
    pub coverage: Coverage,
    /// The conversations that each setting is tried with, simplest first.
    pub(super) conversations: Vec<Conversation>,
    settings: Settings,
    epoch: usize,
    /// Which of the settings are tried, where not all are.
    part: Option<PlanPart>,
    /// How many settings came up so far that are not there for another.
    passed: u64,
    /// The place of the next setting.
    place: PlanPlace,
}

#[derive(Debug)]
enum Settings {
    /// All of them, simplest first.
    Listed {
        /// The place of the next among [`Spec::settings`].
        next: usize,
    },
    /// Just one.
    One(Option<Setting>),
    /// Those that cost little and those of a covering array, then random ones, until enough cases were
    /// planned.
    Sampled {
        cover: std::vec::IntoIter<Planned>,
        more: More,
        seen: HashSet<u64>,
        cases_left: u64,
    },
}

/// Where random settings come from.
#[derive(Debug)]
enum More {
    /// All that are allowed, in random order.
    Listed(std::vec::IntoIter<Setting>),
    /// Drawn out of more than can be listed.
    Drawn(Box<Sampler>),
}

impl More {
    fn next(&mut self) -> Option<Setting> {
        match self {
            Self::Listed(settings) => settings.next(),
            Self::Drawn(sampler) => sampler.case().map(|case| case.setting()),
        }
    }
}

impl Plan {
    /// A plan for a spec: all of its cases where they are at most `cases`, else so many of them.
    pub fn new(spec: &Spec, cases: u64, seed: u64) -> Self {
        let domain = &spec.domain;
        let mut conversations = spec.conversations(usize::MAX).to_vec();
        let every = domain.conversations() <= MOST_CONVERSATIONS as u64;
        let listed = spec.settings().filter(|_| every);
        let total = listed.map(|settings| settings.iter().map(|one| one.conversations).sum());
        if let Some(total) = total
            && total <= cases
        {
            return Self {
                coverage: Coverage::Whole { cases: total },
                conversations,
                settings: Settings::Listed { next: 0 },
                epoch: EPOCH_WHOLE,
                part: None,
                passed: 0,
                place: PlanPlace::default(),
            };
        }
        let all = every && conversations.len() <= MOST_TRIED;
        let listed = listed.filter(|_| all);
        let cover = if all {
            spec.settings_cover().clone()
        } else {
            spec.cover().clone()
        };
        let mut settings = listed.map_or_else(Vec::new, |all| cheap(all, cases / 4));
        let mut covering: Vec<Conversation> = Vec::new();
        for case in cover.cases {
            let conversation = case.conversation();
            if !covering.contains(&conversation) {
                covering.push(conversation);
            }
            let setting = case.setting();
            if !settings.contains(&setting) {
                settings.push(setting);
            }
        }
        let needed = (cases >= STEERED).then(|| spec.needed());
        let by_pairs = needed.map(|_| {
            let asked = if all { &conversations } else { &covering };
            met(spec, &with_siblings(spec, settings.clone()), asked)
        });
        if !all {
            // Those of the covering array first, or the pairs it is said to cover would not be; then those that meet
            // rules which others meet seldom.
            let room = MOST_TRIED.saturating_sub(covering.len());
            let needed = needed.into_iter().flat_map(|one| one.conversations.iter());
            let mut others: Vec<Conversation> = Vec::new();
            for one in needed.chain(&conversations) {
                if others.len() >= room {
                    break;
                }
                if !covering.contains(one) && !others.contains(one) {
                    others.push(one.clone());
                }
            }
            conversations = covering.into_iter().chain(others).collect();
            conversations.sort_by_cached_key(|one| {
                [
                    Simplicity::of(&domain.course, &one.course),
                    Simplicity::of(&domain.client, &one.client),
                ]
            });
        }
        if let Some(needed) = needed {
            let known: HashSet<u64> = settings.iter().map(hash).collect();
            let new = needed.settings.iter();
            let new: Vec<&Setting> = new.filter(|one| !known.contains(&hash(one))).collect();
            let planned = with_siblings(spec, settings.clone());
            let room = cases.saturating_sub(cost(spec, &planned, &conversations)) / 2;
            settings.extend(affordable(spec, new, &conversations, room));
        }
        // The covering array is played in full, or the pairs it is said to cover would not be, and with what
        // its settings are compared with.
        let settings = with_siblings(spec, settings);
        let least = cost(spec, &settings, &conversations);
        let steered_to = by_pairs.map_or_else(Vec::new, |by_pairs| {
            let all = met(spec, &settings, &conversations);
            steered_to(spec, &by_pairs, &all)
        });
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
                steered_to,
                seed,
            },
            conversations,
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
            part: None,
            passed: 0,
            place: PlanPlace::default(),
        }
    }

    /// A plan of one case.
    pub(super) fn of_one(case: &Case) -> Self {
        Self {
            coverage: Coverage::Whole { cases: 1 },
            conversations: vec![case.conversation()],
            settings: Settings::One(Some(case.setting())),
            epoch: 1,
            part: None,
            passed: 0,
            place: PlanPlace::default(),
        }
    }

    /// Of the same plan only a part: what it covers is still told of the whole.
    pub fn part(self, part: Option<PlanPart>) -> Self {
        Self { part, ..self }
    }

    /// The next settings to be judged together; empty at the end.
    pub(super) fn epoch(&mut self, spec: &Spec) -> Vec<Planned> {
        loop {
            let mut all = self.next(spec);
            for planned in &mut all {
                planned.place = self.place;
                self.place.at += 1;
            }
            self.place.epoch += 1;
            let Some(part) = self.part.filter(|_| !all.is_empty()) else {
                return all;
            };
            // What a setting is compared with goes where it goes.
            let mut own = Vec::new();
            for planned in all {
                self.passed += u64::from(!planned.beside);
                if part.has(self.passed.saturating_sub(1)) {
                    own.push(planned);
                }
            }
            if !own.is_empty() {
                return own;
            }
        }
    }

    /// The next settings of the whole plan; none at the end.
    fn next(&mut self, spec: &Spec) -> Vec<Planned> {
        match &mut self.settings {
            Settings::Listed { next } => {
                let all = spec.settings().unwrap_or_default();
                let mut cases: u64 = 0;
                let some = { all.iter().skip(*next).take(self.epoch) }.take_while(|one| {
                    let fits = cases < EPOCH_CASES;
                    cases = cases.saturating_add(one.conversations);
                    fits
                });
                let some: Vec<Planned> = some.map(|one| alone(one.setting.clone())).collect();
                *next += some.len();
                some
            }
            Settings::One(setting) => setting.take().map(alone).into_iter().collect(),
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
                    let new = match cover.next() {
                        Some(planned) => vec![planned],
                        None => match more.next() {
                            Some(setting) if seen.contains(&hash(&setting)) => {
                                misses += 1;
                                continue;
                            }
                            Some(setting) => with_siblings(spec, vec![setting]),
                            None => break,
                        },
                    };
                    for mut planned in new {
                        if seen.insert(hash(&planned.setting)) {
                            let cases = allowed(spec, &planned.setting, &self.conversations);
                            planned.most = *cases_left;
                            *cases_left = cases_left.saturating_sub(cases);
                            epoch.push(planned);
                        }
                    }
                }
                epoch
            }
        }
    }
}

/// In how many cases of settings and conversations each rule may be met, up to often enough.
fn met(spec: &Spec, settings: &[Planned], conversations: &[Conversation]) -> Vec<u64> {
    let mut meetings = Meetings::until_enough(spec);
    let conversations = spec.known_of_conversations(conversations);
    for planned in settings {
        meetings.add(&planned.setting, planned.beside, &conversations);
    }
    meetings.cases
}

/// The rules that are met seldom by pairs, and more often with what was looked for.
fn steered_to(spec: &Spec, by_pairs: &[u64], all: &[u64]) -> Vec<String> {
    let rules = spec.rules.iter().zip(by_pairs.iter().zip(all));
    let rules = rules.filter(|(_, (pairs, all))| **pairs < OFTEN_ENOUGH && pairs < all);
    rules.map(|(rule, _)| rule.id.clone()).collect()
}

/// A setting that stands for itself.
fn alone(setting: Setting) -> Planned {
    Planned {
        setting,
        beside: false,
        most: u64::MAX,
        place: PlanPlace::default(),
    }
}

/// Settings, each followed by those that it is compared with and that are not among them themselves; each once.
fn with_siblings(spec: &Spec, settings: Vec<Setting>) -> Vec<Planned> {
    let mut known: HashSet<u64> = settings.iter().map(hash).collect();
    let mut all = Vec::new();
    for setting in settings {
        let siblings = spec.sibling_settings(&setting);
        all.push(alone(setting));
        let new = { siblings.into_iter() }.filter(|setting| known.insert(hash(setting)));
        all.extend(new.map(|setting| Planned {
            setting,
            beside: true,
            most: u64::MAX,
            place: PlanPlace::default(),
        }));
    }
    all
}

/// How many cases a setting has with these conversations; one where it has none, so that whatever counts
/// down comes to an end.
fn allowed(spec: &Spec, setting: &Setting, conversations: &[Conversation]) -> u64 {
    spec.allowed(setting, conversations).max(1)
}

/// Settings in an order that a seed decides.
fn shuffled(settings: &[AllowedSetting], seed: u64) -> Vec<Setting> {
    let mut keyed: Vec<(u64, &AllowedSetting)> =
        (0..).map(|at| mixed(seed, at)).zip(settings).collect();
    keyed.sort_by_key(|(key, _)| *key);
    keyed
        .into_iter()
        .map(|(_, one)| one.setting.clone())
        .collect()
}

/// A number that two others decide (the finaliser of splitmix64, which is the same everywhere).
fn mixed(seed: u64, at: u64) -> u64 {
    let mut z = seed ^ (at + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// How many cases settings have.
fn cost(spec: &Spec, settings: &[Planned], conversations: &[Conversation]) -> u64 {
    let settings = settings.iter();
    settings
        .map(|planned| allowed(spec, &planned.setting, conversations))
        .sum()
}

/// Those of some settings, from the first, for which there is room, with what they are compared with.
fn affordable(
    spec: &Spec,
    settings: Vec<&Setting>,
    conversations: &[Conversation],
    room: u64,
) -> Vec<Setting> {
    let mut left = room;
    let fits = settings.into_iter().take_while(|one| {
        let all = with_siblings(spec, vec![(*one).clone()]);
        let cases = cost(spec, &all, conversations);
        let fits = cases <= left;
        left = left.saturating_sub(cases);
        fits
    });
    fits.cloned().collect()
}

/// Settings that few conversations are tried with: they cost little, and what they have may be in no other.
fn cheap(settings: &[AllowedSetting], most: u64) -> Vec<Setting> {
    let mut left = most;
    let few = settings.iter().filter(|one| one.conversations <= CHEAP);
    let fits = few.take_while(|one| {
        let fits = one.conversations <= left;
        left = left.saturating_sub(one.conversations);
        fits
    });
    fits.map(|one| one.setting.clone()).collect()
}

fn hash(setting: &Setting) -> u64 {
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
        assert!(less.contains(&format!(" of {all}, ")), "{less}");
        assert!(less.ends_with(", the rest drawn by seed 7"), "{less}");
        let few = told(1);
        let why = format!(" of {all} (more than the 1 asked for: the pairs need them), seed 7");
        assert!(few.contains(&why), "{few}");
    }

    /// A spec of six fields with four values each, and a rule of one setting among 4,096.
    fn wide() -> Spec {
        let fields = ["a", "b", "c", "d", "e", "f"];
        let policy: String = (fields.iter())
            .map(|name| format!("    {name}: {{one-of: [none, some, more, most]}}\n"))
            .collect();
        let when: Vec<String> = (fields.iter().zip(["most", "more", "some"].iter().cycle()))
            .map(|(name, word)| format!("policy.{name}: {word}"))
            .collect();
        let text = format!(
            "countersign: 1\npack: {{name: wide, version: 1, title: A test}}\ndomain:\n  policy:\n{policy}  client:\n    \
             persona: {{one-of: [preemptive]}}\n    scheme: {{one-of: [basic, bearer]}}\n    \
             credential: {{one-of: [valid, none, wrong-secret]}}\n    method: {{one-of: [get, head, post, options]}}\nrules:\n  \
             - id: rare\n    level: must\n    source: {{document: RFC 9110, section: '11.6.1'}}\n    \
             impact: Somebody is hurt.\n    when: {{{}}}\n    expect: {{status: 401}}\n",
            when.join(", ")
        );
        Spec::read(&crate::yaml::Source::new("wide.yaml", text)).unwrap()
    }

    #[test]
    fn a_rule_that_chance_would_seldom_meet_is_met_often_enough() {
        let spec = wide();
        for seed in 0..4 {
            let foreseen = crate::engine::foresee(&spec, STEERED, seed);
            let told = foreseen.coverage.to_string();
            let steered = ", steered to 1 rule that pairs alone meet in fewer than 20 (rare), the rest drawn by seed ";
            assert!(told.ends_with(&format!("{steered}{seed}")), "{told}");
            let rare = foreseen.rules[0].cases;
            assert!((20..=24).contains(&rare), "seed {seed}: {rare}");
            assert!(foreseen.cases <= STEERED + 24, "{}", foreseen.cases);
        }
    }

    /// What is said of a sample holds whatever the seed: every pair of values has a case, and beyond those each setting
    /// is as likely as any other.
    #[test]
    fn a_sample_covers_what_it_says_for_every_seed() {
        let spec = wide();
        for seed in 0..3 {
            let foreseen = crate::engine::foresee(&spec, 2_000, seed);
            assert_eq!(foreseen.not_met, [], "seed {seed}");
            assert_eq!(foreseen.values, [], "seed {seed}");
        }
        let settings = spec.settings().unwrap().get(..64).unwrap();
        let (seeds, share) = (1_600, 0.25);
        let mut drawn = vec![0_u32; settings.len()];
        for seed in 0..seeds {
            for setting in shuffled(settings, seed).iter().take(16) {
                let at = settings.iter().position(|one| one.setting == *setting);
                drawn[at.unwrap()] += 1;
            }
        }
        let mean = f64::from(u32::try_from(seeds).unwrap()) * share;
        let spread = (mean * (1.0 - share)).sqrt();
        for (at, drawn) in drawn.into_iter().enumerate() {
            let off = (f64::from(drawn) - mean).abs() / spread;
            assert!(
                off < 5.0,
                "setting {at}: {drawn} times, and {mean} are claimed"
            );
        }
    }
}

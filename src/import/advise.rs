//! What a 401 names under a policy, and whom that shuts out of the clients of the catalogue.
//!
//! Three documents say which one of several profiles a 401 names, each in other words: *the first scheme* (the
//! property's name), *the most recently mapped* (*Create an authentication profile*) and *the most recently
//! configured* (*Create REST API access policy*). Which of them holds is not known from outside, so each is told.

use super::policy::{Imported, ImportedPolicy, Profile, ProfileScheme};
use crate::user_agents::catalogue::Catalogue;
use crate::user_agents::model::{Accepts, Layout, Script};
use crate::user_agents::reach::Reach;

/// By what the profile is found that a 401 names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NamedBy {
    /// The first of the list.
    FirstInTheList,
    /// The one that was attached last.
    MostRecentlyMapped,
    /// The one that was configured last.
    MostRecentlyConfigured,
}

impl NamedBy {
    /// Every reading.
    pub const ALL: [Self; 3] = [
        Self::FirstInTheList,
        Self::MostRecentlyMapped,
        Self::MostRecentlyConfigured,
    ];

    /// A word for it, for programs.
    pub fn word(self) -> &'static str {
        match self {
            Self::FirstInTheList => "first-in-the-list",
            Self::MostRecentlyMapped => "most-recently-mapped",
            Self::MostRecentlyConfigured => "most-recently-configured",
        }
    }

    /// In words.
    pub fn in_words(self) -> &'static str {
        match self {
            Self::FirstInTheList => "the first in the list",
            Self::MostRecentlyMapped => "the most recently mapped",
            Self::MostRecentlyConfigured => "the most recently configured",
        }
    }
}

/// What a 401 names.
#[derive(Clone, Debug)]
pub enum Named<'a> {
    /// A profile that has a challenge: which, its challenge, and who gets in by it.
    Challenge {
        /// The profile.
        profile: &'a Profile,
        /// The field line.
        line: String,
        /// The clients.
        reach: Reach<'a>,
    },
    /// A profile for which no document says what a 401 has.
    Undocumented(&'a Profile),
    /// Which profile it is cannot be told; why.
    Unknown(String),
}

/// What comes of it when every scheme is named.
#[derive(Clone, Debug)]
pub struct Remedied<'a> {
    /// The field lines, in one order and in the other; the order is told in no document.
    pub lines: Vec<String>,
    /// The clients by the order of the lines.
    pub reach: Reach<'a>,
    /// The clients by the other order.
    pub turned: Reach<'a>,
}

/// What becomes of requests under a policy.
#[derive(Clone, Debug)]
pub enum PolicyOutcome<'a> {
    /// The policy is not active: the platform's default decides.
    Inactive,
    /// No profile of it is active: nobody gets in by one.
    Closed,
    /// Every scheme is named already.
    NamesAll(Remedied<'a>),
    /// One is named: by each reading.
    NamesOne {
        /// What is named, by reading.
        readings: Vec<(NamedBy, Named<'a>)>,
        /// What either remedy comes to.
        remedied: Remedied<'a>,
    },
}

/// What is to be said of a policy.
#[derive(Clone, Debug)]
pub struct Advised<'a> {
    /// The policy.
    pub policy: &'a ImportedPolicy,
    /// What comes of it.
    pub outcome: PolicyOutcome<'a>,
    /// Active profiles of which the clients are not counted, because no document says what a 401 has for them.
    pub uncounted: Vec<&'a Profile>,
}

/// A way in which clients are shut out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shut {
    /// The scheme of which clients wait for a challenge.
    pub scheme: ProfileScheme,
    /// Under which readings.
    pub by: Vec<NamedBy>,
}

/// What is to be said of each policy, by what is known of clients. Nobody is asked.
pub fn advise_on<'a>(imported: &'a Imported, catalogue: &'a Catalogue) -> Vec<Advised<'a>> {
    let every = imported.first_scheme_only == Some(false);
    let policies = imported.policies.iter();
    policies
        .map(|policy| advised(policy, every, catalogue))
        .collect()
}

impl Advised<'_> {
    /// Which accepted schemes are not named, and under which readings; that of which the most clients are shut out
    /// first.
    pub fn shut(&self) -> Vec<Shut> {
        let PolicyOutcome::NamesOne { readings, .. } = &self.outcome else {
            return Vec::new();
        };
        let mut all: Vec<Shut> = Vec::new();
        for (by, named) in readings {
            let Named::Challenge { profile, .. } = named else {
                continue;
            };
            for scheme in accepted(self.policy)
                .into_iter()
                .filter(|one| *one != profile.scheme)
            {
                match all.iter_mut().find(|known| known.scheme == scheme) {
                    Some(known) => known.by.push(*by),
                    None => all.push(Shut {
                        scheme,
                        by: vec![*by],
                    }),
                }
            }
        }
        let out_by = |shut: &Shut| {
            let named = readings.iter().find(|(by, _)| shut.by.contains(by));
            match named {
                Some((_, Named::Challenge { reach, .. })) => reach.concerned() - reach.inside(),
                _ => 0,
            }
        };
        all.sort_by_key(|shut| std::cmp::Reverse(out_by(shut)));
        all
    }

    /// Whether clients that wait for a challenge are shut out under some reading.
    pub fn shuts_out(&self) -> bool {
        !self.shut().is_empty()
    }

    /// The schemes that are accepted and of which clients are counted.
    pub fn accepted(&self) -> Vec<ProfileScheme> {
        accepted(self.policy)
    }
}

/// The schemes of active profiles that have a challenge, each once.
fn accepted(policy: &ImportedPolicy) -> Vec<ProfileScheme> {
    let mut schemes = Vec::new();
    for profile in policy.profiles.iter().filter(|one| one.active) {
        if challenge(profile.scheme).is_some() && !schemes.contains(&profile.scheme) {
            schemes.push(profile.scheme);
        }
    }
    schemes
}

/// The challenge that the platform shows for a scheme, as its documentation prints it.
fn challenge(scheme: ProfileScheme) -> Option<&'static str> {
    match scheme {
        ProfileScheme::Basic => Some("BASIC realm=\"Service-now\""),
        ProfileScheme::Bearer => Some("BEARER realm=\"Service-now\""),
        _ => None,
    }
}

fn advised<'a>(policy: &'a ImportedPolicy, every: bool, catalogue: &'a Catalogue) -> Advised<'a> {
    let active: Vec<&Profile> = policy.profiles.iter().filter(|one| one.active).collect();
    let schemes = accepted(policy);
    let reach = |lines: &[String]| {
        let mut script = Script::new(Layout::new(lines.iter().map(String::as_str)));
        script.accepts = Accepts {
            basic: schemes.contains(&ProfileScheme::Basic),
            bearer: schemes.contains(&ProfileScheme::Bearer),
            digest: false,
        };
        Reach::of(catalogue, &script)
    };
    let remedied = || {
        // The documentation's example has them so.
        let order = [ProfileScheme::Bearer, ProfileScheme::Basic];
        let lines = order.into_iter().filter(|scheme| schemes.contains(scheme));
        let lines: Vec<String> = lines.filter_map(challenge).map(str::to_owned).collect();
        let turned: Vec<String> = lines.iter().rev().cloned().collect();
        Remedied {
            reach: reach(&lines),
            turned: reach(&turned),
            lines,
        }
    };
    let named = |found: Result<&'a Profile, String>| match found {
        Err(why) => Named::Unknown(why),
        Ok(profile) => match challenge(profile.scheme) {
            None => Named::Undocumented(profile),
            Some(line) => Named::Challenge {
                profile,
                reach: reach(&[line.to_owned()]),
                line: line.to_owned(),
            },
        },
    };
    let outcome = if !policy.active {
        PolicyOutcome::Inactive
    } else if active.is_empty() {
        PolicyOutcome::Closed
    } else if every || policy.advertise_all {
        PolicyOutcome::NamesAll(remedied())
    } else {
        let readings = NamedBy::ALL.map(|by| {
            let found = match by {
                NamedBy::FirstInTheList => active.first().copied().ok_or_else(String::new),
                NamedBy::MostRecentlyMapped => {
                    latest(&active, "mapped", |profile| profile.mapped.as_deref())
                }
                NamedBy::MostRecentlyConfigured => latest(&active, "configured", |profile| {
                    profile.configured.as_deref()
                }),
            };
            (by, named(found))
        });
        PolicyOutcome::NamesOne {
            readings: readings.into(),
            remedied: remedied(),
        }
    };
    let uncounted = active
        .into_iter()
        .filter(|one| challenge(one.scheme).is_none());
    Advised {
        policy,
        outcome,
        uncounted: uncounted.collect(),
    }
}

/// The profile of the latest time; of one alone it does not matter when that was.
fn latest<'a>(
    active: &[&'a Profile],
    what: &str,
    time: impl Fn(&Profile) -> Option<&str>,
) -> Result<&'a Profile, String> {
    // Of several of one scheme it does not matter which it is.
    let first = active.first().ok_or_else(String::new)?;
    if active.iter().all(|one| one.scheme == first.scheme) {
        return Ok(first);
    }
    if let Some(missing) = active.iter().find(|one| time(one).is_none()) {
        return Err(format!("when `{}` was {what} is not known", missing.name));
    }
    let last = active.iter().filter_map(|one| time(one)).max();
    let mut of_last = active.iter().filter(|one| time(one) == last);
    let Some(found) = of_last.next() else {
        return Err(String::new());
    };
    match of_last.find(|other| other.scheme != found.scheme) {
        Some(other) => Err(format!(
            "`{}` and `{}` were {what} at the same time",
            found.name, other.name
        )),
        None => Ok(found),
    }
}

//! The API access policy: what a slot accepts, and what its challenges say.

use hyper::header::HeaderValue;

use super::fault::Fault;
use super::history::{History, Switches};
use super::seeded::Faults;
use crate::credentials::Scheme;
use crate::domain::Value;

/// The schemes of profiles that can be asked for by a challenge.
const SCHEMES: [Scheme; 2] = [Scheme::Basic, Scheme::Bearer];

/// The schemes that a profile of the API access policy can have.
const KNOWN: [Scheme; 5] = [
    Scheme::Basic,
    Scheme::Bearer,
    Scheme::ApiKey,
    Scheme::Hmac,
    Scheme::Certificate,
];

/// A policy as it is enforced: worked out once, when it is installed.
#[derive(Clone, Debug)]
pub(super) struct Enforced {
    /// Whose log-ins are accepted.
    pub(super) accepted: Vec<Scheme>,
    /// What a request is told that is not let in.
    pub(super) refusal: Refusal,
}

/// A challenge, written once.
#[derive(Clone, Debug)]
pub(super) struct WrittenChallenge {
    /// Its scheme.
    pub(super) scheme: Scheme,
    /// Its field line.
    pub(super) line: HeaderValue,
}

/// What a refused request is told.
#[derive(Clone, Debug)]
pub(super) enum Refusal {
    /// 401 with these challenges, one field line each: other credentials may help.
    Unauthorized(Vec<WrittenChallenge>),
    /// 403: no credentials can help (RFC 9110 §15.5.4).
    Forbidden,
    /// None: everybody is let in.
    Open,
}

/// A policy record as configured.
pub(super) struct Configured {
    /// Schemes of the active profiles in the order of their configuration.
    pub(super) active: Vec<Scheme>,
    /// Schemes of all profiles in the order of their configuration.
    all: Vec<Scheme>,
}

impl Enforced {
    /// Works out what the profiles of a policy come to.
    ///
    /// # Errors
    ///
    /// In words, when a profile has a scheme that the reference implementation does not have.
    pub(super) fn of(history: &History, faults: &Faults) -> Result<Self, String> {
        let Switches {
            all_by_flag,
            all_by_property,
            global,
            ..
        } = history.switches(faults);
        let mut configured = Configured::of(history.profiles(faults), &KNOWN)?;
        if global && !faults.has(Fault::GlobalPolicyTakesKeys) {
            configured.leave_out_keys();
        }
        let left_over = Configured::of(history.left_over(faults), &KNOWN)?;
        let mut enforced = Self::by(&configured, all_by_flag, all_by_property, faults);
        let left_over = left_over.active.into_iter();
        enforced.accepted = distinct(enforced.accepted.iter().copied().chain(left_over));
        Ok(enforced)
    }

    /// What holds where no policy decides: everything that the platform can do is accepted and named.
    pub(super) fn by_default(faults: &Faults) -> Self {
        let both = vec![Scheme::Bearer, Scheme::Basic];
        Self {
            refusal: match faults.has(Fault::NoPolicyMeansClosed) {
                true => Refusal::Forbidden,
                false => unauthorized(&both, faults),
            },
            // A certificate is taken too, and has no name that a 401 could have.
            accepted: [both.as_slice(), &[Scheme::Certificate]].concat(),
        }
    }

    /// What a policy comes to that has one profile and no flag.
    ///
    /// # Errors
    ///
    /// In words, when the reference implementation does not have its scheme.
    pub(super) fn of_one(
        policy: &Value,
        all_by_property: bool,
        faults: &Faults,
    ) -> Result<Self, String> {
        let scheme = policy.field("scheme").cloned().unwrap_or(Value::Absent);
        let profile = Value::record([("scheme", scheme)]);
        let configured = Configured::of([&profile], &SCHEMES)?;
        Ok(Self::by(&configured, false, all_by_property, faults))
    }

    /// What profiles come to where the switches that advertise all of them stand so.
    fn by(
        configured: &Configured,
        all_by_flag: bool,
        all_by_property: bool,
        faults: &Faults,
    ) -> Self {
        let mut accepted = distinct(configured.active.iter().copied());
        if accepted.is_empty() {
            let refusal = if faults.has(Fault::NoProfileMeansOpen) {
                Refusal::Open
            } else if faults.has(Fault::UnauthorizedInsteadOfForbidden) {
                unauthorized(&SCHEMES, faults)
            } else {
                Refusal::Forbidden
            };
            return Self { accepted, refusal };
        }
        let every = (faults.has(Fault::AdvertisesRegardlessOfFlag))
            || (all_by_flag && !faults.has(Fault::FlagIgnored))
            || (all_by_property && !faults.has(Fault::PropertyIgnored));
        let advertised = configured.advertised(every, faults);
        if faults.has(Fault::RejectsSecondProfile) && accepted.len() > 1 {
            accepted.remove(1);
        }
        if faults.has(Fault::AcceptsInactiveProfile) {
            accepted = distinct(configured.all.iter().copied());
        }
        if (all_by_flag && faults.has(Fault::FlagOpensEveryScheme))
            || (all_by_property && faults.has(Fault::PropertyOpensEveryScheme))
        {
            accepted = SCHEMES.to_vec();
        }
        Self {
            accepted,
            refusal: unauthorized(&advertised, faults),
        }
    }

    /// The same behind an edit of what was in force before: nothing of that stays, save where a fault has it so.
    pub(super) fn edited_from(
        mut self,
        before: &Self,
        other_profiles: bool,
        faults: &Faults,
    ) -> Self {
        if faults.has(Fault::StaleChallenges)
            && other_profiles
            && let (Refusal::Unauthorized(mine), Refusal::Unauthorized(earlier)) =
                (&mut self.refusal, &before.refusal)
        {
            mine.clone_from(earlier);
        }
        self
    }
}

impl Configured {
    /// Reads the profiles under a field of a policy record; none where there is no such field.
    ///
    /// # Errors
    ///
    /// In words, when a profile has a scheme that is not `known`.
    pub(super) fn read(policy: &Value, field: &str, known: &[Scheme]) -> Result<Self, String> {
        let profiles = policy.field(field).and_then(Value::items);
        Self::of(profiles.unwrap_or_default(), known)
    }

    /// The same of profiles in the order in which they were configured.
    fn of<'a>(
        profiles: impl IntoIterator<Item = &'a Value>,
        known: &[Scheme],
    ) -> Result<Self, String> {
        let mut read = Self {
            active: Vec::new(),
            all: Vec::new(),
        };
        for profile in profiles {
            let word = profile.field("scheme").and_then(Value::as_symbol);
            let named = word.and_then(Scheme::from_word);
            let Some(scheme) = named.filter(|scheme| known.contains(scheme)) else {
                let word = word.unwrap_or("(none)");
                return Err(format!(
                    "the reference implementation has no profiles of scheme `{word}`"
                ));
            };
            read.all.push(scheme);
            if flag(profile, "active", true) {
                read.active.push(scheme);
            }
        }
        Ok(read)
    }

    /// Leaves out keys and signatures, which no global policy has (*Configure API key*).
    fn leave_out_keys(&mut self) {
        let stays = |scheme: &Scheme| !matches!(scheme, Scheme::ApiKey | Scheme::Hmac);
        self.active.retain(stays);
        self.all.retain(stays);
    }

    /// The schemes to advertise, in order: the most recently configured first.
    fn advertised(&self, every: bool, faults: &Faults) -> Vec<Scheme> {
        let source = if faults.has(Fault::AdvertisesInactiveProfiles) {
            &self.all
        } else {
            &self.active
        };
        // Keys and signatures have no challenge; yet a 401 has to have one (RFC 9110 §15.5.2).
        let is_hidden = |scheme: &&Scheme| {
            !scheme.is_registered()
                && !faults.has(Fault::KeyProfileHidesChallenges)
                && source.iter().any(|one| one.is_registered())
        };
        let source: Vec<Scheme> = source
            .iter()
            .filter(|one| !is_hidden(one))
            .copied()
            .collect();
        let mut schemes = distinct(source.iter().rev().copied());
        if !every {
            if faults.has(Fault::AdvertisesFirstInsteadOfLast) {
                schemes = distinct(source.iter().copied());
            }
            schemes.truncate(1);
        }
        if faults.has(Fault::AdvertisesUnacceptedScheme) {
            let missing = |scheme: &Scheme| !self.active.contains(scheme);
            let more = SCHEMES.into_iter().filter(missing);
            schemes = distinct(schemes.iter().copied().chain(more));
        }
        schemes
    }
}

pub(super) fn flag(record: &Value, name: &str, default: bool) -> bool {
    record
        .field(name)
        .and_then(Value::as_bool)
        .unwrap_or(default)
}

pub(super) fn distinct(schemes: impl Iterator<Item = Scheme>) -> Vec<Scheme> {
    let mut kept = Vec::new();
    for scheme in schemes {
        if !kept.contains(&scheme) {
            kept.push(scheme);
        }
    }
    kept
}

/// The scheme in the platform's spelling.
pub(super) fn spelling(scheme: Scheme) -> &'static str {
    match scheme {
        Scheme::Basic => "BASIC",
        Scheme::Bearer => "BEARER",
        other => other.name(),
    }
}

fn unauthorized(schemes: &[Scheme], faults: &Faults) -> Refusal {
    let challenge = |scheme: &Scheme| {
        let name = spelling(*scheme);
        let text = if faults.has(Fault::ChallengeWithoutRealm) {
            name.to_owned()
        } else if faults.has(Fault::MalformedChallenge) {
            format!("{name} realm=\"Service-now")
        } else {
            format!("{name} realm=\"Service-now\"")
        };
        let line = HeaderValue::from_str(&text).ok()?;
        let scheme = *scheme;
        Some(WrittenChallenge { scheme, line })
    };
    if faults.has(Fault::UnauthorizedWithoutChallenge) {
        return Refusal::Unauthorized(Vec::new());
    }
    Refusal::Unauthorized(schemes.iter().filter_map(challenge).collect())
}

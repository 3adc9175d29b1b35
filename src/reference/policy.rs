//! The API access policy: what a slot accepts, and what its challenges say.

use hyper::header::HeaderValue;

use super::fault::{Fault, Faults};
use crate::auth::Scheme;
use crate::domain::Value;

/// The schemes that a profile of the API access policy can have.
const SCHEMES: [Scheme; 2] = [Scheme::Basic, Scheme::Bearer];

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
pub(super) struct Challenge {
    /// Its scheme.
    pub(super) scheme: Scheme,
    /// Its field line.
    pub(super) line: HeaderValue,
}

/// What a refused request is told.
#[derive(Clone, Debug)]
pub(super) enum Refusal {
    /// 401 with these challenges, one field line each: other credentials may help.
    Unauthorized(Vec<Challenge>),
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
    /// Works out what a policy and an instance record ask for. Fields that are not there have the
    /// platform's defaults: active, one scheme advertised.
    ///
    /// # Errors
    ///
    /// In words, when a profile has a scheme that the reference implementation does not have.
    pub(super) fn of(policy: &Value, instance: &Value, faults: &Faults) -> Result<Self, String> {
        let configured = Configured::read(policy, &SCHEMES)?;
        if !flag(policy, "active", true) && !faults.has(Fault::IgnoresInactivePolicyFlag) {
            // The platform ignores inactive policies: everything it can do is accepted and named.
            let both = vec![Scheme::Bearer, Scheme::Basic];
            return Ok(Self {
                refusal: unauthorized(&both, faults),
                accepted: both,
            });
        }
        let all_by_flag = flag(policy, "advertise_all", false);
        let all_by_property = !flag(instance, "first_scheme_only", true);
        let mut accepted = distinct(configured.active.iter().copied());
        if accepted.is_empty() {
            let refusal = if faults.has(Fault::NoProfileMeansOpen) {
                Refusal::Open
            } else if faults.has(Fault::UnauthorizedInsteadOfForbidden) {
                unauthorized(&SCHEMES, faults)
            } else {
                Refusal::Forbidden
            };
            return Ok(Self { accepted, refusal });
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
        Ok(Self {
            accepted,
            refusal: unauthorized(&advertised, faults),
        })
    }
}

impl Configured {
    pub(super) fn read(policy: &Value, known: &[Scheme]) -> Result<Self, String> {
        let mut read = Self {
            active: Vec::new(),
            all: Vec::new(),
        };
        for profile in policy
            .field("profiles")
            .and_then(Value::items)
            .unwrap_or_default()
        {
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

    /// The schemes to advertise, in order: the most recently configured first.
    fn advertised(&self, every: bool, faults: &Faults) -> Vec<Scheme> {
        let source = if faults.has(Fault::AdvertisesInactiveProfiles) {
            &self.all
        } else {
            &self.active
        };
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
        Some(Challenge { scheme, line })
    };
    if faults.has(Fault::UnauthorizedWithoutChallenge) {
        return Refusal::Unauthorized(Vec::new());
    }
    Refusal::Unauthorized(schemes.iter().filter_map(challenge).collect())
}

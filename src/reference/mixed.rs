//! Log-ins that are mixed up with those of others who come at the same time, where a fault has it.

use std::time::{Duration, Instant};

use super::fault::Fault;
use super::login::{Login, Why, succeeded};
use super::seeded::Faults;
use crate::credentials::Scheme;

/// How long a log-in that succeeded may be mistaken for another.
const MEMORY: Duration = Duration::from_millis(20);

/// One in so many is mistaken, so that it shows at a rate.
const ONE_IN: u32 = 5;

/// What a slot remembers of log-ins that succeeded.
#[derive(Debug, Default)]
pub(super) struct Mixed {
    /// The last two: one alone is nobody at work.
    last: Option<(Scheme, Instant)>,
    before: Option<(Scheme, Instant)>,
    chances: u32,
}

impl Mixed {
    /// Whether log-ins are mixed up by any of these faults.
    pub(super) fn is_seeded(faults: &Faults) -> bool {
        faults.has(Fault::MixesUpLogIns) || faults.has(Fault::MixesUpSchemes)
    }

    /// A log-in as the server takes it.
    pub(super) fn take(&mut self, login: Login, faults: &Faults) -> Login {
        match login {
            Login::Succeeded { scheme, .. } => {
                self.before = self.last.replace((scheme, Instant::now()));
                login
            }
            Login::Failed {
                why: Why::Wrong,
                scheme: Some(scheme),
                ref user,
            } if self.is_mistaken(scheme, faults) => succeeded(user.clone(), scheme),
            _ => login,
        }
    }

    fn is_mistaken(&mut self, scheme: Scheme, faults: &Faults) -> bool {
        let recent = |seen: Option<(Scheme, Instant)>| {
            let (other, at) = seen?;
            (at.elapsed() < MEMORY).then_some(other)
        };
        let fault = match (recent(self.last), recent(self.before)) {
            (Some(last), Some(before)) if last == before && last == scheme => Fault::MixesUpLogIns,
            (Some(last), Some(before)) if last == before => Fault::MixesUpSchemes,
            _ => return false,
        };
        if !faults.has(fault) {
            return false;
        }
        self.chances = self.chances.wrapping_add(1);
        self.chances.is_multiple_of(ONE_IN)
    }
}

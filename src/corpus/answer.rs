//! What a replay comes to, in words that name the product that was asked.

use crate::domain::counted;

use super::entry::{Entry, SeenOn};
use super::replay::ReplayState;

impl Entry {
    /// The answer to a replay on an implementation of this name and version, in one line.
    ///
    /// Only the product on which a failure was seen can have *fixed* it: of another one it is said
    /// whether the failure shows there.
    pub fn answer(&self, state: &ReplayState, name: &str, version: &str) -> String {
        let SeenOn {
            name: seen_on,
            version: seen_in,
            ..
        } = &self.seen_on;
        if let ReplayState::NotShown { runs, failed, of } = state {
            let times = counted(u64::from(*runs), "run", "runs");
            return format!(
                "did not show in {times} on {name} {version} (was seen in {failed} of {of} on {seen_on} \
                 {seen_in})"
            );
        }
        if name == seen_on {
            let word = match state {
                ReplayState::CouldNotRun(_) => "could not run on".to_owned(),
                ReplayState::Fixed { .. } if !self.faults_left_out(name, version).is_empty() => {
                    "does not show in".to_owned()
                }
                state => format!("{} in", state.word()),
            };
            return format!("{word} {name} {version} (seen in {seen_in})");
        }
        let (before, behind) = match state {
            ReplayState::Fixed { .. } => ("does not show on", ""),
            ReplayState::StillFailing(_) => ("shows on", " as well"),
            ReplayState::FailingDifferently(_) => ("another failure shows on", ""),
            ReplayState::NotShown { .. } | ReplayState::CouldNotRun(_) => ("could not run on", ""),
        };
        format!("{before} {name} {version}{behind} (seen on {seen_on} {seen_in})")
    }
}

//! From a question to a trial of `cargo test`.

use std::sync::Arc;

use libtest_mimic::{Arguments, Trial};

use super::nextest::{Nextest, TrialVerdict};
use super::notice::{Notices, beside};

/// What makes a trial out of a question.
pub(super) struct Maker {
    pub(super) notices: Arc<Notices>,
    /// Whether what is ignored beforehand is marked as such, as a list has to and whoever asks for
    /// ignored trials wants. Otherwise it is ignored as it runs, so that its reason stands behind its
    /// name.
    pub(super) marks: bool,
    nextest: bool,
}

impl Maker {
    pub(super) fn new(arguments: &Arguments, nextest: Option<&Nextest>) -> Self {
        Self {
            notices: Arc::default(),
            marks: nextest.is_some() || arguments.ignored || arguments.include_ignored,
            nextest: nextest.is_some(),
        }
    }

    pub(super) fn trial(
        &self,
        name: String,
        beforehand: Option<String>,
        judge: impl FnOnce() -> TrialVerdict + Send + 'static,
    ) -> Trial {
        let is_marked = self.marks && beforehand.is_some();
        let beforehand = beforehand.filter(|_| !is_marked).map(TrialVerdict::Ignored);
        let (notices, nextest) = (Arc::clone(&self.notices), self.nextest);
        let own = name.clone();
        let trial = Trial::ignorable_test(name, move || {
            let verdict = match beforehand.unwrap_or_else(judge) {
                TrialVerdict::Ignored(reason) => {
                    notices.add(&own, &reason);
                    TrialVerdict::Ignored(if nextest { reason } else { beside(&reason) })
                }
                TrialVerdict::Known(text) => {
                    notices.add_known(&own, &text);
                    TrialVerdict::Known(text)
                }
                verdict => verdict,
            };
            verdict.completion(nextest)
        });
        trial.with_ignored_flag(is_marked)
    }
}

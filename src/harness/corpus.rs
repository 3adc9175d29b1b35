//! Trials of reproductions: one for each implementation and entry of a folder.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use libtest_mimic::Trial;

use super::expectation::{Departures, Expected, StatedFinding};
use super::maker::Maker;
use super::mistake::Mistake;
use super::nextest::TrialVerdict;
use super::session::with_implementation;
use super::target::Target;
use super::verdict::Unexercised;
use crate::corpus::{self, Entry, Message, ReplayState};
use crate::engine::Options;

/// What stands for the pack in the names of these trials.
pub(super) const CORPUS: &str = "corpus";

/// A reproduction, or why its file is none.
#[derive(Debug)]
pub(super) struct Kept {
    /// Its file's name without the ending.
    pub(super) name: String,
    path: PathBuf,
    entry: Result<Entry, String>,
}

/// The reproductions in these folders, by name.
pub(super) fn read(folders: &[PathBuf]) -> Result<Vec<Arc<Kept>>, Mistake> {
    let mut all: Vec<Arc<Kept>> = Vec::new();
    for folder in folders {
        let files = corpus::list(folder).map_err(|error| {
            Mistake::new(format!(
                "the corpus {} cannot be read: {error}",
                folder.display()
            ))
        })?;
        for path in files {
            let name = name(&path);
            if all.iter().any(|kept| kept.name == name) {
                return Err(Mistake::new(format!(
                    "two reproductions are called `{name}`: their trials would have the same names"
                )));
            }
            let entry = corpus::load(&path).map_err(|error| error.to_string());
            all.push(Arc::new(Kept { name, path, entry }));
        }
    }
    Ok(all)
}

fn name(path: &Path) -> String {
    path.file_stem()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

/// Whether an implementation is to be held against a reproduction: not where the test keeps it to
/// other packs, or to a part of the domain that the case is not in.
pub(super) fn concerns(kept: &Kept, target: &Target) -> bool {
    let Ok(entry) = &kept.entry else {
        return true;
    };
    let packs = target.packs();
    packs.is_none_or(|packs| packs.contains(&entry.rule.pack))
        && target.narrowing().refusal(&entry.case).is_none()
}

/// The trials of implementations with every reproduction that concerns them.
pub(super) fn trials(
    kept: &[Arc<Kept>],
    targets: &[&Arc<Target>],
    expected: &[Expected],
    options: &Options,
    unexercised: Unexercised,
    maker: &Maker,
) -> Vec<Trial> {
    let mut trials = Vec::new();
    for target in targets {
        for kept in kept.iter().filter(|kept| concerns(kept, target)) {
            let name = format!("{}::{CORPUS}::{}", target.name(), kept.name);
            let departures = Departures::of(expected, target.name(), CORPUS, &kept.name);
            let known = kept.entry.as_ref().ok().and_then(|entry| {
                let rule = &entry.rule;
                let of_rule = Departures::of(expected, target.name(), &rule.pack, &rule.id);
                let mut stated = of_rule.findings.into_iter();
                let stated = stated.find(|stated| stated.is_kept_as(entry))?;
                Some(stated.reason)
            });
            let (played, opened) = (Arc::clone(kept), Arc::clone(target));
            let options = options.clone();
            let allowed = unexercised == Unexercised::Allowed || target.allows_not_exercised();
            let cannot = kept
                .entry
                .as_ref()
                .ok()
                .and_then(|entry| target.cannot(&entry.case));
            let beforehand = target.reason_missing().map(str::to_owned).or(cannot);
            trials.push(maker.trial(name, beforehand, move || {
                match replayed(&played, &opened, &options) {
                    Ok(answer) => judge(&ReplayAnswer { known, ..answer }, &departures, allowed),
                    Err(text) => Err(text),
                }
                .unwrap_or_else(TrialVerdict::Failed)
            }));
        }
    }
    trials
}

/// What became of a reproduction.
#[derive(Debug)]
struct ReplayAnswer {
    state: ReplayState,
    /// The sentence of the reproduction.
    sentence: String,
    /// Rule, impact and exchanges, as text.
    detail: String,
    /// Where the same is stated of the rule itself: what is stated.
    known: Option<String>,
}

fn replayed(kept: &Kept, target: &Target, options: &Options) -> Result<ReplayAnswer, String> {
    let entry = kept
        .entry
        .as_ref()
        .map_err(|why| format!("not judged: this is no reproduction\n\n{why}"))?;
    let replayed = with_implementation(target, options.setup_deadline, async |opened| {
        corpus::replay(entry, opened, options).await
    })
    .map_err(|fault| format!("not judged; this accuses nobody\n\n{fault}"))?;
    let rule = &entry.rule;
    let mut detail = format!(
        "  rule      {} ({}; {} {})\n  source    {}\n  impact    {}\n  kept in   {}",
        rule.id,
        rule.level,
        rule.pack,
        rule.version,
        rule.stated,
        rule.impact,
        kept.path.display()
    );
    for Message { sent, received, .. } in &replayed.transcript.case {
        for (mark, text) in [('>', sent), ('<', received)] {
            for line in text.lines().take_while(|line| !line.is_empty()) {
                detail.push_str(&format!("\n            {mark} {line}"));
            }
        }
    }
    Ok(ReplayAnswer {
        state: replayed.state,
        sentence: entry.sentence.clone(),
        detail,
        known: None,
    })
}

/// A reproduction is fixed, or stated as known; what could not be tried is neither.
fn judge(
    answer: &ReplayAnswer,
    departures: &Departures,
    allow_not_exercised: bool,
) -> Result<TrialVerdict, String> {
    let ReplayAnswer {
        state,
        sentence,
        detail,
        ..
    } = answer;
    let stated = departures.findings.first();
    if let (ReplayState::StillFailing(_), None, Some(known)) = (state, stated, &answer.known) {
        return Ok(TrialVerdict::Known(known.clone()));
    }
    match (state, stated) {
        (ReplayState::Fixed { .. }, None) => Ok(TrialVerdict::Passed),
        (ReplayState::Fixed { .. }, Some(StatedFinding { reason, .. })) => Err(format!(
            "no longer shows: {sentence}\n\n{state}\n  stated    {reason}\n  remedy    remove the \
             statement, so that the defect cannot come back unseen"
        )),
        (ReplayState::StillFailing(_), Some(stated)) if stated.sentence == *sentence => {
            Ok(TrialVerdict::Known(stated.reason.clone()))
        }
        (ReplayState::CouldNotRun(reason), None) => match &departures.not_exercised {
            Some(stated) => Ok(TrialVerdict::Ignored(stated.clone())),
            None if allow_not_exercised => {
                Ok(TrialVerdict::Ignored(format!("not exercised: {reason}")))
            }
            None => Err(format!(
                "not exercised: {reason}\n\n  this accuses nobody, and proves nothing\n{detail}"
            )),
        },
        (ReplayState::NotShown { .. }, None) => Err(format!(
            "{sentence}\n\n{state}\n  it did not show each time before, so this does not say that it is \
             fixed\n{detail}"
        )),
        (ReplayState::NotShown { .. } | ReplayState::CouldNotRun(_), Some(_)) => Err(format!(
            "{sentence}\n\n{state}\n  this accuses nobody, and does not show what is stated\n{detail}"
        )),
        (ReplayState::StillFailing(_) | ReplayState::FailingDifferently(_), _) => {
            Err(format!("{sentence}\n\n{state}\n\n{detail}"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::corpus::Reason;
    use crate::spec::Discrepancy;

    fn verdict_of(state: ReplayState, departures: &Departures, allow: bool) -> String {
        verdict_where(state, departures, allow, None)
    }

    fn verdict_where(
        state: ReplayState,
        departures: &Departures,
        allow: bool,
        known: Option<&str>,
    ) -> String {
        let answer = ReplayAnswer {
            known: known.map(str::to_owned),
            state,
            sentence: "two profiles".to_owned(),
            detail: "  rule".to_owned(),
        };
        match judge(&answer, departures, allow) {
            Ok(TrialVerdict::Passed) => "passed".to_owned(),
            Ok(TrialVerdict::Known(reason)) => format!("known: {reason}"),
            Ok(TrialVerdict::Ignored(reason)) => format!("ignored: {reason}"),
            Ok(TrialVerdict::Failed(text)) => text,
            Err(text) => text,
        }
    }

    #[test]
    fn only_what_is_fixed_or_stated_passes() {
        let failing = || {
            ReplayState::StillFailing(Discrepancy {
                kind: "outcome accepted, refused".parse().unwrap(),
                expected: "accepted".to_owned(),
                observed: "refused".to_owned(),
            })
        };
        let fixed = || ReplayState::Fixed { caution: None };
        let broken = || ReplayState::CouldNotRun(Reason::Unsupported("no bearer".to_owned()));
        let nothing = Departures::default();
        assert_eq!(verdict_of(fixed(), &nothing, false), "passed");
        assert!(verdict_of(failing(), &nothing, true).starts_with("two profiles\n"));
        assert!(verdict_of(broken(), &nothing, false).starts_with("not exercised: "));
        assert!(verdict_of(broken(), &nothing, true).starts_with("ignored: not exercised: "));

        let mut stated = Departures::default();
        stated.findings.push(StatedFinding {
            sentence: "two profiles".to_owned(),
            case: None,
            leads: false,
            reason: "the default".to_owned(),
        });
        assert_eq!(verdict_of(failing(), &stated, false), "known: the default");
        // What is stated of its rule is stated of it.
        assert_eq!(
            verdict_where(failing(), &nothing, false, Some("their way")),
            "known: their way"
        );
        assert_eq!(
            verdict_where(fixed(), &nothing, false, Some("their way")),
            "passed"
        );
        assert!(verdict_of(fixed(), &stated, false).starts_with("no longer shows: two profiles"));
        assert!(verdict_of(broken(), &stated, true).contains("does not show what is stated"));

        stated.findings[0].sentence = "three profiles".to_owned();
        assert!(verdict_of(failing(), &stated, false).starts_with("two profiles\n"));
    }
}

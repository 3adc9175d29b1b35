//! Replaying a reproduction: is it fixed?

use std::fmt;

use crate::domain::{Case, Part, Value};
use crate::engine::{Again, Lab, Manner, Options, PlayedAlone, Shown, Take, not_claimed};
use crate::implementation::{BoxFuture, Description, Implementation, Nature};
use crate::observation::{Outcome, SetupFault, status_in_words};
use crate::results::{Stopped, Transcript};
use crate::spec::{Discrepancy, Spec};

use super::entrance;
use super::entry::Entry;
use super::packs;
use super::transcript::{Message, Messages};

/// How often a failure that does not show each time is tried, whatever its file says.
const LEAST_RUNS: u32 = 10;
const MOST_RUNS: u32 = 200;

/// What became of a reproduction.
#[derive(Clone, Debug)]
pub struct Replayed {
    /// The answer.
    pub state: ReplayState,
    /// What went over the wire in the last run, masked like the entry's own; empty where nothing
    /// did.
    pub transcript: Messages,
}

/// The answer to a replay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReplayState {
    /// The rule applied and held, twice.
    Fixed {
        /// What a reader should look at before believing it.
        caution: Option<String>,
    },
    /// The rule broke in the same kind, twice.
    StillFailing(Discrepancy),
    /// The rule broke in another kind, twice.
    FailingDifferently(Discrepancy),
    /// A failure that did not show each time did not show in as many runs: nothing is known.
    NotShown {
        /// In how many runs the rule applied, and held.
        runs: u32,
        /// In how many runs it had shown when it was found.
        failed: u32,
        /// Out of so many.
        of: u32,
    },
    /// The rule was not exercised, so nothing is known.
    CouldNotRun(Reason),
}

/// Why a replay says nothing of the rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The implementation could not be made ready.
    Setup(SetupFault),
    /// It cannot express the case.
    Unsupported(String),
    /// An exchange gave no response.
    Fault(String),
    /// The rule does not apply to what is seen now, or to this implementation.
    NotApplicable(String),
    /// Nobody can tell whether the rule holds.
    Inconclusive(String),
    /// Two runs differed.
    Flaky {
        /// What the first came to.
        first: String,
        /// What the second came to.
        second: String,
    },
    /// Nobody with valid credentials gets in: what each was answered.
    NobodyGetsIn(String),
    /// The case cannot be played by this Countersign.
    Unplayable(String),
    /// Somebody asked it to end.
    Asked,
}

impl ReplayState {
    /// The word for it in reports.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Fixed { .. } => "fixed",
            Self::StillFailing(_) => "still failing",
            Self::FailingDifferently(_) => "failing differently",
            Self::NotShown { .. } => "did not show",
            Self::CouldNotRun(_) => "could not run",
        }
    }
}

impl fmt::Display for ReplayState {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.word())?;
        match self {
            Self::Fixed { caution: None } => Ok(()),
            Self::Fixed {
                caution: Some(caution),
            } => write!(out, " ({caution})"),
            Self::StillFailing(found) | Self::FailingDifferently(found) => {
                write!(
                    out,
                    ": expected {}, observed {}",
                    found.expected, found.observed
                )
            }
            Self::NotShown { runs, failed, of } => {
                write!(out, " in {runs} runs (was seen in {failed} of {of})")
            }
            Self::CouldNotRun(reason) => write!(out, ": {reason}"),
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Setup(fault) => fault.fmt(out),
            Self::Unsupported(why) => {
                write!(out, "the implementation cannot express the case: {why}")
            }
            Self::Fault(why) => write!(out, "an exchange gave no response: {why}"),
            Self::NotApplicable(why) => write!(out, "the rule no longer applies: {why}"),
            Self::Inconclusive(why) => write!(out, "nobody can tell: {why}"),
            Self::Flaky { first, second } => {
                write!(out, "flaky: the first run was {first}, the second {second}")
            }
            Self::NobodyGetsIn(seen) => write!(
                out,
                "nobody with valid credentials gets in, so it shows nothing that the rule holds: {seen}"
            ),
            Self::Unplayable(why) => write!(out, "the case cannot be played: {why}"),
            Self::Asked => out.write_str("interrupted"),
        }
    }
}

impl From<Stopped> for Reason {
    fn from(stopped: Stopped) -> Self {
        match stopped {
            Stopped::Setup(fault) => Self::Setup(fault),
            Stopped::Silent { fault, .. } | Stopped::Unread { fault } => Self::Fault(fault),
            slow @ Stopped::Slow => Self::Fault(slow.to_string()),
            Stopped::Unplayable(why) => Self::Unplayable(why),
            Stopped::Asked => Self::Asked,
        }
    }
}

/// Tries a reproduction again: installs the case and its sibling, plays both, and holds the demand
/// against what is seen. It is done twice; only two equal runs are an answer. A failure that did not show
/// each time is tried as often as it was when it was found, and is never called fixed. What was not
/// exercised never counts as fixed, and nothing does where nobody with valid credentials gets in.
///
/// Every step has the deadlines of the options; their plan, seed and rules have no meaning here.
pub fn replay<'a>(
    entry: &'a Entry,
    implementation: &'a mut dyn Implementation,
    options: &'a Options,
) -> BoxFuture<'a, Replayed> {
    Box::pin(replayed(entry, implementation, options))
}

async fn replayed(
    entry: &Entry,
    implementation: &mut dyn Implementation,
    options: &Options,
) -> Replayed {
    let mut transcript = Transcript::default();
    let state = match answer(entry, implementation, options, &mut transcript).await {
        Ok(state) => state,
        Err(reason) => ReplayState::CouldNotRun(reason),
    };
    Replayed {
        state,
        transcript: Messages::of(&transcript),
    }
}

async fn answer(
    entry: &Entry,
    implementation: &mut dyn Implementation,
    options: &Options,
    transcript: &mut Transcript,
) -> Result<ReplayState, Reason> {
    let description = implementation.description();
    applies_to(entry, description)?;
    let tried = entrance::tried(entry, description);
    let watching = entry.demand.watching();
    let identities = entry.identities.clone();
    let mut lab = Lab::new(implementation, options, watching, identities);
    let state = match entry.flaky {
        Some(often) => often_enough(entry, often, &mut lab, transcript).await?,
        None => twice(entry, &mut lab, transcript).await?,
    };
    if matches!(
        state,
        ReplayState::Fixed { .. } | ReplayState::NotShown { .. }
    ) {
        entrance::somebody_gets_in(&mut lab, &tried).await?;
    }
    Ok(state)
}

/// Plays what did not show each time until it shows, and as often as when it was found.
async fn often_enough(
    entry: &Entry,
    (failed, of): (u32, u32),
    lab: &mut Lab<'_>,
    transcript: &mut Transcript,
) -> Result<ReplayState, Reason> {
    let most = of.clamp(LEAST_RUNS, MOST_RUNS);
    let is_enough = |takes: &[Take]| {
        let is_last = |take: &Take| match said(entry, take) {
            Ok(state) => matches!(state, ReplayState::StillFailing(_)),
            Err(reason) => !is_of_the_rule(&reason),
        };
        takes.len() >= most as usize || takes.last().is_some_and(is_last)
    };
    let takes = play(entry, lab, transcript, is_enough).await?;
    let (mut runs, mut otherwise, mut unknown) = (0, None, None);
    for take in &takes {
        match said(entry, take) {
            Ok(state @ ReplayState::StillFailing(_)) => return Ok(state),
            Ok(ReplayState::FailingDifferently(found)) => {
                otherwise.get_or_insert(ReplayState::FailingDifferently(found));
            }
            Ok(_) => runs += 1,
            Err(reason) if is_of_the_rule(&reason) => unknown = Some(reason),
            Err(reason) => return Err(reason),
        }
    }
    match (otherwise, unknown) {
        (Some(otherwise), _) => Ok(otherwise),
        (None, Some(reason)) if runs == 0 => Err(reason),
        _ => Ok(ReplayState::NotShown { runs, failed, of }),
    }
}

async fn twice(
    entry: &Entry,
    lab: &mut Lab<'_>,
    transcript: &mut Transcript,
) -> Result<ReplayState, Reason> {
    let is_enough = |takes: &[Take]| {
        let first = takes.first().map(|take| said(entry, take));
        takes.len() >= 2 || first.is_some_and(|first| first.is_err())
    };
    let takes = play(entry, lab, transcript, is_enough).await?;
    let mut states = takes.iter().map(|take| said(entry, take));
    let not_played = || Reason::Fault("nothing was exchanged".to_owned());
    let first = states.next().ok_or_else(not_played)??;
    let second = match states.next().ok_or_else(not_played)? {
        // The rule spoke of the first run.
        Err(reason) if is_of_the_rule(&reason) => ReplayState::CouldNotRun(reason),
        result => result?,
    };
    // Between two runs numbers in the words may differ; the kind says whether they are alike.
    let alike = match (&first, &second) {
        (ReplayState::StillFailing(one), ReplayState::StillFailing(other))
        | (ReplayState::FailingDifferently(one), ReplayState::FailingDifferently(other)) => {
            one.kind == other.kind
        }
        (first, second) => first.word() == second.word(),
    };
    if alike {
        Ok(second)
    } else {
        Err(Reason::Flaky {
            first: first.to_string(),
            second: second.to_string(),
        })
    }
}

/// Whether it is what the rule says of what was seen, and not that nothing was.
fn is_of_the_rule(reason: &Reason) -> bool {
    matches!(reason, Reason::NotApplicable(_) | Reason::Inconclusive(_))
}

/// Whether the rule speaks of this implementation, and the case can be had on it.
fn applies_to(entry: &Entry, description: &Description) -> Result<(), Reason> {
    for presumed in &entry.rule.presumes {
        // Of a choice that is not the first nobody knows here which is.
        let first = match presumed.default {
            true => presumed.choice.as_str(),
            false => "another way",
        };
        let taken = description.takes(&presumed.alternative, first);
        if taken != presumed.choice {
            return Err(Reason::NotApplicable(format!(
                "it presumes {}: {}, and the implementation takes {taken}",
                presumed.alternative, presumed.choice
            )));
        }
    }
    let sibling = entry.sibling.as_ref().map(|sibling| &sibling.case);
    let supported = description.supported();
    for case in [Some(&entry.case), sibling].into_iter().flatten() {
        if let Some(why) = supported.refusal(case) {
            return Err(Reason::Unsupported(why));
        }
        if let Some(why) = beyond(case, description) {
            return Err(Reason::Unsupported(why));
        }
    }
    Ok(())
}

/// Why a case has something that an implementation does not claim, as far as the packs that ship know its
/// fields.
fn beyond(case: &Case, description: &Description) -> Option<String> {
    let packs = packs::all();
    let of_pack = |spec: &Spec| not_claimed(spec, description, case);
    packs.iter().find_map(of_pack).or_else(|| {
        // Of a field of another spec nobody knows here which value is the simplest.
        let is_known = |path: &str| {
            let names: Vec<&str> = path.split('.').skip(1).collect();
            let part = |spec: &Spec| {
                path.split('.')
                    .next()
                    .and_then(Part::from_word)
                    .map(|part| spec.domain.part(part).at(&names).is_some())
            };
            packs.iter().any(|spec| part(spec) == Some(true))
        };
        let strict = matches!(description.nature, Nature::Configured | Nature::Embedded);
        let mut paths = [Part::Policy, Part::Instance].into_iter().flat_map(|part| {
            let Value::Record(fields) = case.part(part) else {
                return Vec::new();
            };
            let path = |name: &str| format!("{}.{name}", part.word());
            fields.iter().map(|(name, _)| path(name)).collect()
        });
        paths
            .find(|path| {
                let named = description
                    .named()
                    .any(|named| named.starts_with(path.as_str()));
                strict && !named && !is_known(path)
            })
            .map(|path| format!("it does not claim {path}"))
    })
}

/// Plays the case of a reproduction again; the transcript is that of the last time.
async fn play(
    entry: &Entry,
    lab: &mut Lab<'_>,
    transcript: &mut Transcript,
    is_enough: impl FnMut(&[Take]) -> bool + Send,
) -> Result<Vec<Take>, Stopped> {
    let sibling = entry.sibling.as_ref();
    let again = Again {
        case: &entry.case,
        sibling: sibling.map(|sibling| (&sibling.case, sibling.difference.as_str())),
        demand: &entry.demand,
        kind: &entry.discrepancy.kind,
        mutual: None,
        manner: Manner::Alike,
    };
    let takes = lab.play_again(again, is_enough).await?;
    *transcript = takes.last().map(Take::transcript).unwrap_or_default();
    Ok(takes)
}

/// What one time says of a reproduction.
fn said(entry: &Entry, take: &Take) -> Result<ReplayState, Reason> {
    match &take.shown {
        Shown::Holds => held(entry, take),
        Shown::Departs(found) => Ok(ReplayState::StillFailing(found.clone())),
        Shown::DepartsOtherwise(found) => Ok(ReplayState::FailingDifferently(found.clone())),
        Shown::NotApplicable => Err(Reason::NotApplicable(now(take))),
        Shown::Inconclusive(why) => Err(Reason::Inconclusive(why.clone())),
        Shown::Unsupported(why) => Err(Reason::Unsupported(why.clone())),
        Shown::Fault(why) => Err(Reason::Fault(why.clone())),
    }
}

/// What the demand's holding is worth. Two sides can be equal because both are broken: an
/// implementation that fails on everything has fixed nothing, and where it is the sibling that
/// changed, a person must say whether that was the cure.
fn held(entry: &Entry, take: &Take) -> Result<ReplayState, Reason> {
    let compares = entry
        .demand
        .relate
        .as_ref()
        .is_some_and(|relation| !relation.comparisons.is_empty());
    let (Some(here), Some(there), true) = (take.sides().0, take.sides().1, compares) else {
        return Ok(ReplayState::Fixed { caution: None });
    };
    let before = |messages: &[Message]| messages.last()?.status().map(Outcome::of_status);
    let case_before = before(&entry.transcript.case);
    let sibling_before = before(&entry.transcript.sibling);
    let (case_now, sibling_now) = (here.seen.outcome, there.seen.outcome);
    let both_failed = case_now == Outcome::Failed && sibling_now == Outcome::Failed;
    if both_failed && (case_before != Some(case_now) || sibling_before != Some(sibling_now)) {
        return Err(Reason::Inconclusive(format!(
            "neither side gets a decision: {}",
            now(take)
        )));
    }
    let changed = sibling_before.filter(|before| *before != sibling_now);
    let caution = changed.map(|before| {
        format!(
            "it is the sibling that changed: {before} when this was found, now {sibling_now} ({})",
            status(there)
        )
    });
    Ok(ReplayState::Fixed { caution })
}

/// What is seen now, in words.
fn now(take: &Take) -> String {
    let (case, sibling) = take.sides();
    let words = |side: &PlayedAlone| format!("{} ({})", side.seen.outcome, status(side));
    let case = case.map(|case| format!("the case is {}", words(case)));
    let sibling = sibling.map(|sibling| format!("its sibling {}", words(sibling)));
    let sides: Vec<String> = case.into_iter().chain(sibling).collect();
    sides.join(", ")
}

fn status(witnessed: &PlayedAlone) -> String {
    status_in_words(witnessed.seen.answer.response.status)
}

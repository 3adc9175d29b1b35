//! Replaying a reproduction: is it fixed?

use std::fmt;

use crate::domain::{Case, Part, Value};
use crate::engine::{Lab, NotPlayed, Options, Verdict, Witnessed, not_claimed};
use crate::implementation::{Description, Implementation, Nature};
use crate::observation::Outcome;
use crate::observation::SetupFault;
use crate::results::{Stopped, Transcript, TranscriptEntry};
use crate::spec::{Discrepancy, Env, Spec};

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
    pub state: State,
    /// What went over the wire in the last run, masked like the entry's own; empty where nothing
    /// did.
    pub transcript: Messages,
}

/// The answer to a replay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
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

impl State {
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

impl fmt::Display for State {
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
pub async fn replay(
    entry: &Entry,
    implementation: &mut dyn Implementation,
    options: &Options,
) -> Replayed {
    let mut transcript = Transcript::default();
    let state = match answer(entry, implementation, options, &mut transcript).await {
        Ok(state) => state,
        Err(reason) => State::CouldNotRun(reason),
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
) -> Result<State, Reason> {
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
    if matches!(state, State::Fixed { .. } | State::NotShown { .. }) {
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
) -> Result<State, Reason> {
    let (mut runs, mut otherwise, mut unknown) = (0, None, None);
    for _ in 0..of.clamp(LEAST_RUNS, MOST_RUNS) {
        match once(entry, lab, transcript).await {
            Ok(state @ State::StillFailing(_)) => return Ok(state),
            Ok(State::FailingDifferently(found)) => {
                otherwise.get_or_insert(State::FailingDifferently(found));
            }
            Ok(_) => runs += 1,
            Err(reason @ (Reason::NotApplicable(_) | Reason::Inconclusive(_))) => {
                unknown = Some(reason);
            }
            Err(reason) => return Err(reason),
        }
    }
    match (otherwise, unknown) {
        (Some(otherwise), _) => Ok(otherwise),
        (None, Some(reason)) if runs == 0 => Err(reason),
        _ => Ok(State::NotShown { runs, failed, of }),
    }
}

async fn twice(
    entry: &Entry,
    lab: &mut Lab<'_>,
    transcript: &mut Transcript,
) -> Result<State, Reason> {
    let first = once(entry, lab, transcript).await?;
    let second = match once(entry, lab, transcript).await {
        // The rule spoke of the first run.
        Err(reason @ (Reason::NotApplicable(_) | Reason::Inconclusive(_))) => {
            State::CouldNotRun(reason)
        }
        result => result?,
    };
    // Between two runs numbers in the words may differ; the kind says whether they are alike.
    let alike = match (&first, &second) {
        (State::StillFailing(one), State::StillFailing(other))
        | (State::FailingDifferently(one), State::FailingDifferently(other)) => {
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
    if description.nature == Nature::Embedded {
        return None;
    }
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
        let strict = description.nature == Nature::Configured;
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

async fn once(
    entry: &Entry,
    lab: &mut Lab<'_>,
    transcript: &mut Transcript,
) -> Result<State, Reason> {
    *transcript = Transcript::default();
    let here = play(lab, &entry.case, &mut transcript.case).await?;
    let there = match &entry.sibling {
        Some(sibling) => Some(play(lab, &sibling.case, &mut transcript.sibling).await?),
        None => None,
    };
    let seen = Env::seen(&entry.case, &[], here.seen.sight());
    let beside = match (&entry.sibling, &there) {
        (Some(sibling), Some(there)) => Some((
            Env::seen(&sibling.case, &[], there.seen.sight()),
            sibling.difference.as_str(),
        )),
        _ => None,
    };
    let sibling = beside.as_ref().map(|(env, difference)| (env, *difference));
    match entry.demand.judge(&seen, sibling) {
        Verdict::Pass => held(entry, &here, there.as_ref()),
        Verdict::Fail { discrepancy, .. } if discrepancy.kind == entry.discrepancy.kind => {
            Ok(State::StillFailing(discrepancy))
        }
        Verdict::Fail { discrepancy, .. } => Ok(State::FailingDifferently(discrepancy)),
        Verdict::NotApplicable => Err(Reason::NotApplicable(now(&here, there.as_ref()))),
        Verdict::Inconclusive(why) => Err(Reason::Inconclusive(why)),
    }
}

async fn play(
    lab: &mut Lab<'_>,
    case: &Case,
    into: &mut Vec<TranscriptEntry>,
) -> Result<Witnessed, Reason> {
    match lab.play_alone(case).await? {
        Ok(mut witnessed) => {
            into.append(&mut witnessed.transcript);
            Ok(witnessed)
        }
        Err(NotPlayed::Unsupported(why)) => Err(Reason::Unsupported(why)),
        Err(NotPlayed::Fault(why)) => Err(Reason::Fault(why)),
    }
}

/// What went wrong with an exchange; nothing where the case cannot be expressed.
pub(super) fn fault_of(why: NotPlayed) -> Option<String> {
    match why {
        NotPlayed::Unsupported(_) => None,
        NotPlayed::Fault(why) => Some(why),
    }
}

/// What the demand's holding is worth. Two sides can be equal because both are broken: an
/// implementation that fails on everything has fixed nothing, and where it is the sibling that
/// changed, a person must say whether that was the cure.
fn held(entry: &Entry, here: &Witnessed, there: Option<&Witnessed>) -> Result<State, Reason> {
    let compares = entry
        .demand
        .relate
        .as_ref()
        .is_some_and(|relation| !relation.comparisons.is_empty());
    let Some(there) = there.filter(|_| compares) else {
        return Ok(State::Fixed { caution: None });
    };
    let before = |messages: &[Message]| messages.last()?.status().map(Outcome::of_status);
    let case_before = before(&entry.transcript.case);
    let sibling_before = before(&entry.transcript.sibling);
    let (case_now, sibling_now) = (here.seen.outcome, there.seen.outcome);
    let both_failed = case_now == Outcome::Failed && sibling_now == Outcome::Failed;
    if both_failed && (case_before != Some(case_now) || sibling_before != Some(sibling_now)) {
        return Err(Reason::Inconclusive(format!(
            "neither side gets a decision: {}",
            now(here, Some(there))
        )));
    }
    let changed = sibling_before.filter(|before| *before != sibling_now);
    let caution = changed.map(|before| {
        format!(
            "it is the sibling that changed: {before} when this was found, now {sibling_now} ({})",
            status(there)
        )
    });
    Ok(State::Fixed { caution })
}

/// What is seen now, in words.
fn now(here: &Witnessed, there: Option<&Witnessed>) -> String {
    let case = format!("the case is {} ({})", here.seen.outcome, status(here));
    match there {
        None => case,
        Some(there) => format!(
            "{case}, its sibling {} ({})",
            there.seen.outcome,
            status(there)
        ),
    }
}

fn status(witnessed: &Witnessed) -> u16 {
    witnessed.seen.answer.response.status
}

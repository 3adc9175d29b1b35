//! Confirming: a finding is run again, from a fresh installation, before anyone is accused.

use crate::credentials::CredentialState;
use crate::domain::Case;
use crate::observation::Outcome;
use crate::results::{Flaky, MinimalityProof, Stopped, Transcript, TranscriptEntry, Unsteady};
use crate::spec::{About, Certainty, Demand, Discrepancy, Env, Rule, Side};
use crate::vocabulary::ClientCase;

use super::again::{Again, Manner, RUNS, RUNS_OF_FLAKY, Shown, Take, is_displaced, resolved};
use super::alone::PlayedAlone;
use super::batch::STATES;
use super::before::retry_after;
use super::evidence::{Confirmed, about};
use super::failure::Failure;
use super::judge::Verdict;
use super::log_ins::course_relation;
use super::runner::Runner;
use super::table::{Played, Seen};

/// In how many of the confirming runs a departure must show that shows by a rate.
const SHOWN_BY_RATE: usize = 2;

/// The status of whoever asked too often (RFC 6585 §4).
const TOO_MANY: u16 = 429;

impl Runner<'_> {
    /// Runs a minimal case again, three times, or ten times where those do not agree; and then asks again
    /// what its proof rests on.
    pub(super) async fn confirm(
        &mut self,
        minimal: &Failure,
        proof: &MinimalityProof,
        first_about: Vec<(Side, About, Certainty)>,
    ) -> Result<Confirmed, Stopped> {
        let at = self
            .table
            .place(&minimal.case)
            .map_err(Stopped::Unplayable)?;
        let first_seen = self.verdict(minimal.rule, at);
        let sibling = match &first_seen {
            Verdict::Fail { sibling, .. } => sibling.clone(),
            _ => None,
        };
        let Some(rule) = self.active.get(minimal.rule).map(|active| active.rule) else {
            return Err(Stopped::Unplayable(
                "a rule that was never selected".to_owned(),
            ));
        };
        let beside = sibling.as_ref().map(|(case, _)| case);
        let demand = resolved(self.spec, rule, &minimal.case, beside);
        let accused_at = match (&first_seen, beside) {
            (Verdict::Fail { discrepancy, .. }, Some(case)) if discrepancy.accuses_sibling() => {
                self.table.place(case).map_err(Stopped::Unplayable)?
            }
            _ => at,
        };
        let first_sibling_case = sibling.as_ref().map(|(case, _)| case.clone());
        let first_outcome = self.table.played(accused_at).and_then(outcome);
        let first_case = self.table.played(at).and_then(outcome);
        let mut first_sibling = None;
        let mut first_state = self.table.played(at).and_then(state);
        if let Some(case) = beside {
            let there = self.table.place(case).map_err(Stopped::Unplayable)?;
            first_sibling = self.table.played(there).and_then(outcome);
            first_state = first_state.or_else(|| self.table.played(there).and_then(state));
        }
        let by_rate = matches!(&rule.demand, Demand::Relate(relation) if relation.is_by_rate());
        let again = Again {
            case: &minimal.case,
            sibling: (sibling.as_ref()).map(|(case, difference)| (case, difference.as_str())),
            demand: &demand,
            kind: &minimal.kind,
            mutual: Some(is_mutual(rule)),
            manner: Manner::Varied,
        };
        let unaided = match by_rate {
            true => self.lab.unaided(again).await?,
            false => None,
        };
        let (unaided, sibling) = match unaided {
            Some((how, simpler)) => (how, Some(simpler)),
            None => (None, sibling.clone()),
        };
        let again = Again {
            sibling: (sibling.as_ref()).map(|(case, difference)| (case, difference.as_str())),
            ..again
        };
        let beside = sibling.as_ref().map(|(case, _)| case);
        let takes = self.lab.play_again(again, is_enough).await?;
        let mut states = vec![first_state];
        states.extend(takes.iter().map(state_of));
        let mut about = first_about;
        for take in &takes {
            if let (Shown::Departs(_), (Some(here), there)) = (&take.shown, take.sides()) {
                let there = beside.zip(there);
                let seen_now = self.about_again(rule, (&minimal.case, here), there);
                about = about
                    .into_iter()
                    .zip(&seen_now)
                    .map(|((side, about, how), (_, again, _))| (side, about.steady(again), how))
                    .collect();
            }
        }
        let failed = takes.iter().filter(|take| take.departs()).count();
        let runs = u32::try_from(takes.len()).unwrap_or(u32::MAX);
        let otherwise = takes.iter().find(|take| !take.departs());
        let departing = takes
            .iter()
            .enumerate()
            .filter_map(|(turn, take)| match &take.shown {
                Shown::Departs(discrepancy) => Some((turn, (take, discrepancy))),
                _ => None,
            });
        // What is told is a run without the request that is none of the case, if there is one.
        let alike = departing.min_by_key(|(turn, _)| is_displaced(*turn));
        let is_behind = alike.is_some_and(|(turn, _)| is_displaced(turn)) && !again.is_of_course();
        let alike = alike.map(|(_, alike)| alike);
        let discrepancy = match (alike, &first_seen) {
            (Some((_, discrepancy)), _) if is_behind => Discrepancy {
                observed: format!(
                    "{}, behind a request without credentials",
                    discrepancy.observed
                ),
                ..discrepancy.clone()
            },
            (Some((_, discrepancy)), _) => discrepancy.clone(),
            (None, Verdict::Fail { discrepancy, .. }) => discrepancy.clone(),
            _ => Discrepancy {
                kind: minimal.kind.clone(),
                expected: "what the rule demands".to_owned(),
                observed: "a departure that did not show again".to_owned(),
            },
        };
        // What shows by a rate need not show each time; that it shows again, and again, is enough.
        let steady = otherwise.is_none() || (by_rate && failed >= SHOWN_BY_RATE);
        let too_many = match self.lab.has_upstreams() {
            true => None,
            false => too_many(&takes),
        };
        let why = match (self.lab.unasked().await, sometimes(&states), too_many) {
            (Some(what), ..) => Some(Unsteady::Stray(what)),
            (None, Some(why), _) if !steady => Some(why),
            (None, _, Some(why)) => Some(why),
            // What shows by a rate is not the same each time, whatever went before.
            (None, ..) if by_rate && steady => None,
            // That what went before lets somebody in is what the rule is about.
            (None, ..) if steady && is_let_in_behind(rule, &takes) => None,
            _ => {
                let proof = steady.then_some(proof);
                let locked_out = match steady {
                    true => None,
                    false => {
                        let case = (Some(&minimal.case), first_case);
                        let sides = [case, (beside, first_sibling)];
                        self.locked_out(sides, &takes).await?
                    }
                };
                match locked_out {
                    Some(why) => Some(why),
                    None => self.why_unsteady(minimal, beside, proof).await?,
                }
            }
        };
        let flaky = (!steady || why.is_some()).then(|| Flaky {
            failed: u32::try_from(failed).unwrap_or(u32::MAX),
            runs,
            otherwise: match (&why, otherwise) {
                (Some(Unsteady::Before(before)), None) => before.transcript.clone(),
                (_, otherwise) => otherwise.map(Take::transcript).unwrap_or_default(),
            },
            why,
            follows: None,
        });
        let accused = alike.and_then(|(take, discrepancy)| match take.sides() {
            (_, there) if discrepancy.accuses_sibling() => there,
            (here, _) => here,
        });
        let here = alike.and_then(|(take, _)| take.sides().0);
        Ok(Confirmed {
            discrepancy,
            outcome: accused.map_or(first_outcome, |accused| Some(accused.seen.outcome)),
            about,
            answers: here.map_or_else(Vec::new, |here| here.answers.clone()),
            transcript: match alike {
                Some((take, _)) => take.transcript(),
                None => self.as_first_seen(&minimal.case, first_sibling_case.as_ref(), &takes),
            },
            flaky,
            sibling,
            demand,
            unaided,
        })
    }

    /// Why answers are not the same each time, or what a proof rests on is not as it was, as far as can be told.
    async fn why_unsteady(
        &mut self,
        minimal: &Failure,
        beside: Option<&Case>,
        proof: Option<&MinimalityProof>,
    ) -> Result<Option<Unsteady>, Stopped> {
        let before = match self.ask_again(minimal, beside, proof).await {
            // It was run again as often as it takes; what more there is to ask costs too much.
            Err(_) if self.lab.take_unwelcome() => None,
            before => before?,
        };
        // Bytes for nobody explain whatever is not the same each time, a memory none of them.
        let stray = { self.lab.stray() }.filter(|_| proof.is_none() || before.is_some());
        let stray = stray.map(Unsteady::Stray);
        Ok(stray.or_else(|| before.map(|before| Unsteady::Before(Box::new(before)))))
    }

    /// The last exchange of a case and of its sibling as it was when the rule broke, where it did not break again: what
    /// was answered then, to what is sent each time.
    fn as_first_seen(&mut self, case: &Case, sibling: Option<&Case>, takes: &[Take]) -> Transcript {
        let mut entries = |case: &Case, side: &dyn Fn(&Take) -> Option<Vec<u8>>| {
            let client = ClientCase::from_value(&case.client).ok()?;
            // What is made of a challenge is another request each time.
            if client.scheme.needs_challenge() && client.credential != CredentialState::None {
                return None;
            }
            let at = self.table.place(case).ok()?;
            let sent = takes.iter().find_map(side)?;
            match self.table.played(at) {
                Some(Played::Seen(seen)) => Some(TranscriptEntry {
                    sent,
                    head: seen.answer.response.head.clone(),
                    body: seen.answer.response.body.clone(),
                }),
                _ => None,
            }
        };
        let last = |side: Option<&PlayedAlone>| Some(side?.transcript.last()?.sent.clone());
        let of_case = entries(case, &|take| last(take.sides().0));
        let of_sibling = sibling.and_then(|case| entries(case, &|take| last(take.sides().1)));
        Transcript {
            case: of_case.into_iter().collect(),
            sibling: of_sibling.into_iter().collect(),
        }
    }

    /// What a rule is about that broke again, on each side that may be to blame.
    fn about_again(
        &self,
        rule: &Rule,
        (case, here): (&Case, &PlayedAlone),
        sibling: Option<(&Case, &PlayedAlone)>,
    ) -> Vec<(Side, About, Certainty)> {
        let definitions = self.spec.define(case);
        let env = Env::seen(case, &definitions, here.seen.observation());
        match sibling {
            None => about(rule, &env, None),
            Some((case, there)) => {
                let definitions = self.spec.define(case);
                let sibling = Env::seen(case, &definitions, there.seen.observation());
                about(rule, &env, Some(&sibling))
            }
        }
    }
}

/// Whether what a rule compares are each other's siblings.
fn is_mutual(rule: &Rule) -> bool {
    matches!(&rule.demand, Demand::Relate(relation) if relation.siblings.are_mutual())
}

/// Whether each time whoever came behind others was let in by that alone.
fn is_let_in_behind(rule: &Rule, takes: &[Take]) -> bool {
    let is_let_in = |take: &Take| match take.sides() {
        (Some(here), Some(there)) => {
            let kept_out = here.seen.outcome != Outcome::Accepted;
            kept_out && there.seen.outcome == Outcome::Accepted
        }
        _ => false,
    };
    course_relation(rule).is_some() && takes.iter().all(is_let_in)
}

/// Whether it was played often enough: more often where a time did not show the same, or met a status that
/// speaks of the server's state.
fn is_enough(takes: &[Take]) -> bool {
    let asks_for_more = |take: &Take| {
        let state = state_of(take);
        !take.departs() || state.is_some_and(|(status, _)| STATES.contains(&status))
    };
    let enough = match takes.iter().any(asks_for_more) {
        true => RUNS_OF_FLAKY,
        false => RUNS,
    };
    takes.len() >= enough
}

/// A status that may be one of the server's state, and when to come again.
fn state(played: &Played) -> Option<(u16, Option<String>)> {
    match played {
        Played::Seen(seen) => state_seen(seen),
        Played::NotApplicable | Played::Fault(_) => None,
    }
}

/// What a client came to.
fn outcome(played: &Played) -> Option<Outcome> {
    match played {
        Played::Seen(seen) => Some(seen.outcome),
        Played::NotApplicable | Played::Fault(_) => None,
    }
}

/// The same of a case and its sibling that were played again.
fn state_of(take: &Take) -> Option<(u16, Option<String>)> {
    let (case, sibling) = take.sides();
    let sides = [case, sibling].into_iter().flatten();
    sides
        .map(|side| state_seen(&side.seen))
        .find_map(|state| state)
}

fn state_seen(seen: &Seen) -> Option<(u16, Option<String>)> {
    let status = seen.answer.response.status;
    (STATES.contains(&status) || (500..600).contains(&status))
        .then(|| (status, retry_after(&seen.answer)))
}

/// That each run that departs met 429: who asked too often is told so, whatever his credentials are (RFC 6585 §4), and
/// how often that was may be all that went before.
fn too_many(takes: &[Take]) -> Option<Unsteady> {
    let mut departing = takes.iter().filter(|take| take.departs()).peekable();
    let (status, retry_after) = departing.peek().and_then(|take| state_of(take))?;
    departing
        .all(|take| state_of(take).is_some_and(|(status, _)| status == TOO_MANY))
        .then_some(Unsteady::Status {
            status,
            retry_after,
        })
}

/// The status that some runs met and others did not.
fn sometimes(states: &[Option<(u16, Option<String>)>]) -> Option<Unsteady> {
    let met = states.iter().flatten().next()?;
    states
        .iter()
        .any(Option::is_none)
        .then(|| Unsteady::Status {
            status: met.0,
            retry_after: met.1.clone(),
        })
}

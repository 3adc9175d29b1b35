//! Confirming: a finding is run again, from a fresh installation, before anyone is accused.

use std::sync::Arc;

use crate::domain::{Case, Value};
use crate::observation::{Answer, Outcome};
use crate::results::{Flaky, Proof, Stopped, Transcript, TranscriptEntry, Unsteady};
use crate::spec::{About, Certainty, Discrepancy, Env, Side};

use super::before::retry_after;
use super::evidence::about;
use super::judge::{SiblingAt, Verdict};
use super::runner::Runner;
use super::settle::Failure;
use super::share::STATES;
use super::table::{At, Played, Table};

/// How often a finding must show in the same way. No two of the runs are at the same point of a
/// cycle of two, be it of all requests or of those of one kind: an implementation that answers
/// differently every other time, such as two servers behind a balancer, would otherwise look steady.
const RUNS: u32 = 3;

/// How often it is run where it does not, and where a status speaks of the server's state and not of the
/// request: three runs may meet that by chance.
const RUNS_OF_FLAKY: u32 = 10;

/// A finding that was run again.
pub(super) struct Confirmed {
    pub(super) discrepancy: Discrepancy,
    pub(super) sibling: Option<(Case, String)>,
    /// What the client that is accused came to.
    pub(super) outcome: Option<Outcome>,
    /// What it is about, as far as that was the same each time.
    pub(super) about: Vec<(Side, About, Certainty)>,
    /// The answers that the case got.
    pub(super) answers: Vec<Arc<Answer>>,
    pub(super) transcript: Transcript,
    pub(super) flaky: Option<Flaky>,
}

/// One more run of a failing case.
struct Rerun {
    verdict: Verdict,
    outcome: Option<Outcome>,
    about: Vec<(Side, About, Certainty)>,
    answers: Vec<Arc<Answer>>,
    transcript: Transcript,
    /// A status among its answers that may be one of the server's state, and when to come again.
    state: Option<(u16, Option<String>)>,
}

impl Runner<'_> {
    /// Runs a minimal case again, three times, or ten times where those do not agree; and then asks again
    /// what its proof rests on.
    pub(super) async fn confirm(
        &mut self,
        minimal: &Failure,
        proof: &Proof,
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
        let mut alike: Option<Rerun> = None;
        let mut otherwise: Option<Rerun> = None;
        let mut about = first_about;
        let (mut failed, mut runs, mut enough) = (0, 0, RUNS);
        let mut first_state = self.table.played(at).and_then(state);
        if let Some((case, _)) = &sibling {
            let there = self.table.place(case).map_err(Stopped::Unplayable)?;
            first_state = first_state.or_else(|| self.table.played(there).and_then(state));
        }
        let mut states = vec![first_state];
        while runs < enough {
            let rerun = self.rerun(minimal, sibling.as_ref(), runs).await?;
            runs += 1;
            if matches!(&rerun.state, Some((status, _)) if STATES.contains(status)) {
                enough = RUNS_OF_FLAKY;
            }
            states.push(rerun.state.clone());
            match &rerun.verdict {
                Verdict::Fail { discrepancy, .. } if discrepancy.kind == minimal.kind => {
                    failed += 1;
                    about = about
                        .into_iter()
                        .zip(&rerun.about)
                        .map(|((side, about, how), (_, again, _))| (side, about.steady(again), how))
                        .collect();
                    alike = alike.or(Some(rerun));
                }
                _ => {
                    enough = RUNS_OF_FLAKY;
                    otherwise = otherwise.or(Some(rerun));
                }
            }
        }
        let discrepancy = [
            alike.as_ref().map(|rerun| &rerun.verdict),
            Some(&first_seen),
        ]
        .into_iter()
        .flatten()
        .find_map(|verdict| match verdict {
            Verdict::Fail { discrepancy, .. } => Some(discrepancy.clone()),
            _ => None,
        })
        .unwrap_or_else(|| Discrepancy {
            kind: minimal.kind.clone(),
            expected: "what the rule demands".to_owned(),
            observed: "a departure that did not show again".to_owned(),
        });
        let beside = sibling.as_ref().map(|(case, _)| case);
        let steady = otherwise.is_none();
        let why = match (self.lab.unasked().await, sometimes(&states)) {
            (Some(what), _) => Some(Unsteady::Stray(what)),
            (None, Some(why)) if !steady => Some(why),
            _ => {
                let before = self
                    .ask_again(minimal, beside, steady.then_some(proof))
                    .await?;
                // Bytes for nobody explain whatever is not the same each time, a memory none of them.
                let stray = self.lab.stray().filter(|_| !steady || before.is_some());
                stray
                    .map(Unsteady::Stray)
                    .or_else(|| before.map(|before| Unsteady::Before(Box::new(before))))
            }
        };
        let flaky = (!steady || why.is_some()).then(|| Flaky {
            failed,
            runs,
            otherwise: match (&why, otherwise) {
                (Some(Unsteady::Before(before)), None) => before.transcript.clone(),
                (_, otherwise) => otherwise.map(|rerun| rerun.transcript).unwrap_or_default(),
            },
            why,
        });
        let outcome = alike.as_ref().and_then(|rerun| rerun.outcome);
        let answers = alike.as_ref().map(|rerun| rerun.answers.clone());
        let transcript = alike.map(|rerun| rerun.transcript).unwrap_or_default();
        Ok(Confirmed {
            discrepancy,
            sibling,
            outcome,
            about,
            answers: answers.unwrap_or_default(),
            transcript,
            flaky,
        })
    }

    /// Plays a case and its sibling: every second time the sibling first, every third time behind a
    /// request that has no part in it.
    async fn rerun(
        &mut self,
        minimal: &Failure,
        sibling: Option<&(Case, String)>,
        turn: u32,
    ) -> Result<Rerun, Stopped> {
        let mut table = Table::new(self.spec);
        let mut transcript = Transcript::default();
        let at = table.place(&minimal.case).map_err(Stopped::Unplayable)?;
        let mut order = vec![(&minimal.case, at, &mut transcript.case)];
        let mut siblings = Vec::new();
        // The first run has a connection for each exchange, so that it meets no bytes that another answer
        // left behind.
        self.lab.anew(turn == 0);
        if let Some((case, difference)) = sibling {
            let there = table.place(case).map_err(Stopped::Unplayable)?;
            siblings.push(SiblingAt {
                at: there,
                difference: difference.clone(),
            });
            order.push((case, there, &mut transcript.sibling));
        }
        if turn % 3 == 1 {
            order.reverse();
        }
        // What comes before is what a case and its sibling may differ in: then no other request may take a
        // turn before them.
        let is_course = sibling.is_some_and(|(case, _)| case.course != minimal.case.course);
        let mut displaced = turn % 3 == 2 && !is_course;
        let mut met = None;
        let mut answers = Vec::new();
        for (case, at, entries) in order {
            let mut played = case.clone();
            if std::mem::take(&mut displaced) {
                played = played.behind([bare(&case.client)]);
            }
            let replayed = self.replay(&mut table, &played, at, entries).await;
            if replayed.is_err() {
                self.lab.anew(false);
            }
            let came = replayed?;
            if case == &minimal.case {
                answers = came;
            }
            met = met.or_else(|| table.played(at).and_then(state));
        }
        self.lab.anew(false);
        let verdict = match self.active.get(minimal.rule) {
            Some(active) => {
                let definitions = self.spec.define(&minimal.case);
                let sight = match table.played(at) {
                    Some(Played::Seen(seen)) => Some(seen.sight()),
                    _ => None,
                };
                let env = Env {
                    sight,
                    ..Env::of(&minimal.case, &definitions)
                };
                table.judge(active.rule, at, &|| siblings.clone(), &env)
            }
            None => Verdict::NotApplicable,
        };
        let beside = siblings.first().map(|sibling| sibling.at);
        let accused = match &verdict {
            Verdict::Fail { discrepancy, .. } if discrepancy.accuses_sibling() => beside,
            _ => Some(at),
        };
        let outcome = match accused.and_then(|at| table.played(at)) {
            Some(Played::Seen(seen)) => Some(seen.outcome),
            _ => None,
        };
        let about = match (self.active.get(minimal.rule), &verdict) {
            (Some(active), Verdict::Fail { .. }) => about(active.rule, &table, at, beside),
            _ => Vec::new(),
        };
        Ok(Rerun {
            verdict,
            outcome,
            about,
            answers,
            transcript,
            state: met,
        })
    }

    /// Plays a case by itself into a table, and its bytes into a transcript. Answers with every answer
    /// that came.
    async fn replay(
        &mut self,
        table: &mut Table<'_>,
        case: &Case,
        at: At,
        entries: &mut Vec<TranscriptEntry>,
    ) -> Result<Vec<Arc<Answer>>, Stopped> {
        let mut answers = Vec::new();
        if let Ok(witnessed) = self.lab.play_alone(case).await? {
            *entries = witnessed.transcript;
            answers = witnessed.answers;
            table.set_played(at, Played::Seen(witnessed.seen));
        }
        Ok(answers)
    }
}

/// The step in which a client asks without credentials, in the plainest way.
fn bare(client: &Value) -> Value {
    let plain = [
        ("persona", "preemptive"),
        ("scheme", "basic"),
        ("credential", "none"),
    ];
    let plain =
        plain
            .into_iter()
            .chain([("method", "get"), ("form", "plain"), ("way", "http/1.1")]);
    // Fields that the client does not have take these values anyway.
    let has = plain.filter(|(name, _)| *name == "credential" || client.field(name).is_some());
    let with = Value::record(has.map(|(name, word)| (name, Value::symbol(word))));
    Value::record([("ask", with)])
}

/// A status that may be one of the server's state, and when to come again.
fn state(played: &Played) -> Option<(u16, Option<String>)> {
    let Played::Seen(seen) = played else {
        return None;
    };
    let status = seen.answer.response.status;
    (STATES.contains(&status) || (500..600).contains(&status))
        .then(|| (status, retry_after(&seen.answer)))
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

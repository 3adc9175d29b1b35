//! Lock-outs: whether somebody with valid credentials is refused behind failed log-ins, and what a run that saw that
//! cannot say any more. Whoever is refused may be for that and not for what he presents, so no rule that has him
//! refused is passed by it.

use crate::credentials::CredentialState;
use crate::domain::{Case, Value};
use crate::observation::Outcome;
use crate::results::{Before, Likely, Stopped, Unsteady};
use crate::spec::{Aspect, Clause, Demand, Rule};

use super::again::Take;
use super::before::{is_to_be_let_in, retry_after};
use super::runner::Runner;
use super::table::{At, Played};
use super::tally::note_anomaly;

/// How many failed log-ins come before: what locks a user out later than that is rarely met by a run either.
const FAILED_LOG_INS: i64 = 20;

/// How many cases of a run are tried.
const MOST_TRIED: u32 = 8;

/// What is told of verdicts that rest on refusals.
const NOTHING_SHOWN: &str =
    "users were seen to be locked out, so that a refusal may be for that and shows nothing";

/// Whether a rule breaks where somebody is let in who was refused: it speaks of where the client stands, or of the
/// status.
pub(super) fn rests_on_refusal(rule: &Rule) -> bool {
    let speaks = |clause: &Clause| !clause.outcome.is_empty() || !clause.status.is_empty();
    match &rule.demand {
        Demand::Expect(clause) => speaks(clause),
        Demand::Relate(relation) => {
            let compares = |of: Aspect| matches!(of, Aspect::Outcome | Aspect::Status);
            (relation.comparisons.iter()).any(|one| compares(one.of))
                || relation.expect.as_ref().is_some_and(speaks)
        }
        Demand::Unseen => false,
    }
}

impl Runner<'_> {
    /// Whether a client that presents something was refused in a case.
    pub(super) fn is_refusal(&self, at: At) -> bool {
        let conversation = self.table.conversations.get(at.conversation);
        let presents =
            conversation.is_some_and(|one| one.client.client.credential != CredentialState::None);
        presents
            && matches!(self.table.played(at), Some(Played::Seen(seen)) if seen.outcome != Outcome::Accepted)
    }

    /// Why somebody with valid credentials, who was refused among others, is let in by himself: where he is refused
    /// behind failed log-ins of his, he was locked out. `sides` are what was seen of a case and its sibling at first.
    pub(super) async fn locked_out(
        &mut self,
        sides: [(Option<&Case>, Option<Outcome>); 2],
        takes: &[Take],
    ) -> Result<Option<Unsteady>, Stopped> {
        for (place, (case, first_outcome)) in sides.into_iter().enumerate() {
            let is_in = takes.iter().any(|take| {
                let (here, there) = take.sides();
                let side = if place == 0 { here } else { there };
                side.is_some_and(|side| side.seen.outcome == Outcome::Accepted)
            });
            if let Some(case) = case.filter(|_| is_in)
                && let Some(why) = self.is_locked_out(case, first_outcome).await?
            {
                return Ok(Some(why));
            }
        }
        Ok(None)
    }

    async fn is_locked_out(
        &mut self,
        case: &Case,
        first_outcome: Option<Outcome>,
    ) -> Result<Option<Unsteady>, Stopped> {
        let was_out = first_outcome.is_some_and(|outcome| outcome != Outcome::Accepted);
        if !was_out
            || !case.steps().is_empty()
            || !is_to_be_let_in(case)
            // Whoever has an account there would be locked out of it.
            || self.lab.care.is_some()
            || self.tried_for_lock_outs >= MOST_TRIED
        {
            return Ok(None);
        }
        self.tried_for_lock_outs += 1;
        let Ok(alone) = self.lab.play_alone(case).await? else {
            return Ok(None);
        };
        let wrong = Value::record([("credential", Value::symbol("wrong-secret"))]);
        let wrong = Value::record([("ask", wrong), ("times", Value::Int(FAILED_LOG_INS))]);
        let Ok(behind) = self.lab.play_alone(&case.behind([wrong])).await? else {
            return Ok(None);
        };
        let (then, now) = (&alone.seen, &behind.seen);
        if then.outcome != Outcome::Accepted || now.outcome == Outcome::Accepted {
            return Ok(None);
        }
        let mut transcript = crate::results::Transcript::default();
        // What is shown is the client's own request.
        let own = behind
            .transcript
            .len()
            .saturating_sub(now.play.exchanges.len());
        transcript.case = behind.transcript.into_iter().skip(own).collect();
        Ok(Some(Unsteady::Before(Box::new(Before {
            case: case.clone(),
            then: then.answer.response.status,
            now: now.answer.response.status,
            likely: Likely::LockOut,
            requests: (then.sent.requests, now.sent.requests),
            wrong: FAILED_LOG_INS.unsigned_abs(),
            retry_after: retry_after(&now.answer),
            transcript,
        }))))
    }

    /// Where users were seen to be locked out, rules that had somebody refused were not passed by that.
    pub(super) fn settle_lock_outs(&mut self) {
        let is_seen = self.findings.iter().any(|(_, finding)| {
            matches!(finding.unsteady(), Some(Unsteady::Before(before))
                if matches!(before.likely, Likely::LockOut | Likely::Ban))
        });
        for (tally, active) in self.tallies.iter_mut().zip(&self.active) {
            let Some((case, count)) = tally.refused.take() else {
                continue;
            };
            if is_seen && rests_on_refusal(active.rule) {
                tally.passed = tally.passed.saturating_sub(count);
                tally.inconclusive += count;
                for _ in 0..count {
                    note_anomaly(&mut self.anomalies, NOTHING_SHOWN.to_owned(), &case);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::{Spec, shipped};

    #[test]
    fn rules_that_have_somebody_refused_rest_on_refusals() {
        let spec = Spec::read(&shipped("http-authentication").unwrap()).unwrap();
        let rests =
            |id: &str| rests_on_refusal(spec.rules.iter().find(|rule| rule.id == id).unwrap());
        assert!(rests("an-expired-token-is-refused"));
        assert!(rests("bad-credentials-are-challenged"));
        assert!(rests("nobody-gets-in-beside-another"));
        assert!(!rests("a-401-carries-a-challenge"));
    }
}

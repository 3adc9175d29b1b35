//! Who is let in behind others: a case stands for its request alone, but shares its slot and perhaps its connection
//! with others, and a server that remembers log-ins may let it in for that.
//!
//! What comes before a request is what a rule about its course is about (`behind`, `then`). Where such a rule is to
//! hold a case that is kept out against what comes of it behind others, and the case was let in for want of
//! nothing but those that happened to come before, the rule would be left without the very cases that it is for. So
//! these are asked once more by themselves, in a slot and on a connection of their own.

use std::collections::HashSet;

use crate::credentials::CredentialState;
use crate::observation::Outcome;
use crate::results::Stopped;
use crate::spec::Tri;

use super::log_ins::course_relation;
use super::runner::Runner;
use super::table::{At, Played};
use super::tally::note_anomaly;

/// The most cases of a run that are asked once more.
const MOST: usize = 512;

/// What is told of such cases where no rule shows what let them in.
const NEEDS_OTHERS: &str =
    "it was let in behind others and is kept out by itself, and no rule shows what is remembered";

impl Runner<'_> {
    /// Asks cases once more by themselves that were let in behind others, where a rule about their course needs
    /// them kept out.
    pub(super) async fn ask_by_themselves(&mut self, cases: &[At]) -> Result<(), Stopped> {
        if self.lab.care.is_some() {
            // A deployed endpoint has one slot, whoever asks.
            return Ok(());
        }
        let (mut wanted, mut known) = (Vec::new(), HashSet::new());
        for at in cases {
            let is_wanted = self.is_let_in_for_nothing(*at)
                && !self.table.is_asked_by_itself(*at)
                && self.course_rules(*at);
            if is_wanted && known.insert(*at) {
                wanted.push(*at);
            }
        }
        wanted.truncate(MOST.saturating_sub(self.asked_by_themselves));
        self.asked_by_themselves += wanted.len();
        self.lab.fill_by_itself(&mut self.table, &wanted).await
    }

    /// Whether a client was let in that has no good credentials, and no steps before it.
    fn is_let_in_for_nothing(&self, at: At) -> bool {
        let conversation = self.table.conversations.get(at.conversation);
        conversation.is_some_and(|conversation| {
            conversation.acts.is_empty()
                && conversation.client.client.credential != CredentialState::Valid
        }) && matches!(self.table.played(at), Some(Played::Seen(seen)) if seen.outcome == Outcome::Accepted)
    }

    /// Whether a rule about its course may speak of a case, and does not for what it was answered.
    fn course_rules(&self, at: At) -> bool {
        let conditions = self.spec.conditions();
        let may_apply = |place: &usize| {
            let before = self.table.before(at, |env| conditions.applies(*place, env));
            let then = self
                .table
                .with_env(at, |env| conditions.applies(*place, env));
            before != Some(Tri::False) && then == Some(Tri::False)
        };
        let mut rules = self.table.rules_at(at, &self.active_set.of_course);
        rules.any(|place| may_apply(&place))
    }

    /// Where cases were let in behind others alone and no finding shows what is remembered, those rules about their
    /// course that held of them have not been passed by them.
    pub(super) fn settle_behind_others(&mut self) {
        let is_shown = self.findings.iter().any(|(known, finding)| {
            let rule = self.active.get(known.rule);
            finding.flaky.is_none()
                && rule.is_some_and(|active| course_relation(active.rule).is_some())
        });
        if is_shown {
            return;
        }
        for tally in &mut self.tallies {
            let Some((case, count)) = tally.behind_others.take() else {
                continue;
            };
            tally.passed = tally.passed.saturating_sub(count);
            tally.inconclusive += count;
            for _ in 0..count {
                note_anomaly(&mut self.anomalies, NEEDS_OTHERS.to_owned(), &case);
            }
        }
    }
}

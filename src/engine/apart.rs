//! Looking into a failure apart: each case under an installation of its own, so that what is seen of one
//! cannot come of what another did before it. It costs an installation a case, so it is done where a failure
//! did not show again as it was met: where cases share what a server remembers, a simpler case may seem to
//! fail by what others left behind, and what fails each time would be told as unsteady.

use std::mem;
use std::slice;

use crate::credentials::CredentialState;
use crate::domain::Case;
use crate::observation::Outcome;
use crate::results::{Event, Finding, Stopped, Subscriber};

use super::accounted::Accounted;
use super::failure::Failure;
use super::judge::Verdict;
use super::runner::Runner;
use super::shrink::shrink;
use super::table::Played;
use super::verdicts::Verdicts;

/// The most failures of a run that are played apart, to see whether they show so.
const MOST_APART: u32 = 40;

/// The most requests that shrinking one of them may send.
const MOST_REQUESTS: u64 = 300;

/// A finding with what it accounts for, and failures of other kinds that were met on the way.
pub(super) type FoundApart = (Accounted, Finding, Vec<Failure>);

impl Runner<'_> {
    /// Shrinks, explains and confirms a failure apart; nothing where it does not show so, or not each time.
    pub(super) async fn look_apart(
        &mut self,
        failure: &Failure,
    ) -> Result<Option<FoundApart>, Stopped> {
        // A deployed endpoint has one slot, whoever asks.
        if self.lab.care.is_some() || self.looked_apart >= MOST_APART {
            return Ok(None);
        }
        self.looked_apart += 1;
        // Places of clients are those of the table that is set aside.
        self.held_before = self.held(failure);
        let aside = self.set_aside();
        self.lab.apart(true);
        // Where nothing comes before, no connection has anything to remember.
        self.lab.always_anew(failure.case.steps().is_empty());
        let found = self.found_apart(failure).await;
        self.lab.always_anew(false);
        self.lab.apart(false);
        self.take_back(aside);
        self.held_before = Vec::new();
        found
    }

    async fn found_apart(&mut self, failure: &Failure) -> Result<Option<FoundApart>, Stopped> {
        let shown = self
            .verdicts(failure.rule, slice::from_ref(&failure.case))
            .await?
            .pop();
        let is_alike = matches!(
            &shown,
            Some(Verdict::Fail { discrepancy, .. }) if discrepancy.kind == failure.kind
        );
        if !is_alike || self.is_kept_out(&failure.case)? {
            return Ok(None);
        }
        let begun = self.lab.requests();
        let most = self.options.shrink_requests.min(MOST_REQUESTS);
        let (minimal, proof, mut met) = shrink(self, failure, most).await?;
        let (known, finding, more) = self.investigate(&minimal, proof, begun).await?;
        met.extend(more);
        Ok(finding.flaky.is_none().then_some((known, finding, met)))
    }

    /// Whether a case is of somebody with valid credentials who was kept out: a lock-out outlives installations, and
    /// then this shows each time without being what the server does.
    fn is_kept_out(&mut self, case: &Case) -> Result<bool, Stopped> {
        let at = self.table.place(case).map_err(Stopped::Unplayable)?;
        let conversation = self.table.conversations.get(at.conversation);
        let is_valid =
            conversation.is_some_and(|one| one.client.client.credential == CredentialState::Valid);
        let is_out = matches!(self.table.played(at), Some(Played::Seen(seen)) if seen.outcome != Outcome::Accepted);
        Ok(is_valid && is_out)
    }

    /// Whether a failure that a finding accounts for is to be looked into apart all the same: the finding did not
    /// show each time, and the failure has another course, which may be why it shows. Once for each course.
    pub(super) fn may_show_apart(&mut self, place: usize, failure: &Failure) -> bool {
        let Some((known, finding)) = self.findings.get(place) else {
            return false;
        };
        let is_other = known.minimal.case.course != failure.case.course;
        finding.flaky.is_some()
            && is_other
            && !failure.met
            && (self.courses_apart).insert((failure.rule, failure.case.course.clone()))
    }

    /// Tells of the findings that were not told of yet: of one that did not show each time only where no other of
    /// the same rule shows the same each time.
    pub(super) fn tell_findings(&mut self, subscriber: &mut Subscriber<'_>) {
        let untold =
            |(known, finding): &(Accounted, Finding)| !known.told && finding.flaky.is_some();
        let (waiting, mut kept): (Vec<_>, Vec<_>) =
            mem::take(&mut self.findings).into_iter().partition(untold);
        for (known, finding) in waiting {
            let steady = kept.iter_mut().find(|(other, steady)| {
                steady.flaky.is_none() && other.rule == known.rule && other.kind == known.kind
            });
            match steady {
                Some((_, steady)) => steady.failures += finding.failures,
                None => kept.push((known, finding)),
            }
        }
        for (known, finding) in kept.iter_mut().filter(|(known, _)| !known.told) {
            known.told = true;
            subscriber(Event::Found(finding));
        }
        self.findings = kept;
    }
}

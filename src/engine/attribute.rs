//! Attribution: every failure is put down to a known finding, or becomes one.

use std::collections::{HashSet, VecDeque};

use crate::domain::{Case, Simplicity};
use crate::results::{
    Coverage, Event, FINDINGS_PER_RULE, Finding, Left, Minimal, MinimalityProof, Stopped,
    Subscriber,
};
use crate::spec::Standing;

use super::accounted::{Accounted, entire};
use super::failure::{Failure, FailureAt};
use super::runner::Runner;
use super::shrink::shrink;
use super::table::At;

impl Runner<'_> {
    /// Shrinks and explains every failure that no known finding accounts for.
    pub(super) async fn attribute(
        &mut self,
        failures: Vec<FailureAt>,
        subscriber: &mut Subscriber<'_>,
    ) -> Result<(), Stopped> {
        let attributed = self.attribute_each(failures, subscriber).await;
        self.tell_findings(subscriber);
        attributed
    }

    async fn attribute_each(
        &mut self,
        failures: Vec<FailureAt>,
        subscriber: &mut Subscriber<'_>,
    ) -> Result<(), Stopped> {
        let mut queue: VecDeque<Failure> = VecDeque::new();
        let mut failures = failures.iter();
        let mut seen = HashSet::new();
        loop {
            let next = failures.find_map(|failure| failure.with_case(&self.table));
            let Some(failure) = next.or_else(|| queue.pop_front()) else {
                return Ok(());
            };
            // Two kinds of failure may meet each other for ever.
            if failure.met
                && !seen.insert((failure.rule, failure.kind.clone(), failure.case.clone()))
            {
                continue;
            }
            let is_named = self.name(&failure);
            if let Some(place) = self.accounted_for(&failure) {
                if self.may_show_apart(place, &failure)
                    && let Some((known, finding, met)) = self.look_apart(&failure).await?
                {
                    self.add(&failure, known, finding, &met, subscriber);
                    queue.extend(met);
                } else if let Some((known, finding)) = self.findings.get_mut(place) {
                    known.count(&failure, finding);
                    known.unnamed += u64::from(!is_named);
                }
                continue;
            }
            let of_rule = self
                .findings
                .iter()
                .filter(|(known, _)| known.rule == failure.rule);
            if of_rule.count() >= FINDINGS_PER_RULE || self.has_enough_findings() {
                self.leave(&failure);
                continue;
            }
            let found = self.findings.len();
            self.options.pulse.look(true);
            self.lab.take_unwelcome();
            let mut met = self.look_into(&failure, subscriber).await;
            self.options.pulse.look(false);
            if let Ok(met) = &mut met
                && self.findings.len() > found
            {
                met.extend(self.look_around().await?);
            }
            match met {
                // Whoever asks for one case is not told of another.
                Ok(_) if self.is_of_one_case => {}
                Ok(met) => queue.extend(met),
                Err(_) if self.lab.take_unwelcome() => self.leave(&failure),
                Err(stopped) => {
                    for left in queue.iter().chain([&failure]) {
                        self.leave(left);
                    }
                    self.leave_all(failures.as_slice());
                    return Err(stopped);
                }
            }
        }
    }

    /// Whether there are as many findings as were asked for.
    pub(super) fn has_enough_findings(&self) -> bool {
        let most = self.options.most_findings;
        most.is_some_and(|most| self.findings.len() >= most as usize)
    }

    /// Notes failures that are not looked into.
    pub(super) fn leave_all(&mut self, failures: &[FailureAt]) {
        for failure in failures {
            if let Some(failure) = failure.with_case(&self.table) {
                self.leave(&failure);
            }
        }
    }

    /// Notes a failure that is not looked into: how many a rule has, and the simplest of them. One that
    /// was only met while another was shrunk is no case of the plan, and does not count.
    fn leave(&mut self, failure: &Failure) {
        if failure.met {
            return;
        }
        let is_named = self.name(failure);
        self.note_left(failure.rule, is_named);
        let Some(active) = self.active.get(failure.rule) else {
            return;
        };
        self.unshrunk += 1;
        let simplicity = |case: &Case| Simplicity::of_case(&self.spec.domain, case);
        let rule = active.rule;
        match self.left.iter_mut().find(|left| left.rule == rule.id) {
            Some(left) => {
                left.count += 1;
                if simplicity(&failure.case) < simplicity(&left.case) {
                    left.case = failure.case.clone();
                    left.brief = self.whole.brief(&failure.case);
                }
            }
            None => self.left.push(Left {
                rule: rule.id.clone(),
                spec: self.whole.called().to_owned(),
                level: rule.level,
                scored: rule.standing == Standing::Scored,
                case: failure.case.clone(),
                brief: self.whole.brief(&failure.case),
                count: 1,
            }),
        }
    }

    /// Where the space is only sampled, tries every client and every rule on the setting of the last
    /// finding: which other rules a defect breaks must not depend on the seed.
    async fn look_around(&mut self) -> Result<Vec<Failure>, Stopped> {
        let (Coverage::Sampled { .. }, Some((known, _))) = (&self.coverage, self.findings.last())
        else {
            return Ok(Vec::new());
        };
        let setting = known.minimal.case.setting();
        if !self.looked_around.insert(setting.clone()) {
            return Ok(Vec::new());
        }
        let setting = self.table.setting(setting);
        self.table.set_beside(setting, false);
        let all = self.conversations.iter().map(|conversation| At {
            setting,
            conversation: *conversation,
        });
        let cases: Vec<At> = all
            .filter(|at| self.is_by_program(*at) && self.is_wanted(*at))
            .collect();
        self.observe(&cases).await?;
        let before = self.counts();
        let failures = self.judge_cases(&cases);
        self.note_around(setting, &before, &failures);
        let with_case = failures.iter().filter_map(|failure| {
            let failure = failure.with_case(&self.table)?;
            Some(Failure {
                planned: None,
                ..failure
            })
        });
        Ok(with_case.collect())
    }

    /// Shrinks a failure; what is not known yet becomes a finding. Answers with failures of other
    /// kinds that were met on the way.
    async fn look_into(
        &mut self,
        failure: &Failure,
        subscriber: &mut Subscriber<'_>,
    ) -> Result<Vec<Failure>, Stopped> {
        let begun = self.lab.requests();
        let most = self.options.shrink_requests;
        let (minimal, proof, mut met) = shrink(self, failure, most).await?;
        let same = self.findings.iter().position(|(known, _)| {
            known.rule == minimal.rule
                && known.kind == minimal.kind
                && known.minimal.case == minimal.case
        });
        if let Some(place) = same
            && self.may_show_apart(place, failure)
            && let Some((known, finding, more)) = self.look_apart(failure).await?
        {
            met.extend(more);
            self.add(failure, known, finding, &met, subscriber);
            return Ok(met);
        }
        if let Some((known, finding)) = same.and_then(|place| self.findings.get_mut(place)) {
            known.count(failure, finding);
            let like = known.like(failure, &self.spec.domain);
            known.minimal.learn(&like);
            self.note_shrunk(failure, minimal.case, like, &met);
            return Ok(met);
        }
        let (mut known, mut finding, mut more) = self.investigate(&minimal, proof, begun).await?;
        if finding.flaky.is_some()
            && let Some((known_apart, steady, apart)) = self.look_apart(failure).await?
        {
            met.append(&mut more);
            (known, finding, more) = (known_apart, steady, apart);
        }
        self.add(failure, known, finding, &met, subscriber);
        met.extend(more);
        Ok(met)
    }

    /// The place of the finding that accounts for a failure, of several one that shows each time.
    fn accounted_for(&self, failure: &Failure) -> Option<usize> {
        let accounts = |(known, _): &(Accounted, Finding)| known.accounts_for(failure);
        let steady = |one: &(Accounted, Finding)| one.1.flaky.is_none() && accounts(one);
        let findings = &self.findings;
        findings
            .iter()
            .position(steady)
            .or_else(|| findings.iter().position(accounts))
    }

    /// Adds what a failure came to, and tells of it where it shows each time. On the way to it others were met.
    fn add(
        &mut self,
        failure: &Failure,
        mut known: Accounted,
        finding: Finding,
        met: &[Failure],
        subscriber: &mut Subscriber<'_>,
    ) {
        let like = known.like(failure, &self.spec.domain);
        self.note_shrunk(failure, known.minimal.case.clone(), like.clone(), met);
        let same = self.findings.iter_mut().find(|(other, _)| {
            other.rule == known.rule
                && other.kind == known.kind
                && other.minimal.case == known.minimal.case
        });
        if let Some((other, old)) = same
            && (old.flaky.is_none() || finding.flaky.is_some())
        {
            other.count(failure, old);
            other.minimal.learn(&like);
            return;
        }
        // One that did not show each time goes with it when findings are told.
        known.minimal.learn(&like);
        known.told = finding.flaky.is_none();
        if known.told {
            subscriber(Event::Found(&finding));
        }
        self.findings.push((known, finding));
    }

    /// Explains and confirms a minimal failure. Also answers with failures of other kinds that were
    /// met on the way.
    pub(super) async fn investigate(
        &mut self,
        minimal: &Failure,
        proof: MinimalityProof,
        begun: u64,
    ) -> Result<(Accounted, Finding, Vec<Failure>), Stopped> {
        let mut met = Vec::new();
        let proven_at = self.lab.requests();
        let explained = self.explain(minimal, begun, &mut met).await?;
        let known = Accounted {
            rule: minimal.rule,
            kind: minimal.kind.clone(),
            minimal: Minimal::new(
                minimal.case.clone(),
                explained.matters.clone(),
                entire(&self.spec.domain, &minimal.case),
            ),
            met: minimal.met,
            told: false,
            beside: met
                .iter()
                .map(|met| (met.kind.clone(), met.case.clone()))
                .collect(),
            unnamed: 0,
        };
        let about = explained.about.clone();
        let confirmed = self.confirm(minimal, &proof, about).await?;
        let finding = self.finding(minimal, proof, explained, confirmed, (begun, proven_at))?;
        Ok((known, finding, met))
    }
}

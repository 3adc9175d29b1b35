//! Drives a plan epoch by epoch, and holds the rules against what was seen.

use std::cmp::Reverse;
use std::time::{Duration, Instant};

use tokio::task::yield_now;

use crate::domain::{Simplicity, Value};
use crate::implementation::Nature;
use crate::results::{AnswerSummary, AnsweredCase, Event, Stopped, Subscriber};
use crate::spec::Tri;

use super::failure::FailureAt;
use super::judge::Verdict;
use super::known_verdicts::KnownVerdicts;
use super::log_ins::course_relation;
use super::plan::Plan;
use super::runner::Runner;
use super::simplest_valid::note;
use super::table::{At, Played, Table};
use super::tally::note_anomaly;

/// How many cases are judged before anybody else gets a turn.
const JUDGED_AT_ONCE: usize = 256;

/// How many cases are played before they are judged, and how many where what is seen of them takes too much to keep.
const CASES_AT_ONCE: usize = 16_384;
const CASES_AT_ONCE_BOUNDED: usize = 2_048;
const CASES_WITHIN_A_TIME: usize = 512;

/// How many come first where the server is a part of this program, and how many times as many follow each time: what
/// is compared with them is looked for before the first of them is played. Others would be installed more often for it.
const FIRST_CASES: usize = 256;
const MORE_CASES: usize = 8;

/// The most failures that wait to be looked into.
const MOST_WAITING: usize = 131_072;

/// Failures that wait to be looked into: the more cases were played by then, the fewer have to be played for it.
#[derive(Default)]
struct Waiting {
    failures: Vec<FailureAt>,
    /// When the first of them was met.
    since: Option<Instant>,
}

impl Waiting {
    fn add(&mut self, failures: Vec<FailureAt>) {
        if !failures.is_empty() {
            self.since.get_or_insert_with(Instant::now);
            self.failures.extend(failures);
        }
    }

    /// Whether they have waited for so long, or are too many.
    fn is_over(&self, most: Duration) -> bool {
        let long = self.since.is_some_and(|since| since.elapsed() >= most);
        long || self.failures.len() >= MOST_WAITING
    }
}

/// Whether a log-in of this client may fail: its credentials are wrong, or oddly written.
pub(super) fn may_fail(client: &Value) -> bool {
    let word = |name: &str| client.field(name)?.as_symbol();
    let is_good = matches!(word("credential"), None | Some("valid" | "none"));
    let is_plain = word("form").is_none_or(|form| form == "plain");
    !(is_good && is_plain)
}

impl Runner<'_> {
    pub(super) async fn drive(
        &mut self,
        plan: &mut Plan,
        subscriber: &mut Subscriber<'_>,
    ) -> Result<(), Stopped> {
        let of = plan.coverage.cases();
        // What is under way when the time is up is still played, and what was is judged.
        let mut limit = match self.options.until {
            Some(_) => CASES_WITHIN_A_TIME,
            None => CASES_AT_ONCE,
        };
        let is_embedded = self.lab.implementation.description().nature == Nature::Embedded;
        let mut most = match is_embedded {
            true => FIRST_CASES,
            false => limit,
        };
        let mut waiting = Waiting::default();
        let patience = match self.lab.implementation.description().nature {
            // What becomes of a run must not depend on how fast the machine is.
            Nature::Embedded => Duration::MAX,
            Nature::Configured | Nature::Told | Nature::Deployed => self.options.unexplained,
        };
        loop {
            let epoch = plan.epoch(self.spec);
            if epoch.is_empty() {
                return Ok(());
            }
            self.table = Table::new(self.spec);
            self.siblings.clear();
            self.conversations.clear();
            if let Some(record) = &mut self.record {
                record.begin_epoch();
            }
            for conversation in &plan.conversations {
                let place = self.table.conversation(conversation.clone());
                self.conversations.push(place.map_err(Stopped::Unplayable)?);
            }
            let mut epoch = epoch.as_slice();
            while !epoch.is_empty() {
                if self.is_enough() {
                    let failures = std::mem::take(&mut waiting).failures;
                    return self.attribute(failures, subscriber).await;
                }
                let settings = most / self.conversations.len().max(1);
                let settings = settings.clamp(1, self.lab.slots()).min(epoch.len());
                let (chunk, rest) = epoch.split_at(settings);
                epoch = rest;
                let mut cases = Vec::new();
                for planned in chunk {
                    let setting = self.table.setting(planned.setting.clone());
                    self.table.set_beside(setting, planned.beside);
                    if let Some(record) = &mut self.record {
                        record.place(setting, planned.place);
                    }
                    let all = self.conversations.iter().map(|conversation| At {
                        setting,
                        conversation: *conversation,
                    });
                    let most = usize::try_from(planned.most).unwrap_or(usize::MAX);
                    let allowed = all.filter(|at| !self.table.is_excluded(*at)).take(most);
                    cases.extend(
                        allowed.filter(|at| self.is_by_program(*at) && self.is_wanted(*at)),
                    );
                }
                let waves = self.in_waves(cases).map_err(Stopped::Unplayable)?;
                let count = waves.len();
                for (at, cases) in waves.into_iter().enumerate() {
                    self.options.pulse.begin(self.judged, cases.len() as u64);
                    // A failure that was met is looked into also when the time is up.
                    self.lab.until = self.options.until;
                    let observed = self.observe(&cases).await;
                    self.lab.until = None;
                    if let Err(stopped) = observed {
                        self.leave_all(&waiting.failures);
                        return Err(stopped);
                    }
                    self.note_ways(&cases);
                    let mut failures = Vec::new();
                    for some in cases.chunks(JUDGED_AT_ONCE) {
                        failures.extend(self.judge_cases(some));
                        self.judged += self.count_played(some);
                        // Answers may be such that judging takes long; an interruption is to be heard meanwhile.
                        yield_now().await;
                        if self.options.stop.is_stopped() {
                            break;
                        }
                    }
                    self.options.pulse.end(self.judged);
                    self.keep_answers(&cases, &failures);
                    self.note_unsupported(&cases);
                    waiting.add(failures);
                    // What is forgotten would have to be played again for it, and what a guest has found is confirmed
                    // before more is asked.
                    let is_due = at + 1 < count
                        || epoch.is_empty()
                        || self.table.is_full()
                        || self.options.stop.is_stopped();
                    if is_due || waiting.is_over(patience) {
                        let failures = std::mem::take(&mut waiting).failures;
                        self.attribute(failures, subscriber).await?;
                    }
                }
                if self.table.keep_to_bounds() {
                    limit = limit.min(CASES_AT_ONCE_BOUNDED);
                }
                most = most.saturating_mul(MORE_CASES).min(limit);
                if self.options.stop.is_stopped() {
                    return Err(Stopped::Asked);
                }
                let failures = self.tallies.iter().map(|tally| tally.failed).sum();
                subscriber(Event::Progress {
                    judged: self.judged,
                    of,
                    failures,
                });
            }
        }
    }

    /// Whether nothing more is to be begun, and takes note of why.
    fn is_enough(&mut self) -> bool {
        let why = if self
            .options
            .until
            .is_some_and(|until| Instant::now() >= until)
        {
            "the time was up"
        } else if self.has_enough_findings() {
            "there were as many findings as were asked for"
        } else {
            return false;
        };
        self.cut_short = Some(why.to_owned());
        true
    }

    /// The cases in the order in which they are played, and judged part by part. A guest asks first for what costs an
    /// account nothing, with all that it is compared with, and of the rest for what most rules may speak of: not all
    /// may come to be asked.
    fn in_waves(&mut self, mut cases: Vec<At>) -> Result<Vec<Vec<At>>, String> {
        if self.lab.care.is_none() {
            return Ok(vec![cases]);
        }
        cases.sort_by_cached_key(|at| {
            let rules = self.table.before(*at, |env| {
                let conditions = self.spec.conditions();
                let rules = self.table.rules_at(*at, &self.active_set.all);
                let may = |rule: &usize| conditions.applies(*rule, env) != Tri::False;
                rules.filter(may).count()
            });
            let (steps, risks) = self.costs(*at);
            (steps, risks, Reverse(rules.unwrap_or_default()))
        });
        let (mut first, mut rest) = (Vec::new(), Vec::new());
        for at in cases {
            let all = self.with_siblings(&[at])?;
            match all.iter().all(|at| self.costs(*at) == (0, false)) {
                true => first.push(at),
                false => rest.push(at),
            }
        }
        Ok([first, rest]
            .into_iter()
            .filter(|wave| !wave.is_empty())
            .collect())
    }

    /// How many steps come before a case, and whether a log-in of it may fail.
    fn costs(&self, at: At) -> (usize, bool) {
        let Some(case) = self.table.case(at) else {
            return (0, true);
        };
        let steps = case.course.items().map_or(0, <[_]>::len);
        (steps, may_fail(case.client))
    }

    /// How many of the cases were played.
    fn count_played(&self, cases: &[At]) -> u64 {
        let played = cases.iter().filter(|at| self.table.played(**at).is_some());
        played.count() as u64
    }

    /// Takes note of who got in and who was asked for credentials, until somebody was.
    fn note_ways(&mut self, cases: &[At]) {
        for at in cases {
            if self.ways.are_known() {
                return;
            }
            if let (Some(Played::Seen(seen)), Some(case)) =
                (self.table.played(*at), self.table.case(*at))
            {
                let status = seen.answer.response.status;
                note(&mut self.ways, &self.plain, case, seen.outcome, status);
            }
        }
    }

    /// Holds every rule against every case, counts, and answers with the failures.
    pub(super) fn judge_cases(&mut self, cases: &[At]) -> Vec<FailureAt> {
        let mut failures = Vec::new();
        let mut verdicts = Vec::new();
        let mut known = KnownVerdicts::new(self.spec.rules.len());
        for at in cases {
            self.options.pulse.worked();
            if self.table.played(*at).is_none() {
                continue;
            }
            self.note_let_in(*at);
            self.note_asked(*at);
            verdicts.clear();
            let is_refusal = self.is_refusal(*at);
            self.verdicts(*at, &mut known, &mut verdicts);
            for (rule, verdict) in verdicts.drain(..) {
                let Some(case) = self.table.case(*at) else {
                    continue;
                };
                let Some(tally) = self.tallies.get_mut(rule) else {
                    continue;
                };
                match verdict {
                    Verdict::NotApplicable => {}
                    Verdict::Pass => {
                        tally.passed += 1;
                        if is_refusal {
                            tally.note_refused(|| case.to_case());
                        }
                        let is_of_course = { self.active.get(rule) }
                            .is_some_and(|active| course_relation(active.rule).is_some());
                        if is_of_course && self.table.needs_others(*at) {
                            tally.note_behind_others(|| case.to_case());
                        }
                        if at.conversation < self.conversations.len()
                            && tally.is_first(at.conversation)
                        {
                            self.note_held(rule, *at);
                        }
                    }
                    Verdict::Inconclusive(why) => {
                        tally.inconclusive += 1;
                        note_anomaly(&mut self.anomalies, why, &case.to_case());
                    }
                    Verdict::Fail { discrepancy, .. } => {
                        tally.failed += 1;
                        let key = Simplicity::of_case(&self.spec.domain, case);
                        let simplest = tally
                            .simplest
                            .entry(discrepancy.kind.clone())
                            .or_insert(key.clone());
                        if key < *simplest {
                            *simplest = key;
                        }
                        failures.push(FailureAt {
                            rule,
                            at: *at,
                            kind: discrepancy.kind,
                        });
                    }
                }
            }
        }
        failures
    }

    /// Keeps what was answered to the cases, as far as that was asked for.
    fn keep_answers(&mut self, cases: &[At], failures: &[FailureAt]) {
        for at in cases {
            if self.answers.len() >= self.options.keep_answers {
                return;
            }
            if let (Some(Played::Seen(seen)), Some(case)) =
                (self.table.played(*at), self.table.case(*at))
            {
                let case = case.to_case();
                let broke = failures.iter().any(|failure| failure.at == *at);
                let simplicity = Simplicity::of_case(&self.spec.domain, &case);
                self.answers.push(AnsweredCase {
                    summary: AnswerSummary::of(seen.outcome, &seen.answer),
                    case,
                    simplicity,
                    broke,
                });
            }
        }
    }

    fn note_unsupported(&mut self, cases: &[At]) {
        let mut last = usize::MAX;
        for at in cases {
            if at.setting == last {
                continue;
            }
            last = at.setting;
            let reason = self
                .table
                .settings
                .get(at.setting)
                .and_then(|setting| setting.unsupported.clone());
            if let Some(reason) = reason {
                let (count, _) = self.unsupported.get_or_insert((0, reason));
                *count += 1;
            }
        }
    }
}

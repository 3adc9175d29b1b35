//! Verdicts on demand: all that shrinking and explaining need to know of the world. Whoever answers may play
//! cases against an implementation, or know the answers.

use std::future::Future;

use crate::domain::{Case, Change};
use crate::results::{Stopped, TriedChange, TriedVerdict};
use crate::spec::{Demand, Spec};

use super::drive::may_fail;
use super::failure::Failure;
use super::judge::Verdict;
use super::runner::Runner;
use super::table::At;

/// Ask for cases, get verdicts. Rules are named by their place among those that are judged.
pub(super) trait Verdicts: Send {
    /// The spec that the rules are of.
    fn spec(&self) -> &Spec;

    /// For how many settings it is worth asking at once.
    fn width(&self) -> usize;

    /// How many requests were sent so far.
    fn requests(&self) -> u64;

    /// Whether a rule is about one case, and compares it with none: then another client may stand for the one
    /// that failed.
    fn is_about_one_case(&self, rule: usize) -> bool;

    /// Whether a rule may apply to a case, as far as that is known before it is played.
    ///
    /// # Errors
    ///
    /// Where nobody can play the case.
    fn may_apply(&mut self, rule: usize, case: &Case) -> Result<bool, Stopped>;

    /// Whether a simpler case may stand for one that failed: not where it could cost an account a failed log-in and the
    /// other costs nothing, for it could not be run again as often.
    fn may_stand_for(&self, _simpler: &Case, _failed: &Case) -> bool {
        true
    }

    /// Whether a case was played and its client had no occasion to be what the case says.
    fn is_not_applicable(&self, case: &Case) -> bool;

    /// What a rule says of cases, in their order. Those that were not played yet are played side by side.
    fn verdicts(
        &mut self,
        rule: usize,
        cases: &[Case],
    ) -> impl Future<Output = Result<Vec<Verdict>, Stopped>> + Send;
}

/// What trying several changes came to.
pub(super) struct Tried {
    pub(super) steps: Vec<TriedChange>,
    /// The first change that fails in the same way.
    pub(super) alike: Option<Change>,
    /// Failures of other kinds that were met.
    pub(super) met: Vec<Failure>,
}

/// Tries changes of a failing case side by side.
pub(super) async fn try_changes<V: Verdicts>(
    world: &mut V,
    failing: &Failure,
    changes: &[Change],
) -> Result<Tried, Stopped> {
    let cases: Vec<Case> = changes.iter().map(|change| change.case.clone()).collect();
    let verdicts = world.verdicts(failing.rule, &cases).await?;
    let mut tried = Tried {
        steps: Vec::new(),
        alike: None,
        met: Vec::new(),
    };
    for (change, verdict) in changes.iter().zip(verdicts) {
        let verdict = match verdict {
            Verdict::NotApplicable => TriedVerdict::NotApplicable,
            Verdict::Pass => TriedVerdict::Passes,
            Verdict::Inconclusive(_) => TriedVerdict::Inconclusive,
            Verdict::Fail { discrepancy, .. } if discrepancy.kind == failing.kind => {
                if tried.alike.is_none() {
                    tried.alike = Some(change.clone());
                }
                TriedVerdict::FailsAlike
            }
            Verdict::Fail { discrepancy, .. } => {
                tried.met.push(Failure {
                    rule: failing.rule,
                    case: change.case.clone(),
                    kind: discrepancy.kind,
                    met: true,
                    planned: None,
                });
                TriedVerdict::FailsDifferently
            }
        };
        tried.steps.push(TriedChange {
            change: change.to_string(),
            verdict,
        });
    }
    Ok(tried)
}

impl Verdicts for Runner<'_> {
    fn spec(&self) -> &Spec {
        self.spec
    }

    fn width(&self) -> usize {
        self.lab.slots()
    }

    fn requests(&self) -> u64 {
        self.lab.requests()
    }

    fn is_about_one_case(&self, rule: usize) -> bool {
        let rule = self.active.get(rule);
        rule.is_some_and(|active| matches!(active.rule.demand, Demand::Expect(_)))
    }

    fn may_apply(&mut self, rule: usize, case: &Case) -> Result<bool, Stopped> {
        let at = self.table.place(case).map_err(Stopped::Unplayable)?;
        Ok(self.may_apply_at(rule, at))
    }

    fn may_stand_for(&self, simpler: &Case, failed: &Case) -> bool {
        self.lab.care.is_none() || !may_fail(&simpler.client) || may_fail(&failed.client)
    }

    fn is_not_applicable(&self, case: &Case) -> bool {
        self.table.is_not_applicable(case)
    }

    async fn verdicts(&mut self, rule: usize, cases: &[Case]) -> Result<Vec<Verdict>, Stopped> {
        let mut places: Vec<At> = Vec::new();
        for case in cases {
            places.push(self.table.place(case).map_err(Stopped::Unplayable)?);
        }
        for at in &places {
            self.find_siblings(rule, *at).map_err(Stopped::Unplayable)?;
        }
        self.observe_for(rule, &places).await?;
        Ok(places
            .into_iter()
            .map(|at| self.verdict(rule, at))
            .collect())
    }
}

impl Runner<'_> {
    /// Plays cases and the siblings that one rule compares them with.
    pub(super) async fn observe_for(&mut self, rule: usize, cases: &[At]) -> Result<(), Stopped> {
        let mut wanted = cases.to_vec();
        for at in cases {
            wanted.extend(self.sibling_places(rule, *at));
        }
        self.lab.fill(&mut self.table, &wanted).await?;
        self.ask_by_themselves(cases).await
    }
}

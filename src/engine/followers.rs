//! Failures that did not show each time, held against the findings that say what one request leaves behind for the next.
//! Where such a failure shows each time behind what came before in a finding, and by itself never, both are one defect: a
//! gateway that shares its decisions breaks whatever speaks of who was asked about, now and then, as requests happen to
//! come behind others.

use crate::domain::{Case, Value};
use crate::results::{Finding, Followed, Stopped, Unsteady};

use super::again::{Again, Manner};
use super::log_ins::course_relation;
use super::runner::Runner;

/// How many failures of a run are held against findings, at most.
const MOST: usize = 24;

/// How often a failure has to show behind what came before, and not without it.
const RUNS: usize = 2;

/// A finding that says what is left behind.
struct Lead {
    followed: Followed,
    /// What came before.
    steps: Vec<Value>,
}

impl Runner<'_> {
    /// Finds out which failures that did not show each time do behind what a finding is about.
    pub(super) async fn settle_followers(&mut self) -> Result<(), Stopped> {
        // A deployed endpoint has one slot, whoever asks.
        if self.lab.care.is_some() {
            return Ok(());
        }
        let leads: Vec<Lead> = { self.findings.iter() }
            .filter_map(|(known, finding)| {
                let rule = self.active.get(known.rule)?.rule;
                course_relation(rule).and_then(|_| Lead::of(finding))
            })
            .collect();
        if leads.is_empty() {
            return Ok(());
        }
        let open: Vec<usize> = { self.findings.iter().enumerate() }
            .filter(|(_, (_, finding))| is_open(finding))
            .map(|(place, _)| place)
            .collect();
        for place in open.into_iter().take(MOST) {
            let Some((_, finding)) = self.findings.get(place) else {
                continue;
            };
            let finding = finding.clone();
            for lead in &leads {
                if !self.shows_behind(&finding, lead).await? {
                    continue;
                }
                if let Some((_, finding)) = self.findings.get_mut(place)
                    && let Some(flaky) = &mut finding.flaky
                {
                    flaky.follows = Some(lead.followed.clone());
                }
                break;
            }
        }
        Ok(())
    }

    /// Whether a failure shows each time behind what came before in another, and never without it.
    async fn shows_behind(&mut self, finding: &Finding, lead: &Lead) -> Result<bool, Stopped> {
        let behind = |case: &Case| case.behind(lead.steps.iter().cloned());
        let sibling = finding.sibling.as_ref();
        let beside = sibling.map(|(case, difference)| (behind(case), difference.as_str()));
        let case = behind(&finding.case);
        let again = Again {
            case: &case,
            sibling: (beside.as_ref()).map(|(case, difference)| (case, *difference)),
            demand: &finding.demand,
            kind: &finding.discrepancy.kind,
            mutual: None,
            manner: Manner::Alike,
        };
        let takes = self.lab.play_again(again, |takes| takes.len() >= RUNS);
        if !takes.await?.iter().all(|take| take.departs()) {
            return Ok(false);
        }
        let again = Again {
            case: &finding.case,
            sibling: sibling.map(|(case, difference)| (case, difference.as_str())),
            ..again
        };
        let takes = self.lab.play_again(again, |takes| takes.len() >= RUNS);
        Ok(!takes.await?.iter().any(|take| take.departs()))
    }
}

impl Lead {
    /// A finding by which what came before a request made another answer of it; nothing where it is none.
    fn of(finding: &Finding) -> Option<Self> {
        let (sibling, _) = finding.sibling.as_ref()?;
        let count = sibling
            .steps()
            .len()
            .checked_sub(finding.case.steps().len())?;
        let steps = sibling.steps().get(..count)?.to_vec();
        (finding.accuses() && !steps.is_empty()).then(|| Self {
            followed: Followed {
                rule: finding.rule.clone(),
                case: finding.case.clone(),
            },
            steps,
        })
    }
}

/// Whether a failure did not show each time, and no state of the server's is the reason.
fn is_open(finding: &Finding) -> bool {
    let is_state = matches!(
        finding.unsteady(),
        Some(Unsteady::Status { .. } | Unsteady::Stray(_))
    );
    finding.flaky.is_some() && !is_state
}

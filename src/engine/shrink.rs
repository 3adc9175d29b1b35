//! Shrinking: from a failing case to one of which every one-step simplification holds.

use crate::domain::{Case, Change, Domain, Part, Type, Value};

use crate::results::{Finding, Proof, Step, StepVerdict, Stopped};
use crate::spec::{Demand, Kind};

use super::judge::Verdict;
use super::runner::Runner;
use super::settle::Failure;
use super::table::At;

/// What a finding accounts for, so that the same defect is not shrunk again.
#[derive(Clone, Debug)]
pub(super) struct Known {
    /// The rule's position among the active ones.
    pub(super) rule: usize,
    /// The kind of departure.
    pub(super) kind: Kind,
    /// The minimal case.
    pub(super) case: Case,
    /// The same case with symbols exchanged, as failures were met that shrink to it only by such an
    /// exchange.
    pub(super) aliases: Vec<Case>,
    /// The fields of the minimal case that matter: changing one changes the verdict.
    pub(super) matters: Vec<String>,
    /// Whether no case of the plan showed it yet: it was met while another was shrunk.
    pub(super) met: bool,
}

impl Known {
    /// Whether a failure contains this minimal case: everything in it that matters is there too.
    pub(super) fn accounts_for(&self, failure: &Failure, domain: &Domain) -> bool {
        self.rule == failure.rule
            && self.kind == failure.kind
            && std::iter::once(&self.case)
                .chain(&self.aliases)
                .any(|minimal| self.is_within(minimal, &failure.case, domain))
    }

    /// Counts a failure that it accounts for. A case of the plan is counted once, one that was only
    /// met not at all.
    pub(super) fn count(&mut self, failure: &Failure, finding: &mut Finding) {
        if !failure.met {
            finding.failures += u64::from(!self.met);
            self.met = false;
        }
    }

    /// Learns from a failure that was shrunk to this minimal case although it does not contain it:
    /// failures like it need not be shrunk again. Like it are those that hold the minimal case with
    /// symbols exchanged, or with the failure's client.
    pub(super) fn learn(&mut self, failure: &Failure, domain: &Domain) {
        let mut like = vec![self.case.clone()];
        like.extend(domain.exchanges(&self.case).into_iter().map(|e| e.case));
        for case in like {
            let theirs = case.with(Part::Client, failure.case.client.clone());
            for alias in [case, theirs] {
                if self.is_within(&alias, &failure.case, domain)
                    && alias != self.case
                    && !self.aliases.contains(&alias)
                {
                    self.aliases.push(alias);
                }
            }
        }
    }

    fn is_within(&self, minimal: &Case, whole: &Case, domain: &Domain) -> bool {
        Part::ALL.into_iter().all(|part| {
            let ty = domain.part(part);
            self.within(ty, minimal.part(part), whole.part(part), part.word())
        })
    }

    fn within(&self, ty: &Type, minimal: &Value, whole: &Value, path: &str) -> bool {
        match (ty, minimal, whole) {
            (Type::Record(fields), Value::Record(these), Value::Record(those)) => fields
                .iter()
                .zip(these)
                .zip(those)
                .all(|((field, (name, this)), (_, that))| {
                    self.within(&field.ty, this, that, &format!("{path}.{name}"))
                }),
            (Type::List(list), Value::List(these), Value::List(those)) => {
                let mut rest = those.iter();
                these.iter().enumerate().all(|(index, this)| {
                    let path = format!("{path}[{index}]");
                    rest.any(|that| self.within(&list.of, this, that, &path))
                })
            }
            (Type::Optional(inner), this, that)
                if *this != Value::Absent && *that != Value::Absent =>
            {
                self.within(inner, this, that, path)
            }
            (_, this, that) => this == that || !self.matters.iter().any(|matter| matter == path),
        }
    }
}

/// What trying several changes came to.
pub(super) struct Tried {
    pub(super) steps: Vec<Step>,
    /// The first change that fails in the same way.
    pub(super) alike: Option<Change>,
    /// Failures of other kinds that were met.
    pub(super) met: Vec<Failure>,
}

impl Runner<'_> {
    /// Explains and confirms a minimal failure. Also answers with failures of other kinds that were
    /// met on the way.
    pub(super) async fn investigate(
        &mut self,
        minimal: &Failure,
        proof: Proof,
        begun: u64,
    ) -> Result<(Known, Finding, Vec<Failure>), Stopped> {
        let mut met = Vec::new();
        let explained = self.explain(minimal, begun, &mut met).await?;
        let known = Known {
            rule: minimal.rule,
            kind: minimal.kind.clone(),
            case: minimal.case.clone(),
            aliases: Vec::new(),
            matters: explained.matters.clone(),
            met: minimal.met,
        };
        let about = explained.about.clone();
        let confirmed = self.confirm(minimal, &proof, about).await?;
        let finding = self.finding(minimal, proof, explained, confirmed, begun)?;
        Ok((known, finding, met))
    }

    /// Shrinks a failure to a minimal one. Also answers with why it is minimal, and with failures of
    /// other kinds that were met on the way.
    pub(super) async fn shrink(
        &mut self,
        failure: &Failure,
        begun: u64,
    ) -> Result<(Failure, Proof, Vec<Failure>), Stopped> {
        let mut current = failure.clone();
        let mut met = Vec::new();
        loop {
            let mut changes = self.spec.domain.simplifications(&current.case);
            changes.retain(|change| !self.spec.excludes(&change.case));
            let mut steps = Vec::new();
            let mut next = None;
            let mut cut_short = false;
            // The client's changes cost requests only and go first; settings are tried side by
            // side, as many as fit into the slots, up to a handful.
            for group in groups(&changes, self.lab.slots().min(8)) {
                if self.lab.requests() - begun > self.options.shrink_requests {
                    cut_short = true;
                    break;
                }
                let tried = self.try_changes(&current, group).await?;
                steps.extend(tried.steps);
                met.extend(tried.met);
                if let Some(change) = tried.alike {
                    next = Some(change.case);
                    break;
                }
            }
            if next.is_none() && !cut_short {
                next = self.simpler_client(&current).await?;
            }
            if next.is_none() && !cut_short {
                next = self.trade(&current).await?;
            }
            match next {
                Some(case) => current.case = case,
                None => {
                    let untried = changes.iter().skip(steps.len()).map(|change| Step {
                        change: change.to_string(),
                        verdict: StepVerdict::NotTried,
                    });
                    steps.extend(untried.collect::<Vec<_>>());
                    let proof = Proof {
                        steps,
                        simpler_cases: None,
                        cut_short,
                    };
                    return Ok((current, proof, met));
                }
            }
        }
    }

    /// The same case with the simplest client of all that fails in the same way, where that is
    /// simpler than the client it has. One field at a time does not always lead there: without it,
    /// each of several clients that meet one defect would be told of by itself. Not so where clients
    /// are compared: who is shut out is what such a finding is about.
    async fn simpler_client(&mut self, failing: &Failure) -> Result<Option<Case>, Stopped> {
        let demand = self
            .active
            .get(failing.rule)
            .map(|active| &active.rule.demand);
        if !matches!(demand, Some(Demand::Expect(_))) {
            return Ok(None);
        }
        let changes = self.spec.domain.simpler_clients(&failing.case);
        let changes = self.applying(failing, changes)?;
        let tried = self.try_changes(failing, &changes).await?;
        Ok(tried.alike.map(|change| change.case))
    }

    /// A case as small that is simpler: with a flag set back and another field changed in its place.
    async fn trade(&mut self, failing: &Failure) -> Result<Option<Case>, Stopped> {
        let changes = self.spec.domain.trades(&failing.case);
        let changes = self.applying(failing, changes)?;
        for group in groups(&changes, self.lab.slots().min(8)) {
            let tried = self.try_changes(failing, group).await?;
            if let Some(change) = tried.alike {
                return Ok(Some(change.case));
            }
        }
        Ok(None)
    }

    /// Those of several changes after which the rule that failed may apply.
    fn applying(
        &mut self,
        failing: &Failure,
        mut changes: Vec<Change>,
    ) -> Result<Vec<Change>, Stopped> {
        changes.retain(|change| !self.spec.excludes(&change.case));
        let mut kept = Vec::new();
        for change in changes {
            let at = self
                .table
                .place(&change.case)
                .map_err(Stopped::Unplayable)?;
            if self.may_apply(failing.rule, at) {
                kept.push(change);
            }
        }
        Ok(kept)
    }

    /// Tries changes of a failing case side by side.
    pub(super) async fn try_changes(
        &mut self,
        failing: &Failure,
        changes: &[Change],
    ) -> Result<Tried, Stopped> {
        let mut places: Vec<At> = Vec::new();
        for change in changes {
            places.push(
                self.table
                    .place(&change.case)
                    .map_err(Stopped::Unplayable)?,
            );
        }
        for at in &places {
            self.find_siblings(failing.rule, *at)
                .map_err(Stopped::Unplayable)?;
        }
        self.observe_for(failing.rule, &places).await?;
        let mut tried = Tried {
            steps: Vec::new(),
            alike: None,
            met: Vec::new(),
        };
        for (change, at) in changes.iter().zip(places) {
            let verdict = match self.verdict(failing.rule, at) {
                Verdict::NotApplicable => StepVerdict::NotApplicable,
                Verdict::Pass => StepVerdict::Passes,
                Verdict::Inconclusive(_) => StepVerdict::Inconclusive,
                Verdict::Fail { discrepancy, .. } if discrepancy.kind == failing.kind => {
                    if tried.alike.is_none() {
                        tried.alike = Some(change.clone());
                    }
                    StepVerdict::FailsAlike
                }
                Verdict::Fail { discrepancy, .. } => {
                    tried.met.push(Failure {
                        rule: failing.rule,
                        case: change.case.clone(),
                        kind: discrepancy.kind,
                        met: true,
                    });
                    StepVerdict::FailsDifferently
                }
            };
            tried.steps.push(Step {
                change: change.to_string(),
                verdict,
            });
        }
        Ok(tried)
    }

    /// Plays cases and the siblings that one rule compares them with.
    pub(super) async fn observe_for(&mut self, rule: usize, cases: &[At]) -> Result<(), Stopped> {
        let mut wanted = cases.to_vec();
        for at in cases {
            wanted.extend(self.sibling_places(rule, *at));
        }
        self.lab.fill(&mut self.table, &wanted).await
    }
}

/// Changes in groups that are tried side by side: first those of the client, then settings.
fn groups(changes: &[Change], settings: usize) -> Vec<&[Change]> {
    let of_client = changes
        .iter()
        .take_while(|change| change.part == Part::Client)
        .count();
    let (first, rest) = changes.split_at(of_client);
    let mut groups = Vec::new();
    if !first.is_empty() {
        groups.push(first);
    }
    groups.extend(rest.chunks(settings.max(1)));
    groups
}

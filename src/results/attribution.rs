//! What the failures of several parts of a plan come to: the same as in a run of the whole, which looks at each in the
//! order of the plan. Whatever no finding accounts for by then is shrunk, and what that came to some part has kept.

use std::collections::{HashMap, HashSet, VecDeque};

use crate::domain::{Case, CaseRef, Setting, Simplicity, Value};
use crate::spec::Kind;

use super::coverage::Coverage;
use super::finding::Finding;
use super::minimal::{FINDINGS_PER_RULE, Minimal};
use super::part::{
    ConversationInPart, FindingInPart, MetFailure, Parts, SettingInPart, ShrunkFailure,
};
use super::report::{Left, RuleReport};

/// A finding of a part, and what is kept of it.
pub(super) type PooledFinding = (Finding, FindingInPart);

/// What the failures come to.
#[derive(Debug, Default)]
pub(super) struct Attributed {
    /// The findings, in the order in which they are found.
    pub(super) findings: Vec<PooledFinding>,
    /// Findings of parts all of whose failures others account for.
    pub(super) spare: Vec<PooledFinding>,
    /// Failures that are not shrunk, by their rules.
    pub(super) left: Vec<Left>,
    /// How many these are.
    pub(super) unshrunk: u64,
    /// The settings that are looked around on.
    pub(super) around: HashSet<Setting>,
}

/// A failure whose turn it is.
#[derive(Clone, Copy, Debug)]
struct FailureTurn<'p> {
    rule: usize,
    kind: &'p Kind,
    case: CaseRef<'p>,
    /// The places of its setting and its conversation in the plan, where it is one of its cases.
    planned: Option<(u64, u64)>,
    /// Whether it was met while another was looked into: not a case of the plan, so not counted as one.
    met: bool,
}

/// A finding that is known by now.
#[derive(Debug)]
struct KnownFinding {
    /// Its place among those of the parts.
    place: usize,
    minimal: Minimal,
    failures: u64,
    met: bool,
    told: bool,
}

/// What a failure that nothing accounts for comes to.
struct ShrunkTo<'p> {
    place: usize,
    like: Vec<Case>,
    met: &'p [MetFailure],
}

struct Attribution<'p> {
    parts: &'p Parts,
    rules: &'p [RuleReport],
    is_sample: bool,
    /// The findings of the parts, each with the place of its rule and its minimal case.
    pool: &'p [PooledFinding],
    minima: Vec<(usize, Minimal)>,
    shrunk: HashMap<(usize, &'p Kind, &'p Case), &'p ShrunkFailure>,
    known: Vec<KnownFinding>,
    queue: VecDeque<FailureTurn<'p>>,
    seen: HashSet<(usize, &'p Kind, Case)>,
    around: HashSet<Setting>,
    left: Vec<(Left, [Simplicity; 3])>,
    unshrunk: u64,
    /// What `--spec` takes for the pack.
    spec: &'p str,
}

/// What the failures of parts come to, given the findings of all of them and what they left.
pub(super) fn attribute(
    pool: Vec<PooledFinding>,
    parts: &Parts,
    rules: &[RuleReport],
    coverage: &Coverage,
    left: &[Left],
) -> Attributed {
    let minimal = |(finding, notes): &PooledFinding| {
        let rule = rules.iter().position(|rule| rule.id == finding.rule);
        let (matters, entire) = (notes.matters.clone(), notes.entire.clone());
        let mut minimal = Minimal::new(finding.case.clone(), matters, entire);
        minimal.learn(&notes.aliases);
        (rule.unwrap_or(usize::MAX), minimal)
    };
    let shrunk = parts.shrunk.iter();
    let spec = { left.iter().map(|left| &left.spec) }.chain(pool.iter().map(|(one, _)| &one.spec));
    let mut attribution = Attribution {
        parts,
        rules,
        is_sample: matches!(coverage, Coverage::Sampled { .. }),
        minima: pool.iter().map(minimal).collect(),
        pool: &pool,
        shrunk: shrunk
            .map(|one| ((one.rule, &one.kind, &one.case), one))
            .collect(),
        known: Vec::new(),
        queue: VecDeque::new(),
        seen: HashSet::new(),
        around: HashSet::new(),
        left: Vec::new(),
        unshrunk: 0,
        spec: { spec }.next().map_or("", |spec| spec.as_str()),
    };
    attribution.all();
    attribution.unnamed(left);
    let Attribution {
        known,
        left,
        unshrunk,
        around,
        ..
    } = attribution;
    let left = left.into_iter().map(|(left, _)| left).collect();
    let mut pool: Vec<Option<PooledFinding>> = pool.into_iter().map(Some).collect();
    let of_known = known.into_iter().filter_map(|known| {
        let (mut finding, mut notes) = pool.get_mut(known.place)?.take()?;
        finding.failures = known.failures;
        notes.aliases = known.minimal.aliases;
        Some((finding, notes))
    });
    let findings = of_known.collect();
    Attributed {
        findings,
        spare: pool.into_iter().flatten().collect(),
        left,
        unshrunk,
        around,
    }
}

/// The case of a setting, by its policy and its instance, and a conversation.
fn asked_of<'p>(
    (policy, instance): (&'p Value, &'p Value),
    conversation: &'p ConversationInPart,
) -> CaseRef<'p> {
    CaseRef {
        policy,
        instance,
        course: &conversation.course,
        client: &conversation.client,
    }
}

impl<'p> Attribution<'p> {
    fn all(&mut self) {
        let parts = self.parts;
        let mut order = Vec::new();
        for of_kind in &parts.failures {
            let places = of_kind.places();
            order.extend(
                places.map(|(setting, place)| (setting, place, of_kind.rule, &of_kind.kind)),
            );
        }
        order.sort_unstable();
        let epoch = |place: u64| parts.setting(place).map(|setting| setting.epoch);
        for together in order.chunk_by(|(one, ..), (other, ..)| epoch(*one) == epoch(*other)) {
            for (setting, conversation, rule, kind) in together {
                let (Some(setting), Some(conversation)) =
                    (parts.setting(*setting), parts.conversation(*conversation))
                else {
                    continue;
                };
                let case = asked_of((&setting.policy, &setting.instance), conversation);
                let planned = Some((setting.place, conversation.place));
                self.take(FailureTurn {
                    rule: *rule,
                    kind,
                    case,
                    planned,
                    met: false,
                });
            }
            while let Some(turn) = self.queue.pop_front() {
                self.take(turn);
            }
            self.seen.clear();
            self.tell();
        }
    }

    /// Puts a failure down to a known finding, or finds another.
    fn take(&mut self, turn: FailureTurn<'p>) {
        if turn.met
            && !self
                .seen
                .insert((turn.rule, turn.kind, turn.case.to_case()))
        {
            return;
        }
        let accounts = self.accounted_for(&turn);
        if let Some(at) = accounts
            && !self.shows_apart(at, &turn)
        {
            self.count(at, &turn, &[]);
            return;
        }
        let of_rule = self
            .known
            .iter()
            .filter(|known| self.rule_of(known.place) == turn.rule);
        let has_all = of_rule.count() >= FINDINGS_PER_RULE && accounts.is_none();
        let Some(outcome) = self.outcome(&turn).filter(|_| !has_all) else {
            self.leave(&turn);
            return;
        };
        self.queue_met(turn.rule, outcome.met);
        if let Some(at) = self
            .known
            .iter()
            .position(|known| known.place == outcome.place)
        {
            self.count(at, &turn, &outcome.like);
            return;
        }
        let Some(((finding, notes), (_, minimal))) = self
            .pool
            .get(outcome.place)
            .zip(self.minima.get(outcome.place))
        else {
            return;
        };
        let (matters, entire) = (minimal.matters.clone(), minimal.entire.clone());
        let mut minimal = Minimal::new(minimal.case.clone(), matters, entire);
        minimal.learn(&outcome.like);
        let setting = minimal.case.setting();
        self.known.push(KnownFinding {
            place: outcome.place,
            minimal,
            failures: 1,
            met: turn.met,
            told: finding.flaky.is_none(),
        });
        self.queue_met(turn.rule, &notes.beside);
        if self.is_sample && self.around.insert(setting.clone()) {
            self.look_around(&setting);
        }
    }

    fn queue_met(&mut self, rule: usize, met: &'p [MetFailure]) {
        let met = met.iter().map(|met| FailureTurn {
            rule,
            kind: &met.kind,
            case: (&met.case).into(),
            planned: None,
            met: true,
        });
        self.queue.extend(met);
    }

    fn look_around(&mut self, setting: &Setting) {
        let parts = self.parts;
        let mut all = parts.around.iter();
        let around =
            all.find(|one| (&one.policy, &one.instance) == (&setting.policy, &setting.instance));
        for (rule, kind, conversation) in around.iter().flat_map(|around| &around.failures) {
            let (Some(around), Some(conversation)) = (around, parts.conversation(*conversation))
            else {
                continue;
            };
            let case = asked_of((&around.policy, &around.instance), conversation);
            self.queue.push_back(FailureTurn {
                rule: *rule,
                kind,
                case,
                planned: None,
                met: false,
            });
        }
    }

    fn rule_of(&self, place: usize) -> usize {
        self.minima.get(place).map_or(usize::MAX, |(rule, _)| *rule)
    }

    fn kind_of(&self, place: usize) -> Option<&'p Kind> {
        let (finding, _) = self.pool.get(place)?;
        Some(&finding.discrepancy.kind)
    }

    fn is_flaky(&self, place: usize) -> bool {
        self.pool
            .get(place)
            .is_some_and(|(finding, _)| finding.flaky.is_some())
    }

    fn is_of(&self, place: usize, turn: &FailureTurn<'_>) -> bool {
        self.rule_of(place) == turn.rule && self.kind_of(place) == Some(turn.kind)
    }

    /// The known finding that accounts for a failure, of several one that shows each time.
    fn accounted_for(&self, turn: &FailureTurn<'_>) -> Option<usize> {
        let accounts = |known: &KnownFinding| {
            self.is_of(known.place, turn) && known.minimal.is_within(turn.case)
        };
        let steady = |known: &KnownFinding| !self.is_flaky(known.place) && accounts(known);
        let mut known = self.known.iter();
        known
            .position(steady)
            .or_else(|| self.known.iter().position(accounts))
    }

    /// Whether a failure that an unsteady finding accounts for came to another when it was played apart.
    fn shows_apart(&self, at: usize, turn: &FailureTurn<'_>) -> bool {
        let Some(known) = self.known.get(at) else {
            return false;
        };
        self.is_flaky(known.place)
            && !turn.met
            && self
                .outcome(turn)
                .is_some_and(|outcome| outcome.place != known.place)
    }

    fn count(&mut self, at: usize, turn: &FailureTurn<'_>, like: &[Case]) {
        let Some(known) = self.known.get_mut(at) else {
            return;
        };
        known.minimal.learn(like);
        if !turn.met {
            known.failures = known.failures.saturating_add(u64::from(!known.met));
            known.met = false;
        }
    }

    /// What a failure comes to that is shrunk now. Where the part that met it put it down to a finding, which is not
    /// known now, it is that finding.
    fn outcome(&self, turn: &FailureTurn<'_>) -> Option<ShrunkTo<'p>> {
        let case = turn.case.to_case();
        let places = || (0..self.pool.len()).filter(|place| self.is_of(*place, turn));
        if let Some(shrunk) = self.shrunk.get(&(turn.rule, turn.kind, &case)) {
            let is_it = |place: &usize| {
                self.pool
                    .get(*place)
                    .is_some_and(|(finding, _)| finding.case == shrunk.minimal)
            };
            let found = { places() }.find(is_it);
            // One that did not show each time went with one that did.
            let found = found.or_else(|| places().find(|place| !self.is_flaky(*place)));
            return found.map(|place| ShrunkTo {
                place,
                like: shrunk.like.clone(),
                met: &shrunk.met,
            });
        }
        let contains = |place: &usize| {
            self.minima
                .get(*place)
                .is_some_and(|(_, minimal)| minimal.is_within(turn.case))
        };
        let steady = { places() }.find(|place| !self.is_flaky(*place) && contains(place));
        let place = steady.or_else(|| places().find(contains))?;
        let (_, minimal) = self.minima.get(place)?;
        let like = minimal.like(minimal.aliases.clone(), &case);
        Some(ShrunkTo {
            place,
            like,
            met: &[],
        })
    }

    /// Notes a failure that is not looked into: how many a rule has, and the simplest of them.
    fn leave(&mut self, turn: &FailureTurn<'_>) {
        let Some(rule) = self.rules.get(turn.rule).filter(|_| !turn.met) else {
            return;
        };
        self.unshrunk = self.unshrunk.saturating_add(1);
        let Some((key, brief)) = self.told(turn) else {
            return;
        };
        let known = self.left.iter_mut().find(|(left, _)| left.rule == rule.id);
        let count = known
            .as_ref()
            .map_or(0, |(left, _)| left.count)
            .saturating_add(1);
        let left = Left {
            rule: rule.id.clone(),
            spec: self.spec.to_owned(),
            level: rule.level,
            scored: rule.scored,
            case: turn.case.to_case(),
            brief,
            count,
        };
        match known {
            Some((known, least)) if key < *least => (*known, *least) = (left, key),
            Some((known, _)) => known.count = count,
            None => self.left.push((left, key)),
        }
    }

    /// How simple the case of a failure is, and the case in brief.
    fn told(&self, turn: &FailureTurn<'_>) -> Option<([Simplicity; 3], String)> {
        let (parts, case) = (self.parts, turn.case);
        let (setting, conversation) = match turn.planned {
            Some((setting, conversation)) => {
                (parts.setting(setting)?, parts.conversation(conversation)?)
            }
            None => {
                let mut settings = parts.settings.iter();
                let mut conversations = parts.conversations.iter();
                let is_setting = |one: &&SettingInPart| {
                    (&one.policy, &one.instance) == (case.policy, case.instance)
                };
                let is_conversation = |one: &&ConversationInPart| {
                    (&one.course, &one.client) == (case.course, case.client)
                };
                (
                    settings.find(is_setting)?,
                    conversations.find(is_conversation)?,
                )
            }
        };
        let [course, client] = conversation.key.clone();
        let briefs = [setting.brief.as_str(), conversation.brief.as_str()];
        let briefs: Vec<&str> = briefs
            .into_iter()
            .filter(|brief| !brief.is_empty())
            .collect();
        Some((
            [course, setting.key.clone(), client],
            format!("{{{}}}", briefs.join(", ")),
        ))
    }

    /// Of findings that did not show each time, those of which another of the same rule shows the same each time go
    /// with it, unless they were told of before.
    fn tell(&mut self) {
        let (waiting, kept): (Vec<KnownFinding>, Vec<KnownFinding>) =
            std::mem::take(&mut self.known)
                .into_iter()
                .partition(|known| !known.told);
        self.known = kept;
        for mut waiting in waiting {
            let sought = (self.rule_of(waiting.place), self.kind_of(waiting.place));
            let steady = self.known.iter().position(|known| {
                let found = (self.rule_of(known.place), self.kind_of(known.place));
                found == sought && !self.is_flaky(known.place)
            });
            match steady.and_then(|at| self.known.get_mut(at)) {
                Some(steady) => steady.failures = steady.failures.saturating_add(waiting.failures),
                None => {
                    waiting.told = true;
                    self.known.push(waiting);
                }
            }
        }
    }

    /// Adds the failures that are not named, because there were too many: to the findings that the parts put them down
    /// to, or to those that account for these.
    fn unnamed(&mut self, left: &[Left]) {
        for (place, (finding, notes)) in self.pool.iter().enumerate() {
            let rule = self.rule_of(place);
            let is_it = |known: &KnownFinding| known.place == place;
            let contains = |known: &KnownFinding| {
                self.rule_of(known.place) == rule && known.minimal.is_within(&finding.case)
            };
            let of_rule = |known: &KnownFinding| self.rule_of(known.place) == rule;
            let known = self.known.iter().position(is_it);
            let known = known.or_else(|| self.known.iter().position(contains));
            let known = known.or_else(|| self.known.iter().position(of_rule));
            if let Some(known) = known.and_then(|at| self.known.get_mut(at)) {
                known.failures = known.failures.saturating_add(notes.unnamed);
            }
        }
        for (rule, kept) in self.rules.iter().zip(&self.parts.rules) {
            if kept.left == 0 {
                continue;
            }
            self.unshrunk = self.unshrunk.saturating_add(kept.left);
            let of_rule = self.left.iter_mut().find(|(left, _)| left.rule == rule.id);
            match of_rule {
                Some((known, _)) => known.count = known.count.saturating_add(kept.left),
                None => {
                    let left = left.iter().find(|left| left.rule == rule.id);
                    let left = left.map(|left| Left {
                        count: kept.left,
                        ..left.clone()
                    });
                    let key = || {
                        [
                            Simplicity::default(),
                            Simplicity::default(),
                            Simplicity::default(),
                        ]
                    };
                    self.left.extend(left.map(|left| (left, key())));
                }
            }
        }
    }
}

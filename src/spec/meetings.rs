//! How often rules may apply to cases, before any of them is played, and where to look for those that seldom do.

use crate::domain::{Case, CaseRef, Conversation, Sampler, Setting};

use super::conditions::{KnownOfConversation, KnownOfSetting};
use super::model::{Demand, Spec, Standing};
use super::needed::Needed;
use super::relation::Relation;
use super::rule_set::RuleSet;
use super::term::Env;
use super::truth::Tri;

/// In how many cases a rule is to be met, where the space has so many.
pub const OFTEN_ENOUGH: u64 = 20;

/// The most conversations that are looked through for cases in which rules are met.
const MOST_CONVERSATIONS: usize = 4_096;

/// How many of the simplest settings are looked through for every rule, and how many random ones where settings cannot
/// be listed.
const SIMPLEST: usize = 1_024;

/// The most of the others that are looked through for rules that may be met in them.
const MOST_OTHERS: usize = 16_384;

/// How often rules may apply to the cases that were counted.
#[derive(Debug)]
pub struct Meetings<'s> {
    spec: &'s Spec,
    /// The rules that are counted.
    counted: RuleSet,
    /// In how many cases each rule of the spec may apply.
    pub cases: Vec<u64>,
    /// Whether a rule is counted no further than to be met often enough.
    until_enough: bool,
}

impl<'s> Meetings<'s> {
    /// None yet of the scored rules of a spec.
    pub fn of(spec: &'s Spec) -> Self {
        let rules = spec.rules.len();
        let is_scored = |rule: usize| {
            let rule = spec.rules.get(rule);
            rule.is_some_and(|rule| rule.standing == Standing::Scored)
        };
        Self {
            spec,
            counted: RuleSet::of(rules, is_scored),
            cases: vec![0; rules],
            until_enough: false,
        }
    }

    /// The same, of which none is counted further than to be met often enough.
    pub fn until_enough(spec: &'s Spec) -> Self {
        Self {
            until_enough: true,
            ..Self::of(spec)
        }
    }

    /// Counts the cases of a setting with conversations of which this is known, and answers which of these met a
    /// rule, by their places. Where it is there for another to be compared with (`beside`), no relation compares it
    /// with other settings.
    pub fn add(
        &mut self,
        setting: &Setting,
        beside: bool,
        conversations: &[(Conversation, KnownOfConversation)],
    ) -> Vec<usize> {
        let mut met = Vec::new();
        let known = self.spec.known_of_setting(setting);
        if RuleSet::in_all([&self.counted, &known.rules])
            .next()
            .is_none()
        {
            return met;
        }
        let constraints = self.spec.constraints_of(setting);
        for (at, (conversation, of_conversation)) in conversations.iter().enumerate() {
            let sets = [&self.counted, &known.rules, &of_conversation.rules];
            let rules: Vec<usize> = RuleSet::in_all(sets).collect();
            let case = CaseRef::of(setting, conversation);
            if !rules.is_empty()
                && !self.spec.excludes_by(&constraints, case)
                && self.add_case(case, &known, &rules, beside)
            {
                met.push(at);
            }
        }
        met
    }

    /// Counts one case, and answers whether it met a rule.
    fn add_case(
        &mut self,
        case: CaseRef<'_>,
        known: &KnownOfSetting,
        rules: &[usize],
        beside: bool,
    ) -> bool {
        let defined = self.spec.define_beside(case, &known.definitions);
        let env = Env::of(case, defined.as_ref().unwrap_or(&known.definitions));
        let mut met = false;
        for rule in rules.iter().copied() {
            let applies = self.spec.conditions().applies(rule, &env) != Tri::False;
            if !applies || !self.is_comparable(rule, case, beside) {
                continue;
            }
            met = true;
            let Some(cases) = self.cases.get_mut(rule) else {
                continue;
            };
            *cases += 1;
            if self.until_enough && *cases >= OFTEN_ENOUGH {
                self.counted.remove(rule);
            }
        }
        met
    }

    /// Whether there is something to hold a case against, where a rule is a relation. That is looked for until the rule
    /// is met often enough, and presumed then: it costs more than all the rest.
    fn is_comparable(&self, rule: usize, case: CaseRef<'_>, beside: bool) -> bool {
        let demand = self.spec.rules.get(rule).map(|rule| &rule.demand);
        let cases = self.cases.get(rule).copied().unwrap_or(0);
        match demand {
            Some(Demand::Relate(relation)) => {
                !(beside && relation.siblings.change_setting())
                    && (cases >= OFTEN_ENOUGH || self.has_sibling(relation, case))
            }
            Some(Demand::Expect(_)) => true,
            Some(Demand::Unseen) | None => false,
        }
    }

    /// Whether there is a case that a relation may hold this one against.
    fn has_sibling(&self, relation: &Relation, case: CaseRef<'_>) -> bool {
        let spec = self.spec;
        let case: Case = case.to_case();
        let mut siblings = relation.siblings.of(&case, &spec.domain).into_iter();
        siblings.any(|sibling| {
            let there = &sibling.case;
            let definitions = spec.define(there);
            spec.can_stand_beside(&case, there)
                && spec.allows_beside(&case, there)
                && relation.when.evaluate(&Env::of(there, &definitions)) != Tri::False
        })
    }
}

impl Spec {
    /// Conversations with what is known of each.
    pub fn known_of_conversations(
        &self,
        conversations: &[Conversation],
    ) -> Vec<(Conversation, KnownOfConversation)> {
        let known = |one: &Conversation| (one.clone(), self.known_of_conversation(one));
        conversations.iter().map(known).collect()
    }

    /// Settings and conversations in which each scored rule is met in twenty cases, or in as many as were found: among all
    /// settings where they can be listed, else among 1,024 random ones. Worked out once.
    pub fn needed(&self) -> &Needed {
        self.needed.get_or_init(|| {
            let few = self.conversations(MOST_CONVERSATIONS);
            let mut search = NeededSearch::of(self, self.known_of_conversations(few));
            match self.settings() {
                Some(listed) => {
                    let (simplest, others) = listed.split_at(listed.len().min(SIMPLEST));
                    search.look_through(simplest.iter().map(|one| &one.setting));
                    let may_meet = |setting: &&Setting| search.may_meet(setting);
                    let others = others.iter().map(|one| &one.setting).filter(may_meet);
                    let others: Vec<&Setting> = others.take(MOST_OTHERS).collect();
                    search.look_through(others.into_iter());
                }
                None => {
                    let mut sampler = Sampler::new(&self.domain, 0);
                    let drawn = std::iter::from_fn(|| sampler.case()).take(SIMPLEST);
                    let drawn: Vec<Setting> = drawn.map(|case| case.setting()).collect();
                    let allowed = |one: &&Setting| !self.excludes_setting(one);
                    search.look_through(drawn.iter().filter(allowed));
                }
            }
            search.found()
        })
    }
}

/// A search for cases in which rules are met.
struct NeededSearch<'s> {
    meetings: Meetings<'s>,
    conversations: Vec<(Conversation, KnownOfConversation)>,
    /// Which of the conversations met a rule that was not met often enough.
    asked: Vec<bool>,
    settings: Vec<Setting>,
}

impl<'s> NeededSearch<'s> {
    fn of(spec: &'s Spec, conversations: Vec<(Conversation, KnownOfConversation)>) -> Self {
        let mut meetings = Meetings::until_enough(spec);
        // Who is met by no conversation is looked for in no setting.
        for rule in 0..spec.rules.len() {
            if !conversations.iter().any(|(_, known)| known.rules.has(rule)) {
                meetings.counted.remove(rule);
            }
        }
        Self {
            meetings,
            asked: vec![false; conversations.len()],
            conversations,
            settings: Vec::new(),
        }
    }

    /// Whether a rule that was not met often enough may be met in a setting.
    fn may_meet(&self, setting: &Setting) -> bool {
        let spec = self.meetings.spec;
        let case = CaseRef::of_setting(setting);
        let definitions = spec.define(case);
        let env = Env::of(case, &definitions);
        let mut rules = RuleSet::in_all([&self.meetings.counted]);
        rules.any(|rule| spec.conditions().may_apply_in(rule, &env))
    }

    fn look_through<'a>(&mut self, settings: impl Iterator<Item = &'a Setting>) {
        for setting in settings {
            if self.meetings.counted.is_empty() {
                return;
            }
            let met = self.meetings.add(setting, false, &self.conversations);
            if met.is_empty() {
                continue;
            }
            self.settings.push(setting.clone());
            for at in met {
                if let Some(asked) = self.asked.get_mut(at) {
                    *asked = true;
                }
            }
        }
    }

    fn found(self) -> Needed {
        let asked = self.conversations.into_iter().zip(self.asked);
        let asked = asked.filter(|(_, asked)| *asked);
        Needed {
            settings: self.settings,
            conversations: asked.map(|((one, _), _)| one).collect(),
        }
    }
}

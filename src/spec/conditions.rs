//! The conditions of a spec, sorted by what must be known to tell whether they hold: what depends on the setting
//! alone is worked out once for a setting, what depends on the conversation alone once for a conversation.

use super::clause::Clause;
use super::datum::Datum;
use super::definition::Definition;
use super::dependence::{Dependence, Staged};
use super::exclusion::Exclusion;
use super::parts::ConditionParts;
use super::predicate::Predicate;
use super::rule_set::RuleSet;
use super::term::Env;
use super::truth::Tri;

/// The conditions of a spec's rules and constraints.
#[derive(Debug)]
pub struct Conditions {
    rules: Vec<Staged>,
    by_setting: ConditionParts,
    by_conversation: ConditionParts,
    excluded: Vec<Staged>,
    definitions: Vec<Dependence>,
    /// Whether a definition depends on the conversation.
    per_case: bool,
}

/// What is known of a setting, whoever asks.
#[derive(Clone, Debug, Default)]
pub struct KnownOfSetting {
    /// The rules that may apply.
    pub rules: RuleSet,
    /// The definitions; those that depend on the conversation too have no meaning here.
    pub definitions: Vec<Datum>,
    /// Whether a constraint excludes it.
    pub excluded: bool,
    /// The constraints whose part on the setting holds.
    pub(super) constraints: RuleSet,
}

/// What is known of a conversation, whatever is installed.
#[derive(Clone, Debug, Default)]
pub struct KnownOfConversation {
    /// The rules that may apply.
    pub rules: RuleSet,
    /// Whether a constraint excludes it, or there can be no such client.
    pub excluded: bool,
    /// Whether there can be no such client.
    pub impossible: bool,
    /// The constraints whose part on the conversation holds.
    pub(super) constraints: RuleSet,
}

/// Whether a condition does not fail.
fn may_hold(condition: &Predicate, env: &Env<'_>) -> bool {
    condition.evaluate(env) != Tri::False
}

impl Conditions {
    /// Sorts the conditions of rules, in their order, and of constraints.
    pub(super) fn of<'s>(
        rules: impl Iterator<Item = &'s Predicate>,
        excluded: &[Exclusion],
        definitions: &[Definition],
    ) -> Self {
        let definitions = Dependence::of_definitions(definitions);
        let staged = |when: &Predicate| Staged::new(when, &definitions);
        let rules: Vec<Staged> = rules.map(staged).collect();
        Self {
            by_setting: ConditionParts::of(rules.iter().map(|rule| vec_of(&rule.setting))),
            by_conversation: ConditionParts::of(
                rules.iter().map(|rule| vec_of(&rule.conversation)),
            ),
            rules,
            excluded: (excluded.iter())
                .map(|one| staged(&one.condition))
                .collect(),
            per_case: definitions.iter().any(|one| one.conversation),
            definitions,
        }
    }

    /// Whether both parts of a case, each of which is allowed, are excluded together.
    pub(super) fn excludes_together(&self, env: &Env<'_>) -> bool {
        let holds = |part: &Predicate| part.evaluate(env) == Tri::True;
        self.excluded.iter().any(|excluded| {
            holds(&excluded.case) && holds(&excluded.setting) && holds(&excluded.conversation)
        })
    }

    /// The constraints whose part on the setting holds, by their position.
    pub(super) fn excluding_by_setting(&self, env: &Env<'_>) -> RuleSet {
        self.excluding(|one| one.setting.evaluate(env) == Tri::True)
    }

    /// The constraints whose part on the conversation holds, by their position.
    pub(super) fn excluding_by_conversation(&self, env: &Env<'_>) -> RuleSet {
        self.excluding(|one| one.conversation.evaluate(env) == Tri::True)
    }

    fn excluding(&self, holds: impl Fn(&Staged) -> bool) -> RuleSet {
        RuleSet::of(self.excluded.len(), |one| {
            self.excluded.get(one).is_some_and(&holds)
        })
    }

    /// Whether one of these constraints, whose part on the setting holds, excludes a case.
    pub(super) fn excludes_of(&self, by_setting: &RuleSet, env: &Env<'_>) -> bool {
        let holds = |part: &Predicate| part.evaluate(env) == Tri::True;
        let mut excluding = RuleSet::in_all([by_setting]).filter_map(|one| self.excluded.get(one));
        excluding.any(|excluded| holds(&excluded.conversation) && holds(&excluded.case))
    }

    /// Whether one of these constraints asks for nothing of both together.
    pub(super) fn excludes_any(&self, mut of: impl Iterator<Item = usize>) -> bool {
        of.any(|one| {
            let excluded = self.excluded.get(one);
            excluded.is_some_and(|excluded| is_empty(&excluded.case))
        })
    }

    /// Whether what one of these constraints asks of both together holds.
    pub(super) fn excludes_by_both(
        &self,
        mut of: impl Iterator<Item = usize>,
        env: &Env<'_>,
    ) -> bool {
        of.any(|one| {
            let excluded = self.excluded.get(one);
            excluded.is_some_and(|excluded| excluded.case.evaluate(env) == Tri::True)
        })
    }

    /// What is left of the rules' conditions once setting and conversation are known, each by itself.
    pub(super) fn by_both(&self) -> ConditionParts {
        let rules = self.rules.iter();
        ConditionParts::of(rules.map(|rule| [vec_of(&rule.case), vec_of(&rule.seen)].concat()))
    }

    /// The part of a rule's condition that depends on what was seen.
    pub(super) fn seen(&self, rule: usize) -> Option<&Predicate> {
        self.rules.get(rule).map(|staged| &staged.seen)
    }

    /// What a rule says of a case of which it is known that it may apply by its setting and by its
    /// conversation: whether it applies, as far as that can be told.
    pub fn applies(&self, rule: usize, env: &Env<'_>) -> Tri {
        match self.rules.get(rule) {
            Some(staged) if may_hold(&staged.case, env) => staged.seen.evaluate(env),
            _ => Tri::False,
        }
    }

    /// Whether what is left of a rule's condition once a case is known, and what the rule expects, is the same in all
    /// cases of a setting that have the same answer.
    pub fn is_of_answer(&self, rule: usize, expected: &Clause) -> bool {
        self.rules.get(rule).is_some_and(|staged| {
            Dependence::is_of_answer(&staged.seen, &self.definitions)
                && Dependence::is_clause_of_answer(expected, &self.definitions)
        })
    }

    /// Whether a rule may apply to a case, of which it is known that it may by its setting and by its conversation, as
    /// far as that is known before the case is played.
    pub fn may_apply_together(&self, rule: usize, env: &Env<'_>) -> bool {
        let staged = self.rules.get(rule);
        staged.is_some_and(|staged| may_hold(&staged.case, env))
    }

    /// Whether a rule applies to a case that was played and to which it may apply by all that was known before.
    pub fn applies_as_seen(&self, rule: usize, env: &Env<'_>) -> Tri {
        let staged = self.rules.get(rule);
        staged.map_or(Tri::False, |staged| staged.seen.evaluate(env))
    }

    /// Whether a rule may apply in a setting, as far as that depends on the setting alone.
    pub(super) fn may_apply_in(&self, rule: usize, env: &Env<'_>) -> bool {
        let staged = self.rules.get(rule);
        staged.is_some_and(|staged| may_hold(&staged.setting, env))
    }

    /// What constraints on settings alone exclude.
    pub(super) fn excluding_settings(&self) -> impl Iterator<Item = &Predicate> {
        let alone = |one: &&Staged| is_empty(&one.conversation) && is_empty(&one.case);
        self.excluded.iter().filter(alone).map(|one| &one.setting)
    }

    /// What constraints on conversations alone exclude.
    pub(super) fn excluding_conversations(&self) -> impl Iterator<Item = &Predicate> {
        let alone = |one: &&Staged| is_empty(&one.setting) && is_empty(&one.case);
        { self.excluded.iter() }
            .filter(alone)
            .map(|one| &one.conversation)
    }

    /// Whether a constraint on settings alone excludes one.
    pub(super) fn excludes_setting(&self, env: &Env<'_>) -> bool {
        self.excluding_settings()
            .any(|one| one.evaluate(env) == Tri::True)
    }

    /// Whether a constraint on conversations alone excludes one.
    pub(super) fn excludes_conversation(&self, env: &Env<'_>) -> bool {
        self.excluding_conversations()
            .any(|one| one.evaluate(env) == Tri::True)
    }

    /// The rules that may apply by the setting.
    pub(super) fn rules_by_setting(&self, env: &Env<'_>) -> RuleSet {
        self.by_setting.may_hold(env)
    }

    /// The rules that may apply by the conversation.
    pub(super) fn rules_by_conversation(&self, env: &Env<'_>) -> RuleSet {
        self.by_conversation.may_hold(env)
    }

    /// Which definitions depend on the conversation; nothing where none does.
    pub(super) fn per_case(&self) -> Option<impl Iterator<Item = bool>> {
        let depends = self.definitions.iter().map(|one| one.conversation);
        self.per_case.then_some(depends)
    }
}

/// The conditions that are joined in one.
fn vec_of(joined: &Predicate) -> Vec<&Predicate> {
    match joined {
        Predicate::All(parts) => parts.iter().collect(),
        part => vec![part],
    }
}

/// Whether nothing is left to this part of a condition.
fn is_empty(condition: &Predicate) -> bool {
    *condition == Predicate::always()
}

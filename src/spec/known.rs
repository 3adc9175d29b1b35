//! What is known of a setting or of a conversation alone, and what is left to be asked of both.

use std::collections::HashMap;

use super::conditions::{Conditions, KnownOfConversation, KnownOfSetting};
use super::datum::Datum;
use super::model::{Demand, Rule, Spec};
use super::rule_set::RuleSet;
use super::term::Env;
use super::truth::Tri;
use crate::domain::{Case, CaseRef, Conversation, Setting, Value};

/// Conversations by the constraints of which all that depends on the conversation alone holds.
pub(super) struct Sorted<'c> {
    by_constraints: HashMap<RuleSet, Vec<&'c Conversation>>,
}

impl Spec {
    /// Its conditions, sorted once.
    pub fn conditions(&self) -> &Conditions {
        self.conditions.get_or_init(|| {
            let rules = self.rules.iter().map(|rule| &rule.when);
            Conditions::of(rules, &self.excluded, &self.definitions)
        })
    }

    /// What is known of a setting, whoever asks.
    pub fn known_of_setting(&self, setting: &Setting) -> KnownOfSetting {
        let conditions = self.conditions();
        let case = CaseRef::of_setting(setting);
        let definitions = self.define(case);
        let env = Env::of(case, &definitions);
        KnownOfSetting {
            rules: conditions.rules_by_setting(&env),
            excluded: conditions.excludes_setting(&env),
            constraints: conditions.excluding_by_setting(&Env::of(case, &[])),
            definitions,
        }
    }

    /// Whether there can be no such client.
    pub(super) fn is_impossible(&self, conversation: &Conversation) -> bool {
        let client = &conversation.client;
        self.needs.iter().any(|needs| needs.is_missing(client))
    }

    /// Whether a constraint on conversations alone excludes this one, or there can be no such client,
    /// whatever the setting.
    pub fn excludes_conversation(&self, conversation: &Conversation) -> bool {
        let env = Env::of(CaseRef::of_conversation(conversation), &[]);
        self.is_impossible(conversation) || self.conditions().excludes_conversation(&env)
    }

    /// Whether a constraint on settings alone excludes this one, whatever the conversation.
    pub fn excludes_setting(&self, setting: &Setting) -> bool {
        let env = Env::of(CaseRef::of_setting(setting), &[]);
        self.conditions().excludes_setting(&env)
    }

    /// The constraints that a setting gives rise to, whoever asks, by their position.
    pub fn constraints_of(&self, setting: &Setting) -> RuleSet {
        let env = Env::of(CaseRef::of_setting(setting), &[]);
        self.conditions().excluding_by_setting(&env)
    }

    /// Whether one of the constraints that its setting gives rise to excludes a case.
    pub fn excludes_by(&self, constraints: &RuleSet, case: CaseRef<'_>) -> bool {
        let env = Env::of(case, &[]);
        self.conditions().excludes_of(constraints, &env)
    }

    /// How many of these conversations a setting may be tried with; none of them is excluded by itself.
    pub fn allowed<'c>(
        &self,
        setting: &Setting,
        conversations: impl IntoIterator<Item = &'c Conversation>,
    ) -> u64 {
        self.beside(setting, conversations).count() as u64
    }

    /// Those of some conversations that a setting may be tried with; none of them is excluded by itself.
    pub(super) fn beside<'s, 'c: 's>(
        &'s self,
        setting: &'s Setting,
        conversations: impl IntoIterator<Item = &'c Conversation, IntoIter: 's>,
    ) -> impl Iterator<Item = &'c Conversation> + 's {
        let constraints = self.constraints_of(setting);
        conversations.into_iter().filter(move |conversation| {
            !self.excludes_by(&constraints, CaseRef::of(setting, conversation))
        })
    }

    /// How many of some conversations, which are sorted by the constraints that each gives rise to, a setting
    /// may be tried with.
    pub(super) fn allowed_of(&self, setting: &Setting, sorted: &Sorted<'_>) -> u64 {
        let conditions = self.conditions();
        let env = Env::of(CaseRef::of_setting(setting), &[]);
        let by_setting = conditions.excluding_by_setting(&env);
        let allowed = sorted.by_constraints.iter().map(|(by_conversation, all)| {
            let both = || RuleSet::in_all([&by_setting, by_conversation]);
            if both().next().is_none() {
                return all.len();
            }
            if conditions.excludes_any(both()) {
                return 0;
            }
            let allowed = all.iter().filter(|conversation| {
                let env = Env::of(CaseRef::of(setting, conversation), &[]);
                !conditions.excludes_by_both(both(), &env)
            });
            allowed.count()
        });
        allowed.sum::<usize>() as u64
    }

    /// Conversations, sorted by the constraints that each gives rise to.
    pub(super) fn sorted<'c>(&self, conversations: &'c [Conversation]) -> Sorted<'c> {
        let conditions = self.conditions();
        let mut by_constraints: HashMap<RuleSet, Vec<&Conversation>> = HashMap::new();
        for conversation in conversations {
            let env = Env::of(CaseRef::of_conversation(conversation), &[]);
            let constraints = conditions.excluding_by_conversation(&env);
            by_constraints
                .entry(constraints)
                .or_default()
                .push(conversation);
        }
        Sorted { by_constraints }
    }

    /// Whether a rule speaks of a case, as far as that can be told before it is played.
    pub fn may_speak_of(&self, rule: &Rule, case: &Case) -> bool {
        let definitions = self.define(case);
        rule.when.evaluate(&Env::of(case, &definitions)) != Tri::False
    }

    /// What is known of a conversation, whatever is installed.
    pub fn known_of_conversation(&self, conversation: &Conversation) -> KnownOfConversation {
        let conditions = self.conditions();
        let case = CaseRef::of_conversation(conversation);
        let definitions = self.define(case);
        let env = Env::of(case, &definitions);
        KnownOfConversation {
            rules: conditions.rules_by_conversation(&env),
            excluded: self.excludes_conversation(conversation),
            impossible: self.is_impossible(conversation),
            constraints: conditions.excluding_by_conversation(&Env::of(case, &[])),
        }
    }

    /// Whether the constraints exclude a case of whose parts this is known.
    pub fn excludes_known(
        &self,
        case: CaseRef<'_>,
        setting: &KnownOfSetting,
        conversation: &KnownOfConversation,
    ) -> bool {
        let of_both = || RuleSet::in_all([&setting.constraints, &conversation.constraints]);
        conversation.excluded
            || setting.excluded
            || self
                .conditions()
                .excludes_by_both(of_both(), &Env::of(case, &[]))
    }

    /// The settings that relations compare this one with, whoever asks; without those that constraints exclude.
    pub fn sibling_settings(&self, setting: &Setting) -> Vec<Setting> {
        let rules = self.known_of_setting(setting).rules;
        let case = Case::of(setting.clone(), Conversation::of(Value::Absent));
        let mut found: Vec<Setting> = Vec::new();
        for (place, rule) in self.rules.iter().enumerate() {
            let Demand::Relate(relation) = &rule.demand else {
                continue;
            };
            let siblings = &relation.siblings;
            let of_setting = siblings.change_setting() && !siblings.change_conversation();
            if !of_setting || !rules.has(place) {
                continue;
            }
            for sibling in siblings.of(&case, &self.domain) {
                let sibling = sibling.case.setting();
                let domain = &self.domain;
                let declared = domain.policy.contains(&sibling.policy)
                    && domain.instance.contains(&sibling.instance);
                if declared && !found.contains(&sibling) && !self.excludes_setting(&sibling) {
                    found.push(sibling);
                }
            }
        }
        found
    }

    /// The definitions of a case of whose setting they are known; nothing where they are all the same.
    pub fn define_beside(&self, case: CaseRef<'_>, setting: &[Datum]) -> Option<Vec<Datum>> {
        let per_case = self.conditions().per_case()?;
        let mut data = Vec::with_capacity(setting.len());
        for ((definition, known), per_case) in self.definitions.iter().zip(setting).zip(per_case) {
            let datum = match per_case {
                true => definition.evaluate(&Env::of(case, &data)),
                false => known.clone(),
            };
            data.push(datum);
        }
        Some(data)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Sampler;
    use crate::spec::Tri;
    use crate::spec::{SHIPPED, shipped};

    /// What is told of the parts of a case and of the case together is what its conditions say as they are written.
    #[test]
    fn sorted_conditions_say_what_the_written_ones_do() {
        for (name, _) in SHIPPED {
            let spec = Spec::read(&shipped(name).unwrap()).unwrap();
            let all = RuleSet::of(spec.rules.len(), |_| true);
            // Of random cases, constraints allow few.
            let mut sampler = Sampler::new(&spec.domain, 7);
            let random = std::iter::from_fn(|| sampler.case()).take(200);
            let (settings, conversations) =
                (spec.settings().unwrap(), spec.conversations(usize::MAX));
            let whole = settings
                .iter()
                .step_by(settings.len() / 12 + 1)
                .flat_map(|one| {
                    let others = conversations.iter().step_by(conversations.len() / 12 + 1);
                    others.map(|other| Case::of(one.setting.clone(), other.clone()))
                });
            let (mut applied, mut allowed) = (0, 0);
            for case in random.chain(whole) {
                let setting = spec.known_of_setting(&case.setting());
                let conversation = spec.known_of_conversation(&case.conversation());
                let here = CaseRef::from(&case);
                let excluded = spec.excludes_known(here, &setting, &conversation);
                assert_eq!(excluded, spec.excludes(here), "{case}");
                allowed += usize::from(!excluded);

                let definitions = spec.define(here);
                let beside = spec.define_beside(here, &setting.definitions);
                assert_eq!(beside.unwrap_or(setting.definitions.clone()), definitions);
                let env = Env::of(here, &definitions);
                let known = RuleSet::in_all([&setting.rules, &conversation.rules, &all]);
                let known: Vec<usize> = known.collect();
                for (place, rule) in spec.rules.iter().enumerate() {
                    let applies = match known.contains(&place) {
                        true => spec.conditions().applies(place, &env),
                        false => Tri::False,
                    };
                    assert_eq!(applies, rule.when.evaluate(&env), "{} of {case}", rule.id);
                    applied += usize::from(applies != Tri::False);
                }
            }
            assert!(applied > 100 && allowed > 9, "{name}: {applied}, {allowed}");
        }
    }
}

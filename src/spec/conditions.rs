//! The conditions of a spec, sorted by what must be known to tell whether they hold: what depends on the setting
//! alone is worked out once for a setting, what depends on the conversation alone once for a conversation.

use super::datum::Datum;
use super::dependence::{Dependence, Staged};
use super::model::Spec;
use super::predicate::Predicate;
use super::rule_set::RuleSet;
use super::term::Env;
use super::truth::Tri;
use crate::domain::{CaseRef, Conversation, Setting};

/// The conditions of a spec's rules and constraints.
#[derive(Debug)]
pub struct Conditions {
    rules: Vec<Staged>,
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
}

/// Whether a condition does not fail.
fn may_hold(condition: &Predicate, env: &Env<'_>) -> bool {
    condition.evaluate(env) != Tri::False
}

impl Conditions {
    fn of(spec: &Spec) -> Self {
        let definitions = Dependence::of_definitions(&spec.definitions);
        let staged = |when: &Predicate| Staged::new(when, &definitions);
        Self {
            rules: spec.rules.iter().map(|rule| staged(&rule.when)).collect(),
            excluded: spec.excluded.iter().map(staged).collect(),
            per_case: definitions.iter().any(|one| one.conversation),
            definitions,
        }
    }

    /// Whether both parts of a case, each of which is allowed, are excluded together.
    fn excludes_together(&self, env: &Env<'_>) -> bool {
        let holds = |part: &Predicate| part.evaluate(env) == Tri::True;
        self.excluded.iter().any(|excluded| {
            holds(&excluded.case) && holds(&excluded.setting) && holds(&excluded.conversation)
        })
    }

    /// What a rule says of a case of which it is known that it may apply by its setting and by its
    /// conversation: whether it applies, as far as that can be told.
    pub fn applies(&self, rule: usize, env: &Env<'_>) -> Tri {
        match self.rules.get(rule) {
            Some(staged) if may_hold(&staged.case, env) => staged.seen.evaluate(env),
            _ => Tri::False,
        }
    }
}

/// Whether nothing is left to this part of a condition.
fn is_empty(condition: &Predicate) -> bool {
    *condition == Predicate::always()
}

impl Spec {
    /// Its conditions, sorted once.
    pub fn conditions(&self) -> &Conditions {
        self.conditions.get_or_init(|| Conditions::of(self))
    }

    /// What is known of a setting, whoever asks.
    pub fn known_of_setting(&self, setting: &Setting) -> KnownOfSetting {
        let conditions = self.conditions();
        let case = CaseRef::of_setting(setting);
        let definitions = self.define(case);
        let env = Env::of(case, &definitions);
        let rules = RuleSet::of(conditions.rules.len(), |rule| {
            let staged = conditions.rules.get(rule);
            staged.is_some_and(|staged| may_hold(&staged.setting, &env))
        });
        KnownOfSetting {
            rules,
            definitions,
            excluded: self.excludes_setting(setting),
        }
    }

    /// Whether there can be no such client.
    fn is_impossible(&self, conversation: &Conversation) -> bool {
        let client = &conversation.client;
        self.needs.iter().any(|needs| needs.is_missing(client))
    }

    /// Whether a constraint on conversations alone excludes this one, or there can be no such client,
    /// whatever the setting.
    pub fn excludes_conversation(&self, conversation: &Conversation) -> bool {
        let env = Env::of(CaseRef::of_conversation(conversation), &[]);
        self.is_impossible(conversation)
            || self.conditions().excluded.iter().any(|excluded| {
                let alone = is_empty(&excluded.setting) && is_empty(&excluded.case);
                alone && excluded.conversation.evaluate(&env) == Tri::True
            })
    }

    /// Whether a constraint on settings alone excludes this one, whatever the conversation.
    pub fn excludes_setting(&self, setting: &Setting) -> bool {
        let env = Env::of(CaseRef::of_setting(setting), &[]);
        self.conditions().excluded.iter().any(|excluded| {
            let alone = is_empty(&excluded.conversation) && is_empty(&excluded.case);
            alone && excluded.setting.evaluate(&env) == Tri::True
        })
    }

    /// How many of these conversations a setting may be tried with; each of them and the setting are such that
    /// no constraint excludes it alone.
    pub fn allowed<'c>(
        &self,
        setting: &Setting,
        conversations: impl IntoIterator<Item = &'c Conversation>,
    ) -> u64 {
        let conditions = self.conditions();
        let allowed = conversations.into_iter().filter(|conversation| {
            let case = CaseRef::of(setting, conversation);
            !conditions.excludes_together(&Env::of(case, &[]))
        });
        allowed.count() as u64
    }

    /// What is known of a conversation, whatever is installed.
    pub fn known_of_conversation(&self, conversation: &Conversation) -> KnownOfConversation {
        let conditions = self.conditions();
        let case = CaseRef::of_conversation(conversation);
        let definitions = self.define(case);
        let env = Env::of(case, &definitions);
        KnownOfConversation {
            rules: RuleSet::of(conditions.rules.len(), |rule| {
                let staged = conditions.rules.get(rule);
                staged.is_some_and(|staged| may_hold(&staged.conversation, &env))
            }),
            excluded: self.excludes_conversation(conversation),
            impossible: self.is_impossible(conversation),
        }
    }

    /// Whether the constraints exclude a case of whose parts this is known.
    pub fn excludes_known(
        &self,
        case: CaseRef<'_>,
        setting: &KnownOfSetting,
        conversation: &KnownOfConversation,
    ) -> bool {
        conversation.excluded
            || setting.excluded
            || self.conditions().excludes_together(&Env::of(case, &[]))
    }

    /// The definitions of a case of whose setting they are known; nothing where they are all the same.
    pub fn define_beside(&self, case: CaseRef<'_>, setting: &[Datum]) -> Option<Vec<Datum>> {
        let conditions = self.conditions();
        conditions.per_case.then(|| {
            let mut data = Vec::with_capacity(setting.len());
            let all = self
                .definitions
                .iter()
                .zip(setting)
                .zip(&conditions.definitions);
            for ((definition, known), depends) in all {
                let datum = match depends.conversation {
                    true => definition.evaluate(&Env::of(case, &data)),
                    false => known.clone(),
                };
                data.push(datum);
            }
            data
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Case, Sampler};
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

//! What can be found wrong with a spec as a whole, before the first request.

use std::collections::{HashMap, HashSet};

use crate::domain::{Case, CaseRef};
use crate::yaml::{Diagnostic, Diagnostics, Span, read};

use super::conditions::{Conditions, KnownOfSetting};
use super::contradictions::Contradictions;
use super::idle::Idle;
use super::model::{Demand, Rule, Spec};
use super::relation::{Relation, Siblings};
use super::rule_set::RuleSet;
use super::space::MOST_CONVERSATIONS;
use super::term::Env;

/// How many of the smallest cases are looked at, beside a covering array of the whole domain.
const SMALLEST: usize = 8_000;

/// How many cases are searched for one to which a rule applies, where none of the smallest is one.
const SEARCHED: u64 = 200_000;

/// A case that is looked at.
struct Looked {
    case: Case,
    /// What is known of its setting, by position.
    setting: usize,
    /// The rules that may apply by its conversation, by position.
    conversation: usize,
}

/// The cases that are looked at, and what is known of their parts.
#[derive(Default)]
struct Sample {
    cases: Vec<Looked>,
    settings: Vec<KnownOfSetting>,
    conversations: Vec<RuleSet>,
}

impl Spec {
    /// Looks for rules that can never apply, rules that contradict each other, both errors, and for
    /// cases that no rule judges, a warning; each with the smallest case that shows it. Contradictions
    /// are looked for in all that a rule may expect of one case, on the smallest 8,000 cases and a
    /// covering array of the domain, in 50,000 pairs of different expectations at most.
    pub fn analyse(&self) -> Diagnostics {
        let mut problems = Diagnostics::new(self.source.clone());
        let sample = self.sample();
        if sample.cases.is_empty() {
            problems.push(Diagnostic::error(
                self.key(&["domain", "exclude"]),
                "the constraints exclude every case, so the domain is empty",
                "exclude less",
            ));
            return problems;
        }
        let rules = self.rules.len();
        let expecting = RuleSet::of(rules, |rule| {
            matches!(self.demand(rule), Some(Demand::Expect(_)))
        });
        let relating = RuleSet::of(rules, |rule| {
            matches!(self.demand(rule), Some(Demand::Relate(_)))
        });
        let by_both = self.conditions().by_both();
        let mut contradictions = Contradictions::new(self);
        let mut unseen = RuleSet::of(rules, |rule| expecting.has(rule) || relating.has(rule));
        let mut unjudged: Vec<&Looked> = Vec::new();
        let mut idle = Idle::of(self);
        for looked in &sample.cases {
            let (Some(setting), Some(conversation)) = (
                sample.settings.get(looked.setting),
                sample.conversations.get(looked.conversation),
            ) else {
                continue;
            };
            let beside = self.define_beside(CaseRef::from(&looked.case), &setting.definitions);
            let definitions = beside.as_ref().unwrap_or(&setting.definitions);
            let env = Env::of(&looked.case, definitions);
            let mut applying = by_both.may_hold(&env);
            applying.keep(&setting.rules);
            applying.keep(conversation);
            let mut expecting_here = applying.clone();
            expecting_here.keep(&expecting);
            let mut judged = !expecting_here.is_empty();
            unseen.take_out(&expecting_here);
            let mut known: HashMap<&Siblings, bool> = HashMap::new();
            for rule in RuleSet::in_all([&applying, &relating]) {
                // Siblings are dear: they are made where something is still to be learnt from them.
                if judged && !unseen.has(rule) {
                    continue;
                }
                let Some(relation) = self.relation(rule) else {
                    continue;
                };
                let has = known.entry(&relation.siblings);
                if *has.or_insert_with(|| !self.beside_it(relation, &looked.case).is_empty()) {
                    unseen.remove(rule);
                    judged = true;
                }
            }
            if !judged {
                unjudged.push(looked);
            }
            for rule in idle.open() {
                if !applying.has(rule) {
                    continue;
                }
                match self.relation(rule) {
                    Some(relation) => {
                        for sibling in self.beside_it(relation, &looked.case) {
                            idle.look(rule, &sibling);
                        }
                    }
                    None => idle.look(rule, &looked.case),
                }
            }
            contradictions.look(&env, &expecting_here, &mut problems);
        }
        for rule in self.never_applying(&unseen) {
            let help = match &rule.demand {
                Demand::Expect(_) | Demand::Unseen => {
                    "no case of the domain fits its `when`: relax it, or widen the domain"
                }
                Demand::Relate(_) => {
                    "no case of the domain fits its `when` and has such a sibling: relax it, or \
                     widen the domain"
                }
            };
            problems.push(Diagnostic::error(
                rule.span,
                format!("the rule `{}` can never apply", rule.id),
                help,
            ));
        }
        problems.list.extend(idle.told(self));
        self.look_for_pointless(&mut problems);
        self.retain_alone(&mut unjudged, &sample, &relating);
        if let Some(smallest) = unjudged.first() {
            problems.push(Diagnostic::warning(
                self.key(&["rules"]),
                format!(
                    "no rule judges {} of the {} cases looked at",
                    unjudged.len(),
                    sample.cases.len()
                ),
                format!(
                    "add a rule, or exclude them; the smallest is {}",
                    smallest.case
                ),
            ));
        }
        problems
    }

    fn demand(&self, rule: usize) -> Option<&Demand> {
        self.rules.get(rule).map(|rule| &rule.demand)
    }

    fn relation(&self, rule: usize) -> Option<&Relation> {
        match self.demand(rule)? {
            Demand::Relate(relation) => Some(relation),
            Demand::Expect(_) | Demand::Unseen => None,
        }
    }

    /// The cases that a relation holds a case against.
    fn beside_it(&self, relation: &Relation, case: &Case) -> Vec<Case> {
        let siblings = relation.siblings.of(case, &self.domain).into_iter();
        let siblings = siblings.map(|sibling| sibling.case);
        siblings
            .filter(|sibling| {
                self.can_stand_beside(case, sibling) && self.allows_beside(case, sibling)
            })
            .collect()
    }

    /// Takes those cases out that others are compared with: they are looked at, even if no rule speaks of them
    /// alone.
    fn retain_alone(&self, unjudged: &mut Vec<&Looked>, sample: &Sample, relating: &RuleSet) {
        if unjudged.is_empty() || relating.is_empty() {
            return;
        }
        let by_both = self.conditions().by_both();
        let mut left: HashSet<&Case> = unjudged.iter().map(|looked| &looked.case).collect();
        for looked in &sample.cases {
            let (Some(setting), Some(conversation)) = (
                sample.settings.get(looked.setting),
                sample.conversations.get(looked.conversation),
            ) else {
                continue;
            };
            let sets = [relating, &setting.rules, conversation];
            if left.is_empty() || RuleSet::in_all(sets).next().is_none() {
                continue;
            }
            let beside = self.define_beside(CaseRef::from(&looked.case), &setting.definitions);
            let definitions = beside.as_ref().unwrap_or(&setting.definitions);
            let both = by_both.may_hold(&Env::of(&looked.case, definitions));
            let [relating, setting, conversation] = sets;
            let mut known: HashSet<&Siblings> = HashSet::new();
            for rule in RuleSet::in_all([relating, setting, conversation, &both]) {
                if let Some(relation) = self.relation(rule)
                    && known.insert(&relation.siblings)
                {
                    for sibling in self.beside_it(relation, &looked.case) {
                        left.remove(&sibling);
                    }
                }
            }
        }
        unjudged.retain(|looked| left.contains(&looked.case));
    }

    /// Where a key stands in the text.
    fn key(&self, path: &[&str]) -> Span {
        let mut span = Span::default();
        let Ok(root) = read(&self.source) else {
            return span;
        };
        let mut node = &root;
        for key in path {
            let mut entries = node.entries().unwrap_or_default().iter();
            let Some(entry) = entries.find(|entry| entry.key == *key) else {
                break;
            };
            (span, node) = (entry.key_span, &entry.value);
        }
        span
    }

    /// The smallest cases first, then a covering array.
    fn sample(&self) -> Sample {
        let conversations = self.conversations(SMALLEST);
        let mut sample = Sample::default();
        let rules = |case: CaseRef<'_>| {
            let definitions = self.define(case);
            let env = Env::of(case, &definitions);
            self.conditions().rules_by_conversation(&env)
        };
        let alone = conversations.iter().map(CaseRef::of_conversation);
        sample.conversations = alone.map(rules).collect();
        for allowed in self.settings().unwrap_or_default() {
            let setting = sample.settings.len();
            sample
                .settings
                .push(self.known_of_setting(&allowed.setting));
            let env = Env::of(CaseRef::of_setting(&allowed.setting), &[]);
            let by_setting = self.conditions().excluding_by_setting(&env);
            let numbered = (0..).zip(conversations);
            let numbered = numbered.filter(|(_, conversation)| {
                let case = CaseRef::of(&allowed.setting, conversation);
                let env = Env::of(case, &[]);
                !self.conditions().excludes_of(&by_setting, &env)
            });
            sample
                .cases
                .extend(numbered.map(|(at, conversation)| Looked {
                    case: Case::of(allowed.setting.clone(), conversation.clone()),
                    setting,
                    conversation: at,
                }));
            if sample.cases.len() >= SMALLEST {
                break;
            }
        }
        // A small domain is looked at whole by then.
        let known: HashSet<&Case> = sample.cases.iter().map(|looked| &looked.case).collect();
        let cover = self.cover().cases.iter();
        let more: Vec<Case> = (cover.filter(|case| !known.contains(case)))
            .cloned()
            .collect();
        for case in &more {
            let known = self.known_of_setting(&case.setting());
            sample.cases.push(Looked {
                case: case.clone(),
                setting: sample.settings.len(),
                conversation: sample.conversations.len(),
            });
            sample.settings.push(known);
            sample.conversations.push(rules(CaseRef::from(case)));
        }
        sample
    }

    /// Those of several rules that apply to no case at all. A domain too large to be searched gets the
    /// benefit of the doubt: the run itself reports rules that were not exercised.
    fn never_applying(&self, rules: &RuleSet) -> Vec<&Rule> {
        let rules = RuleSet::in_all([rules]).filter_map(|rule| self.rules.get(rule));
        let mut left: Vec<&Rule> = rules.collect();
        let Some(settings) = self.settings().filter(|_| !left.is_empty()) else {
            return Vec::new();
        };
        let complete = self.domain.conversations() <= MOST_CONVERSATIONS as u64;
        let cases: u64 = settings.iter().map(|one| one.conversations).sum();
        if !complete || cases > SEARCHED {
            return Vec::new();
        }
        // Of these rules alone, or each case would cost as much as there are others.
        let whens = left.iter().map(|rule| &rule.when);
        let conditions = Conditions::of(whens, &self.excluded, &self.definitions);
        let by_both = conditions.by_both();
        let conversations = self.conversations(usize::MAX).iter();
        let conversations: Vec<_> = conversations
            .map(|conversation| {
                let case = CaseRef::of_conversation(conversation);
                let definitions = self.define(case);
                let env = Env::of(case, &definitions);
                (conversation, conditions.rules_by_conversation(&env))
            })
            .collect();
        let mut open = RuleSet::of(left.len(), |_| true);
        for allowed in settings {
            let setting = self.known_of_setting(&allowed.setting);
            let env = Env::of(CaseRef::of_setting(&allowed.setting), &setting.definitions);
            let mut by_setting = conditions.rules_by_setting(&env);
            for (conversation, by_conversation) in &conversations {
                by_setting.keep(&open);
                if RuleSet::in_all([&by_setting, by_conversation])
                    .next()
                    .is_none()
                {
                    continue;
                }
                let case = CaseRef::of(&allowed.setting, conversation);
                if conditions.excludes_together(&Env::of(case, &[])) {
                    continue;
                }
                let beside = self.define_beside(case, &setting.definitions);
                let definitions = beside.as_ref().unwrap_or(&setting.definitions);
                let both = by_both.may_hold(&Env::of(case, definitions));
                for place in RuleSet::in_all([&by_setting, by_conversation, &both]) {
                    let applies = match left.get(place).map(|rule| &rule.demand) {
                        Some(Demand::Relate(relation)) => {
                            !self.beside_it(relation, &case.to_case()).is_empty()
                        }
                        _ => true,
                    };
                    if applies {
                        open.remove(place);
                    }
                }
            }
            if open.is_empty() {
                break;
            }
        }
        let mut place = 0..;
        left.retain(|_| place.next().is_some_and(|place| open.has(place)));
        left
    }
}

//! What kept rules from getting a verdict at an endpoint that has one setting, and what somebody would have to give
//! so that they get one.

use crate::credentials::{CredentialState, Scheme};
use crate::domain::{Conversation, Setting, Value};
use crate::implementation::Description;
use crate::results::{PackReport, RuleState};
use crate::spec::{Rule, Spec, Tri};

use super::claimed::supported;
use super::table::{At, Table};

/// Rules without a verdict, by what they lack. Each counts once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lacking {
    /// Credentials in a state that nobody gave.
    pub by_state: Vec<(Scheme, CredentialState, u64)>,
    /// Another setting, scheme, way or method than the endpoint has and is asked by.
    pub elsewhere: u64,
    /// A look inside: events, or what reaches the server behind.
    pub inside: u64,
    /// They could have applied, and did not: nothing that was answered met their conditions, or what they speak of
    /// was left out.
    pub unmet: u64,
}

impl Lacking {
    /// What several packs lack together, what would help most first.
    pub fn merged(all: impl IntoIterator<Item = Self>) -> Self {
        let mut merged = Self::default();
        for one in all {
            merged.elsewhere += one.elsewhere;
            merged.inside += one.inside;
            merged.unmet += one.unmet;
            for (scheme, state, rules) in one.by_state {
                merged.note(scheme, state, rules);
            }
        }
        merged
            .by_state
            .sort_by_key(|(_, _, rules)| std::cmp::Reverse(*rules));
        merged
    }

    fn note(&mut self, scheme: Scheme, state: CredentialState, rules: u64) {
        let mut known = self.by_state.iter_mut();
        match known.find(|(of, is, _)| (*of, *is) == (scheme, state)) {
            Some((_, _, count)) => *count += rules,
            None => self.by_state.push((scheme, state, rules)),
        }
    }
}

/// What the rules of a spec lack that got no verdict, where the implementation has the one setting for which `is_it`.
pub fn lacking(
    spec: &Spec,
    description: &Description,
    report: &PackReport,
    is_it: impl Fn(&Setting) -> bool,
) -> Lacking {
    let mut lacking = Lacking::default();
    let without = report.rules.iter().filter(|rule| !rule.has_verdict());
    let narrowed = supported(spec, description).ok();
    let settings = narrowed
        .as_ref()
        .and_then(Spec::settings)
        .unwrap_or_default();
    let setting = settings.iter().find(|one| is_it(&one.setting));
    let (Some(narrowed), Some(setting)) = (&narrowed, setting) else {
        lacking.elsewhere = without.count() as u64;
        return lacking;
    };
    let own = narrowed.conversations(usize::MAX);
    let schemes: Vec<Scheme> = own.iter().filter_map(scheme_of).collect();
    let wider = spec.conversations(usize::MAX).iter();
    let wider: Vec<&Conversation> = wider
        .filter(|one| scheme_of(one).is_some_and(|scheme| schemes.contains(&scheme)))
        .collect();
    let states: Vec<CredentialState> = own.iter().filter_map(state_of).collect();
    let own: Vec<&Conversation> = own.iter().collect();
    let mut table = Table::new(spec);
    let place = table.setting(setting.setting.clone());
    for report in without {
        let Some(rule) = spec.rule(&report.id) else {
            continue;
        };
        if matches!(report.state, RuleState::NotApplicable(_)) {
            lacking.inside += 1;
        } else if applies_to(spec, &mut table, place, rule, &own).is_some() {
            lacking.unmet += 1;
        } else {
            let found = applies_to(spec, &mut table, place, rule, &wider);
            let found = found.and_then(|one| Some((scheme_of(one)?, state_of(one)?)));
            match found {
                Some((scheme, state)) if !states.contains(&state) => lacking.note(scheme, state, 1),
                _ => lacking.elsewhere += 1,
            }
        }
    }
    lacking
}

/// The first of these conversations that the setting allows and a rule may apply to.
fn applies_to<'c>(
    spec: &Spec,
    table: &mut Table<'_>,
    setting: usize,
    rule: &Rule,
    conversations: &[&'c Conversation],
) -> Option<&'c Conversation> {
    conversations.iter().copied().find(|conversation| {
        let Ok(place) = table.conversation(Conversation::clone(conversation)) else {
            return false;
        };
        let at = At {
            setting,
            conversation: place,
        };
        let is_allowed = table
            .case(at)
            .is_some_and(|case| spec.allows(&case.to_case()));
        is_allowed && table.before(at, |env| rule.when.evaluate(env) != Tri::False) == Some(true)
    })
}

fn scheme_of(conversation: &Conversation) -> Option<Scheme> {
    let scheme = conversation
        .client
        .field("scheme")
        .and_then(Value::as_symbol);
    Scheme::from_word(scheme?)
}

fn state_of(conversation: &Conversation) -> Option<CredentialState> {
    let state = conversation
        .client
        .field("credential")
        .and_then(Value::as_symbol);
    CredentialState::from_word(state?)
}

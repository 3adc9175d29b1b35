//! What kept rules from getting a verdict at an endpoint that has one setting, and what somebody would have to give
//! so that they get one.

use crate::credentials::{CredentialState, Scheme};
use crate::domain::{Conversation, Setting, Value, with_fields};
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
    /// What the policy would have to have, by the name of its field.
    pub by_policy: Vec<(&'static str, u64)>,
    /// Another setting, scheme, way or method than the endpoint has and is asked by.
    pub elsewhere: u64,
    /// A look inside: events, or what reaches the backend.
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
            for (field, rules) in one.by_policy {
                merged.note_policy(field, rules);
            }
        }
        merged
            .by_state
            .sort_by_key(|(_, _, rules)| std::cmp::Reverse(*rules));
        merged
    }

    /// The same, where fields of the policy were said: what still got no verdict was not met.
    #[must_use]
    pub fn without(mut self, said: &[&str]) -> Self {
        let (known, others) = { self.by_policy.into_iter() }
            .partition::<Vec<_>, _>(|(field, _)| said.contains(field));
        self.unmet += known.iter().map(|(_, rules)| rules).sum::<u64>();
        self.by_policy = others;
        self
    }

    fn note(&mut self, scheme: Scheme, state: CredentialState, rules: u64) {
        let mut known = self.by_state.iter_mut();
        match known.find(|(of, is, _)| (*of, *is) == (scheme, state)) {
            Some((_, _, count)) => *count += rules,
            None => self.by_state.push((scheme, state, rules)),
        }
    }

    fn note_policy(&mut self, field: &'static str, rules: u64) {
        match self.by_policy.iter_mut().find(|(of, _)| *of == field) {
            Some((_, count)) => *count += rules,
            None => self.by_policy.push((field, rules)),
        }
    }
}

/// Whether somebody with credentials of a scheme, in a state, is asked for.
type IsAsked = fn(Scheme, CredentialState) -> bool;

/// What somebody may say of a policy: a field, its value, and whose clients would then be asked for.
const SAID: [(&str, &str, IsAsked); 4] = [
    ("required_scope", "write", |_, state| {
        state == CredentialState::InsufficientScope
    }),
    ("key", "field", |scheme, _| scheme == Scheme::ApiKey),
    ("key", "query", |scheme, _| scheme == Scheme::ApiKey),
    ("key", "signature", |scheme, _| scheme == Scheme::Hmac),
];

/// What the rules of a spec lack that got no verdict, where the implementation has the one setting for which `is_it`, and
/// credentials that `can` be made.
pub fn lacking(
    spec: &Spec,
    description: &Description,
    report: &PackReport,
    is_it: impl Fn(&Setting) -> bool,
    can: impl Fn(Scheme, CredentialState) -> bool,
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
    let mut schemes: Vec<Scheme> = own.iter().filter_map(scheme_of).collect();
    let profiles = setting
        .setting
        .policy
        .field("profiles")
        .and_then(Value::items);
    let profiles = profiles.unwrap_or_default().iter();
    let of_profile = |profile: &Value| Scheme::from_word(profile.field("scheme")?.as_symbol()?);
    schemes.extend(profiles.filter_map(of_profile));
    let who = |one: &Conversation| scheme_of(one).zip(state_of(one));
    let all = spec.conversations(usize::MAX).iter();
    let wider: Vec<&Conversation> = all
        .clone()
        .filter(|one| scheme_of(one).is_some_and(|scheme| schemes.contains(&scheme)))
        .collect();
    let is_had = |one: &&Conversation| {
        who(one).is_some_and(|(scheme, state)| state == CredentialState::None || can(scheme, state))
    };
    let own: Vec<&Conversation> = own.iter().filter(is_had).collect();
    let mut table = Table::new(spec);
    let place = table.setting(setting.setting.clone());
    let said = SAID.iter().filter_map(|(field, word, is_asked)| {
        let value = Value::symbol(word);
        let policy = &setting.setting.policy;
        let known = spec.domain.policy.at(&[field])?;
        if policy.field(field) == Some(&value) || !known.values().any(|one| one == value) {
            return None;
        }
        let other = Setting {
            policy: with_fields(policy, &Value::record([(*field, value)])),
            ..setting.setting.clone()
        };
        let asked = all
            .clone()
            .filter(|one| who(one).is_some_and(|(scheme, state)| is_asked(scheme, state)));
        Some((*field, table.setting(other), asked.collect()))
    });
    let said: Vec<(&'static str, usize, Vec<&Conversation>)> = said.collect();
    for report in without {
        let Some(rule) = spec.rule(&report.id) else {
            continue;
        };
        if matches!(report.state, RuleState::NotApplicable(_)) {
            lacking.inside += 1;
            continue;
        }
        if applies_to(spec, &mut table, place, rule, &own).is_some() {
            lacking.unmet += 1;
            continue;
        }
        let found = applies_to(spec, &mut table, place, rule, &wider);
        match found.and_then(who) {
            Some((scheme, _)) if !can(scheme, CredentialState::Valid) => {
                lacking.note(scheme, CredentialState::Valid, 1);
                continue;
            }
            Some((scheme, state)) if !can(scheme, state) => {
                lacking.note(scheme, state, 1);
                continue;
            }
            _ => {}
        }
        let field = said.iter().find_map(|(field, other, asked)| {
            applies_to(spec, &mut table, *other, rule, asked)?;
            Some(*field)
        });
        match field {
            Some(field) => lacking.note_policy(field, 1),
            None => lacking.elsewhere += 1,
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

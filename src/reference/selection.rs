//! Which of several policies decides on a request, by the platform's nine priorities (*API access policy
//! prioritization*): the more specific before the less, and every policy of one API before each global one.

use std::borrow::Cow;
use std::sync::atomic::{AtomicUsize, Ordering};

use hyper::Method;

use super::fault::Fault;
use super::history::{History, Switches};
use super::policy::{Enforced, Refusal, flag};
use super::seeded::Faults;
use crate::credentials::Scheme;
use crate::domain::Value;

/// The word for what a policy is for that is for all of one API.
const API: &str = "api";

/// Whether something of a request is what a policy is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum For {
    /// It is for all of them.
    All,
    /// It is for the one that is asked for.
    This,
    /// It is for another.
    Other,
}

/// What a policy is for.
#[derive(Clone, Debug, PartialEq, Eq)]
struct CandidateScope {
    global: bool,
    method: Option<Method>,
    resource: For,
    version: For,
}

/// A policy, and what it is for.
#[derive(Debug)]
struct CandidatePolicy {
    /// The word for what it is for.
    word: String,
    scope: CandidateScope,
    enforced: Enforced,
}

/// The policies of a slot.
#[derive(Debug)]
pub(super) struct Selection {
    /// That of the slot first, where it is in force, then the others as they were created.
    candidates: Vec<CandidatePolicy>,
    /// What holds where none of them decides.
    default: Enforced,
    /// How many requests were decided on.
    turn: AtomicUsize,
}

/// What decides on one request.
#[derive(Clone, Debug)]
pub(super) struct Deciding<'s> {
    /// Whose log-ins are accepted.
    pub(super) accepted: &'s [Scheme],
    /// What a request is told that is not let in.
    pub(super) refusal: Cow<'s, Refusal>,
    /// Which policy that is, by the word for what it is for; none where the platform's default decides.
    pub(super) word: Option<&'s str>,
}

impl CandidateScope {
    const API: Self = Self {
        global: false,
        method: None,
        resource: For::All,
        version: For::All,
    };

    /// That of a policy that is for this; for all of the API where that is not said.
    fn of(policy: &Value) -> Result<Self, String> {
        let Some(word) = policy.field("for").and_then(Value::as_symbol) else {
            return Ok(Self::API);
        };
        let mut scope = Self::API;
        let mut which = For::This;
        for part in word.split('-') {
            match part {
                "api" => {}
                "global" => scope.global = true,
                "get" => scope.method = Some(Method::GET),
                "post" => scope.method = Some(Method::POST),
                "other" => which = For::Other,
                "resource" => scope.resource = which,
                "version" => scope.version = which,
                _ => {
                    return Err(format!(
                        "the reference implementation has no policies for `{word}`"
                    ));
                }
            }
        }
        Ok(scope)
    }

    fn is_for(&self, method: &Method, faults: &Faults) -> bool {
        let of_method = self.method.as_ref().is_none_or(|one| one == method)
            || faults.has(Fault::SpecificPolicyForEveryMethod);
        let is = |part, fault| part != For::Other || faults.has(fault);
        of_method
            && is(self.resource, Fault::PolicyOfAnotherResourceDecides)
            && is(self.version, Fault::PolicyOfAnotherVersionDecides)
    }

    /// What it is less specific by: the least is the most specific.
    fn rank(&self, faults: &Faults) -> [bool; 4] {
        let method = self.method.is_none();
        let resource = self.resource == For::All;
        let version = self.version == For::All;
        let global = self.global != faults.has(Fault::GlobalPolicyFirst);
        if faults.has(Fault::MethodBeforeResource) {
            [global, method, resource, version]
        } else if faults.has(Fault::VersionBeforeMethod) {
            [global, resource, version, method]
        } else {
            [global, resource, method, version]
        }
    }
}

impl Selection {
    /// Works out what a policy record asks for, with what came to it. Fields that are not there have the
    /// platform's defaults: a policy that is there and active, for all of one API, none beside it.
    ///
    /// # Errors
    ///
    /// In words, when a policy has a scheme, or is for something, that the reference implementation does not have.
    pub(super) fn of(history: &History, faults: &Faults) -> Result<Self, String> {
        let Switches {
            exists,
            active,
            global,
            all_by_property,
            ..
        } = history.switches(faults);
        let general = CandidatePolicy {
            word: if global { "global" } else { API }.to_owned(),
            scope: CandidateScope {
                global,
                ..CandidateScope::API
            },
            enforced: Enforced::of(history, faults)?,
        };
        let is_in_force = exists && (active || faults.has(Fault::IgnoresInactivePolicyFlag));
        let mut candidates = Vec::new();
        candidates.extend(is_in_force.then_some(general));
        for other in history.others(faults) {
            if flag(other, "active", true) || faults.has(Fault::InactivePolicyBesideDecides) {
                let word = other.field("for").and_then(Value::as_symbol);
                candidates.push(CandidatePolicy {
                    word: word.unwrap_or(API).to_owned(),
                    scope: CandidateScope::of(other)?,
                    enforced: Enforced::of_one(other, all_by_property, faults)?,
                });
            }
        }
        Ok(Self {
            candidates,
            default: Enforced::by_default(faults),
            turn: AtomicUsize::new(0),
        })
    }

    /// The same behind an edit of what was in force before: nothing of that stays, save where a fault has it so.
    pub(super) fn edited_from(
        mut self,
        before: &Self,
        other_profiles: bool,
        faults: &Faults,
    ) -> Self {
        let earlier = before.candidates.first();
        let earlier = earlier.map_or(&before.default, |one| &one.enforced);
        let first = self.candidates.first_mut();
        let mine = first.map_or(&mut self.default, |one| &mut one.enforced);
        *mine = mine.clone().edited_from(earlier, other_profiles, faults);
        self
    }

    /// What decides on requests of a method.
    pub(super) fn that_decides(&self, method: &Method, faults: &Faults) -> Deciding<'_> {
        let candidates = self.candidates.iter();
        let mut fitting: Vec<&CandidatePolicy> = candidates
            .filter(|one| one.scope.is_for(method, faults))
            .collect();
        if faults.has(Fault::LastPolicyDecides) {
            fitting.reverse();
        } else {
            fitting.sort_by_key(|one| one.scope.rank(faults));
        }
        let Some(first) = fitting.first() else {
            return Deciding::by(&self.default, None);
        };
        let alike = |one: &&&CandidatePolicy| one.scope == first.scope;
        let alike: Vec<&&CandidatePolicy> = fitting.iter().take_while(alike).collect();
        let word = match faults.has(Fault::LogNamesTheGeneralPolicy) {
            true => API,
            false => &first.word,
        };
        let mut decides = Deciding::by(&first.enforced, Some(word));
        if let [_, another, ..] = alike.as_slice() {
            let turn = faults.has(Fault::TieDecidedInTurns)
                && self.turn.fetch_add(1, Ordering::Relaxed) % 2 == 1;
            if turn {
                return Deciding::by(&another.enforced, Some(&another.word));
            }
            if faults.has(Fault::TieMixesPolicies) {
                decides.refusal = Cow::Borrowed(&another.enforced.refusal);
            }
            return decides;
        }
        match fitting.get(1) {
            Some(next) => decides.beside(&next.enforced, faults),
            None => decides,
        }
    }
}

impl<'s> Deciding<'s> {
    fn by(enforced: &'s Enforced, word: Option<&'s str>) -> Self {
        Self {
            word,
            accepted: &enforced.accepted,
            refusal: Cow::Borrowed(&enforced.refusal),
        }
    }

    /// This policy beside the next that would decide, of which it takes nothing, save where a fault has it so.
    fn beside(mut self, next: &'s Enforced, faults: &Faults) -> Self {
        if faults.has(Fault::SpecificPolicyOnlyAdvertises) {
            self.accepted = &next.accepted;
        }
        if faults.has(Fault::SpecificPolicyMisadvertises) {
            self.refusal = Cow::Borrowed(&next.refusal);
        }
        if faults.has(Fault::SpecificPolicyMixesChallenges)
            && let (Refusal::Unauthorized(mine), Refusal::Unauthorized(theirs)) =
                (self.refusal.as_ref(), &next.refusal)
        {
            let mut all = mine.clone();
            for challenge in theirs {
                if !mine.iter().any(|one| one.scheme == challenge.scheme) {
                    all.push(challenge.clone());
                }
            }
            self.refusal = Cow::Owned(Refusal::Unauthorized(all));
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(record: Value, others: &[(&str, &str)]) -> Value {
        let other = |(what, scheme): &(&str, &str)| {
            Value::record([
                ("for", Value::symbol(what)),
                ("scheme", Value::symbol(scheme)),
            ])
        };
        let Value::Record(mut fields) = record else {
            panic!("{record:?}");
        };
        let others = Value::List(others.iter().map(other).collect());
        fields.push(("others".into(), others));
        Value::Record(fields)
    }

    /// The scheme of what decides on a GET: that of the policy of the slot is `None` here, which has no profile.
    fn decided(record: Value, others: &[(&str, &str)], faults: &[Fault]) -> Option<Scheme> {
        let faults = Faults::new(faults);
        let history = History::new(&policy(record, others), &Value::record([]));
        let selection = Selection::of(&history, &faults).unwrap();
        let decides = selection.that_decides(&Method::GET, &faults);
        decides.accepted.first().copied()
    }

    fn api() -> Value {
        Value::record([])
    }

    fn global() -> Value {
        Value::record([("global", Value::Bool(true))])
    }

    /// As the documentation numbers them, what is for all of one API in between.
    const ORDER: [&str; 10] = [
        "get-resource-version",
        "get-resource",
        "resource-version",
        "resource",
        "get-version",
        "get",
        "version",
        "api",
        "global-get",
        "global",
    ];

    #[test]
    fn the_more_specific_of_two_decides_whichever_was_created_first() {
        let basic = Some(Scheme::Basic);
        for (at, more) in ORDER.iter().enumerate() {
            for less in ORDER.iter().skip(at + 1) {
                let (more, less) = ((*more, "basic"), (*less, "bearer"));
                let absent = Value::record([("exists", Value::Bool(false))]);
                assert_eq!(
                    decided(absent.clone(), &[more, less], &[]),
                    basic,
                    "{more:?}"
                );
                assert_eq!(decided(absent, &[less, more], &[]), basic, "{less:?}");
            }
            let own = (*more, "basic");
            let before_api = if at < 7 { basic } else { None };
            let before_global = if at < 9 { basic } else { None };
            assert_eq!(decided(api(), &[own], &[]), before_api, "{more}");
            assert_eq!(decided(global(), &[own], &[]), before_global, "{more}");
        }
    }

    #[test]
    fn what_is_for_something_else_does_not_decide_and_none_means_the_default() {
        for word in [
            "post",
            "get-other-resource",
            "other-resource",
            "other-version",
            "global-post",
        ] {
            assert_eq!(decided(api(), &[(word, "basic")], &[]), None, "{word}");
        }
        let absent = || Value::record([("exists", Value::Bool(false))]);
        let off = Value::record([("active", Value::Bool(false))]);
        for record in [absent(), off] {
            assert_eq!(
                decided(record, &[("post", "basic")], &[]),
                Some(Scheme::Bearer)
            );
        }
        let unknown = policy(absent(), &[("nowhere", "basic")]);
        let history = History::new(&unknown, &Value::record([]));
        let refused = Selection::of(&history, &Faults::new(&[])).unwrap_err();
        assert!(refused.contains("`nowhere`"), "{refused}");
    }
}

//! Minimal cases, and which cases contain one: those that a finding accounts for.

use crate::domain::{Case, CaseRef, Part, Value};

/// The most findings of one rule; a rule that breaks in more ways is told of as a whole.
pub(crate) const FINDINGS_PER_RULE: usize = 8;

/// The minimal case of a finding.
#[derive(Clone, Debug)]
pub(crate) struct Minimal {
    /// The case.
    pub(crate) case: Case,
    /// The fields of it that matter: changing one changes the verdict.
    pub(crate) matters: Vec<String>,
    /// The fields of it that are compared as they are, although they have fields or items: of those a narrowing
    /// lists the values.
    pub(crate) entire: Vec<String>,
    /// Other cases that are as good: symbols exchanged, or another client.
    pub(crate) aliases: Vec<Case>,
    /// What it takes to contain the case, and each alias.
    needed: Vec<[NeededValue; 4]>,
}

/// What of a value has to be in another that contains it.
#[derive(Clone, Debug)]
enum NeededValue {
    /// Nothing.
    Nothing,
    /// The value itself.
    This(Value),
    /// Something of each field; `or` says whether what is no record contains it too.
    Fields(Vec<NeededValue>, bool),
    /// Something of each item, in order; `or` says whether what is no list contains it too.
    Items(Vec<NeededValue>, bool),
}

impl Minimal {
    /// A case of which these fields matter, and these are compared as they are.
    pub(crate) fn new(case: Case, matters: Vec<String>, entire: Vec<String>) -> Self {
        let mut minimal = Self {
            matters,
            entire,
            aliases: Vec::new(),
            needed: Vec::new(),
            case,
        };
        minimal.needed.push(minimal.needed_of(&minimal.case));
        minimal
    }

    /// Whether a case contains it: everything in it that matters is there too.
    pub(crate) fn is_within<'a>(&self, whole: impl Into<CaseRef<'a>>) -> bool {
        let whole = whole.into();
        self.needed.iter().any(|needed| is_there(needed, whole))
    }

    /// Those of some cases like it that another contains.
    pub(crate) fn like(&self, cases: Vec<Case>, whole: &Case) -> Vec<Case> {
        let mut like: Vec<Case> = Vec::new();
        for case in cases {
            if case != self.case
                && is_there(&self.needed_of(&case), whole.into())
                && !like.contains(&case)
            {
                like.push(case);
            }
        }
        like
    }

    /// Learns that other cases are as good.
    pub(crate) fn learn(&mut self, like: &[Case]) {
        for case in like {
            if !self.aliases.contains(case) {
                self.needed.push(self.needed_of(case));
                self.aliases.push(case.clone());
            }
        }
    }

    fn needed_of(&self, case: &Case) -> [NeededValue; 4] {
        Part::ALL.map(|part| self.needed_at(case.part(part), part.word()))
    }

    fn needed_at(&self, value: &Value, path: &str) -> NeededValue {
        let is_entire = self.entire.iter().any(|entire| entire == path);
        let matters = self.matters.iter().any(|matter| matter == path);
        match value {
            Value::Record(fields) if !is_entire => {
                let of =
                    |(name, value): &(_, Value)| self.needed_at(value, &format!("{path}.{name}"));
                NeededValue::Fields(fields.iter().map(of).collect(), !matters)
            }
            Value::List(items) if !is_entire => {
                let items = items.iter().enumerate();
                let of = |(index, item): (usize, &Value)| {
                    self.needed_at(item, &format!("{path}[{index}]"))
                };
                NeededValue::Items(items.map(of).collect(), !matters)
            }
            value if matters => NeededValue::This(value.clone()),
            _ => NeededValue::Nothing,
        }
    }
}

fn is_there(needed: &[NeededValue; 4], whole: CaseRef<'_>) -> bool {
    let mut parts = Part::ALL.into_iter().zip(needed);
    parts.all(|(part, needed)| needed.is_in(whole.part(part)))
}

impl NeededValue {
    fn is_in(&self, whole: &Value) -> bool {
        match (self, whole) {
            (Self::Nothing, _) => true,
            (Self::This(value), whole) => value == whole,
            (Self::Fields(these, _), Value::Record(those)) => {
                let mut fields = these.iter().zip(those);
                fields.all(|(this, (_, that))| this.is_in(that))
            }
            (Self::Items(these, _), Value::List(those)) => {
                let mut rest = those.iter();
                these.iter().all(|this| rest.any(|that| this.is_in(that)))
            }
            (Self::Fields(_, or) | Self::Items(_, or), _) => *or,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn case(profiles: &[(&str, bool)], client: &str) -> Case {
        let profile = |(scheme, flag): &(&str, bool)| {
            Value::record([
                ("scheme", Value::symbol(scheme)),
                ("flag", Value::Bool(*flag)),
            ])
        };
        let profiles = Value::List(profiles.iter().map(profile).collect());
        Case {
            policy: Value::record([("profiles", profiles)]),
            instance: Value::record([]),
            course: Value::List(Vec::new()),
            client: Value::record([("scheme", Value::symbol(client))]),
        }
    }

    fn minimal(matters: &[&str], entire: &[&str]) -> Minimal {
        let owned = |paths: &[&str]| paths.iter().map(|path| (*path).to_owned()).collect();
        let case = case(&[("basic", false), ("bearer", false)], "basic");
        Minimal::new(case, owned(matters), owned(entire))
    }

    #[test]
    fn a_case_contains_another_that_has_all_in_it_that_matters() {
        let schemes = minimal(
            &[
                "policy.profiles",
                "policy.profiles[0].scheme",
                "client.scheme",
            ],
            &[],
        );
        assert!(schemes.is_within(&case(&[("basic", true), ("bearer", false)], "basic")));
        // Items in between are passed over; which of them the second is does not matter.
        let three = [("digest", false), ("basic", false), ("digest", true)];
        assert!(schemes.is_within(&case(&three, "basic")));
        assert!(!schemes.is_within(&case(&three, "digest")));
        assert!(!schemes.is_within(&case(&[("bearer", false), ("basic", false)], "basic")));
        assert!(!schemes.is_within(&case(&[("basic", false)], "basic")));
    }

    #[test]
    fn what_is_compared_as_it_is_has_to_be_the_same() {
        let same = minimal(&["policy.profiles"], &["policy.profiles"]);
        assert!(same.is_within(&case(&[("basic", false), ("bearer", false)], "digest")));
        assert!(!same.is_within(&case(&[("basic", true), ("bearer", false)], "digest")));
        let any = minimal(&["client.scheme"], &["policy.profiles"]);
        assert!(any.is_within(&case(&[("digest", true)], "basic")));
    }

    #[test]
    fn what_is_as_good_is_learnt_once() {
        let mut minimal = minimal(&["policy.profiles[0].scheme", "client.scheme"], &[]);
        let other = case(&[("digest", false), ("bearer", false)], "digest");
        let met = case(&[("digest", true), ("basic", true)], "digest");
        assert!(!minimal.is_within(&met));
        let cases = vec![minimal.case.clone(), other.clone(), other.clone()];
        let like = minimal.like(cases, &met);
        assert_eq!(like, [other]);
        minimal.learn(&like);
        minimal.learn(&like);
        assert_eq!(minimal.aliases.len(), 1);
        assert!(minimal.is_within(&met));
    }
}

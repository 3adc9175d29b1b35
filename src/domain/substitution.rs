//! Substitutions: what shrinking tries where no single step helps, so that one of several equally small cases is
//! reached from wherever a fault was met.

use super::case::{Case, Part};
use super::change::{Action, Change};
use super::simplicity::Simplicity;
use super::space::Domain;
use super::types::Type;

/// How many values of a field are tried in place of a flag: one that is off where every value shows the
/// fault, and the simplest departure.
const MOST_VALUES: usize = 2;

impl Domain {
    /// A case with one flag of its policy or instance back at its simplest, or all of both, and one other
    /// field changed in its place, where that is simpler: the client's fields first, which cost a request
    /// only. Either of two flags, or a flag and a client's oddity, may show the same fault alone, and then
    /// no single step leads from one to the other. Nothing where no flag departs.
    pub fn substitutions(&self, case: &Case) -> Vec<Change> {
        let here = Simplicity::of_case(self, case);
        let is_flag = |change: &Change| {
            let ty = self.scalar(change);
            change.part != Part::Client && matches!(ty, Some(Type::Bool { .. }))
        };
        let mut backs: Vec<Change> = self.variations(case);
        backs.retain(|back| is_flag(back) && Simplicity::of_case(self, &back.case) < here);
        let mut substitutions: Vec<Change> = Vec::new();
        for back in &backs {
            let forth = self.departures(&back.case);
            let others = forth.filter(|forth| forth.path != back.path);
            substitutions.extend(others.map(|forth| substituted(back.to_string(), forth)));
        }
        if !backs.is_empty() {
            let [policy, instance] =
                [Part::Policy, Part::Instance].map(|p| self.part(p).simplest());
            let bare = case.with(Part::Policy, policy);
            let bare = bare.with(Part::Instance, instance);
            let flags = self.departures(&bare).filter(is_flag);
            let set_back = "policy and instance at their simplest";
            substitutions.extend(flags.map(|forth| substituted(set_back.to_owned(), forth)));
        }
        substitutions.retain(|substitution| Simplicity::of_case(self, &substitution.case) < here);
        substitutions.sort_by_key(|substitution| substitution.part != Part::Client);
        substitutions
    }

    /// The first changes of each field of a case that has one value and stands in no list.
    fn departures(&self, case: &Case) -> impl Iterator<Item = Change> {
        let mut tried = (String::new(), 0);
        let variations = self.variations(case).into_iter();
        variations.filter(move |change| {
            if tried.0 != change.path {
                tried = (change.path.clone(), 0);
            }
            tried.1 += 1;
            tried.1 <= MOST_VALUES && self.scalar(change).is_some()
        })
    }

    /// The type of what a change sets, where that is one value and stands in no list.
    fn scalar(&self, change: &Change) -> Option<&Type> {
        let names: Vec<&str> = change.path.split('.').skip(1).collect();
        let ty = self.part(change.part).at(&names);
        let is_scalar = |ty: &&Type| matches!(ty, Type::Bool { .. } | Type::OneOf(_));
        let sets = matches!(change.action, Action::Set { .. }) && !change.path.contains('[');
        ty.filter(is_scalar).filter(|_| sets)
    }
}

fn substituted(set_back: String, forth: Change) -> Change {
    Change {
        action: Action::Substitute {
            set_back,
            step: forth.to_string(),
        },
        ..forth
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples;
    use super::super::value::Value;
    use super::*;

    #[test]
    fn a_flag_is_replaced_by_one_other_field_that_is_simpler() {
        let domain = samples::domain();
        let simplest = domain.simplest();
        assert!(
            domain.substitutions(&simplest).is_empty(),
            "nothing to set back"
        );
        let variations = domain.variations(&simplest);
        let is_flag = |change: &&Change| change.path == "policy.advertise_all";
        let flag = variations.iter().find(is_flag).unwrap();
        let substitutions = domain.substitutions(&flag.case);
        assert!(!substitutions.is_empty());
        let here = Simplicity::of_case(&domain, &flag.case);
        for substitution in &substitutions {
            assert!(
                Simplicity::of_case(&domain, &substitution.case) < here,
                "{substitution}"
            );
            assert_eq!(
                substitution.case.policy.field("advertise_all"),
                Some(&Value::Bool(false))
            );
            assert_ne!(substitution.case, simplest, "{substitution}");
        }
        assert!(
            substitutions
                .iter()
                .any(|substitution| substitution.part == Part::Client)
        );
    }
}

//! Constraints that can be told from the first fields of a record: whatever begins alike is left out with it, and need
//! not be looked at.

use super::conditions::Conditions;
use super::predicate::Predicate;
use super::term::Env;
use super::truth::Tri;
use crate::domain::{Part, Type};
use crate::vocabulary::Needs;

/// What leaves values of a part out whatever the other parts are, with the position of the last of its fields that
/// this depends on; what depends on the fewest comes first.
pub(super) struct Early<'s> {
    constraints: Vec<(usize, &'s Predicate)>,
    needs: Vec<(usize, &'static Needs)>,
}

impl<'s> Early<'s> {
    /// Of the policy.
    pub(super) fn of_policy(conditions: &'s Conditions, policy: &Type) -> Self {
        Self {
            constraints: told_by(conditions.excluding_settings(), Part::Policy, policy),
            needs: Vec::new(),
        }
    }

    /// Of the client.
    pub(super) fn of_client(
        conditions: &'s Conditions,
        needs: &[&'static Needs],
        client: &Type,
    ) -> Self {
        let place = |name: &str| {
            let mut fields = client.fields().iter();
            fields.position(|field| &*field.name == name).unwrap_or(0)
        };
        let needs = needs.iter();
        let mut needs: Vec<_> = needs
            .map(|one| (place(one.field).max(place(one.other)), *one))
            .collect();
        needs.sort_by_key(|(last, _)| *last);
        let constraints = conditions.excluding_conversations();
        Self {
            constraints: told_by(constraints, Part::Client, client),
            needs,
        }
    }

    /// The position of the field by which this one is left out, which is of a case that has the value; nothing where
    /// it is not, or that depends on more.
    pub(super) fn leaves_out(&self, env: &Env<'_>) -> Option<usize> {
        let client = env.case.client;
        let mut needs = self.needs.iter();
        let needs = needs.find(|(_, needs)| needs.is_missing(client));
        let mut constraints = self.constraints.iter();
        let constraint = constraints.find(|(_, one)| one.evaluate(env) == Tri::True);
        let last = [
            needs.map(|(last, _)| *last),
            constraint.map(|(last, _)| *last),
        ];
        last.into_iter().flatten().min()
    }
}

/// Of constraints on a part and what belongs to it, those that name nothing but the part.
fn told_by<'s>(
    constraints: impl Iterator<Item = &'s Predicate>,
    part: Part,
    ty: &Type,
) -> Vec<(usize, &'s Predicate)> {
    let others = Part::ALL.into_iter().filter(|other| *other != part);
    let others: Vec<Part> = others.collect();
    let mut told: Vec<(usize, &Predicate)> = constraints
        .filter(|one| !others.iter().any(|other| one.names(other.word())))
        .filter_map(|one| {
            let names = |field: &str| one.names(&format!("{}.{field}", part.word()));
            let last = ty.fields().iter().rposition(|field| names(&field.name));
            last.map(|last| (last, one))
        })
        .collect();
    told.sort_by_key(|(last, _)| *last);
    told
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{CaseRef, Conversation, Setting, Value};
    use crate::spec::{SHIPPED, Spec, shipped};

    /// Whatever begins as what is left out early is left out: the spaces are what they are without it.
    #[test]
    fn what_is_left_out_early_is_left_out() {
        let mut passed_over = 0;
        for (name, _) in SHIPPED {
            let spec = Spec::read(&shipped(name).unwrap()).unwrap();
            let settings = spec.settings().unwrap();
            let instances: Vec<Value> = spec.domain.instance.values().collect();
            let mut of_all = Vec::new();
            for policy in spec.domain.policy.values() {
                of_all.extend(instances.iter().map(|instance| Setting {
                    policy: policy.clone(),
                    instance: instance.clone(),
                }));
            }
            let seen = of_all.len();
            of_all.retain(|one| {
                !spec.excludes_setting(one) && spec.allowed(one, spec.conversations(usize::MAX)) > 0
            });
            assert_eq!(of_all.len(), settings.len(), "{name}");
            assert!(settings.iter().all(|one| of_all.contains(&one.setting)));
            passed_over += seen - of_all.len();

            let clients = spec.domain.client.values();
            let conversations = clients.flat_map(|client| {
                let courses = spec.domain.course.values();
                courses.map(move |course| Conversation {
                    course,
                    client: client.clone(),
                })
            });
            let allowed = conversations
                .filter(|one| !spec.excludes_conversation(one))
                .count();
            assert_eq!(allowed, spec.conversations(usize::MAX).len(), "{name}");
        }
        assert!(passed_over > 10_000, "{passed_over}");
    }

    #[test]
    fn it_is_told_by_the_last_field_that_it_hangs_on() {
        let spec = Spec::read(&shipped("http-authentication").unwrap()).unwrap();
        let early = Early::of_client(spec.conditions(), &spec.needs, &spec.domain.client);
        let names = spec.domain.client.fields().iter();
        let names: Vec<&str> = names.map(|field| &*field.name).collect();
        let place = |name: &str| names.iter().position(|one| *one == name);
        let mut client = spec.domain.client.simplest();
        let at = |client: &Value| {
            let one = Conversation::of(client.clone());
            let case = CaseRef::of_conversation(&one);
            early.leaves_out(&Env::of(case, &[]))
        };
        assert_eq!(at(&client), None);
        for (field, word) in [("scheme", "api-key"), ("persona", "challenge-driven")] {
            if let Value::Record(fields) = &mut client {
                let found = fields.iter_mut().find(|(name, _)| &**name == field);
                found.unwrap().1 = Value::symbol(word);
            }
        }
        assert_eq!(at(&client), place("scheme").max(place("persona")));
    }
}

//! The policies beside the one of a slot, and what became of them by edits.

use super::fault::Fault;
use super::seeded::Faults;
use crate::domain::{Value, origins};

/// A policy, and what it was when it was created.
#[derive(Clone, Debug)]
struct Created {
    policy: Value,
    at_first: Value,
    /// Whether it was created while the others were in force.
    is_new: bool,
}

/// The policies beside the one of a slot.
#[derive(Clone, Debug)]
pub(super) struct Others {
    created: Vec<Created>,
    deleted: Vec<Created>,
}

impl Others {
    /// Those that a policy record was installed with.
    pub(super) fn new(policy: &Value) -> Self {
        let created = others_of(policy).into_iter().map(|policy| Created {
            at_first: policy.clone(),
            policy,
            is_new: false,
        });
        Self {
            created: created.collect(),
            deleted: Vec::new(),
        }
    }

    /// The same behind an edit that came to this policy record.
    pub(super) fn edited(&self, policy: &Value) -> Self {
        let before: Vec<Value> = self.created.iter().map(|one| one.policy.clone()).collect();
        let after = others_of(policy);
        let origins = origins(&before, &after);
        let created = after.iter().zip(&origins).map(|(policy, origin)| {
            let earlier = origin.and_then(|at| self.created.get(at));
            Created {
                policy: policy.clone(),
                at_first: earlier.map_or(policy, |one| &one.at_first).clone(),
                is_new: earlier.is_none_or(|one| one.is_new),
            }
        });
        let mut deleted = self.deleted.clone();
        let is_gone = |(at, _): &(usize, &Created)| !origins.contains(&Some(*at));
        let gone = self.created.iter().enumerate().filter(is_gone);
        deleted.extend(gone.map(|(_, one)| one.clone()));
        Self {
            created: created.collect(),
            deleted,
        }
    }

    /// Those that are in force, save where a fault has it that an edit is not noticed.
    pub(super) fn in_force(&self, faults: &Faults) -> Vec<&Value> {
        let unnoticed = |one: &&Created| one.is_new && faults.has(Fault::CreatedPolicyUnnoticed);
        let created = self.created.iter().filter(|one| !unnoticed(one));
        let created = created.map(|one| match faults.has(Fault::EditedPolicyUnnoticed) {
            true => &one.at_first,
            false => &one.policy,
        });
        let decides = |one: &&Created| {
            faults.has(Fault::DeletedPolicyDecides)
                || (one.is_new && faults.has(Fault::CreatedMeanwhileDecidesForEver))
        };
        let deleted = self.deleted.iter().filter(decides);
        created.chain(deleted.map(|one| &one.policy)).collect()
    }
}

/// Those of a policy record: what it says of POST alone is one of them.
fn others_of(policy: &Value) -> Vec<Value> {
    let items = |name| {
        policy
            .field(name)
            .and_then(Value::items)
            .unwrap_or_default()
    };
    let for_post = items("for_post").iter().map(|profile| {
        let scheme = profile.field("scheme").cloned().unwrap_or(Value::Absent);
        Value::record([("for", Value::symbol("post")), ("scheme", scheme)])
    });
    for_post.chain(items("others").iter().cloned()).collect()
}

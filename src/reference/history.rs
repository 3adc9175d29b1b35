//! What a policy has been through: when each of its profiles was attached and configured, by the edits that came to
//! it. What the platform names in a 401 depends on that, and not on the order of a list.

use super::fault::Fault;
use super::others::Others;
use super::seeded::Faults;
use crate::domain::{Value, origins};

/// A profile of a policy, and when it came to be what it is.
#[derive(Clone, Debug)]
struct Attached {
    profile: Value,
    /// What it was when it was attached.
    at_first: Value,
    /// When it was attached.
    mapped: usize,
    /// When it was attached or changed last.
    configured: usize,
    /// Whether it was attached while the policy was in force.
    is_new: bool,
}

/// The switches of a policy and its instance.
#[derive(Clone, Copy, Debug)]
pub(super) struct Switches {
    /// Whether there is such a policy.
    pub(super) exists: bool,
    /// Whether the policy is active.
    pub(super) active: bool,
    /// Whether it is a global one.
    pub(super) global: bool,
    /// Whether its flag has every scheme named.
    pub(super) all_by_flag: bool,
    /// Whether the instance's property has.
    pub(super) all_by_property: bool,
}

impl Switches {
    /// Those of a policy and an instance record; what is not there has the platform's defaults.
    fn read(policy: &Value, instance: &Value) -> Self {
        let flag = |record: &Value, name: &str, default| {
            record
                .field(name)
                .and_then(Value::as_bool)
                .unwrap_or(default)
        };
        Self {
            exists: flag(policy, "exists", true),
            active: flag(policy, "active", true),
            global: flag(policy, "global", false),
            all_by_flag: flag(policy, "advertise_all", false),
            all_by_property: !flag(instance, "first_scheme_only", true),
        }
    }
}

/// What a policy has been through.
#[derive(Clone, Debug)]
pub(super) struct History {
    /// Its profiles, in the order of the list.
    profiles: Vec<Attached>,
    /// Profiles that were detached since it was installed.
    detached: Vec<Attached>,
    /// The policies beside it.
    others: Others,
    switches: Switches,
    /// The switches as they were when it was installed.
    at_first: Switches,
    /// How much has happened.
    now: usize,
}

impl History {
    /// That of a policy that was installed with what it has, in the order of its list.
    pub(super) fn new(policy: &Value, instance: &Value) -> Self {
        let switches = Switches::read(policy, instance);
        let profiles: Vec<Attached> = profiles_of(policy)
            .iter()
            .enumerate()
            .map(|(at, profile)| Attached {
                profile: profile.clone(),
                at_first: profile.clone(),
                mapped: at,
                configured: at,
                is_new: false,
            })
            .collect();
        Self {
            now: profiles.len(),
            profiles,
            detached: Vec::new(),
            others: Others::new(policy),
            switches,
            at_first: switches,
        }
    }

    /// The same behind an edit that came to this.
    pub(super) fn edited(&self, policy: &Value, instance: &Value, faults: &Faults) -> Self {
        let before: Vec<Value> = self
            .profiles
            .iter()
            .map(|one| one.profile.clone())
            .collect();
        let after = profiles_of(policy);
        let now = self.now + 1;
        let mut detached = self.detached.clone();
        let origins = origins(&before, after);
        let profiles = after.iter().zip(&origins).map(|(profile, origin)| {
            let earlier = origin.and_then(|at| self.profiles.get(at));
            let is_same = earlier.is_some_and(|one| one.profile == *profile);
            let mut again = detached.iter().filter(|one| one.profile == *profile);
            let earliest = again.find(|one| {
                faults.has(Fault::ReattachedKeepsItsPlace)
                    || (one.is_new && faults.has(Fault::AttachedTwiceKeepsItsPlace))
            });
            Attached {
                profile: profile.clone(),
                at_first: earlier.map_or(profile, |one| &one.at_first).clone(),
                mapped: match (earlier, earliest) {
                    (Some(earlier), _) | (None, Some(earlier)) => earlier.mapped,
                    (None, None) => now,
                },
                configured: match earlier {
                    Some(earlier) if is_same => earlier.configured,
                    _ => now,
                },
                is_new: earlier.is_none_or(|one| one.is_new),
            }
        });
        let profiles: Vec<Attached> = profiles.collect();
        let is_gone = |at: &usize| !origins.contains(&Some(*at));
        let gone = (0..self.profiles.len()).filter(is_gone);
        detached.extend(gone.filter_map(|at| self.profiles.get(at).cloned()));
        Self {
            profiles,
            detached,
            others: self.others.edited(policy),
            switches: Switches::read(policy, instance),
            at_first: self.at_first,
            now,
        }
    }

    /// Its profiles, the one that a 401 names where it names one the last.
    pub(super) fn profiles<'a>(&'a self, faults: &Faults) -> Vec<&'a Value> {
        let mut profiles: Vec<&Attached> = self.profiles.iter().collect();
        if faults.has(Fault::NamesTheConfiguredLast) {
            profiles.sort_by_key(|one| one.configured);
        } else if !faults.has(Fault::ReorderingCounts) {
            profiles.sort_by_key(|one| one.mapped);
        }
        let in_force = |one: &'a Attached| match faults.has(Fault::ChangedProfileUnnoticed) {
            true => &one.at_first,
            false => &one.profile,
        };
        profiles.into_iter().map(in_force).collect()
    }

    /// Profiles that count no more, save where a fault has it so.
    pub(super) fn left_over(&self, faults: &Faults) -> Vec<&Value> {
        let stays = |one: &&Attached| {
            faults.has(Fault::DetachedStillAccepted)
                || (one.is_new && faults.has(Fault::AttachedMeanwhileStaysAccepted))
        };
        let detached = self.detached.iter().filter(stays);
        detached.map(|one| &one.profile).collect()
    }

    /// The policies beside it, in the order in which they were created.
    pub(super) fn others(&self, faults: &Faults) -> Vec<&Value> {
        self.others.in_force(faults)
    }

    /// The switches that count: those of now, save where a fault has it that an edit is not noticed.
    pub(super) fn switches(&self, faults: &Faults) -> Switches {
        let of = |fault| match faults.has(fault) {
            true => self.at_first,
            false => self.switches,
        };
        Switches {
            exists: of(Fault::GeneralPolicyUnnoticed).exists,
            active: of(Fault::SwitchingOffUnnoticed).active,
            global: self.switches.global,
            all_by_flag: of(Fault::EditOfFlagUnnoticed).all_by_flag,
            all_by_property: of(Fault::EditOfPropertyUnnoticed).all_by_property,
        }
    }

    /// Whether the profiles are others than they were.
    pub(super) fn has_other_profiles(&self, before: &Self) -> bool {
        let profiles = |history: &Self| -> Vec<Value> {
            history
                .profiles
                .iter()
                .map(|one| one.profile.clone())
                .collect()
        };
        profiles(self) != profiles(before)
    }
}

fn profiles_of(policy: &Value) -> &[Value] {
    let profiles = policy.field("profiles").and_then(Value::items);
    profiles.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(profiles: &[(&str, bool)]) -> Value {
        let profile = |(scheme, active): &(&str, bool)| {
            Value::record([
                ("scheme", Value::symbol(scheme)),
                ("active", Value::Bool(*active)),
            ])
        };
        let profiles = profiles.iter().map(profile).collect();
        Value::record([("profiles", Value::List(profiles))])
    }

    const BASIC: (&str, bool) = ("basic", true);
    const BEARER: (&str, bool) = ("bearer", true);

    /// Which profile is named behind these lists, one after the other.
    fn named(lists: &[&[(&str, bool)]], faults: &[Fault]) -> String {
        let faults = Faults::new(faults);
        let nothing = Value::record([]);
        let (first, rest) = lists.split_first().unwrap();
        let mut history = History::new(&policy(first), &nothing);
        for list in rest {
            history = history.edited(&policy(list), &nothing, &faults);
        }
        let profiles = history.profiles(&faults);
        let last = profiles.last().unwrap();
        last.field("scheme")
            .unwrap()
            .as_symbol()
            .unwrap()
            .to_owned()
    }

    #[test]
    fn what_was_attached_last_is_named() {
        let off = ("basic", false);
        let configured = [Fault::NamesTheConfiguredLast];
        let listed = [Fault::ReorderingCounts];
        let keeps = [Fault::ReattachedKeepsItsPlace];
        let attached: &[&[_]] = &[&[BASIC], &[BASIC, BEARER]];
        assert_eq!(named(attached, &[]), "bearer");
        let reordered: &[&[_]] = &[&[BASIC, BEARER], &[BEARER, BASIC]];
        assert_eq!(named(reordered, &[]), "bearer");
        assert_eq!(named(reordered, &listed), "basic");
        let touched: &[&[_]] = &[&[BASIC, BEARER], &[off, BEARER], &[BASIC, BEARER]];
        assert_eq!(named(touched, &[]), "bearer");
        assert_eq!(named(touched, &configured), "basic");
        let again: &[&[_]] = &[&[BASIC, BEARER], &[BEARER], &[BEARER, BASIC]];
        assert_eq!(named(again, &[]), "basic");
        assert_eq!(named(again, &keeps), "bearer");
    }

    #[test]
    fn what_came_and_went_in_between_counts_no_more() {
        let twice = [Fault::AttachedTwiceKeepsItsPlace];
        let kept: &[&[_]] = &[&[], &[BEARER], &[BEARER, BASIC], &[BASIC], &[BASIC, BEARER]];
        assert_eq!(named(kept, &[]), "bearer");
        assert_eq!(named(kept, &twice), "basic");
        let stays = Faults::new(&[Fault::AttachedMeanwhileStaysAccepted]);
        let left_over = |lists: &[&[(&str, bool)]], faults: &Faults| {
            let nothing = Value::record([]);
            let mut history = History::new(&policy(lists[0]), &nothing);
            for list in &lists[1..] {
                history = history.edited(&policy(list), &nothing, faults);
            }
            history.left_over(faults).len()
        };
        assert_eq!(left_over(&[&[], &[BASIC], &[]], &stays), 1);
        assert_eq!(left_over(&[&[], &[BASIC], &[]], &Faults::new(&[])), 0);
        // What was there from the start is gone when it is detached.
        assert_eq!(left_over(&[&[BASIC], &[]], &stays), 0);
    }
}

//! Conditions of authentication policies (*Create an API authentication policy*): who may log in by the profiles of a
//! policy, beyond having good credentials.
//!
//! | configured | a log-in with good credentials |
//! |---|---|
//! | no condition | counts |
//! | one that is never true | does not |
//! | a range of addresses | counts from within it, both ends included (*Create IP filter criteria*) |
//! | a role, or a group | counts of who has it, or is in it |
//! | a range or a role | counts where either is so |

use std::net::IpAddr;

use super::fault::Fault;
use super::seeded::Faults;
use crate::credentials::{GROUP, Identity, ROLE};
use crate::domain::Value;

/// The first and the last address of the range.
const RANGE: [[u8; 4]; 2] = [[127, 1, 2, 10], [127, 1, 2, 20]];

/// The condition of every profile of a policy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Condition {
    /// There is none.
    #[default]
    None,
    /// It is never true.
    Never,
    /// The client's address is in the range.
    Address,
    /// The user has the role.
    Role,
    /// The user is in the group.
    Group,
    /// The first or the second of these.
    AddressOrRole,
}

impl Condition {
    /// Each with its word in a policy record.
    const ALL: [(&'static str, Self); 6] = [
        ("none", Self::None),
        ("never", Self::Never),
        ("address", Self::Address),
        ("role", Self::Role),
        ("group", Self::Group),
        ("address-or-role", Self::AddressOrRole),
    ];

    /// The words.
    pub(super) const WORDS: [&'static str; 6] = [
        "none",
        "never",
        "address",
        "role",
        "group",
        "address-or-role",
    ];

    /// What a policy record says.
    pub(super) fn of(policy: &Value) -> Self {
        let word = policy.field("condition").and_then(Value::as_symbol);
        let mut known = Self::ALL.into_iter();
        let found = known.find(|(known, _)| Some(*known) == word);
        found.map_or_else(Self::default, |(_, condition)| condition)
    }

    /// Whether it is true of a user who logs in from an address.
    pub(super) fn is_met(self, user: Option<&Identity>, from: IpAddr, faults: &Faults) -> bool {
        let [first, last] = RANGE.map(IpAddr::from);
        let is_within = match faults.has(Fault::AddressRangeCutShort) {
            true => (first..last).contains(&from),
            false => (first..=last).contains(&from),
        };
        let is_near = is_within || faults.has(Fault::AddressConditionIgnored);
        let has = |names: fn(&Identity) -> &[String], name: &str| {
            user.is_some_and(|user| names(user).iter().any(|one| one == name))
        };
        let has_role = has(|user| &user.roles, ROLE) || faults.has(Fault::RoleConditionIgnored);
        let is_met = match self {
            Self::None => return true,
            Self::Never => return faults.has(Fault::ConditionIgnored),
            Self::Address => is_near,
            Self::Role => has_role,
            Self::Group => {
                has(|user| &user.groups, GROUP) || faults.has(Fault::GroupConditionIgnored)
            }
            Self::AddressOrRole if faults.has(Fault::ConditionsAllWanted) => is_near && has_role,
            Self::AddressOrRole => is_near || has_role,
        };
        is_met && !faults.has(Fault::ConditionShutsOut)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::credentials::{CredentialState, Scheme, TokenKind};
    use crate::vocabulary::{ADDRESS_RANGE, SourceAddress};

    /// Under which conditions alice and erin may log in from each address.
    fn met(faults: &[Fault]) -> Vec<bool> {
        let states = [CredentialState::OtherUser];
        let cast = Identity::needed_for(&[Scheme::Basic], &states, TokenKind::Opaque);
        let faults = Faults::new(faults);
        let mut all = Vec::new();
        for (_, condition) in Condition::ALL {
            for user in &cast {
                for source in SourceAddress::ALL {
                    let from = source.address().unwrap_or(IpAddr::from([127, 0, 0, 1]));
                    all.push(condition.is_met(Some(user), from, &faults));
                }
            }
        }
        all
    }

    #[test]
    fn a_condition_is_met_by_whom_it_speaks_of() {
        assert_eq!(RANGE.map(std::net::Ipv4Addr::from), ADDRESS_RANGE);
        assert_eq!(Condition::ALL.map(|(word, _)| word), Condition::WORDS);
        let met = met(&[]);
        let ranged = [false, true, true, true, false];
        let expected: Vec<bool> = [
            [[true; 5]; 2],
            [[false; 5]; 2],
            [ranged; 2],
            [[true; 5], [false; 5]],
            [[true; 5], [false; 5]],
            [[true; 5], ranged],
        ]
        .into_iter()
        .flatten()
        .flatten()
        .collect();
        assert_eq!(met, expected);
    }

    #[test]
    fn every_fault_of_conditions_changes_something_and_no_two_change_the_same() {
        let mut seen = vec![met(&[])];
        for fault in [
            Fault::ConditionIgnored,
            Fault::AddressConditionIgnored,
            Fault::AddressRangeCutShort,
            Fault::RoleConditionIgnored,
            Fault::GroupConditionIgnored,
            Fault::ConditionsAllWanted,
            Fault::ConditionShutsOut,
        ] {
            let one = met(&[fault]);
            assert!(!seen.contains(&one), "{fault}");
            seen.push(one);
        }
    }
}

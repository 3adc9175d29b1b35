//! Which server the reference implementation is for a policy.

use crate::domain::Value;

/// A server that the reference implementation can be. Each slot is one of them, by the policy that is
/// installed in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Behaviour {
    /// The platform of the API access policies: schemes in upper case, one of them advertised unless a
    /// switch says that all are.
    AccessPolicy,
    /// A gateway that asks an auth service before it passes a request on to the server behind.
    Gateway,
    /// An origin server by RFC 9110: every scheme that it takes is advertised, in its registered spelling.
    Origin,
    /// A server of the Model Context Protocol: an OAuth protected resource that is asked by messages.
    Mcp,
    /// An authorization server that is asked about tokens.
    Issuer,
}

/// The fields that only policies of one behaviour have: of the policy and of the instance record.
struct Marks {
    policy: &'static [&'static str],
    instance: &'static [&'static str],
}

impl Behaviour {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::AccessPolicy,
        Self::Gateway,
        Self::Origin,
        Self::Mcp,
        Self::Issuer,
    ];

    /// The behaviour of a policy that has the marks of none.
    const UNMARKED: Self = Self::Origin;

    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            Self::AccessPolicy => "access-policy",
            Self::Gateway => "gateway",
            Self::Origin => "origin",
            Self::Mcp => "mcp",
            Self::Issuer => "issuer",
        }
    }

    /// The packs that bind only whoever claims them, and that this behaviour claims.
    pub fn claims(self) -> &'static [&'static str] {
        match self {
            Self::AccessPolicy => &[
                "api-access-instance",
                "api-access-outcome",
                "api-access-policy",
                "api-access-profiles",
            ],
            Self::Gateway => &["external-authorization"],
            Self::Origin => &[],
            Self::Mcp => &["mcp-authorization"],
            Self::Issuer => &["authorization-server"],
        }
    }

    /// The one that a policy and an instance record ask for: whose marks they have, otherwise an origin
    /// server. Nothing else decides on it.
    pub fn of(policy: &Value, instance: &Value) -> Self {
        let has = |record: &Value, fields: &[&str]| {
            let mut fields = fields.iter();
            fields.any(|field| record.field(field).is_some())
        };
        let marked = Self::ALL.into_iter().find(|behaviour| {
            let marks = behaviour.marks();
            has(policy, marks.policy) || has(instance, marks.instance)
        });
        marked.unwrap_or(Self::UNMARKED)
    }

    fn marks(self) -> Marks {
        match self {
            Self::AccessPolicy => Marks {
                policy: &[
                    "access_control",
                    "active",
                    "advertise_all",
                    "auth_parameter",
                    "exists",
                    "for_post",
                    "hash",
                    "others",
                    "prefix",
                ],
                instance: &[
                    "blocking",
                    "check_scopes",
                    "first_scheme_only",
                    "session_cookies",
                ],
            },
            Self::Gateway => Marks {
                policy: &["external_auth"],
                instance: &[],
            },
            Self::Origin => Marks {
                policy: &[],
                instance: &[],
            },
            Self::Mcp => Marks {
                policy: &["sessions", "metadata_at"],
                instance: &[],
            },
            Self::Issuer => Marks {
                policy: &["introspection_by", "grants"],
                instance: &[],
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_whatever_its_value_decides_and_no_other_field() {
        let nothing = Value::record([]);
        let with = |field| Value::record([(field, Value::Bool(false))]);
        for behaviour in Behaviour::ALL {
            for field in behaviour.marks().policy {
                assert_eq!(Behaviour::of(&with(field), &nothing), behaviour, "{field}");
                assert_eq!(Behaviour::of(&nothing, &with(field)), Behaviour::UNMARKED);
            }
            for field in behaviour.marks().instance {
                assert_eq!(Behaviour::of(&nothing, &with(field)), behaviour, "{field}");
                assert_eq!(Behaviour::of(&with(field), &nothing), Behaviour::UNMARKED);
            }
        }
        for field in ["profiles", "step_up"] {
            assert_eq!(Behaviour::of(&with(field), &nothing), Behaviour::Origin);
        }
        let words: std::collections::BTreeSet<_> =
            Behaviour::ALL.into_iter().map(Behaviour::word).collect();
        assert_eq!(words.len(), Behaviour::ALL.len());
    }
}

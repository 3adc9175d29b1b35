//! The fields that a policy and an instance record can have for each server, and what stands in them. Whoever passed
//! over what he does not know would be judged on what was never in force.

use std::collections::BTreeSet;

use super::behaviour::Behaviour;
use super::condition::Condition;
use crate::domain::{Part, Value};

/// What stands in a field.
#[derive(Clone, Copy)]
enum Holds {
    /// True or false.
    Flag,
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// Any word.
    Word,
    /// Profiles, each with these fields.
    Profiles(&'static [(&'static str, Holds)]),
}

use Holds::{Flag, OneOf, Profiles, Word};

type FieldTable = &'static [(&'static str, Holds)];

/// A profile that may be switched off. Which schemes there are is said where they are read.
const SWITCHED: Holds = Profiles(&[("scheme", Word), ("active", Flag)]);

/// A policy beside another, of one profile. What it may be for is said where it is read.
const OTHERS: Holds = Profiles(&[("for", Word), ("scheme", Word), ("active", Flag)]);

/// The fields that no shipped pack has: what a server remembers (`memory.rs`) is for the specs of tests.
pub(crate) const OF_NO_PACK: [&str; 3] = ["policy.lock_out", "policy.backend", "policy.opens"];

/// Those of a server's policies and of their instance records.
fn tables(behaviour: Behaviour) -> [(Part, FieldTable); 2] {
    let (policy, instance): (FieldTable, FieldTable) = match behaviour {
        Behaviour::AccessPolicy => (
            &[
                ("active", Flag),
                ("profiles", SWITCHED),
                ("advertise_all", Flag),
                ("for_post", SWITCHED),
                ("exists", Flag),
                ("global", Flag),
                ("others", OTHERS),
                ("required_scope", Word),
                ("access_control", Flag),
                ("condition", OneOf(&Condition::WORDS)),
                ("auth_parameter", OneOf(&["field", "query"])),
                ("prefix", Flag),
                ("hash", OneOf(&["sha-256", "sha-384", "sha-512"])),
            ],
            &[
                ("first_scheme_only", Flag),
                ("check_scopes", Flag),
                ("blocking", OneOf(&["none", "forbidden", "not-found"])),
                ("session_cookies", Flag),
            ],
        ),
        Behaviour::Gateway => (
            &[
                ("external_auth", Flag),
                ("forward_body", OneOf(&["none", "small"])),
                ("protocol", OneOf(&["http", "grpc"])),
                ("allowed_headers", OneOf(&["none", "cookie"])),
                ("cors", OneOf(&["none", "before", "behind"])),
            ],
            // What the service and the backend answer, both of which are played by whoever asks.
            &[
                ("auth_service", Word),
                ("challenges", Word),
                ("identity", Word),
                ("backend", Word),
            ],
        ),
        Behaviour::Origin => (
            &[
                ("profiles", SWITCHED),
                ("required_scope", Word),
                ("step_up", Flag),
                ("metadata", Flag),
                ("behind_tls", Flag),
                ("realm", Word),
                ("open", Flag),
                ("cross_origin", Flag),
                ("dpop_nonce", Flag),
                ("digest", Word),
                ("key", Word),
                ("lock_out", OneOf(&["never", "user", "everybody"])),
                (
                    "backend",
                    OneOf(&["never", "decided", "forwards", "always"]),
                ),
                ("opens", OneOf(&["no", "yes", "picky"])),
            ],
            &[],
        ),
        Behaviour::Mcp => (
            &[
                ("profiles", Profiles(&[("scheme", Word)])),
                ("required_scope", Word),
                ("metadata_at", Word),
                ("sessions", Flag),
                ("upstream", Flag),
            ],
            &[],
        ),
        Behaviour::Issuer => (
            &[
                ("introspection_by", OneOf(&["basic", "bearer"])),
                ("grants", OneOf(&["code", "client-credentials"])),
            ],
            &[],
        ),
    };
    [(Part::Policy, policy), (Part::Instance, instance)]
}

/// The dotted paths of all fields that some server has.
pub(crate) fn paths() -> BTreeSet<String> {
    let tables = Behaviour::ALL.into_iter().flat_map(tables);
    let paths = tables.flat_map(|(part, fields)| {
        let path = move |(name, _): &(&str, Holds)| format!("{}.{name}", part.word());
        fields.iter().map(path)
    });
    paths.collect()
}

/// Looks at what a server knows of a policy and an instance record. A field that no server here has is nobody's, and
/// is not claimed.
///
/// # Errors
///
/// In words, of the first value that it does not know, or the first field that only another server has.
pub(super) fn check(behaviour: Behaviour, policy: &Value, instance: &Value) -> Result<(), String> {
    for (part, fields) in tables(behaviour) {
        let record = match part {
            Part::Instance => instance,
            _ => policy,
        };
        for (name, value) in entries(record) {
            let found = match find(fields, name) {
                Some(holds) => unfit(value, holds),
                None if is_of_another(part, name) => Some(Unfit {
                    path: String::new(),
                    value,
                    has: listed(fields.iter().map(|(name, _)| *name)),
                }),
                None => None,
            };
            if let Some(Unfit { path, value, has }) = found {
                return Err(format!(
                    "the reference implementation as `{}` has no `{}.{name}{path}: {value}`; it has {has}",
                    behaviour.word(),
                    part.word()
                ));
            }
        }
    }
    Ok(())
}

/// What is not known of a field's value.
struct Unfit<'v> {
    /// Where it stands below the field.
    path: String,
    value: &'v Value,
    /// What there is instead.
    has: String,
}

fn unfit(value: &Value, holds: Holds) -> Option<Unfit<'_>> {
    let has = match (holds, value) {
        (_, Value::Absent) | (Flag, Value::Bool(_)) | (Word, Value::Symbol(_)) => return None,
        (OneOf(words), Value::Symbol(word)) if words.contains(&&**word) => return None,
        (Profiles(fields), Value::List(profiles)) => {
            return profiles
                .iter()
                .enumerate()
                .find_map(|(at, profile)| in_profile(at, profile, fields));
        }
        (Flag, _) => "`true` and `false`".to_owned(),
        (OneOf(words), _) => listed(words.iter().copied()),
        (Word, _) => "words".to_owned(),
        (Profiles(_), _) => "a list of profiles".to_owned(),
    };
    let path = String::new();
    Some(Unfit { path, value, has })
}

fn in_profile<'v>(at: usize, profile: &'v Value, fields: FieldTable) -> Option<Unfit<'v>> {
    entries(profile).find_map(|(name, value)| {
        let found = match find(fields, name) {
            Some(holds) => unfit(value, holds)?,
            None => Unfit {
                path: String::new(),
                value,
                has: listed(fields.iter().map(|(name, _)| *name)),
            },
        };
        let path = format!("[{at}].{name}{}", found.path);
        Some(Unfit { path, ..found })
    })
}

fn entries(record: &Value) -> impl Iterator<Item = (&str, &Value)> {
    let fields = match record {
        Value::Record(fields) => fields.as_slice(),
        _ => &[],
    };
    fields.iter().map(|(name, value)| (&**name, value))
}

fn find(fields: FieldTable, name: &str) -> Option<Holds> {
    let mut fields = fields.iter();
    fields.find_map(|(known, holds)| (*known == name).then_some(*holds))
}

fn is_of_another(part: Part, name: &str) -> bool {
    let tables = Behaviour::ALL.into_iter().flat_map(tables);
    let mut fields = tables.filter(|(of, _)| *of == part);
    fields.any(|(_, fields)| find(fields, name).is_some())
}

fn listed<'w>(words: impl Iterator<Item = &'w str>) -> String {
    let words: Vec<String> = words.map(|word| format!("`{word}`")).collect();
    words.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(field: &str, value: Value) -> Result<(), String> {
        let record = Value::record([(field, value)]);
        let nothing = Value::record([]);
        check(Behaviour::of(&record, &nothing), &record, &nothing)
    }

    fn named(field: &str, word: &str) -> String {
        policy(field, Value::symbol(word)).map_or_else(|why| why, |()| "known".to_owned())
    }

    #[test]
    fn what_it_does_not_know_is_named_with_what_it_knows() {
        assert_eq!(named("lock_out", "user"), "known");
        assert_eq!(
            named("lock_out", "nobody"),
            "the reference implementation as `origin` has no `policy.lock_out: nobody`; it has `never`, `user`, \
             `everybody`"
        );
        assert!(named("metadata", "true").ends_with("it has `true` and `false`"));
        assert!(named("sessions", "x").contains("as `mcp` has no `policy.sessions: x`"));
        assert!(named("profiles", "basic").ends_with("it has a list of profiles"));
        // A field that no server has is not claimed, and is for whoever asks.
        assert_eq!(named("lockout", "everybody"), "known");
        let off = Value::record([
            ("scheme", Value::symbol("bearer")),
            ("active", Value::Bool(false)),
        ]);
        let profiles = || Value::List(vec![off.clone()]);
        assert_eq!(policy("profiles", profiles()), Ok(()));
        let of_mcp = Value::record([("sessions", Value::Bool(true)), ("profiles", profiles())]);
        let why = check(Behaviour::Mcp, &of_mcp, &Value::record([])).unwrap_err();
        assert!(
            why.contains("`policy.profiles[0].active: false`; it has `scheme`"),
            "{why}"
        );
    }

    #[test]
    fn a_field_of_another_server_is_refused() {
        let both = Value::record([
            ("advertise_all", Value::Bool(true)),
            ("lock_out", Value::symbol("user")),
        ]);
        let nothing = Value::record([]);
        let why = check(Behaviour::of(&both, &nothing), &both, &nothing).unwrap_err();
        assert!(
            why.contains("as `access-policy` has no `policy.lock_out: user`"),
            "{why}"
        );
        assert!(
            paths().contains("policy.lock_out") && paths().contains("instance.first_scheme_only")
        );
    }
}

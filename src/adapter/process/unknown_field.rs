//! Fields of profiles that templates do not know. A policy with such a field must not be installed as if
//! the field were not there: what follows would be counted against the implementation. Beyond the profiles,
//! the engine sees to it that nothing is asked for that was not claimed.

use crate::domain::Value;

/// Where a policy's profiles are.
pub(super) const PROFILES: &str = "policy.profiles";

/// The fields that every profile has.
const USUAL: [&str; 2] = ["scheme", "active"];

/// The dotted path of the first field of a profile that is neither usual nor among the known ones.
pub(super) fn unknown_field<'a>(
    policy: &Value,
    known: &(impl Iterator<Item = &'a str> + Clone),
) -> Option<String> {
    let profiles = policy.field("profiles").and_then(Value::items)?;
    profiles
        .iter()
        .find_map(|profile| first_unknown(PROFILES, profile, known))
}

fn first_unknown<'a>(
    path: &str,
    value: &Value,
    known: &(impl Iterator<Item = &'a str> + Clone),
) -> Option<String> {
    if path != PROFILES && known.clone().any(|known| known == path) {
        return None;
    }
    match value {
        Value::Record(fields) => fields
            .iter()
            .filter(|(name, _)| path != PROFILES || !USUAL.contains(&&**name))
            .find_map(|(name, value)| first_unknown(&format!("{path}.{name}"), value, known)),
        Value::List(items) => items
            .iter()
            .find_map(|item| first_unknown(path, item, known)),
        _ => Some(path.to_owned()),
    }
}

/// Why templates that are written of a policy's profiles have no use for a policy without any; nothing where it has
/// some, or the adapter knows another of its fields. Such policies are of packs that ask something else of whoever
/// claims them.
pub(super) fn of_others<'a>(
    policy: &Value,
    known: &(impl Iterator<Item = &'a str> + Clone),
) -> Option<String> {
    let Value::Record(fields) = policy else {
        return None;
    };
    let paths: Vec<String> = fields
        .iter()
        .map(|(name, _)| format!("policy.{name}"))
        .collect();
    let is_known = |path: &String| {
        let mut known = known.clone();
        path == PROFILES
            || known.any(|name| name == "policy" || name.split('.').take(2).eq(path.split('.')))
    };
    let first = paths.first()?;
    (!paths.iter().any(is_known)).then(|| {
        format!(
            "the adapter's templates are written of `{PROFILES}`; this policy has none, and the adapter knows no \
             `{first}`"
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_of_other_fields_is_for_whoever_knows_one() {
        let policy = Value::record([
            ("external_auth", Value::Bool(true)),
            ("forward_body", Value::symbol("none")),
        ]);
        let of_others =
            |policy: &Value, known: &[&'static str]| of_others(policy, &known.iter().copied());
        let why = of_others(&policy, &["policy.advertise_all", "instance.external_auth"]).unwrap();
        assert!(why.ends_with("knows no `policy.external_auth`"), "{why}");
        for known in [
            ["policy"],
            ["policy.forward_body"],
            ["policy.external_auth"],
        ] {
            assert_eq!(of_others(&policy, &known), None, "{known:?}");
        }
        let usual = Value::record([("profiles", Value::List(Vec::new()))]);
        assert_eq!(of_others(&usual, &[]), None);
        assert_eq!(of_others(&Value::record([]), &[]), None);
    }

    #[test]
    fn every_field_of_a_profile_must_be_known() {
        let item = Value::record([("scheme", Value::symbol("basic")), ("pin", Value::Int(1))]);
        let policy = Value::record([
            ("active", Value::Bool(true)),
            ("profiles", Value::List(vec![item])),
        ]);
        let unknown = |known: &[&str]| unknown_field(&policy, &known.iter().copied());
        assert_eq!(unknown(&["policy.profiles.pin"]), None);
        for known in [&[] as &[&str], &["policy.profiles", "policy"]] {
            assert_eq!(unknown(known).as_deref(), Some("policy.profiles.pin"));
        }
        let usual = Value::record([("scheme", Value::symbol("basic"))]);
        let policy = Value::record([("profiles", Value::List(vec![usual]))]);
        assert_eq!(unknown_field(&policy, &std::iter::empty()), None);
    }
}

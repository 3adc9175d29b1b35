//! Fields of profiles that templates do not know. A policy with such a field must not be installed as if
//! the field were not there: what follows would be counted against the implementation. Beyond the profiles,
//! the engine sees to it that nothing is asked for that was not claimed.

use crate::domain::Value;

/// Where a policy's profiles are.
const PROFILES: &str = "policy.profiles";

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

#[cfg(test)]
mod tests {
    use super::*;

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

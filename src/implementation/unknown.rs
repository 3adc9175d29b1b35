//! Fields that an adapter does not know. A policy with such a field must not be installed as if the
//! field were not there: what follows would be counted against the implementation.

use crate::domain::Value;

/// The dotted path of the first field that is not among the known ones; a list is looked through.
pub(super) fn unknown_field(policy: &Value, instance: &Value, known: &[String]) -> Option<String> {
    first_unknown("policy", policy, known).or_else(|| first_unknown("instance", instance, known))
}

fn first_unknown(path: &str, value: &Value, known: &[String]) -> Option<String> {
    if known.iter().any(|known| known == path) {
        return None;
    }
    match value {
        Value::Record(fields) => fields
            .iter()
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
    fn every_leaf_must_be_known() {
        let item = Value::record([("scheme", Value::symbol("basic")), ("pin", Value::Int(1))]);
        let policy = Value::record([
            ("active", Value::Bool(true)),
            ("profiles", Value::List(vec![item])),
        ]);
        let instance = Value::record([]);
        let unknown = |known: &[&str]| {
            let known: Vec<String> = known.iter().map(|path| (*path).to_owned()).collect();
            unknown_field(&policy, &instance, &known)
        };
        let all = [
            "policy.active",
            "policy.profiles.scheme",
            "policy.profiles.pin",
        ];
        assert_eq!(unknown(&all), None);
        assert_eq!(unknown(&all[..2]).as_deref(), Some("policy.profiles.pin"));
        assert_eq!(unknown(&["policy.active", "policy.profiles"]), None);
        assert_eq!(unknown(&all[1..]).as_deref(), Some("policy.active"));
    }
}

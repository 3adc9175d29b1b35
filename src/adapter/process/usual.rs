//! What templates may rely on: that a profile says whether it is active.

use std::borrow::Cow;

use crate::domain::Value;

/// A policy of which every profile with a `scheme` says whether it is `active`. Domains need not have the field, and then
/// every profile is; a template that leaves out what is not active would leave out all.
pub(super) fn completed(policy: &Value) -> Cow<'_, Value> {
    let lacks =
        |profile: &Value| profile.field("scheme").is_some() && profile.field("active").is_none();
    let (Value::Record(fields), Some(profiles)) = (policy, policy.field("profiles")) else {
        return Cow::Borrowed(policy);
    };
    let items = profiles.items().unwrap_or_default();
    if !items.iter().any(lacks) {
        return Cow::Borrowed(policy);
    }
    let items = items.iter().map(|item| match item {
        Value::Record(fields) if lacks(item) => {
            let own = fields.iter().map(|(name, value)| (&**name, value.clone()));
            Value::record(own.chain([("active", Value::Bool(true))]))
        }
        other => other.clone(),
    });
    let profiles = Value::List(items.collect());
    Cow::Owned(Value::record(fields.iter().map(|(name, value)| {
        let value = match &**name {
            "profiles" => &profiles,
            _ => value,
        };
        (&**name, value.clone())
    })))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_profile_is_active_unless_it_says_otherwise() {
        let profile = |fields: &[(&str, Value)]| Value::record(fields.iter().cloned());
        let scheme = ("scheme", Value::symbol("basic"));
        let policy = |profiles: Vec<Value>| {
            Value::record([("id", Value::Int(1)), ("profiles", Value::List(profiles))])
        };
        let (yes, no) = (
            ("active", Value::Bool(true)),
            ("active", Value::Bool(false)),
        );
        let off = profile(&[scheme.clone(), no]);
        let given = policy(vec![profile(std::slice::from_ref(&scheme)), off.clone()]);
        let whole = policy(vec![profile(&[scheme, yes]), off.clone()]);
        assert_eq!(*completed(&given), whole);
        for as_it_is in [
            policy(vec![off]),
            policy(Vec::new()),
            Value::record([("id", Value::Int(1))]),
        ] {
            assert!(
                matches!(completed(&as_it_is), Cow::Borrowed(_)),
                "{as_it_is}"
            );
        }
    }
}

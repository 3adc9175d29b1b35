//! The spec packs that ship, embedded so that the command works anywhere.

use crate::yaml::Source;

/// Name and text of every shipped pack, in the order in which they run.
pub const SHIPPED: [(&str, &str); 10] = [
    (
        "api-access-policy",
        include_str!("../../specs/api-access-policy.yaml"),
    ),
    (
        "api-access-instance",
        include_str!("../../specs/api-access-instance.yaml"),
    ),
    (
        "api-access-outcome",
        include_str!("../../specs/api-access-outcome.yaml"),
    ),
    (
        "api-access-profiles",
        include_str!("../../specs/api-access-profiles.yaml"),
    ),
    (
        "external-authorization",
        include_str!("../../specs/external-authorization.yaml"),
    ),
    (
        "http-authentication",
        include_str!("../../specs/http-authentication.yaml"),
    ),
    (
        "mcp-authorization",
        include_str!("../../specs/mcp-authorization.yaml"),
    ),
    (
        "reachability",
        include_str!("../../specs/reachability.yaml"),
    ),
    (
        "every-scheme",
        include_str!("../../specs/every-scheme.yaml"),
    ),
    (
        "authorization-server",
        include_str!("../../specs/authorization-server.yaml"),
    ),
];

/// The text of a shipped pack.
pub fn shipped(name: &str) -> Option<Source> {
    let (name, text) = SHIPPED.iter().find(|(have, _)| *have == name)?;
    Some(Source::new(format!("specs/{name}.yaml"), *text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Narrowing, Value};
    use crate::spec::Spec;

    /// Whatever plays a shipped pack relies on this, and does not look it over once more: see
    /// [`Spec::ships`].
    #[test]
    fn shipped_packs_are_without_a_flaw() {
        for (name, _) in SHIPPED {
            let source = shipped(name).unwrap();
            let spec = Spec::read(&source).unwrap_or_else(|problems| panic!("{problems}"));
            assert_eq!(spec.pack.name, name);
            assert!(spec.ships());
            let problems = spec.analyse();
            assert!(problems.list.is_empty(), "{problems}");
        }
    }

    #[test]
    fn what_was_edited_or_narrowed_is_not_what_ships() {
        let source = shipped("reachability").unwrap();
        let edited = Source::new("specs/reachability.yaml", format!("{}\n", source.text));
        assert!(!Spec::read(&edited).unwrap().ships());
        let mut narrowing = Narrowing::default();
        narrowing.fix("client.way", Value::symbol("http/1.1"));
        let narrowed = Spec::read(&source).unwrap().narrow(&narrowing, false);
        assert!(!narrowed.unwrap().ships());
    }
}

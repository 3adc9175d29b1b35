//! The spec packs that ship, embedded so that the command works anywhere.

use crate::yaml::Source;

/// Name and text of every shipped pack, in the order in which they run.
pub const SHIPPED: [(&str, &str); 2] = [
    (
        "api-access-policy",
        include_str!("../../specs/api-access-policy.yaml"),
    ),
    (
        "reachability",
        include_str!("../../specs/reachability.yaml"),
    ),
];

/// The text of a shipped pack.
pub fn shipped(name: &str) -> Option<Source> {
    let (name, text) = SHIPPED.iter().find(|(have, _)| *have == name)?;
    Some(Source::new(format!("specs/{name}.yaml"), *text))
}

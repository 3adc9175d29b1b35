//! Files of several kinds lie beside each other, and each begins with a key of its own: whoever names one where another
//! belongs is told which command takes it.

use super::diagnostic::Diagnostic;
use super::node::Node;

/// The keys that only one kind of file has: what it is, and which command takes it.
const KINDS: [(&str, &str, &str); 6] = [
    (
        "countersign-reproduction",
        "a saved finding",
        "`countersign replay FILE` tries it",
    ),
    (
        "countersign-run",
        "a saved run",
        "`countersign report FILE` tells it again",
    ),
    (
        "known-departures-of",
        "a baseline",
        "`countersign run --baseline FILE` holds a run against it",
    ),
    (
        "adapter",
        "an adapter",
        "`countersign run --against FOLDER` judges what it starts",
    ),
    (
        "pack",
        "a spec",
        "`countersign run --spec FILE` plays it, and `countersign check FILE` looks it over",
    ),
    (
        "client-pack",
        "a pack for clients",
        "`countersign clients test --spec FILE NAME` holds programs against it",
    ),
];

/// That a file is of another kind than the one that has a key of its own, where it says so.
pub(crate) fn of_another_kind(node: &Node, wanted: &str, own: &str) -> Option<Diagnostic> {
    let entries = node.entries().unwrap_or_default();
    if entries.iter().any(|entry| entry.key == own) {
        return None;
    }
    let (entry, (_, what, takes)) = entries.iter().find_map(|entry| {
        let mut kinds = KINDS.iter();
        Some((entry, kinds.find(|(key, ..)| entry.key == *key)?))
    })?;
    Some(Diagnostic::error(
        entry.key_span,
        format!("this is {what}, and {wanted} is expected"),
        *takes,
    ))
}

#[cfg(test)]
mod tests {
    use super::super::{Source, read};
    use super::*;

    #[test]
    fn a_file_of_another_kind_is_told_as_what_it_is() {
        let told = |text: &str, wanted: &str, own: &str| {
            let node = read(&Source::new("x.yaml", text.to_owned())).unwrap();
            of_another_kind(&node, wanted, own).map(|one| one.message)
        };
        let saved = "countersign-reproduction: 1\nrule: x\n";
        assert_eq!(
            told(saved, "a spec", "pack").as_deref(),
            Some("this is a saved finding, and a spec is expected")
        );
        assert_eq!(
            told(saved, "a saved finding", "countersign-reproduction"),
            None
        );
        assert_eq!(
            told(
                "countersign: 1\npack: {}\n",
                "a saved finding",
                "countersign-reproduction"
            )
            .as_deref(),
            Some("this is a spec, and a saved finding is expected")
        );
        let baseline = "countersign: 1\nknown-departures-of: x\n";
        assert_eq!(
            told(baseline, "a spec", "pack").as_deref(),
            Some("this is a baseline, and a spec is expected")
        );
        assert_eq!(told(baseline, "a baseline", "known-departures-of"), None);
        assert_eq!(
            told(
                "countersign: 1\nadapter: x\n",
                "a baseline",
                "known-departures-of"
            )
            .as_deref(),
            Some("this is an adapter, and a baseline is expected")
        );
        assert_eq!(told("rules: []\n", "a spec", "pack"), None);
    }
}

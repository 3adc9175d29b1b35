//! Files of several kinds lie beside each other, and each begins with a key of its own: whoever names one where another
//! belongs is told which command takes it.

use super::diagnostic::Diagnostic;
use super::node::Node;

/// The keys that only one kind of file has: what it is, and which command takes it.
const KINDS: [(&str, &str, &str); 9] = [
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
        "countersign-journal",
        "the head of a journal",
        "`countersign run --journal FOLDER --resume` goes on with it",
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
    (
        "clients",
        "a file of clients",
        "`countersign clients measure --catalogue FILE -- COMMAND` adds to it",
    ),
    (
        "imported",
        "a file of policies",
        "`countersign advise FILE` says what they name, and whom they shut out",
    ),
];

/// What a text is, and which command takes it, where it begins as one of those files does: by its lines alone, so
/// that whoever expects something that is no YAML can tell it too. A saved run is JSON, and any other text that
/// begins with a brace is none of them.
pub(crate) fn kind_of(text: &str) -> Option<(&'static str, &'static str)> {
    let is_of_nothing = |line: &&str| {
        let line = line.trim();
        line.is_empty() || line == "---" || line.starts_with(['#', '%'])
    };
    let text = text.trim_start_matches('\u{feff}');
    let lines = text.lines().skip_while(is_of_nothing);
    let first = lines.clone().next()?;
    let key = |line: &str| {
        let (key, _) = line.split_once(':')?;
        let key = key.trim_matches(['"', ' ', '{']);
        KINDS.iter().find(|(known, ..)| *known == key)
    };
    // Whatever stands before it, and however deep a mail quotes it.
    let quoted = |line: &str| {
        let line = line.trim_start_matches([' ', '\t', '>', '|']);
        line.starts_with("countersign-reproduction:")
    };
    if text.lines().any(quoted) {
        let mut kinds = KINDS.iter();
        let (_, what, takes) = kinds.find(|(key, ..)| *key == "countersign-reproduction")?;
        return Some((what, takes));
    }
    let begins = ["countersign", "imported:", "{\"countersign-"];
    let is_brace = first.trim() == "{";
    if !is_brace && !begins.iter().any(|begin| first.starts_with(begin)) {
        return None;
    }
    let is_top = |line: &&str| !line.starts_with([' ', '\t', '-']);
    let indent = |line: &str| line.len() - line.trim_start().len();
    let (_, what, takes) = match is_brace {
        // Of JSON only ours begin so, and which key comes first is not said.
        true => {
            let within = lines.clone().nth(1).map(indent);
            let mut own = lines.filter(|line| Some(indent(line)) == within);
            own.find_map(|line| key(line).filter(|(key, ..)| key.starts_with("countersign-")))?
        }
        false => lines.filter(is_top).find_map(key)?,
    };
    Some((what, takes))
}

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
    fn a_text_tells_its_kind_by_its_first_lines() {
        let told = |text: &str| kind_of(text).map(|(what, _)| what);
        for (text, what) in [
            (
                "# A failure\ncountersign-reproduction: 1\n\nrule: x\n",
                "a saved finding",
            ),
            ("countersign: 1\nadapter: x\n", "an adapter"),
            (
                "\u{feff}---\ncountersign: 1\n# x\npack:\n  name: x\n",
                "a spec",
            ),
            (
                "countersign: 1\nclients:\n  - name: x\n",
                "a file of clients",
            ),
            ("imported: 1\npolicies: []\n", "a file of policies"),
            ("case: {}\ncountersign-reproduction: 1\n", "a saved finding"),
            ("Hello,\n> countersign-reproduction: 1\n", "a saved finding"),
            ("{\n  \"countersign-run\": 2,\n", "a saved run"),
            (
                "{\n  \"asked\": {\n    \"pack\": 1\n  },\n  \"countersign-journal\": 1\n}\n",
                "the head of a journal",
            ),
            ("{\"countersign-run\": 2}", "a saved run"),
        ] {
            assert_eq!(told(text), Some(what), "{text}");
        }
        for text in [
            "",
            "HTTP/1.1 401 Unauthorized\nadapter: x\n",
            "WWW-Authenticate: Basic\npack: x\n",
            "{\"event\": \"begun\"}",
            "{\n  \"clients\": []\n}",
            "countersign: 1\nsomething: else\n",
            "countersign: 1\nother:\n  pack: x\n",
        ] {
            assert_eq!(told(text), None, "{text}");
        }
    }

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

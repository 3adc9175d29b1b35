//! Nodes: YAML values with the place where each stands.

use std::collections::HashMap;
use std::fmt;
use std::ops::Range;

use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::Spanned;

use super::diagnostic::{Diagnostic, Diagnostics, Source};

/// A range of bytes in a source.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Span {
    /// The first byte.
    pub start: usize,
    /// The byte behind the last.
    pub end: usize,
}

impl Span {
    /// From the first byte to the one behind the last.
    pub fn new(start: usize, end: usize) -> Self {
        Self { start, end }
    }

    /// The range clipped to the text and to character boundaries.
    pub(super) fn range_in(self, text: &str) -> Range<usize> {
        let clip = |mut at: usize| {
            at = at.min(text.len());
            while !text.is_char_boundary(at) {
                at -= 1;
            }
            at
        };
        let start = clip(self.start);
        start..clip(self.end.max(self.start)).max(start)
    }
}

/// A YAML value and where it stands.
#[derive(Clone, Debug)]
pub struct Node {
    /// Where it stands. For a list or mapping: where it begins.
    pub span: Span,
    /// What it is.
    pub kind: NodeKind,
}

/// What a node is.
#[derive(Clone, Debug)]
pub enum NodeKind {
    /// Nothing, `~` or `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A number with a fraction.
    Float(f64),
    /// Text.
    Text(String),
    /// A list.
    List(Vec<Node>),
    /// A mapping, in the order written.
    Map(Vec<MapEntry>),
}

/// An entry of a mapping.
#[derive(Clone, Debug)]
pub struct MapEntry {
    /// The key as text; `false:` has the key `false`, `0:` the key `0`.
    pub key: String,
    /// Where the key stands.
    pub key_span: Span,
    /// The value.
    pub value: Node,
}

impl Node {
    /// What a reader would call it: `a list`, `text` …
    pub fn noun(&self) -> &'static str {
        match self.kind {
            NodeKind::Null => "nothing",
            NodeKind::Bool(_) => "true or false",
            NodeKind::Int(_) => "a whole number",
            NodeKind::Float(_) => "a number with a fraction",
            NodeKind::Text(_) => "text",
            NodeKind::List(_) => "a list",
            NodeKind::Map(_) => "a mapping",
        }
    }

    /// A scalar as the text that a key would have: `basic`, `false`, `3`.
    pub fn scalar_text(&self) -> Option<String> {
        match &self.kind {
            NodeKind::Bool(value) => Some(value.to_string()),
            NodeKind::Int(value) => Some(value.to_string()),
            NodeKind::Float(value) => Some(value.to_string()),
            NodeKind::Text(text) => Some(text.clone()),
            NodeKind::Null | NodeKind::List(_) | NodeKind::Map(_) => None,
        }
    }

    /// How a message shows it: a scalar as it is written, in backticks, and else what it is.
    pub fn shown(&self) -> String {
        match self.scalar_text() {
            Some(text) => format!("`{text}`"),
            None => self.noun().to_owned(),
        }
    }

    /// The text, if it is text.
    pub fn text(&self) -> Option<&str> {
        match &self.kind {
            NodeKind::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The entries, if it is a mapping.
    pub fn entries(&self) -> Option<&[MapEntry]> {
        match &self.kind {
            NodeKind::Map(entries) => Some(entries),
            _ => None,
        }
    }

    /// The value under a key, if it is a mapping that has it.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entries()?
            .iter()
            .find(|entry| entry.key == key)
            .map(|entry| &entry.value)
    }
}

/// How many values a text may have, however short it is.
const VALUES: usize = 250_000;

/// For each value beyond those, a text has at least so many bytes: what a person or a program writes has more, and each
/// value takes room beside the text. So whoever bounds the text bounds what is read of it.
const BYTES_OF_A_VALUE: usize = 4;

/// Reads one YAML document.
///
/// # Errors
///
/// Diagnostics where the text is not YAML, a key stands twice in a mapping, a key is not a scalar,
/// or a bound is passed: 64 values within each other, 250,000 values or, of a text of more than a million bytes, one for
/// each four of them, and the parser's own of aliases.
pub fn read(source: &Source) -> Result<Node, Diagnostics> {
    let values = VALUES.max(source.text.len() / BYTES_OF_A_VALUE);
    let options = serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_nodes: values,
            // A list or a mapping has a beginning and an end.
            max_events: values.saturating_mul(4),
        },
        duplicate_keys: serde_saphyr::options::DuplicateKeyPolicy::PassThrough,
        strict_booleans: true,
        with_snippet: false,
    };
    let node: Node = serde_saphyr::from_str_with_options(&source.text, options)
        .map_err(|error| not_yaml(source, &error))?;
    let mut problems = Diagnostics::new(source.clone());
    check_keys(&node, &mut problems);
    if problems.has_errors() {
        Err(problems)
    } else {
        Ok(node)
    }
}

fn not_yaml(source: &Source, error: &serde_saphyr::Error) -> Diagnostics {
    let (span, words) = match error.location() {
        Some(location) => {
            let line_start: usize = source
                .text
                .split_inclusive('\n')
                .take(
                    usize::try_from(location.line())
                        .unwrap_or(1)
                        .saturating_sub(1),
                )
                .map(str::len)
                .sum();
            let line = source.text.get(line_start..).unwrap_or_default();
            let column = usize::try_from(location.column())
                .unwrap_or(1)
                .saturating_sub(1);
            let start = line_start + line.chars().take(column).map(char::len_utf8).sum::<usize>();
            (Span::new(start, start + 1), error.to_string())
        }
        None => (Span::default(), error.to_string()),
    };
    // The parser's message begins with the place, which is shown anyway.
    let words = words.lines().next().unwrap_or_default();
    let words = words.strip_prefix("error: ").unwrap_or(words);
    let words = match words.split_once(": ") {
        Some((place, rest)) if place.starts_with("line ") => rest,
        _ => words,
    };
    let words = words.split(" at line ").next().unwrap_or(words);
    let mut problems = Diagnostics::new(source.clone());
    if are_lines_of_json(&source.text) {
        problems.push(Diagnostic::error(
            Span::default(),
            "these are the lines of a report, which `--format json` writes",
            "`countersign run --save FOLDER` keeps findings as files, and `--save-run FILE` the run",
        ));
        return problems;
    }
    problems.push(match bound(error, words) {
        Some((what, help)) => Diagnostic::error(span, what, help),
        None => Diagnostic::error(
            span,
            "this is not YAML",
            "check indentation, brackets and quotes here and in the line above; text with a colon, \
             a brace or a hash needs quotes",
        )
        .label(words.to_owned()),
    });
    problems
}

/// Whether a text is the lines of a report, each a JSON object, which together are no YAML.
fn are_lines_of_json(text: &str) -> bool {
    let first = text.trim_start().lines().next().unwrap_or_default();
    first.starts_with('{') && first.contains("\"event\":\"")
}

/// What is YAML, and is not read here: in words of ours, where the parser speaks to who programs with it.
fn bound(error: &serde_saphyr::Error, words: &str) -> Option<(&'static str, &'static str)> {
    use serde_saphyr::budget::BudgetBreach as Breach;
    if let serde_saphyr::Error::Budget { breach, .. } = error.without_snippet() {
        return Some(match breach {
            Breach::Depth { .. } => (
                "this is too deep: more than 64 values stand within each other here",
                "write less deep: what an alias stands for counts where the alias stands",
            ),
            Breach::Nodes { .. } | Breach::Events { .. } => (
                "these are more values than are read of a text of this length",
                "write less, or several files",
            ),
            _ => (
                "this is too large, too deep, or has too many aliases",
                "write less: what an alias stands for counts each time",
            ),
        });
    }
    let is = |part: &str| words.contains(part);
    if is("multiple YAML documents") {
        Some((
            "there is more than one document here",
            "keep one: take out the line `---` and what belongs to the others",
        ))
    } else if is("recursive references") {
        Some((
            "an alias stands within what it is an alias of",
            "write the value out in its place",
        ))
    } else if is("budget breached") {
        Some((
            "this is too large, too deep, or has too many aliases",
            "write less: what an alias stands for counts each time",
        ))
    } else if is("unknown anchor") {
        Some((
            "an alias of nothing",
            "name what it stands for with `&` before, or put a text that begins with `*` in quotes",
        ))
    } else {
        None
    }
}

/// Stands for a key that is no scalar until it is reported; no text has it, for YAML has no NUL.
const NO_KEY: &str = "\0";

/// Duplicate keys lose one of two values silently elsewhere; here they are errors that show both.
fn check_keys(node: &Node, problems: &mut Diagnostics) {
    match &node.kind {
        NodeKind::List(items) => items.iter().for_each(|item| check_keys(item, problems)),
        NodeKind::Map(entries) => {
            let mut known: HashMap<&str, &MapEntry> = HashMap::with_capacity(entries.len());
            for entry in entries {
                if entry.key == NO_KEY {
                    problems.push(Diagnostic::error(
                        entry.key_span,
                        "a key must be text, a number, true or false",
                        "write one word before the colon; a list or a mapping goes behind it",
                    ));
                    continue;
                }
                let first = known.get(entry.key.as_str()).copied();
                known.entry(entry.key.as_str()).or_insert(entry);
                if let Some(first) = first {
                    problems.push(
                        Diagnostic::error(
                            entry.key_span,
                            format!("the key `{}` stands twice in one mapping", entry.key),
                            "keep one of the two",
                        )
                        .label("again here")
                        .related(first.key_span, "first here"),
                    );
                }
                check_keys(&entry.value, problems);
            }
        }
        _ => {}
    }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let spanned = Spanned::<NodeKind>::deserialize(deserializer)?;
        let place = spanned.referenced.span();
        let number = |value: Option<u64>| value.and_then(|v| usize::try_from(v).ok()).unwrap_or(0);
        let start = number(place.byte_offset());
        let end = start.saturating_add(number(place.byte_len()));
        Ok(Self {
            span: Span { start, end },
            kind: spanned.value,
        })
    }
}

impl<'de> Deserialize<'de> for NodeKind {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(KindVisitor)
    }
}

struct KindVisitor;

impl<'de> Visitor<'de> for KindVisitor {
    type Value = NodeKind;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a YAML value")
    }

    fn visit_unit<E: de::Error>(self) -> Result<NodeKind, E> {
        Ok(NodeKind::Null)
    }

    fn visit_none<E: de::Error>(self) -> Result<NodeKind, E> {
        Ok(NodeKind::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<NodeKind, D::Error> {
        NodeKind::deserialize(deserializer)
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<NodeKind, E> {
        Ok(NodeKind::Bool(value))
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<NodeKind, E> {
        Ok(NodeKind::Int(value))
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<NodeKind, E> {
        i64::try_from(value)
            .map(NodeKind::Int)
            .map_err(|_| E::custom("this number is too large"))
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<NodeKind, E> {
        Ok(NodeKind::Float(value))
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<NodeKind, E> {
        Ok(NodeKind::Text(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<NodeKind, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = access.next_element()? {
            items.push(item);
        }
        Ok(NodeKind::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<NodeKind, A::Error> {
        let mut entries = Vec::new();
        while let Some(key) = access.next_key::<Node>()? {
            let value = access.next_value()?;
            entries.push(MapEntry {
                key: key.scalar_text().unwrap_or_else(|| NO_KEY.to_owned()),
                key_span: key.span,
                value,
            });
        }
        Ok(NodeKind::Map(entries))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_text(text: &str) -> Result<Node, Diagnostics> {
        read(&Source::new("t.yaml", text))
    }

    #[test]
    fn nodes_know_where_they_stand() {
        let node = read_text("a: 1\nb:\n  - é: {0: no, false: flag false}\n").unwrap();
        let inner = &node.get("b").unwrap();
        let NodeKind::List(items) = &inner.kind else {
            panic!("not a list")
        };
        let map = items[0].get("é").unwrap();
        assert_eq!(
            map.get("0").unwrap().text(),
            Some("no"),
            "only true and false are booleans"
        );
        let flag = map.get("false").unwrap();
        assert_eq!(flag.text(), Some("flag false"));
        assert_eq!((flag.span.start, flag.span.end), (31, 41));
    }

    #[test]
    fn lines_of_a_report_are_told_as_such() {
        let shown = read_text("{\"event\":\"begun\"}\n{\"event\":\"ended\"}\n").unwrap_err();
        let shown = shown.to_string();
        assert!(shown.contains("these are the lines of a report"), "{shown}");
        assert!(!shown.contains("no YAML"), "{shown}");
    }

    #[test]
    fn duplicate_keys_are_errors_that_show_both() {
        let shown = read_text("a: 1\nb: {c: 1, c: 2}\n").unwrap_err().render();
        assert!(shown.contains("the key `c` stands twice"), "{shown}");
        assert!(shown.contains("t.yaml:2:11"), "{shown}");
        assert!(shown.contains("first here"), "{shown}");
    }

    #[test]
    fn what_is_not_yaml_is_shown_where_it_breaks() {
        let shown = read_text("a: 1\nb: [1,\n").unwrap_err().render();
        assert!(shown.contains("t.yaml:2:4"), "{shown}");
        assert!(shown.contains("unclosed bracket"), "{shown}");
    }

    #[test]
    fn hostile_text_ends_in_an_error() {
        let deep = "[".repeat(100_000);
        assert!(read_text(&deep).is_err());
        let bomb = "a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\n\
                    c: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]\n\
                    e: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d]\nf: &f [*e,*e,*e,*e,*e,*e,*e,*e,*e]\n\
                    g: &g [*f,*f,*f,*f,*f,*f,*f,*f,*f]\n";
        assert!(read_text(bomb).is_err());
    }
}

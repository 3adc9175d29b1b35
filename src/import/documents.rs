//! YAML files of several documents, each read by itself, every node standing where it does in the file.

use super::told::ImportNotes;
use crate::yaml::{self, Node, NodeKind, Source};

/// The documents of a file that can be read; what is wrong with the others is told. `number` is that of the file.
pub(super) fn documents(source: &Source, number: usize, told: &mut ImportNotes) -> Vec<Node> {
    let mut read = Vec::new();
    for document in alone(&source.text) {
        let document = Source::new(source.name.clone(), document);
        match yaml::read(&document) {
            Ok(node) if matches!(node.kind, NodeKind::Null) => {}
            Ok(node) => read.push(node),
            Err(problems) => told.take(number, problems),
        }
    }
    read
}

/// Each document with blanks in place of the others.
fn alone(text: &str) -> Vec<String> {
    let mut starts = vec![0];
    let mut at = 0;
    let mut marks = Vec::new();
    for line in text.split_inclusive('\n') {
        let rest = line.trim_end();
        if rest == "---" || rest == "..." {
            marks.push(at..at + line.len());
            starts.push(at + line.len());
        }
        at += line.len();
    }
    let ends = marks.iter().map(|mark| mark.start).chain([text.len()]);
    let bounds = starts.iter().copied().zip(ends);
    let is_something = |part: &str| {
        let mut lines = part.lines().map(str::trim);
        lines.any(|line| !line.is_empty() && !line.starts_with(['#', '%']))
    };
    let parts = bounds.filter_map(|(start, end)| {
        let part = text.get(start..end)?;
        let before = text.get(..start)?;
        is_something(part).then(|| format!("{}{part}", blank(before)))
    });
    parts.collect()
}

/// As many bytes, on as many lines.
fn blank(text: &str) -> String {
    let blank = |byte: u8| if byte == b'\n' { '\n' } else { ' ' };
    text.bytes().map(blank).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_are_read_alone_and_stand_where_they_stood() {
        let text = "# first: é\na: 1\n---\n# nothing\n---\nb: [2\n---\nc: 3\n";
        let mut told = ImportNotes::default();
        let source = Source::new("all.yaml", text);
        let number = told.begin(source.clone());
        let read = documents(&source, number, &mut told);
        let spans = read.iter().filter_map(|node| {
            let entry = node.entries()?.first()?;
            text.get(entry.key_span.start..entry.key_span.end)
        });
        assert_eq!(spans.collect::<Vec<_>>(), ["a", "c"]);
        assert!(told.render().contains("--> all.yaml:"), "{}", told.render());
    }
}

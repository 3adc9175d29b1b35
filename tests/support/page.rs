//! Documents as tests see them: blocks of code, commands, and what they are shown to say.

#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    dead_code,
    reason = "a test may panic, and each of the tests uses a part of this"
)]

use std::collections::BTreeMap;

/// A document's blocks of code: what stands behind the opening fence, and the lines.
pub(crate) fn blocks(text: &str) -> Vec<(&str, Vec<&str>)> {
    let mut blocks = Vec::new();
    let mut open: Option<(&str, Vec<&str>)> = None;
    for line in text.lines() {
        match (line.strip_prefix("```"), &mut open) {
            (Some(language), None) => open = Some((language, Vec::new())),
            (Some(_), Some(_)) => blocks.extend(open.take()),
            (None, Some((_, lines))) => lines.push(line),
            (None, None) => {}
        }
    }
    assert!(open.is_none(), "a block is not closed: {open:?}");
    blocks
}

/// What differs from run to run becomes `#`: durations, rates, and ports of this host.
pub(crate) fn normalised(line: &str) -> String {
    let mut words: Vec<String> = line.split(' ').map(str::to_owned).collect();
    for at in 1..words.len() {
        let varies = matches!(
            (words[at].as_str(), words.get(at + 1).map(String::as_str)),
            ("s:" | "s", _) | ("a", Some("second,"))
        );
        if varies {
            words[at - 1] = "#".to_owned();
        }
        if let Some((host, rest)) = words[at].split_once("127.0.0.1:") {
            let rest = rest.trim_start_matches(|c: char| c.is_ascii_digit());
            words[at] = format!("{host}127.0.0.1:#{rest}");
        }
    }
    words.join(" ").trim_end().to_owned()
}

/// Holds output against lines among which `…` alone stands for any lines. Whatever comes behind the
/// last line is not shown.
pub(crate) fn shows(output: &str, shown: &[&str]) -> Result<(), String> {
    let output: Vec<String> = output.lines().map(normalised).collect();
    let mut at = 0;
    let mut anywhere = false;
    for line in shown {
        if *line == "…" {
            anywhere = true;
            continue;
        }
        let wanted = normalised(line);
        let rest = &output[at..];
        let found = match anywhere {
            true => rest.iter().position(|line| *line == wanted),
            false => rest.first().filter(|line| **line == wanted).map(|_| 0),
        };
        let Some(found) = found else {
            let next = rest.first().map_or("(the end)", String::as_str);
            return Err(format!("not so: {wanted}\ninstead: {next}"));
        };
        at += found + 1;
        anywhere = false;
    }
    Ok(())
}

/// The commands of a console block, each with the lines that it is shown to say.
pub(crate) fn commands<'a>(lines: &[&'a str]) -> Vec<(&'a str, Vec<&'a str>)> {
    let mut commands: Vec<(&str, Vec<&str>)> = Vec::new();
    for line in lines {
        match (line.strip_prefix("$ "), commands.last_mut()) {
            (Some(command), _) => commands.push((command, Vec::new())),
            (None, Some((_, shown))) => shown.push(line),
            (None, None) => panic!("no command before: {line}"),
        }
    }
    commands
}

/// Whether a document makes files of its own, in blocks whose fence says `file=PATH`: such a page is
/// followed by a test of its own.
pub(crate) fn makes_files(text: &str) -> bool {
    !files_of(text).is_empty()
}

/// The files that a document makes, by their paths; blocks of one file are its parts, in order.
pub(crate) fn files_of(text: &str) -> BTreeMap<&str, String> {
    let mut files: BTreeMap<&str, String> = BTreeMap::new();
    for (fence, lines) in blocks(text) {
        if let Some(name) = file_of(fence) {
            let text = files.entry(name).or_default();
            for line in lines {
                text.push_str(line);
                text.push('\n');
            }
        }
    }
    files
}

/// The file that a block is a part of.
pub(crate) fn file_of(fence: &str) -> Option<&str> {
    fence.split(' ').find_map(|word| word.strip_prefix("file="))
}

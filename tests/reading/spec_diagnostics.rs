//! Every diagnostic of the spec language, as its reader sees it: `spec_diagnostics/*.yaml` holds the
//! mistakes, the `.txt` beside each what is said of them.
//!
//! That none is forgotten is checked in [`every_site_is_seen`]: it reads the source of the reader,
//! takes the words of each `Diagnostic::error(…)` and `Diagnostic::warning(…)` out of it, and looks
//! for a diagnostic with those words among all that these inputs give.

// A test says what it expects by panicking; clippy knows that of test functions only.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::expect_used
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use countersign::domain::Domain;
use countersign::spec::{Spec, read_case, shipped};
use countersign::yaml::{Diagnostic, Diagnostics, Severity, Source};
use snapbox::{Data, str};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reading/spec_diagnostics")
}

/// An input and what is said of it.
struct Input {
    name: String,
    text: String,
    said: Diagnostics,
}

/// The inputs in the order of their names; read once.
fn inputs() -> &'static [Input] {
    static INPUTS: OnceLock<Vec<Input>> = OnceLock::new();
    INPUTS.get_or_init(|| {
        let inputs = texts().into_iter().map(|(name, text)| {
            let said = said(&name, &text);
            Input { name, text, said }
        });
        inputs.collect()
    })
}

fn texts() -> Vec<(String, String)> {
    let mut texts: Vec<(String, String)> = fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ext| ext == "yaml"))
        .map(|path| {
            let name = path.file_stem().unwrap().to_string_lossy().into_owned();
            (name, fs::read_to_string(path).unwrap())
        })
        .collect();
    texts.sort();
    texts
}

/// What is said of a spec: by its reader or, where it can be read, by its analysis.
fn said(name: &str, text: &str) -> Diagnostics {
    match Spec::read(&Source::new(format!("{name}.yaml"), text)) {
        Ok(spec) => spec.analyse(),
        Err(problems) => problems,
    }
}

#[test]
fn every_mistake_is_shown_where_it_stands_with_what_to_write_instead() {
    for Input { name, said, .. } in inputs() {
        assert!(!said.list.is_empty(), "{name} has a mistake");
        let pinned = Data::read_from(&folder().join(format!("{name}.txt")), None).raw();
        snapbox::assert_data_eq!(said.render(), pinned);
    }
}

#[test]
fn every_diagnostic_has_a_place_a_message_and_a_remedy() {
    for Input { name, text, said } in inputs() {
        for problem in &said.list {
            assert!(!problem.help.is_empty(), "{name}: {}", problem.message);
            assert!(
                !problem.message.ends_with('.'),
                "{name}: {}",
                problem.message
            );
            assert!(
                problem.span.start < text.len(),
                "{name}: {}",
                problem.message
            );
        }
    }
}

#[test]
fn one_reading_tells_of_every_mistake() {
    // One in each part of the spec; none hides another, and none is told of twice in other words.
    let input = inputs()
        .iter()
        .find(|input| input.name == "several-at-once")
        .unwrap();
    let messages: Vec<&str> = input
        .said
        .list
        .iter()
        .map(|problem| problem.message.as_str())
        .collect();
    snapbox::assert_data_eq!(
        messages.join("\n"),
        str![[r#"
a pack's version is a whole number from 1
the field `policy.profiles.scheme` has no key `one-off`
a definition uses exactly one selector
there is no field `policy.actve`
`most` is not a level
`client.credential` is never `vald`
this is not a status code, nor a range of them
"#]]
    );
}

#[test]
fn a_case_on_the_command_line_is_read_as_strictly() {
    let spec = Spec::read(&shipped("reachability").unwrap()).unwrap();
    snapbox::assert_data_eq!(
        case(
            "{policy: {profiles: [{schem: basic}], advertise_all: 1, active: flase}, cliet: {}}",
            &spec.domain
        ),
        str![[r#"
error: `policy.active` is never `flase`
 --> --case:1:65
  |
1 | {policy: {profiles: [{schem: basic}], advertise_all: 1, active: flase}, cliet: {}}
  |                                                                 ^^^^^
  |
  = help: did you mean `false`?

error: `policy.profiles` has no field `schem`
 --> --case:1:23
  |
1 | {policy: {profiles: [{schem: basic}], advertise_all: 1, active: flase}, cliet: {}}
  |                       ^^^^^
  |
  = help: did you mean `scheme`?

error: `policy.advertise_all` is never `1`
 --> --case:1:54
  |
1 | {policy: {profiles: [{schem: basic}], advertise_all: 1, active: flase}, cliet: {}}
  |                                                      ^
  |
  = help: its values are `false` and `true`

error: a case has no key `cliet`
 --> --case:1:73
  |
1 | {policy: {profiles: [{schem: basic}], advertise_all: 1, active: flase}, cliet: {}}
  |                                                                         ^^^^^
  |
  = help: did you mean `client`?


"#]]
    );
    snapbox::assert_data_eq!(
        case(
            "{policy: {profiles: [{}, {}, {}, {}, {}]}, instance: {first_scheme_only: {}}, client: [basic]}",
            &spec.domain
        ),
        str![[r#"
error: `policy.profiles` has 5 items
 --> --case:1:21
  |
1 | {policy: {profiles: [{}, {}, {}, {}, {}]}, instance: {first_scheme_only: {}}, client: [basic]}
  |                     ^
  |
  = help: it may have 0 to 4

error: `instance.first_scheme_only` is never a mapping
 --> --case:1:74
  |
1 | {policy: {profiles: [{}, {}, {}, {}, {}]}, instance: {first_scheme_only: {}}, client: [basic]}
  |                                                                          ^
  |
  = help: its values are `true` and `false`

error: `client` is never a list
 --> --case:1:87
  |
1 | {policy: {profiles: [{}, {}, {}, {}, {}]}, instance: {first_scheme_only: {}}, client: [basic]}
  |                                                                                       ^
  |
  = help: it is a mapping of fields


"#]]
    );
}

fn case(text: &str, domain: &Domain) -> String {
    read_case(&Source::new("--case", text), domain)
        .unwrap_err()
        .render()
}

/// A place in the source that can give a diagnostic, with the fixed parts of what it says.
struct Site {
    place: String,
    message: Words,
    help: Words,
}

/// Text with gaps: what a format string says whatever its arguments.
#[derive(Clone, Debug, PartialEq)]
struct Words(Vec<String>);

impl Words {
    /// The words of an argument that is a literal or a `format!`; anything else may say anything.
    fn of(argument: &str) -> Self {
        let Some((text, is_format)) = literal(argument) else {
            return Self(vec![String::new(), String::new()]);
        };
        if !is_format {
            return Self(vec![text]);
        }
        let mut parts = vec![String::new()];
        let mut rest = text.chars().peekable();
        while let Some(c) = rest.next() {
            match c {
                '{' | '}' if rest.peek() == Some(&c) => {
                    parts.last_mut().unwrap().push(c);
                    rest.next();
                }
                '{' => {
                    while rest.next() != Some('}') {}
                    parts.push(String::new());
                }
                c => parts.last_mut().unwrap().push(c),
            }
        }
        Self(parts)
    }

    fn fit(&self, text: &str) -> bool {
        let [first, middle @ ..] = self.0.as_slice() else {
            return false;
        };
        let Some(mut rest) = text.strip_prefix(first.as_str()) else {
            return false;
        };
        let Some((last, middle)) = middle.split_last() else {
            return rest.is_empty();
        };
        for part in middle {
            match rest.split_once(part.as_str()) {
                Some((_, behind)) => rest = behind,
                None => return false,
            }
        }
        rest.ends_with(last.as_str())
    }
}

/// The string literal that an argument is or formats.
fn literal(argument: &str) -> Option<(String, bool)> {
    let argument = argument.trim();
    let is_format = argument.starts_with("format!(");
    let from = argument
        .strip_prefix("format!(")
        .unwrap_or(argument)
        .trim_start();
    let mut rest = from.strip_prefix('"')?.chars().peekable();
    let mut text = String::new();
    loop {
        match rest.next()? {
            '"' => return Some((text, is_format)),
            '\\' => match rest.next()? {
                '\n' => while rest.next_if(|c| c.is_whitespace()).is_some() {},
                c => text.push(c),
            },
            c => text.push(c),
        }
    }
}

/// The arguments of a call that begins here, without its parentheses.
fn arguments(text: &str) -> Vec<String> {
    let mut arguments = vec![String::new()];
    let (mut depth, mut quoted, mut escaped) = (0, false, false);
    for c in text.chars() {
        if quoted {
            (quoted, escaped) = (c != '"' || escaped, c == '\\' && !escaped);
        } else {
            match c {
                '"' => quoted = true,
                '(' | '[' | '{' => depth += 1,
                ')' if depth == 0 => return arguments,
                ')' | ']' | '}' => depth -= 1,
                ',' if depth == 0 => {
                    arguments.push(String::new());
                    continue;
                }
                _ => {}
            }
        }
        arguments.last_mut().unwrap().push(c);
    }
    panic!("a call without an end");
}

fn sites(folder: &Path, into: &mut Vec<Site>) {
    let mut paths: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            sites(&path, into);
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        let code = text.split("#[cfg(test)]").next().unwrap();
        for (at, call) in code
            .match_indices("Diagnostic::error(")
            .chain(code.match_indices("Diagnostic::warning("))
        {
            let found = arguments(&code[at + call.len()..]);
            let line = code[..at].matches('\n').count() + 1;
            into.push(Site {
                place: format!("{}:{line}", path.file_name().unwrap().to_string_lossy()),
                message: Words::of(&found[1]),
                help: Words::of(&found[2]),
            });
        }
    }
}

#[test]
fn every_site_is_seen() {
    let mut all = Vec::new();
    for room in ["src/spec", "src/yaml"] {
        sites(&Path::new(env!("CARGO_MANIFEST_DIR")).join(room), &mut all);
    }
    assert!(all.len() > 90, "{} sites were found", all.len());
    let seen: Vec<&Diagnostic> = inputs().iter().flat_map(|input| &input.said.list).collect();
    let mut missing = Vec::new();
    for (index, site) in all.iter().enumerate() {
        if !seen
            .iter()
            .any(|one| site.message.fit(&one.message) && site.help.fit(&one.help))
        {
            missing.push(format!("{}: {:?}", site.place, site.message.0));
        }
        let twin = all
            .iter()
            .skip(index + 1)
            .find(|other| other.message == site.message && other.help == site.help);
        if let Some(twin) = twin {
            missing.push(format!(
                "{} and {} say the same, so nobody can tell which of them was seen",
                site.place, twin.place
            ));
        }
    }
    assert!(missing.is_empty(), "not seen:\n{}", missing.join("\n"));
    assert!(seen.iter().any(|one| one.severity == Severity::Warning));
}

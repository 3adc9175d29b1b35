//! The code keeps to what `docs/architecture.md` says of it: its rooms, their floors, and one name for one
//! thing.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path};

use countersign::vocabulary::{ClientField, client_fields};

use super::{files, read};

#[path = "../support/circles.rs"]
mod circles;

/// The floor of each room, as `docs/architecture.md` has it.
fn floors() -> BTreeMap<String, u32> {
    let text = read(Path::new("docs/architecture.md"));
    let mut floors = BTreeMap::new();
    for line in text.lines() {
        let mut cells = line.split('|').skip(1).map(str::trim);
        if let (Some(floor), Some(room)) = (cells.next(), cells.next())
            && let Ok(floor) = floor.parse()
        {
            let room = room.trim_matches('`').trim_end_matches('/');
            let room = room.trim_end_matches(".rs").to_owned();
            assert_eq!(floors.insert(room.clone(), floor), None, "{room}");
        }
    }
    floors
}

/// The room of a source file, from its path below `src/`.
fn room(path: &Path) -> String {
    let Some(Component::Normal(first)) = path.components().nth(1) else {
        panic!("{}", path.display())
    };
    first.to_str().unwrap().trim_end_matches(".rs").to_owned()
}

/// The code of a file without its comments, its strings and what is only there for tests.
fn code(path: &Path) -> String {
    let text = read(path);
    let mut code = String::new();
    let mut test = false;
    for line in text.lines() {
        // Formatted code: a module of tests ends with the first brace in the first column.
        if line == "#[cfg(test)]" {
            test = true;
        } else if test {
            test = !(line == "}" || line.ends_with(';') && !line.starts_with(' '));
        } else if !line.trim_start().starts_with("//") {
            code.push_str(line);
            code.push('\n');
        }
    }
    code
}

/// The rooms that a file's code names: behind `crate::` (in the binary, `countersign::`), alone or in
/// braces.
fn named(code: &str) -> BTreeSet<String> {
    let mut rooms = BTreeSet::new();
    for root in ["crate::", "countersign::"] {
        for (at, _) in code.match_indices(root) {
            let rest = &code[at + root.len()..];
            let before = code[..at].chars().next_back();
            if before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == '$') {
                continue;
            }
            let word = |text: &str| -> String {
                text.chars()
                    .take_while(|c| c.is_ascii_alphanumeric() || *c == '_')
                    .collect()
            };
            let Some(list) = rest.strip_prefix('{') else {
                rooms.insert(word(rest));
                continue;
            };
            let mut depth = 0;
            let mut item = String::new();
            for c in list.chars() {
                match c {
                    '{' => depth += 1,
                    '}' if depth > 0 => depth -= 1,
                    ',' | '}' if depth == 0 => {
                        rooms.extend([word(std::mem::take(&mut item).trim())]);
                    }
                    _ => {}
                }
                if c == '}' && depth == 0 && item.is_empty() {
                    break;
                }
                if c != ',' || depth > 0 {
                    item.push(c);
                }
            }
        }
    }
    rooms.remove("");
    rooms
}

/// The files of these rooms whose code names a variant of an enum.
fn files_that_name(rooms: &[&str], variant: &str) -> Vec<String> {
    let mut found = Vec::new();
    for path in files(".rs") {
        let is_there = { rooms.iter() }.any(|room| path.starts_with(Path::new("src").join(room)));
        if !is_there || path.ends_with("tests.rs") {
            continue;
        }
        let code = code(&path);
        let names = code.match_indices(variant).any(|(at, _)| {
            let behind = code[at + variant.len()..].chars().next();
            // A token has states of its own.
            !behind.is_some_and(char::is_alphanumeric) && !code[..at].ends_with("Token")
        });
        if names {
            found.push(path.display().to_string());
        }
    }
    found
}

/// The variants that a macro of a file declares, each before its word.
fn declared(path: &str, list: &str) -> Vec<String> {
    let text = read(Path::new(path));
    let (_, list) = text.split_once(list).unwrap();
    let variants = list.lines().filter_map(|line| {
        let (variant, rest) = line.strip_prefix("    ")?.split_once(", ")?;
        (rest.starts_with('"') && !variant.starts_with('/')).then(|| variant.to_owned())
    });
    variants.collect()
}

/// What `CONTRIBUTING.md` says of a new credential state and a new form.
#[test]
fn a_word_of_the_client_stands_in_three_files_at_most() {
    let state = "src/credentials/state.rs";
    let states = declared(state, "\nstates! {");
    assert!(states.len() > 50, "{states:?}");
    // Good credentials and none are no oddity, and `guest.rs` says whose account a state may lock.
    let other = |file: &String| file != state && !file.ends_with("guest.rs");
    for variant in { states.iter() }.filter(|name| !["Valid", "None"].contains(&name.as_str())) {
        let mut named = files_that_name(&["credentials", "client"], &format!("State::{variant}"));
        named.retain(other);
        assert!(named.len() < 3, "{variant}: {state} and {named:?}");
    }
    let form = "src/vocabulary/form.rs";
    let forms = declared(form, "\nforms! {");
    assert!(forms.len() > 19, "{forms:?}");
    for variant in forms.iter().filter(|name| *name != "Plain") {
        let named =
            ["Form", "Self"].map(|of| files_that_name(&["client"], &format!("{of}::{variant}")));
        let named: BTreeSet<_> = named.concat().into_iter().filter(other).collect();
        assert!(named.len() < 3, "{variant}: {form} and {named:?}");
    }
}

#[test]
fn rooms_are_drawn() {
    let floors = floors();
    let mut rooms: BTreeSet<String> = files(".rs")
        .iter()
        .filter(|path| path.starts_with("src"))
        .map(|path| room(path))
        .collect();
    assert!(rooms.remove("lib"), "the list of the rooms is none");
    let drawn: BTreeSet<String> = floors.keys().cloned().collect();
    assert_eq!(drawn, rooms);
}

#[test]
fn floors_hold() {
    let floors = floors();
    let mut wrong = Vec::new();
    let mut seen = 0;
    for path in files(".rs") {
        if !path.starts_with("src") || path.ends_with("lib.rs") || path.ends_with("tests.rs") {
            continue;
        }
        let from = room(&path);
        for to in named(&code(&path)) {
            // The grammar is a crate of its own, below all of them.
            if to == "auth" {
                continue;
            }
            let Some(floor) = floors.get(&to) else {
                wrong.push(format!("{}: `{to}` is no room", path.display()));
                continue;
            };
            seen += 1;
            if to != from && *floor >= floors[&from] {
                wrong.push(format!(
                    "{} (floor {}) imports {to} (floor {floor})",
                    path.display(),
                    floors[&from]
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(seen > 50, "{seen}");
}

/// The texts between quotes in a file's code.
fn texts(code: &str) -> Vec<&str> {
    code.lines()
        .flat_map(|line| line.split('"').skip(1).step_by(2))
        .collect()
}

#[test]
fn domains_know_no_word_of_clients() {
    let mut seen = 0;
    for path in files(".rs") {
        // The samples are for the tests of the room.
        if !path.starts_with("src/domain") || path.ends_with("samples.rs") {
            continue;
        }
        let code = code(&path);
        for text in texts(&code) {
            seen += 1;
            for ClientField { name, words } in client_fields() {
                let is_word = text == *name || words.contains(&text);
                assert!(!is_word, "{}: \"{text}\"", path.display());
            }
        }
    }
    assert!(seen > 50, "{seen}");
}

/// Files that stand in for others where a feature is left out: what they define has the others' names.
const STAND_INS: [&str; 2] = ["_left_out.rs", "_bare.rs"];

/// The types, traits and aliases that code defines, but for those of an `impl` or a trait.
fn defined(code: &str) -> Vec<String> {
    let mut inside = None;
    let mut names = Vec::new();
    for line in code.lines() {
        let indent = line.len() - line.trim_start().len();
        let line = line.trim_start();
        match inside {
            Some(end) if line == "}" && indent == end => inside = None,
            Some(_) => continue,
            None => {}
        }
        let mut words = line.split_whitespace().peekable();
        while words
            .next_if(|word| {
                word.starts_with("pub")
                    || *word == "crate)"
                    || word.ends_with("super)")
                    || word.starts_with("crate::")
            })
            .is_some()
        {}
        let kind = words.next().unwrap_or_default();
        let ends = line.ends_with('{');
        if kind.starts_with("impl") && ends {
            inside = Some(indent);
        }
        if !["struct", "enum", "trait", "type", "union"].contains(&kind) {
            continue;
        }
        if kind == "trait" && ends {
            inside = Some(indent);
        }
        let name: String = (words.next().unwrap_or_default().chars())
            .take_while(|c| c.is_ascii_alphanumeric())
            .collect();
        // A type that a macro is given has a name where the macro is used.
        if !name.is_empty() {
            names.push(name);
        }
    }
    names
}

#[test]
fn one_name_stands_for_one_thing() {
    let mut places: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for path in files(".rs") {
        let shown = path.display().to_string();
        let is_code = path.starts_with("src") || shown.starts_with("crates/auth/src");
        let is_apart = STAND_INS.iter().any(|end| shown.ends_with(end));
        if !is_code || is_apart || path.ends_with("tests.rs") {
            continue;
        }
        for name in defined(&code(&path)) {
            places.entry(name).or_default().push(shown.clone());
        }
    }
    assert!(places.len() > 500, "{}", places.len());
    places.retain(|_, places| places.len() > 1);
    assert!(places.is_empty(), "{places:#?}");
}

#[test]
fn names_and_rooms_are_seen() {
    let two = BTreeSet::from(["spec".to_owned(), "wire".to_owned()]);
    assert_eq!(named("use crate::{spec::{Rule, Spec}, wire};"), two);
    assert_eq!(
        named("use crate::spec::Rule;\nfn f(x: crate::wire::Url) {}"),
        two
    );
    assert_eq!(named("mycrate::spec::x()"), BTreeSet::new());
    let code = "pub(in crate::a) struct A<T>(T);\nimpl B for A<u8> {\n    type C = u8;\n}\nmod m {\n    \
        enum D {\n        E,\n    }\n}\ntrait F {\n    type G;\n}\ntype H = u8;";
    assert_eq!(defined(code), ["A", "D", "F", "H"]);
}

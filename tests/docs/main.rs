//! The documents stay true: the commands they show run as shown, what they name exists, and the code
//! keeps to what they say of it (`rooms`).

#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test may panic, and its helpers are parts of it"
)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use countersign::adapter::shipped_names;
use countersign::client::PATH;
use countersign::credentials::{CredentialState, Identity, KEY, SIGNATURE, Scheme, TokenKind};
use countersign::domain::outermost;
use countersign::spec::{SHIPPED, Spec, shipped};

#[path = "../support/page.rs"]
mod page;

mod example_gateway;
mod rooms;
mod writing_specs;

use page::{blocks, commands, makes_files, shows};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// The documents and sources of the repository, with paths from its root, in order.
fn files(ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![PathBuf::new()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(Path::new(ROOT).join(&folder)).unwrap() {
            let entry = entry.unwrap();
            let name = entry.file_name().into_string().unwrap();
            let path = folder.join(&name);
            if entry.file_type().unwrap().is_dir() {
                if name != "target" && !name.starts_with('.') {
                    folders.push(path);
                }
            } else if name.ends_with(ending) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

fn read(path: &Path) -> String {
    fs::read_to_string(Path::new(ROOT).join(path)).unwrap()
}

/// The arguments of a command that is ours.
fn arguments(command: &str) -> Option<Vec<&str>> {
    let mut words = command.split_whitespace();
    let rest = match words.next()? {
        "countersign" => words.collect(),
        "cargo" => {
            let rest: Vec<&str> = words.collect();
            match rest.as_slice() {
                ["run", "--release"] => Vec::new(),
                ["run", "--release", "--", ours @ ..] => ours.to_vec(),
                _ => return None,
            }
        }
        _ => return None,
    };
    Some(rest)
}

#[test]
fn commands_say_what_is_shown() {
    let mut tried = 0;
    for path in files(".md") {
        let text = read(&path);
        // Such a page is followed by a test of its own, where what it needs is there.
        if makes_files(&text) {
            continue;
        }
        for (language, lines) in blocks(&text) {
            if language != "console" {
                continue;
            }
            for (command, shown) in commands(&lines) {
                let Some(arguments) = arguments(command) else {
                    continue;
                };
                let output = Command::new(env!("CARGO_BIN_EXE_countersign"))
                    .args(arguments)
                    .current_dir(ROOT)
                    .output()
                    .unwrap();
                let said = String::from_utf8(output.stdout).unwrap();
                if let Err(why) = shows(&said, &shown) {
                    panic!("{}: {command}\n{why}\nall of it:\n{said}", path.display());
                }
                let last = said.lines().last().unwrap_or_default();
                if last.contains(" rules passed") {
                    let lenient = ["; it does not fail", "; none of them fails"];
                    let conforms = last.starts_with("0 findings")
                        || lenient.iter().any(|words| last.contains(words));
                    assert_eq!(
                        output.status.code(),
                        Some(i32::from(!conforms)),
                        "{command}"
                    );
                }
                tried += 1;
            }
        }
    }
    assert!(
        tried >= 3,
        "the README shows the first command and two remedies"
    );
}

/// The targets of a document's links.
fn links(text: &str) -> Vec<&str> {
    text.split("](")
        .skip(1)
        .filter_map(|rest| rest.split(')').next())
        .collect()
}

#[test]
fn links_lead_somewhere() {
    let mut broken = Vec::new();
    for path in files(".md") {
        let text = read(&path);
        for link in links(&text) {
            let target = link.split('#').next().unwrap();
            if target.is_empty() || target.contains("://") || target.starts_with("mailto:") {
                continue;
            }
            let here = path.parent().unwrap();
            if !Path::new(ROOT).join(here).join(target).exists() {
                broken.push(format!("{}: {link}", path.display()));
            }
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
}

/// Files of `docs/` that the sources name, in comments and in messages.
/// Recipes name the files to touch.
#[test]
fn recipes_name_what_is_there() {
    let text = read(Path::new("CONTRIBUTING.md"));
    let outside = text.split("```").step_by(2);
    let named = outside.flat_map(|text| text.split('`').skip(1).step_by(2));
    let paths = named.filter(|word| word.contains('/') && !word.contains(' '));
    let mut seen = 0;
    for path in paths {
        seen += 1;
        assert!(Path::new(ROOT).join(path).exists(), "{path}");
    }
    assert!(seen > 10, "{seen}");
}

#[test]
fn documents_that_the_sources_name_exist() {
    let mut broken = Vec::new();
    for path in files(".rs") {
        let text = read(&path);
        for (at, _) in text.match_indices("docs/") {
            let rest = &text[at..];
            let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || "/-_.".contains(c)));
            let name = rest[..end.unwrap_or(rest.len())].trim_end_matches('.');
            if name.ends_with(".md") && !Path::new(ROOT).join(name).exists() {
                broken.push(format!("{}: {name}", path.display()));
            }
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
}

/// The rows of a document's tables whose first cell has a code that begins so: that code, and the other
/// cells without the marks of code.
fn rows(text: &str, begins: &str) -> Vec<(String, Vec<String>)> {
    text.lines()
        .filter_map(|line| line.strip_prefix("| `")?.strip_suffix('|'))
        .filter(|row| row.starts_with(begins))
        .map(|row| {
            let cells: Vec<String> = row
                .split('|')
                .map(|cell| cell.trim().replace('`', ""))
                .collect();
            (cells[0].clone(), cells[1..].to_vec())
        })
        .collect()
}

#[test]
fn known_departures_are_counted() {
    let page = read(Path::new("adapters/README.md"));
    let table = page.split_once("\n## What ships\n").unwrap().1;
    let table = table.split_once("\n## ").unwrap().0;
    let listed: Vec<(String, String)> = rows(table, "")
        .into_iter()
        .map(|(row, cells)| {
            // Of the product's cell only the version; and no run is made here, so findings are not counted.
            let version = cells[0].rsplit(' ').next().unwrap();
            (row, format!("{version}: {}", cells[2..5].join(", ")))
        })
        .collect();
    let wanted: Vec<(String, String)> = shipped_names()
        .into_iter()
        .map(|name| {
            let known = read(Path::new(&format!("adapters/{name}/known.yaml")));
            let value =
                |key: &'static str| known.lines().filter_map(move |line| line.strip_prefix(key));
            let version = value("version: ").next().unwrap().trim_matches('"');
            let whose = ["product", "default", "adapter"]
                .map(|word| value("    whose: ").filter(|whose| *whose == word).count());
            let [product, default, adapter] = whose;
            let counted = format!("{version}: {product}, {default}, {adapter}");
            (name.to_owned(), counted)
        })
        .collect();
    assert_eq!(listed, wanted);
}

const PROTOCOL: &str = "docs/control-protocol.md";

#[test]
fn fields_that_have_to_be_claimed_are_listed() {
    let specs = SHIPPED.map(|(name, _)| Spec::read(&shipped(name).unwrap()).unwrap());
    let mut wanted: BTreeMap<String, String> = BTreeMap::new();
    for spec in &specs {
        let simplest = spec.domain.simplest();
        let extensions: Vec<_> = spec.extensions.iter().collect();
        for path in outermost(&extensions) {
            let value = simplest.at(path).unwrap();
            let value = match value.items() {
                Some([]) => "none".to_owned(),
                _ => value.to_string(),
            };
            wanted.insert(path.to_owned(), value);
        }
    }
    let text = read(Path::new(PROTOCOL));
    let mut listed = rows(&text, "policy.");
    listed.extend(rows(&text, "instance."));
    let listed: BTreeMap<String, String> = listed
        .into_iter()
        .map(|(path, cells)| (path, cells[0].clone()))
        .collect();
    assert_eq!(listed, wanted, "{PROTOCOL}");
}

#[test]
fn identities_are_listed() {
    let cast = Identity::needed_for(Scheme::ALL, CredentialState::ALL, TokenKind::Either);
    let text = read(Path::new(PROTOCOL));
    for identity in cast {
        let row = format!("| `{}` | `{}` |", identity.user, identity.password.expose());
        let there = text.lines().any(|line| line.starts_with(&row));
        assert!(there, "{PROTOCOL} has no row {row}");
    }
    for word in [
        "`/resource`",
        "`X-API-Key`",
        "`api_key`",
        "`X-HMAC-Signature`",
    ] {
        assert!(text.contains(word), "{PROTOCOL}: {word}");
    }
    assert_eq!(
        (PATH, KEY.0, KEY.1, SIGNATURE.0),
        ("/resource", "X-API-Key", "api_key", "X-HMAC-Signature")
    );
}

fn help(subcommand: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_countersign"))
        .args(subcommand)
        .arg("--help")
        .output()
        .unwrap();
    assert!(output.status.success(), "{subcommand:?} --help");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn options_that_are_named_exist() {
    let mut helps: BTreeMap<Vec<&str>, String> = BTreeMap::new();
    for subcommand in [
        &[][..],
        &["run"],
        &["check"],
        &["schema"],
        &["coverage"],
        &["domain"],
        &["faults"],
        &["kill-matrix"],
        &["rules"],
        &["explain"],
        &["completions"],
        &["man"],
        &["replay"],
        &["export"],
        &["corpus"],
        &["corpus", "list"],
        &["corpus", "check"],
        &["corpus", "merge"],
        &["corpus", "prune"],
        &["merge"],
        &["report"],
        &["serve"],
        &["compare"],
        &["adapters"],
        &["adapters", "list"],
        &["adapters", "install"],
        &["reach"],
        &["probe"],
        &["import"],
        &["import", "servicenow"],
        &["advise"],
        &["clients"],
        &["clients", "list"],
        &["clients", "show"],
        &["clients", "predict"],
        &["clients", "measure"],
        &["clients", "play"],
        &["clients", "test"],
    ] {
        helps.insert(subcommand.to_vec(), help(subcommand));
    }
    let (mut seen, mut wrong) = (0, Vec::new());
    for path in files(".md") {
        let text = read(&path);
        // In code only: between backticks, and in blocks.
        let inline = text
            .lines()
            .flat_map(|line| line.split('`').skip(1).step_by(2));
        let indented = text.lines().filter_map(|line| line.strip_prefix("    "));
        let blocks = blocks(&text);
        let lines = blocks.iter().flat_map(|(_, lines)| lines.iter().copied());
        for line in inline.chain(indented).chain(lines) {
            let line = line.strip_prefix("$ ").unwrap_or(line);
            let Some(words) = line.split('#').next().and_then(arguments) else {
                continue;
            };
            // Versions of the program, as a report has them.
            if words
                .first()
                .is_some_and(|word| word.starts_with(|c: char| c.is_ascii_digit()))
            {
                continue;
            }
            let is_plain = |word: &&&str| {
                !word.starts_with('-') && word.chars().all(|c| c.is_ascii_lowercase() || c == '-')
            };
            let mut named: Vec<&str> = words.iter().take_while(is_plain).copied().collect();
            named.truncate(match named.first() {
                Some(&("adapters" | "clients" | "corpus" | "import")) => 2,
                _ => 1,
            });
            let Some(help) = helps.get(&named) else {
                wrong.push(format!("{}: {line}", path.display()));
                continue;
            };
            seen += 1;
            // What stands behind two dashes is of another program, and what stands in quotes is a value.
            let mut quoted = false;
            let own = words
                .iter()
                .take_while(|word| **word != "--")
                .filter(|word| {
                    let was = quoted;
                    quoted ^= word.matches('"').count() % 2 == 1;
                    !was
                });
            for option in own.filter(|word| word.starts_with("--")) {
                let name = option.split('=').next().unwrap();
                let is_known = help
                    .split(|c: char| c.is_whitespace() || ",[]<>=".contains(c))
                    .any(|word| word == name);
                if !is_known {
                    wrong.push(format!("{}: {line}: {name}", path.display()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(seen > 10, "{seen}");
}

#[test]
fn the_tests_see_what_they_look_for() {
    assert_eq!(links("[a](b.md), [c](d#e)"), ["b.md", "d#e"]);
    let shown = "  all 9 cases in 0.4 s: 9 judged, 17 a second, 3 requests";
    assert!(
        shows(
            "x\n  all 9 cases in 1.3 s: 9 judged, 4 a second, 3 requests\ny",
            &["…", shown]
        )
        .is_ok()
    );
    assert!(shows("x\ny\nz", &["x", "z"]).is_err());
    assert!(shows("x\ny\nz", &["x", "…", "z"]).is_ok());
    assert!(shows("> host: 127.0.0.1:81", &["> host: 127.0.0.1:4010"]).is_ok());
}

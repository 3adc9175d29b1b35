//! Circles of files: which files of a room use each other, directly or by way of others.

use std::collections::{BTreeMap, BTreeSet};

use super::{code, files};

/// A module by the names on the way to it from the crate's root.
type Module = Vec<String>;

/// The circles of a crate's files within its rooms, each in words: its files in order, one after the other.
/// What a room's first file hands on from its parts is theirs, and no use of them.
fn circles(sources: &[(String, String)]) -> Vec<String> {
    let modules: BTreeMap<Module, &str> = sources
        .iter()
        .map(|(path, code)| (module(path), code.as_str()))
        .collect();
    let mut handed_on: BTreeMap<Module, Module> = BTreeMap::new();
    let mut uses: Vec<(Module, Module)> = Vec::new();
    for (here, code) in &modules {
        let (imports, rest) = imports(code);
        for (tree, public) in imports {
            for path in spread(&tree) {
                let Some(target) = absolute(here, &path, &modules) else {
                    continue;
                };
                if public
                    && modules
                        .keys()
                        .any(|it| it.len() > here.len() && it.starts_with(here))
                {
                    let name = [here.as_slice(), &target[target.len() - 1..]].concat();
                    handed_on.insert(name, target);
                } else {
                    uses.push((here.clone(), target));
                }
            }
        }
        for path in paths(&rest) {
            uses.extend(absolute(here, &path, &modules).map(|target| (here.clone(), target)));
        }
    }
    let mut arrows: BTreeMap<&Module, BTreeSet<Module>> = BTreeMap::new();
    for (from, target) in &uses {
        let to = resolved(target, &modules, &handed_on);
        if to != *from && to.first() == from.first() && !to.is_empty() {
            arrows.entry(from).or_default().insert(to);
        }
    }
    let reached: BTreeMap<&Module, BTreeSet<&Module>> = arrows
        .keys()
        .map(|from| {
            let mut seen = BTreeSet::new();
            let mut open = vec![*from];
            while let Some(at) = open.pop() {
                for to in arrows.get(at).into_iter().flatten() {
                    if seen.insert(to) {
                        open.push(to);
                    }
                }
            }
            (*from, seen)
        })
        .collect();
    let mut found = BTreeSet::new();
    for (from, seen) in &reached {
        let back = |to: &&&Module| reached.get(**to).is_some_and(|them| them.contains(from));
        let circle: Vec<String> = seen.iter().filter(back).map(|it| it.join("/")).collect();
        if circle.len() > 1 {
            found.insert(circle.join(" "));
        }
    }
    found.into_iter().collect()
}

/// The module that a file below `src/` is.
fn module(path: &str) -> Module {
    let path = path.trim_end_matches(".rs");
    let path = path.strip_suffix("/mod").unwrap_or(path);
    path.split('/').map(str::to_owned).collect()
}

/// What a file imports, each with whether it hands it on, and the code without that.
fn imports(code: &str) -> (Vec<(String, bool)>, String) {
    let (mut imports, mut rest) = (Vec::new(), String::new());
    let mut import: Option<(String, bool)> = None;
    for line in code.lines() {
        let words = line.trim_start();
        if import.is_none() {
            let (before, behind) = words.split_once("use ").unwrap_or(("-", ""));
            let public = before.starts_with("pub") && !before.contains("fn");
            match before.is_empty() || public {
                true => import = Some((behind.to_owned(), public)),
                false => rest.extend([line, "\n"]),
            }
        } else if let Some((tree, _)) = &mut import {
            tree.push_str(words);
        }
        if let Some((tree, public)) = import.take_if(|(tree, _)| tree.contains(';')) {
            imports.push((tree.trim_end_matches(';').to_owned(), public));
        }
    }
    (imports, rest)
}

/// The single paths of a tree of imports.
fn spread(tree: &str) -> Vec<Vec<String>> {
    let names = |path: &str| -> Vec<String> {
        let path = path.split(" as ").next().unwrap();
        let names = path.split("::").map(str::trim);
        let names = names.filter(|name| !name.is_empty() && *name != "self");
        names.map(str::to_owned).collect()
    };
    let Some((head, list)) = tree.split_once('{') else {
        return vec![names(tree)];
    };
    let Some((list, _)) = list.rsplit_once('}') else {
        return Vec::new();
    };
    let (mut depth, mut item, mut all) = (0, String::new(), Vec::new());
    for c in list.chars().chain([',']) {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                for path in spread(&std::mem::take(&mut item)) {
                    all.push([names(head), path].concat());
                }
                continue;
            }
            _ => {}
        }
        item.push(c);
    }
    all
}

/// The paths in code that begin with `crate` or `super`.
fn paths(code: &str) -> Vec<Vec<String>> {
    let is_path = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
    code.split(|c: char| !is_path(c))
        .filter(|word| word.starts_with("crate::") || word.starts_with("super::"))
        .map(|word| word.split("::").map(str::to_owned).collect())
        .collect()
}

/// A path from the crate's root, where it is one of the crate's own.
fn absolute(here: &Module, path: &[String], modules: &BTreeMap<Module, &str>) -> Option<Module> {
    let first = path.first()?;
    if first == "crate" {
        return Some(path[1..].to_vec());
    }
    let up = path.iter().take_while(|name| *name == "super").count();
    let base = &here[..here.len().checked_sub(up)?];
    let target = [base, &path[up..]].concat();
    let child = here.iter().chain([first]).cloned().collect::<Module>();
    (up > 0 || modules.contains_key(&child)).then_some(target)
}

/// The file that a path leads to, through what first files hand on.
fn resolved(
    target: &Module,
    modules: &BTreeMap<Module, &str>,
    handed_on: &BTreeMap<Module, Module>,
) -> Module {
    for length in (1..=target.len()).rev() {
        let start = &target[..length];
        if modules.contains_key(start) {
            return start.to_vec();
        }
        if let Some(behind) = handed_on.get(start).filter(|it| it.as_slice() != start) {
            return resolved(behind, modules, handed_on);
        }
    }
    Vec::new()
}

/// Circles that stay: a type and what reads, writes or tells it, and parts of one thing.
const CIRCLES: [&[&str]; 11] = [
    &["corpus/entrance", "corpus/replay"],
    &["corpus/entry", "corpus/head", "corpus/write"],
    &["harness", "harness/prepare"],
    &["matrix/job", "matrix/witness"],
    &["reference/origin", "reference/origin/metadata"],
    &["report/cause", "report/exchange", "report/unsteady"],
    &["results/before", "results/finding"],
    &["results/comparison", "results/report"],
    &["results/known", "results/run"],
    &["user_agents/model/layout", "user_agents/model/read"],
    &["yaml/diagnostic", "yaml/node"],
];

#[test]
fn files_of_a_room_go_in_no_circle() {
    let sources: Vec<(String, String)> = files(".rs")
        .into_iter()
        .filter(|path| !path.ends_with("tests.rs"))
        .filter_map(|path| {
            let below = path.strip_prefix("src").ok()?.to_str().unwrap().to_owned();
            Some((below, code(&path)))
        })
        .collect();
    assert!(sources.len() > 200, "{}", sources.len());
    let found = circles(&sources);
    let stays = |circle: &&String| {
        let files: Vec<&str> = circle.split(' ').collect();
        let mut known = CIRCLES.iter();
        known.any(|known| files.iter().all(|file| known.contains(file)))
    };
    let new: Vec<&String> = found.iter().filter(|circle| !stays(circle)).collect();
    assert!(
        new.is_empty(),
        "these files use each other; move what they share into a file below them: {new:#?}"
    );
    let sources = [
        (
            "spec/mod.rs",
            "mod a;\nmod b;\nmod c;\npub use a::A;\npub use b::{B, C};\n",
        ),
        (
            "spec/a.rs",
            "use super::b::{\n    B,\n    C,\n};\nstruct A;\n",
        ),
        (
            "spec/b.rs",
            "use crate::spec::c::D;\nfn b() { super::c::d() }\n",
        ),
        ("spec/c.rs", "use crate::spec::{A, E};\n"),
    ];
    let sources = sources.map(|(path, code)| (path.to_owned(), code.to_owned()));
    assert_eq!(circles(&sources), ["spec/a spec/b spec/c"]);
    assert_eq!(circles(&sources[..3]), Vec::<String>::new());
}

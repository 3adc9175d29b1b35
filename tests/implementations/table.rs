//! `docs/matrix.md` and `docs/matrix.json` speak of what there is: every adapter that ships, every pack,
//! and no rule that is not there. When they were made is not looked at, nor what was found: products
//! change, and `cargo test` holds what is known of each against it.

use std::collections::BTreeSet;
use std::fs;

use countersign::adapter::shipped_names;
use countersign::spec::{SHIPPED, Spec, shipped};
use libtest_mimic::Trial;

const REMEDY: &str = "make it anew, on a machine with all adapters installed: \
                      countersign compare --all --write docs";

pub(crate) fn trials() -> Vec<Trial> {
    vec![Trial::test(
        "table::the_matrix_speaks_of_every_adapter_and_pack_and_of_no_rule_that_is_gone",
        || {
            current();
            Ok(())
        },
    )]
}

fn current() {
    let read = |name: &str| {
        let path = format!("{}/docs/{name}", env!("CARGO_MANIFEST_DIR"));
        fs::read_to_string(path).unwrap()
    };
    let json: serde_json::Value = serde_json::from_str(&read("matrix.json")).unwrap();
    let page = read("matrix.md");
    let names: Vec<&str> = json["implementations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, shipped_names(), "{REMEDY}");
    let mut told = BTreeSet::new();
    for pack in json["packs"].as_array().unwrap() {
        for rule in pack["rules"].as_array().unwrap() {
            let states = rule["states"].as_array().unwrap().len();
            assert_eq!(states, names.len(), "{REMEDY}");
            let id = rule["id"].as_str().unwrap().to_owned();
            assert!(page.contains(&format!("| `{id}` |")), "{id}: {REMEDY}");
            told.insert((pack["pack"].as_str().unwrap().to_owned(), id));
        }
    }
    let mut there = BTreeSet::new();
    for (name, _) in SHIPPED {
        let spec = Spec::read(&shipped(name).unwrap()).unwrap();
        for rule in &spec.rules {
            there.insert((spec.pack.name.clone(), rule.id.clone()));
        }
    }
    // A rule that came later is missing until the matrix is made anew; one that is gone is an error.
    let gone: Vec<_> = told.difference(&there).collect();
    assert!(gone.is_empty(), "{gone:?}: {REMEDY}");
    let packs = |of: &BTreeSet<(String, String)>| -> BTreeSet<String> {
        of.iter().map(|(pack, _)| pack.clone()).collect()
    };
    assert_eq!(packs(&told), packs(&there), "{REMEDY}");
}

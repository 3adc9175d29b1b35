//! Traits found again from what they make a client do.

use super::*;
use crate::user_agents::catalogue::{LAYOUTS, Measurement, scripts, shipped};
use crate::user_agents::model::{Traits, play};

/// What a client of the catalogue does on the shipped layouts, by the model.
fn seen(mode: &str) -> (Vec<crate::user_agents::model::Script>, Vec<Measurement>) {
    let entry = shipped().unwrap().find(mode).unwrap();
    let cases = scripts(LAYOUTS).unwrap();
    let seen = cases.iter().map(|(case, script)| {
        let played = play(&entry.traits, script);
        Measurement {
            mode: String::new(),
            case: case.clone(),
            schemes_sent: played.steps.iter().map(ToString::to_string).collect(),
            requests: played.requests,
            final_status: played.status,
        }
    });
    let seen = seen.collect();
    (cases.into_iter().map(|(_, script)| script).collect(), seen)
}

fn rows<'r>(
    scripts: &'r [crate::user_agents::model::Script],
    seen: &'r [Measurement],
) -> Vec<Row<'r>> {
    let pairs = scripts.iter().zip(seen);
    pairs.map(|(script, seen)| Row { script, seen }).collect()
}

#[test]
fn a_client_of_the_catalogue_is_like_itself() {
    for mode in [
        "wget",
        "curl-anyauth",
        "urllib-basic",
        "chromium-authenticate",
    ] {
        let (scripts, seen) = seen(mode);
        let rows = rows(&scripts, &seen);
        let alike = alike(shipped().unwrap(), &rows);
        let whole: Vec<&str> = alike
            .iter()
            .take_while(|like| like.agreed == rows.len())
            .map(|like| like.entry.mode.as_str())
            .collect();
        assert!(whole.contains(&mode), "{mode}: {whole:?}");
    }
}

#[test]
fn traits_are_found_without_the_client_that_has_them() {
    let (scripts, seen) = seen("lynx-auth");
    let rows = rows(&scripts, &seen);
    let mut others = shipped().unwrap().clone();
    others.entries.retain(|entry| entry.mode != "lynx-auth");
    let alike = alike(&others, &rows);
    let nearest = alike.first().unwrap().agreed;
    let found = describing(&alike, &Traits::default(), &rows);
    let agreed = agreed(&found, &rows);
    assert!(
        agreed > nearest && agreed + 1 >= rows.len(),
        "{agreed} after {nearest}"
    );
    assert_eq!(misses(&found, &rows).count(), rows.len() - agreed);
}

//! The catalogue of clients against what was measured: what its traits predict, and each miss with
//! its reason.

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test may panic, and its helpers are parts of it"
)]

use std::collections::{BTreeMap, BTreeSet};

use countersign::user_agents::catalogue::{
    Catalogue, LAYOUTS, MEASUREMENTS, Measurement, measurements, scripts, shipped,
};
use countersign::user_agents::model::{ClientPlay, KnownScheme, Layout, Script, Traits, play};

/// The share of the measurements that must be predicted.
const REQUIRED: f64 = 0.97;

const README: &str = include_str!("../../clients/README.md");

fn catalogue() -> &'static Catalogue {
    shipped().unwrap_or_else(|problems| panic!("{problems}"))
}

fn cases() -> BTreeMap<String, Script> {
    scripts(LAYOUTS).unwrap().into_iter().collect()
}

fn sent(played: &ClientPlay<'_>) -> Vec<String> {
    played.steps.iter().map(ToString::to_string).collect()
}

fn credentials(sent: &[String]) -> Option<&String> {
    sent.iter().find(|word| !word.starts_with("none"))
}

/// Whether the first request, the first credentials and the last status are as measured.
fn agrees(row: &Measurement, played: &ClientPlay<'_>) -> bool {
    let sent = sent(played);
    sent.first() == row.schemes_sent.first()
        && credentials(&sent) == credentials(&row.schemes_sent)
        && played.status == row.final_status
}

#[test]
fn every_mode_that_was_measured_has_one_entry_and_every_case_is_there() {
    let rows = measurements(MEASUREMENTS).unwrap();
    let cases = cases();
    let measured: BTreeSet<&str> = rows.iter().map(|row| row.mode.as_str()).collect();
    let entries: BTreeSet<&str> = catalogue()
        .entries
        .iter()
        .map(|entry| entry.mode.as_str())
        .collect();
    assert_eq!(measured, entries);
    assert_eq!((entries.len(), cases.len(), rows.len()), (103, 79, 7268));
    assert!(rows.iter().all(|row| cases.contains_key(&row.case)));
}

#[test]
fn the_model_predicts_what_was_measured_and_each_miss_has_its_reason() {
    let (catalogue, cases) = (catalogue(), cases());
    let rows = measurements(MEASUREMENTS).unwrap();
    let mut by_client: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    let mut by_case: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    let mut in_full = 0;
    let mut missed = BTreeSet::new();
    for row in &rows {
        let played = play(
            &catalogue.find(&row.mode).unwrap().traits,
            &cases[&row.case],
        );
        let hit = agrees(row, &played);
        let whole = sent(&played) == row.schemes_sent && played.requests == row.requests;
        in_full += usize::from(hit && whole);
        for share in [
            by_client.entry(&row.mode).or_default(),
            by_case.entry(&row.case).or_default(),
        ] {
            share.0 += usize::from(hit);
            share.1 += 1;
        }
        if !(hit && whole) {
            missed.insert((row.mode.clone(), row.case.clone()));
        }
    }
    let table = |title: &str, shares: &BTreeMap<&str, (usize, usize)>| {
        println!("{title}");
        for (name, (hits, all)) in shares {
            println!("  {name:24} {hits:4} of {all}");
        }
    };
    table("By client", &by_client);
    table("By case", &by_case);
    let hits: usize = by_case.values().map(|(hits, _)| hits).sum();
    println!(
        "{hits} of {} rows; {in_full} to the last request",
        rows.len()
    );
    #[expect(clippy::cast_precision_loss, reason = "a few thousand")]
    let share = hits as f64 / rows.len() as f64;
    assert!(
        share >= REQUIRED,
        "only {share:.4} of the rows are predicted"
    );

    let told: BTreeSet<(String, String)> = README
        .lines()
        .skip_while(|line| !line.starts_with("## What the model misses"))
        // What stands beside the catalogue has a table and a test of its own.
        .take_while(|line| !line.starts_with("## Beside it"))
        .filter_map(|line| {
            let mut cells = line.strip_prefix("| `")?.split(" | ");
            let mode = cells.next()?.trim_matches('`').to_owned();
            let case = cells.next()?.to_owned();
            let reason = cells.next()?.trim_end_matches('|').trim();
            (!reason.is_empty()).then_some((mode, case))
        })
        .collect();
    assert_eq!(
        missed, told,
        "clients/README.md lists the misses with reasons"
    );
}

/// Layouts of which the measurements tell in words only, and what came of them.
#[test]
fn the_model_predicts_what_is_told_of_further_layouts() {
    let digest = "Digest realm=\"x\", nonce=\"n\", qop=\"auth\", algorithm=MD5";
    let basic = "Basic realm=\"x\"";
    let both = format!("{basic}, {digest}");
    let got_in = |lines: &[&str], mode: &str| {
        let script = Script::new(Layout::new(lines.iter().copied()));
        let entry = catalogue().find(mode).unwrap_or_else(|| panic!("{mode}"));
        let played = play(&entry.traits, &script);
        (played.is_in(), sent(&played).pop().unwrap_or_default())
    };
    // Basic, then Digest, on two lines: clients of Digest only.
    for (mode, on_two_lines, on_one) in [
        ("aiohttp-digest", false, false),
        ("diqwest-digest", false, false),
        ("urllib-digest", false, false),
        ("httpie-digest", false, true),
        ("curl-digest", true, true),
        ("requests-digest", true, true),
        ("niquests-digest", true, true),
        ("httpx-digest", true, false),
        ("urllibnode-digest", true, false),
    ] {
        assert_eq!(got_in(&[basic, digest], mode).0, on_two_lines, "{mode}");
        assert_eq!(got_in(&[&both], mode).0, on_one, "{mode}");
    }
    // Negotiate and Basic, on two lines.
    for mode in [
        "curl-anyauth",
        "git-url",
        "phpcurl-any",
        "pycurl-any",
        "httplib2-any",
    ] {
        assert!(!got_in(&["Negotiate", basic], mode).0, "{mode}");
    }
    for mode in [
        "curl-basic-digest",
        "git-helper",
        "huc-auth",
        "apache5-provider",
    ] {
        assert!(got_in(&["Negotiate", basic], mode).0, "{mode}");
    }
    // SHA-256 alone: who cannot compute it, and how it fails.
    let sha = "Digest realm=\"x\", nonce=\"n\", qop=\"auth\", algorithm=SHA-256";
    for (mode, last) in [
        ("curl-digest", "Digest-SHA-256/auth"),
        ("urllib-digest", "none"),
        ("ruby-mechanize", "none"),
        ("w3m-url", "none"),
    ] {
        assert_eq!(got_in(&[sha], mode).1, last, "{mode}");
    }
    // A bearer challenge whose text contains the name of Basic.
    for (mode, sends) in [
        ("requests-guess", true),
        ("aria2-challenge", true),
        ("wget", false),
    ] {
        let text = "Bearer realm=\"Basic realm\"";
        assert_eq!(got_in(&[text], mode).1 == "Basic", sends, "{mode}");
    }
}

/// RFC 7616's own example of a list, and a camera's: who was seen to get in.
#[test]
fn a_list_of_qop_values_shuts_out_only_those_that_were_seen_to_fail() {
    let out = |qop: &str| -> BTreeSet<String> {
        let line = format!("Digest realm=\"x\", nonce=\"n\", algorithm=MD5, qop=\"{qop}\"");
        let mut script = Script::new(Layout::new([line]));
        script.accepts.basic = false;
        script.accepts.bearer = false;
        let digest = |traits: &Traits| {
            let mut known = traits.known();
            traits.has_password() && known.any(|known| known == KnownScheme::Digest)
        };
        let entries = catalogue()
            .entries
            .iter()
            .filter(|entry| digest(&entry.traits));
        let out = entries.filter(|entry| !play(&entry.traits, &script).is_in());
        out.map(|entry| entry.mode.clone()).collect()
    };
    for qop in ["auth, auth-int", "auth,auth-int"] {
        let out = out(qop);
        for inside in [
            "requests-digest",
            "requests-guess",
            "niquests-digest",
            "httpie-digest",
            "urllib-digest",
            "urllib-basicdigest",
            "needle-digest",
            "needle-auto",
            "urllibnode-digest",
            "curl-digest",
            "curl-proxy-anyauth",
            "qt-once",
            "ffmpeg-url",
            "lftp",
        ] {
            assert!(!out.contains(inside), "{qop}: {inside}");
        }
        for outside in ["wget2", "svn", "httplib2-any", "ruby-mechanize"] {
            assert!(out.contains(outside), "{qop}: {outside}");
        }
        assert_eq!(out.contains("lwp-callback"), qop.contains(' '), "{qop}");
    }
    // A blank before `auth` is what requests and urllib stumble over.
    for outside in ["requests-digest", "urllib-digest", "niquests-digest"] {
        assert!(out("auth-int, auth").contains(outside), "{outside}");
        assert!(!out("auth-int,auth").contains(outside), "{outside}");
    }
}

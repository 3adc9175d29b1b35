//! Saved responses of every kind that bug reports quote, and the answer to each.

use libtest_mimic::Trial;
use serde_json::Value;

use crate::support::{run, trial};

pub(crate) fn trials() -> Vec<Trial> {
    vec![trial(
        "reach::of_each_kind_of_response",
        of_each_kind_of_response,
    )]
}

/// The answer to a file of `tests/responses/`.
fn told(file: &str, more: &[&str]) -> Value {
    let file = format!("tests/responses/{file}");
    let arguments = ["reach", "--response", &file, "--format", "json"];
    let arguments = arguments.into_iter().chain(more.iter().copied());
    serde_json::from_str(&run(arguments).with(0).out).unwrap()
}

fn texts(list: &Value, key: &str) -> Vec<String> {
    let list = list.as_array().unwrap().iter();
    list.map(|one| one[key].as_str().unwrap().to_owned())
        .collect()
}

/// Each kind of response that bug reports quote: status, what is said of it, how it departs, what is
/// taken to be accepted, whether clients are counted, and whether some are shut out.
fn of_each_kind_of_response() {
    type Row = (
        &'static str,
        u16,
        &'static [&'static str],
        &'static [&'static str],
        &'static [&'static str],
        bool,
        bool,
    );
    let rows: &[Row] = &[
        (
            "no-challenge.http",
            401,
            &["no-challenge"],
            &[],
            &[],
            true,
            true,
        ),
        (
            "log-in-page.http",
            302,
            &["redirects"],
            &[],
            &[],
            true,
            true,
        ),
        (
            "log-in-form.http",
            200,
            &["asks-nothing"],
            &[],
            &[],
            false,
            false,
        ),
        (
            "challenge-on-success.http",
            200,
            &["challenge-on-success"],
            &[],
            &["basic"],
            false,
            false,
        ),
        (
            "challenge-on-403.http",
            403,
            &["challenge-on-other-status"],
            &[],
            &["basic"],
            true,
            true,
        ),
        (
            "scope.http",
            403,
            &["asks-for-scope"],
            &[],
            &["bearer"],
            false,
            false,
        ),
        (
            "renamed.http",
            401,
            &["no-challenge", "remapped"],
            &[],
            &["basic"],
            true,
            true,
        ),
        ("proxy.http", 407, &[], &[], &["basic"], true, true),
        (
            "folded.http",
            401,
            &[],
            &["obs-fold"],
            &["basic", "bearer"],
            true,
            true,
        ),
        (
            "realm-without-quotes.http",
            401,
            &[],
            &["realm-not-quoted", "missing-comma"],
            &["basic"],
            true,
            true,
        ),
        (
            "realm-with-quotes-inside.http",
            401,
            &[],
            &["missing-comma", "no-space-after-scheme"],
            &["basic"],
            true,
            true,
        ),
        (
            "two-misread.http",
            401,
            &[],
            &["realm-not-quoted", "missing-comma", "unclosed-quote"],
            &["basic", "bearer"],
            true,
            true,
        ),
        (
            "comma-missing.http",
            401,
            &[],
            &["missing-comma"],
            &["bearer"],
            true,
            false,
        ),
        (
            "metadata-is-the-resource.http",
            401,
            &["no-metadata"],
            &[],
            &["bearer"],
            true,
            false,
        ),
        (
            "registry.http",
            401,
            &["token-service"],
            &[],
            &["bearer"],
            true,
            false,
        ),
        (
            "digest-alone.http",
            401,
            &["digest-lacks"],
            &[],
            &["digest"],
            true,
            true,
        ),
        (
            "digest-two-qualities.http",
            401,
            &[],
            &[],
            &["digest"],
            true,
            true,
        ),
        (
            "realms-missing.http",
            401,
            &["basic-lacks-realm"],
            &[],
            &["basic", "bearer"],
            true,
            true,
        ),
        (
            "curl-v.txt",
            401,
            &[],
            &[],
            &["basic", "bearer"],
            true,
            true,
        ),
        ("curl-siL.txt", 401, &[], &[], &["basic"], true, false),
        (
            "bare-lines.txt",
            401,
            &["status-assumed"],
            &[],
            &["bearer"],
            true,
            false,
        ),
    ];
    let mut files: Vec<String> = std::fs::read_dir("tests/responses")
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    files.sort();
    let mut known: Vec<&str> = rows.iter().map(|row| row.0).collect();
    known.sort_unstable();
    assert_eq!(files, known);
    for (file, status, remarks, departures, accepted, judged, shut_out) in rows {
        let told = told(file, &[]);
        assert_eq!(told["status"], *status, "{file}");
        assert_eq!(texts(&told["remarks"], "remark"), *remarks, "{file}");
        assert_eq!(
            texts(&told["departures"], "departure"),
            *departures,
            "{file}"
        );
        assert_eq!(told["accepted"], serde_json::json!(accepted), "{file}");
        assert_eq!(told["judged"], *judged, "{file}");
        assert_eq!(told["in"].is_u64(), *judged, "{file}");
        assert_eq!(told["shuts_out"], *shut_out, "{file}");
        let path = format!("tests/responses/{file}");
        let failing = ["reach", "--response", &path, "--fail-on", "shut-out"];
        run(failing).with(i32::from(*shut_out));
    }
    advised();
    counted();
}

/// Advice is made of what was surely meant, and of nothing else.
fn advised() {
    let lines = |told: &Value, key: &str| told[key]["lines"].clone();
    let plain = serde_json::json!(["Basic realm=\"REALM\""]);
    for file in ["realm-without-quotes.http", "realm-with-quotes-inside.http"] {
        let told = told(file, &[]);
        assert_eq!(told["sure"], false, "{file}");
        assert_eq!(told["same_schemes"], Value::Null, "{file}");
        assert_eq!(lines(&told, "every_scheme"), plain, "{file}");
    }
    let both = told("two-misread.http", &[]);
    assert_eq!(
        lines(&both, "every_scheme"),
        serde_json::json!(["Basic realm=\"REALM\"", "Bearer realm=\"REALM\""])
    );
    // Realms and lines are searched too.
    let missing = told("realms-missing.http", &[]);
    assert_eq!(
        lines(&missing, "same_schemes"),
        serde_json::json!(["Basic realm=\"REALM\"", "Bearer realm=\"REALM\""])
    );
    assert_eq!(missing["same_schemes"]["in"], 86);
    assert_eq!(missing["concerned"], 87);
    // What stands under another name is what to send under its own.
    let renamed = told("renamed.http", &[]);
    assert_eq!(
        lines(&renamed, "every_scheme"),
        serde_json::json!(["Basic realm=\"archive\""])
    );
    // A missing comma between parameters leaves no doubt.
    let comma = told("comma-missing.http", &[]);
    assert_eq!(comma["sure"], true);
}

/// Who is counted, and what would be if more were accepted.
fn counted() {
    let none = told("no-challenge.http", &["--accepts", "basic"]);
    let waits = |client: &&Value| client["cause"] == "not-advertised";
    let clients = none["clients"].as_array().unwrap();
    let waiting = clients.iter().filter(waits).count();
    assert_eq!(
        none["concerned"].as_u64().unwrap() - none["in"].as_u64().unwrap(),
        waiting as u64
    );
    assert!(waiting > 30, "{waiting}");
    assert_eq!(none["every_scheme"]["lines"][0], "Basic realm=\"REALM\"");
    let unknown = told("no-challenge.http", &[]);
    assert_eq!(unknown["supposed"][0]["scheme"], "basic");
    assert_eq!(unknown["supposed"][0]["out"], waiting as u64);
    let proxy = told("proxy.http", &[]);
    assert_eq!((&proxy["concerned"], &proxy["in"]), (&4.into(), &3.into()));
    assert_eq!(proxy["field"], "Proxy-Authenticate");
    let digest = told("digest-alone.http", &[]);
    assert_eq!(digest["in"], 0);
    let elsewhere = [
        "reach",
        "--response",
        "tests/responses/challenge-on-403.http",
    ];
    let out = run(elsewhere).with(0).out;
    for wanted in [
        "looks for challenges in a 401, and this is a 403",
        "The same challenges in a 401 laid out so would let in 82 of 82:",
    ] {
        assert!(out.contains(wanted), "no {wanted} in\n{out}");
    }
    let which = told("curl-siL.txt", &[]);
    assert_eq!(which["which"], serde_json::json!({"response": 2, "of": 2}));
    assert_eq!(told("scope.http", &[])["clients"], serde_json::json!([]));
    let out = run([
        "reach",
        "--response",
        "tests/responses/realm-without-quotes.http",
    ])
    .with(0)
    .out;
    for wanted in [
        "departs   line 1, byte 13: value of `realm` must be quoted: `realm-not-quoted` (RFC 9110 §11.5)",
        "read as   Basic realm=\"the\" and archive (so a tolerant reader;",
        "not tried bearer, digest: a saved response cannot be;",
        "Were bearer accepted too,",
    ] {
        assert!(out.contains(wanted), "no {wanted} in\n{out}");
    }
    assert!(!out.contains("WWW-Authenticate: archive"), "{out}");
}

//! What stands in the files that `countersign export` writes, and what it refuses to write.

use std::path::Path;
use std::process::Command;

use libtest_mimic::Trial;
use serde_json::Value;

use super::export::{SAVED, exported, served_by, written};
use crate::support::{countersign, ended, trial, wanting};

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        trial(
            "export::documents_have_what_their_schemas_ask_for",
            documents,
        ),
        trial("export::files_for_hurl_and_editors_say_it", plain),
        trial("export::what_a_format_cannot_carry_is_told", refused),
        wanting(
            "curl",
            trial(
                "export::what_comes_before_is_sent_or_nothing_is",
                with_what_comes_before,
            ),
        ),
    ]
}

fn documents() {
    let har: Value = serde_json::from_str(&exported(SAVED, "har")).unwrap();
    let log = &har["log"];
    assert_eq!(log["version"], "1.2");
    let entries = log["entries"].as_array().unwrap();
    assert_eq!(entries.len(), 2);
    for entry in entries {
        for key in [
            "startedDateTime",
            "time",
            "request",
            "response",
            "cache",
            "timings",
        ] {
            assert!(!entry[key].is_null(), "{key}");
        }
        for key in [
            "method",
            "url",
            "httpVersion",
            "cookies",
            "headers",
            "queryString",
            "headersSize",
            "bodySize",
        ] {
            assert!(!entry["request"][key].is_null(), "{key}");
        }
        for key in [
            "status",
            "statusText",
            "httpVersion",
            "cookies",
            "headers",
            "content",
            "redirectURL",
        ] {
            assert!(!entry["response"][key].is_null(), "{key}");
        }
    }
    assert_eq!(entries[0]["response"]["status"], 401);
    assert_eq!(
        entries[1]["request"]["headers"][0]["value"],
        "Basic YWxpY2U6b3Blbi1zZXNhbWU="
    );
    let postman: Value = serde_json::from_str(&exported(SAVED, "postman")).unwrap();
    assert!(
        postman["info"]["schema"]
            .as_str()
            .unwrap()
            .ends_with("/v2.1.0/collection.json")
    );
    let variables = postman["variable"].as_array().unwrap().iter();
    let names: Vec<&str> = variables.map(|one| one["key"].as_str().unwrap()).collect();
    assert_eq!(names, ["url", "credentials"]);
    let field = &postman["item"][1]["request"]["header"][0];
    assert_eq!(field["value"], "{{credentials}}");
}

fn plain() {
    let hurl = exported(SAVED, "hurl");
    for line in [
        "GET {{url}}",
        "variable: credentials=\"Basic YWxpY2U6b3Blbi1zZXNhbWU=\"",
        "HTTP 401",
        "header \"WWW-Authenticate\" == \"BEARER realm=\\\"Service-now\\\"\"",
        "Authorization: {{credentials}}",
        "HTTP 200",
        "header \"WWW-Authenticate\" not exists",
    ] {
        assert!(hurl.lines().any(|one| one == line), "{line}\n{hurl}");
    }
    let http = exported(SAVED, "http");
    for line in [
        "@url = http://127.0.0.1:4010/s0/resource",
        "@credentials = Basic YWxpY2U6b3Blbi1zZXNhbWU=",
        "GET {{url}}",
        "Authorization: {{credentials}}",
    ] {
        assert!(http.lines().any(|one| one == line), "{line}\n{http}");
    }
}

fn refused() {
    let folder = tempfile::tempdir().unwrap();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let saved = std::fs::read_to_string(root.join(SAVED)).unwrap();
    let with = |from: &str, to: &str| {
        let text = saved.replace(from, to);
        assert!(text != saved);
        written(folder.path(), "in/x.yaml", &text)
    };
    let export =
        |file: &str, format: &str| ended(countersign().args(["export", file, "--format", format]));
    let file = with("way: http/1.1", "way: h2c");
    let told = export(&file, "curl").with(2);
    assert!(
        told.err.contains("it goes by h2c, and is about that"),
        "{}",
        told.err
    );
    assert_eq!(told.out, "");
    // Blanks at the end of a field are kept by what sends its bytes, and by nothing else.
    let file = with("form: plain", "form: trailing-blanks");
    for format in ["curl", "hurl", "http", "har", "postman", "k6"] {
        let told = export(&file, format).with(2);
        assert!(
            told.err.contains("`python` and `rust-test` keep it"),
            "{}",
            told.err
        );
    }
    let python = export(&file, "python").with(0).out;
    assert!(
        python.contains("\"Basic YWxpY2U6b3Blbi1zZXNhbWU= \\x09 \""),
        "{python}"
    );
    // A client without credentials says all the same what it is there for.
    let file = with("method: get", "method: cross-origin");
    let curl = export(&file, "curl").with(0).out;
    assert_eq!(curl.matches("-H 'Origin: https://").count(), 2, "{curl}");
    let text = { saved.replace("pack: reachability", "pack: ours") }
        .replace(
            "\n    way: http/1.1",
            "\n    way: http/1.1\n    target: dots",
        )
        .replace(
            "\n      way: http/1.1",
            "\n      way: http/1.1\n      target: dots",
        );
    let file = written(folder.path(), "in/x.yaml", &text);
    let told = export(&file, "curl").with(2);
    assert!(
        told.err.contains("it asks for another path"),
        "{}",
        told.err
    );
    let file = with("method: get", "method: post-content");
    let told = export(&file, "curl").with(2);
    assert!(told.err.contains("its request has content"), "{}", told.err);
    // Several go to a folder, and one that cannot be written costs the others nothing.
    written(folder.path(), "in/y.yaml", &saved);
    let several = folder.path().join("in");
    let several = several.to_str().unwrap();
    let told = export(several, "curl").with(2);
    assert!(
        told.err.contains("name a folder for them by `--to FOLDER`"),
        "{}",
        told.err
    );
    let to = folder.path().join("out");
    let mut command = countersign();
    command.args([
        "export",
        several,
        "--format",
        "curl",
        "--to",
        to.to_str().unwrap(),
    ]);
    let told = ended(&mut command).with(2);
    assert!(told.err.contains("not exported: "), "{}", told.err);
    assert!(
        told.err
            .contains("of 2 reproductions 1 cannot be written as curl"),
        "{}",
        told.err
    );
    assert!(told.out.trim_end().ends_with("y.sh"), "{}", told.out);
    assert_eq!(std::fs::read_dir(&to).unwrap().count(), 1);
}

/// What is accused shows behind a log-in alone: without that a script would succeed where nothing is wrong.
fn with_what_comes_before() {
    const PACK: &str = "http-authentication";
    const CASE: &str = "policy: {profiles: [{scheme: basic}]}, client: {credential: none}";
    let folder = tempfile::tempdir().unwrap();
    let found = folder.path().join("found");
    let mut run = countersign();
    run.args(["run", "--fault", "log-in-opens-the-connection"])
        .args(["--spec", PACK, "--rule", "a-log-in-lets-nobody-else-in"])
        .args(["--case", &format!("{{{CASE}}}"), "--save"])
        .arg(&found);
    ended(&mut run).with(1);
    let mut files = std::fs::read_dir(&found).unwrap();
    let saved = files.next().unwrap().unwrap().path();
    let saved = saved.to_str().unwrap();
    let sh = written(folder.path(), "x.sh", &exported(saved, "curl"));
    let py = written(folder.path(), "x.py", &exported(saved, "python"));
    let run = |program: &str, file: &str, url: &str| {
        ended(Command::new(program).arg(file).env("URL", url))
    };
    let python = Command::new("python3").arg("--version").output().is_ok();
    let programs = [("sh", &sh)]
        .into_iter()
        .chain(python.then_some(("python3", &py)));
    for (program, file) in programs {
        let (_failing, url) = served_by(PACK, CASE, &["--fault", "log-in-opens-the-connection"]);
        let told = run(program, file, &url);
        assert_eq!(told.code, Some(0), "{told:?}");
        let (_faultless, url) = served_by(PACK, CASE, &[]);
        let told = run(program, file, &url);
        assert_eq!(told.code, Some(1), "{told:?}");
        assert!(told.out.contains("otherwise: beside it"), "{told:?}");
    }
    let refuses = |file: &str, format: &str, why: &str| {
        let mut command = countersign();
        command.args(["export", file, "--format", format]);
        let told = ended(&mut command).with(2);
        assert!(told.err.contains(why), "{}", told.err);
        assert_eq!(told.out, "");
    };
    for format in ["http", "har", "postman", "rust-test"] {
        refuses(saved, format, "over one connection");
    }
    // What others do beside it no format has, and the request alone shows nothing.
    let text = std::fs::read_to_string(saved).unwrap();
    let beside = "{beside: {credential: valid}, clients: 2, tries: 40}";
    let text = text.replace("{ask: {credential: valid}}", beside);
    let text = text.replace("after asking with", "while others ask with");
    // The rule of this name compares nothing with that; one of another pack may.
    let text = text.replace(&format!("pack: {PACK}"), "pack: ours");
    assert!(text.contains(beside), "{text}");
    let file = written(folder.path(), "beside.yaml", &text);
    for format in ["curl", "python", "hurl", "k6"] {
        refuses(&file, format, "others are at work beside it");
    }
    // Whose place nobody knows but who has it.
    let text = std::fs::read_to_string(saved).unwrap();
    let text = text.replace("name: reference", "name: my-gateway");
    let file = written(folder.path(), "mine.yaml", &text);
    let told = exported(&file, "curl");
    assert!(
        told.contains("countersign serve --against WHERE --spec"),
        "{told}"
    );
}

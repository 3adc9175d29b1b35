//! `countersign export`: what is written runs in the programs that it is for, and shows the failure.

use std::path::Path;
use std::process::Command;

use libtest_mimic::Trial;
use serde_json::Value;

use crate::support::{Ended, Running, countersign, ended, trial, wanting};

const SAVED: &str = "corpus/who-waits-for-a-challenge-is-shut-out-two-profiles-flag-false-basic-client-2d217ffb.yaml";

const POLICY: &str = "policy: {profiles: [{scheme: basic}, {scheme: bearer}]}";

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        wanting(
            "curl",
            trial("export::a_script_with_curl_shows_it", by_curl),
        ),
        wanting(
            "python3",
            trial("export::a_program_in_python_shows_it", by_python),
        ),
        wanting("rustc", trial("export::a_test_in_rust_shows_it", by_rust)),
        wanting("node", trial("export::a_script_for_k6_shows_it", by_k6)),
        wanting(
            "newman",
            trial("export::a_collection_for_postman_shows_it", by_newman),
        ),
        wanting("hurl", trial("export::a_file_for_hurl_shows_it", by_hurl)),
        wanting(
            "curl",
            trial("export::what_is_accused_is_compared", compared),
        ),
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

/// A saved finding in a format.
fn exported(file: &str, format: &str) -> String {
    ended(countersign().args(["export", file, "--format", format]))
        .with(0)
        .out
}

/// A case that is served, and its URL.
fn served(case: &str) -> (Running, String) {
    served_by("reachability", case, &[])
}

/// The same of a pack, with further arguments.
fn served_by(pack: &str, case: &str, more: &[&str]) -> (Running, String) {
    let mut command = countersign();
    command.args(["serve", "--spec", pack, "--case", &format!("{{{case}}}")]);
    command.args(more);
    let mut serving = Running::start(&mut command);
    let line = serving.line(|line| line.starts_with("in force at "));
    let url = line.split(' ').nth(3).unwrap().to_owned();
    (serving, url)
}

/// Tries what is written where the failure is, and where it is cured: the first time everything is as it was seen.
fn shows(run: impl Fn(&str) -> Ended) {
    let (failing, url) = served(POLICY);
    let told = run(&url);
    assert_eq!(told.code, Some(0), "{told:?}");
    drop(failing);
    let cured = POLICY.replace("profiles:", "advertise_all: true, profiles:");
    let (_cured, url) = served(&cured);
    let told = run(&url);
    assert!(told.code != Some(0), "{told:?}");
}

/// A text in a file of this name.
fn written(folder: &Path, name: &str, text: &str) -> String {
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

fn by_curl() {
    let folder = tempfile::tempdir().unwrap();
    let file = written(folder.path(), "x.sh", &exported(SAVED, "curl"));
    shows(|url| ended(Command::new("sh").arg(&file).env("URL", url)));
    // The secrets are variables: with another password nobody gets in.
    let (_failing, url) = served(POLICY);
    let mut wrong = Command::new("sh");
    wrong
        .arg(&file)
        .env("URL", url)
        .env("CREDENTIALS", "Basic YWxpY2U6eA==");
    let told = ended(&mut wrong).with(1);
    assert!(told.out.contains("otherwise: beside it"), "{told:?}");
}

fn by_python() {
    let folder = tempfile::tempdir().unwrap();
    let file = written(folder.path(), "x.py", &exported(SAVED, "python"));
    shows(|url| ended(Command::new("python3").arg(&file).env("URL", url)));
}

fn by_rust() {
    let folder = tempfile::tempdir().unwrap();
    let file = written(folder.path(), "x.rs", &exported(SAVED, "rust-test"));
    let program = folder.path().join("x").to_str().unwrap().to_owned();
    let mut rustc = Command::new("rustc");
    let made = ended(rustc.args([
        "--edition=2024",
        "-Dwarnings",
        "--test",
        &file,
        "-o",
        &program,
    ]));
    assert_eq!(made.code, Some(0), "{made:?}");
    shows(|url| ended(Command::new(&program).env("URL", url)));
}

/// A script for k6 with as much of k6 as it uses, which is run by Node.js: requests go by curl, since they wait there.
fn by_k6() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    written(folder, "package.json", "{\"type\": \"module\"}");
    written(folder, "x.js", &exported(SAVED, "k6"));
    let package = r#"{"type": "module", "exports": {".": "./index.js", "./http": "./http.js"}}"#;
    written(folder, "node_modules/k6/package.json", package);
    written(
        folder,
        "node_modules/k6/index.js",
        "export const check = (answer, checks) => {
            for (const [name, holds] of Object.entries(checks)) if (!holds(answer)) { console.log(name); process.exitCode = 99; }
        };",
    );
    written(
        folder,
        "node_modules/k6/http.js",
        r#"import { execFileSync } from "node:child_process";
        const request = (method, url, body, { headers }) => {
            const fields = Object.entries(headers).flatMap(([name, value]) => ["-H", `${name}: ${value}`]);
            const head = execFileSync("curl", ["-s", "-D", "-", "-o", "/dev/null", "-X", method, ...fields, url], { encoding: "utf8" });
            const lines = head.trim().split("\r\n");
            const said = lines.filter((line) => /^www-authenticate:/i.test(line)).map((line) => line.replace(/^[^:]*: */, ""));
            return { status: Number(lines[0].split(" ")[1]), headers: said.length ? { "Www-Authenticate": said.join(", ") } : {} };
        };
        export default { request };"#,
    );
    let start = "globalThis.__ENV = process.env; (await import('./x.js')).default();";
    let start = written(folder, "start.js", start);
    shows(|url| ended(Command::new("node").arg(&start).env("URL", url)));
}

fn by_newman() {
    let folder = tempfile::tempdir().unwrap();
    let file = written(folder.path(), "x.json", &exported(SAVED, "postman"));
    shows(|url| {
        let mut newman = Command::new("newman");
        ended(newman.args([
            "run",
            &file,
            "--env-var",
            &format!("url={url}"),
            "--global-var",
            &format!("url={url}"),
        ]))
    });
}

fn by_hurl() {
    let folder = tempfile::tempdir().unwrap();
    let file = written(folder.path(), "x.hurl", &exported(SAVED, "hurl"));
    let run = |file: &str, url: &str| {
        let mut hurl = Command::new("hurl");
        ended(hurl.args(["--test", "--variable", &format!("url={url}"), file]))
    };
    shows(|url| run(&file, url));
    // What is another one each time may be whatever it is, and all else may not.
    let file = written(folder.path(), "y.hurl", &exported(MD5, "hurl"));
    let (failing, url) = served_by(
        "http-authentication",
        DIGEST,
        &["--fault", "digest-md5-only"],
    );
    run(&file, &url).with(0);
    drop(failing);
    let (_faultless, url) = served_by("http-authentication", DIGEST, &[]);
    assert!(run(&file, &url).code != Some(0));
}

/// A finding about a challenge in which the nonce is another one each time.
const MD5: &str = "corpus/reported/apache-httpd-2.4/no-digest-challenge-has-sha-256-one-profile-basic-client-on-reference-digest-md5-only-3514821c.yaml";

/// The policy of that finding.
const DIGEST: &str = "policy: {profiles: [{scheme: digest}]}";

/// What is accused is compared, however much beside it is another one each time, or there is no script.
fn compared() {
    let folder = tempfile::tempdir().unwrap();
    let file = written(folder.path(), "x.sh", &exported(MD5, "curl"));
    let run = |url: &str| ended(Command::new("sh").arg(&file).env("URL", url));
    let (failing, url) = served_by(
        "http-authentication",
        DIGEST,
        &["--fault", "digest-md5-only"],
    );
    run(&url).with(0);
    drop(failing);
    let (_faultless, url) = served_by("http-authentication", DIGEST, &[]);
    run(&url).with(1);
    let header = "corpus/envoy/the-answer-to-a-query-s-token-lacks-cache-control-one-profile-on-envoy-43655bd2.yaml";
    let python = exported(header, "python");
    assert!(python.contains("FIELD = \"Cache-Control\""), "{python}");
    let backend = "corpus/envoy/a-forged-identity-survives-where-none-is-told-a-forged-identity-on-envoy-4ef66426.yaml";
    let layout = "corpus/reported/openresty-lua-nginx-module/several-challenges-share-one-field-line-one-profile-basic-client-on-reference-joins-challenges-7117cd69.yaml";
    for (file, format, why) in [
        (
            backend,
            "curl",
            "it is about what reaches the backend, which no client sees",
        ),
        (layout, "k6", "which are one in this format"),
    ] {
        let told = ended(countersign().args(["export", file, "--format", format])).with(2);
        assert!(told.err.contains(why), "{}", told.err);
        assert!(
            told.err.contains("help: `countersign replay corpus/"),
            "{}",
            told.err
        );
    }
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

//! `countersign export`: what is written runs in the programs that it is for, and shows the failure.

use std::path::Path;
use std::process::Command;

use libtest_mimic::Trial;

use crate::support::{Ended, Running, countersign, ended, trial, wanting};

pub(crate) const SAVED: &str = "corpus/who-waits-for-a-challenge-is-shut-out-two-profiles-flag-false-basic-client-2d217ffb.yaml";

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
        wanting(
            "httpyac",
            trial("export::a_file_for_editors_shows_it", by_httpyac),
        ),
        wanting("hurl", trial("export::a_file_for_hurl_shows_it", by_hurl)),
        wanting(
            "curl",
            trial("export::what_is_accused_is_compared", compared),
        ),
        wanting(
            "curl",
            trial("export::a_url_may_have_a_query_of_its_own", own_query),
        ),
        wanting(
            "python3",
            trial("export::answers_to_challenges_are_computed", answers),
        ),
        wanting(
            "python3",
            trial("export::proofs_of_a_key_are_signed", proofs),
        ),
    ]
}

/// A saved finding in a format.
pub(crate) fn exported(file: &str, format: &str) -> String {
    ended(countersign().args(["export", file, "--format", format]))
        .with(0)
        .out
}

/// A case that is served, and its URL.
fn served(case: &str) -> (Running, String) {
    served_by("reachability", case, &[])
}

/// The same of a pack, with further arguments.
pub(crate) fn served_by(pack: &str, case: &str, more: &[&str]) -> (Running, String) {
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
pub(crate) fn written(folder: &Path, name: &str, text: &str) -> String {
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

/// Tests of several findings in one program: what takes time is the compiler.
fn by_rust() {
    let folder = tempfile::tempdir().unwrap();
    let file =
        |name: &str, saved: &str| written(folder.path(), name, &exported(saved, "rust-test"));
    file("plain.rs", SAVED);
    file("answers.rs", REALM);
    let md5 = file("md5.rs", MD5_ANSWER);
    let mut text = std::fs::read_to_string(&md5).unwrap();
    text.push_str(
        "#[test]\nfn hashes_are_right() {\n    assert_eq!(md5(\"\"), \"d41d8cd98f00b204e9800998ecf8427e\");\n    \
         assert_eq!(md5(&\"1234567890\".repeat(8)), \"57edf4a22be3c955ac49da2e2107b67a\");\n}\n",
    );
    std::fs::write(&md5, text).unwrap();
    let all = "#![cfg(test)]\nmod answers;\nmod md5;\nmod plain;\n";
    let all = written(folder.path(), "all.rs", all);
    let program = folder.path().join("x").to_str().unwrap().to_owned();
    let mut rustc = Command::new("rustc");
    let made = ended(rustc.args([
        "--edition=2024",
        "-Dwarnings",
        "--test",
        &all,
        "-o",
        &program,
    ]));
    assert_eq!(made.code, Some(0), "{made:?}");
    let run = |filter: &str, url: &str| ended(Command::new(&program).arg(filter).env("URL", url));
    shows(|url| run("plain::", url));
    challenged(|url| run("answers::", url));
    run("md5::hashes_are_right", "").with(0);
}

/// A finding whose credentials answer a challenge by SHA-256, of the reference implementation.
const REALM: &str = "corpus/reported/squid-5.7/digest-of-another-realm-is-accepted-wrong-realm-on-reference-digest-realm-unchecked-653dc694.yaml";

/// A finding whose credentials answer a challenge by MD5.
const MD5_ANSWER: &str = "corpus/flask-httpauth/digest-of-another-algorithm-is-accepted-one-profile-on-flask-httpauth-1ce313ad.yaml";

/// Tries what is written of [`REALM`] where the failure is, and where it is not.
fn challenged(run: impl Fn(&str) -> Ended) {
    let served = |faults: &[&str]| served_by("http-authentication", DIGEST, faults);
    let (failing, url) = served(&["--fault", "digest-realm-unchecked"]);
    let told = run(&url);
    assert_eq!(told.code, Some(0), "{told:?}");
    drop(failing);
    let (_faultless, url) = served(&[]);
    let told = run(&url);
    assert!(told.code != Some(0), "{told:?}");
}

/// What a script answers is what the server before it asked: the same answer to another challenge opens nothing.
fn answers() {
    let folder = tempfile::tempdir().unwrap();
    let py = written(folder.path(), "x.py", &exported(REALM, "python"));
    let run = |url: &str| ended(Command::new("python3").arg(&py).env("URL", url));
    challenged(run);
    let (_failing, url) = served_by(
        "http-authentication",
        DIGEST,
        &["--fault", "digest-realm-unchecked"],
    );
    let mut wrong = Command::new("python3");
    let told = ended(wrong.arg(&py).env("URL", &url).env("PASSWORD", "x")).with(1);
    assert!(
        told.out
            .contains("with its credentials: answered 200 ; now 401"),
        "{told:?}"
    );
    let has = |program: &str| Command::new(program).arg("--version").output().is_ok();
    if has("curl") && Command::new("openssl").arg("version").output().is_ok() {
        let sh = written(folder.path(), "x.sh", &exported(REALM, "curl"));
        challenged(|url| ended(Command::new("sh").arg(&sh).env("URL", url)));
    }
    if has("newman") {
        challenged(|url| by_newman_at(folder.path(), REALM, url));
    }
    for format in ["hurl", "http", "har"] {
        let told = ended(countersign().args(["export", REALM, "--format", format])).with(2);
        assert!(
            told.err.contains("which this format cannot compute"),
            "{}",
            told.err
        );
    }
}

/// A finding with a proof of a key that no token is bound to, of the reference implementation.
const PROOF: &str = "corpus/reported/keycloak-keycloak/a-proof-of-another-key-is-accepted-wrong-key-on-reference-proof-key-unchecked-0f4514de.yaml";

/// Scripts sign proofs that are taken (RFC 9449), with whatever has them sign: Python by its own numbers, a shell by openssl, k6
/// by WebCrypto.
fn proofs() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let has = |program: &str, version: &str| Command::new(program).arg(version).output().is_ok();
    let mut programs = vec![(
        "python3",
        vec![written(folder, "x.py", &exported(PROOF, "python"))],
    )];
    if has("curl", "--version") && has("openssl", "version") {
        programs.push((
            "sh",
            vec![written(folder, "x.sh", &exported(PROOF, "curl"))],
        ));
    }
    if has("node", "--version") {
        let start = stand_in_for_k6(folder);
        written(folder, "x.js", &exported(PROOF, "k6"));
        programs.push(("node", vec![start, "./x.js".to_owned()]));
    }
    let policy = "policy: {profiles: [{scheme: dpop}]}";
    let faults = ["--fault", "proof-key-unchecked"];
    let (_failing, failing) = served_by("http-authentication", policy, &faults);
    let (_faultless, faultless) = served_by("http-authentication", policy, &[]);
    for (program, arguments) in programs {
        let run = |url: &str| ended(Command::new(program).args(&arguments).env("URL", url));
        let told = run(&failing);
        assert_eq!(told.code, Some(0), "{program} {told:?}");
        let told = run(&faultless);
        assert!(told.code != Some(0), "{program} {told:?}");
    }
    for format in ["hurl", "http", "har", "postman", "rust-test"] {
        let told = ended(countersign().args(["export", PROOF, "--format", format])).with(2);
        let why = "a signature by ES256 that this format cannot make";
        assert!(told.err.contains(why), "{}", told.err);
    }
}

fn by_k6() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let start = stand_in_for_k6(folder);
    written(folder, "plain.js", &exported(SAVED, "k6"));
    written(folder, "answers.js", &exported(REALM, "k6"));
    let run =
        |file: &str, url: &str| ended(Command::new("node").args([&start, file]).env("URL", url));
    shows(|url| run("./plain.js", url));
    challenged(|url| run("./answers.js", url));
}

/// As much of k6 as scripts for it use, for Node.js: requests go by curl, since they wait there. Answers with the program
/// that runs a script.
fn stand_in_for_k6(folder: &Path) -> String {
    written(folder, "package.json", "{\"type\": \"module\"}");
    written(
        folder,
        "node_modules/k6/crypto.js",
        r#"import { createHash } from "node:crypto";
        export default { sha256: (text, form) => createHash("sha256").update(text).digest(form) };"#,
    );
    written(
        folder,
        "node_modules/k6/encoding.js",
        r#"const b64encode = (some, form) => Buffer.from(some).toString(form === "rawurl" ? "base64url" : "base64");
        export default { b64encode };"#,
    );
    let package = r#"{"type": "module", "exports": {".": "./index.js", "./http": "./http.js", "./crypto": "./crypto.js", "./encoding": "./encoding.js"}}"#;
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
            const said = {};
            for (const line of lines.slice(1)) {
                const [, name, value] = line.match(/^([^:]*): *(.*)$/);
                const written = name.toLowerCase().replace(/(^|-)[a-z]/g, (letters) => letters.toUpperCase());
                said[written] = written in said ? `${said[written]}, ${value}` : value;
            }
            return { status: Number(lines[0].split(" ")[1]), headers: said };
        };
        export default { request };"#,
    );
    let start = "globalThis.__ENV = process.env; await (await import(process.argv[2])).default();";
    written(folder, "start.js", start)
}

/// What goes into the query of a URL that has one comes behind it: before, nobody would find the token.
fn own_query() {
    const QUERY: &str = "corpus/envoy/the-answer-to-a-query-s-token-lacks-cache-control-one-profile-on-envoy-43655bd2.yaml";
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let policy = "policy: {profiles: [{scheme: bearer}]}";
    let faults = ["--fault", "query-token-uncontrolled"];
    let (_failing, url) = served_by("http-authentication", policy, &faults);
    let sh = written(folder, "x.sh", &exported(QUERY, "curl"));
    let py = written(folder, "x.py", &exported(QUERY, "python"));
    let start = stand_in_for_k6(folder);
    written(folder, "x.js", &exported(QUERY, "k6"));
    let hurl = written(folder, "x.hurl", &exported(QUERY, "hurl"));
    let editors = exported(QUERY, "http");
    assert!(
        editors.contains("GET {{url}}{{and}}access_token={{credentials}}\n"),
        "{editors}"
    );
    // A token is the value of a variable everywhere but in an archive, which has none.
    let archive = exported(QUERY, "har");
    let token = archive.split("access_token=").nth(1).unwrap();
    let token = token.split('"').next().unwrap();
    for format in [
        "curl",
        "hurl",
        "http",
        "postman",
        "python",
        "k6",
        "rust-test",
    ] {
        let text = exported(QUERY, format);
        assert!(text.contains("access_token"), "{format}: {text}");
        for between in ["=", ": "] {
            let literal = format!("access_token{between}{token}");
            assert!(!text.contains(&literal), "{format}: {text}");
        }
    }
    let has = |program: &str| Command::new(program).arg("--version").output().is_ok();
    for url in [url.clone(), format!("{url}?a=1")] {
        let run = |program: &str, arguments: &[&str]| {
            let mut command = Command::new(program);
            let told = ended(command.args(arguments).env("URL", &url));
            assert_eq!(told.code, Some(0), "{program} {url} {told:?}");
        };
        run("sh", &[&sh]);
        if has("python3") {
            run("python3", &[&py]);
        }
        if has("node") {
            run("node", &[&start, "./x.js"]);
        }
        if has("hurl") {
            run(
                "hurl",
                &["--test", "--variable", &format!("url={url}"), &hurl],
            );
        }
        if has("newman") {
            let told = by_newman_at(folder, QUERY, &url);
            assert_eq!(told.code, Some(0), "newman {url} {told:?}");
        }
    }
}

fn by_newman() {
    let folder = tempfile::tempdir().unwrap();
    shows(|url| by_newman_at(folder.path(), SAVED, url));
}

/// Sends a finding's collection to a URL.
fn by_newman_at(folder: &Path, saved: &str, url: &str) -> Ended {
    let file = written(folder, "x.json", &exported(saved, "postman"));
    let url = format!("url={url}");
    let mut newman = Command::new("newman");
    ended(newman.args(["run", &file, "--env-var", &url, "--global-var", &url]))
}

fn by_httpyac() {
    let folder = tempfile::tempdir().unwrap();
    let text = exported(SAVED, "http");
    shows(|url| {
        // Of a variable of a file httpYac takes no other value from outside.
        let text = text.replace("http://127.0.0.1:4010/s0/resource", url);
        written(folder.path(), "x.http", &text);
        let mut httpyac = Command::new("httpyac");
        httpyac.current_dir(folder.path());
        ended(httpyac.args(["send", "x.http", "--all", "--no-color"]))
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

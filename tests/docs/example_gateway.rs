//! The example of `examples/gateway`: what a gateway's own developers see.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test may panic: that is how it fails"
)]

use std::env;
use std::path::Path;
use std::process::{Command, Output};

/// Runs the example's conformance test as a user would, built as this test is and beside it: with all features
/// of countersign, which the example does without, so that nothing is built twice.
fn conformance(arguments: &[&str]) -> Output {
    let scratch = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let mut cargo = Command::new(env!("CARGO"));
    cargo
        .args(["test", "--offline", "--quiet", "-p", "example-gateway"])
        .args(["--features", "countersign/default"])
        .args(["--test", "conformance", "--color", "never"])
        .arg("--target-dir")
        .arg(scratch.parent().unwrap())
        .current_dir(env!("CARGO_MANIFEST_DIR"));
    if !cfg!(debug_assertions) {
        cargo.arg("--release");
    }
    // What cargo tells a test of its package: ring's build script looks at these of its own, and where they differ from those of
    // the build before, all that stands on ring is built anew, now and by whoever builds next.
    for (name, _) in env::vars_os() {
        let told = name.to_str().is_some_and(|name| {
            ["CARGO_MANIFEST_", "CARGO_PKG_", "OUT_DIR"]
                .iter()
                .any(|told| name.starts_with(told))
        });
        if told {
            cargo.env_remove(name);
        }
    }
    cargo.arg("--").args(arguments).output().unwrap()
}

fn said(output: &Output) -> String {
    let stdout = String::from_utf8_lossy(&output.stdout);
    let stderr = String::from_utf8_lossy(&output.stderr);
    format!("{stdout}\n--- standard error:\n{stderr}")
}

/// The verdict on a trial's line of the pretty format.
fn verdict<'a>(said: &'a str, trial: &str) -> &'a str {
    let line = said
        .lines()
        .find(|line| line.starts_with("test ") && line.contains(trial))
        .unwrap_or_else(|| panic!("no line for {trial}:\n{said}"));
    let verdict = line.rsplit("... ").next().unwrap().trim();
    // The reason of what is ignored stands behind it.
    verdict.split(" (").next().unwrap()
}

#[test]
fn the_gateway_keeps_its_policy_and_still_shuts_clients_out() {
    let output = conformance(&["--format", "pretty"]);
    let said = said(&output);
    assert_eq!(output.status.code(), Some(101), "{said}");
    for (trial, expected) in [
        ("gateway::api-access-policy::valid-credentials-get-in", "ok"),
        (
            "gateway::api-access-policy::advertises-the-most-recent-profile",
            "ok",
        ),
        (
            "gateway::api-access-policy::advertises-the-first-profile",
            "ignored",
        ),
        ("gateway::api-access-policy::a-log-in-is-logged-once", "ok"),
        (
            "gateway::reachability::advertised-schemes-are-accepted",
            "ok",
        ),
        (
            "gateway::http-authentication::digest-has-a-nonce",
            "ignored",
        ),
        (
            "gateway::reachability::challenge-driven-client-gets-in",
            "FAILED",
        ),
        (
            "gateway::reachability::accepted-schemes-are-advertised",
            "FAILED",
        ),
    ] {
        assert_eq!(verdict(&said, trial), expected, "{trial}\n{said}");
    }
    let broken = said
        .lines()
        .filter(|line| line.starts_with("test ") && line.ends_with("FAILED"))
        .filter(|line| !line.contains("gateway::reachability::"));
    assert_eq!(broken.collect::<Vec<_>>(), [""; 0], "{said}");
    // Reasons make no line longer than a name needs, and a defect is told once.
    let widest = said.lines().filter(|line| line.starts_with("test "));
    let widest = widest.map(|line| line.chars().count()).max().unwrap();
    assert!(widest < 170, "{widest}: {said}");
    assert_eq!(said.matches("\n  minimal ").count(), 1, "{said}");
    for words in [
        "not judged, and not passed: ",
        "never applied: it applied to no case that was played (",
        "---- gateway::reachability::accepted-schemes-are-advertised ----\n\
         same defect as gateway::reachability::challenge-driven-client-gets-in: ",
        "curl -si --anyauth -u alice:open-sesame $URL",
        "---- gateway::reachability::challenge-driven-client-gets-in ----\n\
         two profiles, flag false, Basic client\n",
        "policy.advertise_all: true",
        "smallest possible",
        "cargo test -p example-gateway --test conformance -- --exact \
         'gateway::reachability::challenge-driven-client-gets-in'",
    ] {
        assert!(said.contains(words), "{words}\n{said}");
    }
}

/// What the pages show is what is tested here.
#[test]
fn the_pages_show_this_test() {
    let read = |path: &str| {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        std::fs::read_to_string(root.join(path)).unwrap()
    };
    let test = read("examples/gateway/tests/conformance.rs");
    let (_, code) = test.split_once("\n\n").unwrap();
    assert!(code.starts_with("fn main()"), "{code}");
    // What binds nobody who does not claim it is left out there.
    let claim = "        .claiming(\"api-access-policy\")\n";
    assert!(code.contains(claim), "{code}");
    let code = code.replace(claim, "");
    for page in ["README.md", "docs/cargo-test.md"] {
        assert!(
            read(page).contains(&code),
            "{page} shows another test than\n{code}"
        );
    }
}

#[test]
fn one_rule_alone_is_quick_and_can_pass() {
    let rule = "gateway::reachability::advertised-schemes-are-accepted";
    let output = conformance(&["--format", "pretty", "--exact", rule]);
    let said = said(&output);
    assert!(output.status.success(), "{said}");
    assert_eq!(verdict(&said, rule), "ok");
    assert!(said.contains("1 passed; 0 failed"), "{said}");
}

#[test]
fn a_listing_has_each_rule_and_nothing_else() {
    let output = conformance(&["--list"]);
    let said = said(&output);
    assert!(output.status.success(), "{said}");
    let listed = String::from_utf8_lossy(&output.stdout);
    assert!(
        listed.lines().all(|line| line.ends_with(": test")),
        "{said}"
    );
    for line in [
        "gateway::reachability::challenge-driven-client-gets-in: test",
        "gateway::api-access-policy::advertises-the-first-profile: test",
    ] {
        assert!(listed.lines().any(|have| have == line), "{line}\n{said}");
    }
}

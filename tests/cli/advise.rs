//! Exported policies: what is printed of them, and what is said of them without a request.

use libtest_mimic::Trial;
use serde_json::Value;
use snapbox::{assert_data_eq, str};

use crate::support::{run, trial};

const SEED: &str = "examples/records/seed-list.xml";

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        trial("advise::imports_and_reads_it_again", imports),
        trial("advise::tells_programs", json),
        trial("advise::makes_a_page", page),
        trial("advise::fails_where_that_is_asked", fails),
        trial("advise::of_other_gateways", gates),
        trial("advise::slips", slips),
    ]
}

fn imports() {
    let yaml = run(["import", "servicenow", SEED]).with(0).out;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("policies.yaml");
    std::fs::write(&file, &yaml).unwrap();
    let of_records = run(["advise", SEED]).with(0).out;
    assert_eq!(
        run(["advise", file.to_str().unwrap()]).with(0).out,
        of_records
    );
    // What is printed of the policy is what a case takes.
    let (_, policy) = yaml.split_once("    policy: ").unwrap();
    let policy = policy.lines().next().unwrap();
    let out = run(["reach", "--spec", "api-access-policy", "--policy", policy])
        .with(0)
        .out;
    assert!(out.contains("37 are shut out"), "{out}");
    assert!(
        of_records.contains("\ntwo profiles, flag false, Basic client\n"),
        "{of_records}"
    );
}

fn json() {
    let out = run(["advise", SEED, "--format", "json"]).with(0).out;
    let told: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(told["shuts_out"], true);
    let policy = &told["policies"][0];
    assert_eq!(policy["outcome"], "names-one");
    assert_eq!(
        policy["shut_out"][0]["sentence"],
        "two profiles, flag false, Basic client"
    );
    let lines: Vec<&str> = policy["readings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|reading| reading["lines"][0].as_str().unwrap())
        .collect();
    let (basic, bearer) = (
        "BASIC realm=\"Service-now\"",
        "BEARER realm=\"Service-now\"",
    );
    assert_eq!(lines, [basic, bearer, bearer]);
    assert!(policy["every_scheme"][0]["in"].as_u64() > policy["readings"][1]["in"].as_u64());
}

fn page() {
    let out = run(["advise", SEED, "--format", "html"]).with(0).out;
    for words in [
        "two profiles, flag false, Basic client",
        "If it is the most recently mapped",
        "WWW-Authenticate: BEARER realm=&quot;Service-now&quot;",
        "LOGIN_SUCCESS",
        "curl --anyauth",
    ] {
        assert!(out.contains(words), "{words}");
    }
}

fn fails() {
    run(["advise", SEED, "--fail-on", "shut-out"]).with(1);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("cured.yaml");
    let yaml = run(["import", "servicenow", SEED]).with(0).out;
    std::fs::write(
        &file,
        yaml.replace("advertise_all: false", "advertise_all: true"),
    )
    .unwrap();
    run(["advise", file.to_str().unwrap(), "--fail-on", "shut-out"]).with(0);
}

fn slips() {
    assert_data_eq!(
        run(["advise", "no-such-file"]).with(2).err,
        str![[r#"
error: no-such-file cannot be read: No such file or directory (os error 2)

"#]]
    );
    let out = run(["import", "servicenow", "examples/records/README.md"]).with(2);
    assert!(
        out.err.contains("error: this is neither XML nor JSON"),
        "{}",
        out.err
    );
    assert!(
        out.err.contains("--> examples/records/README.md:1:1"),
        "{}",
        out.err
    );
}

/// Other gateways, by what is written of them.
fn gates() {
    let nginx = "examples/records/nginx.conf";
    let out = run(["advise", nginx, "--format", "json"]).with(0).out;
    let told: Value = serde_json::from_str(&out).unwrap();
    let places = told["places"].as_array().unwrap();
    let accepted: Vec<&Value> = places.iter().map(|place| &place["accepted"]).collect();
    let both = serde_json::json!(["basic", "bearer"]);
    assert_eq!(
        accepted,
        [&serde_json::json!(["basic"]), &both, &serde_json::json!([])]
    );
    for (file, places) in [
        (
            "examples/records/kong.yaml",
            ["route reports of", "route api of", "route legacy of"],
        ),
        (
            "examples/records/security-policy.yaml",
            [
                "SecurityPolicy shop/reports",
                "SecurityPolicy shop/api",
                "rule 1 of HTTPRoute shop/legacy",
            ],
        ),
    ] {
        let out = run(["advise", file]).with(0);
        assert_eq!(out.err, "");
        for place in places {
            assert!(
                out.out.contains(&format!("\nplace     {place} "))
                    || out.out.starts_with(&format!("place     {place} ")),
                "{place}\n{}",
                out.out
            );
        }
    }
    let page = run(["advise", nginx, "--format", "html"]).with(0).out;
    assert!(page.contains("WWW-Authenticate: Basic realm=&quot;reports&quot;"));

    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("api.json");
    let document = serde_json::json!({
        "openapi": "3.1.0",
        "paths": {
            "/a": {"get": {"security": [{"b": []}, {"t": []}]}, "put": {"security": [{"t": []}, {"b": []}]}},
            "/k": {"get": {"security": [{"k": []}]}},
            "/open": {"get": {"security": []}},
        },
        "components": {"securitySchemes": {
            "b": {"type": "http", "scheme": "basic"},
            "t": {"type": "oauth2"},
            "k": {"type": "apiKey", "in": "header", "name": "X-Key"},
        }},
    });
    std::fs::write(&file, document.to_string()).unwrap();
    let file = file.to_str().unwrap();
    let out = run(["advise", file]).with(0).out;
    for words in [
        "basic or bearer: GET /a",
        "bearer or basic: PUT /a",
        "If a 401 names basic alone:",
        "no client of the catalogue is counted for the key `X-Key` (header)",
    ] {
        assert!(out.contains(words), "{words}\n{out}");
    }
    assert!(!out.contains("/open"), "{out}");
    // Some waits in vain whatever is named of what may be.
    run(["advise", file, "--fail-on", "shut-out"]).with(1);
}

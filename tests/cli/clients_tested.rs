//! Clients held against what is asked of one.

use libtest_mimic::Trial;
use snapbox::{assert_data_eq, str};

use crate::support::{ended, run, trial, wanting};

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        wanting("curl", trial("clients::are_tested", tested)),
        wanting("curl", trial("clients::have_right_credentials", flawed)),
        wanting(
            "curl",
            trial("clients::fail_on_minimal_layouts", shrunk_to_minima),
        ),
        wanting("pytest", trial("clients::are_tested_by_pytest", pytest)),
    ]
}

/// Clients held against what is asked of one.
fn tested() {
    let own = |words: &[&'static str], line: &str| {
        let all = ["clients", "test"].iter().chain(words);
        let command = ["--", "sh", "-c", line, "{url}"];
        run(all.copied().chain(command)).with(1).out
    };
    let out = run(["clients", "test", "curl -u"]).with(0).out;
    assert!(
        out.starts_with("curl -u: answers Basic, and sends credentials unasked; "),
        "{out}"
    );
    assert_eq!(out.lines().count(), 1, "{out}");
    let out = run(["clients", "test", "--json", "curl --location-trusted"])
        .with(1)
        .out;
    let line: serde_json::Value = serde_json::from_str(&out).unwrap();
    let broken = &line["broken"][0];
    assert_eq!(broken["rule"], "stays-in-its-origin");
    let sent = serde_json::json!(["Basic", "Basic@target"]);
    assert_eq!(broken["failed"][0]["schemes_sent"], sent);
    // What asks nobody is told with its own words.
    let silent = run([
        "clients",
        "test",
        "--",
        "sh",
        "-c",
        "echo no library; exit 2",
        "sh",
        "{url}",
    ]);
    let told = silent.with(3).err;
    assert!(
        told.contains("it sent no request: it ended with 2"),
        "{told}"
    );
    assert!(told.contains("no library"), "{told}");
    // It waits, and then sends Basic whatever was asked for.
    let blind = "curl -s -o /dev/null \"$0\"; curl -s -u user:pass \"$0\"";
    let out = own(&["--drawn", "0"], blind);
    assert_data_eq!(
        out,
        str![[r#"
sh: answers Basic, and waits to be asked; 97 layouts of client-challenge-handling 2
  quotes-hide-what-is-in-them (must): Basic behind a comma in quotes; 3 of 3 layouts
      What stands within quotes is no challenge, so credentials of a scheme that is named only there are not sent.
      RFC 9110 §5.6.4 and §11.2 (a quoted-string is one value); specs/client-challenge-handling.yaml:[..]
        WWW-Authenticate: Bearer realm="x, Basic realm=y"
        sent none, Basic: 200
  answers-only-what-is-offered (must): Bearer alone; 44 of 44 layouts
      A client that waits for a challenge answers with a scheme that was offered.
      RFC 9110 §11.4 (credentials are a response to a challenge); specs/client-challenge-handling.yaml:[..]
        WWW-Authenticate: Bearer realm="x"
        sent none, Basic: 200
  waits-until-it-is-asked (should): no challenge, refused with 403; 2 of 2 layouts
      A client that waits for a challenge sends no credentials where it is refused without one.
      RFC 9110 §11.4 (a user agent answers a challenge), §15.5.4 (403 asks for no credentials); specs/client-challenge-handling.yaml:[..]
        no WWW-Authenticate
        sent none, Basic: 403
  reads-charset (should): Basic with charset, a password outside US-ASCII; 1 of 1 layouts
      Where the challenge says that it takes UTF-8, user and password are sent in UTF-8.
      RFC 7617 §2.1; specs/client-challenge-handling.yaml:[..]
        WWW-Authenticate: Basic realm="x", charset="UTF-8"
        sent none, Basic[user:pass]: 401

"#]]
    );
}

/// What is wrong with credentials is told, be they taken or not: here of a client of Digest that puts `nc` in quotes, names as
/// `uri` what it does not ask for where there is a query, and has one `cnonce` for all.
fn flawed() {
    let client = "curl -s -o /dev/null \"$0\"; curl -s -H 'Authorization: Digest username=\"user\", realm=\"x\", \
                  nonce=\"n0nce123\", uri=\"/resource\", response=\"RESPONSE\", qop=auth, nc=\"00000001\", cnonce=\"c\"' \"$0\"";
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("digest.yaml");
    let pack = "countersign: 1\nclient-pack: {name: mine, version: 1, title: Mine}\nchallenges: {Digest: 'Digest realm=\"x\", \
                nonce=\"n0nce123\", qop=\"auth\"'}\nrules:\n";
    let mut pack = pack.to_owned();
    for (id, flaw, server) in [
        ("tokens", "quoted-token", "{}"),
        ("strings", "unquoted-string", "{}"),
        (
            "uri",
            "another-uri",
            "{says: with a query, url: with-a-query}",
        ),
        ("response", "wrong-response", "{}"),
        ("nonces", "same-client-nonce", "{status: 401}"),
    ] {
        pack.push_str(&format!(
            "  - {{id: {id}, level: must, says: It does., source: me, server: {server}, layouts: {{of: [Digest]}}, expect: \
             {{credentials-without: {flaw}}}}}\n"
        ));
    }
    std::fs::write(&file, pack).unwrap();
    let file = file.to_str().unwrap();
    let test = |response: &str| {
        let client = client.replace("RESPONSE", response);
        let words = ["clients", "test", "--spec", file, "--", "sh", "-c"];
        run(words.into_iter().chain([client.as_str(), "{url}"]))
            .with(1)
            .out
    };
    // Worked out by another implementation (md5sum).
    assert_data_eq!(
        test("b0444cdc5de51632f199e93c12888b07"),
        str![[r#"
sh: answers Digest, and waits to be asked; 5 layouts of mine 1
  tokens (must): Digest alone; 1 of 1 layouts
      It does.
      me; [..]/digest.yaml:5
        WWW-Authenticate: Digest realm="x", nonce="n0nce123", qop="auth"
        sent none, Digest-MD5/auth: 200; `nc` is in quotes
  uri (must): Digest, with a query; 1 of 1 layouts
      It does.
      me; [..]/digest.yaml:7
        WWW-Authenticate: Digest realm="x", nonce="n0nce123", qop="auth"
        sent none, Digest-MD5/auth(URI): 401; `uri` is "/resource", and the request is for /resource?a=1&b=two
  nonces (must): Digest alone; 1 of 1 layouts
      It does.
      me; [..]/digest.yaml:9
        WWW-Authenticate: Digest realm="x", nonce="n0nce123", qop="auth"
        sent none, Digest-MD5/auth: 200; `cnonce` is "c" in every play

"#]]
    );
    assert_data_eq!(
        test("0"),
        str![[r#"
sh: answers Digest wrongly, and waits to be asked; 5 layouts of mine 1
  tokens (must): Digest alone; 1 of 1 layouts
      It does.
      me; [..]/digest.yaml:5
        WWW-Authenticate: Digest realm="x", nonce="n0nce123", qop="auth"
        sent none, Digest-MD5/auth(WRONG): 401; `nc` is in quotes
  uri (must): Digest, with a query; 1 of 1 layouts
      It does.
      me; [..]/digest.yaml:7
        WWW-Authenticate: Digest realm="x", nonce="n0nce123", qop="auth"
        sent none, Digest-MD5/auth(WRONG)(URI): 401; `uri` is "/resource", and the request is for /resource?a=1&b=two
  response (must): Digest alone; 1 of 1 layouts
      It does.
      me; [..]/digest.yaml:8
        WWW-Authenticate: Digest realm="x", nonce="n0nce123", qop="auth"
        sent none, Digest-MD5/auth(WRONG): 401; `response` is not what its parameters make it
  nonces (must): Digest alone; 1 of 1 layouts
      It does.
      me; [..]/digest.yaml:9
        WWW-Authenticate: Digest realm="x", nonce="n0nce123", qop="auth"
        sent none, Digest-MD5/auth(WRONG): 401; `cnonce` is "c" in every play

"#]]
    );
}

/// A pack of one's own, and a client that fails on white space which only layouts by chance have: what is told is the
/// simplest of these.
fn shrunk_to_minima() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("mine.yaml");
    let pack = "countersign: 1\nclient-pack: {name: mine, version: 7, title: Mine}\nchallenges:\n  Basic: Basic \
                realm=\"x\"\n  Bearer: Bearer realm=\"x\"\n  another: Unknown\nrules:\n  - {id: finds, level: should, \
                says: It finds Basic., source: RFC 9110 §11.6.1, layouts: {of: [Basic], beside: [Bearer, another], at-most: \
                3}, expect: {gets-in: true}}\n";
    std::fs::write(&file, pack).unwrap();
    let file = file.to_str().unwrap();
    let client = "h=$(curl -si \"$0\"); case \"$h\" in *\" ,$(printf '\\t')Bearer\"*) ;; *asic*) curl -s -u user:pass \"$0\"; \
                  esac";
    let out = run([
        "clients", "test", "--spec", file, "--drawn", "12", "--json", "--", "sh", "-c", client,
        "{url}",
    ]);
    let line: serde_json::Value = serde_json::from_str(&out.with(1).out).unwrap();
    assert_eq!(line["pack"], "mine");
    let broken = &line["broken"][0];
    assert_eq!(broken["rule"], "finds");
    let minimal = &broken["failed"][0];
    assert_eq!(
        minimal["layout"],
        "two challenges, one line, Basic first, beside Bearer"
    );
    assert_eq!(
        minimal["lines"],
        serde_json::json!(["Basic realm=\"x\" ,\tBearer realm=\"x\""])
    );
    assert_eq!(minimal["minimal"], true);
    // It is looked over as other specs are, and what is wrong with it is shown.
    let checked = run(["check", file]).with(0).out;
    assert!(
        checked.contains("mine 7, 1 rule, 9 simple layouts, no mistakes"),
        "{checked}"
    );
    std::fs::write(file, pack.replace("of: [Basic]", "of: [Basik]")).unwrap();
    let wrong = run(["clients", "test", "--spec", file, "curl -u"])
        .with(2)
        .err;
    assert!(
        wrong.contains("there is no challenge `Basik`") && wrong.contains("mine.yaml:8:"),
        "{wrong}"
    );
    // Nor is a pack for clients played against a server.
    let wrong = run(["run", "--spec", "specs/client-challenge-handling.yaml"])
        .with(2)
        .err;
    assert!(
        wrong.contains("this is a pack for clients, and a spec is expected"),
        "{wrong}"
    );
}

/// The example of a client whose own tests, with pytest, have the command play it.
fn pytest() {
    let mut command = std::process::Command::new("pytest");
    command
        .args(["-q", "-p", "no:cacheprovider", "examples/client-tests"])
        .env("COUNTERSIGN", env!("CARGO_BIN_EXE_countersign"))
        .env("PYTHONDONTWRITEBYTECODE", "1");
    let out = ended(&mut command).with(0).out;
    assert!(out.contains("3 passed"), "{out}");
}

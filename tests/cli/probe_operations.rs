//! A deployed endpoint by the operations of a document, and by the messages of a protocol.

use libtest_mimic::Trial;

use crate::probe_policy::{
    ALICE, Gate, Heard, MALLORY, POLICY, all_is_well, anything_goes, keeps_secrets, probe,
    with_policy,
};
use crate::support::trial;

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        trial("probe_operations::are_held_against_the_policy", operations),
        trial("probe_operations::are_asked_each_for_itself", each),
        trial(
            "probe_operations::answers_are_told_as_what_they_are",
            answers,
        ),
        trial("probe_operations::messages_are_sent_and_judged", messages),
    ]
}

const DOCUMENT: &str = "
openapi: 3.1.0
components: {securitySchemes: {b: {type: http, scheme: basic}, t: {type: oauth2}}}
paths: {/orders: {get: {security: [{t: [orders]}, {b: []}]}}, /other: {get: {security: [{t: [read]}, {b: []}]}}}
";

/// Operations are asked with what the policy says is not to be let in, and by whom it is said.
fn operations() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("openapi.yaml");
    std::fs::write(&file, DOCUMENT).unwrap();
    let more = ["--openapi", file.to_str().unwrap()];
    let gate = Gate::new(anything_goes);
    let ended = with_policy(&gate.url, POLICY, &more).with(1);
    keeps_secrets(&ended);
    for wanted in [
        "FOUND: `GET /orders` takes an expired token\n",
        "FOUND: `GET /orders` takes a token without the scope that it declares\n",
        "FOUND: `GET /orders` lets in a disabled user\n",
        "-H \"Authorization: Bearer ${GATE_LIMITED}\" ",
        "-u \"mallory:${GATE_MALLORY}\" ",
    ] {
        assert!(ended.out.contains(wanted), "no {wanted} in\n{}", ended.out);
    }
    // Nor is it passed over that whoever needs nothing is kept out.
    let document = DOCUMENT.replacen(
        "paths: {",
        "paths: {/free: {get: {security: [{}, {b: []}]}}, ",
        1,
    );
    let other = folder.path().join("other.yaml");
    std::fs::write(&other, document).unwrap();
    let gate = Gate::new(all_is_well);
    let more = ["--openapi", other.to_str().unwrap()];
    let ended = with_policy(&gate.url, POLICY, &more).with(1);
    let wanted = "FOUND: `GET /free` is closed although it declares that nothing is needed\n";
    assert!(ended.out.contains(wanted), "{}", ended.out);
    // Of the other operation nobody said what its tokens need.
    let wrong = "`GET /other` takes a token without the scope";
    assert!(!ended.out.contains(wrong), "{}", ended.out);
    let gate = Gate::new(all_is_well);
    with_policy(&gate.url, POLICY, &more).with(1);
    assert!(gate.count(MALLORY) <= 2 && gate.count("Bearer t0ken-that-was") <= 2);
    let gate = Gate::new(all_is_well);
    let planned = [&more[..], &["--dry-run"]].concat();
    let ended = with_policy(&gate.url, POLICY, &planned).with(0);
    keeps_secrets(&ended);
    assert_eq!(gate.count(""), 0);
    for wanted in ["/orders", "${GATE_PASSWORD}", "${GATE_TOKEN}"] {
        assert!(ended.out.contains(wanted), "no {wanted} in\n{}", ended.out);
    }
}

const ODD: &str = "
openapi: 3.1.0
components:
  securitySchemes:
    b: {type: http, scheme: basic}
    t: {type: oauth2}
    k: {type: apiKey, in: header, name: X-Key}
    m: {type: mutualTLS}
    d: {type: http, scheme: digest}
    u: {type: passkey}
paths:
  /basic: {get: {security: [{b: []}]}}
  /both: {get: {security: [{b: [], k: []}]}}
  /cert: {get: {security: [{m: []}, {b: []}]}}
  /closed-digest: {get: {security: [{d: []}, {b: []}]}}
  /hangs-up: {get: {security: [{b: []}]}}
  /page: {get: {security: [{b: []}]}}
  /un known: {get: {security: [{b: []}]}}
  /passkey: {get: {security: [{u: []}]}}
  /loose: {get: {security: [{t: [orders]}, {t: []}]}}
";

/// Right in all but two: one of two things is enough at `/both`, and nothing is needed at `/cert`.
fn odd(heard: &Heard) -> String {
    let target = heard.target.as_str();
    let challenge =
        "401 No\r\nWWW-Authenticate: Basic realm=\"a\"\r\nWWW-Authenticate: Bearer realm=\"a\"";
    let credentials = heard.field("authorization");
    let is_let_in = match target {
        "/api/loose" => ["Bearer t0ken-of-alice", "Bearer t0ken-for-less"].contains(&credentials),
        _ => credentials == format!("Basic {ALICE}"),
    };
    match target {
        "/api/cert" | "/api/passkey" => "200 OK".to_owned(),
        "/api/page" => "200 OK\r\n\r\n<html><form><input type=\"password\">".to_owned(),
        // No answer that could be read.
        "/api/hangs-up" => "what".to_owned(),
        _ if is_let_in => "200 OK".to_owned(),
        _ => challenge.to_owned(),
    }
}

/// What one operation declares or does is no matter of the others.
fn each() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("openapi.yaml");
    std::fs::write(&file, ODD).unwrap();
    let gate = Gate::new(odd);
    let more = ["--openapi", file.to_str().unwrap(), "--key-env", "GATE_KEY"];
    let ended = with_policy(&gate.url, POLICY, &more).with(1);
    keeps_secrets(&ended);
    for wanted in [
        "FOUND: `GET /both` takes basic credentials alone although it declares basic with the key `X-Key` (header)\n",
        "FOUND: `GET /cert` is open although it declares mutualTLS or basic\n",
        "GET /closed-digest with http digest: http digest is not spoken here",
        "GET /hangs-up: no answer",
        "GET /page: 200 to a request without credentials is a page that asks for a password",
        "GET /un known: its path is none that can be asked for",
        "GET /passkey: it declares passkey, which is not spoken here",
    ] {
        assert!(ended.out.contains(wanted), "no {wanted} in\n{}", ended.out);
    }
    assert_eq!(ended.out.matches("FOUND").count(), 2, "{}", ended.out);
}

const TOLD: &str = "
openapi: 3.1.0
components: {securitySchemes: {b: {type: http, scheme: basic}}}
security: [{b: []}]
paths: {/forbids: {get: {}}, /forbids-all: {get: {}}, /names-more: {get: {}}, /no-method: {get: {}}, /traced: {get: {}, trace: {}}}
";

/// What each of these answers, with good credentials and without.
fn several(heard: &Heard) -> String {
    let is_alice = heard.field("authorization") == format!("Basic {ALICE}");
    let named = "401 No\r\nWWW-Authenticate: Basic realm=\"a\"";
    match (heard.target.as_str(), is_alice) {
        ("/api/forbids", false) | ("/api/forbids-all", _) => "403 No".to_owned(),
        ("/api/names-more", false) => format!("{named}\r\nWWW-Authenticate: Negotiate"),
        ("/api/no-method", true) => "405 No\r\nAllow: POST".to_owned(),
        (_, false) => named.to_owned(),
        _ => "200 OK".to_owned(),
    }
}

/// Each answer is told as what it is: a 403 that ought to be a 401, one that may be for something else, a scheme that the
/// document does not have, a method that is not there, and one that no credentials go with.
fn answers() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("openapi.yaml");
    std::fs::write(&file, TOLD).unwrap();
    let gate = Gate::new(several);
    let more = ["--openapi", file.to_str().unwrap(), "--unsafe"];
    let ended = with_policy(&gate.url, POLICY, &more).with(1);
    keeps_secrets(&ended);
    for wanted in [
        "FOUND: `GET /forbids` answers 403 to a request without credentials, and no challenge, although it declares basic (RFC 9110 §11.4)\n",
        "GET /forbids-all: 403 to a request without credentials, where 401 with a challenge is to be expected",
        "GET /names-more: its 401 names Negotiate, which it does not declare",
        "GET /no-method with basic: 405, which accuses nobody: there may be no such method",
        "TRACE /traced: no credentials may be sent with it (RFC 9110 §9.3.8)",
    ] {
        assert!(ended.out.contains(wanted), "no {wanted} in\n{}", ended.out);
    }
    assert_eq!(ended.out.matches("FOUND").count(), 1, "{}", ended.out);
}

/// A server of the Model Context Protocol, which tells an error to whoever has sent nothing.
fn speaks_mcp(heard: &Heard) -> String {
    let host = heard.field("host");
    let metadata = "/.well-known/oauth-protected-resource/api";
    let json = |text: String| format!("200 OK\r\nContent-Type: application/json\r\n\r\n{text}");
    match (heard.target.as_str(), heard.field("origin")) {
        (target, _) if target == metadata => json(format!(
            r#"{{"resource": "http://{host}/api", "authorization_servers": ["http://{host}/as"]}}"#
        )),
        (_, origin) if !origin.is_empty() => "403 No".to_owned(),
        // RFC 9110 §11.1: the scheme is read in any case.
        _ if heard
            .field("authorization")
            .split_once(' ')
            .is_some_and(|(scheme, token)| {
                scheme.eq_ignore_ascii_case("bearer") && token == "t0ken-of-alice"
            }) =>
        {
            json(r#"{"jsonrpc": "2.0", "id": 1, "result": {}}"#.to_owned())
        }
        _ => format!(
            "401 No\r\nWWW-Authenticate: Bearer error=\"invalid_token\", resource_metadata=\"http://{host}{metadata}\""
        ),
    }
}

fn messages() {
    let gate = Gate::new(speaks_mcp);
    let given = ["--token-env", "GATE_TOKEN", "--spec", "mcp-authorization"];
    let ended = probe(&gate.url, &given).with(1);
    keeps_secrets(&ended);
    for wanted in [
        "lets in   Bearer\n",
        "FOUND: an error is told without any token: ",
        "curl -si -H 'Accept: application/json, text/event-stream'",
        "an expired token (`expired-token` of `--policy`): ",
    ] {
        assert!(ended.out.contains(wanted), "no {wanted} in\n{}", ended.out);
    }
    assert_eq!(ended.out.matches("FOUND").count(), 1, "{}", ended.out);
    assert!(gate.count("POST /api ") > gate.count("GET /api "));
    let both = [&given[..], &["--spec", "reachability"]].concat();
    let ended = probe(&gate.url, &both).with(2);
    assert!(ended.err.contains("once for each"), "{}", ended.err);
}

//! A deployed endpoint that is judged as it stands.

use std::io::Write as _;
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use libtest_mimic::Trial;
use serde_json::Value;

use crate::support::{Ended, begin_of, countersign, ended, run, trial};

/// The credentials of everybody here, and as Basic sends them.
pub(crate) const PASSWORD: &str = "s3same-of-alice";
pub(crate) const TOKEN: &str = "t0ken-of-alice";
pub(crate) const BASIC: &str = "YWxpY2U6czNzYW1lLW9mLWFsaWNl";

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        trial("probe::finds_what_is_not_advertised", finds),
        trial("probe::tells_two_defects_apart", two_defects),
        trial("probe::accuses_nobody_who_is_right", accuses_nobody),
        trial("probe::keeps_to_its_budgets", budgets),
        trial("probe::says_why_it_has_no_verdict", no_verdicts),
        trial("probe::ends_where_an_account_is_locked", locked),
        trial("probe::locks_nobody_beyond_its_budget", locked_at_once),
        trial("probe::reads_a_file_or_nothing", file_or_nothing),
        trial("probe::waits_as_long_as_it_is_asked_to", waits),
        trial("probe::shows_its_plan_and_asks_nobody", plan),
        trial("probe::takes_no_chance_for_a_defect", unsteady),
        trial("probe::keeps_a_query_to_itself", query),
        trial("probe::sends_what_has_effects_when_told", effects),
        trial(
            "probe::holds_operations_against_what_they_declare",
            operations,
        ),
    ]
}

/// A server with one answer to each request: its `Authorization`, or nothing, and how many came before.
pub(crate) struct Server {
    pub(crate) url: String,
    seen: Arc<Mutex<Vec<String>>>,
}

impl Server {
    pub(crate) fn new(answer: fn(&str, usize) -> String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/api", listener.local_addr().unwrap());
        let seen = Arc::<Mutex<Vec<String>>>::default();
        let kept = Arc::clone(&seen);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                serve(stream.unwrap(), answer, &kept);
            }
        });
        Self { url, seen }
    }

    fn seen(&self) -> Vec<String> {
        self.seen.lock().unwrap().clone()
    }

    /// How many of them were of whoever's user-id and password begin so in base64, in whatever scheme.
    pub(crate) fn failed_of(&self, begin: &str) -> usize {
        let seen = self.seen();
        seen.iter()
            .filter(|field| {
                let rest = field.split_once([' ', '\t']).map(|(_, rest)| rest.trim());
                let is_known = !field.starts_with("X-");
                is_known && !is_good(field) && rest.is_some_and(|rest| rest.starts_with(begin))
            })
            .count()
    }

    /// How many requests carried credentials and were not let in.
    fn failed(&self) -> usize {
        let seen = self.seen();
        seen.iter()
            .filter(|field| !field.is_empty() && !is_good(field))
            .count()
    }
}

fn serve(mut stream: TcpStream, answer: fn(&str, usize) -> String, kept: &Mutex<Vec<String>>) {
    let Some(request) = begin_of(&mut stream) else {
        return;
    };
    let request = String::from_utf8_lossy(&request).into_owned();
    let field = request.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("authorization")
            .then(|| value.trim().to_owned())
    });
    let field = field.unwrap_or_default();
    let before = {
        let mut kept = kept.lock().unwrap();
        kept.push(field.clone());
        kept.len() - 1
    };
    let head = answer(&field, before);
    // What was sent comes back, as on a careless page.
    let body = format!("<p>{field} {PASSWORD}</p>");
    let length = format!(
        "Connection: close\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    let body = if request.starts_with("HEAD") {
        ""
    } else {
        &body
    };
    let _ = stream.write_all(format!("HTTP/1.1 {head}\r\n{length}{body}").as_bytes());
}

pub(crate) fn is_good(field: &str) -> bool {
    let Some((scheme, rest)) = field.split_once([' ', '\t']) else {
        return false;
    };
    let good = [("basic", BASIC), ("bearer", TOKEN)];
    good.iter()
        .any(|(known, secret)| scheme.eq_ignore_ascii_case(known) && rest.trim() == *secret)
}

pub(crate) fn only_bearer_is_named(field: &str, _: usize) -> String {
    match is_good(field) {
        true => "200 OK".to_owned(),
        false => "401 No\r\nWWW-Authenticate: Bearer realm=\"api\"".to_owned(),
    }
}

pub(crate) fn both_are_named(field: &str, _: usize) -> String {
    match is_good(field) {
        true => "200 OK".to_owned(),
        false => "401 No\r\nWWW-Authenticate: Basic realm=\"api\"\r\nWWW-Authenticate: Bearer realm=\"api\"".to_owned(),
    }
}

/// The same, and a bad token is told to be one (RFC 6750 §3.1).
fn all_is_well(field: &str, before: usize) -> String {
    let plain = both_are_named(field, before);
    match field.starts_with("Bearer ") {
        true => plain.replace(
            "Bearer realm=\"api\"",
            "Bearer realm=\"api\", error=\"invalid_token\"",
        ),
        false => plain,
    }
}

pub(crate) fn probe(url: &str, more: &[&str]) -> Ended {
    let arguments = [
        "probe",
        url,
        "--user",
        "alice",
        "--password-env",
        "GATE_PASSWORD",
        "--token-env",
        "GATE_TOKEN",
        "--rate",
        "1000",
    ];
    ended(
        countersign()
            .args(arguments)
            .args(more)
            .env("GATE_PASSWORD", PASSWORD)
            .env("GATE_TOKEN", TOKEN),
    )
}

/// No secret is in what a command said.
#[track_caller]
pub(crate) fn keeps_secrets(ended: &Ended) {
    for secret in [PASSWORD, TOKEN, BASIC] {
        for text in [&ended.out, &ended.err] {
            assert!(!text.contains(secret), "{secret} in\n{text}");
        }
    }
}

/// The defect that this program began with, within the default budgets.
fn finds() {
    let server = Server::new(only_bearer_is_named);
    let ended = probe(&server.url, &[]).with(1);
    keeps_secrets(&ended);
    let by_hand = format!(
        "curl -si --anyauth -u \"alice:${{GATE_PASSWORD}}\" {}\n",
        server.url
    );
    for wanted in [
        "FOUND: who waits for a challenge is shut out: Basic client\n",
        "also      accepted-schemes-are-advertised\n",
        "> authorization: Basic ***\n",
        "let the 401 name Basic too: 86 of 87 real clients would get in, where 50 do",
        "or let it name Basic alone: 85 of 87 real clients would get in, where 50 do: Basic realm=\"api\" (lets in Apache HttpClient 4, ",
        "; shuts out curl --anyauth --oauth2-bearer, ",
        "Of 87 clients that have a use for that, 50 get in and 37 are shut out.",
        "an expired token (`expired-token` of `--policy`): ",
        &by_hand,
    ] {
        assert!(ended.out.contains(wanted), "no {wanted} in\n{}", ended.out);
    }
    assert!(server.seen().len() <= 75 && server.failed() <= 15);
    assert!(server.failed_of("YWxpY2U6") <= 2);
    // It stands before anything is asked that an account is in danger by.
    let found = ended.out.split("  found     after ").nth(1).unwrap();
    let (requests, rest) = found.split_once(" requests and ").unwrap();
    assert!(requests.parse::<u32>().unwrap() <= 60, "{}", ended.out);
    assert!(rest.starts_with("0 failed log-ins\n"), "{}", ended.out);
    let server = Server::new(only_bearer_is_named);
    let ended = probe(&server.url, &["--format", "json"]).with(1);
    keeps_secrets(&ended);
    let told: Value = serde_json::from_str(&ended.out).unwrap();
    assert_eq!(
        told["findings"][0]["rule"],
        "challenge-driven-client-gets-in"
    );
    assert_eq!(told["findings"][1]["rule"], "a-bad-token-is-told");
    assert_eq!(told["findings"].as_array().unwrap().len(), 2);
    assert_eq!(told["requests"], server.seen().len());
    let took = |at: usize, what: &str| told["findings"][at]["found_after"][what].as_u64().unwrap();
    assert!(took(0, "requests") < took(1, "requests"));
    assert!(took(1, "failed_log_ins") > 0);
    // An empty field is counted as well.
    assert!(told["failed_log_ins"].as_u64().unwrap() >= server.failed() as u64);
}

/// Who waits for a challenge is shut out, and an error is told to whoever comes: two defects, and each has its cure.
fn two_defects() {
    let always = |field: &str, before: usize| {
        let plain = only_bearer_is_named(field, before);
        let status = plain.split("\r\n").next().unwrap_or_default();
        format!("{status}\r\nWWW-Authenticate: Bearer realm=\"api\", error=\"invalid_token\"")
    };
    let server = Server::new(always);
    let ended = probe(&server.url, &["--format", "json"]).with(1);
    let told: Value = serde_json::from_str(&ended.out).unwrap();
    let found = |rule: &str| -> Vec<String> {
        let findings = told["findings"].as_array().unwrap().iter();
        let mut of_rule = findings.filter(|finding| finding["rule"] == rule);
        let also = of_rule.next().map(|finding| finding["also"].clone());
        assert!(of_rule.next().is_none());
        serde_json::from_value(also.unwrap_or_else(|| panic!("no {rule} in\n{}", ended.out)))
            .unwrap()
    };
    let shut_out = found("challenge-driven-client-gets-in");
    assert_eq!(shut_out, ["accepted-schemes-are-advertised"]);
    let misled = found("an-invalid-token-gets-401");
    assert!(misled.contains(&"no-credentials-no-error".to_owned()));
    assert_eq!(
        told["findings"].as_array().unwrap().len(),
        2,
        "{}",
        ended.out
    );
}

/// Where all is well, nothing is found, with whatever budget.
fn accuses_nobody() {
    let server = Server::new(both_are_named);
    let ended = probe(&server.url, &[]).with(1);
    keeps_secrets(&ended);
    assert!(
        ended
            .out
            .contains("FOUND: a bad token is refused without an error"),
        "{}",
        ended.out
    );
    let server = Server::new(all_is_well);
    let ended = probe(&server.url, &[]).with(0);
    assert!(
        ended.out.contains(" 0 failed (0 findings), "),
        "{}",
        ended.out
    );
    let given = ["--max-requests", "2000", "--failed-log-ins", "500"];
    let ended = probe(&server.url, &given);
    assert!(!ended.out.contains("FOUND: who waits"), "{}", ended.out);
    assert!(
        !ended.out.contains("not asked for, within"),
        "{}",
        ended.out
    );
    keeps_secrets(&ended);
}

fn budgets() {
    for (most, failed) in [(9, 0), (30, 1), (60, 3), (200, 2)] {
        let server = Server::new(only_bearer_is_named);
        let (requests, log_ins) = (most.to_string(), failed.to_string());
        let ended = probe(
            &server.url,
            &["--max-requests", &requests, "--failed-log-ins", &log_ins],
        );
        assert!(
            server.seen().len() <= most,
            "{} of {most}",
            server.seen().len()
        );
        let of_alice = server.failed_of("YWxpY2U6");
        assert!(of_alice <= failed, "{of_alice} of {failed}");
        assert!(server.failed() <= 7 * failed, "{}", server.failed());
        keeps_secrets(&ended);
    }
}

fn no_verdicts() {
    let of = |answer: fn(&str, usize) -> String, wanted: &str| {
        let server = Server::new(answer);
        let ended = probe(&server.url, &[]).with(3);
        assert!(ended.err.contains(wanted), "no {wanted} in\n{}", ended.err);
        assert_eq!(ended.out, "");
        keeps_secrets(&ended);
        server
    };
    let asked = of(|_, _| "200 OK".to_owned(), "it is open").seen();
    assert_eq!(asked, [""]);
    let there = |_: &str, _| "302 Found\r\nLocation: http://elsewhere.example/other".to_owned();
    let asked = of(there, "probe it: http://elsewhere.example/other").seen();
    assert_eq!(asked, [""]);
    let asked = of(|_, _| "429 Slow".to_owned(), "429 to the first request").seen();
    assert_eq!(asked, [""]);
    of(
        |_, _| "401 No\r\nWWW-Authenticate: Basic realm=\"x\"".to_owned(),
        "none of the credentials gets in: Basic (401); Bearer (401)",
    );
    of(|_, _| "x".to_owned(), "127.0.0.1");
    let gone = probe("http://127.0.0.1:1/", &[]).with(3);
    assert!(gone.err.contains("no connection to"), "{}", gone.err);
    let far = probe("http://gateway.example/", &[]).with(2);
    assert!(
        far.err.contains("`--allow-host gateway.example`"),
        "{}",
        far.err
    );
}

/// Whoever is locked out at once is refused by good credentials too, and not more often than the budget says.
fn locked_at_once() {
    static REFUSED: AtomicUsize = AtomicUsize::new(0);
    let lock = |field: &str, before: usize| {
        let is_alice = field.to_ascii_lowercase().starts_with("basic ywxpy2u6");
        let is_alice = is_alice || field.split_whitespace().nth(1) == Some(BASIC);
        let is_locked = REFUSED.load(Ordering::Relaxed) > 0;
        if is_alice && (is_locked || !is_good(field)) {
            REFUSED.fetch_add(1, Ordering::Relaxed);
            return all_is_well("", before);
        }
        all_is_well(field, before)
    };
    for failed in [2, 1] {
        REFUSED.store(0, Ordering::Relaxed);
        let most = failed.to_string();
        let ended = probe(&Server::new(lock).url, &["--failed-log-ins", &most]);
        let refused = REFUSED.load(Ordering::Relaxed);
        assert!(refused <= failed, "{refused} of {failed}: {}", ended.err);
        assert!(!ended.out.contains("FOUND"), "{}", ended.out);
    }
}

/// Valid credentials that are refused after others failed are a locked account, and no finding.
fn locked() {
    static FAILED: AtomicUsize = AtomicUsize::new(0);
    let lock = |field: &str, before: usize| {
        if !field.is_empty() && !is_good(field) {
            FAILED.fetch_add(1, Ordering::Relaxed);
        }
        match FAILED.load(Ordering::Relaxed) > 1 && !field.is_empty() {
            true => both_are_named("", before),
            false => all_is_well(field, before),
        }
    };
    let ended = probe(&Server::new(lock).url, &[]).with(3);
    assert!(
        ended.err.contains("as where an account is locked"),
        "{}",
        ended.err
    );
    assert!(!ended.out.contains("FOUND"), "{}", ended.out);
}

fn file_or_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("given");
    std::fs::write(&file, format!("user: alice\npassword: {PASSWORD}\n")).unwrap();
    let server = Server::new(only_bearer_is_named);
    let file = file.to_str().unwrap();
    let ended = run([
        "probe",
        &server.url,
        "--rate",
        "1000",
        "--credentials",
        file,
    ])
    .with(1);
    keeps_secrets(&ended);
    assert!(ended.out.contains("lets in   Basic\n"), "{}", ended.out);
    assert!(
        ended.out.contains("-u \"alice:${PASSWORD}\""),
        "{}",
        ended.out
    );
    // Without any, what is seen from outside is judged.
    let server = Server::new(both_are_named);
    let ended = run(["probe", &server.url, "--rate", "1000"]).with(0);
    assert!(
        ended.out.contains("not known: no credentials were given"),
        "{}",
        ended.out
    );
    assert!(server.seen().iter().all(String::is_empty));
}

/// Whoever says when to come again is not asked before, and asked then.
fn waits() {
    let later = |field: &str, before: usize| match before {
        0 | 4 => "429 Slow\r\nRetry-After: 0".to_owned(),
        _ => both_are_named(field, before),
    };
    let server = Server::new(later);
    let ended = probe(&server.url, &[]);
    assert!(
        ended.out.contains("lets in   Basic, Bearer\n"),
        "{}",
        ended.out
    );
    assert!(!ended.out.contains("FOUND: who waits"), "{}", ended.out);
    let longer = |_: &str, _: usize| "429 Slow\r\nRetry-After: 4000".to_owned();
    let server = Server::new(longer);
    let ended = probe(&server.url, &[]).with(3);
    assert!(ended.err.contains("`Retry-After: 4000`"), "{}", ended.err);
    assert_eq!(server.seen().len(), 1);
}

/// A plan names every request and no secret, and nobody is asked for it.
fn plan() {
    let server = Server::new(both_are_named);
    let planned = probe(&server.url, &["--dry-run"]).with(0);
    keeps_secrets(&planned);
    assert_eq!(server.seen().len(), 0);
    let lines = planned
        .out
        .lines()
        .filter(|line| line.contains("  curl -si "));
    assert!(
        planned.out.contains("\"alice:${GATE_PASSWORD}\" | base64"),
        "{}",
        planned.out
    );
    assert!(
        planned.out.contains("Bearer ${GATE_TOKEN}"),
        "{}",
        planned.out
    );
    // What is said comes to pass, at an endpoint that does as the one of the plan does.
    let server = Server::new(all_is_well);
    let probed = probe(&server.url, &[]).with(0);
    // This one reads the first of two lines of credentials and lets in, and is then asked with both on one line; that
    // of the plan refuses two lines.
    let mut seen = server.seen();
    seen.retain(|field| !field.contains(", Basic "));
    assert_eq!(seen.len(), lines.count(), "{}", probed.out);
}

/// Instances that take turns, and chance, accuse nobody.
fn unsteady() {
    fn one(field: &str, is_whole: bool) -> String {
        let whole = all_is_well(field, 0);
        match is_whole {
            true => whole,
            false => whole.replace("WWW-Authenticate: Basic realm=\"api\"\r\n", ""),
        }
    }
    let turns = |field: &str, before: usize| one(field, !before.is_multiple_of(2));
    let chance = |field: &str, before: usize| one(field, (before * 2_654_435_761) >> 7 & 3 != 0);
    for answer in [turns as fn(&str, usize) -> String, chance] {
        let ended = probe(&Server::new(answer).url, &["--max-requests", "400"]).with(3);
        let wanted = "Equal requests are answered differently:\n";
        assert!(ended.out.contains(wanted), "{}", ended.out);
        assert!(
            ended.out.contains("GET without credentials: 401 with "),
            "{}",
            ended.out
        );
        assert!(!ended.out.contains("FOUND"), "{}", ended.out);
        assert!(
            ended
                .err
                .contains("equal requests are answered differently"),
            "{}",
            ended.err
        );
    }
}

/// What stands in the query is shown nowhere.
fn query() {
    let server = Server::new(only_bearer_is_named);
    let url = format!("{}?key=k3y-in-the-query", server.url);
    let ended = probe(&url, &[]).with(1);
    keeps_secrets(&ended);
    assert!(!ended.out.contains("k3y-in"), "{}", ended.out);
    assert!(ended.out.contains("/api?${QUERY}\""), "{}", ended.out);
}

/// POST is sent when that is said, and not else.
fn effects() {
    let only_post = |field: &str, before: usize| both_are_named(field, before);
    let ended = probe(&Server::new(only_post).url, &[]);
    assert!(
        ended.out.contains("are not sent without `--unsafe`"),
        "{}",
        ended.out
    );
    let planned = probe("http://127.0.0.1:1/", &["--dry-run", "--unsafe"]).with(0);
    assert!(planned.out.contains("-X POST "), "{}", planned.out);
    let planned = probe("http://127.0.0.1:1/", &["--dry-run"]).with(0);
    for method in ["POST", "PUT", "PATCH", "DELETE", "PROPFIND"] {
        assert!(!planned.out.contains(method), "{}", planned.out);
    }
    assert!(!planned.out.contains("-X POST "), "{}", planned.out);
}

/// Findings speak of operations, and what cannot be asked is told.
fn operations() {
    let document = "
openapi: 3.1.0
components:
  securitySchemes: {b: {type: http, scheme: basic}, t: {type: http, scheme: bearer}, x: {type: mutualTLS}}
security: [{b: []}, {t: []}]
x-gateway-security: {open: true}
paths:
  /both: {get: {x-internal: true}}
  /odd: {get: {security: {b: []}}}
  /elsewhere: {servers: [{url: 'https://elsewhere.example'}], get: {}}
  /bearer: {get: {security: [{t: []}]}, delete: {}}
  /items/{id}: {get: {}}
  /cert: {get: {security: [{x: []}]}}
";
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("openapi.yaml");
    std::fs::write(&file, document).unwrap();
    let file = file.to_str().unwrap();
    let of = |answer: fn(&str, usize) -> String| {
        let server = Server::new(answer);
        let ended = probe(&server.url, &["--openapi", file]);
        keeps_secrets(&ended);
        (ended.with(1).out, server)
    };
    let (out, server) = of(only_bearer_is_named);
    for wanted in [
        "FOUND: `GET /both`: 401 names Bearer only, declares basic and bearer\n",
        "FOUND: `GET /bearer` takes basic credentials that it does not declare\n",
        "-u \"alice:${GATE_PASSWORD}\" ",
        "DELETE /bearer: it may have effects (`--unsafe`)",
        "GET /items/{id}: its parameter `id` has no example (`--param id=VALUE`)",
        "GET /cert with mutualTLS: mutualTLS is not spoken here",
        "whatever they say of who gets in: `x-gateway-security`, `x-internal`\n",
        "GET /odd: its `security` cannot be read: invalid type: map, expected a sequence\n",
        "GET /elsewhere: it has servers of its own (`servers`), and is not asked of this one\n",
    ] {
        assert!(out.contains(wanted), "no {wanted} in\n{out}");
    }
    assert!(server.failed() <= 2);
    let (out, _) = of(|_, _| "200 OK".to_owned());
    assert!(
        out.contains("FOUND: `GET /bearer` is open although it declares bearer"),
        "{out}"
    );
    // What is answered once and not again accuses nobody.
    let without = document.replacen("  /cert: {get: {security: [{x: []}]}}\n", "", 1);
    std::fs::write(file, without).unwrap();
    let server = Server::new(|field, before| match before {
        0 => "200 OK".to_owned(),
        _ => both_are_named(field, before),
    });
    let ended = probe(&server.url, &["--openapi", file]).with(3);
    assert!(!ended.out.contains("FOUND"), "{}", ended.out);
    let unsteady = "GET /bearer is not answered alike each time";
    assert!(ended.out.contains(unsteady), "{}", ended.out);
    std::fs::write(file, "swagger: '2.0'").unwrap();
    let server = Server::new(all_is_well);
    let ended = probe(&server.url, &["--openapi", file]).with(2);
    assert!(
        ended.err.contains("is no OpenAPI document"),
        "{}",
        ended.err
    );
    assert_eq!(server.seen().len(), 0);
}

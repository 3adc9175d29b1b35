//! What is known of the policy of a deployed endpoint, and what is asked with beside passwords and tokens.

use std::io::Write as _;
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use libtest_mimic::Trial;

use crate::support::{Ended, HANDSHAKE, begin_of, countersign, ended, trial};

/// Every secret here, by its variable. The first is also the key of signatures.
pub(crate) const SECRETS: [(&str, &str); 7] = [
    ("GATE_PASSWORD", "s3same-of-alice"),
    ("GATE_TOKEN", "t0ken-of-alice"),
    ("GATE_EXPIRED", "t0ken-that-was"),
    ("GATE_LIMITED", "t0ken-for-less"),
    ("GATE_MALLORY", "w0rd-of-mallory"),
    ("GATE_KEY", "k3y-of-alice"),
    ("GATE_OLD_KEY", "k3y-that-was"),
];

/// The user-ids and passwords as Basic sends them.
pub(crate) const ALICE: &str = "YWxpY2U6czNzYW1lLW9mLWFsaWNl";
pub(crate) const MALLORY: &str = "bWFsbG9yeTp3MHJkLW9mLW1hbGxvcnk=";

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        trial("probe_policy::judges_what_it_is_told_of", told),
        trial("probe_policy::accuses_nobody_who_is_right", right),
        trial("probe_policy::says_what_is_wrong_with_a_file", wrong_files),
        trial("probe_policy::keeps_every_secret", secrets),
        trial("probe_policy::asks_with_keys", keys),
        trial("probe_policy::asks_with_signatures", signatures),
        trial("probe_policy::plans_with_all_of_it", plan),
        trial("probe_policy::fetches_metadata_and_judges_it", metadata),
        trial("probe_policy::ends_early_where_nothing_follows", weather),
    ]
}

/// A request as the server sees it.
pub(crate) struct Heard {
    pub(crate) target: String,
    lines: Vec<String>,
}

impl Heard {
    /// The value of a field.
    pub(crate) fn field(&self, name: &str) -> &str {
        let lines = self.lines.iter();
        let mut values = lines.filter_map(|line| {
            let (known, value) = line.split_once(':')?;
            known.eq_ignore_ascii_case(name).then(|| value.trim())
        });
        values.next().unwrap_or_default()
    }
}

/// A server with one answer to each request.
pub(crate) struct Gate {
    pub(crate) url: String,
    heard: Arc<Mutex<Vec<String>>>,
}

impl Gate {
    pub(crate) fn new(answer: fn(&Heard) -> String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/api", listener.local_addr().unwrap());
        let heard = Arc::<Mutex<Vec<String>>>::default();
        let kept = Arc::clone(&heard);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                serve(stream.unwrap(), answer, &kept);
            }
        });
        Self { url, heard }
    }

    /// How many requests have this in them.
    pub(crate) fn count(&self, part: &str) -> usize {
        let heard = self.heard.lock().unwrap();
        heard.iter().filter(|one| one.contains(part)).count()
    }
}

fn serve(mut stream: TcpStream, answer: fn(&Heard) -> String, kept: &Mutex<Vec<String>>) {
    let Some(request) = begin_of(&mut stream) else {
        return;
    };
    if request.first() == Some(&HANDSHAKE) {
        let _ = stream.write_all(b"HTTP/1.1 400 No\r\nContent-Length: 0\r\n\r\n");
        return;
    }
    let text = String::from_utf8_lossy(&request).into_owned();
    let mut lines = text.lines();
    let target = lines.next().unwrap().split(' ').nth(1).unwrap().to_owned();
    let heard = Heard {
        target,
        lines: lines.map(str::to_owned).collect(),
    };
    let answered = answer(&heard);
    let (head, body) = answered.split_once("\r\n\r\n").unwrap_or((&answered, ""));
    let length = body.len();
    // What was sent comes back in a field, as on a careless server.
    let echo: String = text
        .lines()
        .take(12)
        .collect::<Vec<_>>()
        .join(" ")
        .replace(['\r', '\n'], " ");
    kept.lock().unwrap().push(text);
    let _ = stream.write_all(
        format!(
            "HTTP/1.1 {head}\r\nX-Echo: {echo}\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}"
        )
        .as_bytes(),
    );
}

/// Basic and tokens, and what is wrong with each credential.
fn refusal(heard: &Heard) -> String {
    let error = match heard.field("authorization").starts_with("Bearer ") {
        true => ", error=\"invalid_token\"",
        false => "",
    };
    format!(
        "401 No\r\nWWW-Authenticate: Basic realm=\"api\"\r\nWWW-Authenticate: Bearer realm=\"api\"{error}"
    )
}

fn is_of_alice(heard: &Heard) -> bool {
    let value = heard.field("authorization");
    let (scheme, rest) = value.split_once(' ').unwrap_or_default();
    scheme.eq_ignore_ascii_case("basic") && rest.trim() == ALICE
        || scheme.eq_ignore_ascii_case("bearer") && rest.trim() == "t0ken-of-alice"
}

pub(crate) fn all_is_well(heard: &Heard) -> String {
    match heard.field("authorization") {
        _ if is_of_alice(heard) => "200 OK".to_owned(),
        "Bearer t0ken-for-less" => {
            "403 No\r\nWWW-Authenticate: Bearer realm=\"api\", error=\"insufficient_scope\", scope=\"orders\"".to_owned()
        }
        _ => refusal(heard),
    }
}

/// Whatever was good once, or is good for something else.
pub(crate) fn anything_goes(heard: &Heard) -> String {
    match heard.field("authorization").split_once(' ') {
        Some(("Bearer", "t0ken-that-was" | "t0ken-for-less")) | Some(("Basic", MALLORY)) => {
            "200 OK".to_owned()
        }
        _ => all_is_well(heard),
    }
}

pub(crate) const POLICY: &str = "
profiles: [basic, bearer]
scope: orders
expired-token: GATE_EXPIRED
token-without-scope: GATE_LIMITED
disabled-user: {user: mallory, password: GATE_MALLORY}
";

pub(crate) fn probe(url: &str, more: &[&str]) -> Ended {
    ended(
        countersign()
            .args(["probe", url, "--rate", "1000"])
            .args(more)
            .envs(SECRETS),
    )
}

const GIVEN: [&str; 6] = [
    "--user",
    "alice",
    "--password-env",
    "GATE_PASSWORD",
    "--token-env",
    "GATE_TOKEN",
];

pub(crate) fn with_policy(url: &str, policy: &str, more: &[&str]) -> Ended {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("policy.yaml");
    std::fs::write(&file, policy).unwrap();
    let mut all = GIVEN.to_vec();
    all.extend(["--policy", file.to_str().unwrap()]);
    all.extend(more);
    probe(url, &all)
}

#[track_caller]
pub(crate) fn keeps_secrets(ended: &Ended) {
    let forms = [ALICE, MALLORY];
    for secret in SECRETS.iter().map(|(_, secret)| *secret).chain(forms) {
        for text in [&ended.out, &ended.err] {
            assert!(!text.contains(secret), "{secret} in\n{text}");
        }
    }
}

/// What the file tells of is asked with and judged, within the budget of each user.
fn told() {
    let gate = Gate::new(anything_goes);
    let ended = with_policy(&gate.url, POLICY, &[]).with(1);
    for wanted in [
        "FOUND: an expired token is accepted: expired credentials\n",
        "FOUND: a disabled user is let in: disabled user\n",
        "FOUND: a token without the scope is accepted: insufficient scope\n",
        "Bearer ${GATE_EXPIRED}\"",
        "\"mallory:${GATE_MALLORY}\"",
        "policy    Basic, Bearer: what is let in, advertised or told of\n",
    ] {
        assert!(ended.out.contains(wanted), "no {wanted} in\n{}", ended.out);
    }
    // Without the file, the report says what it would have bought.
    let ended = probe(&gate.url, &GIVEN);
    for wanted in [
        "an expired token (`expired-token` of `--policy`): ",
        "a second user who is disabled, for Basic (`disabled-user` of `--policy`): 1 rule more\n",
        "a scope that tokens must have, and a token that lacks it (`scope` and `token-without-scope` of `--policy`): ",
    ] {
        assert!(ended.out.contains(wanted), "no {wanted} in\n{}", ended.out);
    }
}

/// Names the last of two schemes, as in the story of the seed.
fn names_bearer(heard: &Heard) -> String {
    let refused = refusal(heard);
    let both = refused.replacen("WWW-Authenticate: Basic realm=\"api\"\r\n", "", 1);
    match heard.field("authorization") {
        "Bearer t0ken-of-alice" => "200 OK".to_owned(),
        _ => both,
    }
}

fn right() {
    // Of a profile without credentials nobody knows more than that its challenge is not there.
    let gate = Gate::new(names_bearer);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("policy.yaml");
    std::fs::write(&file, "profiles: [basic, bearer]\n").unwrap();
    let more = [
        "--token-env",
        "GATE_TOKEN",
        "--policy",
        file.to_str().unwrap(),
    ];
    let ended = probe(&gate.url, &more);
    let wanted = "Basic, which the policy has: the 401 names Bearer, so whoever waits for a challenge of Basic is shut out";
    assert!(ended.out.contains(wanted), "{}", ended.out);
    let gate = Gate::new(all_is_well);
    let ended = probe(&gate.url, &more);
    assert!(!ended.out.contains("which the policy has"), "{}", ended.out);
    let gate = Gate::new(all_is_well);
    let ended = with_policy(&gate.url, POLICY, &[]).with(0);
    assert!(
        ended.out.contains(" 0 failed (0 findings), "),
        "{}",
        ended.out
    );
    assert!(gate.count(MALLORY) <= 2 && gate.count(MALLORY) > 0);
    assert!(gate.count("Bearer t0ken-for-less") > 0);
    // Nothing is said of a token beside no token.
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("policy.yaml");
    std::fs::write(&file, "expired-token: GATE_EXPIRED\n").unwrap();
    let mut alone = GIVEN[..4].to_vec();
    alone.extend(["--policy", file.to_str().unwrap()]);
    let ended = probe(&gate.url, &alone).with(0);
    assert!(
        ended
            .out
            .contains("`expired-token` of the policy was not sent: no token was let in beside it"),
        "{}",
        ended.out
    );
}

fn wrong_files() {
    let gate = Gate::new(all_is_well);
    for (policy, wanted) in [
        (
            "expired-token: t0ken-that-was\n",
            "line 1: `expired-token` is not the name of an environment variable",
        ),
        (
            "expired-token: NOT_THERE_AT_ALL\n",
            "names an environment variable that is not there",
        ),
        (
            "revoked-token: GATE_TOKEN\n",
            "`revoked-token` of the policy is that of the credentials that are to be let in",
        ),
        (
            "tokens: GATE_TOKEN\n",
            "there is a key here that is not known",
        ),
    ] {
        let ended = with_policy(&gate.url, policy, &[]).with(2);
        assert!(ended.err.contains(wanted), "no {wanted} in\n{}", ended.err);
        keeps_secrets(&ended);
    }
    let ended = probe(&gate.url, &["--policy", "/nowhere/policy.yaml"]).with(2);
    assert!(
        ended.err.contains("/nowhere/policy.yaml cannot be read"),
        "{}",
        ended.err
    );
    assert_eq!(gate.count(""), 0);
}

/// However it is told, and whatever goes wrong.
fn secrets() {
    let gate = Gate::new(anything_goes);
    let key = ["--key-env", "GATE_KEY", "--key-in", "query:gate"];
    for more in [
        &[][..],
        &["--format", "json"],
        &["--dry-run"],
        &["--max-requests", "9"],
    ] {
        let more = [&key[..], more].concat();
        keeps_secrets(&with_policy(&gate.url, POLICY, &more));
    }
    let gone = with_policy("http://127.0.0.1:1/", POLICY, &[]).with(3);
    keeps_secrets(&gone);
}

fn by_key(heard: &Heard) -> String {
    let is_there = heard.field("x-gate") == "k3y-of-alice"
        || heard.target.ends_with("?gate=k3y-of-alice")
        || heard.field("cookie") == "gate=k3y-of-alice";
    match is_there {
        true => "200 OK".to_owned(),
        false => "403 No".to_owned(),
    }
}

fn old_keys_too(heard: &Heard) -> String {
    match heard.field("x-gate") {
        "k3y-that-was" => "200 OK".to_owned(),
        _ => by_key(heard),
    }
}

fn keys() {
    for place in ["header:X-Gate", "query:gate", "cookie:gate"] {
        let gate = Gate::new(by_key);
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("given.yaml");
        std::fs::write(&file, format!("key: k3y-of-alice\nkey-in: {place}\n")).unwrap();
        let given = match place {
            "cookie:gate" => vec!["--credentials", file.to_str().unwrap()],
            _ => vec!["--key-env", "GATE_KEY", "--key-in", place],
        };
        let ended = probe(&gate.url, &given).with(0);
        keeps_secrets(&ended);
        for wanted in ["policy    an API key: ", " 0 failed (0 findings), "] {
            assert!(ended.out.contains(wanted), "no {wanted} in\n{}", ended.out);
        }
        let wrong = gate.count("listed-nowhere-");
        assert!(wrong > 0 && wrong <= 10, "{wrong}");
    }
    let gate = Gate::new(old_keys_too);
    let given = [
        "--key-env",
        "GATE_KEY",
        "--key-in",
        "header:X-Gate",
        "--failed-log-ins",
        "9",
    ];
    let policy = "expired-key: GATE_OLD_KEY\n";
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("policy.yaml");
    std::fs::write(&file, policy).unwrap();
    let given = [&given[..], &["--policy", file.to_str().unwrap()]].concat();
    let ended = probe(&gate.url, &given).with(1);
    keeps_secrets(&ended);
    for wanted in [
        "FOUND: an expired key is accepted: expired credentials\n",
        "-H \"X-Gate: ${GATE_OLD_KEY}\" ",
    ] {
        assert!(ended.out.contains(wanted), "no {wanted} in\n{}", ended.out);
    }
    let ended = probe(&gate.url, &["--key-env", "GATE_KEY", "--key-in", "body:x"]).with(2);
    assert!(ended.err.contains("`cookie:NAME`"), "{}", ended.err);
}

/// The password may be the key of signatures, of which the right one is let in and no other.
fn signatures() {
    let by_signature = |heard: &Heard| {
        let signature = heard.field("x-hmac-signature");
        let is_right = countersign::credentials::is_signed(
            signature,
            "alice",
            "s3same-of-alice",
            "GET",
            "/api",
        );
        match is_right {
            true => "200 OK".to_owned(),
            false => "403 No".to_owned(),
        }
    };
    let gate = Gate::new(by_signature);
    let given = [&GIVEN[..4], &["--password-for", "hmac"]].concat();
    let ended = probe(&gate.url, &given).with(0);
    keeps_secrets(&ended);
    assert!(
        ended.out.contains("policy    signed requests: "),
        "{}",
        ended.out
    );
    assert!(gate.count("ignature: alice:") > 0);
}

/// The plan has what the policy tells of, and an endpoint that does all well accuses itself of nothing.
fn plan() {
    let key = [
        "--key-env",
        "GATE_KEY",
        "--key-in",
        "header:X-Gate",
        "--dry-run",
    ];
    let ended = with_policy("http://127.0.0.1:1/", POLICY, &key).with(0);
    keeps_secrets(&ended);
    for wanted in [
        "${GATE_EXPIRED}",
        "${GATE_LIMITED}",
        "${GATE_MALLORY}",
        "${GATE_KEY}",
    ] {
        assert!(ended.out.contains(wanted), "no {wanted} in\n{}", ended.out);
    }
}

/// A resource with metadata, whose authorization server is the same server by another path.
fn with_metadata(heard: &Heard) -> String {
    let host = heard.field("host");
    let document = |text: String| format!("200 OK\r\nContent-Type: application/json\r\n\r\n{text}");
    match heard.target.as_str() {
        "/meta" => document(format!(
            r#"{{"resource": "http://{host}/api", "authorization_servers": ["http://{host}/as"]}}"#
        )),
        "/.well-known/oauth-authorization-server/as" => {
            document(format!(r#"{{"issuer": "http://{host}/as"}}"#))
        }
        _ => format!(
            "401 No\r\nWWW-Authenticate: Bearer realm=\"api\", resource_metadata=\"http://{host}/meta\""
        ),
    }
}

fn metadata() {
    let gate = Gate::new(with_metadata);
    let ended = probe(&gate.url, &[]).with(0);
    for wanted in [
        "OAuth metadata:\n",
        "the metadata of the resource is as it should be: ",
        "the metadata of the authorization server is as it should be: ",
    ] {
        assert!(ended.out.contains(wanted), "no {wanted} in\n{}", ended.out);
    }
    let of = |answer: fn(&Heard) -> String, code: i32, wanted: &str| {
        let gate = Gate::new(answer);
        let ended = probe(&gate.url, &[]).with(code);
        assert!(ended.out.contains(wanted), "no {wanted} in\n{}", ended.out);
        gate
    };
    let other = |heard: &Heard| {
        with_metadata(heard).replace("\"issuer\": \"http://", "\"issuer\": \"http://x.")
    };
    let wanted = "FOUND: the resource names an authorization server by another issuer than that server names\n";
    let gate = of(other, 1, wanted);
    assert_eq!(
        gate.count("GET /.well-known/oauth-authorization-server/as "),
        3
    );
    let query = |heard: &Heard| with_metadata(heard).replace("/as\"]", "/as?x\"]");
    of(
        query,
        1,
        "FOUND: the metadata names an authorization server that is no issuer\n",
    );
    // Nobody is asked who is not allowed, and that is told.
    let far = |heard: &Heard| {
        let host = heard.field("host").to_owned();
        with_metadata(heard).replace(&format!("http://{host}/meta"), "https://as.example/meta")
    };
    of(
        far,
        0,
        // Whether an address of that name is known depends on who is asked for names.
        "metadata was not looked at: `https://as.example/meta` is not on this machine",
    );
}

/// Where the first answers show that nothing follows, nothing more is sent, and no secret where it would be read.
fn weather() {
    let tls = |_: &Heard| "400 No\r\n\r\nThis port speaks HTTPS.".to_owned();
    let gate = Gate::new(tls);
    let ended = probe(&gate.url, &GIVEN).with(3);
    assert!(ended.err.contains("ask it by https"), "{}", ended.err);
    assert_eq!(gate.count(""), 1);
    let ended = probe("127.0.0.1/api", &[]).with(2);
    assert!(
        ended.err.contains("it begins with http:// or https://"),
        "{}",
        ended.err
    );
    // By TLS to whoever does not speak it.
    let gate = Gate::new(all_is_well);
    let url = gate.url.replace("http:", "https:");
    let authority = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ca.pem");
    let der = base64::Engine::encode(&base64::prelude::BASE64_STANDARD, authority.cert.der());
    let pem = format!("-----BEGIN CERTIFICATE-----\n{der}\n-----END CERTIFICATE-----\n");
    std::fs::write(&file, pem).unwrap();
    let ended = probe(&url, &["--cacert", file.to_str().unwrap()]).with(3);
    assert!(ended.err.contains("ask it by http"), "{}", ended.err);
    // A document whose operations are all not there.
    let paths: String = (0..400)
        .map(|at| format!("  /x{at}: {{get: {{}}}}\n"))
        .collect();
    let document = format!(
        "openapi: 3.0.0\ncomponents: {{securitySchemes: {{b: {{type: http, scheme: basic}}}}}}\nsecurity: [{{b: []}}]\npaths:\n{paths}"
    );
    let file = folder.path().join("openapi.yaml");
    std::fs::write(&file, document).unwrap();
    let gate = Gate::new(|_| "404 No".to_owned());
    let ended = probe(&gate.url, &["--openapi", file.to_str().unwrap()]).with(3);
    assert!(
        ended
            .err
            .contains("every operation that was asked for answers 404"),
        "{}",
        ended.err
    );
    assert!(
        ended
            .out
            .contains("operations were not asked for: those before are not there (404)"),
        "{}",
        ended.out
    );
    assert!(gate.count("") <= 20);
}

//! Who gets in: of a policy, of a URL, of a saved response.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::process::Stdio;
use std::sync::Arc;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use libtest_mimic::Trial;
use rustls::crypto::ring;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use serde_json::Value;
use snapbox::{assert_data_eq, str};

use crate::support::{countersign, ended, run, trial};

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        trial("reach::of_a_policy", of_a_policy),
        trial("reach::of_a_saved_response", of_a_saved_response),
        trial("reach::of_standard_input", of_standard_input),
        trial("reach::of_a_url", of_a_url),
        trial("reach::of_a_url_whose_line_is_folded", of_a_folded_line),
        trial("reach::tries_what_is_accepted", tries),
        trial("reach::checks_certificates", checks_certificates),
        trial("reach::keeps_secrets", keeps_secrets),
        trial("reach::slips", slips),
    ]
}

fn of_a_policy() {
    let flag = "{profiles: [{scheme: basic}, {scheme: bearer}], advertise_all: true}";
    let out = run(["reach", "--policy", flag, "--format", "json"])
        .with(0)
        .out;
    let told: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(told["accepted"], serde_json::json!(["basic", "bearer"]));
    assert_eq!(told["clients"].as_array().unwrap().len(), 103);
    let count = |key: &str| told[key].as_u64().unwrap();
    let best = told["same_schemes"]["in"].as_u64().unwrap();
    assert!(count("in") < best && best <= count("concerned"), "{told:#}");
    assert_eq!(
        told["same_schemes"]["lines"][0],
        "Basic realm=\"Service-now\""
    );
    let nobody = run(["reach", "--policy", "{profiles: []}"]).with(0).out;
    assert!(nobody.contains("accepted  nothing (tried)"), "{nobody}");
}

fn of_a_saved_response() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("response.txt");
    let text = "HTTP/1.1 302 Found\r\n\r\nHTTP/1.1 401 Unauthorized\r\n\
                www-authenticate: Negotiate\r\nWWW-Authenticate: Basic realm=\"x\"\r\n\r\n\
                WWW-Authenticate: Bearer\r\n";
    std::fs::write(&file, text).unwrap();
    let file = file.to_str().unwrap();
    let out = run(["reach", "--response", file]).with(0).out;
    assert!(
        out.contains("accepted  basic (taken to be what is advertised)"),
        "{out}"
    );
    assert!(out.contains("responds to Negotiate instead"), "{out}");
    assert!(!out.contains("WWW-Authenticate: Bearer"), "{out}");
    let out = run(["reach", "--response", file, "--accepts", "bearer"])
        .with(0)
        .out;
    assert!(
        out.contains("With a challenge for every accepted scheme"),
        "{out}"
    );
}

fn of_standard_input() {
    let mut child = countersign()
        .args(["reach", "--response", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    input
        .write_all(b"HTTP/1.1 401 No\r\nWWW-Authenticate: Basic realm=\"\x1b[31mx\"\r\n\r\n")
        .unwrap();
    drop(input);
    let output = child.wait_with_output().unwrap();
    let out = String::from_utf8(output.stdout).unwrap();
    assert!(
        out.starts_with("asked     standard input\nanswered  401\n"),
        "{out}"
    );
    // What could move a terminal's cursor is written as what it is.
    assert!(
        out.contains("\\u{1b}[31mx") && !out.contains('\x1b'),
        "{out}"
    );
}

fn of_a_folded_line() {
    let fold = "WWW-Authenticate: Bearer realm=\"x\",\r\n Basic realm=\"x\"\r\n";
    let (url, served) = refusing(fold);
    let out = run(["reach", &url]).with(0).out;
    served.join().unwrap();
    assert!(
        out.contains("folded line: `obs-fold` (RFC 9112 §5.2)"),
        "{out}"
    );
    assert!(out.contains("accepted  basic, bearer"), "{out}");
}

/// A server that takes Basic and a bearer token and names Bearer only, until it was asked so often.
fn fixed(requests: usize) -> (String, std::thread::JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/api", listener.local_addr().unwrap());
    let served = std::thread::spawn(move || {
        let mut seen = Vec::new();
        while seen.len() < requests {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = Vec::new();
            let mut bytes = [0; 1024];
            while !request.ends_with(b"\r\n\r\n") {
                let read = stream.read(&mut bytes).unwrap();
                assert!(read > 0, "the request is cut off");
                request.extend_from_slice(&bytes[..read]);
            }
            let request = String::from_utf8(request).unwrap();
            let field = request.lines().find_map(|line| {
                let (name, value) = line.split_once(": ")?;
                name.eq_ignore_ascii_case("authorization")
                    .then(|| value.to_owned())
            });
            let field = field.unwrap_or_default();
            // Of user `alice` and password `s3same`, and a token.
            let good = ["Basic YWxpY2U6czNzYW1l", "Bearer t0ken"].contains(&field.as_str());
            let head = match good {
                true => "HTTP/1.1 200 OK\r\n",
                false => "HTTP/1.1 401 No\r\nWWW-Authenticate: Bearer realm=\"api\"\r\n",
            };
            let answer = format!("{head}Connection: close\r\nContent-Length: 0\r\n\r\n");
            stream.write_all(answer.as_bytes()).unwrap();
            seen.push(field);
        }
        seen
    });
    (url, served)
}

/// An endpoint that accepts Basic and Bearer and advertises Bearer: what is believed, and what is tried.
fn tries() {
    let (url, served) = fixed(1);
    let out = run(["reach", &url, "--fail-on", "shut-out"]).with(0).out;
    served.join().unwrap();
    for wanted in [
        "accepted  bearer (taken to be what is advertised)",
        "not tried basic: give --user NAME and --password-env VAR, or --credentials FILE",
        "Were basic accepted too, 37 of 87 clients would be shut out.",
    ] {
        assert!(out.contains(wanted), "no {wanted} in\n{out}");
    }
    let (url, served) = fixed(3);
    let arguments = [
        "reach",
        &url,
        "--user",
        "alice",
        "--password-env",
        "GATE_PASSWORD",
        "--token-env",
        "GATE_TOKEN",
        "--fail-on",
        "shut-out",
    ];
    let out = ended(
        countersign()
            .args(arguments)
            .env("GATE_PASSWORD", "s3same")
            .env("GATE_TOKEN", "t0ken"),
    )
    .with(1)
    .out;
    assert_eq!(
        served.join().unwrap(),
        ["", "Basic YWxpY2U6czNzYW1l", "Bearer t0ken"]
    );
    for wanted in [
        "accepted  basic, bearer (tried)\n",
        "Of 87 clients that have a use for that, 50 get in and 37 are shut out.",
        "waits for a challenge of Basic, and there is none",
        "With a challenge for every accepted scheme, 86 of 87 would get in:",
    ] {
        assert!(out.contains(wanted), "no {wanted} in\n{out}");
    }
    // A file has them too; what is wrong is refused.
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("credentials.yaml");
    std::fs::write(&file, "user: alice\npassword: wr0ng\ntoken: t0ken\n").unwrap();
    let (url, served) = fixed(3);
    let out = run(["reach", &url, "--credentials", file.to_str().unwrap()])
        .with(0)
        .out;
    served.join().unwrap();
    assert!(
        out.contains("accepted  bearer (tried)\nrefused   basic (tried: 401; a wrong password"),
        "{out}"
    );
}

/// A certificate as PEM (RFC 7468 §5).
fn pem(der: &[u8]) -> String {
    let text = BASE64_STANDARD.encode(der);
    let lines = text.as_bytes().chunks(64).map(String::from_utf8_lossy);
    let lines: Vec<_> = lines.collect();
    let body = lines.join("\n");
    format!("-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----\n")
}

/// Over TLS only who is vouched for is asked, and gets credentials.
fn checks_certificates() {
    let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    let other = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, pem: String| {
        let file = folder.path().join(name);
        std::fs::write(&file, pem).unwrap();
        file.to_str().unwrap().to_owned()
    };
    let (own, others) = (
        write("own.pem", pem(made.cert.der())),
        write("other.pem", pem(other.cert.der())),
    );
    let key = PrivatePkcs8KeyDer::from(made.signing_key.serialize_der());
    let config = rustls::ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], PrivateKeyDer::Pkcs8(key))
        .unwrap();
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://{}/", listener.local_addr().unwrap());
    // Whoever hangs up during the handshake has sent no request.
    let served = std::thread::spawn(move || {
        let mut requests = Vec::new();
        for _ in 0..2 {
            let (stream, _) = listener.accept().unwrap();
            let session = rustls::ServerConnection::new(Arc::clone(&config)).unwrap();
            let mut stream = rustls::StreamOwned::new(session, stream);
            let mut request = Vec::new();
            let mut bytes = [0; 1024];
            while !request.ends_with(b"\r\n\r\n") {
                match stream.read(&mut bytes) {
                    Ok(read) if read > 0 => request.extend_from_slice(&bytes[..read]),
                    _ => break,
                }
            }
            if !request.is_empty() {
                let head = "HTTP/1.1 401 No\r\nWWW-Authenticate: Basic realm=\"x\"\r\nContent-Length: 0\r\n\r\n";
                let _ = stream.write_all(head.as_bytes());
                let _ = stream.flush();
            }
            requests.push(request);
        }
        requests
    });
    let refused = run(["reach", &url, "--ca", &others]).with(3).err;
    assert!(refused.contains("invalid peer certificate"), "{refused}");
    assert!(refused.contains("help: nothing was sent;"), "{refused}");
    let out = run(["reach", &url, "--ca", &own]).with(0).out;
    assert!(out.contains("answered  401"), "{out}");
    let requests = served.join().unwrap();
    assert!(requests[0].is_empty() && requests[1].starts_with(b"GET / HTTP/1.1\r\n"));
    let empty = write("empty.pem", String::new());
    let slip = run(["reach", &url, "--ca", &empty]).with(2).err;
    assert!(
        slip.contains("there is no certificate in it (PEM)"),
        "{slip}"
    );
}

/// A secret is in no output, whatever goes wrong.
fn keeps_secrets() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("credentials.yaml");
    let file = file.to_str().unwrap();
    for text in [
        "pasword: s3cret\n",
        "- s3cret\n",
        "s3cret: [\n",
        "user: a\npassword: {s3cret: 1}\n",
    ] {
        std::fs::write(file, text).unwrap();
        let ended = run(["reach", "http://127.0.0.1:1/", "--credentials", file]).with(2);
        assert!(!ended.err.contains("s3cret"), "{text}: {}", ended.err);
        assert!(
            ended.err.contains("help: write `user: NAME`"),
            "{}",
            ended.err
        );
    }
    std::fs::write(file, "token: s3cret s3cret\n").unwrap();
    let ended = run(["reach", "http://127.0.0.1:1/", "--credentials", file]).with(2);
    assert!(!ended.err.contains("s3cret"), "{}", ended.err);
    for arguments in [
        &["reach", "http://u:s3cret@127.0.0.1:1/"][..],
        &["reach", "http://u:s3cret@[/"],
        &[
            "reach",
            "http://127.0.0.1:1/?access_token=s3cret",
            "--allow-host",
            "x",
        ],
        &[
            "reach",
            "http://127.0.0.1:1/",
            "--user",
            "u",
            "--password-env",
            "s3cret",
        ],
        &["reach", "http://127.0.0.1:1/", "--token-env", "s3cret"],
    ] {
        let ended = run(arguments.iter().copied());
        assert!(
            !ended.err.contains("s3cret"),
            "{arguments:?}: {}",
            ended.err
        );
        assert!(
            ended.out.is_empty() && ended.code != Some(0),
            "{}",
            ended.out
        );
    }
}

/// A server that refuses one request, then ends.
fn refusing(lines: &'static str) -> (String, std::thread::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/a?b=c", listener.local_addr().unwrap());
    let served = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut request = Vec::new();
        let mut bytes = [0; 1024];
        while !request.ends_with(b"\r\n\r\n") {
            let read = stream.read(&mut bytes).unwrap();
            assert!(read > 0, "the request is cut off");
            request.extend_from_slice(&bytes[..read]);
        }
        let head = format!("HTTP/1.1 401 No\r\n{lines}Content-Length: 0\r\n\r\n");
        stream.write_all(head.as_bytes()).unwrap();
        String::from_utf8(request).unwrap()
    });
    (url, served)
}

fn of_a_url() {
    let (url, served) = refusing("WWW-Authenticate: Bearer, Basic realm=\"x\"\r\n");
    let out = run(["reach", &url]).with(0).out;
    assert!(
        out.contains("sees the first challenge of each line only"),
        "{out}"
    );
    assert!(
        out.contains("cannot read the challenge as it is written"),
        "{out}"
    );
    let request = served.join().unwrap();
    assert!(request.starts_with("GET /a?b=c HTTP/1.1\r\n"), "{request}");
    assert!(
        !request.to_lowercase().contains("authorization"),
        "{request}"
    );
}

fn slips() {
    let said = |arguments: &[&str]| run(arguments.iter().copied()).with(2).err;
    assert_data_eq!(
        said(&["reach", "http://192.0.2.1/"]),
        str![[r#"
error: `http://192.0.2.1/` is not on this machine
  help: allow it by name, with `--allow-host 192.0.2.1`

"#]]
    );
    // Whether an address of a name is known depends on who is asked for names.
    let shown = said(&["reach", "http://gateway.example/"]);
    let (why, allow) = (
        "is not on this machine",
        "with `--allow-host gateway.example`\n",
    );
    assert!(shown.contains(why) && shown.contains(allow), "{shown}");
    let shown = said(&["reach", "ftp://127.0.0.1/"]);
    assert!(shown.contains("is neither http nor https"), "{shown}");
    assert_data_eq!(
        said(&["reach", "--accepts", "basik"]),
        str![[r#"
error: no client of the catalogue has credentials for `basik`
  help: did you mean `basic`?

"#]]
    );
    let shown = said(&["reach", "--policy", "{profile: []}"]);
    assert!(shown.contains("did you mean `profiles`?"), "{shown}");
    // A policy that the product has no way to express is not installed as something else.
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(
        folder.path().join("adapter.yaml"),
        "countersign: 1\nadapter: gate\ntitle: A gate\nkind: process\nfiles: {gate: gate.jinja}\n\
         start: [/bin/false]\nprobe: {path: /p}\nslots: {count: 1, prefix: /s}\n\
         supports: {policy.advertise_all: [true], client.scheme: [digest], events: false}\n",
    )
    .unwrap();
    std::fs::write(folder.path().join("gate.jinja"), "").unwrap();
    let gate = folder.path().to_str().unwrap();
    assert_data_eq!(
        said(&[
            "reach",
            "--against",
            gate,
            "--policy",
            "{advertise_all: false}"
        ]),
        str![[r#"
error: gate cannot express this policy: policy.advertise_all is false, and it supports true
  help: give it in --policy or --instance

"#]]
    );
    let gone = run(["reach", "http://127.0.0.1:1/"]).with(3).err;
    assert!(gone.contains("no connection to 127.0.0.1:1"), "{gone}");
}

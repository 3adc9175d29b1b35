//! Servers that are asked who gets in: where requests go, what they carry, and what is concluded.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread::JoinHandle;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use libtest_mimic::Trial;
use rcgen::{BasicConstraints, CertificateParams, IsCa, KeyPair};
use rustls::crypto::ring;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

use crate::support::{Ended, Running, countersign, ended, run, trial};

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        trial("asked::no_other_port", no_other_port),
        trial("asked::a_proxy_in_its_own_field", a_proxy_in_its_own_field),
        trial("asked::with_a_wrong_password", with_a_wrong_password),
        trial("asked::what_was_not_sent", what_was_not_sent),
        trial("asked::echoes_are_masked", echoes_are_masked),
        trial("asked::no_answer_about_authentication", no_answer),
        trial("asked::by_a_name_in_capitals", by_a_name_in_capitals),
        trial("asked::certificates", certificates),
        trial("asked::with_http_where_tls_is_spoken", http_to_tls),
        trial("asked::what_nobody_has_credentials_for", negotiate_alone),
        trial("asked::long_values_are_cut", long_values_are_cut),
        trial("asked::all_that_cannot_be_expressed", all_unsupported),
        trial("asked::by_hand", by_hand),
    ]
}

const REFUSAL: &str = "HTTP/1.1 401 No\r\nWWW-Authenticate: Bearer realm=\"api\"\r\n";

/// Serves so many requests; answers with their heads.
fn serving(
    requests: usize,
    answer: impl Fn(&str) -> &'static str + Send + 'static,
) -> (String, JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let authority = listener.local_addr().unwrap().to_string();
    let served = std::thread::spawn(move || {
        let mut seen = Vec::new();
        while seen.len() < requests {
            let (mut stream, _) = listener.accept().unwrap();
            let head = head(&mut stream);
            let answer = answer(&head);
            write!(
                stream,
                "{answer}Connection: close\r\nContent-Length: 0\r\n\r\n"
            )
            .unwrap();
            seen.push(head);
        }
        seen
    });
    (authority, served)
}

/// The head of a request, or what came of one.
fn head(stream: &mut impl Read) -> String {
    let mut request = Vec::new();
    let mut bytes = [0; 1024];
    while !request.ends_with(b"\r\n\r\n") {
        match stream.read(&mut bytes) {
            Ok(read) if read > 0 => request.extend_from_slice(&bytes[..read]),
            _ => break,
        }
    }
    String::from_utf8_lossy(&request).into_owned()
}

/// Whether a request has this, where case is nobody's matter.
fn has(head: &str, what: &str) -> bool {
    head.to_lowercase().contains(&what.to_lowercase())
}

/// Asks as user `alice` with password `s3same`, and with whatever more is said.
fn as_alice(url: &str, more: &[&str]) -> Ended {
    let user = ["--user", "alice", "--password-env", "GATE_PASSWORD"];
    ended(
        countersign()
            .args(["reach", url])
            .args(user)
            .args(more)
            .env("GATE_PASSWORD", "s3same"),
    )
}

fn no_other_port() {
    for (scheme, port) in [
        ("http", "99999"),
        ("http", "184711"),
        ("http", "-1"),
        ("http", "0"),
        ("http", "8o8o"),
        ("https", "70000"),
    ] {
        let url = format!("{scheme}://127.0.0.1:{port}/api?token=s3cret");
        let ended = as_alice(&url, &[]).with(2);
        let told = format!("`:{port}` is no port, which is a number from 1 to 65535");
        assert!(ended.err.contains(&told), "{}", ended.err);
        assert!(!ended.err.contains("s3cret"), "{}", ended.err);
    }
}

fn a_proxy_in_its_own_field() {
    let (authority, served) = serving(2, |head| {
        match has(head, "\r\nProxy-Authorization: Basic YWxpY2U6czNzYW1l\r\n") {
            true => "HTTP/1.1 200 OK\r\n",
            false => "HTTP/1.1 407 No\r\nProxy-Authenticate: Basic realm=\"x\"\r\n",
        }
    });
    let out = as_alice(&format!("http://{authority}/"), &[]).with(0).out;
    for request in served.join().unwrap() {
        assert!(!has(&request, "\r\nAuthorization:"), "{request}");
    }
    let wanted = "accepted  basic (tried, in Proxy-Authorization)\n";
    assert!(out.contains(wanted), "{out}");
}

fn with_a_wrong_password() {
    for more in [&[][..], &["--fail-on", "shut-out"]] {
        let (authority, served) = serving(2, |_| REFUSAL);
        let ended = as_alice(&format!("http://{authority}/"), more);
        served.join().unwrap();
        let ended = ended.with(if more.is_empty() { 0 } else { 3 });
        for wanted in [
            "refused   basic (tried: 401; a wrong password or a locked user looks the same)",
            "Were basic accepted too, 37 of 87 clients would be shut out.",
            "Nothing that was tried is accepted, so that nothing can be concluded",
        ] {
            assert!(ended.out.contains(wanted), "no {wanted} in\n{}", ended.out);
        }
        assert_eq!(ended.err.contains("no verdict: "), !more.is_empty());
    }
}

fn what_was_not_sent() {
    let (authority, served) = serving(1, |_| "HTTP/1.1 200 OK\r\n");
    let out = as_alice(&format!("http://{authority}/"), &[]).with(0).out;
    served.join().unwrap();
    let told = "not tried the credentials that were given: the answer is a success without any";
    assert!(out.contains(told), "{out}");
    let (authority, served) = serving(1, |_| REFUSAL);
    let out = as_alice(&format!("http://{authority}/"), &["--accepts", "basic"])
        .with(0)
        .out;
    served.join().unwrap();
    let told = "not tried the credentials that were given: --accepts says what is accepted";
    assert!(out.contains(told), "{out}");
}

fn echoes_are_masked() {
    for format in ["text", "json"] {
        for answer in [
            "HTTP/1.1 302 Found\r\nLocation: /log-in?next=%2Fa%3Faccess_token%3Ds3cr%2Fet\r\n",
            "HTTP/1.1 401 No\r\nWWW-Authenticate: Bearer realm=\"s3cr/et\"\r\n",
            "HTTP/1.1 401 No\r\nWWW-Authenticate: Bearer resource_metadata=\"/s3cr%2fet\"\r\n",
            "HTTP/1.1 401 No\r\nWWW-Authenticate: Bearer scope=\"s3cr/et\"\r\n",
        ] {
            let (authority, served) = serving(1, move |_| answer);
            let url = format!("http://{authority}/a?access_token=s3cr%2Fet&type=bearer");
            let out = run(["reach", &url, "--format", format]).with(0).out;
            served.join().unwrap();
            let small = out.to_lowercase();
            assert!(
                !small.contains("s3cr/et") && !small.contains("s3cr%2fet"),
                "{out}"
            );
            assert!(out.contains("***"), "{out}");
            // A word of challenges is no secret.
            assert_eq!(out.contains("Bearer"), answer.contains("Bearer"), "{out}");
        }
    }
}

fn no_answer() {
    for (answer, told) in [
        (
            "HTTP/1.1 404 No\r\n",
            "A 404 without a challenge is no answer about authentication",
        ),
        (
            "HTTP/1.1 500 No\r\n",
            "A 500 without a challenge is no answer about authentication",
        ),
        (
            "HTTP/1.1 400 No\r\n",
            "a port where TLS is spoken answers so to plain http",
        ),
    ] {
        let (authority, served) = serving(1, move |_| answer);
        let url = format!("http://{authority}/");
        let out = run(["reach", &url, "--fail-on", "shut-out"]).with(3).out;
        served.join().unwrap();
        let out = out.replace("\n", " ");
        assert!(out.contains(told) && !out.contains("get in and"), "{out}");
    }
    // Who hides a resource from all who have not logged in shuts out whoever waits for a challenge.
    let (authority, served) = serving(2, |head| match has(head, "Authorization: Basic") {
        true => "HTTP/1.1 200 OK\r\n",
        false => "HTTP/1.1 404 No\r\n",
    });
    let url = format!("http://{authority}/");
    let out = as_alice(&url, &["--fail-on", "shut-out"]).with(1).out;
    served.join().unwrap();
    assert!(
        out.contains("waits for a challenge of Basic, and there is none"),
        "{out}"
    );
}

fn by_a_name_in_capitals() {
    let (authority, served) = serving(1, |_| REFUSAL);
    let port = authority.rsplit(':').next().unwrap();
    run(["reach", &format!("HTTP://LOCALHOST:{port}/")]).with(0);
    served.join().unwrap();
    let ended = run(["reach", "http://127.0.0.1:1/", "--allow-host", "x"]).with(3);
    assert!(ended.err.contains("no connection"), "{}", ended.err);
}

/// A server over TLS with a certificate that it signed itself, and the certificate as PEM.
fn over_tls(change: impl Fn(&mut CertificateParams)) -> (String, String, JoinHandle<String>) {
    let mut params = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    change(&mut params);
    let key = KeyPair::generate().unwrap();
    let made = params.self_signed(&key).unwrap();
    let text = BASE64_STANDARD.encode(made.der());
    let lines = text.as_bytes().chunks(64).map(String::from_utf8_lossy);
    let lines: Vec<_> = lines.collect();
    let pem = format!(
        "-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n",
        lines.join("\n")
    );
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let config = rustls::ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.der().clone()], key)
        .unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let authority = listener.local_addr().unwrap().to_string();
    // Whoever hangs up during the handshake has sent no request.
    let served = std::thread::spawn(move || {
        let (stream, _) = listener.accept().unwrap();
        let session = rustls::ServerConnection::new(Arc::new(config)).unwrap();
        let mut stream = rustls::StreamOwned::new(session, stream);
        let request = head(&mut stream);
        let _ = write!(stream, "{REFUSAL}Content-Length: 0\r\n\r\n");
        let _ = stream.flush();
        request
    });
    (authority, pem, served)
}

fn certificates() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ca.pem");
    let file = file.to_str().unwrap();
    // As `openssl req -x509` makes one: an authority's own.
    let (authority, pem, served) = over_tls(|_| {});
    std::fs::write(file, pem).unwrap();
    run(["reach", &format!("https://{authority}/"), "--ca", file]).with(0);
    assert!(served.join().unwrap().starts_with("GET / HTTP/1.1\r\n"));
    // Another that says the same of itself.
    let (authority, _, served) = over_tls(|_| {});
    let refused = run(["reach", &format!("https://{authority}/"), "--ca", file]).with(3);
    assert!(
        refused.err.contains("is believed with --cacert FILE"),
        "{}",
        refused.err
    );
    assert!(served.join().unwrap().is_empty());
    let name = rcgen::SanType::DnsName("gateway.example".try_into().unwrap());
    for (names, told) in [
        (vec![name], "ask by a name that it has"),
        (Vec::new(), "that has this in subjectAltName"),
    ] {
        let (authority, pem, served) =
            over_tls(|params| params.subject_alt_names.clone_from(&names));
        std::fs::write(file, pem).unwrap();
        let refused = run(["reach", &format!("https://{authority}/"), "--ca", file]).with(3);
        assert!(refused.err.contains(told), "{}", refused.err);
        assert!(served.join().unwrap().is_empty());
    }
    let (authority, pem, served) =
        over_tls(|params| params.not_after = rcgen::date_time_ymd(2001, 1, 1));
    std::fs::write(file, pem).unwrap();
    let refused = run(["reach", &format!("https://{authority}/"), "--ca", file]).with(3);
    let told = "its server needs a certificate that is valid now";
    assert!(refused.err.contains(told), "{}", refused.err);
    assert!(served.join().unwrap().is_empty());
}

fn http_to_tls() {
    let (authority, _, served) = over_tls(|_| {});
    let refused = run(["reach", &format!("http://{authority}/")]).with(3);
    served.join().unwrap();
    assert!(refused.err.contains("ask it by https"), "{}", refused.err);
}

/// What is said of a saved response.
fn of_response(text: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("response.txt");
    std::fs::write(&file, text).unwrap();
    run(["reach", "--response", file.to_str().unwrap()])
        .with(0)
        .out
}

fn negotiate_alone() {
    let out =
        of_response("HTTP/1.1 401 No\nWWW-Authenticate: Negotiate\nWWW-Authenticate: NTLM\n\n");
    let told = "accepted  not known: for what is advertised (Negotiate, NTLM) no client";
    assert!(out.contains(told), "{out}");
}

fn long_values_are_cut() {
    let long = "r".repeat(60_000);
    for text in [
        format!("HTTP/1.1 401 No\nWWW-Authenticate: Bearer, Basic realm=\"{long}\"\n\n"),
        format!("HTTP/1.1 401 No\nWWW-Authenticate: Basic realm={long} x\n\n"),
        format!("HTTP/1.1 401 No\nWWW-Authenticate: {long}\n\n"),
        format!("HTTP/1.1 401 No\nWWW-Authenticate: {long}\nWWW-Authenticate: Basic realm=x\n\n"),
        format!("HTTP/1.1 401 No\nX-WWW-Authenticate: Basic realm=\"{long}\"\n\n"),
        format!("HTTP/1.1 302 No\nLocation: http://{long}/\n\n"),
        format!("HTTP/1.1 401 No\n{long}-WWW-Authenticate: Basic realm=\"x\"\n\n"),
        format!(
            "HTTP/1.1 401 No\nWWW-Authenticate: Bearer realm=\"http://{long}\", service=\"s\", \
             resource_metadata=\"http://{long}\"\n\n"
        ),
    ] {
        let out = of_response(&text);
        assert!(out.len() < 12_000, "{} bytes of {}", out.len(), &text[..60]);
    }
}

fn all_unsupported() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(
        folder.path().join("adapter.yaml"),
        "countersign: 1\nadapter: gate\ntitle: A gate\nkind: process\nfiles: {gate: gate.jinja}\n\
         start: [/bin/false]\nprobe: {path: /p}\nslots: {count: 1, prefix: /s}\n\
         supports: {policy.active: [true], policy.advertise_all: [true], \
         instance.first_scheme_only: [false], client.scheme: [digest], events: false}\n",
    )
    .unwrap();
    std::fs::write(folder.path().join("gate.jinja"), "").unwrap();
    let gate = folder.path().to_str().unwrap();
    let policy = "{active: false, advertise_all: false}";
    let ended = run(["reach", "--against", gate, "--policy", policy]).with(2);
    for told in [
        "policy.active is false, and it supports true",
        "policy.advertise_all is false, and it supports true",
    ] {
        assert!(ended.err.contains(told), "no {told} in\n{}", ended.err);
    }
    // What was not given is taken as it can be had: then the program is started, which ends at once.
    let ended = run(["reach", "--against", gate]).with(3);
    assert!(!ended.err.contains("cannot express"), "{}", ended.err);
}

/// Who serves a case says who can log in, and what was asked of it.
fn by_hand() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("case.yaml");
    std::fs::write(&file, "policy: {profiles: [{scheme: basic}]}\n").unwrap();
    let case = format!("@{}", file.to_str().unwrap());
    let mut command = countersign();
    command.args(["serve", "--spec", "reachability", "--case", &case]);
    let mut running = Running::start(&mut command);
    let told = running.line(|line| line.starts_with("policy "));
    assert!(told.contains("{scheme: basic,"), "{told}");
    running.line(|line| line == "user alice, password open-sesame");
    running.line(|line| line == "  token alice-token-valid");
    let place = running.line(|line| line.starts_with("in force at "));
    let authority = place.split('/').nth(2).unwrap();
    for field in ["", "Authorization: Basic YWxpY2U6b3Blbi1zZXNhbWU=\r\n"] {
        let mut stream = TcpStream::connect(authority).unwrap();
        let more = "Connection: close\r\n\r\n";
        write!(
            stream,
            "GET /s0/resource?a=b HTTP/1.1\r\nHost: {authority}\r\n{field}{more}"
        )
        .unwrap();
        stream.read_to_end(&mut Vec::new()).unwrap();
    }
    // What is said before the end of an answer is heard.
    running.signal("INT");
    let ended = running.wait().with(0);
    for line in [
        "GET /s0/resource by http/1.1, no credentials in Authorization: 401\n",
        "GET /s0/resource by http/1.1, Basic: 200\n",
    ] {
        assert!(ended.err.contains(line), "no {line} in\n{}", ended.err);
    }
}

//! The catalogue of clients, and who gets in.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;

use libtest_mimic::Trial;
use snapbox::{assert_data_eq, str};

use crate::support::{run, trial};

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        trial("clients::are_listed_and_shown", listed),
        trial("clients::are_predicted", predicted),
        trial("reach::of_a_policy", of_a_policy),
        trial("reach::of_a_saved_response", of_a_saved_response),
        trial("reach::of_a_url", of_a_url),
        trial("reach::slips", slips),
    ]
}

fn listed() {
    let out = run(["clients", "list"]).with(0).out;
    assert_eq!(out.lines().count(), 103);
    let out = run(["clients", "show", "wget2"]).with(0).out;
    assert!(out.contains("chooses: first-not-digest"), "{out}");
    assert!(out.contains("Predicts 65 of 65 measured layouts."), "{out}");
    let ended = run(["clients", "show", "curl --anyaut"]).with(2);
    assert_data_eq!(
        ended.err,
        str![[r#"
error: there is no client `curl --anyaut`
  help: did you mean `curl --anyauth`?

"#]]
    );
}

fn predicted() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("cases.json");
    std::fs::write(
        &file,
        r#"{"mine": {"lines": ["Bearer", "Basic realm=\"x\""]}}"#,
    )
    .unwrap();
    let file = file.to_str().unwrap();
    let out = run(["clients", "predict", file, "--json"]).with(0).out;
    assert_eq!(out.lines().count(), 103);
    let wget = out.lines().find(|line| line.contains("\"wget\"")).unwrap();
    let wget: serde_json::Value = serde_json::from_str(wget).unwrap();
    assert_eq!(
        wget,
        serde_json::json!({
            "mode": "wget", "case": "mine", "requests": 2, "first_preemptive": false,
            "schemes_sent": ["none", "Basic"], "final_status": 200,
        })
    );
    let out = run(["clients", "predict", file]).with(0).out;
    assert!(
        out.starts_with("mine: 83 of 103 get in\n  shut out: "),
        "{out}"
    );
    std::fs::write(folder.path().join("cases.json"), "[]").unwrap();
    let ended = run(["clients", "predict", file]).with(2);
    assert!(
        ended.err.contains("not an object of cases by name"),
        "{}",
        ended.err
    );
}

fn of_a_policy() {
    let flag = "{profiles: [{scheme: basic}, {scheme: bearer}], advertise_all: true}";
    let out = run(["reach", "--policy", flag, "--format", "json"])
        .with(0)
        .out;
    let told: serde_json::Value = serde_json::from_str(&out).unwrap();
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
        said(&["reach", "http://gateway.example/"]),
        str![[r#"
error: `http://gateway.example/` is not on this machine
  help: allow it by name, with `--allow-host gateway.example`

"#]]
    );
    assert_data_eq!(
        said(&["reach", "https://127.0.0.1/"]),
        str![[r#"
error: `https://127.0.0.1/` is not http
  help: save the response, with `curl -si`, and give it with --response

"#]]
    );
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

//! A deployed endpoint that is asked by a proxy.

use std::io::Write as _;
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use libtest_mimic::Trial;

use crate::probe::{PASSWORD, Server, TOKEN, only_bearer_is_named};
use crate::support::{Ended, begin_of, countersign, ended, trial};

pub(crate) fn trials() -> Vec<Trial> {
    vec![trial("probe_proxy::asks_by_the_proxy_it_is_told", asks)]
}

/// What lets one in at the proxy, as its URL has it and as Basic sends it.
const LOG_IN: &str = "pr0xy:w%3Ard";
const BASIC: &str = "cHIweHk6dzpyZA==";

/// Where the endpoint is, as the proxy alone knows.
const FAR: &str = "http://far.invalid:8080/api";

/// A proxy that opens tunnels to one server, whatever it is called, for whoever logs in.
struct Tunnels {
    authority: String,
    heard: Arc<Mutex<Vec<String>>>,
}

impl Tunnels {
    fn to(server: &str) -> Self {
        let server = server.to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let authority = listener.local_addr().unwrap().to_string();
        let heard = Arc::<Mutex<Vec<String>>>::default();
        let kept = Arc::clone(&heard);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                tunnel(stream.unwrap(), &server, &kept);
            }
        });
        Self { authority, heard }
    }
}

fn tunnel(mut near: TcpStream, server: &str, kept: &Mutex<Vec<String>>) {
    let Some(head) = begin_of(&mut near) else {
        return;
    };
    let head = String::from_utf8(head).unwrap();
    let is_in = head.contains(&format!("Proxy-Authorization: Basic {BASIC}\r\n"));
    kept.lock().unwrap().push(head);
    if !is_in {
        let refusal = b"HTTP/1.1 407 No\r\nProxy-Authenticate: Basic realm=\"p\"\r\n\r\n";
        return near.write_all(refusal).unwrap();
    }
    let mut far = TcpStream::connect(server).unwrap();
    near.write_all(b"HTTP/1.1 200 Yes\r\n\r\n").unwrap();
    let (mut from_near, mut to_far) = (near.try_clone().unwrap(), far.try_clone().unwrap());
    std::thread::spawn(move || {
        let _ = std::io::copy(&mut from_near, &mut to_far);
        let _ = to_far.shutdown(Shutdown::Write);
    });
    let _ = std::io::copy(&mut far, &mut near);
    let _ = near.shutdown(Shutdown::Both);
}

fn probe(proxy: &str, more: &[&str]) -> Ended {
    let given = [
        "--user",
        "alice",
        "--password-env",
        "GATE_PASSWORD",
        "--token-env",
        "GATE_TOKEN",
    ];
    let mut command = countersign();
    command.args(["probe", FAR, "--rate", "1000", "--spec", "reachability"]);
    command.args(given).args(more);
    command
        .env("GATE_PASSWORD", PASSWORD)
        .env("GATE_TOKEN", TOKEN);
    // What the environment names is not used.
    for name in ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"] {
        command.env(name, proxy);
    }
    ended(command.env("GATE_PROXY", proxy))
}

fn asks() {
    let server = Server::new(only_bearer_is_named);
    let own = server.url.strip_prefix("http://").unwrap();
    let proxy = Tunnels::to(own.strip_suffix("/api").unwrap());
    let place = &proxy.authority;
    let url = format!("http://{LOG_IN}@{place}");
    let told = ["--proxy", "env:GATE_PROXY"];
    let allowed = ["--allow-host", "far.invalid"];

    let untold = probe(&url, &[]).with(2);
    assert!(
        untold.err.contains("no address of that name is known here"),
        "{}",
        untold.err
    );
    let unnamed = probe(&url, &told).with(2);
    assert!(
        unnamed.err.contains("which alone knows the address"),
        "{}",
        unnamed.err
    );
    assert_eq!(proxy.heard.lock().unwrap().len(), 0);

    let without = format!("http://{place}");
    let refused = probe(&without, &[&told[..], &allowed].concat()).with(3);
    assert!(
        refused.err.contains(&format!("by the proxy at {place}: it opens no tunnel, and answers 407\n  help: it asks for a log-in of its own")),
        "{}",
        refused.err
    );

    let found = probe(&url, &[&told[..], &allowed].concat()).with(1);
    for wanted in [
        "FOUND: who waits for a challenge is shut out: Basic client\n",
        "curl -si --proxytunnel --suppress-connect-headers --proxy \"${GATE_PROXY}\" --anyauth ",
    ] {
        assert!(found.out.contains(wanted), "no {wanted} in\n{}", found.out);
    }
    let heard = proxy.heard.lock().unwrap();
    let begins = |head: &String| {
        head.starts_with("CONNECT far.invalid:8080 HTTP/1.1\r\nHost: far.invalid:8080\r\n")
    };
    assert!(heard.len() > 2 && heard.iter().all(begins), "{heard:?}");
    for text in [&found.out, &found.err, &refused.err] {
        assert!(!text.contains(BASIC) && !text.contains(LOG_IN), "{text}");
    }
}

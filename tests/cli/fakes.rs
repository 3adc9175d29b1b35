//! A control program of the tests' own, with a gateway that lets nobody in.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use tempfile::TempDir;

/// An adapter's folder whose program is this one.
pub(crate) struct Fake {
    folder: TempDir,
}

impl Fake {
    /// The modes are
    ///
    /// - `bare`: every request is answered with 401 and no challenge,
    /// - `hangs`: no request is ever answered,
    /// - `deaf`: the same, and the program does not end when it is asked to,
    /// - `dies-at-once`, `dies-on-install`: it ends with last words.
    pub(crate) fn new(mode: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let program = serde_json::json!(std::env::current_exe().unwrap());
        let seen = serde_json::json!(folder.path().join("seen"));
        let text = format!(
            "countersign: 1\nadapter: fake\ntitle: Fake gateway\nkind: remote\n\
             start: [{program}, fake-control, {mode}, {seen}]\n"
        );
        std::fs::write(folder.path().join("adapter.yaml"), text).unwrap();
        Self { folder }
    }

    /// As `--against` has it.
    pub(crate) fn target(&self) -> &str {
        self.folder.path().to_str().unwrap()
    }

    /// The program's process, as soon as its gateway was asked something.
    pub(crate) fn asked(&self) -> Option<u32> {
        let text = std::fs::read_to_string(self.folder.path().join("seen")).ok()?;
        text.trim_end_matches('.')
            .parse()
            .ok()
            .filter(|_| text.ends_with('.'))
    }
}

/// Plays the program that the arguments name, if they name one.
pub(crate) fn play(arguments: &[String]) -> Option<ExitCode> {
    match arguments {
        [word, mode, seen] if word == "fake-control" => Some(control(mode, Path::new(seen))),
        _ => None,
    }
}

fn control(mode: &str, seen: &Path) -> ExitCode {
    if mode == "dies-at-once" {
        eprintln!("no such module: frobnicate");
        return ExitCode::from(3);
    }
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    println!("countersign-control: {address}");
    if mode != "deaf" {
        std::thread::spawn(|| {
            let _ = std::io::stdin().read_to_end(&mut Vec::new());
            std::process::exit(0);
        });
    }
    for stream in listener.incoming() {
        let (mode, seen, address) = (mode.to_owned(), seen.to_owned(), address.clone());
        std::thread::spawn(move || serve(&mode, &seen, &address, stream.unwrap()));
    }
    ExitCode::SUCCESS
}

/// Answers the requests of one connection.
fn serve(mode: &str, seen: &PathBuf, address: &str, stream: TcpStream) {
    let mut reader = BufReader::new(stream);
    while let Some((target, body)) = request(&mut reader) {
        let (status, text) = if target.contains("/v1/implementation") {
            let said = r#"{"protocol":1,"name":"fake","version":"1","slots":2,"supports":{}}"#;
            ("200 OK", said.to_owned())
        } else if target.contains("/v1/policies") {
            if mode == "dies-on-install" {
                eprintln!("panic: out of cheese");
                std::process::exit(7);
            }
            ("200 OK", placed(address, &body))
        } else {
            if !seen.exists() {
                let _ = std::fs::write(seen, format!("{}.", std::process::id()));
            }
            if mode != "bare" {
                // Until the other side gives up.
                let _ = reader.read_to_end(&mut Vec::new());
                return;
            }
            ("401 Unauthorized", String::new())
        };
        let answer = format!(
            "HTTP/1.1 {status}\r\nContent-Length: {}\r\n\r\n{text}",
            text.len()
        );
        if reader.get_mut().write_all(answer.as_bytes()).is_err() {
            return;
        }
    }
}

/// The next request: its first line and its body.
fn request(reader: &mut BufReader<TcpStream>) -> Option<(String, Vec<u8>)> {
    let mut target = String::new();
    let mut length = 0;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        if line == "\r\n" {
            break;
        }
        if target.is_empty() {
            target = line;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some((target, body))
}

fn placed(address: &str, body: &[u8]) -> String {
    let message: serde_json::Value = serde_json::from_slice(body).unwrap();
    let slots = message["policies"].as_array().unwrap().len();
    let endpoints: Vec<_> = (0..slots)
        .map(|slot| serde_json::json!({"slot": slot, "url": format!("{address}/s{slot}")}))
        .collect();
    serde_json::json!({"generation": message["generation"], "endpoints": endpoints}).to_string()
}

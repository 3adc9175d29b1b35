//! A control program of the tests' own, with a gateway.

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
    /// - `bare`: who has alice's password or token is let in, and others are answered with 401 and no
    ///   challenge,
    /// - `good`: the same, with a challenge of Basic and one of Bearer,
    /// - `bearer`: the same, and nobody is let in by Basic,
    /// - `missing`, `broken`, `shut`, `elsewhere`: everybody is answered with 404, 500, 401 or 302,
    /// - `open`: everybody is let in,
    /// - `unheard`: its slots are where nobody listens,
    /// - `hangs`: no request is ever answered,
    /// - `deaf`: the same, and the program does not end when it is asked to,
    /// - `dies-at-once`, `dies-on-install`: it ends with last words,
    /// - `says-where`: the same, and they say whether its temporary files go to its working directory.
    pub(crate) fn new(mode: &str) -> Self {
        Self::saying(mode, &serde_json::json!({"knows": ["policy", "instance"]}))
    }

    /// The same, with these keys in what it says of itself.
    pub(crate) fn saying(mode: &str, said: &serde_json::Value) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut introduction =
            serde_json::json!({"protocol": 1, "name": "fake", "version": "1", "slots": 2});
        for (key, value) in said.as_object().unwrap() {
            introduction[key] = value.clone();
        }
        std::fs::write(folder.path().join(SAID), introduction.to_string()).unwrap();
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

/// The file beside the adapter with what its program says of itself.
const SAID: &str = "said.json";

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
    if mode == "says-where" {
        let [work, temporary] = [std::env::current_dir().unwrap(), std::env::temp_dir()];
        let same = work.canonicalize().unwrap() == temporary.canonicalize().unwrap();
        eprintln!("temporary files go to the working directory: {same}");
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
    while let Some((target, credentials, body)) = request(&mut reader) {
        let (status, text) = if target.contains("/v1/implementation") {
            let said = std::fs::read_to_string(seen.with_file_name(SAID)).unwrap();
            ("200 OK", said)
        } else if target.contains("/v1/policies") {
            if mode == "dies-on-install" {
                eprintln!("panic: out of cheese");
                std::process::exit(7);
            }
            let address = match mode {
                "unheard" => nobody(),
                _ => address.to_owned(),
            };
            ("200 OK", placed(&address, &body))
        } else {
            if !seen.exists() {
                let _ = std::fs::write(seen, format!("{}.", std::process::id()));
            }
            if ["hangs", "deaf"].contains(&mode) {
                // Until the other side gives up.
                let _ = reader.read_to_end(&mut Vec::new());
                return;
            }
            (decided(mode, &credentials), String::new())
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

/// What a request with these credentials is answered: the status, and fields behind it.
fn decided(mode: &str, credentials: &str) -> &'static str {
    let basic = credentials == "Basic YWxpY2U6b3Blbi1zZXNhbWU=" && mode != "bearer";
    let gets_in = basic || credentials == "Bearer alice-token-valid";
    match mode {
        "missing" => "404 Not Found",
        "broken" => "500 Internal Server Error",
        "elsewhere" => "302 Found\r\nLocation: /login",
        "open" => "200 OK",
        "shut" => CHALLENGED,
        _ if gets_in => "200 OK",
        "bare" => "401 Unauthorized",
        _ => CHALLENGED,
    }
}

/// A 401 with two challenges.
const CHALLENGED: &str = "401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"fake\"\r\n\
                          WWW-Authenticate: Bearer realm=\"fake\"";

/// An address where nobody listens.
fn nobody() -> String {
    let free = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    format!("http://{}", free.local_addr().unwrap())
}

/// The next request: its first line, its credentials and its body.
fn request(reader: &mut BufReader<TcpStream>) -> Option<(String, String, Vec<u8>)> {
    let mut credentials = String::new();
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
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("authorization")
        {
            credentials = value.trim().to_owned();
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
    Some((target, credentials, body))
}

fn placed(address: &str, body: &[u8]) -> String {
    let message: serde_json::Value = serde_json::from_slice(body).unwrap();
    let slots = message["policies"].as_array().unwrap().len();
    let endpoints: Vec<_> = (0..slots)
        .map(|slot| serde_json::json!({"slot": slot, "url": format!("{address}/s{slot}")}))
        .collect();
    serde_json::json!({"generation": message["generation"], "endpoints": endpoints}).to_string()
}

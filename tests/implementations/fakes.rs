//! Programs under test that this very program plays.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::unix::process::CommandExt;
use std::process::{ExitCode, Stdio};

use countersign::implementation::{Deadlines, Launch, Remote};

use crate::support::{myself, running_in_groups_of};

/// Plays the program that the arguments name, if they name one.
pub(crate) fn play(arguments: &[String]) -> Option<ExitCode> {
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["fake-remote", mode] => Some(remote(mode)),
        ["fake-host"] => Some(host()),
        ["fake-gateway", mode, file] => Some(gateway(mode, file)),
        _ => None,
    }
}

/// The variable that makes a program leave a process behind, in a group of its own: the file that is told its
/// number.
pub(crate) const LEAVES: &str = "FAKE_LEAVES";

/// A program that uses the library, says which processes it has started, and waits to be killed.
fn host() -> ExitCode {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let _remote = runtime.block_on(async {
        let launch = Launch {
            name: "fake".to_owned(),
            program: myself(),
            arguments: vec!["fake-remote".to_owned(), "deaf".to_owned()],
            directory: None,
            environment: Vec::new(),
            output: None,
        };
        Remote::start(&launch, None, Deadlines::default()).await
    });
    for id in running_in_groups_of(std::process::id()) {
        println!("{id}");
    }
    println!();
    loop {
        std::thread::park();
    }
}

/// A program that speaks the control protocol, or something like it.
fn remote(mode: &str) -> ExitCode {
    if mode == "dies-at-once" {
        eprintln!("no such module: frobnicate");
        return ExitCode::from(3);
    }
    if let Some(file) = std::env::var_os(LEAVES) {
        let mut daemon = std::process::Command::new(myself());
        let daemon = daemon.args(["fake-remote", "deaf"]).env_remove(LEAVES);
        let daemon = daemon.stdin(Stdio::null()).stdout(Stdio::null());
        let daemon = daemon.stderr(Stdio::null()).process_group(0);
        let id = daemon.spawn().unwrap().id();
        fs::write(file, id.to_string()).unwrap();
    }
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    match mode {
        "mute" => eprintln!("still warming up"),
        "odd-url" => println!("countersign-control: https://example.org/"),
        _ => println!("a banner\ncountersign-control: http://127.0.0.1:{port}"),
    }
    if mode != "deaf" {
        std::thread::spawn(|| {
            let _ = std::io::stdin().read_to_end(&mut Vec::new());
            std::process::exit(0);
        });
    }
    for stream in listener.incoming() {
        answer(mode, stream.unwrap());
    }
    ExitCode::SUCCESS
}

fn answer(mode: &str, stream: TcpStream) {
    let mut reader = BufReader::new(stream);
    let mut length = 0;
    let mut target = String::new();
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap_or(0) == 0 {
            return;
        }
        if target.is_empty() {
            target = line.clone();
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        if line == "\r\n" {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    let mut stream = reader.into_inner();
    let introduction = r#"{"protocol":1,"name":"fake","version":"1","slots":2,
        "supports":{"events":true,"policy.n":{"max":3}},"alternatives":{"which":"first"}}"#;
    let installing = target.starts_with("PUT /v1/policies ");
    let (status, text) = match (installing, mode) {
        (false, "nonsense") => ("200 OK", "<html>welcome</html>".to_owned()),
        (false, "wrong-protocol") => (
            "200 OK",
            introduction.replace("\"protocol\":1", "\"protocol\":9"),
        ),
        (false, "redirects") => ("302 Found", "elsewhere".to_owned()),
        (false, "endless") => ("200 OK", " ".repeat(5 * 1024 * 1024)),
        (_, "silent") | (true, "silent-install") => {
            // Holds the connection until the other side gives up.
            let _ = stream.read_to_end(&mut Vec::new());
            return;
        }
        (true, "half") => {
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{\"gene");
            let _ = stream.read_to_end(&mut Vec::new());
            return;
        }
        (true, "hangs-up") => return,
        (true, "dies") => {
            eprintln!("panic: out of cheese");
            std::process::exit(7);
        }
        (true, "refuses") => ("500 Internal Server Error", "no room for alice".to_owned()),
        (true, "old") => ("200 OK", placed(1)),
        (true, _) => ("200 OK", placed(generation(&body))),
        (false, _) if target.starts_with("GET /v1/events?generation=") => (
            "200 OK",
            r#"{"events":[{"slot":0,"name":"LOGIN_SUCCESS","user":"alice"}]}"#.to_owned(),
        ),
        (false, _) => ("200 OK", introduction.to_owned()),
    };
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        text.len()
    );
    let _ = stream.write_all(head.as_bytes());
    let _ = stream.write_all(text.as_bytes());
}

fn generation(body: &[u8]) -> u64 {
    let message: serde_json::Value = serde_json::from_slice(body).unwrap();
    message["generation"].as_u64().unwrap()
}

fn placed(generation: u64) -> String {
    serde_json::json!({
        "generation": generation,
        "endpoints": [{"slot": 0, "url": "http://127.0.0.1:9/a/"}],
        "unsupported": [{"slot": 1, "reason": "cannot"}],
    })
    .to_string()
}

/// A gateway whose configuration is a file of three lines, port, token, slots, and then, a line each,
/// further ports, which answer with the variable `GATE_SAYS`.
fn gateway(mode: &str, file: &str) -> ExitCode {
    let text = fs::read_to_string(file).unwrap();
    let mut lines = text.lines();
    let port: u16 = lines.next().unwrap().parse().unwrap();
    let token = lines.next().unwrap().to_owned();
    let beside = format!("{file}.seen");
    let earlier = fs::read_to_string(&beside).unwrap_or_default();
    fs::write(&beside, format!("{token}\n")).unwrap();
    match mode {
        "taken-at-first" if earlier.is_empty() => return taken(),
        "always-taken" => return taken(),
        "dies" => {
            eprintln!("syntax error in line 3");
            return ExitCode::from(9);
        }
        "refuses" => {
            eprintln!("[emerg] unknown directive");
            std::thread::park();
        }
        "silent" => std::thread::park(),
        _ => {}
    }
    let said = match mode {
        "foreign" => "hello from somebody else\n".to_owned(),
        "stale" if !earlier.is_empty() => earlier,
        _ => token,
    };
    for further in lines.skip(1) {
        let further = TcpListener::bind(("127.0.0.1", further.parse().unwrap())).unwrap();
        let says = std::env::var("GATE_SAYS").unwrap();
        std::thread::spawn(move || serve(&further, &says, false));
    }
    let listener = TcpListener::bind(("127.0.0.1", port)).unwrap();
    serve(&listener, &said, mode == "logs");
    ExitCode::SUCCESS
}

/// Answers every request; `logs` it, if so, when it has been answered and its client is gone.
fn serve(listener: &TcpListener, said: &str, logs: bool) {
    for stream in listener.incoming() {
        let mut reader = BufReader::new(stream.unwrap());
        let mut request = String::new();
        reader.read_line(&mut request).unwrap();
        let mut line = String::new();
        while reader.read_line(&mut line).unwrap_or(0) > 2 {
            line.clear();
        }
        let answer = format!(
            "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{said}",
            said.len()
        );
        let mut stream = reader.into_inner();
        let _ = stream.write_all(answer.as_bytes());
        if logs {
            let _ = stream.shutdown(Shutdown::Write);
            let _ = stream.read_to_end(&mut Vec::new());
            println!("{}", request.trim_end());
        }
    }
}

fn taken() -> ExitCode {
    eprintln!("bind: Address already in use");
    ExitCode::from(1)
}

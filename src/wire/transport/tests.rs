use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use hyper::body::Bytes;

use super::*;
use crate::wire::{Irregular, Request};

/// What a raw server does with one connection.
pub(super) type Script = Box<dyn FnOnce(TcpStream) + Send>;

/// Serves one connection after another, each by its script.
pub(super) fn serve(scripts: Vec<Script>) -> (Endpoint, JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = Endpoint::new(listener.local_addr().unwrap().to_string(), "/s3");
    let thread = std::thread::spawn(move || {
        for script in scripts {
            script(listener.accept().unwrap().0);
        }
    });
    (endpoint, thread)
}

/// Reads one request head.
pub(super) fn hear(stream: &mut TcpStream) -> String {
    let mut heard = Vec::new();
    let mut byte = [0];
    while !heard.ends_with(b"\r\n\r\n") && stream.read(&mut byte).unwrap() == 1 {
        heard.push(byte[0]);
    }
    String::from_utf8(heard).unwrap()
}

/// Answers one request with these bytes and closes.
pub(super) fn says(bytes: &'static [u8]) -> Script {
    Box::new(move |mut stream| {
        hear(&mut stream);
        stream.write_all(bytes).unwrap();
    })
}

/// Answers one request with these bytes, then waits until the client hangs up.
pub(super) fn says_and_stays(bytes: &'static [u8]) -> Script {
    Box::new(move |mut stream| {
        hear(&mut stream);
        stream.write_all(bytes).unwrap();
        let _ = stream.read(&mut [0]);
    })
}

fn request() -> PreparedRequest {
    PreparedRequest::new(Arc::new(Request {
        content: Bytes::new(),
        method: "GET".to_owned(),
        path: "/resource".to_owned(),
        fields: vec![FieldLine {
            name: "Accept".to_owned(),
            value: b"*/*".to_vec(),
        }],
    }))
    .unwrap()
}

/// Little patience with bodies; heads have all their time, for the machine may be busy.
fn short() -> Limits {
    Limits {
        body: Duration::from_millis(50),
        ..Limits::default()
    }
}

async fn once(limits: Limits, script: Script) -> Result<Response, WireFault> {
    let (endpoint, thread) = serve(vec![script]);
    let mut transport = Transport::new(limits);
    let result = match transport.exchange(&endpoint, &request()).await {
        Ok(received) => received.to_response(),
        Err(fault) => Err(fault),
    };
    drop(transport);
    thread.join().unwrap();
    result
}

#[tokio::test]
async fn a_response_comes_with_its_exact_bytes() {
    let head = b"HTTP/1.1 401 Nope\r\nWWW-Authenticate: Basic realm=\"\xe9\"\r\nX-a:\t1 \r\n\
        www-AUTHENTICATE: Bearer\r\nContent-Length: 2\r\n\r\n";
    let mut bytes = head.to_vec();
    bytes.extend_from_slice(b"no");
    let response = once(Limits::default(), says(bytes.leak())).await.unwrap();
    assert_eq!(response.status, 401);
    assert_eq!(response.head, head);
    assert_eq!(
        (response.body.as_slice(), response.body_end),
        (&b"no"[..], BodyEnd::Complete)
    );
    let names: Vec<&str> = response
        .fields
        .iter()
        .map(|field| field.name.as_str())
        .collect();
    assert_eq!(
        names,
        [
            "WWW-Authenticate",
            "X-a",
            "www-AUTHENTICATE",
            "Content-Length"
        ]
    );
    let values: Vec<&[u8]> = response.fields_named("Www-Authenticate").collect();
    assert_eq!(values, [&b"Basic realm=\"\xe9\""[..], b"Bearer"]);
    assert_eq!(response.fields[1].value, b"1");
}

#[tokio::test]
async fn interim_responses_are_passed_over() {
    let bytes = b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\n\
        Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n";
    let response = once(Limits::default(), says(bytes)).await.unwrap();
    assert_eq!(
        (response.status, response.body.as_slice()),
        (200, &b"abcde"[..])
    );
    assert_eq!(
        response.head,
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    );
}

#[tokio::test]
async fn what_is_no_response_is_malformed_and_shown() {
    for bytes in [
        &b"SSH-2.0-OpenSSH_9.9\r\n\r\n"[..],
        b"HTTP/1.1 200 OK\r\nbad name: x\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nA : x\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nA: \0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        b"HTTP/1.1 99 Low\r\n\r\n",
    ] {
        let fault = once(Limits::default(), says_and_stays(bytes))
            .await
            .unwrap_err();
        let WireFault::Malformed { received, .. } = &fault else {
            panic!("{} gave {fault}", bytes.escape_ascii());
        };
        assert_eq!(received, bytes);
    }
}

#[tokio::test]
async fn a_folded_line_is_one_line_and_stays_folded() {
    let bytes =
        b"HTTP/1.1 401 No\r\nWWW-Authenticate: Bearer,\r\n\tBasic\r\nContent-Length: 0\r\n\r\n";
    let response = once(Limits::default(), says(bytes)).await.unwrap();
    let values: Vec<&[u8]> = response.fields_named("WWW-Authenticate").collect();
    assert_eq!(values, [&b"Bearer,\r\n\tBasic"[..]]);
}

#[tokio::test]
async fn a_server_that_speaks_first_answers_nobody() {
    let script: Script = Box::new(|mut stream| {
        stream.write_all(b"220 mail.example ESMTP\r\n").unwrap();
        let _ = stream.read_to_end(&mut Vec::new());
    });
    let fault = once(Limits::default(), script).await.unwrap_err();
    // Whether its words came before the request was sent is a matter of luck.
    assert!(
        matches!(&fault, WireFault::Malformed { received, .. } | WireFault::Unasked { received }
            if received.starts_with(b"220"))
    );
}

#[tokio::test]
async fn a_head_beyond_the_bound_is_told_as_that() {
    let mut long = b"HTTP/1.1 200 OK\r\nA: ".to_vec();
    long.resize(70_000, b'a');
    let mut lines = b"HTTP/1.1 200 OK\r\n".to_vec();
    lines.extend(b"A: b\r\n".repeat(MOST_FIELDS + 1));
    lines.extend(b"\r\n");
    // A head with too many lines is asked for once more, with room for more of them.
    for (bytes, asked, expected) in [(long, 1, (false, 65_536)), (lines, 2, (true, MOST_FIELDS))] {
        let (endpoint, thread) = serve((0..asked).map(|_| says_at_most(bytes.clone())).collect());
        let mut transport = Transport::new(Limits::default());
        let fault = status(&mut transport, &endpoint).await.unwrap_err();
        drop(transport);
        thread.join().unwrap();
        let WireFault::Oversized { lines, most } = fault else {
            panic!("{fault}");
        };
        assert_eq!((lines, most), expected);
    }
}

/// Answers with these bytes, of which the client may not read all before it hangs up.
fn says_at_most(bytes: Vec<u8>) -> Script {
    Box::new(move |mut stream| {
        hear(&mut stream);
        let _ = stream.write_all(&bytes);
        let _ = stream.read(&mut [0]);
    })
}

#[tokio::test]
async fn a_head_with_more_lines_than_usual_is_read_at_the_second_attempt() {
    // Heads that come before have few.
    let mut lines = b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\n".to_vec();
    lines.extend(b"A: b\r\n".repeat(MOST_FIELDS - 1));
    lines.extend(b"Content-Length: 0\r\n\r\n");
    let (endpoint, thread) = serve((0..3).map(|_| says_at_most(lines.clone())).collect());
    let mut transport = Transport::new(Limits::default());
    let received = transport.exchange(&endpoint, &request()).await.unwrap();
    let (response, _) = received.read().unwrap();
    assert_eq!(response.fields.len(), MOST_FIELDS);
    // Whoever counts what happened there is told.
    assert!(transport.was_sent_twice() && !transport.was_sent_twice());
    transport.hang_up();
    transport.exchange(&endpoint, &request()).await.unwrap();
    assert!(!transport.was_sent_twice());
    drop(transport);
    thread.join().unwrap();
}

#[tokio::test]
async fn interim_responses_without_end_are_a_fault() {
    let flood: Script = Box::new(|mut stream| {
        hear(&mut stream);
        while stream
            .write_all(&b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n".repeat(50))
            .is_ok()
        {}
    });
    let fault = once(Limits::default(), flood).await.unwrap_err();
    assert_eq!(fault, WireFault::Interim);

    for (count, final_comes) in [(100, true), (101, false)] {
        let script: Script = Box::new(move |mut stream| {
            hear(&mut stream);
            let mut bytes = b"HTTP/1.1 103 E\r\n\r\n".repeat(count);
            bytes.extend(OK);
            stream.write_all(&bytes).unwrap();
        });
        let response = once(Limits::default(), script).await;
        assert_eq!(response.is_ok(), final_comes, "{response:?}");
    }
}

#[tokio::test]
async fn another_response_behind_an_answer_leaves_no_answer() {
    let bytes = b"HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\nHTTP/1.1 200 OK\r\n\r\n";
    let fault = once(Limits::default(), says_and_stays(bytes))
        .await
        .unwrap_err();
    assert!(
        matches!(&fault, WireFault::Surplus { received } if received.starts_with(b"HTTP/1.1 200")),
        "{fault}"
    );
    assert!(fault.is_stray() && fault.shows_life());
}

#[tokio::test]
async fn what_is_said_unasked_is_heard_by_listening() {
    let early: Script = Box::new(|mut stream| {
        stream.write_all(OK).unwrap();
        let _ = stream.read(&mut [0]);
    });
    let quiet: Script = Box::new(|mut stream| {
        let _ = stream.read(&mut [0]);
    });
    for (script, long, heard) in [(early, 5000, true), (quiet, 10, false)] {
        let (endpoint, thread) = serve(vec![script]);
        let transport = Transport::new(Limits::default());
        let long = Duration::from_millis(long);
        assert_eq!(transport.listen(&endpoint, long).await.is_some(), heard);
        thread.join().unwrap();
    }
}

#[tokio::test]
async fn a_connection_that_ends_early_is_closed_with_what_came() {
    for bytes in [
        &b""[..],
        b"HTTP/1.1 401 Unauth",
        b"HTTP/1.1 200 OK\r\nA: b\r\n",
    ] {
        let fault = once(Limits::default(), says(bytes)).await.unwrap_err();
        let received = bytes.to_vec();
        assert_eq!(fault, WireFault::Closed { received });
    }
}

#[tokio::test]
async fn a_stalled_head_is_a_deadline_with_what_came() {
    // Long enough for the first bytes to come on a busy machine.
    let waited = Duration::from_millis(400);
    let limits = Limits {
        head: waited,
        ..Limits::default()
    };
    let fault = once(limits, says_and_stays(b"HTTP/1.1 2"))
        .await
        .unwrap_err();
    let received = b"HTTP/1.1 2".to_vec();
    assert_eq!(fault, WireFault::Deadline { waited, received });
}

#[tokio::test]
async fn a_body_that_is_late_long_or_broken_leaves_the_head() {
    let slow = says_and_stays(b"HTTP/1.1 401 No\r\nContent-Length: 9\r\n\r\nabc");
    let response = once(short(), slow).await.unwrap();
    assert_eq!(
        (response.body.as_slice(), response.body_end),
        (&b"abc"[..], BodyEnd::TooSlow)
    );

    for bytes in [
        &b"HTTP/1.1 401 No\r\nContent-Length: 9\r\n\r\nabc"[..],
        b"HTTP/1.1 401 No\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nzz\r\n",
    ] {
        let response = once(Limits::default(), says(bytes)).await.unwrap();
        assert_eq!((response.status, response.body_end), (401, BodyEnd::Broken));
        assert_eq!(response.body, b"abc");
    }

    let endless: Script = Box::new(|mut stream| {
        hear(&mut stream);
        stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").unwrap();
        while stream.write_all(&[b'x'; 4096]).is_ok() {}
    });
    let response = once(Limits::default(), endless).await.unwrap();
    assert_eq!(
        (response.body.len(), response.body_end),
        (65_536, BodyEnd::TooLong)
    );
    assert_eq!(response.head, b"HTTP/1.1 200 OK\r\n\r\n");
}

#[tokio::test]
async fn content_behind_the_head_is_seen_in_a_write_of_its_own_whatever_the_head_says() {
    for head in [
        &b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"[..],
        b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n",
    ] {
        let script: Script = Box::new(move |mut stream| {
            hear(&mut stream);
            stream.write_all(head).unwrap();
            stream.write_all(b"hello").unwrap();
            let _ = stream.read(&mut [0]);
        });
        let (endpoint, thread) = serve(vec![script]);
        let limits = Limits {
            behind_head: Duration::from_secs(1),
            ..Limits::default()
        };
        let mut transport = Transport::new(limits);
        let mut asked = Request::clone(request().request());
        asked.method = "HEAD".to_owned();
        let asked = PreparedRequest::new(Arc::new(asked)).unwrap();
        let received = transport.exchange(&endpoint, &asked).await.unwrap();
        let (_, irregular) = received.read().unwrap();
        assert!(irregular.iter().any(|one| one == Irregular::ToHead));
        drop(transport);
        thread.join().unwrap();
    }
}

#[tokio::test]
async fn a_body_may_end_with_its_connection() {
    let response = once(Limits::default(), says(b"HTTP/1.0 200 OK\r\n\r\nall"))
        .await
        .unwrap();
    assert_eq!(
        (response.body.as_slice(), response.body_end),
        (&b"all"[..], BodyEnd::Complete)
    );
}

pub(super) const OK: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

thread_local! {
    /// A request that is sent time and again, so that from the second time on no parser is asked.
    static OFTEN: PreparedRequest = request().often();
}

pub(super) fn often() -> PreparedRequest {
    OFTEN.with(Clone::clone)
}

async fn status(transport: &mut Transport, endpoint: &Endpoint) -> Result<u16, WireFault> {
    let received = transport.exchange(endpoint, &often()).await?;
    Ok(received.status)
}

#[tokio::test]
async fn one_connection_serves_many_requests_each_in_one_piece() {
    let script: Script = Box::new(|mut stream| {
        for _ in 0..3 {
            let mut buffer = [0; 1024];
            let read = stream.read(&mut buffer).unwrap();
            assert!(buffer[..read].starts_with(b"GET /s3/resource HTTP/1.1\r\nhost: 127."));
            assert!(buffer[..read].ends_with(b"accept: */*\r\n\r\n"));
            stream.write_all(OK).unwrap();
        }
    });
    let (endpoint, thread) = serve(vec![script]);
    let mut transport = Transport::new(Limits::default());
    for _ in 0..3 {
        assert_eq!(status(&mut transport, &endpoint).await, Ok(200));
    }
    thread.join().unwrap();
}

#[tokio::test]
async fn an_idle_connection_that_was_closed_is_replaced_once() {
    // The second request meets a connection that closes without a byte, and goes over a fresh one.
    let closes: Script = Box::new(|mut stream| {
        hear(&mut stream);
        stream.write_all(OK).unwrap();
        hear(&mut stream);
    });
    let (endpoint, thread) = serve(vec![closes, says(b"HTTP/1.1 204 No\r\n\r\n")]);
    let mut transport = Transport::new(Limits::default());
    assert_eq!(status(&mut transport, &endpoint).await, Ok(200));
    assert_eq!(status(&mut transport, &endpoint).await, Ok(204));
    thread.join().unwrap();

    // A fresh connection that closes without a byte is the answer.
    let closes_too: Script = Box::new(|mut stream| {
        hear(&mut stream);
        stream.write_all(OK).unwrap();
        hear(&mut stream);
    });
    let (endpoint, thread) = serve(vec![closes_too, says(b"")]);
    assert_eq!(status(&mut transport, &endpoint).await, Ok(200));
    let received = Vec::new();
    let fault = WireFault::Closed { received };
    assert_eq!(status(&mut transport, &endpoint).await, Err(fault));
    thread.join().unwrap();
}

#[tokio::test]
async fn a_half_answer_on_an_idle_connection_is_not_asked_for_again() {
    let script: Script = Box::new(|mut stream| {
        hear(&mut stream);
        stream.write_all(OK).unwrap();
        hear(&mut stream);
        stream.write_all(b"HTTP/1.1").unwrap();
    });
    let (endpoint, thread) = serve(vec![script]);
    let mut transport = Transport::new(Limits::default());
    assert_eq!(status(&mut transport, &endpoint).await, Ok(200));
    let received = b"HTTP/1.1".to_vec();
    let fault = WireFault::Closed { received };
    assert_eq!(status(&mut transport, &endpoint).await, Err(fault));
    thread.join().unwrap();
}

#[tokio::test]
async fn bytes_behind_a_response_never_become_the_next_one() {
    let (endpoint, thread) = serve(vec![
        says_and_stays(b"HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\nHTTP/1.1 200 OK\r\n\r\n"),
        says(b"HTTP/1.1 403 No\r\n\r\n"),
    ]);
    let mut transport = Transport::new(Limits::default());
    assert_eq!(status(&mut transport, &endpoint).await, Ok(401));
    assert_eq!(status(&mut transport, &endpoint).await, Ok(403));
    thread.join().unwrap();
}

#[tokio::test]
async fn what_comes_on_an_idle_connection_is_no_answer() {
    let (ask, asked) = channel();
    let (tell, told) = channel();
    let takes_leave: Script = Box::new(move |mut stream| {
        hear(&mut stream);
        stream.write_all(OK).unwrap();
        asked.recv().unwrap();
        stream
            .write_all(b"HTTP/1.1 408 Late\r\nContent-Length: 0\r\n\r\n")
            .unwrap();
        tell.send(()).unwrap();
    });
    let (endpoint, thread) = serve(vec![takes_leave, says(b"HTTP/1.1 204 No\r\n\r\n")]);
    let mut transport = Transport::new(Limits::default());
    assert_eq!(status(&mut transport, &endpoint).await, Ok(200));
    let idle = Instant::now();
    ask.send(()).unwrap();
    told.recv().unwrap();
    while idle.elapsed() < Duration::from_millis(2) {
        std::hint::spin_loop();
    }
    assert_eq!(status(&mut transport, &endpoint).await, Ok(204));
    thread.join().unwrap();
}

/// A connection on which bytes come while it is idle, and another beside it: what is answered when it is asked
/// again, and how often bytes were left over.
async fn idle_with(bytes: &'static [u8]) -> (Vec<Result<u16, WireFault>>, u64) {
    let once = idle_between(bytes, &request()).await;
    assert_eq!(once, idle_between(bytes, &often()).await);
    once
}

async fn idle_between(
    bytes: &'static [u8],
    request: &PreparedRequest,
) -> (Vec<Result<u16, WireFault>>, u64) {
    let (ask, asked) = channel();
    let (tell, told) = channel();
    let stray: Script = Box::new(move |mut stream| {
        hear(&mut stream);
        stream.write_all(OK).unwrap();
        asked.recv().unwrap();
        stream.write_all(bytes).unwrap();
        tell.send(()).unwrap();
        let _ = stream.read(&mut [0]);
    });
    let (endpoint, thread) = serve(vec![stray, says(b"HTTP/1.1 204 No\r\n\r\n")]);
    let mut transport = Transport::new(Limits::default());
    let status = async |transport: &mut Transport| {
        let received = transport.exchange(&endpoint, request).await?;
        Ok(received.status)
    };
    let mut seen = vec![status(&mut transport).await];
    let idle = Instant::now();
    ask.send(()).unwrap();
    told.recv().unwrap();
    while idle.elapsed() < Duration::from_millis(2) {
        std::hint::spin_loop();
    }
    while seen.last() != Some(&Ok(204)) {
        seen.push(status(&mut transport).await);
    }
    thread.join().unwrap();
    (seen, transport.left_over())
}

#[tokio::test]
async fn an_answer_that_comes_on_an_idle_connection_is_a_fault() {
    let (seen, left_over) = idle_with(OK).await;
    let [Ok(200), Err(WireFault::Surplus { .. }), Ok(204)] = &seen[..] else {
        panic!("{seen:?}");
    };
    assert_eq!(left_over, 0);
}

#[tokio::test]
async fn a_body_that_comes_late_is_left_over() {
    let (seen, left_over) = idle_with(b"a late body").await;
    assert_eq!(seen, [Ok(200), Ok(204)]);
    assert_eq!(left_over, 1);
}

#[tokio::test]
async fn connections_are_few_however_many_the_endpoints() {
    let servers: Vec<_> = (0..MOST_CONNECTIONS + 2)
        .map(|_| serve(vec![says(OK)]))
        .collect();
    let mut transport = Transport::new(Limits::default());
    for (endpoint, _) in &servers {
        assert_eq!(status(&mut transport, endpoint).await, Ok(200));
    }
    assert_eq!(transport.connections.len(), MOST_CONNECTIONS);
    for (_, thread) in servers {
        thread.join().unwrap();
    }
}

#[tokio::test]
async fn a_spoiled_connection_is_not_used_again() {
    let (endpoint, thread) = serve(vec![
        says_and_stays(b"HTTP/1.1 401 No\r\nContent-Length: 9\r\n\r\nabc"),
        says(OK),
    ]);
    let mut transport = Transport::new(short());
    assert_eq!(status(&mut transport, &endpoint).await, Ok(401));
    assert_eq!(status(&mut transport, &endpoint).await, Ok(200));
    thread.join().unwrap();
}

#[tokio::test]
async fn a_port_where_nobody_listens_is_a_connect_fault() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let authority = listener.local_addr().unwrap().to_string();
    drop(listener);
    let endpoint = Endpoint::new(authority, "");
    let mut transport = Transport::new(Limits::default());
    let fault = status(&mut transport, &endpoint).await.unwrap_err();
    assert!(matches!(fault, WireFault::Connect { .. }), "{fault}");
}

//! A recording relay in front of an endpoint: whatever passes is kept as it passes, and nothing is changed.

use std::io;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::task::JoinSet;

use super::asked::ReadRequest;
use super::command::ClientSecrets;
use super::messages::{Passed, answers, requests};
use super::presented::{HeldAgainst, JudgedCredentials, judge};
use super::seen::SeenRequest;
use crate::user_agents::model::Layout;

/// The most connections of one play.
const MOST_CONNECTIONS: usize = 400;

/// The most characters of a request line that are told.
const MOST_LINE: usize = 120;

/// The most bytes that are kept of each direction of a connection.
const MOST_KEPT: usize = 1024 * 1024;

/// How a program begins that wants to speak with whoever is not here, over TLS (RFC 9110 §9.3.6).
const CONNECT: &[u8] = b"CONNECT ";

/// What passed over one connection.
#[derive(Debug, Default)]
struct PassedBytes {
    sent: Vec<u8>,
    /// Where what came at once begins, and how much had come before over all connections.
    pieces: Vec<(usize, u64)>,
    received: Vec<u8>,
}

/// What passed over all connections of one play.
#[derive(Debug, Default)]
struct PassedAll {
    connections: Vec<PassedBytes>,
    /// How many pieces came from the program.
    pieces: u64,
    /// What it asked for of somebody who is not here.
    beside: Vec<String>,
}

/// A request that passed, with the answer to it, if there was one.
#[derive(Debug)]
pub(super) struct PassedRequest {
    pub(super) asked: ReadRequest,
    pub(super) sent: Vec<u8>,
    pub(super) answer: Option<Passed>,
    pub(super) judged: JudgedCredentials,
}

/// A relay, until it is dropped.
#[derive(Debug)]
pub(super) struct Relay {
    authority: String,
    tapes: Tapes,
    flood: Arc<Notify>,
    _listening: JoinSet<()>,
}

type Tapes = Arc<Mutex<PassedAll>>;

fn locked(tapes: &Tapes) -> MutexGuard<'_, PassedAll> {
    tapes.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Relay {
    /// A relay on loopback to this host and port.
    ///
    /// # Errors
    ///
    /// When there is no port for it.
    pub(super) async fn open(to: &str) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let authority = listener.local_addr()?.to_string();
        let (tapes, flood) = (Tapes::default(), Arc::new(Notify::new()));
        let mut listening = JoinSet::new();
        listening.spawn(listen(
            listener,
            to.to_owned(),
            Arc::clone(&tapes),
            Arc::clone(&flood),
        ));
        Ok(Self {
            authority,
            tapes,
            flood,
            _listening: listening,
        })
    }

    /// Its host and port.
    pub(super) fn authority(&self) -> &str {
        &self.authority
    }

    /// Ends when the program has asked too often.
    pub(super) async fn flooded(&self) {
        self.flood.notified().await;
    }

    /// What passed, in the order in which it was asked: each request with its answer, and its credentials held against
    /// the secrets and against what was offered before.
    pub(super) fn passed(&self, secrets: &ClientSecrets) -> Vec<PassedRequest> {
        let mut all = Vec::new();
        for tape in &locked(&self.tapes).connections {
            let asked = requests(&tape.sent);
            let methods: Vec<&str> = { asked.iter() }
                .map(|(_, asked)| asked.method.as_str())
                .collect();
            let mut answers = answers(&tape.received, &methods).into_iter();
            for (place, asked) in asked {
                let pieces = tape.pieces.iter().rev();
                let piece = { pieces }.find(|(begins, _)| *begins <= place.start);
                let turn = piece.map_or(0, |(_, turn)| *turn);
                let sent = tape.sent.get(place.clone()).unwrap_or_default().to_vec();
                all.push(((turn, place.start), asked, sent, answers.next()));
            }
        }
        all.sort_by_key(|(turn, ..)| *turn);
        let mut served: Vec<Layout> = Vec::new();
        let all = all.into_iter().map(|(_, asked, sent, answer)| {
            let held = HeldAgainst {
                secrets,
                served: &served,
                method: &asked.method,
                target: &asked.target,
                body: &asked.body,
            };
            let judged = judge(asked.field("Authorization"), &held);
            served.extend(answer.as_ref().map(layout));
            PassedRequest {
                asked,
                sent,
                answer,
                judged,
            }
        });
        all.collect()
    }

    /// What the program asked for of somebody who is not here, and was told that there is none.
    pub(super) fn beside(&self) -> Vec<String> {
        locked(&self.tapes).beside.clone()
    }
}

impl PassedRequest {
    /// The same as a program's request is told.
    pub(super) fn seen(self) -> SeenRequest {
        let Self {
            asked,
            answer,
            judged,
            ..
        } = self;
        let answer = answer.unwrap_or_default();
        SeenRequest {
            line: format!("{} {}", asked.method, asked.target),
            sent: judged.word,
            worth: judged.worth,
            flaws: Vec::new(),
            client_nonce: None,
            redirected: false,
            status: answer.status,
            head: asked.head,
            answered: answer.head,
        }
    }
}

fn layout(answer: &Passed) -> Layout {
    let named = |name: &str| name.eq_ignore_ascii_case("WWW-Authenticate");
    let lines = answer.fields.iter().filter(|(name, _)| named(name));
    Layout::new(lines.map(|(_, value)| value.iter().copied().map(char::from).collect::<String>()))
}

async fn listen(listener: TcpListener, to: String, tapes: Tapes, flood: Arc<Notify>) {
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        let at = {
            let mut tapes = locked(&tapes);
            tapes.connections.push(PassedBytes::default());
            tapes.connections.len() - 1
        };
        if at >= MOST_CONNECTIONS {
            flood.notify_one();
            continue;
        }
        connections.spawn(pass(stream, to.clone(), Arc::clone(&tapes), at));
        while connections.try_join_next().is_some() {}
    }
}

/// Passes on what comes, in both directions, until both have ended. Whoever asks for somebody who is not here is told
/// that there is none.
async fn pass(mut stream: TcpStream, to: String, tapes: Tapes, at: usize) {
    let mut first = Vec::new();
    while first.len() < CONNECT.len() && CONNECT.starts_with(&first) {
        match stream.read_buf(&mut first).await {
            Ok(1..) => {}
            _ => break,
        }
    }
    if first.starts_with(CONNECT) {
        let line = first
            .split(|byte| *byte == b'\r')
            .next()
            .unwrap_or_default();
        let line: String = String::from_utf8_lossy(line)
            .chars()
            .take(MOST_LINE)
            .collect();
        locked(&tapes).note_beside(line);
        let none = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
        let _ = stream.write_all(none).await;
        let _ = stream.shutdown().await;
        return;
    }
    if first.is_empty() {
        return;
    }
    let Ok(mut server) = TcpStream::connect(&to).await else {
        return;
    };
    let _ = (stream.set_nodelay(true), server.set_nodelay(true));
    let keep = |sent: bool| {
        let tapes = Arc::clone(&tapes);
        move |bytes: &[u8]| locked(&tapes).keep(at, sent, bytes)
    };
    keep(true)(&first);
    if server.write_all(&first).await.is_err() {
        return;
    }
    let (from_program, to_program) = stream.into_split();
    let (from_server, to_server) = server.into_split();
    tokio::join!(
        copy(from_program, to_server, keep(true)),
        copy(from_server, to_program, keep(false))
    );
}

impl PassedAll {
    fn note_beside(&mut self, line: String) {
        if self.beside.len() < MOST_CONNECTIONS {
            self.beside.push(line);
        }
    }

    fn keep(&mut self, at: usize, sent: bool, bytes: &[u8]) {
        let Some(tape) = self.connections.get_mut(at) else {
            return;
        };
        let kept = match sent {
            true => {
                self.pieces += 1;
                if tape.sent.len() < MOST_KEPT {
                    tape.pieces.push((tape.sent.len(), self.pieces));
                }
                &mut tape.sent
            }
            false => &mut tape.received,
        };
        let room = MOST_KEPT.saturating_sub(kept.len());
        kept.extend(bytes.iter().take(room));
    }
}

async fn copy(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    keep: impl Fn(&[u8]),
) {
    let mut buffer = vec![0_u8; 16 * 1024];
    while let Ok(count @ 1..) = from.read(&mut buffer).await {
        let bytes = buffer.get(..count).unwrap_or_default();
        keep(bytes);
        if to.write_all(bytes).await.is_err() {
            break;
        }
    }
    let _ = to.shutdown().await;
}

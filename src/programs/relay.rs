//! A recording relay in front of an endpoint: whatever passes is kept as it passes, and nothing is changed.

use std::io;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::task::JoinSet;

use super::command::ClientSecrets;
use super::messages::{Passed, answers, requests};
use super::presented::{HeldAgainst, judge};
use super::seen::SeenRequest;
use crate::user_agents::model::Layout;

/// The most connections of one play.
const MOST_CONNECTIONS: usize = 400;

/// The most bytes that are kept of each direction of a connection.
const MOST_KEPT: usize = 1024 * 1024;

/// What passed over one connection.
#[derive(Debug, Default)]
struct PassedBytes {
    sent: Vec<u8>,
    received: Vec<u8>,
}

/// A relay, until it is dropped.
#[derive(Debug)]
pub(super) struct Relay {
    authority: String,
    tapes: PassedAll,
    flood: Arc<Notify>,
    _listening: JoinSet<()>,
}

type PassedAll = Arc<Mutex<Vec<PassedBytes>>>;

fn locked(tapes: &PassedAll) -> MutexGuard<'_, Vec<PassedBytes>> {
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
        let (tapes, flood) = (PassedAll::default(), Arc::new(Notify::new()));
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

    /// What passed, in the order of the connections: each request with its answer, and its credentials held against
    /// the secrets and against what was offered before.
    pub(super) fn seen(&self, secrets: &ClientSecrets) -> Vec<SeenRequest> {
        let mut served: Vec<Layout> = Vec::new();
        let mut seen = Vec::new();
        for tape in locked(&self.tapes).iter() {
            let asked = requests(&tape.sent);
            let methods: Vec<&str> = asked.iter().map(|asked| asked.method.as_str()).collect();
            let mut answers = answers(&tape.received, &methods).into_iter();
            for asked in &asked {
                let judged = judge(
                    asked.field("Authorization"),
                    &HeldAgainst {
                        secrets,
                        served: &served,
                        method: &asked.method,
                        target: &asked.target,
                        body: &asked.body,
                    },
                );
                let answer = answers.next().unwrap_or_default();
                served.push(layout(&answer));
                seen.push(SeenRequest {
                    line: format!("{} {}", asked.method, asked.target),
                    sent: judged.word,
                    worth: judged.worth,
                    redirected: false,
                    status: answer.status,
                    head: asked.head.clone(),
                    answered: answer.head,
                });
            }
        }
        seen
    }
}

fn layout(answer: &Passed) -> Layout {
    let named = |name: &str| name.eq_ignore_ascii_case("WWW-Authenticate");
    let lines = answer.fields.iter().filter(|(name, _)| named(name));
    Layout::new(lines.map(|(_, value)| value.iter().copied().map(char::from).collect::<String>()))
}

async fn listen(listener: TcpListener, to: String, tapes: PassedAll, flood: Arc<Notify>) {
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        let at = {
            let mut tapes = locked(&tapes);
            tapes.push(PassedBytes::default());
            tapes.len() - 1
        };
        if at >= MOST_CONNECTIONS {
            flood.notify_one();
            continue;
        }
        connections.spawn(pass(stream, to.clone(), Arc::clone(&tapes), at));
        while connections.try_join_next().is_some() {}
    }
}

/// Passes on what comes, in both directions, until both have ended.
async fn pass(stream: TcpStream, to: String, tapes: PassedAll, at: usize) {
    let Ok(server) = TcpStream::connect(&to).await else {
        return;
    };
    let _ = (stream.set_nodelay(true), server.set_nodelay(true));
    let (from_program, to_program) = stream.into_split();
    let (from_server, to_server) = server.into_split();
    let keep = |sent: bool| {
        let tapes = Arc::clone(&tapes);
        move |bytes: &[u8]| {
            let mut tapes = locked(&tapes);
            let Some(tape) = tapes.get_mut(at) else {
                return;
            };
            let kept = match sent {
                true => &mut tape.sent,
                false => &mut tape.received,
            };
            let room = MOST_KEPT.saturating_sub(kept.len());
            kept.extend(bytes.iter().take(room));
        }
    };
    tokio::join!(
        copy(from_program, to_server, keep(true)),
        copy(from_server, to_program, keep(false))
    );
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

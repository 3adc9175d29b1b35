//! A scripted server on loopback that records what comes.

use std::io;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::sync::mpsc::UnboundedSender;
use tokio::task::JoinSet;

use super::asked::{NoRequest, read};
use super::command::ClientSecrets;
use super::judge::{Judge, WhatCame, path_of};
use super::seen::{Driven, SeenRequest};
use crate::user_agents::model::Script;

/// A program that asks more often is not let go on.
const FLOOD: usize = 400;

/// The most of anything else that is kept.
const MOST_NOTES: usize = 64;

/// What came so far.
#[derive(Debug)]
pub(super) struct PlayLog {
    judge: Judge,
    pub(super) requests: Vec<SeenRequest>,
    pub(super) beside: Vec<String>,
    pub(super) odd: Vec<&'static str>,
    connections: usize,
}

impl PlayLog {
    /// Hands over what came. Where the program was to ask by its proxy, what it asked past that is no request of it.
    pub(super) fn hand_over(&mut self, driven: &mut Driven, by_proxy: bool) {
        driven.requests = std::mem::take(&mut self.requests);
        driven.beside = std::mem::take(&mut self.beside);
        driven.odd = std::mem::take(&mut self.odd);
        if by_proxy {
            let all = driven.requests.len();
            let asks_it = |one: &SeenRequest| one.redirected || one.line.contains("://");
            driven.requests.retain(asks_it);
            driven.past_proxy = all - driven.requests.len();
        }
    }
}

/// A scripted server in force, until it is dropped.
#[derive(Debug)]
pub struct ScriptedOrigin {
    authority: String,
    path: &'static str,
    secrets: ClientSecrets,
    shared: Arc<SharedLog>,
    _listening: JoinSet<()>,
}

#[derive(Debug)]
struct SharedLog {
    log: Mutex<PlayLog>,
    /// Told when the program asks too often.
    flood: Notify,
    /// Where each request is told as it comes, for whoever looks on.
    looks_on: Option<UnboundedSender<SeenRequest>>,
}

impl SharedLog {
    fn log(&self) -> MutexGuard<'_, PlayLog> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ScriptedOrigin {
    /// Serves a script on loopback, on a port of its own, or on this one where it is not 0. Whoever looks on is
    /// told of each request.
    ///
    /// # Errors
    ///
    /// When there is no port for it.
    pub async fn open(
        script: &Script,
        port: u16,
        looks_on: Option<UnboundedSender<SeenRequest>>,
    ) -> io::Result<Self> {
        let own = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
        let other = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let (authority, port) = (own.local_addr()?.to_string(), other.local_addr()?.port());
        let places = [
            authority.clone(),
            format!("127.0.0.1:{port}"),
            format!("localhost:{port}"),
        ];
        let secrets = secrets_of(script);
        let shared = Arc::new(SharedLog {
            log: Mutex::new(PlayLog {
                judge: Judge::new(script, secrets.clone(), places),
                requests: Vec::new(),
                beside: Vec::new(),
                odd: Vec::new(),
                connections: 0,
            }),
            flood: Notify::new(),
            looks_on,
        });
        let mut listening = JoinSet::new();
        for listener in [own, other] {
            listening.spawn(listen(listener, Arc::clone(&shared)));
        }
        Ok(Self {
            authority,
            path: path_of(script),
            secrets,
            shared,
            _listening: listening,
        })
    }

    /// Its host and port.
    pub fn authority(&self) -> &str {
        &self.authority
    }

    /// What a client is given to log in with.
    pub fn secrets(&self) -> ClientSecrets {
        self.secrets.clone()
    }

    /// The URL of the resource.
    pub fn url(&self) -> String {
        format!("http://{}{}", self.authority, self.path)
    }

    /// Ends when the program has asked too often.
    pub(super) async fn flooded(&self) {
        self.shared.flood.notified().await;
    }

    /// What came so far.
    pub(super) fn log(&self) -> MutexGuard<'_, PlayLog> {
        self.shared.log()
    }
}

/// What a client is given where a script is in force.
pub(super) fn secrets_of(script: &Script) -> ClientSecrets {
    match script.foreign_password {
        true => ClientSecrets::foreign(),
        false => ClientSecrets::usual(),
    }
}

async fn listen(listener: TcpListener, shared: Arc<SharedLog>) {
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        let many = {
            let mut log = shared.log();
            log.connections += 1;
            log.connections > FLOOD
        };
        if many {
            shared.flood.notify_one();
            continue;
        }
        connections.spawn(converse(stream, Arc::clone(&shared)));
        while connections.try_join_next().is_some() {}
    }
}

/// Answers the requests of one connection.
async fn converse(mut stream: TcpStream, shared: Arc<SharedLog>) {
    let _ = stream.set_nodelay(true);
    let mut buffer = Vec::with_capacity(2048);
    loop {
        let asked = match read(&mut stream, &mut buffer).await {
            Ok(asked) => asked,
            Err(NoRequest::Closed) => return,
            Err(NoRequest::NotHttp(what)) => {
                let odd = &mut shared.log().odd;
                if odd.len() < MOST_NOTES && !odd.contains(&what) {
                    odd.push(what);
                }
                return;
            }
        };
        let (answered, floods) = {
            let mut log = shared.log();
            let (answered, came) = log.judge.answer(&asked);
            match came {
                WhatCame::Request(seen) => {
                    if let Some(looks_on) = &shared.looks_on {
                        // Nobody looks on any more.
                        let _ = looks_on.send(seen.clone());
                    }
                    if log.requests.len() < FLOOD {
                        log.requests.push(seen);
                    }
                }
                WhatCame::Beside(what) if log.beside.len() < MOST_NOTES => log.beside.push(what),
                WhatCame::Beside(_) => {}
            }
            (answered, log.judge.requests() > FLOOD)
        };
        if floods {
            shared.flood.notify_one();
        }
        let bytes = answered.bytes(&asked.method, asked.is_last);
        if stream.write_all(&bytes).await.is_err() || asked.is_last {
            let _ = stream.shutdown().await;
            return;
        }
    }
}

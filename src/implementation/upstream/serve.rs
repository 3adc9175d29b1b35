//! Answering whoever asks, and keeping what was asked.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::conduct::{ServiceSends, USER, UpstreamAnswer, UpstreamConduct};
use super::kept::ReachedSoFar;
use super::message::{UpstreamRequest, next};
use crate::implementation::accept::accept;
use crate::observation::{Arrival, Upstream};

/// The longest that a silent service keeps whoever waits for it.
const SILENCE: Duration = Duration::from_secs(60);

/// Who is played in which slot.
#[derive(Debug)]
pub(super) struct PlayedUpstream {
    pub(super) slot: usize,
    pub(super) at: Upstream,
    pub(super) conduct: UpstreamConduct,
    pub(super) reached: Arc<Mutex<ReachedSoFar>>,
}

/// Serves until it is aborted; its connections end with it.
pub(super) async fn serve(listener: TcpListener, played: Arc<PlayedUpstream>) {
    let place = listener.local_addr();
    let place: Arc<str> = place.map_or_else(|_| "".into(), |place| place.to_string().into());
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = accept(&listener) => {
                let Ok(stream) = accepted else { continue };
                let (played, place) = (Arc::clone(&played), Arc::clone(&place));
                connections.spawn(async move { played.converse(stream, &place).await });
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

impl PlayedUpstream {
    async fn converse(&self, mut stream: TcpStream, place: &str) {
        let mut read = Vec::new();
        while let Some(asked) = next(&mut stream, &mut read).await {
            let sends = self.conduct.sends(&asked);
            let status = match sends {
                ServiceSends::Status(status) | ServiceSends::StatusAndMore(status) => Some(status),
                ServiceSends::Decision => None,
                ServiceSends::Nothing => {
                    self.keep(&asked, None);
                    return;
                }
                ServiceSends::Silence => {
                    self.keep(&asked, None);
                    // Until whoever asked is gone.
                    let gone = async { while stream.read_u8().await.is_ok() {} };
                    let _ = timeout(SILENCE, gone).await;
                    return;
                }
                ServiceSends::Bytes(bytes) => {
                    self.keep(&asked, None);
                    // A gateway that breaks off is no matter of the service's.
                    let _ = stream.write_all(bytes).await;
                    return;
                }
            };
            let told = self.conduct.answer(status, &asked, place);
            // Before the answer, so that whoever has the gateway's answer finds it.
            self.keep(&asked, Some(&told));
            let mut bytes = written(&told, &asked);
            if matches!(sends, ServiceSends::StatusAndMore(_)) {
                // In one packet with the other, so that whoever goes on reading finds it.
                bytes.extend(written(&self.conduct.unasked(), &asked));
            }
            if stream.write_all(&bytes).await.is_err() || !asked.stays {
                return;
            }
        }
    }

    fn keep(&self, asked: &UpstreamRequest, told: Option<&UpstreamAnswer>) {
        let user = match self.at {
            Upstream::Backend => asked.lines(USER).next(),
            Upstream::AuthService => None,
        };
        let answered = told.map_or(&[][..], |told| &told.fields);
        let arrival = Arrival {
            slot: self.slot,
            at: self.at,
            method: asked.method.clone(),
            target: asked.target.clone(),
            user: user.map(|user| String::from_utf8_lossy(user).into_owned()),
            authorization: asked.lines("authorization").next().is_some(),
            seen: Some(Arc::new(asked.seen(told.map(|told| told.status), answered))),
        };
        let mut reached = self.reached.lock().unwrap_or_else(PoisonError::into_inner);
        reached.push(arrival);
    }
}

/// The bytes of an answer.
fn written(told: &UpstreamAnswer, asked: &UpstreamRequest) -> Vec<u8> {
    let mut bytes = format!("HTTP/1.1 {} Answer\r\n", told.status).into_bytes();
    for field in &told.fields {
        bytes.extend_from_slice(format!("{}: ", field.name).as_bytes());
        bytes.extend_from_slice(&field.value);
        bytes.extend_from_slice(b"\r\n");
    }
    let has_none = matches!(told.status, 204 | 304);
    if !has_none {
        bytes.extend_from_slice(format!("Content-Length: {}\r\n", told.body.len()).as_bytes());
    }
    if !asked.stays {
        bytes.extend_from_slice(b"Connection: close\r\n");
    }
    bytes.extend_from_slice(b"\r\n");
    if !has_none && asked.method != "HEAD" {
        bytes.extend_from_slice(told.body.as_bytes());
    }
    bytes
}

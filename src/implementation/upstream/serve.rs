//! Answering whoever asks over HTTP/1.1; by gRPC, `calls` does.

use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::calls::converse_in_calls;
use super::conduct::{HALF, STALLED, ServiceSends, UpstreamAnswer};
use super::message::{UpstreamRequest, next};
use super::played::{PlayedUpstream, SILENCE};
use super::settle::{SETTLED, is_settling};
use crate::implementation::accept::accept;

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
                connections.spawn(async move {
                    match played.by_grpc {
                        true => converse_in_calls(played, stream, place).await,
                        false => played.converse(stream, &place).await,
                    }
                });
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

impl PlayedUpstream {
    async fn converse(&self, mut stream: TcpStream, place: &str) {
        let mut read = Vec::new();
        while let Some(asked) = next(&mut stream, &mut read).await {
            if is_settling(&asked) {
                let _ = stream.write_all(SETTLED).await;
                return;
            }
            let sends = self.conduct.sends(&asked);
            if !sends.is_waited_for_in_vain() && is_gone(&stream).await {
                self.was_given_up();
            }
            let status = match sends {
                ServiceSends::Status(status) | ServiceSends::StatusAndMore(status) => Some(status),
                ServiceSends::Decision => None,
                ServiceSends::Nothing | ServiceSends::Failure => {
                    self.keep(&asked, None);
                    return;
                }
                ServiceSends::Reset => {
                    self.keep(&asked, None);
                    // Where that cannot be had, it ends as any other does.
                    let _ = stream.set_zero_linger();
                    return;
                }
                ServiceSends::Silence => {
                    self.keep(&asked, None);
                    until_gone(&mut stream).await;
                    return;
                }
                ServiceSends::HeadAndSilence => {
                    self.keep(&asked, None);
                    let _ = stream.write_all(HALF).await;
                    until_gone(&mut stream).await;
                    return;
                }
                ServiceSends::ContentAndSilence => {
                    let mut told = self.conduct.answer(Some(200), &asked, place);
                    told.body = STALLED;
                    self.keep(&asked, Some(&told));
                    let mut bytes = written(&told, &asked);
                    bytes.truncate(bytes.len().saturating_sub(STALLED.len() / 2));
                    let _ = stream.write_all(&bytes).await;
                    until_gone(&mut stream).await;
                    return;
                }
                ServiceSends::Half | ServiceSends::Bytes(_) => {
                    self.keep(&asked, None);
                    let bytes = match sends {
                        ServiceSends::Bytes(bytes) => bytes,
                        _ => HALF,
                    };
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
}

/// Waits until whoever asked is gone.
async fn until_gone(stream: &mut TcpStream) {
    let gone = async { while stream.read_u8().await.is_ok() {} };
    let _ = timeout(SILENCE, gone).await;
}

/// Whether whoever asked has closed the connection, as far as is known by now.
async fn is_gone(stream: &TcpStream) -> bool {
    let mut none = [0; 1];
    let peeked = timeout(Duration::ZERO, stream.peek(&mut none)).await;
    matches!(peeked, Ok(Ok(0) | Err(_)))
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

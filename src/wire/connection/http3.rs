//! One HTTP/3 connection, one exchange at a time.
//!
//! What passes is encrypted packets with frames and compressed heads in them (RFC 9000, RFC 9114, RFC 9204), which nobody can
//! read as evidence. So what is kept of an exchange is the same as of HTTP/2: the heads in words, laid out as HTTP/1 would
//! have them, with `HTTP/3` where the version stands and `:authority` as `host`, and the body behind the head. Of what gave no
//! response nothing is kept.

use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::Poll;

use h3::client::{RequestStream, SendRequest};
use h3::error::StreamError;
use h3_quinn::{BidiStream, OpenStreams};
use http_body_util::BodyExt;
use hyper::body::{Buf, Bytes};
use hyper::header::{CONTENT_LENGTH, HeaderValue};
use hyper::{Method, Request, Response};
use quinn::{ConnectionError, VarInt};
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout, timeout_at};

use super::failure::ExchangeFailure;
use crate::wire::decoded;
use crate::wire::fault::MOST_INTERIM;
use crate::wire::prepared::Outgoing;
use crate::wire::quic;
use crate::wire::{BodyEnd, Limits, Trust, WireFault};

/// Error codes of HTTP/3 (RFC 9114 §8.1).
const NO_ERROR: u32 = 0x100;
const EXCESSIVE_LOAD: u32 = 0x107;

/// So many times the bytes of an exchange may come in packets: what is in them beside heads and bodies, and what comes twice.
const PACKETS: u64 = 2;

/// And so many beside: handshake, and what a server sends before anybody stops it.
const BESIDE: u64 = 512 * 1024;

/// A connection and what runs beside it.
pub(in crate::wire) struct Http3 {
    sender: SendRequest<OpenStreams, Bytes>,
    quic: quinn::Connection,
    driver: JoinHandle<()>,
    /// The most bytes that may have come so far.
    most: Arc<AtomicU64>,
    /// The last exchange in words.
    received: Vec<u8>,
    sent: Vec<u8>,
    /// Whether an exchange was begun and not ended well; also true when its future was dropped.
    spoiled: bool,
    exchanges: u64,
}

impl fmt::Debug for Http3 {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Http3")
            .field("spoiled", &self.spoiled)
            .field("exchanges", &self.exchanges)
            .finish_non_exhaustive()
    }
}

impl Drop for Http3 {
    fn drop(&mut self) {
        self.driver.abort();
        self.quic.close(VarInt::from_u32(NO_ERROR), b"");
    }
}

/// The response on a request's stream, as it comes.
type Coming = RequestStream<BidiStream<Bytes>, Bytes>;

/// Why no head came.
enum NoHead {
    /// The request was not sent.
    Unsent(StreamError),
    /// Something else than a head came, or the end.
    Ended(StreamError),
    /// Interim responses came, and no end to them.
    Interim,
}

impl Http3 {
    /// Connects, and speaks HTTP/3.
    ///
    /// # Errors
    ///
    /// As for [`quic::dial`], and when HTTP/3 does not begin.
    pub(super) async fn open(
        address: &str,
        limits: &Limits,
        trust: &Trust,
    ) -> Result<Self, WireFault> {
        let quic = quic::dial(address, limits, trust).await?;
        let most = u64::try_from(limits.head_bytes).unwrap_or(u64::MAX);
        let mut builder = h3::client::builder();
        builder.max_field_section_size(most).send_grease(false);
        let connection = h3_quinn::Connection::new(quic.clone());
        let opened = match timeout(limits.connect, builder.build(connection)).await {
            Ok(opened) => opened.map_err(|error| error.to_string()),
            Err(_) => Err("HTTP/3 does not begin".to_owned()),
        };
        let (mut connection, sender) = match opened {
            Ok(opened) => opened,
            Err(why) => {
                quic.close(VarInt::from_u32(NO_ERROR), b"");
                return Err(match quic.close_reason().as_ref().and_then(quic::refusal) {
                    Some(alert) => WireFault::Refused { alert },
                    None => WireFault::Connect {
                        address: address.to_owned(),
                        why,
                    },
                });
            }
        };
        let most = Arc::new(AtomicU64::new(may_come(&quic, limits)));
        let (watched, bound) = (quic.clone(), Arc::clone(&most));
        let driver = tokio::spawn(async move {
            poll_fn(|cx| {
                if is_beyond(&watched, &bound) {
                    watched.close(VarInt::from_u32(EXCESSIVE_LOAD), b"");
                }
                connection.poll_close(cx)
            })
            .await;
        });
        Ok(Self {
            sender,
            quic,
            driver,
            most,
            received: Vec::new(),
            sent: Vec::new(),
            spoiled: false,
            exchanges: 0,
        })
    }

    /// Whether another exchange may be tried on it.
    pub(super) fn usable(&self) -> bool {
        !self.spoiled && self.quic.close_reason().is_none()
    }

    /// The last exchange in words; see the top of this file.
    pub(super) fn take(&mut self, raw: &mut Vec<u8>, sent: &mut Vec<u8>) -> bool {
        std::mem::swap(&mut self.received, raw);
        std::mem::swap(&mut self.sent, sent);
        true
    }

    /// Sends a request and reads its response; the first bytes of the body go to `body`.
    pub(super) async fn exchange(
        &mut self,
        outgoing: Outgoing,
        limits: &Limits,
        keep_sent: bool,
        body: &mut Vec<u8>,
    ) -> Result<(u16, BodyEnd), ExchangeFailure> {
        self.spoiled = true;
        body.clear();
        self.received.clear();
        self.sent.clear();
        self.most
            .store(may_come(&self.quic, limits), Ordering::Relaxed);
        let (head, content) = outgoing.message.into_parts();
        let content = content.collect().await.map(|read| read.to_bytes());
        let content = content.unwrap_or_else(|never| match never {});
        let mut request = Request::from_parts(head, ());
        // As the other versions have it, whose writer adds it where it is not there (RFC 9110 §8.6).
        let may_be_empty = matches!(
            *request.method(),
            Method::GET | Method::HEAD | Method::DELETE | Method::CONNECT
        );
        if !(content.is_empty() && may_be_empty) {
            let length = HeaderValue::from(content.len());
            let fields = request.headers_mut();
            fields.entry(CONTENT_LENGTH).or_insert(length);
        }
        if keep_sent {
            decoded::write_request(decoded::HTTP_3, &request, None, &mut self.sent);
        }
        let to_head = *request.method() == Method::HEAD;
        let (quic, most) = (self.quic.clone(), Arc::clone(&self.most));
        let asked = bounded(&quic, &most, ask(&mut self.sender, request, content));
        let (response, coming) = match timeout(limits.head, asked).await {
            Ok(Some(Ok(answered))) => answered,
            Ok(Some(Err(no_head))) => return Err(self.failure(no_head, limits)),
            Ok(None) => return Err(self.too_much(limits)),
            Err(_) => {
                let (waited, received) = (limits.head, Vec::new());
                return Err(ExchangeFailure {
                    fault: WireFault::Deadline { waited, received },
                    stale: false,
                    sent: true,
                });
            }
        };
        decoded::write_response(decoded::HTTP_3, &response, &mut self.received);
        let status = response.status().as_u16();
        let reading = bounded(&quic, &most, read_body(coming, limits, body));
        let end = match reading.await {
            // A length that is another makes a response malformed (RFC 9114 §4.1.2).
            Some(BodyEnd::Complete) if !to_head && is_of_another_length(&response, body) => {
                BodyEnd::Broken
            }
            Some(end) => end,
            None => BodyEnd::TooLong,
        };
        self.received.extend_from_slice(body);
        self.exchanges += 1;
        self.spoiled = end != BodyEnd::Complete;
        Ok((status, end))
    }

    /// What it means that more came than is read.
    fn too_much(&self, limits: &Limits) -> ExchangeFailure {
        ExchangeFailure {
            fault: WireFault::Oversized {
                lines: false,
                most: limits.head_bytes,
            },
            stale: false,
            sent: true,
        }
    }

    /// What it means that there is no head.
    fn failure(&mut self, no_head: NoHead, limits: &Limits) -> ExchangeFailure {
        let (error, sent) = match no_head {
            NoHead::Unsent(error) => (error, false),
            NoHead::Ended(error) => (error, true),
            NoHead::Interim => {
                return ExchangeFailure {
                    fault: WireFault::Interim,
                    stale: false,
                    sent: true,
                };
            }
        };
        if is_beyond(&self.quic, &self.most) {
            return self.too_much(limits);
        }
        let received = Vec::new();
        let used = self.exchanges > 0;
        let ended = self.quic.close_reason();
        if let Some(alert) = ended.as_ref().and_then(quic::refusal) {
            return ExchangeFailure {
                fault: WireFault::Refused { alert },
                stale: false,
                sent,
            };
        }
        let (fault, stale) = match (&ended, &error) {
            (_, StreamError::HeaderTooBig { .. }) if sent => return self.too_much(limits),
            (_, StreamError::HeaderTooBig { .. }) => {
                self.spoiled = false;
                let why = error.to_string();
                return ExchangeFailure::unsent(WireFault::Unsendable { why });
            }
            (Some(ConnectionError::TimedOut), _) if !used => {
                let waited = quic::silent();
                (WireFault::Deadline { waited, received }, false)
            }
            (Some(ConnectionError::TimedOut | ConnectionError::Reset), _) => {
                (WireFault::Closed { received }, used)
            }
            // The server takes leave (RFC 9114 §5.2).
            (None, _) if !sent => (WireFault::Closed { received }, used),
            (Some(ConnectionError::ApplicationClosed(close)), _)
                if close.error_code == VarInt::from_u32(NO_ERROR) =>
            {
                (WireFault::Closed { received }, used)
            }
            (Some(ConnectionError::ConnectionClosed(close)), _)
                if u64::from(close.error_code) == 0 =>
            {
                (WireFault::Closed { received }, used)
            }
            // What we closed ourselves, we closed for what came.
            (None | Some(ConnectionError::LocallyClosed), _) => {
                let why = error.to_string();
                (WireFault::Malformed { received, why }, false)
            }
            (Some(ended), _) => {
                let why = quic::words(ended);
                (WireFault::Malformed { received, why }, false)
            }
        };
        ExchangeFailure { fault, stale, sent }
    }
}

/// How many bytes may have come once an exchange that begins now is over.
fn may_come(quic: &quinn::Connection, limits: &Limits) -> u64 {
    let of_one = u64::try_from(limits.tape_bytes()).unwrap_or(u64::MAX);
    let so_far = quic.stats().udp_rx.bytes;
    so_far.saturating_add(of_one.saturating_mul(PACKETS).saturating_add(BESIDE))
}

/// Whether more came than may.
fn is_beyond(quic: &quinn::Connection, most: &AtomicU64) -> bool {
    quic.stats().udp_rx.bytes > most.load(Ordering::Relaxed)
}

/// What comes of a future, unless more comes from the peer than may: a frame is kept until it is whole, and may say that it is
/// of any length (RFC 9114 §7.1).
async fn bounded<F: Future>(
    quic: &quinn::Connection,
    most: &AtomicU64,
    future: F,
) -> Option<F::Output> {
    let mut future = pin!(future);
    poll_fn(|cx| match is_beyond(quic, most) {
        true => Poll::Ready(None),
        false => future.as_mut().poll(cx).map(Some),
    })
    .await
}

/// Sends a request and reads the head of its response.
async fn ask(
    sender: &mut SendRequest<OpenStreams, Bytes>,
    request: Request<()>,
    content: Bytes,
) -> Result<(Response<()>, Coming), NoHead> {
    let mut stream = sender.send_request(request).await.map_err(NoHead::Unsent)?;
    // A server may answer before it has read all, and may not want the rest (RFC 9114 §4.1).
    if !content.is_empty() {
        let _ = stream.send_data(content).await;
    }
    let _ = stream.finish().await;
    for _ in 0..=MOST_INTERIM {
        let response = stream.recv_response().await.map_err(NoHead::Ended)?;
        if !response.status().is_informational() {
            return Ok((response, stream));
        }
    }
    Err(NoHead::Interim)
}

/// Reads a body to its end, its bound or its deadline.
async fn read_body(mut from: Coming, limits: &Limits, to: &mut Vec<u8>) -> BodyEnd {
    let deadline = Instant::now() + limits.body;
    loop {
        let mut data = match timeout_at(deadline, from.recv_data()).await {
            Err(_) => return BodyEnd::TooSlow,
            Ok(Ok(None)) => return BodyEnd::Complete,
            Ok(Err(_)) => return BodyEnd::Broken,
            Ok(Ok(Some(data))) => data,
        };
        while data.has_remaining() {
            let piece = data.chunk();
            let room = limits.body_bytes.saturating_sub(to.len());
            to.extend_from_slice(piece.get(..piece.len().min(room)).unwrap_or_default());
            let length = piece.len();
            if length > room {
                return BodyEnd::TooLong;
            }
            data.advance(length);
        }
    }
}

/// Whether a response says that its content is of another length than it is. One to `HEAD` says what it would be, and so may
/// a 304 (RFC 9110 §8.6).
fn is_of_another_length(response: &Response<()>, body: &[u8]) -> bool {
    let said = response.headers().get(CONTENT_LENGTH);
    let said = said.and_then(|said| said.to_str().ok()?.parse::<usize>().ok());
    response.status().as_u16() != 304 && said.is_some_and(|said| said != body.len())
}

//! One HTTP/2 connection, one exchange at a time.
//!
//! What passes is frames with compressed heads (RFC 9113, RFC 7541), which nobody can read as
//! evidence. So what is kept of an exchange is the same in words: the heads as HPACK gives them, laid
//! out as HTTP/1 would have them, with `HTTP/2` where the version stands and `:authority` as `host`,
//! and the body behind the head. Frames are kept only of what gave no response.

use std::future::poll_fn;
use std::task::Poll;

use http_body_util::BodyExt;
use hyper::Response;
use hyper::body::Incoming;
use hyper::client::conn::http2::{Builder, SendRequest};
use hyper::ext::Protocol;
use hyper_util::rt::TokioIo;
use tokio::task::yield_now;
use tokio::time::{Instant, timeout, timeout_at};

use super::failure::{ExchangeFailure, innermost};
use super::tasks::Tasks;
use crate::wire::decoded;
use crate::wire::prepared::{Content, Outgoing};
use crate::wire::stream::Stream;
use crate::wire::tape::{Recorder, SharedTape};
use crate::wire::{BodyEnd, Limits, WireFault};

/// Frame types (RFC 9113 §6) that tell how far an exchange got.
const HEADERS: u8 = 1;
const SETTINGS: u8 = 4;
const GOAWAY: u8 = 7;

/// The setting by which a server says that it takes extended CONNECT: `SETTINGS_ENABLE_CONNECT_PROTOCOL`, where it is 1
/// (RFC 8441 §3).
const TAKES_CONNECT: [u8; 6] = [0, 8, 0, 0, 0, 1];

/// What is said of a server that does not.
const TAKES_NONE: &str = "the server does not say over HTTP/2 that it takes an extended CONNECT (SETTINGS_ENABLE_CONNECT_PROTOCOL, \
     RFC 8441 §3)";

/// A connection and what runs beside it.
#[derive(Debug)]
pub(in crate::wire) struct Http2 {
    sender: SendRequest<Content>,
    tasks: Tasks,
    /// Whether the server takes extended CONNECT, once that was asked.
    takes_connect: Option<bool>,
    tape: SharedTape,
    /// The last exchange in words.
    received: Vec<u8>,
    sent: Vec<u8>,
    /// Whether an exchange was begun and not ended well; also true when its future was dropped.
    spoiled: bool,
    exchanges: u64,
}

impl Drop for Http2 {
    fn drop(&mut self) {
        self.tasks.end();
    }
}

impl Http2 {
    /// Speaks HTTP/2 on a stream.
    ///
    /// # Errors
    ///
    /// hyper's, when the preface cannot be sent.
    pub(super) async fn open(stream: Stream, limits: &Limits) -> Result<Self, hyper::Error> {
        let tape = SharedTape::new(stream, limits.tape_bytes());
        let io = TokioIo::new(Recorder::new(tape.clone()));
        let tasks = Tasks::default();
        let most = u32::try_from(limits.head_bytes).unwrap_or(u32::MAX);
        let (sender, driver) = Builder::new(tasks.clone())
            .max_header_list_size(most)
            .handshake(io)
            .await?;
        hyper::rt::Executor::execute(&tasks, async {
            // Errors reach whoever waits for the response.
            let _ = driver.await;
        });
        Ok(Self {
            sender,
            tasks,
            takes_connect: None,
            tape,
            received: Vec::new(),
            sent: Vec::new(),
            spoiled: false,
            exchanges: 0,
        })
    }

    /// Whether another exchange may be tried on it.
    pub(super) fn usable(&self) -> bool {
        !self.spoiled && !self.sender.is_closed()
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
        let (mut request, protocol) = (outgoing.message, outgoing.protocol);
        if let Some(protocol) = protocol {
            self.may_connect(limits).await?;
            let protocol = Protocol::from_static(protocol);
            request.extensions_mut().insert(protocol);
        }
        self.spoiled = true;
        body.clear();
        self.received.clear();
        self.sent.clear();
        if self.exchanges > 0 {
            // Lets the connection see what came meanwhile, such as the frame with which servers take
            // leave of idle connections.
            yield_now().await;
            let mut tape = self.tape.lock();
            self.takes_connect = self.takes_connect.or(takes_connect(&tape.received));
            tape.clear(false);
        }
        if keep_sent {
            decoded::write_request(decoded::HTTP_2, &request, protocol, &mut self.sent);
        }
        let response = match timeout(limits.head, self.sender.send_request(request)).await {
            Ok(Ok(response)) => response,
            Ok(Err(error)) => return Err(self.failure(&error)),
            Err(_) => {
                let received = self.tape.lock().evidence();
                let waited = limits.head;
                return Err(ExchangeFailure {
                    fault: WireFault::Deadline { waited, received },
                    stale: false,
                    sent: true,
                });
            }
        };
        decoded::write_response(decoded::HTTP_2, &response, &mut self.received);
        let status = response.status().as_u16();
        let end = read_body(response, limits, body).await;
        self.received.extend_from_slice(body);
        self.exchanges += 1;
        self.spoiled = end != BodyEnd::Complete;
        Ok((status, end))
    }

    /// Waits for what the server takes, which it says before anything else (RFC 9113 §3.4): no extended CONNECT is sent
    /// before that, nor to a server that takes none (RFC 8441 §3). Where it takes leave without a word, what is sent
    /// next fails as it would have.
    async fn may_connect(&mut self, limits: &Limits) -> Result<(), ExchangeFailure> {
        let tape = &self.tape;
        let said = poll_fn(|cx| {
            let mut tape = tape.lock();
            match takes_connect(&tape.received).or(tape.ended.then_some(true)) {
                Some(takes) => Poll::Ready(takes),
                None => {
                    tape.wake_for_more(cx);
                    Poll::Pending
                }
            }
        });
        let known = self.takes_connect;
        let takes = match known {
            Some(takes) => takes,
            None => match timeout(limits.head, said).await {
                Ok(takes) => takes,
                Err(_) => {
                    self.spoiled = true;
                    let received = self.tape.lock().evidence();
                    let waited = limits.head;
                    let fault = WireFault::Deadline { waited, received };
                    return Err(ExchangeFailure::unsent(fault));
                }
            },
        };
        self.takes_connect = Some(takes);
        match takes {
            true => Ok(()),
            false => {
                let why = TAKES_NONE;
                Err(ExchangeFailure::unsent(WireFault::Unannounced { why }))
            }
        }
    }

    /// What an error of hyper's before the end of the head means.
    fn failure(&self, error: &hyper::Error) -> ExchangeFailure {
        let tape = self.tape.lock();
        let received = tape.evidence();
        let why = innermost(error);
        let frames = Frames::of(&tape.received);
        // A server that speaks something else is to be told from one that went away.
        let foreign = self.exchanges == 0 && !received.is_empty() && !frames.begins_well;
        let gone = !foreign && !frames.answered && (tape.ended || frames.takes_leave);
        let fault = if error.is_user() {
            WireFault::Unsendable { why }
        } else if gone {
            WireFault::Closed { received }
        } else {
            WireFault::Malformed { received, why }
        };
        let stale = gone && self.exchanges > 0 && !error.is_user();
        ExchangeFailure {
            fault,
            stale,
            sent: true,
        }
    }
}

/// Reads a body to its end, its bound or its deadline.
async fn read_body(response: Response<Incoming>, limits: &Limits, to: &mut Vec<u8>) -> BodyEnd {
    let deadline = Instant::now() + limits.body;
    let mut from = response.into_body();
    loop {
        let frame = match timeout_at(deadline, from.frame()).await {
            Err(_) => return BodyEnd::TooSlow,
            Ok(None) => return BodyEnd::Complete,
            Ok(Some(Err(_))) => return BodyEnd::Broken,
            Ok(Some(Ok(frame))) => frame,
        };
        let data = frame.data_ref().map(|data| &**data).unwrap_or_default();
        let room = limits.body_bytes.saturating_sub(to.len());
        to.extend_from_slice(data.get(..data.len().min(room)).unwrap_or_default());
        if data.len() > room {
            return BodyEnd::TooLong;
        }
    }
}

/// Whether a server that began so takes extended CONNECT; nothing before its first frame is whole. One that begins with
/// another frame than it must speaks something else, which whatever is sent will show.
fn takes_connect(received: &[u8]) -> Option<bool> {
    let ([a, b, c, kind, ..], rest) = received.split_first_chunk::<9>()?;
    if *kind != SETTINGS {
        return Some(true);
    }
    let length = usize::try_from(u32::from_be_bytes([0, *a, *b, *c])).ok()?;
    let settings = rest.get(..length)?;
    // Of a setting that is there twice the last counts (RFC 9113 §6.5.3).
    let mut last = settings.chunks_exact(6).rev();
    let known = last.find(|setting| setting.starts_with(&[0, 8]));
    Some(known.is_some_and(|setting| setting == TAKES_CONNECT))
}

/// What the frames tell that came.
#[derive(Debug, Default, PartialEq, Eq)]
struct Frames {
    /// Whether the first is what a server must begin with (RFC 9113 §3.4).
    begins_well: bool,
    /// Whether a head came, or a part of one.
    answered: bool,
    /// Whether the server takes leave without complaint (RFC 9113 §6.8).
    takes_leave: bool,
}

impl Frames {
    fn of(mut bytes: &[u8]) -> Self {
        let mut seen = Self::default();
        let mut first = true;
        while let Some((head, rest)) = bytes.split_first_chunk::<9>() {
            let [a, b, c, kind, ..] = *head;
            let length = u32::from_be_bytes([0, a, b, c]);
            let length = usize::try_from(length).unwrap_or(usize::MAX);
            let (payload, behind) = rest.split_at_checked(length).unwrap_or((rest, &[]));
            seen.begins_well |= first && kind == SETTINGS;
            seen.answered |= kind == HEADERS;
            seen.takes_leave |= kind == GOAWAY && payload.get(4..8) == Some(&[0; 4]);
            first = false;
            bytes = behind;
        }
        seen
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_server_takes_it_says_first() {
        let settings = |settings: &[[u8; 6]]| {
            let settings = settings.concat();
            let length = u8::try_from(settings.len()).unwrap();
            [&[0, 0, length, SETTINGS, 0, 0, 0, 0, 0][..], &settings].concat()
        };
        let (takes, streams) = (TAKES_CONNECT, [0, 3, 0, 0, 0, 100]);
        let takes_no_more = [0, 8, 0, 0, 0, 0];
        for (bytes, known) in [
            (Vec::new(), None),
            (b"HTTP/1.1 400 Bad Request\r\n".to_vec(), Some(true)),
            (settings(&[]), Some(false)),
            (settings(&[streams]), Some(false)),
            (settings(&[streams, takes]), Some(true)),
            (settings(&[takes, streams]), Some(true)),
            (settings(&[takes, takes_no_more]), Some(false)),
            (settings(&[streams, takes])[..20].to_vec(), None),
        ] {
            assert_eq!(takes_connect(&bytes), known, "{}", bytes.escape_ascii());
        }
    }

    #[test]
    fn frames_tell_how_far_an_exchange_got() {
        let settings = [0, 0, 0, SETTINGS, 0, 0, 0, 0, 0];
        let leave = [
            0, 0, 8, GOAWAY, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, //
        ];
        let complaint = [
            0, 0, 8, GOAWAY, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, //
        ];
        let head = [0, 0, 1, HEADERS, 4, 0, 0, 0, 1, 0x88];
        for (bytes, begins_well, answered, takes_leave) in [
            (Vec::new(), false, false, false),
            (settings.to_vec(), true, false, false),
            ([&settings[..], &leave].concat(), true, false, true),
            ([&settings[..], &complaint].concat(), true, false, false),
            ([&settings[..], &head].concat(), true, true, false),
            (
                b"HTTP/1.1 400 Bad Request\r\n".to_vec(),
                false,
                false,
                false,
            ),
        ] {
            let seen = Frames {
                begins_well,
                answered,
                takes_leave,
            };
            assert_eq!(Frames::of(&bytes), seen, "{}", bytes.escape_ascii());
        }
    }
}

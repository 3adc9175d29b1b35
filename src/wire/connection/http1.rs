//! One HTTP/1.1 connection.
//!
//! The connection is driven by the task that waits for the response, not by a task of its own: that
//! saves a wake-up for each exchange, and nothing happens on the connection behind our back.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::body::{Body, Incoming};
use hyper::client::conn::http1::{Builder, Connection as Driver, SendRequest};
use hyper::{Response, Version};
use hyper_util::rt::TokioIo;
use tokio::task::yield_now;
use tokio::time::{Instant, Sleep, sleep};

use super::behind::Behind;
use super::failure::{ExchangeFailure, innermost};
use super::shortcut::{Candidate, KnownResponses, MOST_OF_ONE, Shortcut, attempt};
use crate::wire::prepared::{AddressedRequest, Content, Outgoing};
use crate::wire::stream::Stream;
use crate::wire::tape::{Recorder, SharedTape};
use crate::wire::tls;
use crate::wire::{BodyEnd, Limits, WireFault};

/// How long a connection may rest before it is looked at afresh.
const REST: Duration = Duration::from_millis(1);

/// What the runtime's clock can tell.
const TICK: Duration = Duration::from_millis(1);

/// How many turns the other tasks get where there is less to wait for. A task that was woken by the one before has
/// its own behind it: the runtime looks for bytes that came between two of them.
const TURNS: u32 = 3;

/// hyper's half of a connection, which moves only when it is polled.
type Http1Driver = Pin<Box<Driver<TokioIo<Recorder>, Content>>>;

/// A connection and everything that an exchange on it needs.
#[derive(Debug)]
pub(in crate::wire) struct Http1 {
    sender: SendRequest<Content>,
    /// Nothing once the connection is over.
    driver: Option<Http1Driver>,
    tape: SharedTape,
    /// The most field lines of a head.
    most_fields: usize,
    /// One timer for all deadlines: moving it later, the usual case, costs next to nothing.
    clock: Pin<Box<Sleep>>,
    /// Whether an exchange was begun and not ended well; also true when its future was dropped.
    spoiled: bool,
    exchanges: u64,
    /// When the last exchange ended.
    rested_since: Instant,
    /// Whether hyper is known to be done with the last exchange, and to wait for the next.
    is_idle: bool,
    /// Whether all that the peer said was said by HTTP/1.1.
    is_usual: bool,
    /// The last response, if it is to be remembered.
    candidate: Option<Candidate>,
    // Buffers that every exchange uses anew.
    request: Vec<u8>,
    room: Box<[u8]>,
}

impl Http1 {
    /// Speaks HTTP/1.1 on a stream, and reads so many field lines of a head.
    ///
    /// # Errors
    ///
    /// hyper's, when it cannot begin.
    pub(super) async fn open(
        stream: Stream,
        limits: &Limits,
        most_fields: usize,
    ) -> Result<Self, hyper::Error> {
        let tape = SharedTape::new(stream, limits.tape_bytes());
        let io = TokioIo::new(Recorder::new(tape.clone()));
        let (sender, driver) = Builder::new()
            .max_buf_size(limits.head_bytes.max(8192))
            .max_headers(most_fields)
            // A user agent reads a folded line (RFC 9112 §5.2); whether it may be one is judged later.
            .allow_obsolete_multiline_headers_in_responses(true)
            .handshake(io)
            .await?;
        Ok(Self {
            sender,
            driver: Some(Box::pin(driver)),
            tape,
            most_fields,
            clock: Box::pin(sleep(limits.head)),
            spoiled: false,
            exchanges: 0,
            rested_since: Instant::now(),
            is_idle: false,
            is_usual: true,
            candidate: None,
            request: Vec::new(),
            room: vec![0; MOST_OF_ONE].into(),
        })
    }

    /// Whether another exchange may be tried on it.
    pub(super) fn usable(&self) -> bool {
        !self.spoiled && self.driver.is_some() && !self.sender.is_closed()
    }

    /// The bytes of the last exchange.
    pub(super) fn take(&mut self, raw: &mut Vec<u8>, sent: &mut Vec<u8>) -> bool {
        let mut tape = self.tape.lock();
        std::mem::swap(&mut tape.received, raw);
        std::mem::swap(&mut tape.sent, sent);
        !tape.cut
    }

    /// Sends a request and reads its response; the first bytes of the body go to `body`.
    pub(super) async fn exchange(
        &mut self,
        ask: AddressedRequest<'_>,
        limits: &Limits,
        (behind, known): (&Behind, &mut KnownResponses),
        keep_sent: bool,
        body: &mut Vec<u8>,
    ) -> Result<(u16, BodyEnd), ExchangeFailure> {
        let is_short = self.exchanges > 0 && self.is_usual && ask.write_known(&mut self.request);
        let outgoing = match is_short {
            true => None,
            false => Some(ask.outgoing().map_err(ExchangeFailure::unsent)?),
        };
        let learns = !is_short && ask.is_sent_often();
        self.spoiled = true;
        body.clear();
        self.tape.lock().clear(keep_sent || learns);
        if self.exchanges > 0 && self.rested_since.elapsed() > REST {
            // Lets the runtime see what came meanwhile, such as the 408 or the end with which servers
            // take leave of idle connections; it must not pass for the answer to this request.
            yield_now().await;
        }
        self.wait(limits.head);
        let to_head = ask.is_head();
        let rests = match is_short || self.candidate.is_some() {
            true => self.comes_to_rest(known).await,
            false => false,
        };
        if is_short && rests {
            let attempted = attempt(
                &self.tape,
                &self.request,
                to_head,
                known,
                &mut self.clock,
                &mut self.room,
                body,
            );
            match attempted.await {
                Shortcut::Known(status) => {
                    self.end(to_head, status, limits, behind).await;
                    self.spoiled = false;
                    return Ok((status, BodyEnd::Complete));
                }
                Shortcut::Late => return Err(self.late(limits)),
                Shortcut::Open => {}
            }
        }
        self.is_idle = false;
        let Outgoing { message, exact, .. } = match outgoing {
            Some(outgoing) => outgoing,
            None => ask.outgoing().map_err(ExchangeFailure::unsent)?,
        };
        let is_exact = exact.is_some();
        if let Some(bytes) = exact {
            self.tape.lock().send_instead(bytes, 0);
        }
        let response = match self.head(message).await {
            Some(Ok(response)) => response,
            Some(Err(error)) => return Err(self.failure(&error, limits)),
            None => return Err(self.late(limits)),
        };
        let status = response.status().as_u16();
        self.is_usual &= response.version() == Version::HTTP_11;
        let end = self.body(response.into_body(), limits, body).await;
        {
            let mut tape = self.tape.lock();
            if learns {
                ask.learn(&tape.sent);
            }
            if !keep_sent {
                tape.sent.clear();
            }
            let is_worth = ask.is_sent_often()
                && self.is_usual
                && end == BodyEnd::Complete
                && (1..=MOST_OF_ONE).contains(&tape.received.len());
            self.candidate =
                is_worth.then(|| Candidate::new(&tape.received, to_head, status, body));
        }
        self.end(to_head, status, limits, behind).await;
        // After 101 the connection no longer speaks HTTP/1 (RFC 9110 §15.2.2).
        // After a request that is none in the grammar, nobody knows where the peer reads on.
        self.spoiled = end != BodyEnd::Complete || status == 101 || is_exact;
        Ok((status, end))
    }

    /// Whether hyper is done with the last exchange and waits for the next. If it is, the response to the last is
    /// one that a connection outlives.
    async fn comes_to_rest(&mut self, known: &mut KnownResponses) -> bool {
        if !self.is_idle {
            poll_fn(|cx| {
                drive(&mut self.driver, cx);
                Poll::Ready(())
            })
            .await;
            self.is_idle = self.driver.is_some() && self.sender.is_ready();
            let candidate = self.candidate.take().filter(|_| self.is_idle);
            if let Some(candidate) = candidate {
                known.add(candidate);
            }
        }
        self.is_idle
    }

    /// What is left to be done behind a response.
    async fn end(&mut self, to_head: bool, status: u16, limits: &Limits, behind: &Behind) {
        // Content may follow whatever the head says of it.
        if to_head && !limits.behind_head.is_zero() {
            let found = self.look_behind(behind.long(status, limits)).await;
            behind.looked(status, found);
            self.is_idle = false;
        }
        self.exchanges += 1;
        self.rested_since = Instant::now();
    }

    /// No response came in time, or none that could be the last.
    fn late(&self, limits: &Limits) -> ExchangeFailure {
        let tape = self.tape.lock();
        let fault = if tape.is_flooded() {
            WireFault::Interim
        } else {
            WireFault::Deadline {
                waited: limits.head,
                received: tape.evidence(),
            }
        };
        ExchangeFailure {
            fault,
            stale: false,
            sent: true,
        }
    }

    /// Waits for bytes behind what was received, so long, and says whether some came; hyper gives the
    /// connection up where they do. For less than a clock can tell, others get their turn.
    async fn look_behind(&mut self, long: Duration) -> bool {
        let before = {
            let mut tape = self.tape.lock();
            tape.hurries = true;
            tape.received.len()
        };
        if long < TICK {
            for _ in 0..TURNS {
                yield_now().await;
                poll_fn(|cx| {
                    drive(&mut self.driver, cx);
                    Poll::Ready(())
                })
                .await;
            }
            return self.tape.lock().received.len() > before;
        }
        self.wait(long);
        poll_fn(|cx| {
            drive(&mut self.driver, cx);
            match self.driver {
                None => Poll::Ready(()),
                Some(_) => self.clock.as_mut().poll(cx),
            }
        })
        .await;
        self.tape.lock().received.len() > before
    }

    /// The response's head, or nothing when the deadline has passed or interim responses flood in.
    async fn head(
        &mut self,
        request: hyper::Request<Content>,
    ) -> Option<Result<Response<Incoming>, hyper::Error>> {
        if self.exchanges > 0 && !self.sender.is_ready() {
            // Lets hyper finish what the last exchange left to do.
            let ready = poll_fn(|cx| {
                drive(&mut self.driver, cx);
                match self.sender.poll_ready(cx) {
                    Poll::Ready(result) => Poll::Ready(Some(result)),
                    Poll::Pending => self.clock.as_mut().poll(cx).map(|()| None),
                }
            });
            match ready.await {
                Some(Ok(())) => {}
                Some(Err(error)) => return Some(Err(error)),
                None => return None,
            }
        }
        let mut response = pin!(self.sender.send_request(request));
        let driver = &mut self.driver;
        let clock = &mut self.clock;
        let tape = &self.tape;
        poll_fn(|cx| {
            // hyper reads before it writes: bytes or an end that came while the connection was idle
            // are noticed before the request is sent.
            drive(driver, cx);
            match response.as_mut().poll(cx) {
                Poll::Ready(result) => Poll::Ready(Some(result)),
                // hyper passes interim responses over for as long as they come.
                Poll::Pending if tape.lock().is_flooded() => Poll::Ready(None),
                Poll::Pending => clock.as_mut().poll(cx).map(|()| None),
            }
        })
        .await
    }

    /// Reads a body to its end, its bound or its deadline.
    async fn body(&mut self, mut from: Incoming, limits: &Limits, to: &mut Vec<u8>) -> BodyEnd {
        let mut waiting = false;
        poll_fn(|cx| {
            let mut driven = false;
            loop {
                match Pin::new(&mut from).poll_frame(cx) {
                    Poll::Ready(None) => return Poll::Ready(BodyEnd::Complete),
                    Poll::Ready(Some(Err(_))) => return Poll::Ready(BodyEnd::Broken),
                    Poll::Ready(Some(Ok(frame))) => {
                        driven = false;
                        let data = frame.data_ref().map(|data| &**data).unwrap_or_default();
                        let room = limits.body_bytes.saturating_sub(to.len());
                        to.extend_from_slice(data.get(..data.len().min(room)).unwrap_or_default());
                        if data.len() > room {
                            return Poll::Ready(BodyEnd::TooLong);
                        }
                    }
                    Poll::Pending if driven => {
                        return self.clock.as_mut().poll(cx).map(|()| BodyEnd::TooSlow);
                    }
                    // A body that came together with its head never gets here.
                    Poll::Pending => {
                        if !waiting {
                            waiting = true;
                            self.wait(limits.body);
                        }
                        drive(&mut self.driver, cx);
                        driven = true;
                    }
                }
            }
        })
        .await
    }

    fn wait(&mut self, duration: Duration) {
        self.clock.as_mut().reset(Instant::now() + duration);
    }

    /// What an error of hyper's before the end of the head means.
    fn failure(&self, error: &hyper::Error, limits: &Limits) -> ExchangeFailure {
        let tape = self.tape.lock();
        let received = tape.evidence();
        let why = innermost(error);
        // What a server says when it takes leave of an idle connection (RFC 9110 §15.5.9) is for nobody, and
        // what begins no response, such as a body behind the answer to a HEAD, can have passed for none.
        let harmless = takes_leave(&received) || !received.starts_with(b"HTTP/");
        let stale = self.exchanges > 0
            && !error.is_user()
            && !error.is_parse()
            && (received.is_empty() || (!tape.wrote && harmless));
        if let Some(alert) = tls::refusal(error) {
            return ExchangeFailure {
                fault: WireFault::Refused { alert },
                stale: false,
                sent: tape.wrote,
            };
        }
        let fault = if error.is_user() {
            WireFault::Unsendable { why }
        } else if !tape.wrote && !received.is_empty() {
            // hyper reads before it writes.
            if self.exchanges > 0 {
                WireFault::Surplus { received }
            } else {
                WireFault::Unasked { received }
            }
        } else if error.is_parse_too_large() {
            let lines = tape.lines() > self.most_fields;
            let most = if lines {
                self.most_fields
            } else {
                limits.head_bytes
            };
            WireFault::Oversized { lines, most }
        } else if error.is_parse() || !(tape.ended || received.is_empty()) {
            WireFault::Malformed { received, why }
        } else {
            WireFault::Closed { received }
        };
        ExchangeFailure {
            fault,
            stale,
            sent: tape.wrote,
        }
    }
}

/// Whether this is a response by which a server takes leave of an idle connection: 408, as RFC 9110
/// §15.5.9 has it.
fn takes_leave(received: &[u8]) -> bool {
    received.starts_with(b"HTTP/1.") && received.get(8..12) == Some(b" 408")
}

/// Lets hyper do what can be done now; a connection that is over is let go.
fn drive(driver: &mut Option<Http1Driver>, cx: &mut Context<'_>) {
    if let Some(running) = driver
        && running.as_mut().poll(cx).is_ready()
    {
        // Errors reach whoever waits for the response.
        *driver = None;
    }
}

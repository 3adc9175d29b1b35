//! Exchanges over a bounded set of kept-alive connections.

#[cfg(test)]
#[cfg(feature = "http3")]
mod http3;
#[cfg(test)]
mod shortcuts;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod tunnels;
#[cfg(test)]
#[cfg(feature = "tls")]
mod ways;

use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use hyper::header::HeaderValue;
use tokio::io::AsyncReadExt;
use tokio::time::{Instant, timeout_at};

use crate::wire::connection::{Behind, Connection, KnownResponses};
use crate::wire::decoded;
use crate::wire::fault::{KEPT, MOST_INTERIM, evidence};
use crate::wire::irregular::{Framing, look_over};
use crate::wire::limits::{MOST_FIELDS, USUAL_FIELDS};
use crate::wire::prepared::{AddressedRequest, PreparedRequest, host};
use crate::wire::stream::Stream;
use crate::wire::{
    BodyEnd, ConnectsAs, Endpoint, FieldLine, Irregularities, Limits, Response, Trust, Way,
    WireFault,
};

/// The most connections that are kept open; the one used longest ago goes first.
const MOST_CONNECTIONS: usize = 64;

/// Plays exchanges one after another, over one connection per address and way.
///
/// Nothing is followed, cached or retried, with one exception: an idle connection that the peer let
/// go of before it can have read the request says nothing about the peer's answer, so the request is
/// sent once more over a fresh connection (RFC 9112 §9.3.1).
#[derive(Debug)]
pub struct Transport {
    limits: Limits,
    trust: Trust,
    keep_sent: bool,
    /// Whether each exchange has a connection of its own.
    anew: bool,
    /// Whether no request is sent a second time that may have reached the peer.
    once: bool,
    /// How often bytes that begin no response were found behind an answer, before the next request.
    left_over: u64,
    /// Whether the last request was sent on a connection that was new, and closed without a byte of an answer.
    closed_on: bool,
    /// Whether a request reached its peer twice since that was asked last.
    sent_twice: bool,
    behind: Arc<Behind>,
    /// Whether a peer sent more than [`USUAL_FIELDS`].
    wide: Arc<AtomicBool>,
    /// The one used last stands last.
    connections: Vec<KeptConnection>,
    known: KnownResponses,
    // Buffers that every exchange uses anew.
    raw: Vec<u8>,
    sent: Vec<u8>,
    body: Vec<u8>,
}

/// A connection and where it goes.
#[derive(Debug)]
struct KeptConnection {
    address: String,
    way: Way,
    /// As whom it was made.
    caller: ConnectsAs,
    /// Whom the last request asked: see [`Endpoint::named`].
    named: String,
    host: HeaderValue,
    connection: Connection,
}

/// A response as it lies in the transport's buffers, until the next exchange.
#[derive(Clone, Copy, Debug)]
pub struct Received<'a> {
    /// The status code of the final response (interim responses are passed over, RFC 9110 §15.2).
    pub status: u16,
    /// Everything received in this exchange: heads and body with its framing, up to the bounds. Of
    /// HTTP/2 and HTTP/3, the decoded head, laid out as in HTTP/1, and the body.
    pub raw: &'a [u8],
    /// Whether `raw` is everything.
    pub whole: bool,
    /// The body without its framing, up to the bound.
    pub body: &'a [u8],
    /// How the body ended.
    pub body_end: BodyEnd,
    /// Whether the request was a `HEAD`, whose response ends with its head (RFC 9112 §6.3).
    pub to_head: bool,
    /// Whether it opens a tunnel, or the switch to another protocol: what follows its head is no content of it.
    pub opens: bool,
    /// The request's bytes as sent, of HTTP/2 and HTTP/3 its head in the same layout; empty unless [`Transport::record`] is on.
    pub sent: &'a [u8],
}

impl Transport {
    /// A transport without connections.
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            trust: Trust::default(),
            keep_sent: false,
            anew: false,
            once: false,
            left_over: 0,
            closed_on: false,
            sent_twice: false,
            behind: Arc::default(),
            wide: Arc::default(),
            connections: Vec::new(),
            known: KnownResponses::default(),
            raw: Vec::new(),
            sent: Vec::new(),
            body: Vec::new(),
        }
    }

    /// What an exchange may cost.
    pub fn limits(&self) -> Limits {
        self.limits
    }

    /// The same, believing these certificates only.
    #[must_use]
    pub fn trusting(mut self, trust: Trust) -> Self {
        self.trust = trust;
        self
    }

    /// The same, with what another has learnt of content behind answers to `HEAD` and of the length of heads,
    /// and learns of it.
    #[must_use]
    pub fn learning_with(mut self, other: &Self) -> Self {
        self.behind = Arc::clone(&other.behind);
        self.wide = Arc::clone(&other.wide);
        self
    }

    /// Whether the bytes of requests are kept from now on; off at first.
    pub fn record(&mut self, on: bool) {
        self.keep_sent = on;
    }

    /// Whether each exchange has a connection of its own from now on, so that nothing which came late
    /// behind another answer can pass for the answer to it; off at first.
    pub fn anew(&mut self, on: bool) {
        self.anew = on;
        self.hang_up();
    }

    /// Whether no request is sent a second time from now on that may have reached the peer, also over a
    /// connection that was idle before: whoever counts requests would count two; off at first.
    pub fn once(&mut self, on: bool) {
        self.once = on;
    }

    /// Lets go of all connections.
    pub fn hang_up(&mut self) {
        self.connections.clear();
    }

    /// How often bytes that begin no response were found behind an answer, such as a body that came late
    /// behind the answer to a `HEAD`. The next request then goes over another connection.
    pub fn left_over(&self) -> u64 {
        self.left_over
    }

    /// Connects by each way of HTTP/1.1, behind a TLS handshake where there is one, and asks nothing for so
    /// long: the fault where bytes come all the same, which are the answer to no request. Of HTTP/2 and HTTP/3 nothing
    /// is said, where a server speaks first (RFC 9113 §3.4, RFC 9114 §6.2.1).
    pub async fn listen(&self, endpoint: &Endpoint, long: Duration) -> Option<WireFault> {
        let mut streams = Vec::new();
        for way in Way::ALL.into_iter().filter(|way| !way.is_framed()) {
            if let Some(address) = endpoint.address(way) {
                let place = (address, endpoint.in_process(way, address));
                let connected = Stream::connect(place, way, &self.limits, &self.trust).await;
                streams.extend(connected);
            }
        }
        // One time for all: what comes by one way while another is listened to waits to be read.
        let until = Instant::now() + long;
        for mut stream in streams {
            let mut received = Vec::with_capacity(KEPT);
            if let Ok(Ok(1..)) = timeout_at(until, stream.read_buf(&mut received)).await {
                return Some(WireFault::Unasked {
                    received: evidence(&received),
                });
            }
        }
        None
    }

    /// Sends a request, by the way that it asks for or else by the endpoint's usual one, and reads the
    /// response to it.
    ///
    /// # Errors
    ///
    /// A [`WireFault`] when there is no complete response head. A body that is late, long or broken
    /// is no fault: the head is still the response, and [`Received::body_end`] says the rest.
    pub async fn exchange(
        &mut self,
        endpoint: &Endpoint,
        request: &PreparedRequest,
    ) -> Result<Received<'_>, WireFault> {
        let way = request.way().unwrap_or_else(|| endpoint.usual());
        if self.anew {
            self.hang_up();
        }
        self.closed_on = false;
        let mut retried = false;
        let (status, body_end) = loop {
            let (limits, keep_sent) = (self.limits, self.keep_sent);
            self.connect(endpoint, way, request.caller()).await?;
            let Some(kept) = self.connections.last_mut() else {
                continue;
            };
            let ask = AddressedRequest {
                request,
                endpoint,
                way,
                named: &kept.named,
                host: &kept.host,
            };
            let learnt = (&*self.behind, &mut self.known);
            let connection = &mut kept.connection;
            let played = connection.exchange(ask, &limits, learnt, keep_sent, &mut self.body);
            match played.await {
                Ok(seen) => break seen,
                // Nothing was sent, and nothing is wrong with the connection unless it says so itself.
                Err(failure) if failure.fault.is_unsent() => {
                    return Err(failure.fault);
                }
                Err(failure) => {
                    let is_closing = failure.sent && !failure.stale && failure.fault.is_closing();
                    if is_closing {
                        self.take_tape();
                    }
                    self.closed_on = is_closing;
                    self.connections.pop();
                    if let WireFault::Surplus { received } = &failure.fault
                        && !received.starts_with(b"HTTP/")
                    {
                        self.left_over += 1;
                    }
                    // What had no room has some on the next connection, and on all from now on.
                    let is_wide = matches!(failure.fault, WireFault::Oversized { lines: true, most } if most < MOST_FIELDS);
                    self.wide.fetch_or(is_wide, Ordering::Relaxed);
                    if retried || !(failure.stale || is_wide) || (self.once && failure.sent) {
                        return Err(failure.fault);
                    }
                    retried = true;
                    self.sent_twice |= is_wide && failure.sent;
                }
            }
        };
        let whole = self.take_tape();
        // Nobody has a use for what was opened: it is ended at once.
        let is_tunnel = request.is_connect() && (200..300).contains(&status);
        let opens = is_tunnel || status == 101;
        if opens {
            self.connections.pop();
        }
        Ok(Received {
            status,
            raw: &self.raw,
            whole,
            body: &self.body,
            body_end,
            to_head: request.request().method == "HEAD",
            opens,
            sent: &self.sent,
        })
    }

    /// Makes the last connection the one to this endpoint by this way, usable.
    async fn connect(
        &mut self,
        endpoint: &Endpoint,
        way: Way,
        caller: &ConnectsAs,
    ) -> Result<(), WireFault> {
        let place = endpoint.address(way).zip(endpoint.named(way));
        let Some((address, named)) = place else {
            return Err(WireFault::Unsendable {
                why: format!("{endpoint} is not reached by {way}"),
            });
        };
        let known = self
            .connections
            .iter()
            .rposition(|kept| kept.way == way && kept.address == address && kept.caller == *caller);
        if let Some(at) = known {
            if at + 1 < self.connections.len() {
                let kept = self.connections.remove(at);
                self.connections.push(kept);
            }
            if let Some(kept) = self.connections.last_mut()
                && kept.connection.usable()
            {
                // A proxy is asked for one origin server after another.
                if kept.named != named {
                    kept.host = host(named)?;
                    named.clone_into(&mut kept.named);
                }
                return Ok(());
            }
            self.connections.pop();
        }
        let most_fields = match self.wide.load(Ordering::Relaxed) {
            true => MOST_FIELDS,
            false => USUAL_FIELDS,
        };
        if self.connections.len() >= MOST_CONNECTIONS {
            self.connections.remove(0);
        }
        // What is within this program has no addresses.
        let in_process = endpoint.in_process(way, address);
        let place = (address, in_process.filter(|_| caller.from.is_none()));
        let trust = match caller.is_anybody() {
            true => Cow::Borrowed(&self.trust),
            false => Cow::Owned(self.trust.calling_as(caller)),
        };
        self.connections.push(KeptConnection {
            address: address.to_owned(),
            way,
            caller: caller.clone(),
            named: named.to_owned(),
            host: host(named)?,
            connection: Connection::open(place, way, &self.limits, &trust, most_fields).await?,
        });
        Ok(())
    }

    /// Whether a request was read by its peer and sent again all the same since this was asked last: what happened there
    /// happened twice.
    pub fn was_sent_twice(&mut self) -> bool {
        std::mem::take(&mut self.sent_twice)
    }

    /// Whether the last request was sent on a new connection, and that was closed without a byte of an answer.
    pub fn was_closed_on(&self) -> bool {
        self.closed_on
    }

    /// The last request's bytes as they were sent; empty unless [`Transport::record`] is on.
    pub fn sent(&self) -> &[u8] {
        &self.sent
    }

    /// Fetches the last exchange's bytes by swapping buffers, so that neither side allocates.
    fn take_tape(&mut self) -> bool {
        match self.connections.last_mut() {
            Some(kept) => kept.connection.take(&mut self.raw, &mut self.sent),
            None => false,
        }
    }
}

impl Received<'_> {
    /// The response as a message, its field names in the case in which they were sent.
    ///
    /// # Errors
    ///
    /// As for [`Received::read`].
    pub fn to_response(&self) -> Result<Response, WireFault> {
        self.read().map(|(response, _)| response)
    }

    /// The response as a message, and what is wrong about its framing.
    ///
    /// # Errors
    ///
    /// [`WireFault::Malformed`] when the final head is not among the recorded bytes.
    /// [`WireFault::Interim`] when more interim responses came before it than are read.
    /// [`WireFault::Surplus`] when another response came with it: which of the two is the answer,
    /// nobody knows.
    pub fn read(&self) -> Result<(Response, Irregularities), WireFault> {
        let malformed = |why: String| WireFault::Malformed {
            received: evidence(self.raw),
            why,
        };
        if let Some((fields, length)) = decoded::read_response(self.raw) {
            let head = self.raw.get(..length).unwrap_or_default().to_vec();
            return Ok((self.response(fields, head), Irregularities::default()));
        }
        let mut rest = self.raw;
        let mut interim = 0;
        loop {
            let mut fields = [httparse::EMPTY_HEADER; MOST_FIELDS];
            let mut head = httparse::Response::new(&mut fields);
            let mut config = httparse::ParserConfig::default();
            config.allow_obsolete_multiline_headers_in_responses(true);
            let length = match config.parse_response(&mut head, rest) {
                Ok(httparse::Status::Complete(length)) => length,
                Ok(httparse::Status::Partial) => {
                    return Err(malformed("no final response within the bound".to_owned()));
                }
                Err(error) => return Err(malformed(error.to_string())),
            };
            let (bytes, behind) = rest.split_at_checked(length).unwrap_or((rest, &[]));
            rest = behind;
            if head.code != Some(self.status) {
                interim += 1;
                if interim > MOST_INTERIM {
                    return Err(WireFault::Interim);
                }
                continue;
            }
            let fields: Vec<FieldLine> = head
                .headers
                .iter()
                .map(|field| FieldLine {
                    name: field.name.to_owned(),
                    value: field.value.to_vec(),
                })
                .collect();
            if self.opens {
                return Ok((
                    self.response(fields, bytes.to_vec()),
                    Irregularities::default(),
                ));
            }
            let (irregular, another) = look_over(Framing {
                status: self.status,
                fields: &fields,
                to_head: self.to_head,
                body_end: self.body_end,
                behind,
                whole: self.whole,
            });
            if let Some(another) = another {
                return Err(WireFault::Surplus {
                    received: evidence(another),
                });
            }
            return Ok((self.response(fields, bytes.to_vec()), irregular));
        }
    }

    fn response(&self, fields: Vec<FieldLine>, head: Vec<u8>) -> Response {
        Response {
            status: self.status,
            fields,
            body: self.body.to_vec(),
            body_end: self.body_end,
            head,
        }
    }
}

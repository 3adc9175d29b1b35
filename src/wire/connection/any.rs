//! A connection by any way.

use super::behind::Behind;
use super::failure::ExchangeFailure;
use super::http1::Http1;
use super::http2::Http2;
use super::http3::Http3;
use super::shortcut::KnownResponses;
use crate::wire::prepared::AddressedRequest;
use crate::wire::stream::Stream;
use crate::wire::{BodyEnd, InProcess, Limits, Trust, Way, WireFault};

/// A kept-alive connection, whatever it speaks.
#[derive(Debug)]
pub(in crate::wire) enum Connection {
    /// HTTP/1.1, in clear text, over TLS or to a proxy.
    Http1(Http1),
    /// HTTP/2, in clear text or over TLS.
    Http2(Box<Http2>),
    /// HTTP/3.
    Http3(Box<Http3>),
}

impl Connection {
    /// Connects to an address, within this program where there is such a place; of HTTP/1.1, so many field lines of a head are read.
    ///
    /// # Errors
    ///
    /// [`WireFault::Connect`] when that fails or takes too long.
    pub(in crate::wire) async fn open(
        (address, in_process): (&str, Option<&InProcess>),
        way: Way,
        limits: &Limits,
        trust: &Trust,
        most_fields: usize,
    ) -> Result<Self, WireFault> {
        if way == Way::H3 {
            let opened = Box::pin(Http3::open(address, limits, trust)).await?;
            return Ok(Self::Http3(Box::new(opened)));
        }
        let stream = Stream::connect((address, in_process), way, limits, trust).await?;
        let opened = if way.is_http2() {
            Http2::open(stream, limits)
                .await
                .map(|opened| Self::Http2(Box::new(opened)))
                .map_err(|error| error.to_string())
        } else {
            let opened = Http1::open(stream, limits, most_fields).await;
            opened.map(Self::Http1).map_err(|error| error.to_string())
        };
        opened.map_err(|why| WireFault::Connect {
            address: address.to_owned(),
            why,
        })
    }

    /// Whether another exchange may be tried on it.
    pub(in crate::wire) fn usable(&self) -> bool {
        match self {
            Self::Http1(connection) => connection.usable(),
            Self::Http2(connection) => connection.usable(),
            Self::Http3(connection) => connection.usable(),
        }
    }

    /// Sends a request and reads its response; the first bytes of the body go to `body`.
    pub(in crate::wire) async fn exchange(
        &mut self,
        ask: AddressedRequest<'_>,
        limits: &Limits,
        (behind, known): (&Behind, &mut KnownResponses),
        keep_sent: bool,
        body: &mut Vec<u8>,
    ) -> Result<(u16, BodyEnd), ExchangeFailure> {
        match self {
            Self::Http1(connection) => {
                connection
                    .exchange(ask, limits, (behind, known), keep_sent, body)
                    .await
            }
            // In a box, because the future of an exchange is otherwise as large as its rarest kind.
            Self::Http2(connection) => {
                let outgoing = ask.outgoing().map_err(ExchangeFailure::unsent)?;
                Box::pin(connection.exchange(outgoing, limits, keep_sent, body)).await
            }
            Self::Http3(connection) => {
                let outgoing = ask.outgoing().map_err(ExchangeFailure::unsent)?;
                Box::pin(connection.exchange(outgoing, limits, keep_sent, body)).await
            }
        }
    }

    /// What passed in the last exchange, received and sent, by swapping buffers, so that neither side
    /// allocates; says whether it is everything.
    pub(in crate::wire) fn take(&mut self, raw: &mut Vec<u8>, sent: &mut Vec<u8>) -> bool {
        match self {
            Self::Http1(connection) => connection.take(raw, sent),
            Self::Http2(connection) => connection.take(raw, sent),
            Self::Http3(connection) => connection.take(raw, sent),
        }
    }
}

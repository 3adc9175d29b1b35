//! What stands for a connection of HTTP/2 where Countersign is built without it: there is none, and whoever asks
//! for one is told.

use std::convert::Infallible;

use super::failure::ExchangeFailure;
use crate::wire::prepared::Outgoing;
use crate::wire::stream::Stream;
use crate::wire::{BodyEnd, Limits};

/// A connection, of which there is none.
#[derive(Debug)]
pub(in crate::wire) struct Http2(Infallible);

impl Http2 {
    /// Speaks no HTTP/2.
    ///
    /// # Errors
    ///
    /// Always.
    #[allow(clippy::unused_async)] // the one that this stands for waits
    pub(super) async fn open(_: Stream, _: &Limits) -> Result<Self, &'static str> {
        Err(
            "this Countersign is built without the feature `http2`, which HTTP/2 needs: add it where Cargo.toml \
             names countersign",
        )
    }

    /// Whether another exchange may be tried on it.
    pub(super) fn usable(&self) -> bool {
        match self.0 {}
    }

    /// What passed in the last exchange.
    pub(super) fn take(&mut self, _: &mut Vec<u8>, _: &mut Vec<u8>) -> bool {
        match self.0 {}
    }

    /// Sends a request and reads its response.
    #[allow(clippy::unused_async)]
    pub(super) async fn exchange(
        &mut self,
        _: Outgoing,
        _: &Limits,
        _: bool,
        _: &mut Vec<u8>,
    ) -> Result<(u16, BodyEnd), ExchangeFailure> {
        match self.0 {}
    }
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use crate::wire::connection::Connection;
    use crate::wire::{Limits, Trust, Way};

    #[tokio::test]
    async fn whoever_asks_for_it_is_told() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let (limits, trust) = (Limits::default(), Trust::default());
        let opened = Connection::open(&address, Way::H2c, &limits, &trust, 100).await;
        let told = opened.unwrap_err().to_string();
        assert!(told.contains("without the feature `http2`"), "{told}");
        assert!(Way::built_in().all(|way| !way.is_http2()));
    }
}

//! What stands for a connection of HTTP/3 where Countersign is built without it: there is none, and whoever asks
//! for one is told.

use std::convert::Infallible;

use super::failure::ExchangeFailure;
use crate::wire::prepared::Outgoing;
use crate::wire::{BodyEnd, Limits, Trust, WireFault};

/// A connection, of which there is none.
#[derive(Debug)]
pub(in crate::wire) struct Http3(Infallible);

impl Http3 {
    /// Speaks no HTTP/3.
    ///
    /// # Errors
    ///
    /// Always.
    #[allow(clippy::unused_async)] // the one that this stands for waits
    pub(super) async fn open(address: &str, _: &Limits, _: &Trust) -> Result<Self, WireFault> {
        Err(WireFault::Connect {
            address: address.to_owned(),
            why: "this Countersign is built without the feature `http3`, which HTTP/3 needs: add it where Cargo.toml \
                  names countersign"
                .to_owned(),
        })
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
    use crate::wire::connection::Connection;
    use crate::wire::{Limits, Trust, Way};

    #[tokio::test]
    async fn whoever_asks_for_it_is_told() {
        let (limits, trust) = (Limits::default(), Trust::default());
        let place = ("127.0.0.1:1", None);
        let opened = Connection::open(place, Way::H3, &limits, &trust, 100).await;
        let told = opened.unwrap_err().to_string();
        assert!(told.contains("without the feature `http3`"), "{told}");
        assert!(Way::built_in().all(|way| way != Way::H3));
    }
}

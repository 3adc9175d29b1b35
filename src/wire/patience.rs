//! Waiting for somebody who is gone.

use std::time::Duration;

use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};

use super::endpoint::Endpoint;

/// How long nothing is done between two looks.
const PAUSE: Duration = Duration::from_millis(20);

/// Waits until somebody takes connections at an endpoint's usual address, but no longer than `long`; says
/// whether anybody does.
pub async fn comes_back(endpoint: &Endpoint, long: Duration) -> bool {
    let Some(address) = endpoint.address(endpoint.usual()) else {
        return false;
    };
    let back = async {
        while TcpStream::connect(address).await.is_err() {
            sleep(PAUSE).await;
        }
    };
    timeout(long, back).await.is_ok()
}

//! A client that gets no answer, and whose doing that is.

use crate::client::{Play, Player};
use crate::credentials::CredentialState;
use crate::vocabulary::ClientCase;
use crate::wire::{Endpoint, WireFault};

/// Plays a client a second time that got no response, and says how many requests others took beside it.
///
/// A fault may be the network's or the machine's. But where the connection was closed without a byte, and is closed
/// again when the request is the first on a new one, while others are answered, that is what the server does with this
/// request: an exchange without an answer.
pub(super) async fn once_more(
    player: &mut Player,
    endpoint: &Endpoint,
    client: &ClientCase,
    first: &WireFault,
) -> (Result<Play, WireFault>, u64) {
    let was_closed = first.is_closing();
    if was_closed {
        player.hang_up();
        player.heed_closing(true);
    }
    let second = player.play(endpoint, client).await;
    player.heed_closing(false);
    match second {
        Ok(play) if play.is_unanswered() => match answers_somebody(player, endpoint).await {
            true => (Ok(play), 1),
            false => (Err(first.clone()), 2),
        },
        second => (second, 0),
    }
}

/// Whether one of the simplest clients gets any response. A row of cases that all go without one may
/// have something in common that this implementation chokes on; that does not mean that it is gone.
pub(super) async fn answers_somebody(player: &mut Player, endpoint: &Endpoint) -> bool {
    for credential in [CredentialState::None, CredentialState::Valid] {
        let client = ClientCase {
            credential,
            ..ClientCase::default()
        };
        if player.play(endpoint, &client).await.is_ok() {
            return true;
        }
    }
    false
}

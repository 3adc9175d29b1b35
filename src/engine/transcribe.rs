//! What passed in a play, for transcripts.

use crate::client::Play;
use crate::results::TranscriptEntry;

/// The exchanges of a play as bytes.
pub(super) fn transcribe(play: &Play) -> Vec<TranscriptEntry> {
    let nothing = Vec::new();
    play.exchanges
        .iter()
        .enumerate()
        .map(|(index, exchange)| TranscriptEntry {
            sent: play.sent.get(index).unwrap_or(&nothing).clone(),
            head: exchange.answer.response.head.clone(),
            body: exchange.answer.response.body.clone(),
        })
        .collect()
}

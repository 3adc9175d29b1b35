//! What comes of playing a case by itself.

use std::sync::Arc;

use crate::observation::Answer;
use crate::results::TranscriptEntry;

use super::table::Seen;

/// A conversation that was played by itself.
pub(crate) struct PlayedAlone {
    /// What rules may look at.
    pub(crate) seen: Seen,
    /// What went over the wire.
    pub(crate) transcript: Vec<TranscriptEntry>,
    /// Every answer, the last one too.
    pub(crate) answers: Vec<Arc<Answer>>,
}

/// Why a case that was to be played by itself gave nothing to see.
#[derive(Clone, Debug)]
pub(crate) enum NotPlayed {
    /// The implementation cannot express it, for this reason.
    Unsupported(String),
    /// An exchange gave no response.
    Fault(String),
}

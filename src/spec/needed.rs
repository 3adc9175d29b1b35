//! What a sample needs so that rules are met which chance would seldom meet.

use crate::domain::{Conversation, Setting};

/// Settings and conversations in which rules are met.
#[derive(Clone, Debug, Default)]
pub struct Needed {
    /// The settings, simplest first where they were listed.
    pub settings: Vec<Setting>,
    /// The conversations, simplest first.
    pub conversations: Vec<Conversation>,
}

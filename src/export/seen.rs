//! What was seen where a failure was found.

/// What was seen of one exchange, as a saved case keeps it: `sent` and `received` as lines, credentials masked.
#[derive(Clone, Copy, Debug)]
pub struct SeenExchange<'a> {
    /// The request.
    pub sent: &'a str,
    /// The answer.
    pub received: &'a str,
}

//! What was seen of real programs where challenges stand so, beside what is predicted: in words, and in JSON.

use std::fmt::{self, Write};

use serde_json::{Value, json};

use super::labelled::labelled;
use crate::user_agents::reach::Reach;

/// The most gateways and frameworks that are named as seen.
const MOST_SEEN: usize = 4;

/// What was seen of real programs by such challenges, in words.
pub(super) fn witnessed(out: &mut impl Write, reach: &Reach<'_>) -> fmt::Result {
    let Some(seen) = &reach.witnesses else {
        return Ok(());
    };
    let named: Vec<&str> = seen
        .implementations
        .iter()
        .copied()
        .take(MOST_SEEN)
        .collect();
    let more = match seen.implementations.len() - named.len() {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let who = |names: &[&str], what: &str| match names {
        [] => String::new(),
        names => format!("; {what}: {}", names.join(", ")),
    };
    let text = format!(
        "Real programs were seen where schemes are named so and Basic is accepted, at {}{more}{}{}. \
         See docs/clients-matrix.md.",
        named.join(", "),
        who(&seen.inside, "in"),
        who(&seen.outside, "out"),
    );
    labelled(out, "seen", &text)
}

/// The same for programs.
pub(super) fn witnessed_json(reach: &Reach<'_>) -> Value {
    let seen = reach.witnesses.as_ref().map(|seen| {
        json!({
            "implementations": seen.implementations,
            "in": seen.inside,
            "out": seen.outside,
        })
    });
    seen.unwrap_or_default()
}

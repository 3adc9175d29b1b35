//! Reports: subscribers of a run's events, and the text that a person reads.
//!
//! None of them computes anything: what they say is in the events and reports that they are given.

mod by_hand;
mod claims;
mod compare;
mod json;
mod reach;
mod terminal;
mod text;

pub use claims::{left_out_json, left_out_text};
pub use compare::{comparison_json, comparison_markdown, comparison_text};
pub use json::JsonLines;
pub use reach::{Hint, ReachReport, Supposed};
pub use terminal::Terminal;
pub use text::{Headline, cause_text, pack_text, summary_text};

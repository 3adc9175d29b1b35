//! Reports: subscribers of a run's events, and the text that a person reads.
//!
//! None of them computes anything: what they say is in the events and reports that they are given.

mod by_hand;
mod cause;
mod claims;
mod command;
mod compare;
mod escape;
mod exchange;
mod json;
mod known;
mod matrix;
mod packs;
mod page;
mod progress;
mod reach;
mod summary;
mod terminal;
mod unsteady;

pub use cause::{Headline, cause_text};
pub use command::Called;
pub use compare::{comparison_json, comparison_markdown, comparison_text};
pub use escape::visible;
pub use json::{JsonLines, RUN_SCHEMA};
pub use known::{known_lines, known_text, stale_text};
pub use matrix::{matrix_json, matrix_page, matrix_text};
pub use page::Paper;
pub use progress::Progress;
pub use reach::{Hint, ReachReport, Supposed, counted};
pub use summary::no_verdict;
pub use terminal::Terminal;

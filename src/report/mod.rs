//! Reports: subscribers of a run's events, and the text that a person reads.
//!
//! None of them computes anything: what they say is in the events and reports that they are given.

#[cfg(feature = "cli")]
mod advise;
mod by_hand;
mod cause;
#[cfg_attr(
    not(feature = "cli"),
    allow(dead_code, reason = "the rest of it is for a terminal")
)]
mod claims;
mod command;
mod compare;
mod escape;
mod exchange;
#[cfg(feature = "cli")]
mod format;
#[cfg(feature = "cli")]
mod gates;
#[cfg(feature = "cli")]
mod github;
#[cfg(feature = "cli")]
mod html;
mod json;
#[cfg(feature = "cli")]
mod junit;
mod known;
mod labelled;
#[cfg(feature = "cli")]
mod markdown;
mod matrix;
#[cfg_attr(
    not(feature = "cli"),
    allow(dead_code, reason = "the rest of it is for a terminal")
)]
mod packs;
mod page;
#[cfg(feature = "cli")]
mod place;
#[cfg(feature = "cli")]
mod progress;
mod reach;
#[cfg(feature = "cli")]
mod rules;
#[cfg(test)]
#[cfg(feature = "cli")]
mod sample;
#[cfg(feature = "cli")]
mod sarif;
#[cfg(feature = "cli")]
mod source;
#[cfg_attr(
    not(feature = "cli"),
    allow(dead_code, reason = "the rest of it is for a terminal")
)]
mod summary;
#[cfg(feature = "cli")]
mod terminal;
mod unsteady;
mod witness;

#[cfg(feature = "cli")]
pub use advise::{advice_json, advice_text};
pub use by_hand::not_by_hand;
pub use cause::{Headline, cause_text};
pub use command::Called;
pub use compare::{comparison_json, comparison_markdown, comparison_text};
pub use escape::visible;
#[cfg(feature = "cli")]
pub use format::{ReportFormat, Telling};
#[cfg(feature = "cli")]
pub use gates::{gates_json, gates_text};
#[cfg(feature = "cli")]
pub use html::{
    ClientFate, ClientsRow, advice_html, clients_html, comparison_html, gates_html, reach_html,
};
pub use json::{JsonLines, RUN_SCHEMA};
pub use known::{known_lines, known_text, stale_text};
pub use matrix::{matrix_json, matrix_page, matrix_text};
pub use page::Paper;
#[cfg(feature = "cli")]
pub use progress::Progress;
pub use reach::{Hint, ReachReport, Supposed, counted};
pub use summary::no_verdict;
#[cfg(feature = "cli")]
pub use terminal::Terminal;

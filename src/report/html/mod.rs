//! A page of HTML that opens from disk: one file, which fetches nothing. `docs/reports.md` explains it.
//!
//! Everything in it is read without its script, which filters, copies, and opens what is linked to. What is foreign
//! is escaped where it is written (`shell.rs`), and no template says that anything of it is safe.

mod advise;
mod clients;
mod comparison;
mod difference;
mod finding;
mod reach;
mod run;
mod shell;

#[cfg(test)]
mod tests;

pub use advise::{advice_html, gates_html};
pub use clients::{ClientFate, ClientsRow, clients_html};
pub use comparison::comparison_html;
pub use reach::reach_html;
pub(super) use run::write;

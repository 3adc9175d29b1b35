//! Cases for other programs: a case as curl commands, and the words of a shell.

mod curl;
mod shell;

pub use curl::{NOT_BY_CURL, by_curl};
pub use shell::{path_quoted, shell_quoted};

//! Cases for other programs: a case's client as a curl command, and the words of a shell.

mod curl;
mod shell;

pub use curl::curl;
pub use shell::{path_quoted, shell_quoted};

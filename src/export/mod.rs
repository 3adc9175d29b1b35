//! Cases for other programs: a case as curl commands, as scripts of requests in several formats, and the words of a
//! shell. `docs/export.md` explains the formats.

mod code;
mod curl;
mod documents;
mod format;
mod plain;
mod script;
mod shell;

pub use curl::{NOT_BY_CURL, by_curl, shows_what_is_advertised};
pub use format::ExportFormat;
pub use script::{Ask, ExportedScript, NotExportable, SeenExchange};
pub use shell::{path_quoted, shell_quoted};

//! Cases for other programs: a case as curl commands, as scripts of requests in several formats, and the words of a
//! shell. `docs/export.md` explains the formats.

mod answer;
mod code;
mod compared;
mod curl;
mod documents;
mod format;
mod http;
mod javascript;
mod not_exportable;
mod plain;
mod program;
mod proof;
mod python;
mod rust_test;
mod script;
mod seen;
mod shell;
mod stand_ins;
mod worded;

pub use answer::ChallengeAnswer;
pub use compared::WhereItShows;
pub use curl::{CurlAsks, NOT_BY_CURL, by_curl, shows_what_is_advertised};
pub use format::ExportFormat;
pub use not_exportable::NotExportable;
pub use program::by_program;
pub use script::{Ask, ExportedScript};
pub use seen::SeenExchange;
pub use shell::{path_quoted, shell_quoted};
pub use stand_ins::{StandIns, TextPart, VARIABLES, in_quotes, shell_made};

//! The formats in which a script is written.

use super::not_exportable::NotExportable;
use super::script::ExportedScript;
use super::{documents, http, javascript, plain, python, rust_test};

/// A format for another program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExportFormat {
    /// A shell script with curl.
    Curl,
    /// A file for Hurl.
    Hurl,
    /// A file for the HTTP clients of editors.
    Http,
    /// An archive of HTTP exchanges, HAR 1.2.
    Har,
    /// A collection for Postman, v2.1.0.
    Postman,
    /// A program in Python, with its standard library.
    Python,
    /// A script for k6.
    K6,
    /// A test in Rust, with its standard library.
    RustTest,
}

impl ExportFormat {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Curl,
        Self::Hurl,
        Self::Http,
        Self::Har,
        Self::Postman,
        Self::Python,
        Self::K6,
        Self::RustTest,
    ];

    /// The word for it on a command line.
    pub fn word(self) -> &'static str {
        match self {
            Self::Curl => "curl",
            Self::Hurl => "hurl",
            Self::Http => "http",
            Self::Har => "har",
            Self::Postman => "postman",
            Self::Python => "python",
            Self::K6 => "k6",
            Self::RustTest => "rust-test",
        }
    }

    /// What it is.
    pub fn purpose(self) -> &'static str {
        match self {
            Self::Curl => "A shell script with curl",
            Self::Hurl => "A file for Hurl",
            Self::Http => "A file for the HTTP clients of editors (JetBrains, httpYac)",
            Self::Har => "An archive of HTTP exchanges, HAR 1.2",
            Self::Postman => "A collection for Postman and newman, v2.1.0",
            Self::Python => "A program in Python, with its standard library alone",
            Self::K6 => "A script for k6",
            Self::RustTest => "A test in Rust, with its standard library alone",
        }
    }

    /// How its files' names end.
    pub fn ending(self) -> &'static str {
        match self {
            Self::Curl => "sh",
            Self::Hurl => "hurl",
            Self::Http => "http",
            Self::Har => "har",
            Self::Postman => "postman_collection.json",
            Self::Python => "py",
            Self::K6 => "js",
            Self::RustTest => "rs",
        }
    }

    /// The format that a word names.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.word() == word)
    }

    /// A script in this format.
    ///
    /// # Errors
    ///
    /// Says what of it the format cannot carry.
    pub fn write(self, script: &ExportedScript) -> Result<String, NotExportable> {
        match self {
            Self::Curl => plain::curl(script),
            Self::Hurl => plain::hurl(script),
            Self::Http => http::http(script),
            Self::Har => documents::har(script),
            Self::Postman => documents::postman(script),
            Self::Python => Ok(python::python(script)),
            Self::K6 => javascript::k6(script),
            Self::RustTest => rust_test::rust(script),
        }
    }
}

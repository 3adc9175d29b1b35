//! How the program of a client is run.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Where a program is installed from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Registry {
    /// Debian's packages.
    Debian,
    /// Python's packages.
    Pypi,
    /// Packages for Node.js.
    Npm,
    /// Rust's packages.
    Crates,
}

impl Registry {
    /// Every registry.
    pub const ALL: [Self; 4] = [Self::Debian, Self::Pypi, Self::Npm, Self::Crates];

    /// Its word in the catalogue.
    pub fn word(self) -> &'static str {
        match self {
            Self::Debian => "debian",
            Self::Pypi => "pypi",
            Self::Npm => "npm",
            Self::Crates => "crates",
        }
    }

    /// The command that installs a package from it.
    pub fn command(self) -> &'static str {
        match self {
            Self::Debian => "apt-get install",
            Self::Pypi => "pip install",
            Self::Npm => "npm install",
            Self::Crates => "cargo install",
        }
    }
}

/// What the codes say with which a program ends.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExitCodes {
    /// That it got in.
    pub inside: Vec<i32>,
    /// That it was refused.
    pub refused: Vec<i32>,
}

/// How the program of a client is run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Runs {
    /// The program and its arguments, with places in braces, such as `{url}`.
    pub command: Vec<String>,
    /// Its environment, with places.
    pub environment: Vec<(String, String)>,
    /// Files that are written for it, by name, with places. `{file:NAME}` is the path of one.
    pub files: Vec<(String, String)>,
    /// A script that ships and is written for it as it is. `{file:NAME}` is its path.
    pub driver: Option<String>,
    /// The command that compiles the script into the folder `{compiled}`, where it is not run as it is.
    pub compile: Vec<String>,
    /// What the codes say with which it ends, where they say anything.
    pub exit: ExitCodes,
    /// The command that says its version; `PROGRAM --version` where nothing is said.
    pub version: Vec<String>,
    /// The packages that it is installed by.
    pub installed: Vec<(Registry, String)>,
}

/// A program that played a client, with all that it takes to run it by hand.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct PlayedBy {
    /// Its name in the catalogue.
    pub name: String,
    /// Its version as it says itself; nothing where it says none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// The program and its arguments, with places.
    pub command: Vec<String>,
    /// Its environment, with places.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub environment: Vec<(String, String)>,
    /// Files that it needs, by name, with places.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<(String, String)>,
    /// The script of `clients/drivers` that it is, if it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub driver: Option<String>,
    /// The command that compiles it, with places.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub compile: Vec<String>,
}

/// Its name with its version, where that is known.
impl fmt::Display for PlayedBy {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.name)?;
        match &self.version {
            Some(version) => write!(out, " ({version})"),
            None => Ok(()),
        }
    }
}

//! What an adapter says, read and checked.

use std::collections::BTreeMap;
use std::time::Duration;

use super::folder::Folder;
use super::journal::EventLine;
use crate::credentials::TokenKind;
use crate::implementation::{Signal, Supports};
use crate::wire::Way;

/// The name of the file that makes a folder an adapter.
pub const ADAPTER_FILE: &str = "adapter.yaml";

/// An adapter, read and checked.
#[derive(Clone, Debug)]
pub struct Adapter {
    /// Its name in `--against` and in reports.
    pub name: String,
    /// One line on what it is.
    pub title: String,
    /// The files of its folder.
    pub folder: Folder,
    /// The program that runs; without one it is the interpreter of what gets installed.
    pub program: Option<Program>,
    /// Other programs that its templates name: each with what to search for, as [`Program::find`].
    pub programs: BTreeMap<String, Vec<String>>,
    /// Environment variables of every command: names, and values as templates.
    pub environment: Vec<(String, String)>,
    /// How what it needs gets installed.
    pub install: Install,
    /// How it is worked.
    pub kind: AdapterKind,
}

impl Adapter {
    /// What a command takes for it: its name where it ships, otherwise its folder.
    pub fn called(&self) -> String {
        match &self.folder {
            Folder::Shipped { name, .. } => (*name).to_owned(),
            Folder::Disk(path) => path.display().to_string(),
        }
    }
}

/// A program and its version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    /// Names to search for in what was installed and in `PATH`, paths relative to the Python
    /// packages, or absolute paths; the first that exists is taken.
    pub find: Vec<String>,
    /// How it says its version; `None` where a pinned package is the version.
    pub version: Option<VersionCommand>,
}

/// How a program says its version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VersionCommand {
    /// The arguments that make it print its version.
    pub run: Vec<String>,
    /// The text before the version in what it prints.
    pub after: String,
}

/// How what an adapter needs gets installed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Install {
    /// Debian packages.
    pub debian: Vec<String>,
    /// Python packages, in a virtual environment of the adapter's own.
    pub python: Option<Python>,
    /// Packages of npm, in a directory of the adapter's own.
    pub npm: Option<Npm>,
}

/// Python packages with pinned versions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Python {
    /// The text of the requirements file.
    pub requirements: String,
    /// The pinned version of the package that the adapter is about.
    pub version: String,
}

/// Packages of npm with locked versions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Npm {
    /// The text of `package.json`.
    pub package: String,
    /// The text of `package-lock.json`.
    pub lock: String,
    /// The locked version of the package that the adapter is about.
    pub version: String,
}

/// How an adapter is worked.
#[derive(Clone, Debug)]
pub enum AdapterKind {
    /// Configuration files out of templates, and a program that reads them.
    Process(Box<Recipe>),
    /// A program that speaks the control protocol.
    Remote(Origin),
}

/// Where a program that speaks the control protocol comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// It is started: a command as templates, and how long it may take to end.
    Started {
        /// Program and arguments, each a template.
        command: Vec<String>,
        /// From the end of its standard input to its own.
        stop: Duration,
    },
    /// It runs already, at this control URL.
    Running(String),
}

/// How policies become configuration, and how a program takes it up.
#[derive(Clone, Debug)]
pub struct Recipe {
    /// Configuration files: path in the working directory, and the template's text.
    pub files: Vec<(String, String)>,
    /// Directories of the working directory that the program may write to, whoever it runs as.
    pub directories: Vec<String>,
    /// Names of loopback ports beside the one of the configuration; they change when the program
    /// starts anew.
    pub ports: Vec<String>,
    /// Ways beside HTTP/1.1 by which slots are reached: each with one of those ports, or with nothing
    /// for the port on which HTTP/1.1 is spoken.
    pub ways: Vec<(Way, Option<String>)>,
    /// Program and arguments, each a template.
    pub start: Vec<String>,
    /// How it takes up a new configuration; without a way it is ended and started anew.
    pub reload: Option<Reload>,
    /// How it takes up an edit of what is in force, where that is not how it takes up a new configuration: in the
    /// program that runs, so that what it forgets to forget shows.
    pub edit: Option<Reload>,
    /// The signal that ends it in order.
    pub stop: Signal,
    /// How long it may take to end before it is killed.
    pub stop_within: Duration,
    /// The path that answers with the token of the configuration in force.
    pub probe: String,
    /// How long a configuration may take to be in force.
    pub ready_within: Duration,
    /// What its log says, and where.
    pub log: Log,
    /// The realm of the sidecar, if it needs one.
    pub sidecar: Option<String>,
    /// How many policies it holds at once.
    pub slots: usize,
    /// The path below which a slot is reached, as a template.
    pub prefix: String,
    /// What is asked for below it, as a template, where that is another path than `/resource`.
    pub resource: Option<String>,
    /// Whether each slot has a loopback port of its own.
    pub own_ports: bool,
    /// What it can express.
    pub supports: Supports,
    /// The paths of policy and instance that its templates know in full, beside those of `supports`.
    pub knows: Vec<String>,
    /// Names of specs of its own, which are passed over where no spec at hand has them.
    pub own: Vec<String>,
    /// The packs that bind whoever claims them, and that it claims.
    pub claims: Vec<String>,
    /// What it takes for a token.
    pub tokens: TokenKind,
    /// Which choice it takes of a spec's alternatives.
    pub alternatives: BTreeMap<String, String>,
    /// Policies that it cannot express: a condition as an expression over a slot, and the reason.
    pub unsupported: Vec<(String, String)>,
}

impl Recipe {
    /// How it takes up an edit of what is in force: in the program that runs, or else not at all.
    pub(super) fn edits_by(&self) -> Option<&Reload> {
        let by = self.edit.as_ref().or(self.reload.as_ref());
        // A second program has nothing of the first that could be stale.
        by.filter(|by| **by != Reload::Beside)
    }

    /// Whether a template or a condition of it has this text.
    pub(super) fn speaks_of(&self, text: &str) -> bool {
        let files = self.files.iter().map(|(_, template)| template);
        let conditions = self.unsupported.iter().map(|(when, _)| when);
        files
            .chain(conditions)
            .any(|written| written.contains(text))
    }
}

/// How a program takes up a new configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reload {
    /// A signal to the program.
    Signal(Signal),
    /// A command, each part a template.
    Command(Vec<String>),
    /// A second program beside the first, which is then ended: for programs that start faster than
    /// they reload, and hold nothing but the port of their configuration.
    Beside,
}

/// What a program's log says, and where.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Log {
    /// A file in the working directory, beside what it says on its standard output and error.
    pub file: Option<String>,
    /// Texts that mean that the port was somebody else's.
    pub port_taken: Vec<String>,
    /// Texts that mean that the configuration was refused.
    pub failed: Vec<String>,
    /// What of it are audit events.
    pub events: Option<EventLog>,
}

/// A log with audit events in it, one line a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventLog {
    /// Its file in the working directory, as a template; another with each configuration.
    pub file: String,
    /// Whether the file takes what the program says on its standard output.
    pub from_output: bool,
    /// How it shows which requests are under way, where it does.
    pub underway: Option<Underway>,
    /// Which lines are events; the first that fits decides.
    pub lines: Vec<EventLine>,
}

/// How a log shows which requests are under way: a line when one begins, before it is answered, and
/// one when its own line has been written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Underway {
    /// What the line of a beginning begins with.
    pub begun: String,
    /// What the line of an end begins with.
    pub ended: String,
}

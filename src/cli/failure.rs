//! What ends a command without an answer, and the exit code it ends with.

use std::fmt::Display;
use std::io::Write;
use std::process::ExitCode;

use countersign::observation::SetupFault;
use countersign::report::visible;

use super::program::as_called;
use super::workflow::harmless;

/// The command line or a file is wrong.
const WRONG_INPUT: u8 = 2;

/// The implementation or the environment could not be run.
pub(super) const COULD_NOT_RUN: u8 = 3;

/// Why a command ends without an answer.
#[derive(Debug)]
pub(super) struct CommandFailure {
    code: u8,
    text: String,
}

impl CommandFailure {
    /// The command line or a file is wrong: the text says what to write instead.
    pub(super) fn input(text: impl Display) -> Self {
        Self {
            code: WRONG_INPUT,
            text: text.to_string(),
        }
    }

    /// The environment is at fault.
    pub(super) fn environment(text: impl Display) -> Self {
        Self {
            code: COULD_NOT_RUN,
            text: text.to_string(),
        }
    }

    /// Several in one, each told as it would be alone.
    pub(super) fn all(failures: &[Self]) -> Option<Self> {
        let code = failures.first()?.code;
        let texts: Vec<String> = failures.iter().map(Self::told).collect();
        let text = texts.join("\n\n");
        Some(Self { code, text })
    }

    /// Whether the environment is at fault.
    pub(super) fn is_of_environment(&self) -> bool {
        self.code == COULD_NOT_RUN
    }

    /// The same with another text.
    pub(super) fn map(self, text: impl FnOnce(&str) -> String) -> Self {
        Self {
            code: self.code,
            text: text(&self.text),
        }
    }

    /// Tells the reader, and gives the exit code.
    pub(super) fn report(&self) -> ExitCode {
        say(&self.told());
        ExitCode::from(self.code)
    }

    fn told(&self) -> String {
        let text = self.text.trim_end();
        // Diagnostics begin with their own "error:".
        match text.starts_with("error") {
            true => text.to_owned(),
            false => format!("error: {text}"),
        }
    }

    /// What is to be told.
    pub(super) fn text(&self) -> &str {
        self.text.trim_end()
    }

    /// The exit code.
    pub(super) fn code(&self) -> u8 {
        self.code
    }
}

/// Says something on standard error: commands in backticks as they are called here, and nothing in it
/// that a terminal takes for an order.
pub(super) fn say(text: &str) {
    // Where nobody listens any more, as on a terminal that was closed, nothing is lost by that.
    let text = harmless(&visible(&as_called(text))).into_owned();
    let _ = writeln!(anstream::stderr(), "{text}");
}

/// Tells of what deserves a look, and stops nothing.
pub(super) fn warn(text: &str) {
    say(text.trim_end());
}

impl From<SetupFault> for CommandFailure {
    fn from(fault: SetupFault) -> Self {
        Self::environment(fault)
    }
}

impl From<std::io::Error> for CommandFailure {
    fn from(error: std::io::Error) -> Self {
        Self::environment(format!("could not write the report: {error}"))
    }
}

/// The exit code of a run whose cases were not all judged.
pub(super) fn incomplete() -> ExitCode {
    ExitCode::from(COULD_NOT_RUN)
}

/// A report that nobody reads any more, as behind `| head -1`, does not change the answer, which is
/// the exit code.
pub(super) fn written(result: std::io::Result<()>) -> Result<(), CommandFailure> {
    match result {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        result => Ok(result?),
    }
}

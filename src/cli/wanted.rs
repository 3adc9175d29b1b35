//! A report as `--report` names it: a format, and where it goes.

use countersign::report::ReportFormat;

use super::input::STANDARD;

/// A report that is asked for, and where it goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct WantedReport {
    pub(super) format: ReportFormat,
    pub(super) file: String,
}

impl WantedReport {
    /// Whether it goes to standard output.
    pub(super) fn is_to_standard_output(&self) -> bool {
        self.file == STANDARD
    }

    /// Whether it leaves room for nothing else where it goes; annotations are lines of a log.
    pub(super) fn takes_standard_output(&self) -> bool {
        self.is_to_standard_output() && self.format != ReportFormat::Github
    }
}

/// A report as `--report` names it.
pub(super) fn wanted(text: &str) -> Result<WantedReport, String> {
    let words = ReportFormat::ALL.map(ReportFormat::word).join(", ");
    let (word, file) = text
        .split_once('=')
        .filter(|(_, file)| !file.is_empty())
        .ok_or_else(|| format!("write FORMAT=FILE, where the format is one of {words}"))?;
    let format = ReportFormat::from_word(word)
        .ok_or_else(|| format!("there is no format `{word}`; there are {words}"))?;
    let file = file.to_owned();
    Ok(WantedReport { format, file })
}

/// The help of `--report`.
pub(super) fn reports_help() -> String {
    let words = ReportFormat::ALL.map(ReportFormat::word).join(", ");
    format!(
        "Write a report to a file when the run is over: {words}; may be given several times. `-` is standard output, \
         which then has no other"
    )
}

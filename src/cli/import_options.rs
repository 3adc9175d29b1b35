//! The command line of `countersign import` and `countersign advise`.

use clap::{Args, Subcommand, ValueEnum};

#[derive(Debug, Subcommand)]
pub(super) enum ImportCommand {
    /// REST API access policies of a ServiceNow instance: XML of lists, forms and update sets, or JSON of the
    /// Table API.
    Servicenow {
        /// Files of exported records, in any order, or `-` for standard input.
        #[arg(required = true, value_name = "FILE")]
        files: Vec<String>,
    },
}

#[derive(Debug, Args)]
pub(super) struct AdviseOptions {
    /// Files of exported records, as for `import`, or one file that `import` printed; `-` is standard input.
    #[arg(required = true, value_name = "FILE")]
    pub(super) files: Vec<String>,
    /// End with exit code 1 where clients are shut out by some reading; without it the exit code is 0.
    #[arg(long, value_enum, value_name = "WHAT")]
    pub(super) fail_on: Option<AdviceFailOn>,
    /// How to report.
    #[arg(long, value_enum, default_value_t = AdviceFormat::Text)]
    pub(super) format: AdviceFormat,
}

/// How `countersign advise` reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum AdviceFormat {
    /// For people.
    Text,
    /// One JSON object, for programs.
    Json,
    /// A page of HTML that opens from disk.
    Html,
}

/// What makes `countersign advise` fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum AdviceFailOn {
    /// Clients that wait for a challenge of an accepted scheme, and see none by some reading.
    ShutOut,
}

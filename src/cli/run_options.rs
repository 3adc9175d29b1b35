//! The options of `countersign run`.

use std::time::Duration;

use clap::builder::NonEmptyStringValueParser;
use clap::{Args, ValueEnum};
use countersign::results::PlanPart;
use countersign::spec::Level;

use super::option_values::{from_one, from_zero, seconds, shard, target};
use super::wanted::{WantedReport, reports_help, wanted};

/// How many cases are judged, and what random ones are drawn from, where nothing is said.
pub(super) const USUAL_CASES: u64 = 100_000;
pub(super) const USUAL_SEED: u64 = 7;

/// Which cases a plan has.
#[derive(Clone, Debug, Args)]
pub(super) struct PlanOptions {
    /// Give a field only these values: `policy.advertise_all=true`, `client.scheme=basic,bearer`,
    /// `policy.profiles=0..2` (a list's number of items); may be given several times.
    #[arg(long = "set", value_name = "PATH=VALUE")]
    pub(super) set: Vec<String>,
    /// Enumerate spaces of up to so many cases whole; judge so many of a larger one.
    #[arg(long, value_name = "N", default_value_t = USUAL_CASES, allow_negative_numbers = true, value_parser = from_one)]
    pub(super) cases: u64,
    /// What random cases are drawn from.
    #[arg(long, value_name = "N", default_value_t = USUAL_SEED, allow_negative_numbers = true, value_parser = from_zero)]
    pub(super) seed: u64,
}

#[derive(Clone, Debug, Args)]
pub(super) struct RunOptions {
    /// The implementation: `reference`, a shipped adapter's name, a path to an adapter's folder, or
    /// the control URL of a running program.
    #[arg(long, value_name = "NAME", default_value = "reference", value_parser = target)]
    pub(super) against: String,
    /// A shipped pack by name, or a file; may be given several times [default: every shipped pack]
    #[arg(long = "spec", value_name = "SPEC")]
    pub(super) specs: Vec<String>,
    /// Judge by this pack, which binds those who claim it, although the implementation does not claim it; may be given
    /// several times.
    #[arg(long = "claim", value_name = "PACK")]
    pub(super) claims: Vec<String>,
    /// Judge only this rule; may be given several times.
    #[arg(long = "rule", value_name = "ID")]
    pub(super) rules: Vec<String>,
    /// Judge every rule but this one; may be given several times.
    #[arg(long = "exclude-rule", value_name = "ID")]
    pub(super) excluded: Vec<String>,
    /// Let these clients of the catalogue, real programs, play what they can be: who waits for a challenge, or who sends
    /// credentials unasked. `countersign clients list` marks those that can be run.
    #[arg(long, value_name = "NAME", num_args = 1.., conflicts_with_all = ["shard", "journal"])]
    pub(super) clients: Vec<String>,
    /// A file of further clients, as `countersign clients measure --catalogue` keeps them.
    #[arg(long, value_name = "FILE", requires = "clients")]
    pub(super) catalogue: Option<String>,
    /// How long such a program may take for one play, in seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 30, requires = "clients", value_parser = clap::value_parser!(u64).range(1..=600))]
    pub(super) client_deadline: u64,
    /// Judge only this case, given as YAML, or in a file as `@FILE`; what it does not say has its
    /// simplest value.
    #[arg(long, value_name = "YAML")]
    pub(super) case: Option<String>,
    #[command(flatten)]
    pub(super) plan: PlanOptions,
    /// Play only one of several parts of each plan, such as the first of four by `1/4`: elsewhere the others are
    /// played, and `countersign merge` puts together what each keeps by `--save-run`.
    #[arg(long, value_name = "I/N", value_parser = shard)]
    pub(super) shard: Option<PlanPart>,
    /// Begin no case when so many seconds have passed: what was not played by then is not judged, and is told. A
    /// failure that was met is still shrunk.
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub(super) max_time: Option<Duration>,
    /// End a pack's search once it has so many findings, those that a baseline knows among them.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(super) max_findings: Option<u32>,
    /// How long a connection and each part of an exchange may take, in seconds; what takes longer gets no verdict
    /// [default: 5, and 2 for the body]
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub(super) request_timeout: Option<Duration>,
    /// How many connections play cases side by side.
    #[arg(long, value_name = "N", default_value_t = 4, allow_negative_numbers = true, value_parser = clap::value_parser!(u16).range(1..=256))]
    pub(super) connections: u16,
    /// Write each finding to a folder, as a file that `countersign replay` takes.
    #[arg(long, value_name = "FOLDER", num_args = 0..=1, default_missing_value = "corpus", value_parser = NonEmptyStringValueParser::new())]
    pub(super) save: Option<String>,
    /// Keep the run itself in a file, which `countersign report` tells again.
    #[arg(long, value_name = "FILE", value_parser = NonEmptyStringValueParser::new())]
    pub(super) save_run: Option<String>,
    /// Keep the run in a folder while it goes on: its plan is played in 16 parts, each of which is on disk once it is
    /// played, and each finding once it is made.
    #[arg(long, value_name = "FOLDER", conflicts_with_all = ["shard", "case", "max_findings"], value_parser = NonEmptyStringValueParser::new())]
    pub(super) journal: Option<String>,
    /// Go on with the run whose journal is there: parts that were played are not played again.
    #[arg(long, requires = "journal")]
    pub(super) resume: bool,
    #[arg(long = "report", value_name = "FORMAT=FILE", value_parser = wanted, help = reports_help())]
    pub(super) reports: Vec<WantedReport>,
    /// Known departures, which do not fail the run while they show: a file, or `none` [default: the
    /// adapter's own `known.yaml`, if it has one]
    #[arg(long, value_name = "FILE", value_parser = NonEmptyStringValueParser::new())]
    pub(super) baseline: Option<String>,
    /// Write what was found as a baseline: what is known stays, what is new waits for your reason.
    #[arg(long, value_name = "FILE", value_parser = NonEmptyStringValueParser::new())]
    pub(super) write_baseline: Option<String>,
    /// Write the same to the file that `--baseline` names, or else to the `known.yaml` in the folder of the adapter.
    #[arg(long, conflicts_with = "write_baseline")]
    pub(super) accept: bool,
    /// A run that was saved before (`--save-run`): what it found does not fail this one.
    #[arg(long, value_name = "FILE", value_parser = NonEmptyStringValueParser::new())]
    pub(super) changed_since: Option<String>,
    /// How to report.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(super) format: Format,
    /// The weakest level of a rule whose breaking fails the run; what is weaker is told all the same.
    #[arg(long, value_name = "LEVEL", value_enum, default_value_t = FailOn::Should)]
    pub(super) fail_on: FailOn,
    /// List every rule of each pack, those that passed as well.
    #[arg(long, short)]
    pub(super) verbose: bool,
    /// Seed a fault in the reference implementation; may be given several times.
    #[arg(long = "fault", value_name = "NAME")]
    pub(super) faults: Vec<String>,
}

/// The weakest level whose breaking fails a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum FailOn {
    /// What a source demands.
    Must,
    /// What a source recommends, or everybody would expect.
    Should,
    /// Anything, good advice included.
    Advice,
}

impl FailOn {
    pub(super) fn level(self) -> Level {
        match self {
            Self::Must => Level::Must,
            Self::Should => Level::Should,
            Self::Advice => Level::Advice,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For people.
    Text,
    /// One JSON object a line, for programs.
    Json,
}

impl Format {
    /// Its name on the command line.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Json => "json",
        }
    }
}

//! The options of `countersign clients`.

use clap::builder::NonEmptyStringValueParser;
use clap::{Args, Subcommand, ValueEnum};
use countersign::user_agents::conformance::CLIENT_PACK;

use super::option_values::target;

#[derive(Debug, Subcommand)]
pub(super) enum ClientsCommand {
    /// Each client of the catalogue, whether it can be run from here, and the version that was measured.
    List,
    /// How a client is driven, its traits, and what they fail to predict.
    Show {
        /// Its name, or its mode in the measurements.
        #[arg(value_name = "NAME")]
        name: String,
    },
    /// Predict what every client of the catalogue does with challenges of your own.
    Predict {
        /// A JSON object of cases by name, each with the `lines` of its challenges; `status` (401, or
        /// 407 for a proxy's) and `accept` (a list of schemes; basic, bearer and digest) are optional.
        #[arg(value_name = "CASES.json")]
        file: String,
        /// One JSON object a line for each client and case, for programs.
        #[arg(long)]
        json: bool,
    },
    /// Let a program ask a server that plays the measured layouts, and say with which it copes, which traits describe
    /// it, and which client of the catalogue it is like.
    #[command(after_help = MEASURE_CODES)]
    Measure(MeasureOptions),
    /// Hold programs against what the RFCs ask of a client, layout by layout, the simplest first.
    #[command(after_help = TEST_CODES)]
    Test(TestOptions),
    /// Let programs ask an implementation under a policy, each through a relay that keeps what passes, and say who gets
    /// in.
    #[command(after_help = PLAY_CODES)]
    Play(PlayOptions),
}

const MEASURE_CODES: &str = "Exit codes: 0 measured, 1 a client of the catalogue does not do what its traits predict, 2 \
                             the command line or a file is wrong, 3 the program could not be started, or asked nobody; \
                             130 interrupted.";

const TEST_CODES: &str = "Exit codes: 0 nothing that a must or a should asks was broken, 1 something was, 2 the command \
                          line is wrong, 3 a program could not be run, or got in nowhere; 130 interrupted.";

#[derive(Clone, Debug, Args)]
pub(super) struct TestOptions {
    /// Clients of the catalogue that can be run from here.
    #[arg(value_name = "NAME", required_unless_present = "command")]
    pub(super) names: Vec<String>,
    /// A program of your own and its arguments, with places as for `measure`.
    #[arg(last = true, value_name = "COMMAND")]
    pub(super) command: Vec<String>,
    /// The pack that says what is asked: the one that ships, or a file, such as a changed copy of it.
    #[arg(long, value_name = "SPEC", default_value = CLIENT_PACK)]
    pub(super) spec: String,
    /// How many layouts by chance are played beside the simple ones, of those rules that allow larger ones.
    #[arg(long, value_name = "N", default_value_t = 30, value_parser = clap::value_parser!(u16).range(0..=2000))]
    pub(super) drawn: u16,
    /// Which layouts those are.
    #[arg(long, value_name = "SEED", default_value_t = 1)]
    pub(super) seed: u64,
    /// How long a play may take, in seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 20, value_parser = clap::value_parser!(u64).range(1..=600))]
    pub(super) deadline: u64,
    /// How many plays go on side by side.
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u8).range(1..=64))]
    pub(super) jobs: u8,
    /// A variable of this environment that the programs are given; may be given several times.
    #[arg(long = "pass", value_name = "VAR")]
    pub(super) pass: Vec<String>,
    /// Show each layout that was failed, not the first of each rule alone.
    #[arg(long, short)]
    pub(super) verbose: bool,
    /// One JSON object a line for each client, with what it did on each layout that it failed, for programs.
    #[arg(long)]
    pub(super) json: bool,
}

const PLAY_CODES: &str = "Exit codes: 0 everybody got in, 1 somebody did not, 2 the command line or a file is wrong, 3 \
                          a program or the implementation could not be run; 130 interrupted.";

#[derive(Clone, Debug, Args)]
pub(super) struct PlayOptions {
    /// Clients of the catalogue that can be run from here.
    #[arg(value_name = "NAME", required_unless_present = "command")]
    pub(super) names: Vec<String>,
    /// A program of your own and its arguments, with places as for `measure`.
    #[arg(last = true, value_name = "COMMAND")]
    pub(super) command: Vec<String>,
    /// The implementation, as for `run`; may be given several times.
    #[arg(long, value_name = "NAME", default_value = "reference", value_parser = target)]
    pub(super) against: Vec<String>,
    /// The spec whose domain the cases belong to: a shipped pack by name, or a file.
    #[arg(long, value_name = "SPEC", default_value = "api-access-policy")]
    pub(super) spec: String,
    /// The case whose policy is installed, given as YAML, in a file (`@FILE`) or on standard input (`@-`); may be given
    /// several times, one after the other.
    #[arg(long = "case", value_name = "YAML", default_value = "{}")]
    pub(super) cases: Vec<String>,
    /// Seed a fault in the reference implementation; may be given several times.
    #[arg(long = "fault", value_name = "NAME")]
    pub(super) faults: Vec<String>,
    /// How long a program may take, in seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..=600))]
    pub(super) deadline: u64,
    /// A variable of this environment that the programs are given; may be given several times.
    #[arg(long = "pass", value_name = "VAR")]
    pub(super) pass: Vec<String>,
    /// Show the heads of all that passed.
    #[arg(long, short)]
    pub(super) verbose: bool,
    /// How to report.
    #[arg(long, value_enum, default_value_t = PlayFormat::Text)]
    pub(super) format: PlayFormat,
}

/// How `countersign clients play` reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum PlayFormat {
    /// For people, as it goes.
    Text,
    /// The table of implementations by clients as a page of HTML.
    Html,
    /// A table of implementations by clients.
    Markdown,
    /// One JSON object.
    Json,
}

#[derive(Clone, Debug, Args)]
pub(super) struct MeasureOptions {
    /// Clients of the catalogue that can be run from here, each held against its traits.
    #[arg(
        value_name = "NAME",
        required_unless_present = "command",
        conflicts_with = "command"
    )]
    pub(super) names: Vec<String>,
    /// A program of your own and its arguments: `{url}` stands for the URL, `{user}` and `{password}` for what it logs
    /// in with, `{token}` for a bearer token, `{user-url}` for the URL with user and password in it, `{proxy}` for the
    /// server as a proxy.
    #[arg(last = true, value_name = "COMMAND")]
    pub(super) command: Vec<String>,
    /// Play these layouts in place of the measured ones: a JSON object of cases, as for `predict`.
    #[arg(long, value_name = "CASES.json")]
    pub(super) layouts: Option<String>,
    /// Play only this layout; may be given several times.
    #[arg(long = "case", value_name = "NAME")]
    pub(super) cases: Vec<String>,
    /// Play so many layouts by chance in place of the measured ones, and make each on which a client does not what its
    /// traits predict as simple as it can be.
    #[arg(long, value_name = "N", conflicts_with_all = ["layouts", "cases", "command"], value_parser = clap::value_parser!(u16).range(1..=10_000))]
    pub(super) drawn: Option<u16>,
    /// Which layouts are drawn.
    #[arg(long, value_name = "N", default_value_t = 1, requires = "drawn")]
    pub(super) seed: u64,
    /// Keep the program as an entry of this catalogue's file, which is made where there is none.
    #[arg(long, value_name = "FILE", requires = "command", value_parser = NonEmptyStringValueParser::new())]
    pub(super) catalogue: Option<String>,
    /// What the entry is called [default: the program's name]
    #[arg(long, value_name = "NAME", requires = "command")]
    pub(super) name: Option<String>,
    /// How long a play may take, in seconds: what has not ended by then is ended with all that it started.
    #[arg(long, value_name = "SECONDS", default_value_t = 20, value_parser = clap::value_parser!(u64).range(1..=600))]
    pub(super) deadline: u64,
    /// How many plays go on side by side.
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u8).range(1..=64))]
    pub(super) jobs: u8,
    /// A variable of this environment that the program is given; it has little more than `PATH` otherwise. May be
    /// given several times.
    #[arg(long = "pass", value_name = "VAR")]
    pub(super) pass: Vec<String>,
    /// One JSON object a line for each layout, in the form of the measurements.
    #[arg(long)]
    pub(super) json: bool,
}

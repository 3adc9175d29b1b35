//! The command line.

use clap::builder::NonEmptyStringValueParser;
use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use countersign::credentials::KeyPlace;
use countersign::export::ExportFormat;
use countersign::report::ReportFormat;

use super::clients_options::ClientsCommand;
use super::corpus_options::CorpusCommand;
use super::import_options::{AdviseOptions, ImportCommand};
use super::option_values::{Color, export_format, from_one, report_format, target};
pub(super) use super::run_options::{Format, PlanOptions, RunOptions, USUAL_CASES, USUAL_SEED};
use super::wanted::{WantedReport, reports_help, wanted};

/// Checks that an HTTP implementation issues the right challenge, and takes the right decision on
/// the answer.
///
/// Without a command, the shipped specs run against the embedded reference implementation.
#[derive(Debug, Parser)]
#[command(version, args_conflicts_with_subcommands = true, after_help = EXIT_CODES)]
pub(super) struct Arguments {
    #[command(subcommand)]
    pub(super) command: Option<Command>,
    #[command(flatten)]
    pub(super) run: RunOptions,
    /// When to use colours: on a terminal, unless `NO_COLOR` is set, always, or never.
    #[arg(long, value_name = "WHEN", value_enum, default_value_t = Color::Auto, global = true)]
    pub(super) color: Color,
}

const EXIT_CODES: &str = "Exit codes: 0 conforms, 1 findings, 2 the command line or a file is \
                          wrong, 3 the implementation or the environment could not be run, 130 \
                          interrupted. A finding comes first: an interrupted run that found something \
                          ends with 1.";

const REPLAY_CODES: &str = "Exit codes: 0 none shows: each is fixed or, of another product than it was \
                            seen on, does not show there; 1 one shows, 2 the command line or a file \
                            is wrong (the others are answered), 3 of one nothing is known: it could not \
                            be run, or did not show each time before, 130 interrupted.";

const PROBE_CODES: &str = "Exit codes: 0 nothing broke of what could be asked, 1 something broke that counts, 2 the \
                           command line or a file is wrong, 3 no verdict: nobody answered, nobody was \
                           let in, everybody was, or the server asked for an end; 130 interrupted.";

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Run specs against an implementation.
    #[command(after_help = EXIT_CODES)]
    Run(Box<RunOptions>),
    /// Check specs without sending a request.
    Check {
        /// Shipped packs by name, files, or `-` for standard input.
        #[arg(required = true, value_name = "SPEC")]
        specs: Vec<String>,
    },
    /// Print the JSON Schema of the spec language, for editors.
    Schema {
        /// Print that of a line of `run --format json` instead, for programs that read along.
        #[arg(long)]
        output: bool,
        /// Print that of a saved run instead, as `run --save-run` writes it.
        #[arg(long, conflicts_with = "output")]
        run: bool,
    },
    /// Say how often each rule may be met, and what is never tried, without sending a request; or how often each was met
    /// in a saved run.
    Coverage(CoverageOptions),
    /// Print what specs vary: fields, values and words, and a `supports` to start from.
    Domain(DomainOptions),
    /// Say what stands behind a rule, a seeded fault or a departure from the grammar: its source, who is hurt, what
    /// notices it, and the products in which it is known.
    Explain {
        /// A rule's id, a fault's name, the word for a departure, or what a finding says is wrong.
        #[arg(value_name = "NAME")]
        name: String,
        /// Rules of these specs: shipped packs by name, or files [default: every shipped pack]
        #[arg(long = "spec", value_name = "SPEC")]
        specs: Vec<String>,
    },
    /// Print the completions of a shell.
    Completions {
        /// Which.
        #[arg(value_name = "SHELL", value_enum)]
        shell: Shell,
    },
    /// Print the manual page, or write one for each command to a folder.
    Man {
        /// The folder.
        #[arg(long, value_name = "FOLDER", value_parser = NonEmptyStringValueParser::new())]
        to: Option<String>,
    },
    /// List the faults that can be seeded in the reference implementation.
    Faults {
        /// One JSON object a line, for programs.
        #[arg(long)]
        json: bool,
    },
    /// Seed every fault in turn and say which rules notice: exit code 1 where a fault survives or a
    /// scored rule kills nothing.
    KillMatrix(KillMatrixOptions),
    /// List rules, or write a page about those of each pack and the faults they kill.
    Rules(RulesOptions),
    /// Try saved findings again: fixed, still failing, failing differently, or could not run; of
    /// another product than each was seen on: whether it shows there.
    #[command(after_help = REPLAY_CODES)]
    Replay(ReplayOptions),
    /// Folders of saved findings: list, check, merge and prune them.
    Corpus {
        #[command(subcommand)]
        command: CorpusCommand,
    },
    /// Write saved findings for other programs: curl, Hurl, HAR, Postman, Python, k6, a test in Rust.
    Export(ExportOptions),
    /// Tell a saved run again, as it was told when it ended.
    Report(ReportOptions),
    /// Put saved runs of the parts of one plan (`run --shard`) together, and tell what they come to.
    #[command(after_help = EXIT_CODES)]
    Merge(MergeOptions),
    /// Play the same cases against several implementations: rules by implementations, and where they
    /// differ although no rule decides.
    Compare(CompareOptions),
    /// Keep the policy of one case in force, to try it by hand.
    Serve(ServeOptions),
    /// List the adapters that ship, or install what they need.
    Adapters {
        #[command(subcommand)]
        command: AdaptersCommand,
    },
    /// Say which real clients get in where these challenges are sent, which do not and why, and which
    /// layout of the challenges would let in more.
    Reach(Box<ReachOptions>),
    /// Judge a deployed endpoint as it stands, by credentials that it lets in: which rules break, whom that
    /// shuts out, and what could not be judged.
    #[command(after_help = PROBE_CODES)]
    Probe(Box<ProbeOptions>),
    /// Read policies that a platform exported, and print them in the words of the specs, with their history.
    Import {
        #[command(subcommand)]
        command: ImportCommand,
    },
    /// Say without a request what a 401 names under a policy, and whom that shuts out.
    Advise(AdviseOptions),
    /// The catalogue of real clients: what each does with a challenge.
    Clients {
        #[command(subcommand)]
        command: ClientsCommand,
    },
}

#[derive(Debug, Args)]
pub(super) struct CoverageOptions {
    /// Shipped packs by name, or files [default: every shipped pack]
    #[arg(value_name = "SPEC")]
    pub(super) specs: Vec<String>,
    /// Tell of a saved run instead, as `run --save-run` wrote it.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["specs", "set", "cases", "seed"], value_parser = NonEmptyStringValueParser::new())]
    pub(super) run: Option<String>,
    #[command(flatten)]
    pub(super) plan: PlanOptions,
    /// List every rule, and the fields whose values never meet.
    #[arg(short, long)]
    pub(super) verbose: bool,
}

#[derive(Debug, Args)]
pub(super) struct DomainOptions {
    /// Shipped packs by name, or files [default: every shipped pack]
    #[arg(value_name = "SPEC")]
    pub(super) specs: Vec<String>,
    /// How to print it.
    #[arg(long, value_enum, default_value_t = DomainFormat::Yaml)]
    pub(super) format: DomainFormat,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum DomainFormat {
    /// YAML, for people and for an adapter's folder.
    Yaml,
    /// One JSON object, for the control protocol.
    Json,
}

#[derive(Debug, Subcommand)]
pub(super) enum AdaptersCommand {
    /// Each adapter, and whether its implementation can be run here.
    List,
    /// Install what adapters need: Debian packages, Python packages in an environment of their own.
    Install {
        /// Adapters by name, or paths to their folders.
        #[arg(required_unless_present = "all", value_name = "NAME")]
        names: Vec<String>,
        /// Every adapter that ships.
        #[arg(long, conflicts_with = "names")]
        all: bool,
    },
}

#[derive(Debug, Args)]
pub(super) struct KillMatrixOptions {
    /// A shipped pack by name, or a file; may be given several times [default: every shipped pack]
    #[arg(long = "spec", value_name = "SPEC")]
    pub(super) specs: Vec<String>,
    /// Seed only this fault; may be given several times [default: every fault]
    #[arg(long = "fault", value_name = "NAME")]
    pub(super) faults: Vec<String>,
    #[command(flatten)]
    pub(super) plan: PlanOptions,
    /// One JSON object, for programs.
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Debug, Args)]
pub(super) struct RulesOptions {
    /// A shipped pack by name, or a file; may be given several times [default: every shipped pack]
    #[arg(long = "spec", value_name = "SPEC")]
    pub(super) specs: Vec<String>,
    /// Write a Markdown page for each pack to a folder.
    #[arg(long, value_name = "FOLDER", value_parser = NonEmptyStringValueParser::new())]
    pub(super) markdown: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct ReplayOptions {
    /// Files that `countersign run --save` wrote, or folders of them.
    #[arg(required = true, value_name = "FILE")]
    pub(super) files: Vec<String>,
    /// The implementation, as for `run` [default: the one on which each was seen, where that is the
    /// reference implementation or an adapter that ships]
    #[arg(long, value_name = "NAME", value_parser = target)]
    pub(super) against: Option<String>,
    /// Seed a fault in the reference implementation; may be given several times.
    #[arg(long = "fault", value_name = "NAME")]
    pub(super) faults: Vec<String>,
    /// The URL of a deployed endpoint, for what `countersign probe --save` wrote. The secrets are taken from the
    /// environment variables that the file names.
    #[arg(long, value_name = "URL", conflicts_with_all = ["against", "faults"])]
    pub(super) endpoint: Option<String>,
    /// A host beyond this machine that may be asked; may be given several times.
    #[arg(long = "allow-host", value_name = "HOST", requires = "endpoint")]
    pub(super) hosts: Vec<String>,
    /// A proxy that is asked for a tunnel to the server, as for `probe`.
    #[arg(long, value_name = "URL|env:VAR", requires = "endpoint")]
    pub(super) proxy: Option<String>,
    /// Certificates in PEM that are believed over https [default: those that this system believes]
    #[arg(long = "cacert", value_name = "FILE", requires = "endpoint")]
    pub(super) ca: Option<String>,
    /// Where the server looks for an API key, as for `probe`.
    #[arg(long, value_name = "PLACE", value_parser = KeyPlace::read, requires = "endpoint")]
    pub(super) key_in: Option<KeyPlace>,
    /// The most log-ins of each user that may fail.
    #[arg(long, value_name = "N", default_value_t = 2, requires = "endpoint")]
    pub(super) failed_log_ins: u16,
}

#[derive(Debug, Args)]
pub(super) struct ExportOptions {
    /// Files that `countersign run --save` wrote, or folders of them.
    #[arg(required = true, value_name = "FILE")]
    pub(super) files: Vec<String>,
    /// What to write.
    #[arg(long, value_name = "FORMAT", value_parser = export_format())]
    pub(super) format: ExportFormat,
    /// A folder to write them to, a file each [default: standard output, where there is one]
    #[arg(long, value_name = "FOLDER", value_parser = NonEmptyStringValueParser::new())]
    pub(super) to: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct MergeOptions {
    /// Files that `countersign run --shard I/N --save-run` wrote.
    #[arg(required = true, value_name = "FILE")]
    pub(super) files: Vec<String>,
    /// Keep the run that they make in a file.
    #[arg(long, value_name = "FILE", value_parser = NonEmptyStringValueParser::new())]
    pub(super) save_run: Option<String>,
    /// How to report.
    #[arg(long, value_name = "FORMAT", default_value = "text", value_parser = report_format())]
    pub(super) format: ReportFormat,
    #[arg(long = "report", value_name = "FORMAT=FILE", value_parser = wanted, help = reports_help())]
    pub(super) reports: Vec<WantedReport>,
    /// List every rule of each pack, those that passed as well.
    #[arg(long, short)]
    pub(super) verbose: bool,
}

#[derive(Debug, Args)]
pub(super) struct ReportOptions {
    /// A file that `countersign run --save-run` wrote; `-` is standard input.
    #[arg(value_name = "FILE")]
    pub(super) file: String,
    /// How to report.
    #[arg(long, value_name = "FORMAT", default_value = "text", value_parser = report_format())]
    pub(super) format: ReportFormat,
    /// List every rule of each pack, those that passed as well.
    #[arg(long, short)]
    pub(super) verbose: bool,
    /// End with the exit code of the run, and not with 0.
    #[arg(long)]
    pub(super) exit_code: bool,
}

/// Where the credentials for a URL are.
#[derive(Clone, Debug, Args)]
pub(super) struct CredentialOptions {
    /// Who logs in at the URL by a password.
    #[arg(long, value_name = "NAME", requires_all = ["url", "password_env"])]
    pub(super) user: Option<String>,
    /// The environment variable that holds the user's password.
    #[arg(long, value_name = "VAR", requires = "user")]
    pub(super) password_env: Option<String>,
    /// The environment variable that holds a bearer token for the URL.
    #[arg(long, value_name = "VAR", requires = "url")]
    pub(super) token_env: Option<String>,
    /// A YAML file for the URL with `user` and `password`, `token`, `key` (which `probe` takes, with `key-in`), or
    /// several of them; `-` is standard input.
    #[arg(long, value_name = "FILE", requires = "url", conflicts_with_all = ["user", "password_env", "token_env"])]
    pub(super) credentials: Option<String>,
}

#[derive(Clone, Debug, Args)]
pub(super) struct ProbeOptions {
    /// The endpoint: http or https, on this machine unless its host is allowed. It is asked by GET, HEAD and
    /// OPTIONS, and by no other method unless told.
    #[arg(value_name = "URL")]
    pub(super) url: String,
    #[command(flatten)]
    pub(super) given: CredentialOptions,
    /// For which schemes the user's password is: basic, digest, hmac.
    #[arg(
        long,
        value_name = "SCHEMES",
        value_delimiter = ',',
        default_value = "basic"
    )]
    pub(super) password_for: Vec<PasswordScheme>,
    /// A host beyond this machine that may be asked; may be given several times. What counts is the address that
    /// is connected to: a name of this machine needs none.
    #[arg(long = "allow-host", value_name = "HOST")]
    pub(super) hosts: Vec<String>,
    /// A proxy that is asked for a tunnel (CONNECT) to the server, http://HOST:PORT, or env:VAR for the variable that holds
    /// its URL. It is on this machine unless its host is allowed, and the server has to be allowed by name. No proxy of
    /// the environment is used without it.
    #[arg(long, value_name = "URL|env:VAR")]
    pub(super) proxy: Option<String>,
    /// Certificates in PEM that are believed over https [default: those that this system believes]
    #[arg(long = "cacert", alias = "ca", value_name = "FILE")]
    pub(super) ca: Option<String>,
    /// The certificate in PEM that is shown over https to a server that asks for one, in a file or, by env:VAR, in a
    /// variable.
    #[arg(long, value_name = "FILE|env:VAR")]
    pub(super) client_cert: Option<String>,
    /// Its private key in PEM [default: with the certificate]
    #[arg(long, value_name = "FILE|env:VAR", requires = "client_cert")]
    pub(super) client_key: Option<String>,
    /// The most log-ins that may fail, of each user: platforms lock accounts after some. What would go beyond is
    /// not tried, and told.
    #[arg(long, value_name = "N", default_value_t = 2)]
    pub(super) failed_log_ins: u16,
    /// The most requests that are sent. What would go beyond is not tried, and told.
    #[arg(long, value_name = "N", default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..))]
    pub(super) max_requests: u32,
    /// The most requests a second.
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub(super) rate: u32,
    /// Send POST too, which may have effects; of `--openapi`, every method that an operation has.
    #[arg(long = "unsafe")]
    pub(super) unsafe_methods: bool,
    /// The packs that it is judged by: reachability, every-scheme, http-authentication, mcp-authorization; may be given
    /// several times.
    /// A server of the Model Context Protocol is asked by messages that change nothing, and so by its pack alone.
    /// [default: reachability, every-scheme and http-authentication]
    #[arg(long = "spec", value_name = "PACK", conflicts_with = "openapi",
        value_parser = ["reachability", "every-scheme", "http-authentication", "mcp-authorization"])]
    pub(super) specs: Vec<String>,
    /// Ask nobody: list what would be sent, as curl commands without secrets, to an endpoint that does all well.
    #[arg(long)]
    pub(super) dry_run: bool,
    /// Hold the operations of an OpenAPI document (3.0 or 3.1) against what they declare of security, in place of
    /// judging the URL: it stands below the URL, or below the first server's path.
    #[arg(long, value_name = "FILE|URL")]
    pub(super) openapi: Option<String>,
    /// A parameter in the paths of the document; may be given several times.
    #[arg(long = "param", value_name = "NAME=VALUE", requires = "openapi")]
    pub(super) params: Vec<String>,
    /// The environment variable that holds an API key.
    #[arg(long, value_name = "VAR")]
    pub(super) key_env: Option<String>,
    /// Where the server looks for the API key: header:NAME, query:NAME or cookie:NAME [default: header:X-API-Key, and
    /// with `--openapi` where the document says]
    #[arg(long, value_name = "PLACE", value_parser = KeyPlace::read)]
    pub(super) key_in: Option<KeyPlace>,
    /// What is known of the policy beyond what the credentials show: other profiles, a scope, and the variables that hold
    /// an expired token, a token without the scope, or what a disabled user has; see `docs/probe.md`.
    #[arg(long, value_name = "FILE")]
    pub(super) policy: Option<String>,
    /// Write each finding to a file in this folder, with variables in place of secrets; `countersign replay` tries it again.
    #[arg(long, value_name = "FOLDER", value_parser = NonEmptyStringValueParser::new(), conflicts_with_all = ["openapi", "dry_run"])]
    pub(super) save: Option<String>,
    /// Whom to ask about these requests, such as a mail address; it stands in User-Agent.
    #[arg(long, value_name = "TEXT")]
    pub(super) contact: Option<String>,
    /// How to report.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(super) format: Format,
}

/// What a password is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum PasswordScheme {
    /// Basic (RFC 7617).
    Basic,
    /// Digest (RFC 7616).
    Digest,
    /// Signatures of method and path by HMAC-SHA-256, whose key it is.
    Hmac,
}

#[derive(Debug, Args)]
pub(super) struct ReachOptions {
    /// A server to ask: http or https, on this machine unless its host is allowed. It is asked without
    /// credentials, and then once with each that are given.
    #[arg(value_name = "URL", conflicts_with_all = ["response", "against", "spec", "policy", "instance"])]
    pub(super) url: Option<String>,
    #[command(flatten)]
    pub(super) given: CredentialOptions,
    /// A response that was saved: what `curl -si`, `curl -siL`, `curl -v` or `wget -S` prints, or
    /// bare field lines; `-` is standard input.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["against", "spec", "policy", "instance"])]
    pub(super) response: Option<String>,
    /// An implementation to install a policy in, as for `run`.
    #[arg(long, value_name = "NAME", default_value = "reference", value_parser = target)]
    pub(super) against: String,
    /// The spec whose domain the policy belongs to: a shipped pack by name, or a file.
    #[arg(long, value_name = "SPEC", default_value = "reachability")]
    pub(super) spec: String,
    /// The policy, given as YAML; what it does not say has its simplest value.
    #[arg(
        long,
        value_name = "YAML",
        default_value = "{profiles: [{scheme: basic}, {scheme: bearer}]}"
    )]
    pub(super) policy: String,
    /// The instance's properties, given as YAML.
    #[arg(long, value_name = "YAML", default_value = "{}")]
    pub(super) instance: String,
    /// Which schemes the server takes from this user: basic, bearer, digest [default: what is tried,
    /// and what is advertised where nothing can be tried]
    #[arg(long, value_name = "SCHEMES", value_delimiter = ',')]
    pub(super) accepts: Option<Vec<String>>,
    /// A host beyond this machine that may be asked; may be given several times.
    #[arg(long = "allow-host", value_name = "HOST")]
    pub(super) hosts: Vec<String>,
    /// A proxy that is asked for a tunnel to the server, as for `probe`.
    #[arg(long, value_name = "URL|env:VAR", requires = "url")]
    pub(super) proxy: Option<String>,
    /// Certificates in PEM that are believed over https [default: those that this system believes]
    #[arg(long, alias = "cacert", value_name = "FILE", requires = "url")]
    pub(super) ca: Option<String>,
    /// End with exit code 1 where clients are shut out, and with 3 where that cannot be concluded;
    /// without it the exit code is 0 whoever is.
    #[arg(long, value_enum, value_name = "WHAT")]
    pub(super) fail_on: Option<ReachFailOn>,
    /// How to report.
    #[arg(long, value_enum, default_value_t = ReachFormat::Text)]
    pub(super) format: ReachFormat,
}

/// How `countersign reach` reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum ReachFormat {
    /// For people.
    Text,
    /// One JSON object, for programs.
    Json,
    /// A page of HTML that opens from disk.
    Html,
}

/// What makes `countersign reach` fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum ReachFailOn {
    /// A client that is shut out, or an answer that shuts out all who wait for a challenge.
    ShutOut,
}

#[derive(Debug, Args)]
pub(super) struct CompareOptions {
    /// The implementations, as for `run --against`.
    #[arg(required_unless_present = "all", value_name = "NAME", value_parser = target)]
    pub(super) names: Vec<String>,
    /// Every adapter that ships.
    #[arg(long, conflicts_with = "names")]
    pub(super) all: bool,
    /// A shipped pack by name, or a file; may be given several times [default: every shipped pack]
    #[arg(long = "spec", value_name = "SPEC")]
    pub(super) specs: Vec<String>,
    /// Judge by this pack, which binds those who claim it, those too who do not claim it; may be given several times.
    #[arg(long = "claim", value_name = "PACK")]
    pub(super) claims: Vec<String>,
    /// Enumerate spaces of up to so many cases whole; judge so many of a larger one.
    #[arg(long, value_name = "N", default_value_t = USUAL_CASES, allow_negative_numbers = true, value_parser = from_one)]
    pub(super) cases: u64,
    /// Write `matrix.md` and `matrix.json` to a folder as well.
    #[arg(long, value_name = "FOLDER", value_parser = NonEmptyStringValueParser::new())]
    pub(super) write: Option<String>,
    /// How to report.
    #[arg(long, value_enum, default_value_t = ComparisonFormat::Text)]
    pub(super) format: ComparisonFormat,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum ComparisonFormat {
    /// For people.
    Text,
    /// As a page of Markdown.
    Markdown,
    /// As a page of HTML, in which what broke stands behind each cell.
    Html,
    /// One JSON object.
    Json,
}

#[derive(Debug, Args)]
pub(super) struct ServeOptions {
    /// The implementation, as for `run`.
    #[arg(long, value_name = "NAME", default_value = "reference", value_parser = target)]
    pub(super) against: String,
    /// The spec whose domain the case belongs to: a shipped pack by name, or a file.
    #[arg(long, value_name = "SPEC", default_value = "api-access-policy")]
    pub(super) spec: String,
    /// The case, given as YAML, in a file (`@FILE`) or on standard input (`@-`); what it does not say
    /// has its simplest value.
    #[arg(long, value_name = "YAML", default_value = "{}")]
    pub(super) case: String,
    /// Serve challenges as they stand in place of a policy: a layout that was measured (`countersign serve --layout
    /// D4`), or a file: what `curl -si` prints, or cases as for `clients predict`, of which `FILE:NAME` is one.
    #[arg(long, value_name = "LAYOUT", conflicts_with_all = ["against", "spec", "case", "faults"])]
    pub(super) layout: Option<String>,
    /// The port of the reference implementation on 127.0.0.1 [default: a free one]
    #[arg(
        long,
        value_name = "PORT",
        default_value_t = 0,
        hide_default_value = true
    )]
    pub(super) port: u16,
    /// Seed a fault in the reference implementation; may be given several times.
    #[arg(long = "fault", value_name = "NAME")]
    pub(super) faults: Vec<String>,
}

//! Conformance as `cargo test` sees it: what a gateway's own repository needs.
//!
//! A test without the standard harness (`harness = false` in `Cargo.toml`) puts a gateway under
//! every shipped rule:
//!
//! ```no_run
//! fn main() -> std::process::ExitCode {
//!     countersign::harness::Conformance::new()
//!         .remote("gateway", ["target/debug/gateway", "--control"])
//!         .main()
//! }
//! ```
//!
//! Each rule is one trial, named `IMPLEMENTATION::PACK::RULE`, and each reproduction that a
//! repository keeps is one, named `IMPLEMENTATION::corpus::NAME`. Filters, `--exact`, `--skip`,
//! `--ignored` and `--list` work as for any test; what they leave out is neither played nor judged, and
//! listing starts nothing. `docs/cargo-test.md` shows all of it to people.
//!
//! # What a trial says
//!
//! | the rule | the trial |
//! |---|---|
//! | held wherever it applied | passes |
//! | broke | fails, with each finding in full; what is one defect is told once |
//! | broke, though not each time | fails, and says *flaky* |
//! | nobody could tell | fails, and says that this accuses nobody |
//! | could not be judged, because the implementation does not run | fails, and says why |
//! | never applied | is ignored; it fails where not one case of its pack was judged |
//! | is known not to apply, or is not scored | is ignored |
//! | is of an implementation that is not installed | is ignored: one trial, `IMPLEMENTATION::installed` |
//!
//! What is ignored counts as passed nowhere. Its reason stands behind its name, and once for all at the
//! end. [`Conformance::require_all_exercised`] has rules fail that never apply. Whoever forces an
//! ignored trial (`--ignored`) has it judged.
//!
//! A defect that is known and stays is stated in a file ([`Conformance::known`]) or in the test itself
//! ([`Conformance::expect_finding`]).
//!
//! # cargo-nextest
//!
//! nextest runs each trial in a process of its own, and takes one that is ignored while it runs for
//! passed. So under nextest the implementations are played while it *lists*, once: what never applied is
//! listed as ignored, and the verdicts of the others wait beside the test's program, in a file of this
//! run, for the processes that ask. A retry plays its rule anew. It takes nextest 0.9.138 or newer; with
//! an older one each process plays its own rule, and what never applied fails.

mod check;
mod corpus;
mod describe;
mod expectation;
mod maker;
mod mistake;
mod nextest;
mod notice;
mod prepare;
mod session;
mod target;
#[cfg(test)]
mod tests;
mod verdict;
mod words;

use std::fmt;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::thread::available_parallelism;

use libtest_mimic::{Arguments, Trial};

use crate::yaml::Source;
use expectation::{Expectation, Expected};
use nextest::Nextest;
use prepare::PreparedTrials;
use verdict::Unexercised;

/// What a run may spend, for [`Conformance::options`].
#[doc(no_inline)]
pub use crate::engine::Options;

/// A part of a domain, for [`Target::within`].
#[doc(no_inline)]
pub use crate::domain::{Allowed, Value};

/// What [`Target::new`] opens.
#[doc(no_inline)]
pub use crate::{implementation::Implementation, observation::SetupFault};

pub use target::{Opening, Target};

/// The exit code where the test itself is written wrongly; libtest-mimic has 101 for failures.
const MISTAKE: u8 = 2;

/// A conformance test: which implementations are held against which rules.
///
/// ```no_run
/// use countersign::harness::Conformance;
///
/// fn main() -> std::process::ExitCode {
///     Conformance::new()
///         .reference()
///         .remote("gateway", ["target/debug/gateway", "--control"])
///         .shipped("reachability")
///         .cases(20_000)
///         .expect_finding(
///             "reference",
///             "reachability",
///             "challenge-driven-client-gets-in",
///             "two profiles, flag false, Basic client",
///             "the platform's default, as documented",
///         )
///         .main()
/// }
/// ```
#[must_use = "call `main`"]
#[derive(Default)]
pub struct Conformance {
    targets: Vec<Target>,
    specs: Vec<SpecFrom>,
    corpora: Vec<PathBuf>,
    options: Options,
    further: Vec<Further>,
    expected: Vec<Expected>,
    unexercised: Unexercised,
    headlines: bool,
    /// What is wrong with the test itself, as far as that was seen while it was written down.
    mistake: Option<String>,
}

/// Where a spec comes from.
#[derive(Clone, Debug)]
enum SpecFrom {
    Shipped(String),
    File(PathBuf),
    Text(Source),
}

/// A trial beside those of the rules.
struct Further {
    name: String,
    run: Box<dyn FnOnce() -> Result<(), String> + Send>,
}

impl Conformance {
    /// A test of nothing yet: name at least one implementation. Without a spec named, all shipped
    /// ones are used.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the embedded reference implementation, as `reference`.
    pub fn reference(self) -> Self {
        self.target(Target::reference())
    }

    /// Adds a program that speaks the control protocol: it is started with these arguments, prints
    /// `countersign-control: http://127.0.0.1:PORT` on its standard output, and ends when its
    /// standard input closes.
    pub fn remote<P: Into<String>>(
        self,
        name: impl Into<String>,
        command: impl IntoIterator<Item = P>,
    ) -> Self {
        self.target(Target::remote(name, command))
    }

    /// Adds the implementation of an adapter, by its name or by the path to its folder. Where it is
    /// not installed, one trial is ignored in place of all of its own, and says what to do about it. What its `known.yaml` lists is
    /// expected of it.
    pub fn adapter(self, name_or_path: impl Into<String>) -> Self {
        self.target(Target::adapter(name_or_path))
    }

    /// Adds an implementation, with what is to be known of it before it runs.
    pub fn target(mut self, target: Target) -> Self {
        self.targets.push(target);
        self
    }

    /// Uses a shipped pack, such as `reachability`.
    pub fn shipped(mut self, pack: impl Into<String>) -> Self {
        self.specs.push(SpecFrom::Shipped(pack.into()));
        self
    }

    /// Uses the spec in a file; `cargo test` resolves it against the package's directory.
    pub fn spec_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.specs.push(SpecFrom::File(path.into()));
        self
    }

    /// Uses a spec given as text; `name` stands for it in messages.
    pub fn spec_text(mut self, name: impl Into<String>, text: impl Into<String>) -> Self {
        let source = Source::new(name.into(), text.into());
        self.specs.push(SpecFrom::Text(source));
        self
    }

    /// Adds a trial `IMPLEMENTATION::corpus::NAME` for each reproduction in a folder: it passes where
    /// the defect is fixed. `cargo test` resolves the path against the package's directory. One that
    /// is known and stays is stated with [`Conformance::expect_finding`], its pack being `corpus` and
    /// its rule the name of its file.
    pub fn corpus(mut self, folder: impl Into<PathBuf>) -> Self {
        self.corpora.push(folder.into());
        self
    }

    /// Sets everything that a run may spend. [`Options::rules`] is of no effect here: the trials
    /// that are run say which rules are judged.
    pub fn options(mut self, options: Options) -> Self {
        self.options = options;
        self
    }

    /// See [`Options::cases`].
    pub fn cases(mut self, cases: u64) -> Self {
        self.options.cases = cases;
        self
    }

    /// See [`Options::seed`].
    pub fn seed(mut self, seed: u64) -> Self {
        self.options.seed = seed;
        self
    }

    /// See [`Options::connections`].
    pub fn connections(mut self, connections: usize) -> Self {
        self.options.connections = connections;
        self
    }

    /// Adds a trial of your own beside those of the rules. What it returns as an error is shown.
    pub fn trial(
        mut self,
        name: impl Into<String>,
        run: impl FnOnce() -> Result<(), String> + Send + 'static,
    ) -> Self {
        self.further.push(Further {
            name: name.into(),
            run: Box::new(run),
        });
        self
    }

    /// States a known departure: this rule is broken by this implementation, and the finding's first
    /// line is `sentence`. The rule's trial then passes if exactly the findings stated for it show,
    /// and fails if another one shows, or one of them no longer does. Each rule of a defect needs one of
    /// these; where there are several, [`Conformance::known`] is shorter.
    pub fn expect_finding(
        self,
        implementation: impl Into<String>,
        pack: impl Into<String>,
        rule: impl Into<String>,
        sentence: impl Into<String>,
        reason: impl Into<String>,
    ) -> Self {
        let what = Expectation::finding(sentence);
        self.expect(implementation, pack, rule, what, reason)
    }

    /// States that this rule never applies to this implementation. Its trial is then shown as
    /// ignored, with the reason, and fails if the rule does apply. (Under cargo-nextest it is not run,
    /// unless it is forced with `--run-ignored`.)
    pub fn expect_not_exercised(
        self,
        implementation: impl Into<String>,
        pack: impl Into<String>,
        rule: impl Into<String>,
        reason: impl Into<String>,
    ) -> Self {
        let what = Expectation::NotExercised;
        self.expect(implementation, pack, rule, what, reason)
    }

    fn expect(
        mut self,
        implementation: impl Into<String>,
        pack: impl Into<String>,
        rule: impl Into<String>,
        what: Expectation,
        reason: impl Into<String>,
    ) -> Self {
        self.expected.push(Expected {
            implementation: implementation.into(),
            pack: pack.into(),
            rule: rule.into(),
            what,
            reason: reason.into(),
        });
        self
    }

    /// Fails rules that turn out never to apply, unless that is stated with
    /// [`Conformance::expect_not_exercised`] or in a baseline: for who wants to know of each why.
    pub fn require_all_exercised(mut self) -> Self {
        self.unexercised = Unexercised::Failed;
        self
    }

    /// Ignores rules that turn out never to apply even where not one case of their pack was judged, which
    /// fails otherwise.
    pub fn allow_not_exercised(mut self) -> Self {
        self.unexercised = Unexercised::Allowed;
        self
    }

    /// Fails a rule also where the first line of a departure in a baseline is no longer what a run tells,
    /// which happens when Countersign finds better words.
    pub fn exact_headlines(mut self) -> Self {
        self.headlines = true;
        self
    }

    /// Says that the implementation that was named last claims a pack that binds claimants only: see
    /// [`Target::claiming`].
    pub fn claiming(self, pack: impl Into<String>) -> Self {
        let pack = pack.into();
        self.of_last("claiming", |target| target.claiming(pack))
    }

    /// States the known departures of the implementation that was named last, as a file: see
    /// [`Target::known`].
    pub fn known(self, file: impl AsRef<Path>) -> Self {
        self.of_last("known", |target| target.known(file))
    }

    fn of_last(mut self, word: &str, change: impl FnOnce(Target) -> Target) -> Self {
        match self.targets.pop() {
            Some(target) => self.targets.push(change(target)),
            None => {
                self.mistake = Some(format!(
                    "`{word}` is about the implementation that was named before it, and none was"
                ));
            }
        }
        self
    }

    /// Runs the trials that the command line asks for. To be the whole of `main`: the code is 0
    /// where all pass, 101 where one fails, 2 where the command line or the test itself is wrong.
    pub fn main(self) -> ExitCode {
        let mut arguments = Arguments::from_args();
        arguments.test_threads = arguments.test_threads.or_else(at_once);
        self.run(&arguments)
    }

    fn run(self, arguments: &Arguments) -> ExitCode {
        let nextest = Nextest::from_environment();
        if let Some(trial) = already_judged(arguments, nextest.as_ref()) {
            return libtest_mimic::run(arguments, vec![trial]).exit_code();
        }
        match self.prepare(arguments, nextest.as_ref()) {
            Ok(PreparedTrials { trials, notices }) => {
                let conclusion = libtest_mimic::run(arguments, trials);
                if let Some(text) = notices.text().filter(|_| nextest.is_none()) {
                    // Behind the summary; standard output may be read by a program.
                    let _ = writeln!(std::io::stderr(), "{text}");
                }
                conclusion.exit_code()
            }
            Err(mistake) => {
                // Standard output belongs to the list of tests, which others parse.
                let _ = writeln!(std::io::stderr(), "{mistake}");
                ExitCode::from(MISTAKE)
            }
        }
    }
}

/// How many trials run at a time where nobody says: half as many again as there are processors, for much of what they do
/// is waiting for a program to start, or to read its configuration anew.
fn at_once() -> Option<usize> {
    let processors = available_parallelism().ok()?.get();
    Some(processors.saturating_add(processors.div_ceil(2)))
}

/// The one trial that nextest asks for, where its verdict is there already: then nothing needs to be
/// read or played.
fn already_judged(arguments: &Arguments, nextest: Option<&Nextest>) -> Option<Trial> {
    let wants_ignored = arguments.ignored || arguments.include_ignored;
    let is_one = arguments.exact && !arguments.list && arguments.skip.is_empty();
    let name = arguments
        .filter
        .as_deref()
        .filter(|_| is_one && !wants_ignored)?;
    let verdict = nextest?.shared.as_ref()?.find(name)?;
    Some(Trial::ignorable_test(name, move || {
        verdict.completion(true)
    }))
}

impl fmt::Debug for Conformance {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Conformance")
            .field("targets", &self.targets)
            .field("specs", &self.specs)
            .field("corpora", &self.corpora)
            .field("options", &self.options)
            .field("expected", &self.expected)
            .field("unexercised", &self.unexercised)
            .finish_non_exhaustive()
    }
}

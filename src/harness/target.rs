//! Targets: implementations that a test names, and what is known of them before they run.

#[cfg_attr(not(feature = "process"), path = "target/adapter_left_out.rs")]
mod adapter;

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use super::notice::NOT_SCORED;
use crate::domain::{Allowed, Case, Narrowing};
use crate::export::shell_quoted;
use crate::files::{MOST_WRITTEN, read_text};
use crate::implementation::{
    BoxFuture, Deadlines, Description, Implementation, Launch, ReferenceImplementation, Remote,
};
use crate::observation::SetupFault;
use crate::spec::{Rule, Spec, Standing};
use crate::yaml::Source;

/// An implementation being opened.
pub type Opening = BoxFuture<'static, Result<Box<dyn Implementation>, SetupFault>>;

/// An implementation that a test names: how it is opened, and what is known of it before.
///
/// What is known beforehand makes trials *ignored* that would otherwise turn out not to be exercised.
///
/// ```
/// use countersign::harness::Target;
///
/// let target = Target::remote("gateway", ["target/debug/gateway", "--control"])
///     .without_events()
///     .takes("advertised-profile", "first");
/// assert_eq!(target.name(), "gateway");
/// ```
pub struct Target {
    name: String,
    against: Option<String>,
    mistake: Option<String>,
    missing: Option<String>,
    events: bool,
    alternatives: BTreeMap<String, String>,
    /// What its adapter says of alternatives, whether or not the test's packs have them; `None` where the implementation
    /// says so itself, once it runs.
    declared: Option<BTreeMap<String, String>>,
    /// What its adapter says that it can express.
    supports: Narrowing,
    /// The packs that it claims to be bound by.
    claims: Vec<String>,
    /// Its baseline, unread.
    known: Option<Source>,
    /// The command that starts it, where it is a program that speaks the control protocol.
    program: Option<String>,
    /// The program itself.
    file: Option<PathBuf>,
    within: Narrowing,
    packs: Option<Vec<String>>,
    allow_not_exercised: bool,
    open: Box<dyn Fn() -> Opening + Send + Sync>,
}

impl Target {
    /// Any implementation: `open` is called once for each run, in a single-threaded tokio runtime
    /// that lives as long as the run.
    ///
    /// ```
    /// use countersign::harness::Target;
    /// use countersign::implementation::{Implementation, ReferenceImplementation};
    /// use countersign::reference::Fault;
    ///
    /// let faulty = Target::new("faulty", || {
    ///     Box::pin(async {
    ///         let faulty = ReferenceImplementation::with_faults(&[Fault::AcceptsExpired]);
    ///         Ok(Box::new(faulty) as Box<dyn Implementation>)
    ///     })
    /// });
    /// assert_eq!(faulty.name(), "faulty");
    /// ```
    pub fn new(
        name: impl Into<String>,
        open: impl Fn() -> Opening + Send + Sync + 'static,
    ) -> Self {
        Self {
            name: name.into(),
            against: None,
            mistake: None,
            missing: None,
            events: true,
            alternatives: BTreeMap::new(),
            declared: None,
            supports: Narrowing::default(),
            claims: Vec::new(),
            known: None,
            program: None,
            file: None,
            within: Narrowing::default(),
            packs: None,
            allow_not_exercised: false,
            open: Box::new(open),
        }
    }

    /// The embedded reference implementation, as `reference`.
    pub fn reference() -> Self {
        let open = || -> Opening {
            Box::pin(async {
                Ok(Box::new(ReferenceImplementation::new()) as Box<dyn Implementation>)
            })
        };
        let claims = ReferenceImplementation::new().description().claims.clone();
        Self {
            against: Some("reference".to_owned()),
            claims,
            ..Self::new("reference", open)
        }
    }

    /// A program that speaks the control protocol: it is started with these arguments, prints
    /// `countersign-control: http://127.0.0.1:PORT` on its standard output, and ends when its
    /// standard input closes.
    pub fn remote<P: Into<String>>(
        name: impl Into<String>,
        command: impl IntoIterator<Item = P>,
    ) -> Self {
        let name = name.into();
        let mut command = command.into_iter().map(Into::into);
        let launch = Launch {
            name: name.clone(),
            program: command.next().unwrap_or_default().into(),
            arguments: command.collect(),
            directory: None,
            environment: Vec::new(),
            output: None,
        };
        let file = launch.program.clone();
        let words = [launch.program.to_string_lossy().into_owned()];
        let words: Vec<String> = words
            .iter()
            .chain(&launch.arguments)
            .map(|word| shell_quoted(word))
            .collect();
        let target = Self::new(name, move || {
            let launch = launch.clone();
            Box::pin(async move {
                let remote = Remote::start(&launch, None, Deadlines::default()).await?;
                Ok(Box::new(remote) as Box<dyn Implementation>)
            })
        });
        Self {
            program: Some(words.join(" ")),
            file: Some(file),
            ..target
        }
    }

    /// One that cannot be used, here or elsewhere.
    fn mistaken(name: String, why: String) -> Self {
        let fault = SetupFault {
            doing: "find the adapter".to_owned(),
            why: why.clone(),
            remedy: None,
        };
        let open = move || -> Opening {
            let fault = fault.clone();
            Box::pin(async { Err(fault) })
        };
        Self {
            mistake: Some(why),
            ..Self::new(name, open)
        }
    }

    /// The same under another name.
    #[must_use]
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// Says that it cannot run here, and why: one line, such as `nginx is not installed`. Its trials
    /// are ignored, with this reason told once for all of them, and fail with it when they are forced.
    #[must_use]
    pub fn missing(mut self, reason: impl Into<String>) -> Self {
        self.missing = Some(reason.into());
        self
    }

    /// Says that it hands over no audit events: rules that look at them are ignored.
    #[must_use]
    pub fn without_events(mut self) -> Self {
        self.events = false;
        self
    }

    /// Says which choice it takes of a spec's alternative: rules for the others are ignored, and not tried. Without
    /// this, what the implementation says itself counts once it runs (`alternatives` of the control protocol, or
    /// [`Description::alternatives`]), and where that says nothing, the first choice is assumed.
    #[must_use]
    pub fn takes(mut self, alternative: impl Into<String>, choice: impl Into<String>) -> Self {
        self.alternatives.insert(alternative.into(), choice.into());
        self
    }

    /// States its known departures, and the rules that never apply to it, as a file: a baseline, as
    /// `countersign run --write-baseline` writes it and `adapters/README.md` explains it. What the file lists
    /// must show, and nothing else may. `cargo test` resolves the path against the package's directory.
    #[must_use]
    pub fn known(mut self, file: impl AsRef<Path>) -> Self {
        let file = file.as_ref();
        match read_text(file, MOST_WRITTEN) {
            Ok(text) => self.known = Some(Source::new(file.display().to_string(), text)),
            Err(error) => {
                self.mistake = Some(format!(
                    "the baseline {0} cannot be read: {error}\n  help: `countersign run --against … \
                     --write-baseline {0}` writes one",
                    file.display()
                ));
            }
        }
        self
    }

    /// Shows rules that turn out never to apply to it as ignored even where not one case of a pack can
    /// be judged: for a product of somebody else's that can express a part of the domain only.
    #[must_use]
    pub fn allow_not_exercised(mut self) -> Self {
        self.allow_not_exercised = true;
        self
    }

    /// Plays only the part of the domain that is given: a path and what it allows.
    ///
    /// ```
    /// use countersign::harness::{Allowed, Target, Value};
    ///
    /// let remedied = Target::reference()
    ///     .named("reference-flag-set")
    ///     .within("policy.advertise_all", Allowed::Values(vec![Value::Bool(true)]))
    ///     .for_packs(["reachability"]);
    /// assert_eq!(remedied.name(), "reference-flag-set");
    /// ```
    #[must_use]
    pub fn within(mut self, path: impl Into<String>, allowed: Allowed) -> Self {
        self.within.by_path.insert(path.into(), allowed);
        self
    }

    /// Says that it claims a pack that binds claimants: it is held against it also where the test names no
    /// packs. An adapter of kind *process* says so itself; of a remote program it must be known before it
    /// runs.
    ///
    /// ```
    /// use countersign::harness::Target;
    ///
    /// let gateway = Target::remote("gateway", ["target/debug/gateway"]).claiming("api-access-policy");
    /// assert_eq!(gateway.name(), "gateway");
    /// ```
    #[must_use]
    pub fn claiming(mut self, pack: impl Into<String>) -> Self {
        self.claims.push(pack.into());
        self
    }

    /// Holds it against these packs only, of those that the test uses.
    #[must_use]
    pub fn for_packs<P: Into<String>>(mut self, packs: impl IntoIterator<Item = P>) -> Self {
        self.packs = Some(packs.into_iter().map(Into::into).collect());
        self
    }

    /// Its name in trials.
    pub fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn open(&self) -> Opening {
        (self.open)()
    }

    /// The name by which the command knows it.
    pub(super) fn against(&self) -> Option<&str> {
        self.against.as_deref()
    }

    /// Why it cannot be used at all, here or elsewhere.
    pub(super) fn mistake(&self) -> Option<&str> {
        self.mistake.as_deref()
    }

    pub(super) fn narrowing(&self) -> &Narrowing {
        &self.within
    }

    /// The command that starts it.
    pub(super) fn program(&self) -> Option<&str> {
        self.program.as_deref()
    }

    /// Why it cannot be started, where its program is not there: who names a program of his own wants to
    /// know, so this fails.
    pub(super) fn not_there(&self) -> Option<String> {
        let file = self.file.as_ref()?;
        let is_there = match file.parent() {
            Some(parent) if parent != Path::new("") => file.is_file(),
            _ => {
                let paths = std::env::var_os("PATH").unwrap_or_default();
                std::env::split_paths(&paths).any(|folder| folder.join(file).is_file())
            }
        };
        (!is_there).then(|| {
            format!(
                "not judged; this accuses nobody\n\n  there is no program `{}`, which is to be `{}`\n  \
                 remedy    build it first, as with `cargo build`, or correct its path; relative paths begin \
                 at the package's directory",
                file.display(),
                self.name
            )
        })
    }

    /// Its baseline, unread.
    pub(super) fn baseline(&self) -> Option<&Source> {
        self.known.as_ref()
    }

    /// Why it cannot express a case, where its adapter says so beforehand.
    pub(super) fn cannot(&self, case: &Case) -> Option<String> {
        self.supports.refusal(case)
    }

    /// Whether it claims a pack.
    pub(super) fn claims(&self, pack: &str) -> bool {
        self.claims.iter().any(|claimed| claimed == pack)
    }

    pub(super) fn packs(&self) -> Option<&[String]> {
        self.packs.as_deref()
    }

    pub(super) fn allows_not_exercised(&self) -> bool {
        self.allow_not_exercised
    }

    pub(super) fn reason_missing(&self) -> Option<&str> {
        self.missing.as_deref()
    }

    pub(super) fn alternatives(&self) -> impl Iterator<Item = (&str, &str)> {
        self.alternatives
            .iter()
            .map(|(alternative, choice)| (alternative.as_str(), choice.as_str()))
    }

    /// Why a rule need not be tried, where that is known beforehand; one line.
    pub(super) fn need_not_try(&self, spec: &Spec, rule: &Rule) -> Option<String> {
        if let Some(reason) = &self.missing {
            return Some(reason.clone());
        }
        if let Standing::NotScored(reason) = &rule.standing {
            return Some(format!("{NOT_SCORED}{reason}"));
        }
        if rule.uses_events() && !self.events {
            return Some("it hands over no audit events".to_owned());
        }
        // What the test says comes before what the adapter says.
        let mut description = Description {
            alternatives: self.declared.clone().unwrap_or_default(),
            ..Description::default()
        };
        description.alternatives.extend(self.alternatives.clone());
        spec.presumes(rule).find_map(|presumed| {
            if self.declared.is_none() && !self.alternatives.contains_key(presumed.alternative) {
                return None;
            }
            let taken = description.takes(presumed.alternative, presumed.first);
            (taken != presumed.choice)
                .then(|| format!("it takes {}: {taken}", presumed.alternative))
        })
    }
}

impl fmt::Debug for Target {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Target")
            .field("name", &self.name)
            .field("missing", &self.missing)
            .field("events", &self.events)
            .field("alternatives", &self.alternatives)
            .field("within", &self.within)
            .field("packs", &self.packs)
            .finish_non_exhaustive()
    }
}

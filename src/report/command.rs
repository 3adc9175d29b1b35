//! Commands to copy: what a reader types to see the same again.

use crate::export::{path_quoted, shell_quoted};
use crate::results::Run;

/// What the embedded reference implementation is called.
const REFERENCE: &str = "reference";

/// What a spec is called that the command read from standard input.
const STANDARD_INPUT: &str = "standard input";

/// What a printed command has to say of the run that printed it, so that it judges the same.
#[derive(Clone, Copy, Debug, Default)]
pub struct Called<'a> {
    /// The implementation as `--against` names it.
    pub against: &'a str,
    /// The faults that were seeded in it.
    pub faults: &'a [String],
    /// The packs that the implementation was held against without claiming them.
    pub claims: &'a [String],
    /// What fields were narrowed to, as `--set` takes it: the case is not to be made simpler than that.
    pub set: &'a [String],
    /// The file of further clients.
    pub catalogue: Option<&'a str>,
    /// The baseline that was named.
    pub baseline: Option<&'a str>,
}

impl<'a> Called<'a> {
    /// What commands have to say of a run.
    pub fn of(run: &'a Run) -> Self {
        let asked = &run.asked;
        Self {
            against: &asked.against,
            faults: &asked.faults,
            claims: &asked.claims,
            set: &asked.set,
            catalogue: asked.catalogue.as_deref(),
            baseline: asked.baseline.as_deref(),
        }
    }
}

impl Called<'_> {
    /// Whether it is the embedded reference implementation.
    pub(super) fn is_reference(&self) -> bool {
        self.against == REFERENCE
    }

    /// The options that name the implementation, each with a space before it.
    pub(super) fn implementation(&self) -> String {
        let mut options = match self.is_reference() {
            true => String::new(),
            false => format!(" --against {}", path_quoted(self.against)),
        };
        for fault in self.faults {
            options.push_str(&format!(" --fault {}", shell_quoted(fault)));
        }
        options
    }

    /// The options of `run` that judge one case by one rule, each with a space before it.
    pub(super) fn one_case(&self, pack: &str, spec: &str, rule: &str, brief: &str) -> String {
        let claim = match self.claims.iter().any(|claim| claim == pack) {
            true => format!(" --claim {}", shell_quoted(pack)),
            false => String::new(),
        };
        let baseline = self.baseline.map_or_else(String::new, |file| {
            format!(" --baseline {}", path_quoted(file))
        });
        let set = self
            .set
            .iter()
            .map(|set| format!(" --set {}", shell_quoted(set)));
        format!(
            "{}{baseline} --spec {}{claim} --rule {}{} --case {}",
            self.implementation(),
            spec_word(spec),
            shell_quoted(rule),
            set.collect::<String>(),
            shell_quoted(brief)
        )
    }

    /// The options of `serve` that put a case's policy in force, each with a space before it.
    pub(super) fn policy(&self, spec: &str, brief: &str) -> String {
        format!(
            "{} --spec {} --case {}",
            self.implementation(),
            spec_word(spec),
            shell_quoted(brief)
        )
    }
}

/// A spec as `--spec` takes it, in a shell.
fn spec_word(spec: &str) -> String {
    match spec {
        // Where it came from; whoever copies the command gives it again.
        STANDARD_INPUT => "-".to_owned(),
        spec => path_quoted(spec),
    }
}

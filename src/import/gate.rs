//! Places of other gateways that ask for credentials, and whom they shut out, as far as what is written of them says so.

use super::policy::ProfileScheme;
use crate::user_agents::catalogue::Catalogue;
use crate::user_agents::model::{Accepts, Layout, Script};
use crate::user_agents::reach::Reach;

/// A place that asks for credentials: a location, or operations that declare the same.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Gate {
    /// What it is called, and where it stands.
    pub name: String,
    /// What lets somebody in, each alone.
    pub accepts: Vec<ProfileScheme>,
    /// What a 401 may name: when, and the field lines.
    pub names: Vec<(String, Vec<String>)>,
    /// What is not understood of it, or not said.
    pub notes: Vec<String>,
}

impl Gate {
    /// Says of a place with one way that a 401 may name it, or nothing, and why nobody knows which.
    pub(super) fn name_or_not(&mut self, why: &str, notes: &mut Vec<String>) {
        let line = |scheme: &ProfileScheme| match scheme {
            ProfileScheme::Basic => Some("Basic realm=\"REALM\"".to_owned()),
            ProfileScheme::Bearer => Some("Bearer realm=\"REALM\"".to_owned()),
            _ => None,
        };
        let lines: Vec<String> = self.accepts.iter().filter_map(line).collect();
        if !lines.is_empty() {
            notes.push(why.to_owned());
            let both = [
                ("a 401 names what is asked for", lines),
                ("a 401 names nothing", Vec::new()),
            ];
            let both = both.map(|(when, lines)| (when.to_owned(), lines));
            self.names.extend(both);
        }
    }
}

/// A gate, and the clients by what a 401 names.
#[derive(Clone, Debug)]
pub struct JudgedGate<'a> {
    /// The gate.
    pub gate: &'a Gate,
    /// The clients, in the order of what it may name.
    pub reach: Vec<Reach<'a>>,
}

impl JudgedGate<'_> {
    /// Whether some clients are shut out, whatever a 401 names of what it may.
    pub fn shuts_out(&self) -> bool {
        let out = |reach: &Reach<'_>| reach.inside() < reach.concerned();
        !self.reach.is_empty() && self.reach.iter().all(out)
    }
}

/// Whom each gate shuts out. Nobody is asked.
pub fn judge_gates<'a>(gates: &'a [Gate], catalogue: &'a Catalogue) -> Vec<JudgedGate<'a>> {
    let judged = gates.iter().map(|gate| {
        let reach = gate.names.iter().map(|(_, lines)| {
            let mut script = Script::new(Layout::new(lines.iter().map(String::as_str)));
            script.accepts = Accepts {
                basic: gate.accepts.contains(&ProfileScheme::Basic),
                bearer: gate.accepts.contains(&ProfileScheme::Bearer),
                digest: false,
            };
            Reach::of(catalogue, &script)
        });
        JudgedGate {
            gate,
            reach: reach.collect(),
        }
    });
    judged.collect()
}

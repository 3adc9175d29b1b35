//! The passes of shrinking, in the order in which they are made: the engine and the strategies for property
//! tests walk the same list, so that both end at the same minimum.

use super::case::Case;
use super::change::Change;
use super::space::Domain;

/// A way to make a case simpler.
#[derive(Clone, Copy, Debug)]
pub struct Pass {
    /// Its name.
    pub name: &'static str,
    /// What it reaches that the passes before it do not.
    pub unlocks: &'static str,
    /// The changes that it tries, in order. Each leads to a simpler case.
    pub changes: fn(&Domain, &Case) -> Vec<Change>,
    /// Whether it has every single step, so that a case of which none fails is minimal: what it tried is the
    /// proof.
    pub proves: bool,
    /// Whether it may put another client in the place of the one that fails. Not so where clients are
    /// compared: who is shut out is what such a finding is about.
    pub replaces_client: bool,
}

/// Every pass. When one finds a simpler case, the first begins anew.
pub const PASSES: [Pass; 3] = [
    Pass {
        name: "single steps",
        unlocks: "whatever can be left out or made simple by itself: steps of the course first, then the \
                  client's fields, then the policy's",
        changes: Domain::simplifications,
        proves: true,
        replaces_client: false,
    },
    Pass {
        name: "simpler clients",
        unlocks: "one of several clients that meet one defect, where no single field leads from one to the \
                  other",
        changes: Domain::simpler_clients,
        proves: false,
        replaces_client: true,
    },
    Pass {
        name: "swaps of a flag",
        unlocks: "one of several flags that show one fault each by itself, where no single step leads from \
                  one to the other",
        changes: Domain::substitutions,
        proves: false,
        replaces_client: false,
    },
];

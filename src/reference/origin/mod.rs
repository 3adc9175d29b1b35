//! An origin server by the RFCs: a resource that is protected with the schemes of a policy's active
//! profiles, all of them advertised.
//!
//! The platform of `policy.rs` has switches for what it advertises, and spells schemes its own way. A
//! policy that has none of those switches is no policy of that platform, and is enforced here.

mod challenges;
mod decide;

use super::fault::Faults;
use super::policy::{Configured, distinct, flag};
use crate::auth::Scheme;
use crate::domain::Value;

/// The realm of every challenge.
const REALM: &str = "countersign";

/// A resource and what it asks for, worked out once, when its policy is installed.
#[derive(Clone, Debug)]
pub(super) struct Resource {
    /// The schemes of the active profiles, each once, in the order of configuration.
    pub(super) schemes: Vec<Scheme>,
    /// The scope that a token must have (RFC 6750 §3.1).
    required_scope: Option<String>,
    /// Whether a stronger log-in is asked for than tokens here stand for (RFC 9470).
    step_up: bool,
    /// Whether challenges say where the resource's metadata is (RFC 9728 §5.1).
    metadata: bool,
    /// Whether pages of other origins may ask: preflights are answered (Fetch, CORS protocol).
    cross_origin: bool,
}

/// Whether a policy is one of this kind: it has none of the platform's switches.
pub(super) fn speaks_for(policy: &Value, instance: &Value) -> bool {
    let switches = [
        policy.field("active"),
        policy.field("advertise_all"),
        instance.field("first_scheme_only"),
    ];
    switches.iter().all(Option::is_none)
}

impl Resource {
    /// Works out what a policy record asks for. Fields that are not there ask for nothing.
    ///
    /// # Errors
    ///
    /// In words, when a profile has a scheme that the reference implementation does not have.
    pub(super) fn of(policy: &Value, _faults: &Faults) -> Result<Self, String> {
        let configured = Configured::read(policy)?;
        let scope = policy.field("required_scope").and_then(Value::as_symbol);
        Ok(Self {
            schemes: distinct(configured.active.iter().copied()),
            required_scope: scope.filter(|scope| *scope != "none").map(str::to_owned),
            step_up: flag(policy, "step_up", false),
            metadata: flag(policy, "metadata", false),
            cross_origin: flag(policy, "cross_origin", false),
        })
    }
}

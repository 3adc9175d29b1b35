//! Implementations under test: what every kind of them must be able to do, and the kinds that need no
//! adapter.
//!
//! *Remote* is any program that speaks the control protocol; the embedded [`ReferenceImplementation`] is
//! the third kind, and *deployed* the fourth: an endpoint that is there and cannot be configured. Kind *process* and whatever an adapter says stand a floor above, in the room `adapter`.

mod accept;
mod address;
mod brand;
#[cfg_attr(not(feature = "reqwest"), path = "caller_bare.rs")]
mod caller;
mod child;
mod control;
mod deployed;
mod guard;
mod introspection;
mod issuer;
mod remote;
mod signal;
mod space;
mod supports;
mod tail;
mod upstream;
mod vocabulary;
mod ways;

mod reference;

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;

use tokio::sync::mpsc::Receiver;

pub use child::Launch;
pub use control::{CONTROL_LINE, PROTOCOL};
pub use deployed::{Deployed, DeployedPolicy, ENDPOINT, Guest};
pub use remote::{AttachFault, Deadlines, Remote, check_control_url};
pub use signal::Signal;
pub use space::Space;
pub use supports::Supports;
pub use upstream::Upstreams;

pub use vocabulary::Vocabulary;

use crate::credentials::{Identity, TokenKind};
use crate::domain::{Narrowing, Setting, Value};
use crate::observation::{Arrival, AuditEvent, SetupFault};
use crate::reference::Served;
use crate::wire::{Endpoint, UpstreamPlaces};

pub use reference::ReferenceImplementation;

// What kind *process* has in common with kind *remote*.
#[cfg(feature = "process")]
pub(crate) use self::{
    accept::accept,
    brand::Brand,
    child::Child,
    control::read_resource,
    introspection::{Tokens, good, introspected},
    issuer::{Issuer, IssuerPlace, issuer_for},
    supports::supports_from_yaml,
    tail::{excerpt, last_lines},
    vocabulary::Slip,
    ways::{WAYS, allowed_ways},
};

/// A boxed future, so that [`Implementation`] can be used as a trait object.
///
/// What other crates await of the larger rooms is boxed for another reason: an optimising compiler makes an
/// `async fn` anew, with all that it awaits, in every part of every crate that awaits it.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Opens an implementation, in the runtime in which it will be used.
pub type Opener =
    Box<dyn FnOnce() -> BoxFuture<'static, Result<Box<dyn Implementation>, SetupFault>> + Send>;

/// What an implementation says of itself before the first case.
#[derive(Clone, Debug, Default)]
pub struct Description {
    /// Its name in reports and in `--against`.
    pub name: String,
    /// Its version, as it reports it.
    pub version: String,
    /// How many policies it can hold at once; at least 1.
    pub slots: usize,
    /// The part of a domain that it can express, as it says; see [`Description::supported`].
    pub supports: Narrowing,
    /// Paths of policy and instance that it knows in full, beside those that `supports` names.
    pub knows: Vec<String>,
    /// Names of specs of its own (paths of policy and instance, alternatives, packs), which other specs need not
    /// have: where no spec at hand has them, they are passed over.
    pub own: Vec<String>,
    /// Packs that bind whoever claims them, and that it claims.
    pub claims: Vec<String>,
    /// How policies reach it.
    pub nature: Nature,
    /// Whether it hands over audit events.
    pub events: bool,
    /// Whether it changes a policy that is in force where it is edited, and does not begin anew: what is stale may
    /// show there.
    pub edits: bool,
    /// Whether it tells what reaches the backend.
    pub arrivals: bool,
    /// What it takes for a token.
    pub tokens: TokenKind,
    /// Which choice it takes of a spec's alternatives, by the alternative's name.
    pub alternatives: BTreeMap<String, String>,
}

impl Description {
    /// Which choice of an alternative it takes: what it declares, or else the first.
    pub fn takes<'a>(&'a self, alternative: &str, first: &'a str) -> &'a str {
        let declared = self.alternatives.get(alternative);
        declared.map_or(first, String::as_str)
    }
}

/// How policies reach an implementation, and what follows from it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Nature {
    /// It is a part of this program: nothing of its set-up can be wrong.
    Embedded,
    /// Templates turn policies into its configuration, and pass over fields that they do not know.
    Configured,
    /// It is given every policy whole, and can say that it cannot express it.
    #[default]
    Told,
    /// It is there, has the one policy that it has, and belongs to somebody who uses it.
    Deployed,
}

/// A set of policies that replaces whatever was installed before.
#[derive(Clone, Debug)]
pub struct Installation {
    /// Grows by one with each installation of a run; readiness is proven by it.
    pub generation: u64,
    /// What it came out of, where only fields of its policies changed: what an implementation remembers of that
    /// (sessions, nonces, failed log-ins) may stay.
    pub edit_of: Option<SettingsEdit>,
    /// Who may log in, and with what.
    pub identities: Vec<Identity>,
    /// The settings, by slot; never more than [`Description::slots`].
    pub policies: Vec<Setting>,
    /// Where the auth service and the backend of each slot are, where its policy has a gateway ask them; may be
    /// shorter than the settings.
    pub upstreams: Vec<Option<UpstreamPlaces>>,
}

impl Installation {
    /// Where the auth service and the backend of a slot are, if it has some.
    pub fn upstreams_of(&self, slot: usize) -> Option<&UpstreamPlaces> {
        self.upstreams.get(slot)?.as_ref()
    }
}

/// How an installation came out of an earlier one.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SettingsEdit {
    /// The generation of that.
    pub of: u64,
    /// The fields that were edited, by slot: paths with their new values; none where a slot stayed as it was.
    pub slots: Vec<Vec<(String, Value)>>,
}

/// What became of one policy of an installation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Placement {
    /// It is in force at this endpoint.
    Endpoint(Endpoint),
    /// The implementation cannot express it, and says why: verdict not applicable.
    Unsupported(String),
}

/// An implementation under test.
///
/// The engine calls one method at a time and has a deadline of its own on each.
pub trait Implementation: Send {
    /// What it is and what it supports.
    fn description(&self) -> &Description;

    /// Installs a set of policies and answers when every endpoint serves it: one placement per
    /// policy, in order.
    fn install<'a>(
        &'a mut self,
        installation: &'a Installation,
    ) -> BoxFuture<'a, Result<Vec<Placement>, SetupFault>>;

    /// All audit events since `generation` was installed, in the order in which they happened. Only
    /// called where [`Description::events`] is true.
    fn events(&mut self, generation: u64) -> BoxFuture<'_, Result<Vec<AuditEvent>, SetupFault>>;

    /// The same without the first `known` of them, which the caller has seen before. Worth
    /// overriding where handing over all of them each time is dear.
    fn events_after(
        &mut self,
        generation: u64,
        known: usize,
    ) -> BoxFuture<'_, Result<Vec<AuditEvent>, SetupFault>> {
        Box::pin(async move {
            let mut events = self.events(generation).await?;
            events.drain(..known.min(events.len()));
            Ok(events)
        })
    }

    /// What reached the backend since `generation` was installed, in order, without the first `known`.
    /// Only called where [`Description::arrivals`] is true.
    fn arrivals_after(
        &mut self,
        _generation: u64,
        _known: usize,
    ) -> BoxFuture<'_, Result<Vec<Arrival>, SetupFault>> {
        Box::pin(async { Ok(Vec::new()) })
    }

    /// Every request from now on, with the status of its answer, where it can be looked on.
    fn look_on(&mut self) -> Option<Receiver<Served>> {
        None
    }

    /// How to open another one like it, which shares nothing with it and can be played at the same time;
    /// nothing where there is only this one.
    fn another(&self) -> Option<Opener> {
        None
    }

    /// As whom and with what care it is asked, where it is deployed: nobody can tell it who may log in.
    fn guest(&self) -> Option<Guest> {
        None
    }

    /// How it ended, in words, where it is a program that was started here and ended by itself.
    fn ended(&mut self) -> Option<String> {
        None
    }

    /// Stops it and frees what it holds. Must be safe to call twice.
    fn stop(&mut self) -> BoxFuture<'_, ()>;
}

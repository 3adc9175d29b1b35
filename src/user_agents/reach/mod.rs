//! Reach: which clients of the catalogue get in where these challenges are sent, which do not and why,
//! and which change of the layout would let in more.
//!
//! Who gets in comes out of the model: causes are read off a client's traits and what it made of the
//! layout, and advice is the best of the layouts that were played. What is to be said of a response
//! whoever the client is a [`Remark`].

mod advice;
mod cause;
mod known;
mod remark;
mod saved;
mod seen;
#[cfg(test)]
mod tests;
mod witness;

pub use advice::{ANY_REALM, Advice, SchemeSpelling, advise, is_sure, plain};
pub use cause::ShutOutCause;
pub use known::{Knows, SchemeKnowledge};
pub use remark::Remark;
pub use saved::saved_response;
pub use seen::ResponseHead;
pub use witness::Witnesses;

use super::catalogue::{Catalogue, CatalogueEntry};
use super::model::{First, KnownScheme, Quirk, Script, play};

/// What becomes of one client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It gets in.
    In,
    /// It is shut out.
    Out(ShutOutCause),
    /// It has no use for what is accepted here, or is a client of a proxy where an origin server asks,
    /// or the reverse: it says nothing about the layout.
    NotConcerned,
}

impl Fate {
    /// A short word for it, for programs.
    pub fn word(&self) -> &'static str {
        match self {
            Self::In => "in",
            Self::Out(_) => "out",
            Self::NotConcerned => "not-concerned",
        }
    }
}

/// What becomes of every client of a catalogue.
#[derive(Clone, Debug)]
pub struct Reach<'c> {
    /// The clients with their fates, in the order of the catalogue.
    pub clients: Vec<(&'c CatalogueEntry, Fate)>,
    /// What was seen of real programs, where some were asked to log in by such challenges.
    pub witnesses: Option<Witnesses>,
}

impl<'c> Reach<'c> {
    /// Plays every client against a server that sends these challenges and takes these credentials.
    pub fn of(catalogue: &'c Catalogue, script: &Script) -> Self {
        let entries = catalogue.entries.iter();
        Self {
            clients: entries.map(|entry| (entry, fate(entry, script))).collect(),
            witnesses: Witnesses::of(script),
        }
    }

    /// How many get in.
    pub fn inside(&self) -> usize {
        let inside = self.clients.iter().filter(|(_, fate)| *fate == Fate::In);
        inside.count()
    }

    /// How many have a use for what is accepted.
    pub fn concerned(&self) -> usize {
        let concerned = |fate: &Fate| *fate != Fate::NotConcerned;
        let clients = self.clients.iter();
        clients.filter(|(_, fate)| concerned(fate)).count()
    }

    /// The clients that are shut out, by cause; the cause of the most first.
    pub fn by_cause(&self) -> Vec<(&ShutOutCause, Vec<&'c CatalogueEntry>)> {
        let mut groups: Vec<(&ShutOutCause, Vec<&'c CatalogueEntry>)> = Vec::new();
        for (entry, fate) in &self.clients {
            let Fate::Out(cause) = fate else { continue };
            match groups.iter_mut().find(|(known, _)| *known == cause) {
                Some((_, entries)) => entries.push(entry),
                None => groups.push((cause, vec![entry])),
            }
        }
        groups.sort_by_key(|(_, entries)| std::cmp::Reverse(entries.len()));
        groups
    }
}

/// What becomes of one client.
fn fate(entry: &CatalogueEntry, script: &Script) -> Fate {
    if !is_concerned(entry, script) {
        return Fate::NotConcerned;
    }
    match play(&entry.traits, script).is_in() {
        true => Fate::In,
        false => Fate::Out(ShutOutCause::of(&entry.traits, script)),
    }
}

/// Whether a client could get in with what it was given, if it were asked for it rightly.
fn is_concerned(entry: &CatalogueEntry, script: &Script) -> bool {
    let traits = &entry.traits;
    let usable = |scheme| match scheme {
        KnownScheme::Basic => script.accepts.basic && traits.has_password(),
        KnownScheme::Digest => script.accepts.digest && traits.has_password(),
        KnownScheme::Bearer => script.accepts.bearer && traits.has_token(),
        KnownScheme::Negotiate | KnownScheme::Ntlm => false,
    };
    let volunteers = match traits.first {
        First::Basic => usable(KnownScheme::Basic),
        First::Bearer => usable(KnownScheme::Bearer),
        First::Nothing => false,
        First::NoRequest => return false,
    };
    let asked_by_proxy = script.status == 407;
    traits.quirks.has(Quirk::Proxy) == asked_by_proxy && (volunteers || traits.known().any(usable))
}

//! Policies of others, read into the words of the specs without asking anybody anything: exported records of a
//! platform, with their history. And what follows from a policy for real clients, by the model of them.
//!
//! What is not understood, and what is missing, is told where it stands, and never dropped in silence.

mod advise;
mod policy;
mod read;
mod record;
mod secrets;
mod servicenow;
mod table_api;
mod tables;
#[cfg(test)]
mod tests;
mod told;
mod unload;
mod write;
mod xml;

pub use advise::{Advised, Named, NamedBy, PolicyOutcome, Remedied, Shut, advise_on};
pub use policy::{Imported, ImportedPolicy, Profile, ProfileScheme, Protects};
pub use read::read;
pub use servicenow::servicenow;
pub use told::{ImportNotes, RecordPlace};
pub use write::written;

//! Policies of others, read into the words of the specs without asking anybody anything: exported records of a
//! platform, with their history; the configurations of nginx, Kong and Envoy Gateway. And what follows from a policy for real clients, by the model of them.
//!
//! What is not understood, and what is missing, is told where it stands, and never dropped in silence.

mod advise;
mod documents;
mod gate;
mod gateway_api;
mod kong;
mod nginx;
mod policy;
mod precedence;
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
pub use gate::{Gate, JudgedGate, judge_gates};
pub use gateway_api::{gateway_api, is_gateway_api};
pub use kong::{is_kong, kong};
pub use nginx::{is_nginx, nginx};
pub use policy::{Imported, ImportedPolicy, Profile, ProfileScheme, Protects};
pub use precedence::{Overlap, Priority, overlaps};
pub use read::read;
pub use servicenow::servicenow;
pub use told::{ImportNotes, RecordPlace};
pub use write::written;

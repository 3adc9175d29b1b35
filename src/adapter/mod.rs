//! Adapters: a folder that says how Countersign works one real implementation. No Rust.
//!
//! `adapters/README.md` is the reference of its keys; `adapters/nginx/` and
//! `adapters/django-rest-framework/` are one example of each kind. Kind *process* is a program that the
//! adapter configures with templates, and is here; kind *remote* is one that speaks the control protocol.
//! [`open`] gives either by its name.

mod availability;
mod check;
mod command;
mod definition;
mod folder;
mod home;
mod install;
mod journal;
mod opened;
mod password_hash;
mod process;
mod read;
mod registry;
mod shipped;
mod start;
mod template;

pub use availability::{Availability, availability};
pub use definition::{
    ADAPTER_FILE, Adapter, AdapterKind, EventLog, Install, Log, Npm, Origin, Program, Python,
    Recipe, Reload, Underway, VersionCommand,
};
pub use folder::Folder;
pub use home::Home;
pub use install::{InstallOutcome, install};
pub use journal::{EventLine, Pattern};
pub use process::Process;
pub use registry::{OpenFault, find_adapter, open, open_adapter, shipped_names};

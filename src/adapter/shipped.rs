//! The adapters that ship inside the binary: every folder of `adapters/`, put here by `build.rs`.

use super::folder::Folder;

/// Every shipped adapter, by name.
pub(super) const SHIPPED: &[(&str, Folder)] = include!(concat!(env!("OUT_DIR"), "/adapters.rs"));

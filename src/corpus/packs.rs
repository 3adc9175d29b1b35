//! The packs that ship, read once.

use std::sync::OnceLock;

use crate::spec::{SHIPPED, Spec, shipped};

static PACKS: OnceLock<Vec<Spec>> = OnceLock::new();

/// All of them.
pub(super) fn all() -> &'static [Spec] {
    PACKS.get_or_init(|| {
        let texts = SHIPPED.iter().filter_map(|(name, _)| shipped(name));
        texts.filter_map(|text| Spec::read(&text).ok()).collect()
    })
}

/// The one of this name.
pub(super) fn named(name: &str) -> Option<&'static Spec> {
    all().iter().find(|spec| spec.pack.name == name)
}

//! The catalogue that ships, embedded so that the command works anywhere.

use std::sync::LazyLock;

use super::Catalogue;
use crate::yaml::{Diagnostics, Source};

/// The layouts that the clients were measured on, as `countersign clients predict` reads them.
pub const LAYOUTS: &str = include_str!("../../../clients/measured/layouts.json");

/// What they did there.
pub const MEASUREMENTS: &str = include_str!("../../../clients/measured/observations.jsonl");

/// The layouts that the clients beside the catalogue were measured on, and what they did there. What is wrong with a
/// response is not noted there.
pub const LATER: (&str, &str) = (
    include_str!("../../../clients/measured/later-layouts.json"),
    include_str!("../../../clients/measured/later.jsonl"),
);

macro_rules! files {
    ($($name:literal),+) => {
        &[$((concat!("clients/", $name), include_str!(concat!("../../../clients/", $name)))),+]
    };
}

/// Name and text of every file of the catalogue.
const FILES: &[(&str, &str)] = files!(
    "curl.yaml",
    "programs.yaml",
    "browsers.yaml",
    "python.yaml",
    "javascript.yaml",
    "java.yaml",
    "rust.yaml",
    "others.yaml"
);

/// Name and text of every file of what stands beside it.
const FILES_BESIDE: &[(&str, &str)] = files!("connectors.yaml", "curl-8.yaml", "later.yaml");

/// Name and text of every script that a client is driven by.
const DRIVERS: &[(&str, &str)] = &[
    (
        "python.py",
        include_str!("../../../clients/drivers/python.py"),
    ),
    (
        "node.mjs",
        include_str!("../../../clients/drivers/node.mjs"),
    ),
    (
        "Client.java",
        include_str!("../../../clients/drivers/Client.java"),
    ),
    (
        "Client.cs",
        include_str!("../../../clients/drivers/Client.cs"),
    ),
];

/// The text of a script that clients are driven by.
pub fn driver(name: &str) -> Option<&'static str> {
    let mut drivers = DRIVERS.iter();
    let found = drivers.find(|(have, _)| *have == name);
    found.map(|(_, text)| *text)
}

/// The catalogue that ships, read once.
///
/// # Errors
///
/// Diagnostics where a file of it is wrong, which the tests rule out.
pub fn shipped() -> Result<&'static Catalogue, &'static Diagnostics> {
    static SHIPPED: LazyLock<Result<Catalogue, Diagnostics>> = LazyLock::new(|| {
        let mut catalogue = Catalogue::default();
        for (name, text) in FILES {
            catalogue.add(&Source::new(*name, *text))?;
        }
        Ok(catalogue)
    });
    SHIPPED.as_ref()
}

/// The catalogue with what stands beside it, which reach does not count: API testers and connectors that are driven from
/// here, and what was measured later.
///
/// # Errors
///
/// Diagnostics where a file of it is wrong, which the tests rule out.
pub fn everything() -> Result<&'static Catalogue, &'static Diagnostics> {
    static ALL: LazyLock<Result<Catalogue, Diagnostics>> = LazyLock::new(|| {
        let mut catalogue = shipped().map_err(Clone::clone)?.clone();
        for (name, text) in FILES_BESIDE {
            catalogue.add(&Source::new(*name, *text))?;
        }
        Ok(catalogue)
    });
    ALL.as_ref()
}

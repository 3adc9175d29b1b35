//! Which real programs got into which real gateways: the runs that `docs/clients-matrix.json` tells of.

use std::sync::LazyLock;

use serde::Deserialize;

/// The runs as they are kept.
const TEXT: &str = include_str!("../../../docs/clients-matrix.json");

/// A gateway or a framework under a policy that takes Basic, and what became of the programs that asked it.
#[derive(Clone, Debug, Deserialize)]
pub struct RealRun {
    /// Its name and version.
    pub implementation: String,
    /// The field lines of its 401.
    pub challenges: Vec<String>,
    /// The programs.
    pub clients: Vec<RealClient>,
}

/// A program that asked, with credentials that are taken there.
#[derive(Clone, Debug, Deserialize)]
pub struct RealClient {
    /// Its name in the catalogue.
    pub name: String,
    /// Whether it got in.
    #[serde(rename = "in")]
    pub is_in: bool,
}

#[derive(Deserialize)]
struct RunsFile {
    places: Vec<RealRun>,
}

/// All of them, in the order in which they were played; none where the file is no such one, which a test rules out.
pub fn real_runs() -> &'static [RealRun] {
    static RUNS: LazyLock<Vec<RealRun>> = LazyLock::new(|| {
        let file = serde_json::from_str::<RunsFile>(TEXT);
        file.map(|file| file.places).unwrap_or_default()
    });
    &RUNS
}

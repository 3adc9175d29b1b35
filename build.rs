//! Builds every folder of `adapters/` into the binary, so that adding a gateway is adding a folder.

use std::error::Error;
use std::ffi::OsStr;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

/// What only readers and tests of the repository need.
const LEFT_OUT: [&str; 2] = ["README.md", "answers.txt"];

/// The folder of what programs of several adapters use: each adapter with a `server.py` gets the Python
/// files of it beside its own, each with a `server.js` those for Node.js.
const SHARED: &str = "shared";

fn main() -> Result<(), Box<dyn Error>> {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?).join("adapters");
    println!("cargo::rerun-if-changed=adapters");
    let mut table = String::from("&[\n");
    for folder in sorted(&root)?.iter().filter(|path| path.is_dir()) {
        if !folder.join("adapter.yaml").is_file() {
            continue;
        }
        let name = folder.file_name().unwrap_or_default().to_string_lossy();
        let mut files = Vec::new();
        collect(folder, &mut files)?;
        let shared: Vec<PathBuf> = sorted(&root.join(SHARED))?
            .into_iter()
            .filter(|file| file.extension().is_some_and(|kind| serves(folder, kind)))
            .collect();
        writeln!(
            table,
            "    ({name:?}, Folder::Shipped {{ name: {name:?}, files: &["
        )?;
        for file in files.iter().chain(&shared) {
            let inside = file
                .strip_prefix(folder)
                .or_else(|_| file.strip_prefix(root.join(SHARED)))?
                .to_string_lossy()
                .replace('\\', "/");
            let path = file.to_string_lossy();
            writeln!(table, "        ({inside:?}, include_str!({path:?})),")?;
        }
        table.push_str("    ] }),\n");
    }
    table.push_str("]\n");
    fs::write(
        PathBuf::from(env::var("OUT_DIR")?).join("adapters.rs"),
        table,
    )?;
    Ok(())
}

/// Every file below a folder that the binary needs.
fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), Box<dyn Error>> {
    for path in sorted(folder)? {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if path.is_dir() {
            // What npm or Python left beside the sources on a developer's machine.
            if name != "node_modules" && name != "__pycache__" {
                collect(&path, files)?;
            }
        } else if !LEFT_OUT.contains(&&*name) {
            files.push(path);
        }
    }
    Ok(())
}

/// Whether the adapter's program is written in the language of this file ending.
fn serves(folder: &Path, kind: &OsStr) -> bool {
    kind != "md" && folder.join("server").with_extension(kind).is_file()
}

fn sorted(folder: &Path) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let mut paths = fs::read_dir(folder)?
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<Vec<_>, std::io::Error>>()?;
    paths.sort_unstable();
    Ok(paths)
}

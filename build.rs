//! Builds every folder of `adapters/` into the binary, so that adding a gateway is adding a folder.

use std::error::Error;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

/// What only readers and tests of the repository need.
const LEFT_OUT: [&str; 2] = ["README.md", "answers.txt"];

/// The kits of the control protocol: an adapter with this program gets the files of this kind in this folder beside
/// its own, in a folder of this name, by which its program finds them.
const KITS: [(&str, &str, &str, &str); 2] = [
    (
        "server.py",
        "kits/python/countersign_control",
        "py",
        "countersign_control",
    ),
    ("server.js", "kits/node", "js", "countersign-control"),
];

fn main() -> Result<(), Box<dyn Error>> {
    let manifest = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?);
    let root = manifest.join("adapters");
    println!("cargo::rerun-if-changed=adapters");
    let mut table = String::from("&[\n");
    for folder in sorted(&root)?.iter().filter(|path| path.is_dir()) {
        if !folder.join("adapter.yaml").is_file() {
            continue;
        }
        let name = folder.file_name().unwrap_or_default().to_string_lossy();
        let mut files = Vec::new();
        collect(folder, &mut files)?;
        writeln!(
            table,
            "    ({name:?}, Folder::Shipped {{ name: {name:?}, files: &["
        )?;
        for file in files {
            let inside = file.strip_prefix(folder)?.to_string_lossy();
            entry(&mut table, &inside.replace('\\', "/"), &file)?;
        }
        for (program, kit, kind, called) in KITS {
            if !folder.join(program).is_file() {
                continue;
            }
            let kit = sorted(&manifest.join(kit))?;
            for file in kit.iter().filter(|file| is(file, kind)) {
                // Not the folder, into which Python puts what it compiled.
                println!("cargo::rerun-if-changed={}", file.display());
                let name = file.file_name().unwrap_or_default().to_string_lossy();
                entry(&mut table, &format!("{called}/{name}"), file)?;
            }
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

/// A file of the folder that is open in the table: what it is called there, and where it is.
fn entry(table: &mut String, inside: &str, file: &Path) -> Result<(), Box<dyn Error>> {
    let path = file.to_string_lossy();
    writeln!(table, "        ({inside:?}, include_str!({path:?})),")?;
    Ok(())
}

/// Whether a file's name ends so.
fn is(file: &Path, kind: &str) -> bool {
    file.extension().is_some_and(|ending| ending == kind)
}

fn sorted(folder: &Path) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let mut paths = fs::read_dir(folder)?
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<Vec<_>, std::io::Error>>()?;
    paths.sort_unstable();
    Ok(paths)
}

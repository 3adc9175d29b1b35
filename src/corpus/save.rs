//! Saving a reproduction, and never over what somebody else left there.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::files;
use crate::yaml::Source;

use super::entry::Entry;
use super::write;

/// So many files of one name are looked at before a new one is given up.
const MOST: u32 = 10_000;

/// Where a reproduction was saved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Saved {
    /// Its file.
    pub path: PathBuf,
    /// A file that has its name, was edited or is no reproduction of the same, and was left as it is.
    pub kept: Option<PathBuf>,
}

/// Writes a reproduction into a folder, which is made where it is not there, under its own
/// [file name](Entry::file_name). A file of the same finding that nobody has edited is replaced as a whole,
/// so that no reader ever finds half of it, or left alone where it has the same bytes already. Any other is
/// left as it is, and the reproduction gets a number behind its name.
///
/// # Errors
///
/// When the folder or the file cannot be written.
pub fn save(dir: &Path, entry: &Entry) -> io::Result<Saved> {
    let own = entry.file_name();
    // Before names told products apart, this was the name; where it stands, it stays.
    let earlier = entry.earlier_file_name();
    if earlier != own && stands(&dir.join(&earlier), entry, &earlier) == Stands::Replaceable {
        return write_to(dir, entry, &earlier, None);
    }
    let mut kept = None;
    let mut name = own.clone();
    for number in 2..MOST {
        match stands(&dir.join(&name), entry, &name) {
            Stands::Nothing | Stands::Replaceable => return write_to(dir, entry, &name, kept),
            Stands::Other => {
                kept.get_or_insert_with(|| dir.join(&name));
                let stem = own.strip_suffix(".yaml").unwrap_or(&own);
                name = format!("{stem}-{number}.yaml");
            }
        }
    }
    Err(io::Error::new(
        io::ErrorKind::AlreadyExists,
        format!("there are too many files called {own}"),
    ))
}

fn write_to(dir: &Path, entry: &Entry, name: &str, kept: Option<PathBuf>) -> io::Result<Saved> {
    let path = dir.join(name);
    let text = write::text(entry, name);
    if !fs::read(&path).is_ok_and(|have| have == text.as_bytes()) {
        fs::create_dir_all(dir)?;
        files::replace(&path, text.as_bytes())?;
    }
    Ok(Saved { path, kept })
}

/// What stands where a reproduction is to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stands {
    Nothing,
    /// The same finding as a run wrote it.
    Replaceable,
    /// Anything else.
    Other,
}

fn stands(path: &Path, entry: &Entry, name: &str) -> Stands {
    let bytes = match fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Stands::Nothing,
        // What is no file at all is for whoever writes to tell.
        Err(_) if path.is_dir() => return Stands::Other,
        Err(_) => return Stands::Replaceable,
    };
    let Ok(text) = String::from_utf8(bytes) else {
        return Stands::Other;
    };
    let is_written = |have: &Entry| write::text(have, name) == text;
    match Entry::read(&Source::new(name, text.as_str())) {
        Ok(have) if is_written(&have) && is_same(&have, entry) => Stands::Replaceable,
        _ => Stands::Other,
    }
}

/// Whether two reproductions are the same, save for what may change from run to run and from version to
/// version of the product: what was seen, and what was tried to see that.
fn is_same(have: &Entry, entry: &Entry) -> bool {
    let mut have = have.clone();
    if have.discrepancy.kind != entry.discrepancy.kind || have.product() != entry.product() {
        return false;
    }
    have.seen_on = entry.seen_on.clone();
    have.discrepancy = entry.discrepancy.clone();
    have.flaky = entry.flaky;
    have.cures.clone_from(&entry.cures);
    have.proof = entry.proof.clone();
    have.variations.clone_from(&entry.variations);
    have.transcript = entry.transcript.clone();
    have.rule.version = entry.rule.version;
    have == *entry
}

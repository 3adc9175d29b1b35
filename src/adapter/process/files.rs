//! The files of a program that is worked by a recipe: configuration to write, a log to read.

use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

/// The most bytes of a log that are read.
const MOST_BYTES: u64 = 64 * 1024;

/// Replaces a file at once, so that nobody reads half of it.
pub(super) fn replace(path: &Path, text: &str) -> std::io::Result<()> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".new");
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent)?;
    }
    std::fs::write(&beside, text)?;
    std::fs::rename(&beside, path)
}

/// The text of a log from an offset on, its last 64 KiB at most; empty where it cannot be read.
pub(super) fn read_from(path: &Path, offset: u64) -> String {
    let read = || -> std::io::Result<Vec<u8>> {
        let mut file = std::fs::File::open(path)?;
        let length = file.metadata()?.len();
        // A program that begins its log anew has left the offset behind.
        let offset = if offset > length { 0 } else { offset };
        file.seek(SeekFrom::Start(
            offset.max(length.saturating_sub(MOST_BYTES)),
        ))?;
        let mut bytes = Vec::new();
        file.take(MOST_BYTES).read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    String::from_utf8_lossy(&read().unwrap_or_default()).into_owned()
}

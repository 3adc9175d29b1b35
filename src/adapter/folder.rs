//! The files of an adapter, from the disk or out of the binary.

use std::borrow::Cow;
use std::io;
use std::path::{Path, PathBuf};

use crate::files::read_text;

/// The longest file of an adapter that is read, in bytes.
const MOST_BYTES: u64 = 1024 * 1024;

/// The files of an adapter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Folder {
    /// Built into the binary: names and texts.
    Shipped {
        /// The adapter's name.
        name: &'static str,
        /// File names and texts.
        files: &'static [(&'static str, &'static str)],
    },
    /// A folder on the disk.
    Disk(PathBuf),
}

impl Folder {
    /// The name under which a file of it is shown.
    pub fn shown(&self, file: &str) -> String {
        match self {
            Self::Shipped { name, .. } => format!("adapters/{name}/{file}"),
            Self::Disk(path) => path.join(file).display().to_string(),
        }
    }

    /// The text of a file.
    ///
    /// # Errors
    ///
    /// When there is no such file, it cannot be read, is no UTF-8 or is longer than 1 MiB.
    pub fn read(&self, file: &str) -> io::Result<Cow<'static, str>> {
        match self {
            Self::Shipped { files, .. } => files
                .iter()
                .find(|(name, _)| *name == file)
                .map(|(_, text)| Cow::Borrowed(*text))
                .ok_or_else(|| io::ErrorKind::NotFound.into()),
            Self::Disk(path) => read_text(&path.join(file), MOST_BYTES).map(Cow::Owned),
        }
    }

    /// The folder on the disk; what is shipped is written to `space` first.
    ///
    /// # Errors
    ///
    /// When `space` cannot be written to.
    pub fn on_disk(&self, space: &Path) -> io::Result<PathBuf> {
        match self {
            Self::Shipped { files, .. } => {
                for (name, text) in *files {
                    let path = space.join(name);
                    if let Some(parent) = path.parent() {
                        std::fs::create_dir_all(parent)?;
                    }
                    std::fs::write(path, text)?;
                }
                Ok(space.to_owned())
            }
            Self::Disk(path) => std::path::absolute(path),
        }
    }
}

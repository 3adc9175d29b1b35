//! Where Countersign keeps what it installs for adapters.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::definition::Adapter;
use crate::observation::SetupFault;

/// The directory in which installed adapters live.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Home(Option<PathBuf>);

impl Home {
    /// `$COUNTERSIGN_HOME`, otherwise `$XDG_DATA_HOME/countersign` (XDG Base Directory
    /// Specification: only if absolute), otherwise `~/.local/share/countersign`.
    pub fn from_environment() -> Self {
        Self::from_lookup(|name| std::env::var_os(name))
    }

    /// This directory.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self(Some(path.into()))
    }

    fn from_lookup(lookup: impl Fn(&str) -> Option<OsString>) -> Self {
        let path = |name: &str| {
            lookup(name)
                .filter(|value| !value.is_empty())
                .map(PathBuf::from)
        };
        Self(
            path("COUNTERSIGN_HOME")
                .or_else(|| {
                    path("XDG_DATA_HOME")
                        .filter(|found| found.is_absolute())
                        .map(|found| found.join("countersign"))
                })
                .or_else(|| path("HOME").map(|found| found.join(".local/share/countersign"))),
        )
    }

    /// The directory.
    ///
    /// # Errors
    ///
    /// When the environment names none.
    pub fn path(&self) -> Result<&Path, SetupFault> {
        self.0.as_deref().ok_or_else(|| SetupFault {
            doing: "find the directory for installed adapters".to_owned(),
            why: "neither COUNTERSIGN_HOME nor XDG_DATA_HOME nor HOME is set".to_owned(),
            remedy: Some("set COUNTERSIGN_HOME to a directory".to_owned()),
        })
    }

    /// The directory for an adapter's packages: it changes with what is asked for, so that an old one
    /// is never taken for a new one. `None` where the adapter asks for none.
    ///
    /// # Errors
    ///
    /// When the environment names no directory.
    pub(super) fn packages(&self, adapter: &Adapter) -> Result<Option<PathBuf>, SetupFault> {
        let hash = match (&adapter.install.python, &adapter.install.npm) {
            (Some(python), _) => short_hash(&python.requirements),
            (None, Some(npm)) => short_hash(&format!("{}{}", npm.package, npm.lock)),
            (None, None) => return Ok(None),
        };
        let name = format!("{}-{hash}", adapter.name);
        Ok(Some(
            std::path::absolute(self.path()?.join("adapters").join(name))
                .unwrap_or_else(|_| PathBuf::from("adapters")),
        ))
    }
}

/// Eight hexadecimal digits of a text: FNV-1a, folded to 32 bits. It tells versions of one file
/// apart and protects nothing.
fn short_hash(text: &str) -> String {
    let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("{:08x}", (hash >> 32) ^ (hash & 0xffff_ffff))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_variable_wins() {
        let home = |set: &[(&str, &str)]| {
            let set: Vec<(String, OsString)> = set
                .iter()
                .map(|(name, value)| ((*name).to_owned(), OsString::from(value)))
                .collect();
            Home::from_lookup(|name| set.iter().find(|(n, _)| n == name).map(|(_, v)| v.clone()))
        };
        let all = [
            ("HOME", "/h"),
            ("XDG_DATA_HOME", "/x"),
            ("COUNTERSIGN_HOME", "/c"),
        ];
        assert_eq!(home(&all), Home::at("/c"));
        assert_eq!(home(&all[..2]), Home::at("/x/countersign"));
        assert_eq!(
            home(&[("HOME", "/h"), ("XDG_DATA_HOME", "x")]),
            Home::at("/h/.local/share/countersign")
        );
        assert_eq!(
            home(&[("HOME", "/h"), ("COUNTERSIGN_HOME", "")]),
            Home::at("/h/.local/share/countersign")
        );
        assert!(
            home(&[])
                .path()
                .unwrap_err()
                .to_string()
                .contains("COUNTERSIGN_HOME")
        );
    }

    #[test]
    fn requirements_tell_environments_apart() {
        assert_eq!(short_hash("").len(), 8);
        assert_ne!(
            short_hash("django==5.2.18\n"),
            short_hash("django==5.2.19\n")
        );
    }
}

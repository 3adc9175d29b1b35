//! Where a program works. One that is started beside another has a directory of its own: a program that reads its files
//! whenever they change would otherwise read those of its successor, and answer for it, until it ends.

use std::io;
use std::path::{Path, PathBuf};

use crate::adapter::folder::Folder;
use crate::implementation::Space;

/// The working directory of a program, which goes away with this.
#[derive(Debug)]
pub(super) struct WorkingDirectory {
    space: Space,
    /// The adapter's folder.
    folder: PathBuf,
}

impl WorkingDirectory {
    /// A new one, with what is shipped of an adapter's folder in it, and directories that everybody may write to.
    ///
    /// # Errors
    ///
    /// When there is no room for temporary files.
    pub(super) fn new(folder: &Folder, writable: &[String]) -> io::Result<Self> {
        let space = Space::new()?;
        let folder = folder.on_disk(space.path())?;
        open_up(space.path(), writable)?;
        Ok(Self { space, folder })
    }

    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        self.space.path()
    }

    /// Itself, as whoever names shared memory after it wants it.
    pub(super) fn space(&self) -> &Space {
        &self.space
    }

    /// Where the adapter's folder is.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }
}

/// Makes a directory readable for a program that gives up its rights, and directories in it that everybody may write to. There is no secret in it: every password is a constant of the
/// cases.
fn open_up(directory: &Path, writable: &[String]) -> io::Result<()> {
    allow(directory, 0o755)?;
    for name in writable {
        let path = directory.join(name);
        std::fs::create_dir_all(&path)?;
        allow(&path, 0o1777)?;
    }
    Ok(())
}

#[cfg(unix)]
fn allow(path: &Path, mode: u32) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode))
}

#[cfg(not(unix))]
fn allow(_path: &Path, _mode: u32) -> io::Result<()> {
    Ok(())
}

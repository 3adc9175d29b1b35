//! Working directories: each is locked by the process that uses it, so that those of processes that were
//! killed can be told apart, and go away at the next start.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use tempfile::TempDir;

use crate::observation::SetupFault;

/// How their names begin.
const PREFIX: &str = "countersign-";

/// The file that whoever uses one holds a lock on. The lock goes away with the process, however it ends.
const LOCK: &str = ".in-use";

/// How old one must be before it is looked at: a new one may not be locked yet.
const SETTLED: Duration = Duration::from_secs(60);

/// Where the segments of shared memory are that programs have names for (shm_open(3)).
const SHARED_MEMORY: &str = "/dev/shm";

/// Those of this process that are in use.
static IN_USE: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// A working directory, which goes away with this.
#[derive(Debug)]
pub struct Space {
    directory: TempDir,
    _lock: File,
}

impl Space {
    /// A new one. What processes left that were killed is swept out first.
    ///
    /// # Errors
    ///
    /// When there is no room for it.
    pub fn new() -> io::Result<Self> {
        let directory = tempfile::Builder::new().prefix(PREFIX).tempdir()?;
        let lock = File::create_new(directory.path().join(LOCK))?;
        // A file system without locks is one in which nothing is swept.
        let _ = lock.try_lock();
        if let (Some(beside), Ok(now)) = (directory.path().parent(), directory.path().metadata()) {
            sweep(beside, owner(&now), SystemTime::now());
        }
        in_use(|all| all.push(directory.path().to_owned()));
        Ok(Self {
            directory,
            _lock: lock,
        })
    }

    /// Makes sure that there is room for one, before a program is looked for that would miss it and seem to be missing
    /// itself.
    ///
    /// # Errors
    ///
    /// When no file can be made where temporary files go.
    pub fn is_there_room() -> Result<(), SetupFault> {
        match tempfile::tempfile() {
            Ok(_) => Ok(()),
            Err(error) => Err(SetupFault {
                doing: format!("make temporary files in {}", std::env::temp_dir().display()),
                why: error.to_string(),
                remedy: Some(
                    "set `TMPDIR` to a directory that is there and can be written to, and see whether it is full"
                        .to_owned(),
                ),
            }),
        }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        self.directory.path()
    }

    /// A word that is this one's alone. Shared memory whose name begins with it goes away with this.
    pub fn word(&self) -> String {
        word(self.path()).unwrap_or_default()
    }

    /// Removes whatever this process has in use, when it ends at once and drops nothing.
    pub fn clear_all() {
        for path in in_use(std::mem::take) {
            remove(&path);
        }
    }
}

impl Drop for Space {
    fn drop(&mut self) {
        let path = self.directory.path().to_owned();
        in_use(|all| all.retain(|one| *one != path));
        forget_shared_memory(Path::new(SHARED_MEMORY), &path);
    }
}

fn in_use<T>(done: impl FnOnce(&mut Vec<PathBuf>) -> T) -> T {
    done(&mut IN_USE.lock().unwrap_or_else(PoisonError::into_inner))
}

/// The word of a working directory: its name without the hyphen, because names of programs often have none.
fn word(path: &Path) -> Option<String> {
    let unique = path.file_name()?.to_str()?.strip_prefix(PREFIX)?;
    let is_one = unique.len() > 3 && unique.chars().all(|c| c.is_ascii_alphanumeric());
    is_one.then(|| format!("{}{unique}", PREFIX.trim_end_matches('-')))
}

/// Removes a working directory, and what is named after it in shared memory. What cannot be removed stays.
fn remove(path: &Path) {
    forget_shared_memory(Path::new(SHARED_MEMORY), path);
    let _ = fs::remove_dir_all(path);
}

fn forget_shared_memory(folder: &Path, of: &Path) {
    let Some(word) = word(of) else { return };
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name();
        if name.to_str().is_some_and(|name| name.starts_with(&word)) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

#[cfg(unix)]
fn owner(metadata: &fs::Metadata) -> u32 {
    std::os::unix::fs::MetadataExt::uid(metadata)
}

#[cfg(not(unix))]
fn owner(_: &fs::Metadata) -> u32 {
    0
}

/// Removes the working directories of this owner that nobody uses any more. What cannot be removed stays.
fn sweep(folder: &Path, owned_by: u32, now: SystemTime) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let is_ours = name.to_str().is_some_and(|name| name.starts_with(PREFIX));
        // The entry itself, and not what a link leads to.
        let Ok(metadata) = entry.metadata() else {
            continue;
        };
        if !is_ours || !metadata.is_dir() || owner(&metadata) != owned_by {
            continue;
        }
        if is_left(&entry.path().join(LOCK), now) {
            remove(&entry.path());
        }
    }
}

/// Whether a lock is there, has been for a while, and nobody holds it.
fn is_left(lock: &Path, now: SystemTime) -> bool {
    let made = fs::symlink_metadata(lock).and_then(|lock| lock.modified());
    let is_old = made.is_ok_and(|made| now.duration_since(made).is_ok_and(|age| age > SETTLED));
    is_old
        && File::open(lock).is_ok_and(|file| {
            !matches!(
                file.try_lock(),
                Err(TryLockError::WouldBlock | TryLockError::Error(_))
            )
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_uses_any_more_is_swept_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let make = |name: &str, lock: bool| {
            let path = folder.path().join(name);
            fs::create_dir(&path).unwrap();
            fs::write(path.join("htpasswd"), "alice").unwrap();
            lock.then(|| File::create_new(path.join(LOCK)).unwrap())
        };
        let used = make("countersign-used", true).unwrap();
        used.try_lock().unwrap();
        drop(make("countersign-left", true));
        make("countersign-of-somebody", false);
        drop(make("else", true));
        let own = owner(&folder.path().metadata().unwrap());
        let names = || {
            let mut names: Vec<String> = fs::read_dir(folder.path())
                .unwrap()
                .map(|entry| entry.unwrap().file_name().into_string().unwrap())
                .collect();
            names.sort();
            names
        };
        let later = SystemTime::now() + SETTLED * 2;
        sweep(folder.path(), own, SystemTime::now());
        sweep(folder.path(), own + 1, later);
        assert_eq!(names().len(), 4, "too young, or another's");
        sweep(folder.path(), own, later);
        assert_eq!(
            names(),
            ["countersign-of-somebody", "countersign-used", "else"]
        );
        drop(used);
        sweep(folder.path(), own, later);
        assert_eq!(names(), ["countersign-of-somebody", "else"]);
    }

    #[test]
    fn what_is_named_after_one_in_shared_memory_goes_with_it() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["countersignAb12C-1", "countersignAb12-1", "else"] {
            fs::write(folder.path().join(name), "").unwrap();
        }
        // A name that is not one of ours is no word to remove by.
        for of in ["countersign-", "countersign-Ab", "else", "countersign-*"] {
            assert_eq!(word(Path::new(of)), None, "{of}");
        }
        forget_shared_memory(folder.path(), Path::new("/tmp/countersign-Ab12C"));
        let left = fs::read_dir(folder.path()).unwrap().count();
        assert_eq!(left, 2);
        assert!(!folder.path().join("countersignAb12C-1").exists());
    }

    #[test]
    fn one_goes_away_with_its_user() {
        let space = Space::new().unwrap();
        let path = space.path().to_owned();
        assert!(path.is_dir());
        assert!(!is_left(&path.join(LOCK), SystemTime::now() + SETTLED * 2));
        drop(space);
        assert!(!path.exists());
    }
}

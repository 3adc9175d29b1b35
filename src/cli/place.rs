//! Places that are to be written to, looked at before there is anything to write.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::failure::CommandFailure;

/// Whether files can be made in a folder, which need not be there yet.
pub(super) fn folder(name: &str, what: &str) -> Result<(), CommandFailure> {
    try_folder(Path::new(name)).map_err(|error| {
        CommandFailure::environment(format!("{what} cannot be written to {name}: {error}"))
    })
}

/// Whether a file can be written, which need not be there yet.
pub(super) fn file(name: &str, what: &str) -> Result<(), CommandFailure> {
    try_file(Path::new(name)).map_err(|error| {
        CommandFailure::environment(format!("{what} cannot be written to {name}: {error}"))
    })
}

fn try_folder(path: &Path) -> io::Result<()> {
    let mut there = path.to_owned();
    loop {
        match fs::metadata(&there) {
            Ok(found) if found.is_dir() => break,
            Ok(_) => {
                let why = format!("{} is a file, and no folder", there.display());
                return Err(io::Error::new(io::ErrorKind::NotADirectory, why));
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => there = above(&there),
            Err(error) => return Err(error),
        }
    }
    // Permissions say less than trying does.
    tempfile::Builder::new()
        .prefix(".countersign-")
        .tempfile_in(&there)
        .map(drop)
        .map_err(|error| io::Error::new(error.kind(), plain(&error)))
}

fn try_file(path: &Path) -> io::Result<()> {
    match fs::metadata(path) {
        Ok(found) if found.is_dir() => Err(io::Error::new(
            io::ErrorKind::IsADirectory,
            "it is a folder, and a file is to be written",
        )),
        // A device takes what comes, or says so then.
        Ok(found) if !found.is_file() => Ok(()),
        _ => {
            let folder = above(path);
            match fs::metadata(&folder) {
                Ok(_) => try_folder(&folder),
                Err(error) => Err(io::Error::new(
                    error.kind(),
                    format!("there is no folder {}", folder.display()),
                )),
            }
        }
    }
}

fn above(path: &Path) -> PathBuf {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => PathBuf::from("."),
    }
}

/// The reason without the name of the file that was only tried.
fn plain(error: &io::Error) -> String {
    let text = error.to_string();
    match text.split_once(" at path ") {
        Some((reason, _)) => reason.to_owned(),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_be_written_leaves_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        let within = folder.path().join("a/b");
        try_folder(&within).unwrap();
        try_file(&folder.path().join("known.yaml")).unwrap();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
        let taken = folder.path().join("taken");
        fs::write(&taken, "kept").unwrap();
        assert!(try_folder(&taken.join("b")).is_err());
        try_file(&taken).unwrap();
        assert_eq!(fs::read_to_string(&taken).unwrap(), "kept");
        assert!(try_file(folder.path()).is_err());
        assert!(try_file(&within.join("known.yaml")).is_err());
        assert!(try_folder(Path::new("/proc/countersign")).is_err());
    }
}

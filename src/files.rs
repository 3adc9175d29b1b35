//! Files that somebody keeps: each is read up to a bound, is written beside, and then put in the place of the old one.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

/// The most bytes that are read of a file that a person writes: a spec, a baseline, a case.
pub const MOST_WRITTEN: u64 = 4 * 1024 * 1024;

/// The text of a file of at most so many bytes.
///
/// # Errors
///
/// When it cannot be read, is no UTF-8, or has more: then no more than that was read of it.
pub fn read_text(path: &Path, most: u64) -> io::Result<String> {
    let mut text = String::new();
    let file = File::open(path)?;
    // What is larger is not read to its middle, where a character may be cut in two.
    let large = || io::Error::other(format!("it has more than {most} bytes"));
    let size = file.metadata()?.len();
    if size > most {
        return Err(large());
    }
    // What is no regular file says nothing of its size.
    file.take(most + 1).read_to_string(&mut text)?;
    match u64::try_from(text.len()).is_ok_and(|length| length <= most) {
        true => Ok(text),
        false => Err(large()),
    }
}

/// Writes a file as a whole: no reader ever finds half of it, and where the writing fails (a full disk,
/// a folder that takes no file) what was there before stays as it was.
///
/// A link stays a link: what it leads to is replaced. The permissions of the old file go over to the
/// new one. What is no regular file, such as `/dev/stdout`, is written to as it is.
///
/// # Errors
///
/// When it cannot be written. Nothing is left of what was begun.
pub fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    replace_with(path, |out| out.write_all(bytes))
}

/// The same with a function that writes.
fn replace_with(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    let old = match fs::metadata(path) {
        Ok(old) if old.is_dir() => {
            return Err(io::Error::new(
                io::ErrorKind::IsADirectory,
                "it is a folder, and a file is to be written",
            ));
        }
        Ok(old) if !old.is_file() => {
            let mut file = File::options().write(true).open(path)?;
            write(&mut file)?;
            return file.flush();
        }
        Ok(old) => Some(old),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(error),
    };
    let path = match old {
        Some(_) => fs::canonicalize(path)?,
        None => path.to_owned(),
    };
    let folder = match path.parent() {
        Some(folder) if folder != Path::new("") => folder.to_owned(),
        _ => PathBuf::from("."),
    };
    // Made by `File::create_new`, it has the permissions that the user's files have. It goes away
    // again where it does not get its name.
    let mut file = tempfile::Builder::new()
        .prefix(".countersign-")
        .suffix(".tmp")
        .make_in(&folder, |path| File::create_new(path))?;
    write(&mut file)?;
    file.flush()?;
    if let Some(old) = old {
        file.as_file().set_permissions(old.permissions())?;
    }
    // A full disk may be told here only.
    file.as_file().sync_all()?;
    file.persist(&path).map_err(|error| error.error)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        let mut names: Vec<String> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn a_writer_that_fails_midway_leaves_the_old_file_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("known.yaml");
        fs::write(&path, "reason: written by a person\n").unwrap();
        let full = |out: &mut dyn Write| {
            out.write_all(b"reason: wri")?;
            Err(io::ErrorKind::StorageFull.into())
        };
        let error = replace_with(&path, full).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::StorageFull);
        let have = fs::read_to_string(&path).unwrap();
        assert_eq!(have, "reason: written by a person\n");
        assert_eq!(names(folder.path()), ["known.yaml"]);

        let new = folder.path().join("new.yaml");
        replace_with(&new, full).unwrap_err();
        assert_eq!(names(folder.path()), ["known.yaml"]);

        replace(&path, b"reason: another\n").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "reason: another\n");
        replace(&new, b"new\n").unwrap();
        assert_eq!(names(folder.path()), ["known.yaml", "new.yaml"]);
    }

    #[test]
    fn no_more_is_read_than_may_be() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("known.yaml");
        fs::write(&path, "é: 1").unwrap();
        assert_eq!(read_text(&path, 5).unwrap(), "é: 1");
        let told = |path: &Path| read_text(path, 4).unwrap_err().to_string();
        assert_eq!(told(&path), "it has more than 4 bytes");
        // Three gigabytes, none of which is written.
        File::create(&path).unwrap().set_len(3 << 30).unwrap();
        assert_eq!(told(&path), "it has more than 4 bytes");
        #[cfg(unix)]
        assert_eq!(told(Path::new("/dev/zero")), "it has more than 4 bytes");
    }

    #[test]
    fn what_is_no_file_is_not_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let error = replace(folder.path(), b"text").unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::IsADirectory);
        assert!(folder.path().is_dir());
        let missing = folder.path().join("no/such/known.yaml");
        let error = replace(&missing, b"text").unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
    }

    #[cfg(unix)]
    #[test]
    fn links_and_permissions_stay() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let folder = tempfile::tempdir().unwrap();
        let (file, link) = (folder.path().join("file"), folder.path().join("link"));
        fs::write(&file, "old").unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
        symlink("file", &link).unwrap();
        replace(&link, b"new").unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read_to_string(&file).unwrap(), "new");
        let mode = fs::metadata(&file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o640);
    }
}

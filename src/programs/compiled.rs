//! Scripts that are compiled before they are run: once for each text and each compiler, and kept for the next time.

use std::fmt::Write as _;
use std::fs::{self, DirBuilder};
use std::future;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use sha2::{Digest as _, Sha256};

use super::command::ClientSecrets;
use super::driver::{Driver, Goal, NOWHERE, fault, find};
use super::judge::PATH;
use super::seen::ProgramEnd;
use crate::observation::SetupFault;

/// The most results that are kept: those of older scripts and compilers go.
const MOST_KEPT: usize = 8;

impl Driver {
    /// The folder into which the program's script was compiled, now or before.
    ///
    /// # Errors
    ///
    /// When it cannot be compiled.
    pub(super) async fn compiled(&self) -> Result<PathBuf, SetupFault> {
        let compiled = self.compiled.get_or_try_init(|| self.compile());
        compiled.await.cloned()
    }

    async fn compile(&self) -> Result<PathBuf, SetupFault> {
        let cannot = |error: io::Error| fault(&self.command().name, &error);
        let kept = cache().and_then(|cache| {
            made_for_oneself(&cache).ok()?;
            Some((cache.clone(), cache.join(self.key()?)))
        });
        let Some((cache, kept)) = kept else {
            let folder = self.space.path().join("compiled");
            fs::create_dir_all(&folder).map_err(cannot)?;
            self.compile_into(&folder).await?;
            return Ok(folder);
        };
        if kept.is_dir() {
            return Ok(kept);
        }
        // Beside, and then put in its place as a whole: another process may be at the same.
        let making = tempfile::Builder::new()
            .prefix(".making-")
            .tempdir_in(&cache);
        let making = making.map_err(cannot)?;
        self.compile_into(making.path()).await?;
        match fs::rename(making.path(), &kept) {
            Ok(()) => {
                let _ = making.keep();
            }
            // The other one was first.
            Err(_) if kept.is_dir() => {}
            Err(error) => return Err(cannot(error)),
        }
        sweep(&cache, &kept);
        Ok(kept)
    }

    async fn compile_into(&self, folder: &Path) -> Result<(), SetupFault> {
        let goal = Goal {
            authority: NOWHERE,
            path: PATH,
            secrets: &ClientSecrets::usual(),
            realm: "x",
        };
        let words = &self.command().compile;
        let ran = self.ran_with(words, &goal, folder, None, future::pending());
        let (driven, said) = ran.await?;
        if driven.ending == ProgramEnd::Exit(0) {
            return Ok(());
        }
        Err(SetupFault {
            doing: format!("compile the script of {}", self.command().name),
            why: format!(
                "{} {}: {}",
                words.first().map_or("", |word| word),
                driven.ending,
                said.trim()
            ),
            remedy: None,
        })
    }

    /// A name for what comes of this script by this compiler; nothing where there is no such compiler.
    fn key(&self) -> Option<String> {
        let command = self.command();
        let compiler = find(command.compile.first()?)?;
        // What a link leads to is another file where another version was installed.
        let compiler = fs::canonicalize(compiler).ok()?;
        let about = fs::metadata(&compiler).ok()?;
        let since = about.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
        let mut hash = Sha256::new();
        let mut add = |text: &[u8]| {
            hash.update(text.len().to_be_bytes());
            hash.update(text);
        };
        add(compiler.as_os_str().as_encoded_bytes());
        add(&about.len().to_be_bytes());
        add(&since.as_nanos().to_be_bytes());
        for word in &command.compile {
            add(word.as_bytes());
        }
        for (name, text) in &command.scripts {
            add(name.as_bytes());
            add(text.as_bytes());
        }
        let mut key = String::new();
        for byte in hash.finalize().iter().take(16) {
            // Writing to a text cannot fail.
            let _ = write!(key, "{byte:02x}");
        }
        Some(key)
    }
}

/// Where results are kept (XDG Base Directory); nothing where nobody says where a user's files are.
fn cache() -> Option<PathBuf> {
    let path = |name: &str| {
        let value = std::env::var_os(name).map(PathBuf::from);
        value.filter(|path| path.is_absolute())
    };
    let cache = path("XDG_CACHE_HOME").or_else(|| Some(path("HOME")?.join(".cache")));
    Some(cache?.join("countersign/compiled"))
}

/// Makes a folder that only its owner looks into.
fn made_for_oneself(folder: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt as _;
        builder.mode(0o700);
    }
    builder.create(folder)
}

/// Removes all but the newest results. What cannot be removed stays.
fn sweep(cache: &Path, newest: &Path) {
    let Ok(entries) = fs::read_dir(cache) else {
        return;
    };
    let mut old: Vec<(SystemTime, PathBuf)> = { entries.flatten() }
        .filter(|entry| entry.path() != newest)
        .filter_map(|entry| Some((entry.metadata().ok()?.modified().ok()?, entry.path())))
        .collect();
    old.sort();
    let many = old.len().saturating_sub(MOST_KEPT - 1);
    for (_, path) in old.into_iter().take(many) {
        let _ = fs::remove_dir_all(path);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::command::{COMPILED, ProgramCommand};
    use super::super::driver::DriveLimits;
    use super::*;
    use crate::user_agents::model::{Layout, Script};

    #[test]
    fn the_newest_results_are_kept() {
        let cache = tempfile::tempdir().unwrap();
        let folder = |name: &str| cache.path().join(name);
        for number in 0..MOST_KEPT + 3 {
            fs::create_dir(folder(&number.to_string())).unwrap();
        }
        sweep(cache.path(), &folder("0"));
        let left = fs::read_dir(cache.path()).unwrap().count();
        assert_eq!(left, MOST_KEPT);
        assert!(folder("0").is_dir());
    }

    #[tokio::test]
    async fn what_cannot_be_compiled_is_told_with_the_compilers_words() {
        let words = ["sh", "{url}"].map(str::to_owned);
        let mut command = ProgramCommand::typed(&words).unwrap();
        // Who types a command has no script that is compiled.
        command.words.insert(1, format!("{COMPILED}/x"));
        command.compile = ["sh", "-c", "echo no such thing; exit 3"]
            .map(str::to_owned)
            .to_vec();
        let limits = DriveLimits {
            deadline: Duration::from_secs(60),
            ..DriveLimits::default()
        };
        let driver = Driver::new(command, limits).unwrap();
        let script = Script::new(Layout::default());
        let fault = driver.play(&script).await.unwrap_err();
        assert_eq!(fault.doing, "compile the script of sh");
        assert_eq!(fault.why, "sh ended with 3: no such thing");
    }
}

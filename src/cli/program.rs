//! How the command is called here, so that a line that it prints can be copied.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use countersign::export::shell_quoted;

/// The name under which the command stands in a path.
const NAME: &str = "countersign";

/// What of the environment says how the command is called.
#[derive(Debug, Default)]
struct Start {
    /// How it was called.
    argument: Option<String>,
    executable: Option<PathBuf>,
    path: Option<OsString>,
    /// The package that cargo runs, if it does, and its folder.
    package: Option<(String, PathBuf)>,
    folder: Option<PathBuf>,
}

/// How the command is called: by its name where the path leads to it, by cargo where that started it,
/// otherwise by its own path.
pub(super) fn program() -> String {
    let variable = |name: &str| env::var(name).ok();
    let package = variable("CARGO_PKG_NAME").zip(env::var_os("CARGO_MANIFEST_DIR"));
    program_of(&Start {
        argument: env::args().next(),
        executable: env::current_exe().ok(),
        path: env::var_os("PATH"),
        package: package.map(|(name, folder)| (name, folder.into())),
        folder: env::current_dir().ok(),
    })
}

fn program_of(start: &Start) -> String {
    let real = |path: &Path| path.canonicalize().ok();
    let executable = start.executable.as_deref().and_then(real);
    let paths = start.path.iter().flat_map(env::split_paths);
    let first = paths
        .map(|folder| folder.join(NAME))
        .find(|path| path.is_file());
    if first.is_some() && first.as_deref().and_then(real) == executable {
        return NAME.to_owned();
    }
    if let (Some((name, package)), Some(folder)) = (&start.package, &start.folder)
        && name == NAME
        && folder.starts_with(package)
    {
        let release = start.executable.as_deref().is_some_and(|path| {
            let mut parts = path.components().rev().skip(1);
            parts
                .next()
                .is_some_and(|part| part.as_os_str() == "release")
        });
        let profile = if release { " --release" } else { "" };
        return format!("cargo run{profile} --");
    }
    match &start.argument {
        Some(argument) if argument.contains('/') => shell_quoted(argument),
        _ => NAME.to_owned(),
    }
}

/// A text in which commands stand in backticks, as they are called here.
pub(super) fn as_called(text: &str) -> String {
    let program = program();
    if program == NAME {
        return text.to_owned();
    }
    text.replace("`countersign ", &format!("`{program} "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shortest_way_that_works_is_printed() {
        let folder = tempfile::tempdir().unwrap();
        let release = folder.path().join("target/release");
        std::fs::create_dir_all(&release).unwrap();
        let executable = release.join(NAME);
        std::fs::write(&executable, "").unwrap();
        let start = |in_path: bool, cargo: bool| Start {
            argument: Some("target/release/countersign".to_owned()),
            executable: Some(executable.clone()),
            path: in_path.then(|| release.clone().into_os_string()),
            package: cargo.then(|| (NAME.to_owned(), folder.path().to_owned())),
            folder: Some(folder.path().to_owned()),
        };
        assert_eq!(program_of(&start(true, true)), "countersign");
        assert_eq!(program_of(&start(false, true)), "cargo run --release --");
        assert_eq!(
            program_of(&start(false, false)),
            "target/release/countersign"
        );
        assert_eq!(program_of(&Start::default()), "countersign");
    }
}

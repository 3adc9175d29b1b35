//! cargo-nextest: a process for each trial, and one play for all of them.
//!
//! nextest lists the trials first, and then runs each in a process of its own; a trial that is ignored
//! while it runs counts as passed there. So all is played while it lists: what never applied is listed
//! as ignored, and the verdicts wait in a file, beside the program, for the processes of the same run.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use libtest_mimic::{Completion, Failed};
use serde_json::json;

/// How old a file of verdicts is when nobody can want it any more.
const OLD: Duration = Duration::from_secs(24 * 60 * 60);

/// What the names of files of verdicts end in.
const ENDING: &str = "verdicts";

/// The last line of a file that is whole.
const END: &str = "[\"end\"]";

/// What became of a trial.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum TrialVerdict {
    Passed,
    /// It broke as is stated: what is known of it.
    Known(String),
    /// Why it was not judged.
    Ignored(String),
    /// The text of its failure.
    Failed(String),
}

/// TrialVerdicts by the names of trials.
pub(super) type TrialVerdicts = BTreeMap<String, TrialVerdict>;

/// What is known of the nextest that lists or runs the trials.
#[derive(Debug)]
pub(super) struct Nextest {
    /// Where the verdicts are that the processes of a run share; none where each is on its own.
    pub(super) shared: Option<Shared>,
}

/// A file of verdicts.
#[derive(Debug)]
pub(super) struct Shared(PathBuf);

impl Nextest {
    /// The nextest that started this program, if one did.
    pub(super) fn from_environment() -> Option<Self> {
        let look = |name: &str| std::env::var(name).ok();
        Self::from_lookup(look, std::env::current_exe().ok().as_deref())
    }

    /// One whose processes share a file.
    #[cfg(test)]
    pub(super) fn sharing(file: PathBuf) -> Self {
        Self {
            shared: Some(Shared(file)),
        }
    }

    /// One whose process is on its own.
    #[cfg(test)]
    pub(super) fn alone() -> Self {
        Self { shared: None }
    }

    fn from_lookup(
        look: impl Fn(&str) -> Option<String>,
        executable: Option<&Path>,
    ) -> Option<Self> {
        look("NEXTEST")?;
        // Whoever asks again wants a new answer.
        let is_first = ["NEXTEST_ATTEMPT", "__NEXTEST_ATTEMPT"]
            .iter()
            .all(|name| look(name).is_none_or(|attempt| attempt == "1"))
            && look("NEXTEST_STRESS_CURRENT").is_none_or(|current| current == "none");
        let is_plain = |id: &String| {
            let plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
            !id.is_empty() && id.len() <= 64 && id.chars().all(plain)
        };
        let run = look("NEXTEST_RUN_ID").filter(|id| is_first && is_plain(id));
        let shared = run.and_then(|id| {
            let executable = executable?;
            let name = executable.file_name()?.to_str()?;
            let file = format!("{name}.{id}.{ENDING}");
            Some(Shared(executable.with_file_name(file)))
        });
        Some(Self { shared })
    }
}

impl TrialVerdict {
    /// What libtest-mimic is told. nextest takes what is ignored while it runs for passed, so that must
    /// fail there.
    pub(super) fn completion(self, under_nextest: bool) -> Result<Completion, Failed> {
        match self {
            Self::Known(text) if under_nextest => {
                // What a process prints is kept with its trial.
                let _ = writeln!(io::stdout(), "known departure: {text}");
                Ok(Completion::Completed)
            }
            Self::Passed | Self::Known(_) => Ok(Completion::Completed),
            Self::Ignored(reason) if under_nextest => Err(Failed::from(format!(
                "not judged, and not passed: {reason}\n\n  cargo-nextest would count it as passed; it \
                 is listed as ignored from nextest 0.9.138 on"
            ))),
            Self::Ignored(reason) => Ok(Completion::ignored_with(reason)),
            Self::Failed(text) => Err(Failed::from(text)),
        }
    }

    fn line(&self, name: &str) -> String {
        let (word, text) = match self {
            Self::Passed => ("passed", ""),
            Self::Known(text) => ("known", text.as_str()),
            Self::Ignored(reason) => ("ignored", reason.as_str()),
            Self::Failed(text) => ("failed", text.as_str()),
        };
        json!([name, word, text]).to_string()
    }

    fn read(line: &str) -> Option<(String, Self)> {
        let (name, word, text): (String, String, String) = serde_json::from_str(line).ok()?;
        let verdict = match word.as_str() {
            "passed" => Self::Passed,
            "known" => Self::Known(text),
            "ignored" => Self::Ignored(text),
            "failed" => Self::Failed(text),
            _ => return None,
        };
        Some((name, verdict))
    }
}

impl Shared {
    /// The verdict on one trial, where this run has it. Waits for whoever plays.
    pub(super) fn find(&self, trial: &str) -> Option<TrialVerdict> {
        let mut file = File::open(&self.0).ok()?;
        file.lock_shared().ok()?;
        let mut text = String::new();
        file.read_to_string(&mut text).ok()?;
        if !is_whole(&text) {
            return None;
        }
        // Only the line that is meant is worth reading.
        let mut begins = json!([trial]).to_string();
        begins.pop();
        let mut lines = text.lines().filter(|line| line.starts_with(&begins));
        let (name, verdict) = lines.find_map(TrialVerdict::read)?;
        (name == trial).then_some(verdict)
    }

    /// All verdicts of this run: whoever comes first plays, and leaves them for the others.
    pub(super) fn all(&self, play: impl FnOnce() -> TrialVerdicts) -> TrialVerdicts {
        match self.locked() {
            Ok((_, Some(verdicts))) => verdicts,
            Ok((mut file, None)) => {
                self.sweep();
                let verdicts = play();
                // Where they cannot be left, the others play as well.
                let _ = write(&mut file, &verdicts);
                verdicts
            }
            Err(_) => play(),
        }
    }

    /// The file for this process alone, and what it holds if that is whole.
    fn locked(&self) -> io::Result<(File, Option<TrialVerdicts>)> {
        let mut file = File::options()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&self.0)?;
        file.lock()?;
        let mut text = String::new();
        file.read_to_string(&mut text)?;
        let verdicts =
            is_whole(&text).then(|| text.lines().filter_map(TrialVerdict::read).collect());
        Ok((file, verdicts))
    }

    /// Takes away what earlier runs of the program left.
    fn sweep(&self) {
        let Some((folder, own)) = self.0.parent().zip(self.0.file_name()) else {
            return;
        };
        let own = own.to_string_lossy();
        let Some((program, _)) = own.split_once('.') else {
            return;
        };
        for file in fs::read_dir(folder).into_iter().flatten().flatten() {
            let name = file.file_name();
            let name = name.to_string_lossy();
            let is_ours = name.starts_with(&format!("{program}."))
                && name.ends_with(&format!(".{ENDING}"))
                && name != own;
            let changed = file.metadata().and_then(|data| data.modified());
            let age = changed.ok().and_then(|changed| changed.elapsed().ok());
            if is_ours && age.is_some_and(|age| age > OLD) {
                let _ = fs::remove_file(file.path());
            }
        }
    }
}

fn is_whole(text: &str) -> bool {
    text.lines().next_back() == Some(END)
}

fn write(file: &mut File, verdicts: &TrialVerdicts) -> io::Result<()> {
    let mut text = String::new();
    for (name, verdict) in verdicts {
        text.push_str(&verdict.line(name));
        text.push('\n');
    }
    text.push_str(END);
    text.push('\n');
    file.set_len(0)?;
    file.rewind()?;
    file.write_all(text.as_bytes())?;
    file.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(executable: &Path, variables: &[(&str, &str)]) -> Option<Nextest> {
        let look = |name: &str| {
            let found = variables.iter().find(|(have, _)| *have == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        Nextest::from_lookup(look, Some(executable))
    }

    #[test]
    fn the_processes_of_a_run_share_one_file() {
        let program = Path::new("/t/debug/deps/conformance-0123");
        assert!(of(program, &[]).is_none());
        let file = |variables: &[(&str, &str)]| {
            let mut all = vec![("NEXTEST", "1")];
            all.extend(variables);
            of(program, &all).unwrap().shared.map(|shared| shared.0)
        };
        assert_eq!(file(&[]), None);
        let own = PathBuf::from("/t/debug/deps/conformance-0123.a-1.verdicts");
        assert_eq!(file(&[("NEXTEST_RUN_ID", "a-1")]), Some(own.clone()));
        let first = [("NEXTEST_RUN_ID", "a-1"), ("NEXTEST_ATTEMPT", "1")];
        assert_eq!(file(&first), Some(own));
        for other in [
            ("NEXTEST_ATTEMPT", "2"),
            ("__NEXTEST_ATTEMPT", "2"),
            ("NEXTEST_STRESS_CURRENT", "0"),
        ] {
            assert_eq!(file(&[("NEXTEST_RUN_ID", "a-1"), other]), None, "{other:?}");
        }
        assert_eq!(file(&[("NEXTEST_RUN_ID", "../../a")]), None);
    }

    #[test]
    fn one_plays_and_the_others_read() {
        let folder = tempfile::tempdir().unwrap();
        let shared = Shared(folder.path().join("program-0.run.verdicts"));
        assert_eq!(shared.find("a::b"), None);
        let verdicts: TrialVerdicts = [
            ("a::b", TrialVerdict::Passed),
            ("a::ba", TrialVerdict::Known("the default".to_owned())),
            (
                "a::bc",
                TrialVerdict::Ignored("it never applied".to_owned()),
            ),
            (
                "a::\"c",
                TrialVerdict::Failed("one\ntwo \"three\"".to_owned()),
            ),
        ]
        .map(|(name, verdict)| (name.to_owned(), verdict))
        .into();
        let played = verdicts.clone();
        assert_eq!(shared.all(|| played), verdicts);
        assert_eq!(shared.all(|| panic!("played twice")), verdicts);
        for (name, verdict) in &verdicts {
            assert_eq!(shared.find(name).as_ref(), Some(verdict));
        }
        assert_eq!(shared.find("a::d"), None);

        // Half of a file is none: whoever wrote it did not get to its end.
        let text = fs::read_to_string(&shared.0).unwrap();
        fs::write(&shared.0, text.strip_suffix("[\"end\"]\n").unwrap()).unwrap();
        assert_eq!(shared.find("a::b"), None);
        assert_eq!(shared.all(TrialVerdicts::new), TrialVerdicts::new());
        assert_eq!(fs::read_to_string(&shared.0).unwrap(), "[\"end\"]\n");
    }

    #[test]
    fn nobody_waits_where_there_is_no_place_for_verdicts() {
        let folder = tempfile::tempdir().unwrap();
        let shared = Shared(folder.path().join("no/such/folder/p.run.verdicts"));
        let one = || TrialVerdicts::from([("a".to_owned(), TrialVerdict::Passed)]);
        assert_eq!(shared.all(one), one());
        assert_eq!(shared.find("a"), None);
    }

    #[test]
    fn what_is_ignored_passes_nowhere() {
        let ignored = || TrialVerdict::Ignored("it never applied".to_owned());
        let told = ignored().completion(true).err().unwrap();
        let text = told.message().unwrap();
        assert!(
            text.starts_with("not judged, and not passed: it never applied"),
            "{text}"
        );
        let told = ignored().completion(false);
        assert!(matches!(told, Ok(Completion::Ignored { .. })));
    }
}

//! What the program has written: its output, and the log file beside it.

use super::Process;
use super::files::read_from;
use crate::implementation::last_lines;
use crate::observation::SetupFault;

impl Process {
    /// How much of output and log file there is by now.
    pub(super) fn mark(&self) -> (u64, u64) {
        let running = self.child.as_ref();
        let written = running.map_or(0, |child| child.output.mark());
        let file = self.recipe.log.file.as_ref();
        let length = file
            .and_then(|name| std::fs::metadata(self.directory.path().join(name)).ok())
            .map_or(0, |data| data.len());
        (written, length)
    }

    /// What was written to output and log file since a mark.
    pub(super) fn log_since(&self, (written, length): (u64, u64)) -> String {
        let running = self.child.as_ref();
        let mut text = running.map_or_else(String::new, |child| child.output.since(written));
        if let Some(name) = &self.recipe.log.file {
            text.push_str(&read_from(&self.directory.path().join(name), length));
        }
        text
    }

    /// The first line since a mark that contains one of the words.
    pub(super) fn line_with_any(&self, words: &[String], mark: (u64, u64)) -> Option<String> {
        if words.is_empty() {
            return None;
        }
        self.log_since(mark)
            .lines()
            .find(|line| words.iter().any(|word| line.contains(word.as_str())))
            .map(str::to_owned)
    }

    pub(super) fn with_log_file(&self, mut fault: SetupFault) -> SetupFault {
        if let Some(name) = &self.recipe.log.file {
            let text = read_from(&self.directory.path().join(name), 0);
            fault.why = format!("{}\n`{name}` ends:\n{}", fault.why, last_lines(&text));
        }
        fault
    }
}

//! Reading a log while it is written: its events so far, and whether a marker has come.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use crate::adapter::definition::EventLog;
use crate::observation::AuditEvent;

/// The most bytes that are read at once.
const AT_ONCE: u64 = 256 * 1024;

/// The longest line that is kept while its end is missing, in bytes. A longer one is no event.
const LONGEST_LINE: usize = 64 * 1024;

/// The log of one generation of a program. It has a file of its own, so that no line of an earlier
/// generation can be in it.
#[derive(Debug)]
pub(in crate::adapter) struct Journal {
    path: PathBuf,
    /// The slots' ports, for lines that tell slots by them.
    ports: Vec<(usize, u16)>,
    read: u64,
    /// A line whose end is not written yet.
    pending: Vec<u8>,
    /// Whether the line under way is too long to be kept.
    overlong: bool,
    /// How many requests have begun and not ended, by its lines.
    underway: i64,
    /// The marker that was looked for last, and whether its line came.
    marker: (String, bool),
    events: Vec<AuditEvent>,
}

impl Journal {
    /// An empty log at this path, to which everybody may write: the program may give up its rights
    /// before it opens it.
    ///
    /// # Errors
    ///
    /// When the file cannot be made.
    pub(in crate::adapter) fn begin(path: &Path, ports: Vec<(usize, u16)>) -> io::Result<Self> {
        File::create(path)?;
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o666))?;
        }
        Ok(Self {
            path: path.to_owned(),
            ports,
            read: 0,
            pending: Vec::new(),
            overlong: false,
            underway: 0,
            marker: (String::new(), false),
            events: Vec::new(),
        })
    }

    /// Where it is.
    pub(in crate::adapter) fn path(&self) -> &Path {
        &self.path
    }

    /// The events that were read by now, in the order of the log.
    pub(in crate::adapter) fn events(&self) -> &[AuditEvent] {
        &self.events
    }

    /// Reads what was written meanwhile. Whether a line with `marker` came, and no request is under
    /// way: everything before that line has been read then.
    ///
    /// # Errors
    ///
    /// When the file cannot be read.
    pub(in crate::adapter) fn read_on(&mut self, marker: &str, log: &EventLog) -> io::Result<bool> {
        if self.marker.0 != marker {
            self.marker = (marker.to_owned(), false);
        }
        let mut file = File::open(&self.path)?;
        file.seek(SeekFrom::Start(self.read))?;
        loop {
            let mut bytes = Vec::new();
            let count = file.by_ref().take(AT_ONCE).read_to_end(&mut bytes)?;
            self.read = self.read.saturating_add(count as u64);
            if count == 0 {
                return Ok(self.marker.1 && self.underway <= 0);
            }
            for part in bytes.split_inclusive(|byte| *byte == b'\n') {
                let Some(part) = part.strip_suffix(b"\n") else {
                    self.keep(part);
                    continue;
                };
                self.keep(part);
                self.take(log);
            }
        }
    }

    fn keep(&mut self, part: &[u8]) {
        self.overlong |= self.pending.len() + part.len() > LONGEST_LINE;
        if !self.overlong {
            self.pending.extend_from_slice(part);
        }
    }

    /// Takes the line that is whole now.
    fn take(&mut self, log: &EventLog) {
        let bytes = std::mem::take(&mut self.pending);
        if std::mem::take(&mut self.overlong) {
            return;
        }
        let text = String::from_utf8_lossy(&bytes);
        let line = text.trim_end_matches('\r');
        if let Some(underway) = &log.underway {
            if line.starts_with(underway.begun.as_str()) {
                self.underway += 1;
                return;
            }
            if line.starts_with(underway.ended.as_str()) {
                self.underway -= 1;
                return;
            }
        }
        if line.contains(&self.marker.0) {
            self.marker.1 = true;
            return;
        }
        let mut kinds = log.lines.iter();
        let event = kinds.find_map(|kind| kind.event(line, &self.ports));
        self.events.extend(event);
    }
}

impl Drop for Journal {
    fn drop(&mut self) {
        // What writes to it holds it open; nobody reads it any more.
        let _ = std::fs::remove_file(&self.path);
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::super::{EventLine, Pattern};
    use super::*;
    use crate::adapter::definition::Underway;

    fn log(underway: Option<Underway>) -> EventLog {
        EventLog {
            file: "access.log".to_owned(),
            from_output: false,
            underway,
            lines: vec![EventLine {
                line: Pattern::parse("/s{slot}/ {user}").unwrap(),
                event: "LOGIN_SUCCESS".to_owned(),
                scheme: Some("basic".to_owned()),
            }],
        }
    }

    #[test]
    fn a_line_counts_when_it_is_whole_and_once() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("access.log");
        let said = log(None);
        let mut journal = Journal::begin(&path, Vec::new()).unwrap();
        let mut file = File::options().append(true).open(&path).unwrap();
        let mut write = |text: &str| file.write_all(text.as_bytes()).unwrap();
        write("/s1/ alice\r\nnothing\n/s2/ b");
        assert!(!journal.read_on("mark-1", &said).unwrap());
        assert_eq!(journal.events().len(), 1);
        assert_eq!(journal.events()[0].user.as_deref(), Some("alice"));
        assert_eq!(journal.events()[0].scheme.as_deref(), Some("basic"));
        write("ob\n/countersign?mark-1 -");
        assert!(
            !journal.read_on("mark-1", &said).unwrap(),
            "it is not whole"
        );
        write("\n");
        assert!(journal.read_on("mark-1", &said).unwrap());
        assert_eq!(journal.events()[1].user.as_deref(), Some("bob"));
        write(&format!("/s1/ {}\n", "x".repeat(LONGEST_LINE)));
        write("/s3/ carol\n");
        assert!(!journal.read_on("mark-2", &said).unwrap());
        assert_eq!(journal.events().len(), 3);
        assert_eq!(journal.events()[2].slot, 3);
        drop(journal);
        assert!(!path.exists());
    }

    #[test]
    fn what_is_under_way_is_waited_for() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("access.log");
        let said = log(Some(Underway {
            begun: "+".to_owned(),
            ended: "-".to_owned(),
        }));
        let mut journal = Journal::begin(&path, Vec::new()).unwrap();
        let mut file = File::options().append(true).open(&path).unwrap();
        let mut write = |text: &str| file.write_all(text.as_bytes()).unwrap();
        write("+1\n+2\n/countersign?mark-1 -\n-2\n");
        assert!(!journal.read_on("mark-1", &said).unwrap(), "1 is under way");
        assert!(journal.events().is_empty());
        write("/s1/ alice\n-1\n");
        assert!(journal.read_on("mark-1", &said).unwrap());
        assert_eq!(journal.events().len(), 1);
    }
}

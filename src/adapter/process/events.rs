//! Audit events out of the program's log.
//!
//! A log is written when an answer is on its way, or some time later. So before it is read to its end,
//! the probe's path is asked for with a word that was never used before: when the line of that request
//! is in the log, those of all requests before it are. (`adapters/README.md` says what an adapter must
//! see to for that.)

use std::time::{Duration, Instant};

use super::Process;
use super::configure::FIRST_PAUSE;
use super::files::read_from;
use super::probe::knock;
use crate::adapter::journal::Journal;
use crate::adapter::template::{Slot, render};
use crate::implementation::last_lines;
use crate::observation::SetupFault;

/// The longest pause between two looks at the log. A look costs little, and there are thousands.
const LONGEST_READ_PAUSE: Duration = Duration::from_millis(4);

impl Process {
    /// Begins the log of a configuration, where there are audit events in it. The one before is over.
    pub(super) fn begin_journal(
        &mut self,
        (port, token, generation): (u16, &str, u64),
        slots: &[Slot<'_>],
    ) -> Result<Option<Journal>, SetupFault> {
        // Before there is another, which may have its name.
        self.journal = None;
        let Some(log) = &self.recipe.log.events else {
            return Ok(None);
        };
        let values = serde_json::json!({ "port": port, "token": token, "generation": generation });
        let name = render(&log.file, values)
            .map_err(|why| self.fault("name the log of audit events", why))?;
        let ports = slots.iter().map(|slot| (slot.slot, slot.port)).collect();
        Journal::begin(&self.directory.path().join(&name), ports)
            .map(Some)
            .map_err(|error| self.fault(&format!("make `{name}`"), error.to_string()))
    }

    /// Reads the log up to now.
    pub(super) async fn read_journal(&mut self) -> Result<(), SetupFault> {
        let (Some(journal), Some(log)) = (&mut self.journal, &self.recipe.log.events) else {
            return Ok(());
        };
        self.asked += 1;
        let marker = format!("marker-{:016x}-{}", self.run, self.asked);
        let path = format!("{}?{marker}", self.recipe.probe);
        let begun = Instant::now();
        let mut pause = FIRST_PAUSE;
        // What is answered is no matter: the line is.
        knock(self.port, &path).await;
        let why = loop {
            match journal.read_on(&marker, log) {
                Ok(true) => return Ok(()),
                Ok(false) if begun.elapsed() < self.recipe.ready_within => {}
                Ok(false) => {
                    break format!(
                        "`{path}` was asked for, and has no line in the log after {:.1} s; the log \
                         ends:\n{}",
                        begun.elapsed().as_secs_f64(),
                        last_lines(&read_from(journal.path(), 0))
                    );
                }
                Err(error) => break error.to_string(),
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(LONGEST_READ_PAUSE);
        };
        let mut fault = self.fault("read the audit events", why);
        fault.remedy = Some(
            "have every request logged with its query as soon as it is answered, see \
             adapters/README.md"
                .to_owned(),
        );
        Err(fault)
    }
}

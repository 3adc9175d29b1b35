//! Findings of a probe as files, in which variables stand for secrets.

use std::path::Path;

use countersign::corpus::{self, Entry, Message};
use countersign::implementation::ENDPOINT;

use super::holdings::Holdings;
use super::secrets::Secrets;
use super::show::Probed;
use crate::cli::failure::{CommandFailure, say};

impl Probed {
    /// Writes a file for each finding that accuses, and says which.
    pub(super) fn save(
        &self,
        folder: &str,
        holdings: &Holdings,
        secrets: &Secrets,
    ) -> Result<(), CommandFailure> {
        for finding in self.accusing() {
            let mut entry = Entry::of(finding, ENDPOINT, "as deployed");
            entry.identities = holdings.named().identities();
            entry.seen_on.key_in = holdings.place.clone();
            let messages = [&mut entry.transcript.case, &mut entry.transcript.sibling];
            for Message { sent, received } in messages.into_iter().flatten() {
                *sent = secrets.hidden(sent);
                *received = secrets.hidden(received);
            }
            let discrepancy = &mut entry.discrepancy;
            discrepancy.expected = secrets.hidden(&discrepancy.expected);
            discrepancy.observed = secrets.hidden(&discrepancy.observed);
            let saved = corpus::save(Path::new(folder), &entry).map_err(|error| {
                CommandFailure::environment(format!("{folder} cannot be written: {error}"))
            })?;
            say(&format!("saved {}", saved.path.display()));
        }
        Ok(())
    }
}

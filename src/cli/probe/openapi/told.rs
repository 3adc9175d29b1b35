//! What became of the operations of a document, and how it is told.

use std::fmt::Write as _;

use countersign::domain::counted;
use countersign::implementation::Guest;
use serde_json::json;

use crate::cli::reach::place::ServerUrl;

/// Something that is not as the document says.
pub(super) struct Mismatch {
    pub(super) operation: String,
    pub(super) says: String,
    pub(super) impact: &'static str,
    pub(super) by_hand: String,
}

impl Mismatch {
    /// In a sentence: what an operation does, or what its answer says.
    fn sentence(&self) -> String {
        let is_answer = self.says.starts_with(|c: char| c.is_ascii_digit());
        let joint = if is_answer { ":" } else { "" };
        format!("`{}`{joint} {}", self.operation, self.says)
    }
}

/// Everything that is known of the operations.
#[derive(Default)]
pub(super) struct Operations {
    pub(super) findings: Vec<Mismatch>,
    /// Operations that were asked, each with how.
    pub(super) held: Vec<String>,
    /// What was not judged, and why.
    pub(super) not_judged: Vec<String>,
    pub(super) unsteady: Vec<String>,
    /// The status of each answer that was judged.
    pub(super) answers: Vec<u16>,
}

impl Operations {
    /// Whether nothing is there of what was asked for so far.
    pub(super) fn is_nowhere(&self) -> bool {
        self.answers.iter().all(|status| *status == 404)
    }

    pub(super) fn to_text(
        &self,
        place: &ServerUrl,
        file: &str,
        operations: usize,
        guest: &Guest,
    ) -> String {
        let (requests, failed) = guest.care.counts();
        let bounds = guest.care.bounds();
        let mut out = String::new();
        let _ = writeln!(
            out,
            "probed    {}, {} of {file}",
            place.shown,
            counted(operations as u64, "operation", "operations")
        );
        let _ = writeln!(
            out,
            "asked     {requests} of at most {} requests, {failed} failed log-ins (at most {} of each user), at most {} \
             requests a second",
            bounds.requests, bounds.failed, bounds.rate
        );
        let _ = writeln!(
            out,
            "found     {}",
            counted(self.findings.len() as u64, "finding", "findings")
        );
        for finding in &self.findings {
            let _ = writeln!(out, "\nFOUND: {}", finding.sentence());
            let _ = writeln!(
                out,
                "  impact    {}\n  by hand   {}",
                finding.impact, finding.by_hand
            );
        }
        for (title, lines) in [
            ("Equal requests are answered differently:", &self.unsteady),
            ("Asked:", &self.held),
            ("Not judged:", &self.not_judged),
        ] {
            if !lines.is_empty() {
                let _ = writeln!(out, "\n{title}\n  {}", lines.join("\n  "));
            }
        }
        out
    }

    pub(super) fn to_json(&self, place: &ServerUrl, guest: &Guest) -> serde_json::Value {
        let (requests, failed) = guest.care.counts();
        let findings = self.findings.iter().map(|finding| {
            json!({
                "operation": finding.operation,
                "says": finding.says,
                "impact": finding.impact,
                "by_hand": finding.by_hand,
            })
        });
        json!({
            "probed": place.shown,
            "requests": requests,
            "failed_log_ins": failed,
            "findings": findings.collect::<Vec<_>>(),
            "unsteady": self.unsteady,
            "asked": self.held,
            "not_judged": self.not_judged,
        })
    }
}

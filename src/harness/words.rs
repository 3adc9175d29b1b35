//! What a trial says where a rule was not judged, or a statement is wrong.

use super::expectation::StatedFinding;
use crate::domain::{counted, grouped};
use crate::results::{Anomaly, Finding, PackReport, RuleReport};

/// The most kinds of anomaly that are told.
const ANOMALIES: usize = 3;

/// Where a baseline calls a departure other than a run does.
pub(super) fn misnamed(stated: &StatedFinding, finding: &Finding) -> Option<String> {
    let told = finding.title();
    (stated.sentence != told).then(|| {
        format!(
            "known, and told otherwise: {told}\n\n  stated    {}\n  remedy    `countersign run \
             --write-baseline` writes it anew, reasons kept",
            stated.sentence
        )
    })
}

/// What is stated and does not show.
pub(super) fn no_longer(
    StatedFinding {
        sentence,
        case,
        reason,
        ..
    }: &StatedFinding,
) -> String {
    let case = case
        .as_ref()
        .map_or_else(String::new, |case| format!("  case      {case}\n"));
    format!(
        "no longer shows: {sentence}\n\n{case}  stated    {reason}\n  remedy    remove the statement, so \
         that the defect cannot come back unseen"
    )
}

/// A rule of a run that ended before its plan did.
pub(super) fn ended_early(report: &PackReport, rule: &RuleReport) -> String {
    let why = match &report.stopped {
        Some(stopped) => stopped.to_string(),
        None => "for no known reason".to_owned(),
    };
    format!(
        "not judged to the end; this accuses nobody\n\n  ended     {why}\n  before    it held in {}",
        cases(rule.held)
    )
}

/// So many cases.
pub(super) fn cases(count: u64) -> String {
    counted(count, "case", "cases")
}

/// A rule of which nobody could tell whether it holds.
pub(super) fn unclear(report: &PackReport, rule: &RuleReport) -> String {
    let mut text = format!(
        "inconclusive: in {} nobody could tell, in {} it held, in none it broke\n",
        cases(rule.inconclusive),
        grouped(rule.held)
    );
    for Anomaly { what, case, count } in report.anomalies.iter().take(ANOMALIES) {
        let times = counted(*count, "time", "times");
        text.push_str(&format!("\n  {times}: {what}\n    first with {case}"));
    }
    text
}

//! JSON lines: one object for each event, for programs that read along.

use std::io::Write;

use serde_json::{Value, json};

use crate::engine::{Event, Finding, PackReport, RuleState};

use super::claims::claim_keys;

/// Writes one JSON object a line. Every object has a key `event`.
#[derive(Debug)]
pub struct JsonLines<W> {
    out: W,
}

impl<W: Write> JsonLines<W> {
    /// Lines that go to `out`.
    pub fn new(out: W) -> Self {
        Self { out }
    }

    /// Takes an event. A line that cannot be written is lost: whoever read along has gone.
    pub fn on(&mut self, event: &Event<'_>) {
        let line = match event {
            Event::Planned {
                pack,
                version,
                coverage,
            } => json!({
                "event": "planned", "pack": pack, "version": version,
                "coverage": coverage.to_string(), "cases": coverage.cases(),
            }),
            Event::Progress {
                judged,
                of,
                failures,
            } => json!({
                "event": "progress", "judged": judged, "of": of, "failures": failures,
            }),
            Event::Found(finding) => finding_line(finding),
            Event::Done(report) => report_line(report),
        };
        let _ = writeln!(self.out, "{line}");
    }
}

fn finding_line(finding: &Finding) -> Value {
    json!({
        "event": "found",
        "defect": finding.defect,
        "sentence": finding.sentence,
        "pack": finding.pack.0,
        "rule": finding.rule,
        "level": finding.level.word(),
        "scored": finding.scored,
        "source": finding.stated.to_string(),
        "impact": finding.impact,
        "expected": finding.discrepancy.expected,
        "observed": finding.discrepancy.observed,
        "case": finding.case,
        "sibling": finding.sibling.as_ref().map(|(case, _)| case),
        "smallest_possible": finding.proof.simpler_cases.is_some(),
        "cures": finding.cures.iter().map(|cure| json!({"path": cure.path, "to": cure.to}))
            .collect::<Vec<_>>(),
        "flaky": finding.flaky.as_ref().map(|flaky| json!({
            "failed": flaky.failed, "runs": flaky.runs,
        })),
        "requests": finding.requests,
    })
}

fn report_line(report: &PackReport) -> Value {
    let rules: Vec<Value> = report
        .rules
        .iter()
        .map(|rule| {
            let (state, reason) = match &rule.state {
                RuleState::Passed => ("pass", None),
                RuleState::Failed => ("fail", None),
                RuleState::Flaky => ("flaky", None),
                RuleState::NotExercised => ("not exercised", None),
                RuleState::NotApplicable(reason) => ("not applicable", Some(reason)),
                RuleState::Inconclusive => ("inconclusive", None),
            };
            json!({
                "id": rule.id, "level": rule.level.word(), "scored": rule.scored, "state": state,
                "reason": reason, "passed": rule.passed, "failed": rule.failed,
                "inconclusive": rule.inconclusive,
            })
        })
        .collect();
    let mut line = json!({
        "event": "done",
        "pack": report.pack.0,
        "implementation": {"name": report.implementation.0, "version": report.implementation.1},
        "coverage": report.coverage.to_string(),
        "judged": report.judged,
        "requests": report.requests,
        "seconds": report.elapsed.as_secs_f64(),
        "rules": rules,
        "anomalies": report.anomalies.iter().map(|anomaly| json!({
            "what": anomaly.what, "case": anomaly.case, "count": anomaly.count,
        })).collect::<Vec<_>>(),
        "stopped": report.stopped.as_ref().map(ToString::to_string),
    });
    if let Value::Object(keys) = &mut line {
        claim_keys(report, keys);
    }
    line
}

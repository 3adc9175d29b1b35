//! JSON lines: one object for each event, for programs that read along. `docs/json.md` explains them,
//! [`RUN_SCHEMA`] describes each.

use std::io::{self, Write};

use serde_json::{Map, Value, json};

use crate::results::{Event, Finding, PackReport, RuleState, Run, TranscriptEntry, TriedChange};

use super::by_hand::{by_hand, not_by_hand};
use super::cause::{behind, odd_credentials, proof_words, replay, title};
use super::claims::{claim_keys, left_out_json};
use super::command::Called;
use super::escape::shielded;
use super::exchange::{challenges, content, messages, shortened};
use super::known::known_lines;
use super::packs::not_judged;
use super::summary::{CauseKind, Numbered, RunSummary, headline};

/// The JSON Schema of a line.
pub const RUN_SCHEMA: &str = include_str!("run.schema.json");

/// The version of the lines' format: it changes when a key goes away or means something else.
const FORMAT: u32 = 2;

/// Writes one JSON object a line. Every object has the keys `event` and `format`.
#[derive(Debug)]
pub struct JsonLines<'a, W> {
    out: W,
    called: Called<'a>,
    /// The pack that is told of.
    pack: String,
    failed: Option<io::Error>,
}

impl<'a, W: Write> JsonLines<'a, W> {
    /// Lines that go to `out`, of a run that was called so.
    pub fn new(out: W, called: Called<'a>) -> Self {
        Self {
            out,
            called,
            pack: String::new(),
            failed: None,
        }
    }

    /// Names the version of the program that runs or ran, and what is under test.
    pub fn opening(
        &mut self,
        by: &str,
        (implementation, version): (&str, &str),
        left_out: &[String],
    ) {
        self.line(json!({
            "event": "begun",
            "countersign": by,
            "implementation": {"name": implementation, "version": version},
            "against": self.called.against,
            "faults": self.called.faults,
        }));
        for pack in left_out {
            self.line(left_out_json(pack, implementation));
        }
    }

    /// Takes an event.
    pub fn on(&mut self, event: &Event<'_>) {
        if let Event::Planned { pack, .. } = event {
            (*pack).clone_into(&mut self.pack);
        }
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
                "event": "progress", "pack": self.pack, "judged": judged, "of": of, "failures": failures,
            }),
            Event::Found(finding) => json!({
                "event": "found", "title": title(finding), "defect": finding.defect, "sentence": finding.sentence,
                "pack": finding.pack.0, "rule": finding.rule, "level": finding.level.word(),
                "scored": finding.scored, "flaky": finding.flaky.is_some(), "brief": finding.brief,
            }),
            Event::Done(report) => report_line(report, self.called),
        };
        self.line(line);
    }

    /// Writes the defects, known departures, and the end, with the exit code.
    pub fn closing(&mut self, run: &Run, exit: u8) {
        let known = run.known.as_ref();
        let known = known.map_or_else(Vec::new, |known| known_lines(known, &run.packs));
        let run = &RunSummary::of(run, false);
        for one in run.numbered() {
            self.line(defect_line(&one, run));
        }
        for line in known {
            self.line(line);
        }
        let counts = run.counts();
        let stopped = run
            .reports
            .iter()
            .find_map(|report| report.stopped.as_ref());
        self.line(json!({
            "event": "ended",
            "summary": run.last(),
            "exit": exit,
            "fail_on": run.fail_on.word(),
            "findings": counts.findings,
            "lenient": counts.lenient,
            "flaky": counts.flaky,
            "rules": {
                "broken": counts.broken,
                "not_looked_into": counts.left,
                "passed": counts.passed,
                "without_verdict": counts.open,
                "not_applicable": counts.not_applicable,
                "not_scored": counts.not_scored,
            },
            "not_begun": run.not_begun,
            "stopped": stopped.map(ToString::to_string),
        }));
    }

    /// What became of the writing.
    ///
    /// # Errors
    ///
    /// That of the first line that could not be written.
    pub fn finish(&mut self) -> io::Result<()> {
        match self.failed.take() {
            Some(error) => Err(error),
            None => self.out.flush(),
        }
    }

    fn line(&mut self, line: Value) {
        if self.failed.is_some() {
            return;
        }
        let mut keys = Map::new();
        if let Value::Object(line) = line {
            keys = line;
        }
        keys.insert("format".to_owned(), FORMAT.into());
        let text = shielded(&Value::Object(keys).to_string());
        if let Err(error) = writeln!(self.out, "{text}") {
            self.failed = Some(error);
        }
    }
}

fn defect_line(one: &Numbered<'_>, run: &RunSummary<'_>) -> Value {
    let cause = one.cause;
    let findings = std::iter::once(&cause.headline).chain(&cause.others);
    json!({
        "event": "defect",
        "id": one.id,
        "kind": one.kind.word(),
        "number": one.number,
        "of": one.of,
        "fails": one.kind == CauseKind::Finding && one.fails,
        "title": title(cause.headline),
        "saved": one.saved,
        "findings": findings.map(|finding| finding_value(finding, one, run)).collect::<Vec<_>>(),
    })
}

fn finding_value(finding: &Finding, one: &Numbered<'_>, run: &RunSummary<'_>) -> Value {
    let is_headline = std::ptr::eq(finding, one.cause.headline);
    let mut headline = headline(one, run);
    if !is_headline {
        // The file is the headline's.
        headline.saved = None;
    }
    let steps = |steps: &[TriedChange]| -> Vec<Value> {
        let one =
            |step: &TriedChange| json!({"change": step.change, "verdict": step.verdict.word()});
        steps.iter().map(one).collect()
    };
    let hands = by_hand(finding, run.called, run.program);
    let not_by_hand = hands.is_empty().then(|| not_by_hand(finding));
    let hands = hands
        .iter()
        .map(|(command, does)| json!({"command": command, "does": does}));
    json!({
        "title": title(finding),
        "defect": finding.defect,
        "sentence": finding.sentence,
        "pack": {"name": finding.pack.0, "version": finding.pack.1},
        "rule": finding.rule,
        "at": finding.at,
        "level": finding.level.word(),
        "scored": finding.scored,
        "source": finding.stated.to_string(),
        "impact": finding.impact,
        "expected": shortened(&finding.discrepancy.expected),
        "observed": shortened(&finding.discrepancy.observed),
        "challenges": challenges(finding).lines.iter().map(|line| shortened(line)).collect::<Vec<_>>(),
        "content": content(finding),
        "case": finding.case,
        "brief": finding.brief,
        "played_by": finding.played_by.iter().map(|program| json!({
            "name": program.name, "version": program.version, "command": program.command,
        })).collect::<Vec<_>>(),
        "credentials": odd_credentials(finding),
        "exchanges": exchanges(&finding.transcript.case),
        "sibling": finding.sibling.as_ref().map(|(case, difference)| json!({
            "case": case, "difference": difference,
            "exchanges": exchanges(&finding.transcript.sibling),
        })),
        "smallest_possible": finding.proof.simpler_cases.is_some(),
        "simpler_cases": finding.proof.simpler_cases,
        "proof": proof_words(finding),
        "simplifications": steps(&finding.proof.steps),
        "variations": steps(&finding.variations),
        "cures": finding.cures.iter().map(|cure| json!({"path": cure.path, "to": cure.to}))
            .collect::<Vec<_>>(),
        "flaky": finding.flaky.as_ref().map(|flaky| json!({
            "failed": flaky.failed, "runs": flaky.runs,
            "otherwise": exchanges(&flaky.otherwise.case),
            "why": match &flaky.follows {
                Some(followed) => Some(behind(followed)),
                None => flaky.why.as_ref().map(ToString::to_string),
            },
        })),
        "replay": replay(finding, headline).pop(),
        "by_hand": hands.collect::<Vec<_>>(),
        "not_by_hand": not_by_hand,
        "failures": finding.failures,
        "requests": finding.requests,
    })
}

fn exchanges(entries: &[TranscriptEntry]) -> Vec<Value> {
    messages(entries)
        .into_iter()
        .map(|(sent, received)| json!({"sent": sent, "received": received}))
        .collect()
}

fn report_line(report: &PackReport, called: Called<'_>) -> Value {
    let rules: Vec<Value> = report
        .rules
        .iter()
        .map(|rule| {
            let (state, reason) = match &rule.state {
                RuleState::Passed => ("pass", None),
                RuleState::Failed => ("fail", None),
                RuleState::Flaky => ("flaky", None),
                RuleState::NotExercised => (not_judged(report).unwrap_or("not exercised"), None),
                RuleState::NotApplicable(reason) => ("not applicable", Some(reason)),
                RuleState::Inconclusive => ("inconclusive", None),
            };
            json!({
                "id": rule.id, "level": rule.level.word(), "scored": rule.scored, "state": state,
                "reason": reason, "held": rule.held, "broke": rule.broke,
                "inconclusive": rule.inconclusive,
            })
        })
        .collect();
    let left = report.left_alone().map(|left| {
        json!({
            "rule": left.rule, "level": left.level.word(), "cases": left.count, "case": left.case,
            "replay": called.one_case(&report.pack.0, &left.spec, &left.rule, &left.brief).trim_start(),
        })
    });
    let mut line = json!({
        "event": "done",
        "pack": report.pack.0,
        "version": report.pack.1,
        "implementation": {"name": report.implementation.0, "version": report.implementation.1},
        "coverage": report.covered(),
        "judged": report.judged,
        "requests": report.requests,
        "installations": report.installations,
        "seconds": report.elapsed.as_secs_f64(),
        "rules": rules,
        "unsupported": report.unsupported.as_ref().map(|(policies, reason)| json!({
            "policies": policies, "reason": reason,
        })),
        "anomalies": report.anomalies.iter().map(|anomaly| json!({
            "what": anomaly.what, "case": anomaly.case, "count": anomaly.count,
        })).collect::<Vec<_>>(),
        "not_looked_into": left.collect::<Vec<_>>(),
        "notices": report.notices,
        "stopped": report.stopped.as_ref().map(ToString::to_string),
    });
    if let Value::Object(keys) = &mut line {
        claim_keys(report, keys);
    }
    line
}

#[cfg(test)]
mod tests {
    use super::super::escape::is_unseen;
    use super::*;

    /// A disk that is full.
    struct Full;

    impl Write for Full {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::StorageFull.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn what_cannot_be_written_is_told_at_the_end() {
        let mut lines = JsonLines::new(Full, Called::default());
        lines.opening("1", ("a", "1"), &[]);
        lines.opening("1", ("a", "1"), &[]);
        assert_eq!(
            lines.finish().unwrap_err().kind(),
            io::ErrorKind::StorageFull
        );
    }

    #[test]
    fn orders_to_a_terminal_stay_data() {
        let mut lines = JsonLines::new(Vec::new(), Called::default());
        let name = "evil\u{9b}31m\x1b]0;t\x07\u{202e}\u{e0041}é";
        lines.opening("1", (name, "1"), &[]);
        lines.finish().unwrap();
        let text = String::from_utf8(lines.out).unwrap();
        assert!(text.trim_end().chars().all(|c| !is_unseen(c)), "{text:?}");
        let back: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(back["implementation"]["name"], name);
        assert_eq!(
            (&back["event"], &back["format"]),
            (&json!("begun"), &json!(FORMAT))
        );
    }
}

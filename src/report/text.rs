//! The text that a person reads, for the terminal and for `cargo test` alike.

use std::fmt::Write;

use crate::engine::{
    Anomaly, Cause, Finding, PackReport, RuleReport, RuleState, StepVerdict, TranscriptEntry,
};

use crate::client::shell_quoted;
use crate::domain::{counted, grouped};
use crate::spec::Discrepancy;

use super::by_hand::by_hand;
use super::claims::claim_lines;

/// How wide the column of labels is.
const LABEL: usize = 10;

/// The most steps of a certificate that are shown; the corpus keeps all.
const STEPS: usize = 12;

/// What comes before a cause's sentence.
#[derive(Clone, Copy, Debug)]
pub struct Headline<'a> {
    /// The implementation as `--against` names it; none where only a test can open it.
    pub against: Option<&'a str>,
    /// The command that runs the test again that found it, if one did.
    pub test: Option<&'a str>,
    /// The file that the finding was saved to, if it was.
    pub saved: Option<&'a str>,
}

/// A cause in full: the sentence on a line of its own, then everything that is needed to act on it.
pub fn cause_text(cause: &Cause<'_>, headline: Headline<'_>) -> String {
    let finding = cause.headline;
    let mut out = String::new();
    let _ = writeln!(out, "{}\n", finding.sentence);
    let mut put = |label: &str, lines: &[String]| {
        for (index, line) in lines.iter().enumerate() {
            let label = if index == 0 { label } else { "" };
            let _ = writeln!(out, "  {label:LABEL$}{line}");
        }
    };
    put("defect", std::slice::from_ref(&finding.defect));
    let (pack, version) = &finding.pack;
    put(
        "rule",
        &[format!(
            "{} ({}; {pack} {version})",
            finding.rule, finding.level
        )],
    );
    put("source", &[finding.stated.to_string()]);
    put("impact", std::slice::from_ref(&finding.impact));
    put(
        "expected",
        std::slice::from_ref(&finding.discrepancy.expected),
    );
    put("observed", &observed(finding));
    put(
        "case",
        &[
            format!("policy:   {}", finding.case.policy),
            format!("instance: {}", finding.case.instance),
            format!("client:   {}", finding.case.client),
        ],
    );
    put("exchange", &exchanges(&finding.transcript.case));
    if let Some((_, difference)) = &finding.sibling
        && !finding.transcript.sibling.is_empty()
    {
        let mut lines = vec![format!("{difference}:")];
        lines.extend(exchanges(&finding.transcript.sibling));
        put("beside", &lines);
    }
    put("minimal", &proof(finding));
    if !finding.cures.is_empty() {
        let cures: Vec<String> = finding
            .cures
            .iter()
            .map(|cure| format!("{}: {}", cure.path, cure.to))
            .collect();
        let any = if cures.len() > 1 { "any one of " } else { "" };
        put("cured by", &[format!("{any}{}", cures.join(", "))]);
    }
    let others: Vec<String> = cause
        .others
        .iter()
        .flat_map(|other| {
            let Discrepancy {
                expected, observed, ..
            } = &other.discrepancy;
            let what = format!("{} ({}): {}", other.rule, other.level, other.title());
            [what, format!("  expected {expected}; observed {observed}")]
        })
        .collect();
    put("also", &others);
    if let Some(flaky) = &finding.flaky {
        put(
            "flaky",
            &[format!(
                "it broke in {} of {} runs",
                flaky.failed, flaky.runs
            )],
        );
        let mut lines = vec!["a run that went another way:".to_owned()];
        lines.extend(exchanges(&flaky.otherwise.case));
        put("", &lines);
    }
    put("replay", &replay(finding, headline));
    let hand = headline
        .against
        .map(|against| by_hand(finding, against))
        .unwrap_or_default();
    let width = hand
        .iter()
        .skip(1)
        .map(|(command, _)| command.chars().count())
        .max();
    let hand: Vec<String> = hand
        .iter()
        .map(|(command, why)| format!("{command:width$}  # {why}", width = width.unwrap_or(0)))
        .collect();
    put("by hand", &hand);
    put(
        "cost",
        &[format!(
            "{} of the cases judged broke the rule in this way; {} from the first to this proof",
            grouped(finding.failures),
            counted(finding.requests, "request", "requests")
        )],
    );
    out
}

/// The fields that carry challenges: an origin server's, and a proxy's.
const CHALLENGE_FIELDS: [&str; 2] = ["WWW-Authenticate", "Proxy-Authenticate"];

fn observed(finding: &Finding) -> Vec<String> {
    let mut lines = vec![finding.discrepancy.observed.clone()];
    // What is accused stands in the answer that the discrepancy speaks of.
    let speaks_of_sibling = finding.discrepancy.accuses_sibling();
    let entries = if speaks_of_sibling {
        &finding.transcript.sibling
    } else {
        &finding.transcript.case
    };
    if let Some(last) = entries.last() {
        let fields: Vec<String> = head_lines(&last.head)
            .into_iter()
            .filter(|line| {
                let name = line.split(':').next().unwrap_or_default();
                CHALLENGE_FIELDS
                    .iter()
                    .any(|known| name.eq_ignore_ascii_case(known))
            })
            .collect();
        let status = head_lines(&last.head)
            .first()
            .and_then(|line| line.split(' ').nth(1).map(str::to_owned));
        let [asked, asked_by_proxy] = CHALLENGE_FIELDS;
        match status.as_deref() {
            Some("401") if fields.is_empty() => lines.push(format!("without any {asked}")),
            Some("407") if fields.is_empty() => {
                lines.push(format!("without any {asked_by_proxy}"));
            }
            _ => {}
        }
        lines.extend(fields);
    }
    lines
}

fn exchanges(entries: &[TranscriptEntry]) -> Vec<String> {
    let mut lines = Vec::new();
    for entry in entries {
        lines.extend(
            head_lines(&entry.sent)
                .iter()
                .map(|line| format!("> {}", masked(line))),
        );
        lines.extend(
            head_lines(&entry.head)
                .iter()
                .map(|line| format!("< {line}")),
        );
    }
    lines
}

/// The lines of a message's head; bytes that are not printable ASCII are escaped.
fn head_lines(bytes: &[u8]) -> Vec<String> {
    bytes
        .split(|byte| *byte == b'\n')
        .map(|line| line.strip_suffix(b"\r").unwrap_or(line))
        .take_while(|line| !line.is_empty())
        .map(|line| {
            line.iter()
                .map(|byte| match byte {
                    b' '..=b'~' => char::from(*byte).to_string(),
                    other => other.escape_ascii().to_string(),
                })
                .collect()
        })
        .collect()
}

/// A field line of a request without its secret.
fn masked(line: &str) -> String {
    match line.split_once(':') {
        Some((name, value))
            if ["authorization", "proxy-authorization"]
                .iter()
                .any(|secret| name.eq_ignore_ascii_case(secret)) =>
        {
            let scheme = value.trim().split(' ').next().unwrap_or_default();
            format!("{name}: {scheme} ***")
        }
        _ => line.to_owned(),
    }
}

fn proof(finding: &Finding) -> Vec<String> {
    let mut lines = Vec::new();
    let steps = &finding.proof.steps;
    match finding.proof.simpler_cases {
        Some(0) => lines.push("smallest possible: there is no simpler case".to_owned()),
        Some(1) => lines.push(
            "smallest possible: the one simpler case does not break this rule in this way"
                .to_owned(),
        ),
        Some(count) => lines.push(format!(
            "smallest possible: none of the {} simpler cases breaks this rule in this way",
            grouped(count)
        )),
        None if finding.proof.cut_short => {
            lines.push(
                "not proven: the budget ended before every simplification was tried".to_owned(),
            );
        }
        None => lines.push("1-minimal: every one-step simplification was tried".to_owned()),
    }
    let width = steps
        .iter()
        .map(|step| step.change.chars().count())
        .max()
        .unwrap_or(0);
    for step in steps.iter().take(STEPS) {
        lines.push(format!("{:width$}  {}", step.change, step.verdict.word()));
    }
    if steps.len() > STEPS {
        let alike = steps
            .iter()
            .filter(|step| step.verdict == StepVerdict::Passes)
            .count();
        let verb = if alike == 1 { "passes" } else { "pass" };
        lines.push(format!("… {} in all, of which {alike} {verb}", steps.len()));
    }
    lines
}

fn replay(finding: &Finding, headline: Headline<'_>) -> Vec<String> {
    let by_test = headline.test.map(str::to_owned);
    let by_command = headline.against.map(|against| {
        let against = if against == "reference" {
            String::new()
        } else {
            format!(" --against {}", shell_quoted(against))
        };
        match headline.saved {
            Some(path) => format!("countersign replay {}{against}", shell_quoted(path)),
            None => format!(
                "countersign run{against} --spec {} --rule {} --case {}",
                shell_quoted(&finding.spec),
                finding.rule,
                shell_quoted(&finding.brief)
            ),
        }
    });
    by_test.into_iter().chain(by_command).collect()
}

/// A pack's verdicts: what was covered, the rate, a line for each rule, and what got no verdict.
pub fn pack_text(report: &PackReport) -> String {
    let mut out = String::new();
    let (name, version, title) = &report.pack;
    let _ = writeln!(out, "{name} {version}: {title}");
    let seconds = report.elapsed.as_secs_f64();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a rate to read"
    )]
    let rate = (report.judged as f64 / seconds.max(0.001)) as u64;
    // What was planned was covered only if nothing ended it.
    let (planned, within) = match report.stopped {
        Some(_) => ("planned: ", "; ended after"),
        None => ("", " in"),
    };
    let _ = writeln!(
        out,
        "  {planned}{}{within} {seconds:.1} s: {} judged, {} a second, {}, {}",
        report.coverage,
        grouped(report.judged),
        grouped(rate),
        counted(report.requests, "request", "requests"),
        counted(report.installations, "installation", "installations"),
    );
    let width = report
        .rules
        .iter()
        .map(|rule| rule.id.len())
        .max()
        .unwrap_or(0);
    for rule in &report.rules {
        let _ = writeln!(out, "  {}", rule_line(rule, width));
    }
    for line in claim_lines(report) {
        let _ = writeln!(out, "  {line}");
    }
    if let Some((count, reason)) = &report.unsupported {
        let _ = writeln!(
            out,
            "  {} not applicable: the implementation cannot express {} ({reason})",
            counted(*count, "policy is", "policies are"),
            if *count == 1 { "it" } else { "them" }
        );
    }
    for Anomaly { what, case, count } in &report.anomalies {
        let times = counted(*count, "time", "times");
        let _ = writeln!(out, "  no verdict, {times}: {what}");
        let _ = writeln!(out, "    first with {case}");
    }
    if report.unshrunk > 0 {
        let _ = writeln!(
            out,
            "  {} of the same rules not shrunk",
            counted(report.unshrunk, "further failure", "further failures")
        );
    }
    if let Some(stopped) = &report.stopped {
        let _ = writeln!(out, "  ended early: {stopped}");
    }
    out
}

fn rule_line(rule: &RuleReport, width: usize) -> String {
    let RuleReport {
        id,
        level,
        passed,
        failed,
        inconclusive,
        state,
        scored,
    } = rule;
    let cases = |count: u64| counted(count, "case", "cases");
    let (word, mut detail) = match state {
        RuleState::Passed => ("pass", cases(*passed)),
        RuleState::Failed => (
            "FAIL",
            format!(
                "{} of {}",
                grouped(*failed),
                cases(passed + failed + inconclusive)
            ),
        ),
        RuleState::Flaky => ("flaky", cases(*failed)),
        RuleState::NotExercised => (
            "not exercised",
            "it applied to no case that was played".to_owned(),
        ),
        RuleState::NotApplicable(reason) => ("n/a", reason.clone()),
        RuleState::Inconclusive => (
            "inconclusive",
            format!(
                "{} of {}",
                grouped(*inconclusive),
                cases(passed + inconclusive)
            ),
        ),
    };
    if !scored {
        detail.push_str(", not scored");
    }
    format!("{word:14}{id:width$}  {:7}{detail}", level.word())
}

/// The last lines: how many findings, and what remains open.
pub fn summary_text(reports: &[PackReport], causes: &[Cause<'_>]) -> String {
    let accusations = causes
        .iter()
        .filter(|cause| cause.headline.scored && cause.headline.flaky.is_none())
        .count();
    let mut rules: Vec<(&str, &str)> = causes
        .iter()
        .flat_map(|cause| cause.others.iter().chain([&cause.headline]))
        .map(|finding| (finding.pack.0.as_str(), finding.rule.as_str()))
        .collect();
    rules.sort_unstable();
    rules.dedup();
    let rules = rules.len();
    let count = |state: fn(&RuleState) -> bool| {
        reports
            .iter()
            .flat_map(|report| &report.rules)
            .filter(|rule| state(&rule.state))
            .count()
    };
    let passed = count(|state| *state == RuleState::Passed);
    let open = count(|state| {
        matches!(
            state,
            RuleState::NotExercised | RuleState::Inconclusive | RuleState::Flaky
        )
    });
    let not_applicable = count(|state| matches!(state, RuleState::NotApplicable(_)));
    let mut out = counted(accusations as u64, "finding", "findings");
    if rules > 0 {
        let _ = write!(
            out,
            " ({})",
            counted(rules as u64, "rule broken", "rules broken")
        );
    }
    let _ = write!(out, "; {} passed", counted(passed as u64, "rule", "rules"));
    if open > 0 {
        let _ = write!(out, ", {open} without a verdict");
    }
    if not_applicable > 0 {
        let _ = write!(out, ", {not_applicable} not applicable");
    }
    out.push('\n');
    out
}

//! SARIF 2.1.0: a result for each defect, at the line of the rule that tells it. `docs/reports.md` explains it.

use std::io::{self, Write};

use serde_json::{Value, json};

use crate::domain::counted;
use crate::results::{Finding, KnownDefect, PackReport, Run, RunVerdict};
use crate::spec::Level;

use super::by_hand::by_hand;
use super::cause::{observed, proof_words, replay, title};
use super::escape::{bounded_line, shielded, visible_line};
use super::exchange::{ShownExchanges, shortened};
use super::place::place;
use super::rules::{PackTold, RuleTold, open, packs_of};
use super::source::source_uri;
use super::summary::{CauseKind, Numbered, RunSummary, headline};

/// Where SARIF 2.1.0 has its schema (SARIF 2.1.0 §3.13.3).
const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// What the places of shipped specs are relative to.
const SHIPPED: &str = "COUNTERSIGN";

/// The most characters of a line of a message.
const LINE: usize = 8_000;

/// Writes a run as SARIF.
pub(super) fn write(run: &Run, exit: u8, mut out: impl Write) -> io::Result<()> {
    let summary = RunSummary::of(run, false);
    let packs = packs_of(run, &summary);
    let rules = ToolRules::of(&packs);
    let mut results: Vec<Value> = Vec::new();
    for one in summary.numbered() {
        results.push(of_defect(&one, &rules, &summary));
    }
    for known in run.known.iter().flat_map(|known| &known.shows) {
        let first = run.findings(&known.findings).into_iter().next();
        results.extend(first.map(|finding| of_known(known, finding, &rules)));
    }
    for pack in &packs {
        results.extend(not_looked_into(pack, &rules, &summary));
    }
    let (name, version) = &run.implementation;
    let log = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "countersign",
                "version": text(&run.version),
                "rules": rules.values,
            }},
            "automationDetails": {"id": format!("countersign/{}/", text(name))},
            "originalUriBaseIds": {
                SHIPPED: {"description": message("The source of Countersign, which these specs ship with.")},
            },
            "columnKind": "unicodeCodePoints",
            "invocations": [invocation(run, exit)],
            "results": results,
            "properties": {
                "implementation": {"name": text(name), "version": text(version)},
                "summary": text(&summary.last()),
            },
        }],
    });
    let pretty = serde_json::to_string_pretty(&log).map_err(io::Error::other)?;
    out.write_all(shielded(&pretty).as_bytes())?;
    out.write_all(b"\n")?;
    out.flush()
}

/// Foreign text on one line, with nothing in it that a terminal takes for an order.
fn text(text: &str) -> String {
    visible_line(&shortened(text)).into_owned()
}

/// A message in plain text, whose line feeds stay. What a reader would take for a link or for a placeholder
/// (SARIF 2.1.0 §3.11.5, §3.11.6) is not left one; other brackets and braces are, because commands have them.
fn message(words: &str) -> Value {
    let lines: Vec<_> = words.split('\n').map(visible_line).collect();
    let text = lines.join("\n").replace("](", "\\](");
    json!({"text": without_placeholders(&text)})
}

fn without_placeholders(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('{') {
        out.push_str(before);
        let end = behind.find(|c: char| !c.is_ascii_digit());
        let digits = end.map_or("", |end| behind.get(..end).unwrap_or_default());
        let tail = behind
            .strip_prefix(digits)
            .and_then(|tail| tail.strip_prefix('}'));
        match tail.filter(|_| !digits.is_empty()) {
            Some(tail) => {
                out.push_str(&format!("{{{{{digits}}}}}"));
                rest = tail;
            }
            None => {
                out.push('{');
                rest = behind;
            }
        }
    }
    out.push_str(rest);
    out
}

/// A rule's level as SARIF has it.
fn level(level: Level) -> &'static str {
    match level {
        Level::Must => "error",
        Level::Should => "warning",
        Level::May | Level::Advice => "note",
    }
}

/// The rules of a run as the tool's, and where each stands among them.
struct ToolRules {
    ids: Vec<String>,
    values: Vec<Value>,
}

impl ToolRules {
    fn of(packs: &[PackTold<'_>]) -> Self {
        let mut rules = Self {
            ids: Vec::new(),
            values: Vec::new(),
        };
        for pack in packs {
            for rule in &pack.rules {
                let id = rule_id(&pack.report.pack.0, rule.id);
                if !rules.ids.contains(&id) {
                    rules.values.push(rule_value(&id, rule, pack.report));
                    rules.ids.push(id);
                }
            }
        }
        rules
    }

    /// The keys of a result that name its rule.
    fn named(&self, id: &str) -> (String, Value) {
        let at = self.ids.iter().position(|known| known == id);
        (id.to_owned(), at.map_or(Value::Null, Value::from))
    }
}

fn rule_id(pack: &str, rule: &str) -> String {
    text(&format!("{pack}/{rule}"))
}

fn rule_value(id: &str, rule: &RuleTold<'_>, report: &PackReport) -> Value {
    let why = match rule.why.as_str() {
        "" => rule.became.word().to_owned(),
        why => format!("{}: {}", rule.became.word(), text(why)),
    };
    let mut value = json!({
        "id": id,
        "name": text(rule.id),
        "defaultConfiguration": {"level": level(rule.level)},
        "properties": {
            "level": rule.level.word(),
            "became": why,
            "pack": {"name": text(&report.pack.0), "version": report.pack.1, "title": text(&report.pack.2)},
        },
    });
    // Where a rule is stated, a run knows of those that broke.
    if let (Some(one), Value::Object(keys)) = (rule.findings.first(), &mut value) {
        let finding = one.finding;
        let stated = finding.stated.to_string();
        let [impact, stated, at] = [&finding.impact, &stated, &finding.at].map(|one| text(one));
        let help = format!("{impact}\nSource: {stated}\nRule: {at}");
        keys.insert(
            "shortDescription".to_owned(),
            message(&text(&finding.defect)),
        );
        keys.insert(
            "fullDescription".to_owned(),
            message(&text(&finding.impact)),
        );
        keys.insert("help".to_owned(), message(&help));
        if let Some(uri) = source_uri(&finding.stated) {
            keys.insert("helpUri".to_owned(), Value::from(uri));
        }
    }
    value
}

/// The place of a finding's rule.
fn locations(finding: &Finding) -> Vec<Value> {
    let physical = place(&finding.at).map(|place| {
        let mut artifact = json!({"uri": uri(&shortened(place.file))});
        // A pack that ships is named by its name, and stands in the source of Countersign.
        if let Value::Object(keys) = &mut artifact
            && finding.spec == finding.pack.0
        {
            keys.insert("uriBaseId".to_owned(), SHIPPED.into());
        }
        json!({"artifactLocation": artifact, "region": {"startLine": place.line}})
    });
    let logical =
        json!({"fullyQualifiedName": rule_id(&finding.pack.0, &finding.rule), "kind": "member"});
    let mut location = json!({"logicalLocations": [logical]});
    if let (Some(physical), Value::Object(keys)) = (physical, &mut location) {
        keys.insert("physicalLocation".to_owned(), physical);
    }
    vec![location]
}

/// A path as a reference (RFC 3986 §4.1).
fn uri(path: &str) -> String {
    let mut out = String::new();
    if path.starts_with('/') {
        out.push_str("file://");
    }
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                out.push(char::from(byte));
            }
            byte => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

/// What is the same from run to run. GitHub reads the second only.
fn fingerprints(id: &str) -> Value {
    json!({"countersignFinding/v1": text(id), "primaryLocationLineHash": text(id)})
}

fn of_defect(one: &Numbered<'_>, rules: &ToolRules, run: &RunSummary<'_>) -> Value {
    let finding = one.cause.headline;
    let (kind, level) = match one.kind {
        CauseKind::Finding => ("fail", level(finding.level)),
        // What is not of kind `fail` has no level (SARIF 2.1.0 §3.27.10).
        CauseKind::Flaky => ("open", "none"),
        CauseKind::NotScored => ("informational", "none"),
    };
    let again = replay(finding, headline(one, run));
    let hands = by_hand(finding, run.called, run.program);
    let mut lines = vec![title(finding)];
    if finding.unsteady().is_none() {
        let seen: Vec<String> = observed(finding)
            .into_iter()
            .map(|(line, ..)| line)
            .collect();
        lines.push(format!(
            "Expected: {}",
            shortened(&finding.discrepancy.expected)
        ));
        lines.push(format!("Observed: {}", seen.join("; ")));
        lines.push(format!("Impact: {}", finding.impact));
        lines.push(format!("Minimal: {}", proof_words(finding)));
    }
    lines.extend(again.iter().map(|command| format!("Again: {command}")));
    lines.extend(
        hands
            .iter()
            .map(|(command, does)| format!("By hand ({does}): {command}")),
    );
    let lines: Vec<_> = lines.iter().map(|line| bounded_line(line, LINE)).collect();
    let related = one.cause.others.iter().enumerate().map(|(at, other)| {
        let mut all = locations(other);
        let mut location = all.pop().unwrap_or_default();
        if let Value::Object(keys) = &mut location {
            keys.insert("id".to_owned(), Value::from(at + 1));
            let words = format!("{} ({}): {}", other.rule, other.level, title(other));
            keys.insert("message".to_owned(), message(&text(&words)));
        }
        location
    });
    let shown = |lines: &[String]| lines.iter().map(|line| text(line)).collect::<Vec<_>>();
    let exchanges = ShownExchanges::of(finding);
    let (rule, index) = rules.named(&rule_id(&finding.pack.0, &finding.rule));
    with_index(
        json!({
            "ruleId": rule,
            "kind": kind,
            "level": level,
            "message": message(&lines.join("\n")),
            "locations": locations(finding),
            "relatedLocations": related.collect::<Vec<_>>(),
            "partialFingerprints": fingerprints(one.id.unwrap_or_default()),
            "properties": {
                "fails": one.kind == CauseKind::Finding && one.fails,
                "expected": text(&finding.discrepancy.expected),
                "observed": text(&finding.discrepancy.observed),
                "brief": text(&finding.brief),
                "exchange": shown(&exchanges.case),
                "beside": shown(&exchanges.sibling),
            },
        }),
        index,
    )
}

/// Where the rule stands among the tool's, where it does.
fn with_index(mut result: Value, index: Value) -> Value {
    if let Value::Object(keys) = &mut result
        && !index.is_null()
    {
        keys.insert("ruleIndex".to_owned(), index);
    }
    result
}

/// A known departure is a result that the baseline suppresses (SARIF 2.1.0 §3.35).
fn of_known(known: &KnownDefect, finding: &Finding, rules: &ToolRules) -> Value {
    let (rule, index) = rules.named(&rule_id(&finding.pack.0, &finding.rule));
    with_index(
        json!({
            "ruleId": rule,
            "kind": "fail",
            "level": level(finding.level),
            "message": message(&text(&title(finding))),
            "locations": locations(finding),
            "partialFingerprints": fingerprints(&finding.id()),
            "suppressions": [{
                "kind": "external",
                "justification": text(&format!("{}: {}", known.whose.phrase(), known.reason)),
            }],
        }),
        index,
    )
}

/// Rules that broke in cases that were not looked into: nobody knows what of.
fn not_looked_into<'a>(
    pack: &'a PackTold<'_>,
    rules: &'a ToolRules,
    run: &'a RunSummary<'_>,
) -> impl Iterator<Item = Value> + 'a {
    let name = &pack.report.pack.0;
    pack.report.left_alone().map(move |left| {
        let (rule, index) = rules.named(&rule_id(name, &left.rule));
        let command = run.called.one_case(name, &left.spec, &left.rule, &left.brief);
        let cases = counted(left.count, "case", "cases");
        let words = format!(
            "Broke in {cases} that were not looked into, because the run ended.\nThe smallest seen: {} run{}",
            visible_line(run.program),
            bounded_line(&command, LINE)
        );
        with_index(
            json!({"ruleId": rule, "kind": "open", "level": "none", "message": message(&words)}),
            index,
        )
    })
}

/// How the run went: it was executed where everything was judged.
fn invocation(run: &Run, exit: u8) -> Value {
    let is_whole =
        |report: &PackReport| report.is_judged() && report.is_complete(run.asked.fail_on);
    let is_whole = !run.packs.is_empty() && run.packs.iter().all(is_whole);
    let note = |level: &str, words: String| json!({"level": level, "message": message(&words)});
    let mut notes = Vec::new();
    for report in &run.packs {
        let name = text(&report.pack.0);
        if let Some(why) = open(report, run.asked.fail_on) {
            notes.push(note("error", format!("{name}: {}", text(&why))));
        }
        let notices = report.notices.iter();
        notes.extend(notices.map(|notice| note("note", format!("{name}: {}", text(notice)))));
    }
    for pack in &run.not_begun {
        let words = format!("{}: not begun, because the run ended early", text(pack));
        notes.push(note("error", words));
    }
    for stale in run.known.iter().flat_map(|known| &known.stale) {
        let level = if stale.by_rate { "note" } else { "error" };
        let words = format!(
            "{}: known, and no longer so: {}; {}",
            stale.rule, stale.said, stale.why
        );
        notes.push(note(level, text(&words)));
    }
    let verdict = match run.verdict() {
        RunVerdict::Conforms => "conforms",
        RunVerdict::Departs => "departs",
        RunVerdict::Interrupted => "interrupted",
        RunVerdict::Unknown => "no verdict",
    };
    json!({
        "executionSuccessful": is_whole && run.not_begun.is_empty(),
        "exitCode": exit,
        "exitCodeDescription": verdict,
        "toolExecutionNotifications": notes,
        "properties": {"against": text(&run.asked.against), "seed": run.asked.seed, "cases": run.asked.cases},
    })
}

#[cfg(test)]
mod tests;

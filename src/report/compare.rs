//! Several implementations beside each other, as text, Markdown and JSON.

use std::fmt::Write;

use serde_json::{Value, json};

use crate::domain::counted;
use crate::results::{Ambiguity, ComparisonReport, PackComparison, RuleState};

/// For the terminal: a column for each implementation, numbered.
pub fn comparison_text(comparison: &ComparisonReport) -> String {
    let mut out = String::new();
    for (index, (name, version)) in comparison.implementations.iter().enumerate() {
        let _ = writeln!(out, "{:>3}  {name} {version}", index + 1);
    }
    for pack in &comparison.packs {
        let (name, version, title) = &pack.pack;
        let _ = writeln!(out, "\n{name} {version}: {title}\n");
        let width = pack
            .rules
            .iter()
            .map(|(id, ..)| id.len())
            .max()
            .unwrap_or(0);
        let _ = write!(out, "  {:width$}  {:7}", "", "");
        for index in 0..comparison.implementations.len() {
            let _ = write!(out, "{:>5}", index + 1);
        }
        out.push('\n');
        for (id, level, _, states) in &pack.rules {
            let _ = write!(out, "  {id:width$}  {:7}", level.word());
            for state in states {
                let _ = write!(out, "{:>5}", short(state));
            }
            out.push('\n');
        }
        for ambiguity in &pack.ambiguities {
            let _ = writeln!(
                out,
                "\n  no rule decides, {}, such as {}",
                counted(ambiguity.cases, "case", "cases"),
                ambiguity.brief
            );
            for (answer, who) in answers(ambiguity, comparison) {
                let _ = writeln!(out, "    {answer}: {who}");
            }
        }
        if pack.untold > 0 {
            let untold = pack.untold as u64;
            let untold = counted(untold, "more way to differ is", "more ways to differ are");
            let _ = writeln!(out, "\n  {untold} not shown");
        }
    }
    let _ = writeln!(out, "\n{LEGEND}");
    out
}

const LEGEND: &str = "pass: held wherever it applied; FAIL: broke; flaky: broke, not each time; -: does \
                      not apply; .: never met; ?: nobody can tell";

fn short(state: &RuleState) -> &'static str {
    match state {
        RuleState::Passed => "pass",
        RuleState::Failed => "FAIL",
        RuleState::Flaky => "flaky",
        RuleState::NotExercised => ".",
        RuleState::NotApplicable(_) => "-",
        RuleState::Inconclusive => "?",
    }
}

/// Each answer, and the names of those who gave it.
fn answers(ambiguity: &Ambiguity, comparison: &ComparisonReport) -> Vec<(String, String)> {
    ambiguity
        .answers
        .iter()
        .map(|(answer, who)| {
            let names: Vec<&str> = who
                .iter()
                .filter_map(|index| comparison.implementations.get(*index))
                .map(|(name, _)| name.as_str())
                .collect();
            (answer.to_string(), names.join(", "))
        })
        .collect()
}

/// As a page: a table for each pack. `date` is when it was made.
pub fn comparison_markdown(comparison: &ComparisonReport, date: &str) -> String {
    let mut out = format!(
        "# Implementations beside each other\n\nMade on {date} by `countersign compare --all --write docs`; do \
         not edit.\n\n| implementation | version |\n|---|---|\n"
    );
    for (name, version) in &comparison.implementations {
        let _ = writeln!(out, "| {name} | {version} |");
    }
    let _ = writeln!(
        out,
        "\n{LEGEND}.\n\nA rule that breaks is explained in the adapter's `known.yaml`."
    );
    for pack in &comparison.packs {
        let (name, version, title) = &pack.pack;
        let _ = writeln!(out, "\n## {name} {version}\n\n{title}\n");
        let names: Vec<&str> = comparison
            .implementations
            .iter()
            .map(|(name, _)| name.as_str())
            .collect();
        let _ = writeln!(out, "| rule | level | {} |", names.join(" | "));
        let _ = writeln!(out, "|---|---|{}", "---|".repeat(names.len()));
        for (id, level, scored, states) in &pack.rules {
            let states: Vec<&str> = states.iter().map(short).collect();
            let level = if *scored { level.word() } else { "not scored" };
            let _ = writeln!(out, "| `{id}` | {level} | {} |", states.join(" | "));
        }
        ambiguous_markdown(&mut out, pack, comparison);
    }
    out
}

fn ambiguous_markdown(out: &mut String, pack: &PackComparison, comparison: &ComparisonReport) {
    if pack.ambiguities.is_empty() {
        return;
    }
    out.push_str("\n### Where they differ and no rule decides\n");
    for ambiguity in &pack.ambiguities {
        let _ = writeln!(
            out,
            "\n`{}`{}:\n",
            ambiguity.brief,
            match ambiguity.cases.saturating_sub(1) {
                0 => String::new(),
                more => format!(", and {}", counted(more, "more case", "more cases")),
            }
        );
        for (answer, who) in answers(ambiguity, comparison) {
            let _ = writeln!(out, "- {answer}: {who}");
        }
    }
    if pack.untold > 0 {
        let untold = pack.untold as u64;
        let untold = counted(untold, "more way to differ is", "more ways to differ are");
        let _ = writeln!(out, "\n{untold} not shown.");
    }
}

/// As one JSON object. `date` is when it was made.
pub fn comparison_json(comparison: &ComparisonReport, date: &str) -> Value {
    let implementations: Vec<Value> = comparison
        .implementations
        .iter()
        .map(|(name, version)| json!({"name": name, "version": version}))
        .collect();
    let packs: Vec<Value> = comparison
        .packs
        .iter()
        .map(|pack| {
            let rules: Vec<Value> = pack
                .rules
                .iter()
                .map(|(id, level, scored, states)| {
                    let states: Vec<&str> = states.iter().map(word).collect();
                    json!({"id": id, "level": level.word(), "scored": scored, "states": states})
                })
                .collect();
            let ambiguities: Vec<Value> = pack
                .ambiguities
                .iter()
                .map(|ambiguity| {
                    let answers: Vec<Value> = ambiguity
                        .answers
                        .iter()
                        .map(|(summary, who)| {
                            json!({
                                "status": summary.status,
                                "outcome": summary.outcome.word(),
                                "schemes": summary.schemes,
                                "implementations": who,
                            })
                        })
                        .collect();
                    json!({
                        "case": ambiguity.case, "cases": ambiguity.cases, "answers": answers,
                    })
                })
                .collect();
            json!({
                "pack": pack.pack.0, "version": pack.pack.1, "rules": rules,
                "ambiguities": ambiguities, "untold": pack.untold,
            })
        })
        .collect();
    json!({"made": date, "implementations": implementations, "packs": packs})
}

fn word(state: &RuleState) -> &'static str {
    match state {
        RuleState::Passed => "pass",
        RuleState::Failed => "fail",
        RuleState::Flaky => "flaky",
        RuleState::NotExercised => "not exercised",
        RuleState::NotApplicable(_) => "not applicable",
        RuleState::Inconclusive => "inconclusive",
    }
}

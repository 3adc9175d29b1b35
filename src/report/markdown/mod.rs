//! Markdown, as a job's summary has it: the verdict, a table of what was found, and everything else folded behind it.
//! `docs/reports.md` explains it.

use std::fmt::Write as _;
use std::io::{self, Write};

use crate::domain::counted;
use crate::results::{Finding, Run, RunVerdict};

use super::by_hand::{by_hand, shows_the_accused};
use super::cause::{cause_text, observed, proof_words, replay, title};
use super::exchange::{ShownExchanges, content, shortened};
use super::rules::{Became, PackTold, RuleTold, packs_of};
use super::summary::{CauseKind, Numbered, RunSummary, headline};

mod text;

use text::{fence, html, inline, line};

/// GitHub takes a mebibyte of a summary; the table may have a quarter of it, and what is folded half.
const TABLE: usize = 256 << 10;
const FOLDED: usize = 512 << 10;

/// The most bytes of a command: part of one is none.
const COMMAND: usize = 16 << 10;

/// Writes a run as a page of Markdown.
pub(super) fn write(run: &Run, mut out: impl Write) -> io::Result<()> {
    let summary = RunSummary::of(run, false);
    let causes = summary.numbered();
    let packs = packs_of(run, &summary);
    let mut page = String::new();
    verdict(&mut page, run, &summary);
    table(&mut page, &causes);
    let begun = page.len();
    let mut left = 0_u64;
    for one in &causes {
        if page.len() - begun > FOLDED {
            left += 1;
            continue;
        }
        folded(&mut page, one, &summary);
    }
    if left > 0 {
        let left = counted(left, "more", "more");
        let _ = writeln!(page, "… {left}, which the other reports have in full.\n");
    }
    known(&mut page, run);
    came_to(&mut page, &packs, run);
    open(&mut page, &packs);
    notices(&mut page, run);
    out.write_all(page.as_bytes())?;
    out.flush()
}

fn verdict(page: &mut String, run: &Run, summary: &RunSummary<'_>) {
    let (name, version) = &run.implementation;
    let word = match run.verdict() {
        RunVerdict::Conforms => "conforms",
        RunVerdict::Departs => "departs",
        RunVerdict::Interrupted => "interrupted",
        RunVerdict::Unknown => "no verdict",
    };
    let _ = writeln!(page, "## {}: {word}\n", inline(name));
    let _ = writeln!(page, "**{}**\n", inline(&summary.last()));
    let by = format!("countersign {} against {name} {version}", run.version);
    let _ = writeln!(page, "{}\n", inline(&by));
    if !run.left_out.is_empty() {
        let _ = writeln!(
            page,
            "Left out, for they bind those who claim them: {}.\n",
            inline(&run.left_out.join(", "))
        );
    }
}

/// What a cause is, in a word, and which of those.
fn number(one: &Numbered<'_>) -> String {
    format!("{} {}", one.kind.word(), one.number)
}

fn table(page: &mut String, causes: &[Numbered<'_>]) {
    if causes.is_empty() {
        return;
    }
    page.push_str("| | what | rule | level | fails the run |\n|---|---|---|---|---|\n");
    let begun = page.len();
    for (at, one) in causes.iter().enumerate() {
        if page.len() - begun > TABLE {
            let left = causes.len() - at;
            let _ = writeln!(page, "| | … {left} more | | | |");
            break;
        }
        let finding = one.cause.headline;
        let fails = one.kind == CauseKind::Finding && one.fails;
        let _ = writeln!(
            page,
            "| {} | {} | {} | {} | {} |",
            number(one),
            inline(&title(finding)),
            inline(&finding.rule),
            finding.level,
            if fails { "yes" } else { "no" },
        );
    }
    page.push('\n');
}

/// A cause behind a line that unfolds it.
fn folded(page: &mut String, one: &Numbered<'_>, run: &RunSummary<'_>) {
    let finding = one.cause.headline;
    let _ = writeln!(
        page,
        "<details>\n<summary>{} of {}: {}</summary>\n",
        number(one),
        one.of,
        html(&title(finding))
    );
    match finding.unsteady() {
        Some(_) => {
            let text = cause_text(one.cause, headline(one, run));
            page.push_str(&fence("text", text.trim_end().lines()));
        }
        None => in_full(page, one, run),
    }
    page.push_str("\n</details>\n\n");
}

fn in_full(page: &mut String, one: &Numbered<'_>, run: &RunSummary<'_>) {
    let finding = one.cause.headline;
    let mut item = |label: &str, text: &str| {
        let _ = writeln!(page, "- **{label}**: {}", inline(text));
    };
    let (pack, version) = &finding.pack;
    item("defect", &finding.defect);
    item(
        "rule",
        &format!(
            "{} ({}; {pack} {version}), {}",
            finding.rule, finding.level, finding.at
        ),
    );
    item("source", &finding.stated.to_string());
    item("impact", &finding.impact);
    item("expected", &shortened(&finding.discrepancy.expected));
    let seen: Vec<String> = observed(finding)
        .into_iter()
        .map(|(line, ..)| line)
        .collect();
    item("observed", &seen.join("; "));
    item("minimal", &proof_words(finding));
    let cures = finding.cures.iter().take(8);
    let cures: Vec<String> = cures
        .map(|cure| format!("{}: {}", cure.path, cure.to))
        .collect();
    if !cures.is_empty() {
        item("cured by", &cures.join(", or "));
    }
    if let Some(flaky) = &finding.flaky {
        let often = format!("it broke in {} of {} runs", flaky.failed, flaky.runs);
        item("flaky", &often);
    }
    for other in one.cause.others.iter().take(8) {
        item(
            "also",
            &format!("{} ({}): {}", other.rule, other.level, title(other)),
        );
    }
    exchanges(page, finding);
    page.push_str("\nTry it again:\n\n");
    let mut commands = replay(finding, headline(one, run));
    let hands = by_hand(finding, run.called, run.program);
    if !hands.is_empty() {
        commands.push(String::new());
        commands.push("# or by hand".to_owned());
        if !shows_the_accused(finding) {
            commands.push("# (curl alone cannot show what is accused: the replay does)".to_owned());
        }
    }
    for (command, does) in hands {
        commands.push(format!("# {does}"));
        commands.push(command);
    }
    for command in &mut commands {
        if command.len() > COMMAND {
            *command =
                "# a command that is too long for this page: the other reports have it".to_owned();
        }
    }
    page.push_str(&fence("sh", commands));
}

fn exchanges(page: &mut String, finding: &Finding) {
    let shown = ShownExchanges::of(finding);
    let mut block = |label: &str, lines: &[String]| {
        if !lines.is_empty() {
            let lines = lines.iter().map(|one| line(one));
            let _ = write!(page, "\n{label}:\n\n{}", fence("http", lines));
        }
    };
    block("The exchange", &shown.case);
    block("Its content", &content(finding));
    if let Some((_, difference)) = &finding.sibling {
        block(
            &format!("Beside it, {}", inline(difference)),
            &shown.sibling,
        );
    }
}

fn known(page: &mut String, run: &Run) {
    let Some(known) = run.known.as_ref() else {
        return;
    };
    if known.shows.is_empty() && known.stale.is_empty() {
        return;
    }
    let _ = writeln!(
        page,
        "<details>\n<summary>known departures ({})</summary>\n",
        html(&known.file)
    );
    let begun = page.len();
    for one in &known.shows {
        if page.len() - begun > TABLE / 4 {
            page.push_str("- …\n");
            break;
        }
        let _ = writeln!(
            page,
            "- shows: {} ({}; {})",
            inline(&one.title),
            one.whose.phrase(),
            inline(&one.reason)
        );
    }
    let begun = page.len();
    for one in &known.stale {
        if page.len() - begun > TABLE / 4 {
            page.push_str("- …\n");
            break;
        }
        let word = match one.by_rate {
            true => "did not show this time",
            false => "**no longer so, and fails the run**",
        };
        let _ = writeln!(
            page,
            "- {word}: {}, {}: {}",
            inline(&one.rule),
            inline(&one.said),
            inline(&one.why)
        );
    }
    page.push_str("\n</details>\n\n");
}

/// What each pack came to.
fn came_to(page: &mut String, packs: &[PackTold<'_>], run: &Run) {
    page.push_str("| pack | rules | covered |\n|---|---|---|\n");
    for pack in packs {
        let mut counts: Vec<(Became, u64)> = Vec::new();
        for rule in &pack.rules {
            match counts.iter_mut().find(|(known, _)| *known == rule.became) {
                Some((_, count)) => *count += 1,
                None => counts.push((rule.became, 1)),
            }
        }
        let words: Vec<String> = counts
            .iter()
            .map(|(became, count)| format!("{count} {}", became.word()))
            .collect();
        let (name, version, _) = &pack.report.pack;
        let covered = match &pack.open {
            None => pack.report.covered(),
            Some(why) => format!("no verdict on the whole: {why}"),
        };
        let _ = writeln!(
            page,
            "| {} {version} | {} | {} |",
            inline(name),
            words.join(", "),
            inline(&covered)
        );
    }
    for pack in &run.not_begun {
        let _ = writeln!(
            page,
            "| {} | | not begun: the run ended early |",
            inline(pack)
        );
    }
    page.push('\n');
}

/// The rules that neither held nor broke, each with why.
fn open(page: &mut String, packs: &[PackTold<'_>]) {
    let is_open = |rule: &&RuleTold<'_>| {
        !matches!(
            rule.became,
            Became::Held | Became::Breaks | Became::Lenient | Became::Known
        )
    };
    let rules = packs
        .iter()
        .flat_map(|pack| pack.rules.iter().filter(is_open));
    let rules: Vec<&RuleTold<'_>> = rules.collect();
    if rules.is_empty() {
        return;
    }
    let count = counted(rules.len() as u64, "rule", "rules");
    let _ = writeln!(
        page,
        "<details>\n<summary>{count} without a verdict</summary>\n\n| rule | level | what | why |\n|---|---|---|---|"
    );
    let begun = page.len();
    for rule in rules {
        if page.len() - begun > TABLE / 4 {
            page.push_str("| … | | | |\n");
            break;
        }
        let _ = writeln!(
            page,
            "| {} | {} | {} | {} |",
            inline(rule.id),
            rule.level,
            rule.became.word(),
            inline(&rule.why)
        );
    }
    page.push_str("\n</details>\n\n");
}

fn notices(page: &mut String, run: &Run) {
    let mut told: Vec<&String> = Vec::new();
    for notice in run.packs.iter().flat_map(|report| &report.notices) {
        if !told.contains(&notice) && told.len() < 20 {
            let _ = writeln!(page, "Notice: {}\n", inline(notice));
            told.push(notice);
        }
    }
}

#[cfg(test)]
mod tests;

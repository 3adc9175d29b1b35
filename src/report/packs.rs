//! What each pack came to: a line each, every rule where that is asked for, and what has no verdict.

use crate::domain::{counted, grouped};
use crate::results::{Anomaly, Finding, PackReport, RuleReport, RuleState};
use crate::spec::OFTEN_ENOUGH;

use super::cause::HANG;
use super::claims::claim_lines;
use super::page::{Breaks, Page, Tone};
use super::summary::RunSummary;

/// The most rules that are named behind a number, where not all are asked for.
const NAMED: usize = 4;

/// The widest column of names.
const WIDEST: usize = 80;

/// A line for each pack.
pub(super) fn lines(page: &mut Page, run: &RunSummary<'_>) {
    let name = |report: &PackReport| {
        let by: Vec<&str> = { report.played_by.iter() }
            .map(|program| program.name.as_str())
            .collect();
        let by = match by.is_empty() {
            true => String::new(),
            false => format!(" by {}", by.join(", ")),
        };
        format!("{} {}{by}", report.pack.0, report.pack.1)
    };
    let width = run
        .reports
        .iter()
        .map(|one| name(one).chars().count())
        .max();
    let width = width.unwrap_or(0).min(WIDEST);
    for report in run.reports {
        if run.verbose {
            whole(page, report, run);
            continue;
        }
        let mut text: Vec<(Tone, String)> = Vec::new();
        for (tone, words) in came_to(report, run) {
            if !text.is_empty() {
                text.push((Tone::Plain, ", ".to_owned()));
            }
            text.push((tone, words));
        }
        text.push((Tone::Plain, format!("; {}", covered(report))));
        text.extend(seldom_met(report).map(|words| (Tone::Plain, words)));
        let text: Vec<(Tone, &str)> = text
            .iter()
            .map(|(tone, text)| (*tone, text.as_str()))
            .collect();
        let lead = format!("{:width$}  ", name(report));
        page.put(&lead, width + 2, &text, Breaks::Words);
    }
    for pack in run.not_begun {
        let lead = format!("{pack:width$}  ");
        page.put(
            &lead,
            width + 2,
            &[(Tone::Doubt, "not begun: the run ended early")],
            Breaks::Words,
        );
    }
    if !run.verbose {
        page.gap();
    }
}

/// How many rules of a pack came to what.
fn came_to(report: &PackReport, run: &RunSummary<'_>) -> Vec<(Tone, String)> {
    let count = |wanted: &dyn Fn(&RuleReport) -> bool| {
        let found = report
            .rules
            .iter()
            .filter(|rule| rule.scored && wanted(rule));
        found.count()
    };
    let never = not_judged(report).unwrap_or("never applied");
    let is = |state: RuleState| move |rule: &RuleReport| rule.state == state;
    let not_applicable = |rule: &RuleReport| matches!(rule.state, RuleState::NotApplicable(_));
    let not_scored = report.rules.iter().filter(|rule| !rule.scored).count();
    let passed = count(&is(RuleState::Passed));
    let mut words = vec![(Tone::Good, format!("{passed} passed"))];
    let others = [
        (
            Tone::Bad,
            count(&|rule| rule.state == RuleState::Failed && !is_known(rule, report, run)),
            "FAILED",
        ),
        (
            Tone::Doubt,
            count(&|rule| rule.state == RuleState::Failed && is_known(rule, report, run)),
            "known to break",
        ),
        (Tone::Doubt, count(&is(RuleState::Flaky)), "flaky"),
        (
            Tone::Doubt,
            count(&is(RuleState::Inconclusive)),
            "inconclusive",
        ),
        (Tone::Plain, count(&is(RuleState::NotExercised)), never),
        (Tone::Plain, count(&not_applicable), "not applicable"),
        (Tone::Plain, not_scored, "not scored"),
    ];
    for (tone, count, word) in others {
        if count > 0 {
            words.push((tone, format!("{count} {word}")));
        }
    }
    words
}

/// Which scored rules were met in few cases, and in how many.
fn seldom_met(report: &PackReport) -> Option<String> {
    let seldom = report.seldom_met();
    let told = seldom.iter().take(NAMED);
    let told: Vec<String> = told
        .map(|rule| format!("{} {}", rule.id, rule.met()))
        .collect();
    let more = match seldom.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {more} more (--verbose)"),
    };
    let rules = counted(seldom.len() as u64, "rule", "rules");
    (!seldom.is_empty()).then(|| {
        format!(
            "; {rules} met in fewer than {OFTEN_ENOUGH} cases: {}{more}",
            told.join(", ")
        )
    })
}

/// Whether a rule broke in nothing but known departures: each finding of it is none of the causes.
fn is_known(rule: &RuleReport, report: &PackReport, run: &RunSummary<'_>) -> bool {
    let causes = run.causes.iter();
    let told: Vec<&Finding> = causes
        .flat_map(|cause| cause.others.iter().chain([&cause.headline]).copied())
        .collect();
    let mut findings = report
        .findings
        .iter()
        .filter(|one| one.rule == rule.id)
        .peekable();
    findings.peek().is_some()
        && findings.all(|one| !told.iter().any(|told| std::ptr::eq(*told, one)))
}

/// What became of rules without a case in a run that ended early: of what was played a part may not be judged.
pub(super) fn not_judged(report: &PackReport) -> Option<&'static str> {
    report.stopped.as_ref()?;
    Some(match report.requests {
        0 => "not played",
        _ => "not judged",
    })
}

/// What was covered, and how long that took.
fn covered(report: &PackReport) -> String {
    let seconds = report.elapsed.as_secs_f64();
    // What was planned was covered only if nothing ended it.
    match report.stopped {
        Some(_) => format!(
            "planned: {}; ended after {seconds:.1} s with {} judged{}",
            report.coverage,
            grouped(report.judged),
            match (report.judged, report.requests) {
                // Cases are judged many at a time, when all of them were played.
                (0, 1..) => format!(
                    " ({} sent; what was played was not judged yet)",
                    counted(report.requests, "request", "requests")
                ),
                _ => String::new(),
            }
        ),
        None => format!("{} in {seconds:.1} s", report.covered()),
    }
}

/// A pack with its title, its rate, and a line for each rule.
fn whole(page: &mut Page, report: &PackReport, run: &RunSummary<'_>) {
    let (name, version, title) = &report.pack;
    page.say(Tone::Strong, &format!("{name} {version}: {title}"));
    let line = format!(
        "{}: {} judged, {} a second, {}, {}",
        covered(report),
        grouped(report.judged),
        rate(report),
        counted(report.requests, "request", "requests"),
        counted(report.installations, "installation", "installations"),
    );
    page.put("  ", 4, &[(Tone::Plain, &line)], Breaks::Words);
    let width = report
        .rules
        .iter()
        .map(|rule| rule.id.chars().count())
        .max();
    let width = width.unwrap_or(0).min(WIDEST);
    for rule in &report.rules {
        let (tone, word, detail) = rule_words(rule, report, run);
        let id = format!("{:width$}", rule.id);
        let word = format!("{word:14}");
        let rest = format!("{id}  {:7}{detail}", rule.level.word());
        page.put(
            "  ",
            18,
            &[(tone, &word), (Tone::Plain, &rest)],
            Breaks::Words,
        );
    }
    page.gap();
}

/// Cases judged in a second, as a person writes it.
fn rate(report: &PackReport) -> String {
    let rate = report.judged as f64 / report.elapsed.as_secs_f64().max(0.001);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a rate to read"
    )]
    match rate {
        rate if rate > 0.0 && rate < 10.0 => format!("{rate:.1}"),
        rate => grouped(rate as u64),
    }
}

fn rule_words(
    rule: &RuleReport,
    report: &PackReport,
    run: &RunSummary<'_>,
) -> (Tone, &'static str, String) {
    let RuleReport {
        held,
        broke,
        inconclusive,
        state,
        scored,
        ..
    } = rule;
    let cases = |count: u64| counted(count, "case", "cases");
    let all = held.saturating_add(*broke).saturating_add(*inconclusive);
    let (tone, word, mut detail) = match state {
        RuleState::Passed => (Tone::Good, "pass", cases(*held)),
        RuleState::Failed if !scored => {
            let detail = format!("{} of {}", grouped(*broke), cases(all));
            (Tone::Doubt, "broke", detail)
        }
        RuleState::Failed if is_known(rule, report, run) => {
            let detail = format!("{} of {}", grouped(*broke), cases(all));
            (Tone::Doubt, "known", detail)
        }
        RuleState::Failed => {
            let detail = format!("{} of {}", grouped(*broke), cases(all));
            (Tone::Bad, "FAIL", detail)
        }
        RuleState::Flaky => (Tone::Doubt, "flaky", cases(*broke)),
        RuleState::NotExercised if report.stopped.is_some() => (
            Tone::Doubt,
            not_judged(report).unwrap_or_default(),
            "the run ended before".to_owned(),
        ),
        RuleState::NotExercised => (
            Tone::Plain,
            "not exercised",
            "it applied to no case that was played".to_owned(),
        ),
        RuleState::NotApplicable(reason) => (Tone::Plain, "n/a", reason.clone()),
        RuleState::Inconclusive => (
            Tone::Doubt,
            "inconclusive",
            format!(
                "{} of {}",
                grouped(*inconclusive),
                cases(held.saturating_add(*inconclusive))
            ),
        ),
    };
    if !scored {
        detail.push_str(", not scored");
    }
    (tone, word, detail)
}

/// Rules that broke in cases that were not looked into, because the run ended: each with the smallest.
pub(super) fn left(page: &mut Page, run: &RunSummary<'_>) {
    let all: Vec<_> = run
        .reports
        .iter()
        .flat_map(|report| report.left_alone().map(move |left| (report, left)))
        .collect();
    if all.is_empty() {
        return;
    }
    let words = format!(
        "{} broke in cases that were not looked into: neither shrunk nor confirmed",
        counted(all.len() as u64, "rule", "rules")
    );
    page.say(Tone::Bad, &words);
    page.gap();
    for (report, left) in all {
        let words = format!(
            "{} ({}), in {}; the smallest seen:",
            left.rule,
            left.level,
            counted(left.count, "case", "cases")
        );
        page.put("  ", 4, &[(Tone::Plain, &words)], Breaks::Words);
        let command = format!(
            "{} run{}",
            run.program,
            run.called
                .one_case(&report.pack.0, &left.spec, &left.rule, &left.brief)
        );
        page.put("", 4, &[(Tone::Plain, &command)], Breaks::Command);
    }
    page.gap();
}

/// What has no verdict, and why.
pub(super) fn open(page: &mut Page, run: &RunSummary<'_>) {
    let mut any = false;
    for report in run.reports {
        let lines = without_verdict(report, run.verbose);
        if lines.is_empty() {
            continue;
        }
        any = true;
        let (name, version, _) = &report.pack;
        page.say(
            Tone::Strong,
            &format!("without a verdict in {name} {version}"),
        );
        for line in lines {
            page.put_lines("  ", 4, Tone::Plain, &line);
        }
    }
    if any {
        page.gap();
    }
}

fn without_verdict(report: &PackReport, verbose: bool) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(stopped) = &report.stopped {
        lines.push(format!("ended early: {stopped}"));
    }
    lines.extend(claim_lines(report));
    if !verbose {
        lines.extend(rules_without_verdict(report));
    }
    if let Some((count, reason)) = &report.unsupported {
        lines.push(format!(
            "{} not applicable: the implementation cannot express {} ({reason})",
            counted(*count, "policy is", "policies are"),
            if *count == 1 { "it" } else { "them" }
        ));
    }
    for Anomaly { what, case, count } in &report.anomalies {
        let times = counted(*count, "time", "times");
        lines.push(format!("no verdict, {times}: {what}\n  first with {case}"));
    }
    let alone = report
        .left_alone()
        .fold(0_u64, |sum, left| sum.saturating_add(left.count));
    let further = report.unshrunk.saturating_sub(alone);
    if further > 0 {
        lines.push(format!(
            "{} of rules that broke anyway not shrunk",
            counted(further, "further failure", "further failures")
        ));
    }
    lines
}

/// Rules without a verdict, alike ones together.
fn rules_without_verdict(report: &PackReport) -> Vec<String> {
    let mut groups: Vec<(String, Vec<&str>)> = Vec::new();
    for rule in report.rules.iter().filter(|rule| rule.scored) {
        let why = match &rule.state {
            RuleState::NotExercised if report.stopped.is_some() => format!(
                "{} (the run ended before)",
                not_judged(report).unwrap_or_default()
            ),
            RuleState::NotExercised => "applied to no case that was played".to_owned(),
            RuleState::NotApplicable(reason) => format!("not applicable ({reason})"),
            RuleState::Flaky => "broke, though not each time".to_owned(),
            RuleState::Inconclusive => format!(
                "inconclusive in {} of {}",
                grouped(rule.inconclusive),
                counted(rule.held.saturating_add(rule.inconclusive), "case", "cases")
            ),
            RuleState::Passed | RuleState::Failed => continue,
        };
        match groups.iter_mut().find(|(known, _)| *known == why) {
            Some((_, rules)) => rules.push(&rule.id),
            None => groups.push((why, vec![&rule.id])),
        }
    }
    let told = |(why, rules): (String, Vec<&str>)| {
        let shown = rules.get(..NAMED).filter(|_| rules.len() > NAMED + 1);
        let names = match shown {
            None => rules.join(", "),
            Some(shown) => format!(
                "{} and {} more, which --verbose lists",
                shown.join(", "),
                rules.len() - shown.len()
            ),
        };
        format!(
            "{} {why}: {names}",
            counted(rules.len() as u64, "rule", "rules")
        )
    };
    groups.into_iter().map(told).collect()
}

/// What a reader should know beside the verdicts.
pub(super) fn notices(page: &mut Page, run: &RunSummary<'_>) {
    let notices = run.reports.iter().flat_map(|report| &report.notices);
    let mut told: Vec<&String> = Vec::new();
    for notice in notices {
        if !told.contains(&notice) {
            page.put_lines("notice", HANG, Tone::Doubt, notice);
            told.push(notice);
        }
    }
    if !told.is_empty() {
        page.gap();
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample::run;
    use super::*;

    #[test]
    fn rules_that_were_met_seldom_are_told_in_a_line_with_how_often() {
        let mut run = run();
        let report = &mut run.packs[0];
        report.judged = 1_000;
        for (rule, held) in report
            .rules
            .iter_mut()
            .zip([0, 3, 20, 1, 19, 7, 2, 5, 4].into_iter().cycle())
        {
            (rule.held, rule.broke, rule.inconclusive) = (held, 0, 0);
            rule.scored = true;
        }
        report.rules.truncate(4);
        let names: Vec<String> = report.rules.iter().map(|rule| rule.id.clone()).collect();
        let told = format!(
            "; 2 rules met in fewer than 20 cases: {} 1, {} 3",
            names[3], names[1]
        );
        assert_eq!(seldom_met(report), Some(told));
        // What is not scored counts for nobody, and a few cases can meet no rule often.
        report.rules[1].scored = false;
        let told = format!("; 1 rule met in fewer than 20 cases: {} 1", names[3]);
        assert_eq!(seldom_met(report), Some(told));
        report.judged = 19;
        assert_eq!(seldom_met(report), None);
    }
}

//! JUnit: a test suite for each pack, a test case for each rule, and one that says whether the run is complete.
//! `docs/reports.md` explains it.
//!
//! Something in it fails, or is an error, just where the run does not end with exit code 0.

use std::io::{self, Write};

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use crate::results::{PackReport, Run, Stale};

use super::escape::{bounded_line, visible};
use super::rules::{Became, PackTold, RuleTold, in_full, packs_of};
use super::summary::RunSummary;

#[cfg(test)]
mod tests;

/// The test case that says whether everything was judged.
const COMPLETE: &str = "the-run-is-complete";

/// The most characters of a name or a message: what is longer stands in full behind it.
const LINE: usize = 1_000;

/// Writes a run as JUnit's XML.
pub(super) fn write(run: &Run, mut out: impl Write) -> io::Result<()> {
    let summary = RunSummary::of(run, false);
    let mut report = Report::new("countersign");
    let suites = packs_of(run, &summary);
    for pack in &suites {
        report.add_test_suite(suite(pack, run, &summary));
    }
    let not_begun = "not begun: the run ended early";
    for pack in &run.not_begun {
        report.add_test_suite(alone(run, pack, complete(Some(not_begun))));
    }
    if run.packs.is_empty() {
        let none = complete(Some("no pack was played"));
        report.add_test_suite(alone(run, "countersign", none));
    }
    if let Some(known) = run.known.as_ref().filter(|known| !known.stale.is_empty()) {
        let cases = known
            .stale
            .iter()
            .map(|stale| stale_case(stale, &known.file));
        let mut suite = TestSuite::new("baseline");
        suite.add_test_cases(cases.map(|case| of_class(case, run, "baseline")));
        report.add_test_suite(suite);
    }
    let text = report.to_string().map_err(io::Error::other)?;
    out.write_all(as_published(&text).as_bytes())?;
    out.flush()
}

/// The document as the schema of Jenkins' xUnit plugin (`junit-10.xsd`) has it: there the element of the root does not
/// say how many test cases were skipped, only those of the suites do.
fn as_published(text: &str) -> String {
    let skipped = || {
        let (before, rest) = text.split_once("<testsuites ")?;
        let (root, behind) = rest.split_once('>')?;
        let (one, other) = root.split_once(" skipped=\"")?;
        let (_, other) = other.split_once('"')?;
        Some(format!("{before}<testsuites {one}{other}>{behind}"))
    };
    skipped().unwrap_or_else(|| text.to_owned())
}

/// A text as XML takes it: what no document may have, and what a terminal takes for an order, is shown.
fn xml(text: &str) -> String {
    let shown = visible(text);
    // Of what is left, XML 1.0 §2.2 has no place for two.
    shown
        .replace('\u{fffe}', "\\u{fffe}")
        .replace('\u{ffff}', "\\u{ffff}")
}

/// The same on one line, of bounded length.
fn xml_line(text: &str) -> String {
    xml(&bounded_line(text, LINE))
}

fn of_class(mut case: TestCase, run: &Run, pack: &str) -> TestCase {
    let name = &run.implementation.0;
    case.set_classname(xml_line(&format!("{name}.{pack}")));
    case
}

fn alone(run: &Run, pack: &str, case: TestCase) -> TestSuite {
    let mut suite = TestSuite::new(xml_line(pack));
    suite.add_test_case(of_class(case, run, pack));
    suite
}

fn suite<'a>(pack: &PackTold<'a>, run: &Run, summary: &RunSummary<'a>) -> TestSuite {
    let PackReport {
        pack: (name, version, _),
        implementation,
        elapsed,
        ..
    } = pack.report;
    let mut suite = TestSuite::new(xml_line(name));
    suite.set_time(*elapsed);
    for (name, value) in [
        ("countersign", run.version.clone()),
        ("implementation", implementation.0.clone()),
        ("implementation.version", implementation.1.clone()),
        ("pack.version", version.to_string()),
        ("coverage", pack.report.covered()),
    ] {
        suite.add_property((name, xml_line(&value).as_str()));
    }
    suite.add_test_case(of_class(complete(pack.open.as_deref()), run, name));
    for rule in &pack.rules {
        suite.add_test_case(of_class(case(rule, run, summary), run, name));
    }
    suite
}

/// Whether everything was judged: an error where it was not, so that nobody takes a run that ended early for one
/// that found nothing.
fn complete(open: Option<&str>) -> TestCase {
    let status = match open {
        None => TestCaseStatus::success(),
        Some(why) => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
            status.set_type("no verdict").set_message(xml_line(why));
            status
        }
    };
    TestCase::new(COMPLETE, status)
}

fn case<'a>(rule: &RuleTold<'a>, run: &Run, summary: &RunSummary<'a>) -> TestCase {
    let full = xml(&in_full(rule, run, summary));
    let non_success = |kind: NonSuccessKind, ty: &str| {
        let mut status = TestCaseStatus::non_success(kind);
        status.set_type(ty).set_message(xml_line(&rule.why));
        if !full.is_empty() {
            status.set_description(full.as_str());
        }
        status
    };
    let status = match rule.became {
        Became::Held => TestCaseStatus::success(),
        Became::Breaks => non_success(NonSuccessKind::Failure, rule.level.word()),
        Became::NotLookedInto | Became::Flaky | Became::Inconclusive => {
            non_success(NonSuccessKind::Error, rule.became.word())
        }
        Became::Lenient
        | Became::Known
        | Became::NotScored
        | Became::NotJudged
        | Became::NeverApplied
        | Became::NotApplicable => {
            let mut status = TestCaseStatus::skipped();
            status.set_message(xml_line(&rule.why));
            status
        }
    };
    let is_skipped = matches!(status, TestCaseStatus::Skipped { .. });
    let mut case = TestCase::new(xml_line(rule.id), status);
    if is_skipped && !full.is_empty() {
        case.set_system_out(full);
    }
    case
}

/// An entry of a baseline that does not show fails a run, save where it may show again.
fn stale_case(stale: &Stale, file: &str) -> TestCase {
    let status = match stale.by_rate {
        true => {
            let mut status = TestCaseStatus::skipped();
            let why = format!("it may show the next time: {}", stale.why);
            status.set_message(xml_line(&why));
            status
        }
        false => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
            let why = format!("{file}: {}; {}", stale.said, stale.why);
            status.set_type("stale").set_message(xml_line(&why));
            status
        }
    };
    let brief = stale.brief.as_deref().unwrap_or("never applies");
    let name = format!("{}/{} {brief}", stale.pack, stale.rule);
    TestCase::new(xml_line(&name), status)
}

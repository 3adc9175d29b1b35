//! A defect as a template has it.

use serde::Serialize;

use crate::domain::{counted, grouped};
use crate::results::{Cause, Finding, TriedChange, TriedVerdict};
use crate::spec::Stated;

use super::super::by_hand::{by_hand, shows_the_accused};
use super::super::cause::{Headline, cause_text, in_words, observed, proof_words, replay, title};
use super::super::exchange::{ShownExchanges, content, shortened};
use super::super::source::source_uri;
use super::difference::{DifferencePiece, difference};

/// The most rows of a list of which a reader needs no more.
const ROWS: usize = 400;

/// The template of one, which others use.
pub(super) const TEMPLATE: &str = include_str!("finding.html");

/// A defect.
#[derive(Serialize)]
pub(super) struct FindingView {
    anchor: String,
    /// What it is to the run, such as *finding 2*.
    label: String,
    tone: &'static str,
    /// Whether it stands open.
    open: bool,
    defect: String,
    case: String,
    rule: String,
    level: String,
    aside: String,
    /// Why it accuses nobody, in full, in place of everything below.
    unsteady: Option<String>,
    impact: String,
    source: String,
    source_note: Option<String>,
    source_uri: Option<String>,
    at: String,
    expected: Vec<DifferencePiece>,
    observed: Vec<DifferencePiece>,
    challenges: Vec<String>,
    exchange: Vec<LineView>,
    content: Vec<String>,
    beside: Option<BesideView>,
    parts: Vec<(&'static str, String)>,
    minimal: String,
    steps: Vec<TriedView>,
    groups: Vec<Group>,
    cures: Vec<String>,
    also: Vec<String>,
    flaky: Option<String>,
    commands: Vec<CommandView>,
    hands: Vec<CommandView>,
    hands_note: Option<&'static str>,
    cost: String,
}

/// A line of an exchange.
#[derive(Serialize)]
struct LineView {
    text: String,
    /// Whether it was sent, came, or is a word about both.
    way: &'static str,
    /// Whether the exchange beside it has no such line.
    differs: bool,
}

/// The exchange that a case is compared with.
#[derive(Serialize)]
struct BesideView {
    difference: String,
    lines: Vec<LineView>,
}

#[derive(Serialize)]
struct TriedView {
    change: String,
    verdict: &'static str,
    tone: &'static str,
}

/// Changes of the case that come to the same.
#[derive(Serialize)]
struct Group {
    name: &'static str,
    meaning: &'static str,
    changes: Vec<String>,
}

#[derive(Serialize)]
struct CommandView {
    line: String,
    does: Option<String>,
}

/// What is said of a defect beside what it is.
pub(super) struct FindingHeading<'a> {
    pub(super) anchor: String,
    pub(super) label: String,
    pub(super) tone: &'static str,
    pub(super) open: bool,
    pub(super) aside: String,
    pub(super) headline: Headline<'a>,
}

impl FindingView {
    pub(super) fn of(cause: &Cause<'_>, shown: FindingHeading<'_>) -> Self {
        let finding = cause.headline;
        let headline = shown.headline;
        let is_unsteady = finding.unsteady().is_some();
        let (expected, observed) = expected_and_observed(finding);
        let exchanges = ShownExchanges::of(finding);
        let hands = headline
            .called
            .map(|called| by_hand(finding, called, headline.program()));
        let hands = hands.unwrap_or_default();
        let hands_note = (!hands.is_empty() && !shows_the_accused(finding))
            .then_some("curl alone cannot show what is accused: the command above does");
        let (pack, version) = &finding.pack;
        Self {
            anchor: shown.anchor,
            label: shown.label,
            tone: shown.tone,
            open: shown.open,
            defect: match finding.unsteady() {
                Some(why) => why.headline(),
                None => finding.defect.clone(),
            },
            case: match is_unsteady {
                true => String::new(),
                false => shortened(in_words(finding)),
            },
            rule: finding.rule.clone(),
            level: finding.level.to_string(),
            aside: shown.aside,
            unsteady: is_unsteady.then(|| cause_text(cause, headline)),
            impact: finding.impact.clone(),
            source: Stated {
                note: None,
                ..finding.stated.clone()
            }
            .to_string(),
            source_note: finding.stated.note.clone(),
            source_uri: source_uri(&finding.stated),
            at: format!("{pack} {version}, {}", finding.at),
            expected,
            observed,
            challenges: observed_challenges(finding),
            beside: beside(finding, &exchanges),
            exchange: lines(&exchanges.case, &exchanges.sibling),
            content: content(finding),
            parts: parts(finding),
            minimal: proof_words(finding),
            steps: finding.proof.steps.iter().take(ROWS).map(tried).collect(),
            groups: groups(finding),
            cures: cures(finding),
            also: also(cause),
            flaky: finding
                .flaky
                .as_ref()
                .map(|flaky| format!("It broke in {} of {} runs.", flaky.failed, flaky.runs)),
            commands: replay(finding, headline)
                .into_iter()
                .map(|line| CommandView { line, does: None })
                .collect(),
            hands: hands
                .into_iter()
                .map(|(line, does)| CommandView {
                    line,
                    does: Some(does),
                })
                .collect(),
            hands_note,
            cost: format!(
                "{} of the cases judged broke the rule in this way; {} from the first to this proof.",
                grouped(finding.failures),
                counted(finding.requests, "request", "requests")
            ),
        }
    }
}

fn expected_and_observed(finding: &Finding) -> (Vec<DifferencePiece>, Vec<DifferencePiece>) {
    let expected = shortened(&finding.discrepancy.expected);
    let observed = shortened(&finding.discrepancy.observed);
    let [expected, observed] = difference(&expected, &observed);
    (expected, observed)
}

/// The challenges of the answer that is accused, or that it has none.
fn observed_challenges(finding: &Finding) -> Vec<String> {
    let lines = observed(finding).into_iter().skip(1);
    lines.map(|(line, ..)| line).collect()
}

/// The lines of an exchange, those marked that the one beside it has not; where there is none, nothing is.
fn lines(these: &[String], others: &[String]) -> Vec<LineView> {
    let is_dated = |line: &str| line.to_ascii_lowercase().starts_with("< date:");
    these
        .iter()
        .map(|line| {
            let (way, text) = match line.split_once(' ') {
                Some((">", rest)) => ("sent", rest),
                Some(("<", rest)) => ("came", rest),
                _ => ("word", line.trim()),
            };
            LineView {
                text: text.to_owned(),
                way,
                differs: !others.is_empty()
                    && way != "word"
                    && !is_dated(line)
                    && !others.contains(line),
            }
        })
        .collect()
}

fn beside(finding: &Finding, exchanges: &ShownExchanges) -> Option<BesideView> {
    let (_, difference) = finding.sibling.as_ref()?;
    (!exchanges.sibling.is_empty()).then(|| BesideView {
        difference: difference.clone(),
        lines: lines(&exchanges.sibling, &exchanges.case),
    })
}

fn parts(finding: &Finding) -> Vec<(&'static str, String)> {
    let case = &finding.case;
    let mut parts = vec![
        ("policy", case.policy.to_string()),
        ("instance", case.instance.to_string()),
    ];
    if !case.steps().is_empty() {
        parts.push(("course", case.course.to_string()));
    }
    parts.push(("client", case.client.to_string()));
    parts
}

fn tried(step: &TriedChange) -> TriedView {
    TriedView {
        change: step.change.clone(),
        verdict: step.verdict.word(),
        tone: match step.verdict {
            TriedVerdict::Passes => "good",
            TriedVerdict::FailsAlike | TriedVerdict::FailsDifferently => "bad",
            TriedVerdict::NotApplicable => "mute",
            TriedVerdict::Inconclusive | TriedVerdict::NotTried => "doubt",
        },
    }
}

/// What matters and what does not: the variations, by what the rule says of them.
fn groups(finding: &Finding) -> Vec<Group> {
    let groups = [
        (
            TriedVerdict::Passes,
            "Matters",
            "changed so, the rule holds",
        ),
        (
            TriedVerdict::FailsAlike,
            "Does not matter",
            "changed so, it breaks alike",
        ),
        (
            TriedVerdict::FailsDifferently,
            "Breaks otherwise",
            "changed so, it breaks in another way",
        ),
        (
            TriedVerdict::NotApplicable,
            "Out of the rule",
            "changed so, the rule does not apply",
        ),
        (
            TriedVerdict::Inconclusive,
            "Not known",
            "changed so, nobody could tell",
        ),
    ];
    let group = |(verdict, name, meaning)| {
        let variations = finding.variations.iter().take(ROWS);
        let alike = variations.filter(|one| one.verdict == verdict);
        let changes: Vec<String> = alike.map(|one| one.change.clone()).collect();
        (!changes.is_empty()).then_some(Group {
            name,
            meaning,
            changes,
        })
    };
    groups.into_iter().filter_map(group).collect()
}

fn cures(finding: &Finding) -> Vec<String> {
    let cures = finding.cures.iter().take(ROWS);
    cures
        .map(|cure| format!("{}: {}", cure.path, cure.to))
        .collect()
}

fn also(cause: &Cause<'_>) -> Vec<String> {
    let others = cause.others.iter().take(ROWS);
    others
        .map(|other| format!("{} ({}): {}", other.rule, other.level, title(other)))
        .collect()
}

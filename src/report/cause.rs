//! A defect in full: the sentence, then everything that is needed to act on it.

use crate::domain::{Case, Step, Value, counted, grouped, steps_of, with_fields};
use crate::export::{path_quoted, shell_quoted};
use crate::results::{Cause, Finding, Followed, TriedVerdict};
use crate::spec::Discrepancy;
use crate::vocabulary::ClientCase;

use super::by_hand::{by_hand, not_by_hand, shows_the_accused};
use super::command::Called;
use super::exchange::{ShownExchanges, challenges, content, shortened, shown};
use super::page::{Breaks, Page, Paper, Tone};
use super::unsteady;

/// How wide the column of labels is, with what stands before it.
pub(super) const HANG: usize = 12;

/// Comments stand below each other up to this column, behind two blanks; those of longer commands stand where
/// they can.
const WIDE: usize = 80;
const COMMENT: usize = 2;

/// The most steps of a certificate that are shown; the corpus keeps all.
const STEPS: usize = 12;

/// What comes before a cause's sentence.
#[derive(Clone, Copy, Debug, Default)]
pub struct Headline<'a> {
    /// What a command has to say of the run; none where only a test can open the implementation.
    pub called: Option<Called<'a>>,
    /// The command that runs the test again that found it, if one did.
    pub test: Option<&'a str>,
    /// The file that the finding was saved to, if it was.
    pub saved: Option<&'a str>,
    /// How the command is called here, such as `cargo run --release --`; `countersign` where nothing is
    /// said.
    pub program: Option<&'a str>,
}

impl Headline<'_> {
    /// How the command is called.
    pub(super) fn program(&self) -> &str {
        self.program.unwrap_or("countersign")
    }
}

/// A line of a block: its words, where it may be broken, and how far what is broken off stands in.
pub(super) type Line = (String, Breaks, usize);

pub(super) fn words(text: impl Into<String>) -> Line {
    (text.into(), Breaks::Words, 0)
}

fn command(text: impl Into<String>) -> Line {
    (text.into(), Breaks::Command, 2)
}

/// A cause in full, on paper without end: the sentence on a line of its own, then everything that is
/// needed to act on it.
pub fn cause_text(cause: &Cause<'_>, headline: Headline<'_>) -> String {
    let mut page = Page::new(Paper::default());
    tell(&mut page, cause, headline);
    page.finish()
}

/// Tells a cause in full.
pub(super) fn tell(page: &mut Page, cause: &Cause<'_>, headline: Headline<'_>) {
    let finding = cause.headline;
    if let Some(why) = finding.unsteady() {
        unsteady::tell(page, cause, why);
        return;
    }
    page.say(Tone::Strong, in_words(finding));
    page.gap();
    block(page, "defect", [words(&finding.defect)]);
    let (pack, version) = &finding.pack;
    let rule = format!("{} ({}; {pack} {version})", finding.rule, finding.level);
    block(page, "rule", [words(rule), words(&finding.at)]);
    block(page, "source", [words(finding.stated.to_string())]);
    block(page, "impact", [words(&finding.impact)]);
    block(
        page,
        "expected",
        [words(shortened(&finding.discrepancy.expected))],
    );
    let shown = ShownExchanges::of(finding);
    block(page, "observed", observed(finding));
    block(page, "content", exchange(&content(finding)));
    let flow = |part: &str, value: String| (format!("{part:10}{value}"), Breaks::Flow, 10);
    let mut parts = vec![
        flow("policy:", finding.case.policy.to_string()),
        flow("instance:", finding.case.instance.to_string()),
    ];
    if !finding.case.steps().is_empty() {
        parts.push(flow("course:", finding.case.course.to_string()));
    }
    parts.push(flow("client:", finding.case.client.to_string()));
    block(page, "case", parts);
    block(
        page,
        "played by",
        { finding.played_by.iter() }.map(|one| words(one.to_string())),
    );
    block(page, "exchange", exchange(&shown.case));
    if let Some((_, difference)) = &finding.sibling
        && !shown.sibling.is_empty()
    {
        let lines = std::iter::once(words(format!("{difference}:")));
        block(page, "beside", lines.chain(exchange(&shown.sibling)));
    }
    block(page, "minimal", proof(finding));
    block(page, "cured by", cures(finding));
    block(page, "also", also(cause));
    if let Some(flaky) = &finding.flaky {
        let often = format!("it broke in {} of {} runs", flaky.failed, flaky.runs);
        let often = match flaky.failed {
            0 if !finding.transcript.case.is_empty() => {
                format!("{often}; the exchange above is the one in which it broke first")
            }
            _ => often,
        };
        let lines = [words(often), words("a run that went another way:")].into_iter();
        let otherwise = shown_again(finding);
        block(page, "flaky", lines.chain(exchange(&otherwise)));
        block(page, "remedy", finding.remedy_of_flaky().map(words));
    }
    block(
        page,
        "replay",
        replay(finding, headline).into_iter().map(command),
    );
    hands(page, finding, headline);
    block(
        page,
        "cost",
        [words(format!(
            "{} of the cases judged broke the rule in this way; {} from the first to this minimum, {} with what \
             explains and confirms it",
            grouped(finding.failures),
            counted(finding.requests_to_proof, "request", "requests"),
            grouped(finding.requests),
        ))],
    );
}

/// The case in words. Where there is nothing to say of it, what it is compared with is what matters: *when asked
/// again*.
pub(super) fn in_words(finding: &Finding) -> &str {
    match &finding.sibling {
        Some((_, difference)) if finding.facts.is_empty() => difference,
        _ => &finding.sentence,
    }
}

/// The finding in one line, with the case in those words.
pub(super) fn title(finding: &Finding) -> String {
    match finding.unsteady() {
        Some(why) => why.headline(),
        None => format!("{}: {}", finding.defect, in_words(finding)),
    }
}

pub(super) fn block(page: &mut Page, label: &str, lines: impl IntoIterator<Item = Line>) {
    let mut label = label;
    for (text, breaks, indent) in lines {
        let lead = match label {
            "" => String::new(),
            label => format!("  {label}"),
        };
        page.put_within(
            &lead,
            (HANG, HANG + indent),
            &[(Tone::Plain, &text)],
            breaks,
        );
        label = "";
    }
}

/// What was observed, in words and in challenges.
pub(super) fn observed(finding: &Finding) -> Vec<Line> {
    let mut lines = vec![words(shortened(&finding.discrepancy.observed))];
    let accused = challenges(finding);
    if let Some(none) = accused.none {
        lines.push(words(format!("without any {none}")));
    }
    lines.extend(accused.lines.iter().map(|line| words(shortened(line))));
    lines
}

pub(super) fn exchange(lines: &[String]) -> Vec<Line> {
    lines
        .iter()
        .map(|line| (line.clone(), Breaks::Words, 2))
        .collect()
}

fn shown_again(finding: &Finding) -> Vec<String> {
    let otherwise = finding.flaky.as_ref().map(|flaky| &flaky.otherwise.case);
    otherwise.map_or_else(Vec::new, |entries| shown(entries, &[], &[]))
}

fn proof(finding: &Finding) -> Vec<Line> {
    let mut lines = Vec::new();
    let steps = &finding.proof.steps;
    lines.push(words(proof_words(finding)));
    let width = steps.iter().map(|step| step.change.chars().count()).max();
    let width = width.unwrap_or(0);
    for step in steps.iter().take(STEPS) {
        lines.push(words(format!(
            "{:width$}  {}",
            step.change,
            step.verdict.word()
        )));
    }
    if steps.len() > STEPS {
        let alike = steps
            .iter()
            .filter(|step| step.verdict == TriedVerdict::Passes)
            .count();
        let verb = if alike == 1 { "passes" } else { "pass" };
        lines.push(words(format!(
            "… {} in all, of which {alike} {verb}",
            steps.len()
        )));
    }
    lines
}

/// Why the case is minimal.
pub(super) fn proof_words(finding: &Finding) -> String {
    match finding.proof.simpler_cases {
        Some(0) => "smallest possible: there is no simpler case".to_owned(),
        Some(1) => "smallest possible: the one simpler case does not break this rule in this way"
            .to_owned(),
        Some(count) => format!(
            "smallest possible: none of the {} simpler cases breaks this rule in this way",
            grouped(count)
        ),
        None if finding.proof.cut_short => {
            "not proven: the budget ended before every simplification was tried".to_owned()
        }
        None => "1-minimal: every one-step simplification was tried".to_owned(),
    }
}

fn cures(finding: &Finding) -> Vec<Line> {
    let cures: Vec<String> = finding
        .cures
        .iter()
        .map(|cure| format!("{}: {}", cure.path, cure.to))
        .collect();
    let any = if cures.len() > 1 { "any one of " } else { "" };
    match cures.is_empty() {
        true => Vec::new(),
        false => vec![words(format!("{any}{}", cures.join(", ")))],
    }
}

fn also(cause: &Cause<'_>) -> Vec<Line> {
    // What a rule says of one case after the other is told once.
    let mut told: Vec<(&Finding, u64)> = Vec::new();
    for other in &cause.others {
        let is_same = |known: &Finding| {
            (&known.pack, &known.rule, &known.defect) == (&other.pack, &other.rule, &other.defect)
                && known.discrepancy.expected == other.discrepancy.expected
                && known.discrepancy.observed == other.discrepancy.observed
        };
        match told.iter_mut().find(|(known, _)| is_same(known)) {
            Some((_, more)) => *more += 1,
            None => told.push((other, 0)),
        }
    }
    let mut lines = Vec::new();
    for (other, more) in told {
        let Discrepancy {
            expected, observed, ..
        } = &other.discrepancy;
        let more = match more {
            0 => String::new(),
            more => format!(", and in {}", counted(more, "more case", "more cases")),
        };
        lines.push(words(format!(
            "{} ({}): {}{more}",
            other.rule,
            other.level,
            title(other)
        )));
        let seen = format!(
            "  expected {}; observed {}",
            shortened(expected),
            shortened(observed)
        );
        lines.push((seen, Breaks::Words, 2));
        if let Some(followed) = other.follows() {
            lines.push((format!("  {}", behind(followed)), Breaks::Words, 2));
        }
    }
    lines
}

/// What is said of a failure that did not show each time, and does behind what another finding is about.
pub(super) fn behind(followed: &Followed) -> String {
    format!(
        "not each time by itself; each time behind what {} is about",
        followed.rule
    )
}

/// The commands that try a finding again.
pub(super) fn replay(finding: &Finding, headline: Headline<'_>) -> Vec<String> {
    let by_test = headline.test.map(str::to_owned);
    let by_command = headline.called.map(|called| {
        let program = headline.program();
        match headline.saved {
            Some(path) => format!(
                "{program} replay {}{}",
                path_quoted(path),
                called.implementation()
            ),
            None => format!(
                "{program} run{}{}",
                called.one_case(
                    &finding.pack.0,
                    &finding.spec,
                    &finding.rule,
                    &finding.brief
                ),
                clients(finding, called)
            ),
        }
    });
    by_test.into_iter().chain(by_command).collect()
}

/// The option of `run` by which the same programs play.
fn clients(finding: &Finding, called: Called<'_>) -> String {
    let names: Vec<String> = { finding.played_by.iter() }
        .map(|program| shell_quoted(&program.name))
        .collect();
    match names.is_empty() {
        true => String::new(),
        false => {
            let file = called.catalogue.map(path_quoted);
            let file = file.map_or_else(String::new, |file| format!(" --catalogue {file}"));
            format!("{file} --clients {}", names.join(" "))
        }
    }
}

/// Tells how to see it by hand: each command with what it does, behind it where there is room, and
/// otherwise in a comment before it.
fn hands(page: &mut Page, finding: &Finding, headline: Headline<'_>) {
    let Some(called) = headline.called else {
        return;
    };
    let commands = by_hand(finding, called, headline.program());
    if commands.is_empty() {
        let why = format!("{}: the replay does", not_by_hand(finding));
        block(page, "by hand", [words(why)]);
        return;
    }
    let width = commands
        .iter()
        .skip(1)
        .map(|(command, _)| command.chars().count())
        .filter(|width| HANG + width + COMMENT <= WIDE)
        .max()
        .unwrap_or(0);
    let mut lines: Vec<Line> = Vec::new();
    for (line, why) in commands {
        let told = format!("{line:width$}  # {why}");
        if told.chars().count() <= page.room(HANG) {
            lines.push(command(told));
        } else {
            lines.push(words(format!("# {why}")));
            lines.push(command(line));
        }
    }
    if !shows_the_accused(finding) {
        let why = "curl alone cannot show what is accused: the replay does";
        lines.push(words(format!("# {why}")));
    }
    block(page, "by hand", lines);
}

/// What is odd about the credentials of a finding's client, in words, where that is so: what is masked
/// may be the very thing that matters.
pub(super) fn odd_credentials(finding: &Finding) -> Option<&'static str> {
    odd(&finding.case.client)
}

fn odd(client: &Value) -> Option<&'static str> {
    let client = ClientCase::from_value(client).ok()?;
    client.credential.in_words()
}

/// The same for each exchange of a case: of the client that asked in it. Where steps come before and nobody can
/// tell whose exchange is whose, it is told of the last only.
pub(super) fn odd_by_exchange(case: &Case, exchanges: usize) -> Vec<Option<&'static str>> {
    let last = odd(&case.client);
    if case.steps().is_empty() {
        return vec![last; exchanges];
    }
    let mut all = Vec::new();
    for step in steps_of(&case.course).unwrap_or_default() {
        if let Step::Ask { with, times } = step {
            let words = odd(&with_fields(&case.client, &with));
            all.extend((0..times).map(|_| words));
        }
    }
    if all.len() + 1 != exchanges {
        all = vec![None; exchanges.saturating_sub(1)];
    }
    all.push(last);
    all
}

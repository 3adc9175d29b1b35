//! What a run cannot say of itself, because one part of it contradicts another: a file may, that was written by
//! hand or put together wrongly, and what is told of it would be no run's answer.

use std::collections::BTreeMap;

use super::coverage::Coverage;
use super::finding::Finding;
use super::report::{PackReport, RuleReport, RuleState};
use super::run::{FindingPlace, Run};

/// Two parts of a run that contradict each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Contradiction {
    /// Where: `packs[0].rules[3]`.
    pub(super) at: String,
    /// What stands there, and what it contradicts.
    pub(super) why: String,
}

fn contradiction(at: impl Into<String>, why: impl Into<String>) -> Contradiction {
    Contradiction {
        at: at.into(),
        why: why.into(),
    }
}

impl Run {
    /// The first contradiction in it.
    pub(super) fn contradiction(&self) -> Option<Contradiction> {
        let mut packs = self.packs.iter().enumerate();
        packs
            .find_map(|(index, report)| self.in_pack(index, report))
            .or_else(|| self.missing())
            .or_else(|| self.in_defects())
    }

    fn in_pack(&self, index: usize, report: &PackReport) -> Option<Contradiction> {
        let at = format!("packs[{index}]");
        let name = &report.pack.0;
        let mut before = self.packs.iter().take(index);
        if before.any(|other| other.pack.0 == *name) {
            return Some(contradiction(at, format!("the pack {name} is there twice")));
        }
        if let Some(why) = of_judged(report) {
            return Some(contradiction(format!("{at}.judged"), why));
        }
        let mut rules = report.rules.iter().enumerate();
        let mut findings = report.findings.iter().enumerate();
        rules
            .find_map(|(index, rule)| {
                let is_twice = { report.rules.iter().take(index) }.any(|one| one.id == rule.id);
                let why = match is_twice {
                    true => format!("the rule {} is there twice", rule.id),
                    false => of_rule(rule, report)?,
                };
                Some(contradiction(format!("{at}.rules[{index}]"), why))
            })
            .or_else(|| {
                findings.find_map(|(index, finding)| {
                    let why = of_finding(finding, report)?;
                    Some(contradiction(format!("{at}.findings[{index}]"), why))
                })
            })
            .or_else(|| {
                let (index, why) = of_places(report)?;
                Some(contradiction(format!("{at}.findings[{index}]"), why))
            })
            .or_else(|| Some(contradiction(format!("{at}.parts"), of_parts(report)?)))
    }

    /// A place that is named and in which nothing stands.
    fn missing(&self) -> Option<Contradiction> {
        let known = self.known.iter().flat_map(|known| &known.shows);
        let known = known.flat_map(|one| &one.findings);
        let known = known.map(|place| ("known".to_owned(), *place));
        let defects = self.defects.iter().enumerate();
        let told = defects.flat_map(|(index, one)| {
            let places = one.others.iter().chain([&one.headline]);
            places.map(move |place| (format!("defects[{index}]"), *place))
        });
        let mut all = known.chain(told);
        let (at, FindingPlace { pack, finding }) =
            all.find(|(_, place)| self.finding(*place).is_none())?;
        let why = format!("it names finding {finding} of pack {pack}, and there is none");
        Some(contradiction(at, why))
    }

    /// Every finding that is not known is of one defect.
    fn in_defects(&self) -> Option<Contradiction> {
        let fresh = self.fresh();
        let places = |index: usize| {
            let defect = self.defects.get(index);
            defect
                .into_iter()
                .flat_map(|one| one.others.iter().chain([&one.headline]))
        };
        let mut told: Vec<FindingPlace> = Vec::new();
        for index in 0..self.defects.len() {
            for place in places(index) {
                let what = format!("finding {} of pack {}", place.finding, place.pack);
                let why = match (told.contains(place), fresh.contains(place)) {
                    (true, _) => format!("{what} is of a defect already"),
                    (_, false) => format!("{what} is known, and stands among what is not"),
                    _ => {
                        told.push(*place);
                        continue;
                    }
                };
                return Some(contradiction(format!("defects[{index}]"), why));
            }
        }
        let left = fresh.into_iter().find(|place| !told.contains(place))?;
        let at = format!("packs[{}].findings[{}]", left.pack, left.finding);
        Some(contradiction(
            at,
            "it is of no defect, and not known either",
        ))
    }
}

/// Whether so many cases can have been judged: none that is not of the plan, and some where there are verdicts.
fn of_judged(report: &PackReport) -> Option<String> {
    let (judged, planned) = (report.judged, report.coverage.cases());
    if judged > planned {
        return Some(format!(
            "{judged} cases were judged, and the plan has {planned}"
        ));
    }
    let rule = { report.rules.iter() }.find(|rule| judged == 0 && rule.has_verdict())?;
    Some(format!(
        "no case was judged, and there are verdicts on {}",
        rule.id
    ))
}

/// Whether there are verdicts on more than the cases of the plan: of a sample, every client is tried on the setting of a
/// finding.
fn tries_more(report: &PackReport) -> bool {
    matches!(report.coverage, Coverage::Sampled { .. }) && !report.findings.is_empty()
}

/// Whether the verdicts of a rule, its state and what there is of it come to the same.
fn of_rule(rule: &RuleReport, report: &PackReport) -> Option<String> {
    let RuleReport {
        held,
        broke,
        inconclusive,
        ..
    } = rule;
    let (some_held, some_broke, open) = (*held > 0, *broke > 0, *inconclusive > 0);
    let (word, fits) = match &rule.state {
        RuleState::Passed => ("passed", some_held && !some_broke && !open),
        RuleState::Failed => ("failed", some_broke),
        RuleState::Flaky => ("flaky", some_broke),
        RuleState::NotExercised => ("not-exercised", !some_held && !some_broke && !open),
        RuleState::NotApplicable(_) => ("not-applicable", !some_held && !some_broke && !open),
        RuleState::Inconclusive => ("inconclusive", open && !some_broke),
    };
    let id = &rule.id;
    let all = held.saturating_add(*broke).saturating_add(*inconclusive);
    if all > report.judged && !tries_more(report) {
        return Some(format!(
            "there are verdicts on {id} from {all} cases, and {} were judged",
            report.judged
        ));
    }
    if !fits {
        return Some(format!(
            "{id} is {word}, and held in {held} cases, broke in {broke}, and could not be told in \
             {inconclusive}"
        ));
    }
    let mut findings = report.findings.iter();
    let has_finding = findings.any(|finding| finding.rule == *id);
    let has_left = report.left.iter().any(|left| left.rule == *id);
    match (some_broke, has_finding) {
        (true, false) if !has_left => Some(format!(
            "{id} broke in {broke} cases, and there is neither a finding nor a case of it"
        )),
        (false, true) => Some(format!(
            "{id} broke in no case, and there is a finding of it"
        )),
        _ => None,
    }
}

fn of_finding(finding: &Finding, report: &PackReport) -> Option<String> {
    let (pack, version) = &finding.pack;
    if (pack, *version) != (&report.pack.0, report.pack.1) {
        return Some(format!(
            "it is of {pack} {version}, and stands in {} {}",
            report.pack.0, report.pack.1
        ));
    }
    let Some(rule) = report.rules.iter().find(|rule| rule.id == finding.rule) else {
        return Some(format!(
            "its rule {} is not among those of the pack",
            finding.rule
        ));
    };
    if (rule.level, rule.scored) != (finding.level, finding.scored) {
        return Some(format!(
            "its rule {} binds otherwise than the pack says",
            finding.rule
        ));
    }
    let flaky = finding.flaky.as_ref()?;
    (flaky.failed > flaky.runs)
        .then(|| format!("it broke in {} of {} runs", flaky.failed, flaky.runs))
}

/// The finding whose rule stands elsewhere among those of the pack than it says: rules stand in the order of their spec.
fn of_places(report: &PackReport) -> Option<(usize, String)> {
    let rules: BTreeMap<&str, usize> = { report.rules.iter().enumerate() }
        .map(|(at, rule)| (rule.id.as_str(), at))
        .collect();
    let mut told: Vec<(usize, Option<&usize>, usize)> = { report.findings.iter().enumerate() }
        .map(|(index, one)| (one.place, rules.get(one.rule.as_str()), index))
        .collect();
    told.sort_unstable();
    let mut pairs = told.iter().zip(told.iter().skip(1));
    let (_, (place, _, index)) =
        pairs.find(|((place, rule, _), (next, behind, _))| place.cmp(next) != rule.cmp(behind))?;
    let rule = &report.findings.get(*index)?.rule;
    let why = format!(
        "its rule {rule} is not number {} of the pack",
        place.saturating_add(1)
    );
    Some((*index, why))
}

/// Whether what is kept of parts is of what stands there.
fn of_parts(report: &PackReport) -> Option<String> {
    let parts = report.parts.as_ref()?;
    let kept = [
        ("rules", parts.rules.len(), report.rules.len()),
        (
            "findings",
            parts.findings.len(),
            report.findings.len() + parts.spare.len(),
        ),
    ];
    if let Some((what, kept, there)) = kept.into_iter().find(|(_, kept, there)| kept != there) {
        return Some(format!(
            "it has {kept} of `{what}`, and the pack has {there}"
        ));
    }
    if let Some(why) = parts.unknown(report.rules.len()) {
        return Some(why);
    }
    let (numbers, of) = (&parts.numbers, parts.of);
    let is_none = |number: &&u32| **number == 0 || **number > of;
    if let Some(number) = numbers.iter().find(is_none) {
        return Some(format!("it has part {number} of {of}"));
    }
    if numbers.is_empty() {
        return Some(format!("it has none of the {of} parts of the plan"));
    }
    let mut pairs = numbers.iter().zip(numbers.iter().skip(1));
    if let Some((one, next)) = pairs.find(|(one, next)| one >= next) {
        return Some(match one == next {
            true => format!("it has part {one} twice"),
            false => format!("it has part {next} behind part {one}"),
        });
    }
    // What has all parts is a run of the whole, and keeps nothing of parts.
    (numbers.len() as u64 >= u64::from(of))
        .then(|| format!("it has part 1 to {of} of {of}, which is the whole"))
}

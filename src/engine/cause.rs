//! Causes: findings that are one defect seen through several rules.

use super::finding::{Finding, TranscriptEntry};

/// One defect: the finding that tells it best, and the rules that it breaks as well.
#[derive(Clone, Debug)]
pub struct Cause<'a> {
    /// The finding whose sentence is the headline: of those of the first's pack, the one whose rule
    /// stands first in the spec, because an author begins with what tells most.
    pub headline: &'a Finding,
    /// The other findings of the same cause.
    pub others: Vec<&'a Finding>,
}

/// Puts findings together that are one defect, in the order of the first finding of each. Two are one
/// defect
///
/// - where one's facts include the other's, and the same single change cures both;
/// - where one's facts include the other's, no setting cures either, such as on a product without any,
///   the same change makes both go away, and they are alike: see [`alike`];
/// - where they are of one rule and one client, depart in one way, and the very same challenge or
///   acceptance came: a defect that several settings lead to, each of them minimal in its own way.
///
/// A finding that is one defect with each of two others makes those one as well.
pub fn causes<'a>(findings: impl IntoIterator<Item = &'a Finding>) -> Vec<Cause<'a>> {
    let mut groups: Vec<Vec<&'a Finding>> = Vec::new();
    for finding in findings {
        let is_one = |member: &&Finding| {
            same_facts(member, finding)
                || same_answer(member, finding)
                || same_weather(member, finding)
        };
        let (mut joined, apart): (Vec<_>, Vec<_>) = groups
            .into_iter()
            .enumerate()
            .partition(|(_, group)| group.iter().any(is_one));
        let mut group: Vec<&Finding> = Vec::new();
        let place = joined.first().map_or(usize::MAX, |(place, _)| *place);
        for (_, members) in &mut joined {
            group.append(members);
        }
        group.push(finding);
        let mut rest: Vec<(usize, Vec<&Finding>)> = apart;
        rest.push((place, group));
        rest.sort_by_key(|(place, _)| *place);
        groups = rest.into_iter().map(|(_, group)| group).collect();
    }
    groups.into_iter().filter_map(told).collect()
}

/// A group with the finding that tells it best in front.
fn told(mut group: Vec<&Finding>) -> Option<Cause<'_>> {
    let pack = &group.first()?.pack;
    let best = (0..group.len())
        .filter(|at| group.get(*at).is_some_and(|one| one.pack == *pack))
        .min_by_key(|at| group.get(*at).map(|one| one.place))?;
    let headline = group.remove(best);
    Some(Cause {
        headline,
        others: group,
    })
}

fn same_facts(one: &Finding, other: &Finding) -> bool {
    let includes = |one: &Finding, other: &Finding| {
        other
            .facts
            .iter()
            .all(|fact| one.facts.iter().any(|have| have.words == fact.words))
    };
    let facts = includes(one, other) || includes(other, one);
    let cured_alike = one.cures.iter().any(|cure| other.cures.contains(cure));
    let incurable = one.cures.is_empty() && other.cures.is_empty();
    let relieved_alike = one
        .reliefs
        .iter()
        .any(|relief| other.reliefs.contains(relief));
    let gone_alike = incurable && (relieved_alike || one.case == other.case) && alike(one, other);
    facts && (cured_alike || gone_alike) && stand_alike(one, other)
}

fn same_answer(one: &Finding, other: &Finding) -> bool {
    let (this, that) = (answer(one), answer(other));
    one.pack == other.pack
        && one.rule == other.rule
        && one.case.client == other.case.client
        && one.discrepancy.kind == other.discrepancy.kind
        && !this.is_empty()
        && this == that
        && stand_alike(one, other)
}

/// Whether two findings are no accusation, and for one reason.
fn same_weather(one: &Finding, other: &Finding) -> bool {
    let why = one.unsteady().zip(other.unsteady());
    one.scored == other.scored && why.is_some_and(|(one, other)| one.is_as(other))
}

fn stand_alike(one: &Finding, other: &Finding) -> bool {
    one.scored == other.scored
        && one.flaky.is_some() == other.flaky.is_some()
        && one.unsteady().is_some() == other.unsteady().is_some()
}

/// Whether two findings depart alike. Those that say which schemes an answer offers do where they accuse
/// the same answer. The others do where they depart in one way, and one's client is odd in nothing
/// that the other's is not: who is refused for odd letters and who for odd spaces are two defects, and who
/// is refused anyway is both.
fn alike(one: &Finding, other: &Finding) -> bool {
    match (aspect(one), aspect(other)) {
        (Aspect::Offer, Aspect::Offer) => answer(one) == answer(other),
        (Aspect::Kind(this), Aspect::Kind(that)) => {
            let within = |one: &Finding, other: &Finding| {
                one.oddities.iter().all(|odd| other.oddities.contains(odd))
            };
            this == that && (within(one, other) || within(other, one))
        }
        _ => false,
    }
}

/// What a finding is about.
enum Aspect<'a> {
    /// Which schemes an answer offers.
    Offer,
    /// Something else, by the kind of departure.
    Kind(&'a str),
}

fn aspect(finding: &Finding) -> Aspect<'_> {
    let kind = finding.discrepancy.kind.as_str();
    let kind = kind.strip_prefix(SIBLING).unwrap_or(kind);
    match kind {
        "challenges none at all"
        | "challenges missing"
        | "challenges extra"
        | "challenges missing and extra"
        | "challenges differ" => Aspect::Offer,
        // Who never sent credentials was not refused: what it waited for was not offered.
        "outcome accepted, refused" if !accused(finding).iter().any(has_credentials) => {
            Aspect::Offer
        }
        kind => Aspect::Kind(kind),
    }
}

/// How the kind of a departure begins that accuses the sibling.
const SIBLING: &str = "sibling ";

/// The exchanges of the case that a finding accuses, or of its sibling.
fn accused(finding: &Finding) -> &[TranscriptEntry] {
    if finding.discrepancy.accuses_sibling() {
        &finding.transcript.sibling
    } else {
        &finding.transcript.case
    }
}

/// Whether a request carries credentials in a field.
fn has_credentials(entry: &TranscriptEntry) -> bool {
    lines(&entry.sent).any(|line| is_field(line, &[b"authorization:", b"proxy-authorization:"]))
}

/// Status line and challenges of the answer that a finding accuses.
fn answer(finding: &Finding) -> Vec<&[u8]> {
    let head = accused(finding).last().map_or(&[][..], |last| &last.head);
    lines(head)
        .enumerate()
        .filter(|(index, line)| {
            *index == 0 || is_field(line, &[b"www-authenticate:", b"proxy-authenticate:"])
        })
        .map(|(_, line)| line)
        .collect()
}

fn lines(head: &[u8]) -> impl Iterator<Item = &[u8]> {
    head.split(|byte| *byte == b'\n')
}

/// Whether a line begins with one of these names, in whatever case.
fn is_field(line: &[u8], names: &[&[u8]]) -> bool {
    names.iter().any(|name| {
        let begin = line.get(..name.len()).unwrap_or_default();
        begin.eq_ignore_ascii_case(name)
    })
}

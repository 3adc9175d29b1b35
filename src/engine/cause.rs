//! Causes: findings that are one defect seen through several rules.

use super::finding::Finding;

/// One defect: the finding that tells it best, and the rules that it breaks as well.
#[derive(Clone, Debug)]
pub struct Cause<'a> {
    /// The finding whose sentence is the headline.
    pub headline: &'a Finding,
    /// The other findings of the same cause.
    pub others: Vec<&'a Finding>,
}

/// Puts findings together that are one defect; the first of a cause, in the order given, is its
/// headline. Two are one defect
///
/// - where one's facts include the other's, and the same single change cures both (where no setting
///   cures either: makes both go away);
/// - where they are of one rule and one client, depart in one way, and the very same challenge or
///   acceptance came: a defect that several settings lead to, each of them minimal in its own way.
pub fn causes<'a>(findings: impl IntoIterator<Item = &'a Finding>) -> Vec<Cause<'a>> {
    let mut causes: Vec<Cause<'a>> = Vec::new();
    for finding in findings {
        let known = causes.iter_mut().find(|cause| {
            let mut members = cause.others.iter().chain([&cause.headline]);
            members.any(|member| same_facts(member, finding) || same_answer(member, finding))
        });
        match known {
            Some(cause) => cause.others.push(finding),
            None => causes.push(Cause {
                headline: finding,
                others: Vec::new(),
            }),
        }
    }
    causes
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
    // Where no setting cures either, such as on a product without any: what else makes both go away.
    let incurable = one.cures.is_empty() && other.cures.is_empty();
    let relieved_alike = one
        .reliefs
        .iter()
        .any(|relief| other.reliefs.contains(relief));
    facts
        && (cured_alike || (incurable && (relieved_alike || one.case == other.case)))
        && stand_alike(one, other)
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

fn stand_alike(one: &Finding, other: &Finding) -> bool {
    one.scored == other.scored && one.flaky.is_some() == other.flaky.is_some()
}

/// Status line and challenges of the answer that a finding accuses.
fn answer(finding: &Finding) -> Vec<&[u8]> {
    let entries = if finding.discrepancy.kind.starts_with("sibling ") {
        &finding.transcript.sibling
    } else {
        &finding.transcript.case
    };
    let head = entries.last().map_or(&[][..], |last| &last.head);
    let challenges: [&[u8]; 2] = [b"www-authenticate:", b"proxy-authenticate:"];
    head.split(|byte| *byte == b'\n')
        .enumerate()
        .filter(|(index, line)| {
            let carries = |name: &&[u8]| {
                let begin = line.get(..name.len()).unwrap_or_default();
                begin.eq_ignore_ascii_case(name)
            };
            *index == 0 || challenges.iter().any(carries)
        })
        .map(|(_, line)| line)
        .collect()
}

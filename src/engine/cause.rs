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

/// Puts findings together whose facts are the same, or of which one's include the other's, and which
/// the same single change cures, or none and the same answer came. The first finding of a cause, in
/// the order given, is its headline.
pub fn causes<'a>(findings: impl IntoIterator<Item = &'a Finding>) -> Vec<Cause<'a>> {
    let mut causes: Vec<Cause<'a>> = Vec::new();
    for finding in findings {
        let known = causes
            .iter_mut()
            .find(|cause| same_cause(cause.headline, finding));
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

fn same_cause(one: &Finding, other: &Finding) -> bool {
    let includes = |one: &Finding, other: &Finding| {
        other
            .facts
            .iter()
            .all(|fact| one.facts.iter().any(|have| have.words == fact.words))
    };
    let facts = includes(one, other) || includes(other, one);
    let cured_alike = one.cures.iter().any(|cure| other.cures.contains(cure));
    // Without any cure on either side, the very same case or the very same answer is the same cause.
    let answer = |finding: &Finding| finding.transcript.case.last().map(|last| last.head.clone());
    let same_answer =
        !one.facts.is_empty() && !other.facts.is_empty() && answer(one) == answer(other);
    let incurable_alike =
        one.cures.is_empty() && other.cures.is_empty() && (one.case == other.case || same_answer);
    facts
        && (cured_alike || incurable_alike)
        && one.scored == other.scored
        && one.flaky.is_some() == other.flaky.is_some()
}

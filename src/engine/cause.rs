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
/// the same single change cures; where no setting cures either, which the same single change makes go
/// away. The first finding of a cause, in
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
    // Where no setting cures either, such as on a product without any: what else makes both go away.
    let incurable = one.cures.is_empty() && other.cures.is_empty();
    let relieved_alike = one
        .reliefs
        .iter()
        .any(|relief| other.reliefs.contains(relief));
    facts
        && (cured_alike || (incurable && (relieved_alike || one.case == other.case)))
        && one.scored == other.scored
        && one.flaky.is_some() == other.flaky.is_some()
}

//! Findings put into groups by what links two of them.

use crate::spec::{About, Certainty, DecisionFlaw};

use super::finding::Finding;

/// Findings in groups, each of whatever is linked, in the order of the first finding of each.
pub(super) fn joined(
    findings: Vec<&Finding>,
    is_linked: impl Fn(&Finding, &Finding) -> bool,
) -> Vec<Vec<&Finding>> {
    let mut groups: Vec<Vec<&Finding>> = Vec::new();
    for finding in findings {
        let (mut joined, apart): (Vec<_>, Vec<_>) = groups
            .into_iter()
            .enumerate()
            .partition(|(_, group)| group.iter().any(|member| is_linked(member, finding)));
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
    groups
}

/// A group by one finding of which somebody is let in and by another kept out, in parts where nothing links the two
/// but what is a consequence of both: a token that is accepted although it has expired, and a scheme that is refused,
/// are two defects, and whoever shows an expired token by that scheme is refused without an error. A consequence goes
/// with the first of those from which it follows. `is_one` says whether two are one defect; by consequences too where
/// those count.
pub(super) fn parted(
    group: Vec<&Finding>,
    is_one: impl Fn(&Finding, &Finding, bool) -> bool,
) -> Vec<Vec<&Finding>> {
    if turns(&group) != (true, true) {
        return vec![group];
    }
    let mut parts: Vec<Vec<&Finding>> = Vec::new();
    for mut part in joined(group, |one, other| is_one(one, other, false)) {
        let mut place = None;
        for (at, other) in parts.iter_mut().enumerate() {
            let mut pairs = part
                .iter()
                .flat_map(|one| other.iter().map(move |of| (one, of)));
            if pairs.any(|(one, of)| is_one(one, of, true)) && !are_contrary(&part, other) {
                place = place.or(Some(at));
                let mut before = std::mem::take(other);
                before.append(&mut part);
                part = before;
            }
        }
        match place.and_then(|at| parts.get_mut(at)) {
            Some(emptied) => *emptied = part,
            None => parts.push(part),
        }
    }
    parts.retain(|part| !part.is_empty());
    parts
}

/// Whether in one of two groups somebody is only let in, and in the other somebody is only kept out.
fn are_contrary(one: &[&Finding], other: &[&Finding]) -> bool {
    matches!(
        (turns(one), turns(other)),
        ((true, false), (false, true)) | ((false, true), (true, false))
    )
}

/// Whether it is certain that somebody is let in by one of these findings, and that somebody is kept out.
fn turns(group: &[&Finding]) -> (bool, bool) {
    let accused = || group.iter().flat_map(|finding| &finding.evidence);
    let has = |flaw: DecisionFlaw| {
        accused().any(|accused| {
            let turned = matches!(&accused.about, About::Answer { turn, .. } if *turn == flaw);
            turned && accused.certainty == Certainty::Certain
        })
    };
    (has(DecisionFlaw::Opened), has(DecisionFlaw::KeptOut))
}

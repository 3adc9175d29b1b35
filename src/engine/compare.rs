//! Comparing: what several implementations came to on the same cases, and where they differ although
//! no rule says which of them is right.

use std::collections::{BTreeMap, HashMap};

use crate::domain::{Case, Simplicity};
use crate::results::{
    Ambiguity, AnswerSummary, ComparisonReport, PackComparison, PackReport, RuleState,
};
use crate::spec::{Spec, Standing};

/// The most ambiguities of one pack that are told.
const MOST_AMBIGUITIES: usize = 20;

/// Puts reports beside each other: of each implementation one for each spec, in the order of the
/// specs. Cases are compared as far as [`Options::keep_answers`](super::Options::keep_answers) kept
/// them.
pub fn compare(specs: &[Spec], reports: &[Vec<PackReport>]) -> ComparisonReport {
    let implementations = reports
        .iter()
        .filter_map(|packs| packs.first())
        .map(|report| report.implementation.clone())
        .collect();
    let packs = specs
        .iter()
        .enumerate()
        .map(|(index, spec)| {
            let of_pack: Vec<&PackReport> = reports
                .iter()
                .filter_map(|packs| packs.get(index))
                .collect();
            one_pack(spec, &of_pack)
        })
        .collect();
    ComparisonReport {
        implementations,
        packs,
    }
}

fn one_pack(spec: &Spec, reports: &[&PackReport]) -> PackComparison {
    let rules = spec
        .rules
        .iter()
        .map(|rule| {
            let states = reports.iter().map(|report| {
                let found = report.rules.iter().find(|one| one.id == rule.id);
                found.map_or(RuleState::NotExercised, |one| one.state.clone())
            });
            (
                rule.id.clone(),
                rule.level,
                rule.standing == Standing::Scored,
                states.collect(),
            )
        })
        .collect();
    let mut ambiguities = ambiguities(spec, reports);
    let untold = ambiguities.len().saturating_sub(MOST_AMBIGUITIES);
    ambiguities.truncate(MOST_AMBIGUITIES);
    PackComparison {
        pack: (
            spec.pack.name.clone(),
            spec.pack.version,
            spec.pack.title.clone(),
        ),
        rules,
        ambiguities,
        untold,
    }
}

/// A case's place among simpler ones, and each answer to it with the place of who gave it.
type GivenSeen<'a> = (&'a [Simplicity; 3], Vec<(usize, &'a AnswerSummary)>);

/// The smallest case that shows an ambiguity, its place among simpler ones, and how many show it.
type SmallestShowing<'a> = (&'a [Simplicity; 3], &'a Case, u64);

/// Every way in which the implementations part on cases that no rule decides.
fn ambiguities(spec: &Spec, reports: &[&PackReport]) -> Vec<Ambiguity> {
    let mut by_case: HashMap<&Case, GivenSeen<'_>> = HashMap::new();
    for (index, report) in reports.iter().enumerate() {
        for answered in &report.answers {
            // Whoever breaks a rule here is told so as a finding; the others are compared.
            if !answered.broke {
                let (_, answers) = by_case
                    .entry(&answered.case)
                    .or_insert_with(|| (&answered.simplicity, Vec::new()));
                answers.push((index, &answered.summary));
            }
        }
    }
    let mut found: HashMap<BTreeMap<AnswerSummary, Vec<usize>>, SmallestShowing<'_>> =
        HashMap::new();
    for (case, (simplicity, answers)) in by_case {
        let mut parted: BTreeMap<AnswerSummary, Vec<usize>> = BTreeMap::new();
        for (index, summary) in answers {
            parted.entry(summary.clone()).or_default().push(index);
        }
        if parted.len() < 2 {
            continue;
        }
        let entry = found.entry(parted).or_insert((simplicity, case, 0));
        entry.2 += 1;
        if simplicity < entry.0 {
            (entry.0, entry.1) = (simplicity, case);
        }
    }
    let mut sorted: Vec<_> = found.into_iter().collect();
    sorted.sort_by(|(one, (simple, ..)), (other, (less, ..))| {
        simple.cmp(less).then_with(|| one.cmp(other))
    });
    sorted
        .into_iter()
        .map(|(answers, (_, case, cases))| Ambiguity {
            case: case.clone(),
            brief: spec.brief(case),
            answers,
            cases,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{Options, run};
    use crate::implementation::ReferenceImplementation;
    use crate::reference::Fault;
    use crate::spec::shipped;
    use crate::yaml::Source;

    fn judged(spec: &Spec, faults: &[Fault]) -> Vec<PackReport> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let options = Options {
            keep_answers: 10_000,
            ..Options::default()
        };
        runtime.block_on(async {
            let mut reference = ReferenceImplementation::with_faults(faults);
            vec![run(spec, &mut reference, &options, &mut |_| {}).await]
        })
    }

    /// One rule, which says nothing of which credentials are good.
    fn spec() -> Spec {
        let text = "countersign: 1
pack: {name: small, version: 1, title: A pack}
domain:
  policy:
    profiles: {list: {of: {scheme: {one-of: [basic, bearer]}, active: {bool: true}}, max: 1}}
    advertise_all: {bool: true}
  client:
    persona: {one-of: [preemptive]}
    scheme: {one-of: [basic, bearer]}
    credential: {one-of: [none, valid, expired]}
rules:
  - id: challenged
    level: must
    source: {document: RFC 9110, section: '15.5.2'}
    impact: Nobody can log in.
    when: {status: 401}
    expect: {challenges: {some: true}}
  - id: the-good-get-in
    level: must
    source: {document: RFC 9110, section: '11.4'}
    impact: Nobody can log in.
    when: {client.credential: valid, policy.profiles: {count: 0}}
    expect: {outcome: refused}
";
        Spec::read(&Source::new("small", text)).unwrap_or_else(|problems| panic!("{problems}"))
    }

    #[test]
    fn where_answers_differ_and_no_rule_decides_the_smallest_case_is_told() {
        let specs = [spec()];
        let good = judged(&specs[0], &[]);
        let lax = judged(&specs[0], &[Fault::AcceptsExpired]);
        let same = compare(&specs, &[good.clone(), good.clone()]);
        assert!(same.packs[0].ambiguities.is_empty());

        let comparison = compare(&specs, &[good.clone(), lax, good]);
        assert_eq!(comparison.implementations.len(), 3);
        let pack = &comparison.packs[0];
        assert_eq!(pack.rules[0].3, vec![RuleState::Passed; 3]);
        let [ambiguity] = &pack.ambiguities[..] else {
            panic!("{:?}", pack.ambiguities)
        };
        assert!(ambiguity.brief.contains("expired"), "{}", ambiguity.brief);
        let answers: Vec<(String, &Vec<usize>)> = ambiguity
            .answers
            .iter()
            .map(|(answer, who)| (answer.to_string(), who))
            .collect();
        assert_eq!(answers.len(), 2);
        assert!(
            answers.contains(&("200".to_owned(), &vec![1])),
            "{answers:?}"
        );
        let refused = answers.iter().find(|(_, who)| **who == [0, 2]).unwrap();
        assert!(refused.0.starts_with("401 b"), "{refused:?}");
    }

    #[test]
    fn what_a_rule_decides_is_no_ambiguity() {
        let source = shipped("reachability").unwrap();
        let small = source.text.replace("max: 4", "max: 2");
        let specs = [Spec::read(&Source::new("small", small)).unwrap()];
        let default = judged(&specs[0], &[]);
        let broken = default[0].answers.iter().filter(|one| one.broke).count();
        assert!(broken > 0);
        let all = compare(&specs, &[default.clone(), default]);
        assert!(all.packs[0].ambiguities.is_empty());
        assert!(
            all.packs[0]
                .rules
                .iter()
                .any(|rule| rule.3[0] == RuleState::Failed)
        );
    }
}

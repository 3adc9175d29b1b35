//! Shrinking and explaining, with a world that knows the verdicts: nothing is installed and nothing is sent.

use super::*;
use crate::domain::Case;
use crate::engine::judge::Verdict;
use crate::engine::shrink::shrink;
use crate::spec::{Discrepancy, Spec, shipped};

/// A world in which a rule breaks on the cases that a test says.
struct Told {
    spec: Spec,
    breaks: fn(&Case) -> bool,
    asked: u64,
}

impl Verdicts for Told {
    fn spec(&self) -> &Spec {
        &self.spec
    }

    fn width(&self) -> usize {
        4
    }

    fn requests(&self) -> u64 {
        self.asked
    }

    fn is_about_one_case(&self, _rule: usize) -> bool {
        true
    }

    fn may_apply(&mut self, _rule: usize, _case: &Case) -> Result<bool, Stopped> {
        Ok(true)
    }

    fn is_not_applicable(&self, _case: &Case) -> bool {
        false
    }

    async fn verdicts(&mut self, _rule: usize, cases: &[Case]) -> Result<Vec<Verdict>, Stopped> {
        self.asked += cases.len() as u64;
        let verdict = |case: &Case| match (self.breaks)(case) {
            false => Verdict::Pass,
            true => Verdict::Fail {
                discrepancy: Discrepancy {
                    kind: "body".parse().unwrap(),
                    expected: String::new(),
                    observed: String::new(),
                },
                sibling: None,
            },
        };
        Ok(cases.iter().map(verdict).collect())
    }
}

/// The story that this project began with.
fn shuts_out(case: &Case) -> bool {
    let profiles = case.policy.field("profiles").and_then(Value::items);
    let schemes: Vec<_> = (profiles.unwrap_or_default().iter())
        .filter_map(|profile| profile.field("scheme"))
        .collect();
    case.at("policy.advertise_all") == Some(&Value::Bool(false))
        && schemes.len() >= 2
        && case.client.field("scheme") != schemes.last().copied()
        && case.client.field("scheme") == schemes.first().copied()
}

fn failing(spec: &Spec) -> Failure {
    let mut cases = spec.cover().cases.iter();
    let case = cases.find(|case| shuts_out(case)).unwrap().clone();
    Failure {
        rule: 0,
        case,
        kind: "body".parse().unwrap(),
        met: false,
        planned: None,
    }
}

fn world() -> Told {
    Told {
        spec: Spec::read(&shipped("api-access-policy").unwrap()).unwrap(),
        breaks: shuts_out,
        asked: 0,
    }
}

#[tokio::test]
async fn the_story_is_shrunk_and_explained_without_an_implementation() {
    let mut world = world();
    let failure = failing(&world.spec);
    let (minimal, proof, met) = shrink(&mut world, &failure, 10_000).await.unwrap();
    assert_eq!(
        world.spec.brief(&minimal.case),
        "{policy: {profiles: [{scheme: basic}, {scheme: bearer}]}}"
    );
    assert!(!proof.cut_short && !proof.steps.is_empty() && met.is_empty());
    let passes = |step: &TriedChange| step.verdict == TriedVerdict::Passes;
    assert!(proof.steps.iter().all(passes));

    let varied = vary(&mut world, &minimal, 10_000).await.unwrap();
    for path in ["policy.profiles", "policy.advertise_all", "client.scheme"] {
        assert!(varied.matters.iter().any(|one| one == path), "{path}");
    }
    let cures: Vec<String> = (varied.cures.iter())
        .map(|cure| format!("{}: {}", cure.path, cure.to))
        .collect();
    assert_eq!(cures, ["policy.advertise_all: true"]);
}

#[tokio::test]
async fn a_budget_that_is_spent_proves_nothing() {
    let mut world = world();
    let failure = failing(&world.spec);
    let (_, proof, _) = shrink(&mut world, &failure, 0).await.unwrap();
    assert!(proof.cut_short);
    assert!((proof.steps.iter()).any(|step| step.verdict == TriedVerdict::NotTried));
}

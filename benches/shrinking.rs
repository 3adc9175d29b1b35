//! What shrinking costs beside a yardstick: `cargo bench --bench shrinking`.
//!
//! For seeded faults, from random cases that show them, prints how many requests it takes to a minimal case: for the
//! engine, which also proves that it is minimal, varies each of its fields and runs it three times more; and for
//! proptest's own value trees, which shrink the same case by the same verdicts and do nothing else. Nothing here
//! passes or fails; `docs/performance.md` keeps the figures.

#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a bench prints, and stops where it cannot go on"
)]

use std::fmt::Display;

use countersign::domain::{Case, Value};
use countersign::engine::{Options, judge_one, run};
use countersign::implementation::{Implementation, ReferenceImplementation};
use countersign::reference::Fault;
use countersign::results::Finding;
use countersign::spec::{Spec, shipped};
use proptest::strategy::{BoxedStrategy, Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

/// From how many random cases each fault is shrunk.
const STARTS: u64 = 5;

/// How many random cases are drawn for those that can be, and how many of these are tried for one that shows a fault.
const DRAWS: usize = 100_000;
const TRIES: usize = 400;

/// The values of the four parts of a case, as proptest draws and shrinks them.
type Parts = (Value, Value, Value, Value);

fn case_of((policy, instance, course, client): Parts) -> Case {
    Case {
        policy,
        instance,
        course,
        client,
    }
}

/// A fault, and the rule by which it is to be seen.
struct Seen<'a> {
    spec: &'a Spec,
    found: &'a Finding,
    reference: &'a mut ReferenceImplementation,
}

impl Seen<'_> {
    /// What judging one case by the rule comes to: the finding, where it departs in the same way, and how many
    /// requests it took until the rule was broken or held.
    async fn judge(&mut self, case: &Case, shrink_requests: u64) -> (Option<Finding>, u64) {
        let options = Options {
            rules: vec![self.found.rule.clone()],
            shrink_requests,
            ..Options::default()
        };
        let report = judge_one(self.spec, case, self.reference, &options, &mut |_| {}).await;
        let kind = &self.found.discrepancy.kind;
        let spent: u64 = report.findings.iter().map(|finding| finding.requests).sum();
        let mut findings = report.findings.into_iter();
        let finding = findings.find(|finding| finding.discrepancy.kind == *kind);
        (finding, report.requests - spent)
    }

    /// Shrinks by proptest's trees from a random case that shows the fault: that case, the requests, and where it
    /// ended.
    async fn by_trees(&mut self, seed: u8) -> Option<(Case, u64, Case)> {
        let domain = &self.spec.domain;
        let parts: BoxedStrategy<Parts> = (
            domain.policy.strategy(),
            domain.instance.strategy(),
            domain.course.strategy(),
            domain.client.strategy(),
        )
            .boxed();
        let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[seed; 32]);
        let mut runner = TestRunner::new_with_rng(Config::default(), rng);
        let mut tried = 0;
        for _ in 0..DRAWS {
            let mut tree = parts.new_tree(&mut runner).ok()?;
            let start = case_of(tree.current());
            if !self.spec.allows(&start) {
                continue;
            }
            tried += 1;
            if tried > TRIES {
                return None;
            }
            if self.judge(&start, 0).await.0.is_none() {
                continue;
            }
            let mut requests = 0;
            let mut least = start.clone();
            let mut more = tree.simplify();
            while more {
                let case = case_of(tree.current());
                let fails = match self.spec.allows(&case) {
                    true => {
                        let (finding, spent) = self.judge(&case, 0).await;
                        requests += spent;
                        finding.is_some()
                    }
                    false => false,
                };
                more = match fails {
                    true => {
                        least = case;
                        tree.simplify()
                    }
                    false => tree.complicate(),
                };
            }
            return Some((start, requests, least));
        }
        None
    }
}

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.expect("a runtime").block_on(all());
}

async fn all() {
    for name in ["api-access-policy", "reachability", "http-authentication"] {
        let spec = Spec::read(&shipped(name).expect("it ships")).expect("it is right");
        let (mut engine, mut proven, mut trees) = (Vec::new(), Vec::new(), Vec::new());
        let (mut alike, mut faults) = (0, 0);
        // Each eighth fault is enough of a yardstick.
        for fault in Fault::ALL.iter().step_by(8) {
            let mut reference = ReferenceImplementation::with_faults(&[*fault]);
            let options = Options {
                cases: 5_000,
                ..Options::default()
            };
            let report = run(&spec, &mut reference, &options, &mut |_| {}).await;
            let mut findings = report.findings.iter();
            if let Some(found) = findings.find(|one| one.flaky.is_none() && !one.facts.is_empty()) {
                faults += 1;
                let mut seen = Seen {
                    spec: &spec,
                    found,
                    reference: &mut reference,
                };
                for seed in 0..STARTS {
                    let seed = u8::try_from(seed).unwrap_or(u8::MAX);
                    let Some((start, requests, least)) = seen.by_trees(seed).await else {
                        continue;
                    };
                    let shrunk = seen.judge(&start, Options::default().shrink_requests).await;
                    if let (Some(finding), _) = shrunk {
                        proven.push(finding.requests_to_proof);
                        engine.push(finding.requests);
                        trees.push(requests);
                        alike += u64::from(finding.case == least);
                    }
                }
            }
            reference.stop().await;
        }
        println!(
            "{name}: {faults} faults, {} starts; requests: engine, with proof, {}, with explanation and \
             confirmation {}; proptest's trees {}; the same minimum {alike} times",
            engine.len(),
            spread(proven),
            spread(engine),
            spread(trees),
        );
    }
}

/// The median and the most of some numbers.
fn spread(mut numbers: Vec<u64>) -> impl Display {
    numbers.sort_unstable();
    let median = numbers.get(numbers.len() / 2).copied().unwrap_or(0);
    let most = numbers.last().copied().unwrap_or(0);
    format!("{median} in the median, {most} at most")
}

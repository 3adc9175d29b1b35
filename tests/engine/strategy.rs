//! Cases as a proptest strategy: what it shrinks to is what the engine reports.

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test may panic, and its helpers are parts of it"
)]

use std::collections::HashMap;

use countersign::client::{Play, Player};
use countersign::credentials::Identity;
use countersign::domain::Setting;
use countersign::domain::{Allowed, Case, Narrowing};
use countersign::engine::{Options, run};
use countersign::implementation::{
    Implementation, Installation, Placement, ReferenceImplementation,
};
use countersign::reference::Fault;
use countersign::spec::{Check, Demand, Env, Kind, Observation, Rule, Spec, Tri, shipped};
use countersign::vocabulary::ClientCase;
use countersign::wire::Limits;
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use tokio::runtime::Runtime;

/// The seeded faults that are shrunk both ways.
const FAULTS: [Fault; 5] = [
    Fault::AcceptsInactiveProfile,
    Fault::AdvertisesInactiveProfiles,
    Fault::AdvertisesFirstInsteadOfLast,
    Fault::AcceptsWrongSecret,
    Fault::FlagIgnored,
];

/// How many cases are drawn to begin with.
const DRAWS: usize = 150;

/// How many failing cases of each rule are shrunk.
const STARTS: usize = 3;

/// The reference implementation with a fault, and somebody who asks it.
struct Faulty {
    runtime: Runtime,
    reference: ReferenceImplementation,
    player: Player,
    generation: u64,
    /// What was seen of each case: every rule asks about the same ones.
    plays: HashMap<Case, Play>,
}

impl Faulty {
    fn new(fault: Fault) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        Self {
            runtime,
            reference: ReferenceImplementation::with_faults(&[fault]),
            player: Player::new(Limits::default()),
            generation: 0,
            plays: HashMap::new(),
        }
    }

    /// What is seen of a case.
    fn play(&mut self, case: &Case) -> Play {
        if let Some(play) = self.plays.get(case) {
            return play.clone();
        }
        self.generation += 1;
        let installation = Installation {
            upstreams: Vec::new(),
            edit_of: None,
            generation: self.generation,
            identities: vec![Identity::alice()],
            policies: vec![Setting {
                policy: case.policy.clone(),
                instance: case.instance.clone(),
            }],
        };
        let placed = self.runtime.block_on(self.reference.install(&installation));
        let placed = placed.unwrap();
        let [Placement::Endpoint(endpoint)] = placed.as_slice() else {
            panic!("the reference expresses every policy")
        };
        let client = ClientCase::from_value(&case.client).unwrap();
        let play = self.player.play(endpoint, &client);
        let play = self.runtime.block_on(play).unwrap();
        self.plays.insert(case.clone(), play.clone());
        play
    }

    /// In what kind a case breaks a rule, if it does.
    fn departure(&mut self, spec: &Spec, rule: &Rule, case: &Case) -> Option<Kind> {
        let Demand::Expect(clause) = &rule.demand else {
            return None;
        };
        let play = self.play(case);
        let answer = &play.exchanges.last()?.answer;
        let observation = Observation::of(play.outcome, answer, None);
        let definitions = spec.define(case);
        let env = Env::seen(case, &definitions, observation);
        if rule.when.evaluate(&env) != Tri::True {
            return None;
        }
        match clause.check(&env) {
            Check::Breaks(discrepancy) => Some(discrepancy.kind),
            Check::Holds | Check::Unclear(_) => None,
        }
    }
}

#[test]
fn minima_are_the_engines() {
    let spec = Spec::read(&shipped("api-access-policy").unwrap()).unwrap();
    // Lists of two show the same, and the engine looks at all of their cases sooner.
    let short = Allowed::Range {
        min: None,
        max: Some(2),
    };
    let by_path = [("policy.profiles".to_owned(), short)].into();
    let spec = spec.narrow(&Narrowing { by_path }, false).unwrap();
    let mut compared = 0;
    for fault in FAULTS {
        let mut faulty = Faulty::new(fault);
        let options = Options::default();
        let found =
            faulty
                .runtime
                .block_on(run(&spec, &mut faulty.reference, &options, &mut |_| {}));
        let findings = found.findings;
        faulty.generation = 1_000_000;
        for finding in &findings {
            let rule = spec.rule(&finding.rule).unwrap();
            let kind = Some(finding.discrepancy.kind.clone());
            let same_rule = findings.iter().filter(|other| other.rule == finding.rule);
            let minima: Vec<&Case> = same_rule.map(|other| &other.case).collect();
            let mut runner = TestRunner::deterministic();
            let strategy = spec.strategy();
            let mut starts = 0;
            for _ in 0..DRAWS {
                let mut tree = strategy.new_tree(&mut runner).unwrap();
                if faulty.departure(&spec, rule, &tree.current()) != kind {
                    continue;
                }
                // As proptest does it.
                let mut more = tree.simplify();
                while more {
                    let fails = faulty.departure(&spec, rule, &tree.current()) == kind;
                    more = if fails {
                        tree.simplify()
                    } else {
                        tree.complicate()
                    };
                }
                let minimal = tree.current();
                assert!(
                    minima.contains(&&minimal),
                    "{fault:?}, {}: {minimal}, and the engine has {minima:?}",
                    finding.rule
                );
                compared += 1;
                starts += 1;
                if starts == STARTS {
                    break;
                }
            }
        }
        faulty.runtime.block_on(faulty.reference.stop());
    }
    assert!(compared > 2 * STARTS, "{compared}");
}

//! Teeth: of every rule that can be said to hold, a fault is shown on which it fails. The faults and the
//! smallest cases are those of `minima.txt`, which the whole matrix is held to; here each rule is
//! played once, which is cheap.

// A test says what it expects by panicking; clippy knows that of test functions only.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::support::pack;
use countersign::engine::{Options, judge_one};
use countersign::implementation::{Implementation, ReferenceImplementation};
use countersign::reference::Fault;
use countersign::results::RuleState;
use countersign::spec::{Demand, SHIPPED, Spec, read_case};
use countersign::yaml::Source;

/// A fault that a rule is known to see, the case that shows it, and the choice that the rule presumes.
pub(super) struct Bite {
    pub(super) fault: Fault,
    pub(super) case: String,
    choice: Option<(String, String)>,
}

/// The bites of every rule, by pack and id.
pub(super) fn bites() -> BTreeMap<(String, String), Vec<Bite>> {
    let mut bites: BTreeMap<_, Vec<Bite>> = BTreeMap::new();
    let mut fault = None;
    let mut lines = include_str!("minima.txt").lines();
    while let Some(line) = lines.next() {
        let Some(kill) = line.strip_prefix("  ") else {
            fault = Fault::from_name(line);
            assert!(fault.is_some(), "{line}");
            continue;
        };
        let case = lines.next().unwrap().trim().to_owned();
        let (named, _) = kill.split_once(": ").unwrap();
        // `pack rule`, and perhaps ` (alternative` with its choice behind the colon.
        let (named, choice) = match named.split_once(" (") {
            Some((named, alternative)) => {
                let behind = kill.split_once(": ").unwrap().1;
                let choice = behind.split_once(')').unwrap().0;
                (named, Some((alternative.to_owned(), choice.to_owned())))
            }
            None => (named, None),
        };
        let (pack, rule) = named.split_once(' ').unwrap();
        let bite = Bite {
            fault: fault.unwrap(),
            case,
            choice,
        };
        bites
            .entry((pack.to_owned(), rule.to_owned()))
            .or_default()
            .push(bite);
    }
    bites
}

/// Rules without a fault of their own: `what_has_no_fault_was_seen_to_fail_elsewhere` shows where each fails.
const SEEN_ELSEWHERE: [&str; 2] = ["any-success-lets-through", "a-long-content-is-cut"];

/// What a rule comes to on a case.
async fn state(spec: &Spec, rule: &str, bite: &Bite, faults: &[Fault]) -> RuleState {
    let case = read_case(&Source::new("case", bite.case.as_str()), &spec.domain).unwrap();
    let mut reference = ReferenceImplementation::with_faults(faults);
    if let Some((alternative, choice)) = &bite.choice {
        reference = reference.taking(alternative, choice);
    }
    let options = Options {
        rules: vec![rule.to_owned()],
        ..Options::default()
    };
    let report = judge_one(spec, &case, &mut reference, &options, &mut |_| {}).await;
    reference.stop().await;
    let found = report.rules.into_iter().find(|one| one.id == rule);
    found.unwrap().state
}

#[test]
fn every_rule_that_can_be_said_to_hold_has_been_seen_to_fail() {
    let bites = bites();
    let specs: Vec<Spec> = SHIPPED.iter().map(|(name, _)| pack(name)).collect();
    let rules: Vec<(&Spec, &str)> = specs
        .iter()
        .flat_map(|spec| {
            let seen = spec.rules.iter();
            let seen = seen.filter(|rule| !matches!(rule.demand, Demand::Unseen));
            seen.map(move |rule| (spec, rule.id.as_str()))
        })
        .collect();
    assert!(rules.len() > 200, "{}", rules.len());
    let (next, wrong) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let work = || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        while let Some((spec, rule)) = rules.get(next.fetch_add(1, Ordering::Relaxed)) {
            let key = (spec.pack.name.clone(), (*rule).to_owned());
            let Some(bites) = bites.get(&key) else {
                if SEEN_ELSEWHERE.contains(rule) {
                    continue;
                }
                wrong
                    .lock()
                    .unwrap()
                    .push(format!("{rule}: no fault is known"));
                continue;
            };
            // One that a server's memory shows need not show in a case that is played alone.
            let mut told = Vec::new();
            let bit = bites.iter().any(|bite| {
                let with = runtime.block_on(state(spec, rule, bite, &[bite.fault]));
                let without = runtime.block_on(state(spec, rule, bite, &[]));
                let does = with == RuleState::Failed && without != RuleState::Failed;
                told.push(format!("{with:?} with {}, else {without:?}", bite.fault));
                does
            });
            if !bit {
                let told = format!("{rule}: {}", told.join("; "));
                wrong.lock().unwrap().push(told);
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(work);
        }
    });
    let wrong = wrong.into_inner().unwrap();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Each fails on what departs from it, though no fault stands for that.
#[test]
fn what_has_no_fault_was_seen_to_fail_elsewhere() {
    let [any_success, long_content] = SEEN_ELSEWHERE;
    // The reference lets through by 200 alone, and refuses long content: departures for whoever says that any 2xx
    // lets through or that such content is cut, which faults mend.
    let spec = pack("external-authorization");
    let others = [
        (
            any_success,
            "every-success-lets-through",
            "{instance: {auth_service: created}}",
            ["auth-success", "any-2xx"],
        ),
        (
            long_content,
            "long-content-is-cut",
            "{policy: {forward_body: small}, client: {method: post-long-content}}",
            ["auth-long-content", "cut"],
        ),
    ];
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    for (rule, fault, case, [alternative, choice]) in others {
        let bite = Bite {
            fault: Fault::from_name(fault).unwrap(),
            case: case.to_owned(),
            choice: Some((alternative.to_owned(), choice.to_owned())),
        };
        let alone = runtime.block_on(state(&spec, rule, &bite, &[]));
        let mended = runtime.block_on(state(&spec, rule, &bite, &[bite.fault]));
        assert_eq!(
            (alone, mended),
            (RuleState::Failed, RuleState::Passed),
            "{rule}"
        );
    }
}

//! The matrix of seeded faults and rules, whole: every fault is killed, every rule bites, each in these
//! words and after so many requests.

// A test says what it expects by panicking; clippy knows that of test functions only.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::expect_used
)]

use std::fmt::Write;
use std::path::Path;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{LazyLock, Mutex};

use crate::support::{headlines, pack, quietly};
use countersign::domain::{Case, Narrowing, Part, Sampler, Value};
use countersign::engine::{self, judge_one};
use countersign::implementation::{Implementation, ReferenceImplementation};
use countersign::matrix::{MatrixOptions, PAGE_CASES, measure};
use countersign::reference::Fault;
use countersign::report::{matrix_json, matrix_text};
use countersign::results::{Kill, Matrix};
use countersign::spec::{SHIPPED, Spec, Standing, read_case};
use countersign::yaml::Source;
use snapbox::Data;
use tokio::runtime::Runtime;

/// Whether all is measured, which takes the better part of an hour of two cores: `TESTS=whole`. Otherwise it
/// is each eighth fault, a quarter of the starts and a quarter of the cases. That each rule bites and each
/// fault is found, by the cases that are pinned, is held for all of them by `teeth` and `defects`.
fn whole() -> bool {
    match std::env::var("TESTS") {
        Ok(word) if word == "whole" => true,
        Ok(word) => panic!("TESTS is `whole` or nothing, and is `{word}`"),
        Err(_) => false,
    }
}

/// The faults that are measured.
fn faults() -> Vec<Fault> {
    let step = if whole() { 1 } else { 8 };
    Fault::ALL.iter().copied().step_by(step).collect()
}

fn packs() -> Vec<Spec> {
    SHIPPED.iter().map(|(name, _)| pack(name)).collect()
}

fn measured(specs: &[Spec], cases: u64) -> Matrix {
    let options = MatrixOptions {
        run: engine::Options {
            cases,
            ..engine::Options::default()
        },
        faults: faults(),
        ..MatrixOptions::default()
    };
    measure(specs, &options, &mut |_| {}).unwrap()
}

/// The whole matrix, measured once for all tests of this file. A small part of the default budget: what
/// dies here dies with that as well.
static MATRIX: LazyLock<Matrix> = LazyLock::new(|| measured(&packs(), PAGE_CASES));

fn golden(path: &str) -> Data {
    Data::read_from(&Path::new(env!("CARGO_MANIFEST_DIR")).join(path), None).raw()
}

/// The most requests from the first failure until a case is proven minimal, of a rule that asks once or twice.
const MOST_TO_PROOF: u64 = 90;

/// The most requests from the first failure to the end of its confirmation, of a rule that asks once or twice.
const MOST_REQUESTS: u64 = 150;

/// The same from a random case, which is larger than the first failure of a run.
const MOST_FROM_A_RANDOM_CASE: u64 = 200;

/// Whether a rule asks the same many times, beside others or not, or behind many edits.
fn asks_often(rule: &str) -> bool {
    rule == "asked-ten-times-the-schemes-are-the-same"
        || rule.contains("-in-beside-")
        // Any policy there can be may have been there before.
        || rule == "policies-that-come-and-go-leave-nothing-behind"
        // And any three operations.
        || rule.ends_with("-in-a-row-leave-nothing-behind")
}

/// All that the faults show, computed once: it is the time of this file.
#[test]
fn every_fault_is_killed_and_every_rule_bites() {
    let specs = packs();
    let matrix = &*MATRIX;

    // What is told of each fault, with the requests from the first failure to the proof.
    let mut minima = String::new();
    let mut requests = Vec::new();
    for fault in &matrix.faults {
        writeln!(minima, "{fault}").unwrap();
        // Of each rule the first: how many more it has may depend on the order of the requests.
        let mut named = Vec::new();
        for kill in matrix.killers(*fault) {
            let rule = (&kill.pack, &kill.rule);
            if !named.contains(&rule) {
                // Where a rule asks many times, how often depends on chance, or on who else asks.
                let line = match kill.requests > MOST_REQUESTS {
                    true => kill
                        .to_string()
                        .replace(&format!("({} ", kill.requests), "(many "),
                    false => kill.to_string(),
                };
                writeln!(minima, "  {line}\n    {}", kill.case).unwrap();
                named.push(rule);
            }
        }
        requests.extend(matrix.killers(*fault).next().map(|kill| kill.requests));
    }
    // Stale? TESTS=whole SNAPSHOTS=overwrite makes this anew; the pages are made of it, by `pages`.
    let pinned = golden("tests/rules/minima.txt");
    match whole() {
        true => snapbox::assert_data_eq!(minima, pinned),
        false => snapbox::assert_data_eq!(minima, of_faults(&pinned.to_string(), &matrix.faults)),
    }
    requests.sort_unstable();
    let median = requests[requests.len() / 2];
    let once = matrix.kills.iter().filter(|kill| !asks_often(&kill.rule));
    let (proven, most): (Vec<u64>, Vec<u64>) = once
        .map(|kill| (kill.requests_to_proof, kill.requests))
        .unzip();
    let most = most.into_iter().max().unwrap();
    let proven = proven.into_iter().max().unwrap();
    assert!(
        proven <= MOST_TO_PROOF,
        "{proven} requests to a minimum and its proof at the most"
    );
    assert!(median <= 20, "{median} requests to a proof in the median");
    assert!(
        most <= MOST_FROM_A_RANDOM_CASE,
        "{most} requests to a proof at the most"
    );

    assert_eq!(
        matrix.survivors(),
        [],
        "a fault that no rule sees measures nothing"
    );
    let scored = |kill: &Kill| {
        let mut rules = specs.iter().filter(|spec| spec.pack.name == kill.pack);
        let rule = rules.find_map(|spec| spec.rules.iter().find(|rule| rule.id == kill.rule));
        rule.is_some_and(|rule| rule.standing == Standing::Scored)
    };
    let unscored = |fault: &&Fault| !matrix.killers(**fault).any(scored);
    let unscored: Vec<&Fault> = matrix.faults.iter().filter(unscored).collect();
    assert_eq!(
        unscored,
        [&Fault::AcceptsWrongSecret; 0],
        "a fault that only rules see which are not scored passes a run"
    );
    if whole() {
        assert_eq!(
            matrix.toothless(&specs),
            [],
            "a rule that sees no fault has not been seen to fail, and could not be said to hold"
        );
    }

    // The same as JSON and as a table.
    let json = matrix_json(matrix, &specs);
    let killers = json["faults"].as_array().unwrap().iter();
    let killers: usize = killers
        .map(|fault| fault["killers"].as_array().unwrap().len())
        .sum();
    assert_eq!(killers, matrix.kills.len());
    let text = matrix_text(matrix, &specs);
    for spec in &specs {
        let (_, section) = text
            .split_once(&format!("\nrules of {} ", spec.pack.name))
            .unwrap();
        for rule in &spec.rules {
            let victims = matrix.victims(&spec.pack.name, &rule.id);
            let is_row = |line: &&str| {
                line.trim_start().starts_with(&format!("{} ", rule.id))
                    && line.ends_with(['.', '#'])
            };
            let row = section.lines().find(is_row).unwrap();
            assert_eq!(row.matches('#').count(), victims.len(), "{}", rule.id);
        }
    }
}

/// What is pinned for these faults.
fn of_faults(pinned: &str, faults: &[Fault]) -> String {
    let mut kept = String::new();
    let mut is_of_one = false;
    for line in pinned.lines() {
        if !line.starts_with(' ') {
            is_of_one = faults.iter().any(|fault| fault.to_string() == line);
        }
        if is_of_one {
            writeln!(kept, "{line}").unwrap();
        }
    }
    kept
}

/// Every fault shrinks to what is pinned for it, from wherever it was first met: for each of several
/// seeds, from a random case that breaks the rule.
#[test]
fn minima_do_not_depend_on_where_a_fault_is_met() {
    let specs = packs();
    let matrix = &*MATRIX;
    let next = AtomicUsize::new(0);
    let told = Mutex::new(Vec::new());
    threads(|runtime| {
        while let Some(fault) = matrix.faults.get(next.fetch_add(1, Ordering::Relaxed)) {
            // What shows by chance is met in another place each time.
            if matrix
                .killers(*fault)
                .next()
                .is_some_and(|kill| asks_often(&kill.rule))
            {
                continue;
            }
            let line = runtime.block_on(starts(&specs, matrix, *fault));
            told.lock().unwrap().extend(line);
        }
    });
    let told = told.into_inner().unwrap();
    let strays: Vec<&String> = told.iter().flat_map(|one| &one.strays).collect();
    assert!(strays.is_empty(), "not what is pinned: {strays:#?}");
    // Too few random cases that meet a fault would show nothing.
    let met = told.iter().filter(|one| one.starts >= seeds() / 2).count();
    assert!(met * 10 >= told.len() * 9, "{met} of {}", told.len());
    let mut requests: Vec<u64> = told.iter().flat_map(|one| one.requests.clone()).collect();
    requests.sort_unstable();
    let median = requests[requests.len() / 2];
    let most = requests[requests.len() - 1];
    // A random case is larger than the first failure of a run, for which the bound is 20 (above): 41 of
    // these in the median.
    assert!(median <= 50, "{median} requests to a proof in the median");
    assert!(
        most <= MOST_FROM_A_RANDOM_CASE,
        "{most} requests to a proof at the most"
    );
}

/// From how many random cases each fault is shrunk.
fn seeds() -> u64 {
    if whole() { 20 } else { 5 }
}

/// What shrinking a fault from random cases came to.
struct Starts {
    /// Out of how many seeds a case was found that breaks the rule.
    starts: u64,
    requests: Vec<u64>,
    /// Minimal cases that are none of those pinned.
    strays: Vec<String>,
}

async fn starts(specs: &[Spec], matrix: &Matrix, fault: Fault) -> Option<Starts> {
    // A case that also breaks without the fault says nothing of where the fault leads.
    let of_fault = |kill: &&Kill| kill.choice.is_none() && kill.change.is_none();
    let pinned = matrix.killers(fault).find(of_fault)?;
    let alike: Vec<&str> = matrix
        .killers(fault)
        .filter(|kill| (&kill.rule, &kill.kind) == (&pinned.rule, &pinned.kind))
        .map(|kill| kill.case.as_str())
        .collect();
    let spec = specs.iter().find(|spec| spec.pack.name == pinned.pack)?;
    let minimal = read_case(&Source::new("case", pinned.case.as_str()), &spec.domain).unwrap();
    let options = engine::Options {
        rules: vec![pinned.rule.clone()],
        ..engine::Options::default()
    };
    let mut reference = ReferenceImplementation::with_faults(&[fault]);
    let mut faultless = ReferenceImplementation::with_faults(&[]);
    let mut told = Starts {
        starts: 0,
        requests: Vec::new(),
        strays: Vec::new(),
    };
    for seed in 0..seeds() {
        let mut sampler = Sampler::new(&spec.domain, seed);
        for _ in 0..TRIES {
            let (Some(case), Some(toss)) = (sampler.case(), sampler.case()) else {
                break;
            };
            let case = grown(&minimal, &case, &toss);
            if !spec.allows(&case) {
                continue;
            }
            let report = judge_one(spec, &case, &mut reference, &options, &mut |_| {}).await;
            let found = report.findings.iter().filter(|found| found.flaky.is_none());
            let mut found = found.filter(|found| found.discrepancy.kind == pinned.kind);
            if let Some(found) = found.next() {
                told.starts += 1;
                told.requests.push(found.requests);
                if !alike.contains(&found.brief.as_str()) {
                    // Shrinking may lead away from the fault, to what breaks the rule by itself.
                    let case = &found.case;
                    let own = judge_one(spec, case, &mut faultless, &options, &mut |_| {}).await;
                    if !own.findings.iter().any(|own| own.brief == found.brief) {
                        let stray = format!("{fault} {}: {}", found.rule, found.brief);
                        told.strays.push(stray);
                    }
                }
                break;
            }
        }
    }
    reference.stop().await;
    faultless.stop().await;
    Some(told)
}

/// How many random cases are tried for one that breaks the rule.
const TRIES: usize = 60;

/// A random case that has much of a minimal one: each of its fields where the toss says so, and the
/// items of its lists among others.
fn grown(minimal: &Case, random: &Case, toss: &Case) -> Case {
    let mut grown = random.clone();
    for part in Part::ALL {
        let value = mixed(minimal.part(part), random.part(part), toss.part(part));
        grown = grown.with(part, value);
    }
    grown
}

fn mixed(minimal: &Value, random: &Value, toss: &Value) -> Value {
    match (minimal, random, toss) {
        (Value::Record(these), Value::Record(those), Value::Record(tosses)) => {
            let fields = these.iter().zip(those).zip(tosses);
            let mix = fields.map(|(((name, this), (_, that)), (_, toss))| {
                (name.clone(), mixed(this, that, toss))
            });
            Value::Record(mix.collect())
        }
        (Value::List(these), Value::List(those), Value::List(tosses)) => {
            let (before, behind) = those.split_at(those.len() / 2);
            match tosses.len() % 3 {
                0 => random.clone(),
                1 => Value::List([before, these.as_slice()].concat()),
                _ => Value::List([before, these.as_slice(), behind].concat()),
            }
        }
        // Where the toss agrees with the random case by chance: one time in two or less.
        _ if random == toss => random.clone(),
        _ => minimal.clone(),
    }
}

/// Without a fault nothing breaks but what is documented: the platform's default shuts clients out,
/// and either remedy cures that.
#[test]
fn the_reference_without_a_fault_breaks_nothing() {
    let mut jobs: Vec<(Spec, u64)> = Vec::new();
    let (starts, enough) = if whole() {
        (11, 1_000_000)
    } else {
        (2, 190_000)
    };
    // Reachability is cured by one remedy with even seeds, and by the other with odd ones.
    for seed in 0..starts {
        for spec in packs() {
            let mut narrowing = Narrowing::default();
            if spec.pack.name == "reachability" {
                match seed % 2 {
                    0 => narrowing.fix("policy.advertise_all", Value::Bool(true)),
                    _ => narrowing.fix("instance.first_scheme_only", Value::Bool(false)),
                }
            }
            jobs.push((spec.narrow(&narrowing, false).unwrap(), seed));
        }
    }
    // Spaces that are smaller are judged whole, which is why this is more than a third of what a start is to judge.
    let cases = 42_000;
    let (next, judged) = (AtomicUsize::new(0), AtomicU64::new(0));
    threads(|runtime| {
        while let Some((spec, seed)) = jobs.get(next.fetch_add(1, Ordering::Relaxed)) {
            let options = engine::Options {
                cases,
                seed: *seed,
                ..engine::Options::default()
            };
            let mut reference = ReferenceImplementation::new();
            let report = runtime.block_on(quietly(spec, &mut reference, &options));
            let told = headlines(&report.findings);
            assert!(told.is_empty(), "{} seed {seed}: {told:?}", spec.pack.name);
            assert!(
                report.is_complete(countersign::spec::Level::Advice),
                "{:?}",
                report.anomalies
            );
            judged.fetch_add(report.judged, Ordering::Relaxed);
        }
    });
    let judged = judged.into_inner();
    assert!(judged >= enough, "{judged}");
}

/// Does work on every core, each thread with a runtime of its own.
fn threads(work: impl Fn(&Runtime) + Sync) {
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                let runtime = tokio::runtime::Builder::new_current_thread()
                    .enable_all()
                    .build();
                work(&runtime.unwrap());
            });
        }
    });
}

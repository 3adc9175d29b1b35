//! Measuring: all runs, on as many threads as there are cores.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::thread;

use crate::engine;
use crate::reference::Fault;
use crate::results::Matrix;
use crate::spec::Spec;

use super::choice_set::ChoiceSet;
use super::job::{Done, MatrixJob};
use super::witness::Witness;

/// How many cases each run judges for the pages of `docs/rules/`, and in the tests that hold the whole
/// matrix: enough to kill nearly every fault, and a twentieth of an ordinary run, which is what the few
/// are looked for with that only some policies show.
pub const PAGE_CASES: u64 = 5_000;

/// What to measure, and what it may cost.
#[derive(Clone, Debug)]
pub struct MatrixOptions {
    /// What each run may spend.
    pub run: engine::Options,
    /// The faults to seed, one after the other.
    pub faults: Vec<Fault>,
    /// How many threads share the runs; at least 1. Each has a runtime, a reference implementation and
    /// an engine of its own.
    pub threads: usize,
}

impl Default for MatrixOptions {
    /// Every fault, with the budget of an ordinary run, on every core.
    fn default() -> Self {
        Self {
            run: engine::Options::default(),
            faults: Fault::ALL.to_vec(),
            threads: thread::available_parallelism().map_or(1, usize::from),
        }
    }
}

/// How far it has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MatrixProgress {
    /// So many runs are done.
    pub done: usize,
    /// Out of so many.
    pub of: usize,
}

/// Runs packs against the reference implementation, without a fault and with each of the faults in
/// turn, under every choice between alternatives that a rule speaks of. It blocks until all is done. A fault that the
/// run of a pack without any never looked for cannot show in it, and is not run with that pack, unless it was seeded for it.
///
/// # Errors
///
/// In words, where a run ended early; the others are given up.
pub fn measure(
    specs: &[Spec],
    options: &MatrixOptions,
    progress: &mut dyn FnMut(MatrixProgress),
) -> Result<Matrix, String> {
    let choice_sets: Vec<(&Spec, Vec<ChoiceSet>)> = specs
        .iter()
        .map(|spec| (spec, ChoiceSet::all(spec)))
        .collect();
    let pairs = choice_sets
        .iter()
        .flat_map(|(spec, sets)| sets.iter().map(move |choice_set| (*spec, choice_set)));
    let jobs = |fault| {
        pairs.clone().map(move |(spec, choice_set)| MatrixJob {
            spec,
            choice_set,
            fault,
        })
    };
    let without: Vec<MatrixJob<'_>> = jobs(None).collect();
    let of = without.len() * (1 + options.faults.len());
    let mut done = 0;
    let mut one_more = |runs| {
        done += runs;
        progress(MatrixProgress { done, of });
    };
    let mut results = all(&without, options, &mut || one_more(1))?;
    // A run does not change by a fault that is never looked for in it.
    let with: Vec<MatrixJob<'_>> = { options.faults.iter() }
        .flat_map(|fault| jobs(Some(*fault)).zip(&results))
        .filter(|(job, without)| {
            let looked_for = without.looked_for.as_ref();
            looked_for.is_none_or(|looked_for| job.may_show(looked_for))
        })
        .map(|(job, _)| job)
        .collect();
    one_more(of - without.len() - with.len());
    results.extend(all(&with, options, &mut || one_more(1))?);
    let mut matrix = Matrix {
        faults: options.faults.clone(),
        cases: options.run.cases,
        seed: options.run.seed,
        ..Matrix::default()
    };
    for done in results {
        matrix.kills.extend(done.kills);
        matrix.without_fault.extend(done.without_fault);
        matrix.tried.runs += done.tried.runs;
        matrix.tried.judged += done.tried.judged;
        matrix.tried.requests += done.tried.requests;
    }
    Ok(matrix)
}

/// The results of jobs, in their order, shared by as many threads as there are to be.
fn all(
    jobs: &[MatrixJob<'_>],
    options: &MatrixOptions,
    one_more: &mut dyn FnMut(),
) -> Result<Vec<Done>, String> {
    let mut results: Vec<Done> = Vec::new();
    results.resize_with(jobs.len(), Done::default);
    let next = AtomicUsize::new(0);
    let (sender, receiver) = channel();
    let mut failed = None;
    thread::scope(|scope| {
        for _ in 0..options.threads.clamp(1, jobs.len().max(1)) {
            let (sender, next) = (sender.clone(), &next);
            scope.spawn(move || work(jobs, next, &options.run, &sender));
        }
        drop(sender);
        for (index, result) in receiver {
            match result {
                Ok(result) => {
                    if let Some(place) = results.get_mut(index) {
                        *place = result;
                    }
                    one_more();
                }
                Err(why) => {
                    // Whoever takes a job next finds none.
                    next.store(jobs.len(), Ordering::Relaxed);
                    failed.get_or_insert(why);
                }
            }
        }
    });
    failed.map_or(Ok(results), Err)
}

/// Takes jobs until none is left.
fn work(
    jobs: &[MatrixJob<'_>],
    next: &AtomicUsize,
    options: &engine::Options,
    results: &Sender<(usize, Result<Done, String>)>,
) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => {
            let _ = results.send((0, Err(format!("could not start a runtime: {error}"))));
            return;
        }
    };
    runtime.block_on(async {
        let mut witness = Witness::default();
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(job) = jobs.get(index) else { break };
            let result = job.run(options, &mut witness).await;
            // Nobody listens any more only where the measuring was given up.
            if results.send((index, result)).is_err() {
                break;
            }
        }
        witness.stop().await;
    });
}

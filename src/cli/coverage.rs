//! `countersign coverage`: how often each rule is met, and what is never tried.

use std::fmt::Write as _;
use std::io::Write as _;
use std::process::ExitCode;

use countersign::domain::{counted, grouped};
use countersign::engine::{Foreseen, foresee};
use countersign::report::visible;
use countersign::results::{PackReport, RuleReport, RuleState};
use countersign::spec::{Level, OFTEN_ENOUGH, Spec};

use super::arguments::CoverageOptions;
use super::failure::{CommandFailure, written};
use super::saved;
use super::specs::{narrowed, read_specs};

/// The most pairs of fields that are listed.
const MOST_FIELDS: usize = 40;

/// Prints how often rules are met in a plan, or were in a run that is saved.
pub(super) fn coverage(options: &CoverageOptions) -> Result<ExitCode, CommandFailure> {
    let told = match &options.run {
        Some(file) => of_run(&saved::read(file)?.packs, options.verbose),
        None => {
            let specs = narrowed(&read_specs(&options.specs)?, &options.plan.set)?;
            let planned = |spec: &Spec| {
                let foreseen = foresee(spec, options.plan.cases, options.plan.seed);
                of_plan(spec, &foreseen, options.verbose)
            };
            specs.iter().map(planned).collect()
        }
    };
    written(anstream::stdout().write_all(visible(&told).as_bytes()))?;
    Ok(ExitCode::SUCCESS)
}

/// A rule, and in how many cases it is met.
struct RuleCount<'a>(u64, Level, &'a str);

/// Rules by how often they are met: a line of numbers, and those that are met seldom, or all of them.
fn rules(mut met: Vec<RuleCount<'_>>, may: &str, verbose: bool) -> String {
    let (enough, seldom, never) =
        met.iter()
            .fold((0, 0, 0), |(enough, seldom, never), one| match one.0 {
                0 => (enough, seldom, never + 1),
                count if count < OFTEN_ENOUGH => (enough, seldom + 1, never),
                _ => (enough + 1, seldom, never),
            });
    let mut out = format!(
        "  {}: {enough} {may} in {OFTEN_ENOUGH} cases or more, {seldom} in fewer, {never} in none\n",
        counted(met.len() as u64, "scored rule", "scored rules"),
    );
    met.sort_by_key(|RuleCount(count, ..)| *count);
    for RuleCount(count, level, rule) in met {
        if verbose || count < OFTEN_ENOUGH {
            let _ = writeln!(out, "  {:>9}  {level:6}  {rule}", grouped(count));
        }
    }
    out
}

fn of_plan(spec: &Spec, foreseen: &Foreseen<'_>, verbose: bool) -> String {
    let mut out = format!(
        "{} {}: {}\n",
        spec.pack.name, spec.pack.version, foreseen.coverage
    );
    let met = foreseen.rules.iter();
    let met = met.map(|one| RuleCount(one.cases, one.rule.level, &one.rule.id));
    out.push_str(&rules(met.collect(), "may apply", verbose));
    let without: u64 = foreseen.not_met.iter().map(|one| one.pairs).sum();
    let _ = writeln!(
        out,
        "  {} of two fields: {} have a case, {} never meet",
        counted(
            foreseen.pairs + without,
            "pair of values",
            "pairs of values"
        ),
        grouped(foreseen.pairs),
        grouped(without),
    );
    for feature in &foreseen.values {
        let _ = writeln!(out, "  never tried: {} {}", feature.path, feature.value);
    }
    if verbose {
        for one in foreseen.not_met.iter().take(MOST_FIELDS) {
            let (first, second) = &one.fields;
            let (pairs, of) = (grouped(one.pairs), grouped(one.of));
            let _ = writeln!(out, "  never meet: {pairs} of {of} of {first} and {second}");
        }
        let more = foreseen.not_met.len().saturating_sub(MOST_FIELDS);
        if more > 0 {
            let _ = writeln!(
                out,
                "  and some of {}",
                counted(more as u64, "other pair of fields", "other pairs of fields")
            );
        }
    }
    out
}

fn of_run(packs: &[PackReport], verbose: bool) -> String {
    let mut out = String::new();
    for report in packs {
        let (pack, version, _) = &report.pack;
        let _ = writeln!(
            out,
            "{pack} {version} of {}: {}",
            report.implementation.0,
            report.covered()
        );
        let applies =
            |rule: &&RuleReport| rule.scored && !matches!(rule.state, RuleState::NotApplicable(_));
        let met = report.rules.iter().filter(applies);
        let met = met.map(|rule| RuleCount(rule.met(), rule.level, &rule.id));
        out.push_str(&rules(met.collect(), "were met", verbose));
    }
    out
}

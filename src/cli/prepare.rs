//! What a run needs before it sends anything: specs, the baseline, and places to write to.

use countersign::adapter::AdapterKind;
use countersign::baseline::Baseline;
use countersign::domain::Case;
use countersign::engine::vocabulary;
use countersign::report::Progress;
use countersign::results::Run;
use countersign::spec::{Rule, SHIPPED, Spec, read_case, shipped};
use countersign::yaml::Source;

use super::arguments::RunOptions;
use super::failure::CommandFailure;
use super::{baseline, cast, input, open, place, reports, saved, specs};

/// What a run needs.
#[derive(Debug)]
pub(super) struct Prepared {
    /// Every spec that was named.
    pub(super) specs: Vec<Spec>,
    /// Those that have a rule to judge, narrowed, each with the case if one is given.
    pub(super) chosen: Vec<(Spec, Option<Case>)>,
    /// Known departures.
    pub(super) known: Option<Baseline>,
    /// The run whose findings do not count, with its file.
    pub(super) before: Option<Run>,
    /// What deserves a look in the specs.
    pub(super) warnings: String,
}

/// Reads and looks over whatever a run needs. This takes seconds for large specs.
pub(super) fn prepare(
    options: &RunOptions,
    progress: &Progress,
) -> Result<Prepared, CommandFailure> {
    let adapter = open::find(&options.against, &options.faults)?;
    only_whole_baselines(options)?;
    reports::check(&options.reports, options.format.word())?;
    if let Some(folder) = &options.save {
        place::folder(folder, "findings")?;
    }
    if let Some(file) = &baseline::written(options)? {
        place::file(file, "a baseline")?;
    }
    let specs = specs::read_specs(&options.specs)?;
    check_claims(&specs, &options.claims)?;
    check_rules(&specs, &options.rules)?;
    check_rules(&specs, &options.excluded)?;
    let before = options
        .changed_since
        .as_deref()
        .map(saved::read)
        .transpose()?;
    let chosen = chosen(&specs, options)?;
    let known = baseline::find(options, &specs)?;
    if let Some(adapter) = &adapter {
        adapter
            .check(&vocabulary(&specs))
            .map_err(CommandFailure::input)?;
        // A program that speaks the control protocol says its name itself.
        if matches!(adapter.kind, AdapterKind::Process(_)) {
            baseline::check(known.as_ref(), &adapter.name)?;
        }
    }
    // What takes seconds comes last: before it, all that somebody can have mistyped.
    let warnings = specs::each(&specs, |spec| {
        progress.waits(&format!("looking over {}", spec.pack.name));
        specs::before_playing(spec)
    })?;
    Ok(Prepared {
        specs,
        chosen,
        known,
        before,
        warnings: warnings.concat(),
    })
}

/// A baseline of a part of a run would say of the rest that nothing is known there.
fn only_whole_baselines(options: &RunOptions) -> Result<(), CommandFailure> {
    if options.write_baseline.is_none() && !options.accept {
        return Ok(());
    }
    let asked = match options.accept {
        true => "--accept",
        false => "--write-baseline",
    };
    let parts = [
        ("--rule", !options.rules.is_empty()),
        ("--set", !options.plan.set.is_empty()),
        ("--clients", !options.clients.is_empty()),
        ("--case", options.case.is_some()),
        ("--shard", options.shard.is_some()),
        ("--exclude-rule", !options.excluded.is_empty()),
        ("--max-time", options.max_time.is_some()),
        ("--max-findings", options.max_findings.is_some()),
    ];
    match parts.into_iter().find(|(_, given)| *given) {
        None => Ok(()),
        Some((option, _)) => Err(CommandFailure::input(format!(
            "`{asked}` goes with no `{option}`: a baseline lists every departure with its smallest \
             case, and a part of the cases or rules shows only some, or in other cases\n  help: leave out \
             `{option}`, or `{asked}`"
        ))),
    }
}

/// The specs that have a rule to judge, narrowed, each with the case if one is given.
fn chosen(all: &[Spec], options: &RunOptions) -> Result<Vec<(Spec, Option<Case>)>, CommandFailure> {
    let specs = specs::narrowed(all, &cast::set(options, all))?;
    let has_rule = |spec: &Spec| {
        let is_named = |rule: &Rule| options.rules.contains(&rule.id);
        let is_left = |rule: &Rule| {
            (options.rules.is_empty() || is_named(rule)) && !options.excluded.contains(&rule.id)
        };
        spec.rules.iter().any(is_left)
    };
    let text = options
        .case
        .as_deref()
        .map(|text| input::yaml("--case", text));
    let text = text.transpose()?;
    let both = specs
        .into_iter()
        .zip(all)
        .filter(|(_, spec)| has_rule(spec));
    let read = both.map(|(spec, whole)| {
        let read = |source| {
            read_case(source, &spec.domain).map_err(|wrong| match left_out(source, whole, options) {
                Some(given) => CommandFailure::input(format!(
                    "`--case` names a value that `--set {given}` leaves out\n  help: leave out `--set {given}`: \
                     a single case needs none"
                )),
                None => CommandFailure::input(wrong),
            })
        };
        let case = text.as_ref().map(read).transpose()?;
        Ok((spec, case))
    });
    let (chosen, others): (Vec<_>, Vec<_>) = read.partition(Result::is_ok);
    match others.into_iter().find_map(Result::err) {
        // Where nobody said which packs, those are meant that know such a case.
        Some(wrong) if !options.specs.is_empty() || chosen.is_empty() => Err(wrong),
        _ => chosen.into_iter().collect(),
    }
}

/// The `--set` that makes a case impossible which the whole spec has.
fn left_out<'o>(source: &Source, whole: &Spec, options: &'o RunOptions) -> Option<&'o str> {
    read_case(source, &whole.domain).ok()?;
    let is_why = |given: &&String| {
        let set = std::slice::from_ref(*given);
        let narrowed = specs::narrowed(std::slice::from_ref(whole), set);
        let narrowed = narrowed.ok().and_then(|mut specs| specs.pop());
        narrowed.is_some_and(|spec| read_case(source, &spec.domain).is_err())
    };
    options.plan.set.iter().find(is_why).map(String::as_str)
}

/// A claim of a pack that is not played would be passed over.
pub(super) fn check_claims(specs: &[Spec], claims: &[String]) -> Result<(), CommandFailure> {
    let known = || specs.iter().map(|spec| spec.pack.name.as_str());
    match { claims.iter() }.find(|claim| known().all(|name| name != *claim)) {
        None => Ok(()),
        Some(claim) => {
            let help = match open::alike(claim, known()) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => format!("the packs are {}", known().collect::<Vec<_>>().join(", ")),
            };
            Err(CommandFailure::input(format!(
                "none of the specs is the pack `{claim}`\n  help: {help}"
            )))
        }
    }
}

/// A rule that no spec has would select nothing, and a run of nothing finds nothing.
fn check_rules(specs: &[Spec], rules: &[String]) -> Result<(), CommandFailure> {
    let known: Vec<&str> = specs
        .iter()
        .flat_map(|spec| spec.rules.iter().map(|rule| rule.id.as_str()))
        .collect();
    for rule in rules {
        if !known.contains(&rule.as_str()) {
            let elsewhere = SHIPPED.iter().find_map(|(name, _)| {
                let spec = Spec::read(&shipped(name)?).ok()?;
                spec.rules
                    .iter()
                    .any(|one| one.id == *rule)
                    .then_some(*name)
            });
            let help = match (elsewhere, open::alike(rule, known.iter().copied())) {
                (Some(pack), _) => format!("add `--spec {pack}`, which has it"),
                (None, Some(meant)) => format!("did you mean `{meant}`?"),
                (None, None) => "`countersign rules` lists the rules".to_owned(),
            };
            return Err(CommandFailure::input(format!(
                "none of the specs has a rule `{rule}`\n  help: {help}"
            )));
        }
    }
    Ok(())
}

//! What a run needs before it sends anything: specs, the baseline, and places to write to.

use countersign::baseline::Baseline;
use countersign::domain::Case;
use countersign::report::Progress;
use countersign::spec::{Rule, SHIPPED, Spec, read_case, shipped};
use countersign::yaml::nearest;

use super::arguments::RunOptions;
use super::failure::Failure;
use super::{baseline, input, place, specs};

/// What a run needs.
#[derive(Debug)]
pub(super) struct Prepared {
    /// Every spec that was named.
    pub(super) specs: Vec<Spec>,
    /// Those that have a rule to judge, narrowed, each with the case if one is given.
    pub(super) chosen: Vec<(Spec, Option<Case>)>,
    /// Known departures.
    pub(super) known: Option<Baseline>,
    /// What deserves a look in the specs.
    pub(super) warnings: String,
}

/// Reads and looks over whatever a run needs. This takes seconds for large specs.
pub(super) fn prepare(options: &RunOptions, progress: &Progress) -> Result<Prepared, Failure> {
    if let Some(folder) = &options.save {
        place::folder(folder, "findings")?;
    }
    if let Some(file) = &options.write_baseline {
        place::file(file, "a baseline")?;
    }
    let specs = specs::read_specs(&options.specs)?;
    check_rules(&specs, &options.rules)?;
    let chosen = chosen(specs::narrowed(&specs, &options.set)?, options)?;
    let mut warnings = String::new();
    for spec in &specs {
        progress.waits(&format!("looking over {}", spec.pack.name));
        let (_, problems) = specs::problems(spec)?;
        warnings.push_str(&problems);
    }
    let known = baseline::find(options, &specs)?;
    Ok(Prepared {
        specs,
        chosen,
        known,
        warnings,
    })
}

/// The specs that have a rule to judge, each with the case if one is given.
fn chosen(specs: Vec<Spec>, options: &RunOptions) -> Result<Vec<(Spec, Option<Case>)>, Failure> {
    let has_rule = |spec: &Spec| {
        let is_named = |rule: &Rule| options.rules.contains(&rule.id);
        options.rules.is_empty() || spec.rules.iter().any(is_named)
    };
    let text = options
        .case
        .as_deref()
        .map(|text| input::yaml("--case", text));
    let text = text.transpose()?;
    specs
        .into_iter()
        .filter(has_rule)
        .map(|spec| {
            let read = |source| read_case(source, &spec.domain).map_err(Failure::input);
            let case = text.as_ref().map(read).transpose()?;
            Ok((spec, case))
        })
        .collect()
}

/// A rule that no spec has would select nothing, and a run of nothing finds nothing.
fn check_rules(specs: &[Spec], rules: &[String]) -> Result<(), Failure> {
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
            let help = match (elsewhere, nearest(rule, known.iter().copied())) {
                (Some(pack), _) => format!("add `--spec {pack}`, which has it"),
                (None, Some(meant)) => format!("did you mean `{meant}`?"),
                (None, None) => format!("the rules are {}", known.join(", ")),
            };
            return Err(Failure::input(format!(
                "none of the specs has a rule `{rule}`\n  help: {help}"
            )));
        }
    }
    Ok(())
}

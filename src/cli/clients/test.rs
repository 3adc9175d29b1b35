//! `countersign clients test`.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use countersign::programs::{DriveLimits, Driven, Driver, ProgramCommand, play_all};
use countersign::user_agents::catalogue::{Catalogue, Measurement};
use countersign::user_agents::conformance::{
    Abilities, ClientRule, ConformanceCase, abilities_scripts, cases, client_rules, departs,
};
use countersign::user_agents::model::{MOST_KEPT, Script};

use super::commands;
use crate::cli::clients_options::TestOptions;
use crate::cli::failure::{CommandFailure, incomplete, say};
use crate::cli::interrupt::{self, Interruptions};

/// What one program came to.
enum TestedClient {
    Broken,
    Kept,
    /// It got in nowhere, or could not be run.
    Unknown,
}

/// Holds programs against the rules for clients.
pub(super) async fn test(
    catalogue: &Catalogue,
    options: &TestOptions,
) -> Result<ExitCode, CommandFailure> {
    let commands = commands(catalogue, &options.names, &options.command)?;
    let mut interruptions = Interruptions::watch();
    let (mut broken, mut unknown) = (false, false);
    for command in commands {
        let Some(came) = interruptions.before(one(command, options)).await else {
            return Ok(interrupt::code());
        };
        match came? {
            TestedClient::Broken => broken = true,
            TestedClient::Unknown => unknown = true,
            TestedClient::Kept => {}
        }
    }
    Ok(match (broken, unknown) {
        (true, _) => ExitCode::FAILURE,
        (false, true) => incomplete(),
        (false, false) => ExitCode::SUCCESS,
    })
}

async fn one(
    command: ProgramCommand,
    options: &TestOptions,
) -> Result<TestedClient, CommandFailure> {
    let name = command.name.clone();
    let limits = DriveLimits {
        deadline: Duration::from_secs(options.deadline),
        passed: options.pass.clone(),
    };
    let driver = match Driver::new(command, limits) {
        Ok(driver) => Arc::new(driver),
        Err(fault) => {
            say(&fault.to_string());
            return Ok(TestedClient::Unknown);
        }
    };
    let played = async |scripts: Vec<Script>| {
        let driven = play_all(&driver, scripts, usize::from(options.jobs)).await?;
        Ok::<Vec<Measurement>, CommandFailure>(driven.iter().map(row).collect())
    };
    let alone = abilities_scripts();
    let seen = played(alone.iter().map(|(_, script)| script.clone()).collect()).await?;
    let schemes = alone.iter().map(|(scheme, _)| *scheme);
    let abilities = Abilities::of(schemes.zip(&seen));
    if abilities.answers.is_empty() {
        tell!("{name}: it gets in by none of Basic, Digest and Bearer, so nothing is asked of it");
        return Ok(TestedClient::Unknown);
    }
    let mut concerned = cases();
    concerned.retain(|case| abilities.concern(case));
    let scripts = concerned.iter().map(|case| case.script.clone()).collect();
    let seen = played(scripts).await?;
    let answers: Vec<&str> = abilities
        .answers
        .iter()
        .map(|scheme| scheme.name())
        .collect();
    tell!(
        "{name}: answers {}, {}; {} layouts",
        answers.join(", "),
        match abilities.volunteers {
            true => "and sends credentials unasked",
            false => "and waits to be asked",
        },
        concerned.len()
    );
    let rules = client_rules().map_err(CommandFailure::input)?;
    let mut counts = false;
    for rule in rules {
        let of_it: Vec<(&ConformanceCase, &Measurement)> = concerned
            .iter()
            .zip(&seen)
            .filter(|(case, _)| case.rule == rule.id)
            .collect();
        counts |= tell_rule(rule, &of_it, options.verbose) && rule.level != "advice";
    }
    Ok(match counts {
        true => TestedClient::Broken,
        false => TestedClient::Kept,
    })
}

/// Tells of one rule; says whether it is broken.
fn tell_rule(rule: &ClientRule, cases: &[(&ConformanceCase, &Measurement)], verbose: bool) -> bool {
    let failed: Vec<(&ConformanceCase, String)> = cases
        .iter()
        .filter_map(|(case, seen)| Some((*case, departs(case, seen)?)))
        .collect();
    let Some((first, _)) = failed.first() else {
        return false;
    };
    tell!(
        "  {} ({}): {}, {} of {} layouts",
        rule.id,
        rule.level,
        first.says,
        failed.len(),
        cases.len()
    );
    tell!("      {}", rule.says);
    tell!("      {}", rule.source);
    let most = if verbose { failed.len() } else { 1 };
    for (case, did) in failed.iter().take(most) {
        if verbose {
            tell!("      {}", case.says);
        }
        for line in case.script.layout.lines() {
            tell!("        WWW-Authenticate: {line}");
        }
        if case.script.layout.lines().is_empty() {
            tell!("        no WWW-Authenticate");
        }
        tell!("        {did}");
    }
    true
}

fn row(driven: &Driven) -> Measurement {
    Measurement {
        mode: String::new(),
        case: String::new(),
        schemes_sent: driven.schemes_sent(MOST_KEPT),
        requests: driven.requests.len(),
        final_status: driven.status(),
    }
}

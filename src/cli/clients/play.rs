//! `countersign clients play`: programs against an implementation under a policy.

use std::process::ExitCode;
use std::time::Duration;

use countersign::credentials::{CredentialState, Identity, Scheme};
use countersign::domain::{Case, Setting};
use countersign::implementation::{Implementation, Installation, Placement};
use countersign::programs::{ClientSecrets, DriveLimits, Driven, Driver};
use countersign::spec::{Spec, read_case};
use countersign::user_agents::catalogue::Catalogue;
use countersign::yaml::Source;

use super::commands;
use super::play_told::{self, PlayedAt};
use crate::cli::clients_options::{PlayFormat, PlayOptions};
use crate::cli::failure::{CommandFailure, incomplete, say};
use crate::cli::interrupt::{self, Interruptions};
use crate::cli::reach::possible;
use crate::cli::{input, open, specs};

/// What whoever must be told a realm is told.
const REALM: &str = "api";

/// Plays programs against implementations, under one policy after another.
pub(super) async fn play(
    catalogue: &Catalogue,
    options: &PlayOptions,
) -> Result<ExitCode, CommandFailure> {
    let (drivers, missing) = drivers(catalogue, options)?;
    let spec = specs::read_spec(&options.spec)?;
    let mut cases = Vec::new();
    for case in &options.cases {
        let source = input::yaml("--case", case)?;
        let case = read_case(&source, &spec.domain).map_err(CommandFailure::input)?;
        cases.push((source, case));
    }
    let mut interruptions = Interruptions::watch();
    let mut places = Vec::new();
    for target in &options.against {
        let mut implementation = open::open(target, &options.faults, 0).await?;
        let work = under_all(implementation.as_mut(), &spec, &cases, &drivers, options);
        let result = interruptions.before(work).await;
        interrupt::end(implementation).await;
        match result {
            Some(result) => places.extend(result?),
            None => return Ok(interrupt::code()),
        }
    }
    let names: Vec<&str> = { drivers.iter() }
        .map(|driver| driver.command().name.as_str())
        .collect();
    match options.format {
        PlayFormat::Text => {}
        PlayFormat::Markdown => play_told::markdown(&names, &places),
        PlayFormat::Json => play_told::json(&names, &places),
        PlayFormat::Html => play_told::html(&names, &places)?,
    }
    let played = || places.iter().filter_map(|place| place.all.as_ref().ok());
    let all_in = played().flatten().all(Driven::is_in);
    Ok(match (all_in, missing || played().next().is_none()) {
        (false, _) => ExitCode::FAILURE,
        (true, true) => incomplete(),
        (true, false) => ExitCode::SUCCESS,
    })
}

/// A driver of each program that is named, and whether one of them is missing here.
fn drivers(
    catalogue: &Catalogue,
    options: &PlayOptions,
) -> Result<(Vec<Driver>, bool), CommandFailure> {
    let commands = commands(catalogue, &options.names, &options.command)?;
    let mut missing = false;
    let mut drivers = Vec::new();
    for command in commands {
        let limits = DriveLimits {
            deadline: Duration::from_secs(options.deadline),
            passed: options.pass.clone(),
        };
        match Driver::new(command, limits) {
            Ok(driver) => drivers.push(driver),
            Err(fault) => {
                say(&fault.to_string());
                missing = true;
            }
        }
    }
    match drivers.is_empty() {
        true => Err(CommandFailure::environment("none of the programs is here")),
        false => Ok((drivers, missing)),
    }
}

/// Plays every program under each of these policies.
async fn under_all(
    implementation: &mut dyn Implementation,
    spec: &Spec,
    cases: &[(Source, Case)],
    drivers: &[Driver],
    options: &PlayOptions,
) -> Result<Vec<PlayedAt>, CommandFailure> {
    let mut places = Vec::new();
    for (generation, (source, case)) in (1_u64..).zip(cases) {
        let description = implementation.description();
        let name = format!("{} {}", description.name, description.version);
        let loud = options.format == PlayFormat::Text;
        let (policy, all) = match possible(spec, description, source, case.clone()) {
            Err(why) => (format!("policy {}", case.policy), Err(why)),
            Ok(case) => {
                let policy = format!("policy {}, instance {}", case.policy, case.instance);
                if loud {
                    tell!("{name}, {policy}");
                }
                let all = under(implementation, case, generation, drivers, options).await?;
                (policy, all)
            }
        };
        if let (true, Err(why)) = (loud, &all) {
            tell!("{name}, {policy}\n  nobody is played: {why}");
        }
        places.push(PlayedAt {
            implementation: name,
            policy,
            all,
        });
    }
    Ok(places)
}

/// Plays every program under one policy; says why not, where the implementation has no place for it.
async fn under(
    implementation: &mut dyn Implementation,
    case: Case,
    generation: u64,
    drivers: &[Driver],
    options: &PlayOptions,
) -> Result<Result<Vec<Driven>, String>, CommandFailure> {
    let tokens = implementation.description().tokens;
    let identities = Identity::needed_for(Scheme::ALL, &[CredentialState::Valid], tokens);
    let secrets = identities
        .first()
        .map_or_else(ClientSecrets::usual, ClientSecrets::of);
    let installation = Installation {
        upstreams: Vec::new(),
        edit_of: None,
        generation,
        identities,
        policies: vec![Setting {
            policy: case.policy,
            instance: case.instance,
        }],
    };
    let placements = implementation.install(&installation).await?;
    let endpoint = match placements.into_iter().next() {
        Some(Placement::Endpoint(endpoint)) => endpoint,
        Some(Placement::Unsupported(reason)) => return Ok(Err(reason)),
        None => return Ok(Err("the implementation gave the policy no place".to_owned())),
    };
    let names = drivers.iter().map(|driver| driver.command().name.len());
    let width = names.max().unwrap_or(0);
    let mut all = Vec::new();
    for driver in drivers {
        let driven = driver.ask(&endpoint, &secrets, REALM).await?;
        if options.format == PlayFormat::Text {
            play_told::one(&driver.command().name, width, &driven, options.verbose);
        }
        all.push(driven);
    }
    Ok(Ok(all))
}

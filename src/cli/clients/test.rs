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

use serde_json::{Value, json};

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
        Ok::<Vec<Driven>, CommandFailure>(driven)
    };
    let alone = abilities_scripts();
    let seen = played(alone.iter().map(|(_, script)| script.clone()).collect()).await?;
    let rows: Vec<Measurement> = seen.iter().map(row).collect();
    let schemes = alone.iter().map(|(scheme, _)| *scheme);
    let abilities = Abilities::of(schemes.zip(&rows));
    if let Some(silent) = seen
        .first()
        .filter(|_| rows.iter().all(|row| row.requests == 0))
    {
        say(&format!(
            "{name}: it sent no request: it {}, and its last words were\n{}",
            silent.ending, silent.said
        ));
        return Ok(TestedClient::Unknown);
    }
    if abilities.answers.is_empty() {
        say(&format!(
            "{name}: it gets in by none of Basic, Digest and Bearer, so nothing is asked of it"
        ));
        return Ok(TestedClient::Unknown);
    }
    let mut concerned = cases();
    concerned.retain(|case| abilities.concern(case));
    let scripts = concerned.iter().map(|case| case.script.clone()).collect();
    let seen: Vec<Measurement> = played(scripts).await?.iter().map(row).collect();
    let answers: Vec<&str> = abilities
        .answers
        .iter()
        .map(|scheme| scheme.name())
        .collect();
    let rules = client_rules().map_err(CommandFailure::input)?;
    let broken: Vec<BrokenRule<'_>> = rules
        .iter()
        .filter_map(|rule| BrokenRule::of(rule, concerned.iter().zip(&seen)))
        .collect();
    if options.json {
        let version = driver.version().await;
        let broken: Vec<Value> = broken.iter().map(BrokenRule::json).collect();
        tell!(
            "{}",
            json!({
                "client": name, "version": version, "answers": answers, "unasked": abilities.volunteers,
                "layouts": concerned.len(), "broken": broken,
            })
        );
    } else {
        tell!(
            "{name}: answers {}, {}; {} layouts",
            answers.join(", "),
            match abilities.volunteers {
                true => "and sends credentials unasked",
                false => "and waits to be asked",
            },
            concerned.len()
        );
        for rule in &broken {
            rule.tell(options.verbose);
        }
    }
    let counts = broken.iter().any(|broken| broken.rule.level != "advice");
    Ok(match counts {
        true => TestedClient::Broken,
        false => TestedClient::Kept,
    })
}

/// A rule that a client broke.
struct BrokenRule<'a> {
    rule: &'a ClientRule,
    /// The layouts on which it did, simplest first, with what it did and that in words.
    failed: Vec<(&'a ConformanceCase, &'a Measurement, String)>,
    /// How many layouts of the rule it was held to.
    of: usize,
}

impl<'a> BrokenRule<'a> {
    /// Nothing where the client kept it.
    fn of(
        rule: &'a ClientRule,
        all: impl Iterator<Item = (&'a ConformanceCase, &'a Measurement)>,
    ) -> Option<Self> {
        let of_it: Vec<_> = all.filter(|(case, _)| case.rule == rule.id).collect();
        let failed = of_it
            .iter()
            .filter_map(|(case, seen)| Some((*case, *seen, departs(case, seen)?)));
        let failed: Vec<_> = failed.collect();
        (!failed.is_empty()).then_some(Self {
            rule,
            failed,
            of: of_it.len(),
        })
    }

    fn tell(&self, verbose: bool) {
        let simplest = self.failed.first().map_or("", |(case, ..)| &case.says);
        tell!(
            "  {} ({}): {simplest}, {} of {} layouts",
            self.rule.id,
            self.rule.level,
            self.failed.len(),
            self.of
        );
        tell!("      {}", self.rule.says);
        tell!("      {}", self.rule.source);
        let most = if verbose { self.failed.len() } else { 1 };
        for (case, _, did) in self.failed.iter().take(most) {
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
    }

    fn json(&self) -> Value {
        let failed = self.failed.iter().map(|(case, seen, _)| {
            json!({
                "layout": case.says, "lines": case.script.layout.lines(), "schemes_sent": seen.schemes_sent,
                "requests": seen.requests, "final_status": seen.final_status,
            })
        });
        json!({
            "rule": self.rule.id, "level": self.rule.level, "of": self.of, "failed": failed.collect::<Vec<_>>(),
        })
    }
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

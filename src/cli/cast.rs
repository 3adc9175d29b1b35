//! `countersign run --clients`: the programs that play, put together.

use std::sync::Arc;
use std::time::Duration;

use countersign::client::RealClients;
use countersign::programs::{Cast, DriveLimits, Driver, ProgramCommand};
use countersign::spec::Spec;
use countersign::user_agents::catalogue::everything;
use countersign::vocabulary::{ClientCase, client_fields};

use super::clients::{add_file, entry, runs};
use super::failure::{CommandFailure, say};
use super::run_options::RunOptions;
use super::specs;

/// Who plays.
#[derive(Debug, Default)]
pub(super) struct Players {
    /// Programs that play beside each other, one cast after the other; nothing in it stands for models.
    pub(super) casts: Vec<Option<Arc<dyn RealClients>>>,
    /// Whether a program is missing that was asked for.
    pub(super) missing: bool,
}

/// Finds the programs that are to play.
pub(super) async fn players(options: &RunOptions) -> Result<Players, CommandFailure> {
    if options.clients.is_empty() {
        return Ok(Players {
            casts: vec![None],
            missing: false,
        });
    }
    let mut catalogue = everything().map_err(CommandFailure::input)?.clone();
    if let Some(file) = &options.catalogue {
        add_file(&mut catalogue, file)?;
    }
    let (mut programs, mut missing) = (Vec::new(), false);
    for name in &options.clients {
        let entry = entry(&catalogue, name)?;
        let runs = runs(entry)?;
        let limits = DriveLimits {
            deadline: Duration::from_secs(options.client_deadline),
            ..DriveLimits::default()
        };
        match Driver::new(ProgramCommand::of(&entry.name, runs), limits) {
            Ok(driver) => programs.push((driver, entry)),
            Err(fault) => {
                say(&fault.to_string());
                for (registry, what) in &runs.installed {
                    say(&format!(
                        "  it is installed by: {} {what}",
                        registry.command()
                    ));
                }
                missing = true;
            }
        }
    }
    let (casts, without) = Cast::of(programs).await;
    for name in &without {
        say(&format!(
            "{name} can be no client of a case: it neither sends credentials to an origin server nor waits for a challenge"
        ));
    }
    if casts.is_empty() {
        return Err(CommandFailure::environment("none of the programs can play"));
    }
    let casts = casts.into_iter().map(|cast| {
        let cast: Arc<dyn RealClients> = Arc::new(cast);
        Some(cast)
    });
    Ok(Players {
        casts: casts.collect(),
        missing: missing || !without.is_empty(),
    })
}

/// What fields are narrowed to: what was asked for, and, where programs play, what a program can be, which is a client
/// with good credentials that asks in the plainest way, and with none for those it is compared with.
pub(super) fn set(options: &RunOptions, specs: &[Spec]) -> Vec<String> {
    let mut set = options.plan.set.clone();
    if options.clients.is_empty() {
        return set;
    }
    let plain = ClientCase::default();
    let words = [
        ("credential", "valid,none"),
        ("method", plain.method.word()),
        ("form", plain.form.word()),
        ("way", plain.way.word()),
        ("target", plain.target.word()),
        ("carries", plain.carries.word()),
    ];
    for (field, values) in words {
        let path = format!("client.{field}");
        let is_known = { client_fields().iter() }.any(|known| known.name == field);
        let given = options.plan.set.iter().any(|set| set.starts_with(&path));
        if is_known && !given && specs::have(specs, &path) {
            set.push(format!("{path}={values}"));
        }
    }
    set
}

//! `countersign probe`: a deployed endpoint is judged as it stands.

mod by_hand;
mod entrance;
mod show;

use std::process::ExitCode;

use countersign::credentials::Scheme;
use countersign::domain::Type;
use countersign::engine::{self, Lacking, Options};
use countersign::implementation::{Deployed, Guest, Implementation};
use countersign::report::visible;
use countersign::results::{PackReport, Run};
use countersign::spec::{Spec, shipped};
use countersign::wire::Care;

use self::by_hand::Names;
use self::entrance::{Entered, enter, words};
use self::show::{Probed, Secrets};
use super::arguments::{Format, ProbeOptions};
use super::failure::{CommandFailure, incomplete, say};
use super::interrupt::{self, Interruptions};
use super::program::program;
use super::reach::ask::allowed;
use super::reach::credentials::Given;
use super::reach::place::ServerUrl;
use super::workflow::{harmless, harmless_json};

/// What a deployed endpoint is judged by.
const PACKS: [&str; 2] = ["reachability", "http-authentication"];

/// The exit code where something was found.
const FOUND: u8 = 1;

/// Judges a deployed endpoint.
pub(super) async fn probe(options: &ProbeOptions) -> Result<ExitCode, CommandFailure> {
    let place = ServerUrl::of(&options.url)?;
    if place.path.contains('?') {
        return Err(CommandFailure::input(format!(
            "`{}` has a query, which this command cannot keep beside what it asks\n  help: probe a URL \
             without one; `countersign reach` takes one",
            place.shown
        )));
    }
    let trust = allowed(&place, &options.hosts, options.ca.as_deref())?;
    let given = Given::of(&options.given)?;
    let secrets = Secrets::of(&given);
    let care = Care::new(
        u64::from(options.most_requests),
        u64::from(options.failed_log_ins),
        options.rate,
    );
    let mut interruptions = Interruptions::watch();
    let work = judged(options, &place, &given, trust, &care);
    let Some(probed) = interruptions.before(work).await else {
        return Ok(interrupt::early());
    };
    // What a failure says may be what the server said.
    let probed = probed.map_err(|failure| failure.map(|text| secrets.hidden(text)))?;
    match options.format {
        Format::Json => {
            let json = secrets.hidden_in(probed.to_json()?).to_string();
            anstream::println!("{}", harmless_json(&json));
        }
        Format::Text => {
            let text = secrets.hidden(&probed.to_text()?);
            anstream::print!("{}", harmless(&visible(&text)));
        }
    }
    if probed.finds() {
        return Ok(ExitCode::from(FOUND));
    }
    if let Some(why) = probed.no_verdict() {
        say(&secrets.hidden(&format!("no verdict: {why}")));
        return Ok(incomplete());
    }
    Ok(ExitCode::SUCCESS)
}

/// Asks, and judges by what was answered.
async fn judged(
    options: &ProbeOptions,
    place: &ServerUrl,
    given: &Given,
    trust: countersign::wire::Trust,
    care: &Care,
) -> Result<Probed, CommandFailure> {
    let entered = enter(options, place, given, trust.clone(), care).await?;
    let guest = Guest {
        identities: vec![given.identity()],
        let_in: entered.let_in.clone(),
        care: care.clone(),
        trust,
    };
    let settings = Options {
        connections: 1,
        ..Options::default()
    };
    let mut packs = Vec::new();
    let mut lacking = Vec::new();
    let mut skipped = Vec::new();
    for name in PACKS {
        let Some(source) = shipped(name) else {
            continue;
        };
        let spec = Spec::read(&source).map_err(CommandFailure::environment)?;
        let profiles = match profiles(&spec, &entered) {
            Ok(profiles) => profiles,
            Err(why) => {
                skipped.push(format!("{name}: {why}"));
                continue;
            }
        };
        let own = Guest {
            let_in: entered
                .let_in
                .iter()
                .copied()
                .filter(|scheme| profiles.contains(scheme))
                .collect(),
            ..guest.clone()
        };
        let mut endpoint =
            Deployed::new(&place.authority, &place.path, place.secure, &profiles, own);
        let report: PackReport = engine::run(&spec, &mut endpoint, &settings, &mut |_| {}).await;
        lacking.push(engine::lacking(
            &spec,
            endpoint.description(),
            &report,
            |setting| endpoint.has(setting),
        ));
        packs.push(report);
    }
    let asked = settings.asked(&place.shown);
    let product = ("the endpoint".to_owned(), "as deployed".to_owned());
    let run = Run::new(
        countersign::results::Invocation {
            program: program(),
            ..asked
        },
        product,
        packs,
    );
    let lacking = Lacking::merged(lacking);
    Ok(Probed {
        run,
        entered,
        skipped,
        lacking,
        names: Names::of(options, given),
        care: care.clone(),
        most: (options.most_requests, options.failed_log_ins, options.rate),
        url: place.shown.clone(),
    })
}

/// The profiles that the endpoint's policy has in a spec: those of the schemes that are let in or advertised.
fn profiles(spec: &Spec, entered: &Entered) -> Result<Vec<Scheme>, String> {
    let policy = &spec.domain.policy;
    let known = policy.at(&["profiles", "scheme"]);
    let known: Vec<Scheme> = known
        .map(|ty| ty.values().collect::<Vec<_>>())
        .unwrap_or_default()
        .iter()
        .filter_map(|word| Scheme::from_word(word.as_symbol()?))
        .collect();
    let (fit, foreign): (Vec<Scheme>, Vec<Scheme>) = entered
        .schemes()
        .into_iter()
        .partition(|scheme| known.contains(scheme));
    // Its relations compare answers with each other, and need not know every scheme; what RFCs demand hangs on
    // which there are.
    if !foreign.is_empty() && spec.pack.name != "reachability" {
        return Err(format!("its policies have no {}", words(&foreign)));
    }
    if fit.is_empty() {
        return Err(format!("its policies have no {}", words(&foreign)));
    }
    let most = match policy.at(&["profiles"]) {
        Some(Type::List(list)) => list.max,
        _ => 0,
    };
    if fit.len() > most {
        return Err(format!(
            "its policies have at most {most} profiles, and this one has {}: {}",
            fit.len(),
            words(&fit)
        ));
    }
    Ok(fit)
}

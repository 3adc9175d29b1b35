//! `countersign serve`: one policy in force, to try by hand.

use std::process::ExitCode;
use std::sync::Arc;

use countersign::credentials::{Identity, Token};
use countersign::domain::Setting;
use countersign::engine::inexpressible;
use countersign::implementation::{Installation, Placement, Upstreams};
use countersign::reference::Served;
use countersign::spec::read_case;
use countersign::vocabulary::identities_for;
use countersign::wire::Way;
use tokio::sync::mpsc::Receiver;

use super::arguments::ServeOptions;
use super::failure::{CommandFailure, say};
use super::serve_layout::serve_layout;
use super::{input, interrupt, open, specs};

/// Installs the policy of a case and keeps it in force until it is interrupted.
pub(super) async fn serve(options: &ServeOptions) -> Result<ExitCode, CommandFailure> {
    if let Some(layout) = &options.layout {
        return serve_layout(layout, options.port).await;
    }
    let spec = specs::read_spec(&options.spec)?;
    let source = input::yaml("--case", &options.case)?;
    let case = read_case(&source, &spec.domain).map_err(CommandFailure::input)?;
    specs::warn_before_playing(&spec)?;
    let mut implementation = open::open(&options.against, &options.faults, options.port).await?;
    if let Some(why) = inexpressible(&spec, implementation.description(), &case) {
        interrupt::end(implementation).await;
        return Err(CommandFailure::environment(format!(
            "the implementation cannot express this policy: {why}"
        )));
    }
    let setting = Arc::new(Setting {
        policy: case.policy.clone(),
        instance: case.instance.clone(),
    });
    let identities = identities_for(&spec.domain, implementation.description().tokens);
    // Those whom a gateway asks, for as long as it is served.
    let upstreams = match Upstreams::open(std::slice::from_ref(&setting), &identities).await {
        Ok(upstreams) => upstreams,
        Err(fault) => {
            interrupt::end(implementation).await;
            return Err(fault.into());
        }
    };
    let installation = Installation {
        upstreams: (upstreams.as_ref()).map_or_else(Vec::new, |all| all.places().to_vec()),
        edit_of: None,
        generation: 1,
        identities,
        policies: vec![Setting::clone(&setting)],
    };
    let placements = match implementation.install(&installation).await {
        Ok(placements) => placements,
        Err(fault) => {
            interrupt::end(implementation).await;
            return Err(fault.into());
        }
    };
    let result = match placements.first() {
        Some(Placement::Endpoint(endpoint)) => {
            tell!("policy {}, instance {}", case.policy, case.instance);
            if let Some(places) = installation.upstreams_of(0) {
                let (service, backend) = (&places.auth_service, &places.backend);
                tell!("before an auth service at {service} and a backend at {backend}");
            }
            for (way, address) in endpoint.ways.iter() {
                // As the curl lines of findings name them.
                match way {
                    Way::Tunnel => {
                        let to = endpoint.named(*way).unwrap_or_default();
                        tell!("by {way} at {address}, to {to} (PROXY={address} TUNNEL={to})");
                    }
                    Way::ForwardProxy => tell!("by {way} at {address} (PROXY={address})"),
                    Way::Https | Way::H2 | Way::H3 => {
                        tell!("by {way} at {address} (TLS={address})");
                    }
                    Way::Http1 | Way::H2c => tell!("by {way} at {address}"),
                }
            }
            for identity in &installation.identities {
                tell_of(identity);
            }
            let mut interruptions = interrupt::Interruptions::watch();
            let mut served = implementation.look_on();
            if !case.steps().is_empty() {
                tell!(
                    "course {} is not played here: whoever asks plays it, and `run --case` does",
                    case.course
                );
            }
            tell!("in force at {endpoint}{} until Ctrl-C", endpoint.resource());
            let telling = async {
                while let Some(request) = next(&mut served).await {
                    say(&line(&request));
                }
                std::future::pending::<()>().await;
            };
            tokio::select! {
                () = interruptions.next() => {}
                () = telling => {}
            }
            // What was answered before the interruption is told.
            while let Some(Ok(request)) = served.as_mut().map(Receiver::try_recv) {
                say(&line(&request));
            }
            Ok(ExitCode::SUCCESS)
        }
        Some(Placement::Unsupported(reason)) => Err(CommandFailure::environment(format!(
            "the implementation cannot express this policy: {reason}"
        ))),
        None => Err(CommandFailure::environment(
            "the implementation gave the policy no place",
        )),
    };
    interrupt::end(implementation).await;
    result
}

/// Tells who can log in, and with what: these are published test identities, and nobody's secrets.
fn tell_of(identity: &Identity) {
    let locked = if identity.enabled { "" } else { " (disabled)" };
    tell!(
        "user {}{locked}, password {}",
        identity.user,
        identity.password.expose()
    );
    let tokens = identity.tokens.iter().map(|token| ("token", token));
    let keys = identity.api_keys.iter().map(|key| ("API key", key));
    for (what, Token { value, state, .. }) in tokens.chain(keys) {
        tell!("  {what} {}{}", value.expose(), state.remark());
    }
}

/// The next request; nothing where there will be none.
async fn next(served: &mut Option<Receiver<Served>>) -> Option<Served> {
    served.as_mut()?.recv().await
}

/// A request in a line.
fn line(served: &Served) -> String {
    let scheme = match served.scheme.as_deref() {
        None => "no credentials in Authorization",
        Some("") => "an empty Authorization",
        Some(scheme) => scheme,
    };
    format!(
        "{} {} by {}, {scheme}: {}",
        served.method, served.path, served.way, served.status
    )
}

//! `countersign serve --layout`: challenges as they stand in force, to try a client against by hand.

use std::process::ExitCode;

use countersign::programs::{ScriptedOrigin, SeenRequest, Worth};
use countersign::user_agents::model::Script;
use tokio::sync::mpsc::unbounded_channel;

use super::clients::layout_of;
use super::failure::{CommandFailure, say};
use super::interrupt;

/// Serves a layout until it is interrupted.
pub(super) async fn serve_layout(named: &str, port: u16) -> Result<ExitCode, CommandFailure> {
    let (name, script) = layout_of(named)?;
    let (sender, mut came) = unbounded_channel();
    let origin = ScriptedOrigin::open(&script, port, Some(sender))
        .await
        .map_err(|error| {
            CommandFailure::environment(format!("port {port} cannot be had: {error}"))
        })?;
    tell_of(&name, &script, &origin);
    let mut interruptions = interrupt::Interruptions::watch();
    let telling = async {
        while let Some(request) = came.recv().await {
            say(&line(&request));
        }
        std::future::pending::<()>().await;
    };
    tokio::select! {
        () = interruptions.next() => {}
        () = telling => {}
    }
    // What was answered before the interruption is told.
    while let Ok(request) = came.try_recv() {
        say(&line(&request));
    }
    Ok(ExitCode::SUCCESS)
}

/// Tells what is sent, what is accepted and who can log in. These are test secrets, and nobody's.
fn tell_of(name: &str, script: &Script, origin: &ScriptedOrigin) {
    tell!("layout {name}: {} with", script.status);
    let field = match script.status {
        407 => "Proxy-Authenticate",
        _ => "WWW-Authenticate",
    };
    for line in script.layout.lines() {
        tell!("  {field}: {line}");
    }
    if script.layout.lines().is_empty() {
        tell!("  no {field}");
    }
    let accepts = script.accepts;
    let secrets = origin.secrets();
    if accepts.basic || accepts.digest {
        let schemes = match (accepts.basic, accepts.digest) {
            (true, true) => "Basic, Digest",
            (true, false) => "Basic",
            _ => "Digest",
        };
        tell!(
            "user {}, password {} ({schemes})",
            secrets.user,
            secrets.password
        );
    }
    if accepts.bearer {
        tell!("token {} (Bearer)", secrets.token);
    }
    if !(accepts.basic || accepts.digest || accepts.bearer) {
        tell!("nobody is let in");
    }
    tell!(
        "in force at {} until Ctrl-C; it is a proxy too",
        origin.url()
    );
}

/// A request in a line.
fn line(request: &SeenRequest) -> String {
    let worth = match &request.worth {
        Worth::Nothing => "no credentials".to_owned(),
        Worth::Right => format!("{}, right", request.sent),
        Worth::Wrong(why) => format!("{}: {why}", request.sent),
    };
    format!("{}, {worth}: {}", request.line, request.status)
}

//! Where a document comes from: a file, or a host that may be asked.

use countersign::implementation::Guest;
use countersign::vocabulary::Method;
use countersign::wire::{Limits, Transport};

use crate::cli::arguments::ProbeOptions;
use crate::cli::failure::CommandFailure;
use crate::cli::reach::ask::{allowed, exchange};
use crate::cli::reach::place::ServerUrl;

/// The largest document that is read, in bytes.
const LARGEST: usize = 8 * 1024 * 1024;

/// Whether a document is to be fetched.
pub(super) fn is_url(file: &str) -> bool {
    file.starts_with("http://") || file.starts_with("https://")
}

/// The document's text: of a file, or fetched without credentials from a host that may be asked.
pub(super) async fn text(
    file: &str,
    options: &ProbeOptions,
    place: &ServerUrl,
    guest: &Guest,
) -> Result<String, CommandFailure> {
    let too_large = || CommandFailure::input(format!("{file} has more than {LARGEST} bytes"));
    let bytes = if is_url(file) {
        let from = ServerUrl::of(file)?;
        let trust = match from.authority == place.authority {
            true => guest.trust.clone(),
            false => allowed(&from, &options.leave()).await?,
        };
        let limits = Limits {
            body_bytes: LARGEST,
            body: std::time::Duration::from_secs(30),
            ..Limits::default()
        };
        let mut transport = Transport::new(limits).trusting(trust);
        guest.care.take_turn().await;
        let response = exchange(&mut transport, &from, &guest.agent, Method::Get).await?;
        if response.status != 200 {
            let status = response.status;
            return Err(CommandFailure::environment(format!(
                "{}: no document: it answers {status} to a request without credentials\n  help: save it, and \
                 give the file",
                from.shown
            )));
        }
        response.body
    } else {
        let unreadable = |error: std::io::Error| {
            CommandFailure::input(format!("{file} cannot be read: {error}"))
        };
        let size = std::fs::metadata(file).map_err(unreadable)?.len();
        if size > LARGEST as u64 {
            return Err(too_large());
        }
        std::fs::read(file).map_err(unreadable)?
    };
    String::from_utf8(bytes)
        .map_err(|_| CommandFailure::input(format!("{file} cannot be read: it is not UTF-8")))
}

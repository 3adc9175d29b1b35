//! A deployed server that is asked: without credentials, and then once with each that were given.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use countersign::auth::{Challenge, Context, CredentialState, Scheme, can_answer, mint};
use countersign::client::reach::{Known, Seen};
use countersign::report::Hint;
use countersign::wire::{
    Endpoint, Field, Limits, Prepared, Request, Response, Transport, Trust, Way,
};

use super::credentials::Given;
use super::{Answered, Tries};
use crate::cli::failure::Failure;

/// A server by its URL.
struct Place {
    /// The URL as it is shown.
    shown: String,
    host: String,
    authority: String,
    path: String,
    /// Whether it is reached over TLS.
    secure: bool,
}

/// Asks a server without credentials and, where it refuses, with those that were given.
pub(super) async fn ask(
    url: &str,
    hosts: &[String],
    ca: Option<&str>,
    given: &Given,
) -> Result<Answered, Failure> {
    let place = place(url)?;
    if !is_loopback(&place.host) && !hosts.contains(&place.host) {
        return Err(Failure::input(format!(
            "`{}` is not on this machine\n  help: allow it by name, with `--allow-host {}`",
            place.shown, place.host
        )));
    }
    let trust = match place.secure {
        true => trust(ca)?,
        false => Trust::default(),
    };
    let mut transport = Transport::new(Limits::default()).trusting(trust);
    let response = exchange(&mut transport, &place, Vec::new()).await?;
    let seen = Seen::new(response.status, response.fields);
    let mut tries = Tries::default();
    // Who lets everybody in shows nothing by letting in somebody.
    if !(200..300).contains(&seen.status) {
        let challenges = seen.challenges().list;
        let with = |scheme| challenges.iter().find(|one| can_answer(scheme, one));
        if given.has_user() {
            tries.basic = Some(attempt(&mut transport, &place, given, Scheme::Basic, None).await?);
        }
        if given.has_token() {
            tries.bearer =
                Some(attempt(&mut transport, &place, given, Scheme::Bearer, None).await?);
        }
        if let Some(challenge) = with(Scheme::Digest).filter(|_| given.has_user()) {
            let answered = Some(challenge);
            tries.digest =
                Some(attempt(&mut transport, &place, given, Scheme::Digest, answered).await?);
        }
    }
    Ok(Answered {
        asked: place.shown,
        seen,
        tries,
        hint: Hint::Give {
            user: given.has_user(),
            token: given.has_token(),
        },
    })
}

fn place(url: &str) -> Result<Place, Failure> {
    let parsed: Result<hyper::Uri, _> = url.parse();
    let authority = parsed.as_ref().ok().and_then(|parsed| parsed.authority());
    // A password in a URL is shown nowhere.
    if authority.is_some_and(|authority| authority.as_str().contains('@')) {
        return Err(Failure::input(
            "the URL carries user information, which would not be sent\n  help: give a user with \
             --user NAME and --password-env VAR",
        ));
    }
    let parsed = parsed.map_err(|error| match url.contains('@') {
        true => Failure::input(format!("what is given for a URL is none: {error}")),
        false => Failure::input(format!("`{url}` is not a URL: {error}")),
    })?;
    // Neither is a token in its query.
    let shown = match url.split_once('?') {
        Some((before, _)) => format!("{before}?…"),
        None => url.to_owned(),
    };
    let wrong = |why: &str| Failure::input(format!("`{shown}` {why}"));
    let secure = match parsed.scheme_str() {
        Some("https") => true,
        Some("http") => false,
        _ => return Err(wrong("is neither http nor https")),
    };
    let authority = parsed.authority().ok_or_else(|| wrong("has no host"))?;
    let host = authority.host().to_owned();
    let port = authority
        .port_u16()
        .unwrap_or(if secure { 443 } else { 80 });
    let path = parsed.path_and_query().map_or("/", |path| path.as_str());
    Ok(Place {
        authority: format!("{host}:{port}"),
        path: path.to_owned(),
        host,
        shown,
        secure,
    })
}

/// Where systems keep the certificates of the authorities that they believe.
const BUNDLES: [&str; 5] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
    "/usr/local/share/certs/ca-root-nss.crt",
];

/// The largest file of certificates that is read, in bytes.
const LARGEST: u64 = 16 * 1024 * 1024;

/// The authorities in a file, or else those that this system believes.
fn trust(ca: Option<&str>) -> Result<Trust, Failure> {
    let of_system = || {
        let named = std::env::var("SSL_CERT_FILE").ok();
        let known = BUNDLES.map(str::to_owned);
        let mut files = named.into_iter().chain(known);
        files.find(|file| std::path::Path::new(file).is_file())
    };
    let file = ca.map(str::to_owned).or_else(of_system).ok_or_else(|| {
        Failure::input(
            "this system has no file of certificate authorities where one is looked for\n  help: give \
             one with --ca FILE",
        )
    })?;
    let unreadable = |why: String| Failure::input(format!("{file} cannot be read: {why}"));
    let size = std::fs::metadata(&file).map_err(|error| unreadable(error.to_string()))?;
    if size.len() > LARGEST {
        return Err(unreadable(format!("it has more than {LARGEST} bytes")));
    }
    let pem = std::fs::read(&file).map_err(|error| unreadable(error.to_string()))?;
    Trust::authorities(&pem).map_err(unreadable)
}

/// Sends credentials of a scheme, once.
async fn attempt(
    transport: &mut Transport,
    place: &Place,
    given: &Given,
    scheme: Scheme,
    challenge: Option<&Challenge>,
) -> Result<Known, Failure> {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    let now = since.map_or(0, |time| time.as_secs());
    let context = Context {
        method: "GET",
        authority: &place.authority,
        target: &place.path,
        secure: place.secure,
        challenge,
        serial: now,
        now,
        ..Context::default()
    };
    let identities = [given.identity()];
    let minted = mint(scheme, CredentialState::Valid, &identities, &context);
    let minted = minted.map_err(|none| Failure::input(none.to_string()))?;
    let fields = minted.into_iter().flat_map(|minted| minted.fields);
    let fields = fields.map(|(name, value)| field(name, &value)).collect();
    let response = exchange(transport, place, fields).await?;
    Ok(Known::Tried {
        accepted: (200..300).contains(&response.status),
        status: Some(response.status),
    })
}

/// One request and the answer to it. What is said of a failure holds nothing of what came: a server may
/// send back the credentials that it got.
async fn exchange(
    transport: &mut Transport,
    place: &Place,
    credentials: Vec<Field>,
) -> Result<Response, Failure> {
    let has_credentials = !credentials.is_empty();
    let agent = concat!("countersign/", env!("CARGO_PKG_VERSION"));
    let mut fields = vec![field("Accept", "*/*"), field("User-Agent", agent)];
    fields.extend(credentials);
    let told = |why: String| match has_credentials {
        true => Failure::environment(format!(
            "{}: no answer to a request with credentials; there was one without",
            place.shown
        )),
        false if why.contains("certificate") => Failure::environment(format!(
            "{}: {why}\n  help: nothing was sent; an authority of your own is believed with --ca FILE",
            place.shown
        )),
        false => Failure::environment(format!("{}: {why}", place.shown)),
    };
    let request = Request {
        method: "GET".to_owned(),
        path: place.path.clone(),
        fields,
    };
    let request = Prepared::new(Arc::new(request)).map_err(|fault| told(fault.to_string()))?;
    let endpoint = match place.secure {
        true => Endpoint {
            ways: [(Way::Https, place.authority.clone())].into(),
            ..Endpoint::new(place.authority.clone(), "")
        },
        false => Endpoint::new(place.authority.clone(), ""),
    };
    let received = transport.exchange(&endpoint, &request).await;
    received
        .and_then(|received| received.to_response())
        .map_err(|fault| told(fault.to_string()))
}

fn field(name: &str, value: &str) -> Field {
    Field {
        name: name.to_owned(),
        value: value.as_bytes().to_vec(),
    }
}

fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let address = bare.parse::<std::net::IpAddr>();
    address.map_or(bare == "localhost", |address| address.is_loopback())
}

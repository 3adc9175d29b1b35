//! A deployed server that is asked: without credentials, and then once with each that were given.

use std::io::Read as _;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use countersign::auth::Challenge;

use countersign::credentials::{
    Context, CredentialState, Identity, KeyPlace, Scheme, can_answer, mint,
};
use countersign::report::Hint;
use countersign::user_agents::reach::{ResponseHead, SchemeKnowledge};
use countersign::vocabulary::Method;
use countersign::wire::{
    Endpoint, FieldLine, Limits, NoAddress, PreparedRequest, Request, Response, Transport, Trust,
    Way,
};

use super::credentials::{Given, variable};
use super::place::{ServerUrl, encoded};
use super::proxy::{OF_VARIABLE, proxy};
use super::{Answered, SchemesTried};
use crate::cli::failure::CommandFailure;

/// Asks a server without credentials and, where it refuses and nobody said what it accepts, with those
/// that were given.
pub(super) async fn ask(
    url: &str,
    leave: &Leave<'_>,
    given: &Given,
    is_stated: bool,
) -> Result<Answered, CommandFailure> {
    let place = ServerUrl::of(url)?;
    let trust = allowed(&place, leave).await?;
    let mut transport = Transport::new(Limits::default()).trusting(trust);
    let mut response = exchange(&mut transport, &place, AGENT, Method::Get).await?;
    for field in &mut response.fields {
        field.value = place.masked(&field.value);
    }
    let seen = ResponseHead::new(response.status, response.fields);
    let mut tries = SchemesTried::default();
    let mut hint = Hint::Give {
        user: given.has_user(),
        token: given.has_token(),
    };
    let is_given = given.has_user() || given.has_token();
    // Who lets everybody in shows nothing by letting in somebody.
    if (200..300).contains(&seen.status) {
        if is_given {
            hint = Hint::NotSent(
                "the answer is a success without any, so that one with them shows nothing",
            );
        }
    } else if is_stated {
        if is_given {
            hint = Hint::NotSent("--accepts says what is accepted");
        }
    } else {
        let challenges = seen.challenges().list;
        let with = |scheme| challenges.iter().find(|one| can_answer(scheme, one));
        let asker = seen.status;
        let mut attempts = Vec::new();
        if given.has_user() {
            attempts.push((&mut tries.basic, Scheme::Basic, None));
        }
        if given.has_token() {
            attempts.push((&mut tries.bearer, Scheme::Bearer, None));
        }
        if let Some(challenge) = with(Scheme::Digest).filter(|_| given.has_user()) {
            attempts.push((&mut tries.digest, Scheme::Digest, Some(challenge)));
        }
        for (known, scheme, challenge) in attempts {
            let with = Approach {
                agent: AGENT,
                identities: &[given.identity()],
                key: None,
                asker,
                method: Method::Get,
            };
            let tried = attempt(&mut transport, &place, &with, scheme, challenge);
            let (tried, _) = tried.await?;
            *known = Some(tried);
        }
    }
    Ok(Answered {
        asked: place.shown,
        seen,
        tries,
        hint,
    })
}

/// Who may be asked, by which proxy, and by whom a server is believed.
#[derive(Default)]
pub(in crate::cli) struct Leave<'a> {
    /// The hosts beyond this machine.
    pub(in crate::cli) hosts: &'a [String],
    /// The proxy, as somebody names it.
    pub(in crate::cli) proxy: Option<&'a str>,
    /// The file of authorities, where it is not those that this system believes.
    pub(in crate::cli) ca: Option<&'a str>,
    /// The certificate that is shown, and its key, in PEM.
    pub(in crate::cli) client: Option<(&'a [u8], &'a [u8])>,
}

/// Makes sure that a server may be asked, and answers with whom it is believed by.
pub(in crate::cli) async fn allowed(
    place: &ServerUrl,
    leave: &Leave<'_>,
) -> Result<Trust, CommandFailure> {
    let hosts = leave.hosts;
    let proxy = proxy(leave.proxy)?;
    let is_allowed = |host: &String| host.eq_ignore_ascii_case(&place.host);
    let is_named = hosts.iter().any(is_allowed);
    // What a name leads to is looked at again with each connection.
    let looked_at = Trust::default().only(hosts).through(proxy.clone());
    let found = looked_at.addresses(&place.authority).await;
    let refused = |why: &str, first: &str| {
        CommandFailure::input(format!(
            "`{}` is {why}\n  help: {first}, with `--allow-host {}`",
            place.shown, place.host
        ))
    };
    match found {
        Err(NoAddress::OfProxy(why)) => {
            return Err(CommandFailure::input(format!(
                "`{}` cannot be asked {why}\n  help: a proxy beyond this machine is allowed by the name of its host, with \
                 `--allow-host`",
                place.shown
            )));
        }
        Err(NoAddress::Unnamed) => {
            return Err(refused(
                "asked by a proxy, which alone knows the address of that name",
                "allow it by name, also one that would be this machine here",
            ));
        }
        Err(NoAddress::Foreign(_)) if !is_named => {
            return Err(refused("not on this machine", "allow it by name"));
        }
        Err(NoAddress::Unknown(_)) if !is_named => {
            return Err(refused(
                "not on this machine, and no address of that name is known here",
                "see that the name is right, and allow it",
            ));
        }
        Ok(_) | Err(NoAddress::Foreign(_) | NoAddress::Unknown(_)) => {}
    }
    let trust = match place.secure {
        true => trust(leave.ca, leave.client)?,
        false => Trust::default(),
    };
    Ok(trust.only(hosts).through(proxy))
}

/// How `countersign reach` calls itself.
const AGENT: &str = concat!("countersign/", env!("CARGO_PKG_VERSION"));

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
fn trust(ca: Option<&str>, client: Option<(&[u8], &[u8])>) -> Result<Trust, CommandFailure> {
    let of_system = || {
        let named = std::env::var("SSL_CERT_FILE").ok();
        let known = BUNDLES.map(str::to_owned);
        let mut files = named.into_iter().chain(known);
        files.find(|file| std::path::Path::new(file).is_file())
    };
    let file = ca.map(str::to_owned).or_else(of_system).ok_or_else(|| {
        CommandFailure::input(
            "this system has no file of certificate authorities where one is looked for\n  help: give \
             one with --cacert FILE",
        )
    })?;
    let pem = certificates(&file)?;
    let unreadable = |why: String| CommandFailure::input(format!("{file} cannot be read: {why}"));
    let trust = Trust::authorities(&pem).map_err(unreadable)?;
    if client.is_none() {
        return Ok(trust);
    }
    // The authorities were read: what is wrong now is the client's own.
    Trust::with_client(&pem, client).map_err(|why| {
        CommandFailure::input(format!(
            "{why}\n  help: see `--client-cert` and `--client-key`"
        ))
    })
}

/// What is in a file of certificates or keys, which may be a pipe.
fn certificates(file: &str) -> Result<Vec<u8>, CommandFailure> {
    let unreadable = |why: String| CommandFailure::input(format!("{file} cannot be read: {why}"));
    let opened = std::fs::File::open(file).map_err(|error| unreadable(error.to_string()))?;
    let mut bytes = Vec::new();
    let read = opened.take(LARGEST + 1).read_to_end(&mut bytes);
    match read.map_err(|error| unreadable(error.to_string()))? as u64 > LARGEST {
        true => Err(unreadable(format!("it has more than {LARGEST} bytes"))),
        false => Ok(bytes),
    }
}

/// A certificate or a key that is shown to the server: in a file, or in a variable.
pub(in crate::cli) fn client_file(named: &str, option: &str) -> Result<Vec<u8>, CommandFailure> {
    match named.strip_prefix(OF_VARIABLE) {
        Some(name) => Ok(variable(name, option)?.expose().as_bytes().to_vec()),
        None => certificates(named),
    }
}

/// Who sends credentials, and with what.
pub(in crate::cli) struct Approach<'a> {
    /// How whoever asks calls itself.
    pub(in crate::cli) agent: &'a str,
    /// Whose credentials: the first one's.
    pub(in crate::cli) identities: &'a [Identity],
    /// Where the server looks for keys.
    pub(in crate::cli) key: Option<&'a KeyPlace>,
    /// The status of the refusal that is answered.
    pub(in crate::cli) asker: u16,
    /// How it asks.
    pub(in crate::cli) method: Method,
}

/// Sends credentials of a scheme, once: to whoever refused with a 407 in the field that is for proxies
/// (RFC 9110 §11.7.2).
pub(in crate::cli) async fn attempt(
    transport: &mut Transport,
    place: &ServerUrl,
    with: &Approach<'_>,
    scheme: Scheme,
    challenge: Option<&Challenge>,
) -> Result<(SchemeKnowledge, Response), CommandFailure> {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    let now = since.map_or(0, |time| time.as_secs());
    let context = Context {
        method: with.method.name(),
        authority: &place.authority,
        target: &place.path,
        secure: place.secure,
        challenge,
        serial: now,
        now,
        ..Context::default()
    };
    let minted = mint(scheme, CredentialState::Valid, with.identities, &context);
    let minted = minted.map_err(|none| CommandFailure::input(none.to_string()))?;
    let mut minted = minted.unwrap_or_default();
    let mut path = place.path.clone();
    if scheme == Scheme::ApiKey
        && let Some(of_server) = with.key.filter(|key| key.is_query())
        && let Some((name, value)) = minted.parameter.take()
    {
        path.push(if path.contains('?') { '&' } else { '?' });
        path.push_str(&of_server.query(format!("{name}={}", encoded(&value))));
        minted.fields.clear();
    }
    let name = |name| match (with.asker, name) {
        (407, "Authorization") => "Proxy-Authorization",
        (_, name) => name,
    };
    let fields = minted.fields.into_iter().map(|(own, value)| {
        let line = (name(own).to_owned(), value);
        let (name, value) = match with.key {
            Some(key) => key.field(line),
            None => line,
        };
        field(&name, &value)
    });
    let fields = fields.collect();
    let is_with_credentials = true;
    let response = exchange_for(
        (transport, place),
        (with.method, path),
        with.agent,
        fields,
        is_with_credentials,
    )
    .await?;
    let tried = SchemeKnowledge::Tried {
        accepted: (200..300).contains(&response.status),
        status: Some(response.status),
    };
    Ok((tried, response))
}

/// One request without credentials, and the answer to it. What is said of a failure holds nothing of what came: a server
/// may send back what it got.
pub(in crate::cli) async fn exchange(
    transport: &mut Transport,
    place: &ServerUrl,
    agent: &str,
    method: Method,
) -> Result<Response, CommandFailure> {
    let path = place.path.clone();
    exchange_for((transport, place), (method, path), agent, Vec::new(), false).await
}

/// The same for a target of the server, with credentials too.
async fn exchange_for(
    (transport, place): (&mut Transport, &ServerUrl),
    (method, path): (Method, String),
    agent: &str,
    credentials: Vec<FieldLine>,
    has_credentials: bool,
) -> Result<Response, CommandFailure> {
    let mut fields = vec![field("Accept", method.accept()), field("User-Agent", agent)];
    fields.extend(
        method
            .fields()
            .iter()
            .map(|(name, value)| field(name, value)),
    );
    let content = method.content().as_bytes();
    if !content.is_empty() {
        fields.push(field("Content-Length", &content.len().to_string()));
    }
    fields.extend(credentials);
    let told = |why: String| match has_credentials {
        true => CommandFailure::environment(format!(
            "{}: no answer to a request with credentials; there was one without",
            place.shown
        )),
        false => {
            let why = place.masked(why.as_bytes());
            let why = String::from_utf8_lossy(&why);
            let help = remedy(&why, place);
            let help = help.map_or_else(String::new, |help| format!("\n  help: {help}"));
            CommandFailure::environment(format!("{}: {why}{help}", place.shown))
        }
    };
    let request = Request {
        content: hyper::body::Bytes::from_static(content),
        method: method.name().to_owned(),
        path,
        fields,
    };
    let request =
        PreparedRequest::new(Arc::new(request)).map_err(|fault| told(fault.to_string()))?;
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

fn field(name: &str, value: &str) -> FieldLine {
    FieldLine {
        name: name.to_owned(),
        value: value.as_bytes().to_vec(),
    }
}

/// What to do about a failure.
fn remedy(why: &str, place: &ServerUrl) -> Option<String> {
    let has = |words: &str| why.contains(words);
    if has("by the proxy at") {
        return has("and answers 407").then(|| {
            "it asks for a log-in of its own: have a variable hold http://USER:PASSWORD@HOST:PORT, and give --proxy \
             env:VARIABLE"
                .to_owned()
        });
    }
    if !place.secure {
        // Something is there, and does not answer as a server of HTTP does.
        let is_http = has("): HTTP/") || has("longer than");
        return (!has("no connection") && !is_http).then(|| {
            "a port where TLS is spoken answers so too: if it is one, ask it by https".to_owned()
        });
    }
    if has("InvalidContentType") {
        let help = "what answers there does not speak TLS: if it is plain HTTP, ask it by http";
        return Some(help.to_owned());
    }
    if !has("certificate") {
        return None;
    }
    Some(match (has("not valid for"), has("expired") || has("not valid yet")) {
        (true, _) => format!(
            "nothing was sent; the certificate is not one for `{}`: ask by a name that it has, or give \
             its server one that has this in subjectAltName (a common name alone does not count, RFC \
             9110 §4.3.4)",
            place.host
        ),
        (_, true) => "nothing was sent; its server needs a certificate that is valid now".to_owned(),
        _ => "nothing was sent; an authority of your own, or a certificate that a server signed itself, \
              is believed with --cacert FILE"
            .to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_to_a_server_is_in_a_file_or_in_a_variable() {
        let of_variable = client_file("env:PATH", "--client-cert").unwrap();
        assert_eq!(of_variable, std::env::var("PATH").unwrap().into_bytes());
        let absent = client_file("env:NO_SUCH_VARIABLE", "--client-key").unwrap_err();
        assert!(
            absent.text().contains("of --client-key is not there"),
            "{}",
            absent.text()
        );
        let large = tempfile::NamedTempFile::new().unwrap();
        large.as_file().set_len(LARGEST + 1).unwrap();
        let large = client_file(large.path().to_str().unwrap(), "--client-cert").unwrap_err();
        assert!(
            large.text().contains("it has more than"),
            "{}",
            large.text()
        );
    }
}

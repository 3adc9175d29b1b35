//! What a probe would send, shown without asking anybody: an endpoint that does all well is asked in place of the real
//! one, on loopback, by somebody who has marks in place of secrets.

use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};

use countersign::auth::Authorization;
use countersign::credentials::{
    Identity, KEY, KeyPlace, Presented, SIGNATURE, Token, TokenState, is_signed, read_basic,
    read_bearer,
};
use countersign::wire::Trust;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::by_hand::Names;
use super::holdings::Holdings;
use super::{guest, judged};
use crate::cli::arguments::{PasswordScheme, ProbeOptions};
use crate::cli::failure::CommandFailure;
use crate::cli::reach::place::ServerUrl;

/// The longest head of a request that is read.
const LONGEST: usize = 256 * 1024;

/// A request as it came, with the fields that tell requests apart.
struct HeardRequest {
    method: String,
    target: String,
    fields: Vec<(String, String)>,
    content: String,
}

/// Lists what would be sent.
pub(super) async fn plan(
    options: &ProbeOptions,
    packs: &[String],
    place: &ServerUrl,
    holdings: &Holdings,
) -> Result<ExitCode, CommandFailure> {
    let fault = |error: std::io::Error| {
        CommandFailure::environment(format!("no place on loopback to try the plan at: {error}"))
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.map_err(fault)?;
    let authority = listener.local_addr().map_err(fault)?.to_string();
    let marked = holdings.marked();
    let stand_in = ServerUrl::of(&format!("http://{authority}{}", place.path))?;
    let came = Arc::<Mutex<Vec<HeardRequest>>>::default();
    let stand_in_for = StandIn {
        challenges: challenges(&marked),
        identities: marked.identities(),
        place: marked.place.clone(),
        signs: marked.has_user_for(PasswordScheme::Hmac),
    };
    let serving = tokio::spawn(serve(listener, stand_in_for, Arc::clone(&came)));
    let quick = ProbeOptions {
        rate: 1000,
        ..options.clone()
    };
    let asking = guest(&quick, &stand_in, &marked, Trust::default());
    let names = Names::of(options, holdings, place);
    let judged = judged(&quick, packs, &stand_in, &marked, asking, names).await;
    serving.abort();
    let probed = judged?;
    let names = Names::of(options, holdings, place);
    let came = came.lock().unwrap_or_else(PoisonError::into_inner);
    for (at, heard) in came.iter().enumerate() {
        let HeardRequest {
            method,
            target,
            fields,
            content,
        } = heard;
        let own = place.path.split('?').next().unwrap_or_default();
        let line = match target.split('?').next() == Some(own) {
            true => names.line(method, target, fields, content),
            // A document of the same server.
            false => {
                let scheme = if place.secure { "https" } else { "http" };
                names.call(
                    method,
                    &format!("{scheme}://{}{target}", place.authority),
                    "",
                )
            }
        };
        anstream::println!("{:>4}  {line}", at + 1);
    }
    let (requests, failed) = probed.care.counts();
    anstream::println!(
        "\n{requests} requests to an endpoint that does all well, {failed} of them log-ins that fail; where something \
         breaks, some are sent again and simpler ones too, within the same bounds. Nothing was sent to {}.",
        place.shown
    );
    Ok(ExitCode::SUCCESS)
}

/// An endpoint that does all well.
struct StandIn {
    challenges: Vec<String>,
    identities: Vec<Identity>,
    /// Where it looks for keys.
    place: Option<KeyPlace>,
    /// Whether it takes signatures.
    signs: bool,
}

/// What the stand-in advertises: the schemes of what is given, or Basic and Bearer; nothing where it takes keys alone.
fn challenges(holdings: &Holdings) -> Vec<String> {
    let none = !holdings.is_anything();
    let takes = |scheme| holdings.has_user_for(scheme);
    let mut challenges = Vec::new();
    if takes(PasswordScheme::Basic) || none {
        challenges.push("Basic realm=\"r\"".to_owned());
    }
    if holdings.given.has_token() || none {
        challenges.push("Bearer realm=\"r\"".to_owned());
    }
    if takes(PasswordScheme::Digest) {
        challenges
            .push("Digest realm=\"r\", nonce=\"n\", qop=\"auth\", algorithm=SHA-256".to_owned());
    }
    challenges
}

async fn serve(listener: TcpListener, stand_in: StandIn, came: Arc<Mutex<Vec<HeardRequest>>>) {
    while let Ok((mut stream, _)) = listener.accept().await {
        // Requests come one after another.
        let _ = answer(&mut stream, &stand_in, &came).await;
    }
}

async fn answer(
    stream: &mut TcpStream,
    stand_in: &StandIn,
    came: &Mutex<Vec<HeardRequest>>,
) -> std::io::Result<()> {
    let mut bytes = Vec::new();
    while !bytes.windows(4).any(|end| end == b"\r\n\r\n") {
        if bytes.len() > LONGEST || stream.read_buf(&mut bytes).await? == 0 {
            return Ok(());
        }
    }
    let head = String::from_utf8_lossy(&bytes).into_owned();
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        let is_it = name.eq_ignore_ascii_case("content-length");
        is_it.then(|| value.trim().parse::<usize>().ok())?
    });
    let length = length.unwrap_or_default().min(LONGEST);
    let end = |bytes: &[u8]| bytes.windows(4).position(|end| end == b"\r\n\r\n");
    while end(&bytes).is_some_and(|end| bytes.len() < end + 4 + length) {
        if stream.read_buf(&mut bytes).await? == 0 {
            return Ok(());
        }
    }
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let (text, content) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    let mut lines = text.split("\r\n");
    let mut first = lines.next().unwrap_or_default().split(' ');
    let method = first.next().unwrap_or_default().to_owned();
    let target = first.next().unwrap_or_default().to_owned();
    let usual = ["host", "user-agent", "content-length"];
    let takes_all =
        |name: &str, value: &str| name.eq_ignore_ascii_case("accept") && value.trim() == "*/*";
    let fields: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(':'))
        .filter(|(name, value)| {
            !usual.contains(&name.to_ascii_lowercase().as_str()) && !takes_all(name, value)
        })
        .map(|(name, value)| (name.to_owned(), value.trim_start().to_owned()))
        .collect();
    let credentials: Vec<&str> = { fields.iter() }
        .filter(|(name, _)| name.eq_ignore_ascii_case("authorization"))
        .map(|(_, value)| value.as_str())
        .collect();
    let is_good = match credentials.as_slice() {
        [one] => stand_in.is_good(one, &method),
        [] => stand_in.has_key(&target, &fields, &method),
        _ => false,
    };
    let is_limited = credentials
        .first()
        .is_some_and(|value| stand_in.is_limited(value));
    let head = match is_good
        || method == "OPTIONS"
            && credentials.is_empty()
            && text.contains("Access-Control-Request-Method")
    {
        true => "200 OK\r\nCache-Control: private\r\n".to_owned(),
        false if is_limited => "403 Forbidden\r\nWWW-Authenticate: Bearer realm=\"r\", error=\"insufficient_scope\", scope=\"s\"\r\n".to_owned(),
        // Nothing that is registered asks for a key.
        false if stand_in.challenges.is_empty() => "403 Forbidden\r\n".to_owned(),
        false => {
            let is_token = credentials
                .first()
                .is_some_and(|value| value.starts_with("Bearer "));
            let lines = stand_in.challenges.iter().map(|one| {
                let error = match is_token && one.starts_with("Bearer ") {
                    true => ", error=\"invalid_token\"",
                    false => "",
                };
                format!("WWW-Authenticate: {one}{error}\r\n")
            });
            format!("401 Unauthorized\r\n{}", lines.collect::<String>())
        }
    };
    let head = format!("HTTP/1.1 {head}Connection: close\r\nContent-Length: 0\r\n\r\n");
    came.lock()
        .unwrap_or_else(PoisonError::into_inner)
        .push(HeardRequest {
            method,
            target,
            fields,
            content: content.to_owned(),
        });
    stream.write_all(head.as_bytes()).await
}

impl StandIn {
    /// Whether the marks log in with it.
    fn is_good(&self, value: &str, method: &str) -> bool {
        let Some(Identity {
            user,
            password,
            tokens,
            ..
        }) = self.identities.first()
        else {
            return false;
        };
        let password = password.expose();
        let (scheme, rest) = value.split_once([' ', '\t']).unwrap_or((value, ""));
        let rest = rest.trim_matches([' ', '\t']);
        match scheme.to_ascii_lowercase().as_str() {
            "basic" => read_basic(rest.as_bytes())
                .is_some_and(|(one, word)| one == *user && word == password),
            "bearer" => read_bearer(rest.as_bytes()).is_some_and(|token| is_valid(tokens, &token)),
            _ => {
                let read = Authorization::parse([value.as_bytes()].into_iter());
                let presented = read
                    .credentials
                    .map(|credentials| Presented::read(&credentials));
                matches!(presented, Some(Ok(presented)) if presented.is_of(user) && presented.is_right(user, password, method, &[]))
            }
        }
    }

    /// Whether a token lacks a scope.
    fn is_limited(&self, value: &str) -> bool {
        let others = self.identities.iter().skip(1).filter(|one| one.enabled);
        let mut tokens = others.flat_map(|one| &one.tokens);
        tokens.any(|token| value == format!("Bearer {}", token.value.expose()))
    }

    /// Whether the key of the marks, or a signature by them, stands where it is looked for.
    fn has_key(&self, target: &str, fields: &[(String, String)], method: &str) -> bool {
        let Some(Identity {
            user,
            password,
            api_keys,
            ..
        }) = self.identities.first()
        else {
            return false;
        };
        let password = password.expose();
        let value_of = |line: (String, String)| {
            let (name, value) = match &self.place {
                Some(place) => place.field(line),
                None => line,
            };
            let mut there = fields
                .iter()
                .filter(|(known, _)| known.eq_ignore_ascii_case(&name));
            let there = there.next()?.1.strip_prefix(&value)?;
            Some(there.to_owned())
        };
        let usual = |name: &str| value_of((name.to_owned(), String::new()));
        let in_query = self.place.as_ref().is_some_and(KeyPlace::is_query);
        let key = match in_query {
            true => target.rsplit_once('=').map(|(_, value)| value.to_owned()),
            false => usual(KEY.0),
        };
        let signature = usual(SIGNATURE.0).filter(|_| self.signs);
        key.is_some_and(|key| is_valid(api_keys, &key))
            || signature.is_some_and(|one| is_signed(&one, user, password, method, target))
    }
}

/// Whether a token or a key is one of these, and good.
fn is_valid(all: &[Token], value: &str) -> bool {
    let mut good = all.iter().filter(|one| one.state == TokenState::Valid);
    good.any(|one| one.value == value)
}

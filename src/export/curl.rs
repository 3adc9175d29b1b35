//! A case's client as a curl command.

use super::shell::shell_word;
use crate::credentials::{CredentialState, Identity, Scheme, authorization};
use crate::domain::{Case, Value};
use crate::vocabulary::{ClientCase, Form, Method};
use crate::wire::Way;

/// The command that plays the case's client with curl, and what it does; nothing where curl cannot.
pub fn curl(case: &Case, identities: &[Identity], url: &str) -> Option<(String, String)> {
    let identity = identities.first()?;
    let client = ClientCase::from_value(&case.client).ok()?;
    let persona = case.client.field("persona").and_then(Value::as_symbol);
    let waits = match persona {
        None | Some("preemptive") => client.scheme.needs_challenge(),
        Some("challenge-driven") => true,
        // curl does not behave as other personas do.
        Some(_) => return None,
    };
    let proxied = client.way == Way::ForwardProxy;
    let (reach, mut url) = reach(client.way, url);
    let plain = client.form == Form::Plain && client.credential == CredentialState::Valid;
    let own = || shell_word(&format!("{}:{}", identity.user, identity.password));
    let mut words: Vec<String> = reach.map(str::to_owned).into_iter().collect();
    match client.method {
        Method::Get => {}
        Method::Head => words.push("--head".to_owned()),
        other => words.push(format!("-X {}", other.name())),
    }
    let request = client.unasked(identities);
    match client.scheme {
        // The first command shows it by HTTP/1.1.
        _ if client.credential == CredentialState::None => {
            let shown = client.way == Way::Http1;
            let words = words.join(" ");
            let note = format!("asks by {}", client.way);
            return (!shown).then(|| (format!("curl -si {words} {url}"), note));
        }
        Scheme::Basic if plain && proxied => words.push(format!("-U {}", own())),
        Scheme::Digest if plain && proxied => words.push(format!("--proxy-digest -U {}", own())),
        Scheme::Basic if plain => words.push(format!("-u {}", own())),
        Scheme::Digest if plain => words.push(format!("--digest -u {}", own())),
        Scheme::Bearer if plain && !proxied => {
            let value = authorization(client.scheme, client.credential, identity).ok()??;
            let (_, token) = value.split_once(' ')?;
            words.push(format!("--oauth2-bearer {}", shell_word(token)));
        }
        // curl sends other credentials only unasked.
        _ if waits => return None,
        _ => {
            let request = request.as_ref()?;
            for field in &request.fields {
                // curl has its own of these; an empty field takes a semicolon.
                if matches!(
                    field.name.as_str(),
                    "Accept" | "User-Agent" | "Content-Length"
                ) {
                    continue;
                }
                let value = String::from_utf8_lossy(&field.value);
                let line = if value.is_empty() {
                    format!("{};", field.name)
                } else {
                    format!("{}: {value}", field.name)
                };
                words.push(format!("-H {}", shell_word(&line)));
            }
            if let Some((_, query)) = request.path.split_once('?') {
                url = format!("\"{url}?{query}\"");
            }
        }
    }
    let anyauth = match client.scheme {
        Scheme::Digest => "",
        _ if waits && proxied => "--proxy-anyauth ",
        _ if waits => "--anyauth ",
        _ => "",
    };
    let note = if waits {
        "waits for its challenge"
    } else {
        "sends its credentials unasked"
    };
    let words = words.join(" ");
    Some((format!("curl -si {anyauth}{words} {url}"), note.to_owned()))
}

/// What makes curl go a way: options, if it needs any, and the URL. `$TLS` and `$PROXY` stand for what
/// `serve` prints.
fn reach(way: Way, url: &str) -> (Option<&'static str>, String) {
    let encrypted = || "https://$TLS/s0/resource".to_owned();
    match way {
        Way::Http1 => (None, url.to_owned()),
        Way::H2c => (Some("--http2-prior-knowledge"), url.to_owned()),
        Way::Https => (Some("-k --http1.1"), encrypted()),
        Way::H2 => (Some("-k --http2"), encrypted()),
        Way::ForwardProxy => (Some("-x http://$PROXY"), url.to_owned()),
    }
}

//! A case's client as a curl command.

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

/// The fewest characters of a repetition that are written as one, and the longest unit that is looked for.
const REPEATED: usize = 256;
const UNIT: usize = 4;

/// A word for a POSIX shell, in which the shell makes a long repetition itself.
fn shell_word(text: &str) -> String {
    let Some((before, unit, times, behind)) = repetition(text) else {
        return shell_quoted(text);
    };
    let quoted = |part: &str| match part {
        "" => String::new(),
        part => format!("'{}'", part.replace('\'', "'\\''")),
    };
    format!(
        "{}\"$(yes {unit} | head -n {times} | tr -d '\\n')\"{}",
        quoted(before),
        quoted(behind)
    )
}

/// What stands before the first long repetition of a few letters and digits, those, how often they are
/// repeated, and what stands behind.
fn repetition(text: &str) -> Option<(&str, &str, usize, &str)> {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at + REPEATED <= bytes.len() {
        let mut longest = 1;
        for length in 1..=UNIT {
            let unit = bytes.get(at..at + length)?;
            if !unit.iter().all(u8::is_ascii_alphanumeric) {
                break;
            }
            let rest = bytes.get(at..)?;
            let times = rest.chunks(length).take_while(|one| *one == unit).count();
            let end = at + times * length;
            if times * length >= REPEATED {
                let (before, unit) = (text.get(..at)?, text.get(at..at + length)?);
                return Some((before, unit, times, text.get(end..)?));
            }
            // Nothing longer begins within a repetition of one character but at its end.
            if length == 1 {
                longest = times.max(1);
            }
        }
        at += longest.saturating_sub(1).max(1);
    }
    None
}

/// The name of a file or a folder for a POSIX shell, which no command takes for an option.
pub fn path_quoted(path: &str) -> String {
    match path.starts_with('-') {
        true => shell_quoted(&format!("./{path}")),
        false => shell_quoted(path),
    }
}

/// A word for a POSIX shell.
pub fn shell_quoted(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=@".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', "'\\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shell_makes_a_long_repetition_itself() {
        let long = format!("it's {}b$", "A".repeat(16_384));
        let encoded = format!("Authorization: Basic YWx{}Og==", "QUFB".repeat(4_096));
        assert_eq!(
            shell_word(&format!("X: {}", "A".repeat(16_384))),
            r#"'X: '"$(yes A | head -n 16384 | tr -d '\n')""#
        );
        for text in [
            long.as_str(),
            &encoded,
            "plain",
            "it's",
            "",
            &"ab".repeat(10),
        ] {
            let word = shell_word(text);
            assert!(word.len() < 120, "{word}");
            for shell in ["sh", "bash"] {
                let line = format!("printf %s {word}");
                let Ok(said) = std::process::Command::new(shell)
                    .args(["-c", &line])
                    .output()
                else {
                    continue;
                };
                assert!(said.stdout == text.as_bytes(), "{shell}: {word}");
            }
        }
    }
}

//! A case as curl commands: what comes before the last request, and that.

use super::shell::shell_word;
use crate::credentials::{CredentialState, Identity, Scheme, authorization};
use crate::domain::{Case, Part, Step, Value, steps_of, with_fields};
use crate::vocabulary::{ClientCase, Form, Method, RequestTarget};
use crate::wire::Way;

/// What is said in place of commands where [`by_curl`] gives none.
pub const NOT_BY_CURL: &str = "curl alone cannot show what happens before the last request";

/// The commands that play these cases with curl, one case after the other, behind the one that shows what is
/// advertised; those without steps come first, because steps leave something behind. Nothing where a case has
/// steps that curl alone cannot play: then its last request alone would show something else.
pub fn by_curl<'a>(
    cases: impl IntoIterator<Item = &'a Case>,
    identities: &[Identity],
    url: &str,
) -> Option<Vec<(String, String)>> {
    let mut lines = vec![(
        format!("curl -si {url}"),
        "what a 401 advertises".to_owned(),
    )];
    let (stepless, stepped): (Vec<&Case>, Vec<&Case>) =
        cases.into_iter().partition(|case| case.steps().is_empty());
    for line in stepless
        .iter()
        .filter_map(|case| curl(case, identities, url))
    {
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
    for case in stepped {
        lines.extend(stepwise(case, identities, url)?);
    }
    Some(lines)
}

/// The commands that play a case's steps and then its client; nothing where curl cannot.
fn stepwise(case: &Case, identities: &[Identity], url: &str) -> Option<Vec<(String, String)>> {
    let mut lines = Vec::new();
    for step in steps_of(&case.course).ok()? {
        match step {
            Step::Ask { with, times } => {
                let client = with_fields(&case.client, &with);
                let (line, note) = asked(&case.with(Part::Client, client), identities, url)?;
                lines.push(match times {
                    1 => (line, format!("before: {note}")),
                    times => (
                        format!("for i in $(seq {times}); do {line}; done"),
                        format!("before, {times} times: {note}"),
                    ),
                });
            }
            Step::Wait(seconds) => lines.push((format!("sleep {seconds}"), "waits".to_owned())),
            Step::Edit(_) | Step::Beside { .. } => return None,
        }
    }
    let (line, note) = asked(case, identities, url)?;
    lines.push((line, format!("then: {note}")));
    Some(lines)
}

/// The command for a client wherever it stands, one without credentials too.
fn asked(case: &Case, identities: &[Identity], url: &str) -> Option<(String, String)> {
    let client = ClientCase::from_value(&case.client).ok()?;
    let is_bare = client.credential == CredentialState::None && client.way == Way::Http1;
    if client.target == RequestTarget::Metadata {
        // It stands in the challenge that came before, which the server gives once more.
        let named = "sed -n 's/.*resource_metadata=\"\\([^\"]*\\)\".*/\\1/p'";
        let command = format!("curl -si \"$(curl -si {url} | {named})\"");
        let note = "fetches the metadata that it names".to_owned();
        return is_bare.then_some((command, note));
    }
    match is_bare {
        false => curl(case, identities, url),
        true => {
            let method = match client.method {
                Method::Get => String::new(),
                Method::Head => "--head ".to_owned(),
                Method::Post | Method::Options => format!("-X {} ", client.method.name()),
                // It has fields of its own.
                _ => return None,
            };
            let note = "asks without credentials".to_owned();
            Some((format!("curl -si {method}{url}"), note))
        }
    }
}

/// The command that plays the case's client with curl, and what it does; nothing where curl cannot.
fn curl(case: &Case, identities: &[Identity], url: &str) -> Option<(String, String)> {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn case(steps: impl IntoIterator<Item = Value>) -> Case {
        let client = [
            ("scheme", Value::symbol("basic")),
            ("credential", Value::symbol("none")),
        ];
        let case = Case {
            policy: Value::Record(Vec::new()),
            instance: Value::Record(Vec::new()),
            course: Value::List(Vec::new()),
            client: Value::record(client),
        };
        case.behind(steps)
    }

    #[test]
    fn steps_are_played_before_the_last_request_or_nothing_is() {
        let wrong = Value::record([("credential", Value::symbol("valid"))]);
        let steps = [
            Value::record([("ask", wrong), ("times", Value::Int(3))]),
            Value::record([("wait", Value::Int(2))]),
        ];
        let lines = |case: &Case| {
            let lines = by_curl([case], &[Identity::alice()], "$URL")?;
            Some(lines.into_iter().map(|(line, _)| line).collect::<Vec<_>>())
        };
        assert_eq!(
            lines(&case(steps)).unwrap(),
            [
                "curl -si $URL",
                "for i in $(seq 3); do curl -si -u alice:open-sesame $URL; done",
                "sleep 2",
                "curl -si $URL",
            ]
        );
        assert_eq!(lines(&case([])).unwrap(), ["curl -si $URL"]);
        let edit = Value::record([("policy.flag", Value::Bool(true))]);
        assert_eq!(lines(&case([Value::record([("edit", edit)])])), None);
    }
}

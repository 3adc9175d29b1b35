//! A case as curl commands: what comes before the last request, and that.

use super::shell::shell_word;
use super::stand_ins::{StandIns, has_variables, shell_made};
use crate::credentials::{
    Context, CredentialState, Identity, KeyPlace, SIGNATURE, Scheme, authorization, mint,
    read_basic,
};
use crate::domain::{Case, Part, Step, Value, steps_of, with_fields};
use crate::vocabulary::{Baggage, ClientCase, Form, Method, RequestTarget, SourceAddress};
use crate::wire::Way;

/// What is said in place of commands where [`by_curl`] gives none.
pub const NOT_BY_CURL: &str = "curl alone cannot show what happens before the last request";

/// Where curl asks, and as whom.
#[derive(Clone, Debug)]
pub struct CurlAsks<'a> {
    /// Whoever can log in; the client is the first.
    pub identities: &'a [Identity],
    /// The URL, as a word of a shell.
    pub url: &'a str,
    /// Options that every command has, as words of a shell with a blank behind each: mostly none.
    pub options: &'a str,
    /// Where the server looks for API keys, where it has a name of its own for that.
    pub key: Option<&'a KeyPlace>,
    /// What stands in place of secrets among the identities.
    pub stand_ins: StandIns,
}

impl<'a> CurlAsks<'a> {
    /// For a URL, as the first of these identities. Variables among their secrets are left to the shell.
    pub fn of(identities: &'a [Identity], url: &'a str) -> Self {
        Self {
            identities,
            url,
            options: "",
            key: None,
            stand_ins: StandIns::of(identities),
        }
    }

    /// A command with these options, each with a blank behind it, for a URL.
    fn command(&self, words: &str, url: &str) -> String {
        format!("{CURL}-si {}{words}{url}", self.options)
    }

    /// A text as a word of a shell, which puts in what something else stands for; nothing where no line can show it.
    fn word(&self, text: &str) -> Option<String> {
        if self.stand_ins.is_empty() {
            return Some(shell_word(text));
        }
        let pieces = self.stand_ins.pieces(text);
        match self.stand_ins.are_in(text) || has_variables(&pieces) {
            true => Some(format!("\"{}\"", shell_made(&pieces)?)),
            false => Some(shell_word(text)),
        }
    }
}

/// The commands that play these cases with curl, one case after the other, behind the one that shows what is
/// advertised; those without steps come first, because steps leave something behind. Nothing where a case has
/// steps that curl alone cannot play: then its last request alone would show something else. `content` says
/// whether that of an answer matters, of one to HEAD too.
pub fn by_curl<'a>(
    cases: impl IntoIterator<Item = &'a Case>,
    asks: &CurlAsks<'_>,
    content: bool,
) -> Option<Vec<(String, String)>> {
    let mut lines = vec![(
        asks.command("", asks.url),
        "what a 401 advertises".to_owned(),
    )];
    let (stepless, stepped): (Vec<&Case>, Vec<&Case>) =
        cases.into_iter().partition(|case| case.steps().is_empty());
    for line in stepless
        .iter()
        .filter(|case| !shows_what_is_advertised(case))
        .filter_map(|case| asked(case, asks))
    {
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
    // What is asked first may be answered as nothing is after that: where a conversation begins with the very request
    // of the first command, it shows that too.
    let begins_bare = |case: &&Case| {
        let first = steps_of(&case.course)
            .ok()
            .and_then(|steps| steps.into_iter().next());
        matches!(first, Some(Step::Ask { with, .. })
            if shows_what_is_advertised(&case.with(Part::Client, with_fields(&case.client, &with))))
    };
    if lines.len() == 1 && !stepped.is_empty() && stepped.iter().all(begins_bare) {
        lines.clear();
    }
    for case in stepped {
        lines.extend(stepwise(case, asks)?);
    }
    if content {
        for (line, note) in &mut lines {
            if let Some((before, after)) = line.split_once("curl -si ")
                && after.contains(HEAD)
            {
                // curl reads no content behind an answer to `--head`; to a method that it does not know by itself
                // it reads what the field Content-Length tells, and waits where nothing comes.
                let after = after.replacen(HEAD, "--max-time 2 -X HEAD ", 1);
                *line = format!("{before}curl -si {after}");
                note.push_str(", and shows what comes behind the head");
            }
        }
    }
    Some(lines)
}

/// What makes curl ask for a head alone.
const HEAD: &str = "--head ";

/// Whether the first command plays the client of a case.
pub fn shows_what_is_advertised(case: &Case) -> bool {
    ClientCase::from_value(&case.client).is_ok_and(|client| {
        let ClientCase {
            credential,
            method,
            way,
            target,
            carries,
            ..
        } = client;
        (credential, method, way, target, carries)
            == (
                CredentialState::None,
                Method::Get,
                Way::Http1,
                RequestTarget::Resource,
                Baggage::Nothing,
            )
    })
}

/// The commands that play a case's steps and then its client; nothing where curl cannot. Where all that comes before
/// are single asks, it is one command, which goes over one connection: a server may remember by that.
fn stepwise(case: &Case, asks: &CurlAsks<'_>) -> Option<Vec<(String, String)>> {
    let mut lines = Vec::new();
    let mut so_often = 1;
    for step in steps_of(&case.course).ok()? {
        match step {
            Step::Ask { with, times } => {
                let client = with_fields(&case.client, &with);
                if uses_a_challenge(&client) && uses_a_challenge(&case.client) {
                    // Each command gets a challenge of its own, and what one has used up is good for the next.
                    return None;
                }
                let begins = times == 1 && begins_a_session(&client);
                let (line, note) = asked(&case.with(Part::Client, client), asks)?;
                let line = if begins && is_of_session(&case.client) {
                    // The last request belongs to the session that this one begins.
                    format!("SESSION=$({line} | {TAKES_SESSION})")
                } else if sends_told_cookies(&case.client) {
                    if times > 1 || !lines.is_empty() {
                        return None; // The cookies of several answers, of which some may take back others.
                    }
                    format!("COOKIES=$({line} | {TAKES_COOKIES})")
                } else {
                    line
                };
                lines.push(match times {
                    1 => (line, format!("before: {note}")),
                    times => (
                        format!("for i in $(seq {times}); do {line}; done"),
                        format!("before, {times} times: {note}"),
                    ),
                });
            }
            Step::Wait(seconds) => lines.push((format!("sleep {seconds}"), "waits".to_owned())),
            Step::Beside {
                clients: 0, tries, ..
            } => so_often = tries,
            Step::Edit(_) | Step::Beside { .. } => return None,
        }
    }
    let (line, note) = asked(case, asks)?;
    lines.push(match so_often {
        1 => (line, format!("then, and this is what is judged: {note}")),
        so_often => (
            format!("for i in $(seq {so_often}); do {line}; done"),
            format!("then, {so_often} times, and what any of them gets is judged: {note}"),
        ),
    });
    let is_single = |(line, _): &(String, String)| line.starts_with(CURL);
    match lines.iter().all(is_single) && asks_for_resource(case) {
        true => Some(vec![over_one_connection(&lines)]),
        false => Some(lines),
    }
}

/// What takes the session out of an answer of a server of the Model Context Protocol.
const TAKES_SESSION: &str = "tr -d '\\r' | sed -n 's/^mcp-session-id: *//Ip'";

/// What takes the cookies out of an answer.
const TAKES_COOKIES: &str =
    "tr -d '\\r' | sed -n 's/^set-cookie: *\\([^;]*\\).*/\\1/Ip' | paste -sd ';' -";

/// The option that sends them, where there are any.
const SENDS_COOKIES: &str = "${COOKIES:+-H \"Cookie: $COOKIES\"}";

/// Whether a client sends the cookies that answers before it set.
fn sends_told_cookies(client: &Value) -> bool {
    ClientCase::from_value(client).is_ok_and(|client| client.carries.is_told())
}

/// Whether a client begins a session of that protocol.
fn begins_a_session(client: &Value) -> bool {
    ClientCase::from_value(client).is_ok_and(|client| client.method == Method::McpInitialize)
}

/// Whether a client's requests belong to one.
fn is_of_session(client: &Value) -> bool {
    ClientCase::from_value(client).is_ok_and(|client| client.method.is_of_session())
}

/// Whether what is asked stands in the content, in a form of its own.
fn is_message(method: Method) -> bool {
    method.is_of_mcp() || method.is_introspection()
}

/// The options that make a request of a method such a message.
fn message(method: Method) -> Vec<String> {
    if !is_message(method) {
        return Vec::new();
    }
    let mut words = vec![format!("-H 'Accept: {}'", method.accept())];
    let fields = method.fields().iter();
    words.extend(fields.map(|(name, value)| format!("-H '{name}: {value}'")));
    if method.is_of_session() {
        words.push("${SESSION:+-H \"Mcp-Session-Id: $SESSION\"}".to_owned());
    }
    match method.content() {
        "" => words.insert(0, format!("-X {}", method.name())),
        content => words.push(format!("-d {}", shell_word(content))),
    }
    words
}

/// How a command begins.
const CURL: &str = "curl ";

/// Whether a case's client asks for the resource itself.
fn asks_for_resource(case: &Case) -> bool {
    ClientCase::from_value(&case.client)
        .is_ok_and(|client| client.target == RequestTarget::Resource)
}

/// Commands as one.
fn over_one_connection(lines: &[(String, String)]) -> (String, String) {
    let own = |(line, _): &(String, String)| line.strip_prefix(CURL).unwrap_or(line).to_owned();
    let commands: Vec<String> = lines.iter().map(own).collect();
    let notes: Vec<&str> = lines.iter().map(|(_, note)| note.as_str()).collect();
    (
        format!("{CURL}{}", commands.join(" --next ")),
        notes.join("; "),
    )
}

/// Whether a client's credentials are made of a challenge.
fn uses_a_challenge(client: &Value) -> bool {
    ClientCase::from_value(client).is_ok_and(|client| {
        client.scheme.needs_challenge() && client.credential != CredentialState::None
    })
}

/// What makes host and port out of a URL.
const AUTHORITY: &str = "sed 's|^[a-z]*://||;s|[/?].*||'";

/// What makes the well-known URI of the metadata out of the URL of a resource (RFC 9728 §3.1).
const WELL_KNOWN: &str = "sed 's|^\\([a-z]*://[^/]*\\)|\\1/.well-known/oauth-protected-resource|'";

/// The same of the metadata of an authorization server (RFC 8414 §3).
const OF_ISSUER: &str = "sed 's|^\\([a-z]*://[^/]*\\)|\\1/.well-known/oauth-authorization-server|'";

/// The fields of a client's requests that are there whatever its credentials, as options.
fn carried(client: &ClientCase) -> impl Iterator<Item = String> {
    let of_method = match is_message(client.method) {
        // They go with its message.
        true => &[][..],
        false => client.method.fields(),
    };
    // curl says by itself how long content is.
    let of_method = { of_method.iter() }.filter(|(name, _)| *name != "Content-Length");
    let cookies = client.carries.is_told().then(|| SENDS_COOKIES.to_owned());
    of_method
        .chain(client.carries.fields())
        .map(|(name, value)| format!("-H {}", shell_word(&format!("{name}: {value}"))))
        .chain(cookies)
}

/// The URL of what a client asks for, as words of a shell that stand behind each other; nothing where curl would tidy it.
fn targeted(target: RequestTarget, url: &str) -> Option<String> {
    match target {
        RequestTarget::AbsoluteForm => Some(format!("--request-target {url} {url}")),
        RequestTarget::Query
        | RequestTarget::QuotesInQuery
        | RequestTarget::QuotesInPath
        | RequestTarget::LineBreakInQuery
        | RequestTarget::PathParameter => Some(format!("{url}\"{}\"", target.below("").0)),
        target if target.is_respelt() => None,
        _ => Some(url.to_owned()),
    }
}

/// The states of credentials that are a user-id and a password, from which curl makes an answer to a challenge of Digest.
const IS_A_LOG_IN: [CredentialState; 5] = [
    CredentialState::Valid,
    CredentialState::WrongSecret,
    CredentialState::UnknownUser,
    CredentialState::DisabledUser,
    CredentialState::ColonInPassword,
];

/// The command for a client wherever it stands, one without credentials too.
fn asked(case: &Case, asks: &CurlAsks<'_>) -> Option<(String, String)> {
    let client = ClientCase::from_value(&case.client).ok()?;
    let url = targeted(client.target, asks.url)?;
    let asks = &CurlAsks {
        url: &url,
        ..asks.clone()
    };
    let url = asks.url;
    let is_bare = client.credential == CredentialState::None && client.way == Way::Http1;
    if client.target.is_metadata() {
        if client.target != RequestTarget::Metadata {
            let made = match client.target {
                RequestTarget::IssuerMetadata => OF_ISSUER,
                _ => WELL_KNOWN,
            };
            let command = asks.command("", &format!("\"$(printf %s {url} | {made})\""));
            let note = "fetches the metadata from its well-known URI".to_owned();
            return is_bare.then_some((command, note));
        }
        // It stands in the challenge that came before, which the server gives once more.
        let named = "sed -n 's/.*resource_metadata=\"\\([^\"]*\\)\".*/\\1/p'";
        let asked = asks.command("", url);
        let command = asks.command("", &format!("\"$({asked} | {named})\""));
        let note = "fetches the metadata that it names".to_owned();
        return is_bare.then_some((command, note));
    }
    match is_bare {
        false => curl(case, asks),
        true => {
            let method = match client.method {
                Method::Get => String::new(),
                Method::Head => HEAD.to_owned(),
                method if is_message(method) => format!("{} ", message(method).join(" ")),
                // What opens has no content that would end.
                Method::Connect => format!(
                    "--max-time 2 -X CONNECT --request-target \"$(printf %s {url} | {AUTHORITY})\" "
                ),
                // curl has no `:protocol`.
                Method::ExtendedConnect => return None,
                method if method.content().is_empty() => format!("-X {} ", method.name()),
                _ => return None,
            };
            let fields: String = carried(&client).map(|field| format!("{field} ")).collect();
            let method = match (client.method, fields.is_empty()) {
                (Method::CrossOrigin, _) => fields,
                (_, true) => method,
                (_, false) => format!("{method}{fields}"),
            };
            let note = match client.method {
                Method::Get | Method::CrossOrigin => "asks without credentials".to_owned(),
                method => format!("asks by {} without credentials", method.name()),
            };
            Some((asks.command(&method, url), note))
        }
    }
}

/// The command that plays the case's client with curl, and what it does; nothing where curl cannot.
fn curl(case: &Case, asks: &CurlAsks<'_>) -> Option<(String, String)> {
    let identity = asks.identities.first()?;
    let client = ClientCase::from_value(&case.client).ok()?;
    let persona = case.client.field("persona").and_then(Value::as_symbol);
    let waits = match persona {
        None | Some("preemptive") => client.scheme.needs_challenge(),
        Some("challenge-driven") => true,
        // curl does not behave as other personas do.
        Some(_) => return None,
    };
    let proxied = client.way.is_proxy();
    let (reach, mut url) = reach(client.way, asks.url);
    let plain = client.form == Form::Plain && client.credential == CredentialState::Valid;
    let own = || asks.word(&format!("{}:{}", identity.user, identity.password.expose()));
    // An answer to a challenge that is right, of somebody who may not be.
    let has_log_in = client.form == Form::Plain && IS_A_LOG_IN.contains(&client.credential);
    let log_in = || {
        let context = Context::default();
        let made = mint(Scheme::Basic, client.credential, asks.identities, &context).ok()??;
        let (_, pair) = made.authorization()?.split_once(' ')?;
        let (user, password) = read_basic(pair.as_bytes())?;
        asks.word(&format!("{user}:{password}"))
    };
    let mut words: Vec<String> = reach.map(str::to_owned).into_iter().collect();
    match client.method {
        Method::Get => {}
        Method::Connect if client.way == Way::Tunnel => {}
        // curl writes a path, also of a method that has none.
        Method::Connect => return None,
        // And no `:protocol`.
        Method::ExtendedConnect => return None,
        Method::Head => words.push("--head".to_owned()),
        message if is_message(message) => words.extend(self::message(message)),
        other => words.push(format!("-X {}", other.name())),
    }
    if let Some(address) = client.from.address() {
        words.push(format!("--interface {address}"));
    }
    let request = client.unasked(asks.identities);
    let mut has_fields = false;
    match client.scheme {
        // The first command shows it by HTTP/1.1.
        _ if client.credential == CredentialState::None => {
            let shown = client.way == Way::Http1 && client.from == SourceAddress::Usual;
            words.extend(carried(&client));
            let words = words.join(" ");
            let note = format!("asks by {}", client.way);
            return (!shown).then(|| (asks.command(&format!("{words} "), &url), note));
        }
        Scheme::Basic if plain && proxied => words.push(format!("-U {}", own()?)),
        Scheme::Digest if has_log_in && proxied => {
            words.push(format!("--proxy-digest -U {}", log_in()?));
        }
        Scheme::Basic if plain => words.push(format!("-u {}", own()?)),
        Scheme::Digest if has_log_in => words.push(format!("--digest -u {}", log_in()?)),
        Scheme::Bearer if plain && !proxied => {
            let value = authorization(client.scheme, client.credential, identity).ok()??;
            let (_, token) = value.split_once(' ')?;
            words.push(format!("--oauth2-bearer {}", asks.word(token)?));
        }
        // curl sends other credentials only unasked.
        _ if waits => return None,
        // It is made when it is needed, and stands in no file that curl could read.
        Scheme::Certificate => return None,
        Scheme::Hmac if !asks.stand_ins.is_empty() => match plain {
            true => words.push(signed(&client, identity, asks)?),
            // What is wrong with it would have to be signed too.
            false => return None,
        },
        _ => {
            let request = request.as_ref()?;
            for field in &request.fields {
                // curl has its own of these; an empty field takes a semicolon.
                let is_said = is_message(client.method) && field.name != "Authorization";
                if is_said
                    || matches!(field.name.as_str(), "User-Agent" | "Content-Length")
                    || (field.name == "Accept" && field.value == b"*/*")
                {
                    continue;
                }
                let value = String::from_utf8_lossy(&field.value).into_owned();
                let line = (field.name.clone(), value);
                let (name, value) = match asks.key {
                    Some(place) => place.field(line),
                    None => line,
                };
                let line = match value.is_empty() {
                    true => format!("{name};"),
                    false => format!("{name}: {value}"),
                };
                words.push(format!("-H {}", asks.word(&line)?));
            }
            let in_query = matches!(client.form, Form::Query | Form::FieldAndQuery);
            let is_plain = client.target == RequestTarget::Resource;
            match request.path.split_once('?') {
                Some((_, query)) if is_plain => url = with_query(&url, query, asks)?,
                // The target has one of its own, which the URL has already.
                Some(_) if in_query => return None,
                _ => {}
            }
            has_fields = true;
        }
    }
    if !has_fields {
        words.extend(carried(&client));
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
    Some((
        asks.command(&format!("{anyauth}{words} "), &url),
        note.to_owned(),
    ))
}

/// What makes the path out of a URL.
const PATH: &str = "sed 's|^[a-z]*://[^/]*||;s|?.*||'";

/// The option that sends a signature which the shell makes.
fn signed(client: &ClientCase, identity: &Identity, asks: &CurlAsks<'_>) -> Option<String> {
    let line = (SIGNATURE.0.to_owned(), String::new());
    let (name, _) = match asks.key {
        Some(place) => place.field(line),
        None => line,
    };
    let made = |text: &str| shell_made(&asks.stand_ins.plain(text));
    Some(format!(
        "-H \"{name}: {}:$(printf '%s\\n%s' {} \"$(printf %s {} | {PATH})\" | openssl dgst -sha256 -hmac \"{}\" -binary | base64)\"",
        made(&identity.user)?,
        client.method.name(),
        asks.url,
        made(identity.password.expose())?,
    ))
}

/// A URL with something more in its query.
fn with_query(url: &str, query: &str, asks: &CurlAsks<'_>) -> Option<String> {
    if asks.stand_ins.is_empty() {
        return Some(format!("\"{url}?{query}\""));
    }
    let query = match asks.key {
        Some(place) => place.query(query.to_owned()),
        None => query.to_owned(),
    };
    let joint = match url.contains('?') {
        true => '&',
        false => '?',
    };
    let made = shell_made(&asks.stand_ins.plain(&query))?;
    Some(format!("{url}\"{joint}{made}\""))
}

/// What makes curl go a way: options, if it needs any, and the URL. `$TLS`, `$PROXY` and `$TUNNEL` stand for
/// what `serve` prints.
fn reach(way: Way, url: &str) -> (Option<&'static str>, String) {
    let encrypted = || "https://$TLS/s0/resource".to_owned();
    match way {
        Way::Http1 => (None, url.to_owned()),
        Way::H2c => (Some("--http2-prior-knowledge"), url.to_owned()),
        Way::Https => (Some("-k --http1.1"), encrypted()),
        Way::H2 => (Some("-k --http2"), encrypted()),
        Way::H3 => (Some("-k --http3-only"), encrypted()),
        Way::ForwardProxy => (Some("-x http://$PROXY"), url.to_owned()),
        // The tunnel is asked for first, and what it answers is shown first.
        Way::Tunnel => (Some("-p -x http://$PROXY"), "http://$TUNNEL".to_owned()),
    }
}

#[cfg(test)]
mod tests;

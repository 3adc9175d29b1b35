//! OAuth metadata of a resource whose challenge names it (RFC 9728), and that of its authorization servers (RFC 8414), each
//! fetched without credentials from a host that may be asked.

use countersign::implementation::Guest;
use countersign::user_agents::reach::ResponseHead;
use countersign::vocabulary::Method;
use countersign::wire::{Limits, Response, Risk, Transport};
use serde_json::{Value, json};

use super::entrance::heed;
use crate::cli::arguments::ProbeOptions;
use crate::cli::reach::ask::{allowed, exchange};
use crate::cli::reach::place::ServerUrl;

/// The most authorization servers that are asked.
const MOST_SERVERS: usize = 3;

/// How often a document is fetched again before anybody is accused of it.
const AGAIN: usize = 2;

/// The largest document that is read, in bytes.
const LARGEST: usize = 256 * 1024;

/// Where the metadata of an authorization server stands (RFC 8414 §3).
const WELL_KNOWN: &str = "/.well-known/oauth-authorization-server";

/// Something that is wrong with metadata.
#[derive(Debug)]
pub(super) struct MetadataDefect {
    says: String,
    source: &'static str,
    impact: &'static str,
    /// Whose document it is seen in.
    url: String,
}

/// What was seen of metadata.
#[derive(Debug, Default)]
pub(super) struct MetadataSeen {
    pub(super) defects: Vec<MetadataDefect>,
    /// What was looked at and is right, and what could not be looked at.
    told: Vec<String>,
}

impl MetadataSeen {
    /// In lines, where there is anything to say.
    pub(super) fn lines(&self) -> Vec<String> {
        let mut lines = Vec::new();
        for defect in &self.defects {
            lines.push(format!("FOUND: {}", defect.says));
            lines.push(format!("  source    {}", defect.source));
            lines.push(format!("  impact    {}", defect.impact));
            lines.push(format!("  by hand   curl -si '{}'", defect.url));
        }
        lines.extend(self.told.iter().cloned());
        lines
    }

    pub(super) fn to_json(&self) -> Value {
        let defects = self.defects.iter().map(|one| {
            json!({
                "says": one.says,
                "source": one.source,
                "impact": one.impact,
                "by_hand": format!("curl -si '{}'", one.url),
            })
        });
        json!({"findings": defects.collect::<Vec<_>>(), "told": self.told})
    }
}

/// Looks at the metadata that challenges name.
pub(super) async fn look(
    options: &ProbeOptions,
    place: &ServerUrl,
    guest: &Guest,
    seen: &ResponseHead,
) -> MetadataSeen {
    let mut fetcher = MetadataFetcher {
        options,
        guest,
        seen: MetadataSeen::default(),
    };
    let challenges = seen.challenges().list;
    let mut urls = challenges
        .iter()
        .filter_map(|challenge| challenge.param("resource_metadata"));
    if let Some(url) = urls.next() {
        fetcher.resource(url, place).await;
    }
    fetcher.seen
}

struct MetadataFetcher<'a> {
    options: &'a ProbeOptions,
    guest: &'a Guest,
    seen: MetadataSeen,
}

/// What a document lacks, with the place that says so and what follows.
type Lack = (String, &'static str, &'static str);

impl MetadataFetcher<'_> {
    async fn resource(&mut self, url: &str, place: &ServerUrl) {
        let own = format!(
            "{}://{}{}",
            if place.secure { "https" } else { "http" },
            place.authority,
            place.path
        );
        let Some(response) = self.fetch(url).await else {
            return;
        };
        let wrong = |response: &Response| lack_of_resource(response, &own);
        let document = self.judge(url, &response, "the metadata of the resource", &wrong);
        let Some(document) = document.await else {
            return;
        };
        let servers = document
            .get("authorization_servers")
            .and_then(Value::as_array);
        for server in servers.into_iter().flatten().take(MOST_SERVERS) {
            if let Some(issuer) = server.as_str() {
                self.server(issuer).await;
            }
        }
    }

    async fn server(&mut self, issuer: &str) {
        let Some(url) = well_known(issuer) else {
            return;
        };
        let Some(response) = self.fetch(&url).await else {
            return;
        };
        if response.status != 200 {
            // Nobody has to have it there: OpenID Connect has a place of its own.
            let status = response.status;
            self.seen.told.push(format!(
                "the authorization server {issuer} answers {status} for its metadata ({url}, RFC 8414 §3)"
            ));
            return;
        }
        let wrong = |response: &Response| lack_of_server(response, issuer);
        self.judge(
            &url,
            &response,
            "the metadata of the authorization server",
            &wrong,
        )
        .await;
    }

    /// A document, where it may be asked for and is answered.
    async fn fetch(&mut self, url: &str) -> Option<Response> {
        match self.fetched(url).await {
            Ok(response) => Some(response),
            Err(why) => {
                self.seen
                    .told
                    .push(format!("metadata was not looked at: {why}"));
                None
            }
        }
    }

    async fn fetched(&self, url: &str) -> Result<Response, String> {
        let one_line = |text: &str| text.split("\n").next().unwrap_or_default().to_owned();
        let from = ServerUrl::of(url).map_err(|failure| one_line(failure.text()))?;
        let options = self.options;
        let trust = allowed(&from, &options.leave()).await;
        let trust = trust.map_err(|failure| {
            format!(
                "{} (`--allow-host {}`)",
                one_line(failure.text()),
                from.host
            )
        })?;
        let care = &self.guest.care;
        care.may_send(Risk::Bare).map_err(str::to_owned)?;
        let limits = Limits {
            body_bytes: LARGEST,
            ..Limits::default()
        };
        let mut transport = Transport::new(limits).trusting(trust);
        care.take_turn().await;
        let response = exchange(&mut transport, &from, &self.guest.agent, Method::Get).await;
        let response = response.map_err(|failure| one_line(failure.text()))?;
        heed(care, Risk::Bare, &response);
        Ok(response)
    }

    /// Takes note of what is wrong with a document where that shows each time, and hands out what is right so far.
    async fn judge(
        &mut self,
        url: &str,
        response: &Response,
        what: &str,
        wrong: &(dyn Fn(&Response) -> Option<Lack> + Sync),
    ) -> Option<Value> {
        let Some((says, source, impact)) = wrong(response) else {
            self.seen
                .told
                .push(format!("{what} is as it should be: {url}"));
            return serde_json::from_slice(&response.body).ok();
        };
        for _ in 0..AGAIN {
            let again = self.fetched(url).await.ok();
            if again.as_ref().and_then(wrong).map(|(says, ..)| says) != Some(says.clone()) {
                let why = format!("{what} is not the same each time: {url}");
                self.seen.told.push(why);
                return None;
            }
        }
        self.seen.defects.push(MetadataDefect {
            says,
            source,
            impact,
            url: url.to_owned(),
        });
        None
    }
}

/// The first thing that is wrong with any such document.
fn lack_of_document(response: &Response, what: &str) -> Result<Value, Lack> {
    const UNREADABLE: &str = "A client cannot find out where to get a token.";
    if response.status != 200 {
        let says = format!("{what} is not there: {}", response.status);
        return Err((
            says,
            "RFC 9728 §3.2, and RFC 8414 §3.2 (a success is 200)",
            UNREADABLE,
        ));
    }
    let mut types = response.fields_named("Content-Type");
    let is_json = types.next().is_some_and(|value| {
        let value = String::from_utf8_lossy(value).to_ascii_lowercase();
        value
            .split(';')
            .next()
            .is_some_and(|value| value.trim() == "application/json")
    });
    if !is_json {
        let says = format!("{what} is not called application/json");
        let source = "RFC 9728 §3.2, and RFC 8414 §3.2 (with that content type)";
        return Err((says, source, "A client may pass it over."));
    }
    match serde_json::from_slice::<Value>(&response.body) {
        Ok(document) if document.is_object() => Ok(document),
        _ => Err((
            format!("{what} is no JSON object"),
            "RFC 9728 §3.2, and RFC 8414 §3.2",
            UNREADABLE,
        )),
    }
}

/// What is wrong with the metadata of a resource at this URL.
fn lack_of_resource(response: &Response, own: &str) -> Option<Lack> {
    let document = match lack_of_document(response, "the metadata of the resource") {
        Ok(document) => document,
        Err(lack) => return Some(lack),
    };
    let Some(resource) = document.get("resource").and_then(Value::as_str) else {
        return Some((
            "the metadata names no resource".to_owned(),
            "RFC 9728 §2 (`resource` is required)",
            "A client cannot tell what it is of, and has to throw the metadata away.",
        ));
    };
    if !is_same_url(resource, own) {
        return Some((
            "the metadata is of another resource".to_owned(),
            "RFC 9728 §2 and 3.3 (by a challenge's URL, `resource` is the URL that was asked)",
            "A client has to throw the metadata away, or takes a token to a resource that it was not for.",
        ));
    }
    let servers = document.get("authorization_servers")?;
    let issuers = servers.as_array().map(Vec::as_slice).unwrap_or_default();
    let are_issuers = servers.is_array()
        && issuers
            .iter()
            .all(|one| one.as_str().is_some_and(is_issuer));
    (!are_issuers).then(|| {
        (
            "the metadata names an authorization server that is no issuer".to_owned(),
            "RFC 9728 §2, and RFC 8414 §2 (an issuer is an https URL without query and fragment; http on loopback is \
             passed over here)",
            "A client cannot find the authorization server's metadata.",
        )
    })
}

/// What is wrong with the metadata of an authorization server.
fn lack_of_server(response: &Response, issuer: &str) -> Option<Lack> {
    let document = match lack_of_document(response, "the metadata of the authorization server") {
        Ok(document) => document,
        Err(lack) => return Some(lack),
    };
    let Some(named) = document.get("issuer").and_then(Value::as_str) else {
        return Some((
            "the metadata of the authorization server names no issuer".to_owned(),
            "RFC 8414 §2 (`issuer` is required)",
            "A client has to throw the metadata away, and cannot get a token.",
        ));
    };
    (named != issuer).then(|| {
        (
            "the resource names an authorization server by another issuer than that server names"
                .to_owned(),
            "RFC 8414 §3.3 (identical, or the metadata must not be used)",
            "A client has to throw the metadata away, and cannot get a token.",
        )
    })
}

/// Whether two URLs are the same, whether or not the usual port and the slash of an empty path are written.
fn is_same_url(one: &str, other: &str) -> bool {
    let parts = |url: &str| {
        let place = ServerUrl::of(url).ok()?;
        Some((
            place.secure,
            place.authority.to_ascii_lowercase(),
            place.path,
        ))
    };
    parts(one).is_some_and(|one| Some(one) == parts(other))
}

/// Whether a text is the identifier of an issuer (RFC 8414 §2), which on loopback may be of http.
fn is_issuer(text: &str) -> bool {
    let is_bare = !text.contains(['?', '#']);
    let place = ServerUrl::of(text).ok();
    let near = ["127.0.0.1", "localhost", "[::1]"];
    is_bare && place.is_some_and(|place| place.secure || near.contains(&place.host.as_str()))
}

/// Where the metadata of an issuer stands (RFC 8414 §3.1).
fn well_known(issuer: &str) -> Option<String> {
    let (scheme, rest) = issuer.split_once("://")?;
    let at = rest.find('/').unwrap_or(rest.len());
    let (authority, path) = rest.split_at_checked(at)?;
    Some(format!(
        "{scheme}://{authority}{WELL_KNOWN}{}",
        path.trim_end_matches('/')
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metadata_stands_between_host_and_path() {
        let place = |issuer| well_known(issuer).unwrap();
        assert_eq!(
            place("https://a.example/b/"),
            "https://a.example/.well-known/oauth-authorization-server/b"
        );
        assert_eq!(
            place("https://a.example"),
            "https://a.example/.well-known/oauth-authorization-server"
        );
    }

    #[test]
    fn urls_are_compared_as_what_they_mean() {
        assert!(is_same_url("https://a.example", "https://A.example:443/"));
        assert!(!is_same_url("https://a.example/b", "https://a.example/b/"));
        assert!(is_issuer("https://a.example/b") && is_issuer("http://localhost:1"));
        for other in [
            "http://a.example",
            "https://a.example?x",
            "a",
            "https://a.example/#b",
        ] {
            assert!(!is_issuer(other), "{other}");
        }
    }

    #[test]
    fn each_thing_that_a_document_lacks_is_told() {
        let answer = |status, kind: &str, body: &str| Response {
            status,
            fields: vec![countersign::wire::FieldLine {
                name: "Content-Type".to_owned(),
                value: kind.as_bytes().to_vec(),
            }],
            body: body.as_bytes().to_vec(),
            body_end: countersign::wire::BodyEnd::Complete,
            head: Vec::new(),
        };
        let own = "http://127.0.0.1:1/mcp";
        let good = r#"{"resource": "http://127.0.0.1:1/mcp", "authorization_servers": ["http://localhost:2"]}"#;
        let json = "application/json; charset=utf-8";
        let of_resource = |answer: &Response| lack_of_resource(answer, own).map(|lack| lack.0);
        assert_eq!(of_resource(&answer(200, json, good)), None);
        for (wrong, says) in [
            (answer(404, json, good), "is not there: 404"),
            (
                answer(200, "text/html", good),
                "is not called application/json",
            ),
            (answer(200, json, "[1]"), "is no JSON object"),
            (answer(200, json, "{}"), "names no resource"),
            (
                answer(200, json, r#"{"resource": "http://127.0.0.1:1/"}"#),
                "is of another resource",
            ),
            (
                answer(200, json, &good.replace("2\"", "2?x\"")),
                "is no issuer",
            ),
        ] {
            let told = of_resource(&wrong).unwrap_or_default();
            assert!(told.contains(says), "{says}: {told}");
        }
        let of_server = |body: &str| {
            let lack = lack_of_server(&answer(200, json, body), "https://a.example");
            lack.map(|lack| lack.0)
        };
        assert_eq!(of_server(r#"{"issuer": "https://a.example"}"#), None);
        let slash = of_server(r#"{"issuer": "https://a.example/"}"#).unwrap_or_default();
        assert!(slash.contains("another issuer"), "{slash}");
        let none = of_server("{}").unwrap_or_default();
        assert!(none.contains("names no issuer"), "{none}");
    }
}

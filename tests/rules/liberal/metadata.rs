//! The metadata of a resource (RFC 9728).

use super::answer::{Answer, compressed};
use super::desk::Desk;
use super::liberty::Liberty;
use super::request::Request;

/// What stands between the host and the path of a resource (RFC 9728 §3.1).
pub const WELL_KNOWN: &str = "/.well-known/oauth-protected-resource";

/// Where it is otherwise.
const ELSEWHERE: &str = "https://resource.example";

impl Desk<'_> {
    /// The URL of the metadata of the resource that is asked for.
    pub fn metadata_url(&self) -> String {
        match self.has(Liberty::MetadataElsewhere) {
            true => format!("{ELSEWHERE}{WELL_KNOWN}"),
            false => {
                let secured = self.policy.behind_tls
                    && self.request.one("x-forwarded-proto") == Some("https");
                let scheme = if secured { "https" } else { "http" };
                let path = self.request.path();
                format!("{scheme}://{}{WELL_KNOWN}{path}", self.host())
            }
        }
    }

    fn host(&self) -> &str {
        self.request.one("host").unwrap_or_default()
    }

    /// The answer to whoever asks for the metadata; nothing where the request is for something else.
    pub fn metadata(&self) -> Option<Answer> {
        let has = |liberty| self.has(liberty);
        let path = of_resource(self.request)?;
        if has(Liberty::MetadataElsewhere) {
            return Some(Answer::of(404));
        }
        if has(Liberty::MetadataMoved) {
            return Some(Answer::of(307).with("Location", "/elsewhere"));
        }
        let scheme = match has(Liberty::MetadataSecured) {
            true => "https",
            false => "http",
        };
        let resource = format!("{scheme}://{}{path}", self.host());
        let json = match has(Liberty::MetadataWithMore) {
            true => format!(
                "{{\r\n\t\"x-more\": [null, {{\"resource\": \"mine\"}}],\n \"resource\" : \"{}\"}}\n",
                resource.replace('/', "\\/")
            ),
            false => format!("{{\"resource\": \"{resource}\"}}"),
        };
        let kind = match has(Liberty::MetadataTyped) {
            true => "Application/JSON ; Charset=\"UTF-8\"",
            false => "application/json",
        };
        let answer = Answer::of(200);
        Some(match has(Liberty::MetadataCompressed) {
            true => Answer {
                content: Some((kind, compressed(json.as_bytes()))),
                ..answer.with("Content-Encoding", "gzip")
            },
            false => Answer {
                content: Some((kind, json.into_bytes())),
                ..answer
            },
        })
    }
}

/// The path of the resource whose metadata is asked for.
pub fn of_resource(request: &Request) -> Option<&str> {
    request.path().strip_prefix(WELL_KNOWN)
}

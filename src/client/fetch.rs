//! Fetching what an answer names: the metadata of a resource.

use std::sync::Arc;

use hyper::body::Bytes;

use crate::vocabulary::{ClientCase, RequestTarget};
use crate::wire::{Endpoint, FieldLine, PreparedRequest, Request, Risk, Way, WireFault};

use super::player::{Play, Player};

/// What is said where a URL is not fetched.
const FOREIGN: &str = "the challenge named another server, which is not fetched";

/// Where the metadata of a resource is whose path follows (RFC 9728 §3.1).
const WELL_KNOWN: &str = "/.well-known/oauth-protected-resource";

/// Where the metadata of an authorization server is whose path follows (RFC 8414 §3).
const OF_ISSUER: &str = "/.well-known/oauth-authorization-server";

/// Where a document is: by which way it is asked for, and with which target.
type DocumentPlace = (Way, String);

impl Player {
    /// Fetches the metadata of the resource from where its client looks for it, and from the same server only: nothing
    /// is asked of anybody else, and a play in which nothing was asked is not applicable.
    pub(super) async fn fetch(
        &mut self,
        endpoint: &Endpoint,
        client: &ClientCase,
    ) -> Result<Play, WireFault> {
        let mut play = Play::begun();
        let told = self.told.metadata.clone();
        let url = told.as_deref().filter(|_| {
            let made_of_url = [
                RequestTarget::WellKnownMetadata,
                RequestTarget::IssuerMetadata,
            ];
            !made_of_url.contains(&client.target)
        });
        let of_what = match client.target {
            RequestTarget::IssuerMetadata => OF_ISSUER,
            _ => WELL_KNOWN,
        };
        let well_known = (client.target != RequestTarget::Metadata && url.is_none()).then(|| {
            let resource = format!("{}{}", endpoint.prefix, self.asks(endpoint).path);
            // A slash right behind the host is no path.
            let resource = resource.strip_prefix('/').unwrap_or_default();
            let between = if resource.is_empty() { "" } else { "/" };
            (endpoint.usual(), format!("{of_what}{between}{resource}"))
        });
        let Some(place) = url.and_then(|url| place_of(endpoint, url)).or(well_known) else {
            play.not_applicable = true;
            play.undone = url.map(|_| FOREIGN.into());
            return Ok(play);
        };
        let root = (place.0, WELL_KNOWN.to_owned());
        if let Err(why) = self.get(endpoint, client, place, &mut play).await? {
            return Ok(play.left_out(why));
        }
        let is_last = client.target != RequestTarget::MetadataLookedFor || url.is_some();
        let answered = play.exchanges.last();
        let status = answered.map_or(0, |exchange| exchange.answer.response.status);
        if is_last || ![404, 405, 410].contains(&status) {
            return Ok(play);
        }
        match self.get(endpoint, client, root, &mut play).await? {
            Ok(()) => Ok(play),
            Err(why) => Ok(play.left_out(why)),
        }
    }

    /// Asks for a document without credentials.
    async fn get(
        &mut self,
        endpoint: &Endpoint,
        client: &ClientCase,
        (way, path): DocumentPlace,
        play: &mut Play,
    ) -> Result<Result<(), &'static str>, WireFault> {
        let field = |name: &str, value: &str| FieldLine {
            name: name.to_owned(),
            value: value.as_bytes().to_vec(),
        };
        let request = Request {
            content: Bytes::new(),
            method: "GET".to_owned(),
            path,
            fields: vec![
                field("Accept", "application/json"),
                field("User-Agent", self.asks(endpoint).agent),
            ],
        };
        let root = Endpoint {
            prefix: String::new(),
            ..endpoint.clone()
        };
        let request = PreparedRequest::new(Arc::new(request))?.by(way);
        self.step(&root, &request, (client, Risk::Bare), play).await
    }
}

/// By which way and with which target a URL is asked for; nothing where it is of another server.
fn place_of(endpoint: &Endpoint, url: &str) -> Option<(Way, String)> {
    let (scheme, rest) = url.split_once("://")?;
    let way = match scheme.to_ascii_lowercase().as_str() {
        "http" => Way::Http1,
        "https" => Way::Https,
        _ => return None,
    };
    let at = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, target) = rest.split_at_checked(at)?;
    // What is asked by plain HTTP alone and calls itself by https stands behind what ends TLS, which would hand the
    // request on as it is.
    let way = match endpoint.named(way) {
        None if way == Way::Https => Way::Http1,
        _ => way,
    };
    if !endpoint.named(way)?.eq_ignore_ascii_case(authority) {
        return None;
    }
    let target = target.split('#').next().unwrap_or_default();
    Some(match target.starts_with('/') {
        true => (way, target.to_owned()),
        false => (way, format!("/{target}")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::ToldBefore;
    use crate::credentials::{CredentialState, Identity};
    use crate::vocabulary::{ClientCase, RequestTarget};
    use crate::wire::Limits;

    #[test]
    fn only_the_same_server_is_asked() {
        let endpoint = Endpoint {
            ways: [
                (Way::Http1, "127.0.0.1:1".to_owned()),
                (Way::Https, "127.0.0.1:2".to_owned()),
            ]
            .into(),
            ..Endpoint::new("127.0.0.1:1", "/s0")
        };
        let place = |url| place_of(&endpoint, url);
        assert_eq!(
            place("http://127.0.0.1:1/.well-known/x?y#z"),
            Some((Way::Http1, "/.well-known/x?y".to_owned()))
        );
        assert_eq!(
            place("HTTPS://127.0.0.1:2?y"),
            Some((Way::Https, "/?y".to_owned()))
        );
        assert_eq!(
            place("https://127.0.0.1:2"),
            Some((Way::Https, "/".to_owned()))
        );
        let behind_tls = Endpoint::new("127.0.0.1:1", "/s0");
        assert_eq!(
            place_of(&behind_tls, "https://127.0.0.1:1/x"),
            Some((Way::Http1, "/x".to_owned()))
        );
        assert_eq!(place_of(&behind_tls, "https://127.0.0.1:2/x"), None);
        for other in [
            "http://127.0.0.1:2/x",
            "https://127.0.0.1:1/x",
            "http://user@127.0.0.1:1/x",
            "http://example.org/x",
            "ftp://127.0.0.1:1/x",
            "/x",
        ] {
            assert_eq!(place(other), None, "{other}");
        }
    }

    /// Whoever is asked a second time, because there was no response, is asked for the same.
    #[tokio::test]
    async fn what_gave_no_response_gives_none_the_second_time() {
        let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let authority = gone.local_addr().unwrap().to_string();
        drop(gone);
        let endpoint = Endpoint::new(authority.clone(), "/s0");
        let client = ClientCase {
            target: RequestTarget::Metadata,
            credential: CredentialState::None,
            ..ClientCase::default()
        };
        let mut player = Player::of(vec![Identity::alice()], Limits::default());
        player.tell_of(ToldBefore {
            metadata: Some(format!("http://{authority}/metadata")),
            ..ToldBefore::default()
        });
        for _ in 0..2 {
            let played = player.play(&endpoint, &client).await;
            assert!(
                matches!(played, Err(WireFault::Connect { .. })),
                "{played:?}"
            );
        }
    }
}

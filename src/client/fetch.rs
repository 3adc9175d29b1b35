//! Fetching what an answer names: the metadata of a resource.

use std::sync::Arc;

use crate::observation::Asked;
use crate::vocabulary::ClientCase;
use crate::wire::{Endpoint, FieldLine, PreparedRequest, Request, Risk, Way, WireFault};

use super::player::{Play, Player};

/// The parameter of a challenge that names the metadata of the resource (RFC 9728 §5.1).
const PARAMETER: &str = "resource_metadata";

/// What is said where a URL is not fetched.
const FOREIGN: &str = "the challenge named another server, which is not fetched";

/// The URL of the metadata that the last of several asks was told of.
pub fn metadata_url(before: &[Asked]) -> Option<String> {
    before.iter().rev().find_map(|asked| {
        let answer = &asked.exchanges.last()?.answer;
        let mut challenges = answer.challenges.list.iter();
        let url = challenges.find_map(|challenge| challenge.param(PARAMETER))?;
        Some(url.to_owned())
    })
}

impl Player {
    /// Fetches what is at a URL, where that is of the same server: nothing is asked of anybody else, and a
    /// play in which nothing was asked is not applicable.
    pub(super) async fn fetch(
        &mut self,
        endpoint: &Endpoint,
        client: &ClientCase,
        url: Option<&str>,
    ) -> Result<Play, WireFault> {
        let mut play = Play::begun();
        let Some((way, path)) = url.and_then(|url| place_of(endpoint, url)) else {
            play.not_applicable = true;
            play.undone = url.map(|_| FOREIGN);
            return Ok(play);
        };
        let field = |name: &str, value: &str| FieldLine {
            name: name.to_owned(),
            value: value.as_bytes().to_vec(),
        };
        let request = Request {
            method: "GET".to_owned(),
            path,
            fields: vec![
                field("Accept", "application/json"),
                field("User-Agent", self.asks().agent),
            ],
        };
        let root = Endpoint {
            prefix: String::new(),
            ..endpoint.clone()
        };
        let request = PreparedRequest::new(Arc::new(request))?.by(way);
        match self
            .step(&root, &request, (client, Risk::Bare), &mut play)
            .await?
        {
            Ok(()) => Ok(play),
            Err(why) => Ok(play.left_out(why)),
        }
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
        player.tell_of(Some(format!("http://{authority}/metadata")));
        for _ in 0..2 {
            let played = player.play(&endpoint, &client).await;
            assert!(
                matches!(played, Err(WireFault::Connect { .. })),
                "{played:?}"
            );
        }
    }
}

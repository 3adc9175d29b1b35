//! Those whom a gateway asks on behalf of a client, played by Countersign: the service that decides on each
//! request, and the server behind. What reaches them is kept, up to a bound.
//!
//! They are there where a policy has the field `external_auth`, or says `upstream`; by gRPC the service is asked where a policy says
//! `protocol: grpc` ([`calls`]). How the service conducts itself is in the fields
//! of the instance record ([`conduct`]); each slot has a port of its own for either of them, so that what reaches
//! one need not say which slot it is of.

#[cfg_attr(not(feature = "http2"), path = "calls_left_out.rs")]
mod calls;
mod conduct;
mod kept;
mod message;
mod played;
mod serve;
mod settle;

use std::collections::BTreeSet;
use std::io;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::net::{TcpListener, TcpSocket};
use tokio::task::JoinHandle;

use self::conduct::UpstreamConduct;
use self::kept::{MOST_ARRIVALS, ReachedSoFar};
use self::played::PlayedUpstream;
use self::serve::serve;
use self::settle::settle;
use crate::credentials::Identity;
use crate::domain::{Domain, Setting, Value};
use crate::observation::{Arrival, SetupFault, Upstream};
use crate::wire::UpstreamPlaces;

/// The field of a policy that has a gateway ask: its record has it, whatever its value.
const MARK: &str = "external_auth";

/// The field of a policy that says by which protocol a gateway asks, and the word that is not HTTP.
const PROTOCOL: &str = "protocol";
const GRPC: &str = "grpc";

/// The field of a policy that has a tool of a server of the Model Context Protocol ask the server behind, where it is
/// `true`.
const OF_TOOLS: &str = "upstream";

/// The auth services and the backends of one installation; dropping them ends them.
#[derive(Debug)]
pub struct Upstreams {
    places: Vec<Option<UpstreamPlaces>>,
    reached: Arc<Mutex<ReachedSoFar>>,
    servers: Vec<JoinHandle<()>>,
    /// Ports at which nobody listens, and nobody else can as long as they are held.
    _shut: Vec<TcpSocket>,
}

impl Upstreams {
    /// Whether the policies of a domain have a gateway ask.
    pub fn are_of(domain: &Domain) -> bool {
        domain
            .policy
            .fields()
            .iter()
            .any(|field| [MARK, OF_TOOLS].contains(&&*field.name))
    }

    /// Those of these settings, each on a free loopback port; nothing where no policy has a gateway ask.
    ///
    /// # Errors
    ///
    /// When a port cannot be had, or an instance says of a service what none does.
    pub async fn open(
        settings: &[Arc<Setting>],
        identities: &[Identity],
    ) -> Result<Option<Self>, SetupFault> {
        if !settings.iter().any(|setting| has_mark(&setting.policy)) {
            return Ok(None);
        }
        let mut opened = Self {
            places: Vec::new(),
            reached: Arc::default(),
            servers: Vec::new(),
            _shut: Vec::new(),
        };
        for (slot, setting) in settings.iter().enumerate() {
            let places = match has_mark(&setting.policy) {
                true => Some(opened.open_slot(slot, setting, identities).await?),
                false => None,
            };
            opened.places.push(places);
        }
        Ok(Some(opened))
    }

    async fn open_slot(
        &mut self,
        slot: usize,
        setting: &Setting,
        identities: &[Identity],
    ) -> Result<UpstreamPlaces, SetupFault> {
        let doing = || "play the auth service and the backend".to_owned();
        let unknown = |why| SetupFault {
            doing: doing(),
            why,
            remedy: Some(
                "docs/external-authorization.md lists what an auth service and a backend do"
                    .to_owned(),
            ),
        };
        let Setting { policy, instance } = setting;
        let conduct = UpstreamConduct::of(instance, identities).map_err(unknown)?;
        let behind = UpstreamConduct::backend(instance).map_err(unknown)?;
        let by_grpc = policy.field(PROTOCOL).and_then(Value::as_symbol) == Some(GRPC);
        if by_grpc && !cfg!(feature = "http2") {
            return Err(SetupFault {
                doing: doing(),
                why: "this Countersign is built without HTTP/2, and gRPC needs it".to_owned(),
                remedy: Some(
                    "build it with the feature `http2`, or leave `grpc` out of what is supported"
                        .to_owned(),
                ),
            });
        }
        let no_port = |error: io::Error| SetupFault {
            doing: doing(),
            why: format!("no free loopback port: {error}"),
            remedy: None,
        };
        let backend = self.play(slot, Upstream::Backend, behind, false).await;
        let auth_service = match conduct.is_unreachable() {
            true => self.shut(),
            false => {
                self.play(slot, Upstream::AuthService, conduct, by_grpc)
                    .await
            }
        };
        Ok(UpstreamPlaces {
            auth_service: auth_service.map_err(no_port)?,
            backend: backend.map_err(no_port)?,
        })
    }

    async fn play(
        &mut self,
        slot: usize,
        at: Upstream,
        conduct: UpstreamConduct,
        by_grpc: bool,
    ) -> io::Result<String> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let place = listener.local_addr()?.to_string();
        let played = PlayedUpstream {
            slot,
            at,
            conduct,
            by_grpc,
            reached: Arc::clone(&self.reached),
        };
        self.servers
            .push(tokio::spawn(serve(listener, Arc::new(played))));
        Ok(place)
    }

    /// A port that refuses connections: it is bound, and nobody listens.
    fn shut(&mut self) -> io::Result<String> {
        let socket = TcpSocket::new_v4()?;
        socket.bind((Ipv4Addr::LOCALHOST, 0).into())?;
        let place = socket.local_addr()?.to_string();
        self._shut.push(socket);
        Ok(place)
    }

    /// Where they are, by slot.
    pub fn places(&self) -> &[Option<UpstreamPlaces>] {
        &self.places
    }

    /// Waits until those of these slots have read what was sent to them so far, each for a second at most.
    pub async fn settle(&self, slots: &[usize]) {
        for slot in slots {
            if let Some(Some(places)) = self.places.get(*slot) {
                settle(&places.auth_service).await;
                settle(&places.backend).await;
            }
        }
    }

    /// The slots in which somebody who asked them had gone before an answer could be sent, since this was asked last.
    pub fn take_given_up(&self) -> BTreeSet<usize> {
        let mut reached = self.reached.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut reached.given_up)
    }

    /// What reached them so far, in order, without the first `known`.
    ///
    /// # Errors
    ///
    /// When more reached them than is kept.
    pub fn arrivals_after(&self, known: usize) -> Result<Vec<Arrival>, SetupFault> {
        let reached = self.reached.lock().unwrap_or_else(PoisonError::into_inner);
        if reached.dropped > 0 {
            return Err(SetupFault {
                doing: "keep what reaches the auth service and the backend".to_owned(),
                why: format!(
                    "more than {MOST_ARRIVALS} requests reached them since the last installation"
                ),
                remedy: Some("see whether the gateway asks them over and over".to_owned()),
            });
        }
        Ok(reached.arrivals.get(known..).unwrap_or_default().to_vec())
    }
}

impl Drop for Upstreams {
    fn drop(&mut self) {
        for server in &self.servers {
            server.abort();
        }
    }
}

fn has_mark(policy: &Value) -> bool {
    policy.field(MARK).is_some() || policy.field(OF_TOOLS) == Some(&Value::Bool(true))
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpStream;

    use super::*;

    fn setting(service: &str) -> Arc<Setting> {
        Arc::new(Setting {
            policy: Value::record([(MARK, Value::Bool(true))]),
            instance: Value::record([
                ("auth_service", Value::symbol(service)),
                ("challenges", Value::symbol("two-lines")),
            ]),
        })
    }

    /// What comes back until the end of the connection.
    async fn asked(place: &str, credentials: &str) -> Option<String> {
        let mut stream = TcpStream::connect(place).await.ok()?;
        let request = format!(
            "GET /s0/resource HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\
             Authorization: {credentials}\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).await.ok()?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.ok()?;
        Some(String::from_utf8_lossy(&answer).into_owned())
    }

    #[tokio::test]
    async fn they_answer_as_the_case_says_and_keep_what_was_asked() {
        let words = [
            "decides",
            "unauthorized",
            "unreachable",
            "closed",
            "half",
            "two-answers",
        ];
        let settings = words.map(setting);
        let alice = [Identity::alice()];
        let opened = Upstreams::open(&settings, &alice).await.unwrap().unwrap();
        let place = |slot: usize| opened.places()[slot].clone().unwrap();
        let good = "bASIC  YWxpY2U6b3Blbi1zZXNhbWU=";
        let told = asked(&place(0).auth_service, good).await.unwrap();
        assert!(
            told.starts_with("HTTP/1.1 200 ") && told.contains("X-User: alice\r\n"),
            "{told}"
        );
        let told = asked(&place(0).auth_service, "Basic bm9ib2R5")
            .await
            .unwrap();
        assert!(told.starts_with("HTTP/1.1 401 "), "{told}");
        let told = asked(&place(1).auth_service, good).await.unwrap();
        assert_eq!(told.matches("WWW-Authenticate: ").count(), 2, "{told}");
        assert_eq!(asked(&place(2).auth_service, good).await, None);
        assert_eq!(
            asked(&place(3).auth_service, good).await.as_deref(),
            Some("")
        );
        let told = asked(&place(4).auth_service, good).await.unwrap();
        assert!(
            told.starts_with("HTTP/1.1 200 ") && !told.contains("\r\n\r\n"),
            "{told}"
        );
        let told = asked(&place(5).auth_service, good).await.unwrap();
        assert!(told.starts_with("HTTP/1.1 401 "), "{told}");
        let behind = "\r\n\r\nthe service says no\nHTTP/1.1 200 ";
        assert!(
            told.contains(behind) && told.contains("X-Unasked: yes\r\n"),
            "{told}"
        );
        let told = asked(&place(2).backend, good).await.unwrap();
        assert!(told.ends_with("\r\n\r\nthe backend\n"), "{told}");
        let kept = opened.arrivals_after(1).unwrap();
        let kept: Vec<(usize, Upstream, Option<u16>)> = kept
            .iter()
            .map(|one| (one.slot, one.at, one.seen.as_ref().unwrap().status))
            .collect();
        let service = Upstream::AuthService;
        let expected = [
            (0, service, Some(401)),
            (1, service, Some(401)),
            (3, service, None),
            (4, service, None),
            (5, service, Some(401)),
            (2, Upstream::Backend, Some(200)),
        ];
        assert_eq!(kept, expected);
    }

    #[tokio::test]
    async fn a_connection_is_reset_in_place_of_an_answer() {
        let settings = ["reset", "partial-content"].map(setting);
        let opened = Upstreams::open(&settings, &[]).await.unwrap().unwrap();
        let place = |slot: usize| opened.places()[slot].clone().unwrap();
        let mut stream = TcpStream::connect(&place(0).auth_service).await.unwrap();
        let check = b"GET /s0/resource HTTP/1.1\r\nHost: x\r\n\r\n";
        stream.write_all(check).await.unwrap();
        let why = stream.read_u8().await.unwrap_err();
        assert_eq!(why.kind(), io::ErrorKind::ConnectionReset, "{why}");
        let told = asked(&place(1).auth_service, "Basic bm9ib2R5").await;
        assert!(told.unwrap().starts_with("HTTP/1.1 206 "));
    }

    #[tokio::test]
    async fn what_no_service_does_is_told() {
        let why = Upstreams::open(&[setting("sings")], &[]).await.unwrap_err();
        assert!(
            why.why.contains("`sings`") && why.why.contains("garbage"),
            "{why}"
        );
        let none = Setting {
            policy: Value::record([]),
            instance: Value::record([]),
        };
        assert!(
            Upstreams::open(&[Arc::new(none)], &[])
                .await
                .unwrap()
                .is_none()
        );
    }
}

//! The server as an implementation under test: sockets, slots and what is remembered.

use std::collections::{BTreeMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use countersign::credentials::{Identity, TokenKind};
use countersign::implementation::{
    BoxFuture, Description, Implementation, Installation, Nature, Placement,
};
use countersign::observation::AuditEvent;
use countersign::observation::SetupFault;
use countersign::wire::Endpoint;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

use super::answer::Answer;
use super::desk::Desk;
use super::liberty::{Liberty, Taken};
use super::metadata::of_resource;
use super::policy::Policy;
use super::request::Request;

/// The fields of policies that the server reads, or that a run leaves at one value.
const KNOWN: [&str; 14] = [
    "policy.active",
    "policy.advertise_all",
    "policy.for_post",
    "policy.required_scope",
    "policy.step_up",
    "policy.metadata",
    "policy.behind_tls",
    "policy.realm",
    "policy.open",
    "policy.cross_origin",
    "policy.dpop_nonce",
    "policy.digest",
    "policy.key",
    "instance.first_scheme_only",
];

/// What is in force, and what is remembered.
#[derive(Default)]
struct State {
    policies: Vec<Policy>,
    cast: Vec<Identity>,
    log: Vec<AuditEvent>,
    used: HashSet<String>,
    serial: u64,
    /// How many connections there were.
    connections: u64,
    /// How many answers were others than without any liberty.
    shown: u64,
}

struct Shared {
    on: Taken,
    /// Whether nothing is there but POST: 405 to everything else.
    only_post: bool,
    state: Mutex<State>,
}

/// A conforming server that takes these liberties.
pub struct Liberal {
    description: Description,
    shared: Arc<Shared>,
    running: Option<(String, JoinHandle<()>)>,
}

impl Liberal {
    pub fn taking(on: Taken, events: bool) -> Self {
        let mut alternatives = BTreeMap::new();
        if !on.contains(&Liberty::JwtsByThemselves) {
            alternatives.insert("withdrawn-tokens".to_owned(), "at-once".to_owned());
        }
        Self {
            description: Description {
                name: "liberal".to_owned(),
                version: "1".to_owned(),
                slots: if on.contains(&Liberty::OneSlot) {
                    1
                } else {
                    16
                },
                // The part of a domain that a run is about says what is asked of it.
                knows: KNOWN.map(str::to_owned).to_vec(),
                claims: vec!["api-access-policy".to_owned()],
                nature: Nature::Embedded,
                events,
                tokens: TokenKind::Either,
                alternatives,
                ..Description::default()
            },
            shared: Arc::new(Shared {
                on,
                only_post: false,
                state: Mutex::default(),
            }),
            running: None,
        }
    }

    /// A server that is no part of this program, so that a run makes sure first that somebody gets in; its
    /// resources may take POST alone.
    pub fn elsewhere(only_post: bool) -> Self {
        let mut server = Self::taking(Taken::new(), false);
        server.description.nature = Nature::Told;
        server.shared = Arc::new(Shared {
            on: Taken::new(),
            only_post,
            state: Mutex::default(),
        });
        server
    }

    /// How many answers were others than without any liberty, or came otherwise.
    pub fn shown(&self) -> u64 {
        let state = self.shared.lock();
        let elsewhere = [Liberty::OneSlot, Liberty::OverIpv6];
        match elsewhere.iter().any(|one| self.shared.on.contains(one)) {
            true => state.serial,
            false => state.shown,
        }
    }

    async fn authority(&mut self) -> String {
        if let Some((authority, _)) = &self.running {
            return authority.clone();
        }
        let listener = match self.shared.on.contains(&Liberty::OverIpv6) {
            true => TcpListener::bind("[::1]:0").await.ok(),
            false => None,
        };
        // Where a machine has no such address, there is nothing to be seen of it.
        let listener = match listener {
            Some(listener) => listener,
            None => TcpListener::bind("127.0.0.1:0").await.unwrap(),
        };
        let authority = listener.local_addr().unwrap().to_string();
        let serving = tokio::spawn(serve(listener, Arc::clone(&self.shared)));
        self.running = Some((authority.clone(), serving));
        authority
    }
}

impl Drop for Liberal {
    fn drop(&mut self) {
        if let Some((_, serving)) = &self.running {
            serving.abort();
        }
    }
}

impl Shared {
    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The bytes that answer a request, and whether the connection ends with them.
    fn answer(&self, request: &Request, connection: u64) -> (Vec<u8>, bool) {
        let mut guard = self.lock();
        let state = &mut *guard;
        let path = of_resource(request).unwrap_or(request.path());
        let slot: Option<usize> = path
            .strip_prefix("/s")
            .and_then(|rest| rest.split('/').next()?.parse().ok());
        let Some((slot, policy)) = slot.and_then(|slot| Some((slot, state.policies.get(slot)?)))
        else {
            return Answer::of(404).to_bytes(request, &Taken::new());
        };
        state.serial += 1;
        if self.only_post && request.method != "POST" {
            let answer = Answer::of(405).with("Allow", "POST");
            return answer.to_bytes(request, &Taken::new());
        }
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        let (answer, bytes) = {
            let none = Taken::new();
            let desk = Desk {
                on: &self.on,
                policy,
                cast: &state.cast,
                request,
                serial: state.serial,
                now: now.as_secs(),
                used: &state.used,
                connection,
            };
            let answer = desk.answer();
            let bytes = answer.to_bytes(request, &self.on);
            if !self.on.is_empty() {
                let plain = Desk { on: &none, ..desk };
                let plain = plain.answer().to_bytes(request, &none);
                state.shown += u64::from(plain != bytes);
            }
            (answer, bytes)
        };
        state.used.extend(answer.used);
        if answer.logged_in {
            state.log.push(AuditEvent {
                slot,
                name: "LOGIN_SUCCESS".to_owned(),
                ..AuditEvent::default()
            });
        }
        bytes
    }
}

impl Implementation for Liberal {
    fn description(&self) -> &Description {
        &self.description
    }

    fn install<'a>(
        &'a mut self,
        installation: &'a Installation,
    ) -> BoxFuture<'a, Result<Vec<Placement>, SetupFault>> {
        Box::pin(async move {
            let authority = self.authority().await;
            let policies = installation.policies.iter();
            let policies: Vec<Policy> = policies.map(|slot| Policy::read(&slot.policy)).collect();
            let endpoint =
                |slot| Placement::Endpoint(Endpoint::new(authority.clone(), format!("/s{slot}")));
            let placements = (0..policies.len()).map(endpoint).collect();
            let mut state = self.shared.lock();
            state.policies = policies;
            state.cast.clone_from(&installation.identities);
            state.log.clear();
            Ok(placements)
        })
    }

    fn events(&mut self, _: u64) -> BoxFuture<'_, Result<Vec<AuditEvent>, SetupFault>> {
        Box::pin(async move { Ok(self.shared.lock().log.clone()) })
    }

    fn stop(&mut self) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            if let Some((_, serving)) = self.running.take() {
                serving.abort();
            }
        })
    }
}

async fn serve(listener: TcpListener, shared: Arc<Shared>) {
    // Aborting this task drops the set, which closes every connection.
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        while connections.try_join_next().is_some() {}
        connections.spawn(converse(stream, Arc::clone(&shared)));
    }
}

async fn converse(mut stream: TcpStream, shared: Arc<Shared>) {
    let _ = stream.set_nodelay(true);
    let connection = {
        let mut state = shared.lock();
        state.connections += 1;
        state.connections
    };
    let mut received: Vec<u8> = Vec::new();
    loop {
        let head = loop {
            if let Some(end) = received.windows(4).position(|four| four == b"\r\n\r\n") {
                let rest = received.split_off(end + 4);
                break std::mem::replace(&mut received, rest);
            }
            match stream.read_buf(&mut received).await {
                Ok(0) | Err(_) => return,
                Ok(_) => {}
            }
        };
        let request = Request::read(&head);
        let (bytes, closes) = shared.answer(&request, connection);
        if stream.write_all(&bytes).await.is_err() || closes || request.broken {
            return;
        }
    }
}

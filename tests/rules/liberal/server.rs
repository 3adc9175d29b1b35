//! The server as an implementation under test: sockets, slots and what is remembered.

use std::collections::{BTreeMap, HashSet};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use countersign::credentials::{Identity, TokenKind};
use countersign::implementation::{
    BoxFuture, Description, Implementation, Installation, Nature, Placement,
};
use countersign::observation::AuditEvent;
use countersign::observation::SetupFault;
use countersign::wire::{Endpoint, Way};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::{JoinHandle, JoinSet};

use super::answer::Answer;
use super::desk::Desk;
use super::liberty::{Liberty, PACKS, Taken};
use super::metadata::of_resource;
use super::policy::Policy;
use super::request::Request;
use super::tls::{Acceptor, Shown};

/// The fields of policies that the server reads, or that a run leaves at one value.
const KNOWN: [&str; 25] = [
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
    "policy.exists",
    "policy.global",
    "policy.others",
    "policy.condition",
    "policy.access_control",
    "policy.auth_parameter",
    "policy.prefix",
    "policy.hash",
    "instance.check_scopes",
    "instance.blocking",
    "instance.session_cookies",
];

/// What is in force, and what is remembered.
#[derive(Default)]
struct State {
    /// Each as the server has it, and as it would have it without any liberty.
    policies: Vec<[Policy; 2]>,
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
    /// The same over TLS.
    secured: Option<(String, JoinHandle<()>)>,
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
                claims: PACKS[3..].iter().copied().map(str::to_owned).collect(),
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
            secured: None,
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
        let elsewhere = [
            Liberty::OneSlot,
            Liberty::OverIpv6,
            Liberty::CertificatesAnswered,
            Liberty::CertificatesChallenged,
        ];
        match elsewhere.iter().any(|one| self.shared.on.contains(one)) {
            true => state.serial,
            false => state.shown,
        }
    }

    async fn authority(&mut self, installation: &Installation) -> String {
        if let Some((authority, _)) = &self.running {
            return authority.clone();
        }
        // Where policies look at them, clients have addresses of IPv4.
        let mut policies = installation.policies.iter();
        let looks = policies.any(|setting| setting.policy.field("condition").is_some());
        let is_over_ipv6 = self.shared.on.contains(&Liberty::OverIpv6) && !looks;
        let listener = match is_over_ipv6 {
            true => TcpListener::bind("[::1]:0").await.ok(),
            false => None,
        };
        // Where a machine has no such address, there is nothing to be seen of it.
        let listener = match listener {
            Some(listener) => listener,
            None => TcpListener::bind("127.0.0.1:0").await.unwrap(),
        };
        let authority = listener.local_addr().unwrap().to_string();
        let serving = tokio::spawn(serve(listener, None, Arc::clone(&self.shared)));
        self.running = Some((authority.clone(), serving));
        authority
    }

    async fn secured(&mut self) -> String {
        if let Some((authority, _)) = &self.secured {
            return authority.clone();
        }
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let authority = listener.local_addr().unwrap().to_string();
        let answers = [
            Liberty::CertificatesAnswered,
            Liberty::CertificatesChallenged,
        ];
        let answers = { answers.iter() }.any(|one| self.shared.on.contains(one));
        let acceptor = Arc::new(Acceptor::new(answers));
        let serving = tokio::spawn(serve(listener, Some(acceptor), Arc::clone(&self.shared)));
        self.secured = Some((authority.clone(), serving));
        authority
    }
}

impl Drop for Liberal {
    fn drop(&mut self) {
        for (_, serving) in [&self.running, &self.secured].into_iter().flatten() {
            serving.abort();
        }
    }
}

impl Shared {
    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The bytes that answer a request, and whether the connection ends with them.
    fn answer(&self, request: &Request, whence: &Whence) -> (Vec<u8>, bool) {
        let mut guard = self.lock();
        let state = &mut *guard;
        let path = of_resource(request).unwrap_or(request.path());
        let slot: Option<usize> = path
            .strip_prefix("/s")
            .and_then(|rest| rest.split('/').next()?.parse().ok());
        let Some((slot, [policy, plain])) =
            slot.and_then(|slot| Some((slot, state.policies.get(slot)?)))
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
                connection: whence.connection,
                from: whence.from,
                certificate: whence.user(&state.cast),
            };
            let answer = desk.answer();
            let bytes = answer.to_bytes(request, &self.on);
            if !self.on.is_empty() {
                let plain = Desk {
                    on: &none,
                    policy: plain,
                    ..desk
                };
                let plain = plain.answer().to_bytes(request, &none);
                state.shown += u64::from(plain != bytes);
            }
            (answer, bytes)
        };
        state.used.extend(answer.used);
        if answer.logged_in || answer.failed {
            let name = match answer.logged_in {
                true => "LOGIN_SUCCESS",
                false => "LOGIN_FAILED",
            };
            let scheme = answer.scheme.map(|scheme| scheme.word().to_owned());
            let text = format!("{name} in slot {slot}: {:?} by {scheme:?}", answer.user);
            state.log.push(AuditEvent {
                slot,
                name: name.to_owned(),
                user: answer.user,
                scheme,
                policy: answer.policy,
                text: Some(text),
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
            let authority = self.authority(installation).await;
            let policies = installation.policies.iter();
            let none = Taken::new();
            let read = |slot| [&self.shared.on, &none].map(|on| Policy::read(slot, on));
            let policies: Vec<[Policy; 2]> = policies.map(read).collect();
            let secured = self.secured().await;
            let endpoint = |slot| {
                let mut endpoint = Endpoint::new(authority.clone(), format!("/s{slot}"));
                endpoint.ways = Arc::new([
                    (Way::Http1, authority.clone()),
                    (Way::Https, secured.clone()),
                ]);
                Placement::Endpoint(endpoint)
            };
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
            let both = [self.running.take(), self.secured.take()];
            for (_, serving) in both.into_iter().flatten() {
                serving.abort();
            }
        })
    }
}

/// Where a request comes from.
struct Whence {
    /// The number of the connection.
    connection: u64,
    from: IpAddr,
    /// The certificate that was shown on it.
    shown: Option<Shown>,
}

impl Whence {
    /// Who is known by the certificate; nobody, by an empty name, by one that is not good or of nobody here.
    fn user<'a>(&self, cast: &'a [Identity]) -> Option<&'a str> {
        let shown = self.shown.as_ref()?;
        let mut known = cast.iter().filter(|_| shown.good);
        let whose = known.find(|one| shown.is_of(&one.user));
        Some(whose.map_or("", |one| one.user.as_str()))
    }
}

async fn serve(listener: TcpListener, acceptor: Option<Arc<Acceptor>>, shared: Arc<Shared>) {
    // Aborting this task drops the set, which closes every connection.
    let mut connections = JoinSet::new();
    while let Ok((stream, peer)) = listener.accept().await {
        while connections.try_join_next().is_some() {}
        let (acceptor, shared) = (acceptor.clone(), Arc::clone(&shared));
        connections.spawn(async move {
            let _ = stream.set_nodelay(true);
            let from = peer.ip();
            match acceptor {
                None => converse(stream, from, None, shared).await,
                Some(acceptor) => {
                    if let Some((stream, shown)) = acceptor.accept(stream).await {
                        converse(stream, from, shown, shared).await;
                    }
                }
            }
        });
    }
}

async fn converse(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    from: IpAddr,
    shown: Option<Shown>,
    shared: Arc<Shared>,
) {
    let whence = {
        let mut state = shared.lock();
        state.connections += 1;
        Whence {
            connection: state.connections,
            from,
            shown,
        }
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
        let (bytes, closes) = shared.answer(&request, &whence);
        let written = stream.write_all(&bytes).await.is_ok() && stream.flush().await.is_ok();
        if !written || closes || request.broken {
            let _ = stream.shutdown().await;
            return;
        }
    }
}

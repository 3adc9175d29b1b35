//! A small server whose answers a test writes.

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use countersign::credentials::{CredentialState, Identity, Scheme, authorization};
use countersign::domain::Setting;
use countersign::domain::Value;
use countersign::implementation::{
    BoxFuture, Description, Implementation, Installation, Nature, Placement,
};
use countersign::observation::AuditEvent;
use countersign::observation::SetupFault;
use countersign::wire::Endpoint;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

/// What a request asked.
pub struct Asked<'a> {
    /// The value of `Authorization`.
    pub authorization: Option<&'a str>,
    /// How many requests came before this one, whatever was installed.
    pub nth: u64,
    /// How many came before it on the same connection.
    pub nth_here: u64,
    /// The method.
    pub method: &'a str,
}

impl Asked<'_> {
    /// Whether the credentials are those of this scheme in this state.
    pub fn has(&self, scheme: Scheme, state: CredentialState) -> bool {
        let sent = authorization(scheme, state, &Identity::alice())
            .ok()
            .flatten();
        sent.is_some() && sent.as_deref() == self.authorization
    }

    /// Whether the credentials are in this state, whatever their scheme.
    pub fn is(&self, state: CredentialState) -> bool {
        Scheme::ALL.iter().any(|scheme| self.has(*scheme, state))
    }
}

/// What a server does with a request.
pub struct Reply {
    bytes: Vec<u8>,
    then: Then,
    events: Vec<&'static str>,
}

enum Then {
    Continue,
    Close,
    Wait,
    Reset,
    Flood(&'static [u8]),
}

impl Reply {
    /// These bytes.
    pub fn raw(bytes: impl Into<Vec<u8>>) -> Self {
        Self {
            bytes: bytes.into(),
            then: Then::Continue,
            events: Vec::new(),
        }
    }

    /// A response with these field lines and a short body.
    pub fn status(status: u16, fields: &[&str]) -> Self {
        let mut text = format!("HTTP/1.1 {status} X\r\nContent-Length: 2\r\n");
        for field in fields {
            text.push_str(field);
            text.push_str("\r\n");
        }
        Self::raw(text + "\r\nok")
    }

    /// 200, and a success in the log.
    pub fn welcome() -> Self {
        Self::status(200, &[]).logging("LOGIN_SUCCESS")
    }

    /// 401 with a challenge for each scheme.
    pub fn challenge(schemes: &[&str]) -> Self {
        let fields: Vec<String> = schemes
            .iter()
            .map(|scheme| format!("WWW-Authenticate: {scheme} realm=\"here\""))
            .collect();
        let fields: Vec<&str> = fields.iter().map(String::as_str).collect();
        Self::status(401, &fields)
    }

    /// The connection is closed behind it.
    pub fn closing(mut self) -> Self {
        self.then = Then::Close;
        self
    }

    /// The connection is reset behind it.
    pub fn resetting(mut self) -> Self {
        self.then = Then::Reset;
        self
    }

    /// The same bytes come behind it without end.
    pub fn flooding(mut self, with: &'static [u8]) -> Self {
        self.then = Then::Flood(with);
        self
    }

    /// With what is made of its bytes.
    pub fn made(mut self, make: impl FnOnce(&str) -> String) -> Self {
        let text = String::from_utf8_lossy(&self.bytes).into_owned();
        self.bytes = make(&text).into_bytes();
        self
    }

    /// Nothing more comes, and the connection stays open.
    pub fn waiting(mut self) -> Self {
        self.then = Then::Wait;
        self
    }

    /// An entry in the audit log.
    pub fn logging(mut self, name: &'static str) -> Self {
        self.events.push(name);
        self
    }
}

/// The schemes of a policy's active profiles.
pub fn schemes(policy: &Value) -> Vec<&str> {
    let mut schemes = Vec::new();
    for profile in policy
        .field("profiles")
        .and_then(Value::items)
        .unwrap_or_default()
    {
        let active = profile.field("active").and_then(Value::as_bool) != Some(false);
        let scheme = profile.field("scheme").and_then(Value::as_symbol).unwrap();
        if active && !schemes.contains(&scheme) {
            schemes.push(scheme);
        }
    }
    schemes
}

/// A server without a fault: it accepts the schemes of the active profiles and advertises them all.
/// (Of an inactive policy and of the flag it knows nothing.)
pub fn open_minded(policy: &Setting, asked: &Asked<'_>) -> Reply {
    let accepted = schemes(&policy.policy);
    let lets_in = Scheme::ALL.iter().any(|scheme| {
        accepted.contains(&scheme.word()) && asked.has(*scheme, CredentialState::Valid)
    });
    if lets_in {
        Reply::welcome()
    } else if accepted.is_empty() {
        Reply::status(403, &[])
    } else {
        Reply::challenge(&accepted)
    }
}

type Decide = Arc<dyn Fn(&Setting, &Asked<'_>) -> Reply + Send + Sync>;

#[derive(Default)]
struct InForce {
    policies: Vec<Setting>,
    log: Vec<AuditEvent>,
}

/// An implementation in this process: a bare TCP server whose answers a test decides.
pub struct Server {
    pub description: Description,
    /// Says no to a policy, with a reason.
    pub refuses: Option<fn(&Setting) -> Option<String>>,
    /// How many installations came so far.
    pub installations: u64,
    /// From this installation on, what happens instead of installing.
    pub breaks: Option<(u64, Break)>,
    /// What is said on every new connection before anything is asked.
    pub greeting: &'static [u8],
    decide: Decide,
    in_force: Arc<Mutex<InForce>>,
    running: Option<(String, JoinHandle<()>)>,
}

/// How an installation goes wrong.
#[derive(Clone, Copy)]
pub enum Break {
    /// It fails.
    Fails,
    /// It never answers.
    Hangs,
    /// It answers for one policy too few.
    Forgets,
    /// The server is gone, although the installation says that all is well.
    Dies,
    /// It is gone like that once, comes back at the same address, and knows of no policy then.
    Restarts,
}

impl Server {
    pub fn new(decide: impl Fn(&Setting, &Asked<'_>) -> Reply + Send + Sync + 'static) -> Self {
        Self {
            description: Description {
                name: "a test's server".to_owned(),
                version: "1".to_owned(),
                slots: 16,
                events: true,
                // It is told everything, and is a part of the test: there is nothing to be tried first.
                knows: vec!["policy".to_owned(), "instance".to_owned()],
                nature: Nature::Embedded,
                alternatives: BTreeMap::new(),
                ..Description::default()
            },
            refuses: None,
            installations: 0,
            breaks: None,
            greeting: b"",
            decide: Arc::new(decide),
            in_force: Arc::default(),
            running: None,
        }
    }

    async fn authority(&mut self) -> String {
        if let Some((authority, _)) = &self.running {
            return authority.clone();
        }
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let authority = listener.local_addr().unwrap().to_string();
        self.running = Some((authority.clone(), tokio::spawn(self.serving(listener))));
        authority
    }

    fn serving(&self, listener: TcpListener) -> impl Future<Output = ()> + use<> {
        serve(
            listener,
            self.greeting,
            Arc::clone(&self.decide),
            Arc::clone(&self.in_force),
        )
    }
}

impl Server {
    fn place(&self, installation: &Installation, authority: &str) -> Vec<Placement> {
        let policies = installation.policies.iter().enumerate();
        policies
            .map(
                |(slot, policy)| match self.refuses.and_then(|no| no(policy)) {
                    Some(why) => Placement::Unsupported(why),
                    None => Placement::Endpoint(Endpoint::new(authority, format!("/s{slot}"))),
                },
            )
            .collect()
    }

    /// Lets go of every connection, and takes new ones a moment later.
    fn restart(&mut self, authority: &str) {
        if let Some((_, serving)) = self.running.take() {
            serving.abort();
        }
        *lock(&self.in_force) = InForce::default();
        let server = Self {
            description: self.description.clone(),
            greeting: self.greeting,
            in_force: Arc::clone(&self.in_force),
            running: None,
            decide: Arc::clone(&self.decide),
            ..Self::new(open_minded)
        };
        let address = authority.to_owned();
        let again = async move {
            tokio::time::sleep(Duration::from_millis(30)).await;
            let listener = TcpListener::bind(&address).await.unwrap();
            server.serving(listener).await;
        };
        self.running = Some((authority.to_owned(), tokio::spawn(again)));
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some((_, serving)) = &self.running {
            serving.abort();
        }
    }
}

impl Implementation for Server {
    fn description(&self) -> &Description {
        &self.description
    }

    fn install<'a>(
        &'a mut self,
        installation: &'a Installation,
    ) -> BoxFuture<'a, Result<Vec<Placement>, SetupFault>> {
        Box::pin(async move {
            self.installations += 1;
            let broken = self
                .breaks
                .and_then(|(from, how)| (self.installations >= from).then_some(how));
            let authority = self.authority().await;
            match broken {
                Some(Break::Fails) => {
                    return Err(SetupFault {
                        doing: "reload the test's server".to_owned(),
                        why: "it says no".to_owned(),
                        remedy: None,
                    });
                }
                Some(Break::Hangs) => std::future::pending().await,
                Some(Break::Dies) => {
                    if let Some((_, serving)) = &self.running {
                        serving.abort();
                    }
                }
                Some(Break::Restarts) => {
                    self.breaks = None;
                    self.restart(&authority);
                    return Ok(self.place(installation, &authority));
                }
                Some(Break::Forgets) | None => {}
            }
            let mut placements = self.place(installation, &authority);
            if let Some(Break::Forgets) = broken {
                placements.pop();
            }
            *lock(&self.in_force) = InForce {
                policies: installation.policies.clone(),
                log: Vec::new(),
            };
            Ok(placements)
        })
    }

    fn events(&mut self, _: u64) -> BoxFuture<'_, Result<Vec<AuditEvent>, SetupFault>> {
        Box::pin(async move { Ok(lock(&self.in_force).log.clone()) })
    }

    fn stop(&mut self) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            if let Some((_, serving)) = self.running.take() {
                serving.abort();
            }
        })
    }
}

fn lock(in_force: &Mutex<InForce>) -> std::sync::MutexGuard<'_, InForce> {
    in_force.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn serve(
    listener: TcpListener,
    greeting: &'static [u8],
    decide: Decide,
    in_force: Arc<Mutex<InForce>>,
) {
    let nth = Arc::new(AtomicU64::new(0));
    // Aborting this task drops the set, which closes every connection.
    let mut connections = JoinSet::new();
    while let Ok((mut stream, _)) = listener.accept().await {
        let (decide, in_force) = (Arc::clone(&decide), Arc::clone(&in_force));
        let nth = Arc::clone(&nth);
        connections.spawn(async move {
            if stream.write_all(greeting).await.is_ok() {
                converse(stream, decide, in_force, nth).await;
            }
        });
    }
}

async fn converse(
    mut stream: TcpStream,
    decide: Decide,
    in_force: Arc<Mutex<InForce>>,
    nth: Arc<AtomicU64>,
) {
    let mut received = Vec::new();
    for nth_here in 0.. {
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
        let head = String::from_utf8(head).unwrap();
        let path = head.split(' ').nth(1).unwrap_or_default();
        let slot: usize = path
            .trim_start_matches("/s")
            .split('/')
            .next()
            .and_then(|slot| slot.parse().ok())
            .unwrap();
        let asked = Asked {
            authorization: head
                .lines()
                .find_map(|line| line.strip_prefix("authorization: ")),
            nth: nth.fetch_add(1, Ordering::Relaxed),
            nth_here,
            method: head.split(' ').next().unwrap_or_default(),
        };
        let policy = lock(&in_force).policies.get(slot).cloned();
        let Some(policy) = policy else { return };
        let reply = decide(&policy, &asked);
        lock(&in_force)
            .log
            .extend(reply.events.iter().map(|name| AuditEvent {
                slot,
                name: (*name).to_owned(),
                ..AuditEvent::default()
            }));
        if stream.write_all(&reply.bytes).await.is_err() {
            return;
        }
        match reply.then {
            Then::Continue => {}
            Then::Close => return,
            Then::Reset => {
                let _ = stream.set_zero_linger();
                return;
            }
            Then::Flood(with) => {
                while stream.write_all(with).await.is_ok() {}
                return;
            }
            Then::Wait => {
                // Until the other side gives up.
                let _ = stream.read_buf(&mut received).await;
                return;
            }
        }
    }
}

//! The gateway: who is let in, and what the others are told.

use std::convert::Infallible;
use std::error::Error;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::{AUTHORIZATION, HeaderValue, WWW_AUTHENTICATE};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;

/// What is configured for one API.
#[derive(Clone, Debug, Deserialize)]
pub struct Policy {
    #[serde(default = "yes")]
    pub active: bool,
    /// In the order of their configuration.
    pub profiles: Vec<Profile>,
    /// Whether a 401 names every scheme that would be accepted.
    #[serde(default)]
    pub advertise_all: bool,
    /// The instance-wide property for the same.
    #[serde(default = "yes")]
    pub first_scheme_only: bool,
}

fn yes() -> bool {
    true
}

#[derive(Clone, Debug, Deserialize)]
pub struct Profile {
    pub scheme: Scheme,
    pub active: bool,
}

#[derive(Clone, Copy, Debug, Deserialize, Serialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Scheme {
    Basic,
    Bearer,
}

#[derive(Clone, Debug, Deserialize)]
pub struct Identity {
    pub user: String,
    pub password: String,
    pub enabled: bool,
    #[serde(default)]
    pub tokens: Vec<Token>,
}

#[derive(Clone, Debug, Deserialize)]
pub struct Token {
    pub value: String,
    pub state: String,
}

/// The configuration file.
#[derive(Debug, Deserialize)]
pub struct Rules {
    policy: Policy,
    instance: Instance,
    pub identities: Vec<Identity>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
pub struct Instance {
    #[serde(default = "yes")]
    pub first_scheme_only: bool,
}

impl Rules {
    pub fn policy(self) -> Policy {
        Policy {
            first_scheme_only: self.instance.first_scheme_only,
            ..self.policy
        }
    }
}

/// A line of the audit log.
#[derive(Clone, Debug, Serialize)]
pub struct Entry {
    pub slot: usize,
    pub name: &'static str,
    pub user: String,
    pub scheme: Scheme,
}

/// Everything that is in force. The policy of slot 3 is in force below `/s3`.
#[derive(Debug, Default)]
pub struct Gateway {
    in_force: RwLock<Arc<InForce>>,
}

#[derive(Debug, Default)]
struct InForce {
    generation: u64,
    identities: Vec<Identity>,
    policies: Vec<Policy>,
    log: Mutex<Vec<Entry>>,
}

impl Policy {
    /// The schemes of active profiles in the order of their configuration, each once.
    fn accepted(&self) -> Vec<Scheme> {
        if !self.active {
            return vec![Scheme::Bearer, Scheme::Basic];
        }
        let mut schemes = Vec::new();
        for profile in self.profiles.iter().filter(|profile| profile.active) {
            if !schemes.contains(&profile.scheme) {
                schemes.push(profile.scheme);
            }
        }
        schemes
    }

    /// The schemes that a 401 names.
    fn advertised(&self) -> Vec<Scheme> {
        if !self.active || self.advertise_all || !self.first_scheme_only {
            return self.accepted();
        }
        // Only the profile that was configured last: a client of another scheme, if it waits to be
        // asked, is never asked.
        let last = self.profiles.iter().rev().find(|profile| profile.active);
        last.map(|profile| profile.scheme).into_iter().collect()
    }
}

impl Gateway {
    /// Puts policies in force in place of all others, one per slot.
    pub fn replace(&self, generation: u64, identities: Vec<Identity>, policies: Vec<Policy>) {
        let in_force = InForce {
            generation,
            identities,
            policies,
            log: Mutex::default(),
        };
        *self
            .in_force
            .write()
            .unwrap_or_else(PoisonError::into_inner) = Arc::new(in_force);
    }

    /// The audit log since a generation was put in force.
    pub fn log(&self, generation: u64) -> Vec<Entry> {
        let in_force = self.in_force();
        if in_force.generation == generation {
            let log = in_force.log.lock().unwrap_or_else(PoisonError::into_inner);
            log.clone()
        } else {
            Vec::new()
        }
    }

    fn in_force(&self) -> Arc<InForce> {
        let in_force = self.in_force.read().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&in_force)
    }

    fn answer<B>(&self, request: &Request<B>) -> Response<Full<Bytes>> {
        let in_force = self.in_force();
        let slot = slot(request.uri().path());
        let Some(policy) = in_force.policies.get(slot) else {
            return status(StatusCode::NOT_FOUND, "no such API\n");
        };
        let accepted = policy.accepted();
        if accepted.is_empty() {
            // No credentials could help.
            return status(StatusCode::FORBIDDEN, "closed\n");
        }
        let mut credentials = request.headers().get_all(AUTHORIZATION).iter();
        let user = match (credentials.next(), credentials.next()) {
            (Some(only), None) => in_force.log_in(only, &accepted),
            _ => None,
        };
        if let Some((user, scheme)) = user {
            let mut log = in_force.log.lock().unwrap_or_else(PoisonError::into_inner);
            log.push(Entry {
                slot,
                name: "LOGIN_SUCCESS",
                user,
                scheme,
            });
            return status(StatusCode::OK, "welcome\n");
        }
        let mut response = status(StatusCode::UNAUTHORIZED, "who are you?\n");
        let mut given = request.headers().get_all(AUTHORIZATION).iter();
        let bad_token = given.any(|value| scheme_of(value) == Some(Scheme::Bearer));
        for scheme in policy.advertised() {
            let challenge = match scheme {
                Scheme::Basic => "Basic realm=\"gateway\"",
                // RFC 6750 §3: whoever sent a token is told that it is no good.
                Scheme::Bearer if bad_token => "Bearer realm=\"gateway\", error=\"invalid_token\"",
                Scheme::Bearer => "Bearer realm=\"gateway\"",
            };
            let challenge = HeaderValue::from_static(challenge);
            response.headers_mut().append(WWW_AUTHENTICATE, challenge);
        }
        response
    }
}

impl InForce {
    /// Who the credentials belong to, if they are good and of an accepted scheme.
    fn log_in(&self, credentials: &HeaderValue, accepted: &[Scheme]) -> Option<(String, Scheme)> {
        let (_, secret) = credentials.to_str().ok()?.split_once(' ')?;
        let secret = secret.trim();
        let scheme = scheme_of(credentials)?;
        let user = if scheme == Scheme::Basic {
            let pair = String::from_utf8(STANDARD.decode(secret).ok()?).ok()?;
            let (user, password) = pair.split_once(':')?;
            let is_meant = |identity: &&Identity| {
                identity.enabled && identity.user == user && identity.password == password
            };
            self.identities.iter().find(is_meant)?
        } else {
            let is_meant = |identity: &&Identity| {
                let mut tokens = identity.tokens.iter();
                identity.enabled && tokens.any(|t| t.value == secret && t.state == "valid")
            };
            self.identities.iter().find(is_meant)?
        };
        accepted
            .contains(&scheme)
            .then(|| (user.user.clone(), scheme))
    }
}

/// The scheme that credentials are of.
fn scheme_of(credentials: &HeaderValue) -> Option<Scheme> {
    let name = credentials.to_str().ok()?.split(' ').next()?;
    match name.to_ascii_lowercase().as_str() {
        "basic" => Some(Scheme::Basic),
        "bearer" => Some(Scheme::Bearer),
        _ => None,
    }
}

/// The slot of `/s3` and of any path below; 0 for every other path.
fn slot(path: &str) -> usize {
    let number = path
        .strip_prefix("/s")
        .and_then(|rest| rest.split('/').next());
    number
        .and_then(|number| number.parse().ok())
        .unwrap_or_default()
}

fn status(status: StatusCode, body: &'static str) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from_static(body.as_bytes())));
    *response.status_mut() = status;
    response
}

/// Serves for ever.
pub async fn serve(listener: TcpListener, gateway: Arc<Gateway>) -> Result<(), Box<dyn Error>> {
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let gateway = Arc::clone(&gateway);
        tokio::spawn(async move {
            let service = service_fn(move |request: Request<Incoming>| {
                std::future::ready(Ok::<_, Infallible>(gateway.answer(&request)))
            });
            // A client that breaks off is its own affair.
            let _ = http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service)
                .await;
        });
    }
}

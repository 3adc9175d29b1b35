//! A server of the Model Context Protocol that is protected by OAuth, and conforms.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex};
use std::time::{SystemTime, UNIX_EPOCH};

use countersign::auth::split_authorization;
use countersign::credentials::{
    Claims, ISSUER, Identity, TokenFault, TokenKind, claims_of, read_bearer, read_jwt,
};
use countersign::domain::Value;
use countersign::implementation::{
    BoxFuture, Description, Implementation, Installation, Nature, Placement,
};
use countersign::observation::{AuditEvent, SetupFault};
use countersign::wire::Endpoint;
use serde_json::{Value as Json, json};

use super::Taker;
use super::inward::Inward;
use super::mcp_liberty::McpLiberty as L;
use super::reply::{Carriage, Reply};
use super::serve::{Answers, Asked, Serving, serve};

const KNOWN: [&str; 4] = [
    "policy.required_scope",
    "policy.metadata_at",
    "policy.sessions",
    "policy.upstream",
];

const WELL_KNOWN: &str = "/.well-known/oauth-protected-resource";

#[derive(Clone)]
struct Slot {
    /// The scopes that a token must have.
    scopes: Vec<&'static str>,
    metadata_at: String,
    sessions: bool,
    upstream: Option<String>,
}

#[derive(Default)]
struct State {
    slots: Vec<Slot>,
    cast: Vec<Identity>,
    /// Sessions, and whose they are.
    sessions: HashMap<String, String>,
    serial: u64,
}

#[derive(Default)]
struct Shared {
    on: BTreeSet<L>,
    state: Mutex<State>,
    shown: Mutex<BTreeSet<L>>,
}

pub struct LiberalMcp {
    description: Description,
    shared: Arc<Shared>,
    running: Option<Serving>,
}

impl LiberalMcp {
    pub fn taking(on: BTreeSet<L>) -> Self {
        let of_first = [L::OriginIsABadRequest, L::OriginIsHidden];
        let mut alternatives = BTreeMap::new();
        if of_first.iter().any(|one| on.contains(one)) {
            alternatives.insert("mcp-challenges".to_owned(), "2025-06-18".to_owned());
        }
        if on.contains(&L::NewestAlone) {
            alternatives.insert("mcp-newest".to_owned(), "2026-07-28".to_owned());
        }
        Self {
            description: Description {
                name: "liberal-mcp".to_owned(),
                version: "1".to_owned(),
                slots: 16,
                knows: KNOWN.map(str::to_owned).to_vec(),
                claims: vec!["mcp-authorization".to_owned()],
                nature: Nature::Embedded,
                tokens: TokenKind::Jwt,
                alternatives,
                ..Description::default()
            },
            shared: Arc::new(Shared {
                on,
                ..Shared::default()
            }),
            running: None,
        }
    }
}

impl Taker<L> for LiberalMcp {
    fn shown(&self) -> BTreeSet<L> {
        self.shared.shown.lock().unwrap().clone()
    }
}

impl Implementation for LiberalMcp {
    fn description(&self) -> &Description {
        &self.description
    }

    fn install<'a>(
        &'a mut self,
        installation: &'a Installation,
    ) -> BoxFuture<'a, Result<Vec<Placement>, SetupFault>> {
        Box::pin(async move {
            if self.running.is_none() {
                self.running = Some(serve(Arc::clone(&self.shared)).await);
            }
            let authority = &self.running.as_ref().unwrap().authority;
            let slots = installation.policies.iter().enumerate();
            let slots = slots.map(|(at, setting)| {
                let policy = &setting.policy;
                let word = |name| policy.field(name).and_then(Value::as_symbol);
                let upstreams = installation.upstreams_of(at);
                Slot {
                    scopes: match word("required_scope") {
                        Some("write") => vec!["write"],
                        Some("read-and-write") => vec!["read", "write"],
                        _ => Vec::new(),
                    },
                    metadata_at: word("metadata_at").unwrap_or("everywhere").to_owned(),
                    sessions: policy.field("sessions").and_then(Value::as_bool) != Some(false),
                    upstream: upstreams.map(|places| places.backend.clone()),
                }
            });
            let slots: Vec<Slot> = slots.collect();
            let endpoint =
                |at| Placement::Endpoint(Endpoint::new(authority.clone(), format!("/s{at}")));
            let placements = (0..slots.len()).map(endpoint).collect();
            let mut state = self.shared.state.lock().unwrap();
            state.slots = slots;
            state.cast.clone_from(&installation.identities);
            state.sessions.clear();
            Ok(placements)
        })
    }

    fn events(&mut self, _: u64) -> BoxFuture<'_, Result<Vec<AuditEvent>, SetupFault>> {
        Box::pin(async { Ok(Vec::new()) })
    }

    fn stop(&mut self) -> BoxFuture<'_, ()> {
        self.running = None;
        Box::pin(async {})
    }
}

impl Answers for Shared {
    async fn answer(&self, asked: &Asked) -> (Vec<u8>, bool) {
        let mut reply = self.reply(asked).await;
        if self.has(L::EarlyHints) {
            reply = reply.with("Access-Control-Allow-Origin", "*");
        }
        if self.has(L::Chunked) {
            reply = reply.with("Set-Cookie", "route=a; Path=/");
        }
        let carried = Carriage {
            chunked: self.has(L::Chunked),
            closes: self.has(L::ClosesEach),
            without_reason: self.has(L::NoReason),
            small_names: self.has(L::NoReason),
            early_hints: self.has(L::EarlyHints),
            head: false,
        };
        (reply.bytes(carried), carried.closes)
    }
}

/// Why a request is refused for its token.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Refused {
    Unasked,
    Malformed,
    Invalid,
    Insufficient,
}

impl Shared {
    /// Whether a liberty is taken; who asks makes something of it.
    fn has(&self, liberty: L) -> bool {
        let has = self.on.contains(&liberty);
        if has {
            self.shown.lock().unwrap().insert(liberty);
        }
        has
    }

    /// A slot by what its paths begin with.
    fn slot(&self, path: &str) -> Option<Slot> {
        let at = path
            .split('/')
            .nth(1)?
            .strip_prefix('s')?
            .parse::<usize>()
            .ok()?;
        self.state.lock().unwrap().slots.get(at).cloned()
    }

    async fn reply(&self, asked: &Asked) -> Reply {
        let path = asked.head.path();
        let host = asked.head.one("host").unwrap_or_default();
        if let Some(resource) = path.strip_prefix(WELL_KNOWN) {
            let is_root = resource.is_empty();
            let is_there = match self.on.contains(&L::MetadataAtTheRoot) {
                true => is_root && self.has(L::MetadataAtTheRoot),
                false => self
                    .slot(resource)
                    .is_some_and(|slot| slot.metadata_at != "challenge"),
            };
            return match is_there {
                true => self.document(&format!("http://{host}{resource}")),
                false => Reply::of(404),
            };
        }
        let Some(slot) = self.slot(path) else {
            return Reply::of(404);
        };
        if let Some(prefix) = path.strip_suffix("/metadata") {
            return match slot.metadata_at == "challenge" {
                true => self.document(&format!("http://{host}{prefix}/resource")),
                false => Reply::of(404),
            };
        }
        self.message(asked, &slot).await
    }

    fn document(&self, resource: &str) -> Reply {
        let mut servers = vec![ISSUER];
        if self.has(L::MetadataOfSeveralServers) {
            servers = vec!["https://other.example/as", ISSUER];
        }
        let mut text = json!({"resource": resource, "authorization_servers": servers}).to_string();
        if self.has(L::MetadataWithMore) {
            text = format!(
                "\r\n{{ \"resource_name#de\": \"Quelle\",\n\t\"x\": [{{\"resource\": \"another\"}}, null], \
                 \"jwks_uri\": \"https://resource.example/keys\", {}",
                text[1..].replace('/', "\\/")
            );
        }
        let kind = match self.has(L::MetadataTyped) {
            true => "Application/JSON ; Charset=\"UTF-8\"",
            false => "application/json",
        };
        let reply = Reply::of(200);
        if self.has(L::MetadataCompressed) {
            let content = crate::liberal::answer::compressed(text.as_bytes());
            return reply.with("Content-Encoding", "gzip").saying(kind, content);
        }
        let reply = match self.has(L::MetadataStored) {
            true => reply
                .with("Cache-Control", "public, max-age=3600")
                .with("ETag", "W/\"a\"")
                .with("Access-Control-Allow-Origin", "*"),
            false => reply,
        };
        reply.saying(kind, text)
    }

    async fn message(&self, asked: &Asked, slot: &Slot) -> Reply {
        let head = &asked.head;
        let host = head.one("host").unwrap_or_default();
        let is_foreign = head
            .all("origin")
            .any(|one| one != format!("http://{host}").as_bytes());
        if is_foreign && !self.on.contains(&L::OriginBehindTheToken) {
            return self.foreign();
        }
        if head.method == "GET" && self.has(L::NoStreamForAnybody) {
            return Reply::of(405).with("Allow", "POST");
        }
        let message: Option<Json> = serde_json::from_slice(&asked.content).ok();
        let method = message.as_ref().and_then(|one| one.get("method"));
        let method = method.and_then(Json::as_str);
        let session = head.one("mcp-session-id");
        let keeps = slot.sessions && !self.on.contains(&L::NewestAlone) && !self.has(L::NoSessions);
        let whose = session.and_then(|one| self.state.lock().unwrap().sessions.get(one).cloned());
        let out_of_session = match () {
            () if !keeps || method == Some("initialize") || head.method == "GET" => None,
            () if session.is_none() => Some(Reply::of(400)),
            () if whose.is_none() => Some(Reply::of(404)),
            () => None,
        };
        if let (Some(refusal), true) = (&out_of_session, self.on.contains(&L::SessionBeforeToken)) {
            self.has(L::SessionBeforeToken);
            return refusal.clone();
        }
        let claims = match self.claims(asked, slot) {
            Ok(claims) => claims,
            Err(why) => return self.refused(why, asked, slot),
        };
        if is_foreign && self.has(L::OriginBehindTheToken) {
            return self.foreign();
        }
        if head.method == "GET" {
            return match self.has(L::Streams) {
                true => Reply::of(200).saying("text/event-stream", "id: 1\ndata:\n\n"),
                false => Reply::of(405).with("Allow", "POST, DELETE"),
            };
        }
        if head.method == "DELETE" && self.has(L::EndsNone) {
            return Reply::of(405).with("Allow", "POST");
        }
        if let Some(refusal) = out_of_session {
            return refusal;
        }
        if keeps && whose.is_some_and(|whose| whose != claims.user) {
            return match () {
                () if self.has(L::ForeignSessionIsForbidden) => Reply::of(403),
                () if self.has(L::ForeignSessionIsABadRequest) => Reply::of(400),
                () => Reply::of(404),
            };
        }
        if head.method == "DELETE" {
            return self.ended(session.filter(|_| keeps));
        }
        let Some(message) = message else {
            return Reply::of(400);
        };
        self.answered(&message, &claims, slot, keeps).await
    }

    fn foreign(&self) -> Reply {
        let status = match () {
            () if self.has(L::OriginIsABadRequest) => 400,
            () if self.has(L::OriginIsHidden) => 404,
            () => 403,
        };
        Reply::of(status)
    }

    /// What comes of a request to end this session.
    fn ended(&self, session: Option<&str>) -> Reply {
        let Some(session) = session else {
            return Reply::of(405).with("Allow", "POST");
        };
        self.state.lock().unwrap().sessions.remove(session);
        Reply::of(204)
    }

    async fn answered(&self, message: &Json, claims: &Claims, slot: &Slot, keeps: bool) -> Reply {
        let method = message.get("method").and_then(Json::as_str);
        let mut session = None;
        let result = match method {
            Some("initialize") if self.has(L::NewestAlone) => return Reply::of(400),
            Some("initialize") => {
                let mut state = self.state.lock().unwrap();
                state.serial += 1;
                if keeps {
                    let name = format!("session-{}", state.serial);
                    state.sessions.insert(name.clone(), claims.user.clone());
                    session = Some(name);
                }
                json!({"protocolVersion": "2025-06-18", "capabilities": {"tools": {}},
                    "serverInfo": {"name": "liberal", "version": "1"}})
            }
            Some("tools/list") => json!({"tools": []}),
            Some("tools/call") => {
                if let Some(upstream) = &slot.upstream {
                    self.ask(upstream, &claims.user).await;
                }
                json!({"content": []})
            }
            _ => return Reply::of(400),
        };
        let answer = json!({"jsonrpc": "2.0", "id": message.get("id"), "result": result});
        let mut reply = Reply::of(200);
        if let Some(session) = session {
            reply = reply.with("Mcp-Session-Id", session);
        }
        match self.has(L::AnswersByStreams) {
            true => reply.saying(
                "text/event-stream",
                format!("event: message\ndata: {answer}\n\n"),
            ),
            false => reply.saying("application/json", answer.to_string()),
        }
    }

    /// Asks the server behind, as this server and not as its client.
    async fn ask(&self, upstream: &str, user: &str) {
        let mut fields = vec![("Authorization".to_owned(), b"Bearer of-the-server".to_vec())];
        if self.has(L::AsksWithoutAToken) {
            fields.clear();
        }
        let twice = self.has(L::AsksTwice);
        if twice {
            fields.push(("X-User".to_owned(), user.as_bytes().to_vec()));
        }
        let request = Inward {
            method: "GET".to_owned(),
            target: "/anything".to_owned(),
            host: upstream.to_owned(),
            fields,
            content: Vec::new(),
            old: false,
            chunked: false,
        };
        for _ in 0..=u8::from(twice) {
            let _ = request.ask(upstream, None).await;
        }
    }

    /// What the token of a request says, if it is good here and has the scopes.
    fn claims(&self, asked: &Asked, slot: &Slot) -> Result<Claims, Refused> {
        let mut lines = asked.head.all("authorization");
        let token = match (lines.next(), lines.next()) {
            (Some(_), Some(_)) => return Err(Refused::Malformed),
            (Some(line), None) => {
                let (scheme, secret) = split_authorization(line).ok_or(Refused::Malformed)?;
                if !scheme.eq_ignore_ascii_case("bearer") {
                    return Err(Refused::Unasked);
                }
                read_bearer(secret).ok_or(Refused::Malformed)?
            }
            _ => match asked.head.parameter("access_token") {
                Some(token) if self.has(L::QueryRead) => token.to_owned(),
                _ => return Err(Refused::Unasked),
            },
        };
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        let claims = match read_jwt(&token, now.as_secs()) {
            Ok(claims) => Some(claims),
            Err(TokenFault::Type) if self.has(L::AnyType) => claims_of(&token),
            Err(_) => None,
        };
        let claims = claims.ok_or(Refused::Invalid)?;
        let state = self.state.lock().unwrap();
        let mut cast = state.cast.iter();
        if !cast.any(|one| one.enabled && one.user == claims.user) {
            return Err(Refused::Invalid);
        }
        let has = |scope: &&str| claims.scopes.iter().any(|one| one == scope);
        match slot.scopes.iter().all(has) {
            true => Ok(claims),
            false => Err(Refused::Insufficient),
        }
    }

    fn refused(&self, why: Refused, asked: &Asked, slot: &Slot) -> Reply {
        let (status, error) = match why {
            Refused::Unasked => (401, None),
            Refused::Invalid => (401, Some("invalid_token")),
            Refused::Insufficient => (403, Some("insufficient_scope")),
            Refused::Malformed if self.has(L::MalformedIsUnauthorized) => {
                (401, Some("invalid_token"))
            }
            Refused::Malformed if self.has(L::MalformedIsNothing) => (401, None),
            Refused::Malformed => (400, Some("invalid_request")),
        };
        let reply = match () {
            () if self.has(L::RefusalsSayWhy) => Reply::of(status).saying(
                "application/json",
                r#"{"jsonrpc":"2.0","id":null,"error":{"code":-32000,"message":"no"}}"#,
            ),
            () if self.has(L::RefusalsArePages) => {
                Reply::of(status).saying("text/html", "<h1>Bearer realm=\"none\"</h1>")
            }
            () => Reply::of(status),
        };
        let challenge = self.challenge(error, why, asked, slot);
        match () {
            () if self.has(L::OtherSchemeFirst) => reply.with(
                "WWW-Authenticate",
                format!("Basic realm=\"people, not programs\", {challenge}"),
            ),
            () if self.has(L::OtherSchemeBehind) => reply
                .with("WWW-Authenticate", challenge)
                .with("WWW-Authenticate", "Unheard-Of YWJj="),
            () => reply.with("WWW-Authenticate", challenge),
        }
    }

    fn challenge(&self, error: Option<&str>, why: Refused, asked: &Asked, slot: &Slot) -> String {
        let bare = self.has(L::TokensForQuotes);
        let quoted = |name: &str, value: &str| match bare
            && value
                .bytes()
                .all(|one| one.is_ascii_alphanumeric() || one == b'_')
        {
            true => format!("{name}={value}"),
            false => format!("{name}=\"{value}\""),
        };
        let mut parameters = Vec::new();
        if !self.has(L::NoRealm) {
            parameters.push(quoted("realm", "liberal"));
        }
        parameters.extend(error.map(|error| quoted("error", error)));
        let mut scopes = slot.scopes.clone();
        if self.has(L::ScopesTurned) {
            scopes.reverse();
        }
        if self.has(L::ScopesWithMore) && !scopes.is_empty() {
            scopes.insert(0, "profile");
        }
        let to_everybody = why == Refused::Invalid && self.has(L::ScopesToEverybody);
        let told = to_everybody || matches!(why, Refused::Unasked | Refused::Insufficient);
        if told && !scopes.is_empty() {
            parameters.push(quoted("scope", &scopes.join(" ")));
        }
        let host = asked.head.one("host").unwrap_or_default();
        let path = asked.head.path();
        match slot.metadata_at.as_str() {
            "well-known" => {}
            _ if self.has(L::MetadataAtTheRoot) => {}
            "challenge" => {
                let prefix = path.strip_suffix("/resource").unwrap_or(path);
                parameters.push(quoted(
                    "resource_metadata",
                    &format!("http://{host}{prefix}/metadata"),
                ));
            }
            _ => parameters.push(quoted(
                "resource_metadata",
                &format!("http://{host}{WELL_KNOWN}{path}"),
            )),
        }
        if self.has(L::MoreParameters) {
            if error.is_some() {
                parameters.push(quoted("error_description", "it is not good, \\\"sorry\\\""));
                parameters.push(quoted("error_uri", "https://resource.example/why"));
            }
            parameters.push(quoted("x-more", "Basic, realm=x"));
        }
        if self.has(L::OddCase) {
            parameters = { parameters.iter() }
                .map(|one| {
                    let (name, value) = one.split_once('=').unwrap();
                    format!("{}={value}", name.to_ascii_uppercase())
                })
                .collect();
            return format!("bEARER {}", parameters.join(" ,\t"));
        }
        format!("Bearer {}", parameters.join(", "))
    }
}

//! A gateway that asks an auth service before a backend, and conforms.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use countersign::domain::Value;
use countersign::implementation::{
    BoxFuture, Description, Implementation, Installation, Nature, Placement,
};
use countersign::observation::{AuditEvent, SetupFault};
use countersign::wire::Endpoint;

use super::Taker;
use super::gateway_liberty::GatewayLiberty as L;
use super::inward::{Inward, Kept};
use super::normal_form::normal;
use super::one_hop::{OF_ONE_HOP, is_of_one_hop, is_user};
use super::reply::{Carriage, Reply};
use super::serve::{Answers, Asked, Serving, serve};
use crate::liberal::request::Request;

/// The fields of policies and instances that it reads, or that are how others conduct themselves.
const KNOWN: [&str; 8] = [
    "policy.external_auth",
    "policy.forward_body",
    "policy.allowed_headers",
    "policy.cors",
    "instance.auth_service",
    "instance.challenges",
    "instance.identity",
    "instance.backend",
];

/// The most bytes of content that a service takes.
const SMALL: usize = 64;

/// Fields in which gateways say what was asked: what a client says in them is nobody's business.
const SAID_BY_GATEWAYS: [&str; 7] = [
    "x-forwarded-method",
    "x-forwarded-uri",
    "x-forwarded-host",
    "x-forwarded-for",
    "x-original-method",
    "x-original-uri",
    "x-original-url",
];

/// Where its filter for CORS stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Cors {
    Before,
    Behind,
}

#[derive(Clone)]
struct Slot {
    asks: bool,
    reads: bool,
    allows_cookie: bool,
    cors: Option<Cors>,
    service: String,
    backend: String,
}

#[derive(Default)]
struct Shared {
    on: BTreeSet<L>,
    slots: Mutex<Vec<Option<Slot>>>,
    shown: Mutex<BTreeSet<L>>,
    kept: Kept,
}

pub struct LiberalGateway {
    description: Description,
    shared: Arc<Shared>,
    running: Option<Serving>,
}

impl LiberalGateway {
    pub fn taking(on: BTreeSet<L>) -> Self {
        let mut alternatives = BTreeMap::new();
        let mut takes = |alternative: &str, choice: &str, of: &[L]| {
            if of.iter().any(|one| on.contains(one)) {
                alternatives.insert(alternative.to_owned(), choice.to_owned());
            }
        };
        takes("auth-success", "only-200", &[L::Only200, L::Only200AsItIs]);
        takes("auth-long-content", "cut", &[L::LongContentIsCut]);
        // Content beyond what the policy says is nothing that this contract allows.
        if !on.contains(&L::CheckHasTheContent) {
            takes("auth-contract", "gateway-api", &[L::CheckHasFiveFields]);
        }
        Self {
            description: Description {
                name: "liberal-gateway".to_owned(),
                version: "1".to_owned(),
                slots: 32,
                knows: KNOWN.map(str::to_owned).to_vec(),
                claims: vec!["external-authorization".to_owned()],
                nature: Nature::Embedded,
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

impl Taker<L> for LiberalGateway {
    fn shown(&self) -> BTreeSet<L> {
        self.shared.shown.lock().unwrap().clone()
    }
}

impl Implementation for LiberalGateway {
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
            let slot = |at: usize| {
                let places = installation.upstreams_of(at)?;
                let policy = &installation.policies[at].policy;
                let asks = policy.field("external_auth").and_then(Value::as_bool);
                let reads = policy.field("forward_body").and_then(Value::as_symbol);
                Some(Slot {
                    asks: asks != Some(false),
                    reads: reads == Some("small"),
                    allows_cookie: word(policy, "allowed_headers") == Some("cookie"),
                    cors: match word(policy, "cors") {
                        Some("before") => Some(Cors::Before),
                        Some("behind") => Some(Cors::Behind),
                        _ => None,
                    },
                    service: places.auth_service.clone(),
                    backend: places.backend.clone(),
                })
            };
            let count = installation.policies.len();
            *self.shared.slots.lock().unwrap() = (0..count).map(slot).collect();
            self.shared.kept.clear();
            let endpoint =
                |at| Placement::Endpoint(Endpoint::new(authority.clone(), format!("/s{at}")));
            Ok((0..count).map(endpoint).collect())
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
    fn says_go_on(&self) -> bool {
        !self.has(L::NobodyIsToldToGoOn)
    }

    async fn answer(&self, asked: &Asked) -> (Vec<u8>, bool) {
        let mut reply = self.reply(asked).await;
        if self.has(L::Dated) {
            reply = reply
                .with("Date", "Sat, 28 Nov 2026 10:00:00 GMT")
                .with("Server", "Liberal/1.0 (any; comment)")
                .with("Via", "1.1 liberal, 1.0 fred");
        }
        if self.has(L::SmallNames) {
            reply = reply.with("Set-Cookie", "route=a; Path=/; HttpOnly");
        }
        let carried = Carriage {
            chunked: self.has(L::Chunked),
            closes: self.has(L::ClosesEach),
            without_reason: self.has(L::NoReason),
            small_names: self.has(L::SmallNames),
            early_hints: self.has(L::EarlyHints),
            head: asked.head.method == "HEAD",
        };
        (reply.bytes(carried), carried.closes || reply.missing > 0)
    }
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

    /// The status of the first of these liberties that is taken.
    fn chosen(&self, liberties: &[(L, u16)]) -> Option<u16> {
        let mut taken = liberties.iter().filter(|(one, _)| self.has(*one));
        taken.next().map(|(_, status)| *status)
    }

    async fn reply(&self, asked: &Asked) -> Reply {
        let mut asked = asked.clone();
        self.take_url_apart(&mut asked.head);
        let asked = &asked;
        let at = asked.head.path().split('/').nth(1).unwrap_or_default();
        let slot = at.strip_prefix('s').and_then(|at| at.parse::<usize>().ok());
        let slot = slot.and_then(|at| self.slots.lock().unwrap().get(at).cloned()?);
        let Some(slot) = slot else {
            return Reply::of(404);
        };
        if let Some(refusal) = self.turned_away(asked) {
            return refusal;
        }
        if !slot.asks {
            return self.passed_on(asked, &slot, None).await;
        }
        if slot.cors == Some(Cors::Before) {
            let reply = match self.preflight(asked) {
                Some(reply) => reply,
                None => self.checked(asked, &slot).await,
            };
            return self.opened(asked, reply);
        }
        self.checked(asked, &slot).await
    }

    /// What comes of a request once the service was asked.
    async fn checked(&self, asked: &Asked, slot: &Slot) -> Reply {
        if slot.reads && asked.content.len() > SMALL && !self.has(L::LongContentIsCut) {
            let status = self.chosen(&[
                (L::LongContentIsABadRequest, 400),
                (L::LongContentIsForbidden, 403),
            ]);
            return Reply::of(status.unwrap_or(413));
        }
        let check = self.check(asked, slot);
        let kept = self.has(L::ConnectionsAreKept).then_some(&self.kept);
        let mut decision = check.ask(&slot.service, kept).await;
        if decision.is_none() && self.has(L::AsksAgain) {
            decision = check.ask(&slot.service, None).await;
        }
        // A success that stalls is taken for one, or for none.
        let decision =
            decision.filter(|decision| decision.missing == 0 || self.has(L::TheHeadDecides));
        let Some(decision) = decision else {
            let status = self.chosen(&[
                (L::TroubleIsAnError, 500),
                (L::TroubleIsABadGateway, 502),
                (L::TroubleIsATimeout, 504),
                (L::TroubleIsForbidden, 403),
            ]);
            if self.has(L::TroubleIsTemporary) {
                return Reply::of(503).with("Retry-After", "120");
            }
            return Reply::of(status.unwrap_or(503));
        };
        match decision.status {
            200 => self.let_in(asked, slot, &decision).await,
            201..=299 if self.has(L::Only200) => Reply::of(403),
            201..=299 if self.has(L::Only200AsItIs) => Reply::of(decision.status),
            201..=299 => self.let_in(asked, slot, &decision).await,
            _ => self.relayed(&decision),
        }
    }

    async fn let_in(&self, asked: &Asked, slot: &Slot, decision: &Reply) -> Reply {
        if slot.cors != Some(Cors::Behind) {
            return self.passed_on(asked, slot, Some(decision)).await;
        }
        let reply = match self.preflight(asked) {
            Some(reply) => reply,
            None => self.passed_on(asked, slot, Some(decision)).await,
        };
        self.opened(asked, reply)
    }

    /// The answer to a preflight.
    fn preflight(&self, asked: &Asked) -> Option<Reply> {
        let head = &asked.head;
        let method = head.one("access-control-request-method")?;
        let status = if self.has(L::PreflightsGetNoContent) {
            204
        } else {
            200
        };
        let names = head.one("access-control-request-headers");
        let reply = Reply::of(status)
            .with("Access-Control-Allow-Methods", method)
            .with("Access-Control-Allow-Headers", names.unwrap_or_default());
        (head.method == "OPTIONS").then_some(reply)
    }

    /// An answer that a page may read.
    fn opened(&self, asked: &Asked, reply: Reply) -> Reply {
        let Some(origin) = asked.head.one("origin") else {
            return reply;
        };
        if reply.status >= 400 && self.has(L::PagesReadNoRefusals) {
            return reply;
        }
        if self.has(L::EveryOriginIsAllowed) {
            return reply.with("Access-Control-Allow-Origin", "*");
        }
        reply
            .with("Access-Control-Allow-Origin", origin)
            .with("Vary", "Origin")
    }

    /// Has a target that is a whole URL be what it means (RFC 9112 §3.2.2): its host is that of the URL.
    fn take_url_apart(&self, head: &mut Request) {
        let Some(rest) = head.target.strip_prefix("http://") else {
            return;
        };
        let at = rest.find('/').unwrap_or(rest.len());
        let (host, path) = rest.split_at(at);
        let (host, path) = (host.as_bytes().to_vec(), path.to_owned());
        for (name, value) in &mut head.fields {
            if name == "host" {
                value.clone_from(&host);
            }
        }
        head.target = path;
    }

    /// What is refused before anybody is asked, or answered by the gateway itself.
    fn turned_away(&self, asked: &Asked) -> Option<Reply> {
        let head = &asked.head;
        let normal = normal(&head.target);
        if normal != head.target {
            if self.has(L::OddPathsAreMoved) {
                return Some(Reply::of(301).with("Location", normal));
            }
            let status = self.chosen(&[
                (L::OddPathsAreBadRequests, 400),
                (L::OddPathsAreNotThere, 404),
            ]);
            if let Some(status) = status {
                return Some(Reply::of(status));
            }
        }
        let allow = |status| Reply::of(status).with("Allow", "GET, HEAD, OPTIONS");
        if matches!(&*head.method, "POST" | "PUT" | "DELETE") {
            if self.has(L::WritingIsNotAllowed) {
                return Some(allow(405));
            }
            let status = self.chosen(&[
                (L::WritingIsNotImplemented, 501),
                (L::WritingIsForbidden, 403),
            ]);
            if let Some(status) = status {
                return Some(Reply::of(status));
            }
        }
        let is_preflight = head.has("access-control-request-method");
        if head.method == "OPTIONS" && !is_preflight && self.has(L::OptionsIsAnsweredHere) {
            return Some(allow(204));
        }
        let underscored = || head.fields.iter().any(|(name, _)| name.contains('_'));
        let forges = || head.fields.iter().any(|(name, _)| is_user(name));
        let status = match () {
            () if head.has("upgrade") && self.has(L::UpgradeIsForbidden) => 403,
            () if head.has("expect") && self.has(L::ExpectationsFail) => 417,
            () if head.all("authorization").count() > 1 && self.has(L::TwoLinesAreABadRequest) => {
                400
            }
            () if underscored() && self.has(L::UnderscoresAreBadRequests) => 400,
            () if forges() && self.has(L::ForgeriesAreForbidden) => 403,
            () => return None,
        };
        Some(Reply::of(status))
    }

    fn target(&self, asked: &Asked) -> String {
        let normal = normal(&asked.head.target);
        match normal != asked.head.target && self.has(L::OddPathsAreMadeNormal) {
            true => normal,
            false => asked.head.target.clone(),
        }
    }

    fn check(&self, asked: &Asked, slot: &Slot) -> Inward {
        let head = &asked.head;
        let host = head.one("host").unwrap_or_default();
        let mut check = Inward {
            method: head.method.clone(),
            target: self.target(asked),
            host: host.to_owned(),
            fields: Vec::new(),
            content: Vec::new(),
            old: self.has(L::CheckOfHttp10),
            chunked: false,
        };
        let of_gateway = |name: &str| SAID_BY_GATEWAYS.contains(&name) || name == "forwarded";
        let every = self.has(L::CheckHasEveryField);
        for (name, value) in &head.fields {
            let goes = match every {
                true => !is_of_one_hop(name, asked) && !of_gateway(name),
                false => name == "authorization" || slot.allows_cookie && name == "cookie",
            };
            if goes {
                check.fields.push((name.clone(), value.clone()));
            }
        }
        let five = self.has(L::CheckHasFiveFields);
        let mut say = |name: &str, value: &str| {
            check
                .fields
                .push((name.to_owned(), value.as_bytes().to_vec()));
        };
        if !five {
            say("X-Checked-By", "liberal");
        }
        if self.has(L::CheckSaysFromWhom) {
            say("X-Forwarded-For", "192.0.2.1");
            say("Forwarded", "for=192.0.2.1;proto=http");
            say("Via", "1.1 liberal");
        }
        let target = check.target.clone();
        match () {
            () if self.has(L::CheckIsAGet) => {
                say("X-Forwarded-Method", &head.method);
                say("X-Forwarded-Uri", &target);
                "GET".clone_into(&mut check.method);
                "/check?for=anything".clone_into(&mut check.target);
            }
            () if self.has(L::CheckBehindAPrefix) => check.target = format!("/auth/v1{target}"),
            () if self.has(L::CheckAtItsOwnPath) => {
                say("X-Original-Method", &head.method);
                say("X-Original-URL", &format!("http://{host}{target}"));
                "/".clone_into(&mut check.target);
            }
            () if self.has(L::CheckForItsOwnHost) => {
                say("X-Forwarded-Host", host);
                say("X-Original-URI", &target);
                slot.service.clone_into(&mut check.host);
            }
            () => {}
        }
        if slot.reads || self.has(L::CheckHasTheContent) {
            check.content = asked.content.clone();
        }
        if slot.reads {
            check.content.truncate(SMALL);
        }
        check
    }

    async fn passed_on(&self, asked: &Asked, slot: &Slot, decision: Option<&Reply>) -> Reply {
        let head = &asked.head;
        let mut fields: Vec<(String, Vec<u8>)> = Vec::new();
        for (name, value) in &head.fields {
            let stays = match name.as_str() {
                "authorization" => !self.has(L::CredentialsEndHere),
                "proxy-authorization" => self.has(L::ProxyCredentialsArePassedOn),
                name => !is_of_one_hop(name, asked) && !is_user(name),
            };
            if stays {
                fields.push((name.clone(), value.clone()));
            }
        }
        let told = decision
            .into_iter()
            .flat_map(|decision| decision.all("x-user"));
        fields.extend(told.map(|user| ("X-User".to_owned(), user.to_vec())));
        if self.has(L::BackendIsToldFromWhom) {
            let more = [
                ("Via", "1.1 liberal (a comment)"),
                ("X-Forwarded-For", "192.0.2.1"),
                ("Forwarded", "for=192.0.2.1"),
            ];
            fields.extend(more.map(|(name, value)| (name.to_owned(), value.as_bytes().to_vec())));
        }
        let request = Inward {
            method: head.method.clone(),
            target: self.target(asked),
            host: head.one("host").unwrap_or_default().to_owned(),
            fields,
            content: asked.content.clone(),
            old: self.has(L::BackendByHttp10),
            chunked: self.has(L::BackendGetsChunks),
        };
        let kept = self.has(L::ConnectionsAreKept).then_some(&self.kept);
        let reply = request.ask(&slot.backend, kept).await;
        // Of what stalls, the client gets the beginning, or nothing.
        let reply = reply.filter(|reply| reply.missing == 0 || self.has(L::ContentBreaksOff));
        let Some(mut reply) = reply else {
            let status = self.chosen(&[
                (L::TroubleBehindIsATimeout, 504),
                (L::TroubleBehindIsAnError, 500),
            ]);
            return Reply::of(status.unwrap_or(502));
        };
        reply
            .fields
            .retain(|(name, _)| !OF_ONE_HOP.contains(&name.as_str()));
        match reply.status {
            401 => self.with_challenges(reply),
            _ => reply,
        }
    }

    /// What whoever is refused is told of it.
    fn relayed(&self, decision: &Reply) -> Reply {
        let status = match decision.status {
            // What they say is of another connection than the client's.
            304 | 407 => 403,
            300..=399 if self.has(L::RedirectsAreChallenged) => {
                return Reply::of(401).with("WWW-Authenticate", "Bearer realm=\"the gateway\"");
            }
            500..=599 => {
                let errors = [
                    (L::ErrorsAreOfAGateway, 502),
                    (L::ErrorsAreUnavailability, 503),
                ];
                self.chosen(&errors).unwrap_or(decision.status)
            }
            403 if self.has(L::ForbiddenIsHidden) => 404,
            401 => 401,
            _ if self.has(L::OtherRefusalsAreForbidden) => 403,
            status => status,
        };
        let mut reply = Reply::of(status);
        for (name, value) in &decision.fields {
            let goes = match name.as_str() {
                "www-authenticate" => status == 401,
                "location" => (300..=399).contains(&status),
                "retry-after" => matches!(status, 429 | 503),
                _ => false,
            };
            if goes {
                reply = reply.with(name, value.clone());
            }
        }
        if self.has(L::RefusalsAreExplained) {
            reply = reply.saying("text/html", "<p>Basic realm=\"no challenge\"</p>");
        }
        match status {
            401 => self.with_challenges(reply),
            _ => reply,
        }
    }

    /// The same challenges, laid out in another way.
    fn with_challenges(&self, mut reply: Reply) -> Reply {
        let is = |field: &(String, Vec<u8>)| field.0 == "www-authenticate";
        let (challenges, others): (Vec<_>, Vec<_>) = reply.fields.into_iter().partition(is);
        reply.fields = others;
        let comma: Option<&[u8]> = match () {
            () if challenges.len() < 2 => None,
            () if self.has(L::ChallengesInOneLine) => Some(b", "),
            () if self.has(L::ChallengesTightly) => Some(b","),
            () if self.has(L::ChallengesWithTabs) => Some(b"\t,\t"),
            () => None,
        };
        if let Some(comma) = comma {
            let values: Vec<Vec<u8>> = challenges.into_iter().map(|field| field.1).collect();
            return reply.with("WWW-Authenticate", values.join(comma));
        }
        let apart = challenges.len() > 1 && self.has(L::ChallengesApart);
        for field in challenges {
            reply = reply.with("WWW-Authenticate", field.1);
            if apart {
                reply = reply.with("X-Between", "two of them");
            }
        }
        reply
    }
}

/// The word of a field of a policy.
fn word<'a>(policy: &'a Value, field: &str) -> Option<&'a str> {
    policy.field(field).and_then(Value::as_symbol)
}

//! The play of one case: the client's turns, one exchange each.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::answers::Answers;
use super::base::Base;
use super::real::RealClients;
use super::request::{Asks, RequestKind, prepare};
use super::told::ToldBefore;
use super::turn::{Next, Turn};
use crate::auth::Challenge;

use super::guest::{GuestManners, Repeats};
use crate::credentials::{Context, CredentialState, Identity, Scheme, mint};
use crate::observation::{Answer, Exchange, Outcome};
use crate::vocabulary::{ClientCase, Form, Method};
use crate::wire::{
    Endpoint, Heed, Limits, PreparedRequest, Risk, SameRequest, Transport, Way, WireFault,
};

/// The most requests of one play: more than any client needs, fewer than a server would mind.
pub(super) const MOST_REQUESTS: usize = 8;

/// What happened when a client case was played. What is shown of it are not the bytes that were sent.
#[derive(Clone)]
pub struct Play {
    /// Every exchange in order; at least one.
    pub exchanges: Vec<Exchange>,
    /// Where the client stands at the end.
    pub outcome: Outcome,
    /// Whether the client never came to be what its case says: its credentials are odd, or in an odd form,
    /// or shown twice, or sent unasked, and no such request was sent, because nobody asked for one. Nobody
    /// is judged for a request that was not sent, so no rule speaks of such a play.
    ///
    /// A client that waits for its challenge with good credentials and waits in vain is no such client:
    /// that it is shut out is what was to be seen.
    pub not_applicable: bool,
    /// Why nothing was asked, where that is for want of somebody who may be asked.
    pub undone: Option<Cow<'static, str>>,
    /// The bytes of each request as sent, in the order of `exchanges`; empty unless
    /// [`Player::record`] is on.
    pub sent: Vec<Vec<u8>>,
}

impl fmt::Debug for Play {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Play")
            .field("exchanges", &self.exchanges)
            .field("outcome", &self.outcome)
            .field("not_applicable", &self.not_applicable)
            .field("undone", &self.undone)
            .finish_non_exhaustive()
    }
}

impl Play {
    /// The same, left out for this reason: no rule speaks of it.
    pub(super) fn left_out(mut self, why: impl Into<Cow<'static, str>>) -> Self {
        self.not_applicable = true;
        self.undone = Some(why.into());
        self
    }

    /// One in which nothing was asked yet.
    pub(super) fn begun() -> Self {
        Self {
            exchanges: Vec::with_capacity(2),
            outcome: Outcome::Failed,
            not_applicable: false,
            undone: None,
            sent: Vec::new(),
        }
    }
}

/// What makes two requests equal whose credentials are bound to neither.
type RequestKey = (RequestKind, Option<(Scheme, CredentialState, Form)>);

/// What credentials are an answer to.
#[derive(Clone, Copy, Debug)]
struct AnswerTo<'a> {
    /// The challenge; nothing where they are sent unasked.
    challenge: Option<&'a Challenge>,
    /// The nonce that was named beside it.
    nonce: Option<&'a str>,
    /// How many requests before this one carried credentials.
    uses: usize,
}

/// What of its case a client has sent so far.
#[derive(Debug, Default)]
struct Sent {
    /// Credentials of the case's scheme.
    own: bool,
    /// Whether something good was sent a second time, as it was or for the next nonce.
    again: bool,
    /// The nonces that were used, in order.
    nonces: Vec<String>,
}

impl Sent {
    /// How many requests used the nonce of a challenge before; this one is counted from now on.
    fn uses(&mut self, challenge: Option<&Challenge>) -> usize {
        let Some(nonce) = challenge.and_then(|challenge| challenge.param("nonce")) else {
            return 0;
        };
        let before = self.nonces.iter().filter(|used| *used == nonce).count();
        self.nonces.push(nonce.to_owned());
        before
    }

    /// Whether the client did not come to send what its case is about.
    fn lacks(&self, client: &ClientCase) -> bool {
        match client.credential {
            CredentialState::None => false,
            state if state.is_shown_twice() => !self.again,
            _ => !self.own && (client.is_odd() || client.presumes_a_challenge()),
        }
    }
}

/// Plays client cases, one after another, over connections that it keeps.
#[derive(Debug)]
pub struct Player {
    pub(super) transport: Transport,
    pub(super) identities: Vec<Identity>,
    pub(super) answers: Answers,
    /// Requests that are the same each time, made when first needed; as many as there are words.
    ready: HashMap<RequestKey, Arc<PreparedRequest>>,
    /// The resource that these ask for, where it is not the usual one.
    resource: Option<Arc<str>>,
    /// Clients that can be played; as many as there are.
    checked: HashSet<ClientCase>,
    pub(super) recording: bool,
    /// What the next client goes on with.
    pub(super) told: ToldBefore,
    once: bool,
    /// The nonce for DPoP proofs that clients were told of before.
    nonce: Option<String>,
    /// What paths were relative to last.
    pub(super) base: Base,
    /// Grows with each request whose credentials are made for it.
    serial: u64,
    /// Answers that need not be asked for again, of requests that were answered alike often enough.
    settled: HashMap<SameRequest, (u16, Arc<Answer>)>,
    /// Whether they are asked for all the same.
    repeats: Repeats,
    /// Where it is a guest of a server that other people use.
    pub(super) guest: Option<GuestManners>,
    /// Real programs that play in its place, and whether they are left out for now.
    pub(super) programs: Option<Arc<dyn RealClients>>,
    pub(super) by_itself: bool,
    /// Whether a connection that is closed without an answer is what comes of an exchange.
    pub(super) heeds_closing: bool,
}

/// How many players were made: each has serial numbers of its own.
static PLAYERS: AtomicU64 = AtomicU64::new(0);

impl Player {
    /// A player that logs in as [`Identity::alice`].
    pub fn new(limits: Limits) -> Self {
        Self::of(vec![Identity::alice()], limits)
    }

    /// A player that logs in as the first of these identities, or as another where the state of the
    /// credentials needs one.
    pub fn of(identities: Vec<Identity>, limits: Limits) -> Self {
        Self {
            transport: Transport::new(limits),
            identities,
            answers: Answers::default(),
            ready: HashMap::new(),
            resource: None,
            checked: HashSet::new(),
            recording: false,
            told: ToldBefore::default(),
            once: false,
            nonce: None,
            base: Base::default(),
            serial: PLAYERS.fetch_add(1, Ordering::Relaxed) << 32,
            settled: HashMap::new(),
            repeats: Repeats::Seldom,
            guest: None,
            programs: None,
            by_itself: false,
            heeds_closing: false,
        }
    }

    /// Another player of the same identities, with connections of its own.
    #[must_use]
    pub fn another(&self) -> Self {
        let mut other = Self::of(self.identities.clone(), self.transport.limits());
        other.transport = other.transport.learning_with(&self.transport);
        if let Some(manners) = self.guest.clone() {
            other = other.as_guest(manners);
        }
        other.programs.clone_from(&self.programs);
        other.by_itself = self.by_itself;
        other.answers.keep_bodies(self.answers.most_body());
        other.once(self.once);
        other.record(self.recording);
        other
    }

    /// The same as a guest of a server that other people use: it asks for the endpoint's own path, with these manners.
    #[must_use]
    pub fn as_guest(mut self, manners: GuestManners) -> Self {
        self.transport = self.transport.trusting(manners.trust.clone());
        self.guest = Some(manners);
        self
    }

    /// What is asked for, below the endpoint's prefix.
    pub(super) fn asks<'a>(&'a self, endpoint: &'a Endpoint) -> Asks<'a> {
        match &self.guest {
            Some(guest) => Asks {
                path: "",
                joint: guest.joint,
                agent: &guest.agent,
            },
            None => Asks {
                path: endpoint.resource(),
                joint: match endpoint.resource().contains('?') {
                    true => '&',
                    false => '?',
                },
                ..Asks::USUAL
            },
        }
    }

    /// Forgets requests that were made for another resource.
    fn turn_to(&mut self, endpoint: &Endpoint) {
        if self.resource != endpoint.resource {
            self.resource.clone_from(&endpoint.resource);
            self.ready.clear();
        }
    }

    /// Tells it what the next client goes on with.
    pub fn tell_of(&mut self, told: ToldBefore) {
        self.told = told;
    }

    /// Tells it which nonce for DPoP proofs the server named before: clients use it from now on, until they
    /// are told of another.
    pub fn tell_nonce(&mut self, nonce: Option<String>) {
        self.nonce = nonce;
    }

    /// Whether plays carry the bytes that were sent from now on; off at first.
    pub fn record(&mut self, on: bool) {
        self.recording = on;
        self.transport.record(on);
    }

    /// Answers keep so many bytes of their bodies from now on, and no more; all that the transport reads at
    /// first.
    pub fn keep_bodies(&mut self, most: usize) {
        self.answers.keep_bodies(most);
    }

    /// Whether no request is sent a second time from now on; see [`Transport::once`].
    pub fn once(&mut self, on: bool) {
        self.once = on;
        self.transport.once(on);
    }

    /// How often a guest asks from now on what it was told before; seldom at first.
    pub fn repeat(&mut self, repeats: Repeats) {
        self.repeats = repeats;
    }

    /// Whether each exchange has a connection of its own from now on; see [`Transport::anew`].
    pub fn anew(&mut self, on: bool) {
        self.transport.anew(on);
    }

    /// See [`Transport::was_sent_twice`].
    pub fn was_sent_twice(&mut self) -> bool {
        self.transport.was_sent_twice()
    }

    /// Whether it is what comes of an exchange from now on that the connection is closed without an answer, where the
    /// request was the first on it, and no fault; off at first. A guest of a server that other people use never takes
    /// it so: too much stands between the two.
    pub fn heed_closing(&mut self, on: bool) {
        self.heeds_closing = on && self.guest.is_none();
    }

    /// Lets go of all connections; see [`Transport::hang_up`].
    pub fn hang_up(&mut self) {
        self.transport.hang_up();
    }

    /// How often bytes were left over behind an answer; see [`Transport::left_over`].
    pub fn left_over(&self) -> u64 {
        self.transport.left_over()
    }

    /// Connects and asks nothing; see [`Transport::listen`].
    pub async fn listen(&self, endpoint: &Endpoint, long: Duration) -> Option<WireFault> {
        self.transport.listen(endpoint, long).await
    }

    /// Plays one client case against an endpoint: asks the persona what is next, until nothing is.
    ///
    /// # Errors
    ///
    /// The [`WireFault`] of the exchange that gave no response, whichever it was.
    /// [`WireFault::Unsendable`] when there can be no such client, which [`ClientCase::check`] tells
    /// beforehand.
    pub async fn play(
        &mut self,
        endpoint: &Endpoint,
        client: &ClientCase,
    ) -> Result<Play, WireFault> {
        self.turn_to(endpoint);
        // Whoever says nothing of ways goes the usual one.
        let client = &ClientCase {
            way: endpoint.taken(client.way),
            ..*client
        };
        if !self.checked.contains(client) {
            let may_lack = self.guest.is_some();
            client.check_words().map_err(unsendable)?;
            if !may_lack {
                client.check(&self.identities).map_err(unsendable)?;
            }
            self.checked.insert(*client);
        }
        if client.target.is_metadata() {
            return self.fetch(endpoint, client).await;
        }
        let programs = self
            .programs
            .clone()
            .filter(|_| self.guest.is_none() && !self.by_itself);
        if let Some(programs) = programs
            && programs.program(client).is_some()
        {
            return self.play_by_program(&*programs, endpoint, client).await;
        }
        let mut play = Play::begun();
        if let Some(guest) = &self.guest {
            let risk = match client.credential {
                CredentialState::None => Risk::Bare,
                _ => guest.risk(client, client.scheme),
            };
            if let Some(why) = guest.unwanted(client, endpoint, &self.identities) {
                return Ok(play.left_out(why));
            }
            if let Err(why) = guest.care.may_begin(risk, self.recording) {
                return Ok(play.left_out(why));
            }
        }
        let mut authorized = 0;
        let mut sent = Sent::default();
        let mut last: Option<Arc<PreparedRequest>> = None;
        let nonce_before = self.nonce.clone();
        while play.exchanges.len() < MOST_REQUESTS {
            let turn = Turn {
                client,
                exchanges: &play.exchanges,
                authorized,
                nonce_before: nonce_before.as_deref(),
            };
            let next = client.persona.next(&turn);
            let risk = match (&self.guest, &next) {
                (Some(guest), Next::Credentials { scheme, .. }) => guest.risk(client, *scheme),
                (Some(guest), Next::Again | Next::Onward) => guest.odd(client),
                _ => Risk::Bare,
            };
            let request = match next {
                Next::Stop => break,
                Next::Bare => self.bare(endpoint, client)?,
                Next::Again => {
                    let Some(last) = last.take() else { break };
                    authorized += 1;
                    sent.again = true;
                    last
                }
                Next::Onward => {
                    let Some(challenge) = turn.next_challenge() else {
                        break;
                    };
                    authorized += 1;
                    sent.again = true;
                    let answered = AnswerTo {
                        uses: sent.uses(Some(&challenge)),
                        challenge: Some(&challenge),
                        nonce: None,
                    };
                    self.authorized(endpoint, client, client.scheme, answered)?
                }
                Next::Credentials { scheme, challenge } => {
                    let last = play.exchanges.last().filter(|_| scheme.is_bound());
                    let answered = last.zip(challenge);
                    let challenge =
                        answered.and_then(|(last, at)| last.answer.challenges.list.get(at));
                    authorized += 1;
                    sent.own |= scheme == client.scheme;
                    let uses = sent.uses(challenge);
                    let nonce = turn.nonce();
                    let answered = AnswerTo {
                        challenge,
                        nonce,
                        uses,
                    };
                    self.authorized(endpoint, client, scheme, answered)?
                }
            };
            if let Err(why) = self
                .step(endpoint, &request, (client, risk), &mut play)
                .await?
            {
                return Ok(play.left_out(why));
            }
            if play.is_unanswered() {
                break;
            }
            last = Some(request);
        }
        play.not_applicable = sent.lacks(client);
        Ok(play)
    }

    /// Plays one exchange into `play`, or says why it does not: a guest may have to leave.
    pub(super) async fn step(
        &mut self,
        endpoint: &Endpoint,
        request: &PreparedRequest,
        (client, risk): (&ClientCase, Risk),
        play: &mut Play,
    ) -> Result<Result<(), &'static str>, WireFault> {
        let way = request.way().unwrap_or_else(|| endpoint.usual());
        let base = self.base.of(endpoint, way);
        let is_free = !self.recording && self.repeats != Repeats::Always && !risk.may_fail();
        let guest = self.guest.as_ref().filter(|_| is_free);
        let reusable = guest.map(|_| SameRequest::of(&endpoint.prefix, request.request()));
        let is_settled = |same: &SameRequest| {
            self.repeats == Repeats::Seldom
                || guest.is_some_and(|guest| guest.is_settled(*same, self.repeats))
        };
        let settled = reusable.filter(is_settled);
        if let Some((status, answer)) = settled.and_then(|same| self.settled.get(&same)) {
            play.outcome = Outcome::of_status(*status);
            play.exchanges.push(Exchange {
                request: Arc::clone(request.request()),
                answer: Arc::clone(answer),
                base,
            });
            return Ok(Ok(()));
        }
        let (received, answer) = loop {
            if let Some(guest) = &self.guest {
                if let Err(why) = guest.care.may_send(risk) {
                    return Ok(Err(why));
                }
                guest.care.take_turn().await;
                // A request that a kept connection did not answer would be sent twice, and counted once.
                self.transport.hang_up();
            }
            let received = match self.transport.exchange(endpoint, request).await {
                Ok(received) => received,
                // Nobody is judged on what he never said that he would do.
                Err(WireFault::Unannounced { why }) => return Ok(Err(why)),
                Err(fault) => return self.closed_on(request, base, fault, play),
            };
            let answer = self.answers.answer(&received)?;
            let heed = self.guest.as_ref().map(|guest| guest.heed(risk, &answer));
            match heed {
                Some(Heed::Again) => {}
                Some(Heed::Leave(why)) => return Ok(Err(why)),
                Some(Heed::Answer) | None => break (received, answer),
            }
        };
        if let Some(guest) = &self.guest {
            guest.note(Some(client), endpoint, request, risk, &answer);
            if let Some(same) = reusable
                && guest.is_settled(same, Repeats::Seldom)
            {
                let kept = (received.status, Arc::clone(&answer));
                self.settled.insert(same, kept);
            }
        }
        if self.recording {
            play.sent.push(received.sent.to_vec());
        }
        play.outcome = Outcome::of_status(received.status);
        play.exchanges.push(Exchange {
            request: Arc::clone(request.request()),
            answer,
            base,
        });
        Ok(Ok(()))
    }

    /// The request without credentials.
    fn bare(
        &mut self,
        endpoint: &Endpoint,
        client: &ClientCase,
    ) -> Result<Arc<PreparedRequest>, WireFault> {
        let kind = RequestKind::of(client);
        let told = self.told.fields(client);
        if !told.is_empty() {
            return prepare(kind, None, self.asks(endpoint), told).map(Arc::new);
        }
        if let Some(ready) = self.ready.get(&(kind, None)) {
            return Ok(Arc::clone(ready));
        }
        let ready = Arc::new(prepare(kind, None, self.asks(endpoint), told)?.often());
        self.ready.insert((kind, None), Arc::clone(&ready));
        Ok(ready)
    }

    /// The request with the client's credentials, as an answer to a challenge where there is one.
    fn authorized(
        &mut self,
        endpoint: &Endpoint,
        client: &ClientCase,
        scheme: Scheme,
        answered: AnswerTo<'_>,
    ) -> Result<Arc<PreparedRequest>, WireFault> {
        let (way, method, form) = (client.way, client.method, client.form);
        let credential = client.credential;
        let kind = RequestKind::of(client);
        let key = (kind, Some((scheme, credential, form)));
        let told = self.told.fields(client);
        let is_told = !told.is_empty();
        if !is_told && let Some(ready) = self.ready.get(&key) {
            return Ok(Arc::clone(ready));
        }
        let target;
        let context = if scheme.is_bound() {
            self.serial += 1;
            let authority = endpoint.named(way).unwrap_or(&endpoint.authority);
            let path = client.target.below(self.asks(endpoint).path).0;
            let path = format!("{}{path}", endpoint.prefix);
            target = match (method, way) {
                (Method::Connect, _) => authority.to_owned(),
                (_, Way::ForwardProxy) => format!("http://{}{path}", endpoint.authority),
                _ => path,
            };
            Context {
                method: method.name(),
                hash: form.hash(),
                authority,
                secure: way.is_secure(),
                target: &target,
                body: &[],
                challenge: answered.challenge,
                uses: u32::try_from(answered.uses).unwrap_or(u32::MAX),
                serial: self.serial,
                nonce: answered.nonce,
                now: now(),
            }
        } else {
            Context::default()
        };
        let minted = mint(scheme, credential, &self.identities, &context);
        let Some(credentials) = minted.map_err(|none| unsendable(none.to_string()))? else {
            return self.bare(endpoint, client);
        };
        let shaped = form
            .apply(scheme, credentials)
            .ok_or_else(|| unsendable(format!("credentials for {scheme} have no form `{form}`")))?;
        let shaped = match &self.guest {
            Some(guest) => guest.placed(scheme, shaped),
            None => shaped,
        };
        let ready = prepare(kind, Some(shaped), self.asks(endpoint), told)?;
        if scheme.is_bound() || is_told {
            return Ok(Arc::new(ready));
        }
        let ready = Arc::new(ready.often());
        self.ready.insert(key, Arc::clone(&ready));
        Ok(ready)
    }
}

fn unsendable(why: String) -> WireFault {
    WireFault::Unsendable { why }
}

/// Seconds since 1970; 0 where the clock is set before that.
fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |time| time.as_secs())
}

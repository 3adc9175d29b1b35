//! The play of one case by a persona.

use std::sync::Arc;

use super::answers::Answers;
use super::case::ClientCase;
use crate::auth::{CredentialState, Identity, Scheme};
use crate::observation::{Exchange, Outcome};
use crate::wire::{Endpoint, Field, Limits, Prepared, Request, Transport, WireFault};

/// The path that is asked for, below the endpoint's prefix.
pub const PATH: &str = "/resource";

/// What happened when a client case was played.
#[derive(Clone, Debug)]
pub struct Play {
    /// Every exchange in order: one, or two where a challenge was responded to.
    pub exchanges: Vec<Exchange>,
    /// Where the client stands at the end.
    pub outcome: Outcome,
    /// The bytes of each request as sent, in the order of `exchanges`; empty unless
    /// [`Player::record`] is on.
    pub sent: Vec<Vec<u8>>,
}

/// Plays client cases, one after another, over connections that it keeps.
#[derive(Debug)]
pub struct Player {
    transport: Transport,
    identity: Identity,
    answers: Answers,
    bare: Option<Arc<Prepared>>,
    /// Requests with credentials, made when first needed: a dozen at most.
    authorized: Vec<((Scheme, CredentialState), Arc<Prepared>)>,
    recording: bool,
}

impl Player {
    /// A player that logs in as [`Identity::alice`].
    pub fn new(limits: Limits) -> Self {
        Self::of(Identity::alice(), limits)
    }

    /// A player that logs in as `identity`.
    pub fn of(identity: Identity, limits: Limits) -> Self {
        Self {
            transport: Transport::new(limits),
            identity,
            answers: Answers::default(),
            bare: None,
            authorized: Vec::new(),
            recording: false,
        }
    }

    /// Whether plays carry the bytes that were sent from now on; off at first.
    pub fn record(&mut self, on: bool) {
        self.recording = on;
        self.transport.record(on);
    }

    /// Plays one client case against an endpoint.
    ///
    /// # Errors
    ///
    /// The [`WireFault`] of the exchange that gave no response, be it the first or the second.
    /// [`WireFault::Unsendable`] when the case needs credentials that cannot exist, which
    /// [`ClientCase::authorization`] tells beforehand.
    pub async fn play(
        &mut self,
        endpoint: &Endpoint,
        client: &ClientCase,
    ) -> Result<Play, WireFault> {
        let authorized = self.authorized(client)?;
        let volunteered = authorized.clone().filter(|_| client.persona.volunteers());
        let first = match volunteered {
            Some(request) => request,
            None => self.bare()?,
        };
        let mut play = Play {
            exchanges: Vec::with_capacity(2),
            outcome: Outcome::Failed,
            sent: Vec::new(),
        };
        let responds = self.step(endpoint, &first, client, &mut play).await?;
        if let (true, Some(second)) = (responds, authorized) {
            self.step(endpoint, &second, client, &mut play).await?;
        }
        Ok(play)
    }

    /// Plays one exchange into `play`, and says whether the persona responds to the answer.
    async fn step(
        &mut self,
        endpoint: &Endpoint,
        request: &Prepared,
        client: &ClientCase,
        play: &mut Play,
    ) -> Result<bool, WireFault> {
        let received = self.transport.exchange(endpoint, request).await?;
        let answer = self.answers.answer(&received)?;
        if self.recording {
            play.sent.push(received.sent.to_vec());
        }
        play.outcome = Outcome::of_status(received.status);
        let responds = client.persona.responds(client.scheme, &answer);
        play.exchanges.push(Exchange {
            request: Arc::clone(request.request()),
            answer,
        });
        Ok(responds)
    }

    /// The request without credentials.
    fn bare(&mut self) -> Result<Arc<Prepared>, WireFault> {
        if let Some(ready) = &self.bare {
            return Ok(Arc::clone(ready));
        }
        let ready = Arc::new(prepare(None)?);
        self.bare = Some(Arc::clone(&ready));
        Ok(ready)
    }

    /// The request with the client's credentials; nothing when it has none.
    fn authorized(&mut self, client: &ClientCase) -> Result<Option<Arc<Prepared>>, WireFault> {
        let key = (client.scheme, client.credential);
        if let Some((_, ready)) = self.authorized.iter().find(|(have, _)| *have == key) {
            return Ok(Some(Arc::clone(ready)));
        }
        let value = client
            .authorization(&self.identity)
            .map_err(|none| WireFault::Unsendable {
                why: none.to_string(),
            })?;
        let Some(value) = value else { return Ok(None) };
        let ready = Arc::new(prepare(Some(value))?);
        self.authorized.push((key, Arc::clone(&ready)));
        Ok(Some(ready))
    }
}

/// The request of every persona, with this value of `Authorization` if any.
fn prepare(authorization: Option<String>) -> Result<Prepared, WireFault> {
    let field = |name: &str, value: String| Field {
        name: name.to_owned(),
        value: value.into_bytes(),
    };
    let agent = concat!("countersign/", env!("CARGO_PKG_VERSION"));
    let mut fields = vec![
        field("Accept", "*/*".to_owned()),
        field("User-Agent", agent.to_owned()),
    ];
    fields.extend(authorization.map(|value| field("Authorization", value)));
    Prepared::new(Arc::new(Request {
        method: "GET".to_owned(),
        path: PATH.to_owned(),
        fields,
    }))
}

//! Real programs in place of models: who plays which client, and what is judged of what they were seen to do.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use super::player::{Play, Player};
use super::remembered::Remembered;
use crate::credentials::{Identity, Scheme, can_answer};
use crate::observation::{Exchange, Outcome};
use crate::user_agents::catalogue::PlayedBy;
use crate::vocabulary::{ClientCase, Persona};
use crate::wire::{BodyEnd, Endpoint, Received, Request, WireFault};

/// What is awaited of a program.
pub type Asking<'a> = Pin<Box<dyn Future<Output = ProgramPlay> + Send + 'a>>;

/// Real programs, each for the clients that it can be.
pub trait RealClients: fmt::Debug + Send + Sync {
    /// The program that is such a client, where one is.
    fn program(&self, client: &ClientCase) -> Option<&PlayedBy>;

    /// Every program.
    fn programs(&self) -> Vec<&PlayedBy>;

    /// What they were seen to do.
    fn remembered(&self) -> &Remembered;

    /// Lets that program ask an endpoint once, as this identity. It ends within a deadline of its own, whatever the
    /// program does.
    fn ask<'a>(
        &'a self,
        endpoint: &'a Endpoint,
        client: &'a ClientCase,
        identity: &'a Identity,
    ) -> Asking<'a>;
}

/// What became of a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProgramPlay {
    /// What passed between it and the endpoint, in order.
    Passed(Vec<PassedExchange>),
    /// Nothing that the endpoint could be judged by, and why: that is the program's doing, or the set-up's.
    Nothing(String),
}

/// A request of a program and the answer to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PassedExchange {
    /// The request, with its path relative to the endpoint.
    pub request: Request,
    /// Its bytes.
    pub sent: Vec<u8>,
    /// Why its credentials are not those that the program was given, where they are not.
    pub wrong: Option<String>,
    /// The status of the answer.
    pub status: u16,
    /// The bytes of the answer, with its body as it was framed.
    pub raw: Vec<u8>,
    /// Its body.
    pub body: Vec<u8>,
    /// How that ended.
    pub body_end: BodyEnd,
}

impl Player {
    /// Real programs play from now on what clients they can be; none at first.
    #[must_use]
    pub fn with_programs(mut self, programs: Option<Arc<dyn RealClients>>) -> Self {
        self.programs = programs;
        self
    }

    /// Whether it plays by itself from now on what programs would play; off at first.
    pub fn by_itself(&mut self, on: bool) {
        self.by_itself = on;
    }

    /// Lets the program of a client ask, and says what it saw; as a play of which no rule speaks, where what it did
    /// shows nothing of the endpoint.
    pub(super) async fn play_by_program(
        &mut self,
        programs: &dyn RealClients,
        endpoint: &Endpoint,
        client: &ClientCase,
    ) -> Result<Play, WireFault> {
        let mut play = Play::begun();
        let name = match programs.program(client) {
            Some(program) => program.name.clone(),
            None => return Ok(play),
        };
        let Some(identity) = self.identities.first().cloned() else {
            return Ok(play.left_out("has nobody to log in as"));
        };
        let remembered = programs.remembered();
        // What is recorded confirms a finding, or is shown.
        if !self.recording {
            let who = (endpoint, client, &identity);
            if let Some(play) = self.play_as_before(remembered, who).await? {
                return Ok(judged(play, client, &name));
            }
        }
        let passed = match programs.ask(endpoint, client, &identity).await {
            ProgramPlay::Passed(passed) => passed,
            ProgramPlay::Nothing(why) => return Ok(play.left_out(format!("{name} {why}"))),
        };
        let base = self.base.of(endpoint, client.way);
        let mut wrong = None;
        for one in passed {
            let received = Received {
                status: one.status,
                raw: &one.raw,
                whole: true,
                body: &one.body,
                body_end: one.body_end,
                to_head: one.request.method == "HEAD",
                sent: &one.sent,
            };
            let answer = self.answers.answer(&received)?;
            play.outcome = Outcome::of_status(one.status);
            play.exchanges.push(Exchange {
                request: Arc::new(one.request),
                answer,
                base: Arc::clone(&base),
            });
            wrong = wrong.or(one.wrong);
            if self.recording {
                play.sent.push(one.sent);
            }
            // Where it is sent to is another resource.
            if play.outcome == Outcome::Redirected {
                break;
            }
        }
        if let Some(why) = wrong {
            let why = format!("{name} sent credentials that it was not given: {why}");
            return Ok(play.left_out(why));
        }
        remembered.keep(client, &identity, &play);
        Ok(judged(play, client, &name))
    }
}

/// A play, left out where the program did what the client of the case does not do.
fn judged(play: Play, client: &ClientCase, name: &str) -> Play {
    match own_doing(&play, client) {
        Some(why) => play.left_out(format!("{name} {why}")),
        None => play,
    }
}

/// What a program did that the client of the case does not do, so that no rule about that client may speak of it.
fn own_doing(play: &Play, client: &ClientCase) -> Option<String> {
    let scheme = client.scheme;
    let given = |exchange: &Exchange| exchange.request.field("Authorization").is_some();
    let first = play.exchanges.first()?;
    match client.persona {
        Persona::Preemptive if !given(first) => {
            return Some("did not send its credentials unasked".to_owned());
        }
        Persona::ChallengeDriven if given(first) => {
            return Some("sent its credentials unasked".to_owned());
        }
        _ => {}
    }
    let by_another = play.exchanges.iter().find_map(|exchange| {
        let value = exchange.request.field("Authorization")?;
        let word = value.split(|byte| *byte == b' ').next()?;
        let is_own = word.eq_ignore_ascii_case(scheme.name().as_bytes());
        (!is_own).then(|| String::from_utf8_lossy(word).into_owned())
    });
    if let Some(word) = by_another {
        return Some(format!("answered by {word}, and not by {}", scheme.name()));
    }
    let waits_in_vain = client.persona == Persona::ChallengeDriven
        && play.outcome != Outcome::Accepted
        && !play.exchanges.iter().any(given);
    let was_asked = |exchange: &Exchange| is_asked(exchange, scheme);
    (waits_in_vain && play.exchanges.iter().any(was_asked)).then(|| {
        format!(
            "did not answer a challenge of {} that stood there",
            scheme.name()
        )
    })
}

/// Whether a 401 asks for a scheme in a way that a client which reads it right can answer.
fn is_asked(exchange: &Exchange, scheme: Scheme) -> bool {
    let answer = &exchange.answer;
    let mut challenges = answer.challenges.list.iter();
    answer.response.status == 401 && challenges.any(|one| can_answer(scheme, one))
}

//! A player that lets real programs ask, and what is judged of what they were seen to do.
//!
//! A program knows of an implementation what it is answered, and nothing else. A run installs thousands of policies of
//! which most are answered alike, and a play costs what a process costs. So what it did is kept, request by answer, and
//! the next time its requests are sent one by one for as long as the answers are the ones that it saw; where one is
//! not, the program itself is asked. What confirms a finding is played by the program each time.

use std::sync::Arc;

use super::player::{MOST_REQUESTS, Play, Player};
use super::program_memory::ProgramMemory;
use super::real::{ProgramPlay, RealClients};
use crate::credentials::{Identity, Scheme, can_answer};
use crate::observation::{Answer, Exchange, Outcome};
use crate::vocabulary::{ClientCase, Persona};
use crate::wire::{Endpoint, FieldLine, PreparedRequest, Received, Risk, WireFault};

impl Player {
    /// Real programs play from now on what clients they can be; none at first.
    #[must_use]
    pub fn with_programs(mut self, programs: Option<Arc<dyn RealClients>>) -> Self {
        self.programs = programs;
        self
    }

    /// Whether it plays by itself from now on what programs would play, off at first; says whether it did until now.
    pub fn by_itself(&mut self, on: bool) -> bool {
        std::mem::replace(&mut self.by_itself, on)
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
                opens: one.status == 101,
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
        remembered.keep(client, &identity, &play.exchanges);
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

/// Whether an answer is another in all that a program sees, but for when it was given.
fn is_same(one: &Answer, other: &Answer) -> bool {
    let (one, other) = (&one.response, &other.response);
    let timeless = |line: &&FieldLine| !line.name.eq_ignore_ascii_case("Date");
    one.status == other.status && one.body == other.body && { one.fields.iter() }
        .filter(timeless)
        .eq(other.fields.iter().filter(timeless))
}

impl Player {
    /// Sends what a program sent before, for as long as it is answered as then; nothing where it is not.
    pub(super) async fn play_as_before(
        &mut self,
        remembered: &ProgramMemory,
        (endpoint, client, identity): (&Endpoint, &ClientCase, &Identity),
    ) -> Result<Option<Play>, WireFault> {
        let mut known = remembered.of(client, identity);
        let mut play = Play::begun();
        while play.exchanges.len() < MOST_REQUESTS {
            let at = play.exchanges.len();
            let Some(first) = known.first() else {
                return Ok(None);
            };
            let Some(next) = first.get(at) else {
                return Ok(Some(play));
            };
            let request = PreparedRequest::new(Arc::clone(&next.request))?;
            let sent = self.step(endpoint, &request, (client, Risk::Bare), &mut play);
            if sent.await?.is_err() {
                return Ok(None);
            }
            let Some(exchange) = play.exchanges.last() else {
                return Ok(None);
            };
            // Which of several plays with the same answers so far goes on does not matter: they differ in what is drawn
            // by chance, such as the number of a request.
            known.retain(|one| {
                let then = one.get(at);
                then.is_some_and(|then| is_same(&then.answer, &exchange.answer))
            });
        }
        Ok(None)
    }
}

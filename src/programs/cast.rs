//! Programs that play the clients of cases: who can be whom, and what passed between one and an endpoint.

use std::sync::atomic::{AtomicU32, Ordering};

use hyper::body::Bytes;

use crate::client::{Asking, PassedExchange, ProgramMemory, ProgramPlay, RealClients};
use crate::credentials::{Identity, Scheme};
use crate::user_agents::catalogue::{CatalogueEntry, PlayedBy};
use crate::user_agents::model::{First, KnownScheme, Traits};
use crate::vocabulary::{ClientCase, Persona};
use crate::wire::{BodyEnd, Endpoint, FieldLine, Request};

use super::command::ClientSecrets;
use super::driver::Driver;
use super::relay::PassedRequest;
use super::seen::{Driven, ProgramEnd, Worth};

/// What whoever must be told a realm is told.
const REALM: &str = "api";

/// A client that a program can be: how it uses credentials of a scheme.
type PlayedPart = (Persona, Scheme);

/// A program with the clients that it can be.
#[derive(Debug)]
struct Actor {
    driver: Driver,
    by: PlayedBy,
    parts: Vec<PlayedPart>,
    /// The client of the catalogue that it is, as specs name it.
    own: Option<Persona>,
    /// How often in a row it did not end by itself.
    in_vain: AtomicU32,
}

/// After how many plays in a row that had to be ended a program is not started any more.
const MOST_IN_VAIN: u32 = 3;

/// Programs that play beside each other: of each client of a case at most one.
#[derive(Debug, Default)]
pub struct Cast {
    actors: Vec<Actor>,
    remembered: ProgramMemory,
}

impl Cast {
    /// Puts programs together, in their order, so that no two of a cast would play the same client; a program with its
    /// entry of the catalogue is asked for its version. The names of those that can play no client come second.
    pub async fn of(programs: Vec<(Driver, &CatalogueEntry)>) -> (Vec<Self>, Vec<String>) {
        let mut casts: Vec<Self> = Vec::new();
        let mut without = Vec::new();
        for (driver, entry) in programs {
            let parts = parts_of(&entry.traits);
            if parts.is_empty() {
                without.push(entry.name.clone());
                continue;
            }
            let version = driver.version().await;
            let actor = Actor {
                by: driver.command().played_by(version),
                driver,
                parts,
                own: Persona::from_word(&entry.name),
                in_vain: AtomicU32::new(0),
            };
            let has_room = |cast: &&mut Self| {
                let mut actors = cast.actors.iter();
                actors.all(|one| !one.parts.iter().any(|part| actor.parts.contains(part)))
            };
            match casts.iter_mut().find(has_room) {
                Some(cast) => cast.actors.push(actor),
                None => casts.push(Self {
                    actors: vec![actor],
                    remembered: ProgramMemory::default(),
                }),
            }
        }
        (casts, without)
    }

    fn actor(&self, client: &ClientCase) -> Option<&Actor> {
        let plain = ClientCase {
            persona: client.persona,
            scheme: client.scheme,
            ..ClientCase::default()
        };
        let plays = |actor: &&Actor| {
            actor.own == Some(client.persona)
                || actor.parts.contains(&(client.persona, client.scheme))
        };
        self.actors.iter().find(plays).filter(|_| *client == plain)
    }
}

/// The clients that a program with these traits can be. Who is sent a token has no use for a password.
fn parts_of(traits: &Traits) -> Vec<PlayedPart> {
    let known = |scheme| traits.known().any(|known| known == scheme);
    let mut parts = Vec::new();
    for (scheme, word, unasked, held) in [
        (
            Scheme::Basic,
            KnownScheme::Basic,
            First::Basic,
            traits.has_password(),
        ),
        (
            Scheme::Digest,
            KnownScheme::Digest,
            First::NoRequest,
            traits.has_password(),
        ),
        (
            Scheme::Bearer,
            KnownScheme::Bearer,
            First::Bearer,
            traits.has_token(),
        ),
    ] {
        if !held {
            continue;
        }
        match traits.first {
            First::NoRequest => {}
            first if first == unasked => parts.push((Persona::Preemptive, scheme)),
            First::Nothing if known(word) => parts.push((Persona::ChallengeDriven, scheme)),
            _ => {}
        }
    }
    parts
}

impl RealClients for Cast {
    fn program(&self, client: &ClientCase) -> Option<&PlayedBy> {
        self.actor(client).map(|actor| &actor.by)
    }

    fn programs(&self) -> Vec<&PlayedBy> {
        self.actors.iter().map(|actor| &actor.by).collect()
    }

    fn remembered(&self) -> &ProgramMemory {
        &self.remembered
    }

    fn ask<'a>(
        &'a self,
        endpoint: &'a Endpoint,
        client: &'a ClientCase,
        identity: &'a Identity,
    ) -> Asking<'a> {
        Box::pin(async move {
            let Some(actor) = self.actor(client) else {
                return ProgramPlay::Nothing("is no such client".to_owned());
            };
            if actor.in_vain.load(Ordering::Relaxed) >= MOST_IN_VAIN {
                return ProgramPlay::Nothing(format!(
                    "is not started any more: {MOST_IN_VAIN} times in a row it had to be ended"
                ));
            }
            let secrets = ClientSecrets::of(identity);
            let asked = actor.driver.ask_and_keep(endpoint, &secrets, REALM).await;
            match asked {
                Ok((driven, passed)) => {
                    match driven.ended() {
                        true => actor.in_vain.store(0, Ordering::Relaxed),
                        false => _ = actor.in_vain.fetch_add(1, Ordering::Relaxed),
                    }
                    came_of(&driven, passed, endpoint)
                }
                Err(fault) => ProgramPlay::Nothing(format!("could not be played: {}", fault.why)),
            }
        })
    }
}

/// What a play comes to: nothing, where a program did not end by itself, or crashed, or asked for nothing.
fn came_of(driven: &Driven, passed: Vec<PassedRequest>, endpoint: &Endpoint) -> ProgramPlay {
    match driven.ending {
        ProgramEnd::Exit(_) => {}
        ending => return ProgramPlay::Nothing(ending.to_string()),
    }
    let resource = format!("{}{}", endpoint.prefix, endpoint.resource());
    let mut exchanges = Vec::new();
    for one in passed
        .into_iter()
        .filter(|one| one.asked.target == resource)
    {
        let Some(answer) = one.answer else {
            return ProgramPlay::Nothing("ended before its request was answered".to_owned());
        };
        let line = |(name, value): (String, Vec<u8>)| FieldLine { name, value };
        let fields = one.asked.fields.into_iter();
        exchanges.push(PassedExchange {
            request: Request {
                method: one.asked.method,
                path: endpoint.resource().to_owned(),
                fields: { fields }
                    .filter(|(name, _)| !name.eq_ignore_ascii_case("Host"))
                    .map(line)
                    .collect(),
                content: Bytes::new(),
            },
            sent: one.sent,
            wrong: match one.judged.worth {
                Worth::Wrong(why) => Some(why),
                Worth::Nothing | Worth::Right => None,
            },
            status: answer.status,
            raw: answer.raw,
            body: answer.body,
            body_end: match answer.is_whole {
                true => BodyEnd::Complete,
                false => BodyEnd::Broken,
            },
        });
    }
    match exchanges.is_empty() {
        true => ProgramPlay::Nothing("asked for nothing".to_owned()),
        false => ProgramPlay::Passed(exchanges),
    }
}

//! What a client did on a layout, held against the rule.

use super::flaw::SeenFlaw;
use super::laid_out::ClientLayout;
use super::pack::{ClientExpectation, ClientPack};
use crate::user_agents::catalogue::Measurement;
use crate::user_agents::model::{Holds, KnownScheme};

/// What a client did on one layout.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientActs {
    /// What it sent and how it ended.
    pub row: Measurement,
    /// What is wrong with the credentials that it sent, each thing once.
    pub flaws: Vec<SeenFlaw>,
}

/// What a client answers at all, seen where one challenge stands alone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Abilities {
    /// The challenges with which it gets in, by their places in the pack.
    answers: Vec<usize>,
    /// The challenges to which it sends credentials of their scheme with which it does not get in.
    answers_wrongly: Vec<usize>,
    /// Whether a first request carried credentials.
    volunteers: bool,
}

impl Abilities {
    /// What these plays show, each of a challenge alone, of a client that was given these secrets: what it sends for want of
    /// one is no wrong answer.
    pub fn of<'m>(
        pack: &ClientPack,
        holds: Holds,
        seen: impl Iterator<Item = (usize, &'m Measurement)>,
    ) -> Self {
        let mut abilities = Self::default();
        for (challenge, seen) in seen {
            let scheme = pack.challenge(challenge).and_then(|one| one.scheme);
            let scheme = scheme.filter(|scheme| match scheme {
                KnownScheme::Bearer => holds != Holds::Password,
                _ => holds != Holds::Token,
            });
            let name = scheme.map(|scheme| scheme.name().to_ascii_lowercase());
            let tries = |name: String| seen.schemes_sent.iter().any(|sent| is_of(sent, &name));
            if is_in(seen) {
                abilities.answers.push(challenge);
            } else if name.is_some_and(tries) {
                abilities.answers_wrongly.push(challenge);
            }
            let first = seen.schemes_sent.first();
            abilities.volunteers |= first.is_some_and(|sent| sent != "none");
        }
        abilities
    }

    /// The words for what it answers.
    pub fn answers<'p>(&self, pack: &'p ClientPack) -> Vec<&'p str> {
        words(pack, &self.answers)
    }

    /// The words for what it answers by credentials with which it does not get in.
    pub fn answers_wrongly<'p>(&self, pack: &'p ClientPack) -> Vec<&'p str> {
        words(pack, &self.answers_wrongly)
    }

    /// Whether its first request carries credentials.
    pub fn volunteers(&self) -> bool {
        self.volunteers
    }

    /// Whether a layout says something of the client.
    pub fn concern(&self, pack: &ClientPack, layout: &ClientLayout) -> bool {
        let Some(rule) = layout.rule(pack) else {
            return false;
        };
        if rule.waits && self.volunteers {
            return false;
        }
        if !rule.has.is_empty() {
            return rule.has.iter().all(|one| self.answers.contains(one));
        }
        let Some(subject) = layout.subject().and_then(|at| pack.challenge(at)) else {
            return !self.answers.is_empty();
        };
        // Where a rule is about what is wrong with credentials, they need not be let in.
        if matches!(rule.expect, ClientExpectation::Without(_)) {
            let mut sent = self.answers.iter().chain(&self.answers_wrongly);
            let scheme = |at: &usize| pack.challenge(*at).and_then(|one| one.scheme);
            return sent.any(|at| scheme(at) == subject.scheme);
        }
        let plain = subject.scheme.and_then(|scheme| pack.plain(scheme));
        plain.is_some_and(|plain| self.answers.contains(&plain))
    }
}

fn words<'p>(pack: &'p ClientPack, challenges: &[usize]) -> Vec<&'p str> {
    let challenges = challenges.iter().filter_map(|at| pack.challenge(*at));
    challenges.map(|one| one.says.as_str()).collect()
}

fn is_in(seen: &Measurement) -> bool {
    seen.final_status
        .is_some_and(|status| (200..300).contains(&status))
}

/// Whether what was sent is credentials of this name: `digest` is `Digest-MD5/auth` too, and `basic` is not `Basicx`.
fn is_of(sent: &str, name: &str) -> bool {
    let sent = sent.trim_end_matches("@target");
    if name == "any" {
        return sent != "none";
    }
    let sent = sent.to_ascii_lowercase();
    sent.strip_prefix(name)
        .is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_alphanumeric()))
}

/// What is wrong about what a client did, in words; nothing where it did well.
pub fn departs(pack: &ClientPack, layout: &ClientLayout, acts: &ClientActs) -> Option<String> {
    let rule = layout.rule(pack)?;
    let ClientActs { row: seen, flaws } = acts;
    let mut flawed = None;
    let sent = &seen.schemes_sent;
    let wrong = match &rule.expect {
        ClientExpectation::GetsIn => !is_in(seen),
        ClientExpectation::NeverSends(name) => sent.iter().any(|sent| is_of(sent, name)),
        ClientExpectation::AnswersFirst(name) => {
            let first = sent.iter().find(|sent| *sent != "none");
            first.is_none_or(|sent| !is_of(sent, name))
        }
        ClientExpectation::NoDowngrade(name) => {
            let others = |sent: &String| is_of(sent, "any") && !is_of(sent, name);
            let behind = sent.iter().skip_while(|sent| !others(sent));
            behind.into_iter().any(|sent| is_of(sent, name))
        }
        ClientExpectation::RequestsAtMost(most) => seen.requests > *most,
        ClientExpectation::NothingElsewhere => {
            { sent.iter() }.any(|sent| sent.ends_with("@target") && is_of(sent, "any"))
        }
        ClientExpectation::Without(flaw) => {
            flawed = flaws.iter().find(|seen| seen.flaw == *flaw);
            flawed.is_some()
        }
    };
    let status = seen
        .final_status
        .map_or_else(|| "no answer".to_owned(), |it| it.to_string());
    wrong.then(|| match &rule.expect {
        ClientExpectation::RequestsAtMost(_) => format!("sent {} requests", seen.requests),
        _ if sent.is_empty() => "sent no request".to_owned(),
        _ => {
            let behind = flawed.map_or_else(String::new, |flawed| format!("; {}", flawed.what));
            format!("sent {}: {status}{behind}", sent.join(", "))
        }
    })
}

//! What a client did on a layout, held against the rule.

use super::laid_out::ClientLayout;
use super::pack::{ClientExpectation, ClientPack};
use crate::user_agents::catalogue::Measurement;

/// What a client answers at all, seen where one challenge stands alone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Abilities {
    /// The challenges with which it gets in, by their places in the pack.
    answers: Vec<usize>,
    /// Whether a first request carried credentials.
    volunteers: bool,
}

impl Abilities {
    /// What these plays show, each of a challenge alone.
    pub fn of<'m>(seen: impl Iterator<Item = (usize, &'m Measurement)>) -> Self {
        let mut abilities = Self::default();
        for (challenge, seen) in seen {
            if is_in(seen) {
                abilities.answers.push(challenge);
            }
            let first = seen.schemes_sent.first();
            abilities.volunteers |= first.is_some_and(|sent| sent != "none");
        }
        abilities
    }

    /// The words for what it answers.
    pub fn answers<'p>(&self, pack: &'p ClientPack) -> Vec<&'p str> {
        let challenges = self.answers.iter().filter_map(|at| pack.challenge(*at));
        challenges.map(|one| one.says.as_str()).collect()
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
        let subject = layout.subject().and_then(|at| pack.challenge(at));
        match subject {
            Some(subject) => {
                let plain = subject.scheme.and_then(|scheme| pack.plain(scheme));
                plain.is_some_and(|plain| self.answers.contains(&plain))
            }
            None => !self.answers.is_empty(),
        }
    }
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
pub fn departs(pack: &ClientPack, layout: &ClientLayout, seen: &Measurement) -> Option<String> {
    let rule = layout.rule(pack)?;
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
    };
    let status = seen
        .final_status
        .map_or_else(|| "no answer".to_owned(), |it| it.to_string());
    wrong.then(|| match &rule.expect {
        ClientExpectation::RequestsAtMost(_) => format!("sent {} requests", seen.requests),
        _ if sent.is_empty() => "sent no request".to_owned(),
        _ => format!("sent {}: {status}", sent.join(", ")),
    })
}

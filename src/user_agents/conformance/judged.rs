//! What a client did on a layout, held against the rule.

use super::cases::ConformanceCase;
use crate::user_agents::catalogue::Measurement;
use crate::user_agents::model::KnownScheme;

/// The most requests of a client that is refused for ever.
const FEW: usize = 6;

/// What a client answers at all, seen by layouts of one scheme alone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Abilities {
    /// The schemes with which it gets in where nothing else is offered.
    pub answers: Vec<KnownScheme>,
    /// Whether its first request carries credentials.
    pub volunteers: bool,
}

impl Abilities {
    /// What these plays show, each of a scheme alone.
    pub fn of<'m>(seen: impl Iterator<Item = (KnownScheme, &'m Measurement)>) -> Self {
        let mut abilities = Self::default();
        for (scheme, seen) in seen {
            if is_in(seen) {
                abilities.answers.push(scheme);
            }
            let first = seen.schemes_sent.first();
            abilities.volunteers |= first.is_some_and(|sent| sent != "none");
        }
        abilities
    }

    /// Whether a layout says something of the client.
    pub fn concern(&self, case: &ConformanceCase) -> bool {
        let has = |scheme: KnownScheme| self.answers.contains(&scheme);
        let waits = !matches!(
            case.rule,
            "answers-only-what-is-offered" | "quotes-hide-what-is-in-them" | "takes-the-strongest"
        );
        has(case.needs)
            && case.needs_too.is_none_or(has)
            && (waits || !self.volunteers)
            && !self.has_better(case)
    }

    /// Whether what stands beside the challenge that a client is to find is one that it may answer as well: then it is no
    /// fault of the client that the server takes the other one only.
    fn has_better(&self, case: &ConformanceCase) -> bool {
        let offers = case.script.layout.offers();
        let answers = |scheme: &KnownScheme| {
            *scheme != case.needs && offers.iter().any(|offer| offer.is(scheme.name()))
        };
        case.rule == "finds-its-scheme" && self.answers.iter().any(answers)
    }
}

fn is_in(seen: &Measurement) -> bool {
    seen.final_status
        .is_some_and(|status| (200..300).contains(&status))
}

/// What is wrong about what a client did, in words; nothing where it did well.
pub fn departs(case: &ConformanceCase, seen: &Measurement) -> Option<String> {
    let sent = || seen.schemes_sent.join(", ");
    let carried = |wanted: &dyn Fn(&str) -> bool| seen.schemes_sent.iter().any(|sent| wanted(sent));
    let wrong = match case.rule {
        "quotes-hide-what-is-in-them" | "answers-only-what-is-offered" => {
            carried(&|sent| sent.starts_with("Basic"))
        }
        "takes-the-strongest" => {
            let first = seen.schemes_sent.iter().find(|sent| *sent != "none");
            first.is_none_or(|sent| !sent.starts_with("Digest"))
        }
        "refused-it-ends" => seen.requests > FEW,
        "stays-in-its-origin" => {
            carried(&|sent| sent.ends_with("@target") && !sent.starts_with("none"))
        }
        _ => !is_in(seen),
    };
    let status = seen
        .final_status
        .map_or_else(|| "no answer".to_owned(), |it| it.to_string());
    wrong.then(|| match case.rule {
        "refused-it-ends" => format!("sent {} requests", seen.requests),
        _ => format!("sent {}: {status}", sent()),
    })
}

//! Evidence: what a finding accuses, in values that other findings can be held against.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::auth::Challenges;
use crate::domain::{Case, Change, Domain, Part, Type, Value};
use crate::observation::{Answer, Outcome};
use crate::results::{
    Accused, CREDENTIAL_PATH, Flaky, Odd, ResolvedDemand, Stopped, Transcript, TranscriptEntry,
    fields,
};
use crate::spec::{About, Certainty, DecisionFlaw, Demand, Discrepancy, Env, Rule, Side, presumed};

use super::failure::Failure;
use super::judge::Verdict;
use super::runner::Runner;
use super::table::{At, Played, Table};
use super::unaided::Unaided;

/// A finding that was run again.
pub(super) struct Confirmed {
    pub(super) discrepancy: Discrepancy,
    pub(super) sibling: Option<(Case, String)>,
    /// What the client that is accused came to.
    pub(super) outcome: Option<Outcome>,
    /// What it is about, as far as that was the same each time.
    pub(super) about: Vec<(Side, About, Certainty)>,
    /// The answers that the case got.
    pub(super) answers: Vec<Arc<Answer>>,
    pub(super) transcript: Transcript,
    pub(super) flaky: Option<Flaky>,
    /// What the rule demands of them.
    pub(super) demand: ResolvedDemand,
    /// What the departure takes that was met while others were at work, where it takes no others.
    pub(super) unaided: Option<Unaided>,
}

/// The field of a client that says which scheme it speaks, here and in a policy's profiles.
const SCHEME: &str = "scheme";

/// The field of a client that says what its credentials are like.
const CREDENTIAL: &str = "credential";

/// The field of a client that says when it sends what it has.
const PERSONA: &str = "persona";

/// What is odd about a case.
pub(super) fn oddities(domain: &Domain, case: &Case) -> Vec<Odd> {
    let mut odd = Vec::new();
    for part in Part::ALL {
        collect(domain.part(part), case.part(part), part.word(), &mut odd);
    }
    if !is_silent(case) && is_stranger(case) {
        odd.push(Odd::Stranger);
    }
    odd
}

/// Whether a client speaks a scheme that the policy does not name.
pub(super) fn is_stranger(case: &Case) -> bool {
    let scheme = case.client.field(SCHEME);
    scheme.is_some_and(|scheme| !holds(&case.policy, scheme))
}

/// Whether a client sends no credentials.
fn is_silent(case: &Case) -> bool {
    case.client.field(CREDENTIAL).and_then(Value::as_symbol) == Some("none")
}

fn collect(ty: &Type, value: &Value, path: &str, odd: &mut Vec<Odd>) {
    match (ty, value) {
        (Type::Record(fields), Value::Record(values)) => {
            for (field, (name, value)) in fields.iter().zip(values) {
                let name: &str = name;
                if name != SCHEME && name != PERSONA {
                    collect(&field.ty, value, &format!("{path}.{name}"), odd);
                }
            }
        }
        (Type::List(list), Value::List(items)) if !items.is_empty() => {
            // One item is what it takes to ask anything at all.
            if items.len() > 1 {
                odd.push(Odd::Items(path.to_owned(), items.len()));
            }
            for item in items {
                collect(&list.of, item, &format!("{path}[]"), odd);
            }
        }
        (Type::Optional(inner), value) if *value != Value::Absent => {
            collect(inner, value, path, odd);
        }
        // Who sends nothing does nothing odd.
        (_, value) if path == CREDENTIAL_PATH && value.as_symbol() == Some("none") => {}
        (ty, value) if *value != ty.simplest() => {
            let one = Odd::Field(path.to_owned(), value.to_string());
            if !odd.contains(&one) {
                odd.push(one);
            }
        }
        _ => {}
    }
}

/// Whether a value has this one in it, however deep.
fn holds(whole: &Value, wanted: &Value) -> bool {
    whole == wanted
        || match whole {
            Value::Record(fields) => fields.iter().any(|(_, value)| holds(value, wanted)),
            Value::List(items) => items.iter().any(|item| holds(item, wanted)),
            _ => false,
        }
}

/// The one field in which two cases of a domain differ, with its value in the other, if it is one.
fn only_difference(case: &Case, other: &Case) -> Option<(String, Value)> {
    let (these, those) = (fields(case), fields(other));
    let mut differing = (those.into_iter()).filter(|(path, value)| these.get(path) != Some(value));
    let (path, value) = differing.next()?;
    differing.next().is_none().then(|| (path, value.clone()))
}

/// What a broken rule is about, on each side that may be to blame.
pub(super) fn about(
    rule: &Rule,
    env: &Env<'_>,
    sibling: Option<&Env<'_>>,
) -> Vec<(Side, About, Certainty)> {
    match &rule.demand {
        Demand::Expect(clause) => {
            let mut about: Vec<About> = clause.about(env).into_iter().collect();
            if let (Some(first), Some(observation)) = (about.first(), env.observation) {
                about.extend(clause.beside(first, observation));
            }
            let certain = about.into_iter();
            let certain = certain.map(|about| (Side::Case, about, Certainty::Certain));
            let presumed = env
                .observation
                .map_or_else(Vec::new, |observation| presumed(&rule.when, observation));
            let perhaps = |about| (Side::Case, about, Certainty::Perhaps);
            certain.chain(presumed.into_iter().map(perhaps)).collect()
        }
        Demand::Relate(relation) => {
            sibling.map_or_else(Vec::new, |sibling| relation.about(env, sibling))
        }
        Demand::Unseen => Vec::new(),
    }
}

/// The same of cases that were played, by their places.
fn about_played(
    rule: &Rule,
    table: &Table<'_>,
    at: At,
    sibling: Option<At>,
) -> Vec<(Side, About, Certainty)> {
    let observation = |at: At| match table.played(at) {
        Some(Played::Seen(seen)) => Some(seen.observation()),
        _ => None,
    };
    let Some(case) = table.case(at) else {
        return Vec::new();
    };
    let definitions = table.definitions(at);
    let env = Env {
        observation: observation(at),
        ..Env::of(case, &definitions)
    };
    let Some((there, case)) = sibling.and_then(|at| Some((at, table.case(at)?))) else {
        return about(rule, &env, None);
    };
    let definitions = table.definitions(there);
    let sibling = Env {
        observation: observation(there),
        ..Env::of(case, &definitions)
    };
    about(rule, &env, Some(&sibling))
}

impl Runner<'_> {
    /// What a minimal failure is about, as it was first seen.
    pub(super) fn about(
        &mut self,
        minimal: &Failure,
    ) -> Result<Vec<(Side, About, Certainty)>, Stopped> {
        let at = self.table.place(&minimal.case);
        let at = at.map_err(Stopped::Unplayable)?;
        let beside = match self.verdict(minimal.rule, at) {
            Verdict::Fail { sibling, .. } => sibling,
            _ => None,
        };
        let beside = beside.map(|(case, _)| self.table.place(&case));
        let beside = beside.transpose().map_err(Stopped::Unplayable)?;
        let rule = self.active.get(minimal.rule);
        Ok(rule.map_or_else(Vec::new, |active| {
            about_played(active.rule, &self.table, at, beside)
        }))
    }

    /// Which of several changes of a minimal case have answers that show the same thing as that case's:
    /// what a rule that does not speak of them cannot say.
    pub(super) fn kin(
        &mut self,
        minimal: &Failure,
        changes: &[Change],
        about: &[(Side, About, Certainty)],
    ) -> Vec<(String, Value)> {
        let mut kin = Vec::new();
        let Some((_, about, _)) = about.iter().find(|(side, ..)| *side == Side::Case) else {
            return kin;
        };
        for Change { case, .. } in changes {
            if let Ok(at) = self.table.place(case)
                && let Some(Played::Seen(seen)) = self.table.played(at)
                && about.shows_in(seen.observation())
            {
                kin.extend(only_difference(&minimal.case, case));
            }
        }
        kin
    }

    /// What a finding accuses.
    pub(super) fn accused(
        &self,
        minimal: &Failure,
        kin: &[(String, Value)],
        confirmed: &Confirmed,
    ) -> Vec<Accused> {
        let mut accused = Vec::new();
        let is_parameter = |about: &About| matches!(about, About::Parameter { .. });
        let presumes = confirmed.about.iter().any(|(side, about, certainty)| {
            *side == Side::Case && *certainty == Certainty::Perhaps && is_parameter(about)
        });
        for (side, about, certainty) in &confirmed.about {
            let (case, entries, kin) = match (side, &confirmed.sibling) {
                (Side::Case, _) => (&minimal.case, &confirmed.transcript.case, kin.to_vec()),
                (Side::Sibling, Some((case, _))) => {
                    (case, &confirmed.transcript.sibling, Vec::new())
                }
                (Side::Sibling, None) => continue,
            };
            let waits = case.client.field(PERSONA).and_then(Value::as_symbol);
            let waits = waits.is_some_and(|persona| persona != "preemptive");
            let last = entries.last();
            let mut certainty = *certainty;
            let odd = oddities(&self.spec.domain, case);
            // Who is let in rightly is told something wrong beside: that is at fault, and nobody got in by it.
            if presumes && *side == Side::Case && is_plainly_good(case, &odd) {
                match about {
                    About::Answer {
                        turn: DecisionFlaw::Opened,
                        ..
                    } => continue,
                    About::Parameter { .. } => certainty = Certainty::Certain,
                    _ => {}
                }
            }
            let about = match about {
                // Who waited and never sent credentials was not refused: what it waited for did not come.
                About::Answer {
                    turn: DecisionFlaw::KeptOut,
                    status,
                } if waits && !last.is_some_and(has_credentials) => match status {
                    401 | 407 => {
                        certainty = Certainty::Certain;
                        About::Offer {
                            schemes: last.map(offered_in).unwrap_or_default(),
                        }
                    }
                    status => About::Answer {
                        turn: DecisionFlaw::Manner,
                        status: *status,
                    },
                },
                about => about.clone(),
            };
            accused.push(Accused {
                about,
                case: case.clone(),
                certainty,
                silent: is_silent(case),
                answers: match side {
                    Side::Case => confirmed.answers.clone(),
                    Side::Sibling => Vec::new(),
                },
                odd,
                kin,
            });
        }
        accused
    }
}

/// Whether a client has good credentials and nothing odd, and nothing is odd about what it asks for but how many
/// profiles that has.
fn is_plainly_good(case: &Case, odd: &[Odd]) -> bool {
    let credential = case.client.field(CREDENTIAL).and_then(Value::as_symbol);
    let asks_alone = matches!(&case.course, Value::List(steps) if steps.is_empty());
    credential == Some("valid") && asks_alone && odd.iter().all(|odd| matches!(odd, Odd::Items(..)))
}

/// Whether a request carries credentials in a field.
fn has_credentials(entry: &TranscriptEntry) -> bool {
    let names = ["authorization", "proxy-authorization"];
    names
        .iter()
        .any(|name| fields_of(&entry.sent, name).next().is_some())
}

/// The schemes that an answer's challenges name, in lower case and in order of the alphabet.
fn offered_in(entry: &TranscriptEntry) -> Vec<String> {
    let names = ["www-authenticate", "proxy-authenticate"];
    let lines = names.iter().flat_map(|name| fields_of(&entry.head, name));
    let challenges = Challenges::parse(lines);
    let schemes = challenges.list.iter();
    let schemes: BTreeSet<String> = schemes.map(|one| one.scheme.to_ascii_lowercase()).collect();
    schemes.into_iter().collect()
}

/// The values of the fields of this name in a message's head.
fn fields_of<'a>(head: &'a [u8], name: &'a str) -> impl Iterator<Item = &'a [u8]> {
    head.split(|byte| *byte == b'\n').filter_map(move |line| {
        let (this, value) = line.split_at_checked(name.len())?;
        let value = value.strip_prefix(b":")?;
        this.eq_ignore_ascii_case(name.as_bytes())
            .then(|| value.trim_ascii())
    })
}

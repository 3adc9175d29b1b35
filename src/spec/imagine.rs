//! Answers that could be seen: what two expectations are held against to find out whether one answer can
//! satisfy both.

use crate::auth::{Challenge, Challenges, Param, ValueForm};
use crate::domain::Symbol;
use crate::observation::{Answer, LoggedEvent};
use crate::wire::{BodyEnd, FieldLine, Response};

use super::clause::Clause;
use super::headers::HeaderClause;
use super::parameter::{ParamClause, ValueKind};
use super::predicate::Predicate;
use super::subject::Subject;
use super::term::Env;

/// How many schemes an imagined answer has at most, beside one that nobody names.
const SCHEMES: usize = 6;

/// What one rule wants to see: its expectation, and what its `when` asks of an answer.
pub(super) type Wanted<'a> = (&'a Predicate, &'a Clause);

/// What could be seen that two rules speak of: every set of the schemes that they name, with parameters and
/// header fields that suit the one, the other, both and neither, and their events as often as each wants them.
pub(super) struct Imagined {
    schemes: usize,
    details: Vec<Details>,
    events: Vec<Vec<LoggedEvent>>,
}

impl Imagined {
    pub(super) fn of(env: &Env<'_>, one: Wanted<'_>, other: Wanted<'_>) -> Self {
        let schemes = schemes(env, one, other);
        let mut details: Vec<Details> = Vec::new();
        for sparse in [false, true] {
            // And one that has nothing of what either speaks of.
            for wanted in [&[one, other][..], &[one], &[other], &[]] {
                let detail = Details::of(&schemes, wanted, sparse);
                if !details.iter().any(|known| known.is_like(&detail)) {
                    details.push(detail);
                }
            }
        }
        Self {
            schemes: schemes.len(),
            details,
            events: events(one.1, other.1),
        }
    }

    /// The audit events that could be seen with any of the answers.
    pub(super) fn events(&self) -> &[Vec<LoggedEvent>] {
        &self.events
    }

    /// The answers that could be seen with a status.
    pub(super) fn answers(&self, status: u16) -> impl Iterator<Item = Answer> {
        let picked = 0..1_u32 << self.schemes;
        picked.flat_map(move |picked| {
            self.details.iter().map(move |detail| {
                let offered = detail.challenges.iter().enumerate();
                let list: Vec<Challenge> = offered
                    .filter(|(index, _)| picked & (1 << index) != 0)
                    .map(|(_, challenge)| challenge.clone())
                    .collect();
                detail.answer(status, list)
            })
        })
    }
}

/// The schemes that two rules name, and one that neither does: what `some: true` or `at-least` leave
/// open.
fn schemes(env: &Env<'_>, one: Wanted<'_>, other: Wanted<'_>) -> Vec<Symbol> {
    let mut schemes: Vec<Symbol> = Vec::new();
    for (when, clause) in [one, other] {
        let asked = parts(when).into_iter().filter_map(|part| match part {
            Predicate::Challenges(clause) => Some(&**clause),
            _ => None,
        });
        for challenges in clause.challenges.iter().chain(asked) {
            schemes.extend(challenges.sets().flat_map(|set| set.symbols(env)));
        }
        for (subject, _) in parameters((when, clause)) {
            if let Some(scheme) = &subject.scheme {
                schemes.push(scheme.clone());
            }
        }
    }
    schemes.sort();
    schemes.dedup();
    schemes.truncate(SCHEMES);
    schemes.push(Symbol::from("another"));
    schemes
}

/// The most times that an event is imagined.
const MOST_EVENTS: u32 = 100;

/// The events that two expectations want: as often as the one says, and what it does not speak of as often as the
/// other does, either way round; none where they name none.
fn events(one: &Clause, other: &Clause) -> Vec<Vec<LoggedEvent>> {
    let mut all: Vec<Vec<LoggedEvent>> = vec![Vec::new()];
    for (first, second) in [(one, other), (other, one)] {
        let of_second = second.events.iter();
        let is_new = |name: &String| first.events.iter().all(|(known, _)| known != name);
        let wanted = first
            .events
            .iter()
            .chain(of_second.filter(|(name, _)| is_new(name)));
        let mut events: Vec<LoggedEvent> = Vec::new();
        for (name, count) in wanted {
            let count = usize::try_from(*count.min(&MOST_EVENTS)).unwrap_or(0);
            events.extend(std::iter::repeat_n(LoggedEvent::named(name), count));
        }
        if !all.contains(&events) {
            all.push(events);
        }
    }
    all
}

/// What an answer has beside its status and the choice of its challenges.
struct Details {
    challenges: Vec<Challenge>,
    fields: Vec<(String, String)>,
    body: String,
}

impl Details {
    /// What suits all of these rules, as far as anything does; a sparse one has only what must be there.
    fn of(schemes: &[Symbol], wanted: &[Wanted<'_>], sparse: bool) -> Self {
        let of_scheme = |scheme: &Symbol| {
            let clauses = wanted.iter().flat_map(|wanted| parameters(*wanted));
            // Any of them can be the first, as the ones before it are left out somewhere.
            let clauses = clauses.filter(|(subject, _)| {
                let named = subject.scheme.as_ref();
                named.is_none_or(|named| named == scheme)
            });
            let clauses: Vec<_> = clauses.map(|(_, clause)| clause).collect();
            let mut params = suiting(&clauses, sparse);
            // No challenge that is imagined is bare.
            params.push(Param::quoted("another", "x"));
            Challenge {
                params,
                ..Challenge::new(scheme.to_string())
            }
        };
        let info: Vec<_> = wanted.iter().flat_map(|(_, clause)| &clause.info).collect();
        let info = suiting(
            &info
                .iter()
                .map(|clause| (*clause, false))
                .collect::<Vec<_>>(),
            sparse,
        );
        let mut fields = header_fields(wanted, sparse);
        if !info.is_empty() {
            let written = Challenge {
                params: info,
                ..Challenge::new("x")
            };
            let written = written.to_string();
            let value = written.strip_prefix("x ").unwrap_or(&written).to_owned();
            fields.push(("authentication-info".to_owned(), value));
        }
        let texts = wanted
            .iter()
            .filter_map(|(_, clause)| clause.body.as_deref());
        Self {
            challenges: schemes.iter().map(of_scheme).collect(),
            fields,
            body: texts.collect(),
        }
    }

    /// Whether it says the same in the same way; challenges that differ in quotes are equal otherwise.
    fn is_like(&self, other: &Self) -> bool {
        let written = |details: &Self| -> Vec<Vec<u8>> {
            details.challenges.iter().map(Challenge::to_bytes).collect()
        };
        self.fields == other.fields && self.body == other.body && written(self) == written(other)
    }

    fn answer(&self, status: u16, list: Vec<Challenge>) -> Answer {
        let challenges = list.iter().map(|challenge| FieldLine {
            name: "WWW-Authenticate".to_owned(),
            value: challenge.to_bytes(),
        });
        let others = self.fields.iter().map(|(name, value)| FieldLine {
            name: name.clone(),
            value: value.clone().into_bytes(),
        });
        let response = Response {
            status,
            fields: challenges.chain(others).collect(),
            body: self.body.clone().into_bytes(),
            body_end: BodyEnd::Complete,
            head: Vec::new(),
        };
        Answer::with_challenges(response, Challenges::of(list))
    }
}

/// The conditions of a conjunction, those within others as well.
fn parts(when: &Predicate) -> Vec<&Predicate> {
    match when {
        Predicate::All(all) => all.iter().flat_map(parts).collect(),
        part => vec![part],
    }
}

/// What a rule says of auth-params, and whether it says so in its `when`, where they must be there.
fn parameters<'a>((when, clause): Wanted<'a>) -> Vec<(&'a Subject, (&'a ParamClause, bool))> {
    let asked = parts(when).into_iter().filter_map(|part| match part {
        Predicate::Parameters(parameters) => Some((parameters, true)),
        _ => None,
    });
    asked
        .chain([(&clause.parameters, false)])
        .flat_map(|(parameters, must)| {
            let each = move |(subject, clauses): &'a (Subject, Vec<ParamClause>)| {
                clauses.iter().map(move |clause| (subject, (clause, must)))
            };
            parameters.iter().flat_map(each)
        })
        .collect()
}

/// Parameters of which each fits all that is said of its name, or the most of it.
fn suiting(clauses: &[(&ParamClause, bool)], sparse: bool) -> Vec<Param> {
    let mut params: Vec<Param> = Vec::new();
    let mut done: Vec<&str> = Vec::new();
    for (clause, _) in clauses {
        let name = clause.name.as_str();
        if done.iter().any(|known| known.eq_ignore_ascii_case(name)) {
            continue;
        }
        done.push(name);
        let of_name = clauses
            .iter()
            .filter(|(clause, _)| clause.name.eq_ignore_ascii_case(name));
        let of_name: Vec<(&ParamClause, bool)> = of_name.copied().collect();
        let must = |(clause, asked): &(&ParamClause, bool)| *asked || clause.present == Some(true);
        if of_name
            .iter()
            .any(|(clause, _)| clause.present == Some(false))
            || (sparse && !of_name.iter().any(must))
        {
            continue;
        }
        let fits = |list: &[Param]| {
            let of_name = of_name.iter();
            let fitting = of_name.filter(|(clause, _)| clause.departure(list, "it").is_none());
            fitting.count()
        };
        let best = candidates(name, &of_name)
            .into_iter()
            .rev()
            .max_by_key(|list| fits(list));
        params.extend(best.unwrap_or_default());
    }
    params
}

/// Ways to write a parameter, simplest first: every value that is named and one of each kind, quoted and
/// as a token, once and twice.
fn candidates(name: &str, clauses: &[(&ParamClause, bool)]) -> Vec<Vec<Param>> {
    let named = clauses
        .iter()
        .flat_map(|(clause, _)| clause.one_of.iter().chain(&clause.one_of_any_case));
    let lists: Vec<String> = clauses
        .iter()
        .filter(|(clause, _)| !clause.has.is_empty())
        .map(|(clause, _)| clause.has.join(" "))
        .collect();
    let values = ["x"].into_iter().chain(named.map(String::as_str));
    let values = values.chain(lists.iter().map(String::as_str));
    let values: Vec<&str> = values
        .chain(ValueKind::ALL.map(ValueKind::sample))
        .collect();
    let mut all = Vec::new();
    for times in 1..=2 {
        for value in &values {
            for form in [ValueForm::Quoted, ValueForm::Token] {
                let param = match form {
                    ValueForm::Token => Param::token(name, *value),
                    _ => Param::quoted(name, *value),
                };
                all.push(vec![param; times]);
            }
        }
    }
    all
}

/// Header fields of which each fits all that is said of its name, or the most of it.
fn header_fields(wanted: &[Wanted<'_>], sparse: bool) -> Vec<(String, String)> {
    let clauses = wanted.iter().flat_map(|(when, clause)| {
        let asked = parts(when).into_iter().filter_map(|part| match part {
            Predicate::Headers(headers) => Some(headers),
            _ => None,
        });
        asked.chain([&clause.headers]).flatten()
    });
    let clauses: Vec<&(String, HeaderClause)> = clauses.collect();
    let mut fields = Vec::new();
    let mut done: Vec<&str> = Vec::new();
    for (name, _) in &clauses {
        if done.iter().any(|known| known.eq_ignore_ascii_case(name)) {
            continue;
        }
        done.push(name);
        let of_name = clauses
            .iter()
            .filter(|(other, _)| other.eq_ignore_ascii_case(name));
        let of_name: Vec<&HeaderClause> = of_name.map(|(_, clause)| clause).collect();
        let fits = |lines: &[String]| {
            let fitting = of_name.iter().filter(|clause| clause.holds(name, lines).0);
            fitting.count()
        };
        let mut ways = lines(&of_name);
        if sparse {
            // Nothing at all, where that is as good.
            ways.insert(0, Vec::new());
        }
        let best = ways.into_iter().rev().max_by_key(|lines| fits(lines));
        let best = best.unwrap_or_default().into_iter();
        fields.extend(best.map(|value| ((*name).clone(), value)));
    }
    fields
}

/// Lines that a header field could have: a value that is named, or a list of the members that are; once
/// or twice, or none.
fn lines(clauses: &[&HeaderClause]) -> Vec<Vec<String>> {
    let mut members: Vec<String> = Vec::new();
    let mut values = Vec::new();
    for clause in clauses {
        match clause {
            HeaderClause::Is(value) => values.push(value.clone()),
            HeaderClause::Fits(fit) => {
                members.extend(fit.has.iter().cloned());
                values.extend(fit.has_one_of.iter().cloned());
            }
            HeaderClause::Present(_) => {}
        }
    }
    // One of several may stand beside what must all be there.
    let with = |value: &String| {
        members
            .iter()
            .chain([value])
            .cloned()
            .collect::<Vec<_>>()
            .join(", ")
    };
    let mut texts: Vec<String> = vec!["x".to_owned()];
    texts.extend(values.iter().cloned());
    texts.extend(values.iter().map(with));
    texts.push(members.join(", "));
    texts.push(values.join(", "));
    texts.push(with(&values.join(", ")));
    let once = texts.iter().map(|text| vec![text.clone()]);
    let twice = texts.iter().map(|text| vec![text.clone(); 2]);
    // Two values in two lines, where each is to be that of a line.
    let apart = [values.clone(), Vec::new()];
    once.chain(twice).chain(apart).collect()
}

//! Writing resolved expectations and conditions as the YAML that reads back as the same.

use std::fmt;

use crate::yaml::{flow, quoted_if_needed};

use super::challenges::ChallengeClause;
use super::clause::Clause;
use super::exchange::{ExchangeClause, MemberFit};
use super::fit::{OutcomeFit, StatusFit, class};
use super::headers::{HeaderClause, HeaderFit};
use super::logged::LogFit;
use super::parameter::ParamClause;
use super::predicate::Predicate;
use super::range::Range;
use super::reached::{BackendFit, ContentFit};
use super::relation::Comparison;
use super::subject::{Subject, Which};
use super::term::{Element, SetExpr};

/// Flow style YAML. What is not resolved is written as in the spec.
impl fmt::Display for Clause {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = Vec::new();
        if !self.outcome.is_empty() {
            parts.push(format!("outcome: {}", self.outcome));
        }
        if !self.status.is_empty() {
            parts.push(format!("status: {}", self.status));
        }
        if let Some(challenges) = &self.challenges {
            parts.push(format!("challenges: {challenges}"));
        }
        if !self.parameters.is_empty() {
            let parameters = Parameters(&self.parameters, Which::Every);
            parts.push(format!("parameters: {parameters}"));
        }
        if !self.info.is_empty() {
            parts.push(format!("authentication-info: {}", Params(&self.info)));
        }
        if !self.headers.is_empty() {
            parts.push(format!("headers: {}", Headers(&self.headers)));
        }
        if !self.events.is_empty() {
            let all: Vec<String> = self
                .events
                .iter()
                .map(|(name, count)| format!("{}: {count}", quoted_if_needed(name)))
                .collect();
            parts.push(format!("events: {{{}}}", all.join(", ")));
        }
        if let Some(text) = &self.body {
            parts.push(format!("body: {{contains: {}}}", quoted_if_needed(text)));
        }
        parts.extend(written(&self.exchange));
        write!(out, "{{{}}}", parts.join(", "))
    }
}

/// What is said of exchanges, key by key.
fn written(clause: &ExchangeClause) -> Vec<String> {
    let mut parts = Vec::new();
    if !clause.requests.is_empty() {
        let all: Vec<String> = (clause.requests.iter())
            .map(|(which, fits)| {
                let fits = flow(fits.iter().map(|fit| fit.word()));
                format!("{}: {fits}", which.word())
            })
            .collect();
        parts.push(format!("requests: {{{}}}", all.join(", ")));
    }
    if !clause.alike.is_empty() {
        let words = flow(clause.alike.iter().map(|of| of.word()));
        parts.push(format!("asks: {{alike: {words}}}"));
    }
    if !clause.returned.is_empty() {
        let words = flow(clause.returned.iter().map(|one| one.word()));
        parts.push(format!("returns: {words}"));
    }
    if !clause.asked_host.is_empty() {
        let names = flow(clause.asked_host.iter().map(String::as_str));
        parts.push(format!("asked-host: {names}"));
    }
    let presence = |is: bool| if is { "present" } else { "absent" };
    parts.extend(
        clause
            .content
            .map(|is| format!("content: {}", presence(is))),
    );
    if !clause.json.is_empty() {
        let all: Vec<String> = (clause.json.iter())
            .map(|(name, fit)| {
                let fit = match fit {
                    MemberFit::Present(is) => presence(*is).to_owned(),
                    MemberFit::AskedUrl => "asked-url".to_owned(),
                    MemberFit::Is(text) => format!("{{is: {}}}", quoted_if_needed(text)),
                };
                format!("{}: {fit}", quoted_if_needed(name))
            })
            .collect();
        parts.push(format!("json: {{{}}}", all.join(", ")));
    }
    for (key, fit) in [
        ("auth-service", &clause.auth_service),
        ("backend", &clause.backend),
    ] {
        parts.extend(fit.as_ref().map(|fit| format!("{key}: {fit}")));
    }
    if !clause.relayed.is_empty() {
        let words = flow(clause.relayed.iter().map(|part| part.word()));
        parts.push(format!("relays: {words}"));
    }
    parts.extend(clause.log.as_ref().map(|log| format!("log: {log}")));
    parts
}

/// What is said of the audit log.
impl fmt::Display for LogFit {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = vec![format!("times: {}", self.times)];
        let user = self.user.as_deref().map(quoted_if_needed);
        parts.extend(user.map(|user| format!("user: {user}")));
        parts.extend(self.scheme.as_ref().map(|set| format!("scheme: {set}")));
        parts.extend(self.policy.as_ref().map(|set| format!("policy: {set}")));
        if self.withholds_secrets {
            parts.push("secrets: absent".to_owned());
        }
        write!(out, "{{{}}}", parts.join(", "))
    }
}

/// What is said of an upstream.
impl fmt::Display for BackendFit {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = vec![format!("times: {}", self.times)];
        let user = self.user.as_deref().map(quoted_if_needed);
        parts.extend(user.map(|user| format!("user: {user}")));
        let presence = |is: bool| if is { "present" } else { "absent" };
        let authorization = self.authorization.map(presence);
        parts.extend(authorization.map(|is| format!("authorization: {is}")));
        if !self.as_asked.is_empty() {
            let words = flow(self.as_asked.iter().map(|part| part.word()));
            parts.push(format!("as-asked: {words}"));
        }
        parts.extend((self.identity).map(|fit| format!("identity: {}", fit.word())));
        if !self.lacks.is_empty() {
            let names = flow(self.lacks.iter().map(String::as_str));
            parts.push(format!("lacks: {names}"));
        }
        if !self.withholds.is_empty() {
            let words = flow(self.withholds.iter().map(|part| part.word()));
            parts.push(format!("withholds: {words}"));
        }
        parts.extend(self.content.map(|fit| match fit {
            ContentFit::Nothing => "content: none".to_owned(),
            ContentFit::Whole => "content: whole".to_owned(),
            ContentFit::First(bytes) => format!("content: {bytes}"),
        }));
        write!(out, "{{{}}}", parts.join(", "))
    }
}

impl fmt::Display for OutcomeFit {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = flow(self.words.iter().map(|word| word.word()));
        turned(self.not, &words, out)
    }
}

impl fmt::Display for StatusFit {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ranges = self.ranges.iter();
        let words: Vec<String> = ranges
            .map(|range| class(*range).unwrap_or_else(|| range.to_string()))
            .collect();
        turned(self.not, &format!("[{}]", words.join(", ")), out)
    }
}

fn turned(not: bool, list: &str, out: &mut fmt::Formatter<'_>) -> fmt::Result {
    if not {
        write!(out, "{{not: {list}}}")
    } else {
        out.write_str(list)
    }
}

impl fmt::Display for ChallengeClause {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sets = [
            ("exactly", &self.exactly),
            ("at-least", &self.at_least),
            ("none-of", &self.none_of),
            ("in-order", &self.in_order),
            ("bare", &self.bare),
            ("not-bare", &self.not_bare),
        ];
        let mut parts: Vec<String> = sets
            .into_iter()
            .filter_map(|(name, set)| Some(format!("{name}: {}", set.as_ref()?)))
            .collect();
        for (name, truth) in [
            ("some", self.some),
            ("well-formed", self.well_formed),
            ("unique", self.unique),
            ("one-per-line", self.one_per_line),
        ] {
            parts.extend(truth.map(|truth| format!("{name}: {truth}")));
        }
        if !self.no_departure.is_empty() {
            let words = self.no_departure.iter().map(|departure| departure.word());
            parts.push(format!("no-departure: {}", flow(words)));
        }
        if !self.count.is_empty() {
            let of = |(scheme, range): &(_, Range)| format!("{}: {range}", key(scheme));
            let all: Vec<String> = self.count.iter().map(of).collect();
            parts.push(format!("count: {{{}}}", all.join(", ")));
        }
        for (word, all) in [("distinct", &self.distinct), ("only", &self.only)] {
            if all.is_empty() {
                continue;
            }
            let of = |(scheme, names): &(_, Vec<String>)| {
                let names = match names.as_slice() {
                    [only] => quoted_if_needed(only),
                    names => flow(names.iter().map(String::as_str)),
                };
                format!("{}: {names}", key(scheme))
            };
            let all: Vec<String> = all.iter().map(of).collect();
            parts.push(format!("{word}: {{{}}}", all.join(", ")));
        }
        write!(out, "{{{}}}", parts.join(", "))
    }
}

fn key(symbol: &crate::domain::Symbol) -> String {
    quoted_if_needed(symbol)
}

/// What is said of the auth-params of each subject, and which challenges are meant where nothing is said.
struct Parameters<'a>(&'a [(Subject, Vec<ParamClause>)], Which);

impl fmt::Display for Parameters<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all: Vec<String> = self
            .0
            .iter()
            .map(|(subject, clauses)| {
                let words = subject.words(self.1);
                format!("{}: {}", quoted_if_needed(&words), Params(clauses))
            })
            .collect();
        write!(out, "{{{}}}", all.join(", "))
    }
}

/// What is said of the parameters of one list.
struct Params<'a>(&'a [ParamClause]);

impl fmt::Display for Params<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.iter().all(ParamClause::is_presence) {
            return out.write_str(&flow(self.0.iter().map(|clause| clause.name.as_str())));
        }
        let all: Vec<String> = self
            .0
            .iter()
            .map(|clause| format!("{}: {clause}", quoted_if_needed(&clause.name)))
            .collect();
        write!(out, "{{{}}}", all.join(", "))
    }
}

impl fmt::Display for ParamClause {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = Vec::new();
        parts.extend(self.present.map(|present| format!("present: {present}")));
        for (key, words) in [
            ("one-of", &self.one_of),
            ("one-of-any-case", &self.one_of_any_case),
            ("has", &self.has),
            ("has-none-of", &self.has_none_of),
            ("without", &self.without),
        ] {
            if !words.is_empty() {
                parts.push(format!("{key}: {}", flow(words.iter().map(String::as_str))));
            }
        }
        parts.extend(self.form.map(|form| format!("form: {}", form.word())));
        parts.extend(self.value.map(|kind| format!("value: {}", kind.word())));
        parts.extend(self.times.map(|range| format!("times: {range}")));
        write!(out, "{{{}}}", parts.join(", "))
    }
}

/// What is said of each header field.
struct Headers<'a>(&'a [(String, HeaderClause)]);

impl fmt::Display for Headers<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all: Vec<String> = self
            .0
            .iter()
            .map(|(name, clause)| {
                let clause = match clause {
                    HeaderClause::Present(true) => "present".to_owned(),
                    HeaderClause::Present(false) => "absent".to_owned(),
                    HeaderClause::Is(value) => quoted_if_needed(value),
                    HeaderClause::Fits(fit) => fit.to_string(),
                };
                format!("{}: {clause}", quoted_if_needed(name))
            })
            .collect();
        write!(out, "{{{}}}", all.join(", "))
    }
}

impl fmt::Display for HeaderFit {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = Vec::new();
        for (key, words) in [
            ("has", &self.has),
            ("has-one-of", &self.has_one_of),
            ("has-none-of", &self.has_none_of),
        ] {
            if !words.is_empty() {
                parts.push(format!("{key}: {}", flow(words.iter().map(String::as_str))));
            }
        }
        parts.extend(self.lines.map(|range| format!("lines: {range}")));
        parts.extend(self.value.map(|kind| format!("value: {}", kind.word())));
        write!(out, "{{{}}}", parts.join(", "))
    }
}

impl fmt::Display for SetExpr {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Elements(elements) => {
                out.write_str(&flow(elements.iter().map(|element| match element {
                    Element::Symbol(symbol) => symbol.to_string(),
                    Element::Term(term) => term.text().to_owned(),
                })))
            }
            Self::Define { text, .. } => out.write_str(text),
        }
    }
}

/// Conditions on what was seen, in flow style YAML; conditions on the case are passed over, because
/// resolving has settled them.
impl fmt::Display for Predicate {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let several = |parts: &[Predicate]| {
            let all: Vec<String> = parts.iter().map(ToString::to_string).collect();
            all.join(", ")
        };
        match self {
            Self::All(parts) if parts.is_empty() => out.write_str("{}"),
            Self::All(parts) => write!(out, "{{all: [{}]}}", several(parts)),
            Self::Any(parts) => write!(out, "{{any: [{}]}}", several(parts)),
            Self::Not(inner) => write!(out, "{{not: {inner}}}"),
            Self::Term(..) => out.write_str("{}"),
            Self::Outcome(outcomes) => {
                write!(
                    out,
                    "{{outcome: {}}}",
                    flow(outcomes.iter().map(|o| o.word()))
                )
            }
            Self::Status(ranges) => match ranges.as_slice() {
                [range] if range.min != range.max => write!(out, "{{status: {range}}}"),
                ranges => {
                    let codes: Vec<String> = ranges.iter().map(ToString::to_string).collect();
                    write!(out, "{{status: [{}]}}", codes.join(", "))
                }
            },
            Self::Challenges(clause) => write!(out, "{{challenges: {clause}}}"),
            Self::Parameters(all) => {
                write!(out, "{{parameters: {}}}", Parameters(all, Which::Some))
            }
            Self::Info(all) => write!(out, "{{authentication-info: {}}}", Params(all)),
            Self::Headers(all) => write!(out, "{{headers: {}}}", Headers(all)),
            Self::Events(wanted) => {
                let all: Vec<String> = wanted
                    .iter()
                    .map(|(name, range)| format!("{}: {range}", quoted_if_needed(name)))
                    .collect();
                write!(out, "{{events: {{{}}}}}", all.join(", "))
            }
        }
    }
}

/// The key and the word of a relation: `outcome: same`.
impl fmt::Display for Comparison {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = self.of.word();
        let word = if self.no_worse { "no-worse" } else { "same" };
        write!(out, "{key}: {word}")
    }
}

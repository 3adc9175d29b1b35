//! Expectations: what must hold of what was seen, and how it is told where it does not.

use crate::auth::{
    AuthenticationInfo, Challenge, Challenges, Departure, Problem, Recipient, Sender,
};
use crate::domain::Symbol;
use crate::observation::Outcome;

use super::parameter::{ParamClause, Subject};
use super::predicate::Range;
use super::term::{Env, SetExpr, Sight};

/// What is expected of one case. Every part that is there must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Clause {
    /// Where the client stands at the end: one of these.
    pub outcome: Vec<Outcome>,
    /// The final status: one of these.
    pub status: Vec<u16>,
    /// The challenges of the final answer.
    pub challenges: Option<ChallengeClause>,
    /// The auth-params of every challenge of a scheme.
    pub parameters: Vec<(Subject, Vec<ParamClause>)>,
    /// The parameters of `Authentication-Info` (RFC 9110 §11.6.3); of an answer without it, none.
    pub info: Vec<ParamClause>,
    /// Header fields of the final answer.
    pub headers: Vec<(String, HeaderClause)>,
    /// How often each named audit event happened.
    pub events: Vec<(String, u32)>,
    /// Text that the final answer's body contains.
    pub body: Option<String>,
}

/// What is expected of the challenges of an answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChallengeClause {
    /// These schemes and no others.
    pub exactly: Option<SetExpr>,
    /// These schemes, and perhaps others.
    pub at_least: Option<SetExpr>,
    /// None of these schemes.
    pub none_of: Option<SetExpr>,
    /// These schemes, in this order, with nothing between that is not named.
    pub in_order: Option<SetExpr>,
    /// At least one challenge, or none.
    pub some: Option<bool>,
    /// No departure from the grammar of RFC 9110 §11.3, or at least one.
    pub well_formed: Option<bool>,
    /// No departure of these kinds; empty for any.
    pub no_departure: Vec<Departure>,
    /// How many challenges of a scheme there are.
    pub count: Vec<(Symbol, Range)>,
    /// No two challenges of a scheme have the same value of a parameter.
    pub distinct: Vec<(Symbol, String)>,
    /// No two challenges are the same in scheme and parameters, or some are.
    pub unique: Option<bool>,
    /// Each field line holds one challenge, or one holds several.
    pub one_per_line: Option<bool>,
    /// No challenge of these schemes is bare: each has a parameter or a token68.
    pub not_bare: Option<SetExpr>,
}

/// What is expected of a header field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HeaderClause {
    /// It is there, or is not.
    Present(bool),
    /// One of its field lines has this value.
    Is(String),
    /// Its lines fit; where it is not there, only `lines` can object.
    Fits(HeaderFit),
}

/// What is expected of the lines of a header field that is a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HeaderFit {
    /// All of these are among its members, in whatever case; a member's own parameters do not count.
    pub has: Vec<String>,
    /// One of these is among its members.
    pub has_one_of: Vec<String>,
    /// None of these is among its members.
    pub has_none_of: Vec<String>,
    /// How many lines there are.
    pub lines: Option<Range>,
}

/// The result of holding an expectation against what was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Check {
    /// It holds.
    Holds,
    /// It does not.
    Breaks(Discrepancy),
    /// What was seen does not let us tell, for this reason.
    Unclear(String),
}

/// Where what was seen departs from what was expected.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Discrepancy {
    /// The kind of departure, free of the case's own values: shrinking keeps to one kind.
    pub kind: String,
    /// What was expected, in words.
    pub expected: String,
    /// What came instead, in words.
    pub observed: String,
}

impl Clause {
    /// Holds the expectation against what was seen; `env` must have a sight.
    pub fn check(&self, env: &Env<'_>) -> Check {
        let Some(sight) = env.sight else {
            return Check::Unclear("the case was not played".to_owned());
        };
        let parts: [&dyn Fn() -> Check; 8] = [
            &|| self.check_outcome(sight),
            &|| self.check_status(sight),
            &|| match &self.challenges {
                Some(challenges) => challenges.check(env, sight),
                None => Check::Holds,
            },
            &|| check_parameters(&self.parameters, sight),
            &|| self.check_info(sight),
            &|| check_headers(&self.headers, sight),
            &|| self.check_events(sight),
            &|| self.check_body(sight),
        ];
        let mut unclear = None;
        for part in parts {
            match part() {
                Check::Holds => {}
                Check::Unclear(why) => unclear = unclear.or(Some(why)),
                breaks @ Check::Breaks(_) => return breaks,
            }
        }
        unclear.map_or(Check::Holds, Check::Unclear)
    }

    fn check_outcome(&self, sight: Sight<'_>) -> Check {
        if self.outcome.is_empty() || self.outcome.contains(&sight.outcome) {
            return Check::Holds;
        }
        let expected: Vec<&str> = self.outcome.iter().map(|outcome| outcome.word()).collect();
        let expected = expected.join(" or ");
        Check::Breaks(Discrepancy {
            kind: format!("outcome {expected}, {}", sight.outcome),
            observed: format!("{} ({})", sight.outcome, sight.answer.response.status),
            expected,
        })
    }

    fn check_status(&self, sight: Sight<'_>) -> Check {
        let status = sight.answer.response.status;
        if self.status.is_empty() || self.status.contains(&status) {
            return Check::Holds;
        }
        let expected: Vec<String> = self.status.iter().map(ToString::to_string).collect();
        let expected = expected.join(" or ");
        Check::Breaks(Discrepancy {
            kind: format!("status {expected}, {status}"),
            expected: format!("status {expected}"),
            observed: format!("status {status}"),
        })
    }

    fn check_info(&self, sight: Sight<'_>) -> Check {
        if self.info.is_empty() {
            return Check::Holds;
        }
        let lines = sight.answer.response.fields_named("authentication-info");
        let info = AuthenticationInfo::parse(lines);
        let whose = "Authentication-Info";
        let mut clauses = self.info.iter();
        match clauses.find_map(|clause| clause.departure(&info.params, whose)) {
            None => Check::Holds,
            Some(_) if info.strict().is_none() => {
                Check::Unclear("Authentication-Info does not parse".to_owned())
            }
            Some(discrepancy) => Check::Breaks(discrepancy),
        }
    }

    fn check_events(&self, sight: Sight<'_>) -> Check {
        if self.events.is_empty() {
            return Check::Holds;
        }
        let Some(events) = sight.events else {
            return Check::Unclear("the implementation hands over no audit events".to_owned());
        };
        for (name, wanted) in &self.events {
            let count = events.iter().filter(|event| *event == name).count();
            if usize::try_from(*wanted) != Ok(count) {
                let kind = if count > *wanted as usize {
                    "too many"
                } else {
                    "too few"
                };
                return Check::Breaks(Discrepancy {
                    kind: format!("event {name}, {kind}"),
                    expected: format!("{name} logged {}", times(*wanted as usize)),
                    observed: format!("{name} logged {}", times(count)),
                });
            }
        }
        Check::Holds
    }

    fn check_body(&self, sight: Sight<'_>) -> Check {
        match &self.body {
            Some(text) if !contains(&sight.answer.response.body, text.as_bytes()) => {
                Check::Breaks(Discrepancy {
                    kind: "body".to_owned(),
                    expected: format!("a body that contains {text:?}"),
                    observed: "a body without it".to_owned(),
                })
            }
            _ => Check::Holds,
        }
    }

    /// Whether it says something in which two rules are looked at for contradictions.
    pub(super) fn can_contradict(&self) -> bool {
        let mut parameters = self.parameters.iter().flat_map(|(_, clauses)| clauses);
        let challenges = self.challenges.as_ref();
        !self.outcome.is_empty()
            || !self.status.is_empty()
            || !self.events.is_empty()
            || parameters.any(|clause| clause.present.is_some())
            || challenges.is_some_and(|clause| {
                clause.some.is_some() || !clause.count.is_empty() || clause.sets().next().is_some()
            })
    }

    /// The same expectation with every set written out for one case.
    pub fn resolved(&self, env: &Env<'_>) -> Self {
        Self {
            challenges: self.challenges.as_ref().map(|clause| clause.resolved(env)),
            ..self.clone()
        }
    }
}

impl ChallengeClause {
    /// Holds the expectation against an answer's challenges.
    pub fn check(&self, env: &Env<'_>, sight: Sight<'_>) -> Check {
        let challenges = &sight.answer.challenges;
        if let Some(wanted) = self.well_formed
            && wanted != challenges.is_well_formed()
        {
            let graver = |problem: &&Problem| problem.departure.sender() == Sender::MustNot;
            let observed = match challenges.problems.iter().find(graver) {
                Some(problem) => format!(
                    "{} (line {}, byte {})",
                    problem.what,
                    problem.line + 1,
                    problem.bytes.start
                ),
                None => "well-formed challenges".to_owned(),
            };
            return Check::Breaks(Discrepancy {
                kind: format!("challenges well-formed: {wanted}"),
                expected: "challenges by the grammar of RFC 9110 §11.3".to_owned(),
                observed,
            });
        }
        let named = |problem: &&Problem| self.no_departure.contains(&problem.departure);
        if let Some(problem) = challenges.problems.iter().find(named) {
            return Check::Breaks(Discrepancy {
                kind: format!("departure {}", problem.departure.word()),
                expected: format!(
                    "challenges without this ({}): {}",
                    problem.departure.section(),
                    problem.departure.summary()
                ),
                observed: problem.to_string(),
            });
        }
        let check = match self.check_schemes(env, sight) {
            Check::Holds => self.check_list(env, sight),
            check => check,
        };
        match check {
            // What a broken field says is our reading of it: no ground for an accusation.
            Check::Breaks(_) if challenges.strict().is_none() => {
                Check::Unclear("the challenges do not parse".to_owned())
            }
            check => check,
        }
    }

    fn check_schemes(&self, env: &Env<'_>, sight: Sight<'_>) -> Check {
        let offered = offered(sight);
        let breaks = |kind: &str, expected: String| {
            Check::Breaks(Discrepancy {
                kind: format!("challenges {kind}"),
                expected,
                observed: said(&offered),
            })
        };
        if let Some(some) = self.some
            && some == offered.is_empty()
        {
            return breaks(
                if some { "none at all" } else { "not none" },
                if some {
                    "at least one challenge"
                } else {
                    "no challenge"
                }
                .to_owned(),
            );
        }
        let missing = |set: &SetExpr| {
            set.symbols(env)
                .iter()
                .any(|symbol| !offered.iter().any(|have| **have == **symbol))
        };
        if let Some(set) = &self.exactly {
            let extra = offered.iter().any(|have| !set.has(env, have));
            let kind = match (missing(set), extra) {
                (false, false) => None,
                (true, false) => Some("missing"),
                (false, true) => Some("extra"),
                (true, true) => Some("missing and extra"),
            };
            if let Some(kind) = kind {
                return breaks(kind, format!("exactly {}", said(&set.symbols(env))));
            }
        }
        if let Some(set) = &self.at_least
            && missing(set)
        {
            return breaks("missing", format!("at least {}", said(&set.symbols(env))));
        }
        if let Some(set) = &self.none_of
            && offered.iter().any(|have| set.has(env, have))
        {
            return breaks("extra", format!("none of {}", said(&set.symbols(env))));
        }
        if let Some(set) = &self.in_order {
            let wanted = set.symbols(env);
            let mut rest = offered
                .iter()
                .filter(|have| wanted.iter().any(|w| **w == ***have));
            if !wanted
                .iter()
                .all(|w| rest.next().is_some_and(|have| **have == **w))
            {
                return breaks("order", format!("in this order: {}", said(&wanted)));
            }
        }
        Check::Holds
    }

    /// What is expected of the list of challenges beside which schemes are in it.
    fn check_list(&self, env: &Env<'_>, sight: Sight<'_>) -> Check {
        let list = &sight.answer.challenges.list;
        let breaks = |kind: &str, expected: String, observed: String| {
            Check::Breaks(Discrepancy {
                kind: format!("challenges {kind}"),
                expected,
                observed,
            })
        };
        if let Some(set) = &self.not_bare {
            let bare = |challenge: &&Challenge| {
                let scheme = challenge.scheme.to_ascii_lowercase();
                challenge.params.is_empty() && challenge.token68.is_none() && set.has(env, &scheme)
            };
            if let Some(challenge) = list.iter().find(bare) {
                let expected = "challenges with a parameter".to_owned();
                return breaks("bare", expected, format!("the challenge {challenge}"));
            }
        }
        for (scheme, range) in &self.count {
            let count = list.iter().filter(|challenge| challenge.is(scheme)).count();
            if !range.has(i64::try_from(count).unwrap_or(i64::MAX)) {
                let expected = format!("this many challenges for {scheme}: {range}");
                return breaks("count", expected, format!("{count} of them"));
            }
        }
        for (scheme, name) in &self.distinct {
            let mut seen: Vec<&str> = Vec::new();
            for challenge in list.iter().filter(|challenge| challenge.is(scheme)) {
                let value = challenge.param(name).unwrap_or_default();
                if seen.contains(&value) {
                    let expected = format!("challenges for {scheme} that differ in {name}");
                    return breaks("distinct", expected, format!("two with {name} {value:?}"));
                }
                seen.push(value);
            }
        }
        if let Some(wanted) = self.unique {
            let said: Vec<String> = list.iter().map(ToString::to_string).collect();
            let mut rest = said.iter().enumerate();
            let twice = rest.find(|(at, one)| said.iter().take(*at).any(|other| other == *one));
            if wanted != twice.is_none() {
                let observed = twice.map_or("no challenge twice".to_owned(), |(_, one)| {
                    format!("twice: {one}")
                });
                return breaks("unique", "each challenge once".to_owned(), observed);
            }
        }
        if let Some(wanted) = self.one_per_line {
            let lines = sight
                .answer
                .response
                .fields_named(sight.answer.challenge_field())
                .count();
            if wanted != (list.len() <= lines) {
                let observed = format!("challenges: {}, field lines: {lines}", list.len());
                return breaks("layout", "one challenge a field line".to_owned(), observed);
            }
        }
        Check::Holds
    }

    pub(super) fn resolved(&self, env: &Env<'_>) -> Self {
        let resolve = |set: &Option<SetExpr>| set.as_ref().map(|set| set.resolved(env));
        Self {
            exactly: resolve(&self.exactly),
            at_least: resolve(&self.at_least),
            none_of: resolve(&self.none_of),
            in_order: resolve(&self.in_order),
            not_bare: resolve(&self.not_bare),
            ..self.clone()
        }
    }

    /// Every set that it names.
    pub(super) fn sets(&self) -> impl Iterator<Item = &SetExpr> {
        [
            &self.exactly,
            &self.at_least,
            &self.none_of,
            &self.in_order,
            &self.not_bare,
        ]
        .into_iter()
        .flatten()
    }
}

/// Holds what is expected of auth-params against every challenge that it speaks of.
pub(super) fn check_parameters(
    parameters: &[(Subject, Vec<ParamClause>)],
    sight: Sight<'_>,
) -> Check {
    let challenges = &sight.answer.challenges;
    for (subject, clauses) in parameters {
        for challenge in spoken_of(subject, &challenges.list) {
            let whose = format!("every {} challenge", subject.word());
            let departure = clauses
                .iter()
                .find_map(|clause| clause.departure(&challenge.params, &whose));
            if let Some(mut discrepancy) = departure {
                // What a broken field says is our reading of it: no ground for an accusation.
                let is_count = discrepancy.kind.ends_with(" times");
                if challenges.strict().is_none() && !(is_count && repeats_only(challenges)) {
                    return Check::Unclear("the challenges do not parse".to_owned());
                }
                discrepancy.observed = format!("{} in {challenge}", discrepancy.observed);
                return Check::Breaks(discrepancy);
            }
        }
    }
    Check::Holds
}

/// Whether nothing is unclear of the challenges but which of two equal names counts: how often a name
/// stands there is plain even so.
fn repeats_only(challenges: &Challenges) -> bool {
    challenges.problems.iter().all(|problem| {
        problem.departure == Departure::DuplicateParameter
            || problem.departure.recipient() == Recipient::MustCope
    })
}

/// Whether some challenge fits all that is said of a subject, for each subject.
pub(super) fn some_fit(parameters: &[(Subject, Vec<ParamClause>)], sight: Sight<'_>) -> bool {
    let list = &sight.answer.challenges.list;
    parameters.iter().all(|(subject, clauses)| {
        spoken_of(subject, list).any(|challenge| {
            clauses.iter().all(|clause| {
                let is_there = challenge.params_named(&clause.name).next().is_some();
                (is_there || clause.present == Some(false))
                    && clause.departure(&challenge.params, "it").is_none()
            })
        })
    })
}

fn spoken_of<'a>(
    subject: &'a Subject,
    list: &'a [Challenge],
) -> impl Iterator<Item = &'a Challenge> {
    list.iter().filter(move |challenge| match subject {
        Subject::Any => true,
        Subject::Scheme(scheme) => challenge.is(scheme),
    })
}

/// Holds what is expected of header fields against the final answer.
pub(super) fn check_headers(headers: &[(String, HeaderClause)], sight: Sight<'_>) -> Check {
    for (name, wanted) in headers {
        let lines: Vec<String> = sight
            .answer
            .response
            .fields_named(name)
            .map(|value| String::from_utf8_lossy(value).into_owned())
            .collect();
        let (holds, expected) = match wanted {
            HeaderClause::Present(true) => (!lines.is_empty(), format!("a field {name}")),
            HeaderClause::Present(false) => (lines.is_empty(), format!("no field {name}")),
            HeaderClause::Is(value) => (lines.contains(value), format!("{name}: {value}")),
            HeaderClause::Fits(fit) => fit.check(name, &lines),
        };
        if !holds {
            let observed = match lines.as_slice() {
                [] => format!("no field {name}"),
                lines => format!("{name}: {}", lines.join(" | ")),
            };
            return Check::Breaks(Discrepancy {
                kind: format!("header {name}"),
                expected,
                observed,
            });
        }
    }
    Check::Holds
}

impl HeaderFit {
    /// Whether the lines fit, and what is expected of them in words.
    fn check(&self, name: &str, lines: &[String]) -> (bool, String) {
        if let Some(range) = self.lines
            && !range.has(i64::try_from(lines.len()).unwrap_or(i64::MAX))
        {
            return (false, format!("this many lines of {name}: {range}"));
        }
        if lines.is_empty() {
            return (true, String::new());
        }
        let member = |wanted: &String| {
            lines.iter().flat_map(|line| line.split(',')).any(|member| {
                let end = member.find(['=', ';']).unwrap_or(member.len());
                let word = member.get(..end).unwrap_or_default();
                word.trim().eq_ignore_ascii_case(wanted)
            })
        };
        if let Some(missing) = self.has.iter().find(|wanted| !member(wanted)) {
            return (false, format!("{name} with {missing}"));
        }
        if !self.has_one_of.is_empty() && !self.has_one_of.iter().any(member) {
            return (
                false,
                format!("{name} with {}", self.has_one_of.join(" or ")),
            );
        }
        match self.has_none_of.iter().find(|unwanted| member(unwanted)) {
            Some(unwanted) => (false, format!("{name} without {unwanted}")),
            None => (true, String::new()),
        }
    }
}

/// The distinct schemes of the final answer's challenges, in lower case and in order.
pub(super) fn offered(sight: Sight<'_>) -> Vec<String> {
    let mut schemes: Vec<String> = Vec::new();
    for challenge in &sight.answer.challenges.list {
        let scheme = challenge.scheme.to_ascii_lowercase();
        if !schemes.contains(&scheme) {
            schemes.push(scheme);
        }
    }
    schemes
}

/// Schemes in words: `challenges for basic and bearer`.
pub(super) fn said<S: AsRef<str>>(schemes: &[S]) -> String {
    let words: Vec<&str> = schemes.iter().map(AsRef::as_ref).collect();
    match words.split_last() {
        None => "no challenge".to_owned(),
        Some((only, [])) => format!("a challenge for {only}"),
        Some((last, rest)) => format!("challenges for {} and {last}", rest.join(", ")),
    }
}

fn times(count: usize) -> String {
    match count {
        0 => "never".to_owned(),
        1 => "once".to_owned(),
        count => format!("{count} times"),
    }
}

fn contains(bytes: &[u8], wanted: &[u8]) -> bool {
    wanted.is_empty() || bytes.windows(wanted.len()).any(|window| window == wanted)
}

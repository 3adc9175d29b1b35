//! What is expected of the audit log: how many events there are of an attempt, whatever their names, and what each of
//! them says.

use crate::auth::split_authorization;
use crate::credentials::read_basic;
use crate::observation::{Exchange, LoggedEvent};
use crate::wire::Mask;

use super::check::{Check, Discrepancy};
use super::flaw::{Flaw, LogFlaw};
use super::observation::Observation;
use super::range::{Range, times};
use super::reached::ANY_TIMES;
use super::term::{Env, SetExpr};

/// What is said of the audit events of the last ask.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct LogFit {
    /// How many there are.
    pub times: Range,
    /// Whose log-in each of them names.
    pub user: Option<String>,
    /// The auth-schemes of which each of them names one.
    pub scheme: Option<SetExpr>,
    /// The policies of which each of them names one, as the one that decided.
    pub policy: Option<SetExpr>,
    /// Whether the secrets that the client sent stand in none of them.
    pub withholds_secrets: bool,
}

impl Default for LogFit {
    /// Any number of events, whatever they say.
    fn default() -> Self {
        Self {
            times: ANY_TIMES,
            user: None,
            scheme: None,
            policy: None,
            withholds_secrets: false,
        }
    }
}

/// The shortest password that is looked for in a log: a shorter one stands in any text by chance.
const SHORTEST_PASSWORD: usize = 6;

impl LogFit {
    /// Whether it says nothing of what was seen: of each event where there was none.
    pub(super) fn is_idle(&self, observation: Observation<'_>) -> bool {
        self.times == ANY_TIMES && observation.events.is_some_and(<[LoggedEvent]>::is_empty)
    }

    /// Holds it against what was logged.
    pub(super) fn check(&self, env: &Env<'_>, observation: Observation<'_>) -> Check {
        let Some(events) = observation.events else {
            return Check::Unclear("the implementation hands over no audit events".to_owned());
        };
        let breaks = |flaw: LogFlaw, expected, observed| {
            Check::Breaks(Discrepancy {
                kind: Flaw::Log(flaw).of_case(),
                expected,
                observed,
            })
        };
        let count = i64::try_from(events.len()).unwrap_or(i64::MAX);
        if !self.times.has(count) {
            let flaw = match count > self.times.max {
                true => LogFlaw::TooMany,
                false => LogFlaw::TooFew,
            };
            let expected = format!("an event logged {}", self.times.of_times());
            let names: Vec<&str> = events.iter().map(|event| event.name.as_str()).collect();
            let observed = match names.as_slice() {
                [] => "no event logged".to_owned(),
                names => format!("logged {}: {}", times(count), names.join(", ")),
            };
            return breaks(flaw, expected, observed);
        }
        let user = self.user.as_deref();
        if let Some(wanted) = user
            && let Some(other) =
                other_than(events, |event| event.user.as_deref(), |is| is == wanted)
        {
            let expected = format!("the log names {wanted}");
            return breaks(LogFlaw::User, expected, format!("it names {other}"));
        }
        let named = [
            (&self.scheme, LogFlaw::Scheme, scheme_of as LoggedName),
            (&self.policy, LogFlaw::Policy, policy_of as LoggedName),
        ];
        for (wanted, flaw, said) in &named {
            let Some(wanted) = wanted else {
                continue;
            };
            if let Some(other) = other_than(events, said, |is| wanted.has(env, is)) {
                let wanted: Vec<String> = (wanted.symbols(env).iter())
                    .map(ToString::to_string)
                    .collect();
                let wanted = wanted.join(" or ");
                let expected = format!("the log names the {} {wanted}", flaw.word());
                return breaks(*flaw, expected, format!("it names {other}"));
            }
        }
        if self.withholds_secrets {
            let texts = events.iter().filter_map(|event| event.text.as_deref());
            let secrets = SentSecrets::of(observation.exchanges);
            if texts.into_iter().any(|text| secrets.stand_in(text)) {
                let expected = "no secret of the client in the log".to_owned();
                return breaks(LogFlaw::Secret, expected, "it says one".to_owned());
            }
        }
        let silent = |asked: bool, said: &dyn Fn(&LoggedEvent) -> bool| {
            asked && events.iter().any(|event| !said(event))
        };
        let untold = [
            (
                silent(user.is_some(), &|event| event.user.is_some()),
                "whose log-in it was",
            ),
            (
                silent(self.scheme.is_some(), &|event| event.scheme.is_some()),
                "the auth-scheme",
            ),
            (
                silent(self.policy.is_some(), &|event| event.policy.is_some()),
                "the policy",
            ),
            (
                silent(self.withholds_secrets, &|event| event.text.is_some()),
                "its whole text",
            ),
        ];
        match untold.iter().find(|(is, _)| *is) {
            Some((_, what)) => Check::Unclear(format!("an event does not tell {what}")),
            None => Check::Holds,
        }
    }

    /// The same with every set written out for one case.
    pub(super) fn resolved(&self, env: &Env<'_>) -> Self {
        let resolve = |set: &Option<SetExpr>| set.as_ref().map(|set| set.resolved(env));
        Self {
            scheme: resolve(&self.scheme),
            policy: resolve(&self.policy),
            ..self.clone()
        }
    }
}

/// What an event names, where it does.
type LoggedName = fn(&LoggedEvent) -> Option<&str>;

fn scheme_of(event: &LoggedEvent) -> Option<&str> {
    event.scheme.as_deref()
}

fn policy_of(event: &LoggedEvent) -> Option<&str> {
    event.policy.as_deref()
}

/// The first thing that an event names and that is not wanted.
fn other_than<'e>(
    events: &'e [LoggedEvent],
    said: impl Fn(&'e LoggedEvent) -> Option<&'e str>,
    wanted: impl Fn(&str) -> bool,
) -> Option<&'e str> {
    events.iter().filter_map(said).find(|is| !wanted(is))
}

/// What a client sent that nobody else is to know.
struct SentSecrets {
    /// Credentials as they were sent.
    sent: Mask,
    /// Passwords out of them.
    passwords: Vec<String>,
}

impl SentSecrets {
    fn of(exchanges: &[Exchange]) -> Self {
        let mut sent = Mask::default();
        let mut passwords = Vec::new();
        for exchange in exchanges {
            let request = &exchange.request;
            sent.target(&request.path);
            for field in &request.fields {
                let value = String::from_utf8_lossy(&field.value);
                sent.field(&format!("{}: {value}", field.name));
                let password = split_authorization(&field.value)
                    .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("basic"))
                    .and_then(|(_, secret)| read_basic(secret))
                    .map(|(_, password)| password);
                passwords.extend(password.filter(|one| one.len() >= SHORTEST_PASSWORD));
            }
        }
        Self { sent, passwords }
    }

    fn stand_in(&self, text: &str) -> bool {
        self.sent.hide(text) != text || self.passwords.iter().any(|one| text.contains(one))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::domain::{Case, Conversation, Setting, Symbol, Value};
    use crate::observation::{Answer, Outcome};
    use crate::spec::term::Element;
    use crate::wire::{FieldLine, Request};

    fn event(text: &str) -> LoggedEvent {
        LoggedEvent {
            user: Some("alice".to_owned()),
            scheme: Some("basic".to_owned()),
            policy: Some("api".to_owned()),
            text: Some(text.to_owned()),
            ..LoggedEvent::named("LOGIN_SUCCESS")
        }
    }

    /// What becomes of a fit where a client sent these credentials and this was logged.
    fn of(fit: &LogFit, authorization: &str, events: Option<&[LoggedEvent]>) -> Check {
        let answer = Arc::new(Answer::missing());
        let exchanges = [Exchange {
            request: Arc::new(Request {
                content: Default::default(),
                method: "GET".to_owned(),
                path: "/resource?access_token=token-in-query".to_owned(),
                fields: vec![FieldLine {
                    name: "authorization".to_owned(),
                    value: authorization.as_bytes().to_vec(),
                }],
            }),
            answer: Arc::clone(&answer),
            base: "http://127.0.0.1:9/s0".into(),
        }];
        let mut observation = Observation::of(Outcome::Accepted, &answer, events);
        observation.exchanges = &exchanges;
        let empty = || Value::Record(Vec::new());
        let setting = Setting {
            policy: empty(),
            instance: empty(),
        };
        let conversation = Conversation {
            course: Value::List(Vec::new()),
            client: empty(),
        };
        let case = Case::of(setting, conversation);
        fit.check(&Env::seen(&case, &[], observation), observation)
    }

    fn flaw(check: &Check) -> Option<String> {
        match check {
            Check::Breaks(discrepancy) => Some(discrepancy.kind.to_string()),
            Check::Holds | Check::Unclear(_) => None,
        }
    }

    fn one_of(word: &str) -> Option<SetExpr> {
        let element = Element::Symbol(Symbol::from(word));
        Some(SetExpr::Elements(vec![element]))
    }

    const ALICE: &str = "Basic YWxpY2U6b3Blbi1zZXNhbWU=";

    #[test]
    fn each_event_is_held_to_what_is_said_of_all() {
        let fit = |change: &dyn Fn(&mut LogFit)| {
            let mut fit = LogFit::default();
            change(&mut fit);
            fit
        };
        let once = fit(&|fit| fit.times = Range::only(1));
        let alice = fit(&|fit| fit.user = Some("alice".to_owned()));
        let bob = fit(&|fit| fit.user = Some("bob".to_owned()));
        let bearer = fit(&|fit| fit.scheme = one_of("bearer"));
        let global = fit(&|fit| fit.policy = one_of("global"));
        let one = [event("x")];
        let two = [event("x"), event("x")];
        for (fit, events, expected) in [
            (&once, &one[..], None),
            (&once, &two[..], Some("log too many")),
            (&once, &[], Some("log too few")),
            (&alice, &two, None),
            (&bob, &one, Some("log user")),
            (&bearer, &one, Some("log scheme")),
            (&global, &one, Some("log policy")),
            (&bob, &[], None),
        ] {
            let check = of(fit, ALICE, Some(events));
            assert_eq!(flaw(&check).as_deref(), expected, "{fit} {events:?}");
        }
        for fit in [&once, &alice, &bearer, &global] {
            assert!(matches!(of(fit, ALICE, None), Check::Unclear(_)));
        }
        let silent = [LoggedEvent::named("LOGIN_SUCCESS")];
        for fit in [&bob, &bearer, &global] {
            assert!(matches!(of(fit, ALICE, Some(&silent)), Check::Unclear(_)));
        }
    }

    #[test]
    fn a_secret_is_found_as_it_was_sent_and_as_it_was_meant() {
        let fit = LogFit {
            withholds_secrets: true,
            ..LogFit::default()
        };
        for (authorization, text, is_told) in [
            (ALICE, "alice was let in", false),
            (ALICE, "alice was let in by YWxpY2U6b3Blbi1zZXNhbWU=", true),
            (ALICE, "alice was let in with open-sesame", true),
            (ALICE, "GET /resource?access_token=token-in-query", true),
            ("Basic YTpi", "a was let in with b", false),
            ("Bearer alice-token-valid", "by alice-token-valid", true),
            ("Bearer alice-token-valid", "by Bearer", false),
        ] {
            let check = of(&fit, authorization, Some(&[event(text)]));
            assert_eq!(flaw(&check).is_some(), is_told, "{authorization} {text}");
        }
        let silent = [LoggedEvent::named("LOGIN_SUCCESS")];
        assert!(matches!(of(&fit, ALICE, Some(&silent)), Check::Unclear(_)));
    }
}

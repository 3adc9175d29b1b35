//! What comes of a request before the platform looks at its credentials and behind that: the global blocking policy, the
//! auth scope that a token must have, the access control of the API.
//!
//! | configured | request | answer |
//! |---|---|---|
//! | a block | any | the status that is configured for it, 403 or 404 (*Configure adaptive authentication properties*) |
//! | an auth scope, checked | a good token without it | 403 (*REST API scope troubleshooting*) |
//! | an auth scope, checked | a good password | as without |
//! | an access control that denies | good credentials | 403 |
//! | any of these but a block | anything else | 401, as without |
//! | a condition that is not true | good credentials | 401, as bad ones |
//! | session cookies | one of an earlier log-in, and no credentials | as a good password (*REST API scope troubleshooting*) |

use std::net::IpAddr;

use hyper::StatusCode;
use hyper::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue, WWW_AUTHENTICATE};

use super::condition::Condition;
use super::decision::Decision;
use super::fault::Fault;
use super::login::{Login, Why, failed};
use super::policy::flag;
use super::seeded::Faults;
use super::session;
use crate::credentials::{Identity, Scheme};
use crate::domain::Value;

/// What a policy and an instance record say of it.
#[derive(Clone, Debug, Default)]
struct OutcomeFields {
    /// The scope that a token must have, where it must have one.
    scope: Option<String>,
    /// Whether that is checked.
    checks: bool,
    /// Whether the access control of the API denies.
    denies: bool,
    /// What is answered to whoever is blocked, where everybody is.
    block: Option<StatusCode>,
    /// Whether a log-in begins a session.
    sessions: bool,
    /// The condition of the profiles.
    condition: Condition,
}

/// What is said of it now, and what was said when it was installed.
#[derive(Debug)]
pub(super) struct Outcomes {
    now: OutcomeFields,
    at_first: OutcomeFields,
}

impl OutcomeFields {
    fn read(policy: &Value, instance: &Value) -> Self {
        let word = |record: &Value, name| {
            record
                .field(name)
                .and_then(Value::as_symbol)
                .map(str::to_owned)
        };
        let scope = word(policy, "required_scope");
        Self {
            scope: scope.filter(|scope| scope != "none"),
            checks: flag(instance, "check_scopes", true),
            denies: flag(policy, "access_control", false),
            block: match word(instance, "blocking").as_deref() {
                Some("forbidden") => Some(StatusCode::FORBIDDEN),
                Some("not-found") => Some(StatusCode::NOT_FOUND),
                _ => None,
            },
            sessions: flag(instance, "session_cookies", false),
            condition: Condition::of(policy),
        }
    }
}

impl Outcomes {
    /// What a policy and an instance record say of it that are installed. Fields that are not there have the platform's
    /// defaults.
    pub(super) fn of(policy: &Value, instance: &Value) -> Self {
        let now = OutcomeFields::read(policy, instance);
        Self {
            at_first: now.clone(),
            now,
        }
    }

    /// The same behind an edit that came to these records.
    pub(super) fn edited(&self, policy: &Value, instance: &Value) -> Self {
        Self {
            now: OutcomeFields::read(policy, instance),
            at_first: self.at_first.clone(),
        }
    }

    /// What counts: what is said now, save where a fault has it that an edit is not noticed.
    fn said(&self, unnoticed: Fault, faults: &Faults) -> &OutcomeFields {
        match faults.has(unnoticed) {
            true => &self.at_first,
            false => &self.now,
        }
    }

    /// What is decided whatever the policies say.
    pub(super) fn before(&self, login: &Login, faults: &Faults) -> Option<Decision> {
        if let Some(status) = self.said(Fault::BlockEditUnnoticed, faults).block {
            let is_let_in = match login {
                Login::Succeeded { .. } => faults.has(Fault::BlockedLetIn),
                Login::Anonymous => faults.has(Fault::BlockedStrangersLetIn),
                Login::Failed { .. } => false,
            };
            return Some(if is_let_in {
                Decision::bare(StatusCode::OK)
            } else if faults.has(Fault::BlockAlwaysForbids) {
                Decision::bare(StatusCode::FORBIDDEN)
            } else {
                Decision::bare(status)
            });
        }
        let denies = self.said(Fault::AccessControlEditUnnoticed, faults).denies;
        (denies && faults.has(Fault::AccessControlFirst)).then(denied)
    }

    /// A log-in from an address as it is taken where its profile has a condition.
    pub(super) fn conditioned(
        &self,
        login: Login,
        from: IpAddr,
        identities: &[Identity],
        faults: &Faults,
    ) -> Login {
        let Login::Succeeded {
            user: name, scheme, ..
        } = &login
        else {
            return login;
        };
        let mut known = identities.iter();
        let user = known.find(|one| Some(&one.user) == name.as_ref());
        let condition = self.said(Fault::ConditionEditUnnoticed, faults).condition;
        match condition.is_met(user, from, faults) {
            true => login,
            false => failed(name.clone(), Some(*scheme), Why::NotAccepted),
        }
    }

    /// What is decided on a request in a session of one of these, whatever the policies say: no document has them speak of
    /// sessions.
    pub(super) fn in_session(
        &self,
        headers: &HeaderMap,
        identities: &[Identity],
        faults: &Faults,
    ) -> Option<Decision> {
        if !self.now.sessions || headers.contains_key(AUTHORIZATION) {
            return None;
        }
        let user = session::user_of(headers)?;
        let mut known = identities.iter();
        known.find(|identity| identity.enabled && identity.user == user)?;
        if let Some(decision) = self.before(&Login::Anonymous, faults) {
            return Some(decision);
        }
        if self.said(Fault::AccessControlEditUnnoticed, faults).denies {
            return Some(denied());
        }
        let is_scoped = self.scope(faults).is_some() && faults.has(Fault::SessionScoped);
        Some(match is_scoped {
            true => unscoped(faults),
            false => Decision::bare(StatusCode::OK),
        })
    }

    /// What becomes of a decision of the policies.
    pub(super) fn behind(&self, login: &Login, decision: Decision, faults: &Faults) -> Decision {
        let mut decision = self.limited(login, decision, faults);
        let begins = match login {
            Login::Succeeded { .. } => decision.status.is_success(),
            Login::Failed { .. } => faults.has(Fault::RefusedLogInBeginsSession),
            Login::Anonymous => false,
        };
        if let Login::Succeeded { user, .. } | Login::Failed { user, .. } = login
            && self.now.sessions
        {
            let user = user.as_deref().filter(|_| begins);
            decision.fields.push(session::begun(user));
        }
        decision
    }

    /// A decision of the policies as a scope and the access control limit it.
    fn limited(&self, login: &Login, mut decision: Decision, faults: &Faults) -> Decision {
        let scope = self.scope(faults);
        if decision.status == StatusCode::UNAUTHORIZED {
            if faults.has(Fault::RefusalUnworded) {
                decision.content = Some(r#"{"error":"unauthorized"}"#.to_owned());
            }
            if scope.is_some() && faults.has(Fault::AuthScopeNamesBearerOnly) {
                decision.fields = vec![bearer()];
            }
        }
        let Login::Succeeded { scheme, scopes, .. } = login else {
            return decision;
        };
        if !decision.status.is_success() {
            return decision;
        }
        let lacks = scope.is_some_and(|scope| match scheme {
            Scheme::Bearer if faults.has(Fault::AuthScopeShutsTokensOut) => true,
            Scheme::Bearer => {
                !faults.has(Fault::AuthScopeUnchecked) && !scopes.iter().any(|one| one == scope)
            }
            Scheme::Certificate => faults.has(Fault::CertificateNeedsScope),
            _ => faults.has(Fault::PasswordNeedsScope),
        });
        if lacks && faults.has(Fault::AuthScopeUnauthorized) {
            return Decision {
                status: StatusCode::UNAUTHORIZED,
                fields: vec![bearer()],
                content: None,
            };
        }
        if lacks {
            return unscoped(faults);
        }
        let denies = self.said(Fault::AccessControlEditUnnoticed, faults).denies;
        match denies && !faults.has(Fault::AccessControlPassedOver) {
            true => denied(),
            false => decision,
        }
    }

    /// The scope that a token must have, where it is looked for.
    fn scope(&self, faults: &Faults) -> Option<&str> {
        let said = self.said(Fault::AuthScopeEditUnnoticed, faults);
        let checks = self.now.checks || faults.has(Fault::AuthScopeSwitchIgnored);
        said.scope.as_deref().filter(|_| checks)
    }
}

/// The refusal of a token that lacks the scope.
fn unscoped(faults: &Faults) -> Decision {
    if faults.has(Fault::AuthScopeUnnamed) {
        return Decision::bare(StatusCode::FORBIDDEN);
    }
    forbidden("User Not Authorized", "Missing required api access scope")
}

/// The refusal of the access control.
fn denied() -> Decision {
    forbidden("User Not Authorized", "Failed API level ACL Validation")
}

fn forbidden(message: &str, detail: &str) -> Decision {
    let content =
        format!(r#"{{"error":{{"message":"{message}","detail":"{detail}"}},"status":"failure"}}"#);
    Decision {
        content: Some(content),
        ..Decision::bare(StatusCode::FORBIDDEN)
    }
}

/// The challenge for a token alone.
fn bearer() -> (HeaderName, HeaderValue) {
    let line = HeaderValue::from_static("BEARER realm=\"Service-now\"");
    (WWW_AUTHENTICATE, line)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference::login::succeeded;
    use hyper::header::{COOKIE, SET_COOKIE};

    fn records(scope: &str, denies: bool, checks: bool, blocking: &str) -> [Value; 2] {
        let policy = [
            ("required_scope", Value::symbol(scope)),
            ("access_control", Value::Bool(denies)),
        ];
        let instance = [
            ("check_scopes", Value::Bool(checks)),
            ("blocking", Value::symbol(blocking)),
            ("session_cookies", Value::Bool(true)),
        ];
        [Value::record(policy), Value::record(instance)]
    }

    fn token(scopes: &[&str]) -> Login {
        Login::Succeeded {
            user: None,
            scheme: Scheme::Bearer,
            scopes: scopes.iter().map(|scope| (*scope).to_owned()).collect(),
            info: Vec::new(),
        }
    }

    /// What each of these is answered: nobody, a bad password, a good one, a token without the scope and one with it, and
    /// a session of somebody who may log in.
    fn answers(outcomes: &Outcomes, faults: &Faults) -> [Decision; 6] {
        let basic = Scheme::Basic;
        let logins = [
            Login::Anonymous,
            failed(Some("alice".to_owned()), Some(basic), Why::Wrong),
            succeeded(Some("alice".to_owned()), basic),
            token(&["read"]),
            token(&["read", "write"]),
        ];
        let [nobody, bad, good, unscoped, scoped] = logins.map(|login| {
            let here = IpAddr::from([127, 0, 0, 1]);
            let login = outcomes.conditioned(login, here, &[Identity::alice()], faults);
            outcomes.before(&login, faults).unwrap_or_else(|| {
                let status = match login {
                    Login::Succeeded { .. } => StatusCode::OK,
                    _ => StatusCode::UNAUTHORIZED,
                };
                outcomes.behind(&login, Decision::bare(status), faults)
            })
        });
        let session =
            HeaderMap::from_iter([(COOKIE, HeaderValue::from_static("session=of-alice"))]);
        let session = outcomes.in_session(&session, &[Identity::alice()], faults);
        [nobody, bad, good, unscoped, scoped, session.unwrap()]
    }

    fn statuses(records: &[Value; 2]) -> [u16; 6] {
        let outcomes = Outcomes::of(&records[0], &records[1]);
        answers(&outcomes, &Faults::default()).map(|decision| decision.status.as_u16())
    }

    #[test]
    fn who_is_known_is_let_in_by_scope_and_access_control_unless_everybody_is_blocked() {
        for (records, wanted) in [
            (
                records("none", false, true, "none"),
                [401, 401, 200, 200, 200, 200],
            ),
            (
                records("write", false, true, "none"),
                [401, 401, 200, 403, 200, 200],
            ),
            (
                records("write", false, false, "none"),
                [401, 401, 200, 200, 200, 200],
            ),
            (
                records("write", true, true, "none"),
                [401, 401, 403, 403, 403, 403],
            ),
            (
                records("write", true, true, "forbidden"),
                [403, 403, 403, 403, 403, 403],
            ),
            (
                records("none", false, true, "not-found"),
                [404, 404, 404, 404, 404, 404],
            ),
        ] {
            assert_eq!(statuses(&records), wanted, "{records:?}");
        }
    }

    #[test]
    fn a_session_begins_by_a_log_in_and_is_nothing_beside_credentials_or_for_who_may_not_log_in() {
        let faults = Faults::default();
        let [policy, instance] = records("none", false, true, "none");
        let outcomes = Outcomes::of(&policy, &instance);
        let begun = |login: Login, status| {
            let decision = outcomes.behind(&login, Decision::bare(status), &faults);
            let set = decision
                .fields
                .into_iter()
                .find(|(name, _)| name == SET_COOKIE);
            set.unwrap().1
        };
        let of_alice = || succeeded(Some("alice".to_owned()), Scheme::Basic);
        assert_eq!(
            begun(of_alice(), StatusCode::OK),
            "session=of-alice; Path=/; HttpOnly"
        );
        assert_eq!(
            begun(of_alice(), StatusCode::FORBIDDEN),
            "session=of; Path=/; HttpOnly"
        );
        let bad = failed(Some("alice".to_owned()), Some(Scheme::Basic), Why::Wrong);
        assert_eq!(
            begun(bad, StatusCode::UNAUTHORIZED),
            "session=of; Path=/; HttpOnly"
        );
        let lets_in = |outcomes: &Outcomes, fields: &[(HeaderName, &'static str)]| {
            let fields = fields
                .iter()
                .map(|(name, value)| (name.clone(), HeaderValue::from_static(value)));
            outcomes
                .in_session(&fields.collect(), &[Identity::alice()], &faults)
                .is_some()
        };
        let cookie = |value| (COOKIE, value);
        assert!(lets_in(&outcomes, &[cookie("a=1; session=of-alice")]));
        assert!(!lets_in(&outcomes, &[cookie("session=of-mallory")]));
        assert!(!lets_in(
            &outcomes,
            &[cookie("session=of-alice"), (AUTHORIZATION, "Basic x")]
        ));
        let [policy, _] = records("none", false, true, "none");
        let without = Outcomes::of(&policy, &Value::record([]));
        assert!(!lets_in(&without, &[cookie("session=of-alice")]));
    }

    #[test]
    fn every_fault_of_it_changes_something_and_no_two_change_the_same() {
        let all = [
            records("none", false, true, "none"),
            records("write", false, true, "none"),
            records("write", false, false, "none"),
            records("none", true, true, "none"),
            records("write", true, true, "none"),
            records("none", false, true, "forbidden"),
            records("none", false, true, "not-found"),
            [
                Value::record([("condition", Value::symbol("never"))]),
                Value::record([("session_cookies", Value::Bool(true))]),
            ],
        ];
        let behaviour = |faults: &[Fault]| -> Vec<[Decision; 6]> {
            let faults = Faults::new(faults);
            let installed = all.iter();
            let installed = installed.map(|[policy, instance]| Outcomes::of(policy, instance));
            // Each of them come to by an edit of the one before.
            let edits = all.iter().zip(all.iter().skip(1));
            let edited =
                edits.map(|(from, to)| Outcomes::of(&from[0], &from[1]).edited(&to[0], &to[1]));
            let outcomes = installed.chain(edited);
            outcomes.map(|one| answers(&one, &faults)).collect()
        };
        let mut behaviours = vec![("no fault", behaviour(&[]))];
        // What is wrong with the log changes no answer.
        let of_the_log = |fault: &Fault| {
            let mut words = ["failure-", "log-"].into_iter();
            words.any(|word| fault.name().starts_with(word))
        };
        // And what is wrong with conditions shows where there are some (`condition.rs`).
        let of_conditions = |fault: &Fault| {
            let mut words = [
                "address-",
                "role-",
                "group-",
                "conditions-",
                "condition-shuts",
            ]
            .into_iter();
            words.any(|word| fault.name().starts_with(word))
        };
        let of_the_pack = |fault: &&Fault| {
            fault.pack() == "api-access-outcome" && !of_the_log(fault) && !of_conditions(fault)
        };
        for fault in Fault::ALL.iter().filter(of_the_pack) {
            let seen = behaviour(&[*fault]);
            for (name, other) in &behaviours {
                assert!(seen != *other, "{fault} behaves like {name}");
            }
            behaviours.push((fault.name(), seen));
        }
        assert!(behaviours.len() > 10);
    }
}

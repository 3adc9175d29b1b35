//! Expectations that speak of what never comes to pass, whatever the answers are: of a second request of clients
//! that send one, of earlier asks where nobody asked before, of requests to the backend of whoever is
//! not let in.

use crate::domain::{Case, Step, Value, steps_of, with_fields};
use crate::yaml::Diagnostic;

use super::aspect::WhichRequest;
use super::clause::Clause;
use super::fit::{OutcomeFit, StatusFit, has, would_fit};
use super::model::{Demand, Rule, Spec};
use super::predicate::Predicate;

/// What never comes to pass in the cases that were looked at so far.
#[derive(Clone, Copy, Debug)]
struct Missing {
    second: bool,
    earlier: bool,
    /// Whether there was a case at all.
    looked: bool,
}

/// The rules that speak of what has not come to pass yet.
pub(super) struct Idle {
    rules: Vec<(usize, Missing)>,
}

impl Idle {
    pub(super) fn of(spec: &Spec) -> Self {
        let rules = spec.rules.iter().enumerate();
        let rules = rules.filter_map(|(place, rule)| {
            let exchange = &expected(rule)?.exchange;
            let missing = Missing {
                second: exchange
                    .requests
                    .iter()
                    .any(|(which, _)| *which == WhichRequest::Second),
                earlier: !exchange.alike.is_empty(),
                looked: false,
            };
            (missing.second || missing.earlier).then_some((place, missing))
        });
        Self {
            rules: rules.collect(),
        }
    }

    /// The rules of which something is still to be learnt.
    pub(super) fn open(&self) -> Vec<usize> {
        let open = self.rules.iter();
        let open = open.filter(|(_, missing)| missing.second || missing.earlier);
        open.map(|(place, _)| *place).collect()
    }

    /// Learns from a case of which a rule expects something.
    pub(super) fn look(&mut self, rule: usize, case: &Case) {
        let found = self.rules.iter_mut().find(|(place, _)| *place == rule);
        if let Some((_, missing)) = found {
            missing.second &= !may_ask_twice(&case.client);
            missing.earlier &= !asked_before(case);
            missing.looked = true;
        }
    }

    /// What is said of those that speak of nothing.
    pub(super) fn told(&self, spec: &Spec) -> Vec<Diagnostic> {
        // Whoever never applies is told of that alone.
        let looked = self.rules.iter().filter(|(_, missing)| missing.looked);
        let of_requests = looked.filter_map(|(place, missing)| {
            let rule = spec.rules.get(*place)?;
            match (missing.second, missing.earlier) {
                (true, _) => Some(Diagnostic::warning(
                    rule.span,
                    format!(
                        "the rule `{}` speaks of a second request, and no client that it applies to sends one",
                        rule.id
                    ),
                    "have it apply to clients that wait for a challenge, such as `when: {client.persona: \
                     challenge-driven, client.credential: valid}`",
                )),
                (false, true) => Some(Diagnostic::warning(
                    rule.span,
                    format!(
                        "the rule `{}` compares asks, and in no case that it applies to the same client asked before",
                        rule.id
                    ),
                    "hold it against a case that goes on: `relate: {then: [{ask: {}}], expect: {asks: …}}`",
                )),
                (false, false) => None,
            }
        });
        let of_backend = spec.rules.iter().filter(|rule| is_kept_from_backend(rule));
        let of_backend = of_backend.map(|rule| {
            Diagnostic::warning(
                rule.span,
                format!(
                    "the rule `{}` speaks of requests to the backend of whoever is not let in, and there are to be none",
                    rule.id
                ),
                "write `backend: {times: 0}`, or have it apply with `when: {outcome: accepted}`",
            )
        });
        of_requests.chain(of_backend).collect()
    }
}

/// What a rule expects, of the case or of its sibling.
fn expected(rule: &Rule) -> Option<&Clause> {
    match &rule.demand {
        Demand::Expect(clause) => Some(clause),
        Demand::Relate(relation) => relation.expect.as_ref(),
        Demand::Unseen => None,
    }
}

/// Whether a client may send more than one request; in doubt it may.
fn may_ask_twice(client: &Value) -> bool {
    let word = |field: &str, usual: &'static str| match client.field(field) {
        Some(value) => value.as_symbol().unwrap_or_default().to_owned(),
        None => usual.to_owned(),
    };
    let asks_first = ["preflight", "cross-origin"].contains(&word("method", "get").as_str());
    let at_once = word("persona", "preemptive") == "preemptive"
        && ["basic", "bearer", "api-key", "hmac"].contains(&word("scheme", "basic").as_str());
    asks_first || !(at_once || word("credential", "valid") == "none")
}

/// Whether the client of a case asked before.
fn asked_before(case: &Case) -> bool {
    let steps = steps_of(&case.course).unwrap_or_default();
    steps.iter().any(|step| match step {
        Step::Ask { with, .. } => with_fields(&case.client, with) == case.client,
        // Who asks beside others asks several times.
        Step::Beside { .. } => true,
        Step::Edit(_) | Step::Wait(_) => false,
    })
}

/// Whether a rule speaks of each request to the backend, and of nobody who is let in.
fn is_kept_from_backend(rule: &Rule) -> bool {
    let (clause, when) = match &rule.demand {
        Demand::Expect(clause) => (&**clause, &rule.when),
        Demand::Relate(relation) => match &relation.expect {
            Some(clause) => (clause, &relation.when),
            None => return false,
        },
        Demand::Unseen => return false,
    };
    let Some(backend) = &clause.exchange.backend else {
        return false;
    };
    let of_each = backend.is_of_each();
    let all_statuses = 200..300;
    let is_let_in = all_statuses
        .into_iter()
        .any(|status| would_fit(&clause.outcome, &clause.status, status) && may_be(when, status));
    of_each && !is_let_in
}

/// Whether a condition may hold of an answer with this status.
fn may_be(when: &Predicate, status: u16) -> bool {
    match when {
        Predicate::All(all) => all.iter().all(|part| may_be(part, status)),
        Predicate::Outcome(words) => {
            let fit = OutcomeFit {
                words: words.clone(),
                not: false,
            };
            would_fit(&fit, &StatusFit::default(), status)
        }
        Predicate::Status(ranges) => has(ranges, status),
        _ => true,
    }
}

//! What rules about what comes before a request are, and whether a log-in came before one.

use crate::credentials::CredentialState;
use crate::observation::{Asked, Outcome};
use crate::spec::{Demand, Observation, Relation, Rule, Siblings};
use crate::vocabulary::ClientCase;

/// Whether a relation is about what comes before a request.
fn is_about_course(relation: &Relation) -> bool {
    matches!(
        relation.siblings,
        Siblings::Behind(_) | Siblings::Then { .. }
    )
}

/// The relation of a rule that is about what comes before a request.
pub(super) fn course_relation(rule: &Rule) -> Option<&Relation> {
    match &rule.demand {
        Demand::Relate(relation) if is_about_course(relation) => Some(relation),
        Demand::Relate(_) | Demand::Expect(_) | Demand::Unseen => None,
    }
}

/// Whether others were to log in before a client asked, and none of them was let in: then nothing is shown of
/// what a log-in leaves behind.
pub(super) fn nobody_logged_in(client: &ClientCase, observation: Observation<'_>) -> bool {
    if client.credential == CredentialState::Valid {
        return false;
    }
    let has_logged_in = |asked: &Asked| {
        let client = ClientCase::from_value(&asked.client).ok()?;
        (client.credential == CredentialState::Valid).then_some(asked.outcome == Outcome::Accepted)
    };
    let mut to_log_in = observation.before.iter().filter_map(has_logged_in);
    let first = to_log_in.next();
    first == Some(false) && to_log_in.all(|is_in| !is_in)
}

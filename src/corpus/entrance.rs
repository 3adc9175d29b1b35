//! Whether anybody gets in: a server that refuses everybody has fixed nothing.

use crate::domain::{Case, Value, no_steps};
use crate::engine::{Entrance, Lab, NotPlayed, simplest_valid, supported, try_to_enter};
use crate::implementation::Description;
use crate::vocabulary::ClientCase;

use super::entry::Entry;
use super::packs;
use super::replay::Reason;

/// What is tried: cases of which one has to get in.
pub(super) fn tried(entry: &Entry, description: &Description) -> Vec<Case> {
    let spec = packs::named(&entry.rule.pack);
    let known = spec.filter(|spec| spec.domain.contains(&entry.case));
    let simplest = known
        .and_then(|spec| supported(spec, description).ok())
        .map(|spec| simplest_valid(&spec))
        .unwrap_or_default();
    match simplest.is_empty() {
        true => around(entry),
        false => simplest,
    }
}

/// Of a spec that is not at hand: the policies of the case and its sibling, as they are and with everything
/// in them active, each with the plainest client of each of their schemes.
fn around(entry: &Entry) -> Vec<Case> {
    let sibling = entry.sibling.as_ref().map(|sibling| &sibling.case);
    let mut cases: Vec<Case> = Vec::new();
    for case in [Some(&entry.case), sibling].into_iter().flatten() {
        let mut active = case.policy.clone();
        activate(&mut active);
        for policy in [&case.policy, &active] {
            let profiles = policy.field("profiles").and_then(Value::items);
            for profile in profiles.unwrap_or_default() {
                let Some(scheme) = profile.field("scheme") else {
                    continue;
                };
                let case = Case {
                    policy: policy.clone(),
                    instance: case.instance.clone(),
                    course: no_steps(),
                    client: plainest(scheme),
                };
                if !cases.contains(&case) {
                    cases.push(case);
                }
            }
        }
    }
    cases
}

/// A client that sends valid credentials of a scheme unasked, and nothing odd.
fn plainest(scheme: &Value) -> Value {
    Value::record([
        ("persona", Value::symbol("preemptive")),
        ("scheme", scheme.clone()),
        ("credential", Value::symbol("valid")),
        ("method", Value::symbol("get")),
    ])
}

/// Switches on whatever is called `active`.
fn activate(value: &mut Value) {
    match value {
        Value::Record(fields) => {
            for (name, value) in fields {
                match value {
                    Value::Bool(active) if &**name == "active" => *active = true,
                    value => activate(value),
                }
            }
        }
        Value::List(items) => items.iter_mut().for_each(activate),
        _ => {}
    }
}

/// Makes sure that somebody with valid credentials gets in. Where nobody can be tried, nothing is known,
/// and nothing is said.
pub(super) async fn somebody_gets_in(lab: &mut Lab<'_>, cases: &[Case]) -> Result<(), Reason> {
    let tried = match try_to_enter(lab, cases).await? {
        Entrance::Open(..) => return Ok(()),
        Entrance::Shut(tried) => tried,
    };
    let mut refused: Vec<String> = Vec::new();
    for (case, played) in tried {
        match played {
            Ok(witnessed) => {
                let seen = &witnessed.seen;
                let scheme = ClientCase::from_value(&case.client).map(|client| client.scheme);
                let scheme = scheme.map_or_else(|_| String::new(), |scheme| scheme.to_string());
                let words = format!(
                    "{scheme} {} ({})",
                    seen.outcome, seen.answer.response.status
                );
                if !refused.contains(&words) {
                    refused.push(words);
                }
            }
            // The case cannot be expressed.
            Err(NotPlayed::Unsupported(_)) => {}
            Err(NotPlayed::Fault(why)) => refused.push(why),
        }
    }
    match refused.is_empty() {
        true => Ok(()),
        false => Err(Reason::NobodyGetsIn(refused.join(", "))),
    }
}

//! The policies that a pack has for an endpoint: most packs allow one thing beside the profiles at a time, so that a
//! scope and a key are each looked at apart.

use countersign::credentials::{CredentialState, Scheme};
use countersign::implementation::DeployedPolicy;
use countersign::results::{PackReport, RuleReport, RuleState};
use countersign::spec::Spec;

use super::entrance::{Entered, is_keyed};
use super::holdings::Holdings;

/// A policy, and who asks for it.
pub(super) struct PolicyApart {
    pub(super) policy: DeployedPolicy,
    /// The schemes whose credentials are sent.
    pub(super) let_in: Vec<Scheme>,
}

/// The policies of a spec that an endpoint with these profiles has.
pub(super) fn apart(
    spec: &Spec,
    profiles: &[Scheme],
    entered: &Entered,
    holdings: &Holdings,
) -> Vec<PolicyApart> {
    let has = |field: &str| spec.domain.policy.at(&[field]).is_some();
    let let_in = |wanted: &dyn Fn(Scheme) -> bool| -> Vec<Scheme> {
        let let_in = entered.let_in.iter().copied();
        let_in.filter(|scheme| wanted(*scheme)).collect()
    };
    let plain = DeployedPolicy {
        profiles: profiles.to_vec(),
        ..DeployedPolicy::default()
    };
    let mut all = Vec::new();
    if !profiles.is_empty() {
        all.push(PolicyApart {
            policy: plain.clone(),
            let_in: let_in(&|scheme| profiles.contains(&scheme)),
        });
    }
    let bearer = let_in(&|scheme| scheme == Scheme::Bearer && profiles.contains(&scheme));
    if has("required_scope") && holdings.has_limited_token() && !bearer.is_empty() {
        all.push(PolicyApart {
            policy: DeployedPolicy {
                has_scope: true,
                states: Some(vec![
                    CredentialState::Valid,
                    CredentialState::None,
                    CredentialState::InsufficientScope,
                ]),
                ..plain.clone()
            },
            let_in: bearer,
        });
    }
    for scheme in let_in(&|scheme| has("key") && is_keyed(scheme)) {
        let in_query = { holdings.place.as_ref() }.is_some_and(|place| place.is_query());
        all.push(PolicyApart {
            policy: DeployedPolicy {
                // Beside a key there is room for one profile.
                profiles: match profiles {
                    [one] => vec![*one],
                    _ => Vec::new(),
                },
                key: Some(match (scheme, in_query) {
                    (Scheme::Hmac, _) => "signature",
                    (_, true) => "query",
                    (_, false) => "field",
                }),
                ..DeployedPolicy::default()
            },
            let_in: vec![scheme],
        });
    }
    all
}

/// Two reports of one pack, of two policies, as one.
pub(super) fn joined(one: PackReport, other: PackReport) -> PackReport {
    let mut joined = one;
    for (rule, of_other) in joined.rules.iter_mut().zip(&other.rules) {
        rule.held += of_other.held;
        rule.broke += of_other.broke;
        rule.inconclusive += of_other.inconclusive;
        if rank(of_other) > rank(rule) {
            rule.state = of_other.state.clone();
        }
    }
    for finding in other.findings {
        // What is seen under one policy need not be said again of another.
        if !joined
            .findings
            .iter()
            .any(|known| known.rule == finding.rule)
        {
            joined.findings.push(finding);
        }
    }
    for left in other.left {
        if !joined.left.iter().any(|known| known.rule == left.rule) {
            joined.left.push(left);
        }
    }
    joined.judged += other.judged;
    joined.requests += other.requests;
    joined.unshrunk += other.unshrunk;
    joined.let_in.extend(other.let_in);
    joined.stopped = joined.stopped.or(other.stopped);
    joined.hollow = joined.hollow.filter(|_| other.hollow.is_some());
    joined
}

/// How much a state says.
fn rank(rule: &RuleReport) -> u8 {
    match rule.state {
        RuleState::Failed => 5,
        RuleState::Flaky => 4,
        RuleState::Inconclusive => 3,
        RuleState::Passed => 2,
        RuleState::NotExercised => 1,
        RuleState::NotApplicable(_) => 0,
    }
}

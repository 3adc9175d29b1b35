//! What the constraints of a spec leave of its domain: clients and settings, worked out once.

use super::model::Spec;
use super::predicate::{Predicate, Tri};
use super::term::Env;
use crate::domain::{Case, CaseRef, Cover, Simplicity, Value, covering};

/// The most clients of a domain that are looked through for those that can be.
pub(crate) const MOST_CLIENTS: usize = 1 << 18;

/// The most settings of a domain that are looked through for those that are allowed.
const MOST_SETTINGS: u64 = 1 << 18;

/// The most combinations of a setting and a client that are looked through for those that are allowed:
/// that costs a fraction of playing one.
const MOST_CASES: u64 = 1 << 22;

/// A policy and an instance that some client may be tried with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// The policy.
    pub policy: Value,
    /// The instance.
    pub instance: Value,
    /// How many clients it may be tried with.
    pub clients: u64,
}

impl Spec {
    /// Whether a constraint on clients alone excludes this one, or there can be no such client,
    /// whatever the setting.
    pub fn excludes_client(&self, client: &Value) -> bool {
        if self.needs.iter().any(|needs| needs.is_missing(client)) {
            return true;
        }
        let case = CaseRef {
            policy: &Value::Absent,
            instance: &Value::Absent,
            client,
        };
        let env = Env::of(case, &[]);
        let of_client = |excluded: &&Predicate| excluded.is_about_client();
        let mut excluded = self.excluded.iter().filter(of_client);
        excluded.any(|excluded| excluded.evaluate(&env) == Tri::True)
    }

    /// Whether a constraint on settings alone excludes this one, whatever the client.
    pub fn excludes_setting(&self, policy: &Value, instance: &Value) -> bool {
        let case = CaseRef {
            policy,
            instance,
            client: &Value::Absent,
        };
        let env = Env::of(case, &[]);
        let of_setting = |excluded: &&Predicate| !excluded.uses_client(&|_| false);
        let mut excluded = self.excluded.iter().filter(of_setting);
        excluded.any(|excluded| excluded.evaluate(&env) == Tri::True)
    }

    /// Every client that some setting may be tried with, simplest first; at most `most` of them.
    pub fn clients(&self, most: usize) -> &[Value] {
        let clients = self.clients.get_or_init(|| {
            let client = &self.domain.client;
            let all = client.values().take(MOST_CLIENTS);
            let allowed = all.filter(|client| !self.excludes_client(client));
            let mut keyed: Vec<(Simplicity, Value)> = allowed
                .map(|value| (Simplicity::of(client, &value), value))
                .collect();
            keyed.sort();
            keyed.into_iter().map(|(_, client)| client).collect()
        });
        clients.get(..most.min(clients.len())).unwrap_or_default()
    }

    /// Every setting that some client may be tried with, simplest first; nothing where too many would
    /// have to be looked through.
    pub fn settings(&self) -> Option<&[Setting]> {
        let settings = self.settings.get_or_init(|| {
            let few = self.domain.policies() <= MOST_SETTINGS;
            few.then(|| self.allowed_settings()).flatten()
        });
        settings.as_deref()
    }

    /// Cases that have every pair of values between them that the constraints allow (2-way).
    pub fn cover(&self) -> &Cover {
        let cover = || covering(&self.domain, &|case| !self.excludes(case));
        self.cover.get_or_init(cover)
    }

    fn allowed_settings(&self) -> Option<Vec<Setting>> {
        let clients = self.clients(usize::MAX);
        let mut looked_through = 0;
        let instances: Vec<Value> = self.domain.instance.values().collect();
        let mut keyed: Vec<(Simplicity, Setting)> = Vec::new();
        for policy in self.domain.policy.values() {
            for instance in &instances {
                if self.excludes_setting(&policy, instance) {
                    continue;
                }
                looked_through += clients.len() as u64;
                if looked_through > MOST_CASES {
                    return None;
                }
                let allowed = clients.iter().filter(|client| {
                    !self.excludes(CaseRef {
                        policy: &policy,
                        instance,
                        client,
                    })
                });
                let allowed = allowed.count() as u64;
                if allowed == 0 {
                    continue;
                }
                let case = Case {
                    policy: policy.clone(),
                    instance: instance.clone(),
                    client: Value::Absent,
                };
                let [key, _] = Simplicity::of_case(&self.domain, &case);
                let setting = Setting {
                    policy: case.policy,
                    instance: case.instance,
                    clients: allowed,
                };
                keyed.push((key, setting));
            }
        }
        keyed.sort_by(|(one, _), (other, _)| one.cmp(other));
        Some(keyed.into_iter().map(|(_, setting)| setting).collect())
    }
}

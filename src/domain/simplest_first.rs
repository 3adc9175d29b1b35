//! What a domain has, simplest first.

use super::case::{Case, CaseRef, Part, Setting};
use super::change::{Action, Change};
use super::simplicity::Simplicity;
use super::space::Domain;
use super::value::Value;

/// The most clients that are looked through for a simpler one: all forms and methods of a client with
/// valid credentials by one way, and some of one without any.
const MOST_CLIENTS: usize = 96;

impl Domain {
    /// The same case with each simpler client, simplest first; of the first 96 clients.
    pub fn simpler_clients(&self, case: &Case) -> Vec<Change> {
        let here = Simplicity::of(&self.client, &case.client);
        self.clients(MOST_CLIENTS)
            .into_iter()
            .take_while(|client| Simplicity::of(&self.client, client) < here)
            .map(|client| Change {
                part: Part::Client,
                path: Part::Client.word().to_owned(),
                action: Action::Reset,
                case: case.with(Part::Client, client),
            })
            .collect()
    }

    /// Every setting (policy and instance), simplest first, or `None` where there are more than
    /// `most`.
    pub fn settings(&self, most: u64) -> Option<Vec<Setting>> {
        if self.policies() > most {
            return None;
        }
        let instances: Vec<Value> = self.instance.values().collect();
        let mut keyed: Vec<(Simplicity, Setting)> = Vec::new();
        for policy in self.policy.values() {
            for instance in &instances {
                let setting = Setting {
                    policy: policy.clone(),
                    instance: instance.clone(),
                };
                keyed.push((
                    Simplicity::of_setting(self, CaseRef::of_setting(&setting)),
                    setting,
                ));
            }
        }
        keyed.sort();
        Some(keyed.into_iter().map(|(_, setting)| setting).collect())
    }

    /// Every client, simplest first; at most `most` of them.
    pub fn clients(&self, most: usize) -> Vec<Value> {
        let mut keyed: Vec<(Simplicity, Value)> = self
            .client
            .values()
            .take(most)
            .map(|client| (Simplicity::of(&self.client, &client), client))
            .collect();
        keyed.sort();
        keyed.into_iter().map(|(_, client)| client).collect()
    }
}

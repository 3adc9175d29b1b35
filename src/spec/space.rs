//! What the constraints of a spec leave of its domain: conversations and settings, worked out once.

use super::allowed::AllowedSetting;
use super::model::Spec;
use crate::domain::{CaseRef, Conversation, Cover, Domain, Setting, Simplicity, Value, covering};

/// The most conversations of a domain that are looked through for those that can be.
pub(crate) const MOST_CONVERSATIONS: usize = 1 << 18;

/// The most settings of a domain that are looked through for those that are allowed.
const MOST_SETTINGS: u64 = 1 << 18;

/// The most combinations of a setting and a conversation that are looked through for those that are allowed:
/// that costs a fraction of playing one.
const MOST_CASES: u64 = 1 << 22;

impl Spec {
    /// Every conversation that some setting may be tried with, simplest first; at most `most` of them.
    pub fn conversations(&self, most: usize) -> &[Conversation] {
        let conversations = self.conversations.get_or_init(|| {
            let Domain { course, client, .. } = &self.domain;
            let clients = client.values().take(MOST_CONVERSATIONS).enumerate();
            let mut clients: Vec<(usize, Value)> = clients.collect();
            clients.sort_by_cached_key(|(_, one)| Simplicity::of(client, one));
            // A course at a time: how simple it is, is worked out once for all its clients.
            let mut keyed: Vec<(Simplicity, Vec<Conversation>)> = Vec::new();
            let mut left = MOST_CONVERSATIONS;
            for course in course.values() {
                if left == 0 {
                    break;
                }
                let of_course = clients.iter().filter(|(place, _)| *place < left);
                let of_course = of_course.map(|(_, client)| Conversation {
                    course: course.clone(),
                    client: client.clone(),
                });
                let allowed: Vec<Conversation> = of_course
                    .filter(|conversation| !self.excludes_conversation(conversation))
                    .collect();
                left -= clients.len().min(left);
                keyed.push((Simplicity::of(&self.domain.course, &course), allowed));
            }
            keyed.sort_by(|(one, _), (other, _)| one.cmp(other));
            keyed
                .into_iter()
                .flat_map(|(_, of_course)| of_course)
                .collect()
        });
        let most = most.min(conversations.len());
        conversations.get(..most).unwrap_or_default()
    }

    /// Every setting that some conversation may be tried with, simplest first; nothing where too many would
    /// have to be looked through.
    pub fn settings(&self) -> Option<&[AllowedSetting]> {
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

    fn allowed_settings(&self) -> Option<Vec<AllowedSetting>> {
        let conversations = self.conversations(usize::MAX);
        let sorted = self.sorted(conversations);
        let mut looked_through = 0;
        let instances: Vec<Value> = self.domain.instance.values().collect();
        let mut keyed: Vec<(Simplicity, AllowedSetting)> = Vec::new();
        for policy in self.domain.policy.values() {
            for instance in &instances {
                let setting = Setting {
                    policy: policy.clone(),
                    instance: instance.clone(),
                };
                if self.excludes_setting(&setting) {
                    continue;
                }
                looked_through += conversations.len() as u64;
                if looked_through > MOST_CASES {
                    return None;
                }
                let allowed = self.allowed_of(&setting, &sorted);
                if allowed == 0 {
                    continue;
                }
                let key = Simplicity::of_setting(&self.domain, CaseRef::of_setting(&setting));
                let allowed = AllowedSetting {
                    setting,
                    conversations: allowed,
                };
                keyed.push((key, allowed));
            }
        }
        keyed.sort_by(|(one, _), (other, _)| one.cmp(other));
        Some(keyed.into_iter().map(|(_, setting)| setting).collect())
    }
}

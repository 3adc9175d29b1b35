//! What the constraints of a spec leave of its domain: conversations and settings, worked out once.

use std::cell::OnceCell;
use std::rc::Rc;

use super::allowed::AllowedSetting;
use super::early::Early;
use super::model::Spec;
use super::term::Env;
use crate::domain::{
    CaseRef, Conversation, Cover, Domain, Setting, Simplicity, Type, Value, covering,
};

/// The most conversations of a domain that are looked through for those that can be.
pub(crate) const MOST_CONVERSATIONS: usize = 1 << 18;

/// The most settings of a domain that are looked through for those that are allowed.
const MOST_SETTINGS: u64 = 1 << 18;

/// The most combinations of a setting and a conversation that are looked through for those that are allowed:
/// that costs a fraction of playing one.
const MOST_CASES: u64 = 1 << 22;

/// What may be played with one course.
struct OfCourse {
    course: Value,
    simplicity: Simplicity,
    /// How many of the clients are looked through.
    clients: u64,
    allowed: Vec<(Rc<Simplicity>, Conversation)>,
}

impl Spec {
    /// Every conversation that some setting may be tried with, simplest first; at most `most` of them.
    pub fn conversations(&self, most: usize) -> &[Conversation] {
        let conversations = self
            .conversations
            .get_or_init(|| self.allowed_conversations());
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

    /// Settings that have every pair of values between them, each of them allowed with some conversation: all that is left
    /// to be covered where each is tried with every conversation.
    pub fn settings_cover(&self) -> &Cover {
        self.settings_cover.get_or_init(|| {
            let domain = Domain {
                course: Type::no_course(),
                client: Type::Record(Vec::new()),
                ..self.domain.clone()
            };
            let conversations = self.conversations(usize::MAX);
            covering(&domain, &|case| {
                self.allowed(&case.setting(), conversations.iter()) > 0
            })
        })
    }

    /// A client at a time, so that those are never held that nobody may be: they can be many times as many.
    fn allowed_conversations(&self) -> Vec<Conversation> {
        let Domain { course, client, .. } = &self.domain;
        let clients = client.count().min(MOST_CONVERSATIONS as u64);
        let mut left = MOST_CONVERSATIONS as u64;
        let mut courses: Vec<OfCourse> = Vec::new();
        for one in course.values() {
            if left == 0 {
                break;
            }
            courses.push(OfCourse {
                simplicity: Simplicity::of(course, &one),
                course: one,
                clients: left,
                allowed: Vec::new(),
            });
            left -= clients.min(left);
        }
        let early = Early::of_client(self.conditions(), &self.needs, client);
        let mut all_clients = client.enumeration();
        while let Some(one) = all_clients.next() {
            let place = all_clients.place();
            if place >= clients {
                break;
            }
            let mut conversation = Conversation::of(one);
            let env = Env::of(CaseRef::of_conversation(&conversation), &[]);
            if let Some(field) = early.leaves_out(&env) {
                all_clients.pass_over(field);
                continue;
            }
            // How simple a client is, is worked out once for all courses.
            let simplicity = OnceCell::new();
            for of_course in courses.iter_mut().filter(|course| place < course.clients) {
                conversation.course.clone_from(&of_course.course);
                if !self.excludes_conversation(&conversation) {
                    let simplicity = simplicity
                        .get_or_init(|| Rc::new(Simplicity::of(client, &conversation.client)));
                    let allowed = (Rc::clone(simplicity), conversation.clone());
                    of_course.allowed.push(allowed);
                }
            }
        }
        courses.sort_by(|one, other| one.simplicity.cmp(&other.simplicity));
        let mut all = Vec::with_capacity(courses.iter().map(|one| one.allowed.len()).sum());
        for mut of_course in courses {
            { &mut of_course.allowed }.sort_by(|(one, _), (other, _)| one.cmp(other));
            let allowed = { of_course.allowed }.into_iter();
            all.extend(allowed.map(|(_, conversation)| conversation));
        }
        all
    }

    fn allowed_settings(&self) -> Option<Vec<AllowedSetting>> {
        let conversations = self.conversations(usize::MAX);
        let sorted = self.sorted(conversations);
        let mut looked_through = 0;
        let instances: Vec<Value> = self.domain.instance.values().collect();
        let mut keyed: Vec<(Simplicity, AllowedSetting)> = Vec::new();
        let early = Early::of_policy(self.conditions(), &self.domain.policy);
        let mut policies = self.domain.policy.enumeration();
        while let Some(policy) = policies.next() {
            let alone = CaseRef {
                policy: &policy,
                instance: &Value::Absent,
                course: &Value::Absent,
                client: &Value::Absent,
            };
            let env = Env::of(alone, &[]);
            if let Some(field) = early.leaves_out(&env) {
                policies.pass_over(field);
                continue;
            }
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

//! Cases: a setting and a conversation.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::value::Value;

/// The parts of a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Part {
    /// The policy record.
    Policy,
    /// The instance record.
    Instance,
    /// The steps that come before the client asks.
    Course,
    /// The client record.
    Client,
}

impl Part {
    /// All parts, in the order in which sentences speak of them.
    pub const ALL: [Self; 4] = [Self::Policy, Self::Instance, Self::Course, Self::Client];

    /// The first word of its paths.
    pub fn word(self) -> &'static str {
        match self {
            Self::Policy => "policy",
            Self::Instance => "instance",
            Self::Course => "course",
            Self::Client => "client",
        }
    }

    /// The part that a word names.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|part| part.word() == word)
    }
}

/// What is installed: a policy, and the instance that holds it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Setting {
    /// The policy record.
    pub policy: Value,
    /// The instance record.
    pub instance: Value,
}

/// What is played against a setting: the steps that come before, and the client that asks at the end.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Conversation {
    /// The steps, in order; an empty list where nothing comes before.
    pub course: Value,
    /// The client record.
    pub client: Value,
}

impl Conversation {
    /// A client before whom nothing comes.
    pub fn of(client: Value) -> Self {
        Self {
            course: no_steps(),
            client,
        }
    }
}

/// A course without a step.
pub fn no_steps() -> Value {
    Value::List(Vec::new())
}

/// One setting and one conversation.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Case {
    /// The policy record.
    pub policy: Value,
    /// The instance record.
    pub instance: Value,
    /// The steps that come before the client asks; an empty list where there are none.
    #[serde(default = "no_steps", skip_serializing_if = "is_empty")]
    pub course: Value,
    /// The client record.
    pub client: Value,
}

fn is_empty(course: &Value) -> bool {
    course.items().is_none_or(<[Value]>::is_empty)
}

/// A case whose parts stand in different places: what rules look at.
#[derive(Clone, Copy, Debug)]
pub struct CaseRef<'a> {
    /// The policy record.
    pub policy: &'a Value,
    /// The instance record.
    pub instance: &'a Value,
    /// The steps that come before the client asks.
    pub course: &'a Value,
    /// The client record.
    pub client: &'a Value,
}

impl<'a> CaseRef<'a> {
    /// A setting with a conversation.
    pub fn of(setting: &'a Setting, conversation: &'a Conversation) -> Self {
        Self {
            policy: &setting.policy,
            instance: &setting.instance,
            course: &conversation.course,
            client: &conversation.client,
        }
    }

    /// A setting, whoever asks: nothing may look at the conversation.
    pub fn of_setting(setting: &'a Setting) -> Self {
        Self {
            policy: &setting.policy,
            instance: &setting.instance,
            course: &Value::Absent,
            client: &Value::Absent,
        }
    }

    /// A conversation, whatever is installed: nothing may look at the setting.
    pub fn of_conversation(conversation: &'a Conversation) -> Self {
        Self {
            policy: &Value::Absent,
            instance: &Value::Absent,
            course: &conversation.course,
            client: &conversation.client,
        }
    }

    /// One part.
    pub fn part(self, part: Part) -> &'a Value {
        match part {
            Part::Policy => self.policy,
            Part::Instance => self.instance,
            Part::Course => self.course,
            Part::Client => self.client,
        }
    }

    /// A case of its own.
    pub fn to_case(self) -> Case {
        Case {
            policy: self.policy.clone(),
            instance: self.instance.clone(),
            course: self.course.clone(),
            client: self.client.clone(),
        }
    }
}

impl<'a> From<&'a Case> for CaseRef<'a> {
    fn from(case: &'a Case) -> Self {
        Self {
            policy: &case.policy,
            instance: &case.instance,
            course: &case.course,
            client: &case.client,
        }
    }
}

impl Case {
    /// A setting with a conversation.
    pub fn of(setting: Setting, conversation: Conversation) -> Self {
        Self {
            policy: setting.policy,
            instance: setting.instance,
            course: conversation.course,
            client: conversation.client,
        }
    }

    /// What is installed for it.
    pub fn setting(&self) -> Setting {
        Setting {
            policy: self.policy.clone(),
            instance: self.instance.clone(),
        }
    }

    /// What is played against that.
    pub fn conversation(&self) -> Conversation {
        Conversation {
            course: self.course.clone(),
            client: self.client.clone(),
        }
    }

    /// The steps that come before the client asks.
    pub fn steps(&self) -> &[Value] {
        self.course.items().unwrap_or_default()
    }

    /// One part.
    pub fn part(&self, part: Part) -> &Value {
        match part {
            Part::Policy => &self.policy,
            Part::Instance => &self.instance,
            Part::Course => &self.course,
            Part::Client => &self.client,
        }
    }

    /// The same with one part replaced.
    pub fn with(&self, part: Part, value: Value) -> Self {
        let mut case = self.clone();
        *match part {
            Part::Policy => &mut case.policy,
            Part::Instance => &mut case.instance,
            Part::Course => &mut case.course,
            Part::Client => &mut case.client,
        } = value;
        case
    }

    /// The value at a dotted path such as `policy.active`.
    pub fn at(&self, path: &str) -> Option<&Value> {
        let (first, rest) = path.split_once('.')?;
        self.part(Part::from_word(first)?).at(rest)
    }
}

/// One line of flow style YAML, as `--case` takes it.
impl fmt::Display for Case {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            out,
            "{{policy: {}, instance: {}, ",
            self.policy, self.instance
        )?;
        if !is_empty(&self.course) {
            write!(out, "course: {}, ", self.course)?;
        }
        write!(out, "client: {}}}", self.client)
    }
}

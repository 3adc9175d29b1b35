//! What is done in a conversation, step by step, with every client worked out.

use std::sync::Arc;

use crate::credentials::CredentialState;
use crate::domain::{Conversation, Step, Value, steps_of, with_fields};
use crate::vocabulary::ClientCase;

/// A client that asks.
#[derive(Clone, Debug)]
pub(super) struct Asker {
    /// As the case has it.
    pub(super) record: Arc<Value>,
    /// As it is played.
    pub(super) client: Arc<ClientCase>,
}

impl Asker {
    fn new(record: Value) -> Result<Self, String> {
        let client =
            Arc::new(ClientCase::from_value(&record).map_err(|unknown| unknown.to_string())?);
        Ok(Self {
            record: Arc::new(record),
            client,
        })
    }

    /// Whether its credentials are not to be let in.
    pub(super) fn is_wrong(&self) -> bool {
        !matches!(
            self.client.credential,
            CredentialState::None | CredentialState::Valid
        )
    }
}

/// What happens before a client asks, or while it does.
#[derive(Clone, Debug)]
pub(super) enum Act {
    /// A client asks, so often.
    Ask(Asker, u32),
    /// Fields of the setting change.
    Edit(Vec<(String, Value)>),
    /// So many seconds pass.
    Wait(u32),
    /// Others are at work while the client asks, up to so many times.
    Beside {
        who: Asker,
        clients: u32,
        tries: u32,
    },
}

/// The acts of a conversation, and the client that asks at its end.
///
/// # Errors
///
/// In words, what it is that cannot be played.
pub(super) fn acts_of(conversation: &Conversation) -> Result<(Arc<[Act]>, Asker), String> {
    let last = Asker::new(conversation.client.clone())?;
    let who = |with: &Value| Asker::new(with_fields(&conversation.client, with));
    let acts = steps_of(&conversation.course)?.into_iter().map(|step| {
        Ok(match step {
            Step::Ask { with, times } => Act::Ask(who(&with)?, times),
            Step::Edit(edits) => Act::Edit(edits),
            Step::Wait(seconds) => Act::Wait(seconds),
            Step::Beside {
                with,
                clients,
                tries,
            } => Act::Beside {
                who: who(&with)?,
                clients,
                tries,
            },
        })
    });
    let acts: Result<Vec<Act>, String> = acts.collect();
    Ok((acts?.into(), last))
}

/// Whether there can be the clients of these acts: that of a case may go together with what a relation makes of it
/// for its steps, or not.
pub(super) fn can_be(acts: &[Act]) -> bool {
    acts.iter().all(|act| match act {
        Act::Ask(who, _) | Act::Beside { who, .. } => who.client.check_words().is_ok(),
        Act::Edit(_) | Act::Wait(_) => true,
    })
}

/// Whether a conversation may share a slot with others: it does nothing but ask, and nothing that might be
/// remembered against whoever comes after it.
pub(super) fn is_light(acts: &[Act]) -> bool {
    acts.iter()
        .all(|act| matches!(act, Act::Ask(who, _) if !who.is_wrong()))
}

/// At which steps the setting changes, and at which so many seconds pass.
pub(super) type Pace = Vec<(usize, u32)>;

/// The pace of a conversation: those that are played side by side change the setting together, and wait together. None
/// waits for what only others wait for, or what its own steps leave behind would have passed.
pub(super) fn pace(acts: &[Act]) -> Pace {
    let acts = acts.iter().enumerate();
    let acts = acts.filter_map(|(at, act)| match act {
        Act::Edit(_) => Some((at, 0)),
        Act::Wait(seconds) => Some((at, *seconds)),
        Act::Ask(..) | Act::Beside { .. } => None,
    });
    acts.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_waits_for_nothing_keeps_another_pace_than_who_waits() {
        let ask = || Value::record([("ask", Value::Record(Vec::new()))]);
        let wait = |seconds| Value::record([("wait", Value::Int(seconds))]);
        let client = Value::record([
            ("persona", Value::symbol("preemptive")),
            ("scheme", Value::symbol("basic")),
            ("credential", Value::symbol("valid")),
        ]);
        let pace_of = |course: Vec<Value>| {
            let conversation = Conversation {
                course: Value::List(course),
                client: client.clone(),
            };
            pace(&acts_of(&conversation).unwrap().0)
        };
        assert_eq!(pace_of(vec![ask()]), pace_of(vec![ask(), ask()]));
        assert_ne!(pace_of(vec![ask()]), pace_of(vec![ask(), wait(3)]));
        assert_ne!(pace_of(vec![wait(1)]), pace_of(vec![wait(2)]));
    }
}

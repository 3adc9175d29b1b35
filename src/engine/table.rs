//! The table: what was seen of each case, so that no case is played twice without need.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use crate::domain::{Case, CaseRef, Value};
use crate::observation::{Answer, Outcome};
use crate::results::Sent;
use crate::spec::{Datum, Sight, Spec};
use crate::vocabulary::ClientCase;
use crate::wire::WireFault;

use super::plan::SettingValue;

/// What was seen of a case, without the bytes.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) outcome: Outcome,
    /// The last answer. Shared: most cases of a run meet one of a few answers.
    pub(crate) answer: Arc<Answer>,
    pub(crate) events: Option<Arc<[String]>>,
    /// What had been sent by then.
    pub(crate) sent: Sent,
}

impl Seen {
    /// What rules may look at.
    pub(crate) fn sight(&self) -> Sight<'_> {
        Sight {
            outcome: self.outcome,
            answer: &self.answer,
            events: self.events.as_deref(),
        }
    }
}

/// What became of a case that was played.
#[derive(Clone, Debug)]
pub(super) enum Played {
    Seen(Seen),
    /// The client had no occasion to be what the case says; see [`Play::moot`](crate::client::Play).
    Moot,
    /// No response: whose fault that is, nobody knows.
    Fault(Arc<WireFault>),
}

/// The place of a case in the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct At {
    pub(super) setting: usize,
    pub(super) client: usize,
}

/// A setting and what was seen of it.
#[derive(Debug)]
pub(super) struct Setting {
    pub(super) value: Arc<SettingValue>,
    /// Definitions that do not look at the client.
    pub(super) definitions: Vec<Datum>,
    /// By client.
    pub(super) played: Vec<Option<Played>>,
    /// Why the implementation cannot express it.
    pub(super) unsupported: Option<String>,
}

/// A client, and how it is played.
#[derive(Debug)]
pub(super) struct Client {
    pub(super) value: Value,
    pub(super) case: Arc<ClientCase>,
}

/// What was seen of every case of an epoch.
#[derive(Debug)]
pub(super) struct Table<'s> {
    pub(super) spec: &'s Spec,
    pub(super) settings: Vec<Setting>,
    pub(super) clients: Vec<Client>,
    by_setting: HashMap<Arc<SettingValue>, usize>,
    /// A client that comes again has a place of its own.
    by_client: HashMap<(Value, bool), usize>,
    /// Whether definitions must be evaluated for every case anew.
    per_case: bool,
}

impl<'s> Table<'s> {
    pub(super) fn new(spec: &'s Spec) -> Self {
        Self {
            spec,
            settings: Vec::new(),
            clients: Vec::new(),
            by_setting: HashMap::new(),
            by_client: HashMap::new(),
            per_case: spec.definitions_use_client(),
        }
    }

    /// The place of a setting, which is new where it was not known.
    pub(super) fn setting(&mut self, value: SettingValue) -> usize {
        if let Some(index) = self.by_setting.get(&value) {
            return *index;
        }
        let index = self.settings.len();
        let definitions = if self.per_case {
            Vec::new()
        } else {
            let client = &Value::Absent;
            self.spec.define(CaseRef {
                policy: &value.0,
                instance: &value.1,
                client,
            })
        };
        let value = Arc::new(value);
        self.by_setting.insert(value.clone(), index);
        self.settings.push(Setting {
            value,
            definitions,
            played: Vec::new(),
            unsupported: None,
        });
        index
    }

    /// The place of a client; an error names what it is that cannot be played.
    pub(super) fn client(&mut self, value: &Value) -> Result<usize, String> {
        self.client_at(value, false)
    }

    fn client_at(&mut self, value: &Value, again: bool) -> Result<usize, String> {
        let key = (value.clone(), again);
        if let Some(index) = self.by_client.get(&key) {
            return Ok(*index);
        }
        let case = Arc::new(ClientCase::from_value(value)?);
        let index = self.clients.len();
        self.by_client.insert(key, index);
        self.clients.push(Client {
            value: value.clone(),
            case,
        });
        Ok(index)
    }

    /// The place of a case.
    pub(super) fn place(&mut self, case: &Case) -> Result<At, String> {
        let client = self.client(&case.client)?;
        let setting = self.setting((case.policy.clone(), case.instance.clone()));
        Ok(At { setting, client })
    }

    /// The place of a case that is played again, behind itself.
    pub(super) fn place_again(&mut self, case: &Case) -> Result<At, String> {
        let client = self.client_at(&case.client, true)?;
        let setting = self.setting((case.policy.clone(), case.instance.clone()));
        Ok(At { setting, client })
    }

    /// The case at a place.
    pub(super) fn case(&self, at: At) -> Option<CaseRef<'_>> {
        let setting = self.settings.get(at.setting)?;
        let client = self.clients.get(at.client)?;
        Some(CaseRef {
            policy: &setting.value.0,
            instance: &setting.value.1,
            client: &client.value,
        })
    }

    /// The definitions of a case.
    pub(super) fn definitions(&self, at: At) -> Cow<'_, [Datum]> {
        match self.case(at) {
            Some(case) if self.per_case => Cow::Owned(self.spec.define(case)),
            _ => Cow::Borrowed(
                self.settings
                    .get(at.setting)
                    .map_or(&[], |setting| &setting.definitions),
            ),
        }
    }

    /// What became of a case; nothing where it was not played.
    pub(super) fn played(&self, at: At) -> Option<&Played> {
        self.settings
            .get(at.setting)?
            .played
            .get(at.client)?
            .as_ref()
    }

    /// Whether a case was played and its client had no occasion to be what the case says.
    pub(super) fn is_moot(&self, case: &Case) -> bool {
        let setting = (case.policy.clone(), case.instance.clone());
        let setting = self.by_setting.get(&setting);
        let client = self.by_client.get(&(case.client.clone(), false));
        let place = setting.zip(client);
        place.is_some_and(|(&setting, &client)| {
            matches!(self.played(At { setting, client }), Some(Played::Moot))
        })
    }

    /// Whether there is nothing more to be learnt of a case by playing it.
    pub(super) fn is_settled(&self, at: At) -> bool {
        self.settings.get(at.setting).is_some_and(|setting| {
            setting.unsupported.is_some()
                || setting.played.get(at.client).is_some_and(Option::is_some)
        })
    }

    pub(super) fn set_played(&mut self, at: At, played: Played) {
        if let Some(setting) = self.settings.get_mut(at.setting) {
            if setting.played.len() <= at.client {
                setting.played.resize(at.client + 1, None);
            }
            if let Some(slot) = setting.played.get_mut(at.client) {
                *slot = Some(played);
            }
        }
    }

    /// Forgets that cases had no response, so that they are played again.
    pub(super) fn forget_faults(&mut self, cases: &[At]) {
        for at in cases {
            let setting = self.settings.get_mut(at.setting);
            if let Some(slot) = setting.and_then(|setting| setting.played.get_mut(at.client))
                && let Some(Played::Fault(fault)) = slot
                && !fault.shows_life()
            {
                *slot = None;
            }
        }
    }

    pub(super) fn set_unsupported(&mut self, setting: usize, reason: String) {
        if let Some(setting) = self.settings.get_mut(setting) {
            setting.unsupported = Some(reason);
        }
    }
}

//! The platform of the API access policies: what is in force in a slot.

use super::auth_parameter::AuthParameter;
use super::fault::Fault;
use super::history::History;
use super::outcomes::Outcomes;
use super::seeded::Faults;
use super::selection::Selection;
use crate::domain::Value;

/// What is in force in a slot of the platform.
#[derive(Debug)]
pub(super) struct Platform {
    /// Its policies.
    pub(super) selection: Selection,
    /// How they came to be what they are.
    history: History,
    /// What comes before a log-in and behind it.
    pub(super) outcomes: Outcomes,
    /// Where keys and signatures stand now, and where they stood when it was installed.
    parameters: [AuthParameter; 2],
}

impl Platform {
    /// What a policy and an instance record come to, behind an edit of what was in force before, where there was one.
    ///
    /// # Errors
    ///
    /// In words, when the policy asks for something that the reference implementation does not have.
    pub(super) fn of(
        policy: &Value,
        instance: &Value,
        before: Option<&Self>,
        faults: &Faults,
    ) -> Result<Self, String> {
        let parameter = AuthParameter::of(policy);
        let Some(before) = before else {
            let history = History::new(policy, instance);
            return Ok(Self {
                selection: Selection::of(&history, faults)?,
                history,
                outcomes: Outcomes::of(policy, instance),
                parameters: [parameter; 2],
            });
        };
        let history = before.history.edited(policy, instance, faults);
        let selection = Selection::of(&history, faults)?;
        let is_other = history.has_other_profiles(&before.history);
        Ok(Self {
            selection: selection.edited_from(&before.selection, is_other, faults),
            history,
            outcomes: before.outcomes.edited(policy, instance),
            parameters: [parameter, before.parameters[1]],
        })
    }

    /// Where keys and signatures stand: as is said now, save where a fault has it that an edit is not noticed.
    pub(super) fn parameter(&self, faults: &Faults) -> AuthParameter {
        let [now, at_first] = self.parameters;
        match faults.has(Fault::AuthParameterEditUnnoticed) {
            true => at_first,
            false => now,
        }
    }
}

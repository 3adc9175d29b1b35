//! Sets of choices: the choices between alternatives under which rules can be judged.

use crate::implementation::{Description, Implementation, ReferenceImplementation};
use crate::reference::Fault;
use crate::spec::{Rule, Spec};

/// One way to choose between the alternatives of a pack, and the rules that only apply to it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct ChoiceSet {
    /// The choices that differ from those that the reference implementation takes: alternative and
    /// choice by name. None for its own choices, in which all rules are judged that apply.
    pub(super) choices: Vec<(String, String)>,
    /// The rules that are judged; all where it is empty.
    pub(super) rules: Vec<String>,
}

impl ChoiceSet {
    /// The reference implementation's own choices, then one for each other choice that rules speak of.
    pub(super) fn all(spec: &Spec) -> Vec<Self> {
        let reference = ReferenceImplementation::new();
        let mut choice_sets = vec![Self::default()];
        for rule in &spec.rules {
            let choices = other_choices(spec, rule, reference.description());
            if choices.is_empty() {
                continue;
            }
            match choice_sets
                .iter_mut()
                .find(|known| known.choices == choices)
            {
                Some(known) => known.rules.push(rule.id.clone()),
                None => choice_sets.push(Self {
                    choices,
                    rules: vec![rule.id.clone()],
                }),
            }
        }
        choice_sets
    }

    /// A reference implementation that says it takes these choices.
    pub(super) fn reference(&self, faults: &[Fault]) -> ReferenceImplementation {
        let reference = ReferenceImplementation::with_faults(faults);
        self.choices
            .iter()
            .fold(reference, |reference, (alternative, choice)| {
                reference.taking(alternative, choice)
            })
    }

    /// The choices in words.
    pub(super) fn words(&self) -> Option<String> {
        let words: Vec<String> = self
            .choices
            .iter()
            .map(|(alternative, choice)| format!("{alternative}: {choice}"))
            .collect();
        (!words.is_empty()).then(|| words.join(", "))
    }
}

/// The choices that a rule presumes and the implementation does not take.
fn other_choices(spec: &Spec, rule: &Rule, description: &Description) -> Vec<(String, String)> {
    spec.presumes(rule)
        .filter(|presumed| {
            description.takes(presumed.alternative, presumed.first) != presumed.choice
        })
        .map(|presumed| (presumed.alternative.to_owned(), presumed.choice.to_owned()))
        .collect()
}

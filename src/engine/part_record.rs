//! What is kept while a part of a plan is played: the failures that it met, by name, and what came of those that were
//! shrunk.

use std::collections::{BTreeMap, HashMap};

use crate::results::{
    AroundInPart, ConversationInPart, FailuresInPart, SettingInPart, ShrunkFailure,
};
use crate::spec::Kind;

use super::plan::PlanPlace;

/// What is kept while a part is played. Rules are named by their place among the active ones.
#[derive(Debug, Default)]
pub(super) struct PartRecord {
    /// The places in the plan of settings in the table.
    pub(super) places: HashMap<usize, PlanPlace>,
    pub(super) settings: BTreeMap<u64, SettingInPart>,
    pub(super) conversations: BTreeMap<u64, ConversationInPart>,
    pub(super) failures: BTreeMap<(usize, Kind), FailuresInPart>,
    /// How many failures are named.
    pub(super) named: u64,
    pub(super) shrunk: Vec<ShrunkFailure>,
    pub(super) around: Vec<AroundInPart>,
    /// Failures that were left and are not named, by rule.
    pub(super) left: HashMap<usize, u64>,
}

impl PartRecord {
    /// Begins a new table.
    pub(super) fn begin_epoch(&mut self) {
        self.places.clear();
    }

    /// Takes note of where a setting of the table stands in the plan.
    pub(super) fn place(&mut self, setting: usize, place: PlanPlace) {
        self.places.insert(setting, place);
    }
}

//! Settings that some conversation may be tried with.

use crate::domain::Setting;

/// A setting that some conversation may be tried with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AllowedSetting {
    /// The setting.
    pub setting: Setting,
    /// How many conversations it may be tried with.
    pub conversations: u64,
}

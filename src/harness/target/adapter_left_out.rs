//! What stands for the implementation of an adapter where adapters are not built in.

use super::Target;

impl Target {
    /// The implementation of an adapter: one that ships, by its name, or one in a folder, by its
    /// path. Where it is not installed, its trials are ignored, and say what to do about it. It takes the
    /// feature `process`; without it, the test fails and says so.
    pub fn adapter(name_or_path: impl Into<String>) -> Self {
        let asked = name_or_path.into();
        let why = format!(
            "the adapter `{asked}` cannot be worked: this Countersign is built without the feature `process`\n  \
             help: add `features = [\"process\"]` where Cargo.toml names countersign"
        );
        Self::mistaken(asked, why)
    }
}

//! What stands for the implementation of an adapter where adapters are not built in.

use super::Target;

/// A target that cannot be used, and says why.
pub(super) fn target(asked: String) -> Target {
    let why = format!(
        "the adapter `{asked}` cannot be worked: this Countersign is built without the feature `process`\n  \
         help: add `features = [\"process\"]` where Cargo.toml names countersign"
    );
    Target::mistaken(asked, why)
}

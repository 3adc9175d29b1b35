//! Targets: what a client asks for.

use std::fmt;

/// What a client asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Target {
    /// The resource.
    Resource,
    /// The metadata of the resource, at the URL that a challenge named just before (RFC 9728 §5.1): with one
    /// `GET` and no credentials, for everybody may read it.
    Metadata,
}

impl Target {
    /// Every target, in the order of simplicity.
    pub const ALL: [Self; 2] = [Self::Resource, Self::Metadata];

    /// The word for it in specs.
    pub fn word(self) -> &'static str {
        match self {
            Self::Resource => "resource",
            Self::Metadata => "resource-metadata",
        }
    }

    /// What it is, in a sentence.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Resource => "The resource.",
            Self::Metadata => {
                "The metadata of the resource, at the URL that a challenge named just before (RFC 9728 \
                 §5.1): with one `GET` and no credentials, for everybody may read it."
            }
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.word())
    }
}

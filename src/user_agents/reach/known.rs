//! Which credentials a server accepts, and how that is known.

use crate::user_agents::model::{Accepts, KnownScheme};

/// What is known of a scheme.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SchemeKnowledge {
    /// Valid credentials were sent.
    Tried {
        /// Whether they were accepted.
        accepted: bool,
        /// The status of the answer; nothing where the credentials are surely good.
        status: Option<u16>,
    },
    /// Somebody said so.
    Stated(bool),
    /// It is advertised, and so taken to be accepted.
    Advertised,
    /// Nothing.
    Untried,
}

impl SchemeKnowledge {
    /// Whether it is taken to be accepted.
    pub fn accepted(self) -> bool {
        match self {
            Self::Tried { accepted, .. } | Self::Stated(accepted) => accepted,
            Self::Advertised => true,
            Self::Untried => false,
        }
    }

    /// Whether credentials were sent that somebody gave and that may be wrong, and were accepted or not.
    pub fn is_tried(self, accepted: bool) -> bool {
        matches!(self, Self::Tried { accepted: was, status: Some(_) } if was == accepted)
    }

    /// A short word for it, for programs.
    pub fn word(self) -> &'static str {
        match self {
            Self::Tried { .. } => "tried",
            Self::Stated(_) => "stated",
            Self::Advertised => "advertised",
            Self::Untried => "not-tried",
        }
    }

    /// How that is known.
    pub fn how(self) -> &'static str {
        match self {
            Self::Tried { .. } => "tried",
            Self::Stated(_) => "as stated",
            Self::Advertised => "taken to be what is advertised",
            Self::Untried => "not tried",
        }
    }
}

/// What is known of each scheme for which clients of the catalogue have credentials.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Knows {
    /// Basic, Bearer and Digest.
    pub of: [(KnownScheme, SchemeKnowledge); 3],
}

impl Knows {
    /// The schemes that are taken to be accepted.
    pub fn accepts(&self) -> Accepts {
        let mut accepts = Accepts::NONE;
        for (scheme, known) in self.of {
            match scheme {
                KnownScheme::Basic => accepts.basic = known.accepted(),
                KnownScheme::Bearer => accepts.bearer = known.accepted(),
                KnownScheme::Digest => accepts.digest = known.accepted(),
                KnownScheme::Negotiate | KnownScheme::Ntlm => {}
            }
        }
        accepts
    }
}

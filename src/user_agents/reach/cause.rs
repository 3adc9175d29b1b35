//! Why a client is shut out.

use std::fmt;

use crate::user_agents::model::{
    First, KnownScheme, Lines, Reacts, Script, Splits, Traits, chosen_scheme, computes_digest,
    offers_read,
};

/// Why a client is shut out, as far as its traits tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ShutOutCause {
    /// It sends credentials of a scheme that is not accepted, unasked, and listens to nothing.
    SendsUnasked(KnownScheme),
    /// It waits for a challenge of a scheme that it could use, and there is none.
    NotAdvertised(Vec<KnownScheme>),
    /// A challenge that it could use is there, and it sees only the first line.
    SeesFirstLineOnly,
    /// It sees only the first challenge.
    SeesFirstChallengeOnly,
    /// It sees only the first challenge of each line.
    SeesFirstOfEachLine,
    /// It cannot read the challenge, or what stands before it.
    CannotRead,
    /// It prefers another challenge, to which it has nothing that is accepted.
    Prefers(String),
    /// It responds to the right challenge, in a way that is not accepted.
    RespondsWrongly(KnownScheme),
    /// It looks for challenges in other statuses than this one.
    LooksElsewhere(u16),
    /// It cannot compute a response to what the challenge says.
    CannotCompute(KnownScheme),
}

impl ShutOutCause {
    /// The cause for a client that was seen to be shut out.
    pub(super) fn of(traits: &Traits, script: &Script) -> Self {
        let accepts = &script.accepts;
        let usable: Vec<KnownScheme> = traits
            .known()
            .filter(|scheme| match scheme {
                KnownScheme::Basic => accepts.basic && traits.has_password(),
                KnownScheme::Digest => accepts.digest && traits.has_password(),
                KnownScheme::Bearer => accepts.bearer && traits.has_token(),
                KnownScheme::Negotiate | KnownScheme::Ntlm => false,
            })
            .collect();
        if traits.reacts == Reacts::Never {
            return Self::SendsUnasked(match traits.first {
                First::Bearer => KnownScheme::Bearer,
                _ => KnownScheme::Basic,
            });
        }
        let offers = script.layout.offers();
        let offered: Vec<KnownScheme> = usable
            .iter()
            .copied()
            .filter(|scheme| offers.iter().any(|offer| offer.is(scheme.name())))
            .collect();
        if offered.is_empty() {
            return Self::NotAdvertised(usable);
        }
        if !matches!(script.status, 401 | 407) && traits.reacts == Reacts::Unauthorized {
            return Self::LooksElsewhere(script.status);
        }
        let read = offers_read(traits, &script.layout);
        let sees = |scheme: &KnownScheme| read.iter().any(|offer| offer.is(scheme.name()));
        if !offered.iter().any(sees) {
            let lines = script.layout.lines().len();
            return match (traits.lines, traits.splits) {
                _ if offers.len() == 1 => Self::CannotRead,
                (Lines::First, Splits::Head) | (Lines::Joined, Splits::Head) => {
                    Self::SeesFirstChallengeOnly
                }
                (Lines::First, _) if lines > 1 => Self::SeesFirstLineOnly,
                (Lines::Each, Splits::Head | Splits::Prefix) => Self::SeesFirstOfEachLine,
                _ => Self::CannotRead,
            };
        }
        match chosen_scheme(traits, script) {
            Some(chosen) => match offered
                .iter()
                .find(|scheme| scheme.name().eq_ignore_ascii_case(chosen))
            {
                Some(KnownScheme::Digest) if !computes_digest(traits, &script.layout) => {
                    Self::CannotCompute(KnownScheme::Digest)
                }
                Some(scheme) => Self::RespondsWrongly(*scheme),
                None => Self::Prefers(chosen.to_owned()),
            },
            None => Self::CannotRead,
        }
    }

    /// A short word for it, for programs.
    pub fn word(&self) -> &'static str {
        match self {
            Self::SendsUnasked(_) => "sends-unasked",
            Self::NotAdvertised(_) => "not-advertised",
            Self::SeesFirstLineOnly => "sees-first-line-only",
            Self::SeesFirstChallengeOnly => "sees-first-challenge-only",
            Self::SeesFirstOfEachLine => "sees-first-challenge-of-each-line",
            Self::CannotRead => "cannot-read",
            Self::Prefers(_) => "prefers-another",
            Self::RespondsWrongly(_) => "responds-wrongly",
            Self::LooksElsewhere(_) => "looks-elsewhere",
            Self::CannotCompute(_) => "cannot-compute",
        }
    }
}

impl fmt::Display for ShutOutCause {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SendsUnasked(scheme) => write!(
                out,
                "sends {} unasked, which is not accepted, and reads no challenge",
                scheme.name()
            ),
            Self::NotAdvertised(schemes) => {
                let names: Vec<&str> = schemes.iter().map(|scheme| scheme.name()).collect();
                write!(
                    out,
                    "waits for a challenge of {}, and there is none",
                    names.join(" or ")
                )
            }
            Self::SeesFirstLineOnly => out.write_str("sees the first line only"),
            Self::SeesFirstChallengeOnly => out.write_str("sees the first challenge only"),
            Self::SeesFirstOfEachLine => {
                out.write_str("sees the first challenge of each line only")
            }
            Self::CannotRead => out.write_str("cannot read the challenge as it is written"),
            Self::Prefers(other) => write!(out, "responds to {other} instead"),
            Self::RespondsWrongly(scheme) => {
                write!(out, "responds to {}, but not rightly", scheme.name())
            }
            Self::LooksElsewhere(status) => {
                write!(out, "looks for challenges in a 401, and this is a {status}")
            }
            Self::CannotCompute(scheme) => write!(
                out,
                "cannot compute a response to the challenge of {}",
                scheme.name()
            ),
        }
    }
}

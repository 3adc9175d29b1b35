//! Personas: how a user agent reacts to challenges.

use std::fmt;
use std::sync::LazyLock;

use crate::credentials::Scheme;
use crate::user_agents::catalogue::{CatalogueEntry, shipped};
use crate::user_agents::model::{Algorithm, Chooses, DigestTraits, Holds, Set};
use crate::user_agents::model::{
    First, KnownScheme, Lines, MOST_KNOWN, Quirk, Splits, TraitWord as _, Traits,
};

/// Declares the personas that are no real client: each with what it does and its word.
macro_rules! personas {
    ($($(#[doc = $doc:literal])* $variant:ident, $word:literal;)*) => {
        /// How a user agent uses its credentials.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Persona {
            $($(#[doc = $doc])* $variant,)*
            /// A client of the catalogue.
            Catalogued(Catalogued),
        }

        impl Persona {
            /// The personas that are no real client, in the order of simplicity.
            pub const NAMED: [Self; [$($word,)*].len()] = [$(Self::$variant,)*];

            /// The word for it in specs.
            pub fn word(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)*
                    Self::Catalogued(client) => client.entry().map_or("", |entry| &entry.name),
                }
            }

            /// What it does, in a sentence; of a real client that it is one.
            pub fn meaning(self) -> &'static str {
                match self {
                    $(Self::$variant => concat!($($doc),*).trim_ascii(),)*
                    Self::Catalogued(_) => "A client of the catalogue.",
                }
            }
        }
    };
}

personas! {
    /// Sends its credentials with the first request, unasked, and never again. Where the scheme's
    /// credentials cannot be made without a challenge (Digest), it asks for one first, as a user agent
    /// did that was there before (RFC 7616 §3.6).
    Preemptive, "preemptive";
    /// Sends a bare request and, on a 401 that has a challenge of its scheme anywhere in the whole
    /// list, its credentials once (RFC 9110 §11.6.1).
    ChallengeDriven, "challenge-driven";
    /// Challenge-driven, but sees the first challenge of each field line only.
    OneChallengePerLine, "one-challenge-per-line";
    /// Challenge-driven, but sees the first challenge of the first line only.
    FirstChallengeOnly, "first-challenge-only";
    /// Challenge-driven, but sees the first line only.
    FirstLineOnly, "first-line-only";
    /// Challenge-driven, but takes a comma within quotes for the end of a challenge.
    QuoteBlind, "quote-blind";
    /// Challenge-driven, but looks for the scheme's name anywhere in the text.
    Substring, "substring";
    /// Takes any 401 for a challenge of its scheme, whatever it says.
    SchemeBlind, "scheme-blind";
    /// Challenge-driven; with a user and a password it speaks Digest where it is offered, else Basic.
    StrongestFirst, "strongest-first";
    /// Challenge-driven; with a user and a password it speaks whichever of Digest and Basic is offered
    /// first.
    FirstOffered, "first-offered";
    /// Challenge-driven; with a user and a password it speaks whichever of Digest and Basic the last
    /// line offers.
    LastLine, "last-line";
}

/// A client of the catalogue that ships, by its place there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Catalogued(u16);

impl Catalogued {
    /// Its entry; nothing only where the catalogue that ships is broken, which the tests rule out.
    pub fn entry(self) -> Option<&'static CatalogueEntry> {
        shipped().ok()?.entries.get(usize::from(self.0))
    }

    /// Every client that can be played against an origin server: it is no client of a proxy, sends a
    /// request, and has a use for some credentials.
    fn all() -> impl Iterator<Item = Self> {
        let entries = shipped().map_or(&[][..], |catalogue| &catalogue.entries);
        (0..).zip(entries).filter_map(|(at, entry)| {
            let traits = &entry.traits;
            let plays = !traits.quirks.has(Quirk::Proxy) && traits.first != First::NoRequest;
            let plays = plays
                && KnownScheme::ALL
                    .iter()
                    .any(|own| equipped(traits, *own).is_some());
            plays.then_some(Self(at))
        })
    }
}

impl Persona {
    /// Every persona: those that are no real client, then those of the catalogue.
    pub fn all() -> &'static [Self] {
        static ALL: LazyLock<Vec<Persona>> = LazyLock::new(|| {
            let real = Catalogued::all().map(Persona::Catalogued);
            Persona::NAMED.into_iter().chain(real).collect()
        });
        &ALL
    }

    /// The persona that a word names.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::all()
            .iter()
            .copied()
            .find(|persona| persona.word() == word)
    }

    /// Whether it has a use for credentials of a scheme, and what it does with them is known.
    ///
    /// # Errors
    ///
    /// What would be wrong.
    pub fn goes_with(self, scheme: Scheme) -> Result<(), &'static str> {
        if self.traits(scheme).is_ok() {
            return Ok(());
        }
        let all = Scheme::ALL.iter().copied();
        let used: Vec<Scheme> = all.filter(|one| self.traits(*one).is_ok()).collect();
        Err(match used[..] {
            [Scheme::Basic] => "the client has a use for Basic credentials only",
            [Scheme::Digest] => "the client has a use for Digest credentials only",
            [Scheme::Bearer] => "the client has a use for bearer tokens only",
            [Scheme::Basic, Scheme::Digest] => {
                "the client has a use for a user and a password only"
            }
            _ => "how the persona would speak that scheme is not known",
        })
    }

    /// Its traits, as one that has credentials of a scheme, and of those that the same secret is good
    /// for: a user and a password are for Basic and for Digest.
    ///
    /// # Errors
    ///
    /// In words, when it has no use for such credentials: the case is not applicable.
    pub fn traits(self, scheme: Scheme) -> Result<Traits, String> {
        let Some(own) = KnownScheme::from_word(scheme.word()) else {
            return match self {
                Self::Preemptive | Self::ChallengeDriven => Ok(Traits::default()),
                _ => Err(format!("persona {self} has no use for {scheme}")),
            };
        };
        let plain = Traits {
            holds: match own {
                KnownScheme::Bearer => Holds::Token,
                _ => Holds::Password,
            },
            knows: known([own]),
            digest: DigestTraits {
                algorithms: Algorithm::ALL.iter().copied().fold(Set::EMPTY, Set::with),
                ..DigestTraits::default()
            },
            ..Traits::default()
        };
        let by_password = match own {
            KnownScheme::Basic | KnownScheme::Digest => {
                known([KnownScheme::Digest, KnownScheme::Basic])
            }
            _ => plain.knows,
        };
        let reading = |lines, splits| {
            let mut traits = plain;
            (traits.lines, traits.splits) = (lines, splits);
            traits
        };
        let choosing = |chooses| {
            let mut traits = plain;
            (traits.knows, traits.chooses) = (by_password, chooses);
            traits
        };
        Ok(match self {
            Self::Preemptive => Traits {
                first: match own {
                    KnownScheme::Basic => First::Basic,
                    KnownScheme::Bearer => First::Bearer,
                    _ => First::Nothing,
                },
                ..plain
            },
            Self::ChallengeDriven => plain,
            Self::OneChallengePerLine => reading(Lines::Each, Splits::Head),
            Self::FirstChallengeOnly => reading(Lines::First, Splits::Head),
            Self::FirstLineOnly => reading(Lines::First, Splits::Commas),
            Self::QuoteBlind => reading(Lines::Each, Splits::QuoteBlind),
            Self::Substring => reading(Lines::Joined, Splits::Substring),
            Self::SchemeBlind => reading(Lines::Each, Splits::SchemeBlind),
            Self::StrongestFirst => choosing(Chooses::Strongest),
            Self::FirstOffered => choosing(Chooses::FirstOffered),
            Self::LastLine => choosing(Chooses::LastLine),
            Self::Catalogued(client) => {
                let entry = client.entry().ok_or("the catalogue cannot be read")?;
                equipped(&entry.traits, own)
                    .ok_or_else(|| format!("{} has no use for {scheme}", entry.name))?
            }
        })
    }
}

/// The traits of a client that has credentials of one scheme, and of no other that needs another
/// secret; nothing if it has no use for them.
fn equipped(traits: &Traits, own: KnownScheme) -> Option<Traits> {
    let token = own == KnownScheme::Bearer;
    let first = matches!(
        (traits.first, own),
        (First::Basic, KnownScheme::Basic) | (First::Bearer, KnownScheme::Bearer)
    );
    let held = match token {
        true => traits.has_token(),
        false => traits.has_password(),
    };
    if !held || !first && !traits.known().any(|known| known == own) {
        return None;
    }
    let mut knows = [None; MOST_KNOWN];
    let speaks = traits.known().filter(|known| match known {
        KnownScheme::Bearer => token,
        KnownScheme::Basic | KnownScheme::Digest => !token,
        // It has no credentials for them, and is held up by them all the same.
        KnownScheme::Negotiate | KnownScheme::Ntlm => true,
    });
    for (slot, scheme) in knows.iter_mut().zip(speaks) {
        *slot = Some(scheme);
    }
    Some(Traits {
        knows,
        holds: if token { Holds::Token } else { Holds::Password },
        ..*traits
    })
}

fn known<const N: usize>(schemes: [KnownScheme; N]) -> [Option<KnownScheme>; MOST_KNOWN] {
    let mut known = [None; MOST_KNOWN];
    for (slot, scheme) in known.iter_mut().zip(schemes) {
        *slot = Some(scheme);
    }
    known
}

impl fmt::Display for Persona {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.word())
    }
}

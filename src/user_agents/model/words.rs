//! Enumerations whose variants have a word in YAML.

/// Declares an enumeration with one word for each variant, all of them, and the way back.
macro_rules! words {
    (
        $(#[$about:meta])*
        $name:ident { $($(#[$what:meta])* $variant:ident = $word:literal,)+ }
    ) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[derive(Default)]
        pub enum $name { $($(#[$what])* $variant,)+ }

        impl $crate::user_agents::model::TraitWord for $name {
            const ALL: &'static [Self] = &[$(Self::$variant,)+];

            fn word(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }
        }
    };
}

pub(super) use words;

/// A value of a trait, which has a word in the catalogue.
pub trait TraitWord: Copy + Eq + 'static {
    /// Every value, in the order in which they are documented.
    const ALL: &'static [Self];

    /// Its word.
    fn word(self) -> &'static str;

    /// The value that a word names.
    fn from_word(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|known| known.word() == word)
    }
}

/// A set of a trait's values, of which there are at most 16.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Set(u16);

impl Set {
    /// Nothing.
    pub const EMPTY: Self = Self(0);

    /// This set with one value more.
    #[must_use]
    pub fn with<W: TraitWord>(self, value: W) -> Self {
        Self(self.0 | bit(value))
    }

    /// Whether the value is in it.
    pub fn has<W: TraitWord>(self, value: W) -> bool {
        self.0 & bit(value) != 0
    }
}

fn bit<W: TraitWord>(value: W) -> u16 {
    let at = W::ALL.iter().position(|known| *known == value);
    at.and_then(|at| 1_u16.checked_shl(u32::try_from(at).unwrap_or(u32::MAX)))
        .unwrap_or(0)
}

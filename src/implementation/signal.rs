//! Signals that an adapter can name.

use std::fmt;

/// A signal (POSIX.1, `signal.h`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// Hang up; by custom: read the configuration again.
    Hup,
    /// Interrupt.
    Int,
    /// Quit; by custom: finish what is under way, then end.
    Quit,
    /// Terminate.
    Term,
    /// The first one without a meaning of its own.
    Usr1,
    /// The second one without a meaning of its own.
    Usr2,
}

impl Signal {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Hup,
        Self::Int,
        Self::Quit,
        Self::Term,
        Self::Usr1,
        Self::Usr2,
    ];

    /// The word for it in an adapter.
    pub fn word(self) -> &'static str {
        match self {
            Self::Hup => "HUP",
            Self::Int => "INT",
            Self::Quit => "QUIT",
            Self::Term => "TERM",
            Self::Usr1 => "USR1",
            Self::Usr2 => "USR2",
        }
    }

    /// The signal that a word names.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|signal| signal.word() == word)
    }

    /// Its number. POSIX leaves those of the last two open: Linux and the BSDs differ.
    #[cfg(unix)]
    pub(super) fn number(self) -> i32 {
        let linux = cfg!(any(target_os = "linux", target_os = "android"));
        match self {
            Self::Hup => 1,
            Self::Int => 2,
            Self::Quit => 3,
            Self::Term => 15,
            Self::Usr1 if linux => 10,
            Self::Usr2 if linux => 12,
            Self::Usr1 => 30,
            Self::Usr2 => 31,
        }
    }
}

impl fmt::Display for Signal {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.word())
    }
}

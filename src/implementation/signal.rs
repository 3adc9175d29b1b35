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

    /// It as the system has it.
    #[cfg(unix)]
    pub(super) fn posix(self) -> rustix::process::Signal {
        use rustix::process::Signal as Posix;
        match self {
            Self::Hup => Posix::HUP,
            Self::Int => Posix::INT,
            Self::Quit => Posix::QUIT,
            Self::Term => Posix::TERM,
            Self::Usr1 => Posix::USR1,
            Self::Usr2 => Posix::USR2,
        }
    }
}

impl fmt::Display for Signal {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.word())
    }
}

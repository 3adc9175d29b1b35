//! Reproductions: one readable file per finding, which stands alone.
//!
//! An [`Entry`] holds values, not seeds: the case, what the rule demands of it with nothing left to
//! look up, what was seen, and why nothing simpler shows it. [`save()`] writes it, [`load`] reads it
//! back with diagnostics, and [`replay()`] tries it again against any implementation, with no spec at
//! hand. `corpus/README.md` explains the format to people.

mod answer;
mod difference;
#[cfg(test)]
mod drawn;
mod entrance;
mod entry;
mod head;
mod mail_damage;
mod packs;
mod read;
mod read_course;
mod read_plain;
mod read_proof;
mod replay;
mod save;
mod transcript;
mod write;

pub use entry::{Entry, SavedRule, SeenOn, Sibling};
pub use read::{Unreadable, list, load};
pub use replay::{Reason, ReplayState, Replayed, replay};
pub use save::{Saved, save};
pub use transcript::{HOST, Message, Messages};

#[cfg(test)]
mod tests;

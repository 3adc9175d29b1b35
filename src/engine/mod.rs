//! The engine: plan, run, judge, shrink, explain. It emits events and prints nothing.
//!
//! [`run()`] drives one spec against one implementation. Its parts, in the order in which a case meets
//! them: [`plan`](Plan) says which settings are tried; the lab installs them in slots and plays
//! clients against them; the table remembers what was seen; the judge holds rules against it; a
//! failure is shrunk, explained and confirmed, and becomes a [`Finding`](crate::results::Finding).

mod abreast;
mod accounted;
mod act;
mod active;
mod again;
mod alone;
mod answered;
mod apart;
mod attribute;
mod batch;
mod before;
mod behind_others;
mod beside;
mod bodies;
mod claimed;
mod compare;
mod confirm;
mod drive;
mod entry;
mod evidence;
mod explain;
mod failure;
mod followers;
mod foreseen;
mod inside;
mod judge;
mod known_verdicts;
mod lab;
mod lacking;
mod lock_out;
mod log_ins;
mod options;
mod part;
mod part_record;
mod patience;
mod place_hash;
mod plan;
mod pulse;
mod run;
mod runner;
mod sharing;
mod shrink;
mod siblings;
mod simplest_valid;
mod table;
mod talk;
mod tally;
mod transcribe;
mod unaided;
mod unanswered;
mod verdicts;
mod watching;
mod whole;

pub(crate) use again::{Again, Manner, Shown, Take, resolved};
pub(crate) use alone::{NotPlayed, PlayedAlone};
pub(crate) use claimed::not_claimed;
pub use claimed::{inexpressible, is_bound, outside, supported, vocabulary};
pub use compare::compare;
pub(crate) use entry::{Entrance, try_to_enter};
pub(crate) use explain::presumed;
pub use foreseen::{Foreseen, Meets, NotMet, foresee};
pub use judge::Verdict;
pub(crate) use lab::Lab;
pub use lacking::{Lacking, lacking};
pub use options::{Options, Stop};
pub use plan::Plan;
pub use pulse::Pulse;
pub use run::{Running, judge_one, not_bound, run};
pub(crate) use simplest_valid::simplest_valid;
pub(crate) use unaided::without_others;
pub use whole::run_packs;

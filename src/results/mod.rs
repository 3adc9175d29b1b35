//! Results: what a run found, as plain values. Nothing here plays a case.
//!
//! The engine makes them, and tells of them by [events](Event) while it does; reports, baselines, saved cases
//! and the matrix of rules and faults read them.

mod accused;
mod attribution;
mod before;
mod cause;
mod comparison;
mod contradiction;
mod courses;
mod coverage;
mod demand;
mod event;
mod finding;
mod fingerprint;
mod followed;
mod grouping;
mod invocation;
mod known;
mod let_in;
mod matrix;
mod merge;
mod minimal;
mod part;
mod read;
mod report;
mod run;
mod secrets;
mod serial;
mod shape;
mod stopped;
mod through;

#[cfg(test)]
mod tests;

pub use accused::{Accused, Odd};
pub(crate) use accused::{CREDENTIAL_PATH, fields};
pub use before::{Before, Likely};
pub use cause::{Cause, causes};
pub use comparison::{Ambiguity, AnswerSummary, AnsweredCase, ComparisonReport, PackComparison};
pub use courses::CoursesCovered;
pub use coverage::Coverage;
pub use demand::{ResolvedDemand, ResolvedRelation};
pub use event::{Event, Subscriber};
pub use finding::{
    Cure, Finding, Flaky, MinimalityProof, Presumed, Transcript, TranscriptEntry, TriedChange,
    TriedVerdict, Unsteady,
};
pub(crate) use fingerprint::flow_value;
pub use fingerprint::{Fingerprint, text_fingerprint};
pub use followed::Followed;
pub use invocation::Invocation;
pub use known::{KnownDefect, KnownDefects, Stale, Whose};
pub use let_in::{LetIn, SentSoFar, Then};
pub(crate) use matrix::can_hold;
pub use matrix::{Kill, Matrix, MatrixCost};
pub use merge::{NotParts, merge};
pub(crate) use minimal::{FINDINGS_PER_RULE, Minimal};
pub(crate) use part::MOST_NAMED;
pub use part::{
    AroundInPart, ConversationInPart, FailuresInPart, FindingInPart, MetFailure, Parts, PlanPart,
    RuleInPart, SettingInPart, ShrunkFailure, Ways,
};
pub use read::{LARGEST_RUN, UnreadableRun};
pub use report::{Anomaly, Left, PackReport, RuleReport, RuleState, Unclaimed};
pub use run::{
    Defect, FindingPlace, RUN_FORMAT, Run, RunVerdict, SAVED_RUN_SCHEMA, defects, place_of,
};
pub use stopped::{FAULTS_IN_A_ROW, SLOW_EXCHANGES, Stopped, UNREAD_IN_A_ROW};

//! Specs: what is expected of an implementation, as data that is checked before the first request.
//!
//! A spec is one YAML file: a domain, definitions, rules. [`Spec::read`] turns it into typed data or
//! into diagnostics; [`Spec::analyse`] looks for rules that can never apply, rules that contradict
//! each other and cases that no rule judges.

mod about;
mod accuse;
mod analysis;
mod challenges;
mod clause;
mod definition;
mod exchange;
mod fit;
mod headers;
mod imagine;
mod kind;
mod lower;
mod mention;
mod model;
mod parameter;
mod predicate;
mod relation;
mod schema;
mod serial;
mod shipped;
mod space;
mod strategy;
mod subject;
mod term;
mod told;
mod write;

pub use about::{About, ListPart, Seen, Turn};
pub use accuse::{Certainty, Side, presumed};
pub use challenges::ChallengeClause;
pub use clause::{Check, Clause, Discrepancy};
pub use definition::{Body, Datum, Definition};
pub use exchange::{BackendFit, ExchangeClause, MemberFit, RequestFit, WhichRequest};
pub use fit::{OutcomeFit, OutcomeWord, StatusFit};
pub use headers::{HeaderClause, HeaderFit};
pub use kind::{BackendFlaw, Flaw, Kind, ListFlaw, ParamFlaw, UnknownKind};
pub use lower::{
    case_from, read_case, read_clause, read_comparisons, read_course, read_predicate,
    read_repetition,
};
pub use model::{
    Alternative, Binds, Choice, Demand, Level, Pack, Rule, Spec, Standing, Stated, unnamed_defect,
};
pub use parameter::{ParamClause, ValueKind};
pub use predicate::{Matcher, Predicate, Range, Tri};
pub use relation::{ChangeTo, Compared, Comparison, Relation, SiblingCase, Siblings};
pub use schema::json_schema;
pub use shipped::{SHIPPED, shipped};
pub use space::AllowedSetting;
pub(crate) use space::MOST_CONVERSATIONS;
pub use subject::{Subject, Which};
pub use term::{Element, Env, Path, SetExpr, Sight, Term};
pub use told::Told;

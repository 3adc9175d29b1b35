//! Specs: what is expected of an implementation, as data that is checked before the first request.
//!
//! A spec is one YAML file: a domain, definitions, rules. [`Spec::read`] turns it into typed data or
//! into diagnostics; [`Spec::analyse`] looks for rules that can never apply, rules that contradict
//! each other and cases that no rule judges.

mod about;
mod accuse;
mod allowed;
mod analysis;
mod asked_host;
mod aspect;
mod challenges;
mod check;
mod clause;
mod conditions;
mod contradictions;
mod datum;
mod definition;
mod dependence;
mod early;
mod exchange;
mod exclusion;
mod fit;
mod flaw;
mod headers;
mod idle;
mod imagine;
mod kind;
mod known;
mod logged;
mod lower;
mod meetings;
mod mention;
mod model;
mod needed;
mod observation;
mod outcome_text;
mod parameter;
mod parts;
mod pointless;
mod predicate;
mod range;
mod reached;
mod relation;
mod relay_words;
mod returned;
mod rule_set;
mod schema;
mod schemes;
mod serial;
mod shipped;
mod space;
mod strategy;
mod subject;
mod term;
mod truth;
mod write;

pub use about::Certainty;
pub use about::{About, DecisionFlaw, ListPart, SeenValues};
pub use accuse::presumed;
pub use allowed::AllowedSetting;
pub use aspect::Aspect;
pub use aspect::WhichRequest;
pub use challenges::ChallengeClause;
pub use check::{Check, Discrepancy};
pub use clause::Clause;
pub use conditions::{Conditions, KnownOfConversation, KnownOfSetting};
pub use datum::Datum;
pub use definition::{Body, Definition, SortKey};
pub use exchange::{ExchangeClause, MemberFit, RequestFit};
pub use exclusion::Exclusion;
pub use fit::{OutcomeFit, OutcomeWord, StatusFit};
pub use flaw::{BackendFlaw, Flaw, ListFlaw, LogFlaw, ParamFlaw};
pub use headers::{HeaderClause, HeaderFit};
pub use kind::Side;
pub use kind::{Kind, UnknownKind};
pub use logged::LogFit;
pub use lower::{
    case_from, check_setting, read_case, read_clause, read_comparisons, read_course,
    read_predicate, read_repetition, read_value,
};
pub use meetings::{Meetings, OFTEN_ENOUGH};
pub use model::{
    Alternative, Binds, Choice, Demand, Level, Pack, Rule, Spec, Standing, Stated, unnamed_defect,
};
pub use needed::Needed;
pub use observation::Observation;
pub use outcome_text::OutcomeText;
pub use parameter::{ParamClause, ValueKind};
pub use predicate::{Matcher, Predicate};
pub use range::Range;
pub use reached::{BackendFit, ContentFit};
pub use relation::{ChangeTo, Comparison, Relation, SiblingCase, Siblings};
pub use relay_words::{AskedPart, IdentityFit, RelayedPart, WithheldPart};
pub use returned::Returned;
pub use rule_set::RuleSet;
pub use schema::json_schema;
pub use shipped::{SHIPPED, shipped};
pub(crate) use space::MOST_CONVERSATIONS;
pub use subject::{Subject, Which};
pub use term::{Element, Env, Path, SetExpr, Term};
pub use truth::Tri;

//! The parts of a spec.

use std::fmt;
use std::sync::{Arc, OnceLock};

use serde::{Deserialize, Serialize};

use super::allowed::AllowedSetting;
use super::clause::Clause;
use super::conditions::Conditions;
use super::datum::Datum;
use super::definition::Definition;
use super::exclusion::Exclusion;
use super::needed::Needed;
use super::outcome_text::OutcomeText;
use super::predicate::Predicate;
use super::relation::Relation;
use super::shipped::shipped;
use super::term::Env;
use super::truth::Tri;
use crate::auth::Departure;
use crate::domain::{
    Case, CaseRef, Conversation, Cover, Domain, Extension, NarrowError, Narrowing, Part, Type,
    Value,
};
use crate::observation::Outcome;
use crate::vocabulary::Needs;
use crate::yaml::{Source, Span};

/// A checked spec.
#[derive(Clone, Debug)]
pub struct Spec {
    /// The text that it was read from.
    pub source: Source,
    /// Its name and version.
    pub pack: Pack,
    /// The space of its cases.
    pub domain: Domain,
    /// What that space has beyond profiles and clients, as it was before any narrowing.
    pub extensions: Arc<[Extension]>,
    /// Combinations that the domain leaves out.
    pub excluded: Vec<Exclusion>,
    /// What its clients must not lack, or there could be no such client: see
    /// [`needs_of`](crate::vocabulary::needs_of).
    pub needs: Vec<&'static Needs>,
    /// Named values, each using earlier ones only.
    pub definitions: Vec<Definition>,
    /// Behaviour on which sources differ.
    pub alternatives: Vec<Alternative>,
    /// The rules, in the order written.
    pub rules: Vec<Rule>,
    /// The whole space of its cases, where `domain` was narrowed.
    pub(super) written: Option<Arc<Domain>>,
    /// See [`Spec::conversations`].
    pub(super) conversations: Arc<OnceLock<Vec<Conversation>>>,
    /// See [`Spec::settings`].
    pub(super) settings: Arc<OnceLock<Option<Vec<AllowedSetting>>>>,
    /// See [`Spec::cover`].
    pub(super) cover: Arc<OnceLock<Cover>>,
    /// See [`Spec::settings_cover`].
    pub(super) settings_cover: Arc<OnceLock<Cover>>,
    /// See [`Spec::needed`].
    pub(super) needed: Arc<OnceLock<Needed>>,
    /// See [`Spec::conditions`].
    pub(super) conditions: Arc<OnceLock<Conditions>>,
}

/// The name and version of a spec.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pack {
    /// Its name: lower-case words joined by hyphens.
    pub name: String,
    /// Its version; grows when a scored rule is added or changed.
    pub version: u32,
    /// What it is about.
    pub title: String,
    /// Whom it binds.
    pub binds: Binds,
}

/// Whom a pack binds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Binds {
    /// Every implementation.
    #[default]
    Everybody,
    /// Those that claim it, such as a platform and whoever emulates it.
    Claimants,
}

impl Binds {
    /// Both, in the order in which they are listed.
    pub const ALL: [Self; 2] = [Self::Everybody, Self::Claimants];

    /// The word for it in specs.
    pub fn word(self) -> &'static str {
        match self {
            Self::Everybody => "everybody",
            Self::Claimants => "claimants",
        }
    }
}

/// How strongly a rule binds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// Its source demands it.
    Must,
    /// Its source recommends it, or everybody would expect it.
    Should,
    /// Its source allows it.
    May,
    /// Good advice that no source gives.
    Advice,
}

impl Level {
    /// All levels, the strongest first.
    pub const ALL: [Self; 4] = [Self::Must, Self::Should, Self::May, Self::Advice];

    /// The word for it in specs and reports.
    pub fn word(self) -> &'static str {
        match self {
            Self::Must => "must",
            Self::Should => "should",
            Self::May => "may",
            Self::Advice => "advice",
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.word())
    }
}

/// Where a rule is stated.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stated {
    /// The document, such as `RFC 9110`.
    pub document: String,
    /// The section in it.
    pub section: String,
    /// What a reader should know about the statement.
    pub note: Option<String>,
}

impl fmt::Display for Stated {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.section.starts_with(|c: char| c.is_ascii_digit()) {
            " §"
        } else {
            ", "
        };
        write!(out, "{}{sign}{}", self.document, self.section)?;
        match &self.note {
            Some(note) => write!(out, " ({note})"),
            None => Ok(()),
        }
    }
}

/// Whether breaking a rule counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It counts.
    Scored,
    /// It does not count, for this reason.
    NotScored(String),
}

/// Behaviour on which sources differ: an implementation declares which choice it takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alternative {
    /// Its name.
    pub name: String,
    /// Why there is more than one way.
    pub why: String,
    /// The choices by name, with what each means; the first is taken where nothing is declared.
    pub choices: Vec<(String, String)>,
}

/// When a rule applies, and what must then hold.
#[derive(Clone, Debug)]
pub struct Rule {
    /// Its name: lower-case words joined by hyphens.
    pub id: String,
    /// Where the name stands.
    pub span: Span,
    /// How strongly it binds.
    pub level: Level,
    /// What is wrong with a server that breaks it, in a phrase, where the spec says so.
    pub defect: Option<OutcomeText>,
    /// Where it is stated.
    pub stated: Stated,
    /// Who is hurt when it breaks.
    pub impact: OutcomeText,
    /// When it applies.
    pub when: Predicate,
    /// What must then hold.
    pub demand: Demand,
    /// Whether breaking it counts.
    pub standing: Standing,
    /// It only applies to implementations that take these choices: alternative and choice by index.
    pub alternative: Vec<(usize, usize)>,
}

/// A choice of an alternative that a rule presumes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Choice<'a> {
    /// The alternative's name.
    pub alternative: &'a str,
    /// The choice's name.
    pub choice: &'a str,
    /// The first choice, which whoever says nothing counts as taking.
    pub first: &'a str,
}

impl Spec {
    /// The choices that a rule of this spec presumes.
    pub fn presumes(&self, rule: &Rule) -> impl Iterator<Item = Choice<'_>> {
        rule.alternative.iter().filter_map(|(alternative, choice)| {
            let alternative = self.alternatives.get(*alternative)?;
            let (choice, _) = alternative.choices.get(*choice)?;
            let (first, _) = alternative.choices.first()?;
            Some(Choice {
                alternative: &alternative.name,
                choice,
                first,
            })
        })
    }
}

/// What a rule demands.
#[derive(Clone, Debug)]
pub enum Demand {
    /// Something of the case itself.
    Expect(Box<Clause>),
    /// Something of the case beside its siblings.
    Relate(Box<Relation>),
    /// Something that cannot be seen: the rule is listed, with the reason, and never judged.
    Unseen,
}

impl Rule {
    /// What is wrong with a server that breaks it and was seen to end so, in a phrase.
    pub fn defect(&self, seen: Option<Outcome>) -> String {
        match &self.defect {
            Some(text) => text.of(seen).to_owned(),
            None => unnamed_defect(&self.id),
        }
    }

    /// Whether it speaks of a policy that is edited while it is in force.
    pub fn uses_edits(&self) -> bool {
        matches!(&self.demand, Demand::Relate(relation) if relation.uses_edits())
    }

    /// Whether it looks at audit events.
    pub fn uses_events(&self) -> bool {
        let demand = match &self.demand {
            Demand::Expect(clause) => clause.uses_events(),
            Demand::Relate(relation) => relation.uses_events(),
            Demand::Unseen => false,
        };
        demand || self.when.uses_events()
    }

    /// Whether it looks at bodies.
    pub fn uses_body(&self) -> bool {
        let sound = match &self.demand {
            Demand::Relate(relation) => relation.sound.as_ref(),
            Demand::Expect(_) | Demand::Unseen => None,
        };
        let mut clauses = self.expected().into_iter().chain(sound);
        clauses.any(|clause| clause.body.is_some() || clause.exchange.uses_body())
    }

    /// Whether it looks at more than the last answer of the client that asks last.
    pub fn uses_exchanges(&self) -> bool {
        let sound = match &self.demand {
            Demand::Relate(relation) => relation.sound.as_ref(),
            Demand::Expect(_) | Demand::Unseen => None,
        };
        let mut clauses = self.expected().into_iter().chain(sound);
        clauses.any(|clause| clause.exchange.uses_exchanges())
    }

    /// Whether it looks at what audit events say, beside their names.
    pub fn uses_log(&self) -> bool {
        let clause = self.expected();
        clause.is_some_and(|clause| clause.exchange.log.is_some())
    }

    /// Whether it looks at whether there is content.
    pub fn uses_content(&self) -> bool {
        let clause = self.expected();
        clause.is_some_and(|clause| clause.exchange.uses_content())
    }

    /// Whether it looks at what reaches the backend.
    pub fn uses_backend(&self) -> bool {
        let clause = self.expected();
        clause.is_some_and(|clause| clause.exchange.uses_backend())
    }

    /// Whether it names a departure from the grammar that no challenge may have.
    pub fn names_departure(&self, departure: Departure) -> bool {
        let challenges = self
            .expected()
            .and_then(|clause| clause.challenges.as_ref());
        challenges.is_some_and(|challenges| challenges.no_departure.contains(&departure))
    }

    /// What it expects of the case, or of its sibling.
    fn expected(&self) -> Option<&Clause> {
        match &self.demand {
            Demand::Expect(clause) => Some(clause),
            Demand::Relate(relation) => relation.expect.as_ref(),
            Demand::Unseen => None,
        }
    }
}

/// What is said of a rule's defect where nobody has found better words: its id as words.
pub fn unnamed_defect(id: &str) -> String {
    format!("\"{}\" is broken", id.replace('-', " "))
}

impl Spec {
    /// The rule of this id.
    pub fn rule(&self, id: &str) -> Option<&Rule> {
        self.rules.iter().find(|rule| rule.id == id)
    }

    /// What the command's `--spec` takes for it: its name where it ships, otherwise its file.
    pub fn called(&self) -> &str {
        if self.is_shipped_text() {
            &self.pack.name
        } else {
            &self.source.name
        }
    }

    /// Whether it is a shipped pack as it ships, the whole of it. Nothing is to be found wrong with it as a
    /// whole then: a test holds each to neither an error nor a warning.
    pub fn ships(&self) -> bool {
        self.written.is_none() && self.is_shipped_text()
    }

    fn is_shipped_text(&self) -> bool {
        shipped(&self.pack.name).is_some_and(|ships| ships.text == self.source.text)
    }

    /// Its domain as it was written, before any narrowing.
    pub fn written(&self) -> &Domain {
        self.written.as_deref().unwrap_or(&self.domain)
    }

    /// A case in brief, as `--case` takes it for this spec, whatever the domain was narrowed to: a field
    /// that a narrowing keeps from its simplest value is said.
    pub fn brief(&self, case: &Case) -> String {
        self.written().brief(case)
    }

    /// Whether a narrowing keeps the field at this path, such as `policy.profiles[0].scheme`, from its
    /// simplest value. Then nothing simpler was tried, and whoever reads of a case must be told.
    pub fn keeps_from_simplest(&self, path: &str) -> bool {
        let names: Vec<&str> = path
            .split('.')
            .map(|name| name.split('[').next().unwrap_or(name))
            .collect();
        let at = |domain: &Domain| {
            let (part, names) = names.split_first()?;
            let ty = domain.part(Part::from_word(part)?).at(names)?;
            Some(match ty {
                Type::List(list) => Value::Int(i64::try_from(list.min).unwrap_or(i64::MAX)),
                ty => ty.simplest(),
            })
        };
        self.written.is_some() && at(&self.domain) != at(self.written())
    }

    /// Where a rule of it stands: its file and the line of its name.
    pub fn place_of(&self, rule: &Rule) -> String {
        let (line, _) = self.source.line_column(rule.span.start);
        format!("{}:{line}", self.source.name)
    }

    /// The value of every definition for a case.
    pub fn define<'a>(&self, case: impl Into<CaseRef<'a>>) -> Vec<Datum> {
        let case = case.into();
        let mut data = Vec::with_capacity(self.definitions.len());
        for definition in &self.definitions {
            let datum = definition.evaluate(&Env::of(case, &data));
            data.push(datum);
        }
        data
    }

    /// Whether the case is in the domain and no constraint excludes it.
    pub fn allows(&self, case: &Case) -> bool {
        self.domain.contains(case) && !self.excludes(case)
    }

    /// Whether a sibling is a case of the domain. What the steps of a relation make of a conversation need
    /// be in no domain, which declares what is tried by itself.
    pub fn can_stand_beside<'a>(
        &self,
        case: impl Into<CaseRef<'a>>,
        sibling: impl Into<CaseRef<'a>>,
    ) -> bool {
        let (case, sibling) = (case.into(), sibling.into());
        let is_made = case.course != sibling.course;
        Part::ALL.into_iter().all(|part| {
            let of_conversation = matches!(part, Part::Course | Part::Client);
            (is_made && of_conversation) || self.domain.part(part).contains(sibling.part(part))
        })
    }

    /// Whether no constraint keeps a case from being compared with a sibling: what is excluded is excluded
    /// as a case of its own, and not as what a relation makes of one that is allowed.
    pub fn allows_beside<'a>(
        &self,
        case: impl Into<CaseRef<'a>>,
        sibling: impl Into<CaseRef<'a>>,
    ) -> bool {
        let (case, sibling) = (case.into(), sibling.into());
        if case.course == sibling.course {
            return !self.excludes(sibling);
        }
        let mut needs = self.needs.iter();
        !needs.any(|needs| needs.is_missing(sibling.client))
    }

    /// Whether a constraint excludes the case, or there can be no such client.
    pub fn excludes<'a>(&self, case: impl Into<CaseRef<'a>>) -> bool {
        let case = case.into();
        if self.needs.iter().any(|needs| needs.is_missing(case.client)) {
            return true;
        }
        if self.excluded.is_empty() {
            return false;
        }
        let env = Env::of(case, &[]);
        self.excluded
            .iter()
            .any(|excluded| excluded.condition.evaluate(&env) == Tri::True)
    }

    /// Why a case is none of the domain although its values are: what a client lacks, or the constraint that excludes it.
    pub fn why_excluded(&self, case: &Case) -> Option<String> {
        if let Some(needs) = { self.needs.iter() }.find(|needs| needs.is_missing(&case.client)) {
            let (why, field, other) = (needs.why, needs.field, needs.other);
            let word =
                |field| { case.client.field(field) }.map_or_else(String::new, Value::to_string);
            let (value, another) = (word(field), word(other));
            return Some(format!(
                "there is no such client, with {field} {value} and {other} {another}: {why}"
            ));
        }
        let env = Env::of(case, &[]);
        let holds = |excluded: &&Exclusion| excluded.condition.evaluate(&env) == Tri::True;
        let excluded = self.excluded.iter().find(holds)?;
        let (line, _) = self.source.line_column(excluded.span.start);
        Some(excluded.told(&format!("{}:{line}", self.source.name)))
    }

    /// The same spec over the part of its domain that a narrowing leaves. A lenient narrowing passes
    /// over paths that the domain does not have.
    ///
    /// # Errors
    ///
    /// See [`Narrowing::apply`].
    pub fn narrow(&self, narrowing: &Narrowing, lenient: bool) -> Result<Self, NarrowError> {
        let domain = self.domain.narrow(narrowing, lenient)?;
        // What stays the same is worked out once for all, by whoever asks first.
        let mut narrowed = self.clone();
        if domain.client != self.domain.client || domain.course != self.domain.course {
            narrowed.conversations = Arc::default();
        }
        if domain != self.domain {
            narrowed.settings = Arc::default();
            narrowed.cover = Arc::default();
            narrowed.settings_cover = Arc::default();
            narrowed.needed = Arc::default();
            let written = || Arc::new(self.domain.clone());
            narrowed.written = Some(self.written.clone().unwrap_or_else(written));
        }
        narrowed.domain = domain;
        Ok(narrowed)
    }
}

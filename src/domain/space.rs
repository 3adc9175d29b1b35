//! The space of cases that a spec declares.

use super::case::{Case, Part};
use super::types::{Say, Type};

/// The space of cases that a spec declares: three records and a list of steps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Domain {
    /// What a case installs.
    pub policy: Type,
    /// Properties of the instance that holds the policy.
    pub instance: Type,
    /// What comes before the last request: a list of steps, empty where the spec declares none.
    pub course: Type,
    /// Who asks.
    pub client: Type,
    /// The words for the steps of a course.
    pub steps: Say,
}

impl Domain {
    /// The type of one part.
    pub fn part(&self, part: Part) -> &Type {
        match part {
            Part::Policy => &self.policy,
            Part::Instance => &self.instance,
            Part::Course => &self.course,
            Part::Client => &self.client,
        }
    }

    /// The simplest case, whether or not a constraint excludes it.
    pub fn simplest(&self) -> Case {
        Case {
            policy: self.policy.simplest(),
            instance: self.instance.simplest(),
            course: self.course.simplest(),
            client: self.client.simplest(),
        }
    }

    /// How many policies there are, instance included; saturates.
    pub fn policies(&self) -> u64 {
        self.policy.count().saturating_mul(self.instance.count())
    }

    /// How many conversations there are; saturates.
    pub fn conversations(&self) -> u64 {
        self.course.count().saturating_mul(self.client.count())
    }

    /// How many cases there are before constraints; saturates.
    pub fn count(&self) -> u64 {
        self.policies().saturating_mul(self.conversations())
    }

    /// Whether the case is of this domain.
    pub fn contains(&self, case: &Case) -> bool {
        Part::ALL
            .into_iter()
            .all(|part| self.part(part).contains(case.part(part)))
    }
}

//! What a run of one pack came to.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::domain::{Case, grouped};
use crate::spec::{Level, OFTEN_ENOUGH};
use crate::user_agents::catalogue::PlayedBy;

use super::comparison::AnsweredCase;
use super::courses::CoursesCovered;
use super::coverage::Coverage;
use super::finding::Finding;
use super::let_in::LetIn;
use super::part::Parts;
use super::stopped::Stopped;

/// What a run of one pack came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PackReport {
    /// The pack's name, version and title.
    #[serde(with = "super::serial::pack")]
    pub pack: (String, u32, String),
    /// The implementation's name and version.
    #[serde(with = "super::serial::product")]
    pub implementation: (String, String),
    /// The programs that played. None where no real one did.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub played_by: Vec<PlayedBy>,
    /// What was to be covered.
    pub coverage: Coverage,
    /// How many cases were judged.
    pub judged: u64,
    /// How many requests were sent.
    pub requests: u64,
    /// How many sets of policies were installed.
    pub installations: u64,
    /// How long it took.
    #[serde(with = "super::serial::nanoseconds")]
    pub elapsed: Duration,
    /// The verdict of every rule, in the order of the spec.
    pub rules: Vec<RuleReport>,
    /// Every finding, the gravest level first.
    pub findings: Vec<Finding>,
    /// How many policies the implementation could not express, and its first reason.
    pub unsupported: Option<(u64, String)>,
    /// Cases that got no verdict, alike ones together.
    pub anomalies: Vec<Anomaly>,
    /// How many failures were not shrunk, because a rule had too many different ones or because the
    /// run ended.
    pub unshrunk: u64,
    /// The same failures by their rules, each with the simplest case.
    pub left: Vec<Left>,
    /// What a reader should know about the run beside its verdicts, one sentence each.
    pub notices: Vec<String>,
    /// Who was let in with valid credentials, of each scheme the first. A later run against the same
    /// implementation that is told of them (`Options::let_in`) asks whether they still are before it
    /// accuses.
    pub let_in: Vec<LetIn>,
    /// What was answered to cases, as far as that is kept.
    pub answers: Vec<AnsweredCase>,
    /// Why it ended early, if it did.
    pub stopped: Option<Stopped>,
    /// What the implementation did not claim, and so stood at its simplest value.
    pub unclaimed: Option<Unclaimed>,
    /// Why the one case that was asked for is outside of what the implementation says that it supports.
    pub outside: Option<String>,
    /// Why the verdicts are worth nothing, although cases were judged: nobody got in, nobody was asked
    /// for credentials, or what the rules speak of could not be played.
    pub hollow: Option<String>,
    /// Why the plan was not played to its end although nothing went wrong: somebody wanted no more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cut_short: Option<String>,
    /// Which parts of the plan were played, where it is not all of it.
    pub parts: Option<Parts>,
}

/// What was not claimed in a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unclaimed {
    /// Paths of policy and instance.
    pub paths: Vec<String>,
    /// How many rules that speak of them never applied.
    pub rules: u64,
}

/// The verdict of one rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleReport {
    /// The rule's id.
    pub id: String,
    /// How strongly it binds.
    pub level: Level,
    /// Whether it is scored.
    pub scored: bool,
    /// Whether what it sees hangs on what comes at the same time: a departure shows in some of several tries,
    /// and in none the next time.
    #[serde(default)]
    pub by_rate: bool,
    /// In how many cases it held.
    pub held: u64,
    /// In how many it broke.
    pub broke: u64,
    /// In how many nobody could tell.
    pub inconclusive: u64,
    /// How many courses of several operations it looked at, where it is about such.
    #[serde(default, skip_serializing_if = "CoursesCovered::is_none")]
    pub courses: CoursesCovered,
    /// What that comes to.
    pub state: RuleState,
}

/// What the verdicts of a rule's cases come to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RuleState {
    /// It held wherever it applied, and it did apply.
    Passed,
    /// It broke.
    Failed,
    /// It broke, though not each time.
    Flaky,
    /// It never applied to a case that was played: neither passed nor failed.
    NotExercised,
    /// It does not apply to this implementation, for this reason.
    NotApplicable(String),
    /// Nobody could tell in some cases, and it broke in none.
    Inconclusive,
}

/// Failures of a rule that were not shrunk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Left {
    /// The rule's id.
    pub rule: String,
    /// What `--spec` takes for its pack.
    pub spec: String,
    /// How strongly it binds.
    pub level: Level,
    /// Whether it is scored.
    pub scored: bool,
    /// The simplest case in which it broke: not proven minimal, nor confirmed.
    pub case: Case,
    /// The case in brief, as `--case` takes it.
    pub brief: String,
    /// In how many cases it broke so.
    pub count: u64,
}

/// Cases that got no verdict for one reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Anomaly {
    /// The reason.
    pub what: String,
    /// The first such case.
    pub case: Case,
    /// How many verdicts it cost.
    pub count: u64,
}

impl RuleReport {
    /// In how many cases it was met: it held, it broke, or nobody could tell.
    pub fn met(&self) -> u64 {
        let met = self.held.saturating_add(self.broke);
        met.saturating_add(self.inconclusive)
    }

    /// Whether any case gave a verdict on it.
    pub fn has_verdict(&self) -> bool {
        self.held > 0 || self.broke > 0 || self.inconclusive > 0
    }
}

impl PackReport {
    /// The findings that count against the implementation: scored and not flaky.
    pub fn accusations(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| finding.accuses())
    }

    /// The findings that leave open whether the implementation departs from what counts: of a rule that is
    /// scored and binds at least so strongly, and not shown each time, save those that another finding accounts for.
    pub fn unsteady(&self, fail_on: Level) -> impl Iterator<Item = &Finding> {
        let findings = self.findings.iter();
        findings.filter(move |finding| {
            let is_open = finding.flaky.is_some() && finding.follows().is_none();
            finding.scored && is_open && finding.level <= fail_on
        })
    }

    /// Whether everything that was to be judged was judged, as far as it counts where rules of this level and
    /// stronger ones fail the run.
    pub fn is_complete(&self, fail_on: Level) -> bool {
        let mut parts = self.parts.iter();
        self.stopped.is_none()
            && self.cut_short.is_none()
            && self.hollow.is_none()
            && !self.is_without_verdict()
            && parts.all(|parts| parts.missing().next().is_none())
            && self.anomalies.is_empty()
            && self.unsteady(fail_on).next().is_none()
            && !self.left_alone().any(|left| left.level <= fail_on)
    }

    /// Whether the whole plan was played and rules that may apply to the implementation got no verdict from any case, as
    /// where its clients never came to send what the cases are about.
    pub fn is_without_verdict(&self) -> bool {
        self.judged > 0
            && self.parts.is_none()
            && self.stopped.is_none()
            && self.cut_short.is_none()
            && !self.rules.iter().any(RuleReport::has_verdict)
            && { self.rules.iter() }.any(|rule| rule.state == RuleState::NotExercised)
    }

    /// Whether something of it was judged, or nothing of the plan is of the parts that were played.
    pub fn is_judged(&self) -> bool {
        self.judged > 0 || self.is_without_cases()
    }

    /// Whether only some parts of the plan were played and no case of it is of them, as where there are more parts than
    /// settings. Whether any case is of the whole is seen once the parts are put together.
    pub fn is_without_cases(&self) -> bool {
        self.parts.is_some()
            && self.judged == 0
            && self.coverage.cases() > 0
            && self.stopped.is_none()
            && self.cut_short.is_none()
            && self.hollow.is_none()
            && self.unsupported.is_none()
            && self.outside.is_none()
            && self.anomalies.is_empty()
    }

    /// How much of the space was covered, in words: what was planned, and what of it was judged where that is not
    /// all; and how many courses of several operations were tried.
    pub fn covered(&self) -> String {
        let judged = grouped(self.judged);
        let planned = match &self.parts {
            Some(parts) if (parts.numbers.len() as u64) < u64::from(parts.of) => {
                let numbers: Vec<String> = parts.numbers.iter().map(u32::to_string).collect();
                let of = parts.of;
                let numbers = numbers.join(", ");
                let judged = match self.is_without_cases() {
                    true => "which has none of the cases".to_owned(),
                    false => format!("{judged} judged"),
                };
                format!(
                    "part {numbers} of {of}, {judged}; planned: {}",
                    self.coverage
                )
            }
            _ if self.cut_short.is_some() => {
                format!("planned: {}; {judged} judged", self.coverage)
            }
            _ => self.coverage.to_string(),
        };
        let rules = self.rules.iter().map(|rule| rule.courses);
        let courses = rules.fold(CoursesCovered::default(), CoursesCovered::and);
        let planned = match courses.is_none() {
            true => planned,
            false => format!("{planned}; {courses}"),
        };
        match &self.cut_short {
            Some(why) => format!("{planned}, and then {why}"),
            None => planned,
        }
    }

    /// The scored rules that were met, and in fewer cases than is often enough, those met least first; none where so few
    /// cases were judged that no rule could be.
    pub fn seldom_met(&self) -> Vec<&RuleReport> {
        let is_seldom = |rule: &&RuleReport| rule.scored && (1..OFTEN_ENOUGH).contains(&rule.met());
        let mut seldom: Vec<&RuleReport> = match self.judged {
            0..OFTEN_ENOUGH => Vec::new(),
            _ => self.rules.iter().filter(is_seldom).collect(),
        };
        seldom.sort_by_key(|rule| rule.met());
        seldom
    }

    /// The scored rules that broke, and of which no failure was looked into.
    pub fn left_alone(&self) -> impl Iterator<Item = &Left> {
        self.left.iter().filter(|left| {
            let mut findings = self.findings.iter();
            left.scored && !findings.any(|finding| finding.rule == left.rule)
        })
    }
}

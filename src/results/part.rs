//! Parts of a plan, and what a report of some of them keeps so that they can be put together.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::domain::{Case, Setting, Simplicity, Value, counted};
use crate::spec::Kind;

use super::finding::Finding;

/// One of several parts of a plan: of its settings, in their order, every `of`-th from the `number`-th on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanPart {
    /// Which it is, from 1.
    pub number: u32,
    /// How many there are.
    pub of: u32,
}

impl PlanPart {
    /// Whether a setting is of this part, by its place in the plan, from 0.
    pub fn has(self, place: u64) -> bool {
        let of = u64::from(self.of.max(1));
        place % of == u64::from(self.number.saturating_sub(1)) % of
    }
}

/// The most failures that a part names; those beyond are only counted.
pub(crate) const MOST_NAMED: u64 = 131_072;

/// Which parts of a plan were played, and what it takes to put them together with others: which failures they met,
/// and what became of those that were shrunk. With that it is decided of the whole what it would have come to: which
/// failure is the first that no finding accounts for, which finding comes of it, and which others that accounts for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parts {
    /// How many parts the plan has.
    pub of: u32,
    /// Those that were played, from 1, in order.
    pub numbers: Vec<u32>,
    /// A fingerprint of the pack's text, which a path says nothing of: only parts of one text go together.
    pub text: String,
    /// Whether they are to be told as the whole: where a part is missing there is no verdict then. By itself a part
    /// has one of its own.
    pub as_whole: bool,
    /// Of each rule of the report, in their order.
    pub rules: Vec<RuleInPart>,
    /// Of each finding of the report, in their order, and then of each that is spare.
    pub findings: Vec<FindingInPart>,
    /// Findings of single parts all of whose failures are accounted for by others. What another part found may
    /// show that they are not.
    pub spare: Vec<Finding>,
    /// Settings with which something broke, in the order of the plan.
    pub settings: Vec<SettingInPart>,
    /// Conversations in which something broke, in the order of the plan.
    pub conversations: Vec<ConversationInPart>,
    /// The failures, by rule and kind.
    pub failures: Vec<FailuresInPart>,
    /// What came of each failure that was shrunk.
    pub shrunk: Vec<ShrunkFailure>,
    /// Settings of findings on which every client was tried, where the plan is a sample.
    pub around: Vec<AroundInPart>,
    /// Whether anybody got in, and whether anybody was asked for credentials.
    pub ways: Ways,
    /// Whether verdicts depend on somebody being asked.
    pub asks: bool,
}

/// What is kept of a rule.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleInPart {
    /// Whether it speaks of what is not claimed.
    pub unclaimed: bool,
    /// The simplest failing case of each kind of departure, by how simple it is.
    pub simplest: Vec<(Kind, [Simplicity; 3])>,
    /// The failures of it that were neither shrunk nor accounted for and are not named among the failures, because
    /// there were too many.
    pub left: u64,
}

impl RuleInPart {
    fn add(&mut self, other: &Self) {
        for (kind, key) in &other.simplest {
            match self.simplest.iter_mut().find(|(have, _)| have == kind) {
                Some((_, least)) if key < least => *least = key.clone(),
                Some(_) => {}
                None => self.simplest.push((kind.clone(), key.clone())),
            }
        }
        self.simplest.sort_by(|(one, _), (other, _)| one.cmp(other));
        self.left = self.left.saturating_add(other.left);
    }
}

/// What is kept of a finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FindingInPart {
    /// How simple its case is.
    pub key: [Simplicity; 3],
    /// How many cases of the whole space are simpler, where the space is enumerated.
    pub simpler: Option<u64>,
    /// The fields of its case that matter: changing one changes the verdict.
    pub matters: Vec<String>,
    /// Fields that are compared as they are, although they have fields or items.
    pub entire: Vec<String>,
    /// Other cases that are as good as its own: symbols exchanged, or another client.
    pub aliases: Vec<Case>,
    /// Failures that were met when it was explained.
    pub beside: Vec<MetFailure>,
    /// How many failures it accounts for that are not named among the failures, because there were too many.
    pub unnamed: u64,
}

/// A setting of a plan with which something broke.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettingInPart {
    /// Its place in the plan, from 0.
    pub place: u64,
    /// Which settings it is judged together with: those of the same number.
    pub epoch: u64,
    /// The policy record.
    pub policy: Value,
    /// The instance record.
    pub instance: Value,
    /// How simple it is.
    pub key: Simplicity,
    /// Its part of a case in brief, or nothing.
    pub brief: String,
}

/// A conversation of a plan in which something broke.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConversationInPart {
    /// Its place in the plan, from 0.
    pub place: u64,
    /// The steps that come before the client asks.
    pub course: Value,
    /// The client record.
    pub client: Value,
    /// How simple course and client are.
    pub key: [Simplicity; 2],
    /// Its part of a case in brief, or nothing.
    pub brief: String,
}

/// Failures of one rule and kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailuresInPart {
    /// The place of the rule among those of the report.
    pub rule: usize,
    /// The kind of departure.
    pub kind: Kind,
    /// By the place of the setting runs of conversations, each by the first and the last place: `12:0-5,7`.
    #[serde(with = "super::serial::places")]
    pub cases: BTreeMap<u64, Vec<(u64, u64)>>,
}

impl FailuresInPart {
    /// Whether a case is the last that was added.
    pub(crate) fn is_last(&self, setting: u64, conversation: u64) -> bool {
        let last = self.cases.get(&setting).and_then(|runs| runs.last());
        last.is_some_and(|(_, upto)| *upto == conversation)
    }

    /// Adds a case, which comes behind all that are there.
    pub(crate) fn add(&mut self, setting: u64, conversation: u64) {
        let runs = self.cases.entry(setting).or_default();
        match runs.last_mut() {
            Some((_, upto)) if upto.checked_add(1) == Some(conversation) => *upto = conversation,
            _ => runs.push((conversation, conversation)),
        }
    }

    /// The places of setting and conversation of each.
    pub(super) fn places(&self) -> impl Iterator<Item = (u64, u64)> {
        self.cases.iter().flat_map(|(setting, runs)| {
            let conversations = runs.iter().flat_map(|(from, upto)| *from..=*upto);
            conversations.map(|conversation| (*setting, conversation))
        })
    }
}

/// A failure that was shrunk, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShrunkFailure {
    /// The place of the rule among those of the report.
    pub rule: usize,
    /// The kind of departure.
    pub kind: Kind,
    /// The case that failed.
    pub case: Case,
    /// The minimal case that it came to.
    pub minimal: Case,
    /// Cases that are as good as the minimal one, and that the failure contains.
    pub like: Vec<Case>,
    /// Failures of other kinds that were met on the way.
    pub met: Vec<MetFailure>,
}

/// A failure that was met while another was looked into, of the same rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MetFailure {
    /// The kind of departure.
    pub kind: Kind,
    /// The case that failed.
    pub case: Case,
}

/// A setting of a finding on which every client was tried, and what that came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AroundInPart {
    /// The policy record.
    pub policy: Value,
    /// The instance record.
    pub instance: Value,
    /// How often each rule of the report held, broke and could not be told.
    pub rules: Vec<[u64; 3]>,
    /// The failures, in their order: the place of the rule, the kind and the place of the conversation.
    pub failures: Vec<(usize, Kind, u64)>,
    /// Whether what it came to is in the report.
    pub counted: bool,
}

impl AroundInPart {
    /// The setting.
    pub(super) fn setting(&self) -> Setting {
        Setting {
            policy: self.policy.clone(),
            instance: self.instance.clone(),
        }
    }
}

impl Parts {
    /// The parts that are missing to the whole, in order; none where these are not to be told as the whole.
    pub fn missing(&self) -> impl Iterator<Item = u32> {
        let all = 1..=if self.as_whole { self.of } else { 0 };
        all.filter(|part| !self.numbers.contains(part))
    }

    /// What both keep, but for their findings.
    pub(super) fn with(&self, other: &Self) -> Self {
        let mut all = Self {
            as_whole: false,
            findings: Vec::new(),
            spare: Vec::new(),
            ..self.clone()
        };
        all.numbers.extend(&other.numbers);
        all.numbers.sort_unstable();
        for (rule, more) in all.rules.iter_mut().zip(&other.rules) {
            rule.add(more);
        }
        all.settings.extend(other.settings.iter().cloned());
        all.settings.sort_by_key(|setting| setting.place);
        all.settings.dedup_by_key(|setting| setting.place);
        all.conversations
            .extend(other.conversations.iter().cloned());
        all.conversations
            .sort_by_key(|conversation| conversation.place);
        all.conversations
            .dedup_by_key(|conversation| conversation.place);
        for more in &other.failures {
            let is_same =
                |one: &&mut FailuresInPart| (one.rule, &one.kind) == (more.rule, &more.kind);
            match all.failures.iter_mut().find(is_same) {
                Some(one) => one.cases.extend(more.cases.clone()),
                None => all.failures.push(more.clone()),
            }
        }
        all.failures
            .sort_by(|one, other| (one.rule, &one.kind).cmp(&(other.rule, &other.kind)));
        let of_both = |one: &ShrunkFailure| {
            let mut own = self.shrunk.iter();
            own.any(|own| (own.rule, &own.kind, &own.case) == (one.rule, &one.kind, &one.case))
        };
        let more = other.shrunk.iter().filter(|one| !of_both(one));
        all.shrunk.extend(more.cloned());
        let known: Vec<Setting> = self.around.iter().map(AroundInPart::setting).collect();
        let more = other
            .around
            .iter()
            .filter(|one| !known.contains(&one.setting()));
        all.around.extend(more.cloned());
        all.ways = self.ways.with(other.ways);
        all.asks |= other.asks;
        all
    }

    /// What a failure names that is not there, with the number of rules; or that there are too many.
    pub(super) fn unknown(&self, rules: usize) -> Option<String> {
        let mut count: u64 = 0;
        for failures in &self.failures {
            if failures.rule >= rules {
                return Some(format!(
                    "a failure names rule {}, and there is none",
                    failures.rule
                ));
            }
            for (setting, runs) in &failures.cases {
                if self.setting(*setting).is_none() {
                    return Some(format!(
                        "a failure names setting {setting}, and there is none"
                    ));
                }
                for (from, upto) in runs {
                    // Each of a run has to be there, so a run is no longer than the list.
                    let missing =
                        { *from..=*upto }.find(|place| self.conversation(*place).is_none());
                    if let Some(missing) = missing {
                        return Some(format!(
                            "a failure names conversation {missing}, and there is none"
                        ));
                    }
                    count = count
                        .saturating_add(upto.saturating_sub(*from))
                        .saturating_add(1);
                }
                if count > MOST_NAMED.saturating_mul(2 * u64::from(self.of.max(1))) {
                    return Some("it names more failures than its parts may".to_owned());
                }
            }
        }
        None
    }

    /// How often a rule, by its place, held, broke and could not be told where it was looked around.
    pub(super) fn counted_around(&self, place: usize) -> [u64; 3] {
        let counted = self.around.iter().filter(|around| around.counted);
        let of_rule = counted.filter_map(|around| around.rules.get(place));
        of_rule.fold([0; 3], |[passed, failed, open], [more, broke, untold]| {
            [
                passed.saturating_add(*more),
                failed.saturating_add(*broke),
                open.saturating_add(*untold),
            ]
        })
    }

    /// The setting at a place of the plan.
    pub(super) fn setting(&self, place: u64) -> Option<&SettingInPart> {
        let at = self.settings.binary_search_by_key(&place, |one| one.place);
        self.settings.get(at.ok()?)
    }

    /// The conversation at a place of the plan.
    pub(super) fn conversation(&self, place: u64) -> Option<&ConversationInPart> {
        let at = { &self.conversations }.binary_search_by_key(&place, |one| one.place);
        self.conversations.get(at.ok()?)
    }
}

/// What a run saw of the two things without which its verdicts are worth nothing: somebody who got in, and
/// somebody who was asked for credentials.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ways {
    /// Whether somebody got in.
    pub entered: bool,
    /// Whether somebody was asked.
    pub asked: bool,
    /// Cases in which somebody was to get in, until the first did.
    pub to_enter: u64,
    /// Cases in which somebody was to be asked, until the first was.
    pub to_ask: u64,
}

impl Ways {
    /// Whether nothing more is to be learnt.
    pub fn are_known(self) -> bool {
        self.entered && self.asked
    }

    /// Why the verdicts of the run are worth nothing, if so. `asks` says whether they depend on somebody
    /// being asked for credentials.
    pub fn hollow(self, asks: bool) -> Option<String> {
        let cases = |count: u64| counted(count, "case", "cases");
        if !self.entered && self.to_enter > 0 {
            return Some(format!(
                "nobody got in, in {} of valid credentials for an active profile",
                cases(self.to_enter)
            ));
        }
        (asks && !self.asked && self.to_ask > 0).then(|| {
            format!(
                "nobody was asked for credentials (401 or 407), in {} without any, so rules that depend \
                 on a challenge judged nothing",
                cases(self.to_ask)
            )
        })
    }

    /// What both saw.
    pub(super) fn with(self, other: Self) -> Self {
        Self {
            entered: self.entered || other.entered,
            asked: self.asked || other.asked,
            to_enter: self.to_enter.saturating_add(other.to_enter),
            to_ask: self.to_ask.saturating_add(other.to_ask),
        }
    }
}

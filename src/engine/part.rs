//! What a run of a part of a plan keeps, so that the parts can be put together: which failures it met, and what
//! became of those that it shrunk.

use std::collections::BTreeMap;

use crate::domain::{Case, Part, Setting, Simplicity};
use crate::results::{
    AroundInPart, ConversationInPart, Coverage, FailuresInPart, Finding, FindingInPart, MOST_NAMED,
    MetFailure, Parts, PlanPart, RuleInPart, SettingInPart, ShrunkFailure, text_fingerprint,
};
use crate::spec::{Kind, Rule};

use super::accounted::Accounted;
use super::claimed::speaks_of_unclaimed;
use super::failure::{Failure, FailureAt};
use super::runner::Runner;
use super::table::At;
use super::tally::simpler_cases;

impl Runner<'_> {
    /// Names a failure of the plan, unless there are too many. Answers with whether it is named, or need not be.
    pub(super) fn name(&mut self, failure: &Failure) -> bool {
        self.name_up_to(failure, MOST_NAMED)
    }

    fn name_up_to(&mut self, failure: &Failure, most: u64) -> bool {
        let (Some(record), Some(at)) = (&mut self.record, failure.planned) else {
            return true;
        };
        let Some(place) = record.places.get(&at.setting).copied() else {
            return true;
        };
        let conversation = at.conversation as u64;
        let key = (failure.rule, failure.kind.clone());
        let of_kind = record.failures.get(&key);
        if of_kind.is_some_and(|failures| failures.is_last(place.at, conversation)) {
            return true;
        }
        if record.named >= most {
            return false;
        }
        record.named += 1;
        let failures = record
            .failures
            .entry(key)
            .or_insert_with(|| FailuresInPart {
                rule: failure.rule,
                kind: failure.kind.clone(),
                cases: BTreeMap::new(),
            });
        failures.add(place.at, conversation);
        if record.settings.contains_key(&place.at)
            && record.conversations.contains_key(&conversation)
        {
            return true;
        }
        let case = &failure.case;
        let setting = SettingInPart {
            place: place.at,
            epoch: place.epoch,
            policy: case.policy.clone(),
            instance: case.instance.clone(),
            key: Simplicity::of_setting(&self.spec.domain, case.into()),
            brief: { self.whole.written() }.brief_of(&[Part::Policy, Part::Instance], case.into()),
        };
        record.settings.entry(place.at).or_insert(setting);
        self.note_conversation(at.conversation, case);
        true
    }

    fn note_conversation(&mut self, at: usize, case: &Case) {
        let domain = &self.spec.domain;
        let conversation = || ConversationInPart {
            place: at as u64,
            course: case.course.clone(),
            client: case.client.clone(),
            key: [
                Simplicity::of(&domain.course, &case.course),
                Simplicity::of(&domain.client, &case.client),
            ],
            brief: { self.whole.written() }.brief_of(&[Part::Course, Part::Client], case.into()),
        };
        if let Some(record) = &mut self.record {
            record
                .conversations
                .entry(at as u64)
                .or_insert_with(conversation);
        }
    }

    /// Takes note of a failure that was left.
    pub(super) fn note_left(&mut self, rule: usize, is_named: bool) {
        if let Some(record) = &mut self.record {
            *record.left.entry(rule).or_default() += u64::from(!is_named);
        }
    }

    /// Takes note of what a failure came to that was shrunk, what is as good, and what was met on the way.
    pub(super) fn note_shrunk(
        &mut self,
        failure: &Failure,
        minimal: Case,
        like: Vec<Case>,
        met: &[Failure],
    ) {
        // Whatever led to a finding is named.
        self.name_up_to(failure, u64::MAX);
        if let Some(record) = &mut self.record {
            record.shrunk.push(ShrunkFailure {
                rule: failure.rule,
                kind: failure.kind.clone(),
                case: failure.case.clone(),
                minimal,
                like,
                met: met
                    .iter()
                    .map(|met| MetFailure {
                        kind: met.kind.clone(),
                        case: met.case.clone(),
                    })
                    .collect(),
            });
        }
    }

    /// How often each rule held, broke and could not be told so far; nothing where no part is played.
    pub(super) fn counts(&self) -> Vec<[u64; 3]> {
        match &self.record {
            Some(_) => self
                .tallies
                .iter()
                .map(|one| [one.passed, one.failed, one.inconclusive])
                .collect(),
            None => Vec::new(),
        }
    }

    /// Takes note of what came of trying every client on the setting of a finding.
    pub(super) fn note_around(
        &mut self,
        setting: usize,
        before: &[[u64; 3]],
        failures: &[FailureAt],
    ) {
        if self.record.is_none() {
            return;
        }
        for failure in failures {
            if let Some(case) = self.table.case(failure.at).map(|case| case.to_case()) {
                self.note_conversation(failure.at.conversation, &case);
            }
        }
        let Some(Setting { policy, instance }) = self
            .table
            .settings
            .get(setting)
            .map(|one| Setting::clone(&one.value))
        else {
            return;
        };
        let since = self.counts().into_iter().zip(before);
        let rules = since
            .map(|([passed, failed, open], [first, second, third])| {
                [passed - first, failed - second, open - third]
            })
            .collect();
        let failures = failures.iter();
        let failures = failures
            .map(
                |FailureAt {
                     rule,
                     kind,
                     at: At { conversation, .. },
                 }| { (*rule, kind.clone(), *conversation as u64) },
            )
            .collect();
        if let Some(record) = &mut self.record {
            record.around.push(AroundInPart {
                policy,
                instance,
                rules,
                failures,
                counted: true,
            });
        }
    }

    /// What a run of a part keeps of it, with the rules of its report.
    pub(super) fn in_part(&mut self, part: PlanPart, rules: &[&Rule], asks: bool) -> Parts {
        let record = self.record.take().unwrap_or_default();
        let places: Vec<Option<usize>> = { self.active.iter() }
            .map(|active| rules.iter().position(|rule| rule.id == active.rule.id))
            .collect();
        let place = |active: usize| places.get(active).copied().flatten();
        let of_rules = |counts: &[[u64; 3]]| {
            let mut of_rules = vec![[0; 3]; rules.len()];
            for (active, counted) in counts.iter().enumerate() {
                if let Some(slot) = place(active).and_then(|at| of_rules.get_mut(at)) {
                    *slot = *counted;
                }
            }
            of_rules
        };
        let description = self.lab.implementation.description();
        let kept = rules.iter().map(|rule| {
            let active = self
                .active
                .iter()
                .position(|active| active.rule.id == rule.id);
            RuleInPart {
                unclaimed: speaks_of_unclaimed(self.spec, description, rule),
                simplest: active.map_or_else(Vec::new, |active| self.simplest_of(active)),
                left: active
                    .and_then(|active| record.left.get(&active).copied())
                    .unwrap_or_default(),
            }
        });
        let kept = kept.collect();
        let failures = record.failures.into_values().filter_map(|failures| {
            let rule = place(failures.rule)?;
            Some(FailuresInPart { rule, ..failures })
        });
        let shrunk = record.shrunk.into_iter().filter_map(|shrunk| {
            let rule = place(shrunk.rule)?;
            Some(ShrunkFailure { rule, ..shrunk })
        });
        let around = record.around.into_iter().map(|around| AroundInPart {
            rules: of_rules(&around.rules),
            failures: { around.failures.into_iter() }
                .filter_map(|(rule, kind, conversation)| Some((place(rule)?, kind, conversation)))
                .collect(),
            ..around
        });
        Parts {
            of: part.of,
            numbers: vec![part.number],
            text: text_fingerprint(&self.spec.source.text),
            as_whole: false,
            rules: kept,
            findings: self.findings_in_part(),
            spare: Vec::new(),
            settings: record.settings.into_values().collect(),
            conversations: record.conversations.into_values().collect(),
            failures: failures.collect(),
            shrunk: shrunk.collect(),
            around: around.collect(),
            ways: self.ways,
            asks,
        }
    }

    /// The simplest failing case of each kind of a rule.
    fn simplest_of(&self, rule: usize) -> Vec<(Kind, [Simplicity; 3])> {
        let simplest = { self.tallies.get(rule).into_iter() }.flat_map(|tally| &tally.simplest);
        let mut simplest: Vec<_> = simplest
            .map(|(kind, key)| (kind.clone(), key.clone()))
            .collect();
        simplest.sort_by(|(one, _), (other, _)| one.cmp(other));
        simplest
    }

    /// What is kept of each finding of a part of a plan.
    fn findings_in_part(&self) -> Vec<FindingInPart> {
        let whole = matches!(self.coverage, Coverage::Whole { .. });
        let of = |(known, finding): &(Accounted, Finding)| {
            let key = Simplicity::of_case(&self.spec.domain, &finding.case);
            FindingInPart {
                simpler: whole.then(|| simpler_cases(self.spec, &key)),
                key,
                matters: known.minimal.matters.clone(),
                entire: known.minimal.entire.clone(),
                aliases: known.minimal.aliases.clone(),
                beside: { known.beside.iter() }
                    .map(|(kind, case)| MetFailure {
                        kind: kind.clone(),
                        case: case.clone(),
                    })
                    .collect(),
                unnamed: known.unnamed,
            }
        };
        self.findings.iter().map(of).collect()
    }
}

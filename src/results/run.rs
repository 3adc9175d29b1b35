//! A run as a value: what was run against what, and everything that it found.

use serde::{Deserialize, Serialize};

use super::cause::{Cause, causes};
use super::finding::Finding;
use super::invocation::Invocation;
use super::known::KnownDefects;
use super::report::PackReport;
use super::stopped::Stopped;

/// The version of a saved run's form. It changes when a key goes away or means something else.
pub const RUN_FORMAT: u32 = 2;

/// The JSON Schema of a saved run.
pub const SAVED_RUN_SCHEMA: &str = include_str!("run.schema.json");

/// A run: what was run against what, what each pack came to, which findings are one defect, and what of it
/// was known. Reports are functions of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// The version of this form, [`RUN_FORMAT`].
    #[serde(rename = "countersign-run")]
    pub format: u32,
    /// The version of the program that ran it.
    pub version: String,
    /// Name and version of the implementation.
    #[serde(with = "super::serial::product")]
    pub implementation: (String, String),
    /// What was asked for.
    pub asked: Invocation,
    /// The packs that bind those who claim them, and were left out.
    pub left_out: Vec<String>,
    /// What each pack came to, in the order in which they ran.
    pub packs: Vec<PackReport>,
    /// The packs that were not begun, because the run ended before.
    pub not_begun: Vec<String>,
    /// What was found and is not known, as defects.
    pub defects: Vec<Defect>,
    /// What a baseline makes of what was found, where there is one.
    pub known: Option<KnownDefects>,
}

/// A finding by its place in a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct FindingPlace {
    /// The place of its pack among those of the run.
    pub pack: usize,
    /// Its place among the findings of the pack.
    pub finding: usize,
}

/// One defect: findings that belong together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Defect {
    /// What it is called from run to run: pack, rule and fingerprint of its headline.
    pub id: String,
    /// The finding that tells it best.
    pub headline: FindingPlace,
    /// The others.
    pub others: Vec<FindingPlace>,
    /// The file that the headline was saved to, as a case that can be tried again.
    pub saved: Option<String>,
}

/// What a run comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunVerdict {
    /// Everything was judged, and nothing that counts was found.
    Conforms,
    /// A rule broke that counts, or the baseline is wrong.
    Departs,
    /// Somebody ended the run.
    Interrupted,
    /// Not everything was judged.
    Unknown,
}

/// The place of a finding of these reports.
pub fn place_of(packs: &[PackReport], finding: &Finding) -> Option<FindingPlace> {
    packs.iter().enumerate().find_map(|(pack, report)| {
        let mut findings = report.findings.iter();
        let finding = findings.position(|one| std::ptr::eq(one, finding))?;
        Some(FindingPlace { pack, finding })
    })
}

/// Defects as places in these reports, none of them saved.
pub fn defects(packs: &[PackReport], causes: &[Cause<'_>]) -> Vec<Defect> {
    let defect = |cause: &Cause<'_>| {
        let others = cause.others.iter();
        Some(Defect {
            id: cause.headline.id(),
            headline: place_of(packs, cause.headline)?,
            others: others.filter_map(|one| place_of(packs, one)).collect(),
            saved: None,
        })
    };
    causes.iter().filter_map(defect).collect()
}

impl Run {
    /// A run of these packs, with what was found put together to defects. Nothing of it is known yet, and
    /// nothing was left out.
    pub fn new(
        asked: Invocation,
        implementation: (String, String),
        packs: Vec<PackReport>,
    ) -> Self {
        let mut run = Self {
            format: RUN_FORMAT,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            implementation,
            asked,
            left_out: Vec::new(),
            packs,
            not_begun: Vec::new(),
            defects: Vec::new(),
            known: None,
        };
        run.defects = run.put_together();
        run
    }

    /// Takes in what a baseline makes of it: what is known is no defect to tell of.
    pub fn learn(&mut self, known: KnownDefects) {
        self.known = Some(known);
        self.defects = self.put_together();
    }

    /// What a pack came to.
    pub fn pack(&self, name: &str) -> Option<&PackReport> {
        self.packs.iter().find(|report| report.pack.0 == name)
    }

    /// The finding in a place.
    pub fn finding(&self, place: FindingPlace) -> Option<&Finding> {
        self.packs.get(place.pack)?.findings.get(place.finding)
    }

    /// The findings in these places.
    pub fn findings(&self, places: &[FindingPlace]) -> Vec<&Finding> {
        let findings = places.iter();
        findings.filter_map(|place| self.finding(*place)).collect()
    }

    /// The defects with their findings.
    pub fn causes(&self) -> Vec<Cause<'_>> {
        let cause = |defect: &Defect| {
            Some(Cause {
                headline: self.finding(defect.headline)?,
                others: self.findings(&defect.others),
            })
        };
        self.defects.iter().filter_map(cause).collect()
    }

    /// The places of the findings that no baseline knows, in their order.
    pub fn fresh(&self) -> Vec<FindingPlace> {
        let known = self.known.iter().flat_map(|known| &known.shows);
        let known: Vec<FindingPlace> = known.flat_map(|one| one.findings.clone()).collect();
        let packs = self.packs.iter().enumerate();
        let all = packs.flat_map(|(pack, report)| {
            (0..report.findings.len()).map(move |finding| FindingPlace { pack, finding })
        });
        all.filter(|place| !known.contains(place)).collect()
    }

    /// The findings that are not known, put together to defects anew.
    pub fn put_together(&self) -> Vec<Defect> {
        let fresh = self.findings(&self.fresh());
        defects(&self.packs, &causes(fresh))
    }

    /// What it comes to: a finding comes first, whatever ended the run. A run in which nothing was judged
    /// of a pack has not shown that the implementation conforms to it, whatever it makes of the others, unless what
    /// was played of its plan has no case of it.
    pub fn verdict(&self) -> RunVerdict {
        let fresh = self.findings(&self.fresh());
        let fails = |finding: &&Finding| finding.accuses() && finding.level <= self.asked.fail_on;
        let is_stale = self
            .known
            .as_ref()
            .is_some_and(|known| known.stale.iter().any(|stale| !stale.by_rate));
        if fresh.iter().any(fails) || is_stale {
            return RunVerdict::Departs;
        }
        let mut packs = self.packs.iter();
        if packs.any(|report| report.stopped == Some(Stopped::Asked)) {
            return RunVerdict::Interrupted;
        }
        let judges =
            |report: &PackReport| report.is_judged() && report.is_complete(self.asked.fail_on);
        let all_begun = !self.packs.is_empty() && self.not_begun.is_empty();
        match all_begun && self.not_bound().is_empty() && self.packs.iter().all(judges) {
            true => RunVerdict::Conforms,
            false => RunVerdict::Unknown,
        }
    }

    /// The packs that were asked for by name, and by which nothing was judged, because they bind those who claim them.
    pub fn not_bound(&self) -> &[String] {
        match self.asked.specs.is_empty() {
            true => &[],
            false => &self.left_out,
        }
    }

    /// The same run, told as that of the whole plan: where it has only some of the parts, there is no verdict then.
    #[must_use]
    pub fn as_whole(mut self) -> Self {
        let parts = { self.packs.iter_mut() }.filter_map(|report| report.parts.as_mut());
        parts.for_each(|parts| parts.as_whole = true);
        self
    }

    /// The run as JSON, to be read back by [`Run::read`]. It is written
    /// [without its secrets](Run::without_secrets).
    ///
    /// # Errors
    ///
    /// Where a value has no form in JSON, which none of a run has.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string_pretty(&self.without_secrets()).map(|text| text + "\n")
    }
}

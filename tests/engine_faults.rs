//! Every fault that can be seeded in the reference implementation, against both packs: who notices,
//! and in which words. What this table says is what a gateway's maintainer would read.

// A test says what it expects by panicking; clippy knows that of test functions only.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::expect_used
)]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use countersign::engine::{Finding, Options, PackReport};
use countersign::implementation::{
    BoxFuture, Description, Implementation, Installation, Placement, ReferenceImplementation,
    SetupFault,
};
use countersign::observation::AuditEvent;
use countersign::reference::Fault;
use countersign::spec::{SHIPPED, Standing};
use snapbox::{file, str};
use support::{at_most, headlines, narrow, pack, quietly};

/// The reference implementation, with a choice among a spec's alternatives.
struct Choosing {
    reference: ReferenceImplementation,
    description: Description,
}

impl Choosing {
    fn new(faults: &[Fault], choice: &str) -> Self {
        let reference = ReferenceImplementation::with_faults(faults);
        let mut description = reference.description().clone();
        description
            .alternatives
            .insert("advertised-profile".to_owned(), choice.to_owned());
        Self {
            reference,
            description,
        }
    }
}

impl Implementation for Choosing {
    fn description(&self) -> &Description {
        &self.description
    }

    fn install<'a>(
        &'a mut self,
        installation: &'a Installation,
    ) -> BoxFuture<'a, Result<Vec<Placement>, SetupFault>> {
        self.reference.install(installation)
    }

    fn events(&mut self, generation: u64) -> BoxFuture<'_, Result<Vec<AuditEvent>, SetupFault>> {
        self.reference.events(generation)
    }

    fn stop(&mut self) -> BoxFuture<'_, ()> {
        self.reference.stop()
    }
}

async fn report(pack_name: &str, faults: &[Fault], choice: &str) -> PackReport {
    let spec = narrow(&pack(pack_name), &at_most(2));
    let mut reference = Choosing::new(faults, choice);
    let report = quietly(&spec, &mut reference, &Options::default()).await;
    reference.stop().await;
    assert_eq!(report.stopped, None, "{faults:?}");
    assert_eq!(report.unshrunk, 0, "{faults:?}");
    report
}

/// What makes a finding another than one that the faultless reference gives as well.
fn identity(finding: &Finding) -> (String, String, String) {
    let kind = finding.discrepancy.kind.clone();
    (finding.rule.clone(), finding.sentence.clone(), kind)
}

/// The pack whose faults are another matter.
const ORIGIN: &str = "http-authentication";

/// The packs of the platform's policy.
fn platform() -> impl Iterator<Item = (&'static str, &'static str)> {
    SHIPPED.into_iter().filter(|(name, _)| *name != ORIGIN)
}

/// Everything that the faults showed, computed once: it is most of this file's time.
#[tokio::test]
async fn every_fault_is_told_of_in_these_words() {
    let mut table = String::new();
    let mut killers: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    let mut unseen = Vec::new();
    // The reference obeys its platform, which reachability has something to say about.
    let mut baseline = Vec::new();
    let mut known = BTreeSet::new();
    for (name, _) in platform() {
        let faultless = report(name, &[], "most-recent").await;
        baseline.extend(headlines(&faultless.findings));
        known.extend(faultless.findings.iter().map(identity));
    }
    for fault in Fault::ALL.iter().filter(|fault| fault.pack() != ORIGIN) {
        let mut told = String::new();
        for (name, _) in platform() {
            let report = report(name, &[*fault], "most-recent").await;
            for line in headlines(&report.findings) {
                if !baseline.contains(&line) {
                    writeln!(told, "  {name}: {line}").unwrap();
                }
            }
            for finding in &report.findings {
                if !known.contains(&identity(finding)) {
                    let killed = killers.entry(finding.rule.clone()).or_default();
                    killed.insert(fault.name());
                }
            }
            for anomaly in &report.anomalies {
                writeln!(told, "  {name}: no verdict: {}", anomaly.what).unwrap();
            }
        }
        if told.is_empty() {
            unseen.push(*fault);
        }
        writeln!(table, "{fault}\n{told}").unwrap();
    }
    snapbox::assert_data_eq!(table, file!["engine/faults.txt"].raw());
    assert_eq!(unseen, [], "a fault that no rule sees measures nothing");

    // The other choice of the alternative is the same code the other way round.
    let other = report("api-access-policy", &[], "first").await;
    snapbox::assert_data_eq!(
        headlines(&other.findings).join("\n"),
        str!["two profiles, flag false, no credentials: advertises-the-first-profile"]
    );
    killers
        .entry("advertises-the-first-profile".to_owned())
        .or_default()
        .insert("none: it takes the other choice");
    let obeying = report(
        "api-access-policy",
        &[Fault::AdvertisesFirstInsteadOfLast],
        "first",
    )
    .await;
    assert!(obeying.findings.is_empty());

    for (name, _) in platform() {
        for rule in pack(name).rules {
            let scored = rule.standing == Standing::Scored;
            assert!(
                !scored || killers.contains_key(&rule.id),
                "no fault breaks {}",
                rule.id
            );
        }
    }
    let said: String = killers
        .iter()
        .fold(String::new(), |mut said, (rule, faults)| {
            let of = faults.iter().copied().collect::<Vec<_>>().join(", ");
            writeln!(said, "{rule}: {of}").unwrap();
            said
        });
    snapbox::assert_data_eq!(said, file!["engine/rules.txt"].raw());
}

//! The catalogue of faults.

use std::collections::BTreeSet;

use countersign::reference::Fault;
use countersign::spec::SHIPPED;
use libtest_mimic::Trial;

use crate::support::{run, trial};

pub(crate) fn trials() -> Vec<Trial> {
    vec![trial("faults::are_listed", listed)]
}

fn listed() {
    let text = run(["faults"]).with(0).out;
    let lines = run(["faults", "--json"]).with(0).out;
    let mut names = BTreeSet::new();
    for (fault, line) in Fault::ALL.iter().zip(lines.lines()) {
        assert!(names.insert(fault.name()), "two faults are called {fault}");
        assert!(text.contains(&format!("\n  {fault}\n    {}\n", fault.summary())));
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        assert_eq!(line["fault"], fault.name());
        assert_eq!(line["summary"], fault.summary());
        assert_eq!(line["seen"].as_str(), fault.seen());
        assert!(SHIPPED.iter().any(|(name, _)| line["pack"] == *name));
        if let Some(seen) = fault.seen() {
            assert!(text.contains(&format!("    seen in {seen}\n")));
        }
    }
    assert_eq!(lines.lines().count(), Fault::ALL.len());
}

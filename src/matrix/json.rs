//! The matrix as JSON.

use serde_json::{Value, json};

use crate::reference::Fault;
use crate::spec::Spec;

use super::kill::{Kill, Matrix};
use super::text::is_scored;

impl Matrix {
    /// The matrix as one JSON object: `faults`, each with its `killers`, and `rules`, each with its
    /// `victims`.
    pub fn json(&self, specs: &[Spec]) -> Value {
        let faults: Vec<Value> = self.faults.iter().map(|fault| self.fault(*fault)).collect();
        let rules: Vec<Value> = specs.iter().flat_map(|spec| self.rules(spec)).collect();
        json!({
            "cases": self.cases,
            "seed": self.seed,
            "faults": faults,
            "rules": rules,
            "without_fault": self.without_fault,
            "runs": self.tried.runs,
            "judged": self.tried.judged,
            "requests": self.tried.requests,
        })
    }

    fn fault(&self, fault: Fault) -> Value {
        let killers: Vec<Value> = self.killers(fault).map(killer).collect();
        json!({
            "fault": fault.name(),
            "summary": fault.summary(),
            "pack": fault.pack(),
            "seen": fault.seen(),
            "killers": killers,
        })
    }

    fn rules(&self, spec: &Spec) -> Vec<Value> {
        let pack = &spec.pack;
        let rule = |rule: &crate::spec::Rule| {
            let victims = self.victims(&pack.name, &rule.id);
            let victims: Vec<&str> = victims.into_iter().map(Fault::name).collect();
            json!({
                "pack": pack.name,
                "rule": rule.id,
                "level": rule.level.word(),
                "scored": is_scored(rule),
                "victims": victims,
            })
        };
        spec.rules.iter().map(rule).collect()
    }
}

fn killer(kill: &Kill) -> Value {
    json!({
        "pack": kill.pack,
        "rule": kill.rule,
        "choice": kill.choice,
        "sentence": kill.sentence,
        "change": kill.change,
        "case": kill.case,
        "kind": kill.kind,
        "requests": kill.requests,
    })
}

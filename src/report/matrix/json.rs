//! The matrix as JSON.

use serde_json::{Value, json};

use crate::reference::Fault;
use crate::results::{Kill, Matrix};
use crate::spec::{Rule, Spec, Standing};

/// The matrix as one JSON object: `faults`, each with its `killers`, and `rules`, each with its
/// `victims`.
pub fn matrix_json(matrix: &Matrix, specs: &[Spec]) -> Value {
    let faults: Vec<Value> = matrix
        .faults
        .iter()
        .map(|fault| of_fault(matrix, *fault))
        .collect();
    let rules: Vec<Value> = specs
        .iter()
        .flat_map(|spec| of_rules(matrix, spec))
        .collect();
    json!({
        "cases": matrix.cases,
        "seed": matrix.seed,
        "faults": faults,
        "rules": rules,
        "without_fault": matrix.without_fault,
        "runs": matrix.tried.runs,
        "judged": matrix.tried.judged,
        "requests": matrix.tried.requests,
    })
}

fn of_fault(matrix: &Matrix, fault: Fault) -> Value {
    let killers: Vec<Value> = matrix.killers(fault).map(killer).collect();
    json!({
        "fault": fault.name(),
        "summary": fault.summary(),
        "pack": fault.pack(),
        "seen": fault.seen(),
        "killers": killers,
    })
}

fn of_rules(matrix: &Matrix, spec: &Spec) -> Vec<Value> {
    let pack = &spec.pack;
    let rule = |rule: &Rule| {
        let victims = matrix.victims(&pack.name, &rule.id);
        let victims: Vec<&str> = victims.into_iter().map(Fault::name).collect();
        json!({
            "pack": pack.name,
            "rule": rule.id,
            "level": rule.level.word(),
            "scored": rule.standing == Standing::Scored,
            "victims": victims,
        })
    };
    spec.rules.iter().map(rule).collect()
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

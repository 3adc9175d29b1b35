//! What `--changed-since` does not compare. It lets pass what a run that was saved before found as well; where the two
//! did not play the same, what only one of them played is new or missing for no change of the implementation.

use countersign::results::{Invocation, PackReport, Run};

/// Why the two runs are not of the same cases, a line each; nothing where they are.
pub(super) fn not_compared(file: &str, before: &Run, run: &Run) -> Vec<String> {
    let mut lines = Vec::new();
    // What may well be another before a change and after it.
    let of_then = Invocation {
        against: run.asked.against.clone(),
        faults: run.asked.faults.clone(),
        baseline: run.asked.baseline.clone(),
        fail_on: run.asked.fail_on,
        ..before.asked.clone()
    };
    if let Some(what) = of_then.differs(&run.asked) {
        lines.push(format!(
            "{file} is not of the same cases and rules ({what}): what only one of the two judged is not compared"
        ));
    }
    for pack in &run.packs {
        let name = &pack.pack.0;
        let Some(old) = before.pack(name) else {
            lines.push(format!(
                "{file} has nothing of {name}: all that is found of it counts"
            ));
            continue;
        };
        let (then, now) = (played(old), played(pack));
        if then != now {
            lines.push(format!(
                "{file} has {then} of {name}, and this run {now}: what only one of the two played is not compared"
            ));
        }
    }
    lines
}

/// What was played of a pack's plan.
fn played(pack: &PackReport) -> String {
    match &pack.parts {
        Some(parts) if (parts.numbers.len() as u64) < u64::from(parts.of) => {
            let numbers: Vec<String> = parts.numbers.iter().map(u32::to_string).collect();
            let word = match numbers.len() {
                1 => "part",
                _ => "parts",
            };
            format!("{word} {} of {}", numbers.join(", "), parts.of)
        }
        _ => "the whole plan".to_owned(),
    }
}

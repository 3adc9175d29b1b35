//! The pages of `docs/rules/`: one for each pack.

use std::fmt::Write;

use crate::reference::Fault;
use crate::results::Matrix;
use crate::spec::{Rule, Spec, Standing};

/// The page about the rules of a pack, in Markdown: each with its level, its source, who is hurt
/// and the faults that it kills.
pub fn matrix_page(matrix: &Matrix, spec: &Spec) -> String {
    let pack = &spec.pack;
    let mut out = String::new();
    let _ = writeln!(out, "# {} {}: {}\n", pack.name, pack.version, pack.title);
    out.push_str(
        "Generated from the pack and from what its rules do to faults that are seeded in the \
         reference\nimplementation; `countersign rules --markdown docs/rules` writes it anew.\n",
    );
    let _ = writeln!(
        out,
        "A rule kills a fault where it breaks with the fault and holds without it, among {} \
         cases with\nseed {}.\n",
        matrix.cases, matrix.seed
    );
    if !spec.alternatives.is_empty() {
        alternatives(spec, &mut out);
    }
    out.push_str("| rule | level | kills |\n|---|---|---|\n");
    for rule in &spec.rules {
        let count = matrix.victims(&pack.name, &rule.id).len();
        let _ = writeln!(out, "| [{0}](#{0}) | {1} | {count} |", rule.id, rule.level);
    }
    out.push('\n');
    let mut named: Vec<Fault> = Vec::new();
    for rule in &spec.rules {
        let victims = matrix.victims(&pack.name, &rule.id);
        section(spec, rule, &victims, &mut out);
        named.extend(victims);
    }
    out.push_str(
        "## The faults\n\n| fault | what the implementation then does | seen in |\n|---|---|---|\n",
    );
    for fault in matrix.faults.iter().filter(|fault| named.contains(fault)) {
        let seen = fault.seen().unwrap_or_default();
        let _ = writeln!(out, "| `{fault}` | {} | {seen} |", fault.summary());
    }
    out
}
fn alternatives(spec: &Spec, out: &mut String) {
    out.push_str("Sources differ on these; an implementation takes one choice of each, and the first where it\nsays nothing:\n\n");
    for alternative in &spec.alternatives {
        let _ = writeln!(out, "- **{}**: {}", alternative.name, alternative.why);
        for (choice, meaning) in &alternative.choices {
            let _ = writeln!(out, "  - `{choice}`: {meaning}");
        }
    }
    out.push('\n');
}

fn section(spec: &Spec, rule: &Rule, victims: &[Fault], out: &mut String) {
    let _ = writeln!(out, "## {}\n", rule.id);
    let _ = writeln!(out, "- level: {}", rule.level);
    if let Standing::NotScored(reason) = &rule.standing {
        let _ = writeln!(out, "- not scored: {reason}");
    }
    for (alternative, choice) in &rule.alternative {
        if let Some(alternative) = spec.alternatives.get(*alternative)
            && let Some((choice, _)) = alternative.choices.get(*choice)
        {
            let _ = writeln!(out, "- applies where {} is `{choice}`", alternative.name);
        }
    }
    let _ = writeln!(out, "- source: {}", rule.stated);
    for (outcome, text) in rule.impact.all() {
        let _ = match outcome {
            Some(outcome) => writeln!(out, "- impact, where {outcome}: {text}"),
            None => writeln!(out, "- impact: {text}"),
        };
    }
    let kills: Vec<String> = victims.iter().map(|fault| format!("`{fault}`")).collect();
    let kills = if kills.is_empty() {
        "nothing".to_owned()
    } else {
        kills.join(", ")
    };
    let _ = writeln!(out, "- kills: {kills}\n");
}

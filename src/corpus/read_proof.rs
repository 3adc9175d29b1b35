//! Reading how a reproduction failed, and why it is minimal.

use crate::results::{Cure, MinimalityProof, TriedChange, TriedVerdict};
use crate::spec::{self, Discrepancy};
use crate::yaml::{Diagnostic, Diagnostics, Fields, Node, NodeKind};

use super::read_plain::{items, number, optional, text, truth, word, wrong};

/// What was expected and what came instead; so often, out of so many runs, where it is flaky.
pub(super) type SavedFailure = (Discrepancy, Option<(u32, u32)>);

pub(super) fn failure(node: &Node, problems: &mut Diagnostics) -> Option<SavedFailure> {
    let mut fields = Fields::new(node, "a failure", problems)?;
    let expected = fields.required_text("expected", "accepted", problems);
    let observed = fields.required_text("observed", "refused (401)", problems);
    let kind = fields
        .required("kind", "outcome accepted, refused", problems)
        .and_then(|node| kind(node, problems));
    let flaky = optional(&mut fields, "flaky", problems, flaky);
    fields.finish(problems);
    let discrepancy = Discrepancy {
        kind: kind?,
        expected: expected?.to_owned(),
        observed: observed?.to_owned(),
    };
    Some((discrepancy, flaky?))
}

/// The kind of a departure, by its words.
fn kind(node: &Node, problems: &mut Diagnostics) -> Option<spec::Kind> {
    match text(node, problems)?.parse() {
        Ok(kind) => Some(kind),
        Err(unknown) => {
            problems.push(Diagnostic::error(
                node.span,
                unknown.to_string(),
                "write it as a saved case has it, such as `outcome accepted, refused`",
            ));
            None
        }
    }
}

pub(super) fn flaky(node: &Node, problems: &mut Diagnostics) -> Option<(u32, u32)> {
    let mut fields = Fields::new(node, "a rate", problems)?;
    let failed = fields
        .required("failed", "3", problems)
        .and_then(|node| number(node, problems));
    let runs = fields
        .required("runs", "10", problems)
        .and_then(|node| number(node, problems));
    fields.finish(problems);
    let (failed, runs) = (failed?, runs?);
    if failed > runs || failed == 0 {
        problems.push(Diagnostic::error(
            node.span,
            format!("nothing shows in {failed} of {runs} runs"),
            "write how often it showed, out of how many runs, as it was saved",
        ));
        return None;
    }
    Some((failed, runs))
}

pub(super) fn cure(node: &Node, problems: &mut Diagnostics) -> Option<Cure> {
    let mut fields = Fields::new(node, "a cure", problems)?;
    let path = fields.required_text("set", "policy.advertise_all", problems);
    let to = fields.required("to", "true", problems);
    fields.finish(problems);
    let to = to?;
    let value = to.scalar_text();
    if value.is_none() {
        wrong(to, "a value", "put it in quotes", problems);
    }
    Some(Cure {
        path: path?.to_owned(),
        to: value?,
    })
}

pub(super) fn proof(node: &Node, problems: &mut Diagnostics) -> Option<MinimalityProof> {
    let mut fields = Fields::new(node, "a certificate", problems)?;
    let simpler_cases = optional(&mut fields, "simpler-cases", problems, number);
    let cut_short = optional(&mut fields, "cut-short", problems, truth);
    let steps = fields
        .required("steps", "[]", problems)
        .and_then(|node| items(node, "steps", problems, step));
    fields.finish(problems);
    Some(MinimalityProof {
        steps: steps?,
        simpler_cases: simpler_cases?,
        cut_short: cut_short?.unwrap_or(false),
    })
}

/// One step: the verdict, and the change that it is about.
pub(super) fn step(node: &Node, problems: &mut Diagnostics) -> Option<TriedChange> {
    let Some([entry]) = node.entries() else {
        problems.push(Diagnostic::error(
            node.span,
            "a step is one verdict and the change that it is about",
            "write `passes: \"policy.advertise_all: false -> true\"`",
        ));
        return None;
    };
    let key = Node {
        span: entry.key_span,
        kind: NodeKind::Text(entry.key.clone()),
    };
    let verdict = word(
        &key,
        "a verdict",
        &TriedVerdict::ALL,
        TriedVerdict::word,
        problems,
    );
    Some(TriedChange {
        change: text(&entry.value, problems)?,
        verdict: verdict?,
    })
}

#[cfg(test)]
mod tests {
    use crate::corpus::Entry;
    use crate::yaml::Source;

    const TEXT: &str = include_str!(
        "../../corpus/who-waits-for-a-challenge-is-shut-out-two-profiles-flag-false-basic-client-2d217ffb.yaml"
    );

    #[test]
    fn what_showed_in_no_run_or_in_more_than_there_were_is_refused() {
        let told = |rate: &str| {
            let text = TEXT.replacen("\nfailure:\n", &format!("\nfailure:\n  flaky: {rate}\n"), 1);
            let read = Entry::read(&Source::new("saved.yaml", text));
            read.map_or_else(|problems| problems.to_string(), |_| "read".to_owned())
        };
        assert_eq!(told("{failed: 2, runs: 5}"), "read");
        for (rate, words) in [
            ("{failed: 5, runs: 2}", "nothing shows in 5 of 2 runs"),
            ("{failed: 0, runs: 0}", "nothing shows in 0 of 0 runs"),
        ] {
            let problems = told(rate);
            assert!(problems.contains(words), "{problems}");
        }
    }
}

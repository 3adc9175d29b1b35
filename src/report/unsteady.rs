//! What is no accusation, told once for whatever it made rules break: why, how that was seen, what to do.

use crate::domain::Case;
use crate::results::{Cause, Unsteady};

use super::cause::{block, exchange, words};
use super::exchange::shown;
use super::page::{Page, Tone};

/// The most rules that are named.
const RULES: usize = 6;

/// Tells a cause whose findings have their reason in the implementation's unsteadiness.
pub(super) fn tell(page: &mut Page, cause: &Cause<'_>, why: &Unsteady) {
    let finding = cause.headline;
    page.say(Tone::Strong, &why.headline());
    page.gap();
    block(page, "why", [words(why.to_string())]);
    let mut rules: Vec<&str> = Vec::new();
    for one in cause.others.iter().chain([&cause.headline]) {
        if !rules.contains(&one.rule.as_str()) {
            rules.push(&one.rule);
        }
    }
    rules.sort_unstable();
    let more = match rules.len().saturating_sub(RULES) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let named: Vec<&str> = rules.iter().take(RULES).copied().collect();
    let met = format!("{}{more}: none of them accuses anybody", named.join(", "));
    block(page, "rules", [words(met)]);
    let first = format!(
        "{}: {}; expected {}; observed {}",
        finding.rule, finding.sentence, finding.discrepancy.expected, finding.discrepancy.observed
    );
    block(page, "first", [words(first)]);
    let parts = |case: &Case| {
        [
            words(format!("policy:   {}", case.policy)),
            words(format!("instance: {}", case.instance)),
            words(format!("client:   {}", case.client)),
        ]
    };
    block(page, "case", parts(&finding.case));
    // What answers otherwise now need not be what broke a rule first.
    if let Unsteady::Before(before) = why
        && before.case != finding.case
    {
        block(page, "again", parts(&before.case));
    }
    let otherwise = match why {
        Unsteady::Before(before) => Some(&before.transcript.case),
        Unsteady::Status { .. } | Unsteady::Stray(_) => {
            finding.flaky.as_ref().map(|flaky| &flaky.otherwise.case)
        }
    };
    let lines = otherwise.map_or_else(Vec::new, |entries| shown(entries, &[], &[]));
    let label = match why {
        Unsteady::Before(_) => "now",
        Unsteady::Status { .. } | Unsteady::Stray(_) => "exchange",
    };
    block(page, label, exchange(&lines));
    block(page, "remedy", [words(why.remedy())]);
}

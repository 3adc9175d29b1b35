//! What a person reads of known departures.

use std::fmt::Write;

use serde_json::{Value, json};

use crate::domain::counted;
use crate::results::{Finding, FindingPlace, KnownDefects, PackReport, Stale, Whose};

use super::cause::title;
use super::escape::visible_line;

/// A text of a baseline as one line: what was written on several belongs together.
fn folded(text: &str) -> String {
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    visible_line(lines.join(" ").trim()).into_owned()
}

/// The findings in these places.
fn findings<'a>(
    places: &'a [FindingPlace],
    packs: &'a [PackReport],
) -> impl Iterator<Item = &'a Finding> {
    let at = |place: &'a FindingPlace| packs.get(place.pack)?.findings.get(place.finding);
    places.iter().filter_map(at)
}

/// Departures that are known and show: one paragraph each.
pub fn known_text(known: &KnownDefects, packs: &[PackReport]) -> String {
    let mut out = String::new();
    for (index, departure) in known.shows.iter().enumerate() {
        let _ = writeln!(
            out,
            "known {} of {}\n\n{}\n",
            index + 1,
            known.shows.len(),
            folded(&departure.title)
        );
        let mut put = |label: &str, text: &str| {
            let _ = writeln!(out, "  {label:10}{}", folded(text));
        };
        put("whose", departure.whose.phrase());
        put("reason", &departure.reason);
        if let Some(link) = &departure.link {
            put("link", link);
        }
        put("confirmed", &departure.confirmed);
        for (index, finding) in findings(&departure.findings, packs).enumerate() {
            let label = if index == 0 { "breaks" } else { "" };
            put(
                label,
                &format!("{} ({}): {}", finding.rule, finding.level, title(finding)),
            );
        }
        out.push('\n');
    }
    out
}

/// Departures that do not show, or not in all of their cases, each with what to do about it.
pub fn stale_text(stale: &[Stale], file: &str) -> String {
    let file = folded(file);
    let mut groups: Vec<Vec<&Stale>> = Vec::new();
    for entry in stale {
        let is_same = |group: &&mut Vec<&Stale>| {
            group.first().is_some_and(|first| {
                first.said == entry.said
                    && first.brief.is_some() == entry.brief.is_some()
                    && first.by_rate == entry.by_rate
            })
        };
        match groups.iter_mut().find(is_same) {
            Some(group) => group.push(entry),
            None => groups.push(vec![entry]),
        }
    }
    let mut out = String::new();
    for group in groups {
        let Some(first) = group.first() else { continue };
        let head = match (&first.brief, first.in_part) {
            (None, _) => "said never to apply",
            (Some(_), _) if first.by_rate => "known, and did not show this time",
            (Some(_), true) => "known, and shows only in part",
            (Some(_), false) => "known, and no longer shows",
        };
        let _ = writeln!(out, "{head}: {}\n", folded(&first.said));
        for entry in &group {
            let mut put = |label: &str, text: &str| {
                let _ = writeln!(out, "  {label:10}{}", folded(text));
            };
            put("rule", &format!("{} ({})", entry.rule, entry.pack));
            if let Some(brief) = &entry.brief {
                put("case", brief);
            }
            put("seen", &entry.why);
        }
        if first.by_rate {
            let _ = writeln!(
                out,
                "  {:10}it shows in some of several tries, and may the next time; the entry may stay\n",
                "remark"
            );
            continue;
        }
        let what = match (first.in_part, group.len()) {
            (true, 1) => "this case",
            (true, _) => "these cases",
            (false, _) => "the entry",
        };
        let cannot = match group.len() {
            2.. if first.in_part => "they cannot",
            _ => "it cannot",
        };
        let _ = writeln!(
            out,
            "  {:10}take {what} out of {file}, so that {cannot} hide what comes later\n",
            "remedy"
        );
    }
    out
}

/// One object for each departure that is known and shows (`event: known`), and for each entry that
/// does not (`event: stale`).
pub fn known_lines(known: &KnownDefects, packs: &[PackReport]) -> Vec<Value> {
    let shows = known.shows.iter().map(|departure| {
        json!({
            "event": "known",
            "sentence": departure.title,
            "whose": departure.whose.word(),
            "reason": departure.reason,
            "link": departure.link,
            "confirmed": departure.confirmed,
            "shows": findings(&departure.findings, packs).map(|finding| json!({
                "pack": finding.pack.0, "rule": finding.rule, "case": finding.case,
            })).collect::<Vec<_>>(),
        })
    });
    let stale = known.stale.iter().map(|entry| {
        json!({
            "event": "stale",
            "pack": entry.pack,
            "rule": entry.rule,
            "case": entry.brief,
            "said": entry.said,
            "why": entry.why,
            "by_rate": entry.by_rate,
        })
    });
    shows.chain(stale).collect()
}

/// What is known, and what is no longer so, in a few words; nothing where there is neither.
pub(super) fn briefly(known: &KnownDefects) -> String {
    let [shows, gone, applied] = known.count();
    let mut words = Vec::new();
    if shows > 0 {
        words.push(format!(
            "{}: {}",
            counted(shows, "known departure shows", "known departures show"),
            whose(known)
        ));
    }
    if gone > 0 {
        words.push(counted(
            gone,
            "known departure no longer shows",
            "known departures no longer show",
        ));
    }
    let mut missed: Vec<&str> = Vec::new();
    for stale in known.stale.iter().filter(|stale| stale.by_rate) {
        if !missed.contains(&stale.said.as_str()) {
            missed.push(&stale.said);
        }
    }
    if !missed.is_empty() {
        words.push(counted(
            missed.len() as u64,
            "known departure that shows by a rate did not show this time",
            "known departures that show by a rate did not show this time",
        ));
    }
    let is_in_part = |stale: &Stale| stale.in_part && !stale.by_rate;
    if known.stale.iter().any(is_in_part) {
        words.push("not in all of the cases that it lists".to_owned());
    }
    if applied > 0 {
        words.push(counted(
            applied,
            "reason why rules never apply is wrong",
            "reasons why rules never apply are wrong",
        ));
    }
    match words.is_empty() {
        true => String::new(),
        false => format!("{} ({})", words.join("; "), known.file),
    }
}

/// How many of the known departures are whose doing.
fn whose(known: &KnownDefects) -> String {
    let all = Whose::ALL.into_iter().chain([Whose::Unsaid]);
    let shares = all.filter_map(|whose| {
        let shows = known.shows.iter();
        let count = shows.filter(|one| one.whose == whose).count();
        let owner = match whose {
            Whose::Product => "of the product",
            Whose::Default => "a documented default of it",
            Whose::Adapter => "of the adapter's configuration",
            Whose::Unsaid => "found before",
        };
        (count > 0).then(|| format!("{count} {owner}"))
    });
    shares.collect::<Vec<_>>().join(", ")
}

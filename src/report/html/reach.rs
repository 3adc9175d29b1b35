//! Who gets in and who does not, as a page: clients by cause, and layouts beside each other.

use std::io;

use serde::Serialize;

use crate::user_agents::model::TraitWord as _;
use crate::user_agents::reach::{Advice, Fate, SchemeKnowledge};

use super::super::reach::{ReachReport, counted, latin1};
use super::shell::page;

#[derive(Serialize)]
struct ReachView {
    version: &'static str,
    asked: String,
    status: u16,
    tone: &'static str,
    verdict: &'static str,
    sentence: String,
    judged: bool,
    remarks: Vec<String>,
    departures: Vec<Departs>,
    schemes: Vec<(String, String)>,
    layouts: Vec<LayoutView>,
    causes: Vec<CauseView>,
    inside: Vec<String>,
    unconcerned: Vec<String>,
    supposed: Vec<String>,
}

#[derive(Serialize)]
struct Departs {
    what: String,
    source: String,
    parties: String,
}

#[derive(Serialize)]
struct LayoutView {
    title: &'static str,
    lines: Vec<String>,
    inside: Option<usize>,
    of: usize,
}

#[derive(Serialize)]
struct CauseView {
    why: String,
    clients: Vec<String>,
}

/// Who gets in, as a page.
///
/// # Errors
///
/// Where the page cannot be made, which is a fault of the program.
pub fn reach_html(report: &ReachReport<'_>) -> io::Result<String> {
    let (tone, verdict) = match (report.shuts_out(), report.is_concluded()) {
        (true, _) => ("bad", "shuts clients out"),
        (false, true) => ("good", "shuts nobody out"),
        (false, false) => ("doubt", "tells too little"),
    };
    let names = |wanted: Fate| {
        let clients = report.reach.clients.iter();
        let clients = clients.filter(|(_, fate)| *fate == wanted);
        clients
            .map(|(entry, _)| entry.name.clone())
            .collect::<Vec<_>>()
    };
    let is_judged = report.is_judged;
    let view = ReachView {
        version: env!("CARGO_PKG_VERSION"),
        asked: report.asked.clone(),
        status: report.seen.status,
        tone,
        verdict,
        sentence: match is_judged {
            true => counted(&report.reach),
            false => "What was answered says nothing of who gets in.".to_owned(),
        },
        judged: is_judged,
        remarks: report.remarks.iter().map(ToString::to_string).collect(),
        departures: departures(report),
        schemes: report
            .knows
            .of
            .iter()
            .map(|(scheme, known)| {
                let word = match known.accepted() {
                    true => "accepted",
                    false => "not accepted",
                };
                let known = match known {
                    SchemeKnowledge::Untried => known.how().to_owned(),
                    known => format!("{word}: {}", known.how()),
                };
                (scheme.word().to_owned(), known)
            })
            .collect(),
        layouts: layouts(report),
        causes: match is_judged {
            true => causes(report),
            false => Vec::new(),
        },
        inside: names(Fate::In),
        unconcerned: names(Fate::NotConcerned),
        supposed: report
            .supposed
            .iter()
            .map(|one| {
                format!(
                    "Were {} accepted, {} of {} clients would be shut out.",
                    one.scheme.word(),
                    one.shut_out,
                    one.concerned
                )
            })
            .collect(),
    };
    let title = format!("{} {verdict} · Countersign", report.asked);
    page(&title, include_str!("reach.html"), view)
}

fn departures(report: &ReachReport<'_>) -> Vec<Departs> {
    let problems = report.challenges.problems.iter();
    problems
        .map(|problem| Departs {
            what: problem.to_string(),
            source: problem.departure.section().to_owned(),
            parties: format!(
                "a {}, a {}",
                problem.departure.sender().words(),
                problem.departure.recipient().words()
            ),
        })
        .collect()
}

fn layouts(report: &ReachReport<'_>) -> Vec<LayoutView> {
    let name = report.seen.field_name();
    let sent = report.seen.lines(name);
    let mut sent: Vec<String> = sent
        .into_iter()
        .map(|line| match std::str::from_utf8(line) {
            Ok(text) => format!("{name}: {text}"),
            Err(_) => format!("{name}: {}", latin1(line)),
        })
        .collect();
    if sent.is_empty() {
        sent.push(format!("(no {name})"));
    }
    let of = report.reach.concerned();
    let mut layouts = vec![LayoutView {
        title: "As it was sent",
        lines: sent,
        inside: report.is_judged.then(|| report.reach.inside()),
        of,
    }];
    let mut advise = |title, advice: &Option<Advice>| {
        if let Some(advice) = advice.as_ref().filter(|_| report.is_judged) {
            let lines = advice.lines.iter().map(|line| format!("{name}: {line}"));
            layouts.push(LayoutView {
                title,
                lines: lines.collect(),
                inside: Some(advice.inside),
                of,
            });
        }
    };
    advise("The same challenges, laid out best", &report.same_schemes);
    advise(
        "With a challenge for every accepted scheme",
        &report.every_scheme,
    );
    layouts
}

fn causes(report: &ReachReport<'_>) -> Vec<CauseView> {
    let causes = report.reach.by_cause().into_iter();
    causes
        .map(|(cause, entries)| CauseView {
            why: cause.to_string(),
            clients: entries.iter().map(|entry| entry.name.clone()).collect(),
        })
        .collect()
}

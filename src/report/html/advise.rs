//! What a policy comes to without a request, as a page.

use std::io;

use serde::Serialize;

use super::super::advise::{
    REMEDIES, THEN, impact, precedence, profile, protects, remedied_in_words, sentence, switches,
    uncounted,
};
use super::super::gates::accepted;
use super::super::reach::counted;
use super::shell::page;
use crate::import::{Advised, Imported, JudgedGate, Named, PolicyOutcome, ProfileScheme};
use crate::user_agents::reach::Reach;

#[derive(Serialize)]
struct AdviceView {
    version: &'static str,
    from: String,
    tone: &'static str,
    verdict: &'static str,
    lede: String,
    policies: Vec<PolicyView>,
    precedence: Vec<String>,
}

#[derive(Serialize)]
struct PolicyView {
    name: String,
    protects: String,
    switches: String,
    profiles: Vec<String>,
    accepted: String,
    said: Vec<String>,
    layouts: Vec<AdvisedLayout>,
    shut: Vec<ShutView>,
    remedies: Vec<&'static str>,
}

#[derive(Serialize)]
struct AdvisedLayout {
    title: String,
    lines: Vec<String>,
    inside: Option<usize>,
    of: usize,
}

#[derive(Serialize)]
struct ShutView {
    sentence: String,
    impact: String,
    causes: Vec<AdvisedCause>,
}

#[derive(Serialize)]
struct AdvisedCause {
    why: String,
    clients: Vec<String>,
}

/// What policies come to, as a page. `from` is where they were read.
///
/// # Errors
///
/// Where the page cannot be made, which is a fault of the program.
pub fn advice_html(from: &str, imported: &Imported, advised: &[Advised<'_>]) -> io::Result<String> {
    let bad = advised.iter().filter(|one| one.shuts_out()).count();
    let (tone, verdict) = match bad {
        0 => ("good", "shuts nobody out who waits"),
        _ => ("bad", "shuts clients out"),
    };
    let view = AdviceView {
        version: env!("CARGO_PKG_VERSION"),
        from: from.to_owned(),
        tone,
        verdict,
        lede: format!(
            "{bad} of {} policies, by the documents and what was measured of real clients; nobody was asked.",
            advised.len()
        ),
        policies: advised.iter().map(|one| policy(imported, one)).collect(),
        precedence: precedence(imported),
    };
    page(
        &format!("{from} {verdict} · Countersign"),
        include_str!("advise.html"),
        view,
    )
}

/// What the places of a configuration come to, as a page. `from` is where they were read.
///
/// # Errors
///
/// Where the page cannot be made, which is a fault of the program.
pub fn gates_html(from: &str, gates: &[JudgedGate<'_>]) -> io::Result<String> {
    let bad = gates.iter().filter(|one| one.shuts_out()).count();
    let (tone, verdict) = match bad {
        0 => ("good", "shuts nobody out who waits"),
        _ => ("bad", "shuts clients out"),
    };
    let view = AdviceView {
        version: env!("CARGO_PKG_VERSION"),
        from: from.to_owned(),
        tone,
        verdict,
        lede: format!(
            "{bad} of {} places, by what is written and what was measured of real clients; nobody was asked.",
            gates.len()
        ),
        policies: gates.iter().map(place).collect(),
        precedence: Vec::new(),
    };
    let title = format!("{from} {verdict} · Countersign");
    page(&title, include_str!("advise.html"), view)
}

fn place(one: &JudgedGate<'_>) -> PolicyView {
    let names = one.gate.names.iter().zip(&one.reach);
    let layouts = names
        .clone()
        .map(|((when, lines), reach)| layout(&format!("If {when}"), lines, reach));
    let shut = names.filter(|(_, reach)| reach.inside() < reach.concerned());
    PolicyView {
        name: one.gate.name.clone(),
        protects: String::new(),
        switches: "asks for credentials".to_owned(),
        profiles: Vec::new(),
        accepted: accepted(one),
        said: one.gate.notes.clone(),
        layouts: layouts.collect(),
        shut: shut
            .map(|((when, _), reach)| ShutView {
                sentence: format!("If {when}"),
                impact: counted(reach),
                causes: causes(reach),
            })
            .collect(),
        remedies: Vec::new(),
    }
}

fn policy(imported: &Imported, one: &Advised<'_>) -> PolicyView {
    let mut said = Vec::new();
    let mut layouts = Vec::new();
    let mut shut = Vec::new();
    match &one.outcome {
        PolicyOutcome::Inactive => {
            said.push("The policy is not active: the platform's default decides.".to_owned());
        }
        PolicyOutcome::Closed => {
            said.push("No profile of it is active, so nobody gets in by one.".to_owned());
        }
        PolicyOutcome::NamesAll(remedied) => {
            said.push(format!(
                "A 401 names every scheme; {}.",
                remedied_in_words(remedied)
            ));
            layouts.push(layout("As it is", &remedied.lines, &remedied.reach));
        }
        PolicyOutcome::NamesOne { readings, remedied } => {
            for (by, named) in readings {
                let title = format!("If it is {}", by.in_words());
                match named {
                    Named::Challenge { line, reach, .. } => {
                        layouts.push(layout(&title, std::slice::from_ref(line), reach));
                    }
                    Named::Undocumented(profile) => said.push(format!(
                        "{title}, it is \"{}\", for which no document says what a 401 has.",
                        profile.name
                    )),
                    Named::Unknown(why) => said.push(format!("{title}: not known, for {why}.")),
                }
            }
            for one_shut in one.shut() {
                let named = readings.iter().find(|(by, _)| one_shut.by.contains(by));
                let causes = match named {
                    Some((_, Named::Challenge { reach, .. })) => causes(reach),
                    _ => Vec::new(),
                };
                shut.push(ShutView {
                    sentence: sentence(one, one_shut.scheme),
                    impact: impact(&one_shut),
                    causes,
                });
            }
            if one.shuts_out() {
                layouts.push(layout(
                    "With either remedy",
                    &remedied.lines,
                    &remedied.reach,
                ));
                said.push(format!(
                    "With either remedy, {}.",
                    remedied_in_words(remedied)
                ));
            }
        }
    }
    said.extend(uncounted(one));
    let accepted: Vec<&str> = one
        .accepted()
        .into_iter()
        .map(ProfileScheme::word)
        .collect();
    PolicyView {
        name: one.policy.name.clone(),
        protects: protects(one),
        switches: switches(imported, one),
        profiles: one.policy.profiles.iter().map(profile).collect(),
        accepted: accepted.join(", "),
        said,
        layouts,
        shut,
        remedies: match one.shuts_out() {
            true => REMEDIES.into_iter().chain([THEN]).collect(),
            false => Vec::new(),
        },
    }
}

fn layout(title: &str, lines: &[String], reach: &Reach<'_>) -> AdvisedLayout {
    AdvisedLayout {
        title: title.to_owned(),
        lines: lines
            .iter()
            .map(|line| format!("WWW-Authenticate: {line}"))
            .collect(),
        inside: Some(reach.inside()),
        of: reach.concerned(),
    }
}

fn causes(reach: &Reach<'_>) -> Vec<AdvisedCause> {
    let causes = reach.by_cause().into_iter();
    causes
        .map(|(cause, entries)| AdvisedCause {
            why: cause.to_string(),
            clients: entries.iter().map(|entry| entry.name.clone()).collect(),
        })
        .collect()
}

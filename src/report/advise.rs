//! What a policy comes to without a request: the text of `countersign advise`, and its JSON.

use std::fmt::{self, Write};

use serde_json::{Value, json};

use super::labelled::{INDENT, labelled, paragraph, shown_text, wrapped};
use super::reach::counted;
use super::witness::{witnessed, witnessed_json};
use crate::domain::number_word;
use crate::import::{
    Advised, Imported, Named, PolicyOutcome, Priority, Profile, ProfileScheme, Remedied, Shut,
    overlaps,
};
use crate::user_agents::reach::Reach;

/// The field that challenges stand in.
const FIELD: &str = "WWW-Authenticate";

/// What can be done, in the order of the article: the flag, the property.
pub(super) const REMEDIES: [&str; 2] = [
    "Set the flag \"Advertise all auth schemes\" (all_authn_scheme_authenticate_header) of this policy to true.",
    "Or set the property glide.security.response.authenticate.header.auth_profile.first_scheme_only to false, \
     for all policies of the instance.",
];

/// What is left to do behind either.
pub(super) const THEN: &str =
    "Then connect again, and look for an entry such as LOGIN_SUCCESS in the log.";

/// The most pairs of policies that are told of.
const MOST_OVERLAPS: usize = 50;

/// The text.
pub fn advice_text(imported: &Imported, advised: &[Advised<'_>]) -> String {
    let mut out = String::new();
    // A text takes whatever is written to it.
    let _ = text(imported, advised, &mut out);
    out
}

fn text(imported: &Imported, advised: &[Advised<'_>], out: &mut String) -> fmt::Result {
    for (at, one) in advised.iter().enumerate() {
        if at > 0 {
            out.push('\n');
        }
        of_policy(imported, one, out)?;
    }
    let told = precedence(imported);
    if !told.is_empty() {
        out.push_str("\nwhere several policies are for one request\n");
    }
    for line in told {
        paragraph(out, "  ", &line)?;
    }
    Ok(())
}

/// Which of two policies decides where both are for one request, in words.
pub(super) fn precedence(imported: &Imported) -> Vec<String> {
    let found = overlaps(&imported.policies);
    let mut lines: Vec<String> = found
        .iter()
        .take(MOST_OVERLAPS)
        .map(|one| {
            let (first, second) = (Priority::of(one.decides), Priority::of(one.yields));
            shown_text(&match one.is_tie {
                true => format!(
                    "\"{}\" and \"{}\" are as specific as each other ({}): no document says which of them decides.",
                    one.decides.name,
                    one.yields.name,
                    first.in_words()
                ),
                false => format!(
                    "\"{}\" ({}) decides alone, and \"{}\" ({}) counts for nothing.",
                    one.decides.name,
                    first.in_words(),
                    one.yields.name,
                    second.in_words()
                ),
            })
        })
        .collect();
    if found.len() > MOST_OVERLAPS {
        lines.push(format!(
            "{} more are not shown.",
            found.len() - MOST_OVERLAPS
        ));
    }
    lines
}

/// Which requests a policy is for, in words.
pub(super) fn protects(one: &Advised<'_>) -> String {
    let what = one.policy.protects.what.iter();
    let what: Vec<String> = what.map(|(key, value)| format!("{key} {value}")).collect();
    shown_text(&what.join(", "))
}

/// What the flag and the property say, in words.
pub(super) fn switches(imported: &Imported, one: &Advised<'_>) -> String {
    let active = if one.policy.active {
        "active"
    } else {
        "inactive"
    };
    let property = match imported.first_scheme_only {
        Some(value) => format!("property first_scheme_only {value}"),
        None => "property first_scheme_only not among the records: taken to be true, the default"
            .to_owned(),
    };
    format!("{active}, flag {}, {property}", one.policy.advertise_all)
}

/// A profile with its history, in words.
pub(super) fn profile(profile: &Profile) -> String {
    let time = |what: &str, time: &Option<String>| match time {
        Some(time) => format!(", {what} {time}"),
        None => format!(", {what}: not known"),
    };
    shown_text(&format!(
        "{} \"{}\"{}{}{}",
        profile.scheme,
        profile.name,
        if profile.active { "" } else { ", inactive" },
        time("mapped", &profile.mapped),
        time("configured", &profile.configured)
    ))
}

/// What nobody can say of some profiles, in words.
pub(super) fn uncounted(one: &Advised<'_>) -> Option<String> {
    let profiles = one.uncounted.iter();
    let words: Vec<String> = profiles
        .map(|one| format!("{} \"{}\"", one.scheme, one.name))
        .collect();
    let text = match words.is_empty() {
        true => return None,
        false => format!(
            "What a 401 has for {} is told in no document, so their clients are not counted.",
            words.join(" and ")
        ),
    };
    Some(shown_text(&text))
}

/// The policy and its client, in the words of the specs: *two profiles, flag false, Basic client*.
pub(super) fn sentence(one: &Advised<'_>, scheme: ProfileScheme) -> String {
    let active = one.policy.profiles.iter().filter(|profile| profile.active);
    let count = active.count();
    format!(
        "{} {}, flag {}, {} client",
        number_word(count),
        if count == 1 { "profile" } else { "profiles" },
        one.policy.advertise_all,
        name(scheme)
    )
}

/// Whom it shuts out, and who does not notice.
pub(super) fn impact(shut: &Shut) -> String {
    let by: Vec<&str> = shut.by.iter().map(|by| by.in_words()).collect();
    let name = name(shut.scheme);
    format!(
        "A client that waits for a challenge of {name} never sees one, never sends its valid credentials, and is \
         shut out for ever; one that sends {name} unasked gets in. So it is if the profile that a 401 names is {}.",
        by.join(", or ")
    )
}

/// The registered name of a scheme.
fn name(scheme: ProfileScheme) -> &'static str {
    match scheme {
        ProfileScheme::Basic => "Basic",
        ProfileScheme::Bearer => "Bearer",
        other => other.word(),
    }
}

/// How many get in, by either order of the challenges.
pub(super) fn remedied_in_words(remedied: &Remedied<'_>) -> String {
    let (one, other) = (remedied.reach.inside(), remedied.turned.inside());
    let of = remedied.reach.concerned();
    match one == other {
        true => format!("{one} of {of} get in"),
        false => format!(
            "{} or {} of {of} get in, by the order of the challenges, which no document tells",
            one.max(other),
            one.min(other)
        ),
    }
}

fn of_policy(imported: &Imported, one: &Advised<'_>, out: &mut String) -> fmt::Result {
    labelled(out, "policy", &shown_text(&one.policy.name))?;
    let protects = protects(one);
    if !protects.is_empty() {
        labelled(out, "protects", &protects)?;
    }
    labelled(out, "set", &switches(imported, one))?;
    for (at, line) in one.policy.profiles.iter().enumerate() {
        let label = if at == 0 { "profiles" } else { "" };
        labelled(out, label, &format!("{}. {}", at + 1, profile(line)))?;
    }
    let accepted: Vec<&str> = one
        .accepted()
        .into_iter()
        .map(ProfileScheme::word)
        .collect();
    match &one.outcome {
        PolicyOutcome::Inactive => {
            out.push('\n');
            paragraph(
                out,
                "",
                "The policy is not active, so it decides nothing: the platform's default does, which takes Basic \
                 and OAuth.",
            )?;
        }
        PolicyOutcome::Closed => {
            out.push('\n');
            paragraph(
                out,
                "",
                "No profile of it is active, so nobody gets in by one.",
            )?;
        }
        PolicyOutcome::NamesAll(remedied) => {
            labelled(out, "accepted", &accepted.join(", "))?;
            out.push('\n');
            paragraph(out, "", "A 401 names every scheme:")?;
            layout(&remedied.lines, out)?;
            paragraph(
                out,
                "",
                &format!(
                    "Of the clients that have a use for that, {}.",
                    remedied_in_words(remedied)
                ),
            )?;
            shut_out(&remedied.reach, out)?;
        }
        PolicyOutcome::NamesOne { readings, remedied } => {
            labelled(out, "accepted", &accepted.join(", "))?;
            out.push_str(
                "\nA 401 names one profile, and three documents say which, each in other words:\n",
            );
            for (by, named) in readings {
                let label = format!("  {:32}", by.in_words());
                let text = match named {
                    Named::Challenge { line, reach, .. } => {
                        format!("{line}  {} of {} get in", reach.inside(), reach.concerned())
                    }
                    Named::Undocumented(profile) => format!(
                        "{} \"{}\": what a 401 then has is told in no document",
                        profile.scheme, profile.name
                    ),
                    Named::Unknown(why) => format!("not known: {why}"),
                };
                paragraph(out, &label, &shown_text(&text))?;
            }
            for shut in one.shut() {
                writeln!(out, "\n{}", sentence(one, shut.scheme))?;
                paragraph(out, "  ", &impact(&shut))?;
                let named = readings.iter().find(|(by, _)| shut.by.contains(by));
                if let Some((_, Named::Challenge { reach, .. })) = named {
                    writeln!(out, "  {}", counted(reach))?;
                    out.push('\n');
                    shut_out(reach, out)?;
                }
            }
            if one.shuts_out() {
                out.push_str("\nremedies\n");
                for (at, text) in REMEDIES.iter().enumerate() {
                    paragraph(out, &format!("  {}. ", at + 1), text)?;
                }
                paragraph(out, "  ", THEN)?;
                writeln!(out, "With either, {}:", remedied_in_words(remedied))?;
                layout(&remedied.lines, out)?;
            } else if !remedied.lines.is_empty() {
                out.push('\n');
                paragraph(
                    out,
                    "",
                    "Every scheme that is accepted is named by each reading that could be told.",
                )?;
            }
        }
    }
    if let Some(text) = uncounted(one) {
        paragraph(out, "", &text)?;
    }
    Ok(())
}

fn layout(lines: &[String], out: &mut String) -> fmt::Result {
    for line in lines {
        writeln!(out, "{INDENT}{FIELD}: {line}")?;
    }
    Ok(())
}

pub(super) fn shut_out(reach: &Reach<'_>, out: &mut String) -> fmt::Result {
    let by_cause = reach.by_cause();
    if !by_cause.is_empty() {
        writeln!(out, "shut out  because each")?;
    }
    for (cause, entries) in by_cause {
        writeln!(
            out,
            "{:8}  {}",
            entries.len(),
            shown_text(&cause.to_string())
        )?;
        let names: Vec<&str> = entries.iter().map(|entry| entry.name.as_str()).collect();
        wrapped(out, &names)?;
    }
    witnessed(out, reach)
}

/// Everything as one JSON object.
pub fn advice_json(imported: &Imported, advised: &[Advised<'_>]) -> Value {
    let policies: Vec<Value> = advised.iter().map(policy_json).collect();
    json!({
        "first_scheme_only": imported.first_scheme_only,
        "shuts_out": advised.iter().any(Advised::shuts_out),
        "policies": policies,
        "overlaps": overlaps(&imported.policies).iter().map(|one| json!({
            "decides": one.decides.name,
            "yields": one.yields.name,
            "tie": one.is_tie,
        })).collect::<Vec<_>>(),
    })
}

pub(super) fn reach_json(lines: &[String], reach: &Reach<'_>) -> Value {
    let causes = reach.by_cause().into_iter();
    let causes: Vec<Value> = causes
        .map(|(cause, entries)| {
            let names: Vec<&str> = entries.iter().map(|entry| entry.name.as_str()).collect();
            json!({"cause": cause.word(), "why": cause.to_string(), "clients": names})
        })
        .collect();
    json!({
        "lines": lines,
        "concerned": reach.concerned(),
        "in": reach.inside(),
        "shut_out": causes,
        "seen": witnessed_json(reach),
    })
}

fn remedied_json(remedied: &Remedied<'_>) -> Value {
    let turned: Vec<String> = remedied.lines.iter().rev().cloned().collect();
    json!([
        reach_json(&remedied.lines, &remedied.reach),
        reach_json(&turned, &remedied.turned),
    ])
}

fn policy_json(one: &Advised<'_>) -> Value {
    let profiles: Vec<Value> = one
        .policy
        .profiles
        .iter()
        .map(|profile| {
            json!({
                "name": profile.name,
                "scheme": profile.scheme.word(),
                "active": profile.active,
                "mapped": profile.mapped,
                "configured": profile.configured,
            })
        })
        .collect();
    let protects = one.policy.protects.what.iter();
    let protects: serde_json::Map<String, Value> = protects
        .map(|(key, value)| (key.clone(), Value::from(value.as_str())))
        .collect();
    let (outcome, readings, every) = match &one.outcome {
        PolicyOutcome::Inactive => ("inactive", Vec::new(), Value::Null),
        PolicyOutcome::Closed => ("closed", Vec::new(), Value::Null),
        PolicyOutcome::NamesAll(remedied) => ("names-all", Vec::new(), remedied_json(remedied)),
        PolicyOutcome::NamesOne { readings, remedied } => {
            let readings = readings.iter().map(|(by, named)| match named {
                Named::Challenge {
                    profile,
                    line,
                    reach,
                } => {
                    let mut told = reach_json(std::slice::from_ref(line), reach);
                    if let Some(members) = told.as_object_mut() {
                        members.insert("reading".to_owned(), json!(by.word()));
                        members.insert("profile".to_owned(), json!(profile.name));
                    }
                    told
                }
                Named::Undocumented(profile) => {
                    json!({"reading": by.word(), "profile": profile.name, "lines": null})
                }
                Named::Unknown(why) => {
                    json!({"reading": by.word(), "profile": null, "lines": null, "why": why})
                }
            });
            ("names-one", readings.collect(), remedied_json(remedied))
        }
    };
    let shut: Vec<Value> = one
        .shut()
        .iter()
        .map(|shut| {
            let by: Vec<&str> = shut.by.iter().map(|by| by.word()).collect();
            json!({
                "sentence": sentence(one, shut.scheme),
                "scheme": shut.scheme.word(),
                "by": by,
            })
        })
        .collect();
    let accepted: Vec<&str> = one
        .accepted()
        .into_iter()
        .map(ProfileScheme::word)
        .collect();
    let not_counted: Vec<&str> = one.uncounted.iter().map(|one| one.name.as_str()).collect();
    json!({
        "name": one.policy.name,
        "protects": protects,
        "active": one.policy.active,
        "advertise_all": one.policy.advertise_all,
        "profiles": profiles,
        "accepted": accepted,
        "outcome": outcome,
        "readings": readings,
        "shut_out": shut,
        "every_scheme": every,
        "not_counted": not_counted,
    })
}

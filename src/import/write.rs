//! Policies as YAML, in the words of the specs.

use std::fmt::Write;

use super::policy::{Imported, ImportedPolicy, Profile};
use crate::yaml::quoted_if_needed;

/// The version of the form.
pub(super) const VERSION: i64 = 1;

/// Policies as YAML, which [`read`](super::read()) takes.
pub fn written(imported: &Imported) -> String {
    let mut out = format!(
        "# Policies as they were exported, in the words of the spec api-access-policy. A policy stands there as\n\
         # `--policy` and `--case` take it; its history is beside it, a line for each profile. Times are UTC.\n\
         imported: {VERSION}\n"
    );
    if let Some(value) = imported.first_scheme_only {
        let _ = writeln!(out, "instance: {{first_scheme_only: {value}}}");
    }
    out.push_str("policies:\n");
    for policy in &imported.policies {
        of_policy(policy, &mut out);
    }
    out
}

fn of_policy(policy: &ImportedPolicy, out: &mut String) {
    let _ = writeln!(out, "  - name: {}", quoted_if_needed(&policy.name));
    if !policy.protects.what.is_empty() {
        let what = policy.protects.what.iter();
        let what: Vec<String> = what
            .map(|(key, value)| format!("{key}: {}", quoted_if_needed(value)))
            .collect();
        let _ = writeln!(out, "    protects: {{{}}}", what.join(", "));
    }
    let profiles = policy.profiles.iter();
    let profiles: Vec<String> = profiles
        .map(|one| format!("{{scheme: {}, active: {}}}", one.scheme, one.active))
        .collect();
    let _ = writeln!(
        out,
        "    policy: {{active: {}, profiles: [{}], advertise_all: {}}}",
        policy.active,
        profiles.join(", "),
        policy.advertise_all
    );
    if !policy.profiles.is_empty() {
        out.push_str(
            "    history:                     # of its profiles, in the order of the list\n",
        );
    }
    for profile in &policy.profiles {
        let _ = writeln!(out, "      - {}", history(profile));
    }
}

fn history(profile: &Profile) -> String {
    let time = |time: &Option<String>| match time {
        Some(time) => format!("\"{time}\""),
        None => "null".to_owned(),
    };
    format!(
        "{{profile: {}, mapped: {}, configured: {}}}",
        quoted_if_needed(&profile.name),
        time(&profile.mapped),
        time(&profile.configured)
    )
}

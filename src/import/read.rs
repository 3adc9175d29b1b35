//! Policies out of the YAML in which they are written.

use super::policy::{Imported, ImportedPolicy, Profile, ProfileScheme, Protects, is_time};
use super::write::VERSION;
use crate::yaml::{
    self, Diagnostic, Diagnostics, Fields, Node, NodeKind, Source, nearest, of_another_kind,
};

/// Reads policies that were written, by a person or by [`written`](super::written).
///
/// # Errors
///
/// Every mistake in it.
pub fn read(source: &Source) -> Result<Imported, Diagnostics> {
    let node = yaml::read(source)?;
    let mut problems = Diagnostics::new(source.clone());
    let imported = imported(&node, &mut problems);
    match imported {
        Some(imported) if !problems.has_errors() => Ok(imported),
        _ => Err(problems),
    }
}

fn imported(node: &Node, problems: &mut Diagnostics) -> Option<Imported> {
    if let Some(problem) = of_another_kind(node, "a file of policies", "imported") {
        problems.push(problem);
        return None;
    }
    let mut fields = Fields::new(node, "a file of policies", problems)?;
    let version = fields.required("imported", "1", problems);
    if let Some(version) = version.filter(|node| !matches!(node.kind, NodeKind::Int(VERSION))) {
        problems.push(Diagnostic::error(
            version.span,
            format!("this form is {}, and {VERSION} is read", version.shown()),
            format!("write `imported: {VERSION}`"),
        ));
    }
    let mut first_scheme_only = None;
    if let Some(instance) = fields.optional("instance")
        && let Some(mut fields) = Fields::new(instance, "an instance", problems)
    {
        let property = fields.optional("first_scheme_only");
        first_scheme_only = property.and_then(|node| truth(node, "first_scheme_only", problems));
        fields.finish(problems);
    }
    let policies = fields.required("policies", "[…]", problems);
    let policies = policies.and_then(|node| list(node, "policies", problems));
    let policies = policies.unwrap_or_default().iter();
    let policies: Vec<ImportedPolicy> = policies.filter_map(|one| policy(one, problems)).collect();
    fields.finish(problems);
    Some(Imported {
        first_scheme_only,
        policies,
    })
}

fn policy(node: &Node, problems: &mut Diagnostics) -> Option<ImportedPolicy> {
    let mut fields = Fields::new(node, "a policy", problems)?;
    let name = fields.text("name", problems).unwrap_or("(no name)");
    let mut policy = ImportedPolicy {
        name: name.to_owned(),
        active: true,
        ..ImportedPolicy::default()
    };
    if let Some(protects) = fields.optional("protects") {
        match protects.entries() {
            Some(entries) => {
                let what = entries.iter().map(|entry| {
                    let value = entry.value.scalar_text().unwrap_or_default();
                    (entry.key.clone(), value)
                });
                policy.protects = Protects {
                    what: what.collect(),
                };
            }
            None => problems.push(Diagnostic::error(
                protects.span,
                format!(
                    "`protects` must be a mapping, and this is {}",
                    protects.noun()
                ),
                "write what it is for, such as `{path: now/table}`",
            )),
        }
    }
    if let Some(record) = fields.required("policy", "{profiles: [{scheme: basic}]}", problems)
        && let Some(mut fields) = Fields::new(record, "a policy's record", problems)
    {
        let mut flag = |key, default, problems: &mut Diagnostics| {
            let node = fields.optional(key);
            node.and_then(|node| truth(node, key, problems))
                .unwrap_or(default)
        };
        policy.active = flag("active", true, problems);
        policy.advertise_all = flag("advertise_all", false, problems);
        let profiles = fields.required("profiles", "[{scheme: basic}]", problems);
        let profiles = profiles.and_then(|node| list(node, "profiles", problems));
        let profiles = profiles.unwrap_or_default().iter();
        policy.profiles = profiles.filter_map(|one| profile(one, problems)).collect();
        fields.finish(problems);
    }
    if let Some(history) = fields.optional("history") {
        of_history(history, &mut policy.profiles, problems);
    }
    fields.finish(problems);
    Some(policy)
}

fn profile(node: &Node, problems: &mut Diagnostics) -> Option<Profile> {
    let mut fields = Fields::new(node, "a profile", problems)?;
    let word = fields.required("scheme", "basic", problems);
    let active = fields.optional("active");
    let active = active
        .and_then(|node| truth(node, "active", problems))
        .unwrap_or(true);
    fields.finish(problems);
    let word = word?;
    let scheme = word.text().and_then(ProfileScheme::from_word);
    let Some(scheme) = scheme else {
        let words = ProfileScheme::ALL.map(ProfileScheme::word);
        let help = match word.text().and_then(|text| nearest(text, words)) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => format!("there is {}", words.join(", ")),
        };
        problems.push(Diagnostic::error(
            word.span,
            format!("no profile has the scheme {}", word.shown()),
            help,
        ));
        return None;
    };
    Some(Profile {
        name: scheme.word().to_owned(),
        scheme,
        active,
        mapped: None,
        configured: None,
    })
}

/// The history of profiles: a line for each.
fn of_history(node: &Node, profiles: &mut [Profile], problems: &mut Diagnostics) {
    let Some(lines) = list(node, "history", problems) else {
        return;
    };
    if lines.len() != profiles.len() {
        problems.push(Diagnostic::error(
            node.span,
            format!(
                "`history` has {} lines, and `profiles` {}",
                lines.len(),
                profiles.len()
            ),
            "write one for each profile, in the same order",
        ));
    }
    for (line, profile) in lines.iter().zip(profiles) {
        let Some(mut fields) = Fields::new(line, "a line of the history", problems) else {
            continue;
        };
        if let Some(name) = fields.text("profile", problems) {
            name.clone_into(&mut profile.name);
        }
        let mut time = |key, problems: &mut Diagnostics| {
            let node: &Node = fields.optional(key)?;
            if matches!(node.kind, NodeKind::Null) {
                return None;
            }
            match node.text().filter(|text| is_time(text)) {
                Some(text) => Some(text.to_owned()),
                None => {
                    problems.push(Diagnostic::error(
                        node.span,
                        format!("{} is no time", node.shown()),
                        "write \"YYYY-MM-DD HH:MM:SS\", in quotes",
                    ));
                    None
                }
            }
        };
        profile.mapped = time("mapped", problems);
        profile.configured = time("configured", problems);
        fields.finish(problems);
    }
}

fn list<'a>(node: &'a Node, key: &str, problems: &mut Diagnostics) -> Option<&'a [Node]> {
    match &node.kind {
        NodeKind::List(items) => Some(items),
        _ => {
            problems.push(Diagnostic::error(
                node.span,
                format!("`{key}` must be a list, and this is {}", node.noun()),
                "write one line for each, after a dash",
            ));
            None
        }
    }
}

fn truth(node: &Node, key: &str, problems: &mut Diagnostics) -> Option<bool> {
    match node.kind {
        NodeKind::Bool(value) => Some(value),
        _ => {
            problems.push(Diagnostic::error(
                node.span,
                format!(
                    "`{key}` must be true or false, and this is {}",
                    node.shown()
                ),
                "write `true` or `false`",
            ));
            None
        }
    }
}

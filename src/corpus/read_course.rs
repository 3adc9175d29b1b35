//! The course of a saved case: steps that its setting can take, and not more of them than a domain has.

use crate::domain::{MOST_STEPS, Setting, Step, Value};
use crate::spec::read_course;
use crate::yaml::{Diagnostic, Diagnostics, Node, NodeKind};

/// The most steps of a sibling: those of its case, what the client of the case asks, and what the relation has
/// behind and before them.
const MOST_OF_SIBLING: usize = 8 * MOST_STEPS;

/// Whose course it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CourseSide {
    /// That of the case.
    Case,
    /// That of its sibling.
    Sibling,
}

/// Reads the steps of a course; an edit names what the setting has.
pub(super) fn course(
    node: &Node,
    side: CourseSide,
    setting: Option<&Setting>,
    problems: &mut Diagnostics,
) -> Option<Value> {
    let course = read_course(node, problems)?;
    let steps = course.items().unwrap_or_default();
    let most = match side {
        CourseSide::Case => MOST_STEPS,
        CourseSide::Sibling => MOST_OF_SIBLING,
    };
    if steps.len() > most {
        problems.push(Diagnostic::error(
            node.span,
            format!(
                "a course has {most} steps at most, and this has {}",
                steps.len()
            ),
            "leave out the steps that are too many",
        ));
        return None;
    }
    let NodeKind::List(items) = &node.kind else {
        return Some(course);
    };
    let mut all_known = true;
    for (step, item) in steps.iter().zip(items) {
        let Ok(Step::Edit(edits)) = Step::from_value(step) else {
            continue;
        };
        for (path, _) in &edits {
            if setting.is_none_or(|setting| setting.field(path).is_some()) {
                continue;
            }
            let entries = item.get("edit").and_then(Node::entries).unwrap_or_default();
            let entry = entries.iter().find(|entry| entry.key == *path);
            problems.push(Diagnostic::error(
                entry.map_or(item.span, |entry| entry.key_span),
                format!("this edits `{path}`, and the case has no such field"),
                "name a field of the `policy` or the `instance` of the case",
            ));
            all_known = false;
        }
    }
    all_known.then_some(course)
}

#[cfg(test)]
mod tests {
    use crate::corpus::Entry;
    use crate::yaml::Source;

    /// An edit of what is not there changes nothing, and whatever is seen behind it shows nothing.
    #[test]
    fn a_course_edits_what_the_case_has_and_is_as_long_as_one_of_a_domain() {
        let text = include_str!(
            "../../corpus/who-waits-for-a-challenge-is-shut-out-two-profiles-flag-false-basic-client-2d217ffb.yaml"
        );
        let with = |course: &str| {
            // Behind the same steps in both, in a pack that nobody knows here: those of the shipped one have none.
            let mut text = text.replace("pack: reachability", "pack: ours");
            for client in ["\n  client:", "\n    client:"] {
                let indent = client.trim_end_matches("client:");
                text = text.replacen(client, &format!("{indent}course: {course}{client}"), 1);
            }
            Entry::read(&Source::new("saved.yaml", text))
        };
        with("[{edit: {policy.advertise_all: true}}]").unwrap();
        let problems = with("[{edit: {policy.nope: 1}}]").unwrap_err().to_string();
        assert!(problems.contains("`policy.nope`"), "{problems}");
        assert!(problems.contains("saved.yaml:"), "{problems}");
        assert!(
            problems.contains("help: name a field of the `policy`"),
            "{problems}"
        );
        with(&format!("[{}]", ["{ask: {}}"; 8].join(", "))).unwrap();
        let problems = with(&format!("[{}]", ["{ask: {}}"; 9].join(", "))).unwrap_err();
        assert!(
            problems.to_string().contains("8 steps at most"),
            "{problems}"
        );
    }
}

//! Whether a case and its sibling still differ in nothing but what their rule compares: a file may be edited, and a
//! cure that is set in one of the two alone has the rule speak of something else.

use crate::domain::{Case, Part, Value};
use crate::spec::{Demand, Path, Siblings, Spec};
use crate::yaml::{Diagnostic, Diagnostics, Node};

use super::entry::{SavedRule, Sibling};
use super::packs;

/// Says in what else the two differ, at the place where the sibling has it. Of a rule of a pack that does not ship
/// in the same version, nobody knows here in what they may.
pub(super) fn check(
    rule: &SavedRule,
    case: &Case,
    sibling: &Sibling,
    sibling_node: &Node,
    problems: &mut Diagnostics,
) {
    let Some(siblings) = packs::named(&rule.pack)
        .filter(|spec| spec.pack.version == rule.version)
        .and_then(|spec| siblings_of(spec, &rule.id))
    else {
        return;
    };
    let allowed = Differing::of(siblings);
    let written = sibling_node.get("case").unwrap_or(sibling_node);
    for (part, name) in differing(case, &sibling.case) {
        if allowed.has(part, &name) {
            continue;
        }
        let path = format!("{}.{name}", part.word());
        let node = written
            .get(part.word())
            .map(|record| record.get(&name).unwrap_or(record));
        problems.push(Diagnostic::error(
            node.unwrap_or(written).span,
            format!("the case and its sibling differ in `{path}` as well"),
            format!(
                "the rule compares the case with the same {}: let both have the same `{path}`",
                sibling.difference
            ),
        ));
    }
    let is_other = case.course != sibling.case.course;
    if is_other && !allowed.course {
        problems.push(Diagnostic::error(
            written.get("course").unwrap_or(written).span,
            "the case and its sibling differ in `course` as well",
            format!(
                "the rule compares the case with the same {}: let both have the same steps",
                sibling.difference
            ),
        ));
    }
}

fn siblings_of<'s>(spec: &'s Spec, rule: &str) -> Option<&'s Siblings> {
    match &spec.rule(rule)?.demand {
        Demand::Relate(relation) => Some(&relation.siblings),
        Demand::Expect(_) | Demand::Unseen => None,
    }
}

/// In what siblings of one kind may differ from their case.
struct Differing<'s> {
    fields: Vec<&'s Path>,
    /// In all that a client has.
    client: bool,
    course: bool,
}

impl<'s> Differing<'s> {
    fn of(siblings: &'s Siblings) -> Self {
        let (fields, client, course): (Vec<&Path>, bool, bool) = match siblings {
            Siblings::Change(changes) => {
                (changes.iter().map(|(path, _)| path).collect(), false, false)
            }
            Siblings::Remove { path, .. } | Siblings::Reorder(path) => (vec![path], false, false),
            Siblings::Behind(_) => (Vec::new(), false, true),
            // The client that asks last is another one.
            Siblings::Then { .. } => (Vec::new(), true, true),
            Siblings::Edited(path)
            | Siblings::Operated { path, .. }
            | Siblings::Reordered(path) => (vec![path], false, true),
        };
        Self {
            fields,
            client,
            course,
        }
    }

    fn has(&self, part: Part, name: &str) -> bool {
        let is_it = |path: &&Path| {
            let mut words = path.text.split('.');
            path.part == part && words.nth(1).is_none_or(|first| first == name)
        };
        (part == Part::Client && self.client) || self.fields.iter().any(is_it)
    }
}

/// The fields in which two cases differ, those that one of them lacks as well.
fn differing(one: &Case, other: &Case) -> Vec<(Part, String)> {
    let mut found = Vec::new();
    for part in [Part::Policy, Part::Instance, Part::Client] {
        let (here, there) = (one.part(part), other.part(part));
        let names = [here, there].into_iter().flat_map(|record| match record {
            Value::Record(fields) => fields.iter().map(|(name, _)| name.to_string()).collect(),
            _ => Vec::new(),
        });
        for name in names {
            let is_known = found
                .iter()
                .any(|(at, known)| *at == part && *known == name);
            // What a file of an earlier version lacks is not there.
            let value = |record: &Value| record.field(&name).cloned().unwrap_or(Value::Absent);
            if !is_known && value(here) != value(there) {
                found.push((part, name));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use crate::corpus::Entry;
    use crate::yaml::Source;

    const TEXT: &str = include_str!(
        "../../corpus/who-waits-for-a-challenge-is-shut-out-two-profiles-flag-false-basic-client-2d217ffb.yaml"
    );

    fn told(change: impl FnOnce(String) -> String) -> String {
        let text = change(TEXT.to_owned());
        let read = Entry::read(&Source::new("saved.yaml", text));
        read.map_or_else(|problems| problems.to_string(), |_| "read".to_owned())
    }

    /// Where a cure is set in one of the two, the rule still breaks, and whoever mended the product is accused.
    #[test]
    fn a_cure_in_the_case_alone_is_no_cure_of_what_the_rule_compares() {
        let (flag, set) = ("advertise_all: false", "advertise_all: true");
        let problems = told(|text| text.replacen(flag, set, 1));
        for part in [
            "the case and its sibling differ in `policy.advertise_all` as well",
            "      advertise_all: false\n",
            "the same with client.persona preemptive: let both have the same `policy.advertise_all`",
        ] {
            assert!(problems.contains(part), "{problems}");
        }
        assert_eq!(told(|text| text.replacen(flag, set, 2)), "read");
        let problems =
            told(|text| text.replacen("first_scheme_only: true", "first_scheme_only: false", 1));
        assert!(
            problems.contains("`instance.first_scheme_only` as well"),
            "{problems}"
        );
        let problems = told(|text| text.replacen("scheme: basic\n", "scheme: bearer\n", 1));
        assert!(problems.contains("`client.scheme` as well"), "{problems}");
        let problems =
            told(|text| text.replacen("\n  client:", "\n  course: [{ask: {}}]\n  client:", 1));
        assert!(problems.contains("`course` as well"), "{problems}");
        // Of another pack nobody knows here what its rule compares.
        let other = |text: String| text.replace("pack: reachability", "pack: ours");
        assert_eq!(told(|text| other(text.replacen(flag, set, 1))), "read");
    }

    #[test]
    fn what_ships_differs_in_what_its_rules_compare() {
        let (mut compared, mut folders) = (0, vec![PathBuf::from("corpus")]);
        while let Some(folder) = folders.pop() {
            let within = std::fs::read_dir(&folder).unwrap();
            folders.extend(
                within
                    .map(|file| file.unwrap().path())
                    .filter(|path| path.is_dir()),
            );
            for file in crate::corpus::list(&folder).unwrap() {
                let entry = crate::corpus::load(&file).unwrap_or_else(|why| panic!("{why}"));
                compared += usize::from(entry.sibling.is_some());
            }
        }
        assert!(compared > 10, "{compared}");
    }
}

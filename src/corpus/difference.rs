//! Whether a case is still one that its rule speaks of, its sibling one that the rule compares it with, and the demand
//! what the rule asks of the two: a file may be edited, and then whoever did nothing wrong would be accused, or a
//! defect that is there called fixed.

use crate::domain::{Case, Domain, Part, Type, Value, steps_in_words, steps_of};
use crate::engine::{presumed, resolved, without_others};
use crate::results::{Presumed, ResolvedDemand};
use crate::spec::{Demand, Path, Rule, Siblings, Spec};
use crate::yaml::{Diagnostic, Diagnostics, Node};

use super::entry::{SavedRule, Sibling};
use super::packs;

/// The most siblings that are named where the one of a file is none of them.
const MOST_NAMED: usize = 4;

/// Where the parts of a file stand.
pub(super) struct FilePlaces<'n> {
    pub(super) case: &'n Node,
    pub(super) sibling: Option<&'n Node>,
    pub(super) demand: &'n Node,
}

/// Says what a rule of a pack that ships in the same version has no place for. Of another one nobody knows here what
/// it speaks of, but that a case is not compared with itself.
pub(super) fn check(
    rule: &SavedRule,
    (case, sibling): (&Case, Option<&Sibling>),
    demand: &ResolvedDemand,
    written: &FilePlaces<'_>,
    problems: &mut Diagnostics,
) {
    if let (Some(sibling), Some(node)) = (sibling, written.sibling) {
        if sibling.case == *case {
            problems.push(Diagnostic::error(
                node.get("case").unwrap_or(node).span,
                "the case and its sibling are the same, so nothing is compared",
                format!("let the sibling be the same {}", sibling.difference),
            ));
            return;
        }
        differences(rule, case, sibling, node, problems);
    }
    let known = packs::named(&rule.pack).filter(|spec| spec.pack.version == rule.version);
    let known = known.and_then(|spec| Some((spec, spec.rule(&rule.id)?)));
    let (Some((spec, of_pack)), false) = (known, problems.has_errors()) else {
        return;
    };
    // Who takes another choice would be held to what binds whoever takes this one.
    if let Some(lacks) = presumed(spec, of_pack)
        .into_iter()
        .find(|one| !rule.presumes.contains(one))
    {
        let Presumed {
            alternative,
            choice,
            ..
        } = lacks;
        problems.push(Diagnostic::error(
            written.demand.span,
            format!(
                "`{}` presumes `{alternative}: {choice}`, and this file does not",
                rule.id
            ),
            "have `rule` say what it presumes, as it was saved",
        ));
        return;
    }
    match aligned(case, &spec.domain) {
        Some(case) => {
            let edited = Edited {
                spec,
                rule: of_pack,
            };
            edited.check(&case, sibling, demand, written, problems);
        }
        None => foreign(case, spec, written.case, problems),
    }
}

/// Says what of a case the domain of its pack does not have.
fn foreign(case: &Case, spec: &Spec, written: &Node, problems: &mut Diagnostics) {
    let parts = [Part::Policy, Part::Instance, Part::Client].into_iter();
    let lacks = |part: Part| {
        let Value::Record(fields) = case.part(part) else {
            return None;
        };
        let names = |name: &str| spec.domain.part(part).at(&[name]).is_some();
        let (name, _) = fields.iter().find(|(name, _)| !names(name))?;
        Some((part, name.to_string()))
    };
    let pack = &spec.pack.name;
    let (node, why) = match parts.into_iter().find_map(lacks) {
        Some((part, name)) => {
            let record = written.get(part.word());
            let node = record.map(|record| record.get(&name).unwrap_or(record));
            let path = format!("{}.{name}", part.word());
            (node, format!("the cases of `{pack}` have no `{path}`"))
        }
        None => (None, format!("this is no case of `{pack}`")),
    };
    problems.push(Diagnostic::error(
        node.unwrap_or(written).span,
        why,
        format!("`countersign domain --spec {pack}` shows what they have"),
    ));
}

/// The rule that an edited file is held against.
struct Edited<'s> {
    spec: &'s Spec,
    rule: &'s Rule,
}

impl Edited<'_> {
    /// Where the rule stands.
    fn place(&self) -> String {
        let (line, _) = self.spec.source.line_column(self.rule.span.start);
        format!("{}:{line}", self.spec.source.name)
    }

    fn check(
        &self,
        case: &Case,
        sibling: Option<&Sibling>,
        demand: &ResolvedDemand,
        written: &FilePlaces<'_>,
        problems: &mut Diagnostics,
    ) {
        let id = &self.rule.id;
        if self.spec.domain.course.count() == 1 && !case.steps().is_empty() {
            problems.push(Diagnostic::error(
                written.case.get("course").unwrap_or(written.case).span,
                format!("the cases of `{}` have no steps", self.spec.pack.name),
                "take `course` out",
            ));
            return;
        }
        if !self.spec.may_speak_of(self.rule, case) {
            problems.push(Diagnostic::error(
                written.case.span,
                format!("`{id}` does not speak of this case"),
                format!("see its `when`, at {}", self.place()),
            ));
            return;
        }
        let there = sibling.and_then(|one| aligned(&one.case, &self.spec.domain));
        if let (Demand::Relate(relation), Some(there), Some(node)) =
            (&self.rule.demand, &there, written.sibling)
        {
            let siblings = relation.siblings.of(case, &self.spec.domain);
            let is_it = |one: &Case| one == there || without_others(one).any(|one| one == *there);
            if !siblings.iter().any(|one| is_it(&one.case)) {
                let mut names: Vec<&str> = { siblings.iter() }
                    .map(|one| one.difference.as_str())
                    .collect();
                if names.len() > MOST_NAMED {
                    names.truncate(MOST_NAMED);
                    names.push("…");
                }
                let help = match names.is_empty() {
                    true => "it compares it with none".to_owned(),
                    false => format!("it compares it with the same {}", names.join(", or ")),
                };
                problems.push(Diagnostic::error(
                    node.get("case").unwrap_or(node).span,
                    format!("`{id}` does not compare the case with this one"),
                    help,
                ));
                return;
            }
        }
        let asked = resolved(self.spec, self.rule, case, there.as_ref());
        if asked != *demand {
            problems.push(Diagnostic::error(
                written.demand.span,
                format!("this is not what `{id}` asks of this case"),
                format!("write `demand: {asked}`"),
            ));
        }
    }
}

/// The case with its fields in the order of the domain, by which rules find them; nothing where it has others, or a
/// setting that is not of the domain. What it lacks has its simplest value.
fn aligned(case: &Case, domain: &Domain) -> Option<Case> {
    let part = |part: Part| in_order(case.part(part), domain.part(part));
    let case = Case {
        policy: part(Part::Policy)?,
        instance: part(Part::Instance)?,
        course: case.course.clone(),
        client: part(Part::Client)?,
    };
    let is_known = [Part::Policy, Part::Instance]
        .into_iter()
        .all(|part| domain.part(part).contains(case.part(part)));
    is_known.then_some(case)
}

fn in_order(value: &Value, ty: &Type) -> Option<Value> {
    match (value, ty) {
        (Value::Record(fields), Type::Record(declared)) => {
            let has = |name: &str| declared.iter().any(|field| &*field.name == name);
            if !fields.iter().all(|(name, _)| has(name)) {
                return None;
            }
            let ordered = declared.iter().map(|field| {
                let value = match value.field(&field.name) {
                    Some(value) => in_order(value, &field.ty)?,
                    None => field.ty.simplest(),
                };
                Some((field.name.clone(), value))
            });
            ordered.collect::<Option<Vec<_>>>().map(Value::Record)
        }
        (Value::List(items), Type::List(list)) => {
            let items = items.iter().map(|item| in_order(item, &list.of));
            items.collect::<Option<Vec<_>>>().map(Value::List)
        }
        (value, Type::Optional(inner)) => in_order(value, inner),
        (value, _) => Some(value.clone()),
    }
}

/// Says in what else the two differ, at the place where the sibling has it. Of a rule of a pack that does not ship
/// in the same version, nobody knows here in what they may but by the words of the difference.
fn differences(
    rule: &SavedRule,
    case: &Case,
    sibling: &Sibling,
    sibling_node: &Node,
    problems: &mut Diagnostics,
) {
    let known = packs::named(&rule.pack).filter(|spec| spec.pack.version == rule.version);
    let known = known.and_then(|spec| spec.rule(&rule.id));
    let allowed = match known {
        Some(known) => match &known.demand {
            Demand::Relate(relation) => Differing::of(&relation.siblings),
            Demand::Expect(_) | Demand::Unseen => return,
        },
        None => Differing::told(&sibling.difference),
    };
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
    let wrong = if is_other && !allowed.course {
        Some((
            "the case and its sibling differ in `course` as well",
            "let both have the same steps",
        ))
    } else if is_other && known.is_none() && !fits_words(case, sibling) {
        Some((
            "the steps of the sibling are not those of the difference",
            "write those steps, as they were saved",
        ))
    } else {
        None
    };
    if let Some((what, remedy)) = wrong {
        problems.push(Diagnostic::error(
            written.get("course").unwrap_or(written).span,
            what,
            format!(
                "the rule compares the case with the same {}: {remedy}",
                sibling.difference
            ),
        ));
    }
}

/// Whether a difference that names steps names those that the sibling has before the case's own, or has in the place
/// of others at work.
fn fits_words(case: &Case, sibling: &Sibling) -> bool {
    let words = sibling.difference.as_str();
    let rest = words.strip_prefix("when asked ");
    let is_alone = rest.is_some_and(|rest| rest.starts_with(|first: char| first.is_ascii_digit()));
    if !(is_alone || words.starts_with("after ") || words.starts_with("while ")) {
        return true;
    }
    let before = sibling.case.steps().strip_suffix(case.steps());
    [before, Some(sibling.case.steps())]
        .into_iter()
        .flatten()
        .filter_map(|steps| steps_of(&Value::List(steps.to_vec())).ok())
        .any(|steps| steps_in_words(&steps) == words)
}

/// In what siblings of one kind may differ from their case.
struct Differing<'s> {
    fields: Vec<(Part, &'s str)>,
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
        let fields = fields.into_iter().map(|path| (path.part, &*path.text));
        Self {
            fields: fields.collect(),
            client,
            course,
        }
    }

    /// What the words of a difference name, as [`Siblings::of`] writes them: fields by their paths, and steps, save where
    /// it is that something is with another value, without an item, or in another order. Who asks again may be another
    /// client.
    fn told(words: &'s str) -> Self {
        let of_setting = words.starts_with("with ") || words.starts_with("without ");
        let paths = words.split([' ', ',', '[']).filter_map(|word| {
            let (part, _) = word.split_once('.')?;
            let mut parts = [Part::Policy, Part::Instance, Part::Client].into_iter();
            Some((parts.find(|one| one.word() == part)?, word))
        });
        Self {
            fields: paths.collect(),
            client: ["when asked again with ", "when asked with "]
                .iter()
                .any(|begin| words.starts_with(begin)),
            course: !of_setting,
        }
    }

    fn has(&self, part: Part, name: &str) -> bool {
        let is_it = |(of, path): &(Part, &str)| {
            let mut words = path.split('.');
            *of == part && words.nth(1).is_none_or(|first| first == name)
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
        // Of another pack the words of the difference say what its rule compares, or nothing does.
        let other = |text: String| text.replace("pack: reachability", "pack: ours");
        let problems = told(|text| other(text.replacen(flag, set, 1)));
        assert!(
            problems.contains("`policy.advertise_all` as well"),
            "{problems}"
        );
        assert_eq!(told(other), "read");
        let words = "difference: with client.persona preemptive";
        let of_steps = "difference: after asking with credential wrong-secret";
        let problems = told(|text| other(text.replacen(words, of_steps, 1)));
        assert!(problems.contains("`client.persona` as well"), "{problems}");
        let with_steps = |steps: &str| {
            told(|text| {
                let text = other(text).replacen(words, of_steps, 1);
                let text = text.replacen("persona: preemptive", "persona: challenge-driven", 1);
                text.replacen(
                    "\n    client:\n",
                    &format!("\n    course: [{steps}]\n    client:\n"),
                    1,
                )
            })
        };
        assert_eq!(with_steps("{ask: {credential: wrong-secret}}"), "read");
        let problems = with_steps("{ask: {credential: wrong-secret}, times: 3}");
        assert!(
            problems.contains("the steps of the sibling are not those of the difference"),
            "{problems}"
        );
        let of_another = "difference: when asked again with persona preemptive";
        assert_eq!(
            told(|text| other(text.replacen(words, of_another, 1))),
            "read"
        );
        // Nor is a rule of a pack that ships known by an id that it lacks.
        let unknown = "id: challenge-driven-client-gets-out";
        let problems = told(|text| {
            let text = text.replacen("id: challenge-driven-client-gets-in", unknown, 1);
            text.replacen(flag, set, 1)
        });
        assert!(
            problems.contains("`policy.advertise_all` as well"),
            "{problems}"
        );
    }

    /// Whoever takes another choice of an alternative is not bound by it.
    #[test]
    fn what_a_rule_presumes_is_not_taken_out() {
        let text = include_str!(
            "../../corpus/hapi/a-bearer-challenge-has-no-parameter-basic-client-on-hapi-0e51444e.yaml"
        );
        let (before, rest) = text.split_once("  presumes:\n").unwrap();
        let behind = rest.split_once("\n\n").unwrap().1;
        let text = format!("{before}\n{behind}");
        let problems = Entry::read(&Source::new("saved.yaml", text)).unwrap_err();
        let problems = problems.to_string();
        assert!(problems.contains(" presumes `"), "{problems}");
    }

    /// No field and no step that a pack lacks keeps a case from being looked at.
    #[test]
    fn what_a_pack_lacks_is_told() {
        let with_target = |text: String| {
            let (case, sibling) = ("\n    persona", "\n      persona");
            let text = text.replacen(sibling, &format!("\n      target: resource{sibling}"), 1);
            text.replacen(case, &format!("\n    target: resource{case}"), 1)
        };
        let problems = told(with_target);
        assert!(
            problems.contains("the cases of `reachability` have no `client.target`"),
            "{problems}"
        );
        let with_steps = |text: String| {
            let (case, sibling) = ("\n  client:\n", "\n    client:\n");
            let step = "course: [{ask: {}}]";
            let text = text.replacen(sibling, &format!("\n    {step}{sibling}"), 1);
            text.replacen(case, &format!("\n  {step}{case}"), 1)
        };
        let problems = told(with_steps);
        assert!(
            problems.contains("the cases of `reachability` have no steps"),
            "{problems}"
        );
    }

    /// Whoever did nothing wrong would be accused, and a defect that is there called fixed.
    #[test]
    fn a_rule_is_held_against_nothing_that_it_does_not_speak_of() {
        let (waits, sends) = ("persona: challenge-driven", "persona: preemptive");
        let other = "persona: other";
        let exchanged = told(|text| {
            let text = text.replacen(waits, other, 1).replacen(sends, waits, 1);
            text.replacen(other, sends, 1)
        });
        for part in [
            "`challenge-driven-client-gets-in` does not speak of this case",
            "see its `when`, at specs/reachability.yaml:",
        ] {
            assert!(exchanged.contains(part), "{exchanged}");
        }
        let problems = told(|text| text.replace("credential: valid", "credential: none"));
        assert!(
            problems.contains("does not speak of this case"),
            "{problems}"
        );
        let problems = told(|text| text.replacen(sends, waits, 1));
        let same = "the case and its sibling are the same, so nothing is compared";
        assert!(problems.contains(same), "{problems}");
        let problems = told(|text| text.replacen(sends, "persona: wget", 1));
        for part in [
            "does not compare the case with this one",
            "the same with client.persona preemptive",
        ] {
            assert!(problems.contains(part), "{problems}");
        }
        let problems = told(|text| text.replacen("    outcome: same", "    status: same", 1));
        for part in [
            "this is not what `challenge-driven-client-gets-in` asks of this case",
            "relate: {when: {}, outcome: same}",
        ] {
            assert!(problems.contains(part), "{problems}");
        }
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
                let Some(sibling) = &entry.sibling else {
                    continue;
                };
                // Nor is anything of it refused where only the words of the difference are known.
                let told = super::Differing::told(&sibling.difference);
                let differing = super::differing(&entry.case, &sibling.case);
                for (part, name) in differing {
                    assert!(told.has(part, &name), "{}: {name}", file.display());
                }
                let is_other = entry.case.course != sibling.case.course;
                assert!(told.course || !is_other, "{}", file.display());
                assert!(
                    super::fits_words(&entry.case, sibling),
                    "{}",
                    file.display()
                );
            }
        }
        assert!(compared > 10, "{compared}");
    }
}

//! The `odd` of a domain: how many fields of a group may be away from their simplest value in one case.

use crate::domain::{Type, Value};
use crate::yaml::{Diagnostic, Diagnostics, Fields, Node, NodeKind};

use super::super::exclusion::Exclusion;
use super::super::predicate::{Matcher, Predicate};
use super::super::term::{Path, Term};
use super::predicate::several;
use super::scope::Scope;

/// The most combinations of fields that a group leaves out: those of ten fields of which three may be odd.
const MOST_COMBINATIONS: usize = 256;

/// A field of a group.
struct Member {
    path: Path,
    simplest: Value,
}

/// What a group lets come together.
struct Exception {
    condition: Predicate,
    /// The fields of the group that it names, by their places.
    names: Vec<usize>,
}

/// The groups of `odd`, each as the combinations that it leaves out.
pub(super) fn lower(node: &Node, scope: &Scope<'_>, problems: &mut Diagnostics) -> Vec<Exclusion> {
    let NodeKind::List(groups) = &node.kind else {
        problems.push(Diagnostic::error(
            node.span,
            format!(
                "`odd` must be a list of groups, and this is {}",
                node.noun()
            ),
            "write `odd: [{at-most: 1, of: [client.method, client.form]}]`",
        ));
        return Vec::new();
    };
    let groups = groups.iter();
    groups
        .filter_map(|one| group(one, scope, problems))
        .flatten()
        .collect()
}

fn group(node: &Node, scope: &Scope<'_>, problems: &mut Diagnostics) -> Option<Vec<Exclusion>> {
    let mut fields = Fields::new(node, "a group of odd fields", problems)?;
    let most = fields.required("at-most", "1", problems);
    let of = fields.required("of", "[client.method, client.form]", problems);
    let except = fields.optional("except");
    fields.finish(problems);
    let members = of.and_then(|node| members(node, scope, problems));
    let most = most.and_then(|node| how_many(node, problems));
    let members = members?;
    let scope = scope.before();
    let exceptions = match except {
        Some(node) => several(node, &scope, problems)?,
        None => Vec::new(),
    };
    let exceptions: Vec<Exception> = (exceptions.into_iter())
        .map(|condition| Exception::of(condition, &members))
        .collect();
    let (most, of) = (most?, of?);
    if most >= members.len() {
        problems.push(Diagnostic::error(
            of.span,
            format!(
                "{} fields are never more than {most}, so this leaves nothing out",
                members.len()
            ),
            "name more fields, let fewer of them be odd, or take the group out",
        ));
        return None;
    }
    let Some(combinations) = combinations(members.len(), most + 1) else {
        problems.push(Diagnostic::error(
            of.span,
            format!(
                "this group has more than {MOST_COMBINATIONS} combinations of {} fields",
                most + 1
            ),
            "part it into smaller groups, or let fewer fields be odd",
        ));
        return None;
    };
    if let Some(NodeKind::List(written)) = except.map(|node| &node.kind) {
        for (node, exception) in written.iter().zip(&exceptions) {
            exception.check(node, most, &members, problems);
        }
    }
    let left_out = combinations.into_iter().map(|together| {
        let odd = (together.iter()).filter_map(|at| members.get(*at));
        let mut parts: Vec<Predicate> = odd.clone().map(Member::is_odd).collect();
        let excepted = (exceptions.iter())
            .filter(|one| together.iter().all(|at| one.names.contains(at)))
            .map(|one| Predicate::Not(Box::new(one.condition.clone())));
        parts.extend(excepted);
        Exclusion {
            condition: Predicate::All(parts),
            span: node.span,
            odd: Some(odd.map(|member| member.path.text.clone()).collect()),
        }
    });
    Some(left_out.collect())
}

impl Member {
    fn is_odd(&self) -> Predicate {
        let plain = Matcher::Is(self.simplest.clone());
        Predicate::Not(Box::new(Predicate::Term(
            Term::Path(self.path.clone()),
            plain,
        )))
    }
}

/// The fields of a group, each once, and none of them a list or a record.
fn members(node: &Node, scope: &Scope<'_>, problems: &mut Diagnostics) -> Option<Vec<Member>> {
    let NodeKind::List(items) = &node.kind else {
        problems.push(Diagnostic::error(
            node.span,
            format!(
                "the fields of a group are a list, and this is {}",
                node.noun()
            ),
            "write `of: [client.method, client.form]`",
        ));
        return None;
    };
    let mut members: Vec<Member> = Vec::new();
    for item in items {
        let text = item.scalar_text().unwrap_or_default();
        let (path, ty) = scope.path(&text, item.span, problems)?;
        if let Type::List(_) | Type::Record(_) = ty {
            problems.push(Diagnostic::error(
                item.span,
                format!("`{text}` has several values in one, so it is odd in more than one way"),
                "name fields of one value; what a list may have together is said in `exclude`",
            ));
            return None;
        }
        if members.iter().any(|member| member.path == path) {
            problems.push(Diagnostic::error(
                item.span,
                format!("`{text}` is in this group already"),
                "name each field once",
            ));
            return None;
        }
        let simplest = ty.simplest();
        members.push(Member { path, simplest });
    }
    Some(members)
}

fn how_many(node: &Node, problems: &mut Diagnostics) -> Option<usize> {
    match node.kind {
        NodeKind::Int(number) if number > 0 => usize::try_from(number).ok(),
        _ => {
            problems.push(Diagnostic::error(
                node.span,
                "a whole number from 1 is expected: how many fields may be odd at a time",
                "write `at-most: 1`; a field that is never odd has one value in the domain",
            ));
            None
        }
    }
}

impl Exception {
    fn of(condition: Predicate, members: &[Member]) -> Self {
        let members = members.iter().enumerate();
        let named = members.filter(|(_, member)| condition.names(&member.path.text));
        let names = named.map(|(at, _)| at).collect();
        Self { condition, names }
    }

    /// Looks whether it can let anything come together that the group would leave out.
    fn check(&self, node: &Node, most: usize, members: &[Member], problems: &mut Diagnostics) {
        let together = most + 1;
        if self.names.len() < together {
            problems.push(Diagnostic::error(
                node.span,
                format!("this names too few fields of the group to let {together} of them be odd"),
                format!(
                    "name {together} of them or more, as each may be beside the others: \
                     `{{client.method: head, client.credential: none}}`"
                ),
            ));
            return;
        }
        let named = self.names.iter().filter_map(|at| members.get(*at));
        let plain = named.filter(|member| demands(&self.condition, member));
        for member in plain {
            let (field, simplest) = (&member.path.text, &member.simplest);
            problems.push(Diagnostic::error(
                node.span,
                format!("`{field}` is not odd where it is `{simplest}`, its simplest value"),
                "leave that field out, or name what it may be beside the others",
            ));
        }
    }
}

/// Whether a condition has a field stand at its simplest value.
fn demands(condition: &Predicate, member: &Member) -> bool {
    match condition {
        Predicate::All(parts) => parts.iter().any(|part| demands(part, member)),
        Predicate::Term(Term::Path(path), Matcher::Is(value)) => {
            (path, value) == (&member.path, &member.simplest)
        }
        _ => false,
    }
}

/// Every choice of `size` places among `count`, of which there are at least so many; nothing where there are too
/// many.
fn combinations(count: usize, size: usize) -> Option<Vec<Vec<usize>>> {
    let mut all: Vec<Vec<usize>> = vec![Vec::new()];
    for chosen in 1..=size {
        // What is chosen behind this needs a place too.
        let last = count - (size - chosen);
        let longer = all.iter().flat_map(|one| {
            let next = one.last().map_or(0, |last| last + 1);
            (next..last).map(move |at| [one.as_slice(), &[at]].concat())
        });
        all = longer.take(MOST_COMBINATIONS + 1).collect();
    }
    (all.len() <= MOST_COMBINATIONS).then_some(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_choice_is_made_once_and_never_too_many_are() {
        assert_eq!(
            combinations(3, 2),
            Some(vec![vec![0, 1], vec![0, 2], vec![1, 2]])
        );
        assert_eq!(combinations(14, 13).map(|all| all.len()), Some(14));
        assert_eq!(combinations(10, 4).map(|all| all.len()), Some(210));
        assert_eq!(combinations(23, 2).map(|all| all.len()), Some(253));
        assert_eq!(combinations(24, 2), None);
        assert_eq!(combinations(1_000_000, 9), None);
    }
}

//! Extensions: what a domain's policies and instances have beyond what every domain may presume.

use super::case::Part;
use super::narrow::{Allowed, Narrowing};
use super::space::Domain;
use super::types::Type;

/// A field of `policy` or `instance` that is neither presumed nor below what is. It stands at its
/// simplest value for whoever does not claim it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Extension {
    /// Its dotted path, such as `policy.advertise_all`.
    pub path: String,
    /// What its simplest value allows.
    simplest: Allowed,
}

impl Extension {
    /// Whether one of these paths names it, what it is a part of, or a part of it.
    pub fn is_claimed<'a>(&self, named: impl IntoIterator<Item = &'a str>) -> bool {
        let is_below = |path: &str, above: &str| {
            path.strip_prefix(above)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        named
            .into_iter()
            .any(|name| is_below(&self.path, name) || is_below(name, &self.path))
    }
}

/// The narrowing that puts extensions at their simplest values.
pub fn at_simplest<'a>(extensions: impl IntoIterator<Item = &'a Extension>) -> Narrowing {
    Narrowing {
        by_path: extensions
            .into_iter()
            .map(|extension| (extension.path.clone(), extension.simplest.clone()))
            .collect(),
    }
}

impl Domain {
    /// Its extensions, those of a record or of a list's items behind the record or the list. The paths
    /// that may be presumed, and what is below them, are none.
    pub fn extensions(&self, presumed: &[&str]) -> Vec<Extension> {
        let mut found = Vec::new();
        for part in [Part::Policy, Part::Instance] {
            for field in self.part(part).fields() {
                let path = format!("{}.{}", part.word(), field.name);
                if !presumed.contains(&path.as_str()) {
                    collect(&path, &field.ty, &mut found);
                }
            }
        }
        found
    }
}

fn collect(path: &str, ty: &Type, into: &mut Vec<Extension>) {
    let simplest = match ty {
        Type::Record(_) => None,
        // By its length, so that its items keep their fields: rules speak of them.
        Type::List(list) if list.min == 0 || !list.distinct => Some(Allowed::Range {
            min: None,
            max: Some(i64::try_from(list.min).unwrap_or(i64::MAX)),
        }),
        ty => Some(Allowed::Values(vec![ty.simplest()])),
    };
    into.extend(simplest.map(|simplest| Extension {
        path: path.to_owned(),
        simplest,
    }));
    if let Type::Record(_) | Type::List(_) = ty {
        for field in ty.fields() {
            collect(&format!("{path}.{}", field.name), &field.ty, into);
        }
    }
}

/// Extensions that are not part of another one among them.
pub fn outermost<'a>(extensions: &[&'a Extension]) -> Vec<&'a str> {
    let is_part = |one: &Extension, of: &Extension| {
        one.path
            .strip_prefix(of.path.as_str())
            .is_some_and(|rest| rest.starts_with('.'))
    };
    extensions
        .iter()
        .filter(|one| !extensions.iter().any(|other| is_part(one, other)))
        .map(|one| one.path.as_str())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::types::{Field, ListType, Say};
    use crate::domain::value::Symbol;

    fn field(name: &str, ty: Type) -> Field {
        Field {
            name: Symbol::from(name),
            ty,
            say: Say::default(),
        }
    }

    fn words(words: &[&str]) -> Type {
        Type::OneOf(words.iter().map(|word| Symbol::from(*word)).collect())
    }

    fn list(of: Vec<Field>, max: usize) -> Type {
        Type::List(Box::new(ListType {
            of: Type::Record(of),
            min: 0,
            max,
            distinct: false,
        }))
    }

    fn domain() -> Domain {
        let schemes = || vec![field("scheme", words(&["basic", "bearer"]))];
        Domain {
            policy: Type::Record(vec![
                field("active", Type::Bool { simplest: true }),
                field("profiles", list(schemes(), 2)),
                field("for_post", list(schemes(), 1)),
                field(
                    "limit",
                    Type::Record(vec![field("rate", Type::Int { min: 1, max: 9 })]),
                ),
            ]),
            instance: Type::Record(vec![field("first", Type::Bool { simplest: true })]),
            course: Type::no_course(),
            client: Type::Record(vec![field("scheme", words(&["basic"]))]),
            steps: Say::default(),
        }
    }

    #[test]
    fn what_is_presumed_and_clients_are_no_extensions() {
        let extensions = domain().extensions(&["policy.profiles"]);
        let paths: Vec<&str> = extensions.iter().map(|one| one.path.as_str()).collect();
        assert_eq!(
            paths,
            [
                "policy.active",
                "policy.for_post",
                "policy.for_post.scheme",
                "policy.limit.rate",
                "instance.first",
            ]
        );
        let all: Vec<&Extension> = extensions.iter().collect();
        assert!(!outermost(&all).contains(&"policy.for_post.scheme"));
    }

    #[test]
    fn a_path_claims_what_is_above_and_below_it() {
        let extensions = domain().extensions(&["policy.profiles"]);
        let left = |named: &[&str]| -> Vec<String> {
            extensions
                .iter()
                .filter(|one| !one.is_claimed(named.iter().copied()))
                .map(|one| one.path.clone())
                .collect()
        };
        assert_eq!(left(&["policy", "instance"]), [""; 0]);
        assert_eq!(
            left(&["policy.for_post.scheme", "policy.limit", "policy.act"]),
            ["policy.active", "instance.first"]
        );
    }

    #[test]
    fn the_simplest_values_are_those_of_the_whole_domain() {
        let domain = domain();
        let narrowed = domain
            .narrow(
                &at_simplest(&domain.extensions(&["policy.profiles"])),
                false,
            )
            .unwrap();
        assert_eq!(narrowed.policies(), 7);
        assert_eq!(narrowed.policy.simplest(), domain.policy.simplest());
        assert_eq!(narrowed.instance.count(), 1);
        assert!(narrowed.policy.at(&["for_post", "scheme"]).is_some());
    }
}

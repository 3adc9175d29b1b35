//! Which of several policies decides on a request, by the documented order (*API access policy prioritization*): the
//! more specific before the less, and every policy that is for one API before every global one.

use super::policy::ImportedPolicy;

/// How specific a policy is, as the documentation numbers it: 1 is the most specific.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Priority {
    /// A number of the table, 1 to 7.
    OfOneApi(u8),
    /// For one API, and for all methods, resources and versions of it: the table has no line for that. It comes before
    /// every global policy, as every policy of one API does.
    OfAllOfOneApi,
    /// Number 8: global, for one method.
    GlobalForOneMethod,
    /// Number 9: global, for all methods.
    Global,
}

impl Priority {
    /// That of a policy.
    pub fn of(policy: &ImportedPolicy) -> Self {
        let scope = RequestScope::of(policy);
        if scope.path.is_none() {
            return match scope.method {
                Some(_) => Self::GlobalForOneMethod,
                None => Self::Global,
            };
        }
        let has = (
            scope.method.is_some(),
            scope.resource.is_some(),
            scope.version.is_some(),
        );
        match has {
            (true, true, true) => Self::OfOneApi(1),
            (true, true, false) => Self::OfOneApi(2),
            (false, true, true) => Self::OfOneApi(3),
            (false, true, false) => Self::OfOneApi(4),
            (true, false, true) => Self::OfOneApi(5),
            (true, false, false) => Self::OfOneApi(6),
            (false, false, true) => Self::OfOneApi(7),
            (false, false, false) => Self::OfAllOfOneApi,
        }
    }

    /// In words.
    pub fn in_words(self) -> String {
        match self {
            Self::OfOneApi(number) => format!("priority {number}"),
            Self::OfAllOfOneApi => "all of one API, which the table does not number".to_owned(),
            Self::GlobalForOneMethod => "priority 8".to_owned(),
            Self::Global => "priority 9".to_owned(),
        }
    }
}

/// What a policy is for; nothing where it is for all.
struct RequestScope<'p> {
    /// Nothing where it is global.
    path: Option<&'p str>,
    method: Option<&'p str>,
    resource: Option<&'p str>,
    version: Option<&'p str>,
    tables: Option<&'p str>,
}

impl<'p> RequestScope<'p> {
    fn of(policy: &'p ImportedPolicy) -> Self {
        let said = |key: &str| {
            let mut what = policy.protects.what.iter();
            let found = what.find(|(have, _)| have == key);
            found.map(|(_, value)| value.as_str())
        };
        let is_set = |key: &str| said(key) == Some("true");
        let all = is_set("all");
        let one = |key: &str, all_of: &str| said(key).filter(|_| !all && !is_set(all_of));
        Self {
            path: said("path")
                .or_else(|| said("api"))
                .filter(|_| !is_set("global")),
            method: one("method", "all_methods"),
            resource: one("resource", "all_resources"),
            version: one("version", "all_versions"),
            tables: one("tables", "all_tables"),
        }
    }

    /// Whether some request may be for both.
    fn overlaps(&self, other: &Self) -> bool {
        let may = |one: Option<&str>, other: Option<&str>| match (one, other) {
            (Some(one), Some(other)) => one.eq_ignore_ascii_case(other),
            _ => true,
        };
        let tables = match (self.tables, other.tables) {
            (Some(one), Some(other)) => {
                let mut names = one.split(',').map(str::trim);
                names.any(|name| other.split(',').any(|one| one.trim() == name))
            }
            _ => true,
        };
        tables
            && may(self.path, other.path)
            && may(self.method, other.method)
            && may(self.resource, other.resource)
            && may(self.version, other.version)
    }
}

/// Two active policies that may both be for one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Overlap<'p> {
    /// The one that decides, alone: who gets in, and what a 401 names. Of two that are as specific as each other, no
    /// document says which.
    pub decides: &'p ImportedPolicy,
    /// The other.
    pub yields: &'p ImportedPolicy,
    /// Whether they are as specific as each other.
    pub is_tie: bool,
}

/// Every two of the active policies that may both be for one request, each once.
pub fn overlaps(policies: &[ImportedPolicy]) -> Vec<Overlap<'_>> {
    let active: Vec<&ImportedPolicy> = policies.iter().filter(|one| one.active).collect();
    let mut found = Vec::new();
    for (at, one) in active.iter().enumerate() {
        for other in active.iter().skip(at + 1) {
            if !RequestScope::of(one).overlaps(&RequestScope::of(other)) {
                continue;
            }
            let (first, second) = (Priority::of(one), Priority::of(other));
            let (decides, yields) = match first <= second {
                true => (*one, *other),
                false => (*other, *one),
            };
            found.push(Overlap {
                decides,
                yields,
                is_tie: first == second,
            });
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::policy::Protects;
    use super::*;

    fn policy(name: &str, what: &[(&str, &str)]) -> ImportedPolicy {
        let what = what
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        ImportedPolicy {
            name: name.to_owned(),
            active: true,
            protects: Protects {
                what: what.collect(),
            },
            ..ImportedPolicy::default()
        }
    }

    const PATH: (&str, &str) = ("path", "now/table");
    const METHOD: (&str, &str) = ("method", "GET");
    const RESOURCE: (&str, &str) = ("resource", "/now/table/{tableName}");
    const VERSION: (&str, &str) = ("version", "v1");

    #[test]
    fn the_documented_order_holds() {
        let ordered = [
            policy("1", &[PATH, METHOD, RESOURCE, VERSION]),
            policy("2", &[PATH, METHOD, RESOURCE]),
            policy("3", &[PATH, RESOURCE, VERSION, ("all_methods", "true")]),
            policy("4", &[PATH, RESOURCE, ("all_methods", "true")]),
            policy("5", &[PATH, METHOD, VERSION, ("all_resources", "true")]),
            policy("6", &[PATH, METHOD, ("all_resources", "true")]),
            policy(
                "7",
                &[
                    PATH,
                    VERSION,
                    ("all_methods", "true"),
                    ("all_resources", "true"),
                ],
            ),
            policy("all", &[PATH, METHOD, RESOURCE, ("all", "true")]),
            policy("8", &[PATH, ("global", "true"), METHOD]),
            policy("9", &[("global", "true"), METHOD, ("all_methods", "true")]),
        ];
        let priorities: Vec<Priority> = ordered.iter().map(Priority::of).collect();
        assert!(
            priorities.windows(2).all(|two| two[0] < two[1]),
            "{priorities:?}"
        );
        let mut turned = ordered.to_vec();
        turned.reverse();
        for all in [ordered.to_vec(), turned] {
            let found = overlaps(&all);
            assert_eq!(found.len(), 45);
            for one in found {
                let place =
                    |policy: &ImportedPolicy| ordered.iter().position(|known| known == policy);
                assert!(
                    !one.is_tie && place(one.decides) < place(one.yields),
                    "{one:?}"
                );
            }
        }
    }

    #[test]
    fn what_cannot_meet_does_not_and_what_is_alike_is_a_tie() {
        let get = policy("get", &[PATH, METHOD]);
        let post = policy("post", &[PATH, ("method", "POST")]);
        let other = policy("other", &[("path", "now/attachment"), METHOD]);
        let again = policy("again", &[PATH, ("method", "get")]);
        let mut off = get.clone();
        off.active = false;
        assert_eq!(overlaps(&[get.clone(), post, other, off]), []);
        let both = [get, again];
        let found = overlaps(&both);
        assert!(found.len() == 1 && found[0].is_tie, "{found:?}");
        let tables = |names| policy(names, &[PATH, ("tables", names)]);
        assert_eq!(overlaps(&[tables("incident"), tables("problem,task")]), []);
        assert_eq!(
            overlaps(&[tables("incident, task"), tables("problem,task")]).len(),
            1
        );
    }
}

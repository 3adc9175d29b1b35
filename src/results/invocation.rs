//! What a run was asked for.

use serde::{Deserialize, Serialize};

use crate::spec::Level;

/// What a run was asked for, as far as it decides what is found and what is printed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invocation {
    /// How the command is called, such as `cargo run --release --`: commands that are printed begin so.
    pub program: String,
    /// The implementation as `--against` names it.
    pub against: String,
    /// The faults that were seeded in it.
    pub faults: Vec<String>,
    /// The specs by name or file; every shipped pack where there is none.
    pub specs: Vec<String>,
    /// Packs by name that bind those who claim them, and by which was judged who does not.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub claims: Vec<String>,
    /// The rules by id; all where there is none.
    pub rules: Vec<String>,
    /// Rules by id that were not judged.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub excluded: Vec<String>,
    /// What fields were narrowed to, as `--set` takes it.
    pub set: Vec<String>,
    /// The real clients that played, as `--clients` takes them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub clients: Vec<String>,
    /// The file of further clients, as `--catalogue` takes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub catalogue: Option<String>,
    /// The one case, as `--case` takes it.
    pub case: Option<String>,
    /// The greatest space that is enumerated whole, and how many cases are judged of a larger one.
    pub cases: u64,
    /// What random cases are drawn from.
    pub seed: u64,
    /// The baseline that was named.
    pub baseline: Option<String>,
    /// The weakest level of a rule whose breaking fails the run.
    pub fail_on: Level,
}

impl Invocation {
    /// The first option by which another invocation asks for something else, and what each gives it, in words.
    /// How the command is called finds nothing else, nor does the order of rules; whether specs that are named
    /// differently are the same their texts decide.
    pub fn differs(&self, other: &Self) -> Option<String> {
        let list = |items: &[String]| items.join(", ");
        let set = |items: &[String]| {
            let mut items = items.to_vec();
            items.sort_unstable();
            items.join(", ")
        };
        let mut each: Vec<(&str, [String; 2])> = vec![
            ("--fault", [set(&self.faults), set(&other.faults)]),
            ("--claim", [set(&self.claims), set(&other.claims)]),
            ("--rule", [set(&self.rules), set(&other.rules)]),
            (
                "--exclude-rule",
                [set(&self.excluded), set(&other.excluded)],
            ),
        ];
        let of_both = |of: fn(&Self) -> String| [of(self), of(other)];
        each.extend([
            ("--against", of_both(|asked| asked.against.clone())),
            ("--set", [list(&self.set), list(&other.set)]),
            ("--clients", [list(&self.clients), list(&other.clients)]),
            (
                "--catalogue",
                of_both(|asked| asked.catalogue.clone().unwrap_or_default()),
            ),
            (
                "--case",
                of_both(|asked| asked.case.clone().unwrap_or_default()),
            ),
            ("--cases", of_both(|asked| asked.cases.to_string())),
            ("--seed", of_both(|asked| asked.seed.to_string())),
            (
                "--baseline",
                of_both(|asked| asked.baseline.clone().unwrap_or_default()),
            ),
            ("--fail-on", of_both(|asked| asked.fail_on.to_string())),
        ]);
        let (name, [one, other]) = each.into_iter().find(|(_, [one, other])| one != other)?;
        Some(match (one.is_empty(), other.is_empty()) {
            (true, _) => {
                format!("`{name} {other}` was given for one, and no `{name}` for the other")
            }
            (_, true) => format!("`{name} {one}` was given for one, and no `{name}` for the other"),
            _ => format!("`{name} {one}` was given for one, and `{name} {other}` for the other"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked() -> Invocation {
        Invocation {
            program: "countersign".to_owned(),
            against: "nginx".to_owned(),
            faults: Vec::new(),
            specs: vec!["door.yaml".to_owned()],
            claims: Vec::new(),
            rules: vec!["one".to_owned(), "other".to_owned()],
            excluded: Vec::new(),
            set: Vec::new(),
            clients: Vec::new(),
            catalogue: None,
            case: None,
            cases: 100,
            seed: 7,
            baseline: None,
            fail_on: Level::Should,
        }
    }

    #[test]
    fn only_what_decides_what_is_found_differs() {
        let same = Invocation {
            program: "/usr/local/bin/countersign".to_owned(),
            specs: vec!["./door.yaml".to_owned()],
            rules: vec!["other".to_owned(), "one".to_owned()],
            ..asked()
        };
        assert_eq!(asked().differs(&same), None);
        let seed = Invocation { seed: 8, ..asked() };
        assert_eq!(
            asked().differs(&seed).as_deref(),
            Some("`--seed 7` was given for one, and `--seed 8` for the other")
        );
        let set = Invocation {
            set: vec!["policy.active=true".to_owned()],
            ..asked()
        };
        let told = "`--set policy.active=true` was given for one, and no `--set` for the other";
        assert_eq!(asked().differs(&set).as_deref(), Some(told));
        assert_eq!(set.differs(&asked()).as_deref(), Some(told));
    }
}

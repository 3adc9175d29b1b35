//! What specs have, and whether what an implementation says of itself is among it. A path that no spec
//! has would be passed over in silence, and whoever mistyped it judged on what he left out.

use std::collections::{BTreeMap, BTreeSet};

use super::Description;
use crate::domain::{Allowed, Domain, Part, Type, Value};
use crate::observation::SetupFault;
use crate::vocabulary::client_field;
use crate::yaml::{nearest, one_of};

/// The most values that a message lists, or that are looked through for the nearest.
const MOST_SHOWN: usize = 64;

/// Fields, alternatives and packs that an implementation may speak of.
#[derive(Clone, Debug, Default)]
pub struct Vocabulary {
    /// The types of each dotted path, one for each domain that has it.
    fields: BTreeMap<String, Vec<Type>>,
    alternatives: BTreeMap<String, BTreeSet<String>>,
    packs: BTreeSet<String>,
}

/// What is wrong with something that was said, and what to write instead.
pub(crate) type Slip = (String, String);

impl Vocabulary {
    /// Adds a domain's fields.
    pub fn add_domain(&mut self, domain: &Domain) {
        for part in Part::ALL {
            self.add_fields(part.word(), domain.part(part));
        }
    }

    /// Adds a choice of an alternative.
    pub fn add_choice(&mut self, alternative: &str, choice: &str) {
        let choices = self.alternatives.entry(alternative.to_owned()).or_default();
        choices.insert(choice.to_owned());
    }

    /// Adds a pack's name.
    pub fn add_pack(&mut self, name: &str) {
        self.packs.insert(name.to_owned());
    }

    fn add_fields(&mut self, path: &str, ty: &Type) {
        for field in ty.fields() {
            let path = format!("{path}.{}", field.name);
            self.add_fields(&path, &field.ty);
            let known = self.fields.entry(path).or_default();
            if !known.contains(&field.ty) {
                known.push(field.ty.clone());
            }
        }
    }

    fn no_such(&self, path: &str, known: impl Fn(&str) -> bool) -> Slip {
        let paths: Vec<&str> = self
            .fields
            .keys()
            .map(String::as_str)
            .filter(|path| known(path))
            .collect();
        let help = match nearest(path, paths.iter().copied()) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => format!(
                "the fields are {}; one of a spec of your own that this run does not judge is to be named under \
                 `own` too",
                paths.join(", ")
            ),
        };
        (format!("`{path}`: no spec has such a field"), help)
    }

    /// Whether a name is one of specs of an implementation's own, or of something within one, and no spec at
    /// hand has it.
    pub(crate) fn passes_over(&self, name: &str, own: &[String]) -> bool {
        let plain = name.replace("[]", "");
        let is_known = self.fields.contains_key(&plain)
            || self.alternatives.contains_key(&plain)
            || self.packs.contains(&plain);
        let is_own = |own: &String| {
            let rest = plain.strip_prefix(own.as_str());
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        !is_known && own.iter().any(is_own)
    }

    /// What is wrong with an entry of `supports`.
    pub(crate) fn slip_in_supports(&self, path: &str, allowed: &Allowed) -> Option<Slip> {
        let plain = path.replace("[]", "");
        let Some(types) = self.fields.get(&plain) else {
            return Some(self.no_such(path, |_| true));
        };
        match allowed {
            Allowed::Values(values) => values.iter().find_map(|value| {
                let known = types.iter().any(|ty| ty.contains(value)) || is_spoken(&plain, value);
                (!known).then(|| no_value(path, value, types))
            }),
            Allowed::Range { min, max } => {
                let bounds: Vec<(i64, i64)> = types.iter().filter_map(bounds).collect();
                let Some(least) = bounds.iter().map(|(least, _)| *least).min() else {
                    return Some((
                        format!("`{path}` is neither a number nor a list, so it has no range"),
                        format!("list values: {}", words(types).join(", ")),
                    ));
                };
                let most = bounds.iter().map(|(_, most)| *most).max().unwrap_or(least);
                let fits = bounds.iter().any(|(least, most)| {
                    min.is_none_or(|min| min <= *most) && max.is_none_or(|max| *least <= max)
                });
                (!fits).then(|| {
                    (
                        format!("`{path}` is never {allowed}"),
                        format!("it is between {least} and {most}"),
                    )
                })
            }
        }
    }

    /// What is wrong with a path of `knows`.
    pub(crate) fn slip_in_knows(&self, path: &str) -> Option<Slip> {
        let is_setting = |path: &str| !path.starts_with(Part::Client.word());
        let is_whole = [Part::Policy.word(), Part::Instance.word()].contains(&path);
        let known = is_whole || (is_setting(path) && self.fields.contains_key(path));
        (!known).then(|| self.no_such(path, is_setting))
    }

    /// What is wrong with the choice of an alternative: with its name, or with the choice.
    pub(crate) fn slip_in_alternatives(&self, name: &str, choice: &str) -> Option<Slip> {
        let Some(choices) = self.alternatives.get(name) else {
            let known: Vec<&str> = self.alternatives.keys().map(String::as_str).collect();
            return Some((
                format!("`{name}`: no spec has such an alternative"),
                suggestion(name, &known, "the alternatives are"),
            ));
        };
        let known: Vec<&str> = choices.iter().map(String::as_str).collect();
        (!choices.contains(choice)).then(|| {
            (
                format!("`{name}` has no choice `{choice}`"),
                suggestion(choice, &known, "its choices are"),
            )
        })
    }

    /// What is wrong with a claim of a pack.
    pub(crate) fn slip_in_claims(&self, pack: &str) -> Option<Slip> {
        let known: Vec<&str> = self.packs.iter().map(String::as_str).collect();
        (!self.packs.contains(pack)).then(|| {
            (
                format!("there is no pack `{pack}`"),
                suggestion(pack, &known, "the packs are"),
            )
        })
    }
}

fn suggestion(word: &str, known: &[&str], are: &str) -> String {
    match nearest(word, known.iter().copied()) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => format!("{are} {}", one_of(known)),
    }
}

/// Whether the language has this word for a client's field, whatever the specs at hand have.
fn is_spoken(path: &str, value: &Value) -> bool {
    let field = path.strip_prefix("client.").and_then(client_field);
    let word = value.as_symbol();
    field.is_some_and(|field| word.is_some_and(|word| field.words.contains(&word)))
}

fn no_value(path: &str, value: &Value, types: &[Type]) -> Slip {
    let known = words(types);
    let given = value.to_string();
    let help = match nearest(&given, known.iter().map(String::as_str)) {
        Some(meant) if meant == given => {
            format!("it is the text \"{given}\" here: leave out the quotes")
        }
        Some(meant) => format!("did you mean `{meant}`?"),
        None => format!("its values are {}", known.join(", ")),
    };
    (format!("`{path}` is never `{given}`"), help)
}

fn words(types: &[Type]) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for value in types.iter().flat_map(|ty| ty.values().take(MOST_SHOWN)) {
        let word = value.to_string();
        if !words.contains(&word) {
            words.push(word);
        }
    }
    words.truncate(MOST_SHOWN);
    words
}

/// The least and the greatest number, or number of items.
fn bounds(ty: &Type) -> Option<(i64, i64)> {
    let number = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
    match ty {
        Type::Int { min, max } => Some((*min, *max)),
        Type::List(list) => Some((number(list.min), number(list.max))),
        _ => None,
    }
}

impl Description {
    /// Makes sure that what it says of itself is among what specs have.
    ///
    /// # Errors
    ///
    /// A set-up fault that names the first slip and what was probably meant.
    pub fn check(&self, vocabulary: &Vocabulary) -> Result<(), SetupFault> {
        let fault = |key: &str, (what, help): Slip| SetupFault {
            doing: format!("understand what {} says of itself", self.name),
            why: format!("in `{key}`, {what}"),
            remedy: Some(format!("{help} (`countersign domain` lists what there is)")),
        };
        let passed_over = |name: &str| vocabulary.passes_over(name, &self.own);
        for (path, allowed) in &self.supports.by_path {
            if passed_over(path) {
                continue;
            }
            if let Some(slip) = vocabulary.slip_in_supports(path, allowed) {
                return Err(fault("supports", slip));
            }
        }
        for path in self.knows.iter().filter(|path| !passed_over(path)) {
            if let Some(slip) = vocabulary.slip_in_knows(path) {
                return Err(fault("knows", slip));
            }
        }
        let alternatives = self.alternatives.iter();
        for (name, choice) in alternatives.filter(|(name, _)| !passed_over(name)) {
            if let Some(slip) = vocabulary.slip_in_alternatives(name, choice) {
                return Err(fault("alternatives", slip));
            }
        }
        for pack in self.claims.iter().filter(|pack| !passed_over(pack)) {
            if let Some(slip) = vocabulary.slip_in_claims(pack) {
                return Err(fault("claims", slip));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Field, ListType, Say, Symbol};

    fn vocabulary() -> Vocabulary {
        let field = |name: &str, ty: Type| Field {
            name: Symbol::from(name),
            ty,
            say: Say::default(),
        };
        let schemes = Type::OneOf(vec![Symbol::from("basic"), Symbol::from("bearer")]);
        let profiles = Type::List(Box::new(ListType {
            of: Type::Record(vec![field("scheme", schemes)]),
            min: 0,
            max: 2,
            distinct: false,
        }));
        let key = Type::OneOf(vec![Symbol::from("none"), Symbol::from("field")]);
        let mut vocabulary = Vocabulary::default();
        vocabulary.add_domain(&Domain {
            policy: Type::Record(vec![field("profiles", profiles), field("key", key)]),
            instance: Type::Record(vec![field("flag", Type::Bool { simplest: true })]),
            client: Type::Record(vec![field(
                "credential",
                Type::OneOf(vec![Symbol::from("valid")]),
            )]),
            course: Type::no_course(),
            steps: Say::default(),
        });
        vocabulary.add_choice("advertised-profile", "first");
        vocabulary.add_pack("api-access-policy");
        vocabulary
    }

    fn symbols(words: &[&str]) -> Allowed {
        Allowed::Values(words.iter().map(|word| Value::symbol(word)).collect())
    }

    fn check_message(change: impl FnOnce(&mut Description)) -> String {
        let mut description = Description {
            name: "gate".to_owned(),
            ..Description::default()
        };
        change(&mut description);
        description
            .check(&vocabulary())
            .map_or_else(|fault| fault.to_string(), |()| "right".to_owned())
    }

    #[test]
    fn what_no_spec_has_is_told_with_what_is_near() {
        let supports = |path: &str, allowed: Allowed| {
            check_message(|gate| {
                gate.supports.by_path.insert(path.to_owned(), allowed);
            })
        };
        let range = |min, max| Allowed::Range { min, max };
        for (said, what, help) in [
            (
                supports("policy.keys", symbols(&["none"])),
                "`policy.keys`: no spec has such a field",
                "`policy.key`?",
            ),
            (
                supports("policy.profiles.scheme", symbols(&["basci"])),
                "`policy.profiles.scheme` is never `basci`",
                "`basic`?",
            ),
            (
                supports("instance.flag", symbols(&["true"])),
                "is never `true`",
                "leave out the quotes",
            ),
            (
                supports("policy.profiles", range(None, Some(-1))),
                "is never at most -1",
                "between 0 and 2",
            ),
            (
                supports("policy.key", range(None, Some(1))),
                "has no range",
                "none, field",
            ),
            (
                check_message(|gate| gate.knows.push("policy.kye".to_owned())),
                "in `knows`, `policy.kye`",
                "`policy.key`?",
            ),
            (
                check_message(|gate| gate.knows.push("client.credential".to_owned())),
                "in `knows`, `client.credential`",
                "the fields are",
            ),
            (
                check_message(|gate| {
                    let choice = ("advertised-profile".to_owned(), "frist".to_owned());
                    gate.alternatives.extend([choice]);
                }),
                "no choice `frist`",
                "`first`?",
            ),
            (
                check_message(|gate| gate.claims.push("api-acess-policy".to_owned())),
                "there is no pack `api-acess-policy`",
                "`api-access-policy`?",
            ),
        ] {
            assert!(said.contains(what) && said.contains(help), "{what}: {said}");
        }
    }

    #[test]
    fn what_only_a_spec_of_its_own_has_is_passed_over() {
        let names = |gate: &mut Description| {
            let by_path = &mut gate.supports.by_path;
            by_path.insert("policy.limit.rate".to_owned(), symbols(&["low"]));
            gate.knows = vec!["policy.limit".to_owned()];
            gate.claims = vec!["of-our-own".to_owned()];
        };
        let own = ["policy.limit", "of-our-own"].map(str::to_owned).to_vec();
        let said = check_message(names);
        assert!(
            said.contains("`policy.limit.rate`") && said.contains("under `own` too"),
            "{said}"
        );
        let said = check_message(|gate| {
            names(gate);
            gate.own = own.clone();
        });
        assert_eq!(said, "right");
        // What a spec has is held to it, whoever calls it his own, and so is what nobody does.
        for (path, what) in [
            ("policy.key", "is never `low`"),
            ("policy.limits", "no spec has such a field"),
        ] {
            let said = check_message(|gate| {
                let by_path = &mut gate.supports.by_path;
                by_path.insert(path.to_owned(), symbols(&["low"]));
                gate.own = vec!["policy.limit".to_owned(), "policy.key".to_owned()];
            });
            assert!(said.contains(what), "{said}");
        }
    }

    #[test]
    fn what_some_spec_has_is_right() {
        let said = check_message(|gate| {
            let by_path = &mut gate.supports.by_path;
            let most = Some(9);
            by_path.insert(
                "policy.profiles".to_owned(),
                Allowed::Range {
                    min: None,
                    max: most,
                },
            );
            by_path.insert("policy.profiles[].scheme".to_owned(), symbols(&["basic"]));
            // A word of the language, though no spec at hand has it.
            by_path.insert("client.credential".to_owned(), symbols(&["nul"]));
            gate.knows = vec!["policy".to_owned(), "instance.flag".to_owned()];
        });
        assert_eq!(said, "right");
    }
}

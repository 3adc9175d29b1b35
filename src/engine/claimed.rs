//! What an implementation claims of a spec, and what it is therefore judged on. Nobody is judged on what
//! he was never told.

use crate::credentials::{CredentialState, Scheme};
use crate::domain::{Allowed, Case, Extension, Narrowing, Part, Value, at_simplest, outermost};
use crate::implementation::{Description, Vocabulary};
use crate::results::{RuleReport, RuleState, Unclaimed};
use crate::spec::{Binds, Rule, SHIPPED, Spec, shipped};

/// Everything that these specs, as they were read, and the shipped packs have: what an implementation may
/// speak of.
pub fn vocabulary<'s>(specs: impl IntoIterator<Item = &'s Spec>) -> Vocabulary {
    let specs: Vec<&Spec> = specs.into_iter().collect();
    let mut vocabulary = Vocabulary::default();
    let mut add = |spec: &Spec| {
        vocabulary.add_domain(&spec.domain);
        vocabulary.add_pack(&spec.pack.name);
        for alternative in &spec.alternatives {
            for (choice, _) in &alternative.choices {
                vocabulary.add_choice(&alternative.name, choice);
            }
        }
    };
    specs.iter().copied().for_each(&mut add);
    for (name, text) in SHIPPED {
        let is_read = |spec: &&Spec| *spec.source.text == *text;
        if !specs.iter().any(is_read)
            && let Some(Ok(spec)) = shipped(name).map(|source| Spec::read(&source))
        {
            add(&spec);
        }
    }
    vocabulary
}

/// Whether a pack binds an implementation, if nobody asks for it by name.
pub fn is_bound(spec: &Spec, description: &Description) -> bool {
    match spec.pack.binds {
        Binds::Everybody => true,
        Binds::Claimants => description.claims.contains(&spec.pack.name),
    }
}

/// The extensions of a spec's domain that an implementation does not claim.
pub(super) fn unclaimed<'s>(spec: &'s Spec, description: &Description) -> Vec<&'s Extension> {
    spec.extensions
        .iter()
        .filter(|extension| !extension.is_claimed(description.named()))
        .collect()
}

/// The part of a spec's domain that an implementation is judged on: what it supports, and what it does
/// not claim at its simplest value. What a JWT says of itself, and the key that a token is bound to, is
/// beyond one that takes opaque tokens.
///
/// # Errors
///
/// In words, when nothing is left.
pub fn supported(spec: &Spec, description: &Description) -> Result<Spec, String> {
    let left = unclaimed(spec, description);
    let plain = spec.narrow(&at_simplest(left), true);
    let spec = plain.map_err(|error| {
        format!(
            "{error}, which is its simplest value, and {} does not claim it",
            description.name
        )
    })?;
    let narrow = |spec: &Spec, narrowing: &Narrowing| {
        spec.narrow(narrowing, true)
            .map_err(|error| error.to_string())
    };
    let spec = narrow(&spec, &description.supported())?;
    narrow(&spec, &by_tokens(&spec, description))
}

/// What the kind of its tokens leaves of the clients that an implementation is sent.
fn by_tokens(spec: &Spec, description: &Description) -> Narrowing {
    let mut narrowing = Narrowing::default();
    if description.tokens.takes_jwts() {
        return narrowing;
    }
    let needs_jwt = |field: &str, word: &Value| {
        let word = word.as_symbol().unwrap_or_default();
        match field {
            "scheme" => Scheme::from_word(word) == Some(Scheme::Dpop),
            _ => CredentialState::from_word(word).is_some_and(CredentialState::needs_jwt),
        }
    };
    for field in ["scheme", "credential"] {
        let words = spec.domain.client.at(&[field]);
        let words: Vec<Value> = words.map_or_else(Vec::new, |words| words.values().collect());
        if words.iter().any(|word| needs_jwt(field, word)) {
            let others = words.into_iter().filter(|word| !needs_jwt(field, word));
            let allowed = Allowed::Values(others.collect());
            narrowing.by_path.insert(format!("client.{field}"), allowed);
        }
    }
    narrowing
}

/// Why a case is outside of what an implementation says of itself; nothing where it is within.
pub fn outside(spec: &Spec, description: &Description, case: &Case) -> Option<String> {
    not_claimed(spec, description, case).or_else(|| description.supported().refusal(case))
}

/// The first extension of a case that has not its simplest value, and is not claimed; in words.
pub(crate) fn not_claimed(spec: &Spec, description: &Description, case: &Case) -> Option<String> {
    unclaimed(spec, description).iter().find_map(|extension| {
        at_simplest([*extension]).refusal(case)?;
        let value = case.at(&extension.path);
        let value = value.map_or_else(String::new, |value| format!(" ({value})"));
        Some(format!("it does not claim {}{value}", extension.path))
    })
}

/// Why the policy or the instance of a case cannot be had at all on an implementation: it does not claim a
/// field of it, or says that it never has such a value. Whatever it then put in force would be something
/// else.
pub fn inexpressible(spec: &Spec, description: &Description, case: &Case) -> Option<String> {
    let mut configured = description.supported();
    let of_client = format!("{}.", Part::Client.word());
    configured
        .by_path
        .retain(|path, _| !path.starts_with(&of_client));
    not_claimed(spec, description, case).or_else(|| configured.refusal(case))
}

/// The part of a spec's domain that an implementation is judged on around a case: what [`supported`] leaves,
/// save that a field in which the case itself is beyond that keeps all of its values. Siblings of the case,
/// and what it is shrunk to and explained by, are taken from there, so that nothing is put in force that the
/// implementation does not have.
pub(super) fn around(spec: &Spec, description: &Description, case: &Case) -> Spec {
    // Where nothing is left, it is of something that the case has not, such as an item of an empty list.
    let narrow = |spec: Spec, narrowing: Narrowing| {
        let narrowed = spec.narrow(&narrowing.around(case), true);
        narrowed.unwrap_or(spec)
    };
    let plain = at_simplest(unclaimed(spec, description));
    let spec = narrow(spec.clone(), plain);
    let spec = narrow(spec, description.supported());
    let by_tokens = by_tokens(&spec, description);
    narrow(spec, by_tokens)
}

/// Whether a rule speaks of what is not claimed.
pub(super) fn speaks_of_unclaimed(spec: &Spec, description: &Description, rule: &Rule) -> bool {
    let paths = unclaimed(spec, description);
    let mut paths = outermost(&paths).into_iter();
    paths.any(|path| spec.speaks_of(rule, path))
}

/// What was not claimed in a run, and how many of its rules never applied for that.
pub(super) fn cost(
    spec: &Spec,
    description: &Description,
    rules: &[RuleReport],
) -> Option<Unclaimed> {
    let paths = unclaimed(spec, description);
    let paths: Vec<String> = outermost(&paths).into_iter().map(str::to_owned).collect();
    if paths.is_empty() {
        return None;
    }
    let never = |rule: &&RuleReport| rule.state == RuleState::NotExercised;
    let rules = rules.iter().filter(never).filter(|report| {
        let rule = spec.rule(&report.id);
        rule.is_some_and(|rule| paths.iter().any(|path| spec.speaks_of(rule, path)))
    });
    let rules = rules.count() as u64;
    Some(Unclaimed { paths, rules })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Domain;
    use crate::engine::not_bound;
    use crate::implementation::{Implementation, Nature, ReferenceImplementation};

    fn pack(name: &str) -> Spec {
        Spec::read(&shipped(name).unwrap()).unwrap()
    }

    fn claiming(paths: &[&str], nature: Nature) -> Description {
        Description {
            name: "gate".to_owned(),
            knows: paths.iter().map(|path| (*path).to_owned()).collect(),
            nature,
            ..Description::default()
        }
    }

    #[test]
    fn the_reference_claims_everything() {
        let reference = ReferenceImplementation::new();
        let description = reference.description();
        for (name, _) in SHIPPED {
            let spec = pack(name);
            assert!(is_bound(&spec, description), "{name}");
            let judged = supported(&spec, description).unwrap();
            assert_eq!(judged.domain.policy, spec.domain.policy, "{name}");
            assert_eq!(judged.domain.instance, spec.domain.instance, "{name}");
        }
        description.check(&vocabulary([])).unwrap();
    }

    #[cfg(feature = "process")]
    #[test]
    fn adapters_that_ship_say_nothing_that_no_pack_has() {
        use crate::adapter::{find_adapter, shipped_names};
        let vocabulary = vocabulary([]);
        for name in shipped_names() {
            let adapter = find_adapter(name).unwrap();
            adapter
                .check(&vocabulary)
                .unwrap_or_else(|problems| panic!("{problems}"));
        }
    }

    #[test]
    fn what_is_not_claimed_has_one_value() {
        let spec = pack("reachability");
        let of = |claims: &[&str]| {
            let judged = supported(&spec, &claiming(claims, Nature::Told)).unwrap();
            (judged.domain.policies(), judged.domain.instance.count())
        };
        let profiles = spec.domain.policy.at(&["profiles"]).unwrap().count();
        assert_eq!(of(&[]), (profiles, 1));
        assert_eq!(of(&["policy.advertise_all"]), (2 * profiles, 1));
        let (all, _) = of(&["policy"]);
        assert_eq!(all, spec.domain.policy.count());
        assert_eq!(of(&["instance"]), (2 * profiles, 2));
    }

    #[test]
    fn a_pack_that_binds_others_applies_to_nobody_else() {
        let spec = pack("api-access-policy");
        let nobody = claiming(&[], Nature::Told);
        assert!(!is_bound(&spec, &nobody) && is_bound(&pack("reachability"), &nobody));
        let report = not_bound(&spec, &nobody);
        let applies = |rule: &RuleReport| !matches!(rule.state, RuleState::NotApplicable(_));
        assert_eq!(
            (report.judged, report.rules.iter().any(applies)),
            (0, false)
        );
        let platform = Description {
            claims: vec!["api-access-policy".to_owned()],
            ..nobody
        };
        assert!(is_bound(&spec, &platform));
    }

    #[test]
    fn templates_cannot_be_given_what_they_do_not_know() {
        let spec = pack("http-authentication");
        let simplest = spec.domain.simplest();
        let mut policy = simplest.policy.clone();
        if let Value::Record(fields) = &mut policy {
            for (name, value) in fields {
                if &**name == "step_up" {
                    *value = Value::Bool(true);
                }
            }
        }
        let case = simplest.with(Part::Policy, policy);
        let why = "it does not claim policy.step_up (true)";
        let templates = claiming(&["policy.metadata"], Nature::Configured);
        assert_eq!(
            inexpressible(&spec, &templates, &case).as_deref(),
            Some(why)
        );
        assert_eq!(inexpressible(&spec, &templates, &simplest), None);
        let told = claiming(&[], Nature::Told);
        // A program would leave out what it does not know, and put something else in force.
        assert_eq!(inexpressible(&spec, &told, &case).as_deref(), Some(why));
        // The reference implementation claims what it knows, and that by name.
        let reference = ReferenceImplementation::new();
        assert_eq!(inexpressible(&spec, reference.description(), &case), None);
        let own = claiming(&["policy.metadata"], Nature::Embedded);
        assert_eq!(inexpressible(&spec, &own, &case).as_deref(), Some(why));
        assert_eq!(outside(&spec, &told, &case).as_deref(), Some(why));
        let knowing = claiming(&["policy.step_up"], Nature::Configured);
        assert_eq!(outside(&spec, &knowing, &case), None);
        // Siblings differ in nothing that is not claimed, as far as the case itself does not.
        let near = around(&spec, &told, &case);
        let count = |path: &str| near.domain.policy.at(&[path]).unwrap().count();
        assert_eq!((count("step_up"), count("metadata")), (2, 1));
    }

    #[test]
    fn around_a_case_is_what_is_supported_save_where_the_case_is_beyond_it() {
        let spec = pack("http-authentication");
        let mut description = claiming(&[], Nature::Configured);
        let only = |word: &str| Allowed::Values(vec![Value::symbol(word)]);
        let by_path = &mut description.supports.by_path;
        by_path.insert("policy.profiles.scheme".to_owned(), only("basic"));
        by_path.insert("client.scheme".to_owned(), only("bearer"));
        by_path.insert("client.credential".to_owned(), only("valid"));
        let case = spec.domain.simplest();
        assert_eq!(case.at("client.scheme"), Some(&Value::symbol("basic")));
        let near = around(&spec, &description, &case).domain;
        let count = |domain: &Domain, part: Part, path: &[&str]| {
            domain.part(part).at(path).unwrap().values().count()
        };
        let profiles = ["profiles", "scheme"];
        assert_eq!(count(&near, Part::Policy, &profiles), 1);
        assert_eq!(count(&near, Part::Client, &["credential"]), 1);
        let all = count(&spec.domain, Part::Client, &["scheme"]);
        // A scheme that is bound to a key is beyond whoever takes opaque tokens.
        assert_eq!(count(&near, Part::Client, &["scheme"]), all - 1);
    }
}

//! The cases in which a client is to get in: the simplest of each scheme, key and signature, which are tried
//! before anything is judged, and those of a run that show whether anybody got in at all.

use crate::domain::{Case, CaseRef, Type, Value};
use crate::observation::Outcome;
use crate::results::Ways;
use crate::spec::Spec;

/// What stands beside profiles and lets its bearer in: the value of `policy.key`, the scheme and the form of
/// the clients that have such a thing, and how it is called.
const KEYS: [([&str; 3], &str); 3] = [
    (["field", "api-key", "plain"], "an API key in a field"),
    (["query", "api-key", "query"], "an API key in the query"),
    (["signature", "hmac", "plain"], "a signature"),
];

/// The simplest cases in which a client is to get in, everything else at its simplest value: one of each
/// scheme with one profile of it, simplest scheme first, and then one of each key or signature that a policy
/// may take.
pub(crate) fn simplest_valid(spec: &Spec) -> Vec<Case> {
    let mut cases = by_profile(spec);
    cases.extend(by_key(spec));
    cases
}

/// The simplest case of each scheme with valid credentials and one profile of the scheme.
fn by_profile(spec: &Spec) -> Vec<Case> {
    let policy = &spec.domain.policy;
    let (Some(Type::List(profiles)), Some(schemes)) =
        (policy.at(&["profiles"]), policy.at(&["profiles", "scheme"]))
    else {
        return Vec::new();
    };
    if profiles.max == 0 {
        return Vec::new();
    }
    let simplest = spec.domain.simplest();
    let mut cases = Vec::new();
    for scheme in schemes.values() {
        let Some(client) = client_of(spec, &scheme, "plain") else {
            continue;
        };
        let profile = with(profiles.of.simplest(), "scheme", scheme);
        let profiles = Value::List(vec![profile; profiles.min.max(1)]);
        let case = Case {
            policy: with(simplest.policy.clone(), "profiles", profiles),
            instance: simplest.instance.clone(),
            course: simplest.course.clone(),
            client,
        };
        if spec.allows(&case) {
            cases.push(case);
        }
    }
    cases
}

/// The simplest case with a valid key or signature, for each place where a policy may take one.
fn by_key(spec: &Spec) -> Vec<Case> {
    let places = spec.domain.policy.at(&["key"]);
    let places: Vec<Value> = places.map_or_else(Vec::new, |places| places.values().collect());
    let simplest = spec.domain.simplest();
    let cases = KEYS.iter().filter_map(|([place, scheme, form], _)| {
        let place = Value::symbol(place);
        let client = places
            .contains(&place)
            .then(|| client_of(spec, &Value::symbol(scheme), form))??;
        Some(Case {
            policy: with(simplest.policy.clone(), "key", place),
            instance: simplest.instance.clone(),
            course: simplest.course.clone(),
            client,
        })
    });
    cases.filter(|case| spec.allows(case)).collect()
}

/// What the key or the signature of a client is called, if the policy takes it.
pub(super) fn key_of(case: CaseRef<'_>) -> Option<&'static str> {
    let word = |record: &'_ Value, name, wanted: &str| {
        record.field(name).and_then(Value::as_symbol) == Some(wanted)
    };
    let mut keys = KEYS.iter();
    let key = keys.find(|([place, scheme, form], _)| {
        word(case.policy, "key", place)
            && word(case.client, "scheme", scheme)
            && word(case.client, "form", form)
    });
    key.map(|(_, called)| *called)
}

/// A record with another value for one of its fields.
fn with(mut record: Value, name: &str, to: Value) -> Value {
    if let Value::Record(fields) = &mut record
        && let Some((_, value)) = fields.iter_mut().find(|(field, _)| &**field == name)
    {
        *value = to;
    }
    record
}

/// The simplest client of a scheme with valid credentials in a form.
fn client_of(spec: &Spec, scheme: &Value, form: &str) -> Option<Value> {
    let is_it = |client: &&Value| {
        let is = |field: &str, wanted: &str| {
            let word = client.field(field).and_then(Value::as_symbol);
            word.is_none_or(|word| word == wanted)
        };
        client.field("scheme") == Some(scheme)
            && is("credential", "valid")
            && is("form", form)
            && is("method", "get")
    };
    let clients = spec.conversations(usize::MAX).iter().map(|one| &one.client);
    clients.clone().find(is_it).cloned()
}

/// Takes note of a case and of what was seen of it; `plain` is the simplest case.
pub(super) fn note(
    ways: &mut Ways,
    plain: &Case,
    case: CaseRef<'_>,
    outcome: Outcome,
    status: u16,
) {
    ways.entered |= outcome == Outcome::Accepted;
    ways.asked |= matches!(status, 401 | 407);
    let word = |field: &str| case.client.field(field).and_then(Value::as_symbol);
    let is = |field: &str, wanted: &str| word(field).is_none_or(|word| word == wanted);
    let has_key = key_of(case).is_some();
    if !((is("form", "plain") || has_key) && is("method", "get") && is_plain(plain, case)) {
        return;
    }
    let profiles = case.policy.field("profiles").and_then(Value::items);
    let mut active = profiles
        .unwrap_or_default()
        .iter()
        .filter(|profile| profile.field("active") != Some(&Value::Bool(false)));
    if word("credential") == Some("none") {
        ways.to_ask += u64::from(active.next().is_some());
    } else if is("credential", "valid") && is("persona", "preemptive") {
        let own = active.any(|profile| profile.field("scheme") == case.client.field("scheme"));
        ways.to_enter += u64::from(own || has_key);
    }
}

/// Whether everything beyond the profiles is as in the simplest case.
fn is_plain(plain: &Case, case: CaseRef<'_>) -> bool {
    let beyond = |policy: &Value| -> Vec<Value> {
        match policy {
            Value::Record(fields) => {
                let beyond = fields.iter().filter(|(name, _)| &**name != "profiles");
                beyond.map(|(_, value)| value.clone()).collect()
            }
            _ => Vec::new(),
        }
    };
    plain.instance == *case.instance && beyond(&plain.policy) == beyond(case.policy)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Allowed, Narrowing};
    use crate::spec::shipped;

    fn spec() -> Spec {
        Spec::read(&shipped("reachability").unwrap()).unwrap()
    }

    #[test]
    fn one_simplest_case_of_each_scheme_is_tried() {
        let spec = spec();
        let cases = simplest_valid(&spec);
        let schemes = spec.domain.policy.at(&["profiles", "scheme"]).unwrap();
        assert_eq!(cases.len() as u64, schemes.count());
        for case in &cases {
            assert!(spec.allows(case), "{case}");
            let scheme = case.client.field("scheme").unwrap();
            let profiles = case
                .policy
                .field("profiles")
                .and_then(Value::items)
                .unwrap();
            assert_eq!(profiles.len(), 1);
            assert_eq!(profiles[0].field("scheme"), Some(scheme));
            assert_eq!(
                case.client.field("credential"),
                Some(&Value::symbol("valid"))
            );
        }
    }

    /// Who takes keys alone, or signatures, has no profile to be tried.
    #[test]
    fn keys_and_signatures_are_tried_too() {
        let spec = Spec::read(&shipped("http-authentication").unwrap()).unwrap();
        let words = |words: &[&str]| {
            Allowed::Values(words.iter().map(|word| Value::symbol(word)).collect())
        };
        let called = |keys: &[&str], schemes: &[&str], most| {
            let mut part = Narrowing::default();
            let mut only = |path: &str, allowed| part.by_path.insert(path.to_owned(), allowed);
            only("policy.key", words(keys));
            only("client.scheme", words(schemes));
            let (min, max) = (None, Some(most));
            only("policy.profiles", Allowed::Range { min, max });
            let spec = spec.narrow(&part, true).unwrap();
            let cases = simplest_valid(&spec);
            assert!(cases.iter().all(|case| spec.allows(case)), "{cases:?}");
            let called = |case| key_of(CaseRef::from(case)).unwrap_or("credentials");
            cases.iter().map(called).collect::<Vec<_>>()
        };
        let field = "an API key in a field";
        assert_eq!(called(&["field"], &["api-key"], 0), [field]);
        assert_eq!(
            called(&["query"], &["api-key"], 2),
            ["an API key in the query"]
        );
        assert_eq!(called(&["signature"], &["hmac"], 0), ["a signature"]);
        let all = called(&["none", "field"], &["basic", "api-key"], 2);
        assert_eq!(all, ["credentials", field]);

        // Nobody was let in with the only thing that there is.
        let mut part = Narrowing::default();
        part.by_path
            .insert("policy.key".to_owned(), words(&["query"]));
        let spec = spec.narrow(&part, true).unwrap();
        let case = by_key(&spec).remove(0);
        let mut ways = Ways::default();
        let seen = (Outcome::Refused, 403);
        note(
            &mut ways,
            &spec.domain.simplest(),
            CaseRef::from(&case),
            seen.0,
            seen.1,
        );
        assert!(
            ways.hollow(false)
                .unwrap()
                .contains("nobody got in, in 1 case")
        );
    }

    #[test]
    fn what_shows_nothing_is_told() {
        let spec = spec();
        let plain = spec.domain.simplest();
        let valid = simplest_valid(&spec).remove(0);
        let none = with(valid.client.clone(), "credential", Value::symbol("none"));
        let bare = Case {
            client: none,
            ..valid.clone()
        };
        let noted = |seen: &[(&Case, Outcome, u16)], asks: bool| {
            let mut ways = Ways::default();
            for (case, outcome, status) in seen {
                note(&mut ways, &plain, CaseRef::from(*case), *outcome, *status);
            }
            ways.hollow(asks).unwrap_or_default()
        };
        let refused = (&valid, Outcome::Refused, 403);
        assert!(noted(&[refused], false).contains("nobody got in, in 1 case "));
        let accepted = (&valid, Outcome::Accepted, 200);
        assert_eq!(noted(&[refused, accepted], true), "");
        let open = (&bare, Outcome::Redirected, 302);
        assert!(noted(&[accepted, open], true).contains("nobody was asked"));
        // Rules that do not depend on a challenge show what they show.
        assert_eq!(noted(&[accepted, open], false), "");
        assert_eq!(
            noted(&[accepted, open, (&bare, Outcome::Refused, 401)], true),
            ""
        );
        // Nobody was to get in.
        assert_eq!(noted(&[(&plain, Outcome::Refused, 401)], true), "");
    }
}

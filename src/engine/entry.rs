//! The try before judging: the simplest client with valid credentials of each scheme, or with a key or a
//! signature where the policy takes one, is played by itself.
//! Where none gets in, nothing that would be found is a finding: the implementation is not set up.

use crate::domain::{Case, CaseRef, Type, Value};
use crate::observation::{Outcome, SetupFault};
use crate::results::{LetIn, Stopped, TranscriptEntry, Ways};
use crate::spec::Spec;
use crate::wire::Mask;

use super::alone::{NotPlayed, PlayedAlone};
use super::answered::let_in;
use super::lab::Lab;

/// What a fault begins with where nobody listens.
const NO_CONNECTION: &str = "no connection to ";

/// The most lines of a head and of a body, and the most characters of a line, that are shown.
const MOST_LINES: usize = 16;
const MOST_BODY: usize = 6;
const MOST_CHARACTERS: usize = 160;

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
fn key_of(case: CaseRef<'_>) -> Option<&'static str> {
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

/// What came of trying cases of which one is to get in.
pub(crate) enum Entrance<'c> {
    /// The first who got in, with what was seen of him.
    Open(&'c Case, Box<PlayedAlone>),
    /// Nobody got in: what became of each.
    Shut(Vec<(&'c Case, Result<PlayedAlone, NotPlayed>)>),
}

/// Plays cases by themselves, one after the other, until somebody is let in.
pub(crate) async fn try_to_enter<'c>(
    lab: &mut Lab<'_>,
    cases: &'c [Case],
) -> Result<Entrance<'c>, Stopped> {
    let mut refused = Vec::new();
    for case in cases {
        match lab.play_alone(case).await? {
            Ok(witnessed) if witnessed.seen.outcome == Outcome::Accepted => {
                return Ok(Entrance::Open(case, Box::new(witnessed)));
            }
            played => refused.push((case, played)),
        }
    }
    Ok(Entrance::Shut(refused))
}

/// What a case came to that did not let anybody in.
enum EntryAttempt {
    Answered(Outcome, Vec<TranscriptEntry>),
    Unreached(String),
}

/// Makes sure that somebody gets in, and answers with who did. What cannot be had on this implementation, or
/// an exchange that broke, is for the run itself to judge.
pub(super) async fn somebody_gets_in(
    lab: &mut Lab<'_>,
    cases: &[Case],
) -> Result<Option<LetIn>, Stopped> {
    let refused = match try_to_enter(lab, cases).await? {
        Entrance::Open(case, witnessed) => return Ok(let_in(case, &witnessed.seen)),
        Entrance::Shut(refused) => refused,
    };
    let tried = |(case, played)| match played {
        Ok(PlayedAlone {
            seen, transcript, ..
        }) => Some((case, EntryAttempt::Answered(seen.outcome, transcript))),
        Err(NotPlayed::Fault(why)) if why.starts_with(NO_CONNECTION) => {
            Some((case, EntryAttempt::Unreached(why)))
        }
        Err(_) => None,
    };
    let refused: Vec<(&Case, EntryAttempt)> = refused.into_iter().filter_map(tried).collect();
    match refused.is_empty() {
        true => Ok(None),
        false => Err(Stopped::Setup(fault(&refused))),
    }
}

fn fault(refused: &[(&Case, EntryAttempt)]) -> SetupFault {
    let mut lines = vec![
        "no client with valid credentials gets in, of whatever scheme. So nothing was judged: the cause \
         is likely the set-up."
            .to_owned(),
    ];
    let mut reasons: Vec<String> = Vec::new();
    let mut is_shown = false;
    for (case, tried) in refused {
        let scheme = case.client.field("scheme").and_then(Value::as_symbol);
        let (with, and) = match key_of(CaseRef::from(*case)) {
            Some(key) => (key.to_owned(), "which is valid, and"),
            None => {
                let scheme = scheme.unwrap_or("the client");
                let with = format!("one profile, {scheme}");
                (with, "and valid credentials")
            }
        };
        let reason = match tried {
            EntryAttempt::Answered(outcome, transcript) => {
                let last = transcript.last();
                let (status, path) = last.map_or((0, String::new()), read);
                if is_shown {
                    lines.push(format!("With {with}: {outcome} ({status})"));
                } else {
                    lines.push(format!(
                        "With {with}, {and} of an identity of the installation:"
                    ));
                    lines.extend(last.map(shown).unwrap_or_default());
                    is_shown = true;
                }
                likely(status, &path)
            }
            EntryAttempt::Unreached(why) => {
                lines.push(format!("With {with}: {why}"));
                "does the program listen at the URL that it gave for the slot?".to_owned()
            }
        };
        if !reasons.contains(&reason) {
            reasons.push(reason);
        }
    }
    SetupFault {
        doing: "get in before judging".to_owned(),
        why: lines.join("\n  "),
        remedy: Some(reasons.join(" ")),
    }
}

/// What probably is the matter where valid credentials are answered with a status.
fn likely(status: u16, path: &str) -> String {
    match status {
        300..=399 => {
            "something in front of the resource sends clients elsewhere: does the slot's URL \
                      lead to the resource itself?"
                .to_owned()
        }
        400 | 421 => {
            "the server could not make sense of the request: does it answer for the host and \
                      port of the slot's URL?"
                .to_owned()
        }
        401 | 407 => {
            "are the identities of the installation used (the user and the password in it, its \
                      tokens), and is the policy of the slot in force there?"
                .to_owned()
        }
        403 => "is something asked for beside the credentials, such as a role or an address?"
            .to_owned(),
        404 | 410 => format!(
            "does `{path}` exist? Below each slot's URL, `/resource` is asked for, and must answer 2xx \
             to whoever gets in."
        ),
        405 | 501 => format!("GET must be taken at `{path}`."),
        500..=599 => {
            "what does the program's own log say? Is there an origin behind it that answers?"
                .to_owned()
        }
        _ => "2xx is what counts as let in.".to_owned(),
    }
}

/// The status of an answer, and the path that was asked for, without its query.
fn read(entry: &TranscriptEntry) -> (u16, String) {
    let word = |bytes: &[u8]| {
        let line = bytes
            .split(|byte| *byte == b'\n')
            .next()
            .unwrap_or_default();
        let line = String::from_utf8_lossy(line).into_owned();
        line.split(' ').nth(1).unwrap_or_default().trim().to_owned()
    };
    let path = word(&entry.sent);
    let path = path.split('?').next().unwrap_or_default().to_owned();
    (word(&entry.head).parse().unwrap_or(0), path)
}

/// An exchange, without its secrets.
fn shown(entry: &TranscriptEntry) -> Vec<String> {
    let mut mask = Mask::default();
    let mut all = Vec::new();
    let sent = entry.sent_lines().into_iter().take(MOST_LINES);
    for (index, line) in sent.enumerate() {
        let masked = match index {
            0 => mask.target(&line),
            _ => mask.field(&line),
        };
        all.push(format!("> {}", cut(&masked)));
    }
    for line in entry.head_lines().into_iter().take(MOST_LINES) {
        all.push(format!("< {}", cut(&mask.answer_field(&line))));
    }
    let body = entry.body_lines();
    let left = body.len().saturating_sub(MOST_BODY);
    for line in body.iter().take(MOST_BODY) {
        all.push(format!("< {}", cut(&mask.hide(line))));
    }
    if left > 0 {
        let left = crate::domain::counted(left as u64, "more line", "more lines");
        all.push(format!("< … {left}"));
    }
    all.into_iter().map(|line| format!("  {line}")).collect()
}

fn cut(line: &str) -> String {
    match line.char_indices().nth(MOST_CHARACTERS) {
        Some((at, _)) => format!("{}…", line.get(..at).unwrap_or_default()),
        None => line.to_owned(),
    }
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
        let refused = [(&case, EntryAttempt::Unreached("nobody listens".to_owned()))];
        let why = fault(&refused).why;
        assert!(
            why.contains("With an API key in the query: nobody listens"),
            "{why}"
        );
    }

    #[test]
    fn an_exchange_is_shown_as_it_was_sent() {
        let entry = TranscriptEntry {
            sent: b"GET /s0/resource HTTP/1.1\r\nauthorization: Basic YTpi\r\n\r\n".to_vec(),
            head: b"HTTP/1.1 401 No\r\nwww-authenticate: Basic realm=\"a\\b\"\r\nx: \x07\r\n\r\n"
                .to_vec(),
            body: b"{\n  \"error\": \"no 'such' user\"\n}\n".to_vec(),
        };
        assert_eq!(
            shown(&entry),
            [
                "  > GET /s0/resource HTTP/1.1",
                "  > authorization: Basic ***",
                "  < HTTP/1.1 401 No",
                "  < www-authenticate: Basic realm=\"a\\b\"",
                "  < x: \\x07",
                "  < {",
                "  <   \"error\": \"no 'such' user\"",
                "  < }",
            ]
        );
    }

    #[test]
    fn every_answer_has_a_likely_reason() {
        for (status, word) in [
            (404, "`/s0/resource`"),
            (401, "identities"),
            (503, "log"),
            (302, "elsewhere"),
            (405, "GET"),
            (421, "host and port"),
            (403, "role"),
            (418, "2xx"),
        ] {
            let reason = likely(status, "/s0/resource");
            assert!(reason.contains(word), "{status}: {reason}");
        }
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

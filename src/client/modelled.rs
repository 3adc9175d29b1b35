//! The turns of a persona that is a point in the space of traits.

use super::turn::{Next, Turn};
use crate::credentials::{Scheme, can_answer};
use crate::observation::{Answer, Exchange};
use crate::user_agents::model::{
    First, KnownScheme, Layout, Reply, Script, Spent, TraitWord as _, Traits, reply,
};
use crate::vocabulary::ClientCase;

/// What such a persona does when it is its turn.
///
/// What its traits say of a Digest response is not played: a response that is sent is right.
pub(super) fn next(traits: &Traits, turn: &Turn<'_>) -> Next {
    let Some(last) = turn.exchanges.last() else {
        return first(traits, turn);
    };
    if turn.must_repeat() {
        return Next::Again;
    }
    if turn.next_challenge().is_some() {
        return Next::Onward;
    }
    if !turn.has_credentials() {
        return Next::Stop;
    }
    let mut spent = Spent::default();
    for (at, exchange) in turn.exchanges.iter().enumerate() {
        let with = scheme_sent(exchange);
        if at > 0 || with.is_some() {
            spent.count(with);
        }
    }
    let mut refusal = Script::new(layout(&last.answer));
    refusal.status = last.answer.response.status;
    match reply(traits, &refusal, spent) {
        Reply::Ends => Next::Stop,
        Reply::AsksAgain => Next::Bare,
        Reply::Responds(known, offer) => {
            let Some(scheme) = Scheme::from_word(known.word()) else {
                return Next::Stop;
            };
            // Credentials in some states are there for the case's own scheme only.
            let client = ClientCase {
                scheme,
                ..*turn.client
            };
            if client.check_words().is_err() {
                return Next::Stop;
            }
            let list = &last.answer.challenges.list;
            let nonce = offer.parameter("nonce", traits.parameters);
            let of_it = |wanted: Option<&str>| {
                list.iter().position(|challenge| {
                    let same = wanted.is_none() || challenge.param("nonce") == wanted;
                    can_answer(scheme, challenge) && same
                })
            };
            let challenge = of_it(nonce).or_else(|| of_it(None));
            match challenge.is_none() && scheme.needs_challenge() {
                true => Next::Stop,
                false => Next::Credentials { scheme, challenge },
            }
        }
    }
}

/// What goes with its first request.
fn first(traits: &Traits, turn: &Turn<'_>) -> Next {
    let scheme = match traits.first {
        First::Basic => Scheme::Basic,
        First::Bearer => Scheme::Bearer,
        First::Nothing | First::NoRequest => return Next::Bare,
    };
    match turn.has_credentials() {
        true => Next::Credentials {
            scheme,
            challenge: None,
        },
        false => Next::Bare,
    }
}

/// The scheme of the credentials in a request, if it has any: the first word of `Authorization`, in
/// whatever form they stand there, or the token in the query.
fn scheme_sent(exchange: &Exchange) -> Option<KnownScheme> {
    let request = &exchange.request;
    let named = |name: &str| name.eq_ignore_ascii_case("Authorization");
    let Some(field) = request.fields.iter().find(|field| named(&field.name)) else {
        let has_token = request.path.contains("access_token=");
        return has_token.then_some(KnownScheme::Bearer);
    };
    let known = KnownScheme::ALL.iter().copied().find(|known| {
        let name = known.name().as_bytes();
        let begins = field.value.get(..name.len());
        begins.is_some_and(|begins| begins.eq_ignore_ascii_case(name))
    });
    // Credentials in a form that names no scheme are credentials all the same.
    Some(known.unwrap_or_default())
}

/// The challenges of an answer as they stand in its field lines.
pub(super) fn layout(answer: &Answer) -> Layout {
    let lines = answer.response.fields_named("www-authenticate");
    Layout::new(lines.map(|line| line.iter().copied().map(char::from).collect::<String>()))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use hyper::body::Bytes;

    use crate::client::{Next, Turn};
    use crate::credentials::{CredentialState, Scheme};
    use crate::observation::{Answer, Exchange};
    use crate::vocabulary::{ClientCase, Persona};
    use crate::wire::{BodyEnd, FieldLine, Request, Response};

    fn field(name: &str, value: &str) -> FieldLine {
        FieldLine {
            name: name.to_owned(),
            value: value.as_bytes().to_vec(),
        }
    }

    /// A refusal with these challenges, to a request with or without credentials.
    fn refused(authorization: Option<&str>, lines: &[&str]) -> Exchange {
        let lines = lines.iter().map(|line| field("WWW-Authenticate", line));
        Exchange {
            request: Arc::new(Request {
                content: Bytes::new(),
                method: "GET".to_owned(),
                path: "/resource".to_owned(),
                fields: authorization
                    .map(|value| field("Authorization", value))
                    .into_iter()
                    .collect(),
            }),
            answer: Arc::new(Answer::new(Response {
                status: 401,
                fields: lines.collect(),
                body: Vec::new(),
                body_end: BodyEnd::Complete,
                head: Vec::new(),
            })),
            base: Arc::default(),
        }
    }

    fn next(persona: &str, scheme: Scheme, exchanges: &[Exchange]) -> Next {
        let persona = Persona::from_word(persona).unwrap_or_else(|| panic!("{persona}"));
        let client = ClientCase {
            persona,
            scheme,
            ..ClientCase::default()
        };
        let authorized = exchanges
            .iter()
            .filter(|exchange| exchange.request.field("authorization").is_some())
            .count();
        persona.next(&Turn {
            client: &client,
            exchanges,
            authorized,
            nonce_before: None,
        })
    }

    fn answers(persona: &str, lines: &[&str]) -> bool {
        let asked = [refused(None, lines)];
        next(persona, Scheme::Basic, &asked) != Next::Stop
    }

    const BASIC: &str = "Basic realm=\"x\"";
    const BEARER: &str = "Bearer realm=\"x\"";

    #[test]
    fn the_named_personas_differ_in_what_they_read() {
        let joined = format!("{BEARER}, {BASIC}");
        for (persona, one_line, two_lines, none) in [
            ("challenge-driven", true, true, false),
            ("one-challenge-per-line", false, true, false),
            ("first-challenge-only", false, false, false),
            ("first-line-only", true, false, false),
            ("substring", true, true, false),
            ("scheme-blind", true, true, true),
            ("curl --anyauth", true, true, false),
            ("wget2", true, true, false),
            ("Apache HttpClient 4", false, true, false),
        ] {
            // wget2 chooses the bearer challenge, for which it has nothing, and asks again.
            assert_eq!(answers(persona, &[&joined]), one_line, "{persona}");
            assert_eq!(answers(persona, &[BEARER, BASIC]), two_lines, "{persona}");
            assert_eq!(answers(persona, &[]), none, "{persona}");
        }
        let trap = "Bearer realm=\"a, Basic b\"";
        assert!(answers("quote-blind", &[trap]));
        assert!(!answers("challenge-driven", &[trap]));
        let asked = [refused(None, &[BEARER, BASIC])];
        assert_eq!(next("wget2", Scheme::Basic, &asked), Next::Bare);
    }

    #[test]
    fn a_password_is_for_the_scheme_that_is_preferred() {
        let digest = "Digest realm=\"x\", nonce=\"n\", qop=\"auth\", algorithm=SHA-256";
        let asked = [refused(None, &[BASIC, digest])];
        let chosen = |persona| match next(persona, Scheme::Basic, &asked) {
            Next::Credentials { scheme, challenge } => (scheme, challenge),
            other => panic!("{persona}: {other:?}"),
        };
        assert_eq!(chosen("strongest-first"), (Scheme::Digest, Some(1)));
        assert_eq!(chosen("first-offered"), (Scheme::Basic, Some(0)));
        assert_eq!(chosen("last-line"), (Scheme::Digest, Some(1)));
        assert_eq!(chosen("curl --anyauth"), (Scheme::Digest, Some(1)));
        assert_eq!(chosen("needle auth auto"), (Scheme::Basic, Some(0)));
    }

    #[test]
    fn a_client_goes_on_as_often_as_it_tries() {
        let sent = Some("Basic YWxpY2U6c2VjcmV0");
        let mut exchanges = vec![refused(None, &[BASIC])];
        for tries in 0..4 {
            let next = next("Java HttpClient authenticator", Scheme::Basic, &exchanges);
            assert_ne!(next, Next::Stop, "{tries}");
            exchanges.push(refused(sent, &[BASIC]));
        }
        let last = next("Java HttpClient authenticator", Scheme::Basic, &exchanges);
        assert_eq!(last, Next::Stop);
        assert_eq!(next("wget", Scheme::Basic, &exchanges[..2]), Next::Stop);
    }

    #[test]
    fn what_goes_first_is_the_clients_own() {
        let volunteered = Next::Credentials {
            scheme: Scheme::Basic,
            challenge: None,
        };
        assert_eq!(next("curl -u", Scheme::Basic, &[]), volunteered);
        assert_eq!(next("curl --anyauth", Scheme::Basic, &[]), Next::Bare);
    }

    #[test]
    fn who_has_no_use_for_a_scheme_says_so() {
        for (persona, scheme, fits) in [
            ("curl --digest", Scheme::Basic, false),
            ("curl --digest", Scheme::Digest, true),
            ("curl -u", Scheme::Bearer, false),
            ("curl --oauth2-bearer", Scheme::Bearer, true),
            ("strongest-first", Scheme::Bearer, true),
        ] {
            let persona = Persona::from_word(persona).unwrap();
            assert_eq!(persona.traits(scheme).is_ok(), fits, "{persona} {scheme}");
            let client = ClientCase {
                persona,
                scheme,
                credential: CredentialState::None,
                ..ClientCase::default()
            };
            assert_eq!(client.check(&[]).is_ok(), fits);
        }
    }

    #[test]
    fn a_domain_has_no_client_without_a_use_for_its_scheme() {
        let usual = [Persona::Preemptive, Persona::ChallengeDriven];
        for persona in Persona::all().iter().filter(|one| !usual.contains(one)) {
            for scheme in Scheme::ALL {
                let scheme = *scheme;
                let client = ClientCase {
                    persona: *persona,
                    scheme,
                    ..ClientCase::default()
                };
                let (has_use, may_be) = (persona.traits(scheme), client.check_words());
                assert_eq!(has_use.is_ok(), may_be.is_ok(), "{persona} {scheme}");
            }
        }
    }
}

use std::sync::Arc;

use hyper::body::Bytes;

use super::*;
use crate::observation::{Answer, Outcome};
use crate::wire::{BodyEnd, FieldLine, Request, Response};

fn lines(all: &[(&str, &str)]) -> Vec<FieldLine> {
    let line = |(name, value): &(&str, &str)| FieldLine {
        name: (*name).to_owned(),
        value: value.as_bytes().to_vec(),
    };
    all.iter().map(line).collect()
}

fn arrival(at: Upstream, fields: &[(&str, &str)], answered: &[(&str, &str)]) -> Arrival {
    Arrival {
        slot: 0,
        at,
        method: "GET".to_owned(),
        target: "/check".to_owned(),
        user: None,
        authorization: false,
        seen: Some(Arc::new(SeenArrival {
            fields: lines(fields),
            content: Vec::new(),
            status: Some(401),
            answered: lines(answered),
        })),
    }
}

/// Whether a fit holds of these arrivals, of a PUT of `/s0/resource?a` with two lines of credentials.
fn holds(check: impl Fn(Observation<'_>) -> Check, arrivals: &[Arrival]) -> bool {
    let answer = Arc::new(Answer::new(Response {
        status: 401,
        fields: lines(&[("WWW-Authenticate", "A, B")]),
        body: Vec::new(),
        body_end: BodyEnd::Complete,
        head: Vec::new(),
    }));
    let exchange = Exchange {
        request: Arc::new(Request {
            content: Bytes::new(),
            method: "PUT".to_owned(),
            path: "/resource?a".to_owned(),
            fields: lines(&[("Authorization", "Basic a"), ("Authorization", "Basic b")]),
        }),
        answer: Arc::clone(&answer),
        base: "http://127.0.0.1:9/s0".into(),
    };
    let exchanges = [exchange];
    let mut observation = Observation::of(Outcome::Refused, &answer, None);
    observation.exchanges = &exchanges;
    observation.arrivals = Some(arrivals);
    matches!(check(observation), Check::Holds)
}

#[test]
fn what_was_asked_may_be_told_in_several_ways() {
    let service = Upstream::AuthService;
    for (part, told, fits) in [
        (AskedPart::Method, &[("X-Original-Method", "PUT")][..], true),
        (AskedPart::Method, &[], false),
        (AskedPart::Method, &[("X-Forwarded-Method", "GET")], false),
        (
            AskedPart::Target,
            &[("X-Forwarded-Uri", "/s0/resource?a")],
            true,
        ),
        (
            AskedPart::Target,
            &[("X-Forwarded-Uri", "/s0/resource")],
            false,
        ),
        (
            AskedPart::Target,
            &[("X-Original-URL", "http://h/s0/resource?a")],
            true,
        ),
        (AskedPart::Host, &[("Host", "127.0.0.1:9")], true),
        (AskedPart::Host, &[("Host", "elsewhere")], false),
        (
            AskedPart::Authorization,
            &[("authorization", "Basic a,Basic b")],
            true,
        ),
        (
            AskedPart::Authorization,
            &[("authorization", "Basic b,Basic a")],
            false,
        ),
        (
            AskedPart::Authorization,
            &[("authorization", "Basic a")],
            false,
        ),
    ] {
        let fit = BackendFit {
            as_asked: vec![part],
            ..BackendFit::default()
        };
        let all = [arrival(service, told, &[])];
        assert_eq!(
            holds(|seen| fit.check(service, seen), &all),
            fits,
            "{part:?} {told:?}"
        );
    }
}

#[test]
fn an_identity_is_the_services_or_nobodys() {
    let at = Upstream::Backend;
    for (fit, told, fits) in [
        (IdentityFit::AsTold, &[("x-user", "alice")][..], true),
        (IdentityFit::AsTold, &[], false),
        (
            IdentityFit::AsTold,
            &[("x-user", "alice"), ("X-User", "mallory")],
            false,
        ),
        (
            IdentityFit::AsTold,
            &[("x-user", "alice"), ("X_User", "mallory")],
            true,
        ),
        (
            IdentityFit::InAnySpelling,
            &[("x-user", "alice"), ("X_User", "mallory")],
            false,
        ),
    ] {
        let fit = BackendFit {
            identity: Some(fit),
            ..BackendFit::default()
        };
        let service = arrival(Upstream::AuthService, &[], &[("X-User", "alice")]);
        let all = [service, arrival(at, told, &[])];
        assert_eq!(holds(|seen| fit.check(at, seen), &all), fits, "{told:?}");
        // Who was not reached was told nothing.
        assert!(holds(|seen| fit.check(at, seen), &all[..1]));
    }
}

#[test]
fn an_answer_is_passed_on_as_it_is() {
    let told = |lines: &[(&str, &str)]| [arrival(Upstream::AuthService, &[], lines)];
    let field = "WWW-Authenticate";
    for (lines, value, fits) in [
        (&[&b"A"[..], b"B"][..], &b"A,B"[..], true),
        (&[b"A", b"B"], b"A\t, B", true),
        (&[b"A a=\"x,  y\"", b"B"], b"A a=\"x, y\",B", false),
        (&[b"A", b"B"], b"A B", false),
        (&[b"A"], b"A, B", false),
    ] {
        assert_eq!(are_joined(lines, value), fits, "{value:?}");
    }
    for (answered, fits) in [
        (&[(field, "A"), (field, "B")][..], true),
        (&[(field, "B"), (field, "A")], false),
        (&[(field, "A")], false),
    ] {
        let check = |seen: Observation<'_>| RelayedPart::Challenges.check(seen);
        assert_eq!(holds(check, &told(answered)), fits, "{answered:?}");
    }
    assert!(holds(|seen| RelayedPart::Status.check(seen), &told(&[])));
    assert!(holds(|seen| RelayedPart::Challenges.check(seen), &[]));
}

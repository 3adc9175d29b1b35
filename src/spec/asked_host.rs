//! Whether what a challenge names is of the host that was asked.

use crate::auth::Challenge;
use crate::observation::Exchange;

use super::check::{Check, Discrepancy};
use super::flaw::{Flaw, ParamFlaw};

/// The scheme and the authority of a URL, in lower case; nothing where it has none.
fn origin(url: &str) -> Option<(String, String)> {
    let (scheme, rest) = url.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let named = !scheme.is_empty() && !authority.is_empty();
    named.then(|| (scheme.to_ascii_lowercase(), authority.to_ascii_lowercase()))
}

/// An authority without its port (RFC 3986 §3.2.3).
fn host(authority: &str) -> &str {
    match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => authority,
    }
}

/// Whether a URL is of the host of another. What ends TLS in front of a server has a port of its own, so that
/// ports are compared where both have one scheme.
fn is_of_host(named: &str, asked: &str) -> bool {
    match (origin(named), origin(asked)) {
        (Some((scheme, authority)), Some((asked_by, of))) => {
            authority == of || (scheme != asked_by && host(&authority) == host(&of))
        }
        _ => false,
    }
}

/// The parameters of these names that name another host than was asked, with their challenge; a reference without
/// a host names none.
fn others<'a>(
    wanted: &'a [String],
    exchange: &'a Exchange,
) -> impl Iterator<Item = (&'a Challenge, &'a str, &'a str)> {
    let challenges = exchange.answer.challenges.list.iter();
    let named = challenges.flat_map(move |challenge| {
        let values = move |name: &'a String| {
            let params = challenge.params_named(name);
            params.map(move |param| (challenge, name.as_str(), param.value.as_str()))
        };
        wanted.iter().flat_map(values)
    });
    let asked = exchange.url();
    named.filter(move |(_, _, value)| origin(value).is_some() && !is_of_host(value, &asked))
}

/// Holds the challenges of the last answer against it.
pub(super) fn check(wanted: &[String], exchanges: &[Exchange]) -> Check {
    let Some(last) = exchanges.last().filter(|_| !wanted.is_empty()) else {
        return Check::Holds;
    };
    let Some((challenge, name, value)) = others(wanted, last).next() else {
        return Check::Holds;
    };
    let of = origin(&last.url()).map_or_else(String::new, |(_, authority)| authority);
    Check::Breaks(Discrepancy {
        kind: Flaw::Parameter {
            name: name.to_owned(),
            flaw: ParamFlaw::Value,
        }
        .of_case(),
        expected: format!(
            "the {name} of the {} challenge names the host that was asked, {of}",
            challenge.scheme
        ),
        observed: format!("{name} is {value:?}"),
    })
}

/// The scheme of the challenge and the name of the parameter that departs, if one does.
pub(super) fn departing<'a>(
    wanted: &'a [String],
    exchanges: &'a [Exchange],
) -> Option<(&'a Challenge, &'a str)> {
    let (challenge, name, _) = others(wanted, exchanges.last()?).next()?;
    Some((challenge, name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_port_is_another_host_unless_something_ends_tls_in_front() {
        let asked = "http://127.0.0.1:8080/s0/resource";
        for own in [
            "http://127.0.0.1:8080/.well-known/x",
            "HTTPS://127.0.0.1:8080",
            "https://127.0.0.1/.well-known/x",
            "https://127.0.0.1:8443?x",
        ] {
            assert!(is_of_host(own, asked), "{own}");
        }
        for other in [
            "http://127.0.0.1/.well-known/x",
            "http://127.0.0.1:8081/",
            "https://backend.internal:8080/",
            "https://127.0.0.1.example/",
            "https://127.0.0.1:8080@evil.example/",
        ] {
            assert!(!is_of_host(other, asked), "{other}");
        }
        assert!(is_of_host("https://[::1]/x", "http://[::1]:80/"));
        assert!(!is_of_host("http://[::1]/x", "http://[::2]/"));
    }
}

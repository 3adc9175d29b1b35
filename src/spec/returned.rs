//! What `Authentication-Info` returns of a request of Digest (RFC 7616 §3.5): whether it is that request's.

use crate::auth::{AuthenticationInfo, Authorization};
use crate::credentials::{CredentialState, Identity, Presented, Qop, Scheme, TokenKind};
use crate::observation::Exchange;
use crate::wire::BodyEnd;

use super::check::{Check, Discrepancy};
use super::flaw::{Flaw, ParamFlaw};

/// How much of a body may be there before it may have been cut short: of longer ones nothing is said.
const MOST_OF_BODY: usize = 1024;

/// A parameter of `Authentication-Info` that depends on the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Returned {
    /// The client's nonce.
    ClientNonce,
    /// The nonce count.
    Count,
    /// The digest by which the server proves that it knows the password.
    Proof,
}

impl Returned {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::ClientNonce, Self::Count, Self::Proof];

    /// The name of the parameter, which is the word for it in specs.
    pub fn word(self) -> &'static str {
        match self {
            Self::ClientNonce => "cnonce",
            Self::Count => "nc",
            Self::Proof => "rspauth",
        }
    }
}

/// What was returned for a request, and what should have been, of each parameter of which both are known.
pub(super) fn compared(exchange: &Exchange) -> Vec<(Returned, String, String)> {
    let response = &exchange.answer.response;
    let read = AuthenticationInfo::parse(response.fields_named("authentication-info"));
    let fields = exchange.request.fields.iter();
    let mut sent = fields.filter(|field| field.name.eq_ignore_ascii_case("authorization"));
    let Some(line) = sent.next() else {
        return Vec::new();
    };
    let credentials = Authorization::parse(std::iter::once(line.value.as_slice()));
    let digest = credentials.strict().flatten();
    let Some(digest) = digest.filter(|credentials| credentials.is(Scheme::Digest.name())) else {
        return Vec::new();
    };
    let method = exchange.request.method.as_str();
    let mut due = Vec::new();
    for (which, name) in [(Returned::ClientNonce, "cnonce"), (Returned::Count, "nc")] {
        due.extend(digest.param(name).map(|value| (which, value.to_owned())));
    }
    if let Ok(presented) = Presented::read(digest)
        && let Some(proof) = proof(&presented, method, &exchange.answer.response)
    {
        due.push((Returned::Proof, proof));
    }
    let params = &read.params;
    let told = |which: Returned| params.iter().find(|param| param.is(which.word()));
    due.into_iter()
        .filter_map(|(which, due)| Some((which, told(which)?.value.clone(), due)))
        .collect()
}

/// The `rspauth` for credentials of one of the test identities; nothing for anybody else's, whose password nobody
/// here knows, or where it covers a body that is not known whole.
fn proof(presented: &Presented, method: &str, response: &crate::wire::Response) -> Option<String> {
    let covers_body = presented.qop == Some(Qop::AuthInt);
    let is_whole = response.body_end == BodyEnd::Complete && response.body.len() < MOST_OF_BODY;
    if covers_body && !is_whole {
        return None;
    }
    let cast = Identity::needed_for(&[Scheme::Digest], CredentialState::ALL, TokenKind::Opaque);
    let whose = cast.iter().find(|one| {
        let password = one.password.expose();
        presented.is_of(&one.user) && presented.is_right(&one.user, password, method, &[])
    })?;
    let info = presented.info(&whose.user, whose.password.expose(), &response.body, None);
    let proof = info.into_iter().find(|param| param.is("rspauth"))?;
    Some(proof.value)
}

/// Holds what was returned for the last request against it.
pub(super) fn check(wanted: &[Returned], exchanges: &[Exchange]) -> Check {
    let Some(last) = exchanges.last().filter(|_| !wanted.is_empty()) else {
        return Check::Holds;
    };
    let other = compared(last).into_iter().find(|(which, told, due)| {
        let same = match which {
            // Hexadecimal digits, in whatever case.
            Returned::Proof | Returned::Count => told.eq_ignore_ascii_case(due),
            Returned::ClientNonce => told == due,
        };
        wanted.contains(which) && !same
    });
    let Some((which, told, due)) = other else {
        return Check::Holds;
    };
    let name = which.word();
    Check::Breaks(Discrepancy {
        kind: Flaw::Parameter {
            name: name.to_owned(),
            flaw: ParamFlaw::Value,
        }
        .of_case(),
        expected: match which {
            Returned::Proof => {
                format!("the {name} of Authentication-Info is that of the answer, {due:?}")
            }
            _ => format!("the {name} of Authentication-Info is that of the request, {due:?}"),
        },
        observed: format!("{name} is {told:?}"),
    })
}

/// Whether nothing was returned of which it speaks.
pub(super) fn is_idle(wanted: &[Returned], exchanges: &[Exchange]) -> bool {
    let known = exchanges.last().map(compared).unwrap_or_default();
    !known.iter().any(|(which, ..)| wanted.contains(which))
}

//! Requests that prove a key (DPoP), for scripts that sign.

use super::not_exportable::NotExportable;
use super::seen::SeenExchange;
use crate::credentials::{Context, Identity, ProofClaim, ProofOutline};
use crate::vocabulary::ClientCase;
use crate::wire::Request;

/// The field in which a server tells the nonce for the next proof (RFC 9449 §8).
pub(super) const NONCE: &str = "DPoP-Nonce";

/// Where proofs are made for, and when, before they are outlined.
const AUTHORITY: &str = "127.0.0.1:4010";
const NOW: u64 = 1_800_000_000;

/// The request of a client that proves its key, behind what was seen before; and how its proofs are made.
pub(super) fn proving(
    client: &ClientCase,
    identities: &[Identity],
    before: &[SeenExchange<'_>],
) -> Result<(Request, Vec<ProofOutline>), NotExportable> {
    let refused = |why: &str| NotExportable(why.to_owned());
    let told: Vec<Option<&str>> = before.iter().map(|one| nonce_in(one.received)).collect();
    let nonce = told.last().copied().flatten();
    if nonce.is_none() && told.iter().any(Option::is_some) {
        return Err(refused("its proof has a nonce that an earlier answer told"));
    }
    let target = client.bare().path;
    let context = Context {
        method: client.method.name(),
        authority: AUTHORITY,
        target: &target,
        nonce,
        now: NOW,
        ..Context::default()
    };
    client
        .proving(identities, &context)
        .map_err(|why| NotExportable(format!("it proves a key, and {why}")))
}

/// The nonce that an answer tells, where it tells one.
fn nonce_in(received: &str) -> Option<&str> {
    let head = received.lines().take_while(|line| !line.is_empty());
    let fields = head.skip(1).filter_map(|line| line.split_once(':'));
    let mut told = fields.filter(|(name, _)| name.eq_ignore_ascii_case(NONCE));
    let (_, nonce) = told.next().filter(|_| told.next().is_none())?;
    Some(nonce.trim())
}

/// The claims of a proof as members of an object, each by what a language has for it.
pub(super) fn claims(
    proof: &ProofOutline,
    literal: fn(&str) -> String,
    said: impl Fn(&ProofClaim) -> String,
) -> String {
    let claims = proof.claims.iter().map(|(name, claim)| {
        let said = match claim {
            ProofClaim::Text(text) => literal(text),
            claim => said(claim),
        };
        format!("{}: {said}", literal(name))
    });
    format!("{{{}}}", claims.collect::<Vec<_>>().join(", "))
}

/// Bytes in hexadecimal digits.
pub(super) fn in_hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

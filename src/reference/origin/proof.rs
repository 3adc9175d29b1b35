//! DPoP: tokens that are bound to a key, and the proof of having it (RFC 9449 §7.1).

use hyper::header::{HOST, HeaderName, HeaderValue};

use super::Resource;
use super::protection_space::{CURRENT, NEXT};
use super::token::{Judged, judge, now};
use crate::credentials::{DpopProof, Identity, Nonces, ProofFault, Scheme, read_bearer, read_dpop};
use crate::reference::decision::DecisionInput;
use crate::reference::fault::Fault;
use crate::reference::login::{Login, Why, failed};
use crate::reference::seeded::Faults;

/// The algorithms that a proof may be signed with (RFC 9449 §7.1).
pub(super) const ALGORITHMS: &str = "ES256";

/// The field of a proof.
const PROOF: HeaderName = HeaderName::from_static("dpop");

/// How far the clocks of client and server may be apart, and how old a proof may be, in seconds
/// (RFC 9449 §11.1: seconds or minutes).
const WINDOW: u64 = 300;

/// The nonce that a proof must have, where one is asked for. It is good for as long as its policy is in
/// force, so that equal requests get equal answers.
pub(super) fn nonce() -> String {
    Nonces::known().issue(CURRENT)
}

/// The nonce that comes with an answer to a good proof, for the next request (RFC 9449 §8.2). Both are good.
pub(super) fn next_nonce() -> String {
    Nonces::known().issue(NEXT)
}

impl Resource {
    /// Judges a token that came with the scheme DPoP, and its proof.
    pub(super) fn dpop(
        &self,
        secret: &[u8],
        asked: &DecisionInput<'_>,
        identities: &[Identity],
        faults: &Faults,
    ) -> Login {
        let scheme = Some(Scheme::Dpop);
        let Some(token) = read_bearer(secret) else {
            return failed(None, scheme, Why::Unreadable);
        };
        let (login, key) = match judge(&token, Scheme::Dpop, identities, faults) {
            Judged::Good { login, key } => (login, key),
            Judged::Bad(login) => return login,
            // Of an opaque token nobody says that it is bound to a key.
            Judged::Opaque => return failed(None, scheme, Why::Wrong),
        };
        if key.is_none() {
            return match faults.has(Fault::UnboundTokenOpens) {
                true => login,
                false => failed(None, scheme, Why::Wrong),
            };
        }
        match self.proven(&token, key.as_deref(), asked, faults) {
            Ok(()) => login,
            Err(why) => failed(None, scheme, why),
        }
    }

    /// Whether the request proves that its sender has the key of a token.
    fn proven(
        &self,
        token: &str,
        key: Option<&str>,
        asked: &DecisionInput<'_>,
        faults: &Faults,
    ) -> Result<(), Why> {
        let mut lines = asked.headers.get_all(PROOF).iter();
        let Some(line) = lines.next() else {
            return unless(faults, Fault::ProofUnneeded, Why::Unproven);
        };
        if lines.next().is_some() {
            unless(faults, Fault::TwoProofsOpen, Why::Unproven)?;
        }
        let proof = match read(line, token, asked) {
            Ok(proof) => proof,
            Err(fault) => {
                let unchecked = match fault {
                    ProofFault::Unreadable => return Err(Why::Unproven),
                    ProofFault::Type => Fault::ProofTypeUnchecked,
                    ProofFault::Algorithm => Fault::ProofAlgorithmUnchecked,
                    ProofFault::PrivateKey => Fault::ProofPrivateKeyTaken,
                    ProofFault::Claims => Fault::ProofClaimsUnneeded,
                    ProofFault::Signature => Fault::ProofSignatureUnchecked,
                    ProofFault::Method => Fault::ProofMethodUnchecked,
                    ProofFault::Target => Fault::ProofTargetUnchecked,
                    ProofFault::Token => Fault::ProofTokenUnchecked,
                };
                return unless(faults, unchecked, Why::Unproven);
            }
        };
        if key != Some(&proof.key) {
            unless(faults, Fault::ProofKeyUnchecked, Why::Wrong)?;
        }
        if proof.made.abs_diff(now()) > WINDOW {
            let unchecked = match proof.made > now() {
                true => Fault::ProofFutureUnchecked,
                false => Fault::ProofAgeUnchecked,
            };
            unless(faults, unchecked, Why::Unproven)?;
        }
        if !self.dpop_nonce {
            return Ok(());
        }
        let nonce = proof.nonce.as_deref().unwrap_or_default();
        match Nonces::known().serial(nonce) {
            Some(CURRENT) => Ok(()),
            Some(NEXT) if faults.has(Fault::NextNonceRefused) => Err(Why::Unproven),
            Some(NEXT) => Ok(()),
            _ => unless(faults, Fault::NonceUnchecked, Why::NonceWanted),
        }
    }
}

/// That something is wrong, unless a fault does not look.
fn unless(faults: &Faults, fault: Fault, why: Why) -> Result<(), Why> {
    match faults.has(fault) {
        true => Ok(()),
        false => Err(why),
    }
}

/// Reads a proof for this request. Whether it came by TLS is not known here, so either scheme of the URI
/// will do.
fn read(
    line: &HeaderValue,
    token: &str,
    asked: &DecisionInput<'_>,
) -> Result<DpopProof, ProofFault> {
    let proof = line.to_str().map_err(|_| ProofFault::Unreadable)?;
    let host = asked.headers.get(HOST).map(HeaderValue::to_str);
    let host = host.and_then(Result::ok).unwrap_or_default();
    let path = asked.target.split('?').next().unwrap_or_default();
    let by = |scheme: &str| {
        let uri = format!("{scheme}://{host}{path}");
        read_dpop(proof, token, asked.method.as_str(), &uri)
    };
    match by("http") {
        Err(ProofFault::Target) => by("https"),
        read => read,
    }
}

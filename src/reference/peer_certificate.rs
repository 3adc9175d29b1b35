//! A certificate that a client shows when TLS begins, and whose are taken then.

use super::fault::Fault;
use super::seeded::Faults;

/// Whose certificates are taken when TLS begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Takes {
    /// Nobody's: none is asked for.
    None,
    /// Good ones; who shows none may go on without.
    Sound,
    /// Whatever is shown.
    Any,
    /// Good ones, and nobody goes on without.
    Demanded,
}

impl Takes {
    /// What a server with these faults takes that has profiles of certificates.
    pub(super) fn of(faults: &Faults) -> Self {
        let lets_bad_in = [
            Fault::ExpiredCertificateTaken,
            Fault::CertificateOfAnyAuthority,
        ];
        if faults.has(Fault::CertificateDemandedOfAll) {
            Self::Demanded
        } else if lets_bad_in.into_iter().any(|fault| faults.has(fault)) {
            Self::Any
        } else {
            Self::Sound
        }
    }
}

/// What is wrong with a certificate.
#[cfg_attr(
    not(feature = "tls"),
    allow(dead_code, reason = "only a connection by TLS shows one")
)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CertificateFlaw {
    /// It is past its time, or not yet in it.
    OutOfTime,
    /// Its authority is none of ours.
    OfAnother,
}

/// A certificate that a client showed, and has the key of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct PeerCertificate {
    /// The certificate, in DER.
    pub(super) der: Vec<u8>,
    /// What is wrong with it, if anything is.
    pub(super) flaw: Option<CertificateFlaw>,
}

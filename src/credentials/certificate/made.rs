//! The making of certificates.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa,
    Issuer, KeyPair, KeyUsagePurpose, PKCS_ECDSA_P256_SHA256, date_time_ymd,
};

use super::{Issue, IssuedCertificate, name_in_certificate};

/// The key of the authority. Everybody may know it, so that two programs agree on who vouches for clients.
const AUTHORITY: &str = include_str!("authority.pem");

/// The key of another.
const STRANGER: &str = include_str!("stranger.pem");

/// How both call themselves.
const AUTHORITY_NAME: &str = "Countersign test clients";

/// What is said where a certificate cannot be made.
const UNMADE: &str = "its certificate cannot be made";

/// The most certificates that are remembered: as many as there are users and ways to be odd.
const MOST: usize = 64;

/// What was made before, by user.
type Known = HashMap<(String, Issue), Arc<IssuedCertificate>>;

/// The certificate of the authority.
pub(super) fn authority() -> Option<&'static [u8]> {
    static CERTIFICATE: LazyLock<Option<Vec<u8>>> = LazyLock::new(|| {
        let certificate = authority_params().self_signed(&key(AUTHORITY)?).ok()?;
        Some(certificate.der().to_vec())
    });
    CERTIFICATE.as_deref()
}

/// The certificate of a user, the same each time.
///
/// # Errors
///
/// When none can be made for such a user.
pub(in crate::credentials) fn made(
    user: &str,
    issue: Issue,
) -> Result<Arc<IssuedCertificate>, &'static str> {
    static KNOWN: LazyLock<Mutex<Known>> = LazyLock::new(Mutex::default);
    let name =
        name_in_certificate(user).ok_or("its user-id is no name that a certificate can have")?;
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    let place = (user.to_owned(), issue);
    if let Some(made) = known.get(&place) {
        return Ok(Arc::clone(made));
    }
    let made = Arc::new(issued(user, name, issue).ok_or(UNMADE)?);
    if known.len() >= MOST {
        known.clear();
    }
    known.insert(place, Arc::clone(&made));
    Ok(made)
}

fn issued(user: &str, name: String, issue: Issue) -> Option<IssuedCertificate> {
    let mut params = CertificateParams::new([name]).ok()?;
    params.distinguished_name = called(user);
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    params.not_before = date_time_ymd(2020, 1, 1);
    params.not_after = match issue {
        Issue::Expired => date_time_ymd(2021, 1, 1),
        Issue::Good | Issue::OfAnother => date_time_ymd(2049, 1, 1),
    };
    let by = match issue {
        Issue::OfAnother => STRANGER,
        Issue::Good | Issue::Expired => AUTHORITY,
    };
    let own = KeyPair::generate().ok()?;
    let issuer = Issuer::new(authority_params(), key(by)?);
    let certificate = params.signed_by(&own, &issuer).ok()?;
    Some(IssuedCertificate {
        certificate: certificate.der().to_vec(),
        key: own.serialize_der(),
    })
}

fn authority_params() -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = called(AUTHORITY_NAME);
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    params.not_before = date_time_ymd(2020, 1, 1);
    params.not_after = date_time_ymd(2049, 1, 1);
    params
}

fn called(name: &str) -> DistinguishedName {
    let mut called = DistinguishedName::new();
    called.push(DnType::CommonName, name);
    called
}

/// A key pair out of a PEM file (RFC 7468 §10).
fn key(pem: &str) -> Option<KeyPair> {
    let text: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    let der = STANDARD.decode(text).ok()?;
    KeyPair::from_pkcs8_der_and_sign_algo(&der.as_slice().into(), &PKCS_ECDSA_P256_SHA256).ok()
}

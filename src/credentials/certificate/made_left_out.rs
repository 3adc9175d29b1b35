//! What stands for the making of certificates where Countersign is built without TLS: nobody could show one.

use std::sync::Arc;

use super::{Issue, IssuedCertificate};

/// The certificate of the authority: none.
pub(super) fn authority() -> Option<&'static [u8]> {
    None
}

/// The certificate of a user: none.
///
/// # Errors
///
/// Always.
pub(in crate::credentials) fn made(
    _: &str,
    _: Issue,
) -> Result<Arc<IssuedCertificate>, &'static str> {
    Err("this Countersign is built without the feature `tls`, which a certificate needs")
}

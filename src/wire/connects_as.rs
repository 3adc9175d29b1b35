//! As whom a client connects.

use std::net::IpAddr;

use super::tls::ShownCertificate;

/// As whom a client connects: what is settled before its first request. The default is nobody in particular, from
/// wherever the system has it come. Requests of two callers share no connection.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConnectsAs {
    /// What it shows when TLS begins and a certificate is asked for.
    pub certificate: Option<ShownCertificate>,
    /// The address of this machine from which it connects.
    pub from: Option<IpAddr>,
}

impl ConnectsAs {
    /// Whether it is nobody in particular.
    pub fn is_anybody(&self) -> bool {
        *self == Self::default()
    }
}

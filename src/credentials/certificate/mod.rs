//! Client certificates (RFC 8446 §4.4.2): made on the fly for whom they name, by an authority whose key everybody may
//! know.
//!
//! A certificate names its user in two ways: by the common name of its subject, and as `USER.client.example` among its
//! names, which programs compare that read no subjects.

#[cfg_attr(not(feature = "tls"), path = "made_left_out.rs")]
mod made;

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::identity::TokenState;

pub(super) use made::made;

/// What stands behind the user-id in the name that a certificate has of its user.
const BEHIND_THE_USER: &str = ".client.example";

/// How long the lines of a PEM file are (RFC 7468 §2).
const PEM_LINE: usize = 64;

/// A certificate with its key, in DER (RFC 5280 §4.1, RFC 5958 §2). What is shown of it is nothing.
#[derive(PartialEq, Eq)]
pub struct IssuedCertificate {
    /// The certificate.
    pub certificate: Vec<u8>,
    /// Its private key.
    pub key: Vec<u8>,
}

impl fmt::Debug for IssuedCertificate {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("IssuedCertificate")
            .finish_non_exhaustive()
    }
}

impl IssuedCertificate {
    /// The certificate as a PEM file (RFC 7468 §5).
    pub fn certificate_pem(&self) -> String {
        pem("CERTIFICATE", &self.certificate)
    }

    /// Its key as a PEM file (RFC 7468 §10).
    pub fn key_pem(&self) -> String {
        pem("PRIVATE KEY", &self.key)
    }
}

/// The certificate of the authority that vouches for clients, in DER; nothing where none can be made.
pub fn client_authority() -> Option<&'static [u8]> {
    made::authority()
}

/// The same as a PEM file.
pub fn client_authority_pem() -> Option<String> {
    client_authority().map(|der| pem("CERTIFICATE", der))
}

/// The name that a certificate has of a user among its names (RFC 5280 §4.2.1.6); nothing for one whose user-id is no
/// label of a host name.
pub fn name_in_certificate(user: &str) -> Option<String> {
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let is_label = (1..=63).contains(&user.len()) && user.bytes().all(is_plain);
    is_label.then(|| format!("{user}{BEHIND_THE_USER}"))
}

/// What is odd about a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Issue {
    /// Nothing.
    Good,
    /// It is past its time.
    Expired,
    /// It is of another authority, which calls itself by the same name.
    OfAnother,
}

impl Issue {
    /// What is odd about one in the state in which tokens are that are listed.
    pub(super) fn of(state: TokenState) -> Option<Self> {
        Some(match state {
            TokenState::Valid => Self::Good,
            TokenState::Expired => Self::Expired,
            TokenState::OtherIssuer => Self::OfAnother,
            TokenState::Revoked | TokenState::OtherAudience => return None,
        })
    }
}

fn pem(label: &str, der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    let mut file = format!("-----BEGIN {label}-----\n");
    let mut rest = text.as_str();
    while !rest.is_empty() {
        let (line, behind) = rest.split_at(rest.len().min(PEM_LINE));
        file.push_str(line);
        file.push('\n');
        rest = behind;
    }
    file + &format!("-----END {label}-----\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_is_named_where_a_host_could_be_called_so() {
        assert_eq!(
            name_in_certificate("alice").as_deref(),
            Some("alice.client.example")
        );
        for user in ["", "z\u{f6}e", "a b", "a.b", "*"] {
            assert_eq!(name_in_certificate(user), None, "{user}");
        }
    }

    #[test]
    fn a_pem_file_has_lines_of_sixty_four() {
        let file = pem("X", &[0; 49]);
        let lines: Vec<&str> = file.lines().collect();
        assert_eq!(lines[0], "-----BEGIN X-----");
        assert_eq!((lines[1].len(), lines[2].len()), (64, 4));
        assert_eq!(lines[3], "-----END X-----");
    }
}

//! Which hash, over what.

use md5::Md5;
use sha2::{Digest, Sha256, Sha512_256};

/// A digest algorithm (RFC 7616 §3.3; IANA HTTP Digest Algorithm Values).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Algorithm {
    /// MD5, which a challenge means that names none.
    Md5,
    /// MD5 over a session key: the user's secret is mixed with the first nonces.
    Md5Session,
    /// SHA-256.
    Sha256,
    /// SHA-256 over a session key.
    Sha256Session,
    /// SHA-512/256 (FIPS 180-4 §5.3.6.2), which is not SHA-512 cut short.
    Sha512Of256,
    /// SHA-512/256 over a session key.
    Sha512Of256Session,
}

impl Algorithm {
    /// Every algorithm.
    pub const ALL: [Self; 6] = [
        Self::Md5,
        Self::Md5Session,
        Self::Sha256,
        Self::Sha256Session,
        Self::Sha512Of256,
        Self::Sha512Of256Session,
    ];

    /// Its registered name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Md5 => "MD5",
            Self::Md5Session => "MD5-sess",
            Self::Sha256 => "SHA-256",
            Self::Sha256Session => "SHA-256-sess",
            Self::Sha512Of256 => "SHA-512-256",
            Self::Sha512Of256Session => "SHA-512-256-sess",
        }
    }

    /// The algorithm of this name, in any case.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|algorithm| algorithm.name().eq_ignore_ascii_case(name))
    }

    /// Whether the secret is mixed with the nonces (`-sess`, RFC 7616 §3.4.2).
    pub fn is_session(self) -> bool {
        matches!(
            self,
            Self::Md5Session | Self::Sha256Session | Self::Sha512Of256Session
        )
    }

    /// The same over the user's secret alone.
    pub fn without_session(self) -> Self {
        match self {
            Self::Md5Session => Self::Md5,
            Self::Sha256Session => Self::Sha256,
            Self::Sha512Of256Session => Self::Sha512Of256,
            other => other,
        }
    }

    /// The hash in lower-case hexadecimal: `H()` of RFC 7616 §3.2. The parts are hashed with a colon
    /// between them.
    pub(super) fn hash(self, parts: &[&[u8]]) -> String {
        match self {
            Self::Md5 | Self::Md5Session => hash_of::<Md5>(parts),
            Self::Sha256 | Self::Sha256Session => hash_of::<Sha256>(parts),
            Self::Sha512Of256 | Self::Sha512Of256Session => hash_of::<Sha512_256>(parts),
        }
    }
}

fn hash_of<D: Digest>(parts: &[&[u8]]) -> String {
    let mut hash = D::new();
    for (at, part) in parts.iter().enumerate() {
        if at > 0 {
            hash.update(b":");
        }
        hash.update(part);
    }
    hex(&hash.finalize())
}

/// Bytes in lower-case hexadecimal.
pub(super) fn hex(bytes: &[u8]) -> String {
    const DIGITS: [char; 16] = [
        '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f',
    ];
    let digit = |value: u8| DIGITS.get(usize::from(value)).copied().unwrap_or('0');
    bytes
        .iter()
        .flat_map(|byte| [digit(byte >> 4), digit(byte & 15)])
        .collect()
}

/// Quality of protection: what the digest covers (RFC 7616 §3.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Qop {
    /// Method and target.
    Auth,
    /// The body as well.
    AuthInt,
}

impl Qop {
    /// Every quality of protection.
    pub const ALL: [Self; 2] = [Self::Auth, Self::AuthInt];

    /// Its name in messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Auth => "auth",
            Self::AuthInt => "auth-int",
        }
    }

    /// The quality of this name, in any case.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|qop| qop.name().eq_ignore_ascii_case(name))
    }
}

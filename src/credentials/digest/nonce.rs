//! Nonces that say when they were issued, and by whom.

use ring::hmac;

use super::algorithm::hex;

/// The key of [`Nonces::known`]. It protects nothing: that everybody knows it lets a client make a
/// nonce that is past its time without waiting for that.
const KEY: &[u8] = b"countersign: a key that everybody knows";

/// How many bytes of the signature a nonce has.
const SIGNED: usize = 8;

/// A server's nonces: a serial number with its signature, so that the server need not remember them.
#[derive(Clone, Debug)]
pub struct Nonces {
    key: hmac::Key,
}

impl Nonces {
    /// Nonces signed with a secret of one's own.
    pub fn new(key: &[u8]) -> Self {
        Self {
            key: hmac::Key::new(hmac::HMAC_SHA256, key),
        }
    }

    /// Nonces of servers that are there to be tested, such as the reference implementation: signed
    /// with a key that is no secret, so that stale ones can be made.
    pub fn known() -> Self {
        Self::new(KEY)
    }

    /// The nonce of a serial number. The same number gives the same nonce.
    pub fn issue(&self, serial: u64) -> String {
        let number = serial.to_be_bytes();
        let signature = hmac::sign(&self.key, &number);
        let signature = signature.as_ref().get(..SIGNED).unwrap_or_default();
        format!("{}.{}", hex(&number), hex(signature))
    }

    /// The serial number of a nonce; nothing when it was not issued with this key.
    pub fn serial(&self, nonce: &str) -> Option<u64> {
        let (number, _) = nonce.split_once('.')?;
        let serial = u64::from_str_radix(number, 16).ok()?;
        (self.issue(serial) == nonce).then_some(serial)
    }
}

//! What every resource of the origin server has in common: its realm and its nonce.

/// The realm of every challenge.
pub(super) const REALM: &str = "countersign";

/// The serial number of the nonce that is good: neither the first nor the last there can be.
pub(super) const CURRENT: u64 = 1;

/// The serial number of the nonce that is named for the next request.
pub(super) const NEXT: u64 = CURRENT + 1;

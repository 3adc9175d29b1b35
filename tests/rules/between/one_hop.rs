//! Which fields of a request end at a gateway.

use super::serve::Asked;

/// Fields that are of one connection (RFC 9110 §7.6.1), or are written anew.
pub const OF_ONE_HOP: [&str; 11] = [
    "connection",
    "keep-alive",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "expect",
    "content-length",
    "host",
    "proxy-authorization",
];

/// Whether a field is the identity, in any spelling that somebody may take for it.
pub fn is_user(name: &str) -> bool {
    name.replace('_', "-") == "x-user"
}

/// Whether a field ends at the gateway.
pub fn is_of_one_hop(name: &str, asked: &Asked) -> bool {
    let mut named = asked.head.all("connection");
    let is_named = named.any(|line| {
        let line = String::from_utf8_lossy(line).to_ascii_lowercase();
        line.split(',').any(|one| one.trim() == name)
    });
    is_named || OF_ONE_HOP.contains(&name)
}

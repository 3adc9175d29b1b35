//! Password files: the lines that servers keep in place of passwords.
//!
//! Salts are made out of what they salt, so that the same identities give the same files. The secrets
//! protect nothing; they are hashed because that is what the products read.

use base64::Engine as _;
use base64::alphabet::BCRYPT;
use base64::engine::GeneralPurpose;
use base64::engine::general_purpose::{NO_PAD, STANDARD as BASE64};
use blowfish::Blowfish;
use md5::Md5;
use sha1::{Digest, Sha1};
use sha2::Sha256;

/// The cost of bcrypt: the least that it allows, 2⁴ rounds, because servers pay it per request.
const BCRYPT_COST: u32 = 4;

/// The most bytes of a password that bcrypt looks at.
const BCRYPT_BYTES: usize = 72;

/// The alphabet of crypt(3), which apr1 shares.
const CRYPT64: &[u8; 64] = b"./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// How a password file keeps a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PasswordHash {
    /// `{SHA}` and the SHA-1 in Base64, as nginx, Apache httpd, Envoy and others read it.
    Sha,
    /// bcrypt, `$2y$`.
    Bcrypt,
    /// The salted MD5 of Apache's `htpasswd`, `$apr1$`.
    Apr1,
}

impl PasswordHash {
    /// All of them, the usual one first.
    pub(super) const ALL: [Self; 3] = [Self::Sha, Self::Bcrypt, Self::Apr1];

    /// The word for it in a template.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Sha => "sha",
            Self::Bcrypt => "bcrypt",
            Self::Apr1 => "apr1",
        }
    }

    /// What is kept of the password of this user.
    pub(super) fn of(self, user: &str, password: &str) -> String {
        let salt: [u8; 20] = Sha1::digest(format!("{user}:{password}").as_bytes()).into();
        match self {
            Self::Sha => format!(
                "{{SHA}}{}",
                BASE64.encode(Sha1::digest(password.as_bytes()))
            ),
            Self::Bcrypt => bcrypt(first(&salt), password.as_bytes()),
            Self::Apr1 => {
                let salt: String = salt.iter().take(8).map(|byte| crypt64(*byte)).collect();
                apr1(&salt, password.as_bytes())
            }
        }
    }
}

/// How a Digest file hashes user, realm and password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum DigestHash {
    /// MD5.
    Md5,
    /// SHA-256.
    Sha256,
}

impl DigestHash {
    /// Both, the older first.
    pub(super) const ALL: [Self; 2] = [Self::Md5, Self::Sha256];

    /// Its name in a challenge (RFC 7616 §3.3).
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Md5 => "MD5",
            Self::Sha256 => "SHA-256",
        }
    }

    /// The H(A1) of RFC 7616 §3.4.2 without `-sess`, in hexadecimal digits.
    pub(super) fn ha1(self, user: &str, realm: &str, password: &str) -> String {
        let text = format!("{user}:{realm}:{password}");
        match self {
            Self::Md5 => hex(&Md5::digest(text.as_bytes())),
            Self::Sha256 => hex(&Sha256::digest(text.as_bytes())),
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn first(bytes: &[u8; 20]) -> [u8; 16] {
    let mut out = [0; 16];
    for (out, byte) in out.iter_mut().zip(bytes) {
        *out = *byte;
    }
    out
}

/// bcrypt (Provos and Mazières, 1999), with a terminating NUL as in crypt(3).
fn bcrypt(salt: [u8; 16], password: &[u8]) -> String {
    let mut key: Vec<u8> = password.to_vec();
    key.push(0);
    key.truncate(BCRYPT_BYTES);
    let mut state = Blowfish::bc_init_state();
    state.salted_expand_key(&salt, &key);
    for _ in 0..1_u32 << BCRYPT_COST {
        state.bc_expand_key(&key);
        state.bc_expand_key(&salt);
    }
    // "OrpheanBeholderScryDoubt", in pairs of words.
    let text = [
        [0x4f72_7068, 0x6561_6e42],
        [0x6568_6f6c, 0x6465_7253],
        [0x6372_7944, 0x6f75_6274],
    ];
    let mut hash = Vec::with_capacity(24);
    for mut pair in text {
        for _ in 0..64 {
            pair = state.bc_encrypt(pair);
        }
        hash.extend(pair.into_iter().flat_map(u32::to_be_bytes));
    }
    // The last byte is left out, as it has always been.
    hash.truncate(23);
    let base64 = GeneralPurpose::new(&BCRYPT, NO_PAD);
    format!(
        "$2y${BCRYPT_COST:02}${}{}",
        base64.encode(salt),
        base64.encode(hash)
    )
}

/// The scheme of Apache's `htpasswd -m`: a thousand rounds of MD5.
fn apr1(salt: &str, password: &[u8]) -> String {
    let salt_bytes = salt.as_bytes();
    let inner: [u8; 16] = Md5::new()
        .chain_update(password)
        .chain_update(salt_bytes)
        .chain_update(password)
        .finalize()
        .into();
    let mut outer = Md5::new()
        .chain_update(password)
        .chain_update(b"$apr1$")
        .chain_update(salt_bytes);
    for byte in inner.iter().cycle().take(password.len()) {
        outer.update([*byte]);
    }
    let mut length = password.len();
    while length != 0 {
        let byte = if length & 1 == 1 {
            0
        } else {
            password.first().copied().unwrap_or(0)
        };
        outer.update([byte]);
        length >>= 1;
    }
    let mut hash: [u8; 16] = outer.finalize().into();
    for round in 0..1000 {
        let odd = round % 2 == 1;
        let mut next = Md5::new();
        next.update(if odd { password } else { &hash[..] });
        if round % 3 != 0 {
            next.update(salt_bytes);
        }
        if round % 7 != 0 {
            next.update(password);
        }
        next.update(if odd { &hash[..] } else { password });
        hash = next.finalize().into();
    }
    let [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p] = hash;
    let groups = [[a, g, m], [b, h, n], [c, i, o], [d, j, p], [e, k, f]];
    let mut text = format!("$apr1${salt}$");
    for [high, middle, low] in groups {
        let value = u32::from(high) << 16 | u32::from(middle) << 8 | u32::from(low);
        text.extend(sixes(value, 4));
    }
    text.extend(sixes(u32::from(l), 2));
    text
}

/// The lowest six bits first.
fn sixes(value: u32, count: u32) -> impl Iterator<Item = char> {
    (0..count).map(move |place| crypt64((value >> (6 * place) & 0x3f).to_le_bytes()[0]))
}

fn crypt64(byte: u8) -> char {
    CRYPT64
        .get(usize::from(byte & 0x3f))
        .map_or('.', |letter| char::from(*letter))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each line was accepted by another program: `openssl sha1`, `openssl passwd -apr1 -salt`,
    /// crypt(3) of libxcrypt, `openssl md5` and `openssl sha256`.
    #[test]
    fn other_programs_make_the_same() {
        // `printf %s open:sesame | openssl sha1 -binary | base64`
        let sha = PasswordHash::Sha.of("alice", "open:sesame");
        assert_eq!(sha, "{SHA}k5A+xr53n4Lxr/w+OtkhllTIZrk=");
        assert_eq!(
            apr1("abcdefgh", b"open:sesame"),
            "$apr1$abcdefgh$61nyThxXNQvJVflxZVKPt1"
        );
        assert_eq!(
            apr1("x", b"a password of more than sixteen bytes"),
            "$apr1$x$.61V/urwpq5/FHUkybitK1"
        );
        assert_eq!(
            bcrypt(*b"0123456789abcdef", b"open:sesame"),
            "$2y$04$KBCwKxOzLha2MUDgW0PjXel38jeNSQn6fPHMv8En.My9Lel.HZIoe"
        );
        assert_eq!(
            DigestHash::Md5.ha1("alice", "api", "open:sesame"),
            "b09fe621dd24ecdf7b33c72909d13fa2"
        );
        assert_eq!(
            DigestHash::Sha256.ha1("alice", "api", "open:sesame"),
            "2b7e1a4e4b87506f414ccc80edd248a3f24c6a2dceb36e21489f186fb8f98c68"
        );
    }

    #[test]
    fn the_same_identity_gives_the_same_line_and_another_another() {
        for hash in PasswordHash::ALL {
            assert_eq!(hash.of("alice", "a"), hash.of("alice", "a"));
            assert_ne!(hash.of("alice", "a"), hash.of("alice", "b"));
        }
        let salted = PasswordHash::Bcrypt;
        assert_ne!(salted.of("alice", "a"), salted.of("bob", "a"));
    }
}

//! Digest: challenges, nonces, and what comes back.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use countersign::auth::Authorization;

use countersign::credentials::{Algorithm, Nonces, Presented, Qop, Scheme};

use super::answer::content;
use super::challenge::Challenge;
use super::desk::Desk;
use super::liberty::Liberty;
use super::login::{Good, Why};

/// What nonces are signed with, which nobody else knows.
const KEY: &[u8] = b"the liberal server's own";

const REALM: &str = "a realm of Digest";

/// The same where it is not US-ASCII.
const LATIN: &str = "Zugang gesch\u{fc}tzt";

/// Sixteen characters that a quoted-string may have, two of them escaped.
const PUNCTUATION: &str = "!#$%&'()*+-/:;<\\";

impl Desk<'_> {
    /// A nonce that was never issued before; a young one is good for longer.
    pub fn nonce(&self, young: bool) -> String {
        let nonces = Nonces::new(KEY);
        let serial = match self.has(Liberty::NonceOfConnection) {
            true => self.connection,
            false => self.serial,
        };
        let plain = nonces.issue(serial * 2 + u64::from(young));
        let turned = |turn: &dyn Fn(char) -> char| plain.chars().map(turn).collect();
        match () {
            () if self.has(Liberty::NonceOfOneCharacter) => "7".to_owned(),
            () if self.has(Liberty::NonceForEver) => nonces.issue(0),
            () if self.has(Liberty::NonceOfLetters) => turned(&|c| match c.to_digit(16) {
                Some(digit) => char::from_u32(u32::from('g') + digit).unwrap_or('w'),
                None => 'w',
            }),
            () if self.has(Liberty::NonceOfPunctuation) => turned(&|c| match c.to_digit(16) {
                Some(digit) => PUNCTUATION.chars().nth(digit as usize).unwrap_or('"'),
                None => '"',
            }),
            () if self.has(Liberty::NonceInBase64) => STANDARD.encode(plain),
            () if self.has(Liberty::DigestInLatin1) => format!("{plain}\u{df}"),
            () => plain,
        }
    }

    /// A nonce for DPoP proofs, of characters that RFC 9449 §8.1 allows; it shows with which answer it came.
    pub fn proof_nonce(&self, logged_in: bool) -> String {
        Nonces::new(KEY).issue(self.serial * 2 + u64::from(logged_in))
    }

    /// Whether a nonce for proofs was issued here.
    pub fn has_issued_for_proofs(&self, nonce: &str) -> bool {
        let ages = self.has(Liberty::NewNonceAges);
        let serial = Nonces::new(KEY).serial(nonce);
        serial.is_some_and(|serial| !ages || serial.is_multiple_of(2))
    }

    fn serial_of(&self, nonce: &str) -> Option<u64> {
        let digit = |at: usize| char::from_digit(u32::try_from(at).ok()?, 16);
        let plain: Option<String> = match () {
            () if self.has(Liberty::NonceOfOneCharacter) => {
                return (nonce == "7").then_some(0);
            }
            () if self.has(Liberty::NonceOfLetters) => nonce
                .chars()
                .map(|c| match c {
                    'w' => Some('.'),
                    'g'..='v' => digit(c as usize - 'g' as usize),
                    _ => None,
                })
                .collect(),
            () if self.has(Liberty::NonceOfPunctuation) => nonce
                .chars()
                .map(|c| match c {
                    '"' => Some('.'),
                    c => digit(PUNCTUATION.chars().position(|one| one == c)?),
                })
                .collect(),
            () if self.has(Liberty::NonceInBase64) => {
                let bytes = STANDARD.decode(nonce).ok();
                bytes.and_then(|bytes| String::from_utf8(bytes).ok())
            }
            () if self.has(Liberty::DigestInLatin1) => {
                nonce.strip_suffix('\u{df}').map(str::to_owned)
            }
            () => Some(nonce.to_owned()),
        };
        Nonces::new(KEY).serial(&plain?)
    }

    fn digest_realm(&self) -> &'static str {
        match self.has(Liberty::DigestInLatin1) {
            true => LATIN,
            false => REALM,
        }
    }

    /// The algorithms that are offered, in the order of preference.
    fn algorithms(&self) -> Vec<Algorithm> {
        let (sha, md5) = (Algorithm::Sha256, Algorithm::Md5);
        let mut list = match self.policy.digest.as_str() {
            "session" => vec![Algorithm::Sha256Session, Algorithm::Md5Session],
            "sha-512-256" => vec![Algorithm::Sha512Of256, sha, md5],
            _ if self.has(Liberty::Sha256Alone) => vec![sha],
            _ if self.has(Liberty::Md5First) => vec![md5, sha],
            _ => vec![sha, md5],
        };
        if self.has(Liberty::SessionToo) && !list.contains(&Algorithm::Sha256Session) {
            list.push(Algorithm::Sha256Session);
        }
        list
    }

    fn qualities(&self) -> &'static str {
        match () {
            () if self.policy.digest == "auth-int" => "auth-int",
            () if self.has(Liberty::BothQualities) => "auth,auth-int",
            () if self.has(Liberty::SpacedQualities) => "auth-int \t, auth",
            () => "auth",
        }
    }

    pub fn digest_challenges(&self, stale: bool) -> Vec<Challenge> {
        let has = |liberty| self.has(liberty);
        let names = self.algorithms().into_iter().map(Algorithm::name);
        // Where the policy prefers one, that comes first.
        let prefers = self.policy.digest == "sha-512-256";
        let unknown = has(Liberty::NewAlgorithmFirst) && !prefers;
        let unknown = unknown.then_some("BLAKE3-256");
        let nonce = self.nonce(stale || has(Liberty::NextNonceAges));
        let of = |name: &'static str| {
            let mut one = Challenge::new("Digest").quoted("realm", self.digest_realm());
            if self.policy.digest == "domain" || has(Liberty::ManyDomains) {
                one = one.quoted("domain", "/ /elsewhere https://other.example/a?b");
            } else if has(Liberty::EmptyDomain) {
                one = one.quoted("domain", "");
            }
            one = one.quoted("qop", self.qualities()).token("algorithm", name);
            one = one.quoted("nonce", nonce.as_str());
            one = match () {
                () if has(Liberty::NoOpaque) => one,
                () if has(Liberty::DigestInLatin1) => one.quoted("opaque", "\u{e9}"),
                () if has(Liberty::OpaqueWithQuotes) => one.quoted("opaque", "a \"b\", c=\\d"),
                () => one.quoted("opaque", "b3BhcXVl"),
            };
            if stale {
                one = one.token("stale", "true");
            } else if has(Liberty::EmptyDomain) {
                one = one.token("stale", "FALSE");
            } else if has(Liberty::StaleIsNo) {
                one = one.token("stale", "no");
            }
            if !has(Liberty::DigestWithoutCharset) {
                one = one.quoted("charset", "UTF-8");
            }
            if self.policy.digest == "userhash" {
                one = one.token("userhash", "true");
            } else if has(Liberty::UserhashFalse) {
                one = one.token("userhash", "false");
            }
            match has(Liberty::MoreParameters) {
                true => one.quoted("x-login", "a, b"),
                false => one,
            }
        };
        unknown.into_iter().chain(names).map(of).collect()
    }

    pub fn by_digest(&self, line: &[u8]) -> Result<Good, Why> {
        let unreadable = Why::Unreadable(Some(Scheme::Digest));
        let read = Authorization::parse(std::iter::once(line));
        let credentials = read.strict().flatten();
        let credentials = credentials.filter(|read| !read.params.is_empty());
        let credentials = credentials.ok_or(unreadable)?;
        let presented = Presented::read(credentials).map_err(|_| Why::Improper)?;
        let request = self.request;
        let known = self.algorithms().contains(&presented.algorithm);
        let mut qualities = self.qualities().split(',').map(str::trim);
        let quality = presented.qop.map(Qop::name);
        if !known || !quality.is_some_and(|name| qualities.any(|offered| offered == name)) {
            return Err(Why::Improper);
        }
        if presented.uri != request.target {
            return Err(Why::OtherUri);
        }
        let wrong = Why::Wrong(Scheme::Digest);
        let mut cast = self.cast.iter();
        let Some(one) = cast.find(|one| presented.is_of(&one.user)) else {
            return Err(wrong);
        };
        let (user, password) = (&one.user, one.password.expose());
        if !presented.is_right(user, password, &request.method, b"")
            || presented.realm != self.digest_realm()
        {
            return Err(wrong);
        }
        if !one.enabled {
            return Err(Why::Disabled(Scheme::Digest));
        }
        let serial = self.serial_of(&presented.nonce).ok_or(Why::Stale)?;
        let ages = self.has(Liberty::NonceAgesFast) || self.has(Liberty::NextNonceAges);
        let foreign = self.has(Liberty::NonceOfConnection) && serial / 2 != self.connection;
        if foreign || (ages && serial.is_multiple_of(2)) {
            return Err(Why::Stale);
        }
        let mut used = Vec::new();
        if self.has(Liberty::NonceOnce) {
            used.push(presented.nonce.clone());
        }
        if self.has(Liberty::CountsRemembered) {
            used.push(format!("{} {:x}", presented.nonce, presented.count));
        }
        if used.iter().any(|one| self.used.contains(one)) {
            return Err(Why::Stale);
        }
        let next = self.nonce(!self.has(Liberty::NextNonceAges));
        let named = self.policy.digest == "next-nonce" || self.has(Liberty::NextNonceToo);
        let shown = match request.method.as_str() {
            "HEAD" => "",
            method => content(200, method),
        };
        let params = presented.info(user, password, shown.as_bytes(), named.then_some(&*next));
        let said: Vec<String> = params.iter().map(ToString::to_string).collect();
        let info = match () {
            () if self.has(Liberty::NoInfo) => None,
            () if self.has(Liberty::NextNonceAlone) => Some(format!(
                "nextnonce=\"{}\"",
                super::challenge::escaped(&next)
            )),
            () => Some(said.join(", ")),
        };
        Ok(Good {
            info,
            used,
            ..Good::default()
        })
    }
}

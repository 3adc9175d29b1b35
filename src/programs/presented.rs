//! What a request carries as credentials, in the words of the measurements, and what they are worth.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::command::ClientSecrets;
use super::seen::Worth;
use crate::auth::{Authorization, Challenge};
use crate::credentials::Presented;
use crate::user_agents::model::{Layout, Parameters};

/// The characters that are shown of a token that is not the right one.
const SHOWN: usize = 12;

/// What credentials are held against.
#[derive(Clone, Debug)]
pub(super) struct HeldAgainst<'a> {
    pub(super) secrets: &'a ClientSecrets,
    /// The layouts that were served, the last one too.
    pub(super) served: &'a [Layout],
    pub(super) method: &'a str,
    pub(super) target: &'a str,
    pub(super) body: &'a [u8],
}

/// What credentials are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct JudgedCredentials {
    /// In the words of the measurements.
    pub(super) word: String,
    /// The scheme that they are right for; nothing where they are not right.
    pub(super) right: Option<&'static str>,
    pub(super) worth: Worth,
}

impl JudgedCredentials {
    fn right(word: &str, scheme: &'static str) -> Self {
        Self {
            word: word.to_owned(),
            right: Some(scheme),
            worth: Worth::Right,
        }
    }

    fn wrong(word: impl Into<String>, why: impl Into<String>) -> Self {
        Self {
            word: word.into(),
            right: None,
            worth: Worth::Wrong(why.into()),
        }
    }
}

/// Looks into the value of `Authorization` or `Proxy-Authorization`.
pub(super) fn judge(value: Option<&[u8]>, held: &HeldAgainst<'_>) -> JudgedCredentials {
    let Some(value) = value.map(<[u8]>::trim_ascii) else {
        return JudgedCredentials {
            word: "none".to_owned(),
            right: None,
            worth: Worth::Nothing,
        };
    };
    if value.is_empty() {
        return JudgedCredentials::wrong("Empty()", "the field is empty");
    }
    let end = value.iter().position(|byte| b" \t".contains(byte));
    let (scheme, rest) = value.split_at(end.unwrap_or(value.len()));
    let scheme = String::from_utf8_lossy(scheme);
    let rest = rest.trim_ascii();
    if scheme.eq_ignore_ascii_case("Basic") {
        return basic(rest, held.secrets);
    }
    if scheme.eq_ignore_ascii_case("Bearer") {
        return match rest == held.secrets.token.as_bytes() {
            true => JudgedCredentials::right("Bearer", "bearer"),
            false => JudgedCredentials::wrong(
                format!("Bearer({})", start(rest)),
                "the token is not the one that it was given",
            ),
        };
    }
    if scheme.eq_ignore_ascii_case("Digest") {
        return digest(value, held);
    }
    let known = ["Negotiate", "NTLM"];
    let name = known.iter().find(|name| scheme.eq_ignore_ascii_case(name));
    let name = name.map_or_else(|| scheme.into_owned(), |name| (*name).to_owned());
    JudgedCredentials::wrong(name, "of a scheme that is not served")
}

/// The first characters of what is shown in part.
fn start(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).chars().take(SHOWN).collect()
}

fn basic(rest: &[u8], secrets: &ClientSecrets) -> JudgedCredentials {
    let Ok(text) = STANDARD.decode(rest) else {
        return JudgedCredentials::wrong("Basic(not-base64)", "what follows `Basic` is not base64");
    };
    let ClientSecrets { user, password, .. } = secrets;
    let pair = format!("{user}:{password}");
    if text == pair.as_bytes() {
        let word = match pair.is_ascii() {
            true => "Basic",
            false => "Basic[utf8]",
        };
        return JudgedCredentials::right(word, "basic");
    }
    let latin1: Vec<u8> = pair
        .chars()
        .map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?'))
        .collect();
    if text == latin1 {
        return JudgedCredentials::wrong("Basic[latin1+?]", "the password is in Latin-1");
    }
    let shown: String = String::from_utf8_lossy(&text).chars().take(64).collect();
    JudgedCredentials::wrong(
        format!("Basic[{shown}]"),
        "user and password are not those that it was given",
    )
}

/// A response of Digest (RFC 7616 §3.4), held against what was offered and against what its own parameters make it.
fn digest(value: &[u8], held: &HeldAgainst<'_>) -> JudgedCredentials {
    let credentials = digest_credentials(value);
    let own = |name: &str| credentials.param(name);
    let algorithm = own("algorithm").unwrap_or("MD5");
    let DigestMarks {
        wrong,
        mixed,
        not_offered,
        elsewhere,
    } = DigestMarks::of(&credentials, held);
    let mut word = format!("Digest-{}", algorithm.to_ascii_uppercase());
    if let Some(qop) = own("qop") {
        word.push('/');
        word.push_str(qop);
    }
    let mut whys = Vec::new();
    for (is, flag, why) in [
        (
            wrong.is_some(),
            "(WRONG)",
            "`response` is not what its parameters make it",
        ),
        (
            mixed,
            "(REALM/NONCE-MIX)",
            "realm and nonce are not those of one challenge",
        ),
        (
            not_offered,
            "(ALGNOTOFFERED)",
            "the algorithm was not offered",
        ),
        (elsewhere, "(URI)", "`uri` names another resource"),
    ] {
        if is {
            word.push_str(flag);
            whys.push(why);
        }
    }
    match whys.is_empty() {
        true => JudgedCredentials::right(&word, "digest"),
        false => JudgedCredentials::wrong(word, whys.join("; ")),
    }
}

/// The credentials of a field of Digest, as a tolerant recipient reads them.
pub(super) fn digest_credentials(value: &[u8]) -> Challenge {
    let credentials = Authorization::parse(std::iter::once(value)).credentials;
    credentials.unwrap_or_else(|| Challenge::new("Digest"))
}

/// What is wrong with a response of Digest.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct DigestMarks {
    /// `response` is not what its parameters make it; what is, in words.
    pub(super) wrong: Option<String>,
    /// Realm and nonce are not those of one challenge.
    pub(super) mixed: bool,
    /// The algorithm was not offered.
    pub(super) not_offered: bool,
    /// `uri` names another resource.
    pub(super) elsewhere: bool,
}

impl DigestMarks {
    /// Holds a response against what was offered and against what its own parameters make it.
    pub(super) fn of(credentials: &Challenge, held: &HeldAgainst<'_>) -> Self {
        let own = |name: &str| credentials.param(name);
        let algorithm = own("algorithm").unwrap_or("MD5");
        let offers = Offered::of(held.served);
        let not_offered = !offers.names(algorithm);
        let mixed = !not_offered && !offers.has(own("realm"), own("nonce"), algorithm);
        let (wrong, elsewhere) = match Presented::read(credentials) {
            Ok(read) => {
                let ClientSecrets { user, password, .. } = held.secrets;
                let right =
                    read.is_of(user) && read.is_right(user, password, held.method, held.body);
                let wrong = "`response` is not what its parameters make it";
                (
                    (!right).then(|| wrong.to_owned()),
                    !names(&read.uri, held.target),
                )
            }
            Err(fault) => (Some(fault.to_string()), false),
        };
        Self {
            wrong: wrong.filter(|_| !offers.lacks(algorithm)),
            mixed,
            not_offered,
            elsewhere,
        }
    }
}

/// Whether `uri` means the request's target (RFC 7616 §3.4.6), be one of them in its absolute form.
fn names(uri: &str, target: &str) -> bool {
    let path = |text: &str| match text.split_once("://") {
        Some((_, rest)) => rest
            .find('/')
            .and_then(|at| rest.get(at..))
            .unwrap_or("/")
            .to_owned(),
        None => text.to_owned(),
    };
    path(uri) == path(target)
}

/// The challenges of Digest that were sent: realm, nonce and algorithm of each.
struct Offered(Vec<(Option<String>, Option<String>, String)>);

impl Offered {
    fn of(served: &[Layout]) -> Self {
        let offers = served.iter().flat_map(|layout| {
            let offers = layout.offers();
            let digests = offers.into_iter().filter(|offer| offer.is("Digest"));
            digests.map(|offer| {
                let parameter = |name| offer.parameter(name, Parameters::Own).map(str::to_owned);
                let algorithm = parameter("algorithm").unwrap_or_else(|| "MD5".to_owned());
                (parameter("realm"), parameter("nonce"), algorithm)
            })
        });
        Self(offers.collect())
    }

    fn named<'s>(
        &'s self,
        algorithm: &'s str,
    ) -> impl Iterator<Item = &'s (Option<String>, Option<String>, String)> {
        let of_it = move |have: &str| have.eq_ignore_ascii_case(algorithm);
        self.0.iter().filter(move |(_, _, have)| of_it(have))
    }

    fn names(&self, algorithm: &str) -> bool {
        self.named(algorithm).next().is_some()
    }

    /// Whether a challenge of this algorithm lacks a realm or a nonce: then nothing can be computed from it.
    fn lacks(&self, algorithm: &str) -> bool {
        self.named(algorithm)
            .any(|(realm, nonce, _)| realm.is_none() || nonce.is_none())
    }

    fn has(&self, realm: Option<&str>, nonce: Option<&str>, algorithm: &str) -> bool {
        self.named(algorithm).any(|(its_realm, its_nonce, _)| {
            let same =
                |its: &Option<String>, have: Option<&str>| its.is_some() && its.as_deref() == have;
            same(its_realm, realm) && same(its_nonce, nonce)
        })
    }
}

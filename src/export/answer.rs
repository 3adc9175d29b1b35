//! Credentials that answer a challenge, for scripts that compute them.

use super::not_exportable::NotExportable;
use super::seen::SeenExchange;
use crate::auth::{Challenge, Challenges};
use crate::credentials::{
    Algorithm, Context, DigestOutline, Identity, OutlinedNonce, Scheme, can_answer,
};
use crate::vocabulary::ClientCase;
use crate::wire::Request;

/// The field in which an origin server asks for credentials.
pub(super) const CHALLENGES: &str = "WWW-Authenticate";

/// Credentials that answer the challenge of the request before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChallengeAnswer {
    /// How they are made.
    pub outline: DigestOutline,
    /// Which of the nonces in the challenges of the answer before is meant, from 0.
    nonce: usize,
    /// The same of `opaque`.
    opaque: Option<usize>,
}

/// A part of a field's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ValuePart<'a> {
    Text(&'a str),
    Nonce,
    Opaque,
    Uri,
    Response,
}

impl ChallengeAnswer {
    /// The request of a client that answers the challenge of the last exchange before its own, and how its credentials
    /// are made.
    pub(super) fn of(
        client: &ClientCase,
        identities: &[Identity],
        before: &[SeenExchange<'_>],
    ) -> Result<(Request, Self), NotExportable> {
        let refused = |why: &str| NotExportable(why.to_owned());
        if client.scheme != Scheme::Digest {
            return Err(refused(match client.scheme {
                Scheme::Dpop => "a proof of its key is signed for each request (DPoP)",
                _ => "it answers a challenge by another scheme than its own",
            }));
        }
        let lost = || refused("the challenge that it answers was not kept");
        let (last, earlier) = before.split_last().ok_or_else(lost)?;
        let lines = challenge_lines(last.received);
        let challenge = answered(&lines)
            .ok_or_else(|| refused("there is no challenge before it that it can answer"))?;
        // A nonce that was given out before was used by then.
        let nonce = challenge.param("nonce").unwrap_or_default();
        let is_bare = |one: &&SeenExchange<'_>| {
            let mut lines = one.sent.lines();
            !lines.any(|line| line.to_ascii_lowercase().starts_with("authorization:"))
        };
        let same = earlier.iter().filter(is_bare).filter(|one| {
            let lines = challenge_lines(one.received);
            answered(&lines).is_some_and(|challenge| challenge.param("nonce") == Some(nonce))
        });
        let uses = u32::try_from(same.count()).unwrap_or(u32::MAX);
        let target = client.bare().path;
        let context = Context {
            method: client.method.name(),
            target: &target,
            challenge: Some(&challenge),
            uses,
            ..Context::default()
        };
        let (request, outline) = client
            .answering(identities, &context)
            .map_err(|why| NotExportable(format!("it answers a challenge, and {why}")))?;
        let joined = lines.join("\n");
        let place = |name: &str| {
            let value = challenge.param(name)?;
            let mut all = quoted(&joined, name);
            Some(all.position(|one| one == value))
        };
        let lost = || refused("what the challenge says is written in a way that no script reads");
        let nonce = place("nonce").flatten().ok_or_else(lost)?;
        let opaque = match place("opaque") {
            Some(found) => Some(found.ok_or_else(lost)?),
            None => None,
        };
        let answer = Self {
            outline,
            nonce,
            opaque,
        };
        Ok((request, answer))
    }

    /// Which of the nonces in the challenges of the answer before is meant, from 0.
    pub(super) fn nonce_at(&self) -> usize {
        self.nonce
    }

    /// Which of the values of `opaque` is meant, from 0; nothing where none is sent back.
    pub(super) fn opaque_at(&self) -> Option<usize> {
        self.opaque
    }

    /// What is hashed first, before the password.
    pub(super) fn user_and_realm(&self) -> String {
        format!("{}:{}:", self.outline.user, self.outline.realm)
    }

    /// What is hashed between nonce and request, where a quality of protection is named.
    pub(super) fn middle(&self) -> Option<String> {
        let qop = self.outline.qop.as_ref()?;
        let DigestOutline { count, cnonce, .. } = &self.outline;
        Some(format!("{count}:{cnonce}:{qop}"))
    }

    /// The name of the hash, as Python and k6 have it.
    pub(super) fn hash(&self) -> &'static str {
        match self.outline.algorithm.without_session() {
            Algorithm::Sha256 => "sha256",
            Algorithm::Sha512Of256 => SHA_512_OF_256,
            _ => "md5",
        }
    }

    /// Whether a program that knows MD5 and SHA-256 alone can make it.
    pub(super) fn is_of_common_hash(&self) -> Result<(), NotExportable> {
        match self.hash() == SHA_512_OF_256 {
            true => Err(NotExportable(
                "its answer is made by SHA-512/256, which this format has no word for: `curl`, `python` and `k6` have"
                    .to_owned(),
            )),
            false => Ok(()),
        }
    }
}

/// The name of SHA-512/256, as Python and k6 have it.
const SHA_512_OF_256: &str = "sha512_256";

/// The parts of a field's value.
pub(super) fn parts_of(value: &str) -> Vec<ValuePart<'_>> {
    const PARTS: [(&str, ValuePart<'static>); 4] = [
        (DigestOutline::NONCE, ValuePart::Nonce),
        (DigestOutline::OPAQUE, ValuePart::Opaque),
        (DigestOutline::URI, ValuePart::Uri),
        (DigestOutline::RESPONSE, ValuePart::Response),
    ];
    let mut parts = Vec::new();
    let mut rest = value;
    while !rest.is_empty() {
        let next = PARTS
            .iter()
            .filter_map(|(mark, part)| Some((rest.find(mark)?, mark.len(), *part)))
            .min_by_key(|(at, ..)| *at);
        let Some((at, length, part)) = next else {
            parts.push(ValuePart::Text(rest));
            break;
        };
        let (before, behind) = rest.split_at_checked(at).unwrap_or((rest, ""));
        if !before.is_empty() {
            parts.push(ValuePart::Text(before));
        }
        parts.push(part);
        rest = behind.get(length..).unwrap_or_default();
    }
    parts
}

/// The lines with challenges of an answer as it was kept.
fn challenge_lines(received: &str) -> Vec<&str> {
    let head = received.lines().take_while(|line| !line.is_empty());
    let fields = head.skip(1).filter_map(|line| line.split_once(':'));
    let fields = fields.filter(|(name, _)| name.eq_ignore_ascii_case(CHALLENGES));
    fields.map(|(_, value)| value.trim()).collect()
}

/// The challenge among them that a client answers that speaks Digest.
fn answered(lines: &[&str]) -> Option<Challenge> {
    let read = Challenges::parse(lines.iter().map(|line| line.as_bytes()));
    let mut list = read.list.into_iter();
    list.find(|challenge| can_answer(Scheme::Digest, challenge))
}

/// Each quoted value behind a name, as scripts look for them.
fn quoted<'a>(text: &'a str, name: &str) -> impl Iterator<Item = &'a str> {
    let start = format!("{name}=\"");
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let (_, behind) = rest?.split_once(start.as_str())?;
        let (value, left) = behind.split_once('"')?;
        rest = Some(left);
        Some(value)
    })
}

/// Which nonce of another is made how, in the arguments of each language: what the last letter is, whether the first half
/// stays, and what stands behind.
pub(super) fn turned(answer: &ChallengeAnswer) -> Option<(char, bool, &str)> {
    match &answer.outline.nonce {
        OutlinedNonce::Turned(turned) => {
            Some((turned.last, turned.keeps_half, turned.behind.as_str()))
        }
        OutlinedNonce::Own | OutlinedNonce::Fixed(_) => None,
    }
}

/// The nonce that is always sent, where it is no other than that.
pub(super) fn fixed(answer: &ChallengeAnswer) -> Option<&str> {
    match &answer.outline.nonce {
        OutlinedNonce::Fixed(nonce) => Some(nonce),
        OutlinedNonce::Own | OutlinedNonce::Turned(_) => None,
    }
}

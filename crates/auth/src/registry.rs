//! The registered auth-schemes (IANA, HTTP Authentication Schemes), as far as their challenges go.

use super::challenge::Challenge;

/// What may stand behind the auth-scheme of a challenge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ChallengeShape {
    /// Nothing, or auth-params.
    Params,
    /// Nothing, or a token68: the scheme is older than the grammar and carries opaque data.
    Token68,
    /// Nothing at all: the scheme has no challenge.
    NoChallenge,
}

/// An auth-scheme as registered, or as good as that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Registered {
    /// Its name.
    pub name: &'static str,
    /// Where it is defined.
    pub reference: &'static str,
    /// What its challenges look like.
    pub shape: ChallengeShape,
    /// The parameters that no challenge may lack.
    pub required: &'static [&'static str],
}

const fn params(
    name: &'static str,
    reference: &'static str,
    required: &'static [&'static str],
) -> Registered {
    Registered {
        name,
        reference,
        shape: ChallengeShape::Params,
        required,
    }
}

const fn other(name: &'static str, reference: &'static str, shape: ChallengeShape) -> Registered {
    Registered {
        name,
        reference,
        shape,
        required: &[],
    }
}

/// Every registered auth-scheme by name, and NTLM, which is not registered and everywhere. Names and
/// required parameters were held against IANA's table and the documents named (`docs/sources.md`). Of
/// Digest, RFC 7616 demands `qop`; without `realm` and `nonce` no response can be computed.
pub const REGISTRY: &[Registered] = &[
    params("Basic", "RFC 7617 §2", &["realm"]),
    params("Bearer", "RFC 6750 §3", &[]),
    other("Concealed", "RFC 9729", ChallengeShape::NoChallenge),
    params("Digest", "RFC 7616 §3.3", &["realm", "nonce", "qop"]),
    params("DPoP", "RFC 9449 §7.1", &[]),
    params("GNAP", "RFC 9635 §9.1", &[]),
    params("HOBA", "RFC 7486 §3", &["challenge", "max-age"]),
    params(
        "Mutual",
        "RFC 8120 §4.1",
        &["version", "algorithm", "validation", "realm"],
    ),
    other("Negotiate", "RFC 4559 §4", ChallengeShape::Token68),
    other("NTLM", "MS-NTHT (not registered)", ChallengeShape::Token68),
    params("OAuth", "RFC 5849 §3.5.1", &[]),
    params("PrivateToken", "RFC 9577 §2.1", &["challenge"]),
    params("SCRAM-SHA-1", "RFC 7804 §5", &[]),
    params("SCRAM-SHA-256", "RFC 7804 §5", &[]),
    params("vapid", "RFC 8292 §3", &[]),
];

/// The registered auth-scheme of a name (names compare case-insensitively, RFC 9110 §11.1).
pub fn registered(name: &str) -> Option<&'static Registered> {
    REGISTRY
        .iter()
        .find(|scheme| scheme.name.eq_ignore_ascii_case(name))
}

impl Registered {
    /// The required parameters that a challenge of this scheme lacks.
    pub fn missing(&self, challenge: &Challenge) -> Vec<&'static str> {
        self.required
            .iter()
            .copied()
            .filter(|name| challenge.param(name).is_none())
            .collect()
    }

    /// Whether what stands behind the auth-scheme of a challenge is of the right kind.
    pub fn fits(&self, challenge: &Challenge) -> bool {
        match self.shape {
            ChallengeShape::Params => challenge.token68.is_none(),
            ChallengeShape::Token68 => challenge.params.is_empty(),
            ChallengeShape::NoChallenge => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Challenges;

    fn challenge(text: &str) -> Challenge {
        Challenges::parse([text.as_bytes()].into_iter())
            .list
            .remove(0)
    }

    #[test]
    fn names_are_found_in_any_case_and_stand_in_order() {
        assert_eq!(registered("bASIC").unwrap().reference, "RFC 7617 §2");
        assert_eq!(registered("X-Unheard-Of"), None);
        let names: Vec<String> = REGISTRY.iter().map(|s| s.name.to_lowercase()).collect();
        assert!(names.is_sorted(), "{names:?}");
    }

    #[test]
    fn what_a_challenge_lacks_is_named() {
        let lacks = |text: &str| {
            let challenge = challenge(text);
            let scheme = registered(&challenge.scheme).unwrap();
            (scheme.fits(&challenge), scheme.missing(&challenge))
        };
        assert_eq!(lacks("Basic"), (true, vec!["realm"]));
        assert_eq!(lacks("Basic realm=\"x\""), (true, vec![]));
        assert_eq!(lacks("Basic abcd="), (false, vec!["realm"]));
        assert_eq!(lacks("Negotiate oRQw=="), (true, vec![]));
        assert_eq!(lacks("Negotiate realm=\"x\""), (false, vec![]));
        assert_eq!(lacks("HOBA max-age=1"), (true, vec!["challenge"]));
        assert_eq!(lacks("Concealed"), (false, vec![]));
        assert_eq!(lacks("GNAP"), (true, vec![]));
    }
}

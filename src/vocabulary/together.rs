//! Which words of the client vocabulary go together.

use super::personas::{FOR_A_PASSWORD, FOR_ANY_OF_THREE, FOR_BASIC, FOR_BEARER, FOR_DIGEST};
use super::words::CLIENT_VOCABULARY;
use crate::domain::{Type, Value};

/// Words of one field of a client that go with some words of another field only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Needs {
    /// The field.
    pub field: &'static str,
    /// Its words.
    pub words: &'static [&'static str],
    /// The other field.
    pub other: &'static str,
    /// What its word must be among.
    pub among: &'static [&'static str],
    /// What would be wrong.
    pub why: &'static str,
}

/// Everything that must go together. A case without it is in no domain, whether or not a spec
/// excludes it.
pub const CLIENT_NEEDS: &[Needs] = &[
    Needs {
        field: "persona",
        words: FOR_BASIC,
        other: "scheme",
        among: &["basic"],
        why: "the client has a use for Basic credentials only",
    },
    Needs {
        field: "persona",
        words: FOR_DIGEST,
        other: "scheme",
        among: &["digest"],
        why: "the client has a use for Digest credentials only",
    },
    Needs {
        field: "persona",
        words: FOR_BEARER,
        other: "scheme",
        among: &["bearer"],
        why: "the client has a use for bearer tokens only",
    },
    Needs {
        field: "persona",
        words: FOR_A_PASSWORD,
        other: "scheme",
        among: &["basic", "digest"],
        why: "the client has a use for a user and a password only",
    },
    Needs {
        field: "persona",
        words: FOR_ANY_OF_THREE,
        other: "scheme",
        among: &["basic", "bearer", "digest"],
        why: "how the persona would speak that scheme is not known",
    },
    Needs {
        field: "credential",
        words: &["none"],
        other: "form",
        among: &["plain"],
        why: "no credentials have no form",
    },
    Needs {
        field: "method",
        words: &["preflight"],
        other: "credential",
        among: &["none"],
        why: "a preflight carries no credentials",
    },
    Needs {
        field: "form",
        words: &["query", "field-and-query"],
        other: "scheme",
        among: &["bearer", "api-key", "hmac"],
        why: "the scheme's credentials do not go into a query",
    },
    Needs {
        field: "form",
        words: &["query", "field-and-query"],
        other: "way",
        among: &["http/1.1", "h2c", "https", "h2"],
        why: "a proxy takes credentials in its own field only",
    },
    Needs {
        field: "scheme",
        words: &["api-key", "hmac"],
        other: "way",
        among: &["http/1.1", "h2c", "https", "h2"],
        why: "a proxy takes credentials in its own field only",
    },
    Needs {
        field: "scheme",
        words: &["dpop"],
        other: "way",
        among: &["http/1.1", "h2c", "https", "h2"],
        why: "DPoP is not for proxies (RFC 9449 §7.1)",
    },
    Needs {
        field: "credential",
        words: &["expired"],
        other: "scheme",
        among: &["bearer", "dpop", "api-key"],
        why: "a password does not expire",
    },
    Needs {
        field: "credential",
        words: &["revoked"],
        other: "scheme",
        among: &["bearer", "dpop", "api-key"],
        why: "only a token or a key can be so",
    },
    Needs {
        field: "credential",
        words: &["garbage", "insufficient-scope"],
        other: "scheme",
        among: &["bearer", "dpop"],
        why: "only a token can be so",
    },
    Needs {
        field: "credential",
        words: &[
            "not-yet-valid",
            "wrong-audience",
            "wrong-issuer",
            "wrong-key",
            "alg-none",
            "wrong-binding",
        ],
        other: "scheme",
        among: &["bearer", "dpop"],
        why: "only a JWT can be so",
    },
    Needs {
        field: "credential",
        words: &[
            "wrong-method",
            "wrong-token",
            "old-proof",
            "forged-proof",
            "two-proofs",
        ],
        other: "scheme",
        among: &["dpop"],
        why: "only DPoP has a proof",
    },
    Needs {
        field: "credential",
        words: &["unknown-user"],
        other: "scheme",
        among: &["basic", "digest", "hmac"],
        why: "a token names no user of its own",
    },
    Needs {
        field: "credential",
        words: &["trailing-junk"],
        other: "scheme",
        among: &["basic", "bearer", "dpop"],
        why: "the scheme's credentials are a list of parameters",
    },
    Needs {
        field: "credential",
        words: &["colon-in-password"],
        other: "scheme",
        among: &["basic", "digest"],
        why: "only a password can be so",
    },
    Needs {
        field: "credential",
        words: &["utf-8"],
        other: "scheme",
        among: &["basic", "digest"],
        why: "a token is always US-ASCII",
    },
    Needs {
        field: "credential",
        words: &[
            "no-colon",
            "empty-user",
            "empty-password",
            "latin-1",
            "nul",
            "control-character",
            "no-padding",
        ],
        other: "scheme",
        among: &["basic"],
        why: "only Basic credentials can be so",
    },
    Needs {
        field: "credential",
        words: &["stale-nonce"],
        other: "scheme",
        among: &["digest", "dpop"],
        why: "the scheme has no nonce of the server",
    },
    Needs {
        field: "credential",
        words: &[
            "foreign-nonce",
            "future-nonce",
            "next-nonce",
            "other-body",
            "wrong-qop",
            "wrong-nc",
            "two-usernames",
        ],
        other: "scheme",
        among: &["digest"],
        why: "only Digest credentials can be so",
    },
    Needs {
        field: "credential",
        words: &["replayed"],
        other: "scheme",
        among: &["digest", "dpop"],
        why: "the scheme's credentials are for many requests",
    },
    Needs {
        field: "credential",
        words: &["wrong-uri", "missing-parameter"],
        other: "scheme",
        among: &["digest", "dpop", "hmac"],
        why: "the scheme's credentials are for any resource, and in one piece",
    },
    Needs {
        field: "form",
        words: &[
            "odd-case",
            "several-spaces",
            "tab",
            "trailing-blanks",
            "scheme-only",
            "empty",
            "unknown-scheme",
            "two-lines",
            "oversized",
        ],
        other: "scheme",
        among: &["basic", "bearer", "digest", "dpop"],
        why: "the scheme's credentials are not in `Authorization`",
    },
    Needs {
        field: "form",
        words: &[
            "odd-names",
            "empty-elements",
            "spaced-equals",
            "quoted-pairs",
        ],
        other: "scheme",
        among: &["digest"],
        why: "the scheme's credentials have no parameters",
    },
    Needs {
        field: "form",
        words: &["for-the-origin"],
        other: "way",
        among: &["forward-proxy"],
        why: "there is nobody behind whom it asks",
    },
    Needs {
        field: "form",
        words: &["for-the-origin"],
        other: "scheme",
        among: &["basic", "bearer", "digest"],
        why: "a proxy takes credentials in its own field only",
    },
    Needs {
        field: "scheme",
        words: &["api-key", "hmac"],
        other: "persona",
        among: &["preemptive"],
        why: "no challenge asks for them",
    },
];

impl Needs {
    /// Whether a client lacks it. A field that the client does not have has its default.
    pub fn is_missing(&self, client: &Value) -> bool {
        let word = |field: &str| client.field(field).and_then(Value::as_symbol);
        self.lacks(|field| word(field).unwrap_or_else(|| default(field)))
    }

    fn lacks<'a>(&self, word: impl Fn(&'static str) -> &'a str) -> bool {
        self.words.contains(&word(self.field)) && !self.among.contains(&word(self.other))
    }

    /// Whether some client of this type may lack it.
    fn concerns(&self, client: &Type) -> bool {
        client
            .fields()
            .iter()
            .filter(|field| &*field.name == self.field)
            .flat_map(|field| field.ty.values())
            .any(|value| {
                value
                    .as_symbol()
                    .is_some_and(|word| self.words.contains(&word))
            })
    }
}

/// What clients of this type must not lack.
pub fn needs_of(client: &Type) -> Vec<&'static Needs> {
    CLIENT_NEEDS
        .iter()
        .filter(|needs| needs.concerns(client))
        .collect()
}

/// Why there can be no client with these words, by field; nothing where there can.
pub fn impossible<'a>(word: impl Fn(&'static str) -> &'a str) -> Option<&'static str> {
    let missing = CLIENT_NEEDS.iter().find(|needs| needs.lacks(&word))?;
    Some(missing.why)
}

fn default(field: &str) -> &'static str {
    CLIENT_VOCABULARY
        .iter()
        .find(|(name, _)| *name == field)
        .and_then(|(_, words)| words.first())
        .copied()
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(fields: &[(&str, &str)]) -> Value {
        Value::record(
            fields
                .iter()
                .map(|(name, word)| (*name, Value::symbol(word))),
        )
    }

    #[test]
    fn what_must_go_together_is_in_the_vocabulary() {
        for needs in CLIENT_NEEDS {
            for (field, words) in [(needs.field, needs.words), (needs.other, needs.among)] {
                let known = CLIENT_VOCABULARY.iter().find(|(name, _)| *name == field);
                let (_, known) = known.unwrap();
                for word in words {
                    assert!(known.contains(word), "{field}: {word}");
                }
            }
        }
    }

    #[test]
    fn a_field_that_is_not_there_has_its_default() {
        let missing = |fields: &[(&str, &str)]| {
            let client = client(fields);
            let missing = CLIENT_NEEDS
                .iter()
                .filter(|needs| needs.is_missing(&client));
            missing.map(|needs| needs.why).collect::<Vec<_>>()
        };
        assert_eq!(missing(&[]), [""; 0]);
        assert_eq!(missing(&[("scheme", "bearer"), ("form", "query")]), [""; 0]);
        let basic = missing(&[("form", "query")]);
        assert_eq!(basic, ["the scheme's credentials do not go into a query"]);
    }
}

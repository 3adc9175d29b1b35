//! The client vocabulary: Countersign's own fields and words, from which a spec picks.

/// The fields of a client record and the words that each may take. The client room plays every one
/// of them; its tests hold it to this list.
///
/// A field that a spec does not declare has its default, which is the first word here.
pub const CLIENT_VOCABULARY: [(&str, &[&str]); 6] = [
    ("persona", &["preemptive", "challenge-driven"]),
    ("scheme", &["basic", "bearer"]),
    (
        "credential",
        &[
            "valid",
            "wrong-secret",
            "unknown-user",
            "malformed",
            "expired",
            "none",
        ],
    ),
    ("method", &["get", "head", "post", "options", "preflight"]),
    (
        "form",
        &[
            "plain",
            "odd-case",
            "several-spaces",
            "tab",
            "trailing-blanks",
            "scheme-only",
            "empty",
            "unknown-scheme",
            "two-lines",
            "oversized",
            "query",
            "field-and-query",
        ],
    ),
    ("way", &["http/1.1", "h2c", "https", "h2", "forward-proxy"]),
];

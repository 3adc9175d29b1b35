//! The client vocabulary: Countersign's own fields and words, from which a spec picks.

/// The fields of a client record and the words that each may take. The client room plays every one
/// of them; its tests hold it to this list.
pub const CLIENT_VOCABULARY: [(&str, &[&str]); 3] = [
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
];

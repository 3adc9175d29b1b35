//! Ways that few clients have: Wget, svn, libcurl, LWP.

use super::*;

#[test]
fn one_that_reads_by_words_takes_what_is_glued_to_a_scheme_for_its_name() {
    let words = Traits {
        splits: Splits::Words,
        ..client()
    };
    for (text, read) in [
        ("Unknown,Basic realm=\"x\"", &["Unknown,Basic"][..]),
        ("Unknown, Basic realm=\"x\"", &["Unknown,", "Basic"]),
        ("Bearer a=1,Unknown,Basic realm=\"x\"", &["Bearer", "Basic"]),
        ("Basic, realm=\"x\"", &["Basic,"]),
        ("Unknown abc==, Basic realm=\"x\"", &["Unknown", "Basic"]),
        (
            "Bearer realm=\"a, Basic realm=\\\"b\\\"\", Basic realm=\"x\"",
            &["Bearer", "Basic"],
        ),
        ("Bearer realm=\"open", &["Bearer", "realm=\"open"]),
        (" \t", &[]),
    ] {
        assert_eq!(schemes(&words, &[text]), read, "{text}");
    }
}

#[test]
fn where_ntlm_is_noted_by_its_letter_alone_it_asks_again_once() {
    let one_buffer = Traits {
        lines: Lines::OneBuffer,
        splits: Splits::Words,
        knows: known(&[KnownScheme::Ntlm, KnownScheme::Digest, KnownScheme::Basic]),
        ..client()
    };
    // The second line has its nonce where the first had its Digest.
    let noted = [
        "Unknown realm=\"x\",Digest realm=\"x\", nonce=\"n\"",
        "Digest realm=\"x\", nonce=\"n\"",
    ];
    assert_eq!(sent(&one_buffer, &script(&noted)), ["none", "none"]);
    let ntlm = sent(&one_buffer, &script(&["NTLM"]));
    assert_eq!(ntlm, ["none", "NTLM", "NTLM"]);
}

#[test]
fn one_that_reads_by_commas_keeps_the_white_space_before_them() {
    let by_commas = Traits {
        splits: Splits::Head,
        parameters: Parameters::BleedByCommas,
        digest: DigestTraits {
            incomputable: Incomputable::Pretends,
            ..client().digest
        },
        ..client()
    };
    let sent = |line: &str| sent(&by_commas, &script(&[line]))[1].clone();
    assert_eq!(sent(DIGEST), "Digest-MD5/auth");
    assert_eq!(
        sent(&format!("{DIGEST} , Unknown a=1")),
        "Digest-MD5 /auth(WRONG)(ALGNOTOFFERED)"
    );
    assert_eq!(
        sent("Digest realm=\"x\", nonce=\"n\" , Unknown a=1"),
        "Digest-MD5(WRONG)(REALM/NONCE-MIX)"
    );
}

#[test]
fn one_that_keeps_the_last_of_a_scheme_has_no_other_where_it_does_not_understand_that() {
    let last = Traits {
        among: Among::Last,
        realm: Realm::First,
        ..client()
    };
    let understood = ["Basic realm=\"x\"", "Basic a=1, realm=\"x\""];
    assert_eq!(sent(&last, &script(&understood)), ["none"]);
    let other = [understood[1], understood[0]];
    assert_eq!(sent(&last, &script(&other)), ["none", "Basic"]);
}

#[test]
fn of_several_lists_of_qop_values_any_counts_or_the_last() {
    let line = "Digest realm=\"x\", nonce=\"n\", qop=\"auth,auth-int\", Digest realm=\"x\", nonce=\"n\", qop=\"auth-int\"";
    for (parameters, qop) in [
        (Parameters::BleedAsRead, "Digest-MD5/auth"),
        (Parameters::BleedAsReadLast, "Digest-MD5/auth-int"),
    ] {
        let traits = Traits {
            parameters,
            digest: DigestTraits {
                qop_else: QopElse::AuthInt,
                ..client().digest
            },
            ..client()
        };
        assert_eq!(sent(&traits, &script(&[line])), ["none", qop]);
    }
}

#[test]
fn one_that_logs_in_by_realms_keeps_to_the_scheme_in_which_it_did_so_first() {
    let by_realms = Traits {
        splits: Splits::Head,
        parameters: Parameters::BleedAll,
        chooses: Chooses::FirstOffered,
        digest: DigestTraits {
            incomputable: Incomputable::Md5,
            qop: QopList::Pair,
            qop_else: QopElse::OmitsWrong,
            needs: Set::EMPTY,
            ..client().digest
        },
        tries: Tries {
            new_realm: 5,
            ..Tries::default()
        },
        then: Then::NextChallenge,
        ..client()
    };
    let refused = "Digest realm=\"x\", nonce=\"n\", qop=\"auth-int\"";
    // The realm is known, and so is its scheme; each further challenge is tried once.
    let same = [refused, "Basic realm=\"x\"", "Basic realm=\"x\""];
    let mixed = "Digest-MD5(WRONG)(REALM/NONCE-MIX)";
    assert_eq!(
        sent(&by_realms, &script(&same)),
        ["none", "Digest-MD5(WRONG)", mixed, mixed]
    );
    // What the first lacked, a later one may have.
    let later = [
        refused,
        "Basic realm=\"x\", Digest realm=\"x\", nonce=\"n\"",
    ];
    assert_eq!(
        sent(&by_realms, &script(&later)),
        ["none", "Digest-MD5(WRONG)", "Digest-MD5"]
    );
    // Another realm is logged in to in its own scheme.
    let other = [refused, "Basic realm=\"y\""];
    assert_eq!(
        sent(&by_realms, &script(&other)),
        ["none", "Digest-MD5(WRONG)", "Basic"]
    );
}

//! Digest, held to the examples of RFC 7616 §3.9 and to itself.

use quickcheck::{TestResult, quickcheck};

use super::*;
use crate::auth::{Authorization, Challenge, Challenges};
use crate::credentials::{
    Context, CredentialState, Identity, OTHER_BODY, Scheme, Secret, TokenKind, mint, unlike,
};

fn challenge(text: &str) -> Challenge {
    let mut challenges = Challenges::parse([text.as_bytes()].into_iter());
    assert_eq!(challenges.list.len(), 1, "{text}");
    challenges.list.remove(0)
}

fn presented(value: &str) -> Result<Presented, DigestFault> {
    let read = Authorization::parse([value.as_bytes()].into_iter());
    Presented::read(&read.credentials.unwrap())
}

const MUFASA: &str = r#"realm="http-auth@example.org", uri="/dir/index.html",
    nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", nc=00000001,
    cnonce="f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ", qop=auth,
    opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS""#;

#[test]
fn the_examples_of_the_rfc_are_right() {
    // RFC 7616 §3.9.1.
    for (algorithm, response) in [
        ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
        (
            "SHA-256",
            "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1",
        ),
    ] {
        let sent = format!(
            r#"Digest username="Mufasa", {}, algorithm={algorithm}, response="{response}""#,
            MUFASA.replace('\n', "")
        );
        let presented = presented(&sent).unwrap();
        assert!(presented.is_of("Mufasa"));
        assert!(presented.is_right("Mufasa", "Circle of Life", "GET", b""));
        assert!(!presented.is_right("Mufasa", "Circle of Lif", "GET", b""));
        assert!(!presented.is_right("Mufasa", "Circle of Life", "POST", b""));
    }
}

#[test]
fn the_example_with_a_hashed_user_is_right_as_corrected() {
    // RFC 7616 §3.9.2. Its values are not those of SHA-512/256 as it was standardised; those of RFC
    // erratum 4897 are.
    let sent = r#"Digest username="793263caabb707a56211940d90411ea4a575adeccb7e360aeb624ed06ece9b0b",
        realm="api@example.org", uri="/doe.json", algorithm=SHA-512-256,
        nonce="5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK", nc=00000001,
        cnonce="NTg6RKcb9boFIAS3KrFK9BGeh+iDa/sm6jUMp2wds69v", qop=auth,
        response="3798d4131c277846293534c3edc11bd8a5e4cdcbff78b05db9d95eeb1cec68a5",
        opaque="HRPCssKJSGjCrkzDg8OhwpzCiGPChXYjwrI2QmXDnsOS", userhash=true"#;
    let presented = presented(&sent.replace('\n', "")).unwrap();
    assert!(presented.is_hashed && presented.is_of("J\u{e4}s\u{f8}n Doe"));
    assert!(presented.is_right("J\u{e4}s\u{f8}n Doe", "Secret, or not?", "GET", b""));
}

fn context(challenge: &Challenge) -> Context<'_> {
    Context {
        method: "GET",
        authority: "127.0.0.1:80",
        target: "/s0/resource?a=b",
        challenge: Some(challenge),
        ..Context::default()
    }
}

fn answered(challenge: &Challenge, state: CredentialState) -> Result<Presented, DigestFault> {
    let cast = Identity::needed_for(&[Scheme::Digest], CredentialState::ALL, TokenKind::Opaque);
    let minted = mint(Scheme::Digest, state, &cast, &context(challenge)).unwrap();
    presented(minted.unwrap().authorization().unwrap())
}

fn offers() -> Vec<Challenge> {
    let nonce = Nonces::known().issue(7);
    let mut offers = vec![challenge(
        r#"Digest realm="a \"b\"", nonce="x", opaque="o,p""#,
    )];
    for algorithm in Algorithm::ALL {
        for (qop, userhash) in [
            (&[][..], false),
            (&[Qop::Auth], true),
            (&[Qop::AuthInt], false),
            (&Qop::ALL, true),
        ] {
            if qop.is_empty() && algorithm.is_session() {
                continue;
            }
            offers.push(
                DigestChallenge {
                    realm: "r\u{e4}lm",
                    nonce: &nonce,
                    algorithm,
                    qop,
                    opaque: Some("opaque"),
                    domain: None,
                    stale: false,
                    utf8: true,
                    userhash,
                }
                .to_challenge(),
            );
        }
    }
    // As they arrive: one character a byte.
    let read = |one: &Challenge| {
        let bytes = one.to_string();
        let mut read = Challenges::parse([bytes.as_bytes()].into_iter());
        assert!(
            one.param("qop").is_none() || read.list.len() == 1,
            "{bytes}"
        );
        read.list.remove(0)
    };
    offers.iter().map(read).collect()
}

#[test]
fn a_server_takes_what_a_client_answers_to_every_challenge() {
    let alice = Identity::alice();
    for offer in offers() {
        let presented = answered(&offer, CredentialState::Valid).unwrap();
        assert!(presented.is_of(&alice.user), "{offer}");
        assert!(
            presented.is_right("alice", alice.password.expose(), "GET", b""),
            "{offer}"
        );
        assert!(!presented.is_right("alice", "other", "GET", b""), "{offer}");
        assert_eq!(presented.uri, "/s0/resource?a=b");
        assert_eq!(presented.opaque.is_some(), offer.param("opaque").is_some());
    }
}

#[test]
fn each_state_is_wrong_in_the_way_it_says() {
    use CredentialState as State;
    let nonces = Nonces::known();
    let offer = challenge(&format!(
        r#"Digest realm="r", qop="auth", algorithm=SHA-256, nonce="{}""#,
        nonces.issue(7)
    ));
    let right = |presented: &Presented, user: &str, password: &str| {
        presented.is_of(user) && presented.is_right(user, password, "GET", b"")
    };
    let alice = Identity::alice();
    let good = |state| {
        right(
            &answered(&offer, state).unwrap(),
            "alice",
            alice.password.expose(),
        )
    };
    assert!(good(State::Valid) && good(State::Replayed));
    assert!(!good(State::WrongSecret) && !good(State::UnknownUser));
    // What is wrong with these is not the digest.
    for state in [State::StaleNonce, State::FutureNonce, State::ForeignNonce] {
        assert!(good(state), "{state}");
    }
    let serial = |state| nonces.serial(&answered(&offer, state).unwrap().nonce);
    assert_eq!(serial(State::Valid), Some(7));
    assert_eq!(serial(State::StaleNonce), Some(0));
    assert_eq!(serial(State::FutureNonce), Some(u64::MAX));
    assert_eq!(serial(State::ForeignNonce), None);
    assert_eq!(answered(&offer, State::WrongUri).unwrap().uri, "/elsewhere");
    assert!(good(State::WrongUri) && good(State::NextNonce));
    for (state, fault) in [
        (State::WrongQop, DigestFault::UnknownQop),
        (State::WrongCount, DigestFault::BadCount),
        (State::MissingParameter, DigestFault::Missing("uri")),
        (State::TwoUsernames, DigestFault::TwoUsernames),
        (State::Malformed, DigestFault::Missing("username")),
    ] {
        assert_eq!(answered(&offer, state), Err(fault), "{state}");
    }
    let zoe = answered(&offer, State::Utf8).unwrap();
    assert!(right(&zoe, "z\u{f6}e", "open-\u{a3}same"));
    let carol = answered(&offer, State::ColonInPassword).unwrap();
    assert!(right(&carol, "carol", "open:sesame"));
    let mallory = answered(&offer, State::DisabledUser).unwrap();
    assert!(right(&mallory, "mallory", "let-me-in"));
    // Which body it is made for matters where the digest covers it.
    assert!(good(State::OtherBody));
    let whole = challenge(r#"Digest realm="r", qop="auth-int", nonce="n""#);
    let other = answered(&whole, State::OtherBody).unwrap();
    assert!(!right(&other, "alice", alice.password.expose()));
    assert!(other.is_right("alice", alice.password.expose(), "GET", OTHER_BODY));
}

#[test]
fn a_nonce_of_any_alphabet_has_one_that_was_not_issued() {
    for nonce in [
        "ghijklmnopqrstuvghijklmnopqrstuv",
        "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v",
        "1b4e28ba-2fa1-11d2-883f-0016d3cca427",
        "x",
        "1",
        "-._",
        "",
    ] {
        let offer = challenge(&format!(r#"Digest realm="r", qop="auth", nonce="{nonce}""#));
        for state in [
            CredentialState::ForeignNonce,
            CredentialState::FutureNonce,
            CredentialState::StaleNonce,
        ] {
            let sent = answered(&offer, state).unwrap().nonce;
            assert_ne!(sent, nonce, "{state}");
        }
    }
}

#[test]
fn what_a_server_sent_goes_back_byte_for_byte() {
    for realm in ["Gesch\u{fc}tzt".as_bytes(), b"Gesch\xfctzt", b"\xff\x80"] {
        let line = [
            b"Digest qop=\"auth\", nonce=\"\xe9\", opaque=\"\xea\", realm=\"",
            realm,
            b"\"",
        ];
        let line = line.concat();
        let offer = Challenges::parse([&*line].into_iter()).list.remove(0);
        let cast = [Identity::alice()];
        let state = CredentialState::Valid;
        let minted = mint(Scheme::Digest, state, &cast, &context(&offer))
            .unwrap()
            .unwrap();
        assert!(minted.latin1);
        let sent: Vec<u8> = minted.fields[0]
            .1
            .chars()
            .map(|c| u8::try_from(c).unwrap())
            .collect();
        let has = |part: &[u8]| sent.windows(part.len()).any(|window| window == part);
        assert!(has(&[b"realm=\"", realm, b"\""].concat()), "{minted:?}");
        assert!(
            has(b"nonce=\"\xe9\"") && has(b"opaque=\"\xea\""),
            "{minted:?}"
        );
        // It is computed over those bytes.
        let secret = Algorithm::Md5.hash(&[b"alice", realm, b"open-sesame"]);
        let request = Algorithm::Md5.hash(&[b"GET", b"/s0/resource?a=b"]);
        let read = Authorization::parse([&*sent].into_iter())
            .credentials
            .unwrap();
        let cnonce = read.param("cnonce").unwrap();
        let right = Algorithm::Md5.hash(&[
            secret.as_bytes(),
            b"\xe9",
            b"00000001",
            cnonce.as_bytes(),
            b"auth",
            request.as_bytes(),
        ]);
        assert_eq!(read.param("response"), Some(&*right));
        let presented = Presented::read(&read).unwrap();
        assert!(presented.is_right("alice", "open-sesame", "GET", b""));
    }
}

#[test]
fn a_quality_that_was_not_offered_is_none_that_was() {
    let offer = challenge(r#"Digest realm="r", nonce="n", qop="auth, AUTH-CONF""#);
    let cast = [Identity::alice()];
    let minted = mint(
        Scheme::Digest,
        CredentialState::WrongQop,
        &cast,
        &context(&offer),
    );
    let value = minted.unwrap().unwrap().authorization().unwrap().to_owned();
    assert!(value.contains("qop=auth-confx"), "{value}");
}

#[test]
fn a_challenge_that_nobody_here_can_answer_is_passed_over() {
    for (text, can) in [
        (r#"Digest realm="r", nonce="n""#, true),
        (
            r#"Digest realm="r", nonce="n", algorithm=md5-SESS, qop=auth"#,
            true,
        ),
        (
            r#"Digest realm="r", nonce="n", qop="other, auth-int""#,
            true,
        ),
        (r#"Digest realm="r", nonce="n", algorithm=FOO"#, false),
        (r#"Digest realm="r", nonce="n", qop="other""#, false),
        (r#"Digest realm="r""#, false),
        (r#"Digest realm="r", nonce="n", algorithm=MD5-sess"#, false),
        (r#"Basic realm="r", nonce="n""#, false),
    ] {
        assert_eq!(can_answer_digest(&challenge(text)), can, "{text}");
    }
    let offer = challenge(r#"Digest realm="r", nonce="n", algorithm=FOO"#);
    let alice = [Identity::alice()];
    let none = mint(
        Scheme::Digest,
        CredentialState::Valid,
        &alice,
        &context(&offer),
    );
    assert!(none.unwrap_err().to_string().contains("not known"));
}

#[test]
fn the_server_proves_that_it_knows_the_password_too() {
    let offer = challenge(r#"Digest realm="r", nonce="n", qop="auth""#);
    let presented = answered(&offer, CredentialState::Valid).unwrap();
    let params = presented.info("alice", "open-sesame", b"", Some("next"));
    let value = |name: &str| {
        let param = params.iter().find(|param| param.is(name)).unwrap();
        param.value.clone()
    };
    assert_eq!(value("nextnonce"), "next");
    assert_eq!(value("nc"), "00000001");
    assert_eq!(value("cnonce"), presented.cnonce);
    let hash = |parts: &[&[u8]]| Algorithm::Md5.hash(parts);
    let secret = hash(&[b"alice", b"r", b"open-sesame"]);
    let request = hash(&[b"", b"/s0/resource?a=b"]);
    let parts = [
        &secret,
        "n",
        "00000001",
        &presented.cnonce,
        "auth",
        &request,
    ];
    let right = hash(&parts.map(str::as_bytes));
    assert_eq!(value("rspauth"), right);
}

#[test]
fn a_session_differs_from_its_algorithm_and_a_body_from_none() {
    let answer = |algorithm: &str, qop: &str| {
        let text = format!(r#"Digest realm="r", nonce="n", algorithm={algorithm}, qop="{qop}""#);
        let presented = answered(&challenge(&text), CredentialState::Valid).unwrap();
        let other_body = presented.is_right("alice", "open-sesame", "GET", b"x");
        (presented.algorithm, other_body)
    };
    assert_eq!(answer("MD5", "auth"), (Algorithm::Md5, true));
    assert_eq!(answer("MD5-sess", "auth"), (Algorithm::Md5Session, true));
    assert_eq!(answer("SHA-256", "auth-int"), (Algorithm::Sha256, false));
    // Where there is a choice, the body counts.
    assert_eq!(answer("MD5", "auth,auth-int"), (Algorithm::Md5, false));
}

quickcheck! {
    fn nonces_are_known_by_who_issued_them(serial: u64, key: Vec<u8>) -> TestResult {
        let (known, own) = (Nonces::known(), Nonces::new(&key));
        let nonce = own.issue(serial);
        TestResult::from_bool(
            own.serial(&nonce) == Some(serial) && known.serial(&nonce).is_none()
        )
    }

    fn a_nonce_that_was_never_issued_is_never_known(serial: u64) -> bool {
        let nonces = Nonces::known();
        let other = unlike::foreign(&nonces.issue(serial));
        other.len() == nonces.issue(serial).len() && nonces.serial(&other).is_none()
    }

    fn whoever_logs_in_by_digest_is_who_is_read(user: String, password: String) -> TestResult {
        if user.chars().any(char::is_control) {
            return TestResult::discard();
        }
        let identity = Identity { user, password: Secret::new(password), ..Identity::alice() };
        let good = offers().iter().all(|offer| {
            let one = std::slice::from_ref(&identity);
            let sent = mint(Scheme::Digest, CredentialState::Valid, one, &context(offer));
            let presented = presented(sent.unwrap().unwrap().authorization().unwrap()).unwrap();
            let (user, password) = (&identity.user, identity.password.expose());
            let other = format!("{password}x");
            presented.is_of(user)
                && presented.is_right(user, password, "GET", b"")
                && !presented.is_right(user, &other, "GET", b"")
        });
        TestResult::from_bool(good)
    }

    fn any_text_in_place_of_credentials_is_read_without_a_panic(text: String) -> bool {
        let _ = presented_or_none(&format!("Digest {text}"));
        true
    }
}

fn presented_or_none(value: &str) -> Option<Presented> {
    let read = Authorization::parse([value.as_bytes()].into_iter());
    Presented::read(&read.credentials?).ok()
}

#[test]
fn challenges_made_here_lack_nothing() {
    let made = DigestChallenge {
        realm: "r",
        nonce: "n",
        algorithm: Algorithm::Sha256,
        qop: &Qop::ALL,
        opaque: None,
        domain: None,
        stale: true,
        utf8: true,
        userhash: true,
    };
    let made = made.to_challenge();
    assert_eq!(
        crate::auth::registered("digest").unwrap().missing(&made),
        [""; 0]
    );
}

/// What a program makes of an outline for a challenge.
fn made(outline: &DigestOutline, nonce: &str, opaque: &str, method: &str, uri: &str) -> String {
    let nonce = match &outline.nonce {
        OutlinedNonce::Own => nonce.to_owned(),
        OutlinedNonce::Fixed(nonce) => nonce.clone(),
        OutlinedNonce::Turned(turned) if turned.keeps_half => {
            unlike::Turned::second_half(nonce).of(nonce)
        }
        OutlinedNonce::Turned(_) => unlike::foreign(nonce),
    };
    let uri = outline.uri.as_deref().unwrap_or(uri);
    let hash = |parts: &[&str]| {
        let parts: Vec<&[u8]> = parts.iter().map(|part| part.as_bytes()).collect();
        outline.algorithm.hash(&parts)
    };
    let mut key = hash(&[&outline.user, &outline.realm, outline.password.expose()]);
    if outline.is_session() {
        key = hash(&[&key, &nonce, &outline.cnonce]);
    }
    let request = hash(&[method, uri]);
    let DigestOutline { count, cnonce, .. } = outline;
    let response = match &outline.qop {
        Some(qop) => hash(&[&key, &nonce, count, cnonce, qop, &request]),
        None => hash(&[&key, &nonce, &request]),
    };
    let text = outline.value.replace(DigestOutline::NONCE, &nonce);
    let text = text.replace(DigestOutline::OPAQUE, opaque);
    let text = text.replace(DigestOutline::URI, uri);
    text.replace(DigestOutline::RESPONSE, &response)
}

#[test]
fn an_outline_comes_to_the_answer_itself() {
    let cast = Identity::needed_for(&[Scheme::Digest], CredentialState::ALL, TokenKind::Opaque);
    let known = Nonces::known().issue(7);
    let (mut outlined, mut left) = (0, Vec::new());
    for rest in [
        "qop=\"auth\", algorithm=SHA-256, opaque=\"b3A=\"",
        "algorithm=MD5-sess, qop=\"auth\"",
        "opaque=\"\"",
    ] {
        for nonce in [known.as_str(), "f2/wE4q74E6zIJEtWaHKaf5wv", "17"] {
            let challenge = challenge(&format!("Digest realm=\"a b\", nonce=\"{nonce}\", {rest}"));
            let context = Context {
                method: "GET",
                target: "/s0/resource",
                challenge: Some(&challenge),
                ..Context::default()
            };
            let opaque = challenge.param("opaque").unwrap_or_default();
            for state in CredentialState::ALL.iter().copied() {
                let Ok(Some(minted)) = mint(Scheme::Digest, state, &cast, &context) else {
                    continue;
                };
                let Ok(outline) = DigestOutline::of(state, &cast, &context) else {
                    left.push(state.word());
                    continue;
                };
                let text = made(&outline, nonce, opaque, "GET", "/s0/resource");
                // The nonce of the client hangs on that of the server, which is no matter to either.
                let sent = minted.authorization().unwrap();
                assert_eq!(text, sent, "{state} {nonce} {rest}");
                outlined += 1;
            }
        }
    }
    left.sort_unstable();
    left.dedup();
    // The user-id of the second is not ASCII; the others hang on several answers.
    assert_eq!(left, ["next-nonce", "replayed", "utf-8"]);
    assert!(outlined > 100, "{outlined}");
    let hashed = challenge("Digest realm=\"a\", nonce=\"1\", userhash=true");
    let context = Context {
        challenge: Some(&hashed),
        ..Context::default()
    };
    assert!(DigestOutline::of(CredentialState::Valid, &cast, &context).is_err());
}

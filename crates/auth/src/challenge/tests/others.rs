//! Credentials and `Authentication-Info`: the fields beside the challenge.

use super::*;

fn credentials(lines: &[&[u8]]) -> Authorization {
    Authorization::parse(lines.iter().copied())
}

fn words(problems: &[Problem]) -> Vec<&'static str> {
    problems.iter().map(|p| p.departure.word()).collect()
}

#[test]
fn credentials_are_read_and_their_departures_named() {
    for (lines, scheme, rest, departures) in [
        (&[][..], None, &b""[..], &[][..]),
        (&[&b"Basic dTpw"[..]], Some("Basic"), b"dTpw", &[]),
        (&[b"basic   dTpw="], Some("basic"), b"dTpw=", &[]),
        (&[b"Negotiate"], Some("Negotiate"), b"", &[]),
        (&[b""], None, b"", &["no-credentials"]),
        (&[b" , "], None, b"", &["no-credentials"]),
        (
            &[b"Basic\tdTpw"],
            Some("Basic"),
            b"dTpw",
            &["tab-after-scheme"],
        ),
        (&[b"Basic dTpw "], Some("Basic"), b"dTpw ", &[]),
        (
            &[b"Basic !x"],
            Some("Basic"),
            b"!x",
            &["not-token68-nor-parameter"],
        ),
        (
            &[b"Basic dTpw,"],
            Some("Basic"),
            b"dTpw,",
            &["not-token68-nor-parameter"],
        ),
        (
            &[b", Basic dTpw"],
            Some("Basic"),
            b"dTpw",
            &["not-token68-nor-parameter"],
        ),
        (
            &[b"A b=c,, d=e"],
            Some("A"),
            b"b=c,, d=e",
            &["empty-list-element"],
        ),
        (
            &[b"Basic dTpw, Bearer x"],
            Some("Basic"),
            b"dTpw, Bearer x",
            &["several-credentials"],
        ),
        (
            &[b"Basic dTpw", b"Bearer x"],
            Some("Basic"),
            b"dTpw",
            &["several-lines"],
        ),
        (
            &[b"", b"Bearer x"],
            Some("Bearer"),
            b"x",
            &["no-credentials", "several-lines"],
        ),
        (
            &[b"dTpw=="],
            None,
            b"",
            &["value-not-a-token", "parameter-before-scheme"],
        ),
    ] {
        let read = credentials(lines);
        let have = read.credentials.as_ref().map(|one| one.scheme.as_str());
        let shown: Vec<_> = lines
            .iter()
            .map(|line| line.escape_ascii().to_string())
            .collect();
        assert_eq!(have, scheme, "{shown:?}");
        assert_eq!(read.rest, rest, "{shown:?}");
        assert_eq!(words(&read.problems), departures, "{shown:?}");
        let certain = departures.iter().all(|word| *word == "empty-list-element");
        assert_eq!(read.strict().is_some(), certain, "{shown:?}");
        assert_eq!(read.is_well_formed(), departures.is_empty(), "{shown:?}");
    }
}

#[test]
fn what_is_printed_is_read_back_as_credentials_too() {
    fn law(sent: Challenge) -> bool {
        let bytes = sent.to_bytes();
        let read = credentials(&[&bytes]);
        read.is_well_formed() && read.credentials == Some(sent)
    }
    QuickCheck::new()
        .tests(1_000)
        .quickcheck(law as fn(Challenge) -> bool);
}

#[test]
fn authentication_info_is_a_list_of_parameters() {
    for (lines, params, departures) in [
        (&[][..], &[][..], &[][..]),
        (
            &[&b"nextnonce=\"n\", qop=auth, rspauth=\"\", nc=00000001"[..]],
            &["nextnonce=n", "qop=auth", "rspauth=", "nc=00000001"],
            &[],
        ),
        (&[b"a=b", b"c=d"], &["a=b", "c=d"], &[]),
        (
            &[b"a=b,,A=c"],
            &["a=b", "A=c"],
            &["empty-list-element", "duplicate-parameter"],
        ),
        (&[b"a = b"], &["a=b"], &["white-space-around-equals"]),
        (
            &[b"Digest a=b"],
            &["a=b"],
            &["not-a-parameter", "missing-comma"],
        ),
        (&[b"a=b c=d"], &["a=b", "c=d"], &["missing-comma"]),
        (&[b"a=\"b, c=d"], &["a=b, c=d"], &["unclosed-quote"]),
        (&[b"dTpw,"], &[], &["not-a-parameter", "empty-list-element"]),
    ] {
        let read = AuthenticationInfo::parse(lines.iter().copied());
        let have: Vec<_> = read
            .params
            .iter()
            .map(|p| format!("{}={}", p.name, p.value))
            .collect();
        assert_eq!(have, params);
        assert_eq!(words(&read.problems), departures, "{have:?}");
        assert_eq!(read.is_well_formed(), departures.is_empty());
        assert_eq!(
            read.param("QOP"),
            have.contains(&"qop=auth".to_owned()).then_some("auth")
        );
    }
}

#[test]
fn how_a_parameter_was_written_is_kept() {
    let read = parse(&[b"Digest realm=\"a\\b\", stale=\"true\", nc=1, x=a@b, y=, z=\"c"]);
    let params = &read.list[0].params;
    let forms: Vec<_> = params
        .iter()
        .map(|p| (p.form.word(), p.raw.as_slice()))
        .collect();
    assert_eq!(
        forms,
        [
            ("quoted", &b"\"a\\b\""[..]),
            ("quoted", b"\"true\""),
            ("token", b"1"),
            ("bare", b"a@b"),
            ("bare", b""),
            ("unclosed", b"\"c"),
        ]
    );
    assert_eq!(read.list[0].params_named("STALE").count(), 1);
    assert_eq!(read.list[0].line, 0);
    assert_eq!(parse(&[b"", b"A, B"]).list[1].line, 1);
}

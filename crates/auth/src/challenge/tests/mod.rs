mod abnf;
mod departures;
mod others;

use quickcheck::QuickCheck;

use super::*;

fn parse(lines: &[&[u8]]) -> Challenges {
    Challenges::parse(lines.iter().copied())
}

/// One line for what was read: `scheme|token68|name=value` with challenges apart by ` ; `.
fn brief(read: &Challenges) -> String {
    let one = |challenge: &Challenge| {
        let mut parts = vec![challenge.scheme.clone()];
        parts.extend(challenge.token68.iter().map(|text| format!("<{text}>")));
        parts.extend(
            challenge
                .params
                .iter()
                .map(|p| format!("{}={}", p.name, p.value)),
        );
        parts.join("|")
    };
    read.list.iter().map(one).collect::<Vec<_>>().join(" ; ")
}

#[test]
fn reads_what_the_grammar_allows_without_a_problem() {
    for (line, expected) in [
        ("", ""),
        (" \t", ""),
        ("Bearer", "Bearer"),
        (r#"Basic realm="Service-now""#, "Basic|realm=Service-now"),
        (r#"BASIC REALM="x""#, "BASIC|REALM=x"),
        (r#"Basic  realm="x""#, "Basic|realm=x"),
        ("Negotiate, NTLM", "Negotiate ; NTLM"),
        ("Negotiate , NTLM ", "Negotiate ; NTLM"),
        ("negotiate,basic realm=\"x\"", "negotiate ; basic|realm=x"),
        ("Negotiate oRQw==", "Negotiate|<oRQw==>"),
        (
            "Negotiate a/b+c~=, Basic realm=\"x\"",
            "Negotiate|<a/b+c~=> ; Basic|realm=x",
        ),
        ("scheme4 aaaa=", "scheme4|<aaaa=>"),
        ("scheme3 aaaa=aaaa", "scheme3|aaaa=aaaa"),
        ("blah blah, blah", "blah|<blah> ; blah"),
        (r#"Basic realm="a, Basic b""#, "Basic|realm=a, Basic b"),
        (
            r#"Digest realm="x", qop="auth, auth-int", algorithm=MD5, nonce="""#,
            "Digest|realm=x|qop=auth, auth-int|algorithm=MD5|nonce=",
        ),
        (
            r#"Basic realm="\"foo\" \f\o\\o""#,
            r#"Basic|realm="foo" fo\o"#,
        ),
        (
            r#"Newauth realm="x", basic=foo, Basic realm="y""#,
            "Newauth|realm=x|basic=foo ; Basic|realm=y",
        ),
        (
            r#"Bearer error="invalid_token" , scope="a b",Basic realm="x""#,
            "Bearer|error=invalid_token|scope=a b ; Basic|realm=x",
        ),
    ] {
        let read = parse(&[line.as_bytes()]);
        assert_eq!(brief(&read), expected, "{line}");
        assert!(read.is_well_formed(), "{line}: {:?}", read.problems);
        assert_eq!(read.strict(), Some(read.list.as_slice()), "{line}");
    }
}

#[test]
fn reads_on_past_every_departure_and_notes_it() {
    for (line, expected, at, what) in [
        (",Basic", "Basic", 0, "empty list element"),
        ("Basic,, Bearer", "Basic ; Bearer", 6, "empty list element"),
        ("Basic,", "Basic", 5, "empty list element at the end"),
        (",", "", 0, "empty list element"),
        (
            r#"Basic , realm="x""#,
            "Basic|realm=x",
            8,
            "empty list element before parameter `realm`",
        ),
        (
            r#"Basic, realm="x""#,
            "Basic|realm=x",
            7,
            "parameter `realm` after an auth-scheme that a comma has ended",
        ),
        (
            r#"Basic realm = "x""#,
            "Basic|realm=x",
            11,
            "white space around `=`",
        ),
        (
            "Basic realm=\t\"x\"",
            "Basic|realm=x",
            11,
            "white space around `=`",
        ),
        (
            "Basic\trealm=\"x\"",
            "Basic|realm=x",
            5,
            "tab after the auth-scheme, where only spaces may be",
        ),
        (
            r#"Basic realm="a", Realm="b""#,
            "Basic|realm=a|Realm=b",
            17,
            "parameter `Realm` occurs more than once",
        ),
        (
            "Basic realm=foo",
            "Basic|realm=foo",
            12,
            "value of `realm` must be quoted",
        ),
        (
            "Basic realm='foo'",
            "Basic|realm='foo'",
            12,
            "value of `realm` must be quoted",
        ),
        (
            "Basic realm=a@b",
            "Basic|realm=a@b",
            13,
            "value of `realm` must be quoted: it is not a token",
        ),
        (
            "Digest a=b, opaque=, c=d",
            "Digest|a=b|opaque=|c=d",
            19,
            "parameter `opaque` has no value",
        ),
        (
            r#"Basic realm="foo"#,
            "Basic|realm=foo",
            12,
            "quoted string without its closing quote",
        ),
        (
            r#"Basic realm="foo\"#,
            "Basic|realm=foo",
            12,
            "quoted string without its closing quote",
        ),
        (
            r#"Basic realm="a" Bearer realm="b""#,
            "Basic|realm=a ; Bearer|realm=b",
            16,
            "no comma before this",
        ),
        (
            r#"Basic Auth realm="x""#,
            "Basic|<Auth>|realm=x",
            11,
            "no comma before this",
        ),
        (
            r#"Negotiate abc=, realm="x""#,
            "Negotiate|<abc=>|realm=x",
            16,
            "parameter `realm` beside a token68",
        ),
        (
            r#"realm="x", Basic"#,
            "Basic",
            0,
            "parameter `realm` before any auth-scheme",
        ),
        (
            r#""Basic, x" , Bearer"#,
            "Bearer",
            0,
            "neither an auth-scheme nor a parameter",
        ),
        (
            r#"Basic: realm="x""#,
            "Basic|realm=x",
            5,
            "no space after the auth-scheme",
        ),
        (
            r#"Basic "x, y", Bearer"#,
            "Basic ; Bearer",
            6,
            "neither a token68 nor a parameter",
        ),
        (
            "Basic a*b, Bearer",
            "Basic ; Bearer",
            6,
            "neither a token68 nor a parameter",
        ),
        (
            "Basic realm=\"a\rb\"",
            "Basic|realm=a\rb",
            14,
            "control character 0x0d in a quoted string",
        ),
    ] {
        let read = parse(&[line.as_bytes()]);
        assert_eq!(brief(&read), expected, "{line}");
        let first = read.problems.first().expect(line);
        assert_eq!(
            (first.bytes.start, first.what.as_str()),
            (at, what),
            "{line}"
        );
        assert!(!read.is_well_formed(), "{line}");
    }
}

#[test]
fn lines_are_read_in_order_and_places_name_their_line() {
    let read = parse(&[b"BEARER realm=\"a\"", b"", b"BASIC realm=b"]);
    assert_eq!(brief(&read), "BEARER|realm=a ; BASIC|realm=b");
    let places: Vec<_> = read
        .problems
        .iter()
        .map(|p| (p.line, p.bytes.start))
        .collect();
    assert_eq!(places, [(2, 12)]);
    assert_eq!(
        read.problems[0].to_string(),
        "line 3, byte 13: value of `realm` must be quoted"
    );

    let split = parse(&[b"Digest realm=\"a\"", b"nonce=\"b\""]);
    assert_eq!(brief(&split), "Digest|realm=a|nonce=b");
    assert_eq!((split.problems.len(), split.problems[0].line), (1, 1));
}

#[test]
fn bytes_beyond_ascii_are_kept_as_latin_1() {
    let read = parse(&[b"Basic realm=\"caf\xe9 \xc3\xa9\""]);
    assert_eq!(read.list[0].param("Realm"), Some("caf\u{e9} \u{c3}\u{a9}"));
    assert!(read.is_well_formed() && read.strict().is_some());
    assert_eq!(read.list[0].to_bytes(), b"Basic realm=\"caf\xe9 \xc3\xa9\"");
}

#[test]
fn long_input_is_read_with_bounded_notes() {
    let many = |piece: &str| piece.repeat(65_536 / piece.len());
    let distinct: String = (0..8_000).map(|n| format!("p{n}=v,")).collect();
    for input in [
        many(","),
        many("\""),
        many("a "),
        many("a=\"\\"),
        many("Basic,"),
        many("a=b,"),
        format!("Basic {}", many("a=b,")),
        format!("Basic {distinct}"),
        format!("Basic realm=\"{}\"", many("x")),
        many(" "),
        many("="),
    ] {
        let read = parse(&[input.as_bytes()]);
        assert!(read.problems.len() <= 16 * Departure::ALL.len());
    }
}

#[test]
fn what_is_printed_is_read_back_the_same() {
    fn law(sent: Vec<Challenge>) -> bool {
        let bytes: Vec<Vec<u8>> = sent.iter().map(Challenge::to_bytes).collect();
        let apart = Challenges::parse(bytes.iter().map(Vec::as_slice));
        let joined = bytes.join(&b", "[..]);
        let together = Challenges::parse(std::iter::once(joined.as_slice()));
        apart.list == together.list && apart.strict().map(<[_]>::to_vec) == Some(sent)
    }
    QuickCheck::new()
        .tests(1_000)
        .quickcheck(law as fn(Vec<Challenge>) -> bool);
}

#[test]
fn whatever_is_read_prints_as_something_that_reads_the_same() {
    fn law(noise: Vec<u8>, picks: Vec<u8>) -> bool {
        // Mostly characters that mean something to the grammar, or nothing interesting happens.
        const PIECES: &[&[u8]] = &[b"Basic", b" ", b",", b"=", b"\"", b"\\", b"\t", b"a", b"=="];
        let mut input = noise;
        for pick in picks {
            input.extend_from_slice(PIECES[usize::from(pick) % PIECES.len()]);
        }
        let read = Challenges::parse(std::iter::once(input.as_slice()));
        let printed: Vec<Vec<u8>> = read.list.iter().map(Challenge::to_bytes).collect();
        Challenges::parse(printed.iter().map(Vec::as_slice)).list == read.list
    }
    QuickCheck::new()
        .tests(5_000)
        .quickcheck(law as fn(Vec<u8>, Vec<u8>) -> bool);
}

//! Each departure: shown, pointed at, graded, and written on purpose.

use super::*;
use crate::{Recipient, Sender};

/// The only departures of these lines: word, line, bytes.
fn noted(lines: &[&[u8]]) -> Vec<(&'static str, usize, std::ops::Range<usize>)> {
    let place = |p: &Problem| (p.departure.word(), p.line, p.bytes.clone());
    parse(lines).problems.iter().map(place).collect()
}

#[test]
fn each_is_pointed_at_with_its_first_and_last_byte() {
    for (lines, word, line, bytes) in [
        (
            &[&b"Basic realm=\"x\" , ,NTLM"[..]][..],
            "empty-list-element",
            0,
            18..19,
        ),
        (&[b"Basic", b"NTLM,"], "empty-list-element", 1, 4..5),
        (&[b"Basic , realm=\"x\""], "empty-list-element", 0, 8..13),
        (&[b"A b=c D e=f"], "missing-comma", 0, 6..7),
        (&[b"realm=\"x\""], "parameter-before-scheme", 0, 0..5),
        (&[b"A b=c", b"d=e"], "parameter-begins-line", 1, 0..1),
        (
            &[b"Basic, realm=\"x\""],
            "parameter-after-bare-scheme",
            0,
            7..12,
        ),
        (
            &[b"Basic", b"realm=\"x\""],
            "parameter-after-bare-scheme",
            1,
            0..5,
        ),
        (&[b"A b=, c=d"], "parameter-beside-token68", 0, 6..7),
        (&[b"(A), B"], "not-a-challenge", 0, 0..3),
        (&[b"Basic:x"], "no-space-after-scheme", 0, 5..7),
        (&[b"Basic \t realm=\"x\""], "tab-after-scheme", 0, 6..7),
        (&[b"Basic @@@"], "not-token68-nor-parameter", 0, 6..9),
        (
            &[b"Basic realm \t= \"x\""],
            "white-space-around-equals",
            0,
            11..15,
        ),
        (&[b"A b=\"\",B=\"\""], "duplicate-parameter", 0, 7..8),
        (&[b"Basic realm=x"], "realm-not-quoted", 0, 12..13),
        (&[b"A b=c/d"], "value-not-a-token", 0, 5..7),
        (&[b"A b=c, d= , e=f"], "missing-value", 0, 10..10),
        (&[b"A b=\"c, d"], "unclosed-quote", 0, 4..9),
        (&[b"A b=\"c\\"], "unclosed-quote", 0, 4..7),
        (&[b"A b=\"\x7f\""], "control-character", 0, 5..6),
        (&[b"A b=\"c\nd\""], "control-character", 0, 6..7),
        (&[b"A b=\"\\c\""], "needless-quoted-pair", 0, 5..7),
        (&[b"A b=\"c\xc3\xa4d\xff\""], "obs-text", 0, 6..10),
        (&[b"Basic\r\n  realm=\"x\""], "obs-fold", 0, 5..9),
        (&[b"Basic\r\n\r\n realm=\"x\""], "obs-fold", 0, 5..10),
    ] {
        let read: Vec<_> = noted(lines)
            .into_iter()
            .filter(|(_, at, range)| (*at, range) == (line, &bytes))
            .collect();
        let wanted: Vec<(&str, usize, std::ops::Range<usize>)> = vec![(word, line, bytes)];
        // White space before an empty value is its own matter.
        assert_eq!(read.last(), wanted.last(), "{lines:?}");
    }
}

#[test]
fn what_may_be_sent_is_no_departure() {
    for line in [
        &b""[..],
        b" ",
        b"Basic   realm=\"x\"",
        b"A b=c,d=\"\\\"\\\\\"",
        b"NTLM a/b=, Basic realm=\"\\\\\"",
    ] {
        let found = noted(&[line]);
        assert_eq!(found, [], "{line:?}");
    }
}

#[test]
fn grades_decide_what_is_certain_and_what_is_well_formed() {
    let (mut certain, mut sendable) = (0, 0);
    for departure in Departure::ALL {
        let problem = Problem {
            departure: *departure,
            line: 0,
            bytes: 0..1,
            what: String::new(),
        };
        let read = Challenges {
            list: Vec::new(),
            problems: vec![problem],
        };
        let must_cope = departure.recipient() == Recipient::MustCope;
        assert_eq!(read.strict().is_some(), must_cope);
        let may_send = departure.sender() != Sender::MustNot;
        assert_eq!(read.is_well_formed(), may_send);
        // What may be sent must be understood.
        assert!(must_cope || !may_send, "{departure}");
        certain += usize::from(must_cope);
        sendable += usize::from(may_send);
    }
    assert!(certain > sendable && sendable > 0);
}

#[test]
fn each_can_be_written_on_purpose() {
    let challenges = [
        Challenge::new("Digest")
            .with(Param::quoted("realm", "here"))
            .with(Param::quoted("nonce", "n")),
        Challenge::new("Basic").with(Param::quoted("realm", "here")),
    ];
    let mut written = 0;
    for departure in Departure::ALL {
        let Some(lines) = departing(*departure, &challenges) else {
            continue;
        };
        written += 1;
        let lines: Vec<&[u8]> = lines.iter().map(Vec::as_slice).collect();
        let read = parse(&lines);
        assert!(
            read.departing(*departure).next().is_some(),
            "{departure}: {lines:?}"
        );
        if departure.recipient() == Recipient::MustCope {
            let kinds: Vec<&str> = read.problems.iter().map(|p| p.departure.word()).collect();
            assert!(
                kinds.iter().all(|kind| *kind == departure.word()),
                "{kinds:?}"
            );
            let schemes: Vec<&str> = read.list.iter().map(|c| c.scheme.as_str()).collect();
            assert_eq!(schemes, ["Digest", "Basic"], "{departure}");
        }
    }
    // The others are of fields that hold no challenges.
    assert_eq!(written, Departure::of_challenges().count());
}

#[test]
fn a_layout_says_the_same_in_another_way() {
    let challenges = [
        Challenge::new("Digest")
            .with(Param::quoted("realm", "a \"b\", c"))
            .with(Param::token("stale", "true")),
        Challenge {
            token68: Some("abc==".to_owned()),
            ..Challenge::new("Negotiate")
        },
        Challenge::new("NTLM"),
    ];
    let plain = ListStyle::default();
    for (layout, expected) in [
        (
            plain.clone(),
            &[
                "Digest realm=\"a \\\"b\\\", c\", stale=true",
                "Negotiate abc==",
                "NTLM",
            ][..],
        ),
        (
            ListStyle {
                lines: Lines::Joined(","),
                order: Order::Reversed,
                schemes: Spelling::Odd,
                names: Spelling::Upper,
                quoting: Quoting::Always,
                comma: ",",
                ..plain.clone()
            },
            &["nTlM,nEgOtIaTe abc==,dIgEsT REALM=\"a \\\"b\\\", c\",STALE=\"true\""],
        ),
    ] {
        let lines = layout.write(&challenges);
        let shown: Vec<_> = lines
            .iter()
            .map(|line| String::from_utf8_lossy(line))
            .collect();
        assert_eq!(shown, expected);
        let read = Challenges::parse(lines.iter().map(Vec::as_slice));
        assert!(read.is_well_formed() && read.list.len() == 3);
    }
    let split = ListStyle {
        lines: Lines::Split,
        ..plain
    };
    assert_eq!(split.write(&challenges).len(), 4);
    assert_eq!(split.write(&[]), Vec::<Vec<u8>>::new());
}

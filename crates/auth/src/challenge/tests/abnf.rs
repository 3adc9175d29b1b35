//! The grammar once more, straight from the ABNF and by exhaustive search, and the law that the
//! parser's two strict answers are what it says.

use std::collections::BTreeSet;

use quickcheck::QuickCheck;

use super::*;
use crate::grammar::{is_space, is_tchar, is_token68_char};

/// A challenge: auth-scheme, token68, parameters with their values.
type Read = (String, Option<String>, Vec<(String, String)>);

/// RFC 9110 §11.3 and §5.6.1, as senders generate it or as recipients must read it.
struct Abnf<'a> {
    input: &'a [u8],
    sender: bool,
}

impl Abnf<'_> {
    fn at(&self, at: usize) -> Option<u8> {
        self.input.get(at).copied()
    }

    fn run(&self, mut at: usize, class: impl Fn(u8) -> bool) -> usize {
        while self.at(at).is_some_and(&class) {
            at += 1;
        }
        at
    }

    fn text(&self, from: usize, to: usize) -> String {
        self.input[from..to]
            .iter()
            .map(|b| char::from(*b))
            .collect()
    }

    /// Every way to read `#element` from `at` on: where it ends, and the elements.
    fn list<T: Clone>(
        &self,
        at: usize,
        element: &dyn Fn(usize) -> Vec<(usize, T)>,
    ) -> Vec<(usize, Vec<T>)> {
        let mut open: Vec<(usize, Vec<T>)> = vec![];
        let mut all = vec![];
        let first = element(at).into_iter().map(|(end, one)| (end, vec![one]));
        open.extend(first);
        all.push((at, vec![]));
        if !self.sender {
            open.push((at, vec![]));
        }
        while let Some((end, read)) = open.pop() {
            all.push((end, read.clone()));
            let comma = self.run(end, is_space);
            if self.at(comma) != Some(b',') {
                continue;
            }
            let next = self.run(comma + 1, is_space);
            for (end, one) in element(next) {
                open.push((end, [read.clone(), vec![one]].concat()));
            }
            if !self.sender {
                // `OWS "," OWS [ element ]`: white space behind the comma belongs to it or not.
                open.push((comma + 1, read));
            }
        }
        all
    }

    fn challenge(&self, at: usize) -> Vec<(usize, Read)> {
        let end = self.run(at, is_tchar);
        if end == at {
            return vec![];
        }
        let scheme = self.text(at, end);
        let mut all = vec![(end, (scheme.clone(), None, vec![]))];
        let spaces = self.run(end, |b| b == b' ');
        // `1*SP` may stop at any of them.
        for start in end + 1..=spaces {
            let body = self.run(start, is_token68_char);
            let padded = self.run(body, |b| b == b'=');
            if body > start {
                let token68 = Some(self.text(start, padded));
                all.push((padded, (scheme.clone(), token68, vec![])));
            }
            for (end, params) in self.list(start, &|at| self.param(at)) {
                all.push((end, (scheme.clone(), None, params)));
            }
        }
        all
    }

    fn param(&self, at: usize) -> Vec<(usize, (String, String))> {
        let end = self.run(at, is_tchar);
        let blank = |at| match self.sender {
            true => at,
            false => self.run(at, is_space),
        };
        let equals = blank(end);
        if end == at || self.at(equals) != Some(b'=') {
            return vec![];
        }
        let start = blank(equals + 1);
        let name = self.text(at, end);
        if self.at(start) == Some(b'"') {
            let Some((end, value)) = self.quoted(start + 1) else {
                return vec![];
            };
            return vec![(end, (name, value))];
        }
        let stop = self.run(start, is_tchar);
        if stop == start || self.sender && name.eq_ignore_ascii_case("realm") {
            return vec![];
        }
        vec![(stop, (name, self.text(start, stop)))]
    }

    fn quoted(&self, mut at: usize) -> Option<(usize, String)> {
        let mut value = String::new();
        loop {
            let mut byte = self.at(at)?;
            if byte == b'"' {
                return Some((at + 1, value));
            }
            if byte == b'\\' {
                at += 1;
                byte = self.at(at)?;
            }
            if byte.is_ascii_control() && byte != b'\t' {
                return None;
            }
            value.push(char::from(byte));
            at += 1;
        }
    }

    /// Every reading of the whole field value. Names occur once in a challenge (§11.2), which is
    /// beside the ABNF.
    fn readings(&self) -> BTreeSet<Vec<Read>> {
        let whole = |end: &usize| *end == self.input.len();
        let all = self.list(0, &|at| self.challenge(at)).into_iter();
        let all = all.filter(|(end, _)| whole(end)).map(|(_, list)| list);
        all.filter(|list| list.iter().all(|(_, _, params)| distinct(params)))
            .collect()
    }
}

fn distinct(params: &[(String, String)]) -> bool {
    let names = params.iter().map(|(name, _)| name.to_ascii_lowercase());
    names.collect::<BTreeSet<_>>().len() == params.len()
}

fn trimmed(mut input: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = input {
        input = rest;
    }
    input
}

/// What is wrong with the parser's answers for this field value, if anything.
fn disagreement(input: &[u8]) -> Option<String> {
    // White space round a field value is no part of it (RFC 9110 §5.5).
    let input = trimmed(input);
    let read = parse(&[input]);
    let simple = |c: &Challenge| {
        let params = c.params.iter().map(|p| (p.name.clone(), p.value.clone()));
        (c.scheme.clone(), c.token68.clone(), params.collect())
    };
    let strict = read
        .strict()
        .map(|list| list.iter().map(simple).collect::<Vec<Read>>());
    let by_grammar = |sender| Abnf { input, sender }.readings();
    let recipients = by_grammar(false);
    if recipients.len() > 1 {
        return Some(format!("two readings: {recipients:?}"));
    }
    let only = recipients.into_iter().next();
    if only != strict {
        return Some(format!("strictly {strict:?}, by the ABNF {only:?}"));
    }
    let senders = by_grammar(true);
    if senders.is_empty() == read.is_well_formed() {
        return Some(format!("{:?}, by the ABNF {senders:?}", read.problems));
    }
    None
}

#[test]
fn short_values_are_read_as_the_abnf_says() {
    let mut strict = 0;
    for (bytes, longest) in [(&b"a ,=\"\\\t\x01"[..], 5), (b"a ,=\t", 7), (b"a=\"\\", 7)] {
        for length in 0..=longest {
            for number in 0..bytes.len().pow(length) {
                let digit = |place: u32| bytes[number / bytes.len().pow(place) % bytes.len()];
                let input: Vec<u8> = (0..length).map(digit).collect();
                assert_eq!(disagreement(&input), None, "{}", input.escape_ascii());
                strict += usize::from(parse(&[&input]).strict().is_some());
            }
        }
    }
    assert!(strict > 1_000, "{strict}");
}

#[test]
fn longer_values_are_read_as_the_abnf_says() {
    fn law(picks: Vec<u8>) -> bool {
        const PIECES: &[&[u8]] = &[
            b"Basic ",
            b"b",
            b"realm",
            b"c=d",
            b" ",
            b",",
            b", ",
            b"=",
            b"\"",
            b"\"\"",
            b"\\",
            b"\"e, F g=h\"",
            b"realm=\"x\"",
            b"i=",
            b"==",
            b"\t",
            b"\xe4",
            b"/",
            b"B ",
        ];
        let pick = |pick: u8| PIECES[usize::from(pick) % PIECES.len()];
        let picks = picks.into_iter().take(12);
        let input: Vec<u8> = picks.flat_map(|p| pick(p).to_vec()).collect();
        match disagreement(&input) {
            None => true,
            Some(why) => panic!("{}: {why}", input.escape_ascii()),
        }
    }
    QuickCheck::new()
        .tests(20_000)
        .quickcheck(law as fn(Vec<u8>) -> bool);
}

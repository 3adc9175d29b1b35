//! What is wrong about the framing of an answer whose head can be read all the same.

use super::message::{BodyEnd, FieldLine};

/// Something wrong about where an answer ends. Its head was an answer, and is judged as one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Irregular {
    /// The connection ended before the length that the head says (RFC 9112 §8).
    Short,
    /// The chunked coding cannot be read, or ended early (RFC 9112 §7.1).
    Chunks,
    /// The body did not end in time.
    Late,
    /// The body is longer than is read of one.
    Long,
    /// There was a `Content-Length` beside a `Transfer-Encoding` (RFC 9112 §6.2).
    TwoLengths,
    /// More bytes came than the length that the head says.
    Beyond,
    /// The answer to a `HEAD` carried a body (RFC 9110 §9.3.2).
    ToHead,
}

impl Irregular {
    /// Every kind.
    pub const ALL: [Self; 7] = [
        Self::Short,
        Self::Chunks,
        Self::Late,
        Self::Long,
        Self::TwoLengths,
        Self::Beyond,
        Self::ToHead,
    ];

    /// What is so in a number of answers: `in 8 answers …`.
    pub fn words(self) -> &'static str {
        match self {
            Self::Short => "the connection ended before the body had its length (RFC 9112 §8)",
            Self::Chunks => {
                "the chunked coding of the body could not be read to its end (RFC 9112 §7.1)"
            }
            Self::Late => "the end of the body did not come in time",
            Self::Long => "the body was longer than is read, and no end of it was waited for",
            Self::TwoLengths => {
                "a Content-Length stood beside a Transfer-Encoding, which may be an attempt at \
                 smuggling (RFC 9112 §6.3)"
            }
            Self::Beyond => {
                "bytes were left over behind the body's length, and were for nobody (RFC 9112 §9.2)"
            }
            Self::ToHead => {
                "a body followed the answer to a HEAD, which has none (RFC 9110 §9.3.2)"
            }
        }
    }

    fn bit(self) -> u8 {
        1 << (self as u8)
    }
}

/// A set of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Irregularities(u8);

impl Irregularities {
    /// Whether there is none.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Those that there are.
    pub fn iter(self) -> impl Iterator<Item = Irregular> {
        Irregular::ALL
            .into_iter()
            .filter(move |one| self.0 & one.bit() != 0)
    }

    fn insert(&mut self, one: Irregular) {
        self.0 |= one.bit();
    }
}

impl FromIterator<Irregular> for Irregularities {
    fn from_iter<I: IntoIterator<Item = Irregular>>(all: I) -> Self {
        let mut these = Self::default();
        all.into_iter().for_each(|one| these.insert(one));
        these
    }
}

/// What is known of an answer of HTTP/1 when its exchange is over.
#[derive(Clone, Copy, Debug)]
pub(super) struct Framing<'a> {
    pub(super) status: u16,
    pub(super) fields: &'a [FieldLine],
    /// Whether it answers a `HEAD`.
    pub(super) to_head: bool,
    pub(super) body_end: BodyEnd,
    /// The bytes behind the head, with whatever framing they have.
    pub(super) behind: &'a [u8],
    /// Whether these are all that came.
    pub(super) whole: bool,
}

/// What is wrong about the framing, and the bytes that are left over where they begin another response.
pub(super) fn look_over(framing: Framing<'_>) -> (Irregularities, Option<&[u8]>) {
    let Framing {
        status,
        fields,
        to_head,
        body_end,
        behind,
        whole,
    } = framing;
    let mut found = Irregularities::default();
    let length = named(fields, "content-length");
    let chunked = named(fields, "transfer-encoding").is_some();
    if chunked && length.is_some() {
        found.insert(Irregular::TwoLengths);
    }
    match body_end {
        BodyEnd::Broken if chunked => found.insert(Irregular::Chunks),
        BodyEnd::Broken => found.insert(Irregular::Short),
        BodyEnd::TooSlow => found.insert(Irregular::Late),
        BodyEnd::TooLong => found.insert(Irregular::Long),
        BodyEnd::Complete => {}
    }
    if body_end != BodyEnd::Complete || !whole {
        return (found, None);
    }
    let length = length
        .and_then(|value| std::str::from_utf8(value).ok())
        .and_then(|value| value.trim().parse::<usize>().ok());
    // RFC 9112 §6.3, in its order.
    let ends = if to_head || status == 204 || status == 304 || status < 200 {
        Some(0)
    } else if chunked {
        chunks(behind)
    } else {
        length
    };
    let rest = ends.and_then(|end| behind.get(end..)).unwrap_or_default();
    if rest.is_empty() {
        return (found, None);
    }
    if to_head && (length == Some(rest.len()) || !begins_response(rest)) {
        found.insert(Irregular::ToHead);
        return (found, None);
    }
    if begins_response(rest) {
        return (found, Some(rest));
    }
    found.insert(Irregular::Beyond);
    (found, None)
}

fn begins_response(bytes: &[u8]) -> bool {
    bytes.trim_ascii_start().starts_with(b"HTTP/")
}

fn named<'a>(fields: &'a [FieldLine], name: &str) -> Option<&'a [u8]> {
    fields
        .iter()
        .find(|field| field.name.eq_ignore_ascii_case(name))
        .map(|field| field.value.as_slice())
}

/// Where a chunked body ends that hyper has read to its end (RFC 9112 §7.1).
fn chunks(bytes: &[u8]) -> Option<usize> {
    let line = |from: usize| {
        let rest = bytes.get(from..)?;
        let length = rest.iter().position(|byte| *byte == b'\n')?;
        Some((rest.get(..length)?, from + length + 1))
    };
    let mut at = 0;
    loop {
        let (size, behind) = line(at)?;
        let size = size.split(|byte| *byte == b';').next()?;
        let size = std::str::from_utf8(size).ok()?.trim();
        let size = usize::from_str_radix(size, 16).ok()?;
        if size == 0 {
            at = behind;
            break;
        }
        // Behind the data stands an empty line.
        at = line(behind.checked_add(size)?)?.1;
    }
    loop {
        let (trailer, behind) = line(at)?;
        if trailer.trim_ascii().is_empty() {
            return Some(behind);
        }
        at = behind;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(
        fields: &[(&str, &str)],
        to_head: bool,
        body_end: BodyEnd,
        behind: &[u8],
    ) -> (Vec<Irregular>, bool) {
        let fields: Vec<FieldLine> = fields
            .iter()
            .map(|(name, value)| FieldLine {
                name: (*name).to_owned(),
                value: value.as_bytes().to_vec(),
            })
            .collect();
        let (found, rest) = look_over(Framing {
            status: 401,
            fields: &fields,
            to_head,
            body_end,
            behind,
            whole: true,
        });
        (found.iter().collect(), rest.is_some())
    }

    #[test]
    fn what_is_wrong_is_told_by_kind() {
        use BodyEnd::{Broken, Complete, TooLong, TooSlow};
        let three = [("Content-Length", "3")];
        let chunked = [("transfer-encoding", "chunked")];
        let both = [three[0], chunked[0]];
        let response = b"abcHTTP/1.1 200 OK\r\n\r\n";
        for (fields, to_head, end, behind, found, another) in [
            (&three[..], false, Complete, &b"abc"[..], &[][..], false),
            (&three, false, Broken, b"a", &[Irregular::Short], false),
            (&three, false, TooSlow, b"a", &[Irregular::Late], false),
            (&three, false, TooLong, b"a", &[Irregular::Long], false),
            (
                &three,
                false,
                Complete,
                b"abcd",
                &[Irregular::Beyond],
                false,
            ),
            (&three, false, Complete, response, &[], true),
            (&three, true, Complete, b"abc", &[Irregular::ToHead], false),
            (&three, true, Complete, b"", &[], false),
            (&[], false, Complete, response, &[], false),
            (
                &chunked,
                false,
                Broken,
                b"zz\r\n",
                &[Irregular::Chunks],
                false,
            ),
            (
                &chunked,
                false,
                Complete,
                b"3;a=b\r\nabc\r\n0\r\n\r\n",
                &[],
                false,
            ),
            (
                &both,
                false,
                Complete,
                b"3\r\nabc\r\n0\r\nT: x\r\n\r\n",
                &[Irregular::TwoLengths],
                false,
            ),
            (
                &chunked,
                false,
                Complete,
                b"3\r\nabc\r\n0\r\n\r\nrest",
                &[Irregular::Beyond],
                false,
            ),
        ] {
            assert_eq!(
                seen(fields, to_head, end, behind),
                (found.to_vec(), another),
                "{}",
                behind.escape_ascii()
            );
        }
    }
}

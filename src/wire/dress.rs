//! A secret in every dress in which a server may send it back.
//!
//! A server that repeats what it was sent, in a page, a log or a cookie, may write it in hexadecimal digits, in base64
//! (RFC 4648, both alphabets, padded or not, alone or within something longer), with percent signs (RFC 3986 §2.1), or with the
//! escapes of JSON and HTML. Whatever of these it is, the secret can be read out of it.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

/// From this many characters on, the case of letters makes no difference: shorter ones stand in words by chance.
const IN_ANY_CASE: usize = 8;

/// The fewest characters of base64 that are looked for.
const SHORTEST_BASE64: usize = 4;

/// How many bytes may stand before a secret in base64 until the characters are the same again.
const ALIGNMENTS: usize = 3;

/// Secrets that are looked for in texts.
#[derive(Clone, Debug, Default)]
pub struct Dressed {
    needles: Vec<Needle>,
}

/// What stands for a secret in a text.
#[derive(Clone)]
struct Needle {
    wanted: Vec<char>,
    /// Whether letters are looked for in either case.
    in_any_case: bool,
    /// Whether it is base64, behind which a character may belong to it still.
    is_base64: bool,
}

// It is a secret.
impl std::fmt::Debug for Needle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("***")
    }
}

impl Dressed {
    /// Secrets, whoever has them.
    pub fn new<'a>(secrets: impl IntoIterator<Item = &'a str>) -> Self {
        let mut dressed = Self::default();
        for secret in secrets {
            dressed.add(secret);
        }
        dressed
    }

    /// One more. What is empty is none.
    pub fn add(&mut self, secret: &str) {
        if secret.is_empty() {
            return;
        }
        self.push(secret, false);
        let latin1: Option<Vec<u8>> = secret.chars().map(|c| u8::try_from(c).ok()).collect();
        let latin1 = latin1.filter(|_| !secret.is_ascii());
        for bytes in [Some(secret.as_bytes().to_vec()), latin1]
            .into_iter()
            .flatten()
        {
            let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            self.push(&digits, false);
            for before in 0..ALIGNMENTS {
                let mut shifted = vec![0; before];
                shifted.extend(&bytes);
                // What hangs on what stands before or behind is no part of it.
                let (from, to) = ((before * 8).div_ceil(6), shifted.len() * 8 / 6);
                for coded in [
                    STANDARD_NO_PAD.encode(&shifted),
                    URL_SAFE_NO_PAD.encode(&shifted),
                ] {
                    if let Some(own) = coded.get(from..to)
                        && own.len() >= SHORTEST_BASE64
                    {
                        self.push(own, true);
                    }
                }
            }
        }
    }

    fn push(&mut self, wanted: &str, is_base64: bool) {
        let wanted: Vec<char> = wanted.chars().collect();
        if self.needles.iter().any(|known| known.wanted == wanted) {
            return;
        }
        self.needles.push(Needle {
            in_any_case: wanted.len() >= IN_ANY_CASE,
            wanted,
            is_base64,
        });
    }

    /// A text with this in place of each of them.
    pub fn hidden(&self, text: &str, mask: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            let may_be = self.needles.iter().filter(|needle| needle.may_begin(first));
            let found = may_be.filter_map(|needle| needle.length(rest));
            let behind = match found.max() {
                Some(length) => {
                    out.push_str(mask);
                    length
                }
                None => {
                    out.push(first);
                    first.len_utf8()
                }
            };
            rest = rest.get(behind..).unwrap_or_default();
        }
        out
    }
}

impl Needle {
    /// Whether a text that begins with a character can begin with this: pages are long, and nearly everywhere it cannot.
    fn may_begin(&self, first: char) -> bool {
        let begins = |wanted: &char| first == *wanted || first.eq_ignore_ascii_case(wanted);
        "%\\&+".contains(first) || self.wanted.first().is_some_and(begins)
    }

    /// How long a text's beginning is that says this, in bytes, if it does.
    fn length(&self, text: &str) -> Option<usize> {
        // Each place to which what was read so far may reach.
        let mut ends = vec![0];
        for wanted in &self.wanted {
            let mut next: Vec<usize> = Vec::new();
            for end in ends {
                let rest = text.get(end..).unwrap_or_default();
                for length in written(*wanted, self.in_any_case, rest) {
                    if !next.contains(&(end + length)) {
                        next.push(end + length);
                    }
                }
            }
            if next.is_empty() {
                return None;
            }
            ends = next;
        }
        let end = ends.into_iter().max()?;
        let rest = text.get(end..).unwrap_or_default();
        Some(match self.is_base64 {
            true => end + remainder(rest),
            false => end,
        })
    }
}

/// How much of the beginning of a text ends what is coded in base64: a character that has the last bits of it, where
/// nothing comes behind, and the padding.
fn remainder(text: &str) -> usize {
    let is_of = |c: char| c.is_ascii_alphanumeric() || "+/-_".contains(c);
    let last = text.chars().take_while(|c| is_of(*c)).count();
    let last = if last == 1 { 1 } else { 0 };
    let rest = text.get(last..).unwrap_or_default();
    last + rest.chars().take_while(|c| *c == '=').take(2).count()
}

/// How long each way is in which a text begins with a character, in bytes: as it is, or escaped.
fn written(wanted: char, in_any_case: bool, text: &str) -> Vec<usize> {
    let Some(first) = text.chars().next() else {
        return Vec::new();
    };
    let is_it = |c: char| c == wanted || in_any_case && c.eq_ignore_ascii_case(&wanted);
    let mut ways = Vec::new();
    if is_it(first) || wanted == ' ' && first == '+' {
        ways.push(first.len_utf8());
    }
    let escaped = match first {
        '%' => bytes_behind(text, wanted, &["%25", "%"], is_it),
        '\\' => behind_backslash(text, wanted, is_it),
        '&' => behind_ampersand(text, is_it),
        _ => None,
    };
    ways.extend(escaped);
    ways
}

/// How long it is as bytes in hexadecimal digits, each behind one of these signs.
fn bytes_behind(
    text: &str,
    wanted: char,
    signs: &[&str],
    is_it: impl Fn(char) -> bool,
) -> Option<usize> {
    let byte_of = |text: &str| -> Option<(u8, usize)> {
        signs.iter().find_map(|sign| {
            let digits = text.strip_prefix(sign)?.get(..2)?;
            let byte = u8::from_str_radix(digits, 16).ok()?;
            Some((byte, sign.len() + 2))
        })
    };
    let (mut bytes, mut length) = (Vec::new(), 0);
    for _ in 0..wanted.len_utf8() {
        let (byte, of_byte) = byte_of(text.get(length..)?)?;
        bytes.push(byte);
        length += of_byte;
    }
    let read = std::str::from_utf8(&bytes).ok()?.chars().next()?;
    is_it(read).then_some(length)
}

/// How long it is as an escape of JSON, or of a language like it.
fn behind_backslash(text: &str, wanted: char, is_it: impl Fn(char) -> bool) -> Option<usize> {
    let rest = text.strip_prefix('\\')?;
    let first = rest.chars().next()?;
    if first == 'u' {
        let digits = rest.get(1..5)?;
        let read = char::from_u32(u32::from_str_radix(digits, 16).ok()?)?;
        return is_it(read).then_some(6);
    }
    if first == 'x'
        && let Some(length) = bytes_behind(text, wanted, &["\\x"], &is_it)
    {
        return Some(length);
    }
    (first.is_ascii_punctuation() && is_it(first)).then_some(2)
}

/// How long it is as a character reference of HTML.
fn behind_ampersand(text: &str, is_it: impl Fn(char) -> bool) -> Option<usize> {
    let (name, _) = text.strip_prefix('&')?.split_once(';')?;
    let number = |digits: &str, base| char::from_u32(u32::from_str_radix(digits, base).ok()?);
    let read = match name.strip_prefix('#') {
        Some(digits) => match digits.strip_prefix(['x', 'X']) {
            Some(digits) => number(digits, 16),
            None => number(digits, 10),
        },
        None => match name {
            "amp" => Some('&'),
            "lt" => Some('<'),
            "gt" => Some('>'),
            "quot" => Some('"'),
            "apos" => Some('\''),
            _ => None,
        },
    };
    is_it(read?).then_some(name.len() + 2)
}

#[cfg(test)]
mod tests {
    use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE, BASE64_URL_SAFE_NO_PAD};

    use super::*;

    const SECRET: &str = "S3cret?\"<&'/~pä-w0rd";

    fn hidden(text: &str) -> String {
        Dressed::new([SECRET]).hidden(text, "***")
    }

    #[test]
    fn a_secret_is_found_in_every_dress() {
        let digits: String = SECRET.bytes().map(|byte| format!("{byte:02x}")).collect();
        let percent: String = SECRET.bytes().map(|byte| format!("%{byte:02X}")).collect();
        let html = "S3cret?&quot;&lt;&amp;&#39;/~p&#xE4;-w0rd";
        for dressed in [
            SECRET.to_owned(),
            SECRET.to_uppercase().replace('Ä', "ä"),
            digits.to_uppercase(),
            digits,
            percent.to_lowercase(),
            percent.replace('%', "%25"),
            percent,
            "S3cret%3F%22%3C%26%27/~p%C3%A4-w0rd".to_owned(),
            html.to_owned(),
            "S3cret?\\\"<&'\\/~p\\u00e4-w0rd".to_owned(),
            "S3cret?\\\"\\u003c\\u0026\\u0027/~p\\xc3\\xa4-w0rd".to_owned(),
        ] {
            assert_eq!(hidden(&format!("<{dressed}>")), "<***>", "{dressed}");
        }
        assert_eq!(
            Dressed::new(["two words"]).hidden("two+words, two%20words", "***"),
            "***, ***"
        );
        let latin1: Vec<u8> = SECRET.chars().map(|c| u8::try_from(c).unwrap()).collect();
        let shown = hidden(&BASE64_STANDARD.encode(latin1));
        assert_eq!(shown, "***");
    }

    /// Whatever stands before it and behind it, no run of characters is left that says more of it than a few bits.
    #[test]
    fn a_secret_is_found_within_base64() {
        for before in ["", "a", "al", "alice:", "Basic alice:x"] {
            for behind in ["", "!", "!!", "!!!"] {
                let whole = format!("{before}{SECRET}{behind}");
                for coded in [
                    BASE64_STANDARD.encode(&whole),
                    BASE64_STANDARD
                        .encode(&whole)
                        .replace('/', "%2F")
                        .replace('+', "%2b"),
                    BASE64_URL_SAFE.encode(&whole),
                    BASE64_URL_SAFE_NO_PAD.encode(&whole),
                ] {
                    let left = hidden(&coded);
                    let most = (before.len() * 8).div_ceil(6) + (behind.len() * 8).div_ceil(6) + 5;
                    assert!(
                        left.contains("***") && left.len() <= most + 3,
                        "{coded}: {left}"
                    );
                }
            }
        }
        assert_eq!(hidden(&BASE64_STANDARD.encode(SECRET)), "***");
    }

    #[test]
    fn what_is_no_secret_stays() {
        let text = "S3cret?\" &amp; %zz \\u12 \\x & &#; ä 100% S3cret";
        assert_eq!(hidden(text), text);
        let dressed = Dressed::new(["", "path"]);
        assert_eq!(dressed.hidden("PATH of a path", "***"), "PATH of a ***");
        assert!(!format!("{dressed:?}").contains("path"));
        assert_eq!(Dressed::default().hidden("ä text", "***"), "ä text");
    }
}

//! Writing a challenge as a sender should.

use std::fmt::{self, Write};

use super::{Challenge, Param, ValueForm};
use crate::grammar::{bytes, is_tchar, latin1};

/// One parameter. A value is written as a token where it was one and is no realm, and quoted
/// otherwise, which is right for every parameter and required for `realm` (RFC 9110 §11.5).
impl fmt::Display for Param {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}=", self.name)?;
        if self.form == ValueForm::Token && is_token(&self.value) && !self.is("realm") {
            return out.write_str(&self.value);
        }
        write_quoted(out, &self.value)
    }
}

/// One challenge as a field value.
impl fmt::Display for Challenge {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.scheme)?;
        let mut separator = " ";
        if let Some(token68) = &self.token68 {
            write!(out, "{separator}{token68}")?;
            separator = ", ";
        }
        for param in &self.params {
            write!(out, "{separator}{param}")?;
            separator = ", ";
        }
        Ok(())
    }
}

impl Challenge {
    /// Its words as they were sent: each value with the quotes that it had or had not. Between them stands
    /// what belongs there.
    pub fn as_sent(&self) -> String {
        let mut out = self.scheme.clone();
        let token68 = self.token68.clone().into_iter();
        let params = self.params.iter().map(|param| match param.raw.as_slice() {
            [] => param.to_string(),
            raw => format!("{}={}", param.name, latin1(raw)),
        });
        for (at, one) in token68.chain(params).enumerate() {
            out.push_str(if at == 0 { " " } else { ", " });
            out.push_str(&one);
        }
        out
    }

    /// The bytes of its field value: the reverse of
    /// [`Challenges::parse`](super::Challenges::parse), which keeps each byte as the Latin-1
    /// character of that number. A character beyond Latin-1, which parsing never gives, is written
    /// as UTF-8.
    pub fn to_bytes(&self) -> Vec<u8> {
        bytes(&self.to_string())
    }
}

/// A value as a quoted-string, with the backslashes that it needs.
pub(super) fn quoted(value: &str) -> Vec<u8> {
    let mut text = String::with_capacity(value.len() + 2);
    // Writing to a text does not fail.
    let _ = write_quoted(&mut text, value);
    bytes(&text)
}

/// Whether a text can be written as a token (RFC 9110 §5.6.2).
pub(super) fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(is_tchar)
}

fn write_quoted(out: &mut impl Write, value: &str) -> fmt::Result {
    out.write_char('"')?;
    for c in value.chars() {
        // A line feed that was escaped when it was read: bare, it could end a line and fold it.
        if matches!(c, '"' | '\\' | '\n') {
            out.write_char('\\')?;
        }
        out.write_char(c)?;
    }
    out.write_char('"')
}

//! Writing a challenge as a sender should.

use std::fmt;

use super::Challenge;

/// One challenge as a field value. Parameter values are always quoted, which is right for every
/// parameter and required for `realm` (RFC 9110 §11.5).
impl fmt::Display for Challenge {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.scheme)?;
        let mut separator = " ";
        if let Some(token68) = &self.token68 {
            write!(out, "{separator}{token68}")?;
            separator = ", ";
        }
        for (name, value) in &self.params {
            write!(out, "{separator}{name}=\"")?;
            separator = ", ";
            for c in value.chars() {
                if matches!(c, '"' | '\\') {
                    out.write_str("\\")?;
                }
                write!(out, "{c}")?;
            }
            out.write_str("\"")?;
        }
        Ok(())
    }
}

impl Challenge {
    /// The bytes of its field value: the reverse of
    /// [`Challenges::parse`](super::Challenges::parse), which keeps each byte as the Latin-1
    /// character of that number. A character beyond Latin-1, which parsing never gives, is written
    /// as UTF-8.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        for c in self.to_string().chars() {
            match u8::try_from(u32::from(c)) {
                Ok(byte) => bytes.push(byte),
                Err(_) => bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
            }
        }
        bytes
    }
}

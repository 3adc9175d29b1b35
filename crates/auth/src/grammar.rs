//! Character classes and helpers that the grammars of HTTP authentication share.

/// tchar (RFC 9110 §5.6.2).
pub fn is_tchar(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

/// A character of token68 before its padding (RFC 9110 §11.2).
pub fn is_token68_char(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~+/".contains(&byte)
}

/// White space of OWS and BWS (RFC 9110 §5.6.3).
pub fn is_space(byte: u8) -> bool {
    byte == b' ' || byte == b'\t'
}

/// Whether a whole text is a token68: at least one character, then padding only.
pub fn is_token68(bytes: &[u8]) -> bool {
    let body = bytes
        .iter()
        .take_while(|byte| is_token68_char(**byte))
        .count();
    body > 0 && bytes.iter().skip(body).all(|byte| *byte == b'=')
}

/// Bytes as text, one character for each byte: nothing is lost, whatever the sender meant by them.
pub fn latin1(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| char::from(*byte)).collect()
}

/// Text as bytes: Latin-1 where it goes, as it was read; other characters, which reading never gives, as
/// UTF-8.
pub fn bytes(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    for c in text.chars() {
        match u8::try_from(u32::from(c)) {
            Ok(byte) => bytes.push(byte),
            Err(_) => bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    bytes
}

/// Text that was kept one character a byte, as the UTF-8 that it is, where it is.
pub fn utf8(latin1: &str) -> String {
    let bytes: Option<Vec<u8>> = latin1
        .chars()
        .map(|c| u8::try_from(u32::from(c)).ok())
        .collect();
    bytes
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .unwrap_or_else(|| latin1.to_owned())
}

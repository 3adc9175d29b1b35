//! Character classes and helpers that the grammars of HTTP authentication share.

/// tchar (RFC 9110 §5.6.2).
pub(super) fn is_tchar(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

/// A character of token68 before its padding (RFC 9110 §11.2).
pub(super) fn is_token68_char(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~+/".contains(&byte)
}

/// White space of OWS and BWS (RFC 9110 §5.6.3).
pub(super) fn is_space(byte: u8) -> bool {
    byte == b' ' || byte == b'\t'
}

/// Whether a whole text is a token68: at least one character, then padding only.
pub(super) fn is_token68(bytes: &[u8]) -> bool {
    let body = bytes
        .iter()
        .take_while(|byte| is_token68_char(**byte))
        .count();
    body > 0 && bytes.iter().skip(body).all(|byte| *byte == b'=')
}

/// Bytes as text, one character for each byte: nothing is lost, whatever the sender meant by them.
pub(super) fn latin1(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| char::from(*byte)).collect()
}

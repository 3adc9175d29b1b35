//! Secrets in what was exported: no message shows them, and nothing that is read depends on them.

/// Fields of which the value is nobody's business.
const SECRET: [&str; 7] = [
    "token",
    "secret",
    "shared_secret",
    "client_secret",
    "password",
    "user_password",
    "private_key",
];

/// The same text with stars in the place of secrets, so that whatever else stands in it stays where it is.
pub(super) fn masked(text: &str) -> String {
    let mut bytes = text.as_bytes().to_vec();
    for name in SECRET {
        for (begin, end) in [
            (format!("<{name}>"), "<"),
            (format!("&lt;{name}&gt;"), "&lt;"),
        ] {
            for (at, found) in text.match_indices(&begin) {
                let from = at + found.len();
                let rest = text.get(from..).unwrap_or_default();
                cover(&mut bytes, from, rest.find(end).unwrap_or(rest.len()));
            }
        }
        for (at, found) in text.match_indices(&format!("\"{name}\"")) {
            let from = at + found.len();
            let rest = text.get(from..).unwrap_or_default();
            cover(&mut bytes, from, member(rest));
        }
    }
    String::from_utf8(bytes).unwrap_or_else(|error| {
        let text = error.into_bytes();
        text.iter().map(|_| '*').collect()
    })
}

/// The length of a member's value of JSON, with what stands before it.
fn member(rest: &str) -> usize {
    let Some(value) = rest.trim_start().strip_prefix(':').map(str::trim_start) else {
        return 0;
    };
    let before = rest.len() - value.len();
    let mut is_escaped = false;
    let close = match value.chars().next() {
        Some('{') => '}',
        Some('"') => '"',
        _ => return before + value.find([',', '}', '\n']).unwrap_or(value.len()),
    };
    let mut end = value.len();
    for (at, c) in value.char_indices().skip(1) {
        match c {
            '\\' if !is_escaped => {
                is_escaped = true;
                continue;
            }
            c if c == close && !is_escaped => {
                end = at;
                break;
            }
            _ => is_escaped = false,
        }
    }
    before + end
}

/// Puts stars over what is to be seen of a range.
fn cover(bytes: &mut [u8], from: usize, length: usize) {
    for byte in bytes.iter_mut().skip(from).take(length) {
        if !byte.is_ascii_whitespace() && !b"\":{},".contains(byte) {
            *byte = b'*';
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_covered_and_nothing_moves() {
        for (text, shown) in [
            (
                "<token>abc dé</token><name>n</name>",
                "<token>*** ***</token><name>n</name>",
            ),
            (
                "&lt;secret&gt;abc&lt;/secret&gt;",
                "&lt;secret&gt;***&lt;/secret&gt;",
            ),
            (
                r#"{"token": "a\"b", "name": "n"}"#,
                r#"{"token": "**"*", "name": "n"}"#,
            ),
            (
                r#"{"token": {"display_value": "a", "value": "b"}, "name": "n"}"#,
                r#"{"token": {"*************": "*", "*****": "*"}, "name": "n"}"#,
            ),
        ] {
            assert_eq!(masked(text), shown);
            assert_eq!(masked(text).len(), text.len());
        }
    }
}

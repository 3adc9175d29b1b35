//! Writing YAML that a person reads: values in flow style, text quoted only where it must be.

use crate::yaml::{Source, read};

/// A scalar text as YAML: plain where plain text reads back as the same text, otherwise quoted.
pub fn quoted_if_needed(text: &str) -> String {
    let plain_alphabet = text
        .chars()
        .all(|c| c.is_alphanumeric() || " -_./()'".contains(c));
    let plain = plain_alphabet
        && !text.is_empty()
        && text.trim() == text
        && !text.starts_with(['-', '\'', '.'])
        && read(&Source::new("", text)).is_ok_and(|node| node.text() == Some(text));
    if plain {
        text.to_owned()
    } else {
        double_quoted(text)
    }
}

fn double_quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            // What YAML 1.2 §5.1 does not call printable, and the byte order mark.
            c if c.is_control() || matches!(c, '\u{FEFF}' | '\u{FFFE}' | '\u{FFFF}') => {
                out.push_str(&format!("\\u{:04X}", u32::from(c)));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// A list of texts in flow style: `[basic, bearer]`.
pub fn flow<S: AsRef<str>>(texts: impl IntoIterator<Item = S>) -> String {
    let parts: Vec<String> = texts
        .into_iter()
        .map(|text| quoted_if_needed(text.as_ref()))
        .collect();
    format!("[{}]", parts.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_reads_back_as_the_same_text() {
        #[expect(
            clippy::needless_pass_by_value,
            reason = "quickcheck hands over owned values"
        )]
        fn law(text: String) -> bool {
            let written = format!("key: {}\n", quoted_if_needed(&text));
            let node = read(&Source::new("t", written.as_str()));
            node.is_ok_and(|node| node.get("key").and_then(|v| v.text()) == Some(&text))
        }
        quickcheck::quickcheck(law as fn(String) -> bool);
        for text in [
            "true", "1", "null", "~", "a: b", "# x", "- a", "", " a", "0x10", "1.5", "no",
        ] {
            assert!(law(text.to_owned()), "{text}");
        }
    }
}

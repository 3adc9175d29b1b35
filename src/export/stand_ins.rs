//! Text in which something stands in place of somebody's secrets, in base64 too, and how others make the text that it is
//! in place of.

use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_STANDARD_NO_PAD};

use crate::credentials::Identity;

/// How the names of environment variables begin that stand in place of secrets in what was seen at a deployed endpoint.
pub const VARIABLES: &str = "$COUNTERSIGN_";

/// A part of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TextPart {
    /// As it stands.
    Text(String),
    /// What an environment variable of this name holds.
    Variable(String),
    /// The base64 (RFC 4648 §4) of something that has a variable in it.
    Base64 {
        /// Of what.
        of: Vec<TextPart>,
        /// Whether it ends with its padding.
        padded: bool,
    },
}

/// What stands in a text in place of something else.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StandIns(Vec<(String, TextPart)>);

impl StandIns {
    /// Each of these in place of a piece. Where one begins as another does, the longer one is meant.
    pub fn new(all: impl IntoIterator<Item = (String, TextPart)>) -> Self {
        let mut all: Vec<_> = all
            .into_iter()
            .filter(|(mark, _)| !mark.is_empty())
            .collect();
        all.sort_by_key(|(mark, _)| std::cmp::Reverse(mark.len()));
        Self(all)
    }

    /// The variables among what identities log in with; none where these are published for tests.
    pub fn of(identities: &[Identity]) -> Self {
        let secrets = identities.iter().flat_map(|one| {
            let tokens = one.tokens.iter().chain(&one.api_keys);
            let tokens = tokens.map(|token| token.value.expose());
            std::iter::once(one.password.expose()).chain(tokens)
        });
        let named = secrets.filter(|secret| secret.starts_with(VARIABLES));
        let name = |text: &str| text.trim_start_matches('$').to_owned();
        Self::new(named.map(|text| (text.to_owned(), TextPart::Variable(name(text)))))
    }

    /// Whether nothing stands in place of anything.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether any of them is in a text.
    pub fn are_in(&self, text: &str) -> bool {
        self.0.iter().any(|(mark, _)| text.contains(mark.as_str()))
    }

    /// A field's value, in which words may be the base64 of something that has one of them in it.
    pub fn pieces(&self, value: &str) -> Vec<TextPart> {
        let mut pieces = Vec::new();
        for part in value.split_inclusive([' ', '\t', ',']) {
            let word = part.trim_end_matches([' ', '\t', ',']);
            pieces.extend(self.of_word(word));
            let between = part.strip_prefix(word).unwrap_or_default();
            push_text(&mut pieces, between);
        }
        pieces
    }

    fn of_word(&self, word: &str) -> Vec<TextPart> {
        let read = |bytes: Vec<u8>| {
            String::from_utf8(bytes)
                .ok()
                .filter(|text| self.are_in(text))
        };
        let padded = BASE64_STANDARD.decode(word).ok().and_then(read);
        let bare = || BASE64_STANDARD_NO_PAD.decode(word).ok().and_then(read);
        let of = |text: String, padded| {
            let of = self.plain(&text);
            vec![TextPart::Base64 { of, padded }]
        };
        match padded {
            Some(text) => of(text, true),
            None => bare().map_or_else(|| self.plain(word), |text| of(text, false)),
        }
    }

    /// A text that is in no base64.
    pub fn plain(&self, text: &str) -> Vec<TextPart> {
        let mut pieces = Vec::new();
        let mut rest = text;
        while !rest.is_empty() {
            let here = |(mark, _): &&(String, TextPart)| rest.starts_with(mark.as_str());
            if let Some((mark, piece)) = self.0.iter().find(here) {
                match piece {
                    TextPart::Text(text) => push_text(&mut pieces, text),
                    piece => pieces.push(piece.clone()),
                }
                rest = rest.strip_prefix(mark.as_str()).unwrap_or_default();
                continue;
            }
            let length = rest.chars().next().map_or(1, char::len_utf8);
            let (one, behind) = rest.split_at_checked(length).unwrap_or((rest, ""));
            push_text(&mut pieces, one);
            rest = behind;
        }
        pieces
    }
}

fn push_text(pieces: &mut Vec<TextPart>, text: &str) {
    match pieces.last_mut() {
        _ if text.is_empty() => {}
        Some(TextPart::Text(before)) => before.push_str(text),
        _ => pieces.push(TextPart::Text(text.to_owned())),
    }
}

/// Whether there are variables among pieces, in base64 too.
pub(super) fn has_variables(pieces: &[TextPart]) -> bool {
    !pieces
        .iter()
        .all(|piece| matches!(piece, TextPart::Text(_)))
}

/// Pieces in words, for whoever puts in by hand what they make.
pub(super) fn in_words(pieces: &[TextPart]) -> String {
    let words = pieces.iter().map(|piece| match piece {
        TextPart::Text(text) => text.clone(),
        TextPart::Variable(name) => format!("${name}"),
        TextPart::Base64 { of, padded: true } => format!("(base64 of {})", in_words(of)),
        TextPart::Base64 { of, .. } => format!("(base64 without padding of {})", in_words(of)),
    });
    words.collect()
}

/// The names of the variables in pieces, each once.
pub(super) fn variables_in(pieces: &[TextPart]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for piece in pieces {
        let found = match piece {
            TextPart::Text(_) => Vec::new(),
            TextPart::Variable(name) => vec![name.clone()],
            TextPart::Base64 { of, .. } => variables_in(of),
        };
        for name in found {
            if !names.contains(&name) {
                names.push(name);
            }
        }
    }
    names
}

/// What makes a POSIX shell have the text, within double quotes; nothing where it has what no line can show.
pub fn shell_made(pieces: &[TextPart]) -> Option<String> {
    let mut made = String::new();
    for piece in pieces {
        match piece {
            TextPart::Text(text) if text.chars().any(char::is_control) => return None,
            TextPart::Text(text) => made.push_str(&in_quotes(text)),
            TextPart::Variable(name) => made.push_str(&format!("${{{name}}}")),
            TextPart::Base64 { of, padded } => made.push_str(&shell_base64(of, *padded)?),
        }
    }
    Some(made)
}

fn shell_base64(of: &[TextPart], padded: bool) -> Option<String> {
    // What is no text stands in the format, in octal digits.
    let (mut format, mut arguments) = (String::new(), Vec::<String>::new());
    let mut is_open = false;
    let mut add = |format: &mut String, is_open: &mut bool, text: &str| {
        if !*is_open {
            format.push_str("%s");
            arguments.push(String::new());
        }
        *is_open = true;
        if let Some(last) = arguments.last_mut() {
            last.push_str(text);
        }
    };
    for piece in of {
        match piece {
            TextPart::Variable(name) => add(&mut format, &mut is_open, &format!("${{{name}}}")),
            TextPart::Base64 { .. } => return None,
            TextPart::Text(text) => {
                for c in text.chars() {
                    match c.is_control() {
                        true if c.is_ascii() => {
                            format.push_str(&format!("\\{:03o}", u32::from(c)));
                            is_open = false;
                        }
                        true => return None,
                        false => add(&mut format, &mut is_open, &in_quotes(&c.to_string())),
                    }
                }
            }
        }
    }
    let arguments: Vec<String> = arguments.iter().map(|text| format!("\"{text}\"")).collect();
    let without = match padded {
        true => "'\\n'",
        false => "'=\\n'",
    };
    Some(format!(
        "$(printf '{format}' {} | base64 | tr -d {without})",
        arguments.join(" ")
    ))
}

/// Text as it stands within double quotes of a shell.
pub fn in_quotes(text: &str) -> String {
    let mut quoted = String::new();
    for c in text.chars() {
        if matches!(c, '"' | '\\' | '$' | '`') {
            quoted.push('\\');
        }
        quoted.push(c);
    }
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::credentials::Secret;

    fn stand_ins() -> StandIns {
        StandIns::new([
            ("m-user".to_owned(), TextPart::Text("alice".to_owned())),
            (
                "m-word".to_owned(),
                TextPart::Variable("PASSWORD".to_owned()),
            ),
            (
                "m-word-of-mallory".to_owned(),
                TextPart::Variable("MALLORY".to_owned()),
            ),
        ])
    }

    #[test]
    fn the_shell_makes_what_a_client_sent() {
        let made = |value: &str| shell_made(&stand_ins().pieces(value)).unwrap();
        let basic = BASE64_STANDARD.encode("m-user:m-word\0");
        assert_eq!(
            made(&format!("Basic {basic} junk")),
            r#"Basic $(printf '%s\000' "alice:${PASSWORD}" | base64 | tr -d '\n') junk"#
        );
        // A second log-in in the same field.
        let two = made(&format!("Basic {basic}, Basic bm9i"));
        assert!(two.ends_with("| tr -d '\\n'), Basic bm9i"), "{two}");
        let bare = BASE64_STANDARD_NO_PAD.encode("m-user:m-word!");
        assert!(made(&bare).contains("${PASSWORD}!"));
        assert!(made(&bare).ends_with("tr -d '=\\n')"));
        assert_eq!(made("m-word-of-mallory"), "${MALLORY}");
        assert_eq!(made("a \"$junk\""), "a \\\"\\$junk\\\"");
        assert_eq!(shell_made(&stand_ins().pieces("m-word\u{1}")), None);
    }

    #[test]
    fn variables_are_known_by_how_they_begin() {
        let mut alice = Identity::alice();
        assert!(StandIns::of(&[alice.clone()]).is_empty());
        alice.password = Secret::new(format!("{VARIABLES}PASSWORD"));
        let pieces = StandIns::of(&[alice]).pieces("a:$COUNTERSIGN_PASSWORD");
        assert_eq!(variables_in(&pieces), ["COUNTERSIGN_PASSWORD"]);
        assert!(has_variables(&pieces));
    }
}

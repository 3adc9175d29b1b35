//! Forms: in which shape, and where in the request, a client puts its credentials.

use std::fmt;

use crate::auth::{Credentials, Scheme};

/// How long the value of [`Form::Oversized`] is, in bytes: more than common limits for one field line
/// (8 KiB) and less than what a server must be protected from.
const OVERSIZED: usize = 16 * 1024;

/// Declares the forms: each with its word and what it does.
macro_rules! forms {
    ($($(#[doc = $doc:literal])* $variant:ident, $word:literal;)*) => {
        /// The shape in which credentials stand in a request.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Form {
            $($(#[doc = $doc])* $variant,)*
        }

        impl Form {
            /// Every form.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The word for it in specs.
            pub fn word(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)*
                }
            }
        }
    };
}

forms! {
    /// As the scheme's definition has it.
    Plain, "plain";
    /// The auth-scheme in mixed case, which means the same (RFC 9110 §11.1).
    OddCase, "odd-case";
    /// Three spaces behind the auth-scheme, which the grammar allows (RFC 9110 §11.4: `1*SP`).
    SeveralSpaces, "several-spaces";
    /// A tab behind the auth-scheme, which the grammar does not allow.
    Tab, "tab";
    /// Blanks behind the value, which are no part of it (RFC 9110 §5.5).
    TrailingBlanks, "trailing-blanks";
    /// The auth-scheme and nothing behind it.
    SchemeOnly, "scheme-only";
    /// A field line without a value.
    Empty, "empty";
    /// The same credentials under an auth-scheme that nobody knows.
    UnknownScheme, "unknown-scheme";
    /// A second `Authorization` line behind the first, with credentials of nobody: the field is no
    /// list, so there may be one only (RFC 9110 §5.3, §11.6.2).
    TwoLines, "two-lines";
    /// A value of 16 KiB.
    Oversized, "oversized";
    /// In the query in place of a field (RFC 6750 §2.3).
    Query, "query";
    /// In a field and in the query: a client must not (RFC 6750 §2).
    FieldAndQuery, "field-and-query";
}

impl Form {
    /// The form that a word names.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|form| form.word() == word)
    }

    /// Whether credentials of a scheme have it.
    pub fn fits(self, scheme: Scheme) -> bool {
        match self {
            Self::Plain => true,
            Self::Query | Self::FieldAndQuery => scheme.in_query(),
            _ => scheme.in_authorization(),
        }
    }

    /// Puts credentials into a request: its field lines, and what is behind the `?` of its target.
    /// Nothing where credentials of the scheme have no such form.
    pub(super) fn apply(self, scheme: Scheme, credentials: Credentials) -> Option<Shaped> {
        let Credentials { fields, parameter } = credentials;
        let mut shaped = Shaped {
            fields: owned(fields),
            query: None,
        };
        match self {
            Self::Plain => return Some(shaped),
            Self::Query => {
                shaped.fields.clear();
                shaped.query = Some(query(parameter?));
                return Some(shaped);
            }
            Self::FieldAndQuery => {
                shaped.query = Some(query(parameter?));
                return Some(shaped);
            }
            _ => {}
        }
        // The other forms are about the field `Authorization`, its auth-scheme and what follows it.
        let (name, value) = shaped.fields.first_mut()?;
        if name != "Authorization" {
            return None;
        }
        let (_, rest) = value.split_once(' ')?;
        let name = scheme.name();
        let changed = match self {
            Self::OddCase => format!("{} {rest}", odd_case(name)),
            Self::SeveralSpaces => format!("{name}   {rest}"),
            Self::Tab => format!("{name}\t{rest}"),
            Self::TrailingBlanks => format!("{value} \t "),
            Self::SchemeOnly => name.to_owned(),
            Self::Empty => String::new(),
            Self::UnknownScheme => format!("X-Unheard-Of {rest}"),
            Self::Oversized => {
                let room = OVERSIZED.saturating_sub(name.len() + 1);
                format!("{name} {}", "A".repeat(room))
            }
            Self::TwoLines | Self::Plain | Self::Query | Self::FieldAndQuery => value.clone(),
        };
        *value = changed;
        if self == Self::TwoLines {
            // Base64 of `nobody:nothing`.
            let second = "Basic bm9ib2R5Om5vdGhpbmc=".to_owned();
            shaped
                .fields
                .insert(1, ("Authorization".to_owned(), second));
        }
        Some(shaped)
    }
}

impl fmt::Display for Form {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.word())
    }
}

/// Credentials as they stand in a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Shaped {
    /// Field lines, name and value, in order.
    pub(super) fields: Vec<(String, String)>,
    /// The query, without its `?`.
    pub(super) query: Option<String>,
}

fn owned(fields: Vec<(&'static str, String)>) -> Vec<(String, String)> {
    fields
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

/// A query of one parameter, its value percent-encoded save for what is unreserved (RFC 3986 §2.3).
fn query((name, value): (&'static str, String)) -> String {
    let mut text = format!("{name}=");
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            text.push(char::from(byte));
        } else {
            text.push_str(&format!("%{byte:02X}"));
        }
    }
    text
}

/// The same letters in alternating case, beginning with a small one: `bAsIc`.
fn odd_case(name: &str) -> String {
    name.chars()
        .enumerate()
        .map(|(at, letter)| {
            if at % 2 == 0 {
                letter.to_ascii_lowercase()
            } else {
                letter.to_ascii_uppercase()
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::{Context, CredentialState, Identity, mint};

    fn shaped(form: Form, scheme: Scheme) -> Option<Shaped> {
        let (state, alice) = (CredentialState::Valid, [Identity::alice()]);
        let credentials = mint(scheme, state, &alice, &Context::default());
        form.apply(scheme, credentials.unwrap().unwrap())
    }

    fn lines(form: Form, scheme: Scheme) -> Vec<String> {
        let shaped = shaped(form, scheme).unwrap();
        let line = |(name, value)| format!("{name}: {value}");
        shaped.fields.into_iter().map(line).collect()
    }

    #[test]
    fn every_form_changes_what_it_says_and_nothing_else() {
        let one = |form| lines(form, Scheme::Bearer).join("|");
        assert_eq!(one(Form::Plain), "Authorization: Bearer alice-token-valid");
        assert_eq!(
            one(Form::OddCase),
            "Authorization: bEaReR alice-token-valid"
        );
        assert_eq!(
            one(Form::SeveralSpaces),
            "Authorization: Bearer   alice-token-valid"
        );
        assert_eq!(one(Form::Tab), "Authorization: Bearer\talice-token-valid");
        assert_eq!(
            one(Form::TrailingBlanks),
            "Authorization: Bearer alice-token-valid \t "
        );
        assert_eq!(one(Form::SchemeOnly), "Authorization: Bearer");
        assert_eq!(one(Form::Empty), "Authorization: ");
        assert_eq!(
            one(Form::UnknownScheme),
            "Authorization: X-Unheard-Of alice-token-valid"
        );
        let two = lines(Form::TwoLines, Scheme::Basic);
        assert_eq!(two.len(), 2);
        assert!(
            two.iter()
                .all(|line| line.starts_with("Authorization: Basic ")),
            "{two:?}"
        );
        let long = shaped(Form::Oversized, Scheme::Basic).unwrap();
        assert_eq!(long.fields[0].1.len(), OVERSIZED);
    }

    #[test]
    fn the_query_is_for_schemes_that_have_that_way() {
        let query = shaped(Form::Query, Scheme::Bearer).unwrap();
        assert_eq!(query.fields, []);
        assert_eq!(
            query.query.as_deref(),
            Some("access_token=alice-token-valid")
        );
        let both = shaped(Form::FieldAndQuery, Scheme::Bearer).unwrap();
        assert_eq!((both.fields.len(), both.query), (1, query.query));
        assert_eq!(shaped(Form::Query, Scheme::Basic), None);
        assert_eq!(super::query(("a", "b/c d".to_owned())), "a=b%2Fc%20d");
    }
}

//! Shapes: credentials in their form, as they stand in a request.

use std::fmt;
use std::sync::Arc;

use crate::auth::{self, Authorization, ListStyle, Spelling};

use crate::credentials::{Credentials, FOR_THE_ORIGIN, IssuedCertificate, KEY_PREFIX, Scheme};
use crate::vocabulary::Form;

/// How long the value of [`Form::Oversized`] is, in bytes: more than common limits for one field line
/// (8 KiB) and less than what a server must be protected from.
const OVERSIZED: usize = 16 * 1024;

/// Credentials of nobody: base64 of `nobody:nothing`.
const SECOND: &str = "Basic bm9ib2R5Om5vdGhpbmc=";

/// Base64 of `nobody:aa`, which fills its last group.
const NOBODY: &str = "bm9ib2R5OmFh";

impl Form {
    /// Puts credentials into a request: its field lines, and what is behind the `?` of its target.
    /// Nothing where credentials of the scheme have no such form.
    pub(super) fn apply(self, scheme: Scheme, credentials: Credentials) -> Option<Shaped> {
        let Credentials {
            fields,
            parameter,
            latin1,
            certificate,
        } = credentials;
        let mut shaped = Shaped {
            fields: owned(fields),
            query: None,
            origin: None,
            latin1,
            certificate,
        };
        match self {
            // The hash of a signature is chosen where it is made.
            Self::Plain | Self::Sha384 | Self::Sha512 => return Some(shaped),
            Self::Prefixed | Self::PrefixedJoined => {
                let (_, value) = shaped.fields.first_mut()?;
                let between = if self == Self::Prefixed { " " } else { "" };
                *value = format!("{KEY_PREFIX}{between}{value}");
                return Some(shaped);
            }
            Self::ForTheOrigin => {
                shaped.origin = Some(FOR_THE_ORIGIN);
                return Some(shaped);
            }
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
        let (field, value) = shaped.fields.first_mut()?;
        if field != "Authorization" {
            return None;
        }
        if let Some(layout) = self.layout() {
            *value = relaid(value, latin1, self, &layout)?;
            return Some(shaped);
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
            Self::Joined => format!("{value}, {SECOND}"),
            Self::Folded => format!("{name}\r\n {rest}"),
            Self::Oversized => {
                let room = OVERSIZED.saturating_sub(name.len() + 1);
                match scheme {
                    // Readable credentials, so that nothing is odd about them but their size: Base64 of
                    // `nobody:aa`, and of `aaa` for as long as there is room.
                    Scheme::Basic => {
                        let more = room.saturating_sub(NOBODY.len()) / 4;
                        format!("{name} {NOBODY}{}", "YWFh".repeat(more))
                    }
                    _ => format!("{name} {}", "A".repeat(room)),
                }
            }
            _ => value.clone(),
        };
        *value = changed;
        if self == Self::BlankBeforeColon {
            field.push(' ');
        }
        if self == Self::TwoLines {
            shaped
                .fields
                .insert(1, ("Authorization".to_owned(), SECOND.to_owned()));
        }
        Some(shaped)
    }

    /// How parameters are written in this form, where it is about them.
    fn layout(self) -> Option<ListStyle> {
        let layout = ListStyle::default();
        Some(match self {
            Self::OddNames => ListStyle {
                names: Spelling::Odd,
                ..layout
            },
            Self::EmptyElements => ListStyle {
                comma: ", , ",
                behind: ",",
                ..layout
            },
            Self::SpacedEquals => ListStyle {
                equals: " = ",
                ..layout
            },
            Self::QuotedPairs => layout,
            _ => return None,
        })
    }
}

/// The same credentials with their parameters in another layout; nothing where they have none.
fn relaid(value: &str, latin1: bool, form: Form, layout: &ListStyle) -> Option<String> {
    let value = bytes(value, latin1);
    let read = Authorization::parse(std::iter::once(value.as_slice()));
    let mut credentials = read.credentials?;
    if form == Form::QuotedPairs {
        let mut params = credentials.params.iter_mut();
        let user = params.find(|param| param.is("username"))?;
        let escaped: String = user.value.chars().flat_map(|c| ['\\', c]).collect();
        user.form = auth::ValueForm::Bare;
        user.raw = format!("\"{escaped}\"").into_bytes();
    }
    let written = layout.write(&[credentials]).pop()?;
    match latin1 {
        true => Some(written.into_iter().map(char::from).collect()),
        false => String::from_utf8(written).ok(),
    }
}

/// The bytes of a field value, whose characters stand for one each where it is Latin-1.
pub(super) fn bytes(value: &str, latin1: bool) -> Vec<u8> {
    match latin1 {
        true => value
            .chars()
            .filter_map(|c| u8::try_from(u32::from(c)).ok())
            .collect(),
        false => value.as_bytes().to_vec(),
    }
}

/// Credentials as they stand in a request.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Shaped {
    /// Field lines, name and value, in order.
    pub(super) fields: Vec<(String, String)>,
    /// The query, without its `?`.
    pub(super) query: Option<String>,
    /// Whether the values of fields are bytes, one character each.
    pub(super) latin1: bool,
    /// The value of `Authorization` for whoever is behind a proxy.
    pub(super) origin: Option<&'static str>,
    /// What is shown when the connection begins.
    pub(super) certificate: Option<Arc<IssuedCertificate>>,
}

/// Names alone: the rest may be somebody's own.
impl fmt::Debug for Shaped {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.fields.iter().map(|(name, _)| name.as_str()).collect();
        out.debug_struct("Shaped")
            .field("fields", &names)
            .finish_non_exhaustive()
    }
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
    use crate::auth::{Challenge, Param};
    use crate::credentials::{Context, CredentialState, Identity, TokenKind, mint};

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
        assert_eq!(
            one(Form::Folded),
            "Authorization: Bearer\r\n alice-token-valid"
        );
        assert_eq!(
            one(Form::BlankBeforeColon),
            "Authorization : Bearer alice-token-valid"
        );
        let two = lines(Form::TwoLines, Scheme::Basic);
        assert_eq!(two.len(), 2);
        assert!(
            two.iter()
                .all(|line| line.starts_with("Authorization: Basic ")),
            "{two:?}"
        );
        let long = shaped(Form::Oversized, Scheme::Basic).unwrap();
        // Whole groups of four characters, so that it can be read.
        let (_, encoded) = long.fields[0].1.split_once(' ').unwrap();
        assert_eq!(encoded.len() % 4, 0);
        assert!(long.fields[0].1.len() > OVERSIZED - 4);
        let long = shaped(Form::Oversized, Scheme::Bearer).unwrap();
        assert_eq!(long.fields[0].1.len(), OVERSIZED);
    }

    #[test]
    fn no_form_but_the_plain_one_leaves_a_request_as_it_is() {
        for form in Form::ALL.iter().copied() {
            let goes = |scheme: &Scheme| form.goes_with(*scheme).is_ok();
            for scheme in Scheme::ALL.iter().copied().filter(goes) {
                let challenge = Challenge::new("Digest")
                    .with(Param::quoted("realm", "a"))
                    .with(Param::quoted("nonce", "b"));
                let alice =
                    Identity::needed_for(&[scheme], &[CredentialState::Valid], TokenKind::Jwt);
                let minted = |form: Form| {
                    let context = Context {
                        challenge: Some(&challenge),
                        hash: form.hash(),
                        ..Context::default()
                    };
                    let minted = mint(scheme, CredentialState::Valid, &alice, &context);
                    minted.unwrap().unwrap()
                };
                // A signature may be another each time, so that both are made of one where they have the same hash.
                let first = minted(Form::Plain);
                let second = match form.hash() == Form::Plain.hash() {
                    true => first.clone(),
                    false => minted(form),
                };
                let plain = Form::Plain.apply(scheme, first).unwrap();
                let shaped = form.apply(scheme, second).unwrap();
                assert_eq!(shaped == plain, form == Form::Plain, "{form} {scheme}");
            }
        }
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

    #[test]
    fn parameters_are_relaid_and_mean_the_same() {
        let value = r#"Digest username="alice", nc=00000001, uri="/a, b""#;
        let said = |form: Form| relaid(value, false, form, &form.layout().unwrap()).unwrap();
        assert_eq!(
            said(Form::OddNames),
            r#"Digest uSeRnAmE="alice", nC=00000001, uRi="/a, b""#
        );
        assert_eq!(
            said(Form::EmptyElements),
            r#"Digest username="alice", , nc=00000001, , uri="/a, b","#
        );
        assert_eq!(
            said(Form::SpacedEquals),
            r#"Digest username = "alice", nc = 00000001, uri = "/a, b""#
        );
        assert_eq!(
            said(Form::QuotedPairs),
            r#"Digest username="\a\l\i\c\e", nc=00000001, uri="/a, b""#
        );
        let read = |text: &str| Authorization::parse(std::iter::once(text.as_bytes()));
        let values = |text: &str| {
            let read = read(text);
            let credentials = read.strict().unwrap().unwrap();
            let params = credentials.params.iter();
            params.map(|param| param.value.clone()).collect::<Vec<_>>()
        };
        for form in Form::ALL.iter().filter(|form| form.layout().is_some()) {
            assert_eq!(values(&said(*form)), values(value), "{form}");
        }
    }

    #[test]
    fn what_is_meant_for_the_origin_stands_beside() {
        let shaped = shaped(Form::ForTheOrigin, Scheme::Basic).unwrap();
        assert_eq!(
            (shaped.fields.len(), shaped.origin),
            (1, Some(FOR_THE_ORIGIN))
        );
        let origin = Authorization::parse(std::iter::once(FOR_THE_ORIGIN.as_bytes()));
        assert!(origin.is_well_formed(), "{:?}", origin.problems);
    }
}

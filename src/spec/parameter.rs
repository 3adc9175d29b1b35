//! What is expected of an auth-param: of a challenge, or of `Authentication-Info`.

use crate::auth::{Param, ValueForm};

use super::check::Discrepancy;
use super::flaw::{Flaw, ParamFlaw};
use super::range::Range;

/// What is expected of the parameters of one name. All but `present` speaks of parameters that are
/// there, and holds where none is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct ParamClause {
    /// The name; compared without regard to case (RFC 9110 §11.2).
    pub name: String,
    /// It is there, or is not.
    pub present: Option<bool>,
    /// The value is one of these, to the letter; empty for any.
    pub one_of: Vec<String>,
    /// The value is one of these, in whatever case; empty for any.
    pub one_of_any_case: Vec<String>,
    /// The value, a list with a space between two, has all of these words.
    pub has: Vec<String>,
    /// It has none of these.
    pub has_none_of: Vec<String>,
    /// The value has none of these texts in it, wherever, in whatever case.
    pub without: Vec<String>,
    /// The value is written as a token, or as a quoted-string.
    pub form: Option<ValueForm>,
    /// The value is of this kind.
    pub value: Option<ValueKind>,
    /// How often it is there in one challenge, if at all.
    pub times: Option<Range>,
}

/// A kind of value: a small language that an RFC gives to the value of a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ValueKind {
    /// `true` or `false`, in whatever case (RFC 7616 §3.3).
    Boolean,
    /// Digits only: a non-negative integer (RFC 9470 §3).
    Integer,
    /// Eight hexadecimal digits, a nonce count (RFC 7616 §3.4).
    NonceCount,
    /// An absolute URI (RFC 3986 §4.3, with a scheme and something behind it).
    AbsoluteUri,
    /// The same with the scheme `https`.
    HttpsUri,
    /// The same, or one with the scheme `http` whose host is this very machine: nobody is on the way.
    SafeUri,
    /// An absolute URI of the scheme `http` or `https` whose path is a well-known one (RFC 8615 §3).
    WellKnownUri,
    /// A URI reference (RFC 3986 §4.1), as far as its characters go.
    UriReference,
    /// URI references, a space between two (RFC 7616 §3.3, `domain`).
    UriReferences,
    /// Scope tokens, a space between two (RFC 6750 §3).
    Scope,
    /// The characters of `error` and `error_description` (RFC 6750 §3): printable US-ASCII without
    /// the quote and the backslash.
    ErrorText,
    /// Words of printable US-ASCII, a space between two (RFC 9449 §7.1, RFC 9470 §3).
    Words,
    /// Tokens, a comma and perhaps white space between two (RFC 7616 §3.3, `qop`).
    Tokens,
    /// Names of JWS algorithms that sign with a private key, a space between two (RFC 9449 §7.1): neither
    /// `none` nor one of those that are keyed with a secret (§11.6).
    SignatureAlgorithms,
    /// A nonce for DPoP proofs (RFC 9449 §8.1): printable US-ASCII without a space, the quote and the backslash.
    Nonce,
}

impl ValueKind {
    /// Every kind.
    pub const ALL: [Self; 15] = [
        Self::Boolean,
        Self::Integer,
        Self::NonceCount,
        Self::AbsoluteUri,
        Self::HttpsUri,
        Self::SafeUri,
        Self::WellKnownUri,
        Self::UriReference,
        Self::UriReferences,
        Self::Scope,
        Self::ErrorText,
        Self::Words,
        Self::Tokens,
        Self::SignatureAlgorithms,
        Self::Nonce,
    ];

    /// The word for it in specs.
    pub fn word(self) -> &'static str {
        match self {
            Self::Boolean => "boolean",
            Self::Integer => "integer",
            Self::NonceCount => "nonce-count",
            Self::AbsoluteUri => "absolute-uri",
            Self::HttpsUri => "https-uri",
            Self::SafeUri => "safe-uri",
            Self::WellKnownUri => "well-known-uri",
            Self::UriReference => "uri-reference",
            Self::UriReferences => "uri-references",
            Self::Scope => "scope",
            Self::ErrorText => "error-text",
            Self::Words => "words",
            Self::Tokens => "tokens",
            Self::SignatureAlgorithms => "signature-algorithms",
            Self::Nonce => "nonce",
        }
    }

    /// The kind that a word names.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }

    /// Whether a value is of this kind.
    pub fn has(self, value: &str) -> bool {
        match self {
            Self::Boolean => ["true", "false"]
                .iter()
                .any(|word| value.eq_ignore_ascii_case(word)),
            Self::Integer => !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()),
            Self::NonceCount => {
                value.len() == 8 && value.bytes().all(|byte| byte.is_ascii_hexdigit())
            }
            Self::AbsoluteUri => is_absolute(value),
            Self::HttpsUri => behind("https://", value).is_some() && is_absolute(value),
            Self::SafeUri => {
                let local = behind("http://", value).is_some_and(is_of_this_machine);
                (local || behind("https://", value).is_some()) && is_absolute(value)
            }
            Self::WellKnownUri => {
                let rest = behind("http://", value).or_else(|| behind("https://", value));
                let path = rest.and_then(|rest| Some(rest.split_once('/')?.1));
                let is_there = |path: &str| {
                    let name = path.strip_prefix(".well-known/");
                    name.is_some_and(|name| !name.is_empty() && !name.starts_with(['?', '#']))
                };
                path.is_some_and(is_there) && is_absolute(value)
            }
            // An empty one is a relative reference with an empty path.
            Self::UriReference => value.bytes().all(is_uri_byte),
            // RFC 7616 §3.3: omitted, or its value is empty.
            Self::UriReferences => value.is_empty() || words(value, is_uri_byte),
            Self::Scope => words(value, is_scope_byte),
            Self::ErrorText => value
                .bytes()
                .all(|byte| byte == b' ' || is_scope_byte(byte)),
            Self::Words => words(value, |byte| byte.is_ascii_graphic()),
            Self::Nonce => !value.is_empty() && value.bytes().all(is_scope_byte),
            Self::SignatureAlgorithms => {
                let keyed = |word: &str| {
                    let secret = word.strip_prefix("HS");
                    word == "none"
                        || secret.is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
                };
                // Names that collide with no other may be URIs (RFC 7515 §4.1.1).
                words(value, |byte| {
                    byte.is_ascii_alphanumeric() || b"-._~:/+#".contains(&byte)
                }) && !value.split(' ').any(keyed)
            }
            Self::Tokens => value.split(',').map(str::trim).all(|token| {
                !token.is_empty()
                    && token.bytes().all(|byte| {
                        byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
                    })
            }),
        }
    }

    /// A value of this kind.
    pub(super) fn sample(self) -> &'static str {
        match self {
            Self::Boolean => "true",
            Self::Integer => "1",
            Self::NonceCount => "00000001",
            Self::AbsoluteUri => "urn:x",
            Self::HttpsUri | Self::SafeUri => "https://a.example/",
            Self::WellKnownUri => "https://a.example/.well-known/x",
            Self::UriReference | Self::UriReferences => "/",
            Self::Scope | Self::ErrorText | Self::Words | Self::Tokens | Self::Nonce => "a",
            Self::SignatureAlgorithms => "ES256",
        }
    }

    /// The kind in the words of a report.
    pub(super) fn in_words(self) -> &'static str {
        match self {
            Self::Boolean => "true or false",
            Self::Integer => "a non-negative integer",
            Self::NonceCount => "eight hexadecimal digits",
            Self::AbsoluteUri => "an absolute URI",
            Self::HttpsUri => "an absolute URI of the scheme https",
            Self::SafeUri => "an absolute URI of the scheme https, or of this machine",
            Self::WellKnownUri => "an absolute URI whose path begins with /.well-known/",
            Self::UriReference => "a URI reference",
            Self::UriReferences => "URI references, a space between two",
            Self::Scope => "scope tokens, a space between two",
            Self::ErrorText => "printable US-ASCII without quote and backslash",
            Self::Words => "words, a space between two",
            Self::Tokens => "tokens, a comma between two",
            Self::SignatureAlgorithms => {
                "algorithms that sign with a private key, a space between two"
            }
            Self::Nonce => "printable US-ASCII without space, quote and backslash",
        }
    }
}

/// `scope-token` of RFC 6749 §3.3: `%x21 / %x23-5B / %x5D-7E`.
fn is_scope_byte(byte: u8) -> bool {
    byte.is_ascii_graphic() && byte != b'"' && byte != b'\\'
}

/// What may stand in a URI reference (RFC 3986 §2).
fn is_uri_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~:/?#[]@!$&'()*+,;=%".contains(&byte)
}

fn is_absolute(value: &str) -> bool {
    let Some((scheme, rest)) = value.split_once(':') else {
        return false;
    };
    let mut letters = scheme.bytes();
    letters
        .next()
        .is_some_and(|first| first.is_ascii_alphabetic())
        && letters.all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
        && !rest.is_empty()
        && rest.bytes().all(is_uri_byte)
}

/// What stands behind a prefix, in whatever case.
fn behind<'a>(prefix: &str, value: &'a str) -> Option<&'a str> {
    let (begins, rest) = value.split_at_checked(prefix.len())?;
    begins.eq_ignore_ascii_case(prefix).then_some(rest)
}

/// Whether what stands behind `http://` begins with a name or an address of the machine itself (RFC 6761
/// §6.3, RFC 5735 §3, RFC 4291 §2.5.3).
fn is_of_this_machine(rest: &str) -> bool {
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = match authority.strip_prefix('[') {
        Some(literal) => literal.split(']').next().unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default(),
    };
    let is_loopback = host
        .parse::<std::net::IpAddr>()
        .is_ok_and(|address| address.is_loopback());
    is_loopback || host.eq_ignore_ascii_case("localhost")
}

/// Words of such bytes with single spaces between.
fn words(value: &str, of: impl Fn(u8) -> bool) -> bool {
    value
        .split(' ')
        .all(|word| !word.is_empty() && word.bytes().all(&of))
}

impl ParamClause {
    /// The expectation that a parameter is there.
    pub fn present(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            present: Some(true),
            ..Self::default()
        }
    }

    /// Whether all that it says is that the parameter is there.
    pub fn is_presence(&self) -> bool {
        *self == Self::present(self.name.clone())
    }

    /// How the parameters of one list depart from it; `whose` is what a reader calls the list.
    pub(super) fn departure(&self, params: &[Param], whose: &str) -> Option<Discrepancy> {
        let name = &self.name;
        let named = || params.iter().filter(|param| param.is(name));
        let count = named().count();
        let breaks = |flaw: ParamFlaw, expected: String, observed: String| {
            Some(Discrepancy {
                kind: Flaw::Parameter {
                    name: name.clone(),
                    flaw,
                }
                .of_case(),
                expected,
                observed,
            })
        };
        match self.present {
            Some(true) if count == 0 => {
                return breaks(
                    ParamFlaw::Missing,
                    format!("{whose} has the parameter {name}"),
                    "it has not".to_owned(),
                );
            }
            Some(false) if count > 0 => {
                let value = named().next().map_or("", |param| param.value.as_str());
                return breaks(
                    ParamFlaw::Present,
                    format!("{whose} has no parameter {name}"),
                    format!("{name} is {value:?}"),
                );
            }
            _ => {}
        }
        if let Some(range) = self.times
            && count > 0
            && !range.has(i64::try_from(count).unwrap_or(i64::MAX))
        {
            return breaks(
                ParamFlaw::Times,
                format!("{whose} has the parameter {name} this often: {range}"),
                format!("it has it {count} times"),
            );
        }
        named().find_map(|param| {
            let (what, expected) = self.unfit(param)?;
            let form = param.form.word();
            breaks(
                what,
                format!("the {name} of {whose} is {expected}"),
                format!("{name} is {:?}, {form}", param.value),
            )
        })
    }

    /// What about a parameter does not fit, and what would.
    fn unfit(&self, param: &Param) -> Option<(ParamFlaw, String)> {
        let value = &param.value;
        if !self.one_of.is_empty() && !self.one_of.contains(value) {
            return Some((ParamFlaw::Value, self.one_of.join(" or ")));
        }
        let same = |word: &String| word.eq_ignore_ascii_case(value);
        if !self.one_of_any_case.is_empty() && !self.one_of_any_case.iter().any(same) {
            let words = self.one_of_any_case.join(" or ");
            return Some((ParamFlaw::Value, format!("{words}, in whatever case")));
        }
        let is_word = |word: &&String| value.split(' ').any(|one| one == word.as_str());
        if let Some(missing) = self.has.iter().find(|word| !is_word(word)) {
            return Some((ParamFlaw::Value, format!("a list that has {missing}")));
        }
        if let Some(word) = self.has_none_of.iter().find(is_word) {
            return Some((ParamFlaw::Value, format!("a list without {word}")));
        }
        let is_in = |text: &&String| {
            let (value, text) = (value.to_ascii_lowercase(), text.to_ascii_lowercase());
            value.contains(&text)
        };
        if let Some(text) = self.without.iter().find(is_in) {
            return Some((ParamFlaw::Value, format!("without {text}")));
        }
        if let Some(kind) = self.value
            && !kind.has(value)
        {
            return Some((ParamFlaw::Value, kind.in_words().to_owned()));
        }
        let form = self.form?;
        (form != param.form).then(|| (ParamFlaw::Form, format!("written as {}", form.word())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_name_their_kinds() {
        for kind in ValueKind::ALL {
            assert_eq!(ValueKind::from_word(kind.word()), Some(kind));
        }
        assert_eq!(ValueKind::from_word("Scope"), None);
    }

    #[test]
    fn kinds_have_the_values_that_their_rfcs_give_them() {
        for (kind, good, bad) in [
            (ValueKind::Boolean, &["true", "FALSE"][..], &["", "yes"][..]),
            (ValueKind::Integer, &["0", "300"], &["", "-1", "5s", "1.5"]),
            (
                ValueKind::NonceCount,
                &["0000000a"],
                &["1", "0000000g", "000000001"],
            ),
            (
                ValueKind::AbsoluteUri,
                &["https://a.example/x?y", "urn:a:b"],
                &["/a", "https:", "a b:c", "1a:b"],
            ),
            (
                ValueKind::HttpsUri,
                &["HTTPS://a.example"],
                &["http://a.example", "https:/a", "httpß://a"],
            ),
            (
                ValueKind::UriReference,
                &["/a", "https://b/%20", ""],
                &["a b", "a\"b", "<a>"],
            ),
            (
                ValueKind::UriReferences,
                &["/a /b", "/a", ""],
                &["/a  /b", " ", "/a,\t/b"],
            ),
            (
                ValueKind::SafeUri,
                &[
                    "https://a.example/x",
                    "http://127.0.0.1:8080/x",
                    "HTTP://[::1]/",
                    "http://localhost:1?x",
                ],
                &[
                    "http://a.example/",
                    "http://127.0.0.1.a.example/",
                    "http://localhost.a.example",
                    "http://u@a.example/",
                    "/x",
                ],
            ),
            (
                ValueKind::Scope,
                &["read", "read write", "a:b/c"],
                &["", "read  write", " read", "a\"b", "é"],
            ),
            (
                ValueKind::ErrorText,
                &["", "The token expired"],
                &["say \"no\"", "a\\b", "é", "a\tb"],
            ),
            (
                ValueKind::Nonce,
                &["eyJ7S_zG.eyJH0-Z.HX4w-7v", "a,b"],
                &["", "a b", "a\"", "a\\", "é"],
            ),
            (
                ValueKind::Words,
                &["ES256 RS256", "a\"b"],
                &["ES256, RS256 ", ""],
            ),
            (
                ValueKind::SignatureAlgorithms,
                &["ES256 PS256", "HSS-LMS", "https://a.example/alg", "ES256K"],
                &["ES256,PS256", "ES256, PS256", "none", "ES256 HS256", ""],
            ),
            (
                ValueKind::Tokens,
                &["auth", "auth, auth-int", "auth,auth-int"],
                &["", "auth auth-int", "auth,"],
            ),
        ] {
            for value in good {
                assert!(kind.has(value), "{} {value}", kind.word());
            }
            for value in bad {
                assert!(!kind.has(value), "{} {value}", kind.word());
            }
        }
    }

    #[test]
    fn each_part_of_a_clause_can_be_departed_from() {
        let params = [
            Param::quoted("realm", "a"),
            Param::token("stale", "TRUE"),
            Param::quoted("stale", "x"),
        ];
        let of = |change: &dyn Fn(&mut ParamClause)| {
            let mut clause = ParamClause {
                name: "Stale".to_owned(),
                ..ParamClause::default()
            };
            change(&mut clause);
            clause
                .departure(&params, "every challenge")
                .map(|found| found.kind.to_string())
        };
        let kind = |word: &str| Some(format!("parameter Stale {word}"));
        assert_eq!(of(&|_| ()), None);
        assert_eq!(of(&|clause| clause.present = Some(true)), None);
        assert_eq!(of(&|clause| clause.present = Some(false)), kind("present"));
        assert_eq!(of(&|clause| clause.times = Some(Range::only(2))), None);
        assert_eq!(
            of(&|clause| clause.times = Some(Range::only(1))),
            kind("times")
        );
        assert_eq!(
            of(&|clause| clause.form = Some(ValueForm::Token)),
            kind("form")
        );
        assert_eq!(
            of(&|clause| clause.value = Some(ValueKind::Boolean)),
            kind("value")
        );
        let both = || vec!["TRUE".to_owned(), "X".to_owned()];
        assert_eq!(of(&|clause| clause.one_of = both()), kind("value"));
        assert_eq!(of(&|clause| clause.one_of_any_case = both()), None);
        let words = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(of(&|clause| clause.has = words("TRUE")), kind("value"));
        assert_eq!(of(&|clause| clause.has_none_of = words("tru X")), None);
        assert_eq!(of(&|clause| clause.has_none_of = words("x")), kind("value"));
        assert_eq!(of(&|clause| clause.without = words("tr-ue y")), None);
        assert_eq!(of(&|clause| clause.without = words("y ru")), kind("value"));
        let list = [Param::quoted("scope", "write read")];
        let has = |text: &str| ParamClause {
            name: "scope".to_owned(),
            has: words(text),
            ..ParamClause::default()
        };
        assert_eq!(has("read write").departure(&list, "it"), None);
        assert!(has("read wri").departure(&list, "it").is_some());
        assert_eq!(of(&|clause| clause.name = "scope".to_owned()), None);
        let missing = ParamClause::present("scope")
            .departure(&params, "it")
            .unwrap();
        assert_eq!(missing.kind.to_string(), "parameter scope missing");
    }
}

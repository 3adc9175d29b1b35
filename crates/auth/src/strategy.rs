//! proptest strategies for challenges and the field lines that say them, with the feature `proptest`: for
//! the unit tests of whoever reads or writes such fields.
//!
//! Each shrinks towards what a person would write first: `Basic` alone, plain lines.

use proptest::collection::vec;
use proptest::option;
use proptest::sample::select;
use proptest::strategy::{Just, Strategy, Union};

use crate::challenge::{
    Challenge, Lines, ListStyle, Order, Param, Quoting, Spelling, ValueForm, departing,
};
use crate::departure::Departure;
use crate::grammar::is_tchar;

/// Auth-schemes that clients and servers know, the best known first.
const SCHEMES: &[&str] = &[
    "Basic",
    "Bearer",
    "Digest",
    "Negotiate",
    "NTLM",
    "DPoP",
    "HOBA",
];

/// Names of parameters, the best known first.
const NAMES: &[&str] = &[
    "realm",
    "charset",
    "nonce",
    "qop",
    "algorithm",
    "stale",
    "error",
    "scope",
    "title",
];

/// Any challenge that a sender may generate: an auth-scheme, known or not, alone, with a token68, or
/// with up to four parameters of different names. Values have any byte that a quoted-string can say,
/// as Latin-1.
///
/// ```
/// use countersign_auth::Challenges;
/// use countersign_auth::strategy;
/// use proptest::prelude::*;
/// use proptest::test_runner::TestRunner;
///
/// let law = |challenge: countersign_auth::Challenge| {
///     let line = challenge.to_bytes();
///     let read = Challenges::parse(std::iter::once(line.as_slice()));
///     prop_assert!(read.is_well_formed());
///     prop_assert_eq!(read.list, [challenge]);
///     Ok(())
/// };
/// TestRunner::deterministic().run(&strategy::challenge(), law).unwrap();
/// ```
pub fn challenge() -> impl Strategy<Value = Challenge> + Clone {
    let scheme = Union::new_weighted(vec![
        (6, select(SCHEMES).prop_map(str::to_owned).boxed()),
        (1, token().boxed()),
    ]);
    let nothing = Just((None, Vec::new())).boxed();
    let params = vec(param(), 1..=4).prop_map(|params| (None, distinct(params)));
    let token68 = token68().prop_map(|token68| (Some(token68), Vec::new()));
    let body = Union::new_weighted(vec![
        (1, nothing),
        (5, params.boxed()),
        (1, token68.boxed()),
    ]);
    (scheme, body).prop_map(|(scheme, (token68, params))| Challenge {
        token68,
        params,
        ..Challenge::new(scheme)
    })
}

/// Up to four challenges, at least one.
///
/// ```
/// use countersign_auth::ListStyle;
/// use countersign_auth::strategy;
/// use proptest::prelude::*;
/// use proptest::test_runner::{TestError, TestRunner};
///
/// // A client that reads the first challenge only misses Basic behind it. The fewest challenges
/// // that show it are two.
/// let law = |challenges: Vec<countersign_auth::Challenge>| {
///     let offered = challenges.iter().any(|one| one.is("Basic"));
///     prop_assert_eq!(offered, challenges.first().unwrap().is("Basic"));
///     Ok(())
/// };
/// let result = TestRunner::deterministic().run(&strategy::challenges(), law);
/// let Err(TestError::Fail(_, minimal)) = result else { panic!("{result:?}") };
/// let lines = ListStyle::default().write(&minimal);
/// assert_eq!(lines, [b"Bearer".to_vec(), b"Basic".to_vec()]);
/// ```
pub fn challenges() -> impl Strategy<Value = Vec<Challenge>> + Clone {
    vec(challenge(), 1..=4)
}

/// Any layout whose lines every recipient must read, and alike, whether or not a sender may generate
/// them.
///
/// ```
/// use countersign_auth::Challenges;
/// use countersign_auth::strategy;
/// use proptest::prelude::*;
/// use proptest::test_runner::TestRunner;
///
/// let both = (strategy::challenges(), strategy::layout());
/// let law = |(challenges, layout): (Vec<_>, countersign_auth::ListStyle)| {
///     let lines = layout.write(&challenges);
///     let read = Challenges::parse(lines.iter().map(Vec::as_slice));
///     prop_assert_eq!(read.strict().unwrap().len(), challenges.len());
///     Ok(())
/// };
/// TestRunner::deterministic().run(&both, law).unwrap();
/// ```
pub fn layout() -> impl Strategy<Value = ListStyle> + Clone {
    let spelling = || {
        select(vec![
            Spelling::AsGiven,
            Spelling::Upper,
            Spelling::Lower,
            Spelling::Odd,
        ])
    };
    let lines = select(vec![
        Lines::Apart,
        Lines::Joined(", "),
        Lines::Joined(","),
        Lines::Joined(" ,, "),
    ]);
    let quoting = select(vec![
        Quoting::AsGiven,
        Quoting::Always,
        Quoting::WhereNeeded,
        Quoting::Escaped,
    ]);
    let words = (
        select(vec![" ", "  "]),
        select(vec![", ", ",", "\t,  ", ", ,"]),
        select(vec!["=", " = ", "\t="]),
        select(vec!["", ", "]),
        select(vec!["", " ,"]),
    );
    let order = select(vec![Order::AsGiven, Order::Reversed]);
    (lines, order, spelling(), spelling(), quoting, words).prop_map(
        |(lines, order, schemes, names, quoting, (gap, comma, equals, before, behind))| ListStyle {
            lines,
            order,
            schemes,
            names,
            quoting,
            gap,
            comma,
            equals,
            before,
            behind,
        },
    )
}

/// Field lines of challenges as servers send them, right or wrong: in any [`layout`], or with one
/// [`Departure`].
///
/// ```
/// use countersign_auth::Challenges;
/// use countersign_auth::strategy;
/// use proptest::prelude::*;
/// use proptest::test_runner::TestRunner;
///
/// let law = |lines: Vec<Vec<u8>>| {
///     let read = Challenges::parse(lines.iter().map(Vec::as_slice));
///     // What may be sent is understood by everybody.
///     prop_assert!(!read.is_well_formed() || read.strict().is_some());
///     Ok(())
/// };
/// TestRunner::deterministic().run(&strategy::field_lines(), law).unwrap();
/// ```
pub fn field_lines() -> impl Strategy<Value = Vec<Vec<u8>>> + Clone {
    let departure = option::of(select(Departure::ALL));
    (challenges(), layout(), departure).prop_map(|(challenges, layout, departure)| {
        let departing = departure.and_then(|departure| departing(departure, &challenges));
        departing.unwrap_or_else(|| layout.write(&challenges))
    })
}

/// A token (RFC 9110 §5.6.2).
fn token() -> impl Strategy<Value = String> + Clone {
    of("azAZ09!#$%&'*+-.^_`|~", 1)
}

/// A token68 (RFC 9110 §11.2).
fn token68() -> impl Strategy<Value = String> + Clone {
    (of("azAZ09-._~+/", 1), 0..3_usize).prop_map(|(body, padding)| body + &"=".repeat(padding))
}

/// A parameter, as a token where it can be and as a quoted-string.
fn param() -> impl Strategy<Value = Param> + Clone {
    let name = Union::new_weighted(vec![
        (6, select(NAMES).prop_map(str::to_owned).boxed()),
        (1, token().boxed()),
    ]);
    let text: String = (b'\t'..=u8::MAX)
        .filter(|byte| *byte == b'\t' || !byte.is_ascii_control())
        .map(char::from)
        .collect();
    let value = Union::new_weighted(vec![
        (3, of("xyz", 0).boxed()),
        (1, of("a\", \\=", 0).boxed()),
        (1, of(&text, 0).boxed()),
    ]);
    let form = select(vec![ValueForm::Quoted, ValueForm::Token]);
    (name, value, form).prop_map(|(name, value, form)| {
        let is_token = !value.is_empty() && value.bytes().all(is_tchar);
        if form == ValueForm::Token && is_token && !name.eq_ignore_ascii_case("realm") {
            Param::token(name, value)
        } else {
            Param::quoted(name, value)
        }
    })
}

/// Up to six of these characters.
fn of(characters: &str, least: usize) -> impl Strategy<Value = String> + Clone + use<> {
    let characters: Vec<char> = characters.chars().collect();
    vec(select(characters), least..=6).prop_map(|text| text.into_iter().collect())
}

/// The parameters without those whose names came before.
fn distinct(params: Vec<Param>) -> Vec<Param> {
    let mut kept: Vec<Param> = Vec::new();
    for param in params {
        if !kept.iter().any(|one| one.is(&param.name)) {
            kept.push(param);
        }
    }
    kept
}

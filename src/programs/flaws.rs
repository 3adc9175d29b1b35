//! What is wrong with the form of credentials, be they let in or not: servers take much of it.

use super::presented::{DigestMarks, HeldAgainst, JudgedCredentials, digest_credentials};
use super::seen::Worth;
use crate::auth::{Challenge, ValueForm};
use crate::user_agents::conformance::{CredentialFlaw, SeenFlaw};
use crate::user_agents::model::{Offer, Parameters};

/// What must not be in quotes (RFC 7616 §3.4).
const TOKENS: [&str; 3] = ["algorithm", "qop", "nc"];

/// What must be.
const STRINGS: [&str; 7] = [
    "username", "realm", "nonce", "uri", "response", "cnonce", "opaque",
];

/// The most characters of a value that are shown.
const SHOWN: usize = 60;

/// What is wrong with the credentials of a request, the field lines of which have these values, and its client nonce.
pub(super) fn looked_over(
    values: &[&[u8]],
    judged: &JudgedCredentials,
    held: &HeldAgainst<'_>,
) -> (Vec<SeenFlaw>, Option<String>) {
    let mut flaws = Vec::new();
    if values.len() > 1 {
        let what = format!("a request has {} field lines of credentials", values.len());
        flaws.push(SeenFlaw::new(CredentialFlaw::SeveralFields, what));
    }
    let mut nonce = None;
    let is = |name: &str| judged.word.starts_with(name);
    match &judged.worth {
        _ if is("Digest-") => {
            let value = values.first().copied().unwrap_or_default();
            let credentials = digest_credentials(value.trim_ascii());
            flaws.extend(of_digest(&credentials, held));
            nonce = credentials.param("cnonce").map(str::to_owned);
        }
        Worth::Wrong(why) if is("Basic") || is("Bearer") => {
            flaws.push(SeenFlaw::new(CredentialFlaw::AnotherSecret, why.as_str()));
        }
        _ => {}
    }
    (flaws, nonce)
}

fn of_digest(credentials: &Challenge, held: &HeldAgainst<'_>) -> Vec<SeenFlaw> {
    let mut flaws = Vec::new();
    let mut note = |flaw, what: String| flaws.push(SeenFlaw::new(flaw, what));
    let marks = DigestMarks::of(credentials, held);
    if let Some(why) = marks.wrong {
        note(CredentialFlaw::WrongResponse, why);
    } else if marks.mixed {
        let what = "realm and nonce are not those of the challenge";
        note(CredentialFlaw::WrongResponse, what.to_owned());
    }
    if marks.elsewhere {
        let uri = shown(credentials.param("uri"));
        let what = format!("`uri` is {uri}, and the request is for {}", held.target);
        note(CredentialFlaw::AnotherUri, what);
    }
    for (names, form, flaw) in [
        (&TOKENS[..], true, CredentialFlaw::QuotedToken),
        (&STRINGS[..], false, CredentialFlaw::UnquotedString),
    ] {
        let is_named = |name: &str| names.iter().any(|one| name.eq_ignore_ascii_case(one));
        let of_form = { credentials.params.iter() }
            .filter(|param| is_named(&param.name) && (param.form == ValueForm::Quoted) == form);
        let odd: Vec<String> = of_form.map(|param| format!("`{}`", param.name)).collect();
        if let Some((last, rest)) = odd.split_last() {
            let (names, are) = match rest {
                [] => (last.clone(), "is"),
                _ => (format!("{} and {last}", rest.join(", ")), "are"),
            };
            let how = if form { "in quotes" } else { "not in quotes" };
            note(flaw, format!("{names} {are} {how}"));
        }
    }
    let lacks: Vec<&str> = { ["cnonce", "nc"].into_iter() }
        .filter(|name| credentials.param(name).is_none())
        .collect();
    if !lacks.is_empty() {
        let what = format!("there is no `{}`", lacks.join("` and no `"));
        note(CredentialFlaw::NoClientNonce, what);
    }
    against_challenge(credentials, held, &mut note);
    flaws
}

/// Holds what has to come from the challenge against the challenges with the nonce of a response; what agrees with one of
/// them is right.
fn against_challenge(
    credentials: &Challenge,
    held: &HeldAgainst<'_>,
    note: &mut impl FnMut(CredentialFlaw, String),
) {
    let own = |name: &str| credentials.param(name);
    let offers = held.served.iter().flat_map(|layout| layout.offers());
    let asked: Vec<Offer<'_>> = offers
        .filter(|offer| offer.is("Digest") && offer.parameter("nonce", OWN) == own("nonce"))
        .collect();
    if asked.is_empty() {
        return;
    }
    let offers = |has: &dyn Fn(&Offer<'_>) -> bool| asked.iter().any(has);
    let opaque = own("opaque");
    let given = |offer: &Offer<'_>| offer.parameter("opaque", OWN).map(unescaped);
    if !offers(&|offer| given(offer).as_deref() == opaque) {
        let what = match opaque {
            None => "there is no `opaque`".to_owned(),
            Some(_) => format!("`opaque` is {}, which was not offered", shown(opaque)),
        };
        note(CredentialFlaw::AnotherOpaque, what);
    }
    let algorithm = own("algorithm").unwrap_or("MD5");
    let is_it = |offer: &Offer<'_>| {
        let offered = offer.parameter("algorithm", OWN).unwrap_or("MD5");
        offered.eq_ignore_ascii_case(algorithm)
    };
    if !offers(&is_it) {
        let what = match own("algorithm") {
            None => "there is no `algorithm`, which means MD5".to_owned(),
            named => format!("`algorithm` is {}, which was not offered", shown(named)),
        };
        note(CredentialFlaw::AnotherAlgorithm, what);
    }
    let Some(quality) = own("qop") else { return };
    let has_it = |offer: &Offer<'_>| {
        let offered = offer.parameter("qop", OWN).unwrap_or_default();
        let mut offered = offered.split(',').map(str::trim);
        offered.any(|one| one.eq_ignore_ascii_case(quality))
    };
    if !offers(&has_it) {
        let what = format!("`qop` is {}, which was not offered", shown(own("qop")));
        note(CredentialFlaw::AnotherQop, what);
    }
}

/// A text without what quotes its characters (RFC 9110 §5.6.4).
fn unescaped(text: &str) -> String {
    let mut quoted = false;
    let kept = text.chars().filter(|c| {
        quoted = *c == '\\' && !quoted;
        !quoted
    });
    kept.collect()
}

/// A challenge's own parameters.
const OWN: Parameters = Parameters::Own;

/// A value in quotes, or its first characters.
fn shown(value: Option<&str>) -> String {
    let value = value.unwrap_or_default();
    let mut shown: String = value.chars().take(SHOWN).collect();
    if shown.len() < value.len() {
        shown.push('…');
    }
    format!("\"{shown}\"")
}

#[cfg(test)]
mod tests {
    use super::super::command::ClientSecrets;
    use super::super::presented::judge;
    use super::*;
    use crate::user_agents::model::Layout;
    use CredentialFlaw as Flaw;

    const OFFERED: &str =
        "Digest realm=\"r\", nonce=\"n\", qop=\"auth\", algorithm=MD5, opaque=\"o\"";

    /// Worked out by another implementation (md5sum): user, pass, realm `r`, nonce `n`, cnonce `c`, count 1.
    const RIGHT: &str = "Digest username=\"user\", realm=\"r\", nonce=\"n\", uri=\"/resource\", cnonce=\"c\", nc=00000001, \
                         qop=auth, response=\"c9b9c0f4e21dd56debd689f93f4ceeed\", algorithm=MD5, opaque=\"o\"";

    fn flaws(values: &[&str], offered: &str, target: &str) -> Vec<(CredentialFlaw, String)> {
        let held = HeldAgainst {
            secrets: &ClientSecrets::usual(),
            served: &[Layout::new([offered])],
            method: "GET",
            target,
            body: b"",
        };
        let values: Vec<&[u8]> = values.iter().map(|value| value.as_bytes()).collect();
        let judged = judge(values.first().copied(), &held);
        let (flaws, nonce) = looked_over(&values, &judged, &held);
        assert_eq!(nonce.is_some(), judged.word.contains("/auth"), "{judged:?}");
        flaws.into_iter().map(|it| (it.flaw, it.what)).collect()
    }

    #[test]
    fn what_is_right_has_no_flaw() {
        let of = |value: &str| flaws(&[value], OFFERED, "/resource");
        assert_eq!(of(RIGHT), []);
        // MD5 is assumed where none is named, and named by some who were not told.
        let without = OFFERED.replace(", algorithm=MD5", "");
        for value in [RIGHT.to_owned(), RIGHT.replace(", algorithm=MD5", "")] {
            assert_eq!(flaws(&[&value], &without, "/resource"), []);
        }
        assert_eq!(of(&RIGHT.replace(", algorithm=MD5", "")), []);
        assert_eq!(flaws(&[RIGHT], OFFERED, "http://h/resource"), []);
        // What is quoted within a value is compared without its backslashes.
        let quoted = OFFERED.replace("opaque=\"o\"", "opaque=\"\\o\"");
        assert_eq!(flaws(&[RIGHT], &quoted, "/resource"), []);
        assert_eq!(of("Basic dXNlcjpwYXNz"), []);
        assert_eq!(of("Bearer tok3n"), []);
        assert_eq!(flaws(&[], OFFERED, "/resource"), []);
    }

    #[test]
    fn each_flaw_is_seen_where_it_is_the_only_one() {
        for (was, is, flaw, what) in [
            (
                "c9b9",
                "c9b8",
                Flaw::WrongResponse,
                "`response` is not what its parameters make it",
            ),
            (
                "nc=00000001",
                "nc=1",
                Flaw::WrongResponse,
                "`nc` is no count",
            ),
            (
                ", opaque=\"o\"",
                "",
                Flaw::AnotherOpaque,
                "there is no `opaque`",
            ),
            (
                "opaque=\"o\"",
                "opaque=\"p\"",
                Flaw::AnotherOpaque,
                "`opaque` is \"p\", which was not offered",
            ),
            (
                "qop=auth",
                "qop=\"auth\"",
                Flaw::QuotedToken,
                "`qop` is in quotes",
            ),
            (
                "nc=00000001",
                "nc=\"00000001\"",
                Flaw::QuotedToken,
                "`nc` is in quotes",
            ),
            (
                "algorithm=MD5",
                "algorithm=\"MD5\"",
                Flaw::QuotedToken,
                "`algorithm` is in quotes",
            ),
            (
                "realm=\"r\", nonce=\"n\"",
                "realm=r, nonce=n",
                Flaw::UnquotedString,
                "`realm` and `nonce` are not in quotes",
            ),
        ] {
            let value = RIGHT.replace(was, is);
            let seen = flaws(&[&value], OFFERED, "/resource");
            assert_eq!(seen, [(flaw, what.to_owned())], "{is}");
        }
        let told = |values: &[&str], offered: &str, target: &str| {
            let seen = flaws(values, offered, target).into_iter();
            seen.map(|(flaw, _)| flaw).collect::<Vec<_>>()
        };
        let of = |value: &str| told(&[value], OFFERED, "/resource");
        assert_eq!(
            told(&[RIGHT, RIGHT], OFFERED, "/resource"),
            [Flaw::SeveralFields]
        );
        assert_eq!(told(&[RIGHT], OFFERED, "/resource?a=1"), [Flaw::AnotherUri]);
        let int = OFFERED.replace("\"auth\"", "\"auth-int\"");
        assert_eq!(told(&[RIGHT], &int, "/resource"), [Flaw::AnotherQop]);
        let sha = OFFERED.replace("MD5", "SHA-256");
        assert_eq!(told(&[RIGHT], &sha, "/resource"), [Flaw::AnotherAlgorithm]);
        // Another nonce than the one that was given.
        assert_eq!(
            of(&RIGHT.replace("realm=\"r\"", "realm=\"s\"")),
            [Flaw::WrongResponse]
        );
        // As RFC 2069 had it.
        let old = "Digest username=\"user\", realm=\"r\", nonce=\"n\", uri=\"/resource\", opaque=\"o\", \
                   response=\"4dd375cc1c691255e9fd34d42a7fd573\"";
        assert_eq!(of(old), [Flaw::NoClientNonce]);
        for value in ["Basic dXNlcjpvdGhlcg==", "Basic !", "Bearer other"] {
            assert_eq!(of(value), [Flaw::AnotherSecret], "{value}");
        }
    }
}

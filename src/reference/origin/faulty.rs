//! Challenges that depart, by seeded faults: in what they say, and in how they are written.

use super::metadata::WELL_KNOWN;
use super::trouble::Trouble;
use crate::auth::{Challenge, Departure, Lines, ListStyle, Param, ValueForm, departing};
use crate::reference::fault::Fault;
use crate::reference::seeded::Faults;

/// Faults that write challenges in a way that the grammar does not have.
const DEPARTURES: [(Fault, Departure); 16] = [
    (Fault::WritesEmptyElement, Departure::EmptyListElement),
    (
        Fault::WritesSpaceAroundEquals,
        Departure::WhiteSpaceAroundEquals,
    ),
    (Fault::WritesParameterTwice, Departure::DuplicateParameter),
    (Fault::WritesTabAfterScheme, Departure::TabAfterScheme),
    (
        Fault::WritesToken68BesideParameters,
        Departure::ParameterBesideToken68,
    ),
    (Fault::WritesUnclosedQuote, Departure::UnclosedQuote),
    (Fault::OmitsCommaBetweenChallenges, Departure::MissingComma),
    (
        Fault::WritesNeedlessQuotedPairs,
        Departure::NeedlessQuotedPair,
    ),
    (Fault::WritesValueWithoutQuotes, Departure::ValueNotAToken),
    (Fault::OmitsValue, Departure::MissingValue),
    (Fault::WritesColonAfterScheme, Departure::NoSpaceAfterScheme),
    (
        Fault::WritesCommaAfterScheme,
        Departure::ParameterAfterBareScheme,
    ),
    (
        Fault::WritesParameterBeforeScheme,
        Departure::ParameterBeforeScheme,
    ),
    (Fault::WritesJunkBeforeScheme, Departure::NotAChallenge),
    (
        Fault::WritesJunkAfterScheme,
        Departure::NotToken68NorParameter,
    ),
    (
        Fault::WritesParametersOnLines,
        Departure::ParameterBeginsLine,
    ),
];

/// Field lines that say these challenges, as the faults have them.
pub(super) fn lines(list: &[Challenge], faults: &Faults) -> Vec<Vec<u8>> {
    if faults.are_none() {
        return ListStyle::default().write(list);
    }
    if faults.has(Fault::JoinsChallenges) {
        let layout = ListStyle {
            lines: Lines::Joined(", "),
            ..ListStyle::default()
        };
        return layout.write(list);
    }
    DEPARTURES
        .into_iter()
        .filter(|(fault, _)| faults.has(*fault))
        .find_map(|(_, departure)| departing(departure, list))
        .unwrap_or_else(|| ListStyle::default().write(list))
}

/// Changes what the challenges say.
pub(super) fn change(list: &mut Vec<Challenge>, trouble: Trouble, faults: &Faults) {
    if faults.are_none() {
        return;
    }
    whole(list, trouble, faults);
    for challenge in list.iter_mut() {
        if faults.has(Fault::WritesRealmAsToken) {
            reform(challenge, "realm", Param::token);
        }
        if faults.has(Fault::WritesBeyondAscii) {
            set(challenge, "realm", "countersign\u{e9}");
        }
        match challenge.scheme.as_str() {
            "Basic" => basic(challenge, faults),
            "Bearer" => bearer(challenge, trouble, faults),
            "Digest" => digest(challenge, trouble, faults),
            "DPoP" => dpop(challenge, faults),
            _ => {}
        }
    }
}

/// Faults of the list.
fn whole(list: &mut Vec<Challenge>, trouble: Trouble, faults: &Faults) {
    if faults.has(Fault::AdvertisesForeignScheme)
        && let Some(foreign) = ["Basic", "Bearer"]
            .into_iter()
            .find(|scheme| !list.iter().any(|challenge| challenge.is(scheme)))
    {
        list.push(Challenge::new(foreign).with(Param::quoted("realm", "")));
    }
    if faults.has(Fault::NegotiateWithData) {
        let mut negotiate = Challenge::new("Negotiate");
        negotiate.token68 = Some("oRQwEqADCgEB".to_owned());
        list.push(negotiate);
    }
    if faults.has(Fault::RepeatsChallenge) {
        list.extend(list.first().cloned());
    }
    if faults.has(Fault::ErrorOnEveryChallenge)
        && matches!(trouble, Trouble::With(..))
        && let Some(error) = list
            .iter()
            .find_map(|challenge| challenge.params_named("error").next().cloned())
    {
        for challenge in list.iter_mut().filter(|one| one.param("error").is_none()) {
            challenge.params.push(error.clone());
        }
    }
    if faults.has(Fault::DpopErrorOnBearer) {
        move_error(list, "DPoP", "Bearer");
    }
    if faults.has(Fault::DigestWeakestFirst) {
        let mut digest: Vec<Challenge> = list
            .iter()
            .filter(|one| one.is("Digest"))
            .cloned()
            .collect();
        for challenge in list.iter_mut().filter(|one| one.is("Digest")) {
            if let Some(last) = digest.pop() {
                *challenge = last;
            }
        }
    }
    if faults.has(Fault::DigestMd5Only) {
        let is_md5 = |one: &Challenge| {
            let algorithm = one.param("algorithm").unwrap_or_default();
            algorithm.starts_with("MD5")
        };
        list.retain(|one| !one.is("Digest") || is_md5(one));
    }
    if faults.has(Fault::DigestAlgorithmTwice) {
        for challenge in list.iter_mut().filter(|one| one.is("Digest")) {
            set_token(challenge, "algorithm", "SHA-256");
        }
    }
}

/// Tells in the challenge of one scheme what was wrong with credentials of another.
fn move_error(list: &mut [Challenge], from: &str, to: &str) {
    let errors = ["error", "error_description"];
    let mut moved = Vec::new();
    for challenge in list.iter_mut().filter(|one| one.is(from)) {
        let is_error = |param: &Param| errors.iter().any(|name| param.is(name));
        let told = challenge.params.iter().filter(|param| is_error(param));
        moved.extend(told.cloned());
        challenge.params.retain(|param| !is_error(param));
    }
    for challenge in list.iter_mut().filter(|one| one.is(to)) {
        challenge.params.append(&mut moved);
    }
}

fn dpop(challenge: &mut Challenge, faults: &Faults) {
    if faults.has(Fault::DpopAlgsUnnamed) {
        remove(challenge, "algs");
    }
    for (fault, algs) in [
        (Fault::DpopAlgsWithCommas, "ES256,PS256"),
        (Fault::DpopAlgsWithNone, "ES256 none"),
    ] {
        if faults.has(fault) {
            set(challenge, "algs", algs);
        }
    }
    if faults.has(Fault::ProofErrorUntold) {
        for name in ["error", "error_description"] {
            remove(challenge, name);
        }
    }
    let code = challenge.param("error").unwrap_or_default().to_owned();
    let renamed = match code.as_str() {
        "invalid_dpop_proof" if faults.has(Fault::ProofErrorMisnamed) => Some("invalid_request"),
        "invalid_token" if faults.has(Fault::DpopTokenMisnamed) => Some("invalid_dpop_proof"),
        "use_dpop_nonce" if faults.has(Fault::NonceErrorMisnamed) => Some("invalid_dpop_proof"),
        _ => None,
    };
    if let Some(renamed) = renamed {
        set(challenge, "error", renamed);
    }
    if faults.has(Fault::DpopMisnamed) {
        "PoP".clone_into(&mut challenge.scheme);
    }
}

fn basic(challenge: &mut Challenge, faults: &Faults) {
    if faults.has(Fault::BasicWithoutRealm) {
        remove(challenge, "realm");
    }
    if faults.has(Fault::BasicCharsetLatin1) {
        set(challenge, "charset", "ISO-8859-1");
    }
    if faults.has(Fault::BasicWithType) {
        challenge.params.push(Param::quoted("type", "password"));
    }
    if faults.has(Fault::BasicMisnamed) {
        "BasicAuth".clone_into(&mut challenge.scheme);
    }
}

fn bearer(challenge: &mut Challenge, trouble: Trouble, faults: &Faults) {
    if faults.has(Fault::ErrorTextUnasked) && trouble == Trouble::Nothing {
        let text = "There is no access token";
        challenge
            .params
            .push(Param::quoted("error_description", text));
    }
    for (fault, name, value) in [
        (Fault::ScopeInJson, "scope", "[\"write\"]"),
        (Fault::ErrorWithQuotes, "error", "\"invalid_token\""),
        (
            Fault::DescriptionWithQuotes,
            "error_description",
            "Unknown token \"…\"",
        ),
        (
            Fault::ErrorUriWithBlanks,
            "error_uri",
            "https://resource.example/an error",
        ),
        (
            Fault::AcrValuesWithGap,
            "acr_values",
            "urn:example:strong  urn:example:key",
        ),
        (
            Fault::MetadataRelative,
            "resource_metadata",
            "/.well-known/oauth-protected-resource",
        ),
        (
            Fault::MetadataInClear,
            "resource_metadata",
            "http://resource.example/.well-known/oauth-protected-resource",
        ),
        (
            Fault::MetadataOfBackend,
            "resource_metadata",
            "https://backend.internal:8080/.well-known/oauth-protected-resource",
        ),
    ] {
        if faults.has(fault) {
            set(challenge, name, value);
        }
    }
    for (fault, name) in [
        (Fault::BearerRealmTwice, "realm"),
        (Fault::BearerScopeTwice, "scope"),
        (Fault::BearerErrorTwice, "error"),
        (Fault::BearerDescriptionTwice, "error_description"),
        (Fault::MetadataTwice, "resource_metadata"),
    ] {
        if faults.has(fault) {
            let again = challenge.params_named(name).next().cloned();
            challenge.params.extend(again);
        }
    }
    if faults.has(Fault::MaxAgeWithUnit) {
        set_token(challenge, "max_age", "300s");
    }
    if faults.has(Fault::MetadataAtTheResource)
        && let Some(url) = challenge.param("resource_metadata")
    {
        let url = url.replace(WELL_KNOWN, "");
        set(challenge, "resource_metadata", &url);
    }
    if faults.has(Fault::MetadataUnsaid) {
        remove(challenge, "resource_metadata");
    }
    if faults.has(Fault::InsufficientScopeUnnamed) {
        remove(challenge, "scope");
    }
    let untold = match challenge.param("error") {
        Some("insufficient_scope") => faults.has(Fault::InsufficientScopeUntold),
        Some("insufficient_user_authentication") => faults.has(Fault::StepUpUntold),
        _ => false,
    };
    if untold || faults.has(Fault::BadTokenWithoutError) {
        for name in ["error", "error_description", "error_uri"] {
            remove(challenge, name);
        }
    }
    let code = challenge.param("error").unwrap_or_default().to_owned();
    let renamed = match code.as_str() {
        "invalid_token" if faults.has(Fault::BadTokenMisnamed) => Some("token_expired"),
        "invalid_request" if faults.has(Fault::TwoTokensMisnamed) => Some("invalid_token"),
        "insufficient_scope" if faults.has(Fault::InsufficientScopeMisnamed) => {
            Some("invalid_token")
        }
        "insufficient_user_authentication" if faults.has(Fault::StepUpMisnamed) => {
            Some("invalid_token")
        }
        _ => None,
    };
    if let Some(renamed) = renamed {
        set(challenge, "error", renamed);
    }
    if faults.has(Fault::BareBearer) {
        challenge.params.clear();
    }
    if faults.has(Fault::BearerMisnamed) {
        "OAuth2".clone_into(&mut challenge.scheme);
    }
}

fn digest(challenge: &mut Challenge, trouble: Trouble, faults: &Faults) {
    for (fault, name) in [
        (Fault::DigestWithoutRealm, "realm"),
        (Fault::DigestWithoutNonce, "nonce"),
        (Fault::DigestWithoutQop, "qop"),
        (Fault::DigestUserHashUnsaid, "userhash"),
        (Fault::DigestDomainUnsaid, "domain"),
        (Fault::DigestCharsetUnsaid, "charset"),
    ] {
        if faults.has(fault) {
            remove(challenge, name);
        }
    }
    for (fault, name) in [
        (Fault::DigestQopUnquoted, "qop"),
        (Fault::DigestNonceUnquoted, "nonce"),
        (Fault::DigestOpaqueUnquoted, "opaque"),
    ] {
        if faults.has(fault) {
            reform(challenge, name, Param::token);
        }
    }
    if faults.has(Fault::DigestStaleForWrongPassword)
        && matches!(trouble, Trouble::With(..))
        && challenge.param("stale").is_none()
    {
        challenge.params.push(Param::token("stale", "true"));
    }
    if faults.has(Fault::DigestStaleNumber) {
        set_token(challenge, "stale", "1");
    }
    for (fault, name) in [
        (Fault::DigestAlgorithmQuoted, "algorithm"),
        (Fault::DigestStaleQuoted, "stale"),
    ] {
        if faults.has(fault) {
            reform(challenge, name, Param::quoted);
        }
    }
    if faults.has(Fault::DigestUserHashNumber) {
        set_token(challenge, "userhash", "1");
    }
    if faults.has(Fault::DigestDomainUnquoted) {
        set_token(challenge, "domain", "other.example");
    }
    if faults.has(Fault::DigestDomainInBrackets) {
        set(challenge, "domain", "</> <https://other.example/>");
    }
    if faults.has(Fault::DigestAlgorithmMisspelt) && challenge.param("algorithm") == Some("SHA-256")
    {
        set_token(challenge, "algorithm", "SHA256");
    }
    if faults.has(Fault::DigestQopMisspelt) {
        set(challenge, "qop", "auth auth-int");
    }
    if faults.has(Fault::DigestCharsetLatin1) {
        set_token(challenge, "charset", "ISO-8859-1");
    }
    if faults.has(Fault::DigestMisnamed) {
        "MessageDigest".clone_into(&mut challenge.scheme);
    }
}

/// The value of `Authentication-Info` that says these parameters; empty for none.
pub(super) fn info(params: &[Param], faults: &Faults) -> String {
    if params.is_empty() {
        return String::new();
    }
    let mut info = Challenge::new("Info");
    info.params = params.to_vec();
    if faults.has(Fault::DigestInfoWithoutClientNonce) {
        remove(&mut info, "cnonce");
    }
    if faults.has(Fault::DigestInfoWithoutCount) {
        remove(&mut info, "nc");
    }
    if faults.has(Fault::DigestInfoOfAnother) {
        set(&mut info, "cnonce", "another");
        set_token(&mut info, "nc", "0000002a");
    }
    if faults.has(Fault::DigestInfoProofWrong) {
        set(&mut info, "rspauth", "0123456789abcdef0123456789abcdef");
    }
    if faults.has(Fault::DigestInfoWithoutProof) {
        remove(&mut info, "rspauth");
    }
    if faults.has(Fault::DigestNextNonceUnsaid) {
        remove(&mut info, "nextnonce");
    }
    if faults.has(Fault::DigestNextNonceUnquoted) {
        reform(&mut info, "nextnonce", Param::token);
    }
    if faults.has(Fault::DigestInfoUnquoted) {
        reform(&mut info, "rspauth", Param::token);
        reform(&mut info, "cnonce", Param::token);
    }
    if faults.has(Fault::DigestInfoQuoted) {
        reform(&mut info, "qop", Param::quoted);
        reform(&mut info, "nc", Param::quoted);
    }
    if faults.has(Fault::DigestInfoQualityFixed) {
        set_token(&mut info, "qop", "auth");
    }
    if faults.has(Fault::DigestInfoShortCount) {
        set_token(&mut info, "nc", "1");
    }
    // A list of parameters is a challenge without its scheme.
    let text = info.to_string();
    text.strip_prefix("Info ").unwrap_or_default().to_owned()
}

fn remove(challenge: &mut Challenge, name: &str) {
    challenge.params.retain(|param| !param.is(name));
}

/// Gives a parameter that is there another value, quoted.
fn set(challenge: &mut Challenge, name: &str, value: &str) {
    for param in challenge.params.iter_mut().filter(|param| param.is(name)) {
        *param = Param::quoted(param.name.clone(), value);
    }
}

/// The same, as a token.
fn set_token(challenge: &mut Challenge, name: &str, value: &str) {
    for param in challenge.params.iter_mut().filter(|param| param.is(name)) {
        *param = Param::token(param.name.clone(), value);
    }
}

/// Writes the value of a parameter in another form.
fn reform(challenge: &mut Challenge, name: &str, form: fn(String, String) -> Param) {
    for param in challenge.params.iter_mut() {
        if param.is(name) && matches!(param.form, ValueForm::Quoted | ValueForm::Token) {
            *param = form(param.name.clone(), param.value.clone());
        }
    }
}

//! The first requests to a deployed endpoint: without credentials, and once with each that were given. Where they
//! show that there is nothing to judge, nothing more is asked.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use countersign::auth::Challenge;
use countersign::credentials::{Scheme, can_answer};
use countersign::implementation::Guest;
use countersign::report::Hint;
use countersign::user_agents::reach::{ResponseHead, SchemeKnowledge};
use countersign::vocabulary::Method;
use countersign::wire::{Account, Care, Heed, Limits, Response, Risk, Transport, wait_of};

use super::holdings::Holdings;
use crate::cli::arguments::PasswordScheme;
use crate::cli::failure::CommandFailure;
use crate::cli::reach::ask::{Approach, attempt, exchange};
use crate::cli::reach::place::ServerUrl;
use crate::cli::reach::{Answered, SchemesTried};

/// What the first requests showed.
pub(super) struct Entered {
    /// The answer to a request without credentials.
    pub(super) seen: ResponseHead,
    /// The schemes whose credentials were let in.
    pub(super) let_in: Vec<Scheme>,
    /// The schemes whose credentials were not, each with the status.
    pub(super) refused: Vec<(Scheme, u16)>,
    /// The schemes that are advertised, of those that are spoken here.
    pub(super) advertised: Vec<Scheme>,
    /// Credentials that were given and not sent, each with the reason.
    pub(super) not_sent: Vec<String>,
    /// The schemes that the policy is told to have.
    told: Vec<Scheme>,
    tries: SchemesTried,
    asked: String,
    has: (bool, bool),
}

impl Entered {
    /// The schemes that are let in or advertised, in the order of simplicity.
    pub(super) fn schemes(&self) -> Vec<Scheme> {
        let is_there = |scheme: &&Scheme| {
            let known = [&self.let_in, &self.advertised, &self.told];
            !is_keyed(**scheme) && known.iter().any(|known| known.contains(scheme))
        };
        Scheme::ALL.iter().filter(is_there).copied().collect()
    }

    /// What the policy is taken to be.
    pub(super) fn policy_in_words(&self) -> String {
        let mut parts: Vec<&str> = self.schemes().iter().map(|scheme| scheme.name()).collect();
        for (scheme, what) in [
            (Scheme::ApiKey, "an API key"),
            (Scheme::Hmac, "signed requests"),
        ] {
            parts.extend(self.let_in.contains(&scheme).then_some(what));
        }
        let from = match self.told.is_empty() {
            true => "what is let in or advertised",
            false => "what is let in, advertised or told of",
        };
        format!("{}: {from}", parts.join(", "))
    }

    /// What was answered, for the question who gets in.
    pub(super) fn answered(&self) -> Answered {
        Answered {
            asked: self.asked.clone(),
            seen: self.seen.clone(),
            tries: self.tries,
            hint: Hint::Give {
                user: self.has.0,
                token: self.has.1,
            },
        }
    }
}

/// Whether a scheme is none that is registered, so that no profile has it and no challenge names it.
pub(super) fn is_keyed(scheme: Scheme) -> bool {
    matches!(scheme, Scheme::ApiKey | Scheme::Hmac)
}

/// What an answer asks for.
pub(super) fn heed(care: &Care, risk: Risk, response: &Response) -> Heed {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    let now = since.as_ref().map_or(0, Duration::as_secs);
    let mut values = response.fields_named("Retry-After");
    let wait = { values.next() }.and_then(|value| wait_of(std::str::from_utf8(value).ok()?, now));
    care.answered(risk, response.status, wait)
}

/// Asks without credentials, and then once with each that were given, by a method that everything is asked by.
pub(super) async fn enter(
    place: &ServerUrl,
    holdings: &Holdings,
    guest: &Guest,
    method: Method,
) -> Result<Entered, CommandFailure> {
    let (care, agent) = (&guest.care, guest.agent.as_str());
    let mut transport = Transport::new(Limits::default()).trusting(guest.trust.clone());
    let mut response = loop {
        care.take_turn().await;
        transport.hang_up();
        let response = exchange(&mut transport, place, agent, method).await?;
        if heed(care, Risk::Bare, &response) != Heed::Again || care.may_send(Risk::Bare).is_err() {
            break response;
        }
    };
    for field in &mut response.fields {
        field.value = place.masked(&field.value);
    }
    let page = page_for_people(&response.body);
    let seen = ResponseHead::new(response.status, response.fields);
    let says_https = String::from_utf8_lossy(&response.body)
        .to_ascii_lowercase()
        .contains("https");
    if seen.status == 400 && !place.secure && says_https {
        return Err(no_verdict(
            place,
            "it answers 400 to a request without credentials, and speaks of HTTPS",
            "it is a port where TLS is spoken: ask it by https; no credentials were sent",
        ));
    }
    worth_judging(&seen, page, holdings, place)?;
    let challenges = seen.challenges().list;
    let mut wanted: Vec<(Scheme, Option<&Challenge>)> = Vec::new();
    let mut not_sent = Vec::new();
    if holdings.has_user_for(PasswordScheme::Basic) {
        wanted.push((Scheme::Basic, None));
    }
    if holdings.given.has_token() {
        wanted.push((Scheme::Bearer, None));
    }
    if holdings.has_key() {
        wanted.push((Scheme::ApiKey, None));
    }
    if holdings.has_user_for(PasswordScheme::Hmac) {
        wanted.push((Scheme::Hmac, None));
    }
    if holdings.has_user_for(PasswordScheme::Digest) {
        let mut answerable = challenges.iter();
        match answerable.find(|one| can_answer(Scheme::Digest, one)) {
            Some(challenge) => wanted.push((Scheme::Digest, Some(challenge))),
            None => not_sent.push(
                "Digest: there is no challenge of it that could be answered (RFC 7616 §3.3)"
                    .to_owned(),
            ),
        }
    }
    let mut tries = SchemesTried::default();
    let (mut let_in, mut refused) = (Vec::new(), Vec::new());
    for (scheme, challenge) in wanted {
        let risk = Risk::Unknown(account_of(scheme));
        let tried = loop {
            if let Err(why) = care.may_begin(risk, true) {
                not_sent.push(format!("{}: {why}", scheme.name()));
                break None;
            }
            care.take_turn().await;
            transport.hang_up();
            let with = Approach {
                agent,
                identities: &guest.identities,
                key: guest.key.as_ref(),
                asker: seen.status,
                method,
            };
            let tried = attempt(&mut transport, place, &with, scheme, challenge);
            let (tried, response) = tried.await?;
            if heed(care, risk, &response) != Heed::Again {
                break Some(tried);
            }
        };
        let Some(tried) = tried else {
            continue;
        };
        if let SchemeKnowledge::Tried { accepted, status } = tried {
            let status = status.unwrap_or_default();
            match accepted {
                true => let_in.push(scheme),
                false => refused.push((scheme, status)),
            }
        }
        match scheme {
            Scheme::Basic => tries.basic = Some(tried),
            Scheme::Bearer => tries.bearer = Some(tried),
            Scheme::Digest => tries.digest = Some(tried),
            // No client of the catalogue has a key.
            _ => {}
        }
    }
    if let Some(why) = care.halted() {
        return Err(no_verdict(
            place,
            &why,
            "wait, and ask again with a lower `--rate`",
        ));
    }
    let_in.sort();
    let advertised = advertised(&challenges);
    let is_given = holdings.is_anything();
    not_sent.extend(holdings.not_sent(&let_in));
    if matches!(seen.status, 401 | 407) {
        let unknown = |scheme: &&Scheme| {
            !let_in.contains(scheme) && !refused.iter().any(|(tried, _)| tried == *scheme)
        };
        let unnamed = |scheme: &&Scheme| !advertised.contains(scheme);
        let told = holdings.told.profiles.iter();
        not_sent.extend(told.filter(unknown).filter(unnamed).map(|scheme| {
            let (name, named) = (scheme.name(), words(&advertised));
            let named = match named.is_empty() {
                true => "no scheme that is spoken here".to_owned(),
                false => named,
            };
            format!(
                "{name}, which the policy has: the {} names {named}, so whoever waits for a challenge of {name} is shut out if \
                 it is taken; whether it is, its credentials would show",
                seen.status
            )
        }));
    }
    // What is neither a refusal nor a success, such as a 400 for want of content, leaves what is seen from outside.
    let is_past = |(_, status): &(Scheme, u16)| !matches!(status, 401 | 403 | 407);
    let is_past = matches!(seen.status, 401 | 407) && refused.iter().any(is_past);
    if is_given && let_in.is_empty() && !is_past {
        let tried = refused
            .iter()
            .map(|(scheme, status)| format!("{} ({status})", scheme.name()));
        let tried: Vec<String> = tried.chain(not_sent).collect();
        let help = match guest.care.bounds().failed {
            0 => "no log-in may fail, so none is tried: give `--failed-log-ins 1` or more",
            _ => {
                "make sure that they are right, and for this URL; without any, only what is seen from outside is judged"
            }
        };
        let what = match refused.is_empty() {
            true => "none of the credentials was sent",
            false => "none of the credentials gets in",
        };
        return Err(no_verdict(
            place,
            &format!("{what}: {}", tried.join("; ")),
            help,
        ));
    }
    if let_in.is_empty() && !matches!(seen.status, 401 | 407) {
        return Err(no_verdict(
            place,
            &format!("it answers {} and asks for no credentials", seen.status),
            "give credentials that it lets in, or the URL of a resource that is there",
        ));
    }
    if let_in.is_empty() && advertised.is_empty() {
        return Err(no_verdict(
            place,
            "it advertises no scheme that is spoken here (Basic, Bearer, Digest), and no credentials were given",
            "`countersign reach` says what is wrong with its challenges",
        ));
    }
    Ok(Entered {
        let_in,
        refused,
        advertised,
        not_sent,
        tries,
        asked: place.shown.clone(),
        has: (holdings.given.has_user(), holdings.given.has_token()),
        told: holdings.told.profiles.clone(),
        seen,
    })
}

/// Whether credentials that were let in still are, where log-ins failed meanwhile: whoever is locked out is refused
/// whatever he sends, so that nothing follows from it.
pub(super) async fn still_let_in(
    place: &ServerUrl,
    guest: &Guest,
    seen: &ResponseHead,
    method: Method,
) -> Result<(), CommandFailure> {
    let (care, agent) = (&guest.care, guest.agent.as_str());
    let mut transport = Transport::new(Limits::default()).trusting(guest.trust.clone());
    let challenges = seen.challenges().list;
    for scheme in &guest.let_in {
        let account = account_of(*scheme);
        let has_failed = care.failed().iter().any(|(of, _)| *of == account);
        let risk = Risk::Known(account);
        if !has_failed || care.may_send(risk).is_err() {
            continue;
        }
        let mut answerable = challenges.iter();
        let challenge = match scheme {
            Scheme::Digest => answerable.find(|one| can_answer(Scheme::Digest, one)),
            _ => None,
        };
        care.take_turn().await;
        transport.hang_up();
        let with = Approach {
            agent,
            identities: &guest.identities,
            key: guest.key.as_ref(),
            asker: seen.status,
            method,
        };
        let asked = attempt(&mut transport, place, &with, *scheme, challenge);
        let (_, response) = asked.await?;
        heed(care, risk, &response);
    }
    Ok(())
}

/// Whose log-in the credentials of a scheme are.
pub(super) fn account_of(scheme: Scheme) -> Account {
    match scheme {
        Scheme::Bearer => Account::Token,
        Scheme::ApiKey => Account::Key,
        _ => Account::User,
    }
}

/// The schemes of challenges, of those that are judged here.
fn advertised(challenges: &[Challenge]) -> Vec<Scheme> {
    let schemes = [Scheme::Basic, Scheme::Bearer, Scheme::Digest];
    let is_named = |scheme: &Scheme| challenges.iter().any(|one| one.is(scheme.name()));
    schemes.into_iter().filter(is_named).collect()
}

/// Whether the answer to a request without credentials leaves anything to judge.
fn worth_judging(
    seen: &ResponseHead,
    page: Option<&str>,
    holdings: &Holdings,
    place: &ServerUrl,
) -> Result<(), CommandFailure> {
    let (why, help) = match seen.status {
        200..=299 | 403 | 503 if page.is_some() => (
            format!(
                "it answers {} to a request without credentials, with {}",
                seen.status,
                page.unwrap_or_default()
            ),
            "that is for people in a browser: probe the URL of a resource whose clients are programs".to_owned(),
        ),
        200..=299 if holdings.shows_certificate => (
            format!(
                "it answers {} to a request without other credentials than the client certificate: whether that lets in, or \
                 nothing has to, cannot be told apart, and nothing follows from who else gets in",
                seen.status
            ),
            "certificates are shown and not judged: probe the URL of a resource that asks for other credentials too"
                .to_owned(),
        ),
        200..=299 => (
            format!(
                "it answers {} to a request without credentials: it is open, and nothing follows from who else \
                 gets in",
                seen.status
            ),
            "probe the URL of a resource that asks for credentials".to_owned(),
        ),
        300..=399 => (
            format!(
                "it answers {} to a request without credentials, which leads elsewhere and is not followed",
                seen.status
            ),
            match seen.lines("location").first() {
                Some(location) => {
                    let location = String::from_utf8_lossy(&place.masked(location)).into_owned();
                    let lower = location.to_ascii_lowercase();
                    let is_log_in = ["login", "signin", "sign-in", "log-in", "sso", "oauth", "auth"];
                    match is_log_in.iter().any(|word| lower.contains(word)) {
                        true => format!(
                            "{location} looks like a log-in page for people: probe a URL whose clients are programs"
                        ),
                        false => format!("if that is where the resource is, probe it: {location}"),
                    }
                }
                None => "probe the URL of the resource itself".to_owned(),
            },
        ),
        429 => (
            "it answers 429 to the first request".to_owned(),
            match seen.lines("retry-after").first() {
                Some(value) => format!(
                    "wait, and probe again; it says `Retry-After: {}`",
                    value.escape_ascii()
                ),
                None => "wait, and probe again; it does not say how long".to_owned(),
            },
        ),
        500..=599 => (
            format!(
                "it answers {} to a request without credentials",
                seen.status
            ),
            "see what its own log says".to_owned(),
        ),
        _ => return Ok(()),
    };
    Err(no_verdict(place, &why, &help))
}

fn no_verdict(place: &ServerUrl, why: &str, help: &str) -> CommandFailure {
    CommandFailure::environment(format!(
        "{}: no verdict: {why}\n  help: {help}",
        place.shown
    ))
}

/// What a page is that is for people, where it looks so.
pub(super) fn page_for_people(body: &[u8]) -> Option<&'static str> {
    let text = String::from_utf8_lossy(body).to_ascii_lowercase();
    if !text.contains("<html") && !text.contains("<form") && !text.contains("<!doctype") {
        return None;
    }
    if text.contains("captcha") || text.contains("cf-challenge") {
        return Some("a page that asks whether a person is there (a captcha)");
    }
    let words = ["type=\"password\"", "type='password'", "type=password"];
    let has = words.iter().any(|word| text.contains(word));
    has.then_some("a page that asks for a password (a log-in page)")
}

/// Schemes by their names.
pub(super) fn words(schemes: &[Scheme]) -> String {
    let names: Vec<&str> = schemes.iter().map(|scheme| scheme.name()).collect();
    names.join(", ")
}

//! The first requests to a deployed endpoint: without credentials, and once with each that were given. Where they
//! show that there is nothing to judge, nothing more is asked.

use countersign::auth::Challenge;
use countersign::credentials::{Scheme, can_answer};
use countersign::report::Hint;
use countersign::user_agents::reach::{ResponseHead, SchemeKnowledge};
use countersign::wire::{Care, Limits, Risk, Transport, Trust};

use crate::cli::arguments::{PasswordScheme, ProbeOptions};
use crate::cli::failure::CommandFailure;
use crate::cli::reach::ask::{attempt, exchange};
use crate::cli::reach::credentials::Given;
use crate::cli::reach::place::ServerUrl;
use crate::cli::reach::{Answered, Tries};

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
    tries: Tries,
    asked: String,
    has: (bool, bool),
}

impl Entered {
    /// The schemes that are let in or advertised, in the order of simplicity.
    pub(super) fn schemes(&self) -> Vec<Scheme> {
        let is_there =
            |scheme: &&Scheme| self.let_in.contains(scheme) || self.advertised.contains(scheme);
        Scheme::ALL.iter().filter(is_there).copied().collect()
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

/// Asks without credentials, and then once with each that were given.
pub(super) async fn enter(
    options: &ProbeOptions,
    place: &ServerUrl,
    given: &Given,
    trust: Trust,
    care: &Care,
) -> Result<Entered, CommandFailure> {
    let mut transport = Transport::new(Limits::default()).trusting(trust);
    care.take_turn().await;
    let mut response = exchange(&mut transport, place, Vec::new()).await?;
    care.answered(Risk::Bare, response.status);
    for field in &mut response.fields {
        field.value = place.masked(&field.value);
    }
    let seen = ResponseHead::new(response.status, response.fields);
    worth_judging(&seen, place)?;
    let challenges = seen.challenges().list;
    let mut wanted: Vec<(Scheme, Option<&Challenge>)> = Vec::new();
    let mut not_sent = Vec::new();
    if given.has_user() && options.password_for.contains(&PasswordScheme::Basic) {
        wanted.push((Scheme::Basic, None));
    }
    if given.has_token() {
        wanted.push((Scheme::Bearer, None));
    }
    if given.has_user() && options.password_for.contains(&PasswordScheme::Digest) {
        let mut answerable = challenges.iter();
        match answerable.find(|one| can_answer(Scheme::Digest, one)) {
            Some(challenge) => wanted.push((Scheme::Digest, Some(challenge))),
            None => not_sent.push(
                "Digest: there is no challenge of it that could be answered (RFC 7616 §3.3)"
                    .to_owned(),
            ),
        }
    }
    let mut tries = Tries::default();
    let (mut let_in, mut refused) = (Vec::new(), Vec::new());
    for (scheme, challenge) in wanted {
        if let Err(why) = care.may_begin(Risk::Unknown, false) {
            not_sent.push(format!("{}: {why}", scheme.name()));
            continue;
        }
        care.take_turn().await;
        let tried = attempt(&mut transport, place, given, seen.status, scheme, challenge).await?;
        if let SchemeKnowledge::Tried { accepted, status } = tried {
            let status = status.unwrap_or_default();
            care.answered(Risk::Unknown, status);
            match accepted {
                true => let_in.push(scheme),
                false => refused.push((scheme, status)),
            }
        }
        match scheme {
            Scheme::Basic => tries.basic = Some(tried),
            Scheme::Bearer => tries.bearer = Some(tried),
            _ => tries.digest = Some(tried),
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
    let is_given = given.has_user() || given.has_token();
    if is_given && let_in.is_empty() {
        let tried = refused
            .iter()
            .map(|(scheme, status)| format!("{} ({status})", scheme.name()));
        let tried: Vec<String> = tried.chain(not_sent).collect();
        return Err(no_verdict(
            place,
            &format!("none of the credentials gets in: {}", tried.join("; ")),
            "make sure that they are right, and for this URL; without any, only what is seen from outside is judged",
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
        has: (given.has_user(), given.has_token()),
        seen,
    })
}

/// The schemes of challenges, of those that are judged here.
fn advertised(challenges: &[Challenge]) -> Vec<Scheme> {
    let schemes = [Scheme::Basic, Scheme::Bearer, Scheme::Digest];
    let is_named = |scheme: &Scheme| challenges.iter().any(|one| one.is(scheme.name()));
    schemes.into_iter().filter(is_named).collect()
}

/// Whether the answer to a request without credentials leaves anything to judge.
fn worth_judging(seen: &ResponseHead, place: &ServerUrl) -> Result<(), CommandFailure> {
    let (why, help) = match seen.status {
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
                Some(location) => format!(
                    "if that is where the resource is, probe it: {}",
                    String::from_utf8_lossy(&place.masked(location))
                ),
                None => "probe the URL of the resource itself".to_owned(),
            },
        ),
        429 => (
            "it answers 429 to the first request".to_owned(),
            "wait, as long as Retry-After says where it says so, and probe again".to_owned(),
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

/// Schemes by their names.
pub(super) fn words(schemes: &[Scheme]) -> String {
    let names: Vec<&str> = schemes.iter().map(|scheme| scheme.name()).collect();
    names.join(", ")
}

//! The answer of a client to a Digest challenge, in every state.

use super::algorithm::{Algorithm, Qop};
use super::challenge::DigestOffer;
use super::hash::{Input, user_hash};
use super::nonce::Nonces;
use crate::auth::grammar::bytes;
use crate::auth::{Challenge, Param};
use crate::credentials::Identity;
use crate::credentials::state::UNMADE;
use crate::credentials::unlike::{elsewhere, foreign, forged, unless_taken};
use crate::credentials::{Context, CredentialState};

/// What [`CredentialState::OtherBody`] is made for.
pub const OTHER_BODY: &[u8] = b"another body";

/// The `Authorization` value that answers the context's challenge. Nobody has the user-id of the
/// stranger. What the server sent goes back byte for byte, in whatever encoding it is.
///
/// # Errors
///
/// What the state or the context lacks.
pub(in crate::credentials) fn answer(
    state: CredentialState,
    identity: &Identity,
    stranger: &str,
    context: &Context<'_>,
) -> Result<Vec<u8>, &'static str> {
    use CredentialState as State;
    match state {
        State::Valid
        | State::WrongSecret
        | State::UnknownUser
        | State::Malformed
        | State::DisabledUser
        | State::ColonInPassword
        | State::Utf8
        | State::StaleNonce
        | State::Replayed
        | State::NextNonce
        | State::ForeignNonce
        | State::FutureNonce
        | State::ForgedNonce
        | State::NoQop
        | State::WrongRealm
        | State::WrongAlgorithm
        | State::OtherUsername
        | State::WrongUri
        | State::OtherBody
        | State::WrongQop
        | State::WrongCount
        | State::MissingParameter
        | State::TwoUsernames => {}
        _ => return Err(UNMADE),
    }
    let Some(challenge) = context.challenge else {
        return Err("there is no challenge to answer");
    };
    let Some(offer) = DigestOffer::read(challenge) else {
        return Err("the challenge asks for an algorithm or a quality that is not known");
    };
    if state == State::Malformed {
        return Ok(b"Digest !not-a-parameter!".to_vec());
    }
    let mut user = identity.user.clone();
    let mut password = identity.password.expose().to_owned();
    match state {
        State::WrongSecret => password.push_str("-wrong"),
        State::UnknownUser => stranger.clone_into(&mut user),
        _ => {}
    }
    let nonce = match state {
        State::ForeignNonce => foreign(&offer.nonce),
        State::ForgedNonce => forged(&offer.nonce),
        State::StaleNonce => of_another_time(&offer.nonce, 0),
        State::FutureNonce => of_another_time(&offer.nonce, u64::MAX),
        _ => offer.nonce.clone(),
    };
    let uri = match state {
        State::WrongUri => elsewhere(context.target),
        _ => context.target,
    };
    let count = match state {
        State::WrongCount => 0,
        _ => context.uses.saturating_add(1),
    };
    let count = format!("{count:08x}");
    let (sent_realm, sent_nonce) = (bytes(&offer.realm), bytes(&nonce));
    let cnonce = cnonce(&sent_nonce, context.serial);
    let not_offered;
    let qop = match state {
        State::WrongQop => {
            let offered = challenge.param("qop").unwrap_or_default();
            // No server is likely to offer it: it was dropped from the drafts of RFC 2617.
            not_offered = unless_taken("auth-conf".to_owned(), |name| {
                let mut names = offered.split(',').map(str::trim);
                names.any(|offered| offered.eq_ignore_ascii_case(name))
            });
            Some(not_offered.as_str())
        }
        State::NoQop => None,
        _ => offer.qop.map(Qop::name),
    };
    let body = match state {
        State::OtherBody => OTHER_BODY,
        _ => context.body,
    };
    let input = Input {
        algorithm: offer.algorithm,
        user: &user,
        realm: &sent_realm,
        password: &password,
        nonce: &sent_nonce,
        count: &count,
        cnonce: &cnonce,
        qop,
        method: context.method,
        uri,
        body,
    };
    let realm = match state {
        State::WrongRealm => format!("{} elsewhere", offer.realm),
        _ => offer.realm,
    };
    let sent = (realm.as_str(), nonce.as_str(), stranger);
    Ok(written(state, challenge, &input, sent))
}

/// The parameters in the order of RFC 7616 §3.9, each quoted or not as §3.4 has it; realm and nonce are
/// those of the server, one character a byte, and nobody has the user-id of the stranger.
fn written(
    state: CredentialState,
    challenge: &Challenge,
    input: &Input<'_>,
    (realm, nonce, stranger): (&str, &str, &str),
) -> Vec<u8> {
    let mut credentials = Challenge::new("Digest");
    let mut add = |param| credentials.params.push(param);
    let hashed = challenge
        .param("userhash")
        .is_some_and(|value| value.eq_ignore_ascii_case("true"));
    let plain = input.user.chars().all(|c| matches!(c, ' '..='~'));
    if state == CredentialState::OtherUsername {
        add(Param::quoted("username", stranger));
        add(extended(input.user));
    } else if hashed {
        let hash = user_hash(input.algorithm, input.user, input.realm);
        add(Param::quoted("username", hash));
    } else if plain {
        add(Param::quoted("username", input.user));
    } else {
        add(extended(input.user));
    }
    if state == CredentialState::TwoUsernames {
        add(if plain || hashed {
            extended(input.user)
        } else {
            Param::quoted("username", "nobody")
        });
    }
    add(Param::quoted("realm", realm));
    if state != CredentialState::MissingParameter {
        add(Param::quoted("uri", input.uri));
    }
    if state == CredentialState::WrongAlgorithm {
        let other = match input.algorithm.without_session() {
            Algorithm::Sha512Of256 => Algorithm::Md5,
            _ => Algorithm::Sha512Of256,
        };
        add(Param::token("algorithm", other.name()));
    } else if challenge.param("algorithm").is_some() {
        add(Param::token("algorithm", input.algorithm.name()));
    }
    add(Param::quoted("nonce", nonce));
    if let Some(qop) = input.qop {
        add(Param::token("nc", input.count));
        add(Param::quoted("cnonce", input.cnonce));
        add(Param::token("qop", qop));
    }
    add(Param::quoted("response", input.response()));
    if let Some(opaque) = challenge.param("opaque") {
        add(Param::quoted("opaque", opaque));
    }
    if hashed {
        add(Param::token("userhash", "true"));
    }
    credentials.to_bytes()
}

/// `username*` (RFC 7616 §3.4, RFC 8187 §3.2).
fn extended(user: &str) -> Param {
    let mut value = "UTF-8''".to_owned();
    for byte in user.bytes() {
        if byte.is_ascii_alphanumeric() || b"!#$&+-.^_`|~".contains(&byte) {
            value.push(char::from(byte));
        } else {
            value.push_str(&format!("%{byte:02X}"));
        }
    }
    Param::token("username*", value)
}

/// The same server's nonce of another time where its nonces are of a kind that can be made; else one
/// that it never issued, for only the server itself can make one that is past its time.
fn of_another_time(nonce: &str, serial: u64) -> String {
    let known = Nonces::known();
    match known.serial(nonce) {
        Some(_) => known.issue(serial),
        None => foreign(nonce),
    }
}

/// The client's nonce: another for each request, and the same when a run is repeated.
fn cnonce(nonce: &[u8], serial: u64) -> String {
    let hash = Algorithm::Sha256.hash(&[nonce, &serial.to_be_bytes()]);
    hash.chars().take(16).collect()
}

//! What a client does with one refusal: which challenge it chooses, and what it sends.

use super::legible::is_legible;
use super::offer::{Offer, trim};
use super::script::OfferedDigests;
use super::sent::{DigestSent, Encoding, SentAuthorization};
use super::traits::{
    Algorithm, Among, Charset, Chooses, Incomputable, KnownScheme, Lacking, Needed, Parameters,
    QopElse, QopList, Quirk, Realm, Traits,
};
use super::words::{Set, TraitWord};

/// A challenge that a client responds to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Chosen<'l> {
    pub(super) scheme: KnownScheme,
    pub(super) offer: Offer<'l>,
}

/// Which challenge a client chooses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ChallengeChoice<'l> {
    /// None: it ends.
    Nothing,
    /// One that it responds to.
    Respond(Chosen<'l>),
    /// One that it has no response to: it asks again without credentials.
    AskAgain,
    /// Whatever the first word is.
    Echo(&'l str),
    /// A challenge to which it says nothing, in `Authorization`.
    Empty,
}

/// Chooses among the challenges that the client read, passing over the schemes in `not`.
pub(super) fn choose<'l>(
    traits: &Traits,
    offers: &[Offer<'l>],
    not: &[KnownScheme],
    realm: Option<&str>,
) -> ChallengeChoice<'l> {
    let candidates = || {
        offers.iter().filter_map(|offer| {
            let chosen = understood(traits, offer, realm)?;
            // What it kept of the last one is all that it has, be it one that it does not understand.
            let is_kept = traits.among != Among::Last || chosen.scheme == KnownScheme::Digest || {
                let last = { offers.iter() }.rfind(|other| other.is(chosen.scheme.name()));
                last == Some(offer)
            };
            (is_kept && !not.contains(&chosen.scheme)).then_some(chosen)
        })
    };
    let skipped = |chosen: &Chosen<'_>| {
        chosen.scheme == KnownScheme::Digest
            && hindrance(traits, &chosen.offer) == Some(Hindered::Skips)
    };
    match traits.chooses {
        Chooses::Echo => match offers.first() {
            Some(offer) if !offer.scheme.is_empty() && !offer.is("Digest") => {
                ChallengeChoice::Echo(offer.scheme)
            }
            _ => choose_of_scheme(traits, candidates(), KnownScheme::Digest),
        },
        Chooses::FirstNotDigest => {
            let digest = |offer: &&Offer<'_>| offer.is("Digest");
            match offers.iter().find(|offer| !digest(offer)) {
                Some(first) => match candidates().find(|chosen| chosen.offer == *first) {
                    Some(chosen) => ChallengeChoice::Respond(chosen),
                    None => ChallengeChoice::AskAgain,
                },
                None => choose_of_scheme(traits, candidates(), KnownScheme::Digest),
            }
        }
        Chooses::FirstOffered => match candidates().find(|chosen| !skipped(chosen)) {
            Some(first) => choose_of_scheme(traits, candidates(), first.scheme),
            None => ChallengeChoice::Nothing,
        },
        Chooses::LastLine => {
            if candidates().any(|chosen| chosen.scheme == KnownScheme::Ntlm) {
                return choose_of_scheme(traits, candidates(), KnownScheme::Ntlm);
            }
            let last = candidates().map(|chosen| chosen.offer.line).max();
            let of_it = candidates().filter(|chosen| Some(chosen.offer.line) == last);
            strongest(traits, &of_it)
        }
        Chooses::FirstLine => {
            let passed = candidates().filter(|chosen| !skipped(chosen));
            let first = passed.map(|chosen| chosen.offer.line).min();
            let of_it = candidates().filter(|chosen| Some(chosen.offer.line) == first);
            strongest(traits, &of_it)
        }
        Chooses::Strongest => strongest(traits, &candidates()),
    }
}

/// The choice among the challenges of the strongest scheme that comes to something.
fn strongest<'l>(
    traits: &Traits,
    candidates: &(impl Iterator<Item = Chosen<'l>> + Clone),
) -> ChallengeChoice<'l> {
    let mut last_resort = ChallengeChoice::Nothing;
    // What is judged as it is read ends it before it looks at what else is there.
    let mut digests = candidates
        .clone()
        .filter(|chosen| chosen.scheme == KnownScheme::Digest);
    let first = digests
        .next()
        .and_then(|chosen| hindrance(traits, &chosen.offer));
    if traits.parameters.are_judged_at_once() && first == Some(Hindered::Ends) {
        return ChallengeChoice::Nothing;
    }
    for scheme in traits.known() {
        let hindered = |by| {
            let mut of_it = candidates.clone().filter(|chosen| chosen.scheme == scheme);
            scheme == KnownScheme::Digest
                && of_it.any(|chosen| hindrance(traits, &chosen.offer) == Some(by))
        };
        match choose_of_scheme(traits, candidates.clone(), scheme) {
            ChallengeChoice::Nothing if hindered(Hindered::Ends) => {
                return ChallengeChoice::Nothing;
            }
            ChallengeChoice::Nothing => {}
            ChallengeChoice::AskAgain if hindered(Hindered::SkipsOrAsksAgain) => {
                last_resort = ChallengeChoice::AskAgain;
            }
            choice => return choice,
        }
    }
    last_resort
}

/// The choice among the challenges of one scheme.
fn choose_of_scheme<'l>(
    traits: &Traits,
    candidates: impl Iterator<Item = Chosen<'l>> + Clone,
    scheme: KnownScheme,
) -> ChallengeChoice<'l> {
    let mut of_it = candidates.filter(|chosen| chosen.scheme == scheme);
    if scheme != KnownScheme::Digest {
        let chosen = match traits.among {
            Among::Last => of_it.last(),
            Among::First | Among::Strongest => of_it.next(),
        };
        return chosen.map_or(ChallengeChoice::Nothing, ChallengeChoice::Respond);
    }
    let hindered = |chosen: &Chosen<'_>| hindrance(traits, &chosen.offer);
    let mut not_skipped = of_it.clone().filter(|chosen| {
        !matches!(
            hindered(chosen),
            Some(Hindered::Skips | Hindered::SkipsOrAsksAgain)
        )
    });
    let chosen = match traits.among {
        Among::First => not_skipped.next(),
        Among::Last => not_skipped.last(),
        Among::Strongest => not_skipped.reduce(|best, next| {
            match strength(traits, &next.offer) > strength(traits, &best.offer) {
                true => next,
                false => best,
            }
        }),
    };
    match chosen.map(|chosen| (chosen, hindered(&chosen))) {
        Some((chosen, None)) => ChallengeChoice::Respond(chosen),
        Some((_, Some(Hindered::AsksAgain))) => ChallengeChoice::AskAgain,
        Some((_, Some(Hindered::SaysNothing))) => ChallengeChoice::Empty,
        Some((_, Some(_))) => ChallengeChoice::Nothing,
        None => match of_it.any(|chosen| hindered(&chosen) == Some(Hindered::SkipsOrAsksAgain)) {
            true => ChallengeChoice::AskAgain,
            false => ChallengeChoice::Nothing,
        },
    }
}

/// The challenge, where the client knows its scheme and takes it for one of that.
pub(super) fn understood<'l>(
    traits: &Traits,
    offer: &Offer<'l>,
    realm: Option<&str>,
) -> Option<Chosen<'l>> {
    let scheme = traits.known().find(|known| offer.is(known.name()))?;
    understands(traits, scheme, offer, realm).then_some(Chosen {
        scheme,
        offer: *offer,
    })
}

/// Whether the client takes this for a challenge of the scheme.
fn understands(
    traits: &Traits,
    scheme: KnownScheme,
    offer: &Offer<'_>,
    realm: Option<&str>,
) -> bool {
    let named = || offer.parameter("realm", traits.parameters);
    match (traits.realm, scheme) {
        (Realm::Known, KnownScheme::Basic | KnownScheme::Digest) => {
            named().is_some() && (realm.is_none() || named() == realm)
        }
        (Realm::Needed, KnownScheme::Basic) => named().is_some(),
        (Realm::First, KnownScheme::Basic) => offer.begins_with("realm"),
        _ => true,
    }
}

/// What a client does with a challenge of Digest that it makes no response to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Hindered {
    Ends,
    Skips,
    AsksAgain,
    SkipsOrAsksAgain,
    SaysNothing,
}

/// Why no response to a challenge of Digest is made, as what is done then; nothing where one is made.
fn hindrance(traits: &Traits, offer: &Offer<'_>) -> Option<Hindered> {
    let digest = &traits.digest;
    let lacks = |needed: &Needed| {
        digest.needs.has(*needed) && parameter(traits, offer, needed.word()).is_none()
    };
    let illegible = || traits.parameters == Parameters::BleedOnce && !is_legible(offer.rest);
    if Needed::ALL.iter().any(lacks) || illegible() {
        return Some(match digest.lacking {
            Lacking::Ends => Hindered::Ends,
            Lacking::Skipped => Hindered::Skips,
            Lacking::AsksAgain => Hindered::AsksAgain,
            Lacking::SkippedOrAsksAgain => Hindered::SkipsOrAsksAgain,
            Lacking::SaysNothing => Hindered::SaysNothing,
        });
    }
    if algorithm(traits, offer).is_some() && qop(traits, offer).is_some() {
        return None;
    }
    Some(match digest.incomputable {
        Incomputable::Ends => Hindered::Ends,
        Incomputable::Skipped => Hindered::Skips,
        Incomputable::SkippedOrAsksAgain => Hindered::SkipsOrAsksAgain,
        // A client that pretends knows no algorithm it cannot name: this is about qop.
        Incomputable::AsksAgain | Incomputable::Pretends | Incomputable::Md5 => Hindered::AsksAgain,
    })
}

/// Whether a client can make a response to a challenge of Digest that holds what a response is
/// computed from (RFC 7616 §3.3).
pub(super) fn computes(traits: &Traits, offer: &Offer<'_>) -> bool {
    let has = |name| parameter(traits, offer, name).is_some();
    has("realm") && has("nonce") && hindrance(traits, offer).is_none()
}

/// The value of a parameter of Digest.
fn parameter<'l>(traits: &Traits, offer: &Offer<'l>, name: &str) -> Option<&'l str> {
    let value = offer.parameter(name, traits.parameters)?;
    let none = value.is_empty() && traits.quirks.has(Quirk::EmptyIsNone);
    (!none).then_some(value)
}

/// The algorithm that it names, and whether what it computes is wrong.
fn algorithm<'l>(traits: &Traits, offer: &Offer<'l>) -> Option<(&'l str, bool)> {
    let Some(name) = offer.parameter("algorithm", traits.parameters) else {
        // A client that computes nothing has no usual algorithm either.
        return (traits.digest.algorithms != Set::EMPTY).then_some(("MD5", false));
    };
    match Algorithm::named(name) {
        Some(known) if traits.digest.algorithms.has(known) => {
            Some((name, traits.digest.miscomputes.has(known)))
        }
        _ => match traits.digest.incomputable {
            Incomputable::Pretends => {
                let name = match traits.parameters {
                    Parameters::BleedByCommas => name,
                    _ => trim(name),
                };
                Some((name, !name.eq_ignore_ascii_case("MD5")))
            }
            Incomputable::Md5 => Some(("MD5", false)),
            _ => None,
        },
    }
}

/// How strong the algorithm of a challenge of Digest is: its place among those there are.
fn strength(traits: &Traits, offer: &Offer<'_>) -> usize {
    let name = offer.parameter("algorithm", traits.parameters);
    let named = name.and_then(Algorithm::named);
    let position = |named| Algorithm::ALL.iter().position(|known| *known == named);
    named.and_then(position).unwrap_or(0)
}

/// What a response does about qop.
#[derive(Clone, Copy, Debug, Default)]
struct QopAnswer<'l> {
    names: Option<&'l str>,
    wrong: bool,
    garbled: bool,
    says_none: bool,
}

fn qop<'l>(traits: &Traits, offer: &Offer<'l>) -> Option<QopAnswer<'l>> {
    let auth = QopAnswer {
        names: Some("auth"),
        ..QopAnswer::default()
    };
    let Some(list) = parameter(traits, offer, "qop") else {
        return Some(match traits.digest.qop {
            QopList::Words => auth,
            _ => QopAnswer::default(),
        });
    };
    let within = |list: &str, wanted: &str| {
        list.split(',')
            .any(|one| trim(one).eq_ignore_ascii_case(wanted))
    };
    let has = |wanted: &str| match traits.parameters {
        Parameters::BleedAsRead => {
            { offer.values("qop", traits.parameters) }.any(|list| within(list, wanted))
        }
        _ => within(list, wanted),
    };
    let is_auth = |one: &str| one.eq_ignore_ascii_case("auth");
    let first = list.split(',').next().map(trim);
    let found = match traits.digest.qop {
        QopList::Auth => has("auth"),
        QopList::AuthInt => has("auth") && !has("auth-int"),
        QopList::Untrimmed => list.split(',').any(is_auth),
        QopList::Words => list.split_ascii_whitespace().any(is_auth),
        QopList::First => first.is_some_and(is_auth),
        QopList::Single => is_auth(list),
        QopList::Pair => is_auth(list) || list.eq_ignore_ascii_case("auth,auth-int"),
    };
    if found {
        return Some(auth);
    }
    let int = QopAnswer {
        names: Some("auth-int"),
        ..QopAnswer::default()
    };
    Some(match traits.digest.qop_else {
        QopElse::Omits => QopAnswer::default(),
        QopElse::AuthInt => int,
        QopElse::AuthIntWrong => QopAnswer { wrong: true, ..int },
        QopElse::FirstWrong => QopAnswer {
            wrong: true,
            ..if first.is_some_and(is_auth) {
                auth
            } else {
                int
            }
        },
        QopElse::WholeWrong => QopAnswer {
            names: Some(list),
            wrong: true,
            ..QopAnswer::default()
        },
        QopElse::Auth => auth,
        QopElse::OmitsWrong => QopAnswer {
            wrong: true,
            ..QopAnswer::default()
        },
        QopElse::Garbles => QopAnswer {
            garbled: true,
            ..QopAnswer::default()
        },
        QopElse::SaysNone => QopAnswer {
            says_none: true,
            ..QopAnswer::default()
        },
        QopElse::Incomputable => return None,
    })
}

/// The Digest response to a challenge; nothing when it cannot make any.
pub(super) fn digest<'l>(
    traits: &Traits,
    offer: &Offer<'l>,
    offered: &OfferedDigests<'l>,
) -> Option<SentAuthorization<'l>> {
    let (algorithm, miscomputed) = algorithm(traits, offer)?;
    let qop = qop(traits, offer)?;
    if qop.says_none {
        return Some(SentAuthorization::None);
    }
    let own = |name| parameter(traits, offer, name);
    // Between quotes again, a value in which quotes are left is not what it was computed from.
    let has_quotes = |name| own(name).is_some_and(|value| value.contains('"'));
    let misquoted = traits.parameters == Parameters::BleedByCommas
        && ["realm", "nonce"].into_iter().any(has_quotes);
    let sent = DigestSent {
        algorithm,
        qop: qop.names,
        wrong: miscomputed || qop.wrong || misquoted || !traits.has_password(),
        mixed: qop.garbled,
        not_offered: false,
    };
    let checked = offered.check(own("realm"), own("nonce"), sent);
    Some(SentAuthorization::Digest(checked))
}

/// The Basic credentials that it sends; nothing when it cannot make any.
pub(super) fn basic(
    traits: &Traits,
    foreign: bool,
    asked_for_utf8: bool,
) -> Option<SentAuthorization<'static>> {
    if !traits.has_password() {
        return Some(match traits.quirks.has(Quirk::AsksAgainUnequipped) {
            true => SentAuthorization::Bare,
            false => SentAuthorization::Basic(Encoding::Null),
        });
    }
    if !foreign {
        return Some(SentAuthorization::Basic(Encoding::Plain));
    }
    let encoding = match traits.charset {
        Charset::Utf8 => Encoding::Utf8,
        Charset::AskedElseLatin1 | Charset::AskedElseAscii | Charset::AskedElseEnds
            if asked_for_utf8 =>
        {
            Encoding::Utf8
        }
        Charset::AskedElseLatin1 | Charset::Latin1 => Encoding::Latin1,
        Charset::AskedElseAscii | Charset::Ascii => Encoding::Ascii,
        Charset::CutOff => Encoding::CutOff,
        Charset::PercentEncoded => Encoding::PercentEncoded,
        Charset::AskedElseEnds | Charset::Ends => return None,
    };
    Some(SentAuthorization::Basic(encoding))
}

/// Whether a challenge asks for UTF-8 (RFC 7617 §2.1).
pub(super) fn asks_for_utf8(offer: &Offer<'_>) -> bool {
    offer
        .parameter("charset", Parameters::Own)
        .is_some_and(|charset| charset.eq_ignore_ascii_case("UTF-8"))
}

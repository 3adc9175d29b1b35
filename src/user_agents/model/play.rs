//! The play of a client against a scripted server.

use std::fmt;

use super::offer::Offer;
use super::read::{self, Reading};
use super::realms::{RealmsTried, lacks_nonce};
use super::respond::{ChallengeChoice, Chosen, asks_for_utf8, basic, choose, digest, understood};
use super::script::{OfferedDigests, RedirectTarget, Script, StaleNonce};
use super::sent::{DigestSent, Encoding, SentAuthorization};
use super::traits::{
    Challenged, First, FromOrigin, KnownScheme, Lines, Quirk, Reacts, Redirect, Then, Traits,
};

/// After so many requests a scripted server answers 500: the client would go on for ever.
pub const MOST_REQUESTS: usize = 60;

/// The most requests whose credentials are kept.
pub const MOST_KEPT: usize = 12;

/// How many requests look for OAuth metadata: of the resource, below its path and at the root, and of the authorization
/// server by either of the names that it may have.
const DISCOVERY: u8 = 4;

/// One request of a play.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ModelRequest<'l> {
    /// What it carried.
    pub sent: SentAuthorization<'l>,
    /// Whether it went where the server redirected to.
    pub redirected: bool,
}

impl fmt::Display for ModelRequest<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let behind = if self.redirected { "@target" } else { "" };
        write!(out, "{}{behind}", self.sent)
    }
}

/// What a client did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClientPlay<'l> {
    /// Its first [`MOST_KEPT`] requests.
    pub steps: Vec<ModelRequest<'l>>,
    /// How many there were.
    pub requests: usize,
    /// The status of the last response; nothing when it sent no request.
    pub status: Option<u16>,
}

impl ClientPlay<'_> {
    /// Whether it got in.
    pub fn is_in(&self) -> bool {
        self.status
            .is_some_and(|status| (200..300).contains(&status))
    }

    /// Whether its first request carried credentials.
    pub fn volunteered(&self) -> bool {
        self.steps
            .first()
            .is_some_and(|step| step.sent.is_authorized())
    }
}

/// Plays a client against a scripted server.
pub fn play<'l>(traits: &Traits, script: &'l Script) -> ClientPlay<'l> {
    let offered = OfferedDigests::of(&script.layout);
    let mut game = Game::new(traits, script, &offered);
    game.run();
    game.played
}

/// What a client does about a refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reply<'l> {
    /// It ends; or it sends what is no credentials, which no server takes.
    Ends,
    /// It asks again without credentials.
    AsksAgain,
    /// It sends credentials of a scheme, for a challenge.
    Responds(KnownScheme, Offer<'l>),
}

/// What a client does about a refusal that has the challenges and the status of `refusal`, after what
/// it tried.
pub fn reply<'l>(traits: &Traits, refusal: &'l Script, spent: Spent) -> Reply<'l> {
    let offered = OfferedDigests::of(&refusal.layout);
    let mut game = Game::new(traits, refusal, &offered);
    game.spent = spent;
    game.played.requests = spent.requests();
    match (game.refused(refusal.status), game.chosen) {
        (Some(sent), Some(chosen)) if sent.is_authorized() => {
            Reply::Responds(chosen.scheme, chosen.offer)
        }
        (Some(SentAuthorization::Bare | SentAuthorization::BareWithProxy), _) => Reply::AsksAgain,
        _ => Reply::Ends,
    }
}

/// How many requests a client sent so far, by what they carried. Of those without credentials the
/// first, which nobody asked for, is not counted.
#[derive(Clone, Copy, Debug, Default)]
pub struct Spent {
    basic: u8,
    digest: u8,
    bearer: u8,
    negotiate: u8,
    ntlm: u8,
    bare: u8,
    /// Whether the last resort was taken.
    last_resort: bool,
}

impl Spent {
    /// Counts one request more: with credentials of a scheme, or without.
    pub fn count(&mut self, with: Option<KnownScheme>) {
        let spent = match with {
            Some(scheme) => self.on(scheme),
            None => &mut self.bare,
        };
        *spent = spent.saturating_add(1);
    }

    /// All requests, with the first.
    fn requests(&self) -> usize {
        let counts = [
            self.basic,
            self.digest,
            self.bearer,
            self.negotiate,
            self.ntlm,
            self.bare,
        ];
        1 + counts.iter().copied().map(usize::from).sum::<usize>()
    }

    /// Requests with credentials that a password makes.
    fn log_ins(&self) -> usize {
        usize::from(self.basic) + usize::from(self.digest)
    }

    fn on(&mut self, scheme: KnownScheme) -> &mut u8 {
        match scheme {
            KnownScheme::Basic => &mut self.basic,
            KnownScheme::Digest => &mut self.digest,
            KnownScheme::Bearer => &mut self.bearer,
            KnownScheme::Negotiate => &mut self.negotiate,
            KnownScheme::Ntlm => &mut self.ntlm,
        }
    }
}

struct Game<'g, 'l> {
    traits: &'g Traits,
    script: &'l Script,
    offered: &'g OfferedDigests<'l>,
    offers: Vec<Offer<'l>>,
    played: ClientPlay<'l>,
    spent: Spent,
    redirected: bool,
    last: SentAuthorization<'l>,
    /// Whether the client will not respond to another refusal.
    ended: bool,
    /// Whether the first of two operations is over.
    ran_once: bool,
    /// Whether the server said last that the nonce of a right response was stale.
    told_stale: bool,
    /// The challenge that it responded to last.
    chosen: Option<Chosen<'l>>,
    /// The realms to which it logged in.
    realms: RealmsTried<'l>,
}

impl<'g, 'l> Game<'g, 'l> {
    fn new(traits: &'g Traits, script: &'l Script, offered: &'g OfferedDigests<'l>) -> Self {
        Self {
            traits,
            script,
            offered,
            offers: Vec::with_capacity(8),
            played: ClientPlay::default(),
            spent: Spent::default(),
            redirected: false,
            last: SentAuthorization::Bare,
            ended: false,
            ran_once: false,
            told_stale: false,
            chosen: None,
            realms: RealmsTried::default(),
        }
    }

    fn run(&mut self) {
        let Some(first) = self.first() else { return };
        if first.is_authorized() {
            self.spent.count(Some(match first {
                SentAuthorization::Bearer(_) => KnownScheme::Bearer,
                _ => KnownScheme::Basic,
            }));
        }
        let mut next = Some(first);
        while let Some(sent) = next {
            let status = self.request(sent);
            if self.played.requests > MOST_REQUESTS {
                return;
            }
            next = match status {
                302 => self.follow(sent),
                200 if self.script.status != 200 => self.again(sent),
                _ => self.refused(status),
            };
        }
    }

    /// What goes with the first request; nothing when none is sent.
    fn first(&self) -> Option<SentAuthorization<'l>> {
        match self.traits.first {
            First::Nothing => Some(SentAuthorization::Bare),
            First::Basic => basic(self.traits, self.script.foreign_password, false),
            First::Bearer => Some(SentAuthorization::Bearer(true)),
            First::NoRequest => None,
        }
    }

    /// Sends one request, and hands back the status of the response.
    fn request(&mut self, sent: SentAuthorization<'l>) -> u16 {
        let played = &mut self.played;
        played.requests += 1;
        if played.steps.len() < MOST_KEPT {
            played.steps.push(ModelRequest {
                sent,
                redirected: self.redirected,
            });
        }
        self.last = sent;
        let status = match played.requests > MOST_REQUESTS {
            true => 500,
            false => self.answer(&sent),
        };
        self.played.status = Some(status);
        status
    }

    /// The status of the server's answer.
    fn answer(&mut self, sent: &SentAuthorization<'_>) -> u16 {
        let told = std::mem::take(&mut self.told_stale);
        if matches!(sent, SentAuthorization::Digest(_)) && self.script.takes(sent) {
            self.told_stale = match self.script.stale {
                Some(StaleNonce::Once) => !told,
                Some(StaleNonce::ForEver) => true,
                None => false,
            };
        }
        let taken = self.script.takes(sent) && !self.told_stale
            || *sent == SentAuthorization::BareWithProxy && self.script.accepts.basic;
        let proxy = self.traits.quirks.has(Quirk::Proxy);
        let refusal = match self.script.status {
            401 if proxy && !self.redirected => 407,
            status => status,
        };
        match self.script.redirection {
            Some(redirection) if self.redirected => match redirection.challenges && !taken {
                true => refusal,
                false => 200,
            },
            Some(redirection) if redirection.at_once || taken => 302,
            _ if taken => 200,
            _ => refusal,
        }
    }

    /// The second request of a client that sends two for each resource, or the first of its second operation.
    fn again(&mut self, sent: SentAuthorization<'l>) -> Option<SentAuthorization<'l>> {
        if self.traits.quirks.has(Quirk::RunsTwice) && !std::mem::replace(&mut self.ran_once, true)
        {
            self.spent = Spent::default();
            self.redirected = false;
            return self.first();
        }
        (self.traits.quirks.has(Quirk::AsksTwice) && !std::mem::replace(&mut self.ended, true))
            .then_some(sent)
    }

    /// The request to where a redirection leads.
    fn follow(&mut self, sent: SentAuthorization<'l>) -> Option<SentAuthorization<'l>> {
        let redirects = &self.traits.redirects;
        let target = self.script.redirection?.target;
        let redirect = match target {
            RedirectTarget::SameOrigin => redirects.same_origin,
            RedirectTarget::OtherPort if self.traits.quirks.has(Quirk::HostOnly) => Redirect::Keeps,
            RedirectTarget::OtherPort | RedirectTarget::OtherHost => redirects.elsewhere,
        };
        if redirect == Redirect::Stays || redirects.same_origin == Redirect::Stays {
            return None;
        }
        self.redirected = true;
        self.spent = Spent::default();
        self.realms = RealmsTried::default();
        Some(match redirect {
            Redirect::Keeps => sent,
            _ => SentAuthorization::Bare,
        })
    }

    /// What follows a refusal.
    fn refused(&mut self, status: u16) -> Option<SentAuthorization<'l>> {
        let traits = self.traits;
        if self.ended || traits.reacts == Reacts::Never {
            return None;
        }
        let proxy = traits.quirks.has(Quirk::Proxy);
        if status == 200 && traits.quirks.has(Quirk::AsksTwice) {
            self.ended = true;
            return Some(SentAuthorization::Bare);
        }
        if status == 407 && !proxy {
            return self.asked_by_origin();
        }
        let discovers = match traits.quirks {
            quirks if quirks.has(Quirk::DiscoversOauth) => DISCOVERY,
            quirks if quirks.has(Quirk::DiscoversOauthAlone) => DISCOVERY - 1,
            _ => 0,
        };
        if status == 401 && discovers > 0 {
            let looks = self.spent.bare < discovers;
            self.spent.bare += u8::from(looks);
            return looks.then_some(SentAuthorization::Bare);
        }
        let looks = matches!((status, proxy), (401, false) | (407, true))
            || traits.reacts == Reacts::AnyStatus && status != 407;
        if !looks {
            return None;
        }
        if self.redirected && self.elsewhere() {
            match traits.redirects.challenged {
                Challenged::Responds => {}
                Challenged::Ends => return None,
                Challenged::AsksAgain => {
                    self.ended = true;
                    return Some(SentAuthorization::Bare);
                }
                Challenged::EmptyPassword => {
                    self.ended = true;
                    return Some(SentAuthorization::Basic(Encoding::Empty));
                }
                Challenged::BeginsAnew if self.has_authorized() => return None,
                Challenged::BeginsAnew => self.redirected = false,
            }
        }
        read::read(&Reading::of(traits), &self.script.layout, &mut self.offers);
        if traits.quirks.has(Quirk::LooksUpCredentials) && self.played.requests == 1 {
            return self.looked_up();
        }
        if traits.quirks.has(Quirk::EndsOnStale) && self.says_stale() {
            return None;
        }
        self.respond(&[])
    }

    /// Whether it was redirected to another origin.
    fn elsewhere(&self) -> bool {
        let redirection = self.script.redirection;
        redirection.is_some_and(|to| to.target != RedirectTarget::SameOrigin)
    }

    /// Whether it has sent credentials already.
    fn has_authorized(&self) -> bool {
        self.played
            .steps
            .iter()
            .any(|step| step.sent.is_authorized())
    }

    /// What a client does that an origin server asks as only a proxy may.
    fn asked_by_origin(&mut self) -> Option<SentAuthorization<'l>> {
        let tries = match self.traits.from_origin {
            FromOrigin::Ignores => return None,
            FromOrigin::Responds => 1,
            FromOrigin::AsksAgain => self.traits.tries.basic,
        };
        if self.spent.bare >= tries {
            return None;
        }
        self.spent.bare += 1;
        Some(match self.traits.from_origin {
            FromOrigin::Responds => SentAuthorization::BareWithProxy,
            _ => SentAuthorization::Bare,
        })
    }

    /// The second request of a client whose first refusal made it look up credentials. Negotiate is
    /// out from here on.
    fn looked_up(&mut self) -> Option<SentAuthorization<'l>> {
        let traits = self.traits;
        let mut only = None;
        let speaks = [
            KnownScheme::Basic,
            KnownScheme::Digest,
            KnownScheme::Bearer,
            KnownScheme::Ntlm,
        ];
        for scheme in speaks {
            if self.offers.iter().any(|offer| offer.is(scheme.name())) {
                if only.is_some() {
                    return Some(SentAuthorization::Bare);
                }
                only = Some(scheme);
            }
        }
        match only {
            Some(KnownScheme::Basic | KnownScheme::Digest) => {
                let sent = self.respond(&[KnownScheme::Negotiate]);
                if only == Some(KnownScheme::Digest) {
                    self.spent = Spent::default();
                }
                sent
            }
            _ if traits.reacts == Reacts::Never => None,
            _ => Some(SentAuthorization::Bare),
        }
    }

    /// Whether some challenge of Digest that was read says that its nonce is stale.
    fn says_stale(&self) -> bool {
        self.told_stale && self.offers.iter().any(|offer| offer.is("Digest"))
            || self.offers.iter().any(|offer| {
                let stale = offer.parameter("stale", self.traits.parameters);
                offer.is("Digest") && stale.is_some_and(|stale| stale.eq_ignore_ascii_case("true"))
            })
    }

    /// Responds to one challenge after the other, by their realms.
    fn logs_in(&mut self) -> Option<SentAuthorization<'l>> {
        let traits = self.traits;
        let realm = self.script.known_realm.as_deref();
        let offers = self.offers.iter();
        let challenges: Vec<Chosen<'l>> = offers
            .filter_map(|offer| understood(traits, offer, realm))
            .collect();
        let which = traits.parameters;
        let most = usize::from(traits.tries.new_realm.max(1));
        // What was tried before anybody looked on is as if it had been seen.
        while self.realms.refusals < self.spent.log_ins() {
            self.realms.next(&challenges, which, most)?;
        }
        let next = self.realms.next(&challenges, which, most)?;
        let sent = self.make(&next)?;
        Some(match sent {
            SentAuthorization::Digest(made) if lacks_nonce(&next, which) => {
                SentAuthorization::Digest(DigestSent {
                    wrong: !self.offered.lacks(made.algorithm),
                    ..made
                })
            }
            sent => sent,
        })
    }

    /// Chooses a challenge, passing over some schemes, and responds to it.
    fn respond(&mut self, not: &[KnownScheme]) -> Option<SentAuthorization<'l>> {
        let traits = self.traits;
        if traits.then == Then::NextChallenge {
            return self.logs_in();
        }
        let mut passed = [KnownScheme::Negotiate; 6];
        let mut count = 0;
        for scheme in not {
            if let Some(slot) = passed.get_mut(count) {
                *slot = *scheme;
                count += 1;
            }
        }
        if traits.quirks.has(Quirk::LooksUpCredentials) {
            count = 1;
        }
        let realm = self.script.known_realm.as_deref();
        loop {
            let passed_over = passed.get(..count).unwrap_or_default();
            match choose(traits, &self.offers, passed_over, realm) {
                ChallengeChoice::Nothing if !traits.quirks.has(Quirk::AsksAgainUnserved) => {
                    return None;
                }
                ChallengeChoice::Nothing | ChallengeChoice::AskAgain => {
                    if self.spent.bare >= traits.tries.bare {
                        return None;
                    }
                    self.spent.bare += 1;
                    return Some(SentAuthorization::Bare);
                }
                ChallengeChoice::Echo(word) => {
                    self.ended = true;
                    return Some(SentAuthorization::Echo(word));
                }
                ChallengeChoice::Empty => {
                    self.ended = true;
                    return Some(SentAuthorization::Empty);
                }
                ChallengeChoice::Respond(chosen) => {
                    if self.may_try(&chosen) {
                        return self.make(&chosen);
                    }
                    match traits.then {
                        Then::NextScheme => {
                            *passed.get_mut(count)? = chosen.scheme;
                            count += 1;
                        }
                        _ => return self.last_resort(),
                    }
                }
            }
        }
    }

    /// Whether the client tries once more with what it chose.
    fn may_try(&mut self, chosen: &Chosen<'l>) -> bool {
        let tries = &self.traits.tries;
        let changed = |name| {
            let value = chosen.offer.parameter(name, self.traits.parameters);
            value.is_some_and(|value| value.contains("%N"))
        };
        let most = match chosen.scheme {
            KnownScheme::Digest if tries.stale > 0 && self.says_stale() => tries.stale,
            KnownScheme::Basic | KnownScheme::Digest if tries.new_realm > 0 && changed("realm") => {
                tries.new_realm
            }
            KnownScheme::Basic | KnownScheme::Bearer => tries.basic,
            KnownScheme::Digest => tries.digest,
            KnownScheme::Negotiate => tries.negotiate.max(1),
            KnownScheme::Ntlm => tries.ntlm,
        };
        *self.spent.on(chosen.scheme) < most
    }

    /// The credentials for what was chosen.
    fn make(&mut self, chosen: &Chosen<'l>) -> Option<SentAuthorization<'l>> {
        let traits = self.traits;
        self.chosen = Some(*chosen);
        self.spent.count(Some(chosen.scheme));
        match chosen.scheme {
            KnownScheme::Basic => {
                let foreign = self.script.foreign_password;
                let sent = basic(traits, foreign, asks_for_utf8(&chosen.offer));
                self.ended |= sent.is_none();
                sent
            }
            KnownScheme::Bearer if traits.quirks.has(Quirk::ExchangesToken) => {
                let realm = chosen.offer.parameter("realm", traits.parameters);
                let is_url =
                    |realm: &str| realm.starts_with("https://") || realm.starts_with("http://");
                realm
                    .is_some_and(is_url)
                    .then_some(SentAuthorization::Bearer(true))
            }
            KnownScheme::Bearer => Some(SentAuthorization::Bearer(traits.has_token())),
            KnownScheme::Digest => digest(traits, &chosen.offer, self.offered),
            KnownScheme::Negotiate if traits.tries.negotiate == 0 => {
                self.ended = true;
                (traits.tries.bare > 0).then_some(SentAuthorization::Bare)
            }
            KnownScheme::Negotiate => Some(SentAuthorization::Negotiate),
            // Where another word stands by then, there is nothing to begin with.
            KnownScheme::Ntlm
                if traits.lines == Lines::OneBuffer
                    && !chosen.offer.rest.starts_with(KnownScheme::Ntlm.name()) =>
            {
                self.ended = true;
                Some(SentAuthorization::Bare)
            }
            KnownScheme::Ntlm => Some(SentAuthorization::Ntlm),
        }
    }

    /// What is sent when the tries are used up.
    fn last_resort(&mut self) -> Option<SentAuthorization<'l>> {
        if std::mem::replace(&mut self.spent.last_resort, true) {
            return None;
        }
        match self.traits.then {
            Then::Ends | Then::NextScheme | Then::NextChallenge => None,
            Then::EmptyPassword => match self.last {
                SentAuthorization::Basic(_) => Some(SentAuthorization::Basic(Encoding::Empty)),
                SentAuthorization::Digest(sent) => Some(SentAuthorization::Digest(DigestSent {
                    wrong: true,
                    ..sent
                })),
                _ => None,
            },
        }
    }
}

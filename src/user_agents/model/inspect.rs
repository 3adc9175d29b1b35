//! A look into what a client makes of a layout, for those who explain what it does.

use super::layout::Layout;
use super::offer::Offer;
use super::read::{Reading, read};
use super::respond::{ChallengeChoice, choose, computes};
use super::script::Script;
use super::traits::{Chooses, KnownScheme, Traits};

/// The challenges that a client reads, in order.
pub fn offers_read<'l>(traits: &Traits, layout: &'l Layout) -> Vec<Offer<'l>> {
    let mut offers = Vec::new();
    read(&Reading::of(traits), layout, &mut offers);
    offers
}

/// Whether a client can compute a response to some challenge of Digest that it reads.
pub fn computes_digest(traits: &Traits, layout: &Layout) -> bool {
    let offers = offers_read(traits, layout);
    let mut digests = offers.iter().filter(|offer| offer.is("Digest"));
    digests.any(|offer| computes(traits, offer))
}

/// The name of the scheme whose challenge a client chooses first, be it for nothing.
pub fn chosen_scheme<'l>(traits: &Traits, script: &'l Script) -> Option<&'l str> {
    let offers = offers_read(traits, &script.layout);
    match choose(traits, &offers, &[], script.known_realm.as_deref()) {
        ChallengeChoice::Respond(chosen) => Some(chosen.offer.scheme),
        ChallengeChoice::Echo(word) => Some(word),
        ChallengeChoice::AskAgain if traits.chooses == Chooses::FirstNotDigest => {
            offers.first().map(|offer| offer.scheme)
        }
        // What it cannot compute is Digest.
        ChallengeChoice::AskAgain | ChallengeChoice::Nothing | ChallengeChoice::Empty => {
            let digest = offers.iter().find(|offer| offer.is("Digest"))?;
            let known = traits.known().any(|known| known == KnownScheme::Digest);
            known.then_some(digest.scheme)
        }
    }
}

//! A client that logs in to one realm after the other: each refusal is looked through from its first challenge, within what it
//! was about when it sent the request that is refused.

use super::respond::Chosen;
use super::traits::{KnownScheme, Parameters};

/// The most refusals that are looked through within each other.
const MOST: usize = 16;

/// What such a client has noted.
#[derive(Clone, Debug, Default)]
pub(super) struct RealmsTried<'l> {
    /// Of each refusal that it is within, how many challenges were looked at, and whether credentials went with the request.
    within: Vec<(usize, bool)>,
    /// For each realm the scheme in which it logs in there, and the challenge that was read for it last.
    known: Vec<(&'l str, Chosen<'l>)>,
    /// The one that goes with every request: that of the realm that is newest to it.
    newest: Option<usize>,
    /// How many refusals it was told of: behind the first, credentials went with each request.
    pub(super) refusals: usize,
}

impl<'l> RealmsTried<'l> {
    /// The scheme and the challenge that go with the next request, once one was refused with these challenges; nothing where
    /// it ends.
    pub(super) fn next(
        &mut self,
        challenges: &[Chosen<'l>],
        which: Parameters,
        most: usize,
    ) -> Option<Chosen<'l>> {
        let with_credentials = self.refusals > 0;
        self.refusals += 1;
        if self.within.len() < MOST {
            self.within.push((0, with_credentials));
        }
        while let Some((at, with_credentials)) = self.within.last_mut() {
            let Some(challenge) = challenges.get(*at) else {
                self.within.pop();
                continue;
            };
            *at += 1;
            let again = !*with_credentials;
            let realm = challenge.offer.parameter("realm", which);
            let realm = realm.unwrap_or_default();
            let have = self.known.iter().position(|(known, _)| *known == realm);
            // Another realm each time is never one that it knows.
            match have.filter(|_| !realm.contains("%N")) {
                Some(have) => {
                    if let Some((_, noted)) = self.known.get_mut(have) {
                        noted.offer = challenge.offer;
                    }
                    if !again {
                        continue;
                    }
                }
                None if self.known.len() >= most => continue,
                None => {
                    self.newest = Some(self.known.len());
                    self.known.push((realm, *challenge));
                }
            }
            let (_, newest) = self.known.get(self.newest?)?;
            return Some(*newest);
        }
        None
    }
}

/// Whether a response of Digest to this challenge has no nonce to be computed from.
pub(super) fn lacks_nonce(chosen: &Chosen<'_>, which: Parameters) -> bool {
    let nonce = chosen.offer.parameter("nonce", which);
    chosen.scheme == KnownScheme::Digest && nonce.is_none()
}

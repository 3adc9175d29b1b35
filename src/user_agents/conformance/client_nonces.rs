//! The client nonces of all plays of one client: whether it has one for all.

use super::flaw::{CredentialFlaw, SeenFlaw};

/// In how many plays it must be the same: a second in which several began is no reason then.
const FEWEST_PLAYS: usize = 3;

/// What was seen of `cnonce`. Within one play it may stay what it was: whoever speaks of a session keeps it (RFC 7616
/// §3.4.2).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClientNonces {
    first: Option<String>,
    plays: usize,
    differ: bool,
}

impl ClientNonces {
    /// Notes the client nonces of a play.
    pub fn note<'n>(&mut self, play: impl IntoIterator<Item = &'n str>) {
        let mut some = false;
        for nonce in play {
            some = true;
            let first = self.first.get_or_insert_with(|| nonce.to_owned());
            self.differ |= first != nonce;
        }
        self.plays += usize::from(some);
    }

    /// What is wrong with a play that has one, where each had the same.
    pub fn flaw(&self) -> Option<SeenFlaw> {
        let same = self.plays >= FEWEST_PLAYS && !self.differ;
        let first = self.first.as_ref().filter(|_| same)?;
        let what = format!("`cnonce` is \"{first}\" in every play");
        Some(SeenFlaw::new(CredentialFlaw::SameClientNonce, what))
    }
}

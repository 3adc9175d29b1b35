//! Traits in words, for people: those that are not what most clients do.

use super::traits::{
    Algorithm, Chokes, DigestTraits, KnownScheme, Needed, Quirk, Redirects, Traits, Tries,
};
use super::words::{Set, Word};

impl Traits {
    /// The traits that differ from the default, each as the key and the value that the catalogue's
    /// files have for it.
    pub fn told(&self) -> Vec<(&'static str, String)> {
        let mut told = Vec::new();
        one(&mut told, "first", self.first);
        one(&mut told, "holds", self.holds);
        one(&mut told, "reacts", self.reacts);
        one(&mut told, "lines", self.lines);
        one(&mut told, "splits", self.splits);
        many::<Chokes>(&mut told, "chokes-on", self.chokes);
        one(&mut told, "loses", self.loses);
        one(&mut told, "realm", self.realm);
        one(&mut told, "parameters", self.parameters);
        let known: Vec<&str> = self.known().map(KnownScheme::word).collect();
        told.push(("knows", known.join(", ")));
        one(&mut told, "chooses", self.chooses);
        one(&mut told, "among", self.among);
        if self.digest != DigestTraits::default() {
            let digest = &self.digest;
            many::<Algorithm>(&mut told, "digest.algorithms", digest.algorithms);
            many::<Algorithm>(&mut told, "digest.miscomputes", digest.miscomputes);
            one(&mut told, "digest.incomputable", digest.incomputable);
            one(&mut told, "digest.qop", digest.qop);
            one(&mut told, "digest.qop-else", digest.qop_else);
            if digest.needs != DigestTraits::default().needs {
                let at = told.len();
                many::<Needed>(&mut told, "digest.needs", digest.needs);
                if let Some((_, value)) = told.get_mut(at).filter(|(_, value)| value.is_empty()) {
                    "nothing".clone_into(value);
                }
            }
            one(&mut told, "digest.lacking", digest.lacking);
        }
        let (tries, usual) = (&self.tries, Tries::default());
        for (key, count, usual) in [
            ("tries.basic", tries.basic, usual.basic),
            ("tries.digest", tries.digest, usual.digest),
            ("tries.stale", tries.stale, usual.stale),
            ("tries.new-realm", tries.new_realm, usual.new_realm),
            ("tries.negotiate", tries.negotiate, usual.negotiate),
            ("tries.ntlm", tries.ntlm, usual.ntlm),
            ("tries.bare", tries.bare, usual.bare),
        ] {
            if count != usual {
                told.push((key, count.to_string()));
            }
        }
        one(&mut told, "then", self.then);
        one(&mut told, "charset", self.charset);
        if self.redirects != Redirects::default() {
            let redirects = &self.redirects;
            one(&mut told, "redirects.same-origin", redirects.same_origin);
            one(&mut told, "redirects.elsewhere", redirects.elsewhere);
            one(&mut told, "redirects.challenged", redirects.challenged);
        }
        one(&mut told, "origin-407", self.from_origin);
        many::<Quirk>(&mut told, "quirks", self.quirks);
        told.retain(|(_, value)| !value.is_empty());
        told
    }
}

fn one<W: Word + Default>(told: &mut Vec<(&'static str, String)>, key: &'static str, value: W) {
    if value != W::default() {
        told.push((key, value.word().to_owned()));
    }
}

fn many<W: Word>(told: &mut Vec<(&'static str, String)>, key: &'static str, set: Set) {
    let words = W::ALL.iter().filter(|value| set.has(**value));
    let words: Vec<&str> = words.map(|value| value.word()).collect();
    told.push((key, words.join(", ")));
}

//! Traits in words, for people: those that are not what most clients do.

use super::traits::{
    Algorithm, Chokes, DigestTraits, KnownScheme, Needed, Quirk, Redirects, Traits, Tries,
};
use super::words::{Set, TraitWord};

impl Traits {
    /// The traits that differ from the default, each as the key and the value that the catalogue's
    /// files have for it.
    pub fn describe(&self) -> Vec<(&'static str, String)> {
        let mut described = Vec::new();
        one(&mut described, "first", self.first);
        one(&mut described, "holds", self.holds);
        one(&mut described, "reacts", self.reacts);
        one(&mut described, "lines", self.lines);
        one(&mut described, "splits", self.splits);
        many::<Chokes>(&mut described, "chokes-on", self.chokes);
        one(&mut described, "loses", self.loses);
        one(&mut described, "realm", self.realm);
        one(&mut described, "parameters", self.parameters);
        let known: Vec<&str> = self.known().map(KnownScheme::word).collect();
        described.push(("knows", known.join(", ")));
        one(&mut described, "chooses", self.chooses);
        one(&mut described, "among", self.among);
        if self.digest != DigestTraits::default() {
            let digest = &self.digest;
            some::<Algorithm>(&mut described, "digest.algorithms", digest.algorithms);
            many::<Algorithm>(&mut described, "digest.miscomputes", digest.miscomputes);
            one(&mut described, "digest.incomputable", digest.incomputable);
            one(&mut described, "digest.qop", digest.qop);
            one(&mut described, "digest.qop-else", digest.qop_else);
            if digest.needs != DigestTraits::default().needs {
                some::<Needed>(&mut described, "digest.needs", digest.needs);
            }
            one(&mut described, "digest.lacking", digest.lacking);
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
                described.push((key, count.to_string()));
            }
        }
        one(&mut described, "then", self.then);
        one(&mut described, "charset", self.charset);
        if self.redirects != Redirects::default() {
            let (redirects, usual) = (&self.redirects, Redirects::default());
            for (key, value, usual) in [
                (
                    "redirects.same-origin",
                    redirects.same_origin,
                    usual.same_origin,
                ),
                ("redirects.elsewhere", redirects.elsewhere, usual.elsewhere),
            ] {
                if value != usual {
                    described.push((key, value.word().to_owned()));
                }
            }
            one(&mut described, "redirects.challenged", redirects.challenged);
        }
        one(&mut described, "origin-407", self.from_origin);
        many::<Quirk>(&mut described, "quirks", self.quirks);
        described.retain(|(_, value)| !value.is_empty());
        described
    }
}

fn one<W: TraitWord + Default>(
    described: &mut Vec<(&'static str, String)>,
    key: &'static str,
    value: W,
) {
    if value != W::default() {
        described.push((key, value.word().to_owned()));
    }
}

/// The same where none is not what most have.
fn some<W: TraitWord>(described: &mut Vec<(&'static str, String)>, key: &'static str, set: Set) {
    many::<W>(described, key, set);
    if let Some((_, value)) = described.last_mut().filter(|(_, value)| value.is_empty()) {
        "nothing".clone_into(value);
    }
}

fn many<W: TraitWord>(described: &mut Vec<(&'static str, String)>, key: &'static str, set: Set) {
    let words = W::ALL.iter().filter(|value| set.has(**value));
    let words: Vec<&str> = words.map(|value| value.word()).collect();
    described.push((key, words.join(", ")));
}

//! Points of the space of traits that differ in one thing.

use crate::user_agents::model::{
    Algorithm, Chokes, KnownScheme, MOST_KNOWN, Needed, Quirk, Set, TraitWord, Traits, Tries,
};

/// How often a client may try.
const COUNTS: [u8; 9] = [0, 1, 2, 3, 4, 5, 6, 20, 100];

/// Quirks that a client has or not whatever it is seen to do: they say what it is for.
const GIVEN: [Quirk; 1] = [Quirk::Proxy];

/// Hands over every point that differs in one trait. What the client holds is known, and stays.
pub(super) fn neighbours(of: &Traits, mut each: impl FnMut(Traits)) {
    words(of, &mut each, |it, word| it.first = word);
    words(of, &mut each, |it, word| it.reacts = word);
    words(of, &mut each, |it, word| it.lines = word);
    words(of, &mut each, |it, word| it.splits = word);
    words(of, &mut each, |it, word| it.loses = word);
    words(of, &mut each, |it, word| it.realm = word);
    words(of, &mut each, |it, word| it.parameters = word);
    words(of, &mut each, |it, word| it.chooses = word);
    words(of, &mut each, |it, word| it.among = word);
    words(of, &mut each, |it, word| it.then = word);
    words(of, &mut each, |it, word| it.charset = word);
    words(of, &mut each, |it, word| it.from_origin = word);
    words(of, &mut each, |it, word| it.digest.incomputable = word);
    words(of, &mut each, |it, word| it.digest.qop = word);
    words(of, &mut each, |it, word| it.digest.qop_else = word);
    words(of, &mut each, |it, word| it.digest.lacking = word);
    words(of, &mut each, |it, word| it.redirects.same_origin = word);
    words(of, &mut each, |it, word| it.redirects.elsewhere = word);
    words(of, &mut each, |it, word| it.redirects.challenged = word);
    toggles::<Chokes>(of, &mut each, |it| &mut it.chokes);
    toggles::<Quirk>(of, &mut each, |it| &mut it.quirks);
    toggles::<Algorithm>(of, &mut each, |it| &mut it.digest.algorithms);
    toggles::<Algorithm>(of, &mut each, |it| &mut it.digest.miscomputes);
    toggles::<Needed>(of, &mut each, |it| &mut it.digest.needs);
    let tries: [fn(&mut Tries) -> &mut u8; 7] = [
        |tries| &mut tries.basic,
        |tries| &mut tries.digest,
        |tries| &mut tries.stale,
        |tries| &mut tries.new_realm,
        |tries| &mut tries.negotiate,
        |tries| &mut tries.ntlm,
        |tries| &mut tries.bare,
    ];
    for count in tries {
        for value in COUNTS {
            let mut other = *of;
            *count(&mut other.tries) = value;
            each(other);
        }
    }
    for knows in orders() {
        each(Traits { knows, ..*of });
    }
}

fn words<W: TraitWord>(of: &Traits, each: &mut impl FnMut(Traits), set: impl Fn(&mut Traits, W)) {
    for word in W::ALL {
        let mut other = *of;
        set(&mut other, *word);
        each(other);
    }
}

fn toggles<W: TraitWord>(
    of: &Traits,
    each: &mut impl FnMut(Traits),
    set: impl Fn(&mut Traits) -> &mut Set,
) {
    for word in W::ALL {
        let given = GIVEN.iter().any(|given| given.word() == word.word());
        if given {
            continue;
        }
        let mut other = *of;
        let set = set(&mut other);
        let had = *set;
        *set = W::ALL
            .iter()
            .filter(|one| had.has(**one) != (*one == word))
            .fold(Set::EMPTY, |all, one| all.with(*one));
        each(other);
    }
}

/// Every order of some of the schemes.
fn orders() -> Vec<[Option<KnownScheme>; MOST_KNOWN]> {
    let mut orders: Vec<Vec<KnownScheme>> = vec![Vec::new()];
    let mut from = 0;
    while from < orders.len() {
        let longer: Vec<Vec<KnownScheme>> = orders
            .iter()
            .skip(from)
            .flat_map(|order| {
                let more = KnownScheme::ALL.iter().filter(|one| !order.contains(one));
                more.map(|one| [order.as_slice(), &[*one]].concat())
            })
            .collect();
        from = orders.len();
        orders.extend(longer);
    }
    let orders = orders.iter().map(|order| {
        let mut knows = [None; MOST_KNOWN];
        for (slot, scheme) in knows.iter_mut().zip(order) {
            *slot = Some(*scheme);
        }
        knows
    });
    orders.collect()
}

//! quickcheck's `Arbitrary` for the types of this crate, with the feature `quickcheck`.
//!
//! ```
//! use countersign_auth::{Challenge, Challenges, ListStyle};
//! use quickcheck::QuickCheck;
//!
//! fn law(challenges: Vec<Challenge>, layout: ListStyle) -> bool {
//!     let lines = layout.write(&challenges);
//!     let read = Challenges::parse(lines.iter().map(Vec::as_slice));
//!     read.strict().is_some_and(|list| list.len() == challenges.len())
//! }
//! QuickCheck::new().quickcheck(law as fn(Vec<Challenge>, ListStyle) -> bool);
//! ```

use quickcheck::{Arbitrary, Gen};

use crate::challenge::{Challenge, Challenges, Lines, ListStyle, Order, Param, Quoting, Spelling};
use crate::departure::Departure;

/// One of these.
fn one<T: Clone>(g: &mut Gen, of: &[T]) -> Option<T> {
    g.choose(of).cloned()
}

/// Up to five more than the least number of these bytes, as Latin-1.
fn text(g: &mut Gen, alphabet: &[u8], least: usize) -> String {
    let length = least + usize::arbitrary(g) % 6;
    let byte = |_| one(g, alphabet).map(char::from);
    (0..length).filter_map(byte).collect()
}

fn token(g: &mut Gen) -> String {
    text(g, b"aZ09!#$%&'*+-.^_`|~", 1)
}

/// A parameter that a sender may generate.
impl Arbitrary for Param {
    fn arbitrary(g: &mut Gen) -> Self {
        let name = token(g);
        if bool::arbitrary(g) && !name.eq_ignore_ascii_case("realm") {
            let value = token(g);
            return Self::token(name, value);
        }
        let any: Vec<u8> = (0..=u8::MAX)
            .filter(|byte| *byte == b'\t' || !byte.is_ascii_control())
            .collect();
        Self::quoted(name, text(g, &any, 0))
    }

    fn shrink(&self) -> Box<dyn Iterator<Item = Self>> {
        let name = self.name.clone();
        let plain = |value: String| Self::quoted(name.clone(), value);
        let shorter: Vec<Self> = (0..self.value.chars().count())
            .map(|length| plain(self.value.chars().take(length).collect()))
            .collect();
        Box::new(shorter.into_iter())
    }
}

/// A challenge that a sender may generate; shrinks to fewer and shorter parameters.
impl Arbitrary for Challenge {
    fn arbitrary(g: &mut Gen) -> Self {
        let mut challenge = Self::new(token(g));
        if bool::arbitrary(g) {
            let padding = "=".repeat(usize::arbitrary(g) % 3);
            challenge.token68 = Some(text(g, b"aZ09-._~+/", 1) + &padding);
            return challenge;
        }
        for _ in 0..usize::arbitrary(g) % 4 {
            let param = Param::arbitrary(g);
            if challenge.params_named(&param.name).next().is_none() {
                challenge.params.push(param);
            }
        }
        challenge
    }

    fn shrink(&self) -> Box<dyn Iterator<Item = Self>> {
        let mut simpler = Vec::new();
        if self.token68.is_some() {
            simpler.push(Self::new(self.scheme.clone()));
        }
        for index in 0..self.params.len() {
            let mut fewer = self.clone();
            fewer.params.remove(index);
            simpler.push(fewer);
        }
        for (index, param) in self.params.iter().enumerate() {
            for shorter in param.shrink() {
                let mut challenge = self.clone();
                if let Some(place) = challenge.params.get_mut(index) {
                    *place = shorter;
                    simpler.push(challenge);
                }
            }
        }
        Box::new(simpler.into_iter())
    }
}

/// What is read of any bytes; shrinks to fewer challenges, well-formed.
impl Arbitrary for Challenges {
    fn arbitrary(g: &mut Gen) -> Self {
        let lines = ListStyle::arbitrary(g).write(&Vec::<Challenge>::arbitrary(g));
        let mut read = lines;
        if bool::arbitrary(g) {
            read.push(Vec::arbitrary(g));
        }
        Self::parse(read.iter().map(Vec::as_slice))
    }

    fn shrink(&self) -> Box<dyn Iterator<Item = Self>> {
        let smaller = self.list.shrink().map(|list| {
            let lines = ListStyle::default().write(&list);
            Self::parse(lines.iter().map(Vec::as_slice))
        });
        Box::new(smaller)
    }
}

/// A layout whose lines every recipient must read, and alike; shrinks to the plain one.
impl Arbitrary for ListStyle {
    fn arbitrary(g: &mut Gen) -> Self {
        let plain = Self::default();
        let spellings = [
            Spelling::AsGiven,
            Spelling::Upper,
            Spelling::Lower,
            Spelling::Odd,
        ];
        let lines = [Lines::Apart, Lines::Joined(", "), Lines::Joined(" ,,")];
        let quoting = [
            Quoting::AsGiven,
            Quoting::Always,
            Quoting::WhereNeeded,
            Quoting::Escaped,
        ];
        Self {
            lines: one(g, &lines).unwrap_or(plain.lines),
            order: one(g, &[Order::AsGiven, Order::Reversed]).unwrap_or(plain.order),
            schemes: one(g, &spellings).unwrap_or(plain.schemes),
            names: one(g, &spellings).unwrap_or(plain.names),
            quoting: one(g, &quoting).unwrap_or(plain.quoting),
            gap: one(g, &[" ", "  "]).unwrap_or(plain.gap),
            comma: one(g, &[", ", ",", "\t,"]).unwrap_or(plain.comma),
            equals: one(g, &["=", " ="]).unwrap_or(plain.equals),
            before: one(g, &["", ","]).unwrap_or(plain.before),
            behind: one(g, &["", " ,"]).unwrap_or(plain.behind),
        }
    }

    fn shrink(&self) -> Box<dyn Iterator<Item = Self>> {
        let plain = Self::default();
        let simpler = if *self == plain { None } else { Some(plain) };
        Box::new(simpler.into_iter())
    }
}

/// Any of a closed set; shrinks to those before it.
macro_rules! listed {
    ($($name:ty, $all:expr, $first:expr;)*) => {
        $(impl Arbitrary for $name {
            fn arbitrary(g: &mut Gen) -> Self {
                one(g, &$all).unwrap_or($first)
            }

            fn shrink(&self) -> Box<dyn Iterator<Item = Self>> {
                let this = *self;
                let before = $all.iter().copied().take_while(move |other| *other != this);
                Box::new(before.collect::<Vec<_>>().into_iter())
            }
        })*
    };
}

listed! {
    Departure, Departure::ALL, Departure::EmptyListElement;
}

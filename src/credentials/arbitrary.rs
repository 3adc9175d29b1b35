//! quickcheck's `Arbitrary` for the types of this room, with the feature `quickcheck`.

use quickcheck::{Arbitrary, Gen};

use super::identity::{Identity, Token, TokenState};
use super::scheme::Scheme;
use super::secret::Secret;
use super::state::CredentialState;

/// One of these.
fn one<T: Clone>(g: &mut Gen, of: &[T]) -> Option<T> {
    g.choose(of).cloned()
}

/// Up to five characters of `alphabet` more than the one that there is at least.
fn text(g: &mut Gen, alphabet: &[u8]) -> String {
    let length = 1 + usize::arbitrary(g) % 6;
    let byte = |_| one(g, alphabet).map(char::from);
    (0..length).filter_map(byte).collect()
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
    CredentialState, CredentialState::ALL, CredentialState::Valid;
    Scheme, Scheme::ALL, Scheme::Basic;
}

/// Somebody with any user-id and password, and one valid token.
impl Arbitrary for Identity {
    fn arbitrary(g: &mut Gen) -> Self {
        let token = Token {
            value: Secret::new(text(g, b"aZ09-._~+/")),
            state: TokenState::Valid,
            scopes: Vec::new(),
        };
        Self {
            user: String::arbitrary(g).replace(':', ""),
            password: Secret::new(String::arbitrary(g)),
            enabled: bool::arbitrary(g),
            tokens: vec![token],
            ..Self::alice()
        }
    }
}

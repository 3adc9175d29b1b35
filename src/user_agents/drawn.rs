//! Layouts by chance, for holding what a program does against what its traits predict: each can be made simpler step by
//! step, as long as the two differ.

use proptest::collection::vec;
use proptest::sample::select;
use proptest::strategy::{BoxedStrategy, Strategy as _, ValueTree};

use super::model::{Layout, Script};
use crate::domain::seeded;

/// The most lines of a layout, and the most challenges on one.
const MOST: usize = 3;

/// What layouts are made of, simplest first: challenges that are legal (RFC 9110 §11.6.1), of schemes that clients know and
/// of such as nobody does.
const CHALLENGES: [&str; 21] = [
    "Basic realm=\"x\"",
    "Bearer realm=\"x\"",
    "Digest realm=\"x\", nonce=\"n0nce123\", qop=\"auth\", algorithm=MD5",
    "Digest realm=\"x\", nonce=\"n0nce123\", qop=\"auth\", algorithm=SHA-256",
    "Unknown realm=\"x\"",
    "Unknown",
    "Unknown abc==",
    "Unknown a=\"1\", b=2",
    "Negotiate",
    "Bearer",
    "Bearer realm=\"a, b\"",
    "Bearer realm=\"a, Basic realm=\\\"b\\\"\"",
    "BASIC realm=\"x\"",
    "basic realm=\"x\"",
    "Basic realm=\"x\", charset=\"UTF-8\"",
    "Basic foo=bar, realm=\"x\"",
    "Digest realm=\"x\", nonce=\"n0nce123\"",
    "Digest realm=\"x\", nonce=\"n0nce123\", qop=\"auth,auth-int\", algorithm=MD5",
    "Digest realm=\"x\", nonce=\"n0nce123\", qop=\"auth-int\", algorithm=MD5",
    "Digest realm=\"x\", nonce=\"n0nce123\", qop=\"auth\", algorithm=MD5-sess",
    "Digest realm=\"x\", nonce=\"n0nce123\", qop=\"auth\", algorithm=FOO",
];

/// What stands between two challenges of a line, simplest first: a comma with the white space that may be around it (RFC 9110
/// §5.6.1.2).
const COMMAS: [&str; 3] = [", ", ",", " ,\t"];

/// A layout by chance.
pub struct DrawnLayout {
    tree: Box<dyn ValueTree<Value = Vec<String>>>,
}

impl std::fmt::Debug for DrawnLayout {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_tuple("DrawnLayout").field(&self.lines()).finish()
    }
}

impl DrawnLayout {
    /// Its field lines, as they stand now.
    pub fn lines(&self) -> Vec<String> {
        self.tree.current()
    }

    /// The server that refuses by it, and takes whatever is right.
    pub fn script(&self) -> Script {
        Script::new(Layout::new(self.lines()))
    }

    /// Makes it simpler. Says whether that was possible.
    pub fn simplify(&mut self) -> bool {
        self.tree.simplify()
    }

    /// Takes the last step to what is simpler back, or a part of it. Says whether there was one.
    pub fn complicate(&mut self) -> bool {
        self.tree.complicate()
    }
}

/// So many layouts, the same for the same seed.
pub fn drawn(count: usize, seed: u64) -> Vec<DrawnLayout> {
    let mut runner = seeded(seed);
    let layouts = layouts();
    let trees = (0..count).filter_map(|_| layouts.new_tree(&mut runner).ok());
    trees.map(|tree| DrawnLayout { tree }).collect()
}

fn layouts() -> BoxedStrategy<Vec<String>> {
    let challenge = (select(COMMAS.to_vec()), select(CHALLENGES.to_vec()));
    let line = vec(challenge, 1..=MOST);
    let line = line.prop_map(|challenges| {
        let words = challenges.into_iter().flat_map(<[&str; 2]>::from);
        words.skip(1).collect::<String>()
    });
    vec(line, 1..=MOST).boxed()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::Challenges;

    #[test]
    fn the_same_seed_draws_the_same_layouts_and_all_of_them_are_legal() {
        let lines = |seed| -> Vec<Vec<String>> {
            let all = drawn(50, seed);
            all.iter().map(DrawnLayout::lines).collect()
        };
        assert_eq!(lines(7), lines(7));
        assert_ne!(lines(7), lines(8));
        for line in lines(7).concat() {
            let read = Challenges::parse(std::iter::once(line.as_bytes()));
            assert!(read.problems.is_empty(), "{line}: {:?}", read.problems);
        }
    }

    #[test]
    fn what_still_shows_a_difference_is_all_that_is_left() {
        // As if a program passed over a token68.
        let differs = |lines: &[String]| lines.iter().any(|line| line.contains("abc=="));
        let all = drawn(200, 1);
        let mut met = { all.into_iter() }
            .find(|one| one.lines().len() > 1 && differs(&one.lines()))
            .unwrap();
        let mut smallest = met.lines();
        let mut more = met.simplify();
        while more {
            more = match differs(&met.lines()) {
                true => {
                    smallest = met.lines();
                    met.simplify()
                }
                false => met.complicate(),
            };
        }
        assert_eq!(smallest, ["Unknown abc=="]);
    }
}

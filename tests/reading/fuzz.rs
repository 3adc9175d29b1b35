//! The fuzz targets' laws on a stable toolchain: the seeds, and a bounded number of mutations of them,
//! the same in each run. The fuzzer itself, which looks for what this cannot, is in `fuzz/`.

#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test may panic, and its helpers are parts of it"
)]

use std::path::Path;

#[path = "../../fuzz/src/laws.rs"]
mod laws;

/// Pieces that mean something to one grammar or another.
const PIECES: &[&[u8]] = &[
    b"\"", b"\\", b",", b" ", b"\t", b"=", b"==", b"\r\n ", b"\x1e", b"\x00", b"\xff", b"Basic ",
    b"realm=", b", a=", b"\"x\"", b": ", b"- ", b"{", b"}", b"[", b"]", b"'", b"&a ", b"*a", b"\n",
];

/// Numbers that look random and are the same in each run (Marsaglia's xorshift).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap() % bound
    }
}

/// One change of an input: something goes, comes, is repeated or becomes another byte.
fn mutate(input: &mut Vec<u8>, numbers: &mut Numbers) {
    let from = numbers.below(input.len() + 1);
    let to = (from + numbers.below(12)).min(input.len());
    match numbers.below(5) {
        0 => drop(input.drain(from..to)),
        1 => {
            let copy = input[from..to].to_vec();
            let at = numbers.below(input.len() + 1);
            input.splice(at..at, copy);
        }
        2 if from < to => input[from] = u8::try_from(numbers.below(256)).unwrap(),
        3 => input.truncate(to.max(1)),
        _ => {
            let piece = PIECES[numbers.below(PIECES.len())];
            input.splice(from..from, piece.iter().copied());
        }
    }
}

/// Holds a law for every seed of a target, and for `each` mutations of each.
fn hold(target: &str, each: usize, law: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fuzz/seeds")
        .join(target);
    let mut seeds: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    seeds.sort();
    assert!(seeds.len() > 1, "{target} has seeds");
    let mut numbers = Numbers(0x2545_f491_4f6c_dd1d);
    law(b"");
    for path in seeds {
        let seed = std::fs::read(&path).unwrap();
        law(&seed);
        let mut input = seed.clone();
        for number in 0..each {
            // A walk away from the seed, and back to it now and then.
            if number % 12 == 0 || input.len() > 4 * seed.len() + 64 {
                input.clone_from(&seed);
            }
            mutate(&mut input, &mut numbers);
            law(&input);
        }
    }
}

#[test]
fn challenges() {
    hold("challenges", 4_000, laws::challenges);
}

#[test]
fn credentials() {
    hold("credentials", 4_000, laws::credentials);
}

#[test]
fn layouts() {
    hold("layout", 8_000, laws::layout);
}

#[test]
fn specs() {
    hold("spec", 60, laws::spec);
}

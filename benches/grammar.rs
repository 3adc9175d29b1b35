//! What reading authentication fields costs, and that the time grows as the input does:
//! `cargo bench --bench grammar`.
//!
//! For each shape of input that invites a parser to look twice, prints the time for each byte of a
//! small field and of one 256 times as long. The ratio of the two is what counts: about 1 where the
//! time is linear, about 256 where it is quadratic. Nothing here passes or fails;
//! `docs/performance.md` keeps the figures.

#![expect(clippy::print_stdout, reason = "a bench prints")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use countersign::auth::{AuthenticationInfo, Authorization, Challenges};

/// The length of a small field, in bytes.
const SMALL: usize = 4 * 1024;

/// How many times longer the long one is.
const TIMES: usize = 256;

/// How often each is timed; the best counts, because noise only ever adds.
const ROUNDS: usize = 5;

/// Shapes of input: what stands first, and what is repeated behind it.
const SHAPES: &[(&str, &str, &str)] = &[
    ("challenges", "", "Basic realm=\"here\", "),
    ("parameters", "Digest ", "a1=\"v\", b2=c, "),
    ("one quoted-string", "Basic realm=\"", "x"),
    ("quoted pairs", "Basic realm=\"", "\\\""),
    ("unclosed quotes", "", "a=\""),
    ("quotes in junk", "", "@\" "),
    ("commas", "", ","),
    ("spaces", "Basic", " "),
    ("words", "", "a "),
    ("equals signs", "", "="),
    ("token68", "Negotiate ", "abcd"),
    ("padding", "Negotiate a", "="),
    ("folded lines", "Basic", "\r\n "),
    ("one name again and again", "A ", "a=b,"),
];

fn main() {
    println!(
        "ns a byte, in a field of 4 KiB and one of 1 MiB; the ratio is 1 where time is linear"
    );
    let mut worst: f64 = 0.0;
    for (name, begin, piece) in SHAPES {
        let field = |length: usize| {
            let mut text = (*begin).to_owned();
            while text.len() < length {
                text.push_str(piece);
            }
            text.into_bytes()
        };
        let (small, long) = (field(SMALL), field(SMALL * TIMES));
        let (few, many) = (cost(&small, TIMES), cost(&long, 1));
        let ratio = many / few;
        worst = worst.max(ratio);
        println!("{name:28} {few:7.2} {many:7.2}   ratio {ratio:.2}");
    }
    let distinct = |count: usize| -> Vec<u8> {
        let names: String = (0..count).map(|number| format!("n{number}=v, ")).collect();
        format!("A {names}").into_bytes()
    };
    let (few, many) = (cost(&distinct(400), TIMES), cost(&distinct(400 * TIMES), 1));
    println!(
        "{:28} {few:7.2} {many:7.2}   ratio {:.2}",
        "distinct names",
        many / few
    );
    worst = worst.max(many / few);
    println!("the greatest ratio is {worst:.2}, where a quadratic reader would have {TIMES}");
}

/// Nanoseconds a byte of reading a field `times` times as each of the fields that it may be.
fn cost(field: &[u8], times: usize) -> f64 {
    let mut best = Duration::MAX;
    for _ in 0..ROUNDS {
        let begun = Instant::now();
        for _ in 0..times {
            let lines = || std::iter::once(black_box(field));
            black_box(Challenges::parse(lines()));
            black_box(Authorization::parse(lines()));
            black_box(AuthenticationInfo::parse(lines()));
        }
        best = best.min(begun.elapsed());
    }
    best.as_secs_f64() * 1e9 / (field.len() * times) as f64
}

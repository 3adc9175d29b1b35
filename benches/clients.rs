//! What a prediction costs: every client of the catalogue on every layout that was measured.
//!
//! `cargo bench --bench clients`. The time for one client and one layout is what counts; the ratio
//! beside it, to a client that reads nothing, is comparable between machines.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a bench prints, and its input is ours"
)]

use std::hint::black_box;
use std::time::{Duration, Instant};

use countersign::user_agents::catalogue::{LAYOUTS, scripts, shipped};
use countersign::user_agents::model::{Script, Traits, play};

/// How long each is measured.
const LONG: Duration = Duration::from_secs(2);

fn main() {
    let catalogue = shipped().unwrap();
    let scripts: Vec<Script> = scripts(LAYOUTS)
        .unwrap()
        .into_iter()
        .map(|(_, script)| script)
        .collect();
    let all: Vec<&Traits> = catalogue
        .entries
        .iter()
        .map(|entry| &entry.traits)
        .collect();
    let blind: Vec<&Traits> = catalogue
        .find("curl-u")
        .map(|entry| &entry.traits)
        .into_iter()
        .collect();
    let base = per_play(&blind, &scripts);
    let mean = per_play(&all, &scripts);
    println!("{:40} {:8.0} ns", "a client that reads nothing", base);
    println!(
        "{:40} {:8.0} ns, {:.1} times",
        "a client and a layout, mean",
        mean,
        mean / base
    );
    let mut each: Vec<(f64, &str)> = catalogue
        .entries
        .iter()
        .map(|entry| {
            let time = measured(&[&entry.traits], &scripts, LONG / 50);
            (time, entry.name.as_str())
        })
        .collect();
    each.sort_by(|a, b| b.0.total_cmp(&a.0));
    for (time, name) in each.iter().take(3) {
        println!("{name:40} {time:8.0} ns, {:.1} times", time / base);
    }
    let minute = mean * all.len() as f64 * 100_000.0 / 1e9;
    println!("the whole catalogue over 100,000 layouts: {minute:.1} s on one core");
}

/// Nanoseconds for one play.
fn per_play(clients: &[&Traits], scripts: &[Script]) -> f64 {
    measured(clients, scripts, LONG)
}

fn measured(clients: &[&Traits], scripts: &[Script], long: Duration) -> f64 {
    let start = Instant::now();
    let mut plays = 0_u32;
    while start.elapsed() < long {
        for script in scripts {
            for client in clients {
                black_box(play(client, black_box(script)));
                plays += 1;
            }
        }
    }
    start.elapsed().as_secs_f64() * 1e9 / f64::from(plays.max(1))
}

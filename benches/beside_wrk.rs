//! What a run costs beside a load generator: `cargo bench --bench beside_wrk`.
//!
//! Plays packs against nginx, where it is installed here, and prints how many requests a second that comes to, beside
//! what wrk comes to with one thread and as many connections to the same nginx. A run's time has everything in it: the
//! plan, putting policies in force, judging, and proof of what was found. Nothing here passes or fails;
//! `docs/performance.md` keeps the figures.

#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a bench prints, and stops where it cannot go on"
)]

use std::process::Command;
use std::time::{Duration, Instant};

use countersign::adapter::{Home, availability, find_adapter, open};
use countersign::client::PATH;
use countersign::credentials::Identity;
use countersign::domain::{Setting, Value};
use countersign::engine::{Options, run};
use countersign::implementation::{Implementation, Installation, Placement};
use countersign::spec::{Spec, shipped};

/// What is played against.
const NAME: &str = "nginx";

/// With how many connections.
const CONNECTIONS: [usize; 3] = [1, 4, 8];

/// How often each side is timed; the best of them counts, because noise only ever adds.
const ROUNDS: usize = 3;

/// How long wrk sends each time.
const SECONDS: &str = "2s";

fn main() {
    let home = Home::from_environment();
    let known =
        find_adapter(NAME).is_ok_and(|adapter| availability(&adapter, &home).is_available());
    if !known {
        println!("{NAME}: not installed here");
        return;
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.expect("a runtime").block_on(async {
        for connections in CONNECTIONS {
            let Some(wrk) = best(&home, connections).await else {
                println!("wrk: not installed here");
                return;
            };
            println!("{connections} connections: wrk {wrk:.0} requests/s");
            for pack in ["api-access-policy", "http-authentication", "reachability"] {
                played(&home, pack, connections, wrk).await;
            }
        }
    });
}

/// How many requests a second wrk comes to.
async fn best(home: &Home, connections: usize) -> Option<f64> {
    let mut implementation = open(NAME, home).await.expect("it starts");
    let url = url(&mut *implementation).await;
    let mut best: f64 = 0.0;
    for _ in 0..ROUNDS {
        let told = Command::new("wrk")
            .args([
                "-t",
                "1",
                "-c",
                &connections.to_string(),
                "-d",
                SECONDS,
                &url,
            ])
            .output()
            .ok()?;
        let told = String::from_utf8_lossy(&told.stdout).into_owned();
        let rate = told
            .lines()
            .find_map(|line| line.strip_prefix("Requests/sec:"));
        best = best.max(rate?.trim().parse().ok()?);
    }
    implementation.stop().await;
    Some(best)
}

/// Where a policy with one profile is in force.
async fn url(implementation: &mut dyn Implementation) -> String {
    let profile = Value::record([
        ("scheme", Value::symbol("basic")),
        ("active", Value::Bool(true)),
    ]);
    let policy = Value::record([
        ("active", Value::Bool(true)),
        ("profiles", Value::List(vec![profile])),
        ("advertise_all", Value::Bool(true)),
    ]);
    let instance = Value::record([("first_scheme_only", Value::Bool(false))]);
    let installation = Installation {
        upstreams: Vec::new(),
        edit_of: None,
        generation: 1,
        identities: vec![Identity::alice()],
        policies: vec![Setting { policy, instance }],
    };
    let placements = implementation.install(&installation).await;
    let placements = placements.expect("it is installed");
    let Some(Placement::Endpoint(endpoint)) = placements.first() else {
        unreachable!("{placements:?}")
    };
    format!("http://{}{}{PATH}", endpoint.authority, endpoint.prefix)
}

/// Plays a pack, and prints what that comes to beside wrk.
async fn played(home: &Home, pack: &str, connections: usize, wrk: f64) {
    let spec = Spec::read(&shipped(pack).expect("it ships")).expect("it is right");
    let options = Options {
        connections,
        ..Options::default()
    };
    let mut took = Duration::MAX;
    let (mut cases, mut requests) = (0, 0);
    for _ in 0..ROUNDS {
        let mut implementation = open(NAME, home).await.expect("it starts");
        let begun = Instant::now();
        let report = run(&spec, &mut *implementation, &options, &mut |_| {}).await;
        took = took.min(begun.elapsed());
        (cases, requests) = (report.judged, report.requests);
        implementation.stop().await;
    }
    let rate = requests as f64 / took.as_secs_f64();
    println!(
        "  {pack}: {cases} cases, {requests} requests in {:.2} s: {rate:.0} requests/s, {:.2} of wrk",
        took.as_secs_f64(),
        rate / wrk
    );
}

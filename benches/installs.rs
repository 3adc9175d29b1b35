//! What putting policies in force costs: `cargo bench --bench installs`.
//!
//! Prints, for each implementation that is configured by files and installed here, policies installed a
//! second with all of its slots in one configuration, and with one configuration for each policy, and the
//! ratio of the two. An installation counts when it is proven to be in force. Nothing here passes or
//! fails; `docs/performance.md` keeps the figures.

#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a bench prints, and stops where it cannot go on"
)]

use std::time::{Duration, Instant};

use countersign::adapter::{Home, availability, find_adapter, open};
use countersign::credentials::Identity;
use countersign::domain::Setting;
use countersign::domain::{Allowed, Value};
use countersign::implementation::{Implementation, Installation, Placement};

const NAMES: [&str; 5] = ["nginx", "apache-httpd", "haproxy", "caddy", "lighttpd"];

/// How many installations of each kind are timed, in turn with those of the other kind.
const ROUNDS: u64 = 20;

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.expect("a runtime").block_on(async {
        let home = Home::from_environment();
        for name in NAMES {
            let known = find_adapter(name)
                .is_ok_and(|adapter| availability(&adapter, &home).is_available());
            if known {
                let mut implementation = open(name, &home).await.expect("it starts");
                measure(name, &mut *implementation).await;
                implementation.stop().await;
            } else {
                println!("{name}: not installed here");
            }
        }
    });
}

async fn measure(name: &str, implementation: &mut dyn Implementation) {
    let slots = implementation.description().slots;
    let policy = policy(implementation);
    let (mut together, mut alone) = (Duration::ZERO, Duration::ZERO);
    // The first start is not counted: it is the same for both.
    install(implementation, 1, 1, &policy).await;
    for round in 0..ROUNDS {
        together += install(implementation, 2 * round + 2, slots, &policy).await;
        alone += install(implementation, 2 * round + 3, 1, &policy).await;
    }
    let rate =
        |policies: usize, time: Duration| (policies as u64 * ROUNDS) as f64 / time.as_secs_f64();
    let (together, alone) = (rate(slots, together), rate(1, alone));
    println!(
        "{name}: {together:.0} policies/s with {slots} slots, {alone:.0} with one configuration each, ratio {:.0}",
        together / alone
    );
}

/// How long a set of equal policies takes until it is in force.
async fn install(
    implementation: &mut dyn Implementation,
    generation: u64,
    policies: usize,
    policy: &Setting,
) -> Duration {
    let installation = Installation {
        upstreams: Vec::new(),
        edit_of: None,
        generation,
        identities: vec![Identity::alice()],
        policies: vec![policy.clone(); policies],
    };
    let begun = Instant::now();
    let placements = implementation
        .install(&installation)
        .await
        .expect("it is installed");
    let took = begun.elapsed();
    let placed = placements
        .iter()
        .filter(|placement| matches!(placement, Placement::Endpoint(_)));
    assert_eq!(placed.count(), policies, "{placements:?}");
    took
}

/// One profile, and the flags at what the implementation can express.
fn policy(implementation: &dyn Implementation) -> Setting {
    let supports = &implementation.description().supports;
    let first = |path: &str, usual: bool| match supports.by_path.get(path) {
        Some(Allowed::Values(values)) => values.first().cloned().unwrap_or(Value::Bool(usual)),
        _ => Value::Bool(usual),
    };
    let profile = Value::record([
        ("scheme", Value::symbol("basic")),
        ("active", Value::Bool(true)),
    ]);
    Setting {
        policy: Value::record([
            ("active", Value::Bool(true)),
            ("profiles", Value::List(vec![profile])),
            ("advertise_all", first("policy.advertise_all", true)),
        ]),
        instance: Value::record([(
            "first_scheme_only",
            first("instance.first_scheme_only", false),
        )]),
    }
}

//! What stands between the start of a run and its first request, and how the time to look a spec over grows with
//! its rules: `cargo bench --bench check`.
//!
//! For each shipped pack, from text: reading it, planning it, and a run until its first settings are to be
//! put in force, behind which the first request follows at once; and beside that, what looking it over would take,
//! which a run of a shipped pack is spared. Then, for packs of 80, 800 and 8,000 rules that are made here (about as many as a spec may hold),
//! what reading and looking over take. Ratios are what compares. Nothing here passes or fails;
//! `docs/performance.md` keeps the figures.

#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a bench prints, and stops where it cannot go on"
)]

use std::fmt::Write;
use std::hint::black_box;
use std::time::{Duration, Instant};

use countersign::engine::{Options, Plan, Stop, run};
use countersign::implementation::{
    BoxFuture, Description, Implementation, Installation, Placement, ReferenceImplementation,
};
use countersign::observation::{AuditEvent, SetupFault};
use countersign::spec::{SHIPPED, Spec, shipped};
use countersign::yaml::Source;

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let runtime = runtime.expect("a runtime");
    println!(
        "from text to the first settings, in ms; what looking the pack over would take beside"
    );
    for (name, _) in SHIPPED {
        let begun = Instant::now();
        let spec = Spec::read(&shipped(name).expect("it ships")).expect("it is right");
        let read = begun.elapsed();
        let usual = Options::default();
        let (planned, _) = timed(|| Plan::new(&spec, usual.cases, usual.seed));
        // From text once more: what was worked out stays with a spec.
        let whole = runtime.block_on(first_settings(name));
        let (looked, problems) = timed(|| spec.analyse());
        println!(
            "{name:20} {:8.1}, of which reading {:.1} and planning {:.1}; looking over {:.1}: {} problems",
            ms(whole),
            ms(read),
            ms(planned),
            ms(looked),
            problems.list.len()
        );
    }
    println!("reading and looking over made packs, in ms, and how many times the one before it");
    let mut before: Option<Duration> = None;
    for rules in [80, 800, 8_000] {
        let source = Source::new("made.yaml", made(rules));
        let begun = Instant::now();
        let spec = Spec::read(&source).expect("it is right");
        let read = begun.elapsed();
        let (looked, problems) = timed(|| spec.analyse());
        let both = read + looked;
        let times = before.map(|before| both.as_secs_f64() / before.as_secs_f64());
        println!(
            "{rules:6} rules: reading {:8.1}, looking over {:8.1}: {} problems{}",
            ms(read),
            ms(looked),
            problems.list.len(),
            times.map_or(String::new(), |times| format!(", {times:.1} times"))
        );
        before = Some(both);
    }
}

fn timed<T>(work: impl FnOnce() -> T) -> (Duration, T) {
    let begun = Instant::now();
    let result = black_box(work());
    (begun.elapsed(), result)
}

fn ms(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}

/// From the text of a shipped pack to the moment at which its first settings are to be put in force.
async fn first_settings(name: &str) -> Duration {
    let begun = Instant::now();
    let spec = Spec::read(&shipped(name).expect("it ships")).expect("it is right");
    let options = Options {
        stop: Stop::default(),
        ..Options::default()
    };
    let mut reference = Watched {
        inner: ReferenceImplementation::new(),
        stop: options.stop.clone(),
        installed: None,
    };
    run(&spec, &mut reference, &options, &mut |_| {}).await;
    let installed = reference.installed.expect("it was played");
    installed.duration_since(begun)
}

/// The reference implementation, which notes when it is to put the first settings in force.
struct Watched {
    inner: ReferenceImplementation,
    stop: Stop,
    installed: Option<Instant>,
}

impl Implementation for Watched {
    fn description(&self) -> &Description {
        self.inner.description()
    }

    fn install<'a>(
        &'a mut self,
        installation: &'a Installation,
    ) -> BoxFuture<'a, Result<Vec<Placement>, SetupFault>> {
        self.installed.get_or_insert_with(Instant::now);
        self.stop.stop();
        self.inner.install(installation)
    }

    fn events(&mut self, generation: u64) -> BoxFuture<'_, Result<Vec<AuditEvent>, SetupFault>> {
        self.inner.events(generation)
    }

    fn stop(&mut self) -> BoxFuture<'_, ()> {
        self.inner.stop()
    }
}

/// A pack of so many rules, each with a condition on the setting, the client and mostly on the answer, and with
/// one of a handful of expectations.
fn made(rules: usize) -> String {
    let mut text = String::from(
        r#"countersign: 1
pack: {name: made, version: 1, title: Rules that were made}
domain:
  policy:
    active: {bool: true}
    profiles: {list: {of: {scheme: {one-of: [basic, bearer]}, active: {bool: true}}, max: 3}}
    advertise_all: {bool: false}
  client:
    persona: {one-of: [preemptive, challenge-driven]}
    scheme: {one-of: [basic, bearer]}
    credential: {one-of: [valid, none, wrong-secret, malformed]}
    method: {one-of: [get, head, post, options]}
    way: {one-of: [http/1.1, h2c]}
  exclude:
    - {client.persona: challenge-driven, client.credential: {not: valid}}
    - {client.way: h2c, policy.profiles: {count: {at-least: 3}}}
define:
  listed: {list: policy.profiles, where: {active: true}}
  accepted: {schemes-of: listed}
rules:
"#,
    );
    let settings = [
        "policy.active: true",
        "policy.active: false",
        "policy.advertise_all: true",
        "policy.profiles: {count: 1}",
        "policy.profiles: {count: {at-least: 2}}",
        "policy.profiles: {empty: true}",
        "accepted: {has: client.scheme}",
    ];
    let clients = [
        "client.scheme: basic",
        "client.scheme: bearer, client.method: {in: [get, head]}",
        "client.credential: {in: [valid, none]}",
        "client.method: post",
        "client.way: h2c",
        "client.persona: preemptive, client.method: options",
        "client.credential: malformed",
        "client.credential: wrong-secret, client.way: http/1.1",
        "client.credential: none",
        "client.scheme: bearer, client.credential: valid",
        "client.persona: challenge-driven",
    ];
    let demands = [
        "when: {W, status: 401}, expect: {challenges: {at-least: accepted}}",
        "when: {W, status: 401}, expect: {challenges: {some: true}}",
        "when: {W, status: 401}, expect: {challenges: {well-formed: true}}",
        "when: {W, status: 401}, expect: {parameters: {basic: [realm]}}",
        "when: {W, status: 401}, expect: {headers: {x-powered-by: absent}}",
        "when: {W, outcome: accepted}, expect: {headers: {www-authenticate: absent}}",
        "when: {W}, expect: {outcome: {not: failed}}",
        "when: {W, status: 405}, expect: {headers: {allow: present}}",
        "when: {W}, relate: {change: {policy.advertise_all: any}, outcome: same}",
    ];
    for rule in 0..rules {
        let pick = |of: &[&'static str], by: usize| of.get(rule / by % of.len()).copied();
        let setting = pick(&settings, 1).unwrap_or_default();
        let client = pick(&clients, settings.len()).unwrap_or_default();
        let demand = pick(&demands, 1).unwrap_or_default();
        let demand = demand.replace('W', &format!("{setting}, {client}"));
        // In few words: there is a bound to what a spec may hold.
        writeln!(
            text,
            "  - {{id: rule-{rule}, level: must, source: {{document: RFC, section: '1'}}, impact: Harm., {demand}}}"
        )
        .expect("memory");
    }
    text
}

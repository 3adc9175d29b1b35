//! What judging costs: `cargo bench`.
//!
//! Prints judged cases per second against the embedded reference implementation beside a bare loop
//! that sends the same requests over as many connections and judges nothing; the requests from the
//! seed's first failure to its proven minimum; and the memory of a run of 1,000,000 cases. Nothing
//! here passes or fails; `docs/performance.md` keeps the figures.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "a bench prints, and stops where it cannot go on"
)]

use std::sync::Arc;
use std::time::{Duration, Instant};

use countersign::client::Player;
use countersign::credentials::TokenKind;
use countersign::domain::{Case, Conversation, Narrowing, Value};
use countersign::engine::{Options, run};
use countersign::implementation::{
    Implementation, Installation, Placement, ReferenceImplementation,
};
use countersign::spec::{Spec, shipped};
use countersign::vocabulary::{ClientCase, identities_for};
use countersign::wire::{Endpoint, Limits, PreparedRequest};
use countersign::yaml::Source;
use http_body_util::BodyExt;
use hyper_util::rt::TokioIo;

/// How often each side is timed; the best of them counts, because noise only ever adds.
const ROUNDS: usize = 5;

/// Set for the process whose memory is measured.
const MEMORY: &str = "COUNTERSIGN_BENCH_MEMORY";

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let runtime = runtime.expect("a runtime");
    if std::env::var_os(MEMORY).is_some() {
        runtime.block_on(million());
        return;
    }
    runtime.block_on(ratio());
    runtime.block_on(by_rules());
    runtime.block_on(by_domain());
    let program = std::env::current_exe().expect("this program");
    let status = std::process::Command::new(program)
        .env(MEMORY, "1")
        .status();
    assert!(status.expect("the second process").success());
}

async fn ratio() {
    for name in ["api-access-policy", "reachability", "http-authentication"] {
        let spec = Spec::read(&shipped(name).expect("it ships")).expect("it is right");
        // What stands beside it speaks HTTP/1.1 only.
        let mut narrowing = Narrowing::default();
        narrowing.fix("client.way", Value::symbol("http/1.1"));
        let spec = spec.narrow(&narrowing, true).expect("it has that way");
        let script = Script::write(&spec).await;
        let mut judged = Duration::MAX;
        let mut bare = Duration::MAX;
        let mut within = Duration::MAX;
        let mut cases = 0;
        let mut requests = 0;
        let mut seed = 0;
        // In turn, so that whatever else the machine does meets both alike.
        for _ in 0..ROUNDS {
            // As the bare loop, which has sockets.
            let mut reference = ReferenceImplementation::new().by_sockets();
            let begun = Instant::now();
            let report = run(&spec, &mut reference, &Options::default(), &mut |_| {}).await;
            judged = judged.min(begun.elapsed());
            cases = report.judged;
            requests = report.requests;
            seed = report
                .findings
                .iter()
                .map(|finding| finding.requests)
                .max()
                .unwrap_or(0);
            reference.stop().await;
            bare = bare.min(script.play().await);
            let mut reference = ReferenceImplementation::new();
            let begun = Instant::now();
            run(&spec, &mut reference, &Options::default(), &mut |_| {}).await;
            within = within.min(begun.elapsed());
            reference.stop().await;
        }
        // What comes before a client is not in the script: requests are what compares.
        let judged_rate = requests as f64 / judged.as_secs_f64();
        let bare_rate = script.requests as f64 / bare.as_secs_f64();
        println!(
            "{name}: {cases} cases, {requests} requests, {:.0} cases/s: judged {judged_rate:.0} requests/s, bare \
             {bare_rate:.0} (of {}), ratio {:.2}; without sockets {:.2} of the time",
            cases as f64 / judged.as_secs_f64(),
            script.requests,
            judged_rate / bare_rate,
            within.as_secs_f64() / judged.as_secs_f64(),
        );
        if seed > 0 {
            println!("{name}: at most {seed} requests from a first failure to its proven minimum");
        }
    }
}

/// What a case costs with more and more rules: the same cases of `http-authentication`, judged by its first rules and
/// by as many copies of them as it takes.
async fn by_rules() {
    let shipped = shipped("http-authentication").expect("it ships");
    let mut first = None;
    for count in [10, 50, 232, 1_000] {
        let mut spec = Spec::read(&shipped).expect("it is right");
        let known = spec.rules.clone();
        spec.rules = known.iter().cycle().take(count).cloned().collect();
        for (place, rule) in spec.rules.iter_mut().enumerate().skip(known.len()) {
            rule.id = format!("{}-{place}", rule.id);
        }
        let mut best = Duration::MAX;
        let (mut cases, mut requests) = (0, 0);
        for _ in 0..ROUNDS {
            let mut reference = ReferenceImplementation::new();
            let begun = Instant::now();
            let report = run(&spec, &mut reference, &Options::default(), &mut |_| {}).await;
            best = best.min(begun.elapsed());
            (cases, requests) = (report.judged, report.requests);
            reference.stop().await;
        }
        let each = best.as_secs_f64() * 1e6 / cases as f64;
        let first = *first.get_or_insert(each);
        println!(
            "{count} rules: {cases} cases, {requests} requests, {each:.1} microseconds a case, {:.2} times",
            each / first
        );
    }
}

/// What a case costs where more of them could be: as many cases of `reachability`, out of a domain of its own size and
/// out of larger ones.
async fn by_domain() {
    let shipped = shipped("reachability").expect("it ships");
    let mut first = None;
    for most in [4, 5, 7] {
        let text = shipped.text.replace("max: 4", &format!("max: {most}"));
        let spec = Spec::read(&Source::new("reachability", text)).expect("it is right");
        let options = Options {
            cases: 20_000,
            ..Options::default()
        };
        let mut best = Duration::MAX;
        let (mut cases, mut requests) = (0, 0);
        for _ in 0..ROUNDS {
            let mut reference = ReferenceImplementation::new();
            let begun = Instant::now();
            let report = run(&spec, &mut reference, &options, &mut |_| {}).await;
            best = best.min(begun.elapsed());
            (cases, requests) = (report.judged, report.requests);
            reference.stop().await;
        }
        let each = best.as_secs_f64() * 1e6 / cases as f64;
        let first = *first.get_or_insert(each);
        println!(
            "a domain of {}: {cases} cases, {requests} requests, {each:.1} microseconds a case, {:.2} times",
            spec.domain.count(),
            each / first
        );
    }
}

/// The slot that a request goes to, and the request.
type Sending = (usize, Arc<PreparedRequest>);

/// The requests of a run: by installation, the slot and the request, in order.
struct Script {
    installations: Vec<(Installation, Vec<Sending>)>,
    requests: usize,
}

impl Script {
    /// Plays every case of a spec once, to learn which requests that takes.
    async fn write(spec: &Spec) -> Self {
        let identities = identities_for(&spec.domain, TokenKind::Either);
        let clients: Vec<(Conversation, ClientCase)> = spec
            .conversations(1000)
            .iter()
            .map(|value| {
                let case = ClientCase::from_value(&value.client).expect("the spec was checked");
                (value.clone(), case)
            })
            .collect();
        let settings = spec.settings().expect("a small space");
        let mut script = Self {
            installations: Vec::new(),
            requests: 0,
        };
        let mut reference = ReferenceImplementation::new();
        let mut player = Player::of(identities.clone(), Limits::default());
        let mut known: Vec<(ClientCase, bool, Arc<PreparedRequest>)> = Vec::new();
        for (generation, chunk) in settings.chunks(512).enumerate() {
            let installation = Installation {
                upstreams: Vec::new(),
                edit_of: None,
                generation: generation as u64 + 1,
                identities: identities.clone(),
                policies: chunk.iter().map(|one| one.setting.clone()).collect(),
            };
            let placements = reference
                .install(&installation)
                .await
                .expect("the reference");
            let mut requests = Vec::new();
            for (value, client) in &clients {
                for (slot, setting) in chunk.iter().enumerate() {
                    let case = Case::of(setting.setting.clone(), value.clone());
                    if spec.excludes(&case) {
                        continue;
                    }
                    let Placement::Endpoint(endpoint) = &placements[slot] else {
                        continue;
                    };
                    let play = player.play(endpoint, client).await.expect("an answer");
                    for exchange in &play.exchanges {
                        let sends = exchange.request.field("authorization").is_some();
                        let found = known.iter().find(|(c, s, _)| c == client && *s == sends);
                        let request = match found {
                            Some((_, _, request)) => request.clone(),
                            None => {
                                let made = Arc::new(
                                    PreparedRequest::new(exchange.request.clone())
                                        .expect("sendable"),
                                );
                                known.push((*client, sends, made.clone()));
                                made
                            }
                        };
                        requests.push((slot, request));
                    }
                }
            }
            script.requests += requests.len();
            script.installations.push((installation, requests));
        }
        reference.stop().await;
        script
    }

    /// Sends the same requests, over as many connections as a run has, and judges nothing.
    async fn play(&self) -> Duration {
        let connections = Options::default().connections;
        let mut reference = ReferenceImplementation::new();
        let first = &self.installations[0].0;
        let placements = reference.install(first).await.expect("the reference");
        let Placement::Endpoint(somewhere) = &placements[0] else {
            panic!("no endpoint")
        };
        let mut senders = Vec::new();
        for _ in 0..connections {
            let stream = tokio::net::TcpStream::connect(&somewhere.authority)
                .await
                .expect("loopback");
            stream.set_nodelay(true).expect("an option");
            let (sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
                .await
                .expect("hyper");
            tokio::spawn(connection);
            senders.push(sender);
        }
        let begun = Instant::now();
        for (installation, requests) in &self.installations {
            let placements = reference
                .install(installation)
                .await
                .expect("the reference");
            let endpoints: Vec<Endpoint> = placements
                .into_iter()
                .map(|placement| match placement {
                    Placement::Endpoint(endpoint) => endpoint,
                    Placement::Unsupported(reason) => panic!("{reason}"),
                })
                .collect();
            let endpoints = Arc::new(endpoints);
            let host = countersign::wire::host_of(&endpoints[0]).expect("a host");
            let mut shares = requests.chunks(requests.len().div_ceil(connections));
            let mut workers = tokio::task::JoinSet::new();
            for mut sender in std::mem::take(&mut senders) {
                let share: Vec<_> = shares.next().unwrap_or_default().to_vec();
                let (endpoints, host) = (endpoints.clone(), host.clone());
                workers.spawn(async move {
                    for (slot, request) in share {
                        let request = request.to_hyper(&endpoints[slot], &host).expect("sendable");
                        let response = sender.send_request(request).await.expect("an answer");
                        response.into_body().collect().await.expect("a body");
                        sender.ready().await.expect("kept alive");
                    }
                    sender
                });
            }
            while let Some(sender) = workers.join_next().await {
                senders.push(sender.expect("a worker"));
            }
        }
        let time = begun.elapsed();
        reference.stop().await;
        time
    }
}

/// A run of 1,000,000 cases of a space too large to enumerate, and the most memory it took.
async fn million() {
    let text = include_str!("../specs/reachability.yaml").replace("max: 4", "max: 9");
    let spec = Spec::read(&Source::new("a wide reachability", text)).expect("it is right");
    let options = Options {
        cases: 1_000_000,
        ..Options::default()
    };
    let mut reference = ReferenceImplementation::new();
    let begun = Instant::now();
    let report = run(&spec, &mut reference, &options, &mut |_| {}).await;
    reference.stop().await;
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .and_then(|rest| rest.trim().strip_suffix("kB")?.trim().parse::<u64>().ok());
    println!(
        "a run of {} cases ({}): {:.0} s, {:.0} cases/s, {} requests, peak memory {}",
        report.judged,
        report.coverage,
        begun.elapsed().as_secs_f64(),
        report.judged as f64 / begun.elapsed().as_secs_f64(),
        report.requests,
        peak.map_or("unknown here".to_owned(), |kib| format!(
            "{} MB",
            kib / 1024
        )),
    );
    for finding in &report.findings {
        println!(
            "  found: {} ({}), {} requests",
            finding.sentence, finding.rule, finding.requests
        );
    }
}

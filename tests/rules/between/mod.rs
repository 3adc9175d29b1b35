//! Who stands between a client and others, and conforms: a gateway that asks an auth service before a backend, and a
//! server of the Model Context Protocol. Each is held against its pack with the choices that the documents leave to it,
//! and whoever makes one is accused of nothing.
//!
//! Each [`Liberty`] is one choice, with the text that leaves it, as in [`liberal`](super::liberal) for origin servers.
//! They are of *matters*, and of one matter only one choice can be made at once; so all of them are played in as many
//! runs as the largest matter has choices. Where such a run accuses, `TESTS=whole` says which of them it was: it plays each
//! by itself, with all cases.

// A test says what it expects by panicking; clippy knows that of test functions only.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::expect_used,
    clippy::print_stdout,
    missing_docs,
    missing_debug_implementations,
    unreachable_pub
)]

mod gateway;
mod gateway_liberty;
mod inward;
mod mcp;
mod mcp_liberty;
mod normal_form;
mod one_hop;
mod reply;
mod serve;

use std::collections::BTreeSet;
use std::fmt::Debug;

use countersign::domain::{Allowed, Narrowing, Value};
use countersign::engine::{Options, run};
use countersign::implementation::Implementation;
use countersign::results::{PackReport, RuleState};
use countersign::spec::{Level, Spec};

use crate::support::pack;
use gateway::LiberalGateway;
use gateway_liberty::GatewayLiberty;
use mcp::LiberalMcp;
use mcp_liberty::McpLiberty;

/// A rule that a choice is rightly accused by, because it gives up a recommendation or is not of an opinion, and its
/// sentence.
pub type GivenUp = (&'static str, &'static str);

/// A choice that documents leave to an implementation.
pub trait Liberty: Copy + Ord + Debug + 'static {
    const PACK: &'static str;
    /// Every choice.
    const ALL: &'static [Self];

    /// What it is a choice in.
    fn matter(self) -> &'static str;

    /// The rules below a must that rightly accuse it.
    fn given_up(self) -> &'static [GivenUp];

    /// An implementation that takes these.
    fn takes(taken: BTreeSet<Self>) -> impl Taker<Self>;
}

/// An implementation that takes liberties.
pub trait Taker<L>: Implementation {
    /// Which of them made a difference to an answer, or to what was asked of others.
    fn shown(&self) -> BTreeSet<L>;
}

/// A part of a domain: these words of these fields, and everything of others.
type Part = &'static [(&'static str, &'static [&'static str])];

/// That of gateways.
const OF_GATEWAYS: Part = &[
    ("client.scheme", &["basic"]),
    ("client.credential", &["valid", "none"]),
    ("client.form", &["plain", "odd-case", "two-lines"]),
    (
        "client.target",
        &[
            "resource",
            "query",
            "double-slash",
            "encoded-dots",
            "absolute-form",
        ],
    ),
    ("instance.challenges", &["one", "two-lines", "odd"]),
    (
        "client.method",
        &[
            "get",
            "post",
            "options",
            "post-content",
            "post-long-content",
            "preflight",
            "cross-origin",
        ],
    ),
];

/// That of servers of the Model Context Protocol.
const OF_MCP: Part = &[(
    "client.credential",
    &[
        "valid",
        "none",
        "expired",
        "no-audience",
        "wrong-secret",
        "wrong-audience",
        "wrong-issuer",
        "wrong-typ",
        "insufficient-scope",
    ],
)];

/// What is left out of both where liberties are taken, so that all of it takes a second or two.
const WITH_LIBERTIES: Part = &[
    (
        "client.credential",
        &[
            "valid",
            "none",
            "expired",
            "insufficient-scope",
            "wrong-typ",
        ],
    ),
    (
        "client.form",
        &["plain", "two-lines", "scheme-only", "query"],
    ),
    (
        "client.target",
        &["resource", "double-slash", "absolute-form"],
    ),
    (
        "instance.auth_service",
        &[
            "ok",
            "unauthorized",
            "forbidden",
            "created",
            "found",
            "error",
            "closed",
            "two-answers",
            "too-many",
            "stalls-in-content",
        ],
    ),
    ("policy.required_scope", &["none", "read-and-write"]),
    (
        "client.method",
        &[
            "get",
            "post",
            "options",
            "post-content",
            "post-long-content",
            "preflight",
            "cross-origin",
            "mcp-initialize",
            "mcp-call",
            "mcp-stream",
            "mcp-end",
            "mcp-cross-origin",
        ],
    ),
];

/// The most cases of a run: more than its part of the domain has.
const CASES: u64 = 5_000;

fn narrowed(spec: &Spec, part: Part) -> Spec {
    let mut narrowing = Narrowing::default();
    for (path, words) in part {
        let words = words.iter().map(|word| Value::symbol(word)).collect();
        narrowing
            .by_path
            .insert((*path).to_owned(), Allowed::Values(words));
    }
    spec.narrow(&narrowing, true).unwrap()
}

fn whole() -> bool {
    std::env::var("TESTS").is_ok_and(|word| word == "whole")
}

/// All liberties in few runs: in each, one choice of every matter or none, which goes round.
fn together<L: Liberty>() -> Vec<BTreeSet<L>> {
    let mut matters: Vec<(&str, Vec<L>)> = Vec::new();
    for liberty in L::ALL {
        match { matters.iter_mut() }.find(|(matter, _)| *matter == liberty.matter()) {
            Some((_, all)) => all.push(*liberty),
            None => matters.push((liberty.matter(), vec![*liberty])),
        }
    }
    let runs = matters.iter().map(|(_, all)| all.len()).max().unwrap_or(0);
    let taken = |run: usize| {
        let all = matters.iter().enumerate();
        let one = |(at, (_, all)): (usize, &(&str, Vec<L>))| {
            all.get((run + at) % (all.len() + 1)).copied()
        };
        all.filter_map(one).collect()
    };
    (0..=runs).map(taken).collect()
}

/// Holds an implementation that takes these against its pack, and says what it is accused of that it must not be.
fn played<L: Liberty>(spec: &Spec, taken: &BTreeSet<L>) -> (PackReport, BTreeSet<L>, Vec<String>) {
    let mut taker = L::takes(taken.clone());
    let options = Options {
        cases: CASES,
        connections: 2,
        ..Options::default()
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let report = runtime.block_on(run(spec, &mut taker, &options, &mut |_| {}));
    let excused = |rule: &str| {
        let mut all = taken.iter().flat_map(|liberty| liberty.given_up());
        all.any(|(known, _)| *known == rule)
    };
    let mut accused = Vec::new();
    for finding in report.findings.iter().filter(|finding| finding.scored) {
        if finding.level != Level::Must && excused(&finding.rule) {
            continue;
        }
        accused.push(format!(
            "{:?} {}: {} ({}): expected {}, observed {}",
            finding.level,
            finding.rule,
            finding.sentence,
            finding.brief,
            finding.discrepancy.expected,
            finding.discrepancy.observed,
        ));
    }
    if let Some(stopped) = &report.stopped {
        accused.push(format!("stopped: {stopped:?}"));
    }
    let unclear = report.rules.iter();
    let unclear = unclear.filter(|rule| rule.scored && rule.state == RuleState::Inconclusive);
    accused
        .extend(unclear.map(|rule| format!("no verdict on {}: {:?}", rule.id, report.anomalies)));
    (report, taker.shown(), accused)
}

/// Plays an implementation without a liberty, and then with all of them; nobody is accused, and every one is seen.
fn nobody_is_accused<L: Liberty>(part: Part) {
    let spec = pack(L::PACK);
    let spec = if whole() { spec } else { narrowed(&spec, part) };
    let (report, shown, accused) = played::<L>(&spec, &BTreeSet::new());
    assert!(
        accused.is_empty(),
        "without a liberty:\n{}",
        accused.join("\n")
    );
    assert!(shown.is_empty(), "{shown:?}");
    let passed: BTreeSet<&str> = { report.rules.iter() }
        .filter(|rule| rule.state == RuleState::Passed)
        .map(|rule| &*rule.id)
        .collect();
    let scored: BTreeSet<&str> = { report.rules.iter() }
        .filter(|rule| rule.scored)
        .map(|rule| &*rule.id)
        .collect();
    println!(
        "{}: {} cases; {} of {} rules passed, not {:?}",
        L::PACK,
        report.judged,
        passed.len(),
        scored.len(),
        scored.difference(&passed).collect::<Vec<_>>(),
    );
    // Those of alternatives that this implementation does not take are not applicable.
    assert!(passed.len() * 10 >= scored.len() * 8, "{passed:?}");
    // What is narrowed twice has what both leave, and of a pack without such a field nothing changes.
    let spec = if whole() {
        spec
    } else {
        narrowed(&spec, WITH_LIBERTIES)
    };
    let runs: Vec<BTreeSet<L>> = match whole() {
        true => L::ALL
            .iter()
            .map(|one| BTreeSet::from([*one]))
            .chain(together())
            .collect(),
        false => together(),
    };
    let mut unseen: BTreeSet<L> = L::ALL.iter().copied().collect();
    let (mut all, mut cases) = (Vec::new(), 0);
    for taken in &runs {
        let (report, shown, accused) = played(&spec, taken);
        cases += report.judged;
        unseen.retain(|one| !shown.contains(one));
        all.extend(accused.into_iter().map(|one| format!("{taken:?}: {one}")));
    }
    println!(
        "{} liberties in {} runs, {cases} cases",
        L::ALL.len(),
        runs.len()
    );
    assert!(all.is_empty(), "accused:\n{}", all.join("\n"));
    assert!(unseen.is_empty(), "never seen: {unseen:?}");
}

#[test]
fn a_gateway_may_do_what_is_left_to_it() {
    nobody_is_accused::<GatewayLiberty>(OF_GATEWAYS);
}

#[test]
fn a_server_of_the_model_context_protocol_may_do_what_is_left_to_it() {
    nobody_is_accused::<McpLiberty>(OF_MCP);
}

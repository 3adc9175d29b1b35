//! A conforming server with its liberties, held against every pack: whoever makes a choice that the documents
//! leave to him is accused of nothing.
//!
//! Each [`Liberty`] is one choice, with the section that leaves it. A new rule has to live with all of them;
//! where one of them is accused, it is the rule that is wrong, or the liberty's own sentence. How to add one
//! is told in docs/design.md.

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

pub mod answer;
mod challenge;
mod desk;
mod digest;
mod liberty;
mod login;
mod metadata;
mod platform;
mod policy;
pub mod request;
mod server;
mod tls;
mod together;

use std::collections::{BTreeSet, HashMap};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use countersign::domain::{Allowed, Narrowing, Value};
use countersign::engine::{Options, run};
use countersign::results::{PackReport, RuleState};
use countersign::spec::{Level, Spec, shipped};

use liberty::{About, Liberty, PACKS, Taken};
use server::Liberal;
use together::TOGETHER;

/// Rules that accuse a liberty unjustly, until they are lowered. Empty when all is well.
const UNTIL_LOWERED: &[&str] = &[];

/// How many runs go on side by side.
const THREADS: usize = 2;

/// The most cases of one run, where its part of the domain has more.
const CASES: u64 = 1_500;

/// One run: these liberties, this pack, this part of its domain.
struct Job {
    taken: Taken,
    about: About,
    pack: &'static str,
}

/// What a run showed.
struct Shown {
    taken: Taken,
    pack: &'static str,
    /// How many answers were others than without the liberties.
    answers: u64,
    report: PackReport,
}

/// Policies and clients that a subject needs, and no others.
fn part(about: About, pack: &str) -> Narrowing {
    let (schemes, clients, most): (&[&str], &[&str], i64) = match about {
        About::Several | About::Around => return Narrowing::default(),
        About::Plain | About::Odd => (&["basic", "bearer"], &["basic", "bearer"], 1),
        About::Both => (&["basic", "bearer"], &["basic", "bearer"], 2),
        About::Tokens => (&["bearer"], &["bearer"], 1),
        About::Digest => (&["digest"], &["digest"], 1),
        About::Dpop => (&["dpop"], &["dpop", "bearer"], 1),
        About::Keys => (
            &["basic", "bearer"],
            &["basic", "bearer", "api-key", "hmac"],
            1,
        ),
        About::Pages => (&["basic", "dpop"], &["basic", "dpop"], 1),
        About::TwoTokens => (&["bearer", "dpop"], &["bearer"], 2),
        About::DigestBeside => (&["digest", "bearer", "dpop"], &["bearer", "dpop"], 2),
        About::Kinds => {
            let kinds = &["basic", "bearer", "api-key", "hmac"];
            (kinds, kinds, 2)
        }
        About::Certificates => (&["basic", "certificate"], &["basic", "certificate"], 2),
    };
    let mut part = Narrowing::default();
    let mut only = |path: &str, allowed: Allowed| {
        part.by_path.insert(path.to_owned(), allowed);
    };
    let words = |words: &[&str]| Allowed::Values(words.iter().map(|w| Value::symbol(w)).collect());
    let flag = |value| Allowed::Values(vec![Value::Bool(value)]);
    only("policy.profiles.scheme", words(schemes));
    only("client.scheme", words(clients));
    let range = |max| Allowed::Range {
        min: None,
        max: Some(max),
    };
    only("policy.profiles", range(most));
    if pack == "every-scheme" || !PACKS[..4].contains(&pack) {
        return part;
    }
    only("policy.profiles.active", flag(true));
    if pack != "http-authentication" {
        // This server advertises what it accepts.
        only("policy.active", flag(true));
        only("policy.advertise_all", flag(true));
        if pack == "reachability" {
            only("policy.for_post", range(0));
        }
        only("instance.first_scheme_only", flag(false));
        return part;
    }
    if about != About::Tokens {
        only("policy.required_scope", words(&["none"]));
        only("policy.step_up", flag(false));
        only("policy.metadata", flag(false));
    }
    only("policy.cross_origin", flag(about == About::Pages));
    if about != About::Dpop {
        only("policy.dpop_nonce", flag(false));
    }
    if about != About::Digest {
        only("policy.digest", words(&["plain"]));
    }
    if about != About::Keys {
        only("policy.key", words(&["none"]));
    }
    part
}

/// The parts of the packs, each made once.
#[derive(Default)]
struct Parts(HashMap<(About, &'static str), Spec>);

impl Parts {
    fn of(jobs: &[Job]) -> Self {
        let mut parts = Self::default();
        for Job { about, pack, .. } in jobs {
            let part = || spec(pack).narrow(&part(*about, pack), true).unwrap();
            parts.0.entry((*about, *pack)).or_insert_with(part);
        }
        parts
    }
}

fn spec(pack: &str) -> Spec {
    Spec::read(&shipped(pack).unwrap()).unwrap_or_else(|problems| panic!("{problems}"))
}

fn play(job: &Job, parts: &Parts) -> Shown {
    let events = job.pack.starts_with("api-access-");
    let mut server = Liberal::taking(job.taken.clone(), events);
    let spec = &parts.0[&(job.about, job.pack)];
    let report = held(&mut server, spec);
    Shown {
        taken: job.taken.clone(),
        pack: job.pack,
        answers: server.shown(),
        report,
    }
}

/// Holds a server against a spec.
fn held(server: &mut Liberal, spec: &Spec) -> PackReport {
    let options = Options {
        cases: CASES,
        connections: 2,
        ..Options::default()
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(run(spec, server, &options, &mut |_| {}))
}

/// Plays all jobs, on a few threads.
fn play_all(jobs: &[Job]) -> Vec<Shown> {
    let next = AtomicUsize::new(0);
    let parts = Parts::of(jobs);
    let all = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                while let Some(job) = jobs.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let shown = play(job, &parts);
                    all.lock().unwrap().push(shown);
                }
            });
        }
    });
    all.into_inner().unwrap()
}

/// What a run is accused of that it must not be, one line each.
fn accusations(shown: &Shown) -> Vec<String> {
    let known = |rule: &str, level: Level| {
        let mut taken = shown.taken.iter();
        let excused = taken.any(|liberty| {
            let named = |list: &[(&str, &str)]| list.iter().any(|(known, _)| *known == rule);
            match level {
                Level::Must => false,
                Level::Should => named(liberty.given_up()),
                _ => named(liberty.frowned_upon()) || named(liberty.given_up()),
            }
        });
        excused || UNTIL_LOWERED.contains(&rule)
    };
    let findings = shown.report.findings.iter();
    findings
        .filter(|finding| finding.scored && !known(&finding.rule, finding.level))
        .map(|finding| {
            format!(
                "{:?}: {} {:?} {}: {} ({}): expected {}, observed {}{}",
                shown.taken,
                shown.pack,
                finding.level,
                finding.rule,
                finding.sentence,
                finding.brief,
                finding.discrepancy.expected,
                finding.discrepancy.observed,
                if finding.flaky.is_some() {
                    " FLAKY"
                } else {
                    ""
                },
            )
        })
        .collect()
}

/// What nobody could tell, one line for each run.
fn unclear(all: &[Shown]) -> Vec<String> {
    let unclear = all.iter().filter(|shown| {
        let rules = shown.report.rules.iter();
        let mut rules = rules.filter(|rule| rule.scored);
        shown.report.stopped.is_some() || rules.any(|rule| rule.state == RuleState::Inconclusive)
    });
    let told = |shown: &Shown| {
        let PackReport {
            stopped, anomalies, ..
        } = &shown.report;
        format!(
            "{:?} {}: {stopped:?} {anomalies:?}",
            shown.taken, shown.pack
        )
    };
    unclear.map(told).collect()
}

/// Says what was played, and fails where somebody is accused.
fn settle(what: &str, all: &[Shown]) {
    let of = |count: fn(&PackReport) -> u64| all.iter().map(|one| count(&one.report)).sum::<u64>();
    println!(
        "{what}: {} runs, {} cases, {} requests",
        all.len(),
        of(|report| report.judged),
        of(|report| report.requests),
    );
    let mut accused: Vec<String> = all.iter().flat_map(accusations).collect();
    accused.sort();
    assert!(accused.is_empty(), "accused:\n{}", accused.join("\n"));
    let unclear = unclear(all);
    assert!(unclear.is_empty(), "no verdict:\n{}", unclear.join("\n"));
}

#[test]
fn without_a_liberty_nothing_is_found() {
    let jobs: Vec<Job> = About::ALL
        .into_iter()
        .flat_map(|about| about.packs().iter().map(move |pack| (about, *pack)))
        .map(|(about, pack)| Job {
            taken: Taken::new(),
            about,
            pack,
        })
        .collect();
    let all = play_all(&jobs);
    settle("no liberty", &all);
    // What nothing was seen of, nothing was proven of.
    let rules = || all.iter().flat_map(|shown| &shown.report.rules);
    let scored: BTreeSet<&str> = rules()
        .filter(|one| one.scored)
        .map(|one| &*one.id)
        .collect();
    let passed = rules().filter(|one| one.state == RuleState::Passed);
    let passed: BTreeSet<&str> = passed.map(|one| &*one.id).collect();
    let unseen: Vec<&&str> = scored.difference(&passed).collect();
    println!("{} rules, never applied: {unseen:?}", scored.len());
    assert!(unseen.len() * 4 < scored.len(), "{unseen:?}");
}

#[test]
fn no_liberty_is_accused() {
    let jobs: Vec<Job> = Liberty::ALL
        .iter()
        .flat_map(|liberty| {
            liberty
                .packs()
                .into_iter()
                .map(move |pack| (*liberty, pack))
        })
        .map(|(liberty, pack)| Job {
            taken: Taken::from([liberty]),
            about: liberty.about(),
            pack,
        })
        .collect();
    let all = play_all(&jobs);
    let mut unseen: BTreeSet<Liberty> = Liberty::ALL.iter().copied().collect();
    for shown in all.iter().filter(|shown| shown.answers > 0) {
        unseen.retain(|liberty| !shown.taken.contains(liberty));
    }
    assert!(unseen.is_empty(), "never seen on the wire: {unseen:?}");
    settle(&format!("{} liberties", Liberty::ALL.len()), &all);
}

#[test]
fn nor_are_many_at_once() {
    let mut jobs = Vec::new();
    for together in TOGETHER {
        for about in About::ALL {
            for pack in about.packs() {
                let mut taken: Taken = together.iter().copied().collect();
                taken.retain(|one| !one.clashes(pack));
                jobs.push(Job { taken, about, pack });
            }
        }
    }
    settle("many at once", &play_all(&jobs));
}

/// These clients ask by GET, so a resource of POST alone cannot be judged; it is not accused of that either.
#[test]
fn a_resource_of_post_alone_is_not_judged() {
    for pack in PACKS {
        let spec = spec(pack).narrow(&part(About::Plain, pack), true).unwrap();
        let report = held(&mut Liberal::elsewhere(true), &spec);
        assert_eq!((report.findings.len(), report.judged), (0, 0), "{pack}");
        let stopped = format!("{:?}", report.stopped);
        assert!(
            stopped.contains("GET must be taken at"),
            "{pack}: {stopped}"
        );
    }
}

/// Where there is nothing but a key or a signature, the run makes sure that it opens the resource.
#[test]
fn who_takes_keys_alone_is_tried_with_one() {
    for (key, client, called) in [
        ("field", "api-key", "an API key in a field"),
        ("query", "api-key", "an API key in the query"),
        ("signature", "hmac", "a signature"),
    ] {
        let mut part = part(About::Keys, PACKS[0]);
        for (path, word) in [("policy.key", key), ("client.scheme", client)] {
            let only = Allowed::Values(vec![Value::symbol(word)]);
            part.by_path.insert(path.to_owned(), only);
        }
        let (min, max) = (None, Some(0));
        let none = Allowed::Range { min, max };
        part.by_path.insert("policy.profiles".to_owned(), none);
        let spec = spec(PACKS[0]).narrow(&part, true).unwrap();
        let report = held(&mut Liberal::elsewhere(false), &spec);
        assert!(report.stopped.is_none(), "{:?}", report.stopped);
        assert_eq!(report.findings.len(), 0, "{key}");
        assert!(report.judged > 0, "{key}");

        let report = held(&mut Liberal::elsewhere(true), &spec);
        assert_eq!((report.findings.len(), report.judged), (0, 0), "{key}");
        let stopped = format!("{:?}", report.stopped);
        assert!(stopped.contains(&format!("With {called}")), "{stopped}");
    }
}

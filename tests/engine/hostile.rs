//! Servers in every kind of bad weather: each is told of as what it is, and none is accused of what it did
//! not do.

// A test says what it expects by panicking; clippy knows that of test functions only.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::expect_used
)]

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::support::{
    self, Asked, Break, Reply, Server, at_most, hasty, narrow, open_minded, pack, plain, quietly,
    told,
};
use countersign::credentials::CredentialState::{Valid, WrongSecret};
use countersign::credentials::Scheme;
use countersign::domain::Setting;
use countersign::domain::{Allowed, Value};
use countersign::engine::Options;
use countersign::results::{Cause, PackReport, Unsteady, causes};
use countersign::wire::Limits;

type Decide = Box<dyn Fn(&Setting, &Asked<'_>) -> Reply + Send + Sync>;

/// The answers of a server without a fault, with something done to their bytes.
fn mangled(how: fn(&str) -> String) -> Decide {
    Box::new(move |policy, asked| open_minded(policy, asked).made(how))
}

/// The same bytes to everybody, and the connection is closed behind them.
fn always(bytes: &'static [u8]) -> Decide {
    Box::new(move |_, _| Reply::raw(bytes).closing())
}

/// The same bytes over and over.
fn without_end(first: &'static str, then: &'static [u8]) -> Decide {
    Box::new(move |_, _| Reply::raw(first).flooding(then))
}

/// A head, in place of `Content-Length: 2` and the body, for answers with another framing.
fn framed(answer: &str, fields: &str, body: &str) -> String {
    let head = answer.split_once("\r\n\r\n").unwrap().0;
    let head = format!("{head}\r\n").replace("Content-Length: 2\r\n", fields);
    format!("{head}\r\n{body}")
}

/// What a run comes to: its exit code, and the words that tell of it.
fn verdict(report: &PackReport) -> u8 {
    match (
        report.accusations().count(),
        report.is_complete(countersign::spec::Level::Advice),
    ) {
        (0, true) => 0,
        (0, false) => 3,
        _ => 1,
    }
}

/// Everything that a report says beside verdicts.
fn words(report: &PackReport) -> String {
    let whys = report
        .findings
        .iter()
        .filter_map(|finding| finding.unsteady().map(ToString::to_string));
    let mut all: Vec<String> = report.notices.iter().cloned().chain(whys).collect();
    let told = told(report);
    let lines = told
        .lines()
        .filter(|line| !line.starts_with("NotApplicable"));
    all.extend(lines.map(str::to_owned));
    all.join("\n")
}

/// Kinds of server, what the run is to come to, and words that must be told; the words of a run that is to
/// say nothing are empty.
fn kinds() -> Vec<(&'static str, Decide, u8, &'static str)> {
    vec![
        ("none", Box::new(open_minded), 0, ""),
        (
            "reset",
            Box::new(|_, _| Reply::raw("").resetting()),
            3,
            "stopped answering",
        ),
        ("no answer", always(b""), 3, "stopped answering"),
        (
            "half a head",
            always(b"HTTP/1.1 401 Unauth"),
            3,
            "inside the response head",
        ),
        (
            "silence",
            Box::new(|_, _| Reply::raw("").waiting()),
            3,
            "no response head within",
        ),
        (
            "half a head, and silence",
            Box::new(|_, _| Reply::raw("HTTP/1.1 4").waiting()),
            3,
            "no response head within",
        ),
        (
            "http/0.9",
            always(b"<html>hello</html>\n"),
            3,
            "is not an HTTP response",
        ),
        (
            "http/1.2",
            mangled(|a| a.replace("HTTP/1.1", "HTTP/1.2")),
            3,
            "is not an HTTP response",
        ),
        (
            "tls alert",
            always(b"\x15\x03\x01\0\x02\x02\x0a"),
            3,
            "is not an HTTP response",
        ),
        (
            "status 099",
            mangled(|a| framed(a, "", "").replace(" 4", " 0")),
            3,
            "is not an HTTP",
        ),
        (
            "no colon",
            mangled(|a| framed(a, "garbage\r\n", "")),
            3,
            "is not an HTTP response",
        ),
        (
            "nul",
            mangled(|a| framed(a, "X-A: a\0b\r\n", "")),
            3,
            "is not an HTTP response",
        ),
        (
            "two lengths that differ",
            mangled(|a| framed(a, "Content-Length: 3\r\nContent-Length: 5\r\n", "abcde")),
            3,
            "is not an HTTP response",
        ),
        (
            "600 lines",
            mangled(|a| framed(a, &"X-A: b\r\n".repeat(600), "")),
            3,
            "more than 512 field lines",
        ),
        (
            "a head of 200 kB",
            mangled(|a| {
                framed(
                    a,
                    &format!("Content-Length: 0\r\nX-A: {}\r\n", "b".repeat(200_000)),
                    "",
                )
            }),
            3,
            "longer than 65536 bytes",
        ),
        (
            "a head without end",
            without_end("HTTP/1.1 200 OK\r\n", b"X-A: bbbbbbbbbbbbbbbbbbbbbbbbb\r\n"),
            3,
            "which is more than is read",
        ),
        (
            "interim responses without end",
            without_end("", b"HTTP/1.1 100 Continue\r\n\r\n"),
            3,
            "more than 100 interim responses",
        ),
        (
            "a hundred interim responses",
            mangled(|a| format!("{}{a}", "HTTP/1.1 103 Early Hints\r\n\r\n".repeat(100))),
            0,
            "",
        ),
        (
            "half a head now and then",
            Box::new(|policy, asked| match asked.nth % 20 {
                7 => Reply::raw("HTTP/1.1 4").closing(),
                _ => open_minded(policy, asked),
            }),
            0,
            "got no response at first and one when it was played again",
        ),
        (
            "leading empty lines",
            mangled(|a| format!("\r\n\r\n{a}")),
            0,
            "",
        ),
        (
            "a connection that is closed although it was to be kept",
            Box::new(|policy, asked| open_minded(policy, asked).closing()),
            0,
            "",
        ),
        (
            "a body that ends early",
            Box::new(|policy, asked| {
                open_minded(policy, asked)
                    .made(|a| a.replace("Length: 2", "Length: 9"))
                    .closing()
            }),
            0,
            "the connection ended before the body had its length",
        ),
        (
            "a body without end",
            Box::new(|policy, asked| {
                open_minded(policy, asked)
                    .made(|a| framed(a, "", ""))
                    .flooding(&[b'x'; 4096])
            }),
            0,
            "the body was longer than is read",
        ),
        (
            "bad chunks",
            mangled(|a| {
                framed(
                    a,
                    "Transfer-Encoding: chunked\r\n",
                    "ZZ\r\nabc\r\n0\r\n\r\n",
                )
            }),
            0,
            "the chunked coding of the body could not be read",
        ),
        (
            "a length beside a coding",
            mangled(|a| {
                let fields = "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n";
                framed(a, fields, "3\r\nabc\r\n0\r\n\r\n")
            }),
            0,
            "a Content-Length stood beside a Transfer-Encoding",
        ),
        (
            "bytes left over",
            mangled(|a| format!("{a} and more")),
            0,
            "bytes were left over behind the body's length",
        ),
        (
            "two responses at once",
            mangled(|a| format!("{a}HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")),
            3,
            "bytes came after the answer had ended",
        ),
        (
            // The second is what a client gets that asks again on the same connection.
            "two responses, one late",
            Box::new(|policy, asked| {
                let reply = open_minded(policy, asked);
                match asked.nth_here {
                    0 => reply,
                    _ => reply.made(|a| format!("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n{a}")),
                }
            }),
            3,
            "",
        ),
        (
            "the answer to the request before",
            {
                let last = Mutex::new(String::new());
                Box::new(move |policy, asked| {
                    open_minded(policy, asked).made(|a| {
                        let before = std::mem::replace(&mut *last.lock().unwrap(), a.to_owned());
                        if before.is_empty() {
                            a.to_owned()
                        } else {
                            before
                        }
                    })
                })
            },
            3,
            "",
        ),
        (
            "the other way round every other time",
            Box::new(|policy, asked| match asked.nth % 2 {
                0 => open_minded(policy, asked),
                _ => Reply::welcome(),
            }),
            3,
            "",
        ),
        (
            "the other way round now and then",
            {
                // Not in step with anything that a run does.
                let dice = Mutex::new(7_u64);
                Box::new(move |policy, asked| {
                    let mut dice = dice.lock().unwrap();
                    *dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                    match (*dice >> 33) % 5 {
                        0 if asked.nth > 4 => Reply::challenge(&[]),
                        _ => open_minded(policy, asked),
                    }
                })
            },
            3,
            "answers come and go",
        ),
        (
            "busy now and then",
            Box::new(|policy, asked| match asked.nth % 7 {
                3 => Reply::status(503, &["Retry-After: 1"]),
                _ => open_minded(policy, asked),
            }),
            0,
            "had status 503, which speaks of the server's state and not of the request",
        ),
        (
            "a lock-out",
            {
                let wrong = AtomicU64::new(0);
                Box::new(move |policy, asked| {
                    if asked.has(Scheme::Basic, WrongSecret) {
                        wrong.fetch_add(1, Ordering::Relaxed);
                    }
                    let locked = wrong.load(Ordering::Relaxed) > 5;
                    if locked && asked.has(Scheme::Basic, Valid) {
                        return Reply::challenge(&support::schemes(&policy.policy));
                    }
                    open_minded(policy, asked)
                })
            },
            3,
            "likely a lock-out",
        ),
        (
            "so many requests and no more",
            Box::new(|policy, asked| match asked.nth {
                0..90 => open_minded(policy, asked),
                _ => Reply::status(429, &["Retry-After: 30"]),
            }),
            3,
            "likely a rate limit",
        ),
        (
            "a ban",
            Box::new(|policy, asked| match asked.nth {
                0..90 => open_minded(policy, asked),
                _ => Reply::status(403, &[]),
            }),
            3,
            "likely a ban of whoever asks",
        ),
    ]
}

/// Short deadlines, for a row of servers that keep nobody waiting but where they are to.
fn short() -> Options {
    Options {
        limits: Limits {
            head: Duration::from_millis(400),
            body: Duration::from_millis(400),
            ..Limits::default()
        },
        ..hasty()
    }
}

#[tokio::test]
async fn every_kind_is_told_of_as_what_it_is() {
    let mut wrong = Vec::new();
    for (name, decide, expected, says) in kinds() {
        let mut server = Server::new(decide);
        // What is logged is another matter.
        server.description.events = false;
        let report = quietly(&plain(), &mut server, &short()).await;
        let (code, words) = (verdict(&report), words(&report));
        let silent = expected == 0 && says.is_empty() && !words.trim().is_empty();
        if code != expected || !words.contains(says) || silent {
            wrong.push(format!(
                "{name}: {code}, not {expected} with {says:?}\n{words}\n"
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn whoever_speaks_first_is_told_of_as_that_and_not_accused() {
    for greeting in [
        &b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"[..],
        b"220 mail.example ESMTP\r\n",
    ] {
        let mut server = Server::new(open_minded);
        server.greeting = greeting;
        let report = quietly(&plain(), &mut server, &hasty()).await;
        assert_eq!(verdict(&report), 3, "{}", words(&report));
    }
}

#[tokio::test]
async fn whoever_is_busy_whatever_is_asked_is_judged_by_that() {
    let busy = AtomicU64::new(0);
    let mut server = Server::new(move |policy, asked| {
        if asked.has(Scheme::Basic, WrongSecret) {
            busy.fetch_add(1, Ordering::Relaxed);
            return Reply::status(503, &[]);
        }
        open_minded(policy, asked)
    });
    server.description.events = false;
    let report = quietly(&plain(), &mut server, &hasty()).await;
    let accused: Vec<&str> = report.accusations().map(|one| one.rule.as_str()).collect();
    assert_eq!(accused, ["others-are-refused"], "{}", words(&report));
    assert_eq!(report.notices, Vec::<String>::new());
}

#[tokio::test]
async fn whoever_keeps_everybody_waiting_was_never_gone() {
    let silent: [fn() -> Reply; 2] = [
        || Reply::raw("").waiting(),
        // Connections are taken, and none is of any use.
        || Reply::raw("").closing(),
    ];
    for reply in silent {
        let mut server = Server::new(move |_, _| reply());
        let report = quietly(&plain(), &mut server, &hasty()).await;
        assert_eq!(verdict(&report), 3, "{}", words(&report));
        assert_eq!(report.notices, Vec::<String>::new());
    }
}

#[tokio::test]
async fn a_restart_is_waited_for_once() {
    let patient = Options {
        patience: Duration::from_secs(20),
        ..Options::default()
    };
    for (from, code) in [(1, 0), (2, 0)] {
        let mut server = Server::new(open_minded);
        server.description.slots = 2;
        server.breaks = Some((from, Break::Restarts));
        let report = quietly(&plain(), &mut server, &patient).await;
        assert_eq!(verdict(&report), code, "{}", words(&report));
        let told = |notice: &&String| notice.contains("took connections again");
        assert_eq!(
            report.notices.iter().filter(told).count(),
            1,
            "{:?}",
            report.notices
        );
        assert_eq!(report.judged, 112);
    }
}

#[tokio::test]
async fn a_ban_accuses_of_nothing_what_it_kept_from_being_seen() {
    // By `true`, whoever asks is refused from the first Bearer token on; by `false`, whoever has credentials.
    for everybody in [true, false] {
        let banned = AtomicU64::new(0);
        let mut server = Server::new(move |policy, asked| {
            let schemes = support::schemes(&policy.policy);
            if schemes.contains(&"bearer") && asked.has(Scheme::Bearer, Valid) {
                banned.store(1, Ordering::Relaxed);
            }
            let valid = [Scheme::Basic, Scheme::Bearer].map(|scheme| asked.has(scheme, Valid));
            match banned.load(Ordering::Relaxed) {
                1 if everybody => Reply::status(403, &[]),
                1 if valid.contains(&true) => Reply::challenge(&schemes),
                _ => open_minded(policy, asked),
            }
        });
        server.description.events = false;
        let options = Options {
            connections: 1,
            ..hasty()
        };
        let report = quietly(&plain(), &mut server, &options).await;
        assert_eq!(verdict(&report), 3, "{}", words(&report));
        let likely = if everybody {
            "likely a ban"
        } else {
            "likely a lock-out"
        };
        assert!(words(&report).contains(likely), "{}", words(&report));
    }
}

/// Whether every finding of a run tells of answers that depend on what went before, as one cause.
fn is_told_once(causes: &[Cause<'_>]) -> bool {
    let before = causes
        .iter()
        .filter(|cause| matches!(cause.headline.unsteady(), Some(Unsteady::Before(_))));
    before.count() == 1
}

#[tokio::test]
async fn a_lock_out_adds_no_accusation_to_either_pack() {
    // Whoever is locked out is asked for credentials again, or told nothing but that he is.
    for status in [401, 403] {
        lock_out_accuses_nobody(status).await;
    }
}

async fn lock_out_accuses_nobody(status: u16) {
    for (name, rules) in [
        ("reachability", vec![]),
        (
            "http-authentication",
            ["valid-credentials-get-in", "bad-credentials-are-challenged"]
                .map(str::to_owned)
                .to_vec(),
        ),
    ] {
        let spec = narrow(&pack(name), &at_most(2));
        let options = Options {
            cases: 1500,
            rules,
            ..Options::default()
        };
        let accused = async |locks: bool| {
            let wrong = AtomicU64::new(0);
            let mut server = Server::new(move |policy, asked| {
                let looked_at = support::schemes(&policy.policy).contains(&"basic");
                let bad = looked_at && asked.has(Scheme::Basic, WrongSecret);
                let count = wrong.fetch_add(u64::from(bad), Ordering::Relaxed);
                if locks && count >= 5 && asked.has(Scheme::Basic, Valid) && status == 401 {
                    return Reply::challenge(&support::schemes(&policy.policy));
                }
                if locks && count >= 5 && looked_at && status == 403 {
                    let is_locked = bad || asked.has(Scheme::Basic, Valid);
                    if is_locked {
                        return Reply::status(403, &[]);
                    }
                }
                open_minded(policy, asked)
            });
            server.description.events = false;
            let supports = &mut server.description.supports.by_path;
            let words = ["basic", "bearer"].map(Value::symbol).to_vec();
            supports.insert("policy.profiles.scheme".to_owned(), Allowed::Values(words));
            quietly(&spec, &mut server, &options).await
        };
        let steady = accused(false).await;
        let locked = accused(true).await;
        let known: Vec<&str> = steady.accusations().map(|one| one.rule.as_str()).collect();
        for finding in locked.accusations() {
            assert!(
                known.contains(&finding.rule.as_str()),
                "{name}: {} -- {}",
                finding.rule,
                finding.sentence
            );
        }
        assert!(
            is_told_once(&causes(&locked.findings)),
            "{name}: {}",
            words(&locked)
        );
        assert!(
            words(&locked).contains("likely a lock-out"),
            "{}",
            words(&locked)
        );
        // Whoever is refused may be so for the lock-out: nothing that has him refused is passed.
        let refused = |report: &PackReport| {
            let mut rules = report.rules.iter();
            let rule = rules.find(|rule| rule.id == "bad-credentials-are-challenged");
            rule.map(|rule| (rule.held > 0, rule.inconclusive > 0))
        };
        if name == "http-authentication" && status == 401 {
            assert_eq!(refused(&steady), Some((true, false)));
            assert_eq!(refused(&locked), Some((false, true)));
        }
    }
}

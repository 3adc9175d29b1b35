//! The first command, its remedies, and what its report says to try.

use std::net::TcpListener;

use crate::support::{Running, count, ended, run, shell, trial, wanting};
use libtest_mimic::Trial;

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        wanting(
            "curl",
            trial("first::one_finding_that_can_be_tried_by_hand", finding),
        ),
        trial("first::either_remedy_leaves_no_finding", remedies),
    ]
}

const HEADLINE: &str = "two profiles, flag false, Basic client";

/// The commands under a label of the report, without the comments behind them.
pub(crate) fn commands<'a>(report: &'a str, label: &str) -> Vec<&'a str> {
    let begun = format!("  {label:10}");
    report
        .lines()
        .skip_while(|line| !line.starts_with(&begun))
        .enumerate()
        .take_while(|(index, line)| *index == 0 || line.starts_with("            "))
        .filter_map(|(_, line)| Some(line.get(12..)?.split("  # ").next()?.trim()))
        .collect()
}

/// The packs that have the flag and the property. The first command by itself, with all packs, is tried with the
/// README, which shows what it says.
const PACKS: [&str; 4] = ["--spec", "api-access-policy", "--spec", "reachability"];

fn finding() {
    let first = run(PACKS).with(1);
    // A machine under load is slow, and told so.
    assert!(
        first.err.is_empty() || first.err.starts_with("slow: "),
        "{}",
        first.err
    );
    let headlines = first.out.lines().filter(|line| *line == HEADLINE);
    assert_eq!(headlines.count(), 1, "{}", first.out);
    assert_eq!(
        count(
            &first.out,
            "all 54,560 cases; courses of up to 3 operations: "
        ),
        1
    );
    assert_eq!(count(&first.out, "all 46,832 cases in "), 1);
    assert_eq!(count(&first.out, "finding 1 of 1"), 1);
    let (_, told) = first.out.split_once("finding 1 of 1").unwrap();
    for rule in [
        "challenge-driven-client-gets-in (should; reachability 2)",
        "accepted-schemes-are-advertised (should): ",
        "another-profile-shuts-nobody-out (should): ",
        "order-does-not-change-the-set (advice): ",
    ] {
        assert_eq!(count(told, rule), 1, "{rule}: {told}");
    }
    let last = told.lines().last().unwrap_or_default();
    assert!(last.starts_with("1 finding (4 rules broken); "), "{last}");

    let [replay] = commands(&first.out, "replay")[..] else {
        panic!("{told}")
    };
    let again = ended(&mut shell(replay)).with(1);
    assert_eq!(
        again.out.lines().filter(|line| *line == HEADLINE).count(),
        1
    );

    let by_hand = commands(&first.out, "by hand");
    let [serve, bare, waits, unasked] = by_hand[..] else {
        panic!("{by_hand:?}")
    };
    // Another test may hold the port that the report names.
    let mut served = Running::start(&mut shell(&format!(
        "exec {}",
        serve.replace("--port 4010 ", "")
    )));
    let line = served.line(|line| line.starts_with("in force at "));
    let url = line.split(' ').nth(3).unwrap();
    let address = url
        .strip_prefix("http://")
        .unwrap()
        .split('/')
        .next()
        .unwrap();
    let said = |line: &str| {
        assert!(line.contains("http://127.0.0.1:4010/s0/resource"), "{line}");
        let line = line.replace("127.0.0.1:4010", address);
        ended(&mut shell(&line)).with(0).out
    };
    let challenge = "www-authenticate: BEARER realm=\"Service-now\"";
    for (line, status, challenges) in [(bare, 401, 1), (waits, 401, 1), (unasked, 200, 0)] {
        let said = said(line);
        let statuses: Vec<&str> = said
            .lines()
            .filter(|l| l.starts_with("HTTP/1.1 "))
            .collect();
        assert_eq!(statuses.len(), 1, "{line}: {said}");
        assert!(statuses[0].contains(&status.to_string()), "{line}: {said}");
        assert_eq!(count(&said, challenge), challenges, "{line}: {said}");
    }
    served.signal("INT");
    served.wait().with(0);
    TcpListener::bind(address).unwrap();
}

fn remedies() {
    for remedy in [
        "policy.advertise_all=true",
        "instance.first_scheme_only=false",
    ] {
        // The README's own command, over the whole domain, is tried with the README.
        let narrowed = ["--set", remedy, "--set", "policy.profiles=0..2"];
        let ended = run(PACKS.into_iter().chain(narrowed)).with(0);
        let last = ended.out.lines().last().unwrap_or_default();
        assert!(last.starts_with("0 findings; "), "{}", ended.out);
        assert!(!ended.out.contains("finding 1"), "{}", ended.out);
    }
}

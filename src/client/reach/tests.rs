//! Who gets in, why not, and what would help.

use super::*;
use crate::auth::{Challenge, Challenges};
use crate::client::catalogue::shipped;
use crate::client::model::{Accepts, Layout};

fn catalogue() -> &'static Catalogue {
    shipped().unwrap_or_else(|problems| panic!("{problems}"))
}

fn script(lines: &[&str], accepts: Accepts) -> Script {
    let mut script = Script::new(Layout::new(lines.iter().copied()));
    script.accepts = accepts;
    script
}

fn challenges(lines: &[&str]) -> Vec<Challenge> {
    Challenges::parse(lines.iter().map(|line| line.as_bytes())).list
}

const BASIC_AND_BEARER: Accepts = Accepts {
    digest: false,
    ..Accepts::ALL
};
const BASIC: &str = "Basic realm=\"x\"";
const BEARER: &str = "Bearer realm=\"x\"";

fn cause(mode: &str, lines: &[&str]) -> String {
    let script = script(lines, BASIC_AND_BEARER);
    match fate(catalogue().find(mode).unwrap(), &script) {
        Fate::Out(cause) => cause.to_string(),
        other => format!("{other:?}"),
    }
}

#[test]
fn causes_are_read_off_the_traits() {
    let joined = format!("{BEARER}, {BASIC}");
    for (mode, lines, told) in [
        (
            "wget",
            &[BEARER][..],
            "waits for a challenge of Basic, and there is none",
        ),
        ("curl-u", &[BEARER], "In"),
        ("curl-digest", &[BASIC], "NotConcerned"),
        ("curl-proxy-basic", &[BASIC], "NotConcerned"),
        (
            "needle-auto",
            &[BEARER, BASIC],
            "sees the first challenge only",
        ),
        (
            "httpauth-firstline",
            &[BEARER, BASIC],
            "sees the first line only",
        ),
        (
            "apache4-provider",
            &[&joined],
            "sees the first challenge of each line only",
        ),
        (
            "httplib2-any",
            &["Bearer", BASIC],
            "cannot read the challenge as it is written",
        ),
        ("wget2", &[BEARER, BASIC], "responds to Bearer instead"),
        (
            "curl-anyauth",
            &["Negotiate", BASIC],
            "responds to Negotiate instead",
        ),
    ] {
        assert_eq!(cause(mode, lines), told, "{mode}");
    }
    let refused = script(
        &[BEARER],
        Accepts {
            basic: false,
            ..Accepts::ALL
        },
    );
    let curl = catalogue().find("curl-u").unwrap();
    assert_eq!(fate(curl, &refused), Fate::NotConcerned);
}

#[test]
fn the_best_layout_of_two_challenges_has_basic_first_and_a_line_for_each() {
    let lines = [BEARER, BASIC];
    let sent = script(&lines, BASIC_AND_BEARER);
    let now = Reach::of(catalogue(), &sent);
    let advice = advise(catalogue(), &sent, &challenges(&lines)).unwrap();
    assert_eq!(advice.lines, [BASIC, BEARER]);
    assert!(
        advice.inside > now.inside(),
        "{} > {}",
        advice.inside,
        now.inside()
    );
    assert!(advice.inside <= now.concerned());
    let joined = format!("{BEARER}, {BASIC}");
    let worse = script(&[&joined], BASIC_AND_BEARER);
    assert!(Reach::of(catalogue(), &worse).inside() < now.inside());
}

#[test]
fn causes_count_every_client_that_is_shut_out_once() {
    let reach = Reach::of(catalogue(), &script(&[BEARER], BASIC_AND_BEARER));
    let out: usize = reach.by_cause().iter().map(|(_, who)| who.len()).sum();
    assert_eq!(reach.inside() + out, reach.concerned());
    assert!(reach.concerned() < catalogue().entries.len());
}

#[test]
fn many_challenges_are_moved_to_the_front_one_after_another() {
    let lines = ["A", "B", "C", "D", "E", BASIC];
    let script = script(&lines, BASIC_AND_BEARER);
    let advice = advise(catalogue(), &script, &challenges(&lines)).unwrap();
    assert_eq!(advice.lines[0], BASIC);
}

//! Who gets in, why not, and what would help.

use super::*;
use crate::auth::{Challenge, Challenges};
use crate::user_agents::catalogue::shipped;
use crate::user_agents::model::{Accepts, Layout};

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
    assert!(advice.lines[0].starts_with(BASIC), "{:?}", advice.lines);
}

#[test]
fn of_several_saved_responses_the_last_that_refuses_counts() {
    let head = |status: u16| {
        let content = match status {
            100..200 => "\r\n",
            _ => "Content-Length: 5\r\n\r\nbody\n",
        };
        format!("HTTP/1.1 {status} X\r\nWWW-Authenticate: S{status}\r\n{content}")
    };
    for (statuses, status, which) in [
        (&[401][..], 401, (1, 1)),
        (&[302, 401], 401, (2, 2)),
        (&[100, 103, 401], 401, (1, 1)),
        // As `curl -i --anyauth -u` shows it: what was answered without credentials is asked about.
        (&[401, 200], 401, (1, 2)),
        (&[407, 401], 401, (2, 2)),
        (&[302, 200], 200, (2, 2)),
    ] {
        let text: String = statuses.iter().map(|status| head(*status)).collect();
        let seen = saved_response(&text).unwrap();
        assert_eq!(
            (seen.status, seen.which),
            (status, Some(which)),
            "{statuses:?}"
        );
    }
    // A body that speaks of HTTP is no head.
    let page = "HTTP/1.1 401 No\r\nWWW-Authenticate: Basic\r\n\r\n<p>HTTP/1.1 200 OK\nWWW-Authenticate: Bearer";
    let seen = saved_response(page).unwrap();
    assert_eq!(seen.layout().lines(), ["Basic"]);
    assert!(saved_response("").unwrap_err().contains("curl -si"));
    assert!(saved_response("Content-Type: text/plain\n").is_err());
}

#[test]
fn what_curl_prints_in_detail_is_read_by_its_marks() {
    let text = "* Connected\n> GET / HTTP/1.1\n> WWW-Authenticate: not this\n>\n< HTTP/1.1 407 No\r\n\
                < Proxy-Authenticate: Basic\r\n<  realm=\"x\"\r\n< \r\n{ [2 bytes data]\n";
    let seen = saved_response(text).unwrap();
    assert_eq!(
        (seen.status, seen.field_name()),
        (407, "Proxy-Authenticate")
    );
    assert_eq!(seen.layout().lines(), ["Basic realm=\"x\""]);
    let problems = seen.challenges().problems;
    assert_eq!(problems.len(), 1);
    assert_eq!(problems[0].departure.word(), "obs-fold");
}

#[test]
fn only_what_was_surely_meant_is_laid_out() {
    for (line, sure) in [
        ("Basic realm=\"x\", Bearer", true),
        ("Basic realm=x", true),
        (", Basic\trealm = \"x\",", true),
        ("Bearer a=\"b\" c=\"d\"", true),
        ("Bearer a=\"b\" Basic realm=\"x\"", false),
        ("Bearer a=b c=d", false),
        ("Basic realm=my realm", false),
        ("Basic realm=\"my \"own\" realm\"", false),
        ("Basic realm=\"x", false),
        ("Basic: realm=\"x\"", false),
    ] {
        let lines = [line.as_bytes()];
        let challenges = Challenges::parse(lines.iter().copied());
        assert_eq!(is_sure(&challenges, &lines), sure, "{line}");
    }
}

#[test]
fn a_page_of_challenges_costs_no_more_than_a_few() {
    let many = "Digest, Bearer realm=\"http://a/\", service=s, ".repeat(2000);
    let seen = ResponseHead::new(
        401,
        vec![crate::wire::FieldLine {
            name: "WWW-Authenticate".to_owned(),
            value: many.into_bytes(),
        }],
    );
    let challenges = seen.challenges();
    assert_eq!(Remark::of(&seen, &challenges).len(), 2);
    let script = Script::new(seen.layout());
    assert_eq!(advise(catalogue(), &script, &challenges.list), None);
}

//! What asking a deployed endpoint costs those whose credentials were given.

use libtest_mimic::Trial;

use crate::probe::{Server, both_are_named, is_good, probe};
use crate::support::trial;

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        trial(
            "probe_costs::a_wrong_password_is_one_whatever_is_answered",
            wrong_is_wrong,
        ),
        trial(
            "probe_costs::what_costs_nothing_shows_a_defect",
            costs_nothing,
        ),
    ]
}

/// What is said of a wrong password may be anything: each counts, and no user is locked.
fn wrong_is_wrong() {
    let breaks = |field: &str, before: usize| match field.starts_with("Basic ") && !is_good(field) {
        true => "500 Oops".to_owned(),
        false => both_are_named(field, before),
    };
    let server = Server::new(breaks);
    probe(&server.url, &[]);
    let of_alice = server.failed_of("YWxpY2U6");
    assert!(of_alice <= 2, "{of_alice}");
}

/// A defect that whoever has no credentials meets is told by such a request, though the first log-in that failed met it too.
fn costs_nothing() {
    let malformed = |field: &str, _: usize| match field {
        field if field.starts_with("Basic ") && is_good(field) => "200 OK".to_owned(),
        _ => "401 No\r\nWWW-Authenticate: Basic realm=\"api\" y z, =".to_owned(),
    };
    let ended = probe(&Server::new(malformed).url, &[]).with(1);
    let found = "FOUND: a comma is missing in a challenge: no credentials\n";
    assert!(ended.out.contains(found), "{}", ended.out);
}

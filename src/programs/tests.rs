//! What is sent, judged; and how a program is called.

use std::collections::BTreeMap;

use super::asked::ReadRequest;
use super::command::{ClientSecrets, FilledPlaces, ProgramCommand};
use super::judge::{Judge, WhatCame};
use super::messages::{answers, requests};
use super::presented::{HeldAgainst, judge};
use super::seen::Worth;
use crate::user_agents::catalogue::{LAYOUTS, scripts};
use crate::user_agents::model::{Holds, Layout, Script};

const OFFERED: &str = "Digest realm=\"r\", nonce=\"n\", qop=\"auth\", algorithm=MD5";

fn word(value: &str, secrets: &ClientSecrets, lines: &[&str]) -> (String, bool) {
    let served = [Layout::new(lines.iter().copied())];
    let held = HeldAgainst {
        secrets,
        served: &served,
        method: "GET",
        target: "/resource",
        body: b"",
    };
    let judged = judge(Some(value.as_bytes()), &held);
    assert_eq!(judged.worth == Worth::Right, judged.right.is_some());
    (judged.word, judged.right.is_some())
}

#[test]
fn credentials_are_named_as_in_the_measurements() {
    let usual = &ClientSecrets::usual();
    // `user:pass`, `user:other`, `:`.
    for (value, wanted, right) in [
        ("Basic dXNlcjpwYXNz", "Basic", true),
        ("bAsIc   dXNlcjpwYXNz ", "Basic", true),
        ("Basic dXNlcjpvdGhlcg==", "Basic[user:other]", false),
        ("Basic Og==", "Basic[:]", false),
        ("Basic !", "Basic(not-base64)", false),
        ("Bearer tok3n", "Bearer", true),
        ("Bearer", "Bearer()", false),
        ("Bearer username=\"user\"", "Bearer(username=\"us)", false),
        ("negotiate abc", "Negotiate", false),
        ("NTLM abc", "NTLM", false),
        ("None", "None", false),
        ("", "Empty()", false),
    ] {
        assert_eq!(
            word(value, usual, &[]),
            (wanted.to_owned(), right),
            "{value}"
        );
    }
    let foreign = &ClientSecrets::foreign();
    // In UTF-8, and in Latin-1 with a question mark for the euro sign.
    for (value, wanted, right) in [
        ("Basic dXNlcjpww6Rzc+KCrA==", "Basic[utf8]", true),
        ("Basic dXNlcjpw5HNzPw==", "Basic[latin1+?]", false),
        ("Basic dXNlcjpwP3NzPw==", "Basic[user:p?ss?]", false),
    ] {
        assert_eq!(
            word(value, foreign, &[]),
            (wanted.to_owned(), right),
            "{value}"
        );
    }
}

#[test]
fn a_digest_is_held_against_its_own_parameters_and_against_what_was_offered() {
    // Worked out by another implementation (md5sum): user, pass, realm `r`, nonce `n`, cnonce `c`, count 1.
    let right =
        "Digest username=\"user\", realm=\"r\", nonce=\"n\", uri=\"/resource\", cnonce=\"c\", \
                 nc=00000001, qop=auth, response=\"RESPONSE\", algorithm=MD5"
            .replace("RESPONSE", "c9b9c0f4e21dd56debd689f93f4ceeed");
    let told = |value: &str, lines: &[&str]| word(value, &ClientSecrets::usual(), lines);
    assert_eq!(
        told(&right, &[OFFERED]),
        ("Digest-MD5/auth".to_owned(), true)
    );
    let absolute = right.replace("uri=\"/resource\"", "uri=\"http://h/resource\"");
    assert_eq!(told(&absolute, &[OFFERED]).0, "Digest-MD5/auth(WRONG)");
    let elsewhere = right.replace("/resource", "/other");
    assert_eq!(
        told(&elsewhere, &[OFFERED]).0,
        "Digest-MD5/auth(WRONG)(URI)"
    );
    let other = OFFERED.replace("nonce=\"n\"", "nonce=\"m\"");
    assert_eq!(
        told(&right, &[&other]).0,
        "Digest-MD5/auth(REALM/NONCE-MIX)"
    );
    let sha = OFFERED.replace("MD5", "SHA-256");
    assert_eq!(told(&right, &[&sha]).0, "Digest-MD5/auth(ALGNOTOFFERED)");
    // What was offered in any answer counts, and what cannot be computed is not wrongly computed.
    assert!(told(&right, &[OFFERED, &other]).1);
    let without = OFFERED.replace("nonce=\"n\", ", "");
    assert_eq!(
        told(&right, &[&without]).0,
        "Digest-MD5/auth(REALM/NONCE-MIX)"
    );
}

fn asked(target: &str, field: Option<(&str, &str)>) -> ReadRequest {
    ReadRequest {
        method: "GET".to_owned(),
        target: target.to_owned(),
        fields: field
            .map(|(name, value)| (name.to_owned(), value.as_bytes().to_vec()))
            .into_iter()
            .collect(),
        ..ReadRequest::default()
    }
}

fn statuses(script: &Script, all: &[ReadRequest]) -> Vec<u16> {
    let places = ["127.0.0.1:1", "127.0.0.1:2", "localhost:2"].map(str::to_owned);
    let mut judge = Judge::new(script, ClientSecrets::usual(), places);
    all.iter()
        .map(|asked| judge.answer(asked).0.status)
        .collect()
}

#[test]
fn a_scripted_server_decides_as_the_model_does() {
    let scripts: BTreeMap<String, Script> = scripts(LAYOUTS).unwrap().into_iter().collect();
    let basic = Some(("Authorization", "Basic dXNlcjpwYXNz"));
    let bare = asked("/resource", None);
    let with = asked("/resource", basic);
    let at_target = asked("/target", None);
    for (case, wanted) in [
        ("A", [401, 200, 200]),
        ("Q", [403, 200, 200]),
        ("V", [401, 401, 401]),
        ("Z26", [401, 401, 401]),
        ("Z21", [200, 200, 200]),
    ] {
        let all = [bare.clone(), with.clone(), with.clone()];
        assert_eq!(statuses(&scripts[case], &all), wanted, "{case}");
    }
    let all = [bare.clone(), with.clone(), at_target.clone()];
    assert_eq!(statuses(&scripts["W"], &all), [401, 302, 200]);
    assert_eq!(statuses(&scripts["Wn"], &all), [302, 302, 401]);
    // A proxy is who asks where a request is for a proxy, and an origin server that sends 407 takes what is meant
    // for a proxy.
    let proxied = asked("http://h/resource", basic);
    let for_proxy = ("Proxy-Authorization", "Basic dXNlcjpwYXNz");
    let right = asked("http://h/resource", Some(for_proxy));
    assert_eq!(statuses(&scripts["A"], &[proxied, right]), [407, 200]);
    let given = asked("/resource", Some(for_proxy));
    assert_eq!(statuses(&scripts["R407"], &[bare, given]), [407, 200]);
}

#[test]
fn what_is_asked_beside_is_no_request_for_the_resource() {
    let places = ["a:1", "a:2", "b:2"].map(str::to_owned);
    let script = Script::new(Layout::new(["Basic realm=\"x\""]));
    let mut judge = Judge::new(&script, ClientSecrets::usual(), places);
    let (answered, came) = judge.answer(&asked("/favicon.ico", None));
    assert_eq!(answered.status, 404);
    assert_eq!(came, WhatCame::Beside("GET /favicon.ico".to_owned()));
    assert_eq!(judge.requests(), 0);
}

#[test]
fn a_client_that_never_ends_is_answered_500_at_last() {
    let script = Script::new(Layout::new(["Basic realm=\"x\""]));
    let all = vec![asked("/resource", None); 61];
    let statuses = statuses(&script, &all);
    assert!(statuses[..60].iter().all(|status| *status == 401));
    assert_eq!(statuses[60], 500);
}

#[test]
fn places_are_filled_and_other_braces_stay() {
    let files = BTreeMap::from([("netrc".to_owned(), "/f/netrc".to_owned())]);
    let places = FilledPlaces {
        authority: "127.0.0.1:80",
        path: "/resource",
        secrets: &ClientSecrets::foreign(),
        realm: "x",
        folder: "/f",
        compiled: "/c",
        files: &files,
    };
    for (text, wanted) in [
        ("{url}", "http://127.0.0.1:80/resource"),
        ("{host} {port}{path}", "127.0.0.1 80/resource"),
        (
            "{user-url}",
            "http://user:p%C3%A4ss%E2%82%AC@127.0.0.1:80/resource",
        ),
        ("f(){ echo {user}; }", "f(){ echo user; }"),
        ("{\"a\":{realm}} {nothing} {", "{\"a\":x} {nothing} {"),
        ("{file:netrc} {file:other}", "/f/netrc {file:other}"),
        ("{compiled}/A.exe", "/c/A.exe"),
    ] {
        assert_eq!(places.fill(text), wanted);
    }
}

#[test]
fn a_command_says_what_its_program_is_given() {
    let typed = |words: &[&str]| {
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        ProgramCommand::typed(&words)
    };
    let holds = |words: &[&str]| typed(words).unwrap().holds();
    assert_eq!(holds(&["c", "{url}", "{password}"]), Holds::Password);
    assert_eq!(holds(&["c", "{url}", "{token}"]), Holds::Token);
    assert_eq!(holds(&["c", "{user-url}", "{token}"]), Holds::Both);
    assert!(!typed(&["./c", "{url}"]).unwrap().has_secrets());
    assert_eq!(typed(&["a/b/c", "{url}"]).unwrap().name, "c");
    let without = typed(&["c", "{user}"]).unwrap_err();
    assert!(without.contains("has no `{url}`"), "{without}");
}

#[test]
fn what_passed_is_taken_apart_into_requests_and_answers() {
    let sent = b"POST /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n0\r\nT: t\r\n\r\nHEAD /b HTTP/1.1\r\n\r\n\
        GET /c HTTP/1.1\r\nContent-Length: 2\r\n\r\nxyGET /d HTTP/1.1\r\n\r\nno request";
    let asked = requests(sent);
    let shown: Vec<(&str, &[u8])> = { asked.iter() }
        .map(|(_, asked)| (asked.target.as_str(), asked.body.as_slice()))
        .collect();
    let wanted: [(&str, &[u8]); 4] = [("/a", b"abc"), ("/b", b""), ("/c", b"xy"), ("/d", b"")];
    assert_eq!(shown, wanted);
    let heads = asked
        .iter()
        .map(|(place, _)| sent.get(place.start..place.start + 4).unwrap());
    let heads: Vec<&[u8]> = heads.collect();
    assert_eq!(heads, [b"POST", b"HEAD", b"GET ", b"GET "]);
    let received = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 401 U\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n\
        HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nHTTP/1.1 204 N\r\n\r\nHTTP/1.1 500 E\r\n\r\nto the end";
    let methods = ["POST", "HEAD", "GET", "GET"];
    let came = answers(received, &methods);
    let statuses: Vec<(u16, &[u8])> = { came.iter() }
        .map(|answer| (answer.status, answer.body.as_slice()))
        .collect();
    assert_eq!(
        statuses,
        [
            (401, b"hi" as &[u8]),
            (200, b""),
            (204, b""),
            (500, b"to the end")
        ]
    );
    assert!(came.iter().all(|answer| answer.is_whole));
    let cut = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhi";
    assert!(!answers(cut, &["GET"])[0].is_whole);
}

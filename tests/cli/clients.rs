//! The catalogue of clients.

use std::os::unix::fs::PermissionsExt as _;

use libtest_mimic::Trial;
use snapbox::{assert_data_eq, str};

use crate::support::{Running, countersign, ended, path, run, trial, wanting};

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        trial("clients::are_listed_and_shown", listed),
        trial("clients::are_predicted", predicted),
        wanting("curl", trial("clients::are_measured", measured)),
        wanting("curl", trial("clients::agree_with_their_traits", agreed)),
        wanting(
            "python3",
            trial("clients::are_asked_in_one_process", asked_in_one),
        ),
        wanting(
            "wget",
            trial("clients::wget_agrees", || drawn_agree("wget")),
        ),
        wanting("svn", trial("clients::svn_agrees", || drawn_agree("svn"))),
        trial("clients::places_that_are_none_are_refused", refused),
        wanting("curl", trial("clients::differences_shrink", shrunk)),
        wanting("curl", trial("clients::are_played", played)),
        wanting("curl", trial("clients::in_bad_weather", weather)),
        wanting(
            "curl",
            trial("clients::past_their_proxy_are_not_held", past_proxy),
        ),
        trial("clients::layouts_are_served", served),
    ]
}

fn listed() {
    let out = run(["clients", "list"]).with(0).out;
    // Those that reach counts, the connectors, and what was measured later.
    assert_eq!(out.lines().count(), 103 + 8 + 54);
    let out = run(["clients", "show", "wget2"]).with(0).out;
    assert!(out.contains("chooses: first-not-digest"), "{out}");
    assert!(out.contains("Predicts 78 of 79 measured layouts."), "{out}");
    assert!(
        out.contains("Y12: sent none, none, not none, Basic"),
        "{out}"
    );
    let ended = run(["clients", "show", "curl --anyaut"]).with(2);
    assert_data_eq!(
        ended.err,
        str![[r#"
error: there is no client `curl --anyaut`
  help: did you mean `curl --anyauth`?

"#]]
    );
    // The name of a program that is used in several ways.
    let ended = run(["clients", "show", "wget"]).with(0);
    assert!(ended.out.starts_with("wget\n"), "{}", ended.out);
    let ended = run(["clients", "show", "git"]).with(2);
    assert_data_eq!(
        ended.err,
        str![[r#"
error: there is no client `git`
  help: these begin so: git URL credentials; git credential helper; git 2.47 credential helper

"#]]
    );
}

fn predicted() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("cases.json");
    std::fs::write(
        &file,
        r#"{"mine": {"lines": ["Bearer", "Basic realm=\"x\""]}}"#,
    )
    .unwrap();
    let file = file.to_str().unwrap();
    let out = run(["clients", "predict", file, "--json"]).with(0).out;
    assert_eq!(out.lines().count(), 103);
    let wget = out.lines().find(|line| line.contains("\"wget\"")).unwrap();
    let wget: serde_json::Value = serde_json::from_str(wget).unwrap();
    assert_eq!(
        wget,
        serde_json::json!({
            "mode": "wget", "case": "mine", "requests": 2, "first_preemptive": false,
            "schemes_sent": ["none", "Basic"], "final_status": 200, "fate": "in",
        })
    );
    let out = run(["clients", "predict", file]).with(0).out;
    assert!(
        out.starts_with("mine: accepted basic, bearer, digest\n  Of 97 clients that have a use"),
        "{out}"
    );
    assert!(out.contains("are shut out.\n  shut out: "), "{out}");
    // Counted as for the same response, in the same words.
    let response = folder.path().join("response.txt");
    let response = response.to_str().unwrap();
    for (status, field) in [(401, "WWW"), (407, "Proxy")] {
        for accept in ["basic", "bearer", "basic,bearer", "digest"] {
            let words = accept.replace(',', "\", \"");
            let case = format!(
                r#"{{"mine": {{"lines": ["Bearer", "Basic"], "status": {status}, "accept": ["{words}"]}}}}"#
            );
            std::fs::write(file, case).unwrap();
            let head = format!(
                "HTTP/1.1 {status} No\n{field}-Authenticate: Bearer\n{field}-Authenticate: Basic\n\n"
            );
            std::fs::write(response, head).unwrap();
            let predicted = run(["clients", "predict", file]).with(0).out;
            let reached = run(["reach", "--response", response, "--accepts", accept]);
            let reached = reached.with(0).out;
            let sentence = predicted.lines().nth(1).unwrap().trim();
            assert!(reached.contains(sentence), "{sentence}\n{reached}");
        }
    }
    // What it does not know is not passed over.
    for (case, told) in [
        ("[]", "not an object of cases by name"),
        (
            r#"{"A": {"lines": [], "acept": ["basic"]}}"#,
            "case `A`: it has no key `acept`\n  help: did you mean `accept`?",
        ),
        (
            r#"{"A": {"lines": [], "accept": ["basik"]}}"#,
            "case `A`: `accept` takes no `basik`\n  help: did you mean `basic`?",
        ),
        (
            r#"{"A": {"lines": [], "status": 200}}"#,
            "case `A`: `status` is 200, by which nobody is refused",
        ),
        (
            r#"{"A": {"lines": [], "status": "407"}}"#,
            "case `A`: `status` is \"407\", which is no status",
        ),
        (r#"{"A": 1}"#, "case `A`: it is no object with `lines`"),
    ] {
        std::fs::write(file, case).unwrap();
        let ended = run(["clients", "predict", file]).with(2);
        assert!(ended.err.contains(told), "{told}: {}", ended.err);
    }
}

fn measured() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("mine.yaml");
    let file = file.to_str().unwrap();
    let curl = [
        "curl",
        "-sS",
        "--fail",
        "--basic",
        "--digest",
        "-u",
        "{user}:{password}",
        "{url}",
    ];
    let cases = [
        "--case", "A", "--case", "B", "--case", "D", "--case", "G", "--case", "F",
    ];
    let arguments = |more: &[&'static str]| {
        let begin = ["clients", "measure"].into_iter().chain(cases);
        begin.chain(more.iter().copied()).collect::<Vec<_>>()
    };
    let mut own = arguments(&["--name", "my client", "--catalogue"]);
    own.push(file);
    own.push("--");
    own.extend(curl);
    let out = run(own.iter().copied()).with(0).out;
    for told in [
        "my client: 5 layouts in ",
        "It waits for a challenge: its first request carries no credentials.",
        "It gets in on 4 of 5 layouts. Of the others, it sent\n  none: 401\n    B     seed bug: only Bearer",
        "It does the same as ",
        "  knows: digest, basic\n",
        "It ends with 0 where it got in, and with 22 where it did not.",
        "Kept as `my client` in ",
    ] {
        assert!(out.contains(told), "no {told} in\n{out}");
    }
    let kept = std::fs::read_to_string(file).unwrap();
    assert!(kept.contains("    knows: [digest, basic]\n"), "{kept}");
    let ended = run(own.iter().copied()).with(2);
    assert!(
        ended.err.contains("has a client `my client` already"),
        "{}",
        ended.err
    );
    // In the form of the measurements.
    let mut lines = arguments(&["--json", "--"]);
    lines.extend(curl);
    let out = run(lines).with(0).out;
    let first: serde_json::Value = serde_json::from_str(out.lines().next().unwrap()).unwrap();
    assert_eq!(
        first,
        serde_json::json!({
            "case": "A", "schemes_sent": ["none", "Basic"], "requests": 2, "final_status": 200, "modes": ["curl"],
        })
    );
    // Of all layouts, it is also said which gateways such a client gets into.
    let whole = ["clients", "measure", "--json", "--"].into_iter();
    let out = run(whole.chain(curl)).with(0).out;
    let lines = out.lines().map(|line| serde_json::from_str(line).unwrap());
    let lines: Vec<serde_json::Value> = lines.collect();
    let by = |challenges: serde_json::Value| {
        let mut lines = lines.iter();
        let line = lines.find(|line| line["challenges"] == challenges);
        line.unwrap_or_else(|| panic!("no {challenges} in\n{out}"))["in"].clone()
    };
    assert_eq!(by(serde_json::json!(["Bearer"])), false);
    assert_eq!(by(serde_json::json!(["Basic realm=\"api\""])), true);
    // A client of the catalogue is held against its traits.
    let out = run(arguments(&["curl -u", "curl --digest"])).with(0).out;
    assert_eq!(
        out.matches("Its traits predict 5 of 5 layouts.").count(),
        2,
        "{out}"
    );
}

/// The property: on layouts by chance, programs do what their traits predict.
fn agreed() {
    let clients = [
        "curl -u",
        "curl --anyauth",
        "curl --digest",
        "curl --anyauth -u --oauth2-bearer",
    ];
    let drawn = ["clients", "measure", "--drawn", "25", "--seed", "3"];
    let out = run(drawn.into_iter().chain(clients)).with(0).out;
    let agreed = "Its traits predict 25 of 25 layouts.";
    assert_eq!(out.matches(agreed).count(), clients.len(), "{out}");
}

/// Libraries are asked in one process. CPython's two handlers see different lines, as their entry has it.
fn asked_in_one() {
    let drawn = ["clients", "measure", "--drawn", "100", "--seed", "3"];
    let agree = [
        "urllib HTTPBasicAuthHandler",
        "urllib HTTPDigestAuthHandler",
        "urllib Basic and Digest handlers",
    ];
    let out = run(drawn.into_iter().chain(agree)).with(0).out;
    let agreed = "Its traits predict 100 of 100 layouts.";
    assert_eq!(out.matches(agreed).count(), agree.len(), "{out}");
}

/// The same of one that reads in ways of its own.
fn drawn_agree(name: &str) {
    let out = run(["clients", "measure", "--drawn", "60", "--seed", "5", name]);
    let out = out.with(0).out;
    assert!(out.contains("predict 60 of 60 layouts."), "{out}");
}

/// A place that is none is the slip of who typed it, and no program's doing: nothing is played.
fn refused() {
    let measured = run([
        "clients",
        "measure",
        "--",
        "curl",
        "{user}:{pasword}",
        "{url}",
    ]);
    assert_data_eq!(
        measured.with(2).err,
        str![[r#"
error: there is no place `{pasword}`
 --> the command:1:13
  |
1 | curl {user}:{pasword} {url}
  |             ^^^^^^^^^
  |
  = help: did you mean `{password}`? places are {url}, {user-url}, {proxy}, {user}, {password}, {token}, {realm}, {authority}, {host}, {port}, {path}, {folder}

"#]]
    );
    for command in ["test", "play"] {
        let ended = run(["clients", command, "--", "curl", "-u", "{usr}:x", "{ulr}"]);
        let told = ended.with(2).err;
        for meant in ["did you mean `{user}`?", "did you mean `{url}`?"] {
            assert!(told.contains(meant), "{told}");
        }
    }
    // Of a catalogue, where it stands in the file; the names of its files are places too.
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("mine.yaml");
    let entry = |command: &str| {
        format!(
            "countersign: 1\nclients:\n- name: mine\n  mode: mine\n  version: '1'\n  driven: mine\n  runs:\n    command: \
             {command}\n    files: {{netrc: 'machine {{host}} password {{pasword}}'}}\n"
        )
    };
    std::fs::write(
        &file,
        entry("[curl, --netrc-file, '{file:netcr}', '{url}']"),
    )
    .unwrap();
    let file = file.to_str().unwrap();
    let ended = run([
        "run",
        "--spec",
        "reachability",
        "--catalogue",
        file,
        "--clients",
        "mine",
    ]);
    let told = ended.with(2).err;
    for meant in [
        "mine.yaml:8:36",
        "did you mean `{file:netrc}`?",
        "mine.yaml:9:45",
        "did you mean `{password}`?",
    ] {
        assert!(told.contains(meant), "no {meant} in\n{told}");
    }
}

/// Of where a program differs from its traits the simplest layout is told: here curl stands for lynx, which has no Digest.
fn shrunk() {
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("lynx");
    let text = "#!/bin/sh\nexec curl -s --basic --digest -u \"${1#-auth=}\" \"$3\"\n";
    std::fs::write(&program, text).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    let before = path();
    let folders = std::iter::once(folder.path().to_owned()).chain(std::env::split_paths(&before));
    let folders = std::env::join_paths(folders).unwrap();
    let mut command = countersign();
    command.env("PATH", folders);
    command.args(["clients", "measure", "--drawn", "20", "--seed", "3", "lynx"]);
    let out = ended(&mut command).with(1).out;
    let smallest = "The simplest on which the two differ:\n  WWW-Authenticate: Digest realm=\"x\", nonce=\"n0nce123\", \
                    qop=\"auth\", algorithm=MD5\n  sent none, Digest-MD5/auth: 200\n  predicted none: 401\n";
    assert!(out.contains(smallest), "{out}");
}

/// The platform's story: the tester that sends unasked gets in, the connector that waits does not, until both are
/// advertised.
fn played() {
    let curl = ["curl -u", "curl --basic --digest"];
    let play = |more: &[&str]| {
        let all = ["clients", "play"].iter().chain(more).chain(&curl);
        run(all.copied())
    };
    let both = "{policy: {profiles: [{scheme: basic}, {scheme: bearer}], advertise_all: true}}";
    let one = "{policy: {profiles: [{scheme: basic}, {scheme: bearer}]}}";
    let out = play(&["--case", one, "--case", both]).with(1).out;
    let told: Vec<&str> = out.lines().filter(|line| line.starts_with("  ")).collect();
    assert_eq!(
        told,
        [
            "  curl -u               gets in: 200 (Basic)",
            "  curl --basic --digest  does not get in: 401 (none)",
            "  curl -u               gets in: 200 (Basic)",
            "  curl --basic --digest  gets in: 401 (none), 200 (Basic)",
        ]
        .map(|line| line.replacen("u               ", "u                ", 1))
    );
    let table = play(&["--case", both, "--format", "markdown"]).with(0).out;
    let row = table.lines().last().unwrap();
    assert!(
        row.starts_with("| reference ")
            && row.ends_with(
                "`BEARER realm=\"Service-now\"`<br>`BASIC realm=\"Service-now\"` | in | in |"
            ),
        "{row}"
    );
    let page = play(&["--case", both, "--case", one, "--format", "html"]);
    let page = page.with(1).out;
    for told in [
        "2 configurations <strong>by real clients",
        "<dd>3 of 4</dd>",
        "title=\"401 (none), 200 (Basic)\"",
        "class=\"bad\" title=\"401 (none)\"",
    ] {
        assert!(page.contains(told), "no {told} in\n{page}");
    }
    let told = play(&["--case", one, "--format", "json"]).with(1).out;
    let told: serde_json::Value = serde_json::from_str(&told).unwrap();
    let clients = &told["places"][0]["clients"];
    assert_eq!(clients[0]["in"], true);
    assert_eq!(clients[1]["schemes_sent"], serde_json::json!(["none"]));
    // All that passed is there, byte for byte.
    let shown = play(&["--case", one, "--verbose"]).with(1).out;
    for told in [
        "> GET /",
        "> Authorization: Basic YWxpY2U6",
        "< www-authenticate: BEARER",
    ] {
        assert!(shown.contains(told), "no {told} in\n{shown}");
    }
    // Digest, whose credentials are held against what was offered on the way.
    let digest = run([
        "clients",
        "play",
        "--spec",
        "http-authentication",
        "--case",
        "{policy: {profiles: [{scheme: digest}]}}",
        "curl --digest",
    ]);
    assert!(
        digest.out.contains("gets in: 401 (none), 200 (Digest-"),
        "{}{}",
        digest.out,
        digest.err
    );
}

/// What a program asks past the proxy that it is given says nothing of a client of a proxy, good or bad.
fn past_proxy() {
    let straight = [
        "curl",
        "-s",
        "--noproxy",
        "*",
        "--proxy",
        "{proxy}",
        "{url}",
    ];
    let all = |words: &[&'static str]| {
        let words = words.iter().chain(&["--"]).chain(&straight);
        run(words.copied()).with(3)
    };
    let out = all(&["clients", "measure", "--case", "A"]).out;
    let told = "it asked past its proxy, of which nothing is said (A)\nIt sent no request on any layout: it ended with 0";
    assert!(out.contains(told), "{out}");
    let err = all(&["clients", "test", "--drawn", "0"]).err;
    let told = "it sent no request by its proxy, and asked past it: it ended with 0";
    assert!(err.contains(told), "{err}");
}

/// Programs that do what no client should: each is ended, and told.
fn weather() {
    let measure = |line: &str| {
        let words = [
            "clients",
            "measure",
            "--case",
            "A",
            "--deadline",
            "2",
            "--",
            "sh",
            "-c",
            line,
            "sh",
            "{url}",
        ];
        run(words)
    };
    for (line, told) in [
        (
            "read x </dev/tty || exit 3",
            "It sent no request on any layout: it ended with 3",
        ),
        ("read x; echo \"got <$x>\"; exit 4", "got <>"),
        (
            "exec sleep 600",
            "it did not end within 2 s, and was ended (A)",
        ),
        (
            "while :; do echo flood; done",
            "it did not end within 2 s, and was ended (A)",
        ),
        ("kill -s SEGV $$", "it was killed by a signal (A)"),
    ] {
        let ended = measure(line).with(3);
        assert!(
            ended.out.contains(told),
            "{line}: no {told} in\n{}",
            ended.out
        );
    }
    // Played against an implementation, too, what goes on is told in a line, and what asks nobody with its own words.
    let play = |line: &str| {
        let words = ["clients", "play", "--", "sh", "-c", line];
        run(words.into_iter().chain(["sh", "{url}"])).with(1).out
    };
    let on = play("curl -s \"$1?[1-100]\" >/dev/null");
    assert!(on.ends_with(" and 88 more\n"), "{on}");
    let no = play("echo none of mine; exit 3");
    let silent =
        "  sh  asks nobody\n      it ended with 3, and its last words were\n  none of mine\n";
    assert!(no.ends_with(silent), "{no}");
    for (words, told) in [
        (
            &["--", "./no-such", "{url}"][..],
            "there is no program `./no-such`",
        ),
        (&["--", "ls"], "the command has no `{url}`"),
        (&["curl --anyaut"], "did you mean `curl --anyauth`?"),
        (&["Chromium page.authenticate"], "cannot be run from here"),
        (&["--case", "AA", "curl -u"], "there is no layout `AA`"),
    ] {
        let ended = run(["clients", "measure"]
            .into_iter()
            .chain(words.iter().copied()));
        assert_ne!(ended.code, Some(0));
        assert!(ended.err.contains(told), "no {told} in\n{}", ended.err);
    }
}

fn served() {
    let mut command = countersign();
    command.args(["serve", "--layout", "D4"]);
    let mut serving = Running::start(&mut command);
    serving.line(|line| line == "  WWW-Authenticate: Bearer, Basic realm=\"x\"");
    serving.line(|line| line == "user user, password pass (Basic, Digest)");
    let line = serving.line(|line| line.starts_with("in force at "));
    let url = line.split(' ').nth(3).unwrap();
    let authority = url.trim_start_matches("http://").split('/').next().unwrap();
    for (authorization, status) in [("", 401), ("Basic dXNlcjpwYXNz", 200), ("Basic Og==", 401)] {
        let field = match authorization {
            "" => String::new(),
            value => format!("Authorization: {value}\r\n"),
        };
        let answer = asked(
            authority,
            &format!("GET /resource HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{field}\r\n"),
        );
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status} ")),
            "{answer}"
        );
    }
    serving.signal("INT");
    let ended = serving.wait().with(0);
    assert_data_eq!(
        ended.err,
        str![[r#"
GET /resource, no credentials: 401
GET /resource, Basic, right: 200
GET /resource, Basic[:]: user and password are not those that it was given: 401

"#]]
    );
    let ended = run(["serve", "--layout", "DD4"]).with(2);
    assert!(ended.err.contains("did you mean `D4`?"), "{}", ended.err);
}

fn asked(authority: &str, request: &str) -> String {
    use std::io::{Read as _, Write as _};
    let mut stream = std::net::TcpStream::connect(authority).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

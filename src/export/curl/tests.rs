use super::*;

fn case(steps: impl IntoIterator<Item = Value>) -> Case {
    let client = [
        ("scheme", Value::symbol("basic")),
        ("credential", Value::symbol("none")),
    ];
    let case = Case {
        policy: Value::Record(Vec::new()),
        instance: Value::Record(Vec::new()),
        course: Value::List(Vec::new()),
        client: Value::record(client),
    };
    case.behind(steps)
}

#[test]
fn what_a_client_carries_and_asks_for_is_in_its_command() {
    let command = |fields: &[(&'static str, &'static str)]| {
        let all = [("scheme", "basic"), ("credential", "none")];
        let word = |(field, word)| (field, Value::symbol(word));
        let client = { all.into_iter() }
            .filter(|(name, _)| fields.iter().all(|(own, _)| own != name))
            .chain(fields.iter().copied())
            .map(word);
        let case = Case {
            client: Value::record(client),
            ..case([])
        };
        let lines = by_curl([&case], &CurlAsks::of(&[Identity::alice()], "$URL"), false);
        lines.unwrap().last().unwrap().0.clone()
    };
    for (fields, expected) in [
        (
            &[("carries", "by-script")][..],
            "curl -si -H 'X-Requested-With: XMLHttpRequest' $URL",
        ),
        (
            &[("carries", "odd-host"), ("credential", "valid")],
            "curl -si -u alice:open-sesame -H 'Host: a,of-the-host=%22x.example' $URL",
        ),
        (
            &[("method", "propfind")],
            "curl -si -X PROPFIND -H 'Depth: 0' $URL",
        ),
        (
            &[("method", "cross-origin")],
            "curl -si -H 'Origin: https://client.example' $URL",
        ),
        (&[("target", "query")], "curl -si $URL\"?page=2\""),
        (
            &[("scheme", "digest"), ("credential", "wrong-secret")],
            "curl -si --digest -u alice:open-sesame-wrong $URL",
        ),
        // An answer that is wrong in itself curl does not make.
        (
            &[("scheme", "digest"), ("credential", "wrong-nc")],
            "curl -si $URL",
        ),
        // What curl would tidy is left out.
        (&[("target", "double-slash")], "curl -si $URL"),
    ] {
        assert_eq!(command(fields), expected);
    }
}

#[test]
fn a_head_is_asked_for_and_what_comes_behind_it_where_that_matters() {
    let head = |credential: &str| Case {
        client: Value::record(
            [
                ("scheme", "basic"),
                ("credential", credential),
                ("method", "head"),
            ]
            .map(|(field, word)| (field, Value::symbol(word))),
        ),
        ..case([])
    };
    let last = |case: &Case, content| {
        let lines = by_curl([case], &CurlAsks::of(&[Identity::alice()], "$URL"), content).unwrap();
        lines.last().unwrap().0.clone()
    };
    assert_eq!(last(&head("none"), false), "curl -si --head $URL");
    assert!(!shows_what_is_advertised(&head("none")));
    assert_eq!(
        last(&head("valid"), false),
        "curl -si --head -u alice:open-sesame $URL"
    );
    assert_eq!(
        last(&head("valid"), true),
        "curl -si --max-time 2 -X HEAD -u alice:open-sesame $URL"
    );
}

#[test]
fn the_cookies_of_the_answer_before_go_with_the_last_request() {
    let step = |fields: &[(&'static str, &str)]| {
        let fields = fields
            .iter()
            .map(|(name, word)| (*name, Value::symbol(word)));
        Value::record([("ask", Value::record(fields))])
    };
    let log_in = || step(&[("credential", "valid"), ("carries", "none")]);
    let lines = |steps: Vec<Value>| {
        let goes_on = Value::record([
            ("credential", Value::symbol("none")),
            ("carries", Value::symbol("told-cookies")),
        ]);
        let case = case([]).with(Part::Client, goes_on).behind(steps);
        by_curl([&case], &CurlAsks::of(&[Identity::alice()], "$URL"), false)
    };
    let of_one = lines(vec![log_in()]).unwrap();
    let of_one: Vec<&str> = of_one.iter().map(|(line, _)| line.as_str()).collect();
    assert_eq!(
        of_one,
        [
            "curl -si $URL".to_owned(),
            format!("COOKIES=$(curl -si -u alice:open-sesame $URL | {TAKES_COOKIES})"),
            "curl -si ${COOKIES:+-H \"Cookie: $COOKIES\"} $URL".to_owned(),
        ]
    );
    assert_eq!(lines(vec![log_in(), log_in()]), None);
}

#[test]
fn steps_are_played_before_the_last_request_or_nothing_is() {
    let wrong = Value::record([("credential", Value::symbol("valid"))]);
    let steps = [
        Value::record([("ask", wrong), ("times", Value::Int(3))]),
        Value::record([("wait", Value::Int(2))]),
    ];
    let lines = |case: &Case| {
        let lines = by_curl([case], &CurlAsks::of(&[Identity::alice()], "$URL"), false)?;
        Some(lines.into_iter().map(|(line, _)| line).collect::<Vec<_>>())
    };
    assert_eq!(
        lines(&case(steps)).unwrap(),
        [
            "curl -si $URL",
            "for i in $(seq 3); do curl -si -u alice:open-sesame $URL; done",
            "sleep 2",
            "curl -si $URL",
        ]
    );
    assert_eq!(lines(&case([])).unwrap(), ["curl -si $URL"]);
    let beside = |clients| {
        Value::record([
            ("beside", Value::Record(Vec::new())),
            ("clients", Value::Int(clients)),
            ("tries", Value::Int(40)),
        ])
    };
    assert_eq!(lines(&case([beside(2)])), None);
    assert_eq!(
        lines(&case([beside(0)])).unwrap(),
        [
            "curl -si $URL",
            "for i in $(seq 40); do curl -si $URL; done"
        ]
    );
    // Each command gets a nonce of its own: that of the step before is not used again.
    let digest = |credential: &str| {
        let words = [("scheme", "digest"), ("credential", credential)];
        Value::record(words.map(|(field, word)| (field, Value::symbol(word))))
    };
    let ask = |credential| Value::record([("ask", digest(credential))]);
    let twice = |before, then| {
        let mut case = case([ask(before)]);
        case.client = digest(then);
        case
    };
    assert_eq!(lines(&twice("valid", "valid")), None);
    assert_eq!(
        lines(&twice("none", "valid")).unwrap(),
        [
            // The first of them shows what is advertised.
            "curl -si $URL --next -si --digest -u alice:open-sesame $URL"
        ]
    );
    let edit = Value::record([("policy.flag", Value::Bool(true))]);
    assert_eq!(lines(&case([Value::record([("edit", edit)])])), None);
}

//! How a run is told: findings first, levels that fail it, colours, JSON by its schema, and what cannot
//! be written.

use std::path::Path;

use libtest_mimic::Trial;
use serde_json::Value;

use crate::fakes::Fake;
use crate::support::{Ended, Running, SMALL, countersign, ended, run, shell, trial};

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        trial(
            "report::what_is_known_is_counted_by_whose_doing_it_is",
            known_besides,
        ),
        trial(
            "report::findings_come_first_and_rules_when_asked",
            findings_first,
        ),
        trial("report::a_rule_that_is_asked_for_alone", one_rule),
        trial("report::levels_that_fail_a_run", levels),
        trial("report::of_one_case_tells_of_that_alone", one_case),
        trial("report::what_is_not_scored_is_told_apart", not_scored),
        trial("report::colours_where_they_are_wanted", colours),
        trial("report::every_line_is_as_the_schema_says", by_the_schema),
        trial("report::a_saved_run_is_told_as_it_was", saved_runs),
        trial("report::what_cannot_be_written_is_said", full_disk),
        trial("report::places_are_looked_at_before_the_run", places),
        trial("report::an_interruption_before_anything_was_played", early),
        trial("report::a_name_is_no_order_to_a_terminal", names),
        trial("report::standard_input_and_files", inputs),
    ]
}

fn small(more: &[&str]) -> Ended {
    run(SMALL.into_iter().chain(more.iter().copied()))
}

fn findings_first() {
    let told = small(&[]).with(1);
    let lines: Vec<&str> = told.out.lines().collect();
    assert_eq!(lines.get(2), Some(&"1 finding"), "{}", told.out);
    assert_eq!(lines.get(4), Some(&"finding 1 of 1"), "{}", told.out);
    assert!(
        !told.out.contains("refused-credentials-see-the-same-set"),
        "{}",
        told.out
    );
    assert!(
        told.out
            .contains("\nreachability 2  18 passed, 4 FAILED; all 5,872 cases in ")
    );
    let last = lines.last().unwrap();
    assert!(last.starts_with("1 finding (4 rules broken); "), "{last}");
    let all = small(&["--verbose"]).with(1);
    assert!(
        all.out
            .contains("  pass          refused-credentials-see-the-same-set ")
    );
    let none = small(&["--set", "policy.advertise_all=true"]).with(0);
    assert_eq!(none.out.lines().nth(2), Some("0 findings"));
}

fn one_rule() {
    let rule = [
        "--rule",
        "order-does-not-change-the-set",
        "--fail-on",
        "advice",
    ];
    let told = small(&rule).with(1);
    assert!(
        told.out.contains("reachability 2  0 passed, 1 FAILED; "),
        "{}",
        told.out
    );
    assert!(
        told.out
            .ends_with("1 finding (1 rule broken); 0 rules passed\n"),
        "{}",
        told.out
    );
    assert!(!told.out.contains("not selected"), "{}", told.out);
}

fn levels() {
    let rule = ["--rule", "order-does-not-change-the-set"];
    let told = small(&rule).with(0);
    let first = "1 finding; it does not fail the run (--fail-on should)";
    assert_eq!(told.out.lines().nth(2), Some(first), "{}", told.out);
    assert!(
        told.out
            .contains("finding 1 of 1 (advice: does not fail the run)")
    );
    let last =
        "1 finding (1 rule broken); it does not fail the run (--fail-on should); 0 rules passed";
    assert_eq!(told.out.lines().last(), Some(last), "{}", told.out);
    small(&["--fail-on", "must"]).with(0);
    small(&["--fail-on", "should"]).with(1);
}

/// While a case is made simpler, others are met that break the rule in another way: they were not asked for.
fn one_case() {
    let case = "{policy: {profiles: [{scheme: dpop}], dpop_nonce: true}, client: {scheme: dpop, method: head}}";
    let rule = "head-is-answered-like-get";
    let told = run([
        "--spec",
        "http-authentication",
        "--fault",
        "head-unchallenged",
        "--rule",
        rule,
        "--case",
        case,
    ])
    .with(1);
    let last = "1 finding (1 rule broken); 0 rules passed";
    assert_eq!(told.out.lines().last(), Some(last), "{}", told.out);
    let again = format!(" --rule {rule} --case '{case}'");
    assert!(told.out.contains(&again), "{}", told.out);
}

fn not_scored() {
    let told = run([
        "--spec",
        "http-authentication",
        "--cases",
        "400",
        "--set",
        "policy.profiles=1",
        "--set",
        "client.scheme=basic",
    ]);
    let last = told.out.lines().last().unwrap_or_default();
    assert!(last.starts_with("0 findings; "), "{}", told.out);
    assert!(!last.contains("broken"), "{last}");
    assert!(last.contains(" not scored"), "{last}");
}

fn colours() {
    let coloured = small(&["--color", "always"]).with(1);
    assert!(
        coloured.out.contains("\x1b[1m\x1b[31m1 finding\x1b[0m"),
        "{:?}",
        coloured.out.get(..200)
    );
    assert!(!small(&[]).with(1).out.contains('\x1b'));
    let mut never = countersign();
    let never = ended(
        never
            .args(SMALL)
            .env("CLICOLOR_FORCE", "1")
            .args(["--color", "never"]),
    );
    assert!(!never.with(1).out.contains('\x1b'));
}

/// Holds a value against a part of a schema, by the keywords that this one uses.
fn hold(value: &Value, schema: &Value, root: &Value, at: &str) -> Result<(), String> {
    let wrong = |what: String| Err(format!("{at}: {what}: {value}"));
    for (keyword, wanted) in schema.as_object().unwrap() {
        let right = match keyword.as_str() {
            "$schema" | "title" | "description" | "$defs" => true,
            "$ref" => {
                let path = wanted.as_str().unwrap().strip_prefix('#').unwrap();
                hold(value, root.pointer(path).unwrap(), root, at)?;
                true
            }
            "const" => value == wanted,
            "enum" => wanted.as_array().unwrap().contains(value),
            "type" => match wanted {
                Value::String(one) => is_a(value, one),
                several => several
                    .as_array()
                    .unwrap()
                    .iter()
                    .any(|one| is_a(value, one.as_str().unwrap())),
            },
            "minimum" => value
                .as_i64()
                .is_none_or(|number| number >= wanted.as_i64().unwrap()),
            "minItems" => value
                .as_array()
                .is_none_or(|items| items.len() as u64 >= wanted.as_u64().unwrap()),
            "required" => value.as_object().is_none_or(|object| {
                let mut keys = wanted.as_array().unwrap().iter();
                keys.all(|key| object.contains_key(key.as_str().unwrap()))
            }),
            "properties" => {
                for (key, value) in value.as_object().into_iter().flatten() {
                    if let Some(schema) = wanted.get(key) {
                        hold(value, schema, root, &format!("{at}.{key}"))?;
                    }
                }
                true
            }
            "additionalProperties" => value.as_object().is_none_or(|object| {
                object
                    .keys()
                    .all(|key| schema["properties"].get(key).is_some())
            }),
            "items" => {
                for (index, item) in value.as_array().into_iter().flatten().enumerate() {
                    hold(item, wanted, root, &format!("{at}[{index}]"))?;
                }
                true
            }
            "oneOf" => {
                let all = wanted.as_array().unwrap().iter();
                let held: Vec<Result<(), String>> =
                    all.map(|one| hold(value, one, root, at)).collect();
                let fit = held.iter().filter(|one| one.is_ok()).count();
                if fit != 1 {
                    return wrong(format!("{fit} of its kinds fit: {held:#?}"));
                }
                true
            }
            other => panic!("the test knows no keyword {other}"),
        };
        if !right {
            return wrong(format!("not so: {keyword} {wanted}"));
        }
    }
    Ok(())
}

fn is_a(value: &Value, kind: &str) -> bool {
    match kind {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "null" => value.is_null(),
        other => panic!("{other}"),
    }
}

/// Somebody who has never seen a baseline reads how much is known, and whose doing it is.
fn known_besides() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("known.yaml");
    let path = file.to_str().unwrap();
    let shows: String = [
        ("challenge-driven-client-gets-in", "persona: challenge-driven"),
        ("accepted-schemes-are-advertised", "scheme: basic"),
        ("another-profile-shuts-nobody-out", "persona: challenge-driven"),
        ("order-does-not-change-the-set", "credential: none"),
    ]
    .map(|(rule, client)| {
        format!(
            "      - {{pack: reachability, rule: {rule}, case: {{policy: {{profiles: [{{scheme: basic}}, \
             {{scheme: bearer}}]}}, client: {{{client}}}}}}}\n"
        )
    })
    .concat();
    let entry =
        "finding: gone\n    whose: default\n    reason: Said so.\n    confirmed: With curl.";
    let text = format!(
        "countersign: 1\nknown-departures-of: reference\nversion: 0.1.0\ndepartures:\n  - {entry}\n    \
         shows:\n{shows}"
    );
    std::fs::write(&file, text).unwrap();
    let told = small(&["--baseline", path]).with(0);
    let lines: Vec<&str> = told.out.lines().collect();
    let known =
        format!("0 findings; 1 known departure shows: 1 a documented default of it ({path})");
    let words = |text: &str| text.split_whitespace().collect::<String>();
    let head: String = lines
        .iter()
        .skip(2)
        .take_while(|line| !line.is_empty())
        .copied()
        .collect();
    assert_eq!(words(&head), words(&known), "{}", told.out);
    let last = lines
        .rsplit(|line| line.is_empty())
        .next()
        .unwrap()
        .concat();
    assert!(words(&last).starts_with(&words(&known)), "{}", told.out);
    assert!(
        told.out
            .contains("\nreachability 2  18 passed, 4 known to break; "),
        "{}",
        told.out
    );
}

/// From another directory, and by whoever has the file alone.
fn saved_runs() {
    let schema: Value = serde_json::from_str(&run(["schema", "--run"]).with(0).out).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("run.json");
    let path = file.to_str().unwrap();
    let baseline = folder.path().join("known.yaml");
    let save = folder.path().join("corpus");
    let case =
        "{policy: {profiles: [{scheme: basic}, {scheme: bearer}]}, client: {credential: none}}";
    std::fs::write(
        &baseline,
        format!(
            "countersign: 1\nknown-departures-of: reference\nversion: 0.1.0\ndepartures:\n  - finding: \
             known\n    whose: product\n    reason: It is so.\n    confirmed: With curl.\n    shows:\n      \
             - {{pack: reachability, rule: order-does-not-change-the-set, case: {case}}}\n      \
             - {{pack: reachability, rule: advertised-schemes-are-accepted, case: {case}}}\n"
        ),
    )
    .unwrap();
    let known = [
        "--baseline",
        baseline.to_str().unwrap(),
        "--save",
        save.to_str().unwrap(),
    ];
    for more in [
        &[][..],
        &known,
        &["--fault", "accepts-expired", "--fail-on", "must"],
    ] {
        let mut arguments = vec!["--save-run", path];
        arguments.extend(more);
        let _ = std::fs::remove_file(&file);
        let told = small(&arguments);
        let text = std::fs::read_to_string(&file).unwrap();
        hold(&serde_json::from_str(&text).unwrap(), &schema, &schema, "").unwrap();
        // The file may be handed on.
        let credentials = text.split("uthorization: Basic ").skip(1);
        assert!(credentials.clone().count() > 0, "{text}");
        assert!(
            credentials.clone().all(|one| one.starts_with("***")),
            "{text}"
        );
        let report = |more: &[&str]| {
            let mut command = countersign();
            command.current_dir(folder.path());
            command.env_remove("CARGO_PKG_NAME");
            ended(command.args(["report", "run.json"]).args(more))
        };
        assert_eq!(report(&[]).with(0).out, told.out, "{more:?}");
        assert_eq!(report(&["--exit-code"]).code, told.code);

        arguments.extend(["--format", "json"]);
        let told = small(&arguments);
        // How long it took is another matter each time; so is how often it was told meanwhile.
        let of_end = |line: &&str| {
            let event = |name: &str| line.contains(&format!("\"event\":\"{name}\""));
            !["planned", "progress", "found"].into_iter().any(event)
        };
        let lines: Vec<&str> = told.out.lines().filter(of_end).collect();
        let again = report(&["--format", "json"]).with(0);
        assert_eq!(again.out.lines().collect::<Vec<_>>(), lines);
    }
    std::fs::write(&file, "{\n\"countersign-run\": 2,\n\"version\": 2}").unwrap();
    let wrong = ended(countersign().args(["report", path])).with(2);
    let words = "run.json:3:12 cannot be read as a saved run: at `version`, a text is expected, and there is 2";
    assert!(wrong.err.contains(words), "{}", wrong.err);
    let gone = ended(countersign().args(["report", "no/such/file"])).with(2);
    assert!(
        gone.err.contains("no/such/file cannot be read: "),
        "{}",
        gone.err
    );
}

fn by_the_schema() {
    let schema: Value = serde_json::from_str(&run(["schema", "--output"]).with(0).out).unwrap();
    let fake = Fake::new("dies-on-install");
    let baseline = tempfile::tempdir().unwrap();
    let file = baseline.path().join("known.yaml");
    let case = "{policy: {profiles: [{scheme: basic}, {scheme: bearer}]}, client: {persona: \
                challenge-driven}}";
    std::fs::write(
        &file,
        format!(
            "countersign: 1\nknown-departures-of: reference\nversion: 0.1.0\ndepartures:\n  - finding: \
             gone\n    whose: product\n    reason: It was so.\n    confirmed: With curl.\n    shows:\n      \
             - {{pack: reachability, rule: challenge-driven-client-gets-in, case: {case}}}\n"
        ),
    )
    .unwrap();
    let runs = [
        small(&["--format", "json"]).with(1),
        small(&["--format", "json", "--fault", "scheme-case-sensitive"]),
        run([
            "run",
            "--spec",
            "reachability",
            "--against",
            fake.target(),
            "--format",
            "json",
        ])
        .with(3),
        small(&["--format", "json", "--baseline", file.to_str().unwrap()]),
    ];
    let mut events = std::collections::BTreeSet::new();
    for ended in &runs {
        for line in ended.out.lines() {
            let line: Value = serde_json::from_str(line).unwrap();
            if let Err(why) = hold(&line, &schema, &schema, "line") {
                panic!("{why}");
            }
            events.insert(line["event"].as_str().unwrap().to_owned());
        }
        let last: Value = serde_json::from_str(ended.out.lines().last().unwrap()).unwrap();
        assert_eq!(last["exit"], i64::from(ended.code.unwrap()), "{last}");
    }
    for event in [
        "begun", "planned", "progress", "found", "done", "defect", "known", "ended",
    ] {
        assert!(
            events.contains(event),
            "{event}: {events:?} {}",
            runs[3].err
        );
    }
    let defects: Vec<Value> = runs[0]
        .out
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .filter(|line: &Value| line["event"] == "defect")
        .collect();
    let [defect] = defects.as_slice() else {
        panic!("{defects:#?}")
    };
    let findings = defect["findings"].as_array().unwrap();
    assert_eq!(findings.len(), 4);
    assert!(
        findings
            .iter()
            .all(|finding| finding["smallest_possible"] == true),
        "{defect:#}"
    );
    let first = &findings[0];
    assert_eq!(first["sentence"], "two profiles, flag false, Basic client");
    assert!(
        first["at"]
            .as_str()
            .unwrap()
            .starts_with("specs/reachability.yaml:")
    );
    assert!(
        first["replay"]
            .as_str()
            .unwrap()
            .starts_with("countersign run --spec reachability")
    );
    assert!(first["by_hand"].as_array().unwrap().len() > 2);
    let exchanges = first["sibling"]["exchanges"].to_string();
    assert!(
        exchanges.contains("authorization: Basic ***"),
        "{exchanges}"
    );
}

fn full_disk() {
    if !Path::new("/dev/full").exists() {
        return;
    }
    for format in ["json", "text"] {
        let line = format!(
            "countersign {} --format {format} > /dev/full",
            SMALL.join(" ")
        );
        let full = ended(&mut shell(&line)).with(3);
        assert!(
            full.err.contains("could not write the report: "),
            "{format}: {}",
            full.err
        );
    }
}

fn places() {
    let folder = tempfile::tempdir().unwrap();
    let nowhere = folder.path().join("no/known.yaml");
    let before = |arguments: &[&str]| {
        let told = small(arguments).with(3);
        assert_eq!(told.out, "", "nothing was played");
        told.err
    };
    let err = before(&["--save", "/proc/countersign"]);
    assert!(
        err.starts_with("error: findings cannot be written to /proc/countersign: "),
        "{err}"
    );
    let mut command = countersign();
    command
        .args(["--spec", "reachability", "--write-baseline"])
        .arg(&nowhere);
    let err = ended(&mut command).with(3).err;
    assert!(err.contains("there is no folder "), "{err}");
}

fn early() {
    let mut command = countersign();
    command.args(["run", "--against", "reference"]);
    let running = Running::start(&mut command);
    // Once it waits for signals it has a handler for them.
    crate::support::until("a handler", || {
        let status = std::fs::read_to_string(format!("/proc/{}/status", running.id()));
        let status = status.unwrap_or_else(|_| "SigCgt:\t0000000000000002".to_owned());
        let caught = status
            .lines()
            .find_map(|line| line.strip_prefix("SigCgt:"))?;
        let caught = u64::from_str_radix(caught.trim(), 16).ok()?;
        (caught & 2 != 0).then_some(())
    });
    running.signal("INT");
    let ended = running.wait().with(130);
    assert!(ended.err.contains("interrupted"), "{}", ended.err);
}

fn names() {
    let told = run(["check", "no\u{1b}[31m\u{9b}such\u{202e}"]).with(2);
    assert!(
        told.err.contains("no\\x1b[31m\\u{9b}such\\u{202e}"),
        "{:?}",
        told.err
    );
    let plain = |c: char| !c.is_control() || c == '\n';
    assert!(told.err.chars().all(plain), "{:?}", told.err);
}

fn inputs() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("case.yaml");
    std::fs::write(&file, "{policy: {profiles: [{scheme: basic}]}}").unwrap();
    let named = format!("@{}", file.display());
    let told = small(&["--case", &named]).with(0);
    assert!(told.out.contains("all 1 case in "), "{}", told.out);
    let checked = ended(&mut shell("countersign check - < specs/reachability.yaml")).with(0);
    assert!(
        checked.out.starts_with("standard input: reachability 2, "),
        "{}",
        checked.out
    );
}

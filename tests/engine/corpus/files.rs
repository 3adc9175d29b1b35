//! Files of reproductions: what a person has is kept, and what is wrong in one is shown where it stands.

use super::*;

#[test]
fn what_somebody_else_left_is_not_written_over() {
    let entry = headline();
    let dir = tempfile::tempdir().unwrap();
    let files = || list(dir.path()).unwrap().len();
    let first = save(dir.path(), &entry).unwrap();
    assert_eq!(first.kept, None);

    // Another product has another file, and so has the reference with a fault; another version has not.
    let seen_on = |name: &str, version: &str| {
        let mut other = entry.clone();
        other.seen_on.name = name.to_owned();
        other.seen_on.version = version.to_owned();
        other
    };
    let gateway = save(dir.path(), &seen_on("my-gateway", "1")).unwrap();
    assert!(
        gateway.path.to_str().unwrap().contains("-on-my-gateway-"),
        "{gateway:?}"
    );
    save(dir.path(), &seen_on("my gateway", "1")).unwrap();
    save(dir.path(), &seen_on("reference", "0.1.0+flag-ignored")).unwrap();
    assert_eq!(files(), 4);
    let newer = save(dir.path(), &seen_on("my-gateway", "2")).unwrap();
    assert_eq!((newer, files()), (gateway, 4));
    assert_eq!(load(&first.path).unwrap(), entry);

    // What changes from run to run is written anew; a note, or anything else that a person wrote, stays.
    let mut again = entry.clone();
    again.transcript.case.clear();
    assert_eq!(save(dir.path(), &again).unwrap(), first);
    let written = fs::read_to_string(&first.path).unwrap();
    for edited in [
        format!("# Asked them on Monday.\n{written}"),
        written.replacen("impact: A client", "impact: Every client", 1),
        "half of i".to_owned(),
    ] {
        fs::write(&first.path, &edited).unwrap();
        let second = save(dir.path(), &entry).unwrap();
        assert_eq!(second.kept.as_ref(), Some(&first.path));
        assert_eq!(fs::read_to_string(&first.path).unwrap(), edited);
        // It names itself, and is written anew under its own name.
        let name = second
            .path
            .file_name()
            .unwrap()
            .to_str()
            .unwrap()
            .to_owned();
        assert!(name.ends_with("-2.yaml"), "{name}");
        let text = fs::read_to_string(&second.path).unwrap();
        assert!(
            text.contains(&format!("countersign replay {name} ")),
            "{text}"
        );
        assert_eq!(load(&second.path).unwrap(), entry);
        assert_eq!((save(dir.path(), &entry).unwrap(), files()), (second, 5));
    }
    // A file that was named before names told products apart keeps its name.
    let dir = tempfile::tempdir().unwrap();
    let other = seen_on("my-gateway", "1");
    let plain = dir.path().join(entry.file_name());
    let own = save(dir.path(), &other).unwrap().path;
    let text = fs::read_to_string(&own).unwrap();
    let old = text.replace(&other.file_name(), &entry.file_name());
    fs::remove_file(&own).unwrap();
    fs::write(&plain, old).unwrap();
    assert_eq!(save(dir.path(), &other).unwrap().path, plain);
    assert_eq!(list(dir.path()).unwrap(), [plain]);
}

#[test]
fn hostile_files_end_in_diagnostics() {
    let dir = tempfile::tempdir().unwrap();
    let good = headline().to_yaml();
    let try_bytes = |bytes: &[u8]| {
        let path = dir.path().join("hostile.yaml");
        fs::write(&path, bytes).unwrap();
        load(&path)
    };
    let wrong = |bytes: &[u8]| match try_bytes(bytes) {
        Err(Unreadable::Wrong(problems)) => {
            assert!(problems.has_errors());
            problems.render()
        }
        other => panic!("{other:?}"),
    };
    // Truncated before its last list, whose items may be fewer: a diagnostic, never a panic.
    for at in (0..good.find("identities:").unwrap()).step_by(97) {
        if let Some(part) = good.get(..at) {
            assert!(try_bytes(part.as_bytes()).is_err(), "cut at {at}");
        }
    }
    // Random bytes, and random bytes in the midst of a good file.
    let mut state = 7_u64;
    let mut random = move || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        u8::try_from(state >> 56).unwrap()
    };
    for _ in 0..50 {
        let bytes: Vec<u8> = (0..200).map(|_| random()).collect();
        wrong(&bytes);
    }
    for _ in 0..100 {
        let mut bytes = good.clone().into_bytes();
        let at = usize::from(random()) * bytes.len() / 256;
        bytes[at] = random();
        if let Err(why) = try_bytes(&bytes) {
            assert!(!why.to_string().is_empty());
        }
    }
    // Wrong types, one key after the other.
    for (line, text) in good.lines().enumerate() {
        let Some((key, value)) = text.split_once(": ") else {
            continue;
        };
        if value == "|" || text.starts_with('#') {
            continue;
        }
        for instead in ["[[]]", "{x: {}}", "1.5", "null", "\"\\u0000\""] {
            let changed: Vec<String> = good
                .lines()
                .enumerate()
                .map(|(at, old)| {
                    if at == line {
                        format!("{key}: {instead}")
                    } else {
                        old.to_owned()
                    }
                })
                .collect();
            if let Err(Unreadable::Wrong(problems)) = try_bytes(changed.join("\n").as_bytes()) {
                assert!(problems.has_errors());
            }
        }
    }
    // Ten megabytes, of one line and of many; as many unknown keys as fit.
    let shown = wrong(&vec![b'x'; 10 * 1024 * 1024]);
    assert!(shown.contains("too large"), "{shown}");
    wrong("- a\n".repeat(2_600_000).as_bytes());
    let keys: String = (0..100_000).map(|n| format!("k{n}:\n")).collect();
    let begun = std::time::Instant::now();
    wrong(keys.as_bytes());
    assert!(begun.elapsed() < Duration::from_secs(60));
    assert!(matches!(
        load(&dir.path().join("none")),
        Err(Unreadable::Io { .. })
    ));
}

#[test]
fn mistakes_are_shown_where_they_stand() {
    let good = headline().to_yaml();
    let shown = |from: &str, to: &str| {
        assert!(good.contains(from), "{from}");
        let text = good.replacen(from, to, 1);
        Entry::read(&Source::new("a.yaml", text))
            .unwrap_err()
            .render()
    };
    for (from, to, message) in [
        ("\nsentence: ", "\nsentense: ", "did you mean `sentence`?"),
        ("\nsentence: ", "\n# ", "a reproduction needs `sentence`"),
        ("level: should", "level: shuold", "did you mean `should`?"),
        (
            "persona: challenge-driven",
            "persona: chalenge",
            "client.persona is `chalenge`",
        ),
        (
            "reproduction: 1",
            "reproduction: 2",
            "not a version of the format",
        ),
        (
            "outcome: same",
            "outcome: equal",
            "`outcome` is not compared by `equal`",
        ),
        ("  relate:", "  relates:", "did you mean `relate`?"),
        (
            "\nsibling:\n",
            "\nsibling: 3\nother:\n",
            "a sibling must be a mapping",
        ),
        (
            "enabled: true",
            "enabled: \"yes\"",
            "true or false is expected",
        ),
        (
            "    active: true",
            "    active: 1.5",
            "no field has numbers with a fraction",
        ),
    ] {
        let shown = shown(from, to);
        assert!(shown.contains(message), "{shown}");
        assert!(shown.contains("--> a.yaml:"), "{shown}");
    }
}

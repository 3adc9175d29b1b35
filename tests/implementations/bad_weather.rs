//! The control protocol in bad weather: every slip of the other side is a clear set-up fault.

use std::path::Path;
use std::time::{Duration, Instant};

use countersign::implementation::{Deadlines, Implementation, Launch, Placement, Remote};
use countersign::observation::SetupFault;
use libtest_mimic::Trial;

use crate::fakes::LEAVES;
use crate::support::{installation, is_running, myself, policy, trial};

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        trial("remote::a_program_that_obeys_is_used_and_ends", obeys),
        trial("remote::what_it_says_of_itself_is_checked", introductions),
        trial("remote::what_it_says_of_policies_is_checked", installations),
        trial("remote::a_program_that_ignores_its_end_is_killed", deaf),
        trial("remote::dropping_it_ends_it", dropped),
        trial("remote::what_left_its_group_ends_with_it", left_group),
        trial("remote::a_killed_countersign_leaves_nothing_behind", killed),
        trial("remote::nobody_at_the_control_url", nobody),
    ]
}

const SHORT: Deadlines = Deadlines {
    start: Duration::from_millis(500),
    answer: Duration::from_millis(500),
    install: Duration::from_millis(500),
    stop: Duration::from_millis(500),
};

/// Long enough for a machine under load, where the deadline is not what is tested.
const LONG: Deadlines = Deadlines {
    start: Duration::from_secs(30),
    answer: Duration::from_secs(30),
    install: Duration::from_secs(30),
    stop: Duration::from_secs(30),
};

async fn start(mode: &str, deadlines: Deadlines) -> Result<Remote, SetupFault> {
    Remote::start(&launch(mode), None, deadlines).await
}

fn launch(mode: &str) -> Launch {
    Launch {
        name: "fake".to_owned(),
        program: myself(),
        arguments: vec!["fake-remote".to_owned(), mode.to_owned()],
        directory: None,
        environment: Vec::new(),
        output: None,
    }
}

async fn obeys() {
    let mut remote = start("good", LONG).await.unwrap();
    let description = remote.description();
    assert_eq!((description.name.as_str(), description.slots), ("fake", 2));
    assert_eq!(description.alternatives["which"], "first");
    assert_eq!(
        description.supports.by_path["policy.n"].to_string(),
        "at most 3"
    );
    assert!(description.events);
    for generation in 1..4 {
        let both = installation(generation, vec![policy(&["basic"]), policy(&[])]);
        let placements = remote.install(&both).await.unwrap();
        let Placement::Endpoint(endpoint) = &placements[0] else {
            panic!("{placements:?}")
        };
        assert_eq!(endpoint.to_string(), "http://127.0.0.1:9/a");
        assert_eq!(placements[1], Placement::Unsupported("cannot".to_owned()));
        assert_eq!(
            remote.events(generation).await.unwrap()[0].name,
            "LOGIN_SUCCESS"
        );
    }
    let begun = Instant::now();
    remote.stop().await;
    remote.stop().await;
    assert!(
        begun.elapsed() < LONG.stop,
        "it ends when its standard input closes"
    );
}

async fn introductions() {
    for (mode, deadlines, words) in [
        (
            "dies-at-once",
            LONG,
            &["exit status: 3", "no such module: frobnicate"][..],
        ),
        (
            "mute",
            SHORT,
            &[
                "did not print its control URL",
                "still warming up",
                "countersign-control:",
            ],
        ),
        ("odd-url", LONG, &["`https://example.org/` is https"]),
        (
            "nonsense",
            LONG,
            &[
                "/v1/implementation",
                "it is not JSON",
                "<html>welcome</html>",
            ],
        ),
        ("wrong-protocol", LONG, &["control protocol 9", "speaks 1"]),
        ("redirects", LONG, &["302 Found", "elsewhere"]),
        ("endless", LONG, &["longer than 4194304 bytes"]),
        ("silent", SHORT, &["no complete answer within 0.5 s"]),
    ] {
        let fault = start(mode, deadlines).await.unwrap_err();
        let text = fault.to_string();
        for word in words {
            assert!(text.contains(word), "{mode}: `{word}` is not in: {text}");
        }
        assert!(fault.remedy.is_some(), "{mode}: {text}");
    }
}

async fn installations() {
    for (mode, short, words) in [
        (
            "old",
            false,
            &["echoes generation 1, and 2", "\"generation\":1"][..],
        ),
        (
            "refuses",
            false,
            &["500 Internal Server Error", "no room for alice"],
        ),
        (
            "silent-install",
            true,
            &["no complete answer within 0.5 s", "PUT"],
        ),
        ("half", true, &["no complete answer within 0.5 s"]),
        (
            "hangs-up",
            false,
            &[
                "call PUT http://127.0.0.1:",
                "make sure that the program runs",
            ],
        ),
        ("dies", false, &["exit status: 7", "panic: out of cheese"]),
    ] {
        let deadlines = Deadlines {
            install: if short { SHORT.install } else { LONG.install },
            ..LONG
        };
        let mut remote = start(mode, deadlines).await.unwrap();
        let both = installation(2, vec![policy(&["basic"]), policy(&[])]);
        let text = remote.install(&both).await.unwrap_err().to_string();
        for word in words {
            assert!(text.contains(word), "{mode}: `{word}` is not in: {text}");
        }
        remote.stop().await;
    }
    let mut remote = start("good", LONG).await.unwrap();
    let three = installation(2, vec![policy(&[]), policy(&[]), policy(&[])]);
    let text = remote.install(&three).await.unwrap_err().to_string();
    assert!(
        text.contains("slot 2 has neither an endpoint nor a reason"),
        "{text}"
    );
}

async fn deaf() {
    let mut remote = start(
        "deaf",
        Deadlines {
            stop: SHORT.stop,
            ..LONG
        },
    )
    .await
    .unwrap();
    let begun = Instant::now();
    remote.stop().await;
    assert!(begun.elapsed() >= SHORT.stop, "it was given its time");
}

async fn dropped() {
    drop(start("deaf", LONG).await.unwrap());
}

/// The number of the process that a program left behind, as soon as it is told.
fn left_behind(file: &Path) -> u32 {
    let begun = Instant::now();
    loop {
        if let Some(id) = std::fs::read_to_string(file)
            .ok()
            .and_then(|id| id.parse().ok())
        {
            return id;
        }
        assert!(begun.elapsed() < LONG.start, "nothing was left behind");
        std::thread::yield_now();
    }
}

/// Waits for the end of a process.
fn ends(id: u32, how: &str) {
    let begun = Instant::now();
    while is_running(id) {
        assert!(begun.elapsed() < LONG.start, "{id} is left, {how}");
        std::thread::yield_now();
    }
}

async fn left_group() {
    // Without `/proc` nobody can tell who left.
    if !Path::new("/proc/self/environ").exists() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    for how in ["stopped", "dropped", "killed"] {
        let file = folder.path().join(how);
        if how == "killed" {
            let mut host = std::process::Command::new(myself())
                .arg("fake-host")
                .env(LEAVES, &file)
                .stdin(std::process::Stdio::null())
                .stdout(std::process::Stdio::null())
                .spawn()
                .unwrap();
            let id = left_behind(&file);
            assert!(is_running(id));
            host.kill().unwrap();
            host.wait().unwrap();
            ends(id, how);
            continue;
        }
        let launch = Launch {
            environment: vec![(LEAVES.to_owned(), file.display().to_string())],
            ..launch("good")
        };
        let mut remote = Remote::start(&launch, None, LONG).await.unwrap();
        let id = left_behind(&file);
        assert!(is_running(id));
        if how == "stopped" {
            remote.stop().await;
        }
        drop(remote);
        ends(id, how);
    }
}

async fn killed() {
    use std::io::{BufRead, BufReader};
    let mut host = std::process::Command::new(myself())
        .arg("fake-host")
        .stdin(std::process::Stdio::null())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let started: Vec<u32> = BufReader::new(host.stdout.take().unwrap())
        .lines()
        .map_while(|line| line.unwrap().parse().ok())
        .collect();
    host.kill().unwrap();
    host.wait().unwrap();
    // Without `/proc` nobody can tell.
    assert!(
        !started.is_empty() || !Path::new("/proc").exists(),
        "{started:?}"
    );
    let begun = Instant::now();
    let left = || started.iter().filter(|id| is_running(**id)).count();
    while left() > 0 {
        assert!(
            begun.elapsed() < Duration::from_secs(10),
            "{started:?} are left"
        );
        std::thread::yield_now();
    }
}

async fn nobody() {
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let text = Remote::attach(&url, LONG).await.unwrap_err().to_string();
    assert!(text.contains(&url) && text.contains("refused"), "{text}");
    let text = Remote::attach("http://192.0.2.1:1", LONG)
        .await
        .unwrap_err()
        .to_string();
    assert!(text.contains("not on a loopback address"), "{text}");
}

//! Kind *process* with a gateway that this very program plays.

use countersign::adapter::{Adapter, Folder, Home, open_adapter};
use countersign::domain::Setting;
use countersign::domain::Value;
use countersign::implementation::{Implementation, Placement};
use libtest_mimic::Trial;

use crate::support::{ask, installation, myself, policy, trial};

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        trial(
            "process::each_installation_is_in_force_when_it_is_said_to_be",
            in_force,
        ),
        trial(
            "process::a_taken_port_is_given_up_for_another",
            taken_at_first,
        ),
        trial("process::what_is_not_proven_is_never_taken", not_proven),
        trial(
            "process::what_an_adapter_cannot_express_is_not_applicable",
            unsupported,
        ),
        trial("process::a_slot_can_have_a_port_of_its_own", own_ports),
        trial(
            "process::whoever_is_started_beside_another_works_in_a_directory_of_its_own",
            directories,
        ),
        trial("process::dropping_it_ends_it", dropped),
        trial(
            "process::an_event_is_neither_missed_nor_told_twice_however_late_it_is_logged",
            logged,
        ),
        trial(
            "process::a_log_that_says_nothing_is_a_fault_of_the_set_up",
            not_logged,
        ),
        trial(
            "process::a_template_that_fails_names_file_and_line",
            template,
        ),
    ]
}

pub(crate) const CONFIGURATION: &str = "{{ port }}\n{{ token }}\n{{ slots | length }}\n";

fn adapter(mode: &str, configuration: &str) -> (tempfile::TempDir, Adapter) {
    adapter_with(mode, configuration, |text| text)
}

pub(crate) fn adapter_with(
    mode: &str,
    configuration: &str,
    change: impl Fn(String) -> String,
) -> (tempfile::TempDir, Adapter) {
    let folder = tempfile::tempdir().unwrap();
    let text = format!(
        r#"
countersign: 1
adapter: fake
title: A gateway that the tests play
kind: process
files: {{gateway.conf: gateway.conf.jinja}}
start: [{}, fake-gateway, {mode}, "{{{{ dir }}}}/gateway.conf"]
probe: {{path: /countersign, seconds: 2}}
log: {{port-taken: [Address already in use], failed: ["[emerg]"]}}
slots: {{count: 2, prefix: "/s{{{{ slot }}}}"}}
supports: {{policy.active: [true], events: false}}
knows: [policy.active, policy.advertise_all, policy.profiles, instance.first_scheme_only]
unsupported: [{{when: "policy.profiles | length > 2", because: it holds two profiles at most}}]
"#,
        serde_json::json!(myself().display().to_string())
    );
    std::fs::write(folder.path().join("adapter.yaml"), change(text)).unwrap();
    std::fs::write(folder.path().join("gateway.conf.jinja"), configuration).unwrap();
    let adapter = Adapter::read(Folder::Disk(folder.path().to_owned())).unwrap();
    (folder, adapter)
}

async fn open(mode: &str) -> Box<dyn Implementation> {
    let (_folder, adapter) = adapter(mode, CONFIGURATION);
    open_adapter(adapter, &Home::at("unused")).await.unwrap()
}

async fn in_force() {
    let mut gateway = open("good").await;
    let mut before = None;
    for generation in 1..4 {
        let one = installation(generation, vec![policy(&["basic"])]);
        let placements = gateway.install(&one).await.unwrap();
        assert_eq!(ask(&placements[0], "/x", "").0, 200);
        assert_ne!(before.as_ref(), Some(&placements), "a fresh port each time");
        before = Some(placements);
    }
    gateway.stop().await;
    gateway.stop().await;
    let again = installation(4, vec![policy(&["basic"])]);
    let placements = gateway.install(&again).await.unwrap();
    assert_eq!(ask(&placements[0], "/x", "").0, 200);
}

async fn taken_at_first() {
    let mut gateway = open("taken-at-first").await;
    let one = installation(1, vec![policy(&[])]);
    assert!(matches!(
        gateway.install(&one).await.unwrap()[..],
        [Placement::Endpoint(_)]
    ));
}

async fn not_proven() {
    for (mode, words) in [
        (
            "always-taken",
            &["on 3 ports", "bind: Address already in use"][..],
        ),
        ("foreign", &["on 3 ports", "it answers `HTTP/1.1 200 OK`"]),
        ("dies", &["exit status: 9", "syntax error in line 3"]),
        (
            "refuses",
            &["refused the configuration", "[emerg] unknown directive"],
        ),
        ("silent", &["did not answer on port", "within 2."]),
    ] {
        let mut gateway = open(mode).await;
        let one = installation(1, vec![policy(&[])]);
        let text = gateway.install(&one).await.unwrap_err().to_string();
        for word in words {
            assert!(text.contains(word), "{mode}: `{word}` is not in: {text}");
        }
        gateway.stop().await;
    }
    let mut gateway = open("stale").await;
    gateway
        .install(&installation(1, vec![policy(&[])]))
        .await
        .unwrap();
    let text = gateway
        .install(&installation(2, vec![policy(&[])]))
        .await
        .unwrap_err()
        .to_string();
    assert!(text.contains("somebody else took the ports"), "{text}");
}

async fn unsupported() {
    let mut gateway = open("good").await;
    let profile = Value::record([("scheme", Value::symbol("basic")), ("pin", Value::Int(1))]);
    let extended = Setting {
        policy: Value::record([("profiles", Value::List(vec![profile]))]),
        instance: Value::record([]),
    };
    let wide = policy(&["basic", "bearer", "basic"]);
    let policies = vec![extended, policy(&["basic"]), policy(&["basic"])];
    let placements = gateway.install(&installation(1, policies)).await.unwrap();
    assert_eq!(
        placements[0],
        Placement::Unsupported("the adapter knows no `policy.profiles.pin`".to_owned())
    );
    assert!(
        placements[1].to_string_or_reason().ends_with("/s1"),
        "{placements:?}"
    );
    assert_eq!(
        placements[2],
        Placement::Unsupported("it has 2 slots".to_owned())
    );
    // Nothing is left to configure, and nothing is started for it.
    let placements = gateway.install(&installation(2, vec![wide])).await.unwrap();
    assert_eq!(
        placements[0],
        Placement::Unsupported("it holds two profiles at most".to_owned())
    );
}

/// With a port to each slot, environment variables, named ports, other programs and a directory that
/// the program may write to.
async fn own_ports() {
    let configuration = "{{ port }}\n{{ token }}\n{{ slots | length }}\n\
        {% for slot in slots %}\n{{ slot.port }}\n{% endfor %}\n";
    let (_folder, adapter) = adapter_with("good", configuration, |text| {
        text.replace("}}\"}\nsupports", "}}\", port: own}\nsupports")
            + "directories: [spool]\nports: [admin]\nprograms: {shell: [sh]}\n\
               env: {GATE_SAYS: \"{{ programs.shell }} {{ ports.admin }}\"}\n"
    });
    let mut gateway = open_adapter(adapter, &Home::at("unused")).await.unwrap();
    let mut seen = std::collections::BTreeSet::new();
    for generation in 1..3 {
        let two = installation(generation, vec![policy(&["basic"]), policy(&[])]);
        let placements = gateway.install(&two).await.unwrap();
        let [Placement::Endpoint(one), Placement::Endpoint(other)] = &placements[..] else {
            panic!("{placements:?}")
        };
        assert!(seen.insert(one.authority.clone()) && seen.insert(other.authority.clone()));
        assert_eq!((one.prefix.as_str(), other.prefix.as_str()), ("/s0", "/s1"));
        let (head, body) = ask_whole(&one.authority);
        assert!(head.starts_with("HTTP/1.1 200"), "{head}");
        let (shell, admin) = body.rsplit_once(' ').unwrap();
        assert!(shell.ends_with("/sh"), "{body}");
        assert!(seen.insert(admin.to_owned()), "{body}");
    }
    gateway.stop().await;
}

/// One that reads its files whenever they change would otherwise read those of its successor, take its port, and be
/// ended while it is asked.
async fn directories() {
    let configuration = "{{ port }}\n{{ token }}\n\n{{ slots[0].port }}\n";
    for beside in [true, false] {
        let (_folder, adapter) = adapter_with("good", configuration, |text| {
            let text = text.replace("}}\"}\nsupports", "}}\", port: own}\nsupports");
            let reload = if beside {
                "reload: {beside: true}\n"
            } else {
                ""
            };
            text + reload + "env: {GATE_SAYS: \"{{ dir }}\"}\n"
        });
        let mut gateway = open_adapter(adapter, &Home::at("unused")).await.unwrap();
        let mut seen = std::collections::BTreeSet::new();
        for generation in 1..4 {
            let one = installation(generation, vec![policy(&[])]);
            let placements = gateway.install(&one).await.unwrap();
            let [Placement::Endpoint(at)] = &placements[..] else {
                panic!("{placements:?}")
            };
            seen.insert(ask_whole(&at.authority).1);
        }
        assert_eq!(seen.len(), if beside { 3 } else { 1 }, "{seen:?}");
        gateway.stop().await;
        // The last is kept for a start to come.
        let left = seen
            .iter()
            .filter(|path| std::path::Path::new(path.as_str()).exists());
        assert_eq!(left.count(), 1, "{seen:?}");
    }
}

/// Head and body of an answer.
fn ask_whole(authority: &str) -> (String, String) {
    use std::io::{Read, Write};
    let mut stream = std::net::TcpStream::connect(authority).unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.to_owned(), body.to_owned())
}

/// The gateway logs a request when its client is gone, to its standard output.
fn with_log(mode: &str) -> (tempfile::TempDir, Adapter) {
    adapter_with(mode, CONFIGURATION, |text| {
        text.replace("events: false", "events: true").replace(
            "failed: [\"[emerg]\"]}",
            "failed: [\"[emerg]\"], events: {file: \"audit-{{ generation }}.log\", output: true, \
             lines: [{line: \"GET /s{slot}/{user} HTTP/1.1\", event: LOGIN_SUCCESS}]}}",
        )
    })
}

async fn logged() {
    let (_folder, adapter) = with_log("logs");
    let mut gateway = open_adapter(adapter, &Home::at("unused")).await.unwrap();
    assert!(gateway.description().events);
    for generation in 1..4 {
        let two = installation(generation, vec![policy(&["basic"]), policy(&[])]);
        let placements = gateway.install(&two).await.unwrap();
        assert_eq!(gateway.events(generation).await.unwrap(), []);
        ask(&placements[0], "/alice", "");
        let events = gateway.events(generation).await.unwrap();
        let [event] = &events[..] else {
            panic!("{events:?}")
        };
        assert_eq!((event.slot, event.name.as_str()), (0, "LOGIN_SUCCESS"));
        assert_eq!(event.user.as_deref(), Some("alice"));
        ask(&placements[1], "/bob", "");
        ask(&placements[1], "/-", "");
        let events = gateway.events_after(generation, 1).await.unwrap();
        let [event] = &events[..] else {
            panic!("{events:?}")
        };
        assert_eq!((event.slot, event.user.as_deref()), (1, Some("bob")));
    }
    gateway.stop().await;
}

async fn not_logged() {
    let (_folder, adapter) = with_log("good");
    let mut gateway = open_adapter(adapter, &Home::at("unused")).await.unwrap();
    let one = installation(1, vec![policy(&["basic"])]);
    gateway.install(&one).await.unwrap();
    let text = gateway.events(1).await.unwrap_err().to_string();
    for word in ["has no line in the log", "/countersign?marker-", "README"] {
        assert!(text.contains(word), "`{word}` is not in: {text}");
    }
    gateway.stop().await;
}

trait Shown {
    fn to_string_or_reason(&self) -> String;
}

impl Shown for Placement {
    fn to_string_or_reason(&self) -> String {
        match self {
            Self::Endpoint(endpoint) => endpoint.to_string(),
            Self::Unsupported(reason) => reason.clone(),
        }
    }
}

async fn dropped() {
    let mut gateway = open("good").await;
    gateway
        .install(&installation(1, vec![policy(&[])]))
        .await
        .unwrap();
    drop(gateway);
}

async fn template() {
    let (_folder, adapter) = adapter("good", "{{ port }}\n{{ tokn }}\n");
    let mut gateway = open_adapter(adapter, &Home::at("unused")).await.unwrap();
    let fault = gateway.install(&installation(1, vec![])).await.unwrap_err();
    let text = fault.to_string();
    assert!(
        text.contains("write `gateway.conf`") && text.contains("in line 2"),
        "{text}"
    );
}

//! Where the secrets that somebody gives to a probe are, while it asks and behind it.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};

use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use libtest_mimic::Trial;

use crate::probe::{BASIC, PASSWORD, Server, TOKEN, keeps_secrets, only_bearer_is_named};
use crate::support::{Ended, countersign, trial};

pub(crate) fn trials() -> Vec<Trial> {
    vec![trial("probe_secrets::are_left_nowhere", leaves_nothing)]
}

/// The process that is looked at while it asks, and what was seen of it: its arguments, and those whom it started.
static LOOKED_AT: AtomicU32 = AtomicU32::new(0);
static SEEN_OF_IT: Mutex<Vec<(String, String)>> = Mutex::new(Vec::new());

/// Looks at the process that asks, where the system shows that.
fn look(field: &str, before: usize) -> String {
    let id = LOOKED_AT.load(Ordering::Relaxed);
    let of = |path: &std::path::Path| std::fs::read(path).ok();
    let process = std::path::PathBuf::from(format!("/proc/{id}"));
    if id != 0
        && let Some(arguments) = of(&process.join("cmdline"))
        && let Ok(tasks) = std::fs::read_dir(process.join("task"))
    {
        let mut said = arguments;
        said.extend(of(&process.join("environ")).unwrap_or_default());
        let children = tasks
            .flatten()
            .filter_map(|task| of(&task.path().join("children")));
        let children = String::from_utf8(children.flatten().collect()).unwrap();
        let said = String::from_utf8_lossy(&said).into_owned();
        SEEN_OF_IT.lock().unwrap().push((said, children));
    }
    let answer = only_bearer_is_named(field, before);
    let sent = field.split_once(' ').map_or("", |(_, sent)| sent);
    let echoes = dresses(PASSWORD).into_iter().chain(dresses(sent));
    let echoes = echoes.chain(dresses(field)).chain(dresses(MORE[0].1));
    format!(
        "{answer}\r\nX-Echo: {}",
        echoes.collect::<Vec<_>>().join(" ")
    )
}

/// A text in every dress in which a careless server sends it back.
fn dresses(text: &str) -> [String; 7] {
    let digits: String = text.bytes().map(|byte| format!("{byte:02x}")).collect();
    [
        digits.to_uppercase(),
        BASE64_STANDARD.encode(text),
        BASE64_STANDARD.encode(format!("a{text}b")),
        BASE64_URL_SAFE_NO_PAD.encode(format!("ab{text}")),
        text.bytes().map(|byte| format!("%{byte:02x}")).collect(),
        text.chars()
            .map(|c| format!("&#{};", u32::from(c)))
            .collect(),
        digits,
    ]
}

/// What of each of these says something of the text that stands in it.
fn core_of(dress: &str) -> &str {
    let core = dress.trim_end_matches('=');
    core.get(3..core.len().saturating_sub(3))
        .filter(|core| core.len() > 5)
        .unwrap_or(dress)
}

/// What is given to the whole run beside user, password and token, the pair of the second user as Basic sends it among
/// it.
const MORE: [(&str, &str); 4] = [
    ("GATE_KEY", "k3y-of-alice"),
    ("GATE_EXPIRED", "t0ken-that-was"),
    ("GATE_MALLORY", "w0rd-of-mallory"),
    ("", "bWFsbG9yeTp3MHJkLW9mLW1hbGxvcnk="),
];

/// A whole run starts nobody and writes what it was told to save and nothing else, so that its secrets are where they came
/// from, and nowhere else: in no output, no file, no argument and no environment of somebody else.
fn leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("given");
    std::fs::write(
        &file,
        format!("user: alice\npassword: {PASSWORD}\ntoken: {TOKEN}\nkey: k3y-of-alice\n"),
    )
    .unwrap();
    let policy = folder.path().join("policy.yaml");
    std::fs::write(
        &policy,
        "expired-token: GATE_EXPIRED\ndisabled-user: {user: mallory, password: GATE_MALLORY}\n",
    )
    .unwrap();
    let saved = folder.path().join("saved");
    let (work, temporary) = (folder.path().join("work"), folder.path().join("tmp"));
    std::fs::create_dir(&work).unwrap();
    std::fs::create_dir(&temporary).unwrap();
    let server = Server::new(look);
    let mut command = countersign();
    command
        .args(["probe", &server.url, "--rate", "1000", "--format", "json"])
        .args(["--credentials", file.to_str().unwrap()])
        .args(["--policy", policy.to_str().unwrap()])
        .args(["--save", saved.to_str().unwrap()])
        .envs([MORE[1], MORE[2]])
        .current_dir(&work)
        .env("TMPDIR", &temporary)
        .env("HOME", &work)
        .env("RUST_BACKTRACE", "1")
        .env("RUST_LOG", "trace")
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped());
    let started = command.spawn().unwrap();
    LOOKED_AT.store(started.id(), Ordering::Relaxed);
    let output = started.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    let (code, out, err) = (
        output.status.code(),
        text(output.stdout),
        text(output.stderr),
    );
    let ended = Ended { code, out, err }.with(1);
    keeps_secrets(&ended);
    let files: Vec<String> = std::fs::read_dir(&saved)
        .unwrap()
        .map(|one| std::fs::read_to_string(one.unwrap().path()).unwrap())
        .collect();
    assert!(!files.is_empty());
    let secrets = [PASSWORD, TOKEN, BASIC].into_iter();
    let secrets: Vec<&str> = secrets.chain(MORE.map(|(_, secret)| secret)).collect();
    for text in files.iter().chain([&ended.out, &ended.err]) {
        for secret in &secrets {
            assert!(!text.contains(secret), "{secret} in\n{text}");
            for dress in dresses(secret) {
                let core = core_of(&dress);
                assert!(!text.contains(core), "{dress} ({secret}) in\n{text}");
            }
        }
    }
    assert!(
        files
            .iter()
            .all(|text| text.contains("x-echo: ***") || text.contains("X-Echo: ***"))
    );
    let seen = SEEN_OF_IT.lock().unwrap();
    assert!(!seen.is_empty() || !std::path::Path::new("/proc/self/cmdline").exists());
    for (said, children) in seen.iter() {
        assert_eq!(children, "", "it started somebody");
        // The variables of the policy are in its own environment, where they came from.
        let said = MORE.iter().fold(said.clone(), |said, (name, secret)| {
            said.replace(&format!("{name}={secret}"), "")
        });
        for secret in &secrets {
            assert!(!said.contains(secret), "{secret} in\n{said}");
        }
    }
    for made in [&work, &temporary] {
        assert_eq!(std::fs::read_dir(made).unwrap().count(), 0);
    }
}

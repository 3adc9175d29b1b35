//! What the tests share.

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::sync::{PoisonError, RwLock, RwLockReadGuard};
use std::time::{Duration, Instant};

use countersign::credentials::{Identity, Secret, Token, TokenState};
use countersign::domain::Setting;
use countersign::domain::Value;
use countersign::implementation::{Installation, Placement};
use libtest_mimic::{Failed, Trial};

/// Held by one trial that looks for children of this process, or by any number of those that do not.
static CHILDREN: RwLock<()> = RwLock::new(());

/// A trial in a runtime of its own, with no other at the same time, after which no child of this process may
/// be left.
pub(crate) fn trial<F: Future<Output = ()>>(
    name: &str,
    test: impl FnOnce() -> F + Send + 'static,
) -> Trial {
    Trial::test(name, move || {
        let _alone = CHILDREN.write().unwrap_or_else(PoisonError::into_inner);
        played(test)?;
        no_child_left()
    })
}

/// A trial in a runtime of its own, beside others of its kind: most of its time it waits for a product.
pub(crate) fn trial_beside_others<F: Future<Output = ()>>(
    name: &str,
    test: impl FnOnce() -> F + Send + 'static,
) -> Trial {
    Trial::test(name, move || {
        let _beside = beside_others();
        played(test)
    })
}

/// While it is held, no trial looks for children of this process.
pub(crate) fn beside_others() -> RwLockReadGuard<'static, ()> {
    CHILDREN.read().unwrap_or_else(PoisonError::into_inner)
}

/// Plays a test to its end, with all that it began.
fn played<F: Future<Output = ()>>(test: impl FnOnce() -> F) -> Result<(), Failed> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    runtime.block_on(test());
    Ok(())
}

/// This program.
pub(crate) fn myself() -> PathBuf {
    std::env::current_exe().unwrap()
}

/// Waits until this process has no child that runs; those that were just killed get a moment.
fn no_child_left() -> Result<(), Failed> {
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_secs(5) {
        if running_in_groups_of(std::process::id()).is_empty() {
            return Ok(());
        }
        std::thread::yield_now();
    }
    let left = running_in_groups_of(std::process::id());
    Err(format!("left behind: {left:?}").into())
}

/// The processes whose parent is `parent`, or whose group one of those leads; zombies are over.
/// Empty where there is no `/proc`.
pub(crate) fn running_in_groups_of(parent: u32) -> BTreeSet<u32> {
    let mut processes = Vec::new();
    for entry in std::fs::read_dir("/proc").into_iter().flatten().flatten() {
        let Some(id) = entry
            .file_name()
            .to_str()
            .and_then(|name| name.parse::<u32>().ok())
        else {
            continue;
        };
        let stat = std::fs::read_to_string(entry.path().join("stat")).unwrap_or_default();
        // The second field, the name, may contain anything; the fields behind it are plain.
        let Some((_, rest)) = stat.rsplit_once(')') else {
            continue;
        };
        let mut fields = rest.split_whitespace();
        let state = fields.next().unwrap_or_default().to_owned();
        let mut number = || {
            fields
                .next()
                .and_then(|text| text.parse::<u32>().ok())
                .unwrap_or(0)
        };
        let (its_parent, group) = (number(), number());
        if state != "Z" {
            processes.push((id, its_parent, group));
        }
    }
    let children: BTreeSet<u32> = processes
        .iter()
        .filter(|(_, its_parent, _)| *its_parent == parent)
        .map(|(id, ..)| *id)
        .collect();
    processes
        .iter()
        .filter(|(id, _, group)| children.contains(id) || children.contains(group))
        .map(|(id, ..)| *id)
        .collect()
}

/// Whether a process runs; a zombie does not.
pub(crate) fn is_running(id: u32) -> bool {
    std::fs::read_to_string(format!("/proc/{id}/stat")).is_ok_and(|stat| {
        !stat
            .rsplit_once(')')
            .is_some_and(|(_, rest)| rest.starts_with(" Z"))
    })
}

/// Alice, with this password and token, and Bob, who may not log in.
pub(crate) fn identities(password: &str, token: &str) -> Vec<Identity> {
    let identity = |user: &str, password: &str, token: &str, enabled| Identity {
        user: user.to_owned(),
        password: Secret::new(password),
        enabled,
        roles: Vec::new(),
        groups: Vec::new(),
        tokens: vec![
            Token {
                value: Secret::new(token),
                state: TokenState::Valid,
                scopes: Vec::new(),
            },
            Token {
                value: Secret::new(format!("{token}-old")),
                state: TokenState::Expired,
                scopes: Vec::new(),
            },
        ],
        api_keys: Vec::new(),
    };
    vec![
        identity("alice", password, token, true),
        identity("bob", "bob", "token-of-bob", false),
    ]
}

/// A policy with these active profiles.
pub(crate) fn policy(schemes: &[&str]) -> Setting {
    let profiles = schemes
        .iter()
        .map(|scheme| {
            Value::record([
                ("scheme", Value::symbol(scheme)),
                ("active", Value::Bool(true)),
            ])
        })
        .collect();
    Setting {
        policy: Value::record([
            ("active", Value::Bool(true)),
            ("profiles", Value::List(profiles)),
            ("advertise_all", Value::Bool(true)),
        ]),
        instance: Value::record([("first_scheme_only", Value::Bool(false))]),
    }
}

/// An installation of these policies.
pub(crate) fn installation(generation: u64, policies: Vec<Setting>) -> Installation {
    Installation {
        upstreams: Vec::new(),
        edit_of: None,
        generation,
        identities: identities("secret", "token"),
        policies,
    }
}

/// Status and challenges of a request to a placement, over a connection of its own.
pub(crate) fn ask(placement: &Placement, path: &str, credentials: &str) -> (u16, Vec<String>) {
    let Placement::Endpoint(endpoint) = placement else {
        panic!("no endpoint: {placement:?}")
    };
    let mut stream = TcpStream::connect(&endpoint.authority).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(10)))
        .unwrap();
    let authorization = match credentials {
        "" => String::new(),
        value => format!("Authorization: {value}\r\n"),
    };
    write!(
        stream,
        "GET {}{path} HTTP/1.1\r\nHost: {}\r\n{authorization}Connection: close\r\n\r\n",
        endpoint.prefix, endpoint.authority
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, _) = answer.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    let challenges = head
        .lines()
        .filter_map(|line| line.split_once(": "))
        .filter(|(name, _)| name.eq_ignore_ascii_case("www-authenticate"))
        .map(|(_, value)| value.to_owned())
        .collect();
    (status, challenges)
}

/// Basic credentials (RFC 7617).
pub(crate) fn basic(user: &str, password: &str) -> String {
    use base64::Engine;
    let pair = format!("{user}:{password}");
    format!(
        "Basic {}",
        base64::engine::general_purpose::STANDARD.encode(pair)
    )
}

/// An answer without what is another at each time: nonces, what is made of them, and where the policy is.
pub(crate) fn steady(answer: &str, placement: &Placement) -> String {
    let mut line = match placement {
        Placement::Endpoint(endpoint) => answer.replace(&endpoint.authority, "HOST:PORT"),
        Placement::Unsupported(_) => answer.to_owned(),
    };
    for name in ["nonce=\"", "opaque=\"", "rspauth=\""] {
        let mut parts = line.split(name);
        let mut out = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let rest = part.split_once('"').map_or("", |(_, rest)| rest);
            out.push_str(&format!("{name}…\"{rest}"));
        }
        line = out;
    }
    line
}

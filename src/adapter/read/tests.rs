//! What is wrong with an adapter is shown where it stands, with what to write instead.

use std::fs;

use crate::adapter::{
    ADAPTER_FILE, Adapter, AdapterKind, Folder, Reload, find_adapter, shipped_names,
};
use crate::credentials::TokenKind;
use crate::implementation::Signal;
use crate::wire::Way;

pub(super) const PROCESS: &str = r#"countersign: 1
adapter: gate
title: A gate
kind: process
program: {find: [gate], version: {run: [-v], after: "gate "}}
install: {debian: [gate]}
programs: {helper: [gate-helper, /usr/libexec/gate-helper]}
env: {GATE_HOME: "{{ dir }}", GATE_LEVEL: 2}
files: {gate.conf: gate.jinja}
directories: [spool/in]
ports: [admin]
ways: {h2c: main, forward-proxy: admin}
start: ["{{ program }}", "{{ dir }}/gate.conf"]
reload: {signal: HUP}
stop: {signal: QUIT, seconds: 3}
probe: {path: /countersign}
log:
  file: gate.log
  port-taken: [in use]
  failed: [fatal]
  events:
    file: audit-{{ port }}.log
    output: true
    underway: {begun: "+", ended: "-"}
    lines: [{line: ":{port} 2{any} {user}", event: LOGIN_SUCCESS, scheme: basic}]
sidecar: {realm: r}
slots: {count: 8, prefix: "/s{{ slot }}", resource: "/v2/?slot={{ slot }}", port: own}
supports: {policy.active: [true], events: true}
knows: [policy.active]
tokens: jwt
alternatives: {advertised-profile: first}
unsupported: [{when: "policy.n > 2", because: two at most}]
"#;

const REMOTE: &str = r#"countersign: 1
adapter: gate
title: A gate
kind: remote
install: {python: {requirements: pinned.txt, version-of: Django}}
start: ["{{ program }}", "{{ folder }}/server.py"]
stop: {seconds: 3}
"#;

const NPM: &str = r#"countersign: 1
adapter: gate
title: A gate
kind: remote
install: {npm: {package: package.json, lock: package-lock.json, version-of: "@gate/core"}}
program: {find: [gate]}
start: ["{{ program }}", "{{ folder }}/server.js"]
env: {NODE_PATH: "{{ home }}/node_modules"}
"#;

pub(super) fn read(text: &str) -> Result<Adapter, String> {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    write(ADAPTER_FILE, text);
    write("gate.jinja", "port {{ port }}\n");
    write("broken.jinja", "{% if %}\n");
    write("pinned.txt", "# what we need\ndjango==5.2.19\n");
    write("loose.txt", "django>=5\n");
    write("package.json", "{}\n");
    write(
        "package-lock.json",
        r#"{"packages": {"node_modules/@gate/core": {"version": "1.2.3"}}}"#,
    );
    let adapter = Adapter::read(Folder::Disk(folder.path().to_owned()));
    adapter.map_err(|problems| problems.render())
}

#[test]
fn every_key_is_read() {
    let adapter = read(PROCESS).unwrap();
    let AdapterKind::Process(recipe) = adapter.kind else {
        panic!("another kind")
    };
    assert_eq!(recipe.reload, Some(Reload::Signal(Signal::Hup)));
    assert_eq!(
        (recipe.stop, recipe.stop_within.as_secs()),
        (Signal::Quit, 3)
    );
    assert_eq!(recipe.ready_within.as_secs(), 10);
    assert_eq!((recipe.slots, recipe.prefix.as_str()), (8, "/s{{ slot }}"));
    assert_eq!(recipe.resource.as_deref(), Some("/v2/?slot={{ slot }}"));
    assert_eq!(recipe.tokens, TokenKind::Jwt);
    assert_eq!(recipe.alternatives["advertised-profile"], "first");
    assert_eq!(recipe.files[0].1, "port {{ port }}\n");
    assert_eq!(
        (recipe.directories, recipe.ports, recipe.own_ports),
        (vec!["spool/in".to_owned()], vec!["admin".to_owned()], true)
    );
    assert_eq!(
        recipe.ways,
        [
            (Way::H2c, None),
            (Way::ForwardProxy, Some("admin".to_owned()))
        ]
    );
    assert_eq!(
        recipe.supports.narrowing.by_path["client.way"].to_string(),
        "http/1.1, h2c, forward-proxy"
    );
    let events = recipe.log.events.unwrap();
    assert_eq!(
        (events.file.as_str(), events.from_output),
        ("audit-{{ port }}.log", true)
    );
    assert_eq!(events.underway.unwrap().ended, "-");
    assert_eq!(events.lines[0].line.to_string(), ":{port} 2{any} {user}");
    assert!(recipe.supports.events);
    assert_eq!(adapter.programs["helper"][1], "/usr/libexec/gate-helper");
    assert_eq!(
        adapter.environment[1],
        ("GATE_LEVEL".to_owned(), "2".to_owned())
    );
    let adapter = read(REMOTE).unwrap();
    assert_eq!(adapter.install.python.unwrap().version, "5.2.19");
    let adapter = read(NPM).unwrap();
    assert_eq!(adapter.install.npm.unwrap().version, "1.2.3");
    assert_eq!(adapter.program.unwrap().version, None);
}

#[test]
fn every_shipped_adapter_is_right() {
    for name in shipped_names() {
        let adapter = find_adapter(name).unwrap_or_else(|fault| panic!("{fault}"));
        assert_eq!(adapter.name, name);
    }
    let text = find_adapter("ngnix").unwrap_err().to_string();
    assert!(
        text.contains("no adapter `ngnix`") && text.contains("did you mean `nginx`?"),
        "{text}"
    );
    let text = find_adapter("zebra").unwrap_err().to_string();
    for name in shipped_names() {
        assert!(text.contains(&format!("`{name}`")), "{text}");
    }
    let text = find_adapter("./nowhere").unwrap_err().to_string();
    assert!(
        text.contains("nowhere/adapter.yaml") && text.contains("cannot be read"),
        "{text}"
    );
    let text = find_adapter("./specs/reachability.yaml").unwrap_err();
    let text = text.to_string();
    for words in [
        "this is a spec, and an adapter's folder is expected",
        "./specs/reachability.yaml:1:1",
        "`countersign run --spec FILE` plays it",
    ] {
        assert!(text.contains(words), "{text}");
    }
}

/// A line of the good adapter, what stands there instead, and what is then said.
#[test]
fn mistakes_are_shown_with_a_remedy() {
    for (good, bad, message, help) in [
        (
            "countersign: 1",
            "countersign: 2",
            "this is not version 1",
            "`countersign: 1`",
        ),
        (
            "adapter: gate\n",
            "",
            "an adapter needs `adapter`",
            "add `adapter: my-gateway`",
        ),
        (
            "title: A gate",
            "title: [a]",
            "`title` must be text, and this is a list",
            "quotes",
        ),
        (
            "kind: process",
            "kind: proces",
            "no kind `proces`",
            "did you mean `process`?",
        ),
        (
            "kind: process",
            "kind: fixed",
            "no kind `fixed`",
            "`remote` (control protocol)",
        ),
        (
            "sidecar: ",
            "sidcar: ",
            "an adapter has no key `sidcar`",
            "did you mean `sidecar`?",
        ),
        (
            "find: [gate]",
            "find: gate",
            "`find` must be a list, and this is text",
            "brackets",
        ),
        (
            "find: [gate]",
            "find: []",
            "`find` lists nothing",
            "at least one",
        ),
        (
            "find: [gate]",
            "find: [{a: b}]",
            "`find` must list texts",
            "quotes",
        ),
        (
            "run: [-v], ",
            "",
            "`version` needs `run`",
            "add `run: [--version]`",
        ),
        (
            "debian: [gate]",
            "debain: [gate]",
            "`install` has no key `debain`",
            "`debian`?",
        ),
        (
            "{helper: [gate-helper, /usr/libexec/gate-helper]}",
            "[gate-helper]",
            "`programs` must be a mapping",
            "`java: [java]`",
        ),
        (
            "{GATE_HOME: \"{{ dir }}\", GATE_LEVEL: 2}",
            "[GATE_LEVEL]",
            "`env` must be a mapping",
            "NODE_ENV",
        ),
        (
            "GATE_LEVEL: 2",
            "GATE-LEVEL: 2",
            "`GATE-LEVEL` is not the name of a variable",
            "letters",
        ),
        (
            "GATE_LEVEL: 2",
            "GATE_LEVEL: [2]",
            "`GATE_LEVEL` must be text",
            "quotes",
        ),
        (
            "[spool/in]",
            "[../in]",
            "leads out of the working directory",
            "relative",
        ),
        (
            "port: own",
            "port: any",
            "`port` cannot be `any`",
            "`port: own`",
        ),
        (
            "{gate.conf: gate.jinja}",
            "gate.jinja",
            "`files` must be a mapping",
            "`my.conf:",
        ),
        (
            "gate.conf: ",
            "../gate.conf: ",
            "leads out of the working directory",
            "relative",
        ),
        (
            "gate.conf: gate.jinja",
            "a: none.jinja",
            "`none.jinja` cannot be read",
            "beside",
        ),
        (
            "gate.conf: gate.jinja",
            "a: /etc/x",
            "`/etc/x` is not a file of the",
            "relative",
        ),
        (
            "gate.conf: gate.jinja",
            "a: broken.jinja",
            "does not parse",
            "minijinja",
        ),
        (
            "{{ dir }}/gate",
            "{{ dir /gate",
            "is not a template",
            "{{ program }}",
        ),
        (
            "start: [",
            "begin: [",
            "an adapter needs `start`",
            "add `start:",
        ),
        (
            "signal: HUP",
            "signal: HUPP",
            "`HUPP` is not a signal",
            "did you mean `HUP`?",
        ),
        (
            "signal: HUP",
            "signal: X-RAY",
            "`X-RAY` is not a signal",
            "the signals are `HUP`",
        ),
        (
            "{signal: HUP}",
            "{beside: false}",
            "`reload` needs one of",
            "leave `reload` out",
        ),
        (
            "reload: {signal: HUP}",
            "edit: {beside: true}",
            "`edit` has no key `beside`",
            "`signal`",
        ),
        (
            "reload: {signal: HUP}",
            "edit: {}",
            "`edit` needs one of `signal` and `command`",
            "leave `edit` out",
        ),
        (
            "{signal: HUP}",
            "{signal: HUP, command: [a]}",
            "`reload` needs one of",
            "HUP",
        ),
        (
            "seconds: 3",
            "seconds: 0",
            "between 1 and 600",
            "`seconds: 5`",
        ),
        (
            "path: /countersign",
            "path: token",
            "a path that begins with `/`",
            "`/countersign`",
        ),
        (
            "failed: [fatal]",
            "failed: fatal",
            "`failed` must be a list",
            "brackets",
        ),
        (
            "{realm: r}",
            "{}",
            "`sidecar` needs `realm`",
            "add `realm: countersign`",
        ),
        (
            "h2c: main",
            "h4: main",
            "there is no way `h4` beside HTTP/1.1",
            "`forward-proxy`",
        ),
        (
            "h2c: main",
            "h2c: side",
            "there is no port `side`",
            "among `ports`",
        ),
        (
            "policy.active: [true]",
            "client.way: [h2c]",
            "says nothing of where",
            "under `ways`",
        ),
        (
            "tokens: jwt",
            "tokens: saml",
            "this is no kind of token",
            "write one of opaque, jwt",
        ),
        (
            "count: 8",
            "count: many",
            "`count` must be a whole number between 1 and 4096",
            "64",
        ),
        (
            "prefix: \"/s",
            "prefix: \"s",
            "`prefix` must be a path",
            "begins with `/`",
        ),
        (
            "[true]",
            "true",
            "`policy.active` is neither a list nor a range",
            "`[true]`",
        ),
        (
            "knows: [policy.active]",
            "knows: []",
            "`knows` lists nothing",
            "at least one",
        ),
        (
            "{advertised-profile: first}",
            "[first]",
            "`alternatives` must be a mapping",
            "first",
        ),
        (
            "profile: first",
            "profile: [first]",
            "`advertised-profile` must be text",
            "choices",
        ),
        ("[{when", "{when", "`unsupported` must be a list", "when:"),
        (
            "policy.n > 2",
            "policy.n >",
            "`policy.n >` is no expression",
            "`instance`",
        ),
        (
            ", because: two at most",
            "",
            "needs `because`",
            "add `because:",
        ),
    ] {
        assert!(PROCESS.contains(good), "{good}");
        let text = match (good, bad) {
            ("[{when", _) => PROCESS
                .replace("[{when", "{when")
                .replace("most}]", "most}"),
            _ => PROCESS.replacen(good, bad, 1),
        };
        expect(&text, message, help);
    }
    for (good, bad, message, help) in [
        (
            "pinned.txt",
            "loose.txt",
            "`django>=5` in this file has no pinned version",
            "pin it",
        ),
        (
            "version-of: Django",
            "version-of: flask",
            "pin no package `flask`",
            "name one",
        ),
        (
            "start: ",
            "control: x\nstart: ",
            "exclude each other",
            "keep one",
        ),
        (
            "stop: ",
            "supports: {}\nstop: ",
            "kind remote has no key `supports`",
            "remove it",
        ),
        (
            "{seconds: 3}",
            "{signal: HUP}",
            "`stop` has no key `signal`",
            "`seconds`",
        ),
        (
            "start: [",
            "# [",
            "needs `start` or `control`",
            "control URL",
        ),
    ] {
        assert!(REMOTE.contains(good), "{good}");
        expect(&REMOTE.replacen(good, bad, 1), message, help);
    }
    for (good, bad, message, help) in [
        (
            "@gate/core",
            "@gate/cor",
            "has no package `@gate/cor`",
            "package.json",
        ),
        (
            "lock: package-lock.json",
            "lock: gate.jinja",
            "is not JSON",
            "npm install",
        ),
        (
            "install: {npm",
            "install: {python: {requirements: pinned.txt, version-of: django}, npm",
            "exclude each other",
            "keep the one",
        ),
        (
            "find: [gate]",
            "find: [gate], version: {run: [-v], after: v}",
            "`program` has no key `version`",
            "knows `find`",
        ),
    ] {
        assert!(NPM.contains(good), "{good}");
        expect(&NPM.replacen(good, bad, 1), message, help);
    }
    // Without packages either, the version is what the program says by the protocol.
    let own = REMOTE.replacen(
        "install: {python: {requirements: pinned.txt, version-of: Django}}\n",
        "",
        1,
    );
    let own = own.replacen("start: ", "program: {find: [gate]}\nstart: ", 1);
    assert!(read(&own).is_ok(), "{:?}", read(&own).err());
    let running = "countersign: 1\nadapter: a\ntitle: A\nkind: remote\ncontrol: http://192.0.2.1\n";
    expect(running, "is not on a loopback address", "127.0.0.1:43210");
}

pub(super) fn expect(text: &str, message: &str, help: &str) {
    let Err(shown) = read(text) else {
        panic!("taken as right:\n{text}")
    };
    assert!(shown.contains("adapter.yaml:"), "{shown}");
    assert!(shown.contains(message), "`{message}` is not in:\n{shown}");
    assert!(shown.contains(help), "`{help}` is not in:\n{shown}");
}

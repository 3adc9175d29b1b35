//! Pages of HTML in a real browser: Chromium without a window, told what to do by its driver (W3C WebDriver).

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use libtest_mimic::Trial;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{countersign, ended, trial, wanting};

pub(crate) fn trials() -> Vec<Trial> {
    let trials = [
        trial("browser::a_run_is_read_filtered_and_copied", a_run),
        trial("browser::implementations_beside_each_other", a_comparison),
        trial("browser::who_gets_in", who_gets_in),
        trial("browser::what_a_server_says_does_nothing", hostile),
    ];
    let trials = trials.into_iter();
    trials.map(|trial| wanting("chromedriver", trial)).collect()
}

/// A browser with its driver, both of which end with it.
struct Browser {
    runtime: tokio::runtime::Runtime,
    driver: Child,
    session: String,
    folder: TempDir,
}

/// What keeps a driver's answers readable.
const NOTHING: Value = Value::Null;

impl Browser {
    fn start() -> Self {
        let mut driver = Command::new("chromedriver")
            .arg("--port=0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(driver.stdout.take().unwrap()).lines();
        let port = lines.find_map(|line| {
            let line = line.unwrap();
            let (_, port) = line.split_once("started successfully on port ")?;
            Some(port.trim_end_matches('.').to_owned())
        });
        // It is read to its end, or the driver could not write on.
        std::thread::spawn(move || lines.map_while(Result::ok).for_each(drop));
        let folder = tempfile::tempdir().unwrap();
        let profile = format!(
            "--user-data-dir={}",
            folder.path().join("profile").display()
        );
        let arguments = json!([
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            profile,
        ]);
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let mut browser = Self {
            runtime,
            driver,
            session: format!("http://127.0.0.1:{}/session", port.unwrap()),
            folder,
        };
        let wanted = json!({"capabilities": {"alwaysMatch": {
            "goog:chromeOptions": {"args": arguments},
            "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"},
        }}});
        let begun = browser.post("", &wanted);
        let id = begun["sessionId"].as_str().unwrap().to_owned();
        browser.session = format!("{}/{id}", browser.session);
        browser
    }

    fn post(&self, path: &str, body: &Value) -> Value {
        let url = format!("{}{path}", self.session);
        let answer = self.runtime.block_on(async {
            let client = reqwest::Client::builder().no_proxy().build().unwrap();
            let sent = client.post(&url).json(body).send().await.unwrap();
            sent.json::<Value>().await.unwrap()
        });
        let value = &answer["value"];
        assert!(value["error"].is_null(), "{path}: {value:#}");
        value.clone()
    }

    /// Opens a page from disk, as somebody does who was sent it.
    fn open(&self, name: &str, page: &str) {
        let file = self.folder.path().join(name);
        std::fs::write(&file, page).unwrap();
        let url = format!("file://{}", file.display());
        self.post("/url", &json!({"url": url}));
    }

    /// What the body of a function of JavaScript returns in the page.
    fn run(&self, script: &str) -> Value {
        self.post("/execute/sync", &json!({"script": script, "args": []}))
    }

    fn devtools(&self, command: &str, parameters: &Value) -> Value {
        let body = json!({"cmd": command, "params": parameters});
        self.post("/goog/cdp/execute", &body)
    }

    fn wears(&self, scheme: &str) {
        let feature = json!({"name": "prefers-color-scheme", "value": scheme});
        self.devtools(
            "Emulation.setEmulatedMedia",
            &json!({"features": [feature]}),
        );
    }

    fn is_wide(&self, width: u32) {
        let size =
            json!({"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600});
        self.devtools("Emulation.setDeviceMetricsOverride", &size);
    }

    /// Types keys into whatever has the focus.
    fn types(&self, keys: &[&str]) {
        let actions = |kind: &'static str| move |key: &&str| json!({"type": kind, "value": key});
        let down = keys.iter().map(actions("keyDown"));
        let up = keys.iter().rev().map(actions("keyUp"));
        let actions: Vec<Value> = down.chain(up).collect();
        let keyboard = json!({"type": "key", "id": "keyboard", "actions": actions});
        self.post("/actions", &json!({"actions": [keyboard]}));
    }

    fn log(&self, kind: &str) -> Vec<Value> {
        let entries = self.post("/se/log", &json!({"type": kind}));
        entries.as_array().unwrap().clone()
    }

    /// Fails where the page complained of anything, or anything was asked for beside the page itself.
    fn is_quiet(&self) {
        assert_eq!(self.log("browser"), [NOTHING; 0]);
        for entry in self.log("performance") {
            let message: Value = serde_json::from_str(entry["message"].as_str().unwrap()).unwrap();
            let message = &message["message"];
            let by = message["params"]["documentURL"]
                .as_str()
                .unwrap_or_default();
            // The browser's own pages ask for theirs.
            if message["method"] == "Network.requestWillBeSent" && !by.starts_with("chrome://") {
                let url = message["params"]["request"]["url"].as_str().unwrap();
                let is_page = url.starts_with("file://") && url.contains(".html");
                assert!(is_page || url.starts_with("data:"), "{url}");
            }
        }
        assert_eq!(
            self.run("return performance.getEntriesByType('resource').length"),
            0
        );
    }

    /// Fails where words are hard to read before what is behind them, by day, by night and on a phone, or where a
    /// page is wider than its window.
    fn is_legible(&self, name: &str) {
        for (scheme, width) in [
            ("light", 1280),
            ("dark", 1280),
            ("light", 390),
            ("dark", 390),
        ] {
            self.wears(scheme);
            self.is_wide(width);
            let faint = self.run(CONTRAST);
            assert_eq!(faint, json!([]), "{name}, {scheme}, {width}");
            let wide = self.run("return document.documentElement.scrollWidth - innerWidth");
            assert!(
                wide.as_i64().unwrap() <= 0,
                "{name}, {scheme}, {width}: {wide} too wide"
            );
            self.keep(&format!("{name}-{scheme}-{width}"));
        }
        self.wears("light");
        self.is_wide(1280);
    }

    /// Fails where somebody who does not see the page cannot find the way in it.
    fn has_landmarks(&self, name: &str) {
        let found = self.run(LANDMARKS);
        assert_eq!(found, json!([]), "{name}");
    }

    /// Keeps a picture where that is asked for.
    fn keep(&self, name: &str) {
        let Some(folder) = std::env::var_os("SCREENSHOTS") else {
            return;
        };
        use base64::Engine as _;
        let shot = self.devtools(
            "Page.captureScreenshot",
            &json!({"captureBeyondViewport": true, "format": "png"}),
        );
        let data = shot["data"].as_str().unwrap();
        let picture = base64::engine::general_purpose::STANDARD
            .decode(data)
            .unwrap();
        std::fs::write(Path::new(&folder).join(format!("{name}.png")), picture).unwrap();
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let url = self.session.clone();
        let _ = self.runtime.block_on(async {
            let client = reqwest::Client::builder().no_proxy().build()?;
            client.delete(&url).send().await
        });
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

/// The words of which the contrast with what is behind them is less than WCAG 2.2 §1.4.3 asks for.
const CONTRAST: &str = include_str!("browser/contrast.js");

/// What is missing of landmarks, headings, names and the order of headings.
const LANDMARKS: &str = include_str!("browser/landmarks.js");

/// The saved run of the examples in a format of reports.
fn example(format: &str) -> String {
    let arguments = ["report", "examples/run.json", "--format", format];
    ended(countersign().args(arguments)).with(0).out
}

fn a_run() {
    let browser = Browser::start();
    browser.open("run.html", &example("html"));
    browser.has_landmarks("run");
    assert!(
        browser
            .run("return document.querySelector('h1').innerText")
            .as_str()
            .unwrap()
            .contains("reference departs")
    );
    // What is linked to stands open, and the first finding does anyway.
    let open = "return [...document.querySelectorAll('details.finding')].map((one) => one.open)";
    assert_eq!(browser.run(open), json!([true, false, false]));
    browser.run("location.hash = '#finding-2'");
    browser.run("return new Promise((done) => setTimeout(done))");
    assert_eq!(browser.run(open), json!([true, true, false]));
    browser.run("document.querySelector('[data-open]').click()");
    assert_eq!(browser.run(open), json!([true, true, true]));
    // By the keyboard: to the filter, a word, and what is left of the rules.
    let shown = "return [...document.querySelectorAll('tr[data-row]')].filter((row) => row.checkVisibility()).length";
    let all = browser.run(shown).as_u64().unwrap();
    assert!(all > 20, "{all}");
    browser.types(&["/"]);
    for key in ["q", "u", "o", "t", "e", "s"] {
        browser.types(&[key]);
    }
    let left = browser.run(shown).as_u64().unwrap();
    assert!(0 < left && left < all, "{left} of {all}");
    let told = browser.run("return document.querySelector('[data-count]').textContent");
    assert_eq!(told, format!("{left} of {all} shown"));
    browser.run("const one = document.querySelector('[data-filter]'); one.value = ''; one.dispatchEvent(new Event('input'))");
    assert_eq!(browser.run(shown), all);
    browser.run("document.querySelector('#v-passed').click()");
    assert!(browser.run(shown).as_u64().unwrap() < all / 2);
    // A command is copied: what is pasted is that.
    let command = browser.run("return document.querySelector('.command code').textContent");
    browser.run("document.querySelector('.command .copy').focus()");
    browser.types(&["\u{e007}"]);
    let word = "return document.querySelector('.command .copy').textContent";
    crate::support::until("the word that it is copied", || {
        (browser.run(word) == "Copied").then_some(())
    });
    browser.run("document.querySelector('[data-filter]').focus()");
    browser.types(&["\u{e009}", "v"]);
    let pasted = browser.run("return document.querySelector('[data-filter]').value");
    assert_eq!(pasted, command);
    browser.run("document.querySelector('#v-passed').click(); document.querySelector('[data-filter]').value = ''; document.querySelector('[data-filter]').dispatchEvent(new Event('input'))");
    browser.is_legible("run");
    browser.is_quiet();
    // Without its script everything is there, and boxes filter.
    browser.devtools(
        "Emulation.setScriptExecutionDisabled",
        &json!({"value": true}),
    );
    browser.open("plain.html", &example("html"));
    assert_eq!(browser.run(shown), all);
    let idle = "return [...document.querySelectorAll('[data-script], .copy')].some((one) => one.checkVisibility())";
    assert_eq!(browser.run(idle), false);
    browser.run("document.querySelector('#v-passed').click()");
    assert!(browser.run(shown).as_u64().unwrap() < all / 2);
    browser.run("document.querySelectorAll('details.finding > summary')[1].click()");
    assert_eq!(browser.run(open), json!([true, true, false]));
}

fn a_comparison() {
    let browser = Browser::start();
    let arguments = [
        "compare",
        "reference",
        "reference",
        "--spec",
        "reachability",
        "--cases",
        "600",
        "--format",
        "html",
    ];
    let page = ended(countersign().args(arguments)).with(0).out;
    browser.open("comparison.html", &page);
    browser.has_landmarks("comparison");
    // A cell that broke leads to what was seen, which then stands open.
    browser.run("document.querySelector('.heat a.bad').click()");
    browser.run("return new Promise((done) => setTimeout(done))");
    let target = browser.run("return document.querySelector(':target')?.open");
    assert_eq!(target, true);
    let shown = "return [...document.querySelectorAll('tr[data-row]')].filter((row) => row.checkVisibility()).length";
    let all = browser.run(shown).as_u64().unwrap();
    browser.run("document.querySelector('#only-broken').click()");
    let broken = browser.run(shown).as_u64().unwrap();
    assert!(0 < broken && broken < all, "{broken} of {all}");
    browser.is_legible("comparison");
    browser.is_quiet();
}

fn who_gets_in() {
    let browser = Browser::start();
    let arguments = [
        "reach",
        "--response",
        "tests/responses/registry.http",
        "--accepts",
        "basic,bearer",
        "--format",
        "html",
    ];
    let page = ended(countersign().args(arguments)).with(0).out;
    browser.open("reach.html", &page);
    browser.has_landmarks("reach");
    let layouts = browser.run("return document.querySelectorAll('.layouts li').length");
    assert!(layouts.as_u64().unwrap() >= 2, "{layouts}");
    let causes = browser.run("return document.querySelectorAll('#out .cause li').length");
    assert!(causes.as_u64().unwrap() > 0);
    browser.is_legible("reach");
    browser.is_quiet();
}

/// A run in which everything that a server or a file decides tries to be more than text.
fn hostile() {
    let words = "</pre></script><script>window.broke=1</script><img src=x onerror=window.broke=1>\
                 <!--style-->\" onclick=\"window.broke=1\" {{ 7*7 }} {% raw %} javascript:x \u{202e}txt\u{0}\u{1b}[2J";
    let mut run: Value = serde_json::from_str(include_str!("../../examples/run.json")).unwrap();
    put(&mut run, words, "");
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("run.json"), run.to_string()).unwrap();
    let mut command = countersign();
    command.current_dir(folder.path());
    let page = ended(command.args(["report", "run.json", "--format", "html"]))
        .with(0)
        .out;
    let browser = Browser::start();
    browser.open("hostile.html", &page);
    let found = browser.run(
        "return [window.broke ?? 0, document.images.length, document.scripts.length, \
         document.querySelectorAll('[onclick], [onerror]').length, \
         document.body.textContent.includes('window.broke=1'), document.body.textContent.includes('\\u202e'), \
         document.body.textContent.includes(' 49 '), \
         [...document.links].every((one) => /^(https|file):$/.test(one.protocol))]",
    );
    assert_eq!(found, json!([0, 0, 1, 0, true, false, false, true]));
    browser.has_landmarks("hostile");
    browser.is_legible("hostile");
    browser.is_quiet();
}

/// Puts these words behind each text that has no form of its own.
fn put(value: &mut Value, words: &str, key: &str) {
    const TEXTS: [&str; 13] = [
        "defect", "impact", "sentence", "expected", "observed", "document", "section", "note",
        "change", "notices", "name", "title", "body",
    ];
    match value {
        // Bytes are kept as characters of Latin-1.
        Value::String(text) if key == "body" => {
            text.extend(words.chars().filter(|c| u32::from(*c) < 0x100));
        }
        Value::String(text) if TEXTS.contains(&key) => text.push_str(words),
        Value::Array(items) => items.iter_mut().for_each(|item| put(item, words, key)),
        Value::Object(keys) => keys.iter_mut().for_each(|(key, item)| {
            // Fields of an answer are held to a form of their own.
            if key != "evidence" {
                put(item, words, key);
            }
        }),
        _ => {}
    }
}

//! Reading `adapter.yaml`, with every mistake shown where it stands.

use std::collections::BTreeMap;
use std::time::Duration;

use super::parts::{count, inside, rooted, seconds, signal, some_texts, texts};
use super::{ADAPTER_FILE, Adapter, Folder, Install, Kind, Log, Origin, Program};
use super::{Python, Recipe, Reload};
use crate::implementation::control::loopback;
use crate::implementation::signal::Signal;
use crate::implementation::supports::{Supports, supports_from_yaml};
use crate::implementation::template::{check_expression, check_template};
use crate::yaml::{self, Diagnostic, Diagnostics, Fields, Node, Source, Span, nearest};

/// The seconds that a program has to end, to become ready.
const USUAL_STOP: u64 = 5;
const USUAL_READY: u64 = 10;

/// The most slots of an adapter.
const MOST_SLOTS: i64 = 4096;

/// The keys that only kind *process* has; a remote program speaks for itself.
const PROCESS_KEYS: [&str; 10] = [
    "files",
    "reload",
    "probe",
    "log",
    "sidecar",
    "slots",
    "supports",
    "knows",
    "alternatives",
    "unsupported",
];

impl Adapter {
    /// Reads the adapter in a folder.
    ///
    /// # Errors
    ///
    /// Diagnostics where `adapter.yaml` cannot be read, has unknown or missing keys, values of
    /// another type, templates that are missing or do not parse, or versions that are not pinned.
    pub fn read(folder: Folder) -> Result<Self, Diagnostics> {
        let shown = folder.shown(ADAPTER_FILE);
        let text = folder.read(ADAPTER_FILE).map_err(|error| {
            let mut problems = Diagnostics::new(Source::new(shown.clone(), ""));
            problems.push(Diagnostic::error(
                Span::default(),
                format!("this file cannot be read: {error}"),
                format!("an adapter is a folder that contains `{ADAPTER_FILE}`"),
            ));
            problems
        })?;
        let source = Source::new(shown, &*text);
        let node = yaml::read(&source)?;
        let mut reader = Reader {
            folder,
            problems: Diagnostics::new(source),
        };
        let adapter = reader.adapter(&node);
        match adapter {
            Some(adapter) if !reader.problems.has_errors() => Ok(adapter),
            _ => Err(reader.problems),
        }
    }
}

struct Reader {
    folder: Folder,
    problems: Diagnostics,
}

impl Reader {
    fn adapter(&mut self, node: &Node) -> Option<Adapter> {
        let mut fields = Fields::new(node, "an adapter", &mut self.problems)?;
        if let Some(version) = fields.required("countersign", "1", &mut self.problems)
            && version.scalar_text().as_deref() != Some("1")
        {
            self.error(version, "this is not version 1", "write `countersign: 1`");
        }
        let name = fields.required_text("adapter", "my-gateway", &mut self.problems);
        let title = fields.required_text("title", "My gateway", &mut self.problems);
        let kind = fields.required("kind", "process", &mut self.problems);
        let program = fields.optional("program");
        let install = fields.optional("install");
        let program = program.and_then(|node| self.program(node));
        let install = install.map_or_else(Install::default, |node| self.install(node));
        let kind = match kind.map(|node| (node, node.text().unwrap_or_default())) {
            Some((_, "process")) => self.recipe(&mut fields).map(Box::new).map(Kind::Process),
            Some((node, "remote")) => self.origin(node, &mut fields).map(Kind::Remote),
            Some((node, word)) => {
                let help = match nearest(word, ["process", "remote"]) {
                    Some(meant) => format!("did you mean `{meant}`?"),
                    None => "write `process` (templates) or `remote` (control protocol)".to_owned(),
                };
                self.error(node, format!("there is no kind `{word}`"), help);
                return None;
            }
            None => return None,
        };
        fields.finish(&mut self.problems);
        Some(Adapter {
            name: name?.to_owned(),
            title: title?.to_owned(),
            folder: self.folder.clone(),
            program,
            install,
            kind: kind?,
        })
    }

    fn program(&mut self, node: &Node) -> Option<Program> {
        let problems = &mut self.problems;
        let mut fields = Fields::new(node, "`program`", problems)?;
        let find = fields.required("find", "[my-gateway]", problems);
        let version = fields.required("version", "{run: [--version], after: \"v\"}", problems);
        fields.finish(problems);
        let find = some_texts(find?, "find", problems);
        let mut fields = Fields::new(version?, "`version`", problems)?;
        let run = fields.required("run", "[--version]", problems);
        let after = fields.required_text("after", "\"version \"", problems);
        fields.finish(problems);
        Some(Program {
            find,
            version: texts(run?, "run", problems),
            after: after?.to_owned(),
        })
    }

    fn install(&mut self, node: &Node) -> Install {
        let mut install = Install::default();
        let Some(mut fields) = Fields::new(node, "`install`", &mut self.problems) else {
            return install;
        };
        if let Some(packages) = fields.optional("debian") {
            install.debian = some_texts(packages, "debian", &mut self.problems);
        }
        if let Some(python) = fields.optional("python") {
            install.python = self.python(python);
        }
        fields.finish(&mut self.problems);
        install
    }

    fn python(&mut self, node: &Node) -> Option<Python> {
        let mut fields = Fields::new(node, "`python`", &mut self.problems)?;
        let file = fields.required("requirements", "requirements.txt", &mut self.problems);
        let package = fields.required("version-of", "my-package", &mut self.problems);
        fields.finish(&mut self.problems);
        let (file, package) = (file?, package?);
        let requirements = self.file(file)?;
        let lines = || {
            requirements
                .lines()
                .map(str::trim)
                .filter(|line| !line.is_empty() && !line.starts_with('#'))
        };
        if let Some(loose) = lines().find(|line| !line.contains("==")) {
            self.error(
                file,
                format!("`{loose}` in this file has no pinned version"),
                "pin it, such as `package==1.2.3`, so that everybody tests the same",
            );
        }
        let name = package.text().unwrap_or_default();
        let version = lines().find_map(|line| match line.split_once("==") {
            Some((found, version)) if found.eq_ignore_ascii_case(name) => Some(version.trim()),
            _ => None,
        });
        let Some(version) = version.map(str::to_owned) else {
            self.error(
                package,
                format!("the requirements pin no package `{name}`"),
                "name one of the packages in that file",
            );
            return None;
        };
        Some(Python {
            requirements,
            version,
        })
    }

    fn origin(&mut self, kind: &Node, fields: &mut Fields<'_>) -> Option<Origin> {
        for key in PROCESS_KEYS {
            if let Some(entry) = fields.entry(key) {
                self.problems.push(
                    Diagnostic::error(
                        entry.key_span,
                        format!("an adapter of kind remote has no key `{key}`"),
                        "remove it: the program says it in its answers (control protocol)",
                    )
                    .related(kind.span, "the kind"),
                );
            }
        }
        let (stop, _) = self.stop(fields, false);
        match (fields.entry("start"), fields.entry("control")) {
            (Some(entry), None) => Some(Origin::Started {
                command: self.command(&entry.value, "start"),
                stop,
            }),
            (None, Some(entry)) => {
                let url = entry.value.text().unwrap_or_default();
                if let Err(why) = loopback(url) {
                    self.error(
                        &entry.value,
                        format!("`{url}` {why}"),
                        "write `control: http://127.0.0.1:43210`",
                    );
                }
                Some(Origin::Running(url.to_owned()))
            }
            (None, None) => {
                self.error(
                    kind,
                    "an adapter of kind remote needs `start` or `control`",
                    "add the command that starts the program, or the control URL of a running one",
                );
                None
            }
            (Some(_), Some(entry)) => {
                self.problems.push(Diagnostic::error(
                    entry.key_span,
                    "`start` and `control` exclude each other",
                    "a program that is started prints its control URL itself: keep one of the two",
                ));
                None
            }
        }
    }

    fn recipe(&mut self, fields: &mut Fields<'_>) -> Option<Recipe> {
        let problems = &mut self.problems;
        let files = fields.required("files", "{my.conf: my.conf.jinja}", problems);
        let start = fields.required("start", "[\"{{ program }}\"]", problems);
        let probe = fields.required("probe", "{path: /countersign}", problems);
        let slots = fields.required("slots", "{count: 64, prefix: \"/s{{ slot }}\"}", problems);
        let supports = fields.required("supports", "{events: false}", problems);
        let files = files.map(|node| self.files(node));
        let start = start.map(|node| self.command(node, "start"));
        let reload = fields.optional("reload").and_then(|node| self.reload(node));
        let (stop_within, stop) = self.stop(fields, true);
        let (probe, ready_within) = probe.and_then(|node| self.probe(node)).unzip();
        let log = fields.optional("log").and_then(|node| self.log(node));
        let sidecar = fields.optional("sidecar").and_then(|node| {
            let mut fields = Fields::new(node, "`sidecar`", &mut self.problems)?;
            let realm = fields.required_text("realm", "countersign", &mut self.problems);
            fields.finish(&mut self.problems);
            realm.map(str::to_owned)
        });
        let (slots, prefix) = slots.and_then(|node| self.slots(node)).unzip();
        let supports = supports.map(|node| self.supports(node));
        let knows = fields
            .optional("knows")
            .map(|node| some_texts(node, "knows", &mut self.problems));
        let alternatives = fields.optional("alternatives");
        let unsupported = fields.optional("unsupported");
        let alternatives = alternatives.map(|node| self.choices(node));
        let unsupported = unsupported.map(|node| self.unsupported(node));
        Some(Recipe {
            files: files?,
            start: start?,
            reload,
            stop,
            stop_within,
            probe: probe?,
            ready_within: ready_within?,
            log: log.unwrap_or_default(),
            sidecar,
            slots: slots?,
            prefix: prefix?,
            supports: supports?,
            knows,
            alternatives: alternatives.unwrap_or_default(),
            unsupported: unsupported.unwrap_or_default(),
        })
    }

    fn files(&mut self, node: &Node) -> Vec<(String, String)> {
        let Some(entries) = node.entries() else {
            self.error(
                node,
                format!("`files` must be a mapping, and this is {}", node.noun()),
                "write each file with its template, such as `my.conf: my.conf.jinja`",
            );
            return Vec::new();
        };
        let mut files = Vec::new();
        for entry in entries {
            if !inside(&entry.key) {
                self.problems.push(Diagnostic::error(
                    entry.key_span,
                    format!("`{}` leads out of the working directory", entry.key),
                    "write a relative path without `..`",
                ));
            }
            let Some(text) = self.file(&entry.value) else {
                continue;
            };
            if let Err(why) = check_template(&text) {
                self.error(
                    &entry.value,
                    format!("this template does not parse: {why}"),
                    "the template language is Jinja's, as minijinja has it",
                );
            }
            files.push((entry.key.clone(), text));
        }
        files
    }

    /// The text of the file of the adapter that a node names.
    fn file(&mut self, node: &Node) -> Option<String> {
        let name = node.text().unwrap_or_default();
        if !inside(name) {
            self.error(
                node,
                format!("`{name}` is not a file of the adapter's folder"),
                "write a relative path without `..`",
            );
            return None;
        }
        match self.folder.read(name) {
            Ok(text) => Some(text.into_owned()),
            Err(error) => {
                let help = format!("put the file beside `{ADAPTER_FILE}`");
                self.error(node, format!("`{name}` cannot be read: {error}"), help);
                None
            }
        }
    }

    /// Program and arguments; each part is a template.
    fn command(&mut self, node: &Node, key: &str) -> Vec<String> {
        let parts = some_texts(node, key, &mut self.problems);
        for part in &parts {
            self.template(node, part);
        }
        parts
    }

    fn template(&mut self, node: &Node, text: &str) {
        if let Err(why) = check_template(text) {
            self.error(
                node,
                format!("`{text}` is not a template: {why}"),
                "write `{{ name }}` in quotes for a value, such as \"{{ program }}\"",
            );
        }
    }

    fn reload(&mut self, node: &Node) -> Option<Reload> {
        let mut fields = Fields::new(node, "`reload`", &mut self.problems)?;
        let by_signal = fields.optional("signal");
        let by_command = fields.optional("command");
        let beside = fields.optional("beside");
        fields.finish(&mut self.problems);
        match (by_signal, by_command, beside) {
            (Some(word), None, None) => signal(word, &mut self.problems).map(Reload::Signal),
            (None, Some(parts), None) => Some(Reload::Command(self.command(parts, "command"))),
            (None, None, Some(said)) if matches!(said.kind, yaml::Kind::Bool(true)) => {
                Some(Reload::Beside)
            }
            _ => {
                self.error(
                    node,
                    "`reload` needs one of `signal`, `command` and `beside: true`",
                    "write `{signal: HUP}`, or leave `reload` out to end and start it each time",
                );
                None
            }
        }
    }

    fn stop(&mut self, fields: &mut Fields<'_>, with_signal: bool) -> (Duration, Signal) {
        let usual = (Duration::from_secs(USUAL_STOP), Signal::Term);
        let Some(node) = fields.optional("stop") else {
            return usual;
        };
        let Some(mut fields) = Fields::new(node, "`stop`", &mut self.problems) else {
            return usual;
        };
        let within = seconds(fields.optional("seconds"), USUAL_STOP, &mut self.problems);
        let word = with_signal.then(|| fields.optional("signal")).flatten();
        fields.finish(&mut self.problems);
        let found = word.and_then(|word| signal(word, &mut self.problems));
        (within, found.unwrap_or(Signal::Term))
    }

    fn probe(&mut self, node: &Node) -> Option<(String, Duration)> {
        let mut fields = Fields::new(node, "`probe`", &mut self.problems)?;
        let path = fields.required("path", "/countersign", &mut self.problems);
        let within = seconds(fields.optional("seconds"), USUAL_READY, &mut self.problems);
        fields.finish(&mut self.problems);
        rooted(path?, "path", &mut self.problems);
        Some((path?.text()?.to_owned(), within))
    }

    fn log(&mut self, node: &Node) -> Option<Log> {
        let problems = &mut self.problems;
        let mut fields = Fields::new(node, "`log`", problems)?;
        let file = fields.text("file", problems).map(str::to_owned);
        let port_taken = fields.optional("port-taken");
        let failed = fields.optional("failed");
        fields.finish(problems);
        Some(Log {
            file,
            port_taken: port_taken.map_or_else(Vec::new, |n| some_texts(n, "port-taken", problems)),
            failed: failed.map_or_else(Vec::new, |n| some_texts(n, "failed", problems)),
        })
    }

    fn slots(&mut self, node: &Node) -> Option<(usize, String)> {
        let mut fields = Fields::new(node, "`slots`", &mut self.problems)?;
        let number = fields.required("count", "64", &mut self.problems);
        let prefix = fields.required("prefix", "\"/s{{ slot }}\"", &mut self.problems);
        fields.finish(&mut self.problems);
        let number = count(number?, "count", MOST_SLOTS, &mut self.problems);
        let prefix = prefix?;
        rooted(prefix, "prefix", &mut self.problems);
        let text = prefix.text()?;
        self.template(prefix, text);
        Some((number, text.to_owned()))
    }

    fn supports(&mut self, node: &Node) -> Supports {
        let supports = supports_from_yaml(node, &mut self.problems);
        if supports.events {
            let place = node.get("events").unwrap_or(node);
            self.error(
                place,
                "an adapter of kind process hands over no audit events",
                "write `events: false`, or speak the control protocol (kind remote)",
            );
        }
        supports
    }

    fn choices(&mut self, node: &Node) -> BTreeMap<String, String> {
        let Some(entries) = node.entries() else {
            self.error(
                node,
                format!(
                    "`alternatives` must be a mapping, and this is {}",
                    node.noun()
                ),
                "write an alternative's name and the choice, such as `advertised-profile: first`",
            );
            return BTreeMap::new();
        };
        let mut choices = BTreeMap::new();
        for entry in entries {
            match entry.value.text() {
                Some(choice) => {
                    choices.insert(entry.key.clone(), choice.to_owned());
                }
                None => self.error(
                    &entry.value,
                    format!("the choice of `{}` must be text", entry.key),
                    "write one of the choices that the spec gives the alternative",
                ),
            }
        }
        choices
    }

    fn unsupported(&mut self, node: &Node) -> Vec<(String, String)> {
        let yaml::Kind::List(items) = &node.kind else {
            self.error(
                node,
                format!("`unsupported` must be a list, and this is {}", node.noun()),
                "write items such as `- {when: \"policy.profiles | length > 2\", because: …}`",
            );
            return Vec::new();
        };
        let mut rows = Vec::new();
        for item in items {
            let problems = &mut self.problems;
            let Some(mut fields) = Fields::new(item, "an item of `unsupported`", problems) else {
                continue;
            };
            let when = fields.required("when", "\"policy.profiles | length > 2\"", problems);
            let because = fields.required_text("because", "it holds two at most", problems);
            fields.finish(problems);
            let (Some(when), Some(because)) = (when, because) else {
                continue;
            };
            let text = when.scalar_text().unwrap_or_default();
            if let Err(why) = check_expression(&text) {
                let help = "write an expression over `policy` and `instance`, in quotes";
                self.error(when, format!("`{text}` is no expression: {why}"), help);
            }
            rows.push((text, because.to_owned()));
        }
        rows
    }

    fn error(&mut self, node: &Node, message: impl Into<String>, help: impl Into<String>) {
        self.problems
            .push(Diagnostic::error(node.span, message, help));
    }
}

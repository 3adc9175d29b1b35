//! Reading `adapter.yaml`, with every mistake shown where it stands.

mod log;
mod needs;
mod parts;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::time::Duration;

use self::parts::{count, inside, rooted, seconds, signal, some_texts};
use super::definition::{ADAPTER_FILE, Adapter, AdapterKind, Install, Origin, Recipe, Reload};
use super::folder::Folder;
use super::template::{check_expression, check_template};
use crate::credentials::TokenKind;
use crate::implementation::{
    Signal, Supports, WAYS, allowed_ways, check_control_url, supports_from_yaml,
};
use crate::wire::Way;
use crate::yaml::{self, Diagnostic, Diagnostics, Fields, Node, Source, Span, nearest};

/// The seconds that a program has to end, to become ready.
const USUAL_STOP: u64 = 5;
const USUAL_READY: u64 = 10;

/// The most slots of an adapter.
const MOST_SLOTS: i64 = 4096;

/// The keys that only kind *process* has; a remote program speaks for itself.
const PROCESS_KEYS: [&str; 17] = [
    "files",
    "directories",
    "ports",
    "ways",
    "reload",
    "edit",
    "probe",
    "log",
    "sidecar",
    "slots",
    "supports",
    "knows",
    "own",
    "claims",
    "tokens",
    "alternatives",
    "unsupported",
];

/// The word that gives each slot a port of its own.
const OWN: &str = "own";

/// What `slots` says.
struct Slots {
    count: usize,
    prefix: String,
    resource: Option<String>,
    own_ports: bool,
}

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
        if let Some(problem) = yaml::of_another_kind(node, "an adapter", "adapter") {
            self.problems.push(problem);
            return None;
        }
        let mut fields = Fields::new(node, "an adapter", &mut self.problems)?;
        if let Some(version) = fields.required("countersign", "1", &mut self.problems)
            && version.scalar_text().as_deref() != Some("1")
        {
            self.error(version, "this is not version 1", "write `countersign: 1`");
        }
        let name = fields.required_text("adapter", "my-gateway", &mut self.problems);
        let title = fields.required_text("title", "My gateway", &mut self.problems);
        let kind = fields.required("kind", "process", &mut self.problems);
        let install = fields.optional("install");
        let program = fields.optional("program");
        let programs = fields.optional("programs");
        let environment = fields.optional("env");
        let install = install.map_or_else(Install::default, |node| self.install(node));
        let pinned = install.python.is_some() || install.npm.is_some();
        // A program that speaks the control protocol says its version there.
        let says = kind.and_then(Node::text) == Some("remote");
        let program = program.and_then(|node| self.program(node, (pinned, says)));
        let programs = programs.map_or_else(BTreeMap::new, |node| self.programs(node));
        let environment = environment.map_or_else(Vec::new, |node| self.environment(node));
        let kind = match kind.map(|node| (node, node.text().unwrap_or_default())) {
            Some((_, "process")) => self
                .recipe(&mut fields)
                .map(Box::new)
                .map(AdapterKind::Process),
            Some((node, "remote")) => self.origin(node, &mut fields).map(AdapterKind::Remote),
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
            programs,
            environment,
            install,
            kind: kind?,
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
                if let Err(why) = check_control_url(url) {
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
        let edit = fields.optional("edit").and_then(|node| self.edit(node));
        let (stop_within, stop) = self.stop(fields, true);
        let (probe, ready_within) = probe.and_then(|node| self.probe(node)).unzip();
        let log_node = fields.optional("log");
        let log = log_node.and_then(|node| self.log(node)).unwrap_or_default();
        let sidecar = fields.optional("sidecar").and_then(|node| {
            let mut fields = Fields::new(node, "`sidecar`", &mut self.problems)?;
            let realm = fields.required_text("realm", "countersign", &mut self.problems);
            fields.finish(&mut self.problems);
            realm.map(str::to_owned)
        });
        let directories = fields.optional("directories");
        let directories = directories.map_or_else(Vec::new, |node| self.directories(node));
        let ports = fields.optional("ports");
        let ports = ports.map_or_else(Vec::new, |n| some_texts(n, "ports", &mut self.problems));
        let ways = fields.optional("ways");
        let ways = ways.map_or_else(Vec::new, |node| self.ways(node, &ports));
        let slots = slots.and_then(|node| self.slots(node));
        if let Some(slots) = &slots {
            self.ports_of_lines((log_node, &log), slots.own_ports);
        }
        let supports = supports.map(|node| {
            let supports = self.supports(node, &ways);
            self.events(node, supports.events, (log_node, &log));
            supports
        });
        let knows = fields
            .optional("knows")
            .map(|node| some_texts(node, "knows", &mut self.problems));
        let own = fields
            .optional("own")
            .map(|node| some_texts(node, "own", &mut self.problems));
        let claims = fields
            .optional("claims")
            .map(|node| some_texts(node, "claims", &mut self.problems));
        let tokens = fields.optional("tokens").and_then(|node| self.tokens(node));
        let alternatives = fields.optional("alternatives");
        let unsupported = fields.optional("unsupported");
        let alternatives = alternatives.map(|node| self.choices(node));
        let unsupported = unsupported.map(|node| self.unsupported(node));
        Some(Recipe {
            files: files?,
            directories,
            ports,
            ways,
            start: start?,
            reload,
            edit,
            stop,
            stop_within,
            probe: probe?,
            ready_within: ready_within?,
            log,
            sidecar,
            slots: slots.as_ref()?.count,
            own_ports: slots.as_ref()?.own_ports,
            resource: slots.as_ref()?.resource.clone(),
            prefix: slots?.prefix,
            supports: supports?,
            knows: knows.unwrap_or_default(),
            own: own.unwrap_or_default(),
            claims: claims.unwrap_or_default(),
            tokens: tokens.unwrap_or_default(),
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
            (None, None, Some(said)) if matches!(said.kind, yaml::NodeKind::Bool(true)) => {
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

    fn edit(&mut self, node: &Node) -> Option<Reload> {
        let mut fields = Fields::new(node, "`edit`", &mut self.problems)?;
        let by_signal = fields.optional("signal");
        let by_command = fields.optional("command");
        fields.finish(&mut self.problems);
        match (by_signal, by_command) {
            (Some(word), None) => signal(word, &mut self.problems).map(Reload::Signal),
            (None, Some(parts)) => Some(Reload::Command(self.command(parts, "command"))),
            _ => {
                self.error(
                    node,
                    "`edit` needs one of `signal` and `command`",
                    "write `{signal: HUP}`, or leave `edit` out: it is not judged on what an edit leaves behind then",
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

    fn tokens(&mut self, node: &Node) -> Option<TokenKind> {
        let words = TokenKind::ALL.map(TokenKind::word);
        let kind = node
            .text()
            .and_then(|text| TokenKind::ALL.into_iter().find(|kind| kind.word() == text));
        if kind.is_none() {
            self.problems.push(Diagnostic::error(
                node.span,
                "this is no kind of token",
                format!("write one of {}", words.join(", ")),
            ));
        }
        kind
    }

    fn probe(&mut self, node: &Node) -> Option<(String, Duration)> {
        let mut fields = Fields::new(node, "`probe`", &mut self.problems)?;
        let path = fields.required("path", "/countersign", &mut self.problems);
        let within = seconds(fields.optional("seconds"), USUAL_READY, &mut self.problems);
        fields.finish(&mut self.problems);
        rooted(path?, "path", &mut self.problems);
        Some((path?.text()?.to_owned(), within))
    }

    fn slots(&mut self, node: &Node) -> Option<Slots> {
        let mut fields = Fields::new(node, "`slots`", &mut self.problems)?;
        let number = fields.required("count", "64", &mut self.problems);
        let prefix = fields.required("prefix", "\"/s{{ slot }}\"", &mut self.problems);
        let port = fields.text("port", &mut self.problems);
        let port_node = node.get("port");
        let resource = fields.optional("resource");
        fields.finish(&mut self.problems);
        if let (Some(word), Some(node)) = (port, port_node)
            && word != OWN
        {
            self.error(
                node,
                format!("`port` cannot be `{word}`"),
                "write `port: own` for a port to each slot, or leave it out for one to all",
            );
        }
        let number = count(number?, "count", MOST_SLOTS, &mut self.problems);
        let prefix = prefix?;
        rooted(prefix, "prefix", &mut self.problems);
        let text = prefix.text()?;
        self.template(prefix, text);
        if let Some((node, text)) = resource.and_then(|node| Some((node, node.text()?))) {
            self.template(node, text);
        }
        let resource = resource.and_then(|node| Some(node.text()?.to_owned()));
        Some(Slots {
            resource,
            count: number,
            prefix: text.to_owned(),
            own_ports: port == Some(OWN),
        })
    }

    fn directories(&mut self, node: &Node) -> Vec<String> {
        let names = some_texts(node, "directories", &mut self.problems);
        if let Some(name) = names.iter().find(|name| !inside(name)) {
            self.error(
                node,
                format!("`{name}` leads out of the working directory"),
                "write a relative path without `..`",
            );
        }
        names
    }

    fn supports(&mut self, node: &Node, ways: &[(Way, Option<String>)]) -> Supports {
        let mut supports = supports_from_yaml(node, &mut self.problems);
        if supports.narrowing.by_path.contains_key(WAYS) {
            self.error(
                node.get(WAYS).unwrap_or(node),
                format!("`{WAYS}` says nothing of where"),
                "leave it out here, and name the ways with their ports under `ways`",
            );
        }
        if !ways.is_empty() {
            let ways = std::iter::once(Way::default()).chain(ways.iter().map(|(way, _)| *way));
            let ways = allowed_ways(ways);
            supports.narrowing.by_path.insert(WAYS.to_owned(), ways);
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
        let yaml::NodeKind::List(items) = &node.kind else {
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

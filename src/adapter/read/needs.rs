//! Reading what an adapter needs: programs, packages with their versions, environment variables.

use std::collections::BTreeMap;

use super::Reader;
use super::parts::{some_texts, texts};
use crate::adapter::definition::{Install, Npm, Program, Python, VersionCommand};
use crate::wire::Way;
use crate::yaml::{Fields, Node};

/// The word for the port on which HTTP/1.1 is spoken.
const MAIN: &str = "main";

impl Reader {
    /// The program. Where packages are `pinned`, they say the version; where the program `says` it once it
    /// runs, it need not be asked before.
    pub(super) fn program(&mut self, node: &Node, (pinned, says): (bool, bool)) -> Option<Program> {
        let problems = &mut self.problems;
        let mut fields = Fields::new(node, "`program`", problems)?;
        let find = fields.required("find", "[my-gateway]", problems);
        let version = if pinned {
            None
        } else if says {
            fields.optional("version")
        } else {
            let example = "{run: [--version], after: \"v\"}";
            Some(fields.required("version", example, problems)?)
        };
        fields.finish(problems);
        let find = some_texts(find?, "find", problems);
        Some(Program {
            find,
            version: match version {
                None => None,
                Some(node) => Some(self.version(node)?),
            },
        })
    }

    fn version(&mut self, node: &Node) -> Option<VersionCommand> {
        let problems = &mut self.problems;
        let mut fields = Fields::new(node, "`version`", problems)?;
        let run = fields.required("run", "[--version]", problems);
        let after = fields.required_text("after", "\"version \"", problems);
        fields.finish(problems);
        Some(VersionCommand {
            run: texts(run?, "run", problems),
            after: after?.to_owned(),
        })
    }

    /// Other programs, by the name that templates use.
    pub(super) fn programs(&mut self, node: &Node) -> BTreeMap<String, Vec<String>> {
        let Some(entries) = node.entries() else {
            self.error(
                node,
                format!("`programs` must be a mapping, and this is {}", node.noun()),
                "write a name and what to search for, such as `java: [java]`",
            );
            return BTreeMap::new();
        };
        entries
            .iter()
            .map(|entry| {
                let find = some_texts(&entry.value, &entry.key, &mut self.problems);
                (entry.key.clone(), find)
            })
            .collect()
    }

    /// Environment variables; values are templates.
    pub(super) fn environment(&mut self, node: &Node) -> Vec<(String, String)> {
        let Some(entries) = node.entries() else {
            self.error(
                node,
                format!("`env` must be a mapping, and this is {}", node.noun()),
                "write names and values, such as `NODE_ENV: production`",
            );
            return Vec::new();
        };
        let mut environment = Vec::new();
        for entry in entries {
            let Some(value) = entry.value.scalar_text() else {
                self.error(
                    &entry.value,
                    format!("`{}` must be text", entry.key),
                    "put the value in quotes",
                );
                continue;
            };
            let good = |c: char| c.is_ascii_alphanumeric() || c == '_';
            if entry.key.is_empty() || !entry.key.chars().all(good) {
                self.error(
                    &entry.value,
                    format!("`{}` is not the name of a variable", entry.key),
                    "use letters, digits and `_`",
                );
            }
            self.template(&entry.value, &value);
            environment.push((entry.key.clone(), value));
        }
        environment
    }

    /// Ways beside HTTP/1.1, each with its port.
    pub(super) fn ways(&mut self, node: &Node, ports: &[String]) -> Vec<(Way, Option<String>)> {
        let Some(entries) = node.entries() else {
            self.error(
                node,
                format!("`ways` must be a mapping, and this is {}", node.noun()),
                "write a way and its port, such as `h2c: main`",
            );
            return Vec::new();
        };
        let mut ways = Vec::new();
        for entry in entries {
            let way = Way::from_word(&entry.key).filter(|way| *way != Way::default());
            let port = entry.value.text().unwrap_or_default();
            match way {
                None => {
                    let words = Way::ALL.iter().skip(1).map(|way| way.word());
                    let words: Vec<&str> = words.collect();
                    self.error(
                        &entry.value,
                        format!("there is no way `{}` beside HTTP/1.1", entry.key),
                        format!("write one of `{}`", words.join("`, `")),
                    );
                }
                Some(way) if port == MAIN => ways.push((way, None)),
                Some(way) if ports.iter().any(|known| known == port) => {
                    ways.push((way, Some(port.to_owned())));
                }
                Some(_) => self.error(
                    &entry.value,
                    format!("there is no port `{port}`"),
                    format!("write `{MAIN}` for the port of HTTP/1.1, or a name among `ports`"),
                ),
            }
        }
        ways
    }

    /// How it gets installed.
    pub(super) fn install(&mut self, node: &Node) -> Install {
        let mut install = Install::default();
        let Some(mut fields) = Fields::new(node, "`install`", &mut self.problems) else {
            return install;
        };
        if let Some(packages) = fields.optional("debian") {
            install.debian = some_texts(packages, "debian", &mut self.problems);
        }
        let python = fields.optional("python");
        let npm = fields.entry("npm");
        if let Some(python) = python {
            install.python = self.python(python);
        }
        if let Some(entry) = npm {
            if python.is_some() {
                self.error(
                    &entry.value,
                    "`python` and `npm` exclude each other",
                    "keep the one whose package the adapter is about",
                );
            }
            install.npm = self.npm(&entry.value);
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

    fn npm(&mut self, node: &Node) -> Option<Npm> {
        let mut fields = Fields::new(node, "`npm`", &mut self.problems)?;
        let package = fields.required("package", "package.json", &mut self.problems);
        let lock = fields.required("lock", "package-lock.json", &mut self.problems);
        let about = fields.required("version-of", "my-package", &mut self.problems);
        fields.finish(&mut self.problems);
        let (lock, about) = (lock?, about?);
        let package = self.file(package?)?;
        let text = self.file(lock)?;
        let name = about.text().unwrap_or_default();
        let locked = match serde_json::from_str::<serde_json::Value>(&text) {
            Ok(locked) => locked,
            Err(error) => {
                self.error(
                    lock,
                    format!("this file is not JSON: {error}"),
                    "let npm write it: `npm install --package-lock-only`",
                );
                return None;
            }
        };
        let version = locked
            .get("packages")
            .and_then(|packages| packages.get(format!("node_modules/{name}")))
            .and_then(|found| found.get("version"))
            .and_then(serde_json::Value::as_str);
        let Some(version) = version.map(str::to_owned) else {
            self.error(
                about,
                format!("the lock file has no package `{name}`"),
                "name one of the packages that `package.json` asks for",
            );
            return None;
        };
        Some(Npm {
            package,
            lock: text,
            version,
        })
    }
}

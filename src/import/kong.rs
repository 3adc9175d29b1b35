//! What Kong is told of credentials: the authentication plugins of a declarative configuration (`_format_version`), by route.

use super::documents::documents;
use super::gate::Gate;
use super::policy::ProfileScheme;
use super::told::{ImportNotes, RecordPlace};
use crate::yaml::{Node, NodeKind, Source, Span};

/// A plugin that ends a request, as it does for whoever logs in with nothing where the anonymous consumer has it.
const ENDS_REQUESTS: &str = "request-termination";

/// What a plugin asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum PluginAsks {
    /// Credentials in Authorization, of a scheme that clients of the catalogue know.
    For(ProfileScheme),
    /// Something else, in words.
    Other(&'static str),
}

/// The plugins that log somebody in, by their documented names.
const PLUGINS: [(&str, PluginAsks); 13] = [
    ("basic-auth", PluginAsks::For(ProfileScheme::Basic)),
    ("jwt", PluginAsks::For(ProfileScheme::Bearer)),
    ("jwt-signer", PluginAsks::For(ProfileScheme::Bearer)),
    ("oauth2", PluginAsks::For(ProfileScheme::Bearer)),
    (
        "oauth2-introspection",
        PluginAsks::For(ProfileScheme::Bearer),
    ),
    (
        "key-auth",
        PluginAsks::Other("a key in a field of its own or in the query"),
    ),
    (
        "key-auth-enc",
        PluginAsks::Other("a key in a field of its own or in the query"),
    ),
    ("hmac-auth", PluginAsks::Other("a signature")),
    ("mtls-auth", PluginAsks::Other("a certificate")),
    (
        "ldap-auth",
        PluginAsks::Other(
            "a user and a password of LDAP, by a scheme of the plugin's own name unless `header_type` says otherwise",
        ),
    ),
    (
        "ldap-auth-advanced",
        PluginAsks::Other(
            "a user and a password of LDAP, by a scheme of the plugin's own name unless `header_type` says otherwise",
        ),
    ),
    (
        "openid-connect",
        PluginAsks::Other("what its `auth_methods` say, which is not looked at"),
    ),
    (
        "session",
        PluginAsks::Other("a cookie of an earlier log-in"),
    ),
];

/// A plugin of the configuration.
#[derive(Clone, Debug)]
struct KongPlugin {
    name: String,
    asks: PluginAsks,
    /// The consumer that whoever logs in with nothing passes as.
    anonymous: Option<String>,
}

/// What is in force somewhere: of plugins of one name the nearest.
#[derive(Clone, Debug, Default)]
struct KongScope {
    plugins: Vec<KongPlugin>,
    notes: Vec<String>,
}

/// A configuration as it is read.
struct KongReader<'n> {
    number: usize,
    told: &'n mut ImportNotes,
    /// Consumers, by the names that they go by, whose requests are ended.
    ended: Vec<String>,
}

/// Whether a text looks like a declarative configuration of Kong.
pub fn is_kong(text: &str) -> bool {
    let mut lines = text.lines();
    lines.any(|line| line.starts_with("_format_version:"))
}

/// The places of a configuration that ask for credentials. What cannot be read, and what is not looked at, is told.
pub fn kong(source: &Source, told: &mut ImportNotes) -> Vec<Gate> {
    let number = told.begin(source.clone());
    let documents = documents(source, number, told);
    let mut reader = KongReader {
        number,
        told,
        ended: Vec::new(),
    };
    documents.iter().flat_map(|one| reader.gates(one)).collect()
}

impl KongReader<'_> {
    fn gates(&mut self, root: &Node) -> Vec<Gate> {
        let top = self.items(root, "plugins");
        self.ended = self.ended(root, &top);
        let of_all = self.scope(&top, |plugin| {
            let narrower = ["service", "route", "consumer", "consumer_group"];
            narrower
                .into_iter()
                .all(|key| reference(plugin, key).is_none())
        });
        let services = self.items(root, "services");
        let mut routes: Vec<(&Node, Option<&Node>)> = Vec::new();
        for service in services.iter().copied() {
            let own = self.items(service, "routes");
            routes.extend(own.into_iter().map(|route| (route, Some(service))));
        }
        for route in self.items(root, "routes") {
            let named = reference(route, "service");
            let service = named.as_deref().and_then(|named| {
                let mut all = services.iter().copied();
                all.find(|service| is_called(service, named))
            });
            if let (Some(named), None) = (named, service) {
                let help = "name a service of this file, or read it together with the rest";
                self.warn(route.span, format!("there is no service `{named}`"), help);
            }
            routes.push((route, service));
        }
        let mut gates = Vec::new();
        let of_services: Vec<KongScope> = services
            .iter()
            .map(|service| self.of_one("service", service, &top))
            .collect();
        let by_service = || services.iter().copied().zip(&of_services);
        for (route, service) in &routes {
            let is_it = |of: &Node| service.is_some_and(|service| std::ptr::eq(service, of));
            let of_service = by_service()
                .find(|(of, _)| is_it(of))
                .map(|(_, scope)| scope.clone());
            let of_route = self.of_one("route", route, &top);
            let scope = of_all.clone().under(of_service.unwrap_or_default());
            let what = match service {
                Some(service) => format!("route {} of service {}", called(route), called(service)),
                None => format!("route {}", called(route)),
            };
            gates.extend(self.gate(&what, route.span, scope.under(of_route)));
        }
        // A service that no route leads to is reached by routes of another file.
        for (service, scope) in by_service() {
            if !routes
                .iter()
                .any(|(_, of)| of.is_some_and(|of| std::ptr::eq(of, service)))
            {
                let scope = scope.clone();
                let what = format!("service {}", called(service));
                gates.extend(self.gate(&what, service.span, of_all.clone().under(scope)));
            }
        }
        if routes.is_empty() && services.is_empty() {
            gates.extend(self.gate("every route", root.span, of_all));
        }
        gates
    }

    /// The plugins of a service or a route: those that stand in it, and those that name it.
    fn of_one(&mut self, kind: &str, one: &Node, top: &[&Node]) -> KongScope {
        let own = self.items(one, "plugins");
        let own = self.scope(&own, |_| true);
        let named = self.scope(top, |plugin| {
            reference(plugin, kind).is_some_and(|named| is_called(one, &named))
        });
        named.under(own)
    }

    fn scope(&mut self, plugins: &[&Node], fits: impl Fn(&Node) -> bool) -> KongScope {
        let mut scope = KongScope::default();
        for plugin in plugins.iter().copied().filter(|plugin| fits(plugin)) {
            let Some(name) = plugin.get("name").and_then(Node::text) else {
                let at = RecordPlace {
                    source: self.number,
                    span: plugin.span,
                };
                let help = "write `name: basic-auth`, or another plugin's name";
                self.told.error(at, "this plugin has no name", help);
                continue;
            };
            if matches!(
                plugin.get("enabled").map(|node| &node.kind),
                Some(NodeKind::Bool(false))
            ) {
                continue;
            }
            let known = PLUGINS.iter().find(|(known, _)| *known == name);
            let Some((_, asks)) = known else {
                if ["auth", "oidc", "jwt", "saml", "opa"]
                    .iter()
                    .any(|word| name.contains(word))
                {
                    scope.notes.push(format!(
                        "what the plugin `{name}` asks for is not known here"
                    ));
                }
                continue;
            };
            let config = plugin.get("config");
            let anonymous = config.and_then(|config| config.get("anonymous"));
            scope.plugins.push(KongPlugin {
                name: name.to_owned(),
                asks: *asks,
                anonymous: anonymous
                    .and_then(Node::scalar_text)
                    .filter(|name| !name.is_empty()),
            });
        }
        scope
    }

    /// The consumers whose requests a plugin ends.
    fn ended(&mut self, root: &Node, top: &[&Node]) -> Vec<String> {
        let ends = |plugin: &Node| plugin.get("name").and_then(Node::text) == Some(ENDS_REQUESTS);
        let by_top = top.iter().filter(|plugin| ends(plugin));
        let mut ended: Vec<String> = by_top
            .filter_map(|one| reference(one, "consumer"))
            .collect();
        for consumer in self.items(root, "consumers") {
            let own = self.items(consumer, "plugins");
            let names = ["username", "custom_id", "id"].into_iter();
            let names: Vec<String> = names
                .filter_map(|key| consumer.get(key).and_then(Node::scalar_text))
                .collect();
            if own.into_iter().any(ends) || names.iter().any(|name| ended.contains(name)) {
                ended.extend(names);
            }
        }
        ended
    }

    /// The gate that this comes to; nothing where it asks for nothing.
    fn gate(&mut self, what: &str, span: Span, scope: KongScope) -> Option<Gate> {
        let KongScope { plugins, mut notes } = scope;
        if plugins.is_empty() && notes.is_empty() {
            return None;
        }
        let named: Vec<String> = (plugins.iter())
            .map(|one| format!("`{}`", one.name))
            .collect();
        let by = match named.is_empty() {
            true => String::new(),
            false => format!(", by {}", named.join(" and ")),
        };
        let place = RecordPlace {
            source: self.number,
            span,
        };
        let name = format!(
            "{what}{by} ({}:{})",
            self.told.name(self.number),
            self.told.line(place)
        );
        let mut gate = Gate {
            name,
            ..Gate::default()
        };
        let required: Vec<&KongPlugin> = plugins
            .iter()
            .filter(|one| one.anonymous.is_none())
            .collect();
        let asked: Vec<&KongPlugin> = match required.as_slice() {
            [] => plugins.iter().collect(),
            required => required.to_vec(),
        };
        for plugin in &asked {
            match plugin.asks {
                PluginAsks::For(scheme) if !gate.accepts.contains(&scheme) => {
                    gate.accepts.push(scheme);
                }
                PluginAsks::For(_) => {}
                PluginAsks::Other(words) => {
                    notes.push(format!(
                        "`{}` asks for {words}, and no client is counted for it",
                        plugin.name
                    ));
                }
            }
        }
        let anonymous = plugins.iter().find_map(|one| one.anonymous.clone());
        match (required.len(), anonymous) {
            (0, Some(consumer)) if self.ended.contains(&consumer) => {
                let when = format!(
                    "a request without good credentials is ended by `{ENDS_REQUESTS}`, as that of the anonymous \
                     consumer `{consumer}`, which names nothing"
                );
                gate.names.push((when, Vec::new()));
            }
            (0, Some(consumer)) => notes.push(format!(
                "a request without good credentials is that of the consumer `{consumer}`, and gets in unless something \
                 else keeps that out: nobody is asked for any"
            )),
            (0, None) => {}
            (1, _) => gate.name_or_not("what a plugin names in a 401 hangs on the release of Kong", &mut notes),
            _ => {
                notes.push(
                    "each of these plugins is asked for, since none lets anybody pass as an anonymous consumer: \
                     with credentials of one alone nobody gets in, and no client of the catalogue shows two"
                        .to_owned(),
                );
                gate.accepts.clear();
            }
        }
        gate.notes = notes;
        Some(gate)
    }

    /// The items of a list, where there is one.
    fn items<'a>(&mut self, node: &'a Node, key: &str) -> Vec<&'a Node> {
        let Some(value) = node.get(key) else {
            return Vec::new();
        };
        match &value.kind {
            NodeKind::List(items) => items.iter().collect(),
            NodeKind::Null => Vec::new(),
            _ => {
                let at = RecordPlace {
                    source: self.number,
                    span: value.span,
                };
                let message = format!("`{key}` is a list, and this is {}", value.noun());
                self.told.error(
                    at,
                    message,
                    format!("write `{key}:` and an item a line, each behind `- `"),
                );
                Vec::new()
            }
        }
    }

    fn warn(&mut self, span: Span, message: String, help: &str) {
        let at = RecordPlace {
            source: self.number,
            span,
        };
        self.told.warning(at, message, help);
    }
}

impl KongScope {
    /// This with what is nearer: of plugins of one name the nearer is in force.
    fn under(mut self, nearer: Self) -> Self {
        self.plugins
            .retain(|one| !nearer.plugins.iter().any(|other| other.name == one.name));
        self.plugins.extend(nearer.plugins);
        self.notes.extend(nearer.notes);
        self
    }
}

/// What an entity refers to: by a name, or by a record that has one.
fn reference(node: &Node, key: &str) -> Option<String> {
    let value = node.get(key)?;
    let keys = ["name", "username", "id", "custom_id"];
    let inner = || {
        keys.into_iter()
            .find_map(|key| value.get(key)?.scalar_text())
    };
    value.scalar_text().or_else(inner)
}

fn is_called(node: &Node, name: &str) -> bool {
    let keys = ["name", "id"].into_iter();
    keys.filter_map(|key| node.get(key)?.scalar_text())
        .any(|own| own == name)
}

fn called(node: &Node) -> String {
    let keys = ["name", "id"];
    let name = keys
        .into_iter()
        .find_map(|key| node.get(key)?.scalar_text());
    let path = || match &node.get("paths")?.kind {
        NodeKind::List(paths) => paths.first()?.scalar_text(),
        _ => None,
    };
    name.or_else(path)
        .unwrap_or_else(|| "without a name".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (Vec<Gate>, String) {
        let mut told = ImportNotes::default();
        let gates = kong(&Source::new("kong.yaml", text), &mut told);
        (gates, told.render())
    }

    fn brief(gate: &Gate) -> String {
        let accepts: Vec<&str> = gate.accepts.iter().map(|one| one.word()).collect();
        let names: Vec<usize> = gate.names.iter().map(|(_, lines)| lines.len()).collect();
        format!("{}: {} {names:?}", gate.name, accepts.join("+"))
    }

    const FILE: &str = "_format_version: \"3.0\"
services:
- name: orders
  url: http://orders.internal
  routes:
  - {name: all, paths: [/orders]}
  - name: own
    paths: [/own]
    plugins:
    - {name: basic-auth, config: {anonymous: nobody}}
    - {name: jwt, config: {anonymous: nobody}}
  plugins:
  - name: basic-auth
    config: {hide_credentials: true}
  - {name: rate-limiting}
- {name: open, url: http://open.internal, routes: [{name: open}]}
routes:
- {name: both, service: orders}
- {name: key, service: {name: open}}
plugins:
- {name: jwt, route: both}
- {name: key-auth, route: {name: key}}
- {name: jwt, enabled: false}
consumers:
- username: nobody
  plugins: [{name: request-termination, config: {status_code: 401}}]
";

    #[test]
    fn the_nearest_plugin_of_each_name_is_in_force() {
        let (gates, told) = read(FILE);
        assert_eq!(told, "");
        let told: Vec<String> = gates.iter().map(brief).collect();
        assert_eq!(
            told,
            [
                "route all of service orders, by `basic-auth` (kong.yaml:6): basic [1, 0]",
                "route own of service orders, by `basic-auth` and `jwt` (kong.yaml:7): basic+bearer [0]",
                "route both of service orders, by `basic-auth` and `jwt` (kong.yaml:18):  []",
                "route key of service open, by `key-auth` (kong.yaml:19):  []",
            ]
        );
        assert!(
            gates[2]
                .notes
                .iter()
                .any(|note| note.contains("each of these plugins")),
            "{:?}",
            gates[2]
        );
        assert!(
            gates[3]
                .notes
                .iter()
                .any(|note| note.contains("a key in a field")),
            "{:?}",
            gates[3]
        );
    }

    #[test]
    fn whoever_passes_as_somebody_is_not_asked() {
        let (gates, _) = read(&FILE.replace("request-termination", "acl"));
        assert_eq!(
            brief(&gates[1]),
            "route own of service orders, by `basic-auth` and `jwt` (kong.yaml:7): basic+bearer []"
        );
        assert!(
            gates[1]
                .notes
                .iter()
                .any(|note| note.contains("nobody is asked")),
            "{:?}",
            gates[1]
        );
    }

    #[test]
    fn mistakes_are_shown_and_what_is_not_known_is_said() {
        for (text, words, place) in [
            (
                "services: {name: a}\n",
                "`services` is a list, and this is a mapping",
                "2:11",
            ),
            (
                "plugins:\n- {config: {}}\n",
                "this plugin has no name",
                "3:3",
            ),
            (
                "routes:\n- {name: a, service: b}\n",
                "there is no service `b`",
                "3:3",
            ),
            ("plugins: [\n", "error", ""),
        ] {
            let (_, told) = read(&format!("_format_version: \"3.0\"\n{text}"));
            assert!(
                told.contains(words) && told.contains(&format!("--> kong.yaml:{place}")),
                "{told}"
            );
            assert!(told.contains("help: "), "{told}");
        }
        let (gates, _) = read("_format_version: \"3.0\"\nplugins: [{name: our-auth}]\n");
        assert!(gates[0].notes[0].contains("`our-auth`"), "{gates:?}");
        assert!(is_kong(FILE) && !is_kong("imported: 1\n"));
    }
}

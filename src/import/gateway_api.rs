//! What resources of Kubernetes say of credentials: Envoy Gateway's `SecurityPolicy`, and filters of the Gateway API's
//! `HTTPRoute` that ask an auth service (`ExternalAuth`).

use super::documents::documents;
use super::gate::Gate;
use super::policy::ProfileScheme;
use super::told::{ImportNotes, RecordPlace};
use crate::yaml::{MapEntry, Node, NodeKind, Source, nearest};

/// The members of a `SecurityPolicy`'s spec that log somebody in.
const ASKS: [&str; 5] = ["basicAuth", "jwt", "apiKeyAuth", "oidc", "extAuth"];

/// Its other members: what it is for, and what says nothing of credentials.
const BESIDE: [&str; 7] = [
    "targetRef",
    "targetRefs",
    "targetSelectors",
    "authorization",
    "cors",
    "csrf",
    "mergeType",
];

/// Whether a text looks like resources of these kinds.
pub fn is_gateway_api(text: &str) -> bool {
    let is_one = |line: &str| {
        let line = line.trim_start_matches(['-', ' ']).trim_end();
        matches!(
            line,
            "kind: SecurityPolicy" | "kind: HTTPRoute" | "kind: GRPCRoute"
        ) || line.starts_with("apiVersion: gateway.envoyproxy.io/")
            || line.starts_with("apiVersion: gateway.networking.k8s.io/")
    };
    text.lines().any(is_one)
}

/// The places of resources that ask for credentials. What cannot be read, and what is not looked at, is told.
pub fn gateway_api(source: &Source, told: &mut ImportNotes) -> Vec<Gate> {
    let number = told.begin(source.clone());
    let documents = documents(source, number, told);
    let mut resources: Vec<&Node> = Vec::new();
    for document in &documents {
        match document.get("items").map(|items| &items.kind) {
            Some(NodeKind::List(items)) => resources.extend(items),
            _ => resources.push(document),
        }
    }
    let policies: Vec<&Node> = resources
        .iter()
        .copied()
        .filter(|one| kind(one) == "SecurityPolicy")
        .collect();
    let of_routes: Vec<String> = policies
        .iter()
        .flat_map(|policy| targets(policy))
        .filter(|target| !target.starts_with("Gateway "))
        .collect();
    let mut reader = ResourceReader { number, told };
    let mut gates = Vec::new();
    for resource in resources {
        match kind(resource) {
            "SecurityPolicy" => gates.extend(reader.policy(resource, &of_routes)),
            "HTTPRoute" | "GRPCRoute" => gates.extend(reader.route(resource)),
            _ => {}
        }
    }
    gates
}

struct ResourceReader<'n> {
    number: usize,
    told: &'n mut ImportNotes,
}

impl ResourceReader<'_> {
    fn policy(&mut self, policy: &Node, of_routes: &[String]) -> Option<Gate> {
        let Some(spec) = policy.get("spec").filter(|spec| spec.entries().is_some()) else {
            let message = "this SecurityPolicy has no spec";
            self.error(
                policy,
                message,
                "write `spec:` with `targetRefs` and what it asks for below it",
            );
            return None;
        };
        let entries = spec.entries().unwrap_or_default();
        for entry in entries {
            self.look_over(entry);
        }
        let targets = targets(policy);
        if targets.is_empty() && spec.get("targetSelectors").is_none() {
            let help = "name it: `targetRefs: [{group: gateway.networking.k8s.io, kind: HTTPRoute, name: NAME}]`";
            self.warn(spec, "this policy says of nothing that it is for it", help);
        }
        let asked: Vec<&MapEntry> = entries
            .iter()
            .filter(|entry| ASKS.contains(&entry.key.as_str()))
            .collect();
        if asked.is_empty() {
            return None;
        }
        let mut gate = self.named("SecurityPolicy", policy, &targets);
        let mut notes = Vec::new();
        let mut required = 0;
        for entry in &asked {
            let mut is_optional = false;
            match entry.key.as_str() {
                "basicAuth" => gate.accepts.push(ProfileScheme::Basic),
                "jwt" => {
                    is_optional = is_true(entry.value.get("optional"));
                    match from_authorization(&entry.value) {
                        true => gate.accepts.push(ProfileScheme::Bearer),
                        false => notes.push(
                            "the token is looked for elsewhere than behind `Bearer` in Authorization (`extractFrom`), \
                             and no client is counted for that"
                                .to_owned(),
                        ),
                    }
                }
                "apiKeyAuth" => {
                    notes.push("no client of the catalogue is counted for an API key".to_owned());
                }
                "oidc" => notes.push(
                    "`oidc` sends whoever is not logged in to a page of another server: that is no challenge, and no \
                     client is counted for it"
                        .to_owned(),
                ),
                _ => notes.push(
                    "what the service of `extAuth` takes is not written here, and neither is what its 401 names"
                        .to_owned(),
                ),
            }
            required += usize::from(!is_optional);
            if is_optional {
                notes.push(
                    "`jwt` is optional: a request without a token is not kept out by it".to_owned(),
                );
            }
        }
        let only_policy_asks = gate.accepts.len() == 1 && asked.len() == 1;
        if required > 1 {
            notes.push(
                "all that this policy has is asked for, one after the other: with credentials of one alone nobody gets in, and no client of the \
                 catalogue shows two"
                    .to_owned(),
            );
            gate.accepts.clear();
        } else if only_policy_asks && required == 1 {
            gate.name_or_not("what a 401 names hangs on the release of Envoy", &mut notes);
        }
        if spec.get("authorization").is_some() {
            notes.push(
                "`authorization` keeps out some of those who are logged in; that is not looked at"
                    .to_owned(),
            );
        }
        if targets.iter().any(|target| target.starts_with("Gateway ")) && !of_routes.is_empty() {
            notes.push(format!(
                "a policy of a route is in force in its place there, unless that has a `mergeType`: {}",
                of_routes.join(", ")
            ));
        }
        gate.notes = notes;
        Some(gate)
    }

    /// The rules of a route that ask an auth service.
    fn route(&mut self, route: &Node) -> Vec<Gate> {
        let rules = route.get("spec").and_then(|spec| spec.get("rules"));
        let mut gates = Vec::new();
        for (at, rule) in list(rules).iter().enumerate() {
            let mut filters = list(rule.get("filters")).iter();
            if filters.any(|filter| text(filter, "type") == Some("ExternalAuth")) {
                let mut gate = self.named(kind(route), route, &[]);
                gate.name = format!("rule {} of {}", at + 1, gate.name);
                gate.notes = vec![
                    "what the service of `externalAuth` takes is not written here, and neither is what its 401 names, \
                     which the client is sent"
                        .to_owned(),
                ];
                gates.push(gate);
            }
        }
        gates
    }

    /// A gate by the resource that it is of, and what that is for.
    fn named(&self, kind: &str, resource: &Node, targets: &[String]) -> Gate {
        let metadata = resource.get("metadata");
        let of = |key| metadata.and_then(|metadata| text(metadata, key));
        let name = match (of("namespace"), of("name").unwrap_or("without a name")) {
            (Some(namespace), name) => format!("{namespace}/{name}"),
            (None, name) => name.to_owned(),
        };
        let at = RecordPlace {
            source: self.number,
            span: resource.span,
        };
        let place = format!("{}:{}", self.told.name(self.number), self.told.line(at));
        let name = match targets.is_empty() {
            true => format!("{kind} {name} ({place})"),
            false => format!("{kind} {name} for {} ({place})", targets.join(", ")),
        };
        Gate {
            name,
            ..Gate::default()
        }
    }

    /// Tells of a member of a policy that is not known.
    fn look_over(&mut self, entry: &MapEntry) {
        let known = ASKS.iter().chain(&BESIDE).copied();
        if known.clone().any(|known| known == entry.key) {
            return;
        }
        let help = match nearest(&entry.key, known) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => "it is passed over; see whether it says something of credentials".to_owned(),
        };
        let at = RecordPlace {
            source: self.number,
            span: entry.key_span,
        };
        self.told.warning(
            at,
            format!("what `{}` says is not known here", entry.key),
            help,
        );
    }

    fn error(&mut self, node: &Node, message: &str, help: &str) {
        self.told.error(
            RecordPlace {
                source: self.number,
                span: node.span,
            },
            message,
            help,
        );
    }

    fn warn(&mut self, node: &Node, message: &str, help: &str) {
        self.told.warning(
            RecordPlace {
                source: self.number,
                span: node.span,
            },
            message,
            help,
        );
    }
}

fn kind(resource: &Node) -> &str {
    text(resource, "kind").unwrap_or_default()
}

fn text<'a>(node: &'a Node, key: &str) -> Option<&'a str> {
    node.get(key)?.text()
}

fn list(node: Option<&Node>) -> &[Node] {
    match node.map(|node| &node.kind) {
        Some(NodeKind::List(items)) => items,
        _ => &[],
    }
}

fn is_true(node: Option<&Node>) -> bool {
    matches!(node.map(|node| &node.kind), Some(NodeKind::Bool(true)))
}

/// What a policy is for, as `KIND NAME`.
fn targets(policy: &Node) -> Vec<String> {
    let Some(spec) = policy.get("spec") else {
        return Vec::new();
    };
    let one = spec.get("targetRef").into_iter();
    let all = one.chain(list(spec.get("targetRefs")));
    let named = all.filter_map(|target| {
        let name = text(target, "name")?;
        Some(format!(
            "{} {name}",
            text(target, "kind").unwrap_or("something")
        ))
    });
    named.collect()
}

/// Whether a token is taken that stands behind `Bearer` in Authorization, as it is unless `extractFrom` says otherwise.
fn from_authorization(jwt: &Node) -> bool {
    let providers = list(jwt.get("providers"));
    providers.is_empty()
        || providers.iter().any(|provider| {
            let Some(from) = provider.get("extractFrom") else {
                return true;
            };
            list(from.get("headers")).iter().any(|header| {
                let is_it = |name: &str| name.eq_ignore_ascii_case("authorization");
                let prefix = text(header, "valuePrefix").unwrap_or_default().trim();
                text(header, "name").is_some_and(is_it) && prefix.eq_ignore_ascii_case("bearer")
            })
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (Vec<Gate>, String) {
        let mut told = ImportNotes::default();
        let gates = gateway_api(&Source::new("all.yaml", text), &mut told);
        (gates, told.render())
    }

    fn policy(spec: &str) -> String {
        format!(
            "apiVersion: gateway.envoyproxy.io/v1alpha1\nkind: SecurityPolicy\nmetadata: {{name: p, namespace: n}}\nspec:\n\
             \x20 targetRefs: [{{group: gateway.networking.k8s.io, kind: HTTPRoute, name: r}}]\n{spec}"
        )
    }

    fn brief(gate: &Gate) -> String {
        let accepts: Vec<&str> = gate.accepts.iter().map(|one| one.word()).collect();
        let names: Vec<usize> = gate.names.iter().map(|(_, lines)| lines.len()).collect();
        format!("{}: {} {names:?}", gate.name, accepts.join("+"))
    }

    #[test]
    fn each_policy_is_a_place() {
        const BASIC: &str = "  basicAuth: {users: {name: users}}\n";
        const JWT: &str = "  jwt:\n    providers: [{name: a, remoteJWKS: {uri: x}}]\n";
        for (spec, accepts, note) in [
            (BASIC, "basic [1, 0]", "hangs on the release"),
            (JWT, "bearer [1, 0]", "hangs on the release"),
            (&format!("{BASIC}{JWT}"), " []", "shows two"),
            (
                &format!("{JWT}    optional: true\n"),
                "bearer []",
                "is optional",
            ),
            (
                "  jwt: {providers: [{name: a, extractFrom: {cookies: [c]}}]}\n",
                " []",
                "extractFrom",
            ),
            ("  apiKeyAuth: {}\n", " []", "an API key"),
            ("  oidc: {provider: {}}\n", " []", "no challenge"),
            (
                "  extAuth: {http: {}}\n  authorization: {}\n",
                " []",
                "`authorization`",
            ),
        ] {
            let (gates, told) = read(&policy(spec));
            assert_eq!(told, "");
            let expected = format!("SecurityPolicy n/p for HTTPRoute r (all.yaml:1): {accepts}");
            assert_eq!(gates.iter().map(brief).collect::<Vec<_>>(), [expected]);
            let notes = gates[0].notes.join("; ");
            assert!(notes.contains(note), "{note}: {notes}");
        }
        assert_eq!(
            read(&policy("  cors: {allowOrigins: [\"*\"]}\n")),
            (Vec::new(), String::new())
        );
    }

    #[test]
    fn routes_ask_a_service_and_have_policies_of_their_own() {
        let of_gateway =
            policy("  basicAuth: {}\n").replace("HTTPRoute, name: r", "Gateway, name: g");
        let route = "kind: HTTPRoute\nmetadata: {name: r}\nspec:\n  rules:\n  - {}\n  - filters:\n\
                     \x20   - {type: ExternalAuth, externalAuth: {protocol: HTTP}}\n";
        let own = policy("  jwt: {}\n");
        let (gates, told) = read(&format!("{of_gateway}---\n{route}---\n{own}"));
        assert_eq!(told, "");
        let told: Vec<String> = gates.iter().map(brief).collect();
        assert_eq!(
            told,
            [
                "SecurityPolicy n/p for Gateway g (all.yaml:1): basic [1, 0]",
                "rule 2 of HTTPRoute r (all.yaml:8):  []",
                "SecurityPolicy n/p for HTTPRoute r (all.yaml:16): bearer [1, 0]",
            ]
        );
        assert!(
            gates[0]
                .notes
                .iter()
                .any(|note| note.contains("HTTPRoute r")),
            "{:?}",
            gates[0]
        );
        let items = format!("kind: List\nitems:\n- {}", own.replace('\n', "\n  "));
        assert_eq!(read(items.trim_end()).0.len(), 1);
    }

    #[test]
    fn mistakes_are_shown_and_what_is_not_known_is_said() {
        for (text, words, place) in [
            ("kind: SecurityPolicy\n".to_owned(), "has no spec", "1:1"),
            (
                policy("  basicauth: {}\n"),
                "what `basicauth` says is not known",
                "6:3",
            ),
            (
                "kind: SecurityPolicy\nspec: {jwt: {}}\n".to_owned(),
                "says of nothing",
                "2:7",
            ),
            ("kind: SecurityPolicy\nspec: [\n".to_owned(), "error", ""),
        ] {
            let (_, told) = read(&text);
            assert!(
                told.contains(words) && told.contains(&format!("--> all.yaml:{place}")),
                "{told}"
            );
            assert!(told.contains("help: "), "{told}");
        }
        assert!(
            read(&policy("  basicauth: {}\n"))
                .1
                .contains("did you mean `basicAuth`?")
        );
        assert!(is_gateway_api(&policy("")) && !is_gateway_api("kind: Deployment\n"));
    }
}

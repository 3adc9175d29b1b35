//! What an OpenAPI document (3.0 or 3.1) says of operations and of who may call them. Nothing else in it is looked at.
//!
//! The document is gone through as a value, and each object that is judged by is read by itself (`objects`), so that one that
//! is not as it should be is told, and the rest judged.

use std::collections::BTreeMap;

use countersign::yaml::{self, Diagnostics, Node, NodeKind, Source};
use hyper::http::uri::PathAndQuery;
use serde_json::{Map, Value};

use super::example;
use super::foreign::ForeignFields;
use super::objects::{self, SecurityKind};
use crate::cli::reach::place::encoded;

/// The methods of operations; the first three have no effects (RFC 9110 §9.2.1).
const METHODS: [&str; 8] = [
    "get", "head", "options", "post", "put", "patch", "delete", TRACE,
];
const SAFE: usize = 3;

/// The method that gives back what was asked. No client may put credentials into it (RFC 9110 §9.3.8), and who gives back
/// to anybody what anybody sent has let nobody in.
const TRACE: &str = "trace";

/// How many references are followed in a row.
const MOST_REFERENCES: usize = 8;

/// An operation that may be called.
#[derive(Clone, Debug)]
pub(super) struct Operation {
    /// In capitals.
    pub(super) method: String,
    /// As the document writes it.
    pub(super) path: String,
    /// The target below the URL, or why there is none.
    pub(super) target: Result<String, String>,
    pub(super) is_safe: bool,
    /// What is asked for: one of these, each a combination of kinds; an empty one asks for nothing.
    pub(super) alternatives: Vec<Vec<SecurityKind>>,
    /// The scopes that a token has to have, whichever way it is all that is asked for.
    pub(super) scopes: Vec<String>,
}

impl Operation {
    pub(super) fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    /// Whether it may be called by somebody without credentials.
    pub(super) fn is_open(&self) -> bool {
        self.alternatives.is_empty() || self.alternatives.iter().any(Vec::is_empty)
    }

    /// What alone gets in.
    pub(super) fn single(&self) -> impl Iterator<Item = &SecurityKind> {
        let alternatives = self.alternatives.iter();
        alternatives.filter_map(|all| match all.as_slice() {
            [one] => Some(one),
            _ => None,
        })
    }

    /// In words, what it declares.
    pub(super) fn declared(&self) -> String {
        let words = self.alternatives.iter().map(|all| match all.is_empty() {
            true => "nothing".to_owned(),
            false => {
                let all: Vec<String> = all.iter().map(SecurityKind::in_words).collect();
                all.join(" with ")
            }
        });
        let words: Vec<String> = words.collect();
        match words.is_empty() {
            true => "no security".to_owned(),
            false => words.join(" or "),
        }
    }

    /// The schemes that it declares each by itself.
    pub(super) fn declared_schemes(&self) -> String {
        let alone = self.single().filter(|kind| kind.scheme().is_some());
        let mut words: Vec<String> = alone.map(SecurityKind::in_words).collect();
        words.dedup();
        words.join(" and ")
    }
}

/// What was read.
#[derive(Debug, Default)]
pub(super) struct Document {
    pub(super) operations: Vec<Operation>,
    /// The path of the first server.
    pub(super) base: String,
    /// What was passed over, in words.
    pub(super) passed_over: Vec<String>,
}

impl Document {
    /// Reads a document, in JSON or YAML.
    ///
    /// # Errors
    ///
    /// In words, where it is none.
    pub(super) fn read(
        name: &str,
        text: &str,
        params: &BTreeMap<String, String>,
    ) -> Result<Self, String> {
        let whole = match text.trim_start().starts_with('{') {
            true => {
                serde_json::from_str(text).map_err(|error| format!("it is not JSON: {error}"))?
            }
            false => {
                let node = yaml::read(&Source::new(name, text));
                plain(&node.map_err(|problems| first_of(&problems))?)
            }
        };
        let version = whole.get("openapi").and_then(Value::as_str);
        match version {
            Some(version) if is_read(version) => {}
            Some(version) => {
                return Err(format!("it is of OpenAPI {version}; 3.0 and 3.1 are read"));
            }
            None => return Err("it does not say `openapi: 3.0` or `3.1`".to_owned()),
        }
        let reading = DocumentReader {
            whole: &whole,
            params,
        };
        Ok(reading.document())
    }
}

/// Whether documents of a version are read: all of 3.0 and of 3.1.
fn is_read(version: &str) -> bool {
    let mut parts = version.split('.');
    parts.next() == Some("3") && matches!(parts.next(), Some("0" | "1"))
}

/// The first mistake of a text, where it stands.
fn first_of(problems: &Diagnostics) -> String {
    let mut first = Diagnostics::new(problems.source.clone());
    first.list.extend(problems.list.first().cloned());
    let shown = first.render();
    shown.trim_end().trim_start_matches("error: ").to_owned()
}

/// YAML as JSON, which OpenAPI documents are to fit.
fn plain(node: &Node) -> Value {
    match &node.kind {
        NodeKind::Null => Value::Null,
        NodeKind::Bool(value) => Value::Bool(*value),
        NodeKind::Int(value) => Value::from(*value),
        NodeKind::Float(value) => Value::from(*value),
        NodeKind::Text(text) => Value::String(text.clone()),
        NodeKind::List(items) => Value::Array(items.iter().map(plain).collect()),
        NodeKind::Map(entries) => {
            let entries = entries.iter();
            Value::Object(
                entries
                    .map(|one| (one.key.clone(), plain(&one.value)))
                    .collect(),
            )
        }
    }
}

/// What to do about a server of which no path is known.
const NAMED: &str =
    ": operations are asked for below the URL that was given, with its path if it has one";

struct DocumentReader<'a> {
    whole: &'a Value,
    params: &'a BTreeMap<String, String>,
}

impl<'a> DocumentReader<'a> {
    /// What a value refers to within the document; nothing where it leads in a circle or elsewhere.
    fn resolved(&self, mut value: &'a Value) -> Option<&'a Value> {
        for _ in 0..MOST_REFERENCES {
            match value.get("$ref").and_then(Value::as_str) {
                None => return Some(value),
                Some(place) => value = self.whole.pointer(place.strip_prefix('#')?)?,
            }
        }
        None
    }

    fn document(&self) -> Document {
        let mut document = Document::default();
        match self.base() {
            Ok(base) => document.base = base,
            Err(why) => document.passed_over.push(why),
        }
        let mut foreign = ForeignFields::default();
        foreign.note(self.whole);
        let schemes = self.schemes(&mut document.passed_over, &mut foreign);
        let none = Map::new();
        let paths = self.whole.get("paths").and_then(Value::as_object);
        for (path, item) in paths.unwrap_or(&none) {
            if path.starts_with("x-") {
                foreign.add(path);
                continue;
            }
            let Some(item) = self.resolved(item) else {
                document
                    .passed_over
                    .push(format!("{path}: a reference that leads nowhere"));
                continue;
            };
            foreign.note(item);
            for (at, method) in METHODS.into_iter().enumerate() {
                let Some(operation) = item.get(method) else {
                    continue;
                };
                foreign.note(operation);
                let name = format!("{} {path}", method.to_ascii_uppercase());
                if method == TRACE {
                    let why = "no credentials may be sent with it (RFC 9110 §9.3.8), and it gives back what was sent";
                    document.passed_over.push(format!("{name}: {why}"));
                    continue;
                }
                let security = operation
                    .get("security")
                    .or_else(|| self.whole.get("security"));
                let (alternatives, scopes) = match alternatives(security, &schemes) {
                    Ok(read) => read,
                    Err(why) => {
                        document.passed_over.push(format!("{name}: {why}"));
                        continue;
                    }
                };
                if [item, operation]
                    .iter()
                    .any(|one| one.get("servers").is_some())
                {
                    let why = "it has servers of its own (`servers`), and is not asked of this one";
                    document.passed_over.push(format!("{name}: {why}"));
                    continue;
                }
                document.operations.push(Operation {
                    method: method.to_ascii_uppercase(),
                    path: path.clone(),
                    target: self.target(path, [operation, item]),
                    is_safe: at < SAFE,
                    alternatives,
                    scopes,
                });
            }
        }
        document.passed_over.extend(foreign.in_words());
        document
    }

    /// The path of the first server, where there is one.
    fn base(&self) -> Result<String, String> {
        let Some(server) = self.whole.pointer("/servers/0") else {
            return Ok(String::new());
        };
        let url = objects::url_of(server)
            .map_err(|why| format!("the first of `servers` is not as OpenAPI has it: {why}"))?;
        let path = match url.split_once("://") {
            Some((_, behind)) => behind
                .find('/')
                .and_then(|at| behind.get(at..))
                .unwrap_or(""),
            None => &url,
        };
        let path = path.trim_end_matches('/');
        match path {
            "" => {}
            _ if path.contains('{') => {
                return Err(format!(
                    "the first of `servers` (`{url}`) has a variable without a value{NAMED}"
                ));
            }
            // Where the document came from need not be where the server is.
            _ if !path.starts_with('/') => {
                return Err(format!(
                    "the first of `servers` (`{url}`) is relative to the document{NAMED}"
                ));
            }
            _ => {}
        }
        Ok(path.to_owned())
    }

    fn schemes(
        &self,
        passed_over: &mut Vec<String>,
        foreign: &mut ForeignFields,
    ) -> BTreeMap<String, DeclaredScheme> {
        let all = self.whole.pointer("/components/securitySchemes");
        let none = Map::new();
        let mut schemes = BTreeMap::new();
        for (name, scheme) in all.and_then(Value::as_object).unwrap_or(&none) {
            let scheme = self.resolved(scheme);
            let kind = scheme.ok_or_else(|| "a reference that leads nowhere".to_owned());
            let kind = match kind.and_then(|scheme| {
                foreign.note(scheme);
                objects::kind_of(scheme)
            }) {
                Ok(kind) => {
                    if let SecurityKind::Unspoken(what) | SecurityKind::Other(what) = &kind {
                        passed_over.push(format!(
                            "the security scheme `{name}` ({what}) is not spoken here"
                        ));
                    }
                    kind
                }
                Err(why) => {
                    let why = format!("the security scheme `{name}` cannot be read: {why}");
                    passed_over.push(why);
                    SecurityKind::Other(format!("`{name}`"))
                }
            };
            let has_scopes = scheme.is_some_and(objects::has_scopes);
            schemes.insert(name.clone(), DeclaredScheme { kind, has_scopes });
        }
        schemes
    }

    /// A path with its parameters, from `--param` or from the document's examples.
    fn target(&self, path: &str, places: [&'a Value; 2]) -> Result<String, String> {
        let mut target = String::new();
        let mut rest = path;
        while let Some((before, behind)) = rest.split_once('{') {
            let (name, after) = behind.split_once('}').unwrap_or((behind, ""));
            let value = match self.params.get(name) {
                Some(given) => Some(given.clone()),
                None => self.example(name, places).map_err(|why| {
                    format!("its parameter `{name}` cannot be read: {why} (`--param {name}=VALUE`)")
                })?,
            };
            let value = value.ok_or_else(|| {
                format!("its parameter `{name}` has no example (`--param {name}=VALUE`)")
            })?;
            target.push_str(before);
            target.push_str(&encoded(&value));
            rest = after;
        }
        target.push_str(rest);
        match target.starts_with('/') && target.parse::<PathAndQuery>().is_ok() {
            true => Ok(target),
            false => Err("its path is none that can be asked for".to_owned()),
        }
    }

    fn example(&self, name: &str, places: [&'a Value; 2]) -> Result<Option<String>, String> {
        let lists = places
            .into_iter()
            .filter_map(|place| place.get("parameters")?.as_array());
        let mut parameters = lists.flatten().filter_map(|one| self.resolved(one));
        let parameter = parameters.find(|one| {
            let is = |key: &str, wanted: &str| one.get(key).and_then(Value::as_str) == Some(wanted);
            is("name", name) && is("in", "path")
        });
        let Some(parameter) = parameter else {
            return Ok(None);
        };
        example::of(parameter, &|place| {
            self.resolved(self.whole.pointer(place.strip_prefix('#')?)?)
        })
    }
}

/// A security scheme of the document.
struct DeclaredScheme {
    kind: SecurityKind,
    /// Whether what stands beside its name are the scopes of a token.
    has_scopes: bool,
}

/// What is asked for, each a combination of which one is enough, and the scopes without which no token gets in.
type AlternativesAndScopes = (Vec<Vec<SecurityKind>>, Vec<String>);

/// What is asked for.
///
/// # Errors
///
/// In words, where that cannot be said: nobody is held to what was not read.
fn alternatives(
    security: Option<&Value>,
    schemes: &BTreeMap<String, DeclaredScheme>,
) -> Result<AlternativesAndScopes, String> {
    let read = security.map_or(Ok(Vec::new()), objects::requirements_of);
    let read = read.map_err(|why| format!("its `security` cannot be read: {why}"))?;
    let mut alternatives = Vec::new();
    // Of each way in for which a token is enough.
    let mut of_tokens: Vec<Vec<String>> = Vec::new();
    for requirement in read {
        let mut kinds = Vec::new();
        let mut scopes = Vec::new();
        for (name, named) in requirement {
            let known = schemes.get(&name);
            let known = known.ok_or_else(|| format!("no security scheme is called `{name}`"))?;
            // One token may be of two schemes, and is shown once.
            if !kinds.contains(&known.kind) {
                kinds.push(known.kind.clone());
            }
            if known.has_scopes {
                scopes.extend(named);
            }
        }
        if !kinds.is_empty() && kinds.iter().all(|kind| *kind == SecurityKind::Bearer) {
            of_tokens.push(scopes);
        }
        alternatives.push(kinds);
    }
    let mut scopes = of_tokens.pop().unwrap_or_default();
    scopes.retain(|scope| of_tokens.iter().all(|others| others.contains(scope)));
    Ok((alternatives, scopes))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "
openapi: 3.0.3
servers: [{url: 'https://x.example/v1'}]
security: [{b: []}, {t: [read]}]
components:
  securitySchemes:
    b: {type: http, scheme: Basic}
    t: {type: oauth2}
    f: {type: apiKey, in: body, name: key}
    k: {type: apiKey, in: header, name: X-Key}
    m: {type: mutualTLS}
    c: {$ref: '#/components/securitySchemes/c'}
  parameters:
    id: {name: id, in: path, example: a/b}
paths:
  /orders/{id}:
    parameters: [{$ref: '#/components/parameters/id'}]
    get: {}
    post: {security: []}
    trace: {}
  /me/{who}: {get: {security: [{b: [], k: []}, {}]}}
  /odd: {get: {security: [{nobody: []}]}}
";

    #[test]
    fn operations_say_who_may_call_them() {
        let read = Document::read("x", TEXT, &BTreeMap::new()).unwrap();
        let told: Vec<(String, String, bool)> = { read.operations.iter() }
            .map(|one| (one.name(), one.declared(), one.is_open()))
            .collect();
        let of = |name: &str, declared: &str, open| (name.to_owned(), declared.to_owned(), open);
        assert_eq!(
            told,
            [
                of(
                    "GET /me/{who}",
                    "basic with the key `X-Key` (header) or nothing",
                    true
                ),
                of("GET /orders/{id}", "basic or bearer", false),
                of("POST /orders/{id}", "no security", true),
            ]
        );
        assert_eq!(read.base, "/v1");
        assert_eq!(read.operations[1].scopes, ["read"]);
        assert_eq!(read.operations[1].target.as_deref(), Ok("/orders/a%2Fb"));
        assert!(read.operations[0].target.is_err());
        // A circle, what OpenAPI does not have, what is not spoken here, what is not there, and what no credentials go with: each
        // is told, and the rest judged.
        assert_eq!(read.passed_over.len(), 5, "{:?}", read.passed_over);
    }

    #[test]
    fn a_scope_is_needed_where_no_other_way_takes_a_token_without_it() {
        let of = |security: &str| {
            let text = format!(
                "openapi: 3.1.0\ncomponents: {{securitySchemes: {{o: {{type: oauth2}}, h: {{type: http, scheme: bearer}}, b: {{type: http, scheme: basic}}}}}}\npaths: {{/a: {{get: {{security: {security}}}}}}}\n"
            );
            let read = Document::read("x", &text, &BTreeMap::new()).unwrap();
            read.operations[0].clone()
        };
        assert_eq!(of("[{o: [w]}]").scopes, ["w"]);
        assert_eq!(of("[{o: [w]}, {b: []}]").scopes, ["w"]);
        assert_eq!(of("[{o: [w, r]}, {o: [r]}]").scopes, ["r"]);
        for other in ["{h: []}", "{o: []}", "{o: [r]}", "{h: [w]}"] {
            assert_eq!(
                of(&format!("[{{o: [w]}}, {other}]")).scopes,
                [""; 0],
                "{other}"
            );
        }
        // A role is nothing that a token is known to have or to lack.
        assert_eq!(of("[{h: [w]}]").scopes, [""; 0]);
        // Of two schemes at once, one token is enough that is of both.
        let both = of("[{o: [w], h: []}]");
        assert_eq!(both.alternatives, [[SecurityKind::Bearer]]);
        assert_eq!(both.scopes, ["w"]);
    }

    #[test]
    fn what_cannot_be_asked_for_is_told_of_its_operation_alone() {
        let read = |servers: &str| {
            let text = format!(
                "openapi: 3.0.0\nservers: [{servers}]\npaths: {{'/a b': {{get: {{}}}}, 'c': {{get: {{}}}}, /d: {{get: {{}}}}}}\n"
            );
            Document::read("x", &text, &BTreeMap::new()).unwrap()
        };
        let document = read("{url: /v1}");
        let targets = document.operations.iter().map(|one| one.target.is_ok());
        assert_eq!(targets.collect::<Vec<_>>(), [false, true, false]);
        assert_eq!((&*document.base, document.passed_over.len()), ("/v1", 0));
        for (servers, why) in [
            ("{url: v1/}", "relative"),
            ("{url: 'http://x.example/{v}'}", "variable"),
        ] {
            let document = read(servers);
            assert_eq!(document.base, "");
            assert!(
                document.passed_over[0].contains(why),
                "{:?}",
                document.passed_over
            );
        }
    }

    #[test]
    fn a_document_of_five_million_bytes_is_read_and_what_breaks_in_one_is_shown_where_it_stands() {
        // Half a million values, as documents of large services have.
        let many = "        - {name: a, in: query, required: true}\n".repeat(120_000);
        let large = format!("{TEXT}components-of-others:\n  x:\n    y:\n{many}");
        assert!(large.len() > 5_000_000, "{}", large.len());
        let read = Document::read("x", &large, &BTreeMap::new()).unwrap();
        assert_eq!(read.operations.len(), 3);

        let broken = Document::read("x.yaml", &format!("{TEXT}  /b: [1,\n"), &BTreeMap::new());
        let broken = broken.unwrap_err();
        for wanted in ["this is not YAML", "x.yaml:23:7", "  /b: [1,", "help:"] {
            assert!(broken.contains(wanted), "no {wanted} in {broken}");
        }
        let deep = format!("{TEXT}x: {}{}", "[".repeat(70), "]".repeat(70));
        let deep = Document::read("x", &deep, &BTreeMap::new()).unwrap_err();
        assert!(deep.contains("this is too deep"), "{deep}");
    }

    #[test]
    fn what_is_no_such_document_is_told() {
        for text in [
            "",
            "{",
            "[1]",
            "swagger: '2.0'",
            "openapi: 4.0.0",
            "{\"a\":1}",
        ] {
            assert!(
                Document::read("x", text, &BTreeMap::new()).is_err(),
                "{text}"
            );
        }
    }
}

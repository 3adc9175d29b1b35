//! What an OpenAPI document (3.0 or 3.1) says of operations and of who may call them. Nothing else in it is looked at.

use std::collections::BTreeMap;

use countersign::yaml::{self, Diagnostics, Node, NodeKind, Source};
use serde_json::{Map, Value};

use super::foreign::ForeignFields;

/// The methods of operations; the first three have no effects (RFC 9110 §9.2.1).
const METHODS: [&str; 8] = [
    "get", "head", "options", "post", "put", "patch", "delete", "trace",
];
const SAFE: usize = 3;

/// How many references are followed in a row.
const MOST_REFERENCES: usize = 8;

/// How a request is to show who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum SecurityKind {
    /// `http` with `basic`.
    Basic,
    /// `http` with `bearer`, OAuth 2 and OpenID Connect.
    Bearer,
    /// An API key: where (`header`, `query`, `cookie`), and its name there.
    Key(String, String),
    /// Anything else, as it is written.
    Other(String),
}

impl SecurityKind {
    /// The auth-scheme that a challenge for it names, if there is one that is known.
    pub(super) fn scheme(&self) -> Option<&'static str> {
        match self {
            Self::Basic => Some("Basic"),
            Self::Bearer => Some("Bearer"),
            _ => None,
        }
    }

    /// What somebody logs in with by it.
    pub(super) fn shown_by(&self) -> String {
        match self {
            Self::Basic => "basic credentials".to_owned(),
            Self::Bearer => "a token".to_owned(),
            Self::Key(place, name) => format!("a key (`{name}`, {place})"),
            Self::Other(what) => what.clone(),
        }
    }

    /// In words.
    pub(super) fn in_words(&self) -> String {
        match self {
            Self::Basic => "basic".to_owned(),
            Self::Bearer => "bearer".to_owned(),
            Self::Key(place, name) => format!("the key `{name}` ({place})"),
            Self::Other(what) => what.clone(),
        }
    }
}

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
    /// The scopes that a token has to have where it is all that is asked for.
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
        let mut document = Document {
            base: self.base(),
            ..Document::default()
        };
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
                let security = operation
                    .get("security")
                    .or_else(|| self.whole.get("security"));
                let name = format!("{} {path}", method.to_ascii_uppercase());
                let alternatives = match alternatives(security, &schemes) {
                    Ok(alternatives) => alternatives,
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
                    scopes: scopes(security),
                });
            }
        }
        document.passed_over.extend(foreign.in_words());
        document
    }

    fn base(&self) -> String {
        let url = self.whole.pointer("/servers/0/url").and_then(Value::as_str);
        let url = url.unwrap_or_default();
        let path = match url.split_once("://") {
            Some((_, behind)) => behind
                .find('/')
                .and_then(|at| behind.get(at..))
                .unwrap_or(""),
            None => url,
        };
        // What has a variable in it cannot be asked for.
        let path = path.trim_end_matches('/');
        if path.contains('{') || !path.starts_with('/') {
            return String::new();
        }
        path.to_owned()
    }

    fn schemes(
        &self,
        passed_over: &mut Vec<String>,
        foreign: &mut ForeignFields,
    ) -> BTreeMap<String, SecurityKind> {
        let all = self.whole.pointer("/components/securitySchemes");
        let none = Map::new();
        let mut schemes = BTreeMap::new();
        for (name, scheme) in all.and_then(Value::as_object).unwrap_or(&none) {
            let scheme = self.resolved(scheme).unwrap_or(&Value::Null);
            foreign.note(scheme);
            let text = |key: &str| scheme.get(key).and_then(Value::as_str).unwrap_or_default();
            let kind = match (text("type"), text("scheme").to_ascii_lowercase().as_str()) {
                ("http", "basic") => SecurityKind::Basic,
                ("http", "bearer") | ("oauth2" | "openIdConnect", _) => SecurityKind::Bearer,
                ("apiKey", _) => SecurityKind::Key(text("in").to_owned(), text("name").to_owned()),
                ("http", other) => SecurityKind::Other(format!("http {other}")),
                ("", _) => SecurityKind::Other("something without a type".to_owned()),
                (other, _) => SecurityKind::Other(other.to_owned()),
            };
            if let SecurityKind::Other(what) = &kind {
                passed_over.push(format!(
                    "the security scheme `{name}` ({what}) is not spoken here"
                ));
            }
            schemes.insert(name.clone(), kind);
        }
        schemes
    }

    /// A path with its parameters, from `--param` or from the document's examples.
    fn target(&self, path: &str, places: [&'a Value; 2]) -> Result<String, String> {
        let mut target = String::new();
        let mut rest = path;
        while let Some((before, behind)) = rest.split_once('{') {
            let (name, after) = behind.split_once('}').unwrap_or((behind, ""));
            let given = self.params.get(name).cloned();
            let value = given.or_else(|| self.example(name, places));
            let value = value.ok_or_else(|| {
                format!("its parameter `{name}` has no example (`--param {name}=VALUE`)")
            })?;
            target.push_str(before);
            for byte in value.bytes() {
                match byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
                    true => target.push(char::from(byte)),
                    false => target.push_str(&format!("%{byte:02X}")),
                }
            }
            rest = after;
        }
        target.push_str(rest);
        Ok(target)
    }

    fn example(&self, name: &str, places: [&'a Value; 2]) -> Option<String> {
        let lists = places
            .into_iter()
            .filter_map(|place| place.get("parameters")?.as_array());
        let mut parameters = lists.flatten().filter_map(|one| self.resolved(one));
        let parameter = parameters.find(|one| {
            let is = |key: &str, wanted: &str| one.get(key).and_then(Value::as_str) == Some(wanted);
            is("name", name) && is("in", "path")
        })?;
        let named = { parameter.get("examples") }
            .and_then(Value::as_object)
            .and_then(|all| all.values().next()?.get("value"));
        let schema = parameter.get("schema").and_then(|one| self.resolved(one));
        let of_schema = schema.and_then(|schema| {
            let listed = |key: &str| schema.get(key)?.as_array()?.first();
            let own = schema.get("example").or_else(|| schema.get("default"));
            own.or_else(|| listed("examples"))
                .or_else(|| listed("enum"))
        });
        let value = parameter.get("example").or(named).or(of_schema)?;
        match value {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            Value::Bool(value) => Some(value.to_string()),
            _ => None,
        }
    }
}

/// What is asked for: one of these, each a combination.
///
/// # Errors
///
/// In words, where that cannot be said: nobody is held to what was not read.
fn alternatives(
    security: Option<&Value>,
    schemes: &BTreeMap<String, SecurityKind>,
) -> Result<Vec<Vec<SecurityKind>>, String> {
    let Some(security) = security else {
        return Ok(Vec::new());
    };
    let list = { security.as_array() }.ok_or("its `security` is no list")?;
    let mut alternatives = Vec::new();
    for requirement in list {
        let names = { requirement.as_object() }
            .ok_or("its `security` has something that is no requirement of schemes by name")?;
        let kind = |name: &String| {
            let known = schemes.get(name).cloned();
            known.ok_or_else(|| format!("no security scheme is called `{name}`"))
        };
        alternatives.push(names.keys().map(kind).collect::<Result<_, _>>()?);
    }
    Ok(alternatives)
}

/// The scopes of each requirement that is of one scheme alone.
fn scopes(security: Option<&Value>) -> Vec<String> {
    let list = security.and_then(Value::as_array).into_iter().flatten();
    let single = list
        .filter_map(Value::as_object)
        .filter(|all| all.len() == 1);
    let scopes = single.flat_map(Map::values).filter_map(Value::as_array);
    let scopes = scopes.flatten().filter_map(Value::as_str);
    scopes.map(str::to_owned).collect()
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
        // A circle, what is not spoken here, and what is not there.
        assert_eq!(read.passed_over.len(), 3, "{:?}", read.passed_over);
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
        for wanted in ["this is not YAML", "x.yaml:21:7", "  /b: [1,", "help:"] {
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

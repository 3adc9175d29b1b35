//! Scripts as documents of JSON: an archive of exchanges, and a collection for Postman.

use serde_json::{Value, json};

use super::answer::{CHALLENGES, ChallengeAnswer};
use super::javascript::{and, answer, helpers, path, url_of, without_fresh};
use super::not_exportable::NotExportable;
use super::script::{Ask, ExportedScript};
use super::stand_ins::in_words;
use super::worded::{Said, WordedRequest};

const URL: &str = "http://127.0.0.1:4010/s0/resource";

/// The URL of whoever sends a collection, in a script of it.
const URL_OF_WHOEVER_SENDS: &str = "pm.variables.replaceIn(\"{{url}}\")";

fn text(value: &Value) -> String {
    format!("{value:#}\n")
}

/// The preamble as one text.
fn preamble(script: &ExportedScript) -> String {
    format!("{}\n\n{}", script.title, script.preamble.join("\n"))
}

/// An archive of exchanges, HAR 1.2. It has no variables: the test credentials stand in it, and the URL is that of
/// `countersign serve --port 4010`.
pub(super) fn har(script: &ExportedScript) -> Result<String, NotExportable> {
    script.is_plain()?;
    script.has_no_conversation()?;
    script.computes_nothing()?;
    if !script.stand_ins.is_empty() {
        return Err(NotExportable(
            "it has no variables, and secrets that nobody published would have to stand in it"
                .to_owned(),
        ));
    }
    let field = script.shows.field();
    let entries = script.requests.iter().map(|ask| har_entry(ask, &field));
    let entries: Vec<Value> = entries.collect();
    Ok(text(&json!({"log": {
        "version": "1.2",
        "creator": {"name": "countersign", "version": env!("CARGO_PKG_VERSION")},
        "comment": preamble(script),
        "entries": entries,
    }})))
}

fn har_entry(ask: &Ask, field: &str) -> Value {
    let pair = |name: &str, value: &str| json!({"name": name, "value": value});
    let fields = ask.fields.iter().map(|(name, value)| pair(name, value));
    let query = ask
        .query
        .split_once('?')
        .map_or("", |(_, query)| query)
        .split('&')
        .filter_map(|one| one.split_once('='));
    let query = query.map(|(name, value)| pair(name, value));
    let lines = ask.lines.iter().flatten();
    let lines = lines.map(|line| pair(field, line));
    json!({
        "comment": ask.name,
        // Nobody keeps when it was.
        "startedDateTime": "1970-01-01T00:00:00Z",
        "time": 0,
        "request": {
            "method": ask.method,
            "url": format!("{URL}{}", ask.query),
            "httpVersion": "HTTP/1.1",
            "cookies": [],
            "headers": fields.collect::<Vec<_>>(),
            "queryString": query.collect::<Vec<_>>(),
            "headersSize": -1,
            "bodySize": 0,
        },
        "response": {
            "status": ask.status,
            "statusText": "",
            "httpVersion": "HTTP/1.1",
            "cookies": [],
            "headers": lines.collect::<Vec<_>>(),
            "content": {"size": 0, "mimeType": "x-unknown"},
            "redirectURL": "",
            "headersSize": -1,
            "bodySize": -1,
        },
        "cache": {},
        "timings": {"send": 0, "wait": 0, "receive": 0},
    })
}

/// A collection for Postman and newman, v2.1.0.
pub(super) fn postman(script: &ExportedScript) -> Result<String, NotExportable> {
    script.is_plain()?;
    script.has_no_conversation()?;
    script.has_each_field_once()?;
    script.signs_nothing()?;
    for answer in script.answers() {
        answer.is_of_common_hash()?;
    }
    let (variables, all) = script.variables();
    let items: Vec<Value> = script
        .requests
        .iter()
        .zip(&all)
        .map(|(ask, worded)| postman_item(ask, worded, script))
        .collect();
    let secrets = variables.iter();
    let secrets = secrets.map(|one| match &one.made_of {
        None => json!({"key": one.name, "value": one.value, "type": "string"}),
        Some(pieces) => {
            json!({"key": one.name, "value": "", "type": "string", "description": in_words(pieces)})
        }
    });
    let url = match script.of_endpoint {
        true => {
            json!({"key": "url", "value": "", "type": "string", "description": "the URL of the endpoint"})
        }
        false => json!({"key": "url", "value": URL, "type": "string"}),
    };
    Ok(text(&json!({
        "info": {
            "name": script.title,
            "description": preamble(script),
            "schema": "https://schema.getpostman.com/json/collection/v2.1.0/collection.json",
        },
        "variable": std::iter::once(url).chain(secrets).collect::<Vec<_>>(),
        "item": items,
    })))
}

fn postman_item(ask: &Ask, worded: &WordedRequest, script: &ExportedScript) -> Value {
    let field = script.shows.field();
    let mut before = Vec::new();
    let fields: Vec<Value> = { worded.fields.iter() }
        .map(|(name, said)| {
            let value = match said {
                Said::Text(value) => value.clone(),
                Said::Proof(_) => String::new(),
                Said::Variable(variable) => format!("{{{{{variable}}}}}"),
                Said::Answer { value, password } => {
                    before = ask
                        .answer
                        .as_ref()
                        .map(|own| postman_answer(own, (ask, worded), value, password, script))
                        .unwrap_or_default();
                    "{{answer}}".to_owned()
                }
            };
            json!({"key": name, "value": value})
        })
        .collect();
    let mut lines = vec![format!(
        "pm.test({}, () => {{ pm.expect(pm.response.code).to.equal({}); }});",
        json!(ask.name),
        ask.status
    )];
    let values = |field: &str| {
        let name = json!(field.to_ascii_lowercase());
        format!(
            "pm.response.headers.filter((one) => one.key.toLowerCase() === {name}).map((one) => one.value"
        )
    };
    if let Some(said) = &ask.lines {
        lines.push(format!(
            "pm.test({}, () => {{ pm.expect({}{})).to.eql({}); }});",
            json!(format!("and its {field}")),
            values(&field),
            without_fresh(),
            json!(said)
        ));
    }
    if script.answers().next().is_some() {
        lines.push(format!(
            "pm.collectionVariables.set(\"asked\", {}).join(\"\\n\"));",
            values(CHALLENGES)
        ));
    }
    let query = worded.query(str::to_owned, |name| format!("{{{{{name}}}}}"));
    let behind = match ask.added_to_query() {
        Some(_) => {
            // It may stand there twice: each is a text of its own.
            before.insert(0, format!("pm.variables.set(\"and\", {URL_OF_WHOEVER_SENDS}.includes(\"?\") ? \"&\" : \"?\");"));
            format!("{{{{and}}}}{query}")
        }
        None => query,
    };
    let event = |listen: &str, lines: Vec<String>| json!({"listen": listen, "script": {"type": "text/javascript", "exec": lines}});
    let mut events = vec![event("test", lines)];
    if !before.is_empty() {
        events.insert(0, event("prerequest", before));
    }
    json!({
        "name": ask.name,
        "request": {
            "method": ask.method,
            "header": fields,
            "auth": {"type": "noauth"},
            "url": {"raw": format!("{{{{url}}}}{behind}"), "host": [format!("{{{{url}}}}{behind}")]},
        },
        "event": events,
    })
}

/// What a request has before it that answers a challenge.
fn postman_answer(
    own: &ChallengeAnswer,
    (ask, worded): (&Ask, &WordedRequest),
    value: &str,
    password: &str,
    script: &ExportedScript,
) -> Vec<String> {
    let variable = |name: &str| format!("pm.variables.get({})", json!(name));
    let path = path(&url_of(URL_OF_WHOEVER_SENDS, ask, worded, variable));
    let mut lines = vec![
        and(URL_OF_WHOEVER_SENDS).trim_end().to_owned(),
        "const crypto = require(\"crypto-js\");".to_owned(),
        "const hashed = (name, text) => crypto[name.toUpperCase()](text).toString();".to_owned(),
    ];
    lines.extend(helpers(script).lines().map(str::to_owned));
    lines.push(format!("const asked = {};", variable("asked")));
    lines.push(format!(
        "pm.variables.set(\"answer\", {});",
        answer(own, (ask.method, &path), value, &variable(password))
    ));
    lines
}

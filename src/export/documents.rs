//! Scripts as documents of JSON: an archive of exchanges, and a collection for Postman.

use serde_json::{Value, json};

use super::code::without_fresh;
use super::not_exportable::NotExportable;
use super::script::{Ask, ExportedScript, Said};
use super::stand_ins::in_words;

const URL: &str = "http://127.0.0.1:4010/s0/resource";

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
        .trim_start_matches('?')
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
    script.has_plain_queries()?;
    let (variables, all) = script.variables();
    let items: Vec<Value> = script
        .requests
        .iter()
        .zip(&all)
        .map(|(ask, fields)| postman_item(ask, fields, &script.shows.field()))
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

fn postman_item(ask: &Ask, fields: &[(String, Said)], field: &str) -> Value {
    let fields: Vec<Value> = fields
        .iter()
        .map(|(name, said)| {
            let value = match said {
                Said::Text(value) => value.clone(),
                Said::Variable(variable) => format!("{{{{{variable}}}}}"),
            };
            json!({"key": name, "value": value})
        })
        .collect();
    let mut lines = vec![format!(
        "pm.test({}, () => {{ pm.expect(pm.response.code).to.equal({}); }});",
        json!(ask.name),
        ask.status
    )];
    if let Some(said) = &ask.lines {
        lines.push(format!(
            "pm.test({}, () => {{ pm.expect(pm.response.headers.filter((one) => one.key.toLowerCase() === {}).map((one) => \
             one.value{})).to.eql({}); }});",
            json!(format!("and its {field}")),
            json!(field.to_ascii_lowercase()),
            without_fresh(),
            json!(said)
        ));
    }
    json!({
        "name": ask.name,
        "request": {
            "method": ask.method,
            "header": fields,
            "auth": {"type": "noauth"},
            "url": {"raw": format!("{{{{url}}}}{}", ask.query), "host": [format!("{{{{url}}}}{}", ask.query)]},
        },
        "event": [{"listen": "test", "script": {"type": "text/javascript", "exec": lines}}],
    })
}

//! `countersign domain`: what specs vary, and a claim to start from.

use std::collections::BTreeMap;
use std::process::ExitCode;

use countersign::domain::{Part, Type};
use countersign::spec::Spec;
use countersign::wire::Way;
use serde_json::{Map, Value, json};

use super::arguments::{DomainFormat, DomainOptions};
use super::failure::CommandFailure;
use super::specs;

/// The field of policies that nobody has to claim.
const PROFILES: &str = "policy.profiles";

/// The field of clients that says how a request travels.
const WAY: &str = "client.way";

/// A field: its types, one for each spec that has another, and its words by value.
#[derive(Default)]
struct FieldShown {
    types: Vec<Type>,
    words: BTreeMap<String, String>,
    specs: Vec<String>,
    /// Whether it is beyond the profiles and so stands at its simplest value for whoever does not claim it.
    is_extension: bool,
}

/// Prints fields, values and words of specs, and a `supports` to start from.
pub(super) fn domain(options: &DomainOptions) -> Result<ExitCode, CommandFailure> {
    let specs = specs::read_specs(&options.specs)?;
    let fields = fields(&specs);
    match options.format {
        DomainFormat::Yaml => anstream::print!("{}", yaml(&specs, &fields)),
        DomainFormat::Json => anstream::println!("{:#}", as_json(&specs, &fields)),
    }
    Ok(ExitCode::SUCCESS)
}

/// Every field of the specs, in the order in which they are written.
fn fields(specs: &[Spec]) -> Vec<(String, FieldShown)> {
    let mut all = Vec::new();
    for part in Part::ALL {
        for spec in specs {
            collect(part.word(), spec.domain.part(part), spec, &mut all);
        }
    }
    all
}

fn collect(path: &str, ty: &Type, spec: &Spec, all: &mut Vec<(String, FieldShown)>) {
    for field in ty.fields() {
        let path = format!("{path}.{}", field.name);
        let at = match all.iter().position(|(known, _)| *known == path) {
            Some(at) => at,
            None => {
                all.push((path.clone(), FieldShown::default()));
                all.len() - 1
            }
        };
        if let Some((_, known)) = all.get_mut(at) {
            if !known.types.contains(&field.ty) {
                known.types.push(field.ty.clone());
            }
            for (value, words) in &field.say.by_value {
                known.words.entry(value.clone()).or_insert(words.clone());
            }
            if let Some(other) = &field.say.other {
                known
                    .words
                    .entry("other".to_owned())
                    .or_insert(other.clone());
            }
            known.specs.push(spec.pack.name.clone());
            known.is_extension |= spec.extensions.iter().any(|one| one.path == path);
        }
        collect(&path, &field.ty, spec, all);
    }
}

/// The values of a type as a program reads them: a list of them, or bounds.
fn values(types: &[Type]) -> Value {
    let (mut least, mut most) = (u64::MAX, 0);
    let mut words: Vec<Value> = Vec::new();
    for ty in types {
        match ty {
            Type::List(list) => {
                (least, most) = (least.min(list.min as u64), most.max(list.max as u64));
            }
            Type::Int { min, max } => return json!({"min": min, "max": max}),
            ty => {
                for value in ty.values() {
                    let value = serde_json::to_value(&value).unwrap_or_default();
                    if !words.contains(&value) {
                        words.push(value);
                    }
                }
            }
        }
    }
    match words.is_empty() {
        true => json!({"min": least, "max": most}),
        false => Value::Array(words),
    }
}

/// The simplest value of a field; for a list the least number of items.
fn simplest(types: &[Type]) -> Value {
    match types.first() {
        Some(Type::List(list)) => json!({"max": list.min}),
        Some(ty) => serde_json::to_value(ty.simplest()).unwrap_or_default(),
        None => Value::Null,
    }
}

/// A claim to start from: profiles in full, no extension, HTTP/1.1 only.
fn supports(fields: &[(String, FieldShown)]) -> Map<String, Value> {
    let mut supports = Map::new();
    let below = format!("{PROFILES}.");
    for (path, field) in fields {
        if path == PROFILES || path.starts_with(&below) {
            supports.insert(path.clone(), values(&field.types));
        } else if path == WAY {
            supports.insert(path.clone(), json!([Way::default().word()]));
        }
    }
    supports.insert("events".to_owned(), Value::Bool(false));
    supports
}

fn as_json(specs: &[Spec], fields: &[(String, FieldShown)]) -> Value {
    let described: Map<String, Value> = fields
        .iter()
        .map(|(path, field)| {
            let mut said = Map::new();
            said.insert("values".to_owned(), values(&field.types));
            said.insert("words".to_owned(), json!(field.words));
            said.insert("specs".to_owned(), json!(field.specs));
            if field.is_extension {
                said.insert("unless-claimed".to_owned(), simplest(&field.types));
            }
            (path.clone(), Value::Object(said))
        })
        .collect();
    let packs: Vec<Value> = specs
        .iter()
        .map(|spec| json!({"name": spec.pack.name, "binds": spec.pack.binds.word()}))
        .collect();
    let alternatives: Map<String, Value> = specs
        .iter()
        .flat_map(|spec| &spec.alternatives)
        .map(|one| {
            let choices = one.choices.iter().map(|(choice, _)| choice.as_str());
            (one.name.clone(), choices.collect())
        })
        .collect();
    json!({
        "packs": packs, "fields": described, "alternatives": alternatives,
        "supports": supports(fields),
    })
}

fn yaml(specs: &[Spec], fields: &[(String, FieldShown)]) -> String {
    let mut out = String::from("# What these specs vary, and the words for it.\npacks:\n");
    let mut put = |line: String| {
        out.push_str(&line);
        out.push('\n');
    };
    for spec in specs {
        put(format!(
            "  - {{name: {}, binds: {}}}",
            spec.pack.name,
            spec.pack.binds.word()
        ));
    }
    put("fields:".to_owned());
    for (path, field) in fields {
        put(format!("  {path}:"));
        put(format!("    values: {}", flow(&values(&field.types))));
        if field.is_extension {
            put(format!(
                "    unless-claimed: {}",
                flow(&simplest(&field.types))
            ));
        }
        if !field.words.is_empty() {
            put(format!("    words: {}", flow(&json!(field.words))));
        }
        put(format!("    specs: {}", flow(&json!(field.specs))));
    }
    let mut alternatives = specs.iter().flat_map(|spec| &spec.alternatives).peekable();
    if alternatives.peek().is_some() {
        put("alternatives:".to_owned());
    }
    for one in alternatives {
        let choices: Vec<&str> = one.choices.iter().map(|(name, _)| name.as_str()).collect();
        put(format!("  {}: {}", one.name, flow(&json!(choices))));
    }
    put(
        "# A claim to start from. Strike out what is not true; name an extension only if it is."
            .to_owned(),
    );
    put("supports:".to_owned());
    for (path, allowed) in supports(fields) {
        put(format!("  {path}: {}", flow(&allowed)));
    }
    out
}

/// A value in flow style.
fn flow(value: &Value) -> String {
    match value {
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(flow).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Object(entries) => {
            let entries: Vec<String> = entries
                .iter()
                .map(|(key, value)| format!("{}: {}", scalar(key), flow(value)))
                .collect();
            format!("{{{}}}", entries.join(", "))
        }
        Value::String(text) => scalar(text),
        other => other.to_string(),
    }
}

/// A text as it can stand in flow style, in quotes where it could be taken for something else.
fn scalar(text: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "-_./ ".contains(c);
    let is_safe = text.chars().all(is_plain) && text.starts_with(char::is_alphabetic);
    let other = ["true", "false", "null", "yes", "no", "on", "off"];
    match is_safe && !other.contains(&text) && !text.ends_with(' ') {
        true => text.to_owned(),
        false => Value::String(text.to_owned()).to_string(),
    }
}

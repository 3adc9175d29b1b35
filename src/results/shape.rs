//! Where a JSON value is not as the schema of saved runs has it, and what belongs there.

use serde_json::{Map, Value};

use super::run::SAVED_RUN_SCHEMA;

/// The most characters that are shown of what stands where something else belongs.
const SHOWN: usize = 60;

/// A place in a value that is not as the schema has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Misfit {
    /// The place: `packs[0].judged`, or nothing for the whole.
    pub(super) at: String,
    /// What belongs there.
    pub(super) expected: String,
    /// What stands there.
    pub(super) found: String,
}

/// The first place in a value that is not as a saved run has it.
pub(super) fn misfit(value: &Value) -> Option<Misfit> {
    let root: Value = serde_json::from_str(SAVED_RUN_SCHEMA).ok()?;
    look(&root, &root, value, String::new())
}

fn look(root: &Value, schema: &Value, value: &Value, at: String) -> Option<Misfit> {
    let words = schema.as_object()?;
    if let Some(Value::String(reference)) = words.get("$ref") {
        let meant = root.pointer(reference.strip_prefix('#')?)?;
        return look(root, meant, value, at);
    }
    if let Some(Value::Array(ways)) = words.get("oneOf") {
        return one_of(root, ways, value, at);
    }
    let misfit = |expected: String| {
        let (at, found) = (at.clone(), found(value));
        Some(Misfit {
            at,
            expected,
            found,
        })
    };
    if !types(words).is_empty() && !types(words).iter().any(|name| is_a(name, value)) {
        return misfit(expected(root, schema));
    }
    let bound = words.get("minimum").and_then(Value::as_i64);
    if bound.is_some_and(|least| value.as_i64().is_some_and(|number| number < least)) {
        return misfit(expected(root, schema));
    }
    let is_other = |all: &Vec<Value>| !all.contains(value);
    if words
        .get("enum")
        .and_then(Value::as_array)
        .is_some_and(is_other)
    {
        return misfit(expected(root, schema));
    }
    match value {
        Value::Object(fields) => in_object(root, words, fields, &at),
        Value::Array(items) => {
            let schema = words.get("items")?;
            let mut items = items.iter().enumerate();
            items.find_map(|(index, item)| look(root, schema, item, format!("{at}[{index}]")))
        }
        _ => None,
    }
}

fn in_object(
    root: &Value,
    words: &Map<String, Value>,
    fields: &Map<String, Value>,
    at: &str,
) -> Option<Misfit> {
    let within = |name: &str| match at {
        "" => name.to_owned(),
        at => format!("{at}.{name}"),
    };
    let known = words.get("properties").and_then(Value::as_object);
    let known = || known.into_iter().flatten();
    let wrong = known().find_map(|(name, schema)| {
        let value = fields.get(name)?;
        look(root, schema, value, within(name))
    });
    if wrong.is_some() {
        return wrong;
    }
    let required = words.get("required").and_then(Value::as_array);
    let mut required = required.into_iter().flatten().filter_map(Value::as_str);
    let missing = required.find(|name| !fields.contains_key(*name))?;
    let schema = known().find(|(name, _)| *name == missing);
    Some(Misfit {
        at: within(missing),
        expected: schema.map_or_else(|| "a value".to_owned(), |(_, one)| expected(root, one)),
        found: "no such key".to_owned(),
    })
}

/// Of several ways to write something, that of which the most is right tells what is wrong.
fn one_of(root: &Value, ways: &[Value], value: &Value, at: String) -> Option<Misfit> {
    let mut deepest: Option<Misfit> = None;
    for way in ways {
        let misfit = look(root, way, value, at.clone())?;
        let is_missing = misfit.found == "no such key";
        let is_deeper = deepest
            .as_ref()
            .is_none_or(|known| misfit.at.len() > known.at.len());
        if misfit.at != at && !is_missing && is_deeper {
            deepest = Some(misfit);
        }
    }
    deepest.or_else(|| {
        let words: Vec<String> = ways.iter().map(|way| expected(root, way)).collect();
        Some(Misfit {
            at,
            expected: words.join(" or "),
            found: found(value),
        })
    })
}

/// What a schema takes, in words.
fn expected(root: &Value, schema: &Value) -> String {
    let Some(words) = schema.as_object() else {
        return "a value".to_owned();
    };
    let meant = words.get("$ref").and_then(Value::as_str);
    let meant = meant.and_then(|to| root.pointer(to.strip_prefix('#')?));
    if let Some(meant) = meant {
        return expected(root, meant);
    }
    let list = |word: &str| words.get(word).and_then(Value::as_array);
    if let Some(ways) = list("oneOf") {
        let ways: Vec<String> = ways.iter().map(|way| expected(root, way)).collect();
        return ways.join(" or ");
    }
    if let Some(all) = list("enum") {
        let all: Vec<String> = all.iter().map(Value::to_string).collect();
        return match all.as_slice() {
            [one] => one.clone(),
            all => format!("one of {}", all.join(", ")),
        };
    }
    let types = types(words);
    let named = types.iter().map(|name| match *name {
        "object" => match list("required").and_then(|all| all.first()?.as_str()) {
            Some(key) => format!("an object with `{key}`"),
            None => "an object".to_owned(),
        },
        "array" => "a list".to_owned(),
        "string" => "a text".to_owned(),
        "integer" => match words.get("minimum").and_then(Value::as_i64) {
            Some(least) => format!("a whole number of {least} or more"),
            None => "a whole number".to_owned(),
        },
        "boolean" => "true or false".to_owned(),
        other => other.to_owned(),
    });
    match types.is_empty() {
        true => "a value".to_owned(),
        false => named.collect::<Vec<_>>().join(" or "),
    }
}

fn types(words: &Map<String, Value>) -> Vec<&str> {
    match words.get("type") {
        Some(Value::String(one)) => vec![one],
        Some(Value::Array(several)) => several.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

fn is_a(name: &str, value: &Value) -> bool {
    match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        _ => value.is_null(),
    }
}

/// What stands somewhere, in short.
fn found(value: &Value) -> String {
    match value {
        Value::Object(_) => "an object".to_owned(),
        Value::Array(_) => "a list".to_owned(),
        Value::String(text) if text.chars().count() > SHOWN => {
            let begin: String = text.chars().take(SHOWN).collect();
            format!("the text {}…", Value::String(begin))
        }
        Value::String(_) => format!("the text {value}"),
        value => value.to_string(),
    }
}

//! A value for a parameter of a path, where its document has one: its own example, or one of its content or schema.

use serde_json::Value;

use super::objects;

/// The example of a parameter, as text; `at` follows a reference by its text.
///
/// # Errors
///
/// In words, where the parameter is not as OpenAPI has it.
pub(super) fn of<'a>(
    parameter: &'a Value,
    at: &dyn Fn(&str) -> Option<&'a Value>,
) -> Result<Option<String>, String> {
    let own = objects::example_of(parameter, at)?;
    // A parameter has a schema, or content of one media type with a schema of its own.
    let media = || parameter.get("content")?.as_object()?.values().next();
    let of_media = || {
        let media = media()?;
        media.get("example").or_else(|| {
            let named = media.get("examples")?.as_object()?.values().next()?;
            resolved(named, at)?.get("value")
        })
    };
    let schema = parameter
        .get("schema")
        .or_else(|| media()?.get("schema"))
        .and_then(|schema| resolved(schema, at));
    let found = own
        .or_else(|| of_media().cloned())
        .or_else(|| schema.and_then(|schema| of_schema(schema, at)).cloned());
    // An example is a value, and no place for a reference. Many write one all the same, and mean what it leads to.
    let meant = match found.as_ref().and_then(reference) {
        Some(place) => at(place).map(|one| one.get("value").unwrap_or(one).clone()),
        None => found,
    };
    Ok(match meant {
        Some(Value::String(text)) => Some(text),
        Some(Value::Number(number)) => Some(number.to_string()),
        Some(Value::Bool(value)) => Some(value.to_string()),
        _ => None,
    })
}

/// The reference that a value is, if it is one.
fn reference(value: &Value) -> Option<&str> {
    value.get("$ref")?.as_str()
}

/// A value, or what it refers to.
fn resolved<'a>(value: &'a Value, at: &dyn Fn(&str) -> Option<&'a Value>) -> Option<&'a Value> {
    match reference(value) {
        None => Some(value),
        Some(place) => at(place),
    }
}

/// A value that a schema has an example of, or the first of those that it takes; of a schema that is made of others, the
/// first that one of these has.
fn of_schema<'a>(schema: &'a Value, at: &dyn Fn(&str) -> Option<&'a Value>) -> Option<&'a Value> {
    let own = |schema: &'a Value| {
        let listed = |key: &str| schema.get(key)?.as_array()?.first();
        let said = ["example", "default", "const"];
        let mut said = said.into_iter().filter_map(|key| schema.get(key));
        said.next()
            .or_else(|| listed("examples"))
            .or_else(|| listed("enum"))
    };
    own(schema).or_else(|| {
        let parts = schema.get("allOf")?.as_array()?;
        parts.iter().find_map(|part| own(resolved(part, at)?))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_example_is_found_wherever_it_stands() {
        let places = json!({"e": {"value": "by reference"}, "s": {"default": "of a schema"}});
        for (more, found) in [
            (
                json!({"examples": {"x": {"$ref": "#/e"}}}),
                Some("by reference"),
            ),
            (json!({"example": {"$ref": "#/e"}}), Some("by reference")),
            (json!({"example": {"$ref": "#/nowhere"}}), None),
            (
                json!({"examples": {"x": {"$ref": "#/nowhere"}}, "schema": {"enum": [7]}}),
                Some("7"),
            ),
            (
                json!({"schema": {"allOf": [{}, {"$ref": "#/s"}]}}),
                Some("of a schema"),
            ),
            (
                json!({"content": {"text/plain": {"examples": {"x": {"$ref": "#/e"}}}}}),
                Some("by reference"),
            ),
            (
                json!({"content": {"text/plain": {"schema": {"$ref": "#/s"}}}}),
                Some("of a schema"),
            ),
            (json!({"schema": {"type": "string"}}), None),
        ] {
            let mut parameter = json!({"name": "id", "in": "path", "required": true});
            let fields = parameter.as_object_mut().unwrap();
            fields.extend(more.as_object().unwrap().clone());
            let at = |place: &str| places.pointer(place.strip_prefix('#')?);
            assert_eq!(of(&parameter, &at).unwrap().as_deref(), found, "{more}");
        }
    }
}

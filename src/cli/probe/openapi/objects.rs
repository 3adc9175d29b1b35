//! The objects of a document that are judged by, each by the types of the crate `openapiv3`.
//!
//! They are those of OpenAPI 3.0. In 3.1 these objects are the same, save two things: a security scheme may be `mutualTLS`, which is
//! not spoken here, and the schema of a parameter is JSON Schema, which is no object of OpenAPI and is not read by them.

use openapiv3::{
    APIKeyLocation, Example, Parameter, ReferenceOr, SecurityRequirement, SecurityScheme, Server,
};
use serde::Deserialize;
use serde_json::{Value, json};

/// The types of security schemes that the crate has; any other is one that is not spoken here.
const TYPES: [&str; 4] = ["apiKey", "http", "oauth2", "openIdConnect"];

/// The one that OpenAPI 3.1 has beside them.
const MUTUAL: &str = "mutualTLS";

/// The types of security schemes whose names for scopes are those of tokens. What else stands beside a name are roles, of which
/// OpenAPI 3.1 says that they are not otherwise defined.
const WITH_SCOPES: [&str; 2] = ["oauth2", "openIdConnect"];

/// How a request is to show who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum SecurityKind {
    /// `http` with `basic`.
    Basic,
    /// `http` with `bearer`, OAuth 2 and OpenID Connect.
    Bearer,
    /// An API key: where (`header`, `query`, `cookie`), and its name there.
    Key(String, String),
    /// What is known and not spoken here, as it is written: `mutualTLS`, and other auth-schemes. A request without it shows
    /// nothing of the kind.
    Unspoken(String),
    /// Anything else, as it is written: nobody knows what it asks for.
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
            Self::Unspoken(what) | Self::Other(what) => what.clone(),
        }
    }

    /// In words.
    pub(super) fn in_words(&self) -> String {
        match self {
            Self::Basic => "basic".to_owned(),
            Self::Bearer => "bearer".to_owned(),
            Self::Key(place, name) => format!("the key `{name}` ({place})"),
            Self::Unspoken(what) | Self::Other(what) => what.clone(),
        }
    }
}

/// One object by itself.
///
/// # Errors
///
/// In words, what of it is not as OpenAPI has it.
fn read<'a, T: Deserialize<'a>>(object: &'a Value) -> Result<T, String> {
    T::deserialize(object).map_err(|error| error.to_string())
}

/// An object with another value in a field that is not looked at, so that what is odd there matters to nobody.
fn with(object: &Value, field: &str, value: Value) -> Value {
    let mut object = object.clone();
    if let Some(fields) = object.as_object_mut() {
        fields.insert(field.to_owned(), value);
    }
    object
}

/// How a request shows who asks by a security scheme.
///
/// # Errors
///
/// In words, where the scheme is not as OpenAPI has it.
pub(super) fn kind_of(scheme: &Value) -> Result<SecurityKind, String> {
    let named = scheme.get("type").and_then(Value::as_str);
    if let Some(foreign) = named.filter(|name| !TYPES.contains(name)) {
        let foreign = foreign.to_owned();
        return Ok(match foreign == MUTUAL {
            true => SecurityKind::Unspoken(foreign),
            false => SecurityKind::Other(foreign),
        });
    }
    // Where a token comes from is not looked at.
    let scheme = with(scheme, "flows", json!({}));
    Ok(match read(&scheme)? {
        // Names of auth-schemes are of either case (RFC 9110 §11.1).
        SecurityScheme::HTTP { scheme, .. } => match scheme.to_ascii_lowercase().as_str() {
            "basic" => SecurityKind::Basic,
            "bearer" => SecurityKind::Bearer,
            other => SecurityKind::Unspoken(format!("http {other}")),
        },
        SecurityScheme::OAuth2 { .. } | SecurityScheme::OpenIDConnect { .. } => {
            SecurityKind::Bearer
        }
        SecurityScheme::APIKey { location, name, .. } => {
            let place = match location {
                APIKeyLocation::Header => "header",
                APIKeyLocation::Query => "query",
                APIKeyLocation::Cookie => "cookie",
            };
            SecurityKind::Key(place.to_owned(), name)
        }
    })
}

/// Whether what stands beside a security scheme's name in a `security` are the scopes of a token.
pub(super) fn has_scopes(scheme: &Value) -> bool {
    let named = scheme.get("type").and_then(Value::as_str);
    named.is_some_and(|name| WITH_SCOPES.contains(&name))
}

/// What a `security` asks for: one of these, each a combination of schemes by name with their scopes.
///
/// # Errors
///
/// In words, where it is not as OpenAPI has it.
pub(super) fn requirements_of(security: &Value) -> Result<Vec<SecurityRequirement>, String> {
    read(security)
}

/// The URL of a server, with the defaults of its variables.
///
/// # Errors
///
/// In words, where it is not as OpenAPI has it.
pub(super) fn url_of(server: &Value) -> Result<String, String> {
    let server: Server = read(server)?;
    let variables = server.variables.into_iter().flatten();
    Ok(variables.fold(server.url, |url, (name, variable)| {
        url.replace(&format!("{{{name}}}"), &variable.default)
    }))
}

/// The example that a parameter itself has, if there is one; `resolved` follows a reference.
///
/// # Errors
///
/// In words, where the parameter is not as OpenAPI has it.
pub(super) fn example_of<'a>(
    parameter: &Value,
    resolved: impl Fn(&str) -> Option<&'a Value>,
) -> Result<Option<Value>, String> {
    let parameter: Parameter = read(&with(parameter, "schema", json!({})))?;
    let own = parameter.parameter_data();
    let named = || {
        own.examples.into_values().find_map(|one| match one {
            ReferenceOr::Item(example) => example.value,
            ReferenceOr::Reference { reference } => {
                let example: Example = read(resolved(&reference)?).ok()?;
                example.value
            }
        })
    };
    Ok(own.example.or_else(named))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_odd_in_one_object_is_said_of_it() {
        let odd = [
            (
                json!({"type": "apiKey", "in": "body", "name": "k"}),
                "unknown variant `body`",
            ),
            (json!({"scheme": "basic"}), "missing field `type`"),
        ];
        for (scheme, why) in odd {
            let told = kind_of(&scheme).unwrap_err();
            assert!(told.contains(why), "{scheme}: {told}");
        }
        let foreign = kind_of(&json!({"type": "mutualTLS"}));
        assert_eq!(foreign, Ok(SecurityKind::Unspoken("mutualTLS".to_owned())));
        let unknown = kind_of(&json!({"type": "passkey"}));
        assert_eq!(unknown, Ok(SecurityKind::Other("passkey".to_owned())));
        let relative =
            json!({"type": "oauth2", "flows": {"password": {"tokenUrl": "token", "scopes": {}}}});
        assert_eq!(kind_of(&relative), Ok(SecurityKind::Bearer));
        assert!(requirements_of(&json!({"b": []})).is_err());
        assert!(requirements_of(&json!([{"b": "read"}])).is_err());
    }

    #[test]
    fn variables_of_a_server_have_their_defaults() {
        let server =
            json!({"url": "https://x.example/{v}/{other}", "variables": {"v": {"default": "v2"}}});
        assert_eq!(
            url_of(&server).as_deref(),
            Ok("https://x.example/v2/{other}")
        );
        assert!(url_of(&json!({"description": "nowhere"})).is_err());
    }

    #[test]
    fn a_parameter_has_an_example_whatever_its_schema_is() {
        let places = json!({"e": {"value": 7}});
        let resolved = |at: &str| places.pointer(at.strip_prefix('#')?);
        let example = |parameter: Value| example_of(&parameter, resolved);
        let of_json_schema = json!({
            "name": "id", "in": "path", "example": "a", "schema": {"type": ["string", "integer"], "const": 1}
        });
        assert_eq!(example(of_json_schema), Ok(Some(json!("a"))));
        let by_reference = json!({"name": "id", "in": "path", "examples": {"x": {"$ref": "#/e"}}});
        assert_eq!(example(by_reference), Ok(Some(json!(7))));
        assert_eq!(
            example(json!({"name": "id", "in": "path", "type": "string"})),
            Ok(None)
        );
        assert!(example(json!({"name": "id", "in": "path", "required": "yes"})).is_err());
    }
}

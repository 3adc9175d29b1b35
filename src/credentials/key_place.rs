//! Where an API key stands, at a server that has its own name for that.

use std::fmt;

use super::key::{KEY, SIGNATURE};

/// Where a server looks for an API key, each with its name there (Security Scheme Object of OpenAPI 3.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyPlace {
    /// A field of its own.
    Field(String),
    /// The query.
    Query(String),
    /// A cookie.
    Cookie(String),
}

impl KeyPlace {
    /// Reads `header:NAME`, `query:NAME` or `cookie:NAME`.
    ///
    /// # Errors
    ///
    /// In words, where it is none of these.
    pub fn read(text: &str) -> Result<Self, String> {
        let form = || "write `header:NAME`, `query:NAME` or `cookie:NAME`".to_owned();
        let (place, name) = text.split_once(':').ok_or_else(form)?;
        let is_token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
        if name.is_empty() || !name.chars().all(is_token) {
            return Err(format!(
                "`{name}` is no name that a field or a cookie can have (RFC 9110 §5.6.2)"
            ));
        }
        let name = name.to_owned();
        match place {
            "header" => Ok(Self::Field(name)),
            "query" => Ok(Self::Query(name)),
            "cookie" => Ok(Self::Cookie(name)),
            _ => Err(form()),
        }
    }

    /// The name that it has there.
    pub fn name(&self) -> &str {
        match self {
            Self::Field(name) | Self::Query(name) | Self::Cookie(name) => name,
        }
    }

    /// Whether it is the query.
    pub fn is_query(&self) -> bool {
        matches!(self, Self::Query(_))
    }

    /// A field line that carries a key or a signature under its usual name, as this server has it; others stay as they
    /// are.
    pub fn field(&self, line: (String, String)) -> (String, String) {
        let (usual, value) = line;
        match self {
            Self::Field(name) if usual == KEY.0 || usual == SIGNATURE.0 => (name.clone(), value),
            Self::Cookie(name) if usual == KEY.0 => {
                ("Cookie".to_owned(), format!("{name}={value}"))
            }
            _ => (usual, value),
        }
    }

    /// A query that carries a key under its usual name, as this server has it; others stay as they are.
    pub fn query(&self, query: String) -> String {
        let rest = { query.strip_prefix(KEY.1) }.and_then(|rest| rest.strip_prefix('='));
        match (self, rest) {
            (Self::Query(name), Some(value)) => format!("{name}={value}"),
            _ => query,
        }
    }
}

/// As it is read.
impl fmt::Display for KeyPlace {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Field(name) => write!(out, "header:{name}"),
            Self::Query(name) => write!(out, "query:{name}"),
            Self::Cookie(name) => write!(out, "cookie:{name}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_read_and_used() {
        let line = |name: &str| (name.to_owned(), "k".to_owned());
        let key = KeyPlace::read("header:X-Gate").unwrap();
        assert_eq!(key.field(line("X-API-Key")).0, "X-Gate");
        assert_eq!(key.field(line("Accept")).0, "Accept");
        let key = KeyPlace::read("cookie:gate").unwrap();
        assert_eq!(
            key.field(line("X-API-Key")),
            ("Cookie".to_owned(), "gate=k".to_owned())
        );
        let key = KeyPlace::read("query:gate").unwrap();
        assert_eq!(key.query("api_key=k".to_owned()), "gate=k");
        assert_eq!(key.query("api_keys=k".to_owned()), "api_keys=k");
        for wrong in ["", "header", "header:", "header:a b", "body:k"] {
            assert!(KeyPlace::read(wrong).is_err(), "{wrong}");
        }
        for right in ["header:X-Gate", "query:gate", "cookie:gate"] {
            assert_eq!(KeyPlace::read(right).unwrap().to_string(), right);
        }
    }
}

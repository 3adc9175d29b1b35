//! Secrets: what somebody logs in with.

use std::fmt;

use serde::{Deserialize, Deserializer, de::Error as _};

/// A password, a token or a key, which may be somebody's own. It has no `Display` and no `Serialize`, its `Debug` shows
/// nothing of it, and neither does the error of what is none.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Keeps a secret.
    pub fn new(secret: impl Into<String>) -> Self {
        Self(secret.into())
    }

    /// The secret itself, for whoever sends it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        // What the format says of a value that is no text has the value in it.
        let text = String::deserialize(from).map_err(|_| D::Error::custom("a secret is a text"))?;
        Ok(Self(text))
    }
}

impl PartialEq<str> for Secret {
    fn eq(&self, other: &str) -> bool {
        self.0 == other
    }
}

impl PartialEq<&str> for Secret {
    fn eq(&self, other: &&str) -> bool {
        self.0 == *other
    }
}

impl PartialEq<String> for Secret {
    fn eq(&self, other: &String) -> bool {
        self.0 == *other
    }
}

impl PartialEq<Secret> for String {
    fn eq(&self, other: &Secret) -> bool {
        *self == other.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("***")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_it_is_shown() {
        let secret = Secret::new("s3same".to_owned());
        assert_eq!(format!("{secret:?} {:?}", Some(&secret)), "*** Some(***)");
        assert_eq!(secret.expose(), "s3same");
        assert!(secret == "s3same" && secret != "s3sam");
        let of_number = serde_json::from_str::<Secret>("4711").unwrap_err();
        assert!(!of_number.to_string().contains("4711"), "{of_number}");
    }
}

//! The challenges of an origin server: what each says on which occasion, and how it is written.

use hyper::header::HeaderValue;

use super::{REALM, Resource};
use crate::auth::Scheme;
use crate::reference::fault::Faults;

/// Why a request is refused, as far as its challenges say so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    /// No credentials, or none of a scheme that is accepted: nothing is said of errors (RFC 6750 §3.1).
    Nothing,
    /// Credentials of this scheme that do not do.
    With(Scheme, Error),
}

/// An `error` of RFC 6750 §3.1 or RFC 9470 §3.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Error {
    InvalidToken,
    InsufficientScope,
    InsufficientUserAuthentication,
}

/// A challenge before it is written.
struct Draft {
    scheme: &'static str,
    params: Vec<Param>,
}

struct Param {
    name: &'static str,
    value: String,
    quoted: bool,
}

impl Error {
    fn code(self) -> &'static str {
        match self {
            Self::InvalidToken => "invalid_token",
            Self::InsufficientScope => "insufficient_scope",
            Self::InsufficientUserAuthentication => "insufficient_user_authentication",
        }
    }

    fn description(self) -> &'static str {
        match self {
            Self::InvalidToken => "The access token expired or is not known",
            Self::InsufficientScope => "The access token does not allow this",
            Self::InsufficientUserAuthentication => {
                "A more recent and stronger log-in is asked for"
            }
        }
    }
}

impl Resource {
    /// The challenges for a refused request, one for each field line.
    pub(super) fn challenges(&self, trouble: Trouble, faults: &Faults) -> Vec<HeaderValue> {
        self.schemes
            .iter()
            .map(|scheme| {
                let error = match trouble {
                    Trouble::With(tried, error) if tried == *scheme => Some(error),
                    _ => None,
                };
                self.draft(*scheme, error, faults)
            })
            .filter_map(|draft| HeaderValue::from_bytes(draft.written().as_bytes()).ok())
            .collect()
    }

    fn draft(&self, scheme: Scheme, error: Option<Error>, _faults: &Faults) -> Draft {
        let mut draft = Draft::new(scheme.name());
        draft.quoted("realm", REALM);
        match scheme {
            Scheme::Basic => draft.quoted("charset", "UTF-8"),
            Scheme::Bearer => self.bearer(&mut draft, error),
            _ => {}
        }
        draft
    }

    fn bearer(&self, draft: &mut Draft, error: Option<Error>) {
        if let Some(error) = error {
            draft.quoted("error", error.code());
            draft.quoted("error_description", error.description());
            match error {
                Error::InsufficientScope => {
                    draft.quoted("scope", self.required_scope.as_deref().unwrap_or_default());
                }
                Error::InsufficientUserAuthentication => {
                    draft.quoted("acr_values", "urn:example:strong");
                    draft.token("max_age", "300");
                }
                Error::InvalidToken => {}
            }
        }
        if self.metadata {
            let at = "https://resource.example/.well-known/oauth-protected-resource";
            draft.quoted("resource_metadata", at);
        }
    }
}

impl Draft {
    fn new(scheme: &'static str) -> Self {
        Self {
            scheme,
            params: Vec::new(),
        }
    }

    fn quoted(&mut self, name: &'static str, value: &str) {
        self.push(name, value, true);
    }

    fn token(&mut self, name: &'static str, value: &str) {
        self.push(name, value, false);
    }

    fn push(&mut self, name: &'static str, value: &str, quoted: bool) {
        self.params.push(Param {
            name,
            value: value.to_owned(),
            quoted,
        });
    }

    /// As a field value.
    fn written(&self) -> String {
        let mut text = self.scheme.to_owned();
        for (index, param) in self.params.iter().enumerate() {
            let before = if index == 0 { " " } else { ", " };
            let quote = if param.quoted { "\"" } else { "" };
            text += &format!("{before}{}={quote}{}{quote}", param.name, param.value);
        }
        text
    }
}

//! An answer, and its bytes.

use crate::auth::grammar::bytes;
use crate::user_agents::model::Layout;

/// What a scripted server answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ScriptedAnswer {
    pub(super) status: u16,
    fields: Vec<(&'static str, Vec<u8>)>,
    body: &'static str,
}

impl ScriptedAnswer {
    /// The resource.
    pub(super) fn welcome() -> Self {
        Self {
            status: 200,
            fields: Vec::new(),
            body: "let in\n",
        }
    }

    /// A status with nothing more.
    pub(super) fn plain(status: u16) -> Self {
        Self {
            status,
            fields: Vec::new(),
            body: "",
        }
    }

    pub(super) fn redirect(to: String) -> Self {
        Self {
            status: 302,
            fields: vec![("Location", to.into_bytes())],
            body: "",
        }
    }

    /// A refusal with the challenges of a layout, byte for byte.
    pub(super) fn refusal(status: u16, layout: &Layout) -> Self {
        let name = match status {
            407 => "Proxy-Authenticate",
            _ => "WWW-Authenticate",
        };
        let lines = layout.lines().iter();
        Self {
            status,
            fields: lines.map(|line| (name, bytes(line))).collect(),
            body: "refused\n",
        }
    }

    /// The head.
    pub(super) fn head(&self, is_last: bool) -> Vec<u8> {
        let reason = match self.status {
            200 => "OK",
            302 => "Found",
            401 => "Unauthorized",
            403 => "Forbidden",
            404 => "Not Found",
            407 => "Proxy Authentication Required",
            500 => "Internal Server Error",
            _ => "Refused",
        };
        let mut head = format!("HTTP/1.1 {} {reason}\r\n", self.status).into_bytes();
        for (name, value) in &self.fields {
            head.extend_from_slice(name.as_bytes());
            head.extend_from_slice(b": ");
            head.extend_from_slice(value);
            head.extend_from_slice(b"\r\n");
        }
        head.extend_from_slice(b"Content-Type: text/plain\r\n");
        head.extend_from_slice(format!("Content-Length: {}\r\n", self.body.len()).as_bytes());
        if is_last {
            head.extend_from_slice(b"Connection: close\r\n");
        }
        head.extend_from_slice(b"\r\n");
        head
    }

    /// All of it, as an answer to a method.
    pub(super) fn bytes(&self, method: &str, is_last: bool) -> Vec<u8> {
        let mut all = self.head(is_last);
        if method != "HEAD" {
            all.extend_from_slice(self.body.as_bytes());
        }
        all
    }
}

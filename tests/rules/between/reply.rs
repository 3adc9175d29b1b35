//! An answer, as it goes over the wire.

/// An answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reply {
    pub status: u16,
    pub fields: Vec<(String, Vec<u8>)>,
    pub content: Vec<u8>,
    /// How many bytes of its content were announced and never come.
    pub missing: usize,
}

/// How an answer is carried.
#[derive(Clone, Copy, Debug, Default)]
pub struct Carriage {
    pub chunked: bool,
    pub closes: bool,
    pub without_reason: bool,
    pub small_names: bool,
    pub early_hints: bool,
    /// Whether the request was one of HEAD.
    pub head: bool,
}

impl Reply {
    pub fn of(status: u16) -> Self {
        Self {
            status,
            ..Self::default()
        }
    }

    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Vec<u8>>) -> Self {
        self.fields.push((name.to_owned(), value.into()));
        self
    }

    #[must_use]
    pub fn saying(mut self, kind: &str, content: impl Into<Vec<u8>>) -> Self {
        self.content = content.into();
        self.with("Content-Type", kind)
    }

    /// The values of all lines of a field.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
        let named = self.fields.iter();
        let named = named.filter(move |field| field.0.eq_ignore_ascii_case(name));
        named.map(|field| field.1.as_slice())
    }

    pub fn bytes(&self, carried: Carriage) -> Vec<u8> {
        let mut bytes = Vec::new();
        if carried.early_hints {
            bytes.extend(b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n");
        }
        let reason = if carried.without_reason {
            ""
        } else {
            "So It Is"
        };
        bytes.extend(format!("HTTP/1.1 {} {reason}\r\n", self.status).bytes());
        let mut line = |name: &str, value: &[u8]| {
            let name = match carried.small_names {
                true => name.to_ascii_lowercase(),
                false => name.to_owned(),
            };
            bytes.extend([name.as_bytes(), b": ", value, b"\r\n"].concat());
        };
        for (name, value) in &self.fields {
            line(name, value);
        }
        // RFC 9110 §8.6.
        let has_none = matches!(self.status, 204 | 304);
        match has_none {
            true => {}
            false if carried.chunked => line("Transfer-Encoding", b"chunked"),
            false => {
                let length = self.content.len() + self.missing;
                line("Content-Length", length.to_string().as_bytes());
            }
        }
        if carried.closes {
            line("Connection", b"close");
        }
        bytes.extend(b"\r\n");
        if has_none || carried.head {
            return bytes;
        }
        if !carried.chunked {
            bytes.extend(&self.content);
            return bytes;
        }
        for chunk in self.content.chunks(5) {
            bytes.extend([format!("{:x}\r\n", chunk.len()).as_bytes(), chunk, b"\r\n"].concat());
        }
        if self.missing == 0 {
            bytes.extend(b"0\r\n\r\n");
        }
        bytes
    }
}

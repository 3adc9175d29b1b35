//! A request, read as strictly as a server may.

/// A request without its content, which none of the clients here sends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    pub method: String,
    pub target: String,
    /// Names in small letters.
    pub fields: Vec<(String, Vec<u8>)>,
    /// Whether it is no request of the grammar: 400, and no more on this connection.
    pub broken: bool,
    /// Whether a field value goes on in another line; a blank stands there for that (RFC 9112 §5.2).
    pub folded: bool,
}

impl Request {
    /// Reads a head, with the empty line that ends it.
    pub fn read(head: &[u8]) -> Self {
        let mut read = Self {
            method: String::new(),
            target: String::new(),
            fields: Vec::new(),
            broken: false,
            folded: false,
        };
        let text = head.strip_suffix(b"\r\n\r\n").unwrap_or(head);
        let mut lines = text.split(|byte| *byte == b'\n').map(|line| {
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            line.to_vec()
        });
        let first = lines.next().unwrap_or_default();
        let first = String::from_utf8_lossy(&first).into_owned();
        let mut words = first.split(' ');
        read.method = words.next().unwrap_or_default().to_owned();
        read.target = words.next().unwrap_or_default().to_owned();
        read.broken = !words.next().is_some_and(|word| word.starts_with("HTTP/1."));
        for line in lines {
            if let (Some(b' ' | b'\t'), Some((_, value))) = (line.first(), read.fields.last_mut()) {
                value.push(b' ');
                value.extend(trimmed(&line));
                read.folded = true;
                continue;
            }
            let control = |byte: &u8| *byte != b'\t' && (*byte < b' ' || *byte == 0x7f);
            let colon = line.iter().position(|byte| *byte == b':');
            let (name, value) = line.split_at(colon.unwrap_or(line.len()));
            let value = value.strip_prefix(b":").unwrap_or_default();
            let token =
                |byte: &u8| byte.is_ascii_graphic() && !b"\"(),/:;<=>?@[\\]{}".contains(byte);
            // RFC 9112 §5.1 and §5.2, RFC 9110 §5.5.
            if name.is_empty() || !name.iter().all(token) || value.iter().any(control) {
                read.broken = true;
            }
            let name = String::from_utf8_lossy(name).to_ascii_lowercase();
            read.fields.push((name, trimmed(value).to_vec()));
        }
        read
    }

    /// The values of all lines of a field.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
        let named = self.fields.iter().filter(move |field| field.0 == name);
        named.map(|field| field.1.as_slice())
    }

    /// The value of a field that has one line, as text.
    pub fn one(&self, name: &str) -> Option<&str> {
        let mut lines = self.fields.iter().filter(|field| field.0 == name);
        let (_, line) = lines.next().filter(|_| lines.next().is_none())?;
        std::str::from_utf8(line).ok()
    }

    pub fn has(&self, name: &str) -> bool {
        self.all(name).next().is_some()
    }

    /// Its target without the query.
    pub fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or_default()
    }

    /// A parameter of its query. Nothing here has a character that a query would encode.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        let (_, query) = self.target.split_once('?')?;
        let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        pairs.find_map(|(key, value)| (key == name).then_some(value))
    }
}

impl Request {
    pub fn has_token_in_query(&self) -> bool {
        self.parameter("access_token").is_some()
    }
}

fn trimmed(value: &[u8]) -> &[u8] {
    let blank = |byte: &u8| *byte == b' ' || *byte == b'\t';
    let begin = value.iter().take_while(|byte| blank(byte)).count();
    let value = value.get(begin..).unwrap_or_default();
    let end = value.iter().rev().take_while(|byte| blank(byte)).count();
    value.get(..value.len() - end).unwrap_or_default()
}

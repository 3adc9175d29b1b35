//! Paths in their normal form.

/// A target in its normal form: empty segments gone, dots taken away, letters decoded, without parameters (RFC 3986
/// §6.2.2; that empty segments mean nothing is the gateway's own).
pub fn normal(target: &str) -> String {
    let (path, query) = match target.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (target, None),
    };
    let mut segments: Vec<String> = Vec::new();
    for segment in path.split('/') {
        match decoded(segment).as_str() {
            "" | "." => {}
            ".." => {
                segments.pop();
            }
            segment => segments.push(segment.split(';').next().unwrap_or_default().to_owned()),
        }
    }
    let path = format!("/{}", segments.join("/"));
    query.map_or(path.clone(), |query| format!("{path}?{query}"))
}

/// A segment with its unreserved characters as themselves.
fn decoded(segment: &str) -> String {
    let mut parts = segment.split('%');
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let code = part
            .get(..2)
            .and_then(|code| u8::from_str_radix(code, 16).ok());
        match code
            .map(char::from)
            .filter(|one| one.is_ascii_alphanumeric() || "-._~".contains(*one))
        {
            Some(letter) => {
                text.push(letter);
                text.push_str(&part[2..]);
            }
            None => {
                text.push('%');
                text.push_str(part);
            }
        }
    }
    text
}

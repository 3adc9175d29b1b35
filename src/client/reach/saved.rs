//! A response that somebody saved: what curl prints, what a mail or an issue quotes of it.

use super::seen::Seen;
use crate::wire::Field;

/// Reads a saved response, given one character a byte.
///
/// Taken are: what `curl -si` prints; what `curl -siL` prints, with several heads; what `curl -v`
/// prints, of which the lines that begin with `<` are the responses; and bare field lines without a
/// status line, which are taken for those of a 401 (of a 407, if all there is is
/// `Proxy-Authenticate`). Of several responses the last that refuses counts, or else the last; interim
/// ones (RFC 9110 §15.2) are none. A folded line (RFC 9112 §5.2) stays folded in its value.
///
/// # Errors
///
/// In words, when there is neither a status line nor a field line with challenges.
pub fn saved_response(text: &str) -> Result<Seen, String> {
    let text = text.strip_prefix("\u{ef}\u{bb}\u{bf}").unwrap_or(text);
    let verbose = text.lines().any(|line| status_of_verbose(line).is_some());
    let lines: Vec<&str> = match verbose {
        true => text.lines().filter_map(received).collect(),
        false => text.lines().collect(),
    };
    let mut heads = heads(&lines);
    heads.retain(|head| !(100..200).contains(&head.status));
    let refuses = |head: &Seen| matches!(head.status, 401 | 407);
    let refusal = heads.iter().rposition(refuses);
    let at = refusal.unwrap_or(heads.len().saturating_sub(1));
    let of = heads.len();
    match heads.into_iter().nth(at) {
        Some(head) => Ok(Seen {
            which: Some((at + 1, of)),
            ..head
        }),
        None => bare(&lines),
    }
}

/// The heads of responses, in order.
fn heads(lines: &[&str]) -> Vec<Seen> {
    let mut heads: Vec<Seen> = Vec::new();
    let mut in_head = false;
    for line in lines {
        let line = line.trim_end_matches('\r');
        if let Some(status) = status_of(line) {
            heads.push(Seen::new(status, Vec::new()));
            in_head = true;
        } else if line.is_empty() {
            in_head = false;
        } else if let (true, Some(head)) = (in_head, heads.last_mut()) {
            add(&mut head.fields, line);
        }
    }
    heads
}

/// Field lines without a status line.
fn bare(lines: &[&str]) -> Result<Seen, String> {
    let mut fields = Vec::new();
    for line in lines {
        add(&mut fields, line.trim_end_matches('\r'));
    }
    let has = |name: &str| {
        let mut fields = fields.iter();
        fields.any(|field: &Field| field.name.eq_ignore_ascii_case(name))
    };
    let status = match (has("WWW-Authenticate"), has("Proxy-Authenticate")) {
        (true, _) => 401,
        (false, true) => 407,
        (false, false) => {
            return Err(
                "there is neither a status line such as `HTTP/1.1 401 Unauthorized` nor a \
                 `WWW-Authenticate` field\n  help: save what `curl -si URL` prints"
                    .to_owned(),
            );
        }
    };
    Ok(Seen {
        assumed: true,
        ..Seen::new(status, fields)
    })
}

/// Adds a field line, or what a folded one goes on with.
fn add(fields: &mut Vec<Field>, line: &str) {
    if line.starts_with([' ', '\t']) {
        if let Some(folded) = fields.last_mut() {
            folded.value.extend_from_slice(b"\r\n");
            folded.value.extend(bytes(line.trim_end()));
        }
        return;
    }
    let is_name = |name: &str| !name.is_empty() && !name.contains([' ', '\t', '"', '<']);
    if let Some((name, value)) = line.split_once(':').filter(|(name, _)| is_name(name)) {
        fields.push(Field {
            name: name.to_owned(),
            value: bytes(value.trim_matches([' ', '\t'])).collect(),
        });
    }
}

/// Text that holds one byte a character as those bytes.
fn bytes(text: &str) -> impl Iterator<Item = u8> + '_ {
    text.chars()
        .map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?'))
}

/// The status of a status line (RFC 9112 §4; HTTP/2 and HTTP/3 as curl writes them).
fn status_of(line: &str) -> Option<u16> {
    let mut words = line.split_whitespace();
    let version = words.next()?.strip_prefix("HTTP/")?;
    let is_version = version
        .bytes()
        .all(|byte| byte.is_ascii_digit() || byte == b'.');
    let status = words.next()?.parse().ok()?;
    (is_version && (100..600).contains(&status)).then_some(status)
}

fn status_of_verbose(line: &str) -> Option<u16> {
    status_of(line.strip_prefix("< ")?)
}

/// What `curl -v` says that it received, without its mark.
fn received(line: &str) -> Option<&str> {
    let line = line.strip_prefix('<')?;
    Some(line.strip_prefix(' ').unwrap_or(line))
}

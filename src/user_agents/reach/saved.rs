//! A response that somebody saved: what curl prints, what a mail or an issue quotes of it.

use std::borrow::Cow;

use super::seen::ResponseHead;
use crate::wire::FieldLine;
use crate::yaml::kind_of;

/// Reads a saved response, given one character a byte.
///
/// Taken are: what `curl -si` prints; what `curl -siL` prints, with several heads; what `curl -v`
/// prints, of which the lines that begin with `<` are the responses; what `wget -S` prints; each of
/// these with an indent, and with any ends of lines; and bare field lines without a status line, which
/// are taken for those of a 401 (of a 407, if all there is is `Proxy-Authenticate`). Of several
/// responses the last that refuses counts, or else the last; interim ones (RFC 9110 §15.2) are none. A
/// status line within the content of a response is no response. A folded line (RFC 9112 §5.2) stays
/// folded in its value.
///
/// # Errors
///
/// In words, when there is neither a status line nor a field line with challenges, when what stands
/// for a status line is none, or when it is a file of another kind, such as a saved finding, which quotes responses.
pub fn saved_response(text: &str) -> Result<ResponseHead, String> {
    let text = text.strip_prefix("\u{ef}\u{bb}\u{bf}").unwrap_or(text);
    if let Some((what, takes)) = kind_of(text) {
        return Err(format!("this is {what}, and no response\n  help: {takes}"));
    }
    let text = with_line_feeds(text);
    let lines = lines(&text);
    let mut heads = heads(&lines);
    if heads.is_empty() {
        return without_status(&lines);
    }
    heads.retain(|head| !(100..200).contains(&head.status));
    let refuses = |head: &ResponseHead| matches!(head.status, 401 | 407);
    let refusal = heads.iter().rposition(refuses);
    let at = refusal.unwrap_or(heads.len().saturating_sub(1));
    let of = heads.len();
    match heads.into_iter().nth(at) {
        Some(head) => Ok(ResponseHead {
            which: Some((at + 1, of)),
            ..head
        }),
        None => without_status(&lines),
    }
}

/// The text with line feeds where its lines end in carriage returns alone.
fn with_line_feeds(text: &str) -> Cow<'_, str> {
    let is_apart = |line: &str| line.trim_end_matches('\r').contains('\r');
    let inner = text.trim_end_matches(['\r', '\n']);
    let first = text.lines().find(|line| !line.trim().is_empty());
    let in_status = first.is_some_and(|line| is_apart(line) && mark(line).is_some());
    match in_status || inner.contains('\r') && !inner.contains('\n') {
        true => Cow::Owned(text.replace('\r', "\n")),
        false => Cow::Borrowed(text),
    }
}

/// What a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum LineKind {
    /// Of a response.
    Own,
    /// Of a head with curl's marks, behind which content may stand without them.
    Marked,
    /// Of a head with curl's marks, where only those were kept.
    Sole,
    /// After which another response may begin.
    Between,
    /// Of something else.
    Other,
}

/// A line, without its end, its indent and its mark.
#[derive(Clone, Copy, Debug)]
struct SavedLine<'t> {
    text: &'t str,
    kind: LineKind,
    /// How many bytes of content it is.
    size: usize,
}

/// The lines, without what stands before each for people.
fn lines(text: &str) -> Vec<SavedLine<'_>> {
    let marked = text.lines().find_map(mark);
    let first = text.lines().find(|line| !line.trim().is_empty());
    let (indent, verbose) = marked.unwrap_or_else(|| (indent(first.unwrap_or_default()), false));
    // Somebody who kept only what came in kept no content.
    let asks = |line: &str| line.starts_with(indent) && line.trim_start().starts_with("> ");
    let has_requests = verbose && text.lines().any(asks);
    let line = |line| {
        let whole: &str = line;
        let line = whole.trim_end_matches(['\r', '\n']);
        let own = line.strip_prefix(indent);
        let is_blank = line.trim().is_empty();
        let (text, kind) = match own {
            Some(own) if verbose => match own.strip_prefix('<') {
                Some(received) => {
                    let text = received.strip_prefix(' ').unwrap_or(received);
                    let kind = if has_requests {
                        LineKind::Marked
                    } else {
                        LineKind::Sole
                    };
                    (text, kind)
                }
                None if own.starts_with("> ") => ("", LineKind::Between),
                None => ("", LineKind::Other),
            },
            Some(own) => (own, LineKind::Own),
            None if is_blank && !verbose => ("", LineKind::Own),
            // Bare field lines.
            None if marked.is_none() => (line, LineKind::Own),
            None => (line, LineKind::Between),
        };
        let ends = whole.len() - line.len();
        let size = text.chars().count() + ends;
        SavedLine { text, kind, size }
    };
    text.split_inclusive('\n').map(line).collect()
}

/// The indent of a status line, and whether it has curl's mark; nothing for another line.
fn mark(line: &str) -> Option<(&str, bool)> {
    let bare = line.trim_start_matches([' ', '\t']);
    let (status, verbose) = match bare.strip_prefix("< ") {
        Some(status) => (status, true),
        None => (bare, false),
    };
    status_of(status).map(|_| (indent(line), verbose))
}

/// The blanks with which a line begins.
fn indent(line: &str) -> &str {
    let bare = line.trim_start_matches([' ', '\t']);
    line.strip_suffix(bare).unwrap_or_default()
}

/// Where in a text of responses a line stands.
#[derive(Clone, Copy, Debug)]
enum Position {
    /// Where a response may begin.
    Outside,
    /// In a head.
    Head,
    /// In content, of which so many bytes went before.
    Content {
        passed: usize,
        /// Whether they were the ends of lines.
        blank: bool,
    },
}

/// The heads of responses, in order.
fn heads(lines: &[SavedLine<'_>]) -> Vec<ResponseHead> {
    let mut heads: Vec<ResponseHead> = Vec::new();
    let mut at = Position::Outside;
    let mut left: usize = lines.iter().map(|line| line.size).sum();
    // Somebody who copies from a screen may lose the indent of the first line only.
    let mut within = "";
    for line in lines {
        let rest = left;
        left -= line.size;
        let text = line.text;
        match line.kind {
            LineKind::Between => {
                at = Position::Outside;
                continue;
            }
            LineKind::Other => continue,
            LineKind::Own | LineKind::Marked | LineKind::Sole => {}
        }
        let mut status = status_of(text);
        at = match (at, heads.last_mut()) {
            (Position::Head, Some(_)) if status.is_some() => Position::Outside,
            (Position::Head, Some(head)) if text.trim().is_empty() => match line.kind {
                LineKind::Marked if !(100..200).contains(&head.status) => Position::Content {
                    passed: 0,
                    blank: false,
                },
                LineKind::Marked | LineKind::Sole => Position::Outside,
                _ => Position::Content {
                    passed: 0,
                    blank: true,
                },
            },
            (Position::Head, Some(head)) => {
                if head.fields.is_empty() {
                    within = indent(text);
                }
                add(&mut head.fields, text.strip_prefix(within).unwrap_or(text));
                Position::Head
            }
            (Position::Content { passed, blank }, Some(head)) if line.kind == LineKind::Own => {
                let length = length(head).filter(|length| *length > passed);
                let cut = length.and_then(|length| text.char_indices().nth(length - passed));
                let cut = cut.and_then(|(cut, _)| status_of(text.split_at_checked(cut)?.1));
                if cut.is_some() {
                    status = cut;
                    Position::Outside
                } else if status.is_some() && is_over(head, passed, rest, blank) {
                    Position::Outside
                } else {
                    Position::Content {
                        passed: passed + line.size,
                        blank: blank && text.trim().is_empty(),
                    }
                }
            }
            (at, _) => at,
        };
        if let (Position::Outside, Some(status)) = (at, status) {
            heads.push(ResponseHead::new(status, Vec::new()));
            at = Position::Head;
        }
    }
    heads
}

/// The length of a response's content, where it says so.
fn length(head: &ResponseHead) -> Option<usize> {
    head.text("Content-Length")?.trim().parse().ok()
}

/// Whether the content of a response is over where a status line stands, `passed` bytes behind its head
/// and `rest` bytes before the end of the text. `blank` is whether nothing but the ends of lines stands
/// between.
///
/// Content that has a length has that. Without any, and where it is left out because curl goes on to
/// another request (a redirection, a challenge that it answers, a tunnel) or asked by HEAD, another
/// response can only follow at once.
fn is_over(head: &ResponseHead, passed: usize, rest: usize, blank: bool) -> bool {
    let goes_on = matches!(head.status, 300..=399 | 401 | 407);
    let has = |name: &str| head.text(name).is_some();
    match (head.status, length(head)) {
        (100..=199 | 204 | 304, _) => blank,
        (_, Some(length)) if length <= passed => true,
        (_, Some(length)) => {
            let is_all = (length..=length + 2).contains(&(passed + rest));
            blank && (passed + rest < length || goes_on && !is_all)
        }
        (status, None) => {
            let is_tunnel = status == 200 && !has("Transfer-Encoding") && !has("Content-Type");
            blank && (goes_on || is_tunnel)
        }
    }
}

/// Field lines without a status line.
fn without_status(lines: &[SavedLine<'_>]) -> Result<ResponseHead, String> {
    let mut texts = lines.iter().map(|line| line.text);
    if let Some(line) = texts.find(|text| text.starts_with("HTTP/")) {
        let shown: String = line.chars().take(80).collect();
        return Err(format!(
            "`{}` is no status line: after the version comes a status of three digits, from 100 to 599 \
             (RFC 9112 §4, RFC 9110 §15)",
            shown.escape_debug()
        ));
    }
    let mut fields = Vec::new();
    for line in lines {
        add(&mut fields, line.text);
    }
    let has = |name: &str| {
        let mut fields = fields.iter();
        fields.any(|field: &FieldLine| field.name.eq_ignore_ascii_case(name))
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
    Ok(ResponseHead {
        assumed: true,
        ..ResponseHead::new(status, fields)
    })
}

/// Adds a field line, or what a folded one goes on with.
fn add(fields: &mut Vec<FieldLine>, line: &str) {
    if line.starts_with([' ', '\t']) {
        if let Some(folded) = fields.last_mut() {
            folded.value.extend_from_slice(b"\r\n");
            folded.value.extend(bytes(line.trim_end()));
        }
        return;
    }
    let is_name = |name: &str| !name.is_empty() && !name.contains([' ', '\t', '"', '<']);
    if let Some((name, value)) = line.split_once(':').filter(|(name, _)| is_name(name)) {
        fields.push(FieldLine {
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
    let mut words = line.strip_prefix("HTTP/")?.split_whitespace();
    let version = words.next()?;
    let is_version = version
        .bytes()
        .all(|byte| byte.is_ascii_digit() || byte == b'.');
    let status = words.next()?;
    let is_status = status.len() == 3 && status.bytes().all(|byte| byte.is_ascii_digit());
    let status = status.parse().ok().filter(|_| is_status && is_version)?;
    (100..600).contains(&status).then_some(status)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (u16, Option<(usize, usize)>, Vec<String>) {
        let seen = saved_response(text).unwrap_or_else(|why| panic!("{why}\n{text}"));
        let lines = seen.lines(seen.field_name()).into_iter();
        let lines = lines.map(|line| String::from_utf8_lossy(line).into_owned());
        (seen.status, seen.which, lines.collect())
    }

    /// A saved finding quotes responses, deep in it.
    #[test]
    fn a_file_of_another_kind_is_no_response() {
        let saved = "# Found\ncountersign-reproduction: 1\nsee: |\n  HTTP/1.1 200 OK\n";
        let why = saved_response(saved).unwrap_err();
        assert_eq!(
            why,
            "this is a saved finding, and no response\n  help: `countersign replay FILE` tries it"
        );
    }

    const REFUSAL: &str = "HTTP/1.1 401 Unauthorized\nServer: x\nWWW-Authenticate: Basic realm=\"x\",\n \
                           Bearer\nWWW-Authenticate: Negotiate\n\n<html>\n";

    #[test]
    fn an_indent_and_any_end_of_line_change_nothing() {
        let plain = read(REFUSAL);
        assert_eq!(plain.2.len(), 2);
        for indent in ["  ", "\t", "    "] {
            let lines = REFUSAL.lines().map(|line| format!("{indent}{line}\n"));
            assert_eq!(read(&lines.collect::<String>()), plain);
            let lines = REFUSAL.lines().map(|line| match line {
                "" => "\r\n".to_owned(),
                line => format!("{indent}{line}\r\n"),
            });
            assert_eq!(read(&lines.collect::<String>()), plain);
            // The first line has lost it.
            let lines = REFUSAL.lines().map(|line| format!("{indent}{line}\n"));
            let lines: String = lines.collect();
            assert_eq!(read(lines.trim_start()), plain);
            let marked = REFUSAL.lines().map(|line| format!("{indent}< {line}\n"));
            assert_eq!(read(&marked.collect::<String>()), plain);
            let bare =
                format!("{indent}WWW-Authenticate: Basic\n{indent}WWW-Authenticate: Bearer\n");
            assert_eq!(
                read(&bare),
                (401, None, vec!["Basic".into(), "Bearer".into()])
            );
        }
        for end in ["\r", "\r\n", "\r\r\n"] {
            assert_eq!(read(&REFUSAL.replace('\n', end)), plain, "{end:?}");
        }
    }

    #[test]
    fn what_wget_prints_has_its_responses_indented() {
        let text = "--2026-01-01--  http://a/\nHTTP request sent, awaiting response... \n  HTTP/1.1 302 \
                    Found\n  Location: /b\nLocation: /b [following]\nHTTP request sent, awaiting \
                    response... \n  HTTP/1.1 401 No\n  WWW-Authenticate: Basic realm=\"x\"\n\n\
                    Username/Password Authentication Failed.\n";
        let told = (401, Some((2, 2)), vec!["Basic realm=\"x\"".to_owned()]);
        assert_eq!(read(text), told);
    }

    #[test]
    fn a_status_line_in_content_is_no_response() {
        let quoted = "HTTP/1.1 401 No\nWWW-Authenticate: Bearer\n\n";
        let sole = |status| (status, Some((1, 1)), Vec::new());
        let head = "HTTP/1.1 200 OK\nContent-Type: text/plain\n";
        // A page that quotes one, at once or later, with a length or without.
        assert_eq!(read(&format!("{head}\n{quoted}")), sole(200));
        assert_eq!(read(&format!("{head}\nTry:\n{quoted}")), sole(200));
        let size = quoted.len();
        let sized = format!("{head}Content-Length: {size}\n\n");
        assert_eq!(read(&format!("{sized}{quoted}")), sole(200));
        let refusal = format!("HTTP/1.1 401 No\nContent-Length: {size}\n\n");
        assert_eq!(read(&format!("{refusal}{quoted}")), sole(401));
        let marked = "> GET / HTTP/1.1\n> \n< HTTP/1.1 200 OK\n< \n< HTTP/1.1 401 No\n";
        assert_eq!(read(marked), sole(200));
        // One behind the content, at the beginning of a line and within one.
        for content in ["a\n", "{}"] {
            let size = content.len();
            let text = format!("{head}Content-Length: {size}\n\n{content}{quoted}");
            assert_eq!(read(&text), (401, Some((2, 2)), vec!["Bearer".to_owned()]));
        }
        // What curl leaves out of a redirection, of a tunnel, of an answer to HEAD.
        for first in [
            "HTTP/1.1 302 Found\nContent-Length: 5\n",
            "HTTP/1.1 200 Connection established\n",
            "HTTP/1.1 200 OK\nContent-Length: 5000\n",
        ] {
            let text = format!("{first}\n{quoted}");
            assert_eq!(read(&text), (401, Some((2, 2)), vec!["Bearer".to_owned()]));
        }
        let interim = format!("HTTP/1.1 100 Continue\n\n{quoted}");
        assert_eq!(read(&interim).1, Some((1, 1)));
    }

    #[test]
    fn a_wrong_status_line_is_told() {
        for line in [
            "HTTP/1.1 999999 x",
            "HTTP/1.1 +401 x",
            "HTTP/1.1 40 x",
            "HTTP/1.1",
        ] {
            let text = format!("{line}\nWWW-Authenticate: Basic\n\n");
            let why = saved_response(&text).unwrap_err();
            assert!(
                why.starts_with(&format!("`{line}` is no status line")),
                "{why}"
            );
        }
    }
}

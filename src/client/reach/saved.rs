//! A response that somebody saved, such as `curl -si` prints it.

use crate::client::model::Layout;

/// The status and the challenges of a saved response. Of several (after redirections, say) the first
/// that refuses counts, or else the last.
///
/// # Errors
///
/// In words, when no status line is there.
pub fn saved_response(text: &str) -> Result<(u16, Layout), String> {
    let mut heads: Vec<(u16, Vec<&str>)> = Vec::new();
    let mut in_head = false;
    for line in text.lines() {
        if let Some(status) = status_of(line) {
            heads.push((status, Vec::new()));
            in_head = true;
            continue;
        }
        let line = line.trim_end_matches('\r');
        if line.is_empty() {
            in_head = false;
        }
        if let (true, Some((_, lines)), Some((name, value))) =
            (in_head, heads.last_mut(), line.split_once(':'))
            && name.eq_ignore_ascii_case("WWW-Authenticate")
        {
            lines.push(value);
        }
    }
    let refusal = heads.iter().position(|(status, _)| *status == 401);
    let at = refusal.unwrap_or(heads.len().saturating_sub(1));
    match heads.into_iter().nth(at) {
        Some((status, lines)) => Ok((status, Layout::new(lines))),
        None => Err("there is no status line such as `HTTP/1.1 401 Unauthorized`".to_owned()),
    }
}

fn status_of(line: &str) -> Option<u16> {
    let mut words = line.split_whitespace();
    words.next().filter(|word| word.starts_with("HTTP/"))?;
    words.next()?.parse().ok()
}

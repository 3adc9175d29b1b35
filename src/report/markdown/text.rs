//! What is foreign in a page of Markdown: it stays text, wherever it stands.

use super::super::escape::{bounded_line, visible_line};

/// The most characters of a text within a line.
const INLINE: usize = 1_000;

/// The most characters of a line in a fence, where a part of it is still worth something.
const LINE: usize = 8_000;

/// A text within a line, a cell of a table included: nothing in it is markup, a link, a formula, or a mention of
/// somebody.
pub(super) fn inline(text: &str) -> String {
    let mut out = String::new();
    let shown = bounded_line(text, INLINE);
    for c in shown.replace("www.", "www\\.").chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            // A mention is looked for in the page that was made, and not in code.
            '@' => out.push_str("<code>@</code>"),
            '\\' if out.ends_with("www") => out.push('\\'),
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '(' | ')' | '#' | '!' | '|' | '~'
            | '$' | ':' => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
    }
    out
}

/// A text within an HTML element on a line of its own, where Markdown is not read.
pub(super) fn html(text: &str) -> String {
    let mut out = String::new();
    for c in bounded_line(text, INLINE).chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '[' => out.push_str("&#91;"),
            ']' => out.push_str("&#93;"),
            '`' => out.push_str("&#96;"),
            '@' => out.push_str("<code>@</code>"),
            c => out.push(c),
        }
    }
    out
}

/// Lines in a fence that none of them ends.
pub(super) fn fence<T: AsRef<str>>(language: &str, lines: impl IntoIterator<Item = T>) -> String {
    let lines = lines.into_iter();
    let shown: Vec<String> = lines
        .map(|line| visible_line(line.as_ref()).into_owned())
        .collect();
    let longest = shown.iter().map(|line| longest_run(line)).max();
    let fence = "`".repeat(longest.unwrap_or(0).max(2) + 1);
    format!("{fence}{language}\n{}\n{fence}\n", shown.join("\n"))
}

/// A line for a fence, of bounded length.
pub(super) fn line(text: &str) -> String {
    bounded_line(text, LINE)
}

fn longest_run(text: &str) -> usize {
    let mut runs = text.split(|c| c != '`').map(str::len);
    runs.by_ref().max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_stays_text() {
        assert_eq!(
            inline("a|b\n<b>*x*</b> `c` [l](http://x) @who $x$ \\ &amp; www.x ::error"),
            "a\\|b\\\\n&lt;b&gt;\\*x\\*&lt;/b&gt; \\`c\\` \\[l\\]\\(http\\://x\\) <code>@</code>who \\$x\\$ \
             \\\\ &amp;amp; www\\.x \\:\\:error"
        );
        assert_eq!(
            html("</summary><script>'\"@x\u{202e}[`]"),
            "&lt;/summary&gt;&lt;script&gt;&#39;&quot;<code>@</code>x\\u{202e}&#91;&#96;&#93;"
        );
        assert!(inline(&"x".repeat(1_000_000)).len() < 1_100);
    }

    #[test]
    fn no_line_ends_a_fence() {
        let text = fence("sh", ["```", "`````` a", "b\n```\n\x1b[2J"]);
        assert_eq!(
            text,
            "```````sh\n```\n`````` a\nb\\n```\\n\\x1b[2J\n```````\n"
        );
        assert_eq!(fence("", ["a"]), "```\na\n```\n");
    }
}

//! Patterns of log lines: literal text and placeholders.
//!
//! `{slot} 2{any} user={user}` fits a whole line. A placeholder ends where the text behind it first
//! occurs, so that a line fits in one way or not at all, in time linear in its length.

use std::fmt;

use crate::observation::AuditEvent;
use crate::yaml::{nearest, one_of};

/// What stands in a log for nobody, in every format that has fields in a row.
const NOBODY: &str = "-";

/// What a placeholder stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum LogField {
    /// The number of a slot.
    Slot,
    /// The loopback port of a slot.
    Port,
    /// Whose log-in it was: some text, and not `-`.
    User,
    /// An auth-scheme: a word, and not `-`.
    Scheme,
    /// Any text, or none.
    Any,
}

impl LogField {
    const ALL: [Self; 5] = [Self::Slot, Self::Port, Self::User, Self::Scheme, Self::Any];

    fn word(self) -> &'static str {
        match self {
            Self::Slot => "slot",
            Self::Port => "port",
            Self::User => "user",
            Self::Scheme => "scheme",
            Self::Any => "any",
        }
    }

    /// Whether a text can be its value.
    fn takes(self, text: &str) -> bool {
        match self {
            Self::Slot | Self::Port => {
                !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
            }
            Self::User => !text.is_empty() && text != NOBODY,
            Self::Scheme => {
                text != NOBODY
                    && !text.is_empty()
                    && text
                        .bytes()
                        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            }
            Self::Any => true,
        }
    }
}

/// A pattern of a whole line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    /// The text before the first placeholder.
    begins: String,
    /// Each placeholder with the text behind it.
    fields: Vec<(LogField, String)>,
}

/// What the placeholders of a pattern stand for in a line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Matched<'a> {
    slot: Option<&'a str>,
    port: Option<&'a str>,
    user: Option<&'a str>,
    scheme: Option<&'a str>,
}

impl Pattern {
    /// Reads a pattern.
    ///
    /// # Errors
    ///
    /// What is wrong with it, and what to write instead.
    pub(in crate::adapter) fn parse(text: &str) -> Result<Self, (String, String)> {
        let mut pattern = Self {
            begins: String::new(),
            fields: Vec::new(),
        };
        let mut rest = text;
        while let Some(open) = rest.find('{') {
            let (before, braced) = rest.split_at(open);
            let inside = braced.strip_prefix('{').unwrap_or_default();
            // A brace of the log's own, such as those of JSON, is no placeholder.
            let word = inside.split_once('}').filter(|(word, _)| {
                !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase())
            });
            let Some((word, behind)) = word else {
                pattern.literal(before);
                pattern.literal("{");
                rest = inside;
                continue;
            };
            pattern.literal(before);
            pattern.placeholder(word)?;
            rest = behind;
        }
        pattern.literal(rest);
        pattern.whole()
    }

    fn literal(&mut self, text: &str) {
        match self.fields.last_mut() {
            Some((_, behind)) => behind.push_str(text),
            None => self.begins.push_str(text),
        }
    }

    fn placeholder(&mut self, word: &str) -> Result<(), (String, String)> {
        let Some(field) = LogField::ALL.into_iter().find(|field| field.word() == word) else {
            let words = LogField::ALL.map(LogField::word);
            let help = match nearest(word, words) {
                Some(meant) => format!("did you mean `{{{meant}}}`?"),
                None => format!("the placeholders are {}", one_of(&words)),
            };
            return Err((format!("there is no placeholder `{{{word}}}`"), help));
        };
        if field != LogField::Any && self.has(field) {
            return Err((
                format!("`{{{word}}}` stands in it twice"),
                "write `{any}` for a text that may be anything".to_owned(),
            ));
        }
        if let Some((last, behind)) = self.fields.last()
            && behind.is_empty()
        {
            return Err((
                format!("nothing tells where `{{{}}}` ends", last.word()),
                format!("write the text that stands between it and `{{{word}}}`"),
            ));
        }
        self.fields.push((field, String::new()));
        Ok(())
    }

    fn whole(self) -> Result<Self, (String, String)> {
        if self.has(LogField::Slot) == self.has(LogField::Port) {
            return Err((
                "a line must say which slot it is about, once".to_owned(),
                "write `{slot}` where the slot's number stands, such as `/s{slot}/`, or `{port}` \
                 where its port does"
                    .to_owned(),
            ));
        }
        Ok(self)
    }

    fn has(&self, field: LogField) -> bool {
        self.fields.iter().any(|(found, _)| *found == field)
    }

    /// Whether it tells slots by their ports.
    pub(in crate::adapter) fn by_port(&self) -> bool {
        self.has(LogField::Port)
    }

    fn read<'a>(&self, line: &'a str) -> Option<Matched<'a>> {
        let mut rest = line.strip_prefix(self.begins.as_str())?;
        let mut matched = Matched::default();
        for (index, (field, behind)) in self.fields.iter().enumerate() {
            let is_last = index + 1 == self.fields.len();
            let (value, after) = match is_last {
                true => (rest.strip_suffix(behind.as_str())?, ""),
                false => rest.split_once(behind.as_str())?,
            };
            if !field.takes(value) {
                return None;
            }
            match field {
                LogField::Slot => matched.slot = Some(value),
                LogField::Port => matched.port = Some(value),
                LogField::User => matched.user = Some(value),
                LogField::Scheme => matched.scheme = Some(value),
                LogField::Any => {}
            }
            rest = after;
        }
        Some(matched)
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.begins)?;
        self.fields
            .iter()
            .try_for_each(|(field, behind)| write!(out, "{{{}}}{behind}", field.word()))
    }
}

/// A kind of line that is an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventLine {
    /// What the line looks like.
    pub line: Pattern,
    /// The event's name, such as `LOGIN_SUCCESS`.
    pub event: String,
    /// The auth-scheme that such a line is about, where it does not say so itself.
    pub scheme: Option<String>,
}

impl EventLine {
    /// The event that a line is, if it is one; `ports` are those of the slots.
    pub(super) fn event(&self, line: &str, ports: &[(usize, u16)]) -> Option<AuditEvent> {
        let said = self.line.read(line)?;
        let slot = match (said.slot, said.port) {
            (Some(slot), _) => slot.parse().ok()?,
            (None, port) => {
                let port: u16 = port?.parse().ok()?;
                ports.iter().find(|(_, own)| *own == port)?.0
            }
        };
        Some(AuditEvent {
            slot,
            name: self.event.clone(),
            user: said.user.map(str::to_owned),
            scheme: said
                .scheme
                .map(str::to_ascii_lowercase)
                .or_else(|| self.scheme.clone()),
            policy: None,
            text: Some(line.to_owned()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event_of(pattern: &str, line: &str) -> Option<String> {
        let parsed = Pattern::parse(pattern).unwrap();
        assert_eq!(parsed.to_string(), pattern);
        let event = EventLine {
            line: parsed,
            event: "IN".to_owned(),
            scheme: None,
        };
        let event = event.event(line, &[(3, 8080)])?;
        Some(format!(
            "{} {} {}",
            event.slot,
            event.user.unwrap_or_default(),
            event.scheme.unwrap_or_default()
        ))
    }

    #[test]
    fn a_pattern_fits_a_whole_line_or_nothing() {
        let access = "/s{slot}/{any} 2{any} {user}";
        for (pattern, line, found) in [
            (access, "/s12/a 204 alice", Some("12 alice ")),
            (access, "/s12/ 200 -", None),
            (access, "/s12/ 200 ", None),
            (access, "/s12/ 401 alice", None),
            (access, "x/s12/ 200 alice", None),
            (access, "/sx/ 200 alice", None),
            (access, "/s/ 200 alice", None),
            // The last text is the end of the line, wherever else it stands.
            ("s{slot}: {any} ok", "s1: ok ok", Some("1  ")),
            ("s{slot}: {any} ok", "s1: ok ok.", None),
            ("s{slot} {scheme} in", "s1 Basic in", Some("1  basic")),
            ("s{slot} {scheme} in", "s1 - in", None),
            ("s{slot} {scheme} in", "s1 a b in", None),
            (":{port} {user}", ":8080 bob", Some("3 bob ")),
            (":{port} {user}", ":8081 bob", None),
            (":{port} {user}", ":99999 bob", None),
            // Braces of JSON are text.
            (
                "{\"uri\":\"/s{slot}/{any}\"user\":\"{user}\",\"a\":{}}",
                "{\"uri\":\"/s0/x\",\"user\":\"bob\",\"a\":{}}",
                Some("0 bob "),
            ),
            ("{ {slot}", "{ 7", Some("7  ")),
        ] {
            assert_eq!(
                event_of(pattern, line).as_deref(),
                found,
                "`{pattern}` on `{line}`"
            );
        }
    }

    #[test]
    fn what_is_no_pattern_is_told() {
        for (pattern, message, help) in [
            ("s{slot} {usr}", "no placeholder `{usr}`", "`{user}`"),
            ("s{slot} {status}", "no placeholder `{status}`", ""),
            ("s{slot}{user}", "where `{slot}` ends", "and `{user}`"),
            ("s{slot} {slot}", "`{slot}` stands in it twice", "`{any}`"),
            ("user={user}", "which slot", "`{slot}`"),
            ("{slot} {port}", "which slot", "`{port}`"),
        ] {
            let (what, remedy) = Pattern::parse(pattern).unwrap_err();
            assert!(what.contains(message), "{pattern}: {what}");
            assert!(remedy.contains(help), "{pattern}: {remedy}");
        }
    }
}

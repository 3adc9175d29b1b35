//! Who gets in and who does not: the text of `countersign reach`, and its JSON.

use std::fmt::{self, Write};

use serde_json::{Value, json};

use crate::client::model::Accepts;
use crate::client::reach::{Advice, Fate, Reach};

/// The width of the text, in characters.
const WIDTH: usize = 100;

/// What was asked, what was answered, and what becomes of the clients.
#[derive(Debug)]
pub struct ReachReport<'a> {
    /// Who was asked: a URL, a file, or an implementation with its policy.
    pub asked: String,
    /// The status of the answer to a request without credentials.
    pub status: u16,
    /// The values of its challenges, by field line.
    pub lines: &'a [String],
    /// Which schemes are accepted.
    pub accepts: Accepts,
    /// How that is known.
    pub accepts_known: &'static str,
    /// The clients.
    pub reach: Reach<'a>,
    /// The best layout of the challenges that were sent.
    pub same_schemes: Option<Advice>,
    /// The best layout of those and one for each accepted scheme that was not advertised; nothing
    /// where all were.
    pub every_scheme: Option<Advice>,
}

impl ReachReport<'_> {
    /// The words for the schemes that are accepted.
    fn accepted(&self) -> Vec<&'static str> {
        let Accepts {
            basic,
            bearer,
            digest,
        } = self.accepts;
        let all = [("basic", basic), ("bearer", bearer), ("digest", digest)];
        let accepted = all.iter().filter(|(_, accepted)| *accepted);
        accepted.map(|(word, _)| *word).collect()
    }

    /// Everything as one JSON object.
    pub fn to_json(&self) -> Value {
        let clients: Vec<Value> = self
            .reach
            .clients
            .iter()
            .map(|(entry, fate)| {
                let (word, why) = match fate {
                    Fate::In => ("in", None),
                    Fate::NotConcerned => ("not-concerned", None),
                    Fate::Out(cause) => ("out", Some((cause.word(), cause.to_string()))),
                };
                json!({
                    "name": entry.name,
                    "mode": entry.mode,
                    "fate": word,
                    "cause": why.as_ref().map(|(word, _)| word),
                    "why": why.as_ref().map(|(_, text)| text),
                })
            })
            .collect();
        let advice = |advice: &Option<Advice>| {
            let advice = advice.as_ref();
            advice.map(|advice| json!({"lines": advice.lines, "in": advice.inside}))
        };
        json!({
            "asked": self.asked,
            "status": self.status,
            "lines": self.lines,
            "accepted": self.accepted(),
            "concerned": self.reach.concerned(),
            "in": self.reach.inside(),
            "clients": clients,
            "same_schemes": advice(&self.same_schemes),
            "every_scheme": advice(&self.every_scheme),
        })
    }
}

impl fmt::Display for ReachReport<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (inside, concerned) = (self.reach.inside(), self.reach.concerned());
        writeln!(out, "asked     {}", self.asked)?;
        writeln!(out, "answered  {}", self.status)?;
        for line in self.lines {
            writeln!(out, "          WWW-Authenticate: {line}")?;
        }
        let accepted = self.accepted();
        match accepted.is_empty() {
            true => writeln!(out, "accepted  nothing ({})", self.accepts_known)?,
            false => writeln!(
                out,
                "accepted  {} ({})",
                accepted.join(", "),
                self.accepts_known
            )?,
        }
        let out_of = concerned - inside;
        writeln!(
            out,
            "\nOf {concerned} clients that have a use for that, {inside} get in and {out_of} are shut out.\n"
        )?;
        let by_cause = self.reach.by_cause();
        if !by_cause.is_empty() {
            writeln!(out, "shut out  because each")?;
        }
        for (cause, entries) in by_cause {
            writeln!(out, "{:8}  {cause}", entries.len())?;
            let names: Vec<&str> = entries.iter().map(|entry| entry.name.as_str()).collect();
            wrapped(out, &names)?;
        }
        self.write_advice(out)
    }
}

impl ReachReport<'_> {
    fn write_advice(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (inside, concerned) = (self.reach.inside(), self.reach.concerned());
        let better = |advice: &&Advice| advice.inside > inside;
        let layout = |out: &mut fmt::Formatter<'_>, advice: &Advice| {
            for line in &advice.lines {
                writeln!(out, "          WWW-Authenticate: {line}")?;
            }
            Ok(())
        };
        match self.same_schemes.as_ref().filter(better) {
            Some(advice) => {
                writeln!(
                    out,
                    "\nThe same challenges laid out so would let in {} of {concerned}:",
                    advice.inside
                )?;
                layout(out, advice)?;
            }
            None => writeln!(
                out,
                "\nNo other layout of the same challenges lets in more."
            )?,
        }
        if let Some(advice) = self.every_scheme.as_ref().filter(better) {
            writeln!(
                out,
                "With a challenge for every accepted scheme, {} of {concerned} would get in:",
                advice.inside
            )?;
            layout(out, advice)?;
        }
        Ok(())
    }
}

/// Names with semicolons between them, in lines of at most [`WIDTH`] characters.
fn wrapped(out: &mut impl Write, names: &[&str]) -> fmt::Result {
    const INDENT: &str = "          ";
    let mut column = 0;
    for (at, name) in names.iter().enumerate() {
        let end = if at + 1 < names.len() { ";" } else { "" };
        let length = name.chars().count() + end.len();
        if column == 0 || column + 1 + length > WIDTH {
            if column > 0 {
                out.write_char('\n')?;
            }
            write!(out, "{INDENT}{name}{end}")?;
            column = INDENT.len() + length;
        } else {
            write!(out, " {name}{end}")?;
            column += 1 + length;
        }
    }
    out.write_char('\n')
}

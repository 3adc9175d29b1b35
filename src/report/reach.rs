//! Who gets in and who does not: the text of `countersign reach`, and its JSON.

use std::fmt::{self, Write};

use serde_json::{Value, json};

use super::labelled::{INDENT, labelled, paragraph, shown_text, wrapped};
use super::witness::{witnessed, witnessed_json};
use crate::auth::Challenges;
use crate::user_agents::model::KnownScheme;
use crate::user_agents::reach::{
    ANY_REALM, Advice, Fate, Knows, Reach, Remark, ResponseHead, SchemeKnowledge,
};

/// The most characters of a field line that are shown to people.
const MOST_SHOWN: usize = 600;

/// How a person can have tried what is accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hint {
    /// Everything was tried.
    None,
    /// A server was asked: by giving it credentials; whether a user or a token was given.
    Give {
        /// A user and a password.
        user: bool,
        /// A token.
        token: bool,
    },
    /// A saved response cannot be tried.
    Saved,
    /// Credentials were given and not sent; why.
    NotSent(&'static str),
}

/// What would become of clients if a scheme were accepted of which nothing is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Supposed {
    /// The scheme.
    pub scheme: KnownScheme,
    /// How many clients would have a use for what is accepted.
    pub concerned: usize,
    /// How many of them would be shut out.
    pub shut_out: usize,
}

/// What was asked, what was answered, and what becomes of the clients.
#[derive(Debug)]
pub struct ReachReport<'a> {
    /// Who was asked: a URL, a file, or an implementation with its policy.
    pub asked: String,
    /// The answer to a request without credentials.
    pub seen: &'a ResponseHead,
    /// Its challenges.
    pub challenges: &'a Challenges,
    /// What is to be said of it.
    pub remarks: Vec<Remark>,
    /// Which schemes are accepted.
    pub knows: Knows,
    /// How more of that can be known.
    pub hint: Hint,
    /// The clients.
    pub reach: Reach<'a>,
    /// Whether the answer says anything about who gets in.
    pub is_judged: bool,
    /// What if more is accepted.
    pub supposed: Vec<Supposed>,
    /// Whether the challenges that were read are surely those that were meant.
    pub is_sure: bool,
    /// The best layout of the challenges that were sent.
    pub same_schemes: Option<Advice>,
    /// The best layout of those and one for each accepted scheme that was not advertised; nothing
    /// where all were.
    pub every_scheme: Option<Advice>,
}

/// How many clients get in and how many do not, in a sentence.
pub fn counted(reach: &Reach<'_>) -> String {
    let (inside, concerned) = (reach.inside(), reach.concerned());
    let out_of = concerned - inside;
    if concerned == 0 {
        return "No client of the catalogue has a use for that.".to_owned();
    }
    format!(
        "Of {concerned} clients that have a use for that, {inside} get in and {out_of} {} shut out.",
        if out_of == 1 { "is" } else { "are" }
    )
}

impl ReachReport<'_> {
    /// Whether it can be concluded that nobody is shut out, where nobody is seen to be.
    pub fn is_concluded(&self) -> bool {
        let says_nothing = self.remarks.iter().any(Remark::is_no_answer) && !self.is_judged;
        !says_nothing && !self.is_all_refused()
    }

    /// Whether credentials were tried that may be wrong, and none was accepted.
    fn is_all_refused(&self) -> bool {
        let tried = |accepted| {
            self.knows
                .of
                .iter()
                .any(|(_, known)| known.is_tried(accepted))
        };
        tried(false) && !tried(true)
    }

    /// Whether the answer shuts clients out.
    pub fn shuts_out(&self) -> bool {
        let by_count = self.is_judged && self.reach.inside() < self.reach.concerned();
        by_count || self.remarks.iter().any(Remark::shuts_out)
    }

    /// Everything as one JSON object.
    pub fn to_json(&self) -> Value {
        let clients: Vec<Value> = self
            .reach
            .clients
            .iter()
            .map(|(entry, fate)| {
                let why = match fate {
                    Fate::In | Fate::NotConcerned => None,
                    Fate::Out(cause) => Some((cause.word(), cause.to_string())),
                };
                json!({
                    "name": entry.name,
                    "mode": entry.mode,
                    "fate": fate.word(),
                    "cause": why.as_ref().map(|(word, _)| word),
                    "why": why.as_ref().map(|(_, text)| text),
                })
            })
            .collect();
        let advice = |advice: &Option<Advice>| {
            let advice = advice.as_ref();
            advice.map(|advice| json!({"lines": advice.lines, "in": advice.inside}))
        };
        let schemes = self.knows.of.iter().map(|(scheme, known)| {
            let status = match known {
                SchemeKnowledge::Tried { status, .. } => *status,
                _ => None,
            };
            json!({
                "scheme": word(*scheme),
                "accepted": known.accepted(),
                "known": known.word(),
                "status": status,
            })
        });
        let departures = self.challenges.problems.iter().map(|problem| {
            let departure = problem.departure;
            json!({
                "departure": departure.word(),
                "line": problem.line + 1,
                "byte": problem.bytes.start + 1,
                "what": problem.what,
                "sender": departure.sender().words(),
                "recipient": departure.recipient().words(),
                "source": departure.section(),
            })
        });
        let remarks = self.remarks.iter();
        let remarks =
            remarks.map(|remark| json!({"remark": remark.word(), "text": remark.to_string()}));
        let supposed = self.supposed.iter().filter(|_| self.is_judged);
        let supposed = supposed.map(|one| {
            json!({
                "scheme": word(one.scheme),
                "concerned": one.concerned,
                "out": one.shut_out,
            })
        });
        let lines = self.seen.lines(self.seen.field_name());
        let lines: Vec<String> = lines.into_iter().map(latin1).collect();
        json!({
            "asked": self.asked,
            "status": self.seen.status,
            "which": self.seen.which.map(|(which, of)| json!({"response": which, "of": of})),
            "field": self.seen.field_name(),
            "lines": lines,
            "remarks": remarks.collect::<Vec<_>>(),
            "departures": departures.collect::<Vec<_>>(),
            "sure": self.is_sure,
            "read_as": self.challenges.list.iter().map(ToString::to_string).collect::<Vec<_>>(),
            "accepted": self.accepted(|known| known.accepted()),
            "schemes": schemes.collect::<Vec<_>>(),
            "judged": self.is_judged,
            "concluded": self.is_concluded(),
            "concerned": self.is_judged.then(|| self.reach.concerned()),
            "in": self.is_judged.then(|| self.reach.inside()),
            "shuts_out": self.shuts_out(),
            "supposed": supposed.collect::<Vec<_>>(),
            "seen": if self.is_judged { witnessed_json(&self.reach) } else { Value::Null },
            "clients": if self.is_judged { clients } else { Vec::new() },
            "same_schemes": advice(&self.same_schemes.clone().filter(|_| self.is_judged)),
            "every_scheme": advice(&self.every_scheme.clone().filter(|_| self.is_judged)),
        })
    }

    /// The schemes that are advertised, as they are named.
    fn advertised(&self) -> String {
        let mut names: Vec<&str> = Vec::new();
        for challenge in &self.challenges.list {
            if !names.contains(&challenge.scheme.as_str()) {
                names.push(&challenge.scheme);
            }
        }
        cut(shown_text(&names.join(", ")))
    }

    /// The words for the schemes of which so much is known.
    fn accepted(&self, which: impl Fn(SchemeKnowledge) -> bool) -> Vec<&'static str> {
        let of = self.knows.of.iter();
        let of = of.filter(|(_, known)| which(*known));
        of.map(|(scheme, _)| word(*scheme)).collect()
    }
}

impl fmt::Display for ReachReport<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(out, "asked     {}", self.asked)?;
        write!(out, "answered  {}", self.seen.status)?;
        if let Some((which, of)) = self.seen.which.filter(|(_, of)| *of > 1) {
            write!(out, " (response {which} of {of} in it)")?;
        }
        out.write_char('\n')?;
        let name = self.seen.field_name();
        for line in self.seen.lines(name) {
            writeln!(out, "{INDENT}{name}: {}", shown(line))?;
        }
        for (name, line) in self.seen.renamed() {
            writeln!(out, "{INDENT}{}: {}", shown(name.as_bytes()), shown(line))?;
        }
        self.write_departures(out)?;
        self.write_accepted(out)?;
        out.write_char('\n')?;
        for remark in &self.remarks {
            let text = shown_text(&remark.to_string());
            paragraph(out, "", &text)?;
            out.write_char('\n')?;
        }
        if self.is_judged {
            self.write_clients(out)?;
            self.write_advice(out)?;
        }
        Ok(())
    }
}

impl ReachReport<'_> {
    /// How the field departs from the grammar, and what recipients make of that.
    fn write_departures(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for problem in &self.challenges.problems {
            let departure = problem.departure;
            let text = format!(
                "{problem}: `{departure}` ({}); a {}, a {}",
                departure.section(),
                departure.sender().words(),
                departure.recipient().words(),
            );
            labelled(out, "departs", &cut(shown_text(&text)))?;
        }
        if !self.is_sure && !self.challenges.list.is_empty() {
            let list = self.challenges.list.iter();
            let read: Vec<String> = list.map(|one| shown_text(&one.to_string())).collect();
            labelled(
                out,
                "read as",
                &format!(
                    "{} (so a tolerant reader; others read something else, or nothing)",
                    cut(read.join(" and "))
                ),
            )?;
        }
        Ok(())
    }

    fn write_accepted(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut groups: Vec<(&str, Vec<&str>)> = Vec::new();
        for (scheme, known) in self.knows.of.iter().filter(|(_, known)| known.accepted()) {
            let how = match known {
                // What else was told to a proxy is told as a server is told it.
                SchemeKnowledge::Tried {
                    status: Some(_), ..
                } if self.seen.status == 407 => "tried, in Proxy-Authorization",
                _ => known.how(),
            };
            match groups.iter_mut().find(|(known, _)| *known == how) {
                Some((_, schemes)) => schemes.push(word(*scheme)),
                None => groups.push((how, vec![word(*scheme)])),
            }
        }
        let said: Vec<String> = groups
            .iter()
            .map(|(how, schemes)| format!("{} ({how})", schemes.join(", ")))
            .collect();
        let untried = |known: &SchemeKnowledge| *known == SchemeKnowledge::Untried;
        let nothing = match self.knows.of.iter().find(|(_, known)| !untried(known)) {
            Some((_, known)) => format!("nothing ({})", known.how()),
            None if self.challenges.list.is_empty() => {
                "not known: nothing is advertised".to_owned()
            }
            None => format!(
                "not known: for what is advertised ({}) no client of the catalogue has credentials",
                self.advertised()
            ),
        };
        let said = match said.is_empty() {
            true => nothing,
            false => said.join(", "),
        };
        labelled(out, "accepted", &said)?;
        for (scheme, known) in &self.knows.of {
            if let SchemeKnowledge::Tried {
                accepted: false,
                status: Some(status),
            } = known
            {
                let word = word(*scheme);
                let asked = match self.seen.status {
                    407 => 407,
                    _ => 401,
                };
                let field = match asked {
                    407 => " in Proxy-Authorization",
                    _ => "",
                };
                let text = match *status == asked {
                    true => {
                        let alike = match scheme {
                            KnownScheme::Bearer => "an unknown or expired token looks",
                            _ => "a wrong password or a locked user looks",
                        };
                        format!("{word} (tried{field}: {status}; {alike} the same)")
                    }
                    false => format!(
                        "{word} (tried{field}: {status}, which is neither a success nor a {asked}; if \
                         the credentials are good all the same, say so with --accepts)"
                    ),
                };
                labelled(out, "refused", &text)?;
            }
        }
        let untried = |wanted: &[KnownScheme]| {
            let of = self.knows.of.iter();
            let of = of.filter(|(scheme, known)| untried(known) && wanted.contains(scheme));
            let words: Vec<&str> = of.map(|(scheme, _)| word(*scheme)).collect();
            words.join(", ")
        };
        let mut not_tried = |schemes: String, how: &str| match schemes.is_empty() {
            true => Ok(()),
            false => labelled(out, "not tried", &format!("{schemes}: {how}")),
        };
        match self.hint {
            Hint::None => Ok(()),
            Hint::NotSent(why) => labelled(
                out,
                "not tried",
                &format!("the credentials that were given: {why}"),
            ),
            Hint::Saved => not_tried(
                untried(&[KnownScheme::Basic, KnownScheme::Bearer, KnownScheme::Digest]),
                "a saved response cannot be; say what is accepted with --accepts, or ask its server \
                 by URL and with credentials",
            ),
            Hint::Give { user, token } => {
                if !user {
                    not_tried(
                        untried(&[KnownScheme::Basic]),
                        "give --user NAME and --password-env VAR, or --credentials FILE",
                    )?;
                }
                if !token {
                    not_tried(
                        untried(&[KnownScheme::Bearer]),
                        "give --token-env VAR, or --credentials FILE",
                    )?;
                }
                Ok(())
            }
        }
    }

    fn write_clients(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let concerned = self.reach.concerned();
        if concerned > 0 || self.supposed.is_empty() {
            writeln!(out, "{}", counted(&self.reach))?;
        }
        if self.is_all_refused() {
            paragraph(
                out,
                "",
                "Nothing that was tried is accepted, so that nothing can be concluded about what is: try \
                 credentials that are known to be good.",
            )?;
        }
        for one in &self.supposed {
            writeln!(
                out,
                "Were {} accepted{}, {} of {} clients would be shut out.",
                word(one.scheme),
                if concerned > 0 { " too" } else { "" },
                one.shut_out,
                one.concerned
            )?;
        }
        out.write_char('\n')?;
        let by_cause = self.reach.by_cause();
        if !by_cause.is_empty() {
            writeln!(out, "shut out  because each")?;
        }
        for (cause, entries) in by_cause {
            let cause = cut(shown_text(&cause.to_string()));
            writeln!(out, "{:8}  {cause}", entries.len())?;
            let names: Vec<&str> = entries.iter().map(|entry| entry.name.as_str()).collect();
            wrapped(out, &names)?;
        }
        witnessed(out, &self.reach)
    }

    fn write_advice(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (inside, concerned) = (self.reach.inside(), self.reach.concerned());
        let better = |advice: &&Advice| advice.inside > inside;
        let name = self.seen.field_name();
        let layout = |out: &mut fmt::Formatter<'_>, advice: &Advice| {
            for line in &advice.lines {
                writeln!(out, "{INDENT}{name}: {}", cut(shown_text(line)))?;
            }
            Ok(())
        };
        let same = self.same_schemes.as_ref().filter(better);
        let every = self.every_scheme.as_ref().filter(better);
        let in_a_401 = match self.seen.status {
            401 | 407 => "",
            _ => " in a 401",
        };
        let says = self.same_schemes.is_some() || every.is_some();
        if says && !self.reach.by_cause().is_empty() {
            out.write_char('\n')?;
        }
        match same {
            Some(advice) => {
                writeln!(
                    out,
                    "The same challenges{} laid out so would let in {} of {concerned}:",
                    in_a_401, advice.inside
                )?;
                layout(out, advice)?;
            }
            None if self.same_schemes.is_some() => {
                writeln!(out, "No other layout of the same challenges lets in more.")?;
            }
            None => {}
        }
        if let Some(advice) = every {
            let how = match self.is_sure {
                true => "With a challenge for every accepted scheme",
                false => "With challenges written by the grammar, one for every accepted scheme",
            };
            writeln!(
                out,
                "{how}{in_a_401}, {} of {concerned} would get in:",
                advice.inside
            )?;
            layout(out, advice)?;
        }
        let told = same.into_iter().chain(every);
        let placeholder = format!("\"{ANY_REALM}\"");
        let has = |advice: &Advice| advice.lines.iter().any(|line| line.contains(&placeholder));
        if told.into_iter().any(has) {
            writeln!(out, "({ANY_REALM} stands for a name of your own.)")?;
        }
        Ok(())
    }
}

/// The word for a scheme, as `--accepts` takes it.
fn word(scheme: KnownScheme) -> &'static str {
    use crate::user_agents::model::TraitWord as _;
    scheme.word()
}

/// Bytes as text, one character each.
pub(super) fn latin1(bytes: &[u8]) -> String {
    bytes.iter().copied().map(char::from).collect()
}

/// The value of a field line as a terminal may have it, cut where it is long.
fn shown(value: &[u8]) -> String {
    let text = match std::str::from_utf8(value) {
        Ok(text) => text.to_owned(),
        Err(_) => latin1(value),
    };
    cut(shown_text(&text))
}

/// The beginning of a text that is long.
fn cut(mut text: String) -> String {
    let length = text.len();
    if let Some((end, _)) = text.char_indices().nth(MOST_SHOWN) {
        text.truncate(end);
        let _ = write!(text, "… ({length} bytes)");
    }
    text
}

//! Writing challenges in any layout, legal or not: what a reference implementation that departs on
//! purpose needs, and what clients are tried with.

use super::print::{is_token, quoted};
use super::{Challenge, Param, ValueForm};
use crate::departure::Departure;
use crate::grammar::bytes;

/// How challenges become field lines.
///
/// The separators are written as they are, so that anything can be said with them; the default is
/// what RFC 9110 §11.6.1 recommends, one challenge a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListStyle {
    /// Which challenges share a line.
    pub lines: Lines,
    /// In which order they stand.
    pub order: Order,
    /// How auth-schemes are spelt.
    pub schemes: Spelling,
    /// How names of parameters are spelt.
    pub names: Spelling,
    /// How values of parameters are written.
    pub quoting: Quoting,
    /// What stands between an auth-scheme and what follows it: a space.
    pub gap: &'static str,
    /// What stands between two parameters.
    pub comma: &'static str,
    /// What stands between the name of a parameter and its value.
    pub equals: &'static str,
    /// What stands before the first challenge of a line: nothing.
    pub before: &'static str,
    /// What stands behind the last challenge of a line: nothing.
    pub behind: &'static str,
}

/// Which challenges share a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Lines {
    /// Each has a line of its own.
    Apart,
    /// All stand in one, with this between them.
    Joined(&'static str),
    /// A line each for auth-scheme with first parameter and for every further parameter.
    Split,
}

/// In which order challenges stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Order {
    /// As given.
    AsGiven,
    /// The last one first.
    Reversed,
}

/// How a name is spelt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Spelling {
    /// As given.
    AsGiven,
    /// `BASIC`
    Upper,
    /// `basic`
    Lower,
    /// `bAsIc`
    Odd,
}

/// How the value of a parameter is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Quoting {
    /// As its form says, and where that is no form of the grammar, as its bytes are.
    AsGiven,
    /// As a quoted-string, whatever it is.
    Always,
    /// As it is without quotes, whether or not that is a token.
    Never,
    /// As a token wherever it is one, and as a quoted-string elsewhere.
    WhereNeeded,
    /// As a quoted-string with a backslash before every character.
    Escaped,
    /// As a quoted-string that nothing closes.
    Unclosed,
}

impl Default for ListStyle {
    fn default() -> Self {
        Self {
            lines: Lines::Apart,
            order: Order::AsGiven,
            schemes: Spelling::AsGiven,
            names: Spelling::AsGiven,
            quoting: Quoting::AsGiven,
            gap: " ",
            comma: ", ",
            equals: "=",
            before: "",
            behind: "",
        }
    }
}

impl ListStyle {
    /// The values of the field lines that say these challenges. Text is written as
    /// [`Challenge::to_bytes`] writes it.
    pub fn write(&self, challenges: &[Challenge]) -> Vec<Vec<u8>> {
        let mut said: Vec<Vec<Vec<u8>>> = challenges.iter().map(|one| self.parts(one)).collect();
        if self.order == Order::Reversed {
            said.reverse();
        }
        let joined = |parts: Vec<Vec<u8>>| parts.join(self.comma.as_bytes());
        let lines = match self.lines {
            Lines::Apart => said.into_iter().map(joined).collect(),
            Lines::Joined(_) if said.is_empty() => Vec::new(),
            Lines::Joined(between) => {
                let said: Vec<Vec<u8>> = said.into_iter().map(joined).collect();
                vec![said.join(between.as_bytes())]
            }
            Lines::Split => said.into_iter().flatten().collect(),
        };
        let whole =
            |line: Vec<u8>| [self.before.as_bytes(), &line, self.behind.as_bytes()].concat();
        lines.into_iter().map(whole).collect()
    }

    /// A challenge in the parts that a comma joins.
    fn parts(&self, challenge: &Challenge) -> Vec<Vec<u8>> {
        let mut first = bytes(&self.schemes.spell(&challenge.scheme));
        let mut rest = challenge.params.iter().map(|param| self.param(param));
        let body = match &challenge.token68 {
            Some(token68) => Some(bytes(token68)),
            None => rest.next(),
        };
        if let Some(body) = body {
            first.extend_from_slice(self.gap.as_bytes());
            first.extend(body);
        }
        std::iter::once(first).chain(rest).collect()
    }

    fn param(&self, param: &Param) -> Vec<u8> {
        let mut written = bytes(&self.names.spell(&param.name));
        written.extend_from_slice(self.equals.as_bytes());
        written.extend(self.quoting.write(param));
        written
    }
}

impl Spelling {
    fn spell(self, name: &str) -> String {
        match self {
            Self::AsGiven => name.to_owned(),
            Self::Upper => name.to_ascii_uppercase(),
            Self::Lower => name.to_ascii_lowercase(),
            Self::Odd => {
                let odd = |(index, c): (usize, char)| match index % 2 {
                    0 => c.to_ascii_lowercase(),
                    _ => c.to_ascii_uppercase(),
                };
                name.chars().enumerate().map(odd).collect()
            }
        }
    }
}

impl Quoting {
    fn write(self, param: &Param) -> Vec<u8> {
        let value = &param.value;
        match self {
            Self::AsGiven => match param.form {
                ValueForm::Token => bytes(value),
                ValueForm::Quoted => quoted(value),
                ValueForm::Unclosed | ValueForm::Bare => param.raw.clone(),
            },
            Self::Always => quoted(value),
            Self::Never => bytes(value),
            Self::WhereNeeded if is_token(value) => bytes(value),
            Self::WhereNeeded => quoted(value),
            Self::Escaped => {
                let escaped: String = value.chars().flat_map(|c| ['\\', c]).collect();
                bytes(&format!("\"{escaped}\""))
            }
            Self::Unclosed => {
                let mut written = quoted(value);
                written.pop();
                written
            }
        }
    }
}

/// The field lines that say these challenges and depart in one way; `None` for departures that no
/// challenges can have, or that these give no occasion for (most need a parameter).
pub fn departing(departure: Departure, challenges: &[Challenge]) -> Option<Vec<Vec<u8>>> {
    let layout = ListStyle::default();
    let first = challenges.first()?;
    let has_param = first.token68.is_none() && !first.params.is_empty();
    let is_joined = challenges.len() > 1;
    let with = |layout: ListStyle| Some(layout.write(challenges));
    // The same challenges with the first one changed.
    let changed = |change: &dyn Fn(&mut Challenge)| {
        let mut challenges = challenges.to_vec();
        if let Some(first) = challenges.first_mut() {
            change(first);
        }
        Some(ListStyle::default().write(&challenges))
    };
    // The value of the first parameter with something more in it.
    let more = |text: &'static str| {
        changed(&|first| {
            if let Some(param) = first.params.first_mut() {
                *param = Param::quoted(param.name.clone(), format!("{}{text}", param.value));
            }
        })
    };
    match departure {
        Departure::EmptyListElement => with(ListStyle {
            behind: ",",
            ..layout
        }),
        Departure::MissingComma if is_joined => with(ListStyle {
            lines: Lines::Joined(" "),
            ..layout
        }),
        Departure::ParameterBeforeScheme => with(ListStyle {
            before: "error=\"none\", ",
            ..layout
        }),
        Departure::ParameterBeginsLine if first.params.len() > 1 => with(ListStyle {
            lines: Lines::Split,
            ..layout
        }),
        Departure::ParameterAfterBareScheme if has_param => with(ListStyle {
            gap: ", ",
            ..layout
        }),
        Departure::ParameterBesideToken68 if has_param => {
            changed(&|first| first.token68 = Some("dG9rZW42OA==".to_owned()))
        }
        Departure::NotAChallenge => with(ListStyle {
            before: "@, ",
            ..layout
        }),
        Departure::NoSpaceAfterScheme if has_param => with(ListStyle {
            gap: ": ",
            ..layout
        }),
        Departure::TabAfterScheme if has_param => with(ListStyle {
            gap: "\t",
            ..layout
        }),
        Departure::NotToken68NorParameter if has_param => with(ListStyle {
            gap: " @ ",
            ..layout
        }),
        Departure::WhiteSpaceAroundEquals if has_param => with(ListStyle {
            equals: " = ",
            ..layout
        }),
        Departure::DuplicateParameter if has_param => changed(&|first| {
            first.params.extend(first.params.first().cloned());
        }),
        Departure::RealmNotQuoted if is_token(first.param("realm")?) => with(ListStyle {
            quoting: Quoting::WhereNeeded,
            ..layout
        }),
        Departure::ValueNotAToken if has_param => changed(&|first| {
            if let Some(param) = first.params.first_mut() {
                param.form = ValueForm::Bare;
                param.raw = b"a@b".to_vec();
            }
        }),
        Departure::MissingValue if has_param => changed(&|first| {
            if let Some(param) = first.params.last_mut() {
                param.form = ValueForm::Bare;
                param.raw = Vec::new();
            }
            // At the end `name=` would be a token68.
            first.params.push(Param::token("end", "true"));
        }),
        Departure::UnclosedQuote if has_param => with(ListStyle {
            quoting: Quoting::Unclosed,
            ..layout
        }),
        Departure::ControlCharacter if has_param => more("\u{1}"),
        Departure::NeedlessQuotedPair if has_param => with(ListStyle {
            quoting: Quoting::Escaped,
            ..layout
        }),
        Departure::ObsText if has_param => more("\u{e9}"),
        Departure::ObsFold if has_param => with(ListStyle {
            gap: "\r\n ",
            ..layout
        }),
        _ => None,
    }
}

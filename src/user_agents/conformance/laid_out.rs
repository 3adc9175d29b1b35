//! A layout of a rule: which challenges, in which order, on which lines.

use super::pack::{ClientPack, ClientRule, LayoutServer};
use crate::domain::number_word;
use crate::user_agents::model::{Accepts, Layout, Script};

/// Why a challenge stands in a layout.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Role {
    /// The rule is about it.
    Subject,
    /// It is always there.
    With,
    /// It may be left out.
    Beside,
}

/// What stands in front of a challenge, simplest first. What stands in front of the first of all says nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Separator {
    /// It stands on a line of its own.
    NewLine,
    /// A comma and a space.
    Comma,
    /// A comma alone.
    TightComma,
    /// A comma between a space and a tab.
    SpacedComma,
}

impl Separator {
    pub(super) const ALL: [Self; 4] = [
        Self::NewLine,
        Self::Comma,
        Self::TightComma,
        Self::SpacedComma,
    ];

    fn text(self) -> &'static str {
        match self {
            Self::NewLine => "\n",
            Self::Comma => ", ",
            Self::TightComma => ",",
            Self::SpacedComma => " ,\t",
        }
    }
}

/// One challenge of a layout.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct LaidOut {
    pub(super) role: Role,
    /// Its place in the pack.
    pub(super) challenge: usize,
    pub(super) separator: Separator,
}

/// A layout of a rule, and the server that issues it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ClientLayout {
    /// The place of the rule in its pack.
    pub rule: usize,
    /// The place of the server in the rule.
    pub(super) server: usize,
    pub(super) items: Vec<LaidOut>,
}

impl ClientLayout {
    /// Its rule.
    pub fn rule<'p>(&self, pack: &'p ClientPack) -> Option<&'p ClientRule> {
        pack.rules.get(self.rule)
    }

    fn server<'p>(&self, pack: &'p ClientPack) -> Option<&'p LayoutServer> {
        self.rule(pack)?.servers.get(self.server)
    }

    /// The challenge that the rule is about.
    pub(super) fn subject(&self) -> Option<usize> {
        let mut items = self.items.iter();
        let subject = items.find(|item| item.role == Role::Subject);
        subject.map(|item| item.challenge)
    }

    /// Its field lines.
    pub fn lines(&self, pack: &ClientPack) -> Vec<String> {
        let mut text = String::new();
        for (at, item) in self.items.iter().enumerate() {
            if at > 0 {
                text.push_str(item.separator.text());
            }
            if let Some(challenge) = pack.challenge(item.challenge) {
                text.push_str(&challenge.text);
            }
        }
        text.lines().map(str::to_owned).collect()
    }

    /// In words: `two challenges, one line, Basic second, beside Bearer`.
    pub fn says(&self, pack: &ClientPack) -> String {
        let name = |at: usize| pack.challenge(at).map_or("", |one| one.says.as_str());
        let server = self.server(pack).and_then(|server| server.says.as_deref());
        let mut words = match self.items.as_slice() {
            [] => "no challenge".to_owned(),
            [only] => match server {
                None if pack.is_plain(only.challenge) => format!("{} alone", name(only.challenge)),
                _ => name(only.challenge).to_owned(),
            },
            items => {
                let lines = items.iter().skip(1);
                let lines = 1 + lines
                    .filter(|item| item.separator == Separator::NewLine)
                    .count();
                let mut words = format!(
                    "{} challenges, {} {}",
                    number_word(items.len()),
                    number_word(lines),
                    if lines == 1 { "line" } else { "lines" }
                );
                for (at, item) in items.iter().enumerate() {
                    if item.role == Role::Subject {
                        words.push_str(&format!(", {} {}", name(item.challenge), ordinal(at)));
                    }
                }
                let others = items.iter().filter(|item| item.role != Role::Subject);
                let others: Vec<&str> = others.map(|item| name(item.challenge)).collect();
                if let Some((last, rest)) = others.split_last() {
                    words.push_str(", beside ");
                    if !rest.is_empty() {
                        words.push_str(&format!("{} and ", rest.join(", ")));
                    }
                    words.push_str(last);
                }
                words
            }
        };
        if let Some(server) = server {
            words.push_str(&format!(", {server}"));
        }
        words
    }

    /// The server that issues it.
    pub fn script(&self, pack: &ClientPack) -> Script {
        let lines = self.lines(pack);
        let offered = lines.join("\n").to_ascii_lowercase();
        let mut script = Script::new(Layout::new(lines));
        script.accepts = Accepts {
            basic: offered.contains("basic"),
            bearer: offered.contains("bearer"),
            digest: offered.contains("digest"),
        };
        if let Some(server) = self.server(pack) {
            script.accepts = server.takes.unwrap_or(script.accepts);
            script.status = server.status.unwrap_or(script.status);
            script.redirection = server.redirection;
            script.stale = server.stale;
            script.foreign_password = server.foreign_password;
            script.query = server.query;
        }
        script
    }
}

impl ClientPack {
    fn is_plain(&self, challenge: usize) -> bool {
        let scheme = self.challenge(challenge).and_then(|one| one.scheme);
        scheme.and_then(|scheme| self.plain(scheme)) == Some(challenge)
    }
}

fn ordinal(at: usize) -> &'static str {
    const WORDS: [&str; 8] = [
        "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth",
    ];
    WORDS.get(at).copied().unwrap_or("last")
}

//! What scripts compare of an answer: where a failure shows, and what of it is another one each time.

use super::not_exportable::NotExportable;
use crate::spec::{Aspect, Flaw, Kind, ListFlaw, ParamFlaw, RelayedPart};

/// The parameters of challenges that are others each time: their quoted values are left out.
pub(super) const FRESH: [&str; 3] = ["nonce", "opaque", "resource_metadata"];

/// What a saved case has in place of what differs between two runs: the address, and secrets.
const PLACEHOLDERS: [&str; 2] = ["HOST", "***"];

/// Where in an answer a failure shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WhereItShows {
    /// In the status, which every script compares.
    Status,
    /// In the challenges.
    Challenges,
    /// In how the challenges stand in field lines.
    Lines,
    /// In a field of this name.
    Field(String),
}

impl WhereItShows {
    /// Where a failure of this kind shows.
    ///
    /// # Errors
    ///
    /// Says what it is about, where that is nothing of a head: a script would then succeed where nothing is wrong.
    pub fn of(kind: &Kind) -> Result<Self, NotExportable> {
        let refused = |why: &str| Err(NotExportable(why.to_owned()));
        match &kind.flaw {
            Flaw::Outcome { .. }
            | Flaw::Status { .. }
            | Flaw::Asks(Aspect::Outcome | Aspect::Status)
            | Flaw::Relayed(RelayedPart::Status) => Ok(Self::Status),
            Flaw::Challenges(ListFlaw::Layout) => Ok(Self::Lines),
            Flaw::Parameter {
                name,
                flaw: ParamFlaw::Value,
            } if FRESH.contains(&name.to_ascii_lowercase().as_str()) => {
                refused("it is about a value that is another one each time")
            }
            Flaw::Challenges(_)
            | Flaw::Departure(_)
            | Flaw::Parameter { .. }
            | Flaw::Asks(Aspect::Challenges)
            | Flaw::Relayed(RelayedPart::Challenges) => Ok(Self::Challenges),
            Flaw::Header(name) => Ok(Self::Field(name.clone())),
            Flaw::Relayed(RelayedPart::Location) => Ok(Self::Field("location".to_owned())),
            Flaw::Relayed(RelayedPart::RetryAfter) => Ok(Self::Field("retry-after".to_owned())),
            Flaw::Event { .. } | Flaw::Log(_) => refused("it is about a log, which no client sees"),
            Flaw::Body
            | Flaw::Content { .. }
            | Flaw::Json(_)
            | Flaw::Relayed(RelayedPart::BrokenOff) => {
                refused("it is about the content of an answer, and scripts compare heads")
            }
            Flaw::Request(_) => refused("it is about what is sent, and not about an answer"),
            Flaw::Backend(_) => {
                refused("it is about what reaches the backend, which no client sees")
            }
            Flaw::AuthService(_) => {
                refused("it is about what reaches the auth service, which no client sees")
            }
        }
    }
}

impl WhereItShows {
    /// The field that scripts compare beside the status.
    pub(super) fn field(&self) -> String {
        match self {
            Self::Status | Self::Challenges | Self::Lines => "WWW-Authenticate".to_owned(),
            Self::Field(name) => as_written(name),
        }
    }
}

/// A line of a field without what is another one each time: a quoted value of a fresh parameter is `*`. Nothing where
/// that cannot be left out, or where the line cannot be said in one way everywhere.
pub(super) fn steady(line: &str) -> Option<String> {
    let mut out = line.to_owned();
    for name in FRESH {
        let start = format!("{name}=\"");
        let mut rest = std::mem::take(&mut out);
        while let Some((before, after)) = rest.split_once(&start) {
            let (_, behind) = after.split_once('"')?;
            out.push_str(before);
            out.push_str(&start);
            out.push_str("*\"");
            rest = behind.to_owned();
        }
        out.push_str(&rest);
    }
    let left = out.replace("=\"*\"", "").to_ascii_lowercase();
    let is_fresh = FRESH.iter().any(|name| left.contains(&format!("{name}=")));
    let is_plain = out.chars().all(|c| matches!(c, ' '..='~'))
        && !PLACEHOLDERS.iter().any(|one| out.contains(one));
    (is_plain && !is_fresh).then_some(out)
}

/// A field's name as it is mostly written: `Cache-Control`.
pub(super) fn as_written(name: &str) -> String {
    let words = name.split('-').map(|word| {
        let mut letters = word.chars();
        let first = letters.next().map(|one| one.to_ascii_uppercase());
        first
            .into_iter()
            .chain(letters.map(|one| one.to_ascii_lowercase()))
            .collect::<String>()
    });
    words.collect::<Vec<_>>().join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_fresh_is_left_out_and_all_else_stays() {
        for (line, left) in [
            ("Basic realm=\"a\"", Some("Basic realm=\"a\"")),
            (
                "Digest realm=\"a\", nonce=\"x,y=\", qop=\"auth\", opaque=\"\"",
                Some("Digest realm=\"a\", nonce=\"*\", qop=\"auth\", opaque=\"*\""),
            ),
            (
                "Digest nonce=\"1\", Digest nonce=\"2\"",
                Some("Digest nonce=\"*\", Digest nonce=\"*\""),
            ),
            (
                "Bearer resource_metadata=\"http://HOST/x\"",
                Some("Bearer resource_metadata=\"*\""),
            ),
            ("Digest nonce=abc", None),
            ("Digest Nonce=\"abc\"", None),
            ("Digest nonce=\"abc", None),
            ("Basic realm=\"HOST\"", None),
            ("Basic realm=\"\u{e9}\"", None),
        ] {
            assert_eq!(steady(line).as_deref(), left, "{line}");
        }
    }

    #[test]
    fn what_no_client_sees_is_no_script() {
        let kind = |words: &str| words.parse::<Kind>().unwrap();
        for (words, shows) in [
            ("outcome accepted, refused", WhereItShows::Status),
            ("challenges layout", WhereItShows::Lines),
            ("parameter nonce missing", WhereItShows::Challenges),
            ("sibling challenges missing", WhereItShows::Challenges),
            (
                "header cache-control",
                WhereItShows::Field("cache-control".to_owned()),
            ),
        ] {
            assert_eq!(
                WhereItShows::of(&kind(words)).as_ref(),
                Ok(&shows),
                "{words}"
            );
        }
        for words in ["backend identity", "parameter nonce value", "body"] {
            assert!(WhereItShows::of(&kind(words)).is_err(), "{words}");
        }
    }

    #[test]
    fn names_are_written_as_they_mostly_are() {
        assert_eq!(
            as_written("proxy-authentication-INFO"),
            "Proxy-Authentication-Info"
        );
    }
}

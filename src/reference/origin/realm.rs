//! The realm of a resource, which may be an odd text, and what seeded faults make of it.

use hyper::StatusCode;
use hyper::header::{HeaderName, HeaderValue, WWW_AUTHENTICATE};

use super::protection_space::REALM;
use crate::domain::Value;
use crate::reference::decision::Decision;
use crate::reference::fault::Fault;
use crate::reference::seeded::Faults;

/// The field that a line break would begin.
pub(super) const SECOND_LINE: HeaderName = HeaderName::from_static("x-second-line");

/// What stands behind the line break.
const BEHIND: &str = "of the realm";

/// A realm.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Realm {
    /// A word.
    #[default]
    Plain,
    /// It has quotes, which a quoted-string has to escape (RFC 9110 §5.6.4).
    Quotes,
    /// It has a backslash, which is to be escaped too.
    Backslash,
    /// It has letters beyond US-ASCII (RFC 9110 §5.5).
    BeyondAscii,
    /// It has a line break, which no field value can have (RFC 9110 §5.5).
    LineBreak,
}

impl Realm {
    const ALL: [(Self, &'static str); 5] = [
        (Self::Plain, "plain"),
        (Self::Quotes, "quotes"),
        (Self::Backslash, "backslash"),
        (Self::BeyondAscii, "beyond-ascii"),
        (Self::LineBreak, "line-break"),
    ];

    /// The one that a policy asks for.
    ///
    /// # Errors
    ///
    /// In words, for a word that is none of these.
    pub(super) fn of(policy: &Value) -> Result<Self, String> {
        let Some(word) = policy.field("realm").and_then(Value::as_symbol) else {
            return Ok(Self::Plain);
        };
        let found = Self::ALL.into_iter().find(|(_, known)| *known == word);
        let found = found.map(|(realm, _)| realm);
        found.ok_or_else(|| format!("no realm is called `{word}`"))
    }

    /// How it is written: a blank stands for each byte of the line break.
    pub(super) fn text(self, faults: &Faults) -> String {
        match self {
            Self::Plain => REALM.to_owned(),
            Self::Quotes if faults.has(Fault::RealmCutShort) => "the ".to_owned(),
            Self::Quotes => "the \"inner\" realm".to_owned(),
            Self::Backslash => "back\\slash".to_owned(),
            Self::BeyondAscii => "R\u{e4}ume f\u{fc}r alle".to_owned(),
            Self::LineBreak if faults.has(Fault::RealmBeginsField) => "first line".to_owned(),
            Self::LineBreak => format!("first line  {SECOND_LINE}: {BEHIND}"),
        }
    }

    /// A challenge without the backslashes that escape quotes, or other backslashes.
    pub(super) fn unescaped(line: &[u8], faults: &Faults) -> Vec<u8> {
        let (quotes, backslashes) = (
            faults.has(Fault::RealmUnescaped),
            faults.has(Fault::RealmBackslashUnescaped),
        );
        let mut bytes = line.iter().copied();
        let mut written = Vec::with_capacity(line.len());
        while let Some(byte) = bytes.next() {
            let escaped = if byte == b'\\' { bytes.next() } else { None };
            let bare = match escaped {
                Some(b'"') => quotes,
                Some(_) => backslashes,
                None => false,
            };
            if !bare {
                written.push(byte);
            }
            written.extend(escaped);
        }
        written
    }

    /// Changes a decision as the faults have it.
    pub(super) fn depart(self, decision: &mut Decision, faults: &Faults) {
        if decision.status != StatusCode::UNAUTHORIZED {
            return;
        }
        if self == Self::LineBreak && faults.has(Fault::RealmBeginsField) {
            let behind = HeaderValue::from_static(BEHIND);
            decision.fields.push((SECOND_LINE, behind));
        }
        if self != Self::BeyondAscii {
            return;
        }
        if faults.has(Fault::RealmBeyondAsciiBreaks) {
            *decision = Decision::bare(StatusCode::INTERNAL_SERVER_ERROR);
        }
        if faults.has(Fault::RealmBeyondAsciiUnsaid) {
            let fields = &mut decision.fields;
            fields.retain(|(name, _)| name != WWW_AUTHENTICATE);
        }
    }
}

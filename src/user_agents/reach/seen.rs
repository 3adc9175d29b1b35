//! A response as far as it asks for credentials.

use crate::auth::Challenges;
use crate::user_agents::model::Layout;
use crate::wire::FieldLine;

/// The head of a response, seen live or saved.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ResponseHead {
    /// Its status.
    pub status: u16,
    /// Its field lines; a folded line with its folds.
    pub fields: Vec<FieldLine>,
    /// Which of how many saved responses it is, counted from 1.
    pub which: Option<(usize, usize)>,
    /// Whether there was no status line, and `status` is a guess.
    pub assumed: bool,
}

impl ResponseHead {
    /// The head of one response.
    pub fn new(status: u16, fields: Vec<FieldLine>) -> Self {
        Self {
            status,
            fields,
            ..Self::default()
        }
    }

    /// The field in which a response of this status asks for credentials (RFC 9110 §11.6.1, §11.7.1).
    pub fn field_name(&self) -> &'static str {
        match self.status {
            407 => "Proxy-Authenticate",
            _ => "WWW-Authenticate",
        }
    }

    /// The values of the field of this name, by line.
    pub fn lines(&self, name: &str) -> Vec<&[u8]> {
        let named = |field: &&FieldLine| field.name.eq_ignore_ascii_case(name);
        let fields = self.fields.iter().filter(named);
        fields.map(|field| field.value.as_slice()).collect()
    }

    /// The value of the first field line of this name, as text.
    pub fn text(&self, name: &str) -> Option<String> {
        self.lines(name).first().map(|value| latin1(value))
    }

    /// Field lines that hold challenges where no client looks for them, with their names: in the field
    /// of another status, or in one whose name ends as that of a field for challenges.
    pub fn renamed(&self) -> Vec<(&str, &[u8])> {
        let own = self.field_name();
        let is_other = |name: &str| {
            let name = name.to_ascii_lowercase();
            let ends = ["www-authenticate", "proxy-authenticate"]
                .iter()
                .any(|end| {
                    let begin = name.strip_suffix(end);
                    begin.is_some_and(|begin| begin.is_empty() || begin.ends_with('-'))
                });
            ends && !name.eq_ignore_ascii_case(own)
        };
        let others = self.fields.iter().filter(|field| is_other(&field.name));
        others
            .map(|field| (field.name.as_str(), field.value.as_slice()))
            .collect()
    }

    /// Its challenges, with every departure from the grammar.
    pub fn challenges(&self) -> Challenges {
        Challenges::parse(self.lines(self.field_name()).into_iter())
    }

    /// Its challenges as clients find them.
    pub fn layout(&self) -> Layout {
        let lines = self.lines(self.field_name());
        Layout::new(lines.into_iter().map(latin1))
    }
}

/// Bytes as text, one character each.
pub(super) fn latin1(bytes: &[u8]) -> String {
    bytes.iter().copied().map(char::from).collect()
}

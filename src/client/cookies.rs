//! The cookies that a client was told of.

use crate::wire::Response;

/// The most cookies that are kept (RFC 6265 §6.1).
const MOST: usize = 50;

/// The most bytes of a cookie, its name and its value, that are kept (RFC 6265 §6.1).
const MOST_BYTES: usize = 4096;

/// The cookies that answers set, in order; of those of one name, the last. There is one resource, so for which others a
/// cookie would be (`Domain`, `Path`, `Secure`) is passed over, and so is a date at which it ends.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cookies {
    /// Names, each with its value; without one where the cookie was taken back (`Max-Age` of nothing).
    set: Vec<(String, Option<String>)>,
}

impl Cookies {
    /// Those that these answers set, one after the other.
    pub fn set_by<'a>(answers: impl IntoIterator<Item = &'a Response>) -> Self {
        let mut cookies = Self::default();
        for answer in answers {
            for line in answer.fields_named("Set-Cookie") {
                if let Some((name, value)) = std::str::from_utf8(line).ok().and_then(read) {
                    cookies.put(name, value);
                }
            }
        }
        cookies
    }

    /// The same behind those that were set earlier.
    #[must_use]
    pub fn behind(self, earlier: &Self) -> Self {
        let mut all = earlier.clone();
        for (name, value) in self.set {
            all.put(name, value);
        }
        all
    }

    /// The value of the field `Cookie` (RFC 6265 §5.4), where there are any.
    pub fn field(&self) -> Option<String> {
        let pair =
            |(name, value): &(String, Option<String>)| Some(format!("{name}={}", value.as_ref()?));
        let pairs: Vec<String> = self.set.iter().filter_map(pair).collect();
        (!pairs.is_empty()).then(|| pairs.join("; "))
    }

    fn put(&mut self, name: String, value: Option<String>) {
        self.set.retain(|(known, _)| *known != name);
        if self.set.len() < MOST {
            self.set.push((name, value));
        }
    }
}

/// The name and the value that a field line sets (RFC 6265 §5.2), no value where it takes the cookie back; nothing where
/// it sets none.
fn read(line: &str) -> Option<(String, Option<String>)> {
    let mut parts = line.split(';').map(str::trim);
    let (name, value) = parts.next()?.split_once('=')?;
    let (name, value) = (name.trim(), value.trim());
    let is_sendable = |text: &str| !text.chars().any(char::is_control);
    if name.is_empty() || name.len() + value.len() > MOST_BYTES || !is_sendable(line) {
        return None;
    }
    // Of several, the last counts (§5.3).
    let mut ages = parts.rev().filter_map(|attribute| {
        let (name, value) = attribute.split_once('=')?;
        name.trim()
            .eq_ignore_ascii_case("Max-Age")
            .then_some(value.trim())
    });
    let is_over = |age: &str| age.parse::<i64>().is_ok_and(|seconds| seconds <= 0);
    let is_taken_back = ages.next().is_some_and(is_over);
    Some((name.to_owned(), (!is_taken_back).then(|| value.to_owned())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::{BodyEnd, FieldLine};

    fn answer(lines: &[&str]) -> Response {
        let fields = lines.iter().map(|line| FieldLine {
            name: "set-cookie".to_owned(),
            value: line.as_bytes().to_vec(),
        });
        Response {
            status: 200,
            fields: fields.collect(),
            body: Vec::new(),
            body_end: BodyEnd::Complete,
            head: Vec::new(),
        }
    }

    fn field(answers: &[&[&str]]) -> Option<String> {
        let answers: Vec<Response> = answers.iter().map(|lines| answer(lines)).collect();
        Cookies::set_by(&answers).field()
    }

    #[test]
    fn the_last_of_a_name_counts_and_what_was_taken_back_is_gone() {
        assert_eq!(field(&[]), None);
        assert_eq!(
            field(&[&["a=1; Path=/; HttpOnly", " b = 2 "]]),
            Some("a=1; b=2".to_owned())
        );
        assert_eq!(
            field(&[&["a=1", "b=2"], &["a=3"]]),
            Some("b=2; a=3".to_owned())
        );
        assert_eq!(field(&[&["a=1"], &["a=; max-age=0"]]), None);
        assert_eq!(
            field(&[&["a=1; Max-Age=0; Max-Age=9"]]),
            Some("a=1".to_owned())
        );
        assert_eq!(field(&[&["", "a", "=1", "a=\u{1}"]]), None);
        let long = format!("a={}", "x".repeat(MOST_BYTES));
        assert_eq!(field(&[&[&long]]), None);
    }

    #[test]
    fn what_was_set_earlier_is_kept_unless_it_is_taken_back() {
        let of = |lines| Cookies::set_by([&answer(lines)]);
        let both = of(&["b=2", "a=; Max-Age=0"]).behind(&of(&["a=1", "c=3"]));
        assert_eq!(both.field(), Some("c=3; b=2".to_owned()));
        let many: Vec<String> = (0..99).map(|n| format!("n{n}=1")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        assert_eq!(of(&many).set.len(), MOST);
    }
}

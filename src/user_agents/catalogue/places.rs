//! Places in the command of a client: words in braces that stand for what differs from play to play.

use std::ops::Range;

use crate::yaml::nearest;

/// The places by name, and what each is.
pub const PLACES: [(&str, &str); 12] = [
    ("url", "the URL"),
    ("user-url", "the URL with user and password in it"),
    ("proxy", "the URL of the server as a proxy"),
    ("user", "the user"),
    ("password", "the password"),
    ("token", "a bearer token"),
    ("realm", "the realm of the challenges"),
    ("authority", "host and port"),
    ("host", "the host"),
    ("port", "the port"),
    ("path", "the path"),
    ("folder", "a folder of its own"),
];

/// What others call some of them.
const OTHER_NAMES: [(&str, &str); 16] = [
    ("address", "url"),
    ("endpoint", "url"),
    ("link", "url"),
    ("target", "url"),
    ("uri", "url"),
    ("login", "user"),
    ("name", "user"),
    ("username", "user"),
    ("pass", "password"),
    ("passwd", "password"),
    ("pw", "password"),
    ("pwd", "password"),
    ("secret", "password"),
    ("bearer", "token"),
    ("home", "folder"),
    ("netloc", "authority"),
];

/// What stands in front of braces of others: of a shell, of a format, of a template.
const OF_OTHERS: [char; 4] = ['$', '%', '#', '{'];

/// What is in a line of some program and in no plain argument.
const OF_CODE: [char; 13] = [
    '\n', ';', '(', ')', '\'', '"', '|', '&', '<', '>', '$', '`', '\\',
];

/// What the place of a file begins with.
const OF_FILE: &str = "file:";

/// What has the look of a place and is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlaceSlip {
    /// Where it stands in the text.
    pub at: Range<usize>,
    /// What stands there.
    pub written: String,
    /// What is wrong.
    pub message: String,
    /// What to write instead.
    pub help: String,
}

/// The places with what they are, as a reader is told.
pub fn places_told() -> String {
    let known = PLACES.iter();
    let known: Vec<String> = known
        .map(|(name, what)| format!("{{{name}}} is {what}"))
        .collect();
    known.join(", ")
}

/// What of a text has the look of a place and is none; `more` are places that there are beside [`PLACES`].
///
/// A text without anything that only a program has, such as quotes, has no other braces around a word; in a line of some
/// program those that are nearly a place are meant for one.
pub fn place_slips(text: &str, more: &[&str]) -> Vec<PlaceSlip> {
    let is_code = text.contains(OF_CODE);
    let mut slips = Vec::new();
    for (open, _) in text.match_indices('{') {
        let (before, from) = text.split_at_checked(open).unwrap_or_default();
        let behind = from.get(1..).unwrap_or_default();
        let file = match behind.starts_with(OF_FILE) {
            true => OF_FILE.len(),
            false => 0,
        };
        let ends = behind.get(file..).unwrap_or_default();
        let end = ends.find(|c: char| !is_of_name(c)).unwrap_or(ends.len());
        let (name, rest) = behind.split_at_checked(file + end).unwrap_or_default();
        let is_word = name.starts_with(|c: char| c.is_ascii_alphabetic());
        if before.ends_with(OF_OTHERS) || !is_word {
            continue;
        }
        let is_known = is_place(name) || more.contains(&name);
        let is_closed = rest.starts_with('}');
        let is_left_open =
            rest.is_empty() || rest.starts_with([':', '@', '{']) && rest.contains('{');
        let at = open..open + 1 + name.len() + usize::from(is_closed);
        if is_known && !is_closed && is_left_open && !is_code {
            slips.push(PlaceSlip {
                written: text.get(at.clone()).unwrap_or_default().to_owned(),
                at: at.clone(),
                message: format!("`{{{name}` is not closed"),
                help: format!("write `{{{name}}}`"),
            });
        }
        if is_known || !is_closed {
            continue;
        }
        let meant = meant(name, more);
        if is_code && meant.is_none() {
            continue;
        }
        slips.push(PlaceSlip {
            written: text.get(at.clone()).unwrap_or_default().to_owned(),
            at,
            message: format!("there is no place `{{{name}}}`"),
            help: match meant {
                Some(meant) => format!("did you mean `{{{meant}}}`? {}", known(more)),
                None => format!(
                    "{}; braces that are meant as they are stand in a script or a file of your own",
                    known(more)
                ),
            },
        });
    }
    slips
}

fn is_of_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || ['-', '_', '.'].contains(&c)
}

fn is_place(name: &str) -> bool {
    PLACES.iter().any(|(known, _)| *known == name)
}

/// The place that somebody meant.
fn meant<'a>(name: &str, more: &[&'a str]) -> Option<&'a str> {
    let small = name.to_ascii_lowercase().replace('_', "-");
    let known = PLACES
        .iter()
        .map(|(known, _)| *known)
        .chain(more.iter().copied());
    let other = OTHER_NAMES.iter().find(|(other, _)| *other == small);
    nearest(&small, known).or(other.map(|(_, place)| *place))
}

/// Every place, for who wrote one that is none.
fn known(more: &[&str]) -> String {
    let known = PLACES.iter().map(|(known, _)| *known);
    let known = known.chain(more.iter().copied());
    let known: Vec<String> = known.map(|known| format!("{{{known}}}")).collect();
    format!("places are {}", known.join(", "))
}

/// A text with its places filled by what they stand for. Braces around anything else stay as they are.
pub fn filled(text: &str, value: impl Fn(&str) -> Option<String>) -> String {
    let mut filled = String::with_capacity(text.len() + 32);
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('{') {
        filled.push_str(before);
        let found = behind
            .split_once('}')
            .and_then(|(name, after)| Some((value(name)?, after)));
        rest = match found {
            Some((value, after)) => {
                filled.push_str(&value);
                after
            }
            None => {
                filled.push('{');
                behind
            }
        };
    }
    filled.push_str(rest);
    filled
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str, more: &[&str]) -> Vec<(String, String)> {
        let slips = place_slips(text, more).into_iter();
        slips
            .map(|slip| (text[slip.at.clone()].to_owned(), slip.help))
            .collect()
    }

    #[test]
    fn what_is_nearly_a_place_is_told_with_the_place_that_is_meant() {
        for (text, where_it_is, meant) in [
            ("{pasword}", "{pasword}", "did you mean `{password}`?"),
            (
                "{user}:{pasword}",
                "{pasword}",
                "did you mean `{password}`?",
            ),
            ("--token={Token}", "{Token}", "did you mean `{token}`?"),
            ("{user_url}", "{user_url}", "did you mean `{user-url}`?"),
            ("{username}", "{username}", "did you mean `{user}`?"),
            ("{uri}", "{uri}", "did you mean `{url}`?"),
            (
                "{something}",
                "{something}",
                "places are {url}, {user-url}, ",
            ),
            ("{file:netc}", "{file:netc}", "did you mean `{file:netrc}`?"),
            // In a line of a program, where it is nearly one.
            ("get('{ulr}', \"x\")", "{ulr}", "did you mean `{url}`?"),
            ("{password", "{password", "write `{password}`"),
            ("{user:{password}", "{user", "write `{user}`"),
        ] {
            let told = told(text, &["file:netrc"]);
            assert_eq!(told.len(), 1, "{text}: {told:?}");
            assert_eq!(told[0].0, where_it_is);
            assert!(told[0].1.starts_with(meant), "{text}: {told:?}");
        }
    }

    #[test]
    fn braces_of_others_are_left_alone() {
        for text in [
            "{url}",
            "{file:netrc}",
            "{}",
            "{ pasword }",
            "${pasword}",
            "%{http_code}",
            "#{pasword}",
            "{{pasword}}",
            "{\"pasword\": 1}",
            "awk '{print}'",
            "const {user, password} = x;",
            "{1..3}",
            "{user: x, path: y}",
        ] {
            assert_eq!(told(text, &["file:netrc"]), [], "{text}");
        }
    }
}

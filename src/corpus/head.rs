//! What a saved file says in its head, for a reader who knows nothing of Countersign.

use crate::export::{CurlAsks, VARIABLES, by_curl, path_quoted, shell_quoted};
use crate::vocabulary::{ClientCase, Form};

use super::entry::Entry;

/// What the embedded reference implementation calls itself, and `--against` calls it.
const REFERENCE: &str = "reference";

/// How wide a line of a comment is.
const WIDTH: usize = 96;

impl Entry {
    /// What `--against` takes for the implementation on which it was seen: the reference
    /// implementation or an adapter that ships. None where it is something else, whose place nobody
    /// knows but who has it.
    pub fn against(&self) -> Option<&str> {
        let name = self.seen_on.name.as_str();
        let known = name == REFERENCE || is_adapter(name);
        known.then_some(name)
    }

    /// The faults that were seeded in the reference implementation on which it was seen, as its version has
    /// them.
    pub(super) fn faults(&self) -> Option<&str> {
        let (_, faults) = self.seen_on.version.split_once('+')?;
        (self.seen_on.name == REFERENCE).then_some(faults)
    }

    /// The faults with which it was seen, where an implementation is the reference implementation without all of
    /// them: then nothing that is not seen there is fixed.
    pub fn faults_left_out(&self, name: &str, version: &str) -> Vec<&str> {
        if name != REFERENCE {
            return Vec::new();
        }
        let seeded: Vec<&str> = version
            .split_once('+')
            .map_or_else(Vec::new, |(_, faults)| faults.split('.').collect());
        let seen = self.faults().into_iter();
        let seen = seen.flat_map(|faults| faults.split('.'));
        seen.filter(|fault| !seeded.contains(fault)).collect()
    }

    /// What tells the product on which it was seen from the reference implementation as it is, which has
    /// nothing of the kind: its name, and of the reference implementation the faults that were seeded.
    pub fn product(&self) -> String {
        match (self.seen_on.name.as_str(), self.faults()) {
            (REFERENCE, None) => String::new(),
            (REFERENCE, Some(faults)) => format!("{REFERENCE} {faults}"),
            (name, _) => name.to_owned(),
        }
    }
}

/// Whether an adapter of this name ships.
#[cfg(feature = "process")]
fn is_adapter(name: &str) -> bool {
    crate::adapter::shipped_names().contains(&name)
}

/// Whether an adapter of this name ships: none does.
#[cfg(not(feature = "process"))]
fn is_adapter(_: &str) -> bool {
    false
}

/// The command that tries it again, and what that answers.
pub(super) fn replay(entry: &Entry, file: &str) -> Vec<String> {
    if entry.is_of_endpoint() {
        let command = format!("  countersign replay {} --endpoint URL", path_quoted(file));
        let text = format!(
            "URL is that of the endpoint; where a secret is needed, `{VARIABLES}…` below names the environment variable \
             that is to hold it. The answer is: fixed, still failing, failing differently, or could not run."
        );
        let mut lines = vec![command, String::new()];
        lines.extend(wrapped(&text, ""));
        return lines;
    }
    let seen_on = &entry.seen_on;
    let against = entry.against().unwrap_or("WHERE");
    let mut command = format!(
        "  countersign replay {} --against {}",
        path_quoted(file),
        shell_quoted(against)
    );
    for fault in entry
        .faults()
        .into_iter()
        .flat_map(|faults| faults.split('.'))
    {
        command.push_str(&format!(" --fault {}", shell_quoted(fault)));
    }
    let mut lines = vec![command, String::new()];
    let mut text = String::new();
    if entry.against().is_none() {
        text.push_str(&format!(
            "WHERE is the folder of the adapter of {}, or the control URL of a program that has it. ",
            seen_on.name
        ));
    }
    text.push_str(&format!(
        "Of {}, on which it was seen, the answer is: fixed, still failing, failing differently, or could \
         not run. Of another product it is whether the failure shows there.",
        seen_on.name
    ));
    lines.extend(wrapped(&text, ""));
    lines
}

/// The exchanges of the case and of its sibling as commands that any reader has; none where curl alone cannot
/// show them.
pub(super) fn by_hand(entry: &Entry) -> Vec<String> {
    let sibling = entry.sibling.as_ref().map(|sibling| &sibling.case);
    let cases = [Some(&entry.case), sibling].into_iter().flatten();
    let cases = cases
        .filter(|case| case.policy == entry.case.policy && case.instance == entry.case.instance);
    if entry.demand.beyond_clients().is_some() {
        return Vec::new();
    }
    let content = entry.demand.looks_at_content();
    let asks = CurlAsks {
        key: entry.seen_on.key_in.as_ref(),
        ..CurlAsks::of(&entry.identities, "$URL")
    };
    let commands = by_curl(cases, &asks, content).unwrap_or_default();
    let width = commands.iter().map(|(command, _)| command.chars().count());
    let width = width.filter(|width| *width < WIDTH / 2).max().unwrap_or(0);
    commands
        .iter()
        .map(|(command, why)| format!("  {command:width$}  # {why}"))
        .collect()
}

/// What the clients have that is not as it usually is, in words.
pub(super) fn oddities(entry: &Entry) -> Vec<String> {
    let sibling = entry.sibling.as_ref().map(|sibling| &sibling.case);
    let mut lines: Vec<String> = Vec::new();
    for case in [Some(&entry.case), sibling].into_iter().flatten() {
        let Ok(client) = ClientCase::from_value(&case.client) else {
            continue;
        };
        let mut odd: Vec<String> = Vec::new();
        if let Some(words) = client.credential.in_words() {
            odd.push(format!("credential {}: {words}", client.credential.word()));
        }
        if client.form != Form::Plain {
            let (word, meaning) = (client.form.word(), client.form.meaning());
            odd.push(format!("form {word}: {meaning}"));
        }
        for line in odd.iter().flat_map(|text| wrapped(text, "  ")) {
            if !lines.contains(&line) {
                lines.push(line);
            }
        }
    }
    lines
}

/// Text in lines of a bounded width, each behind an indentation.
fn wrapped(text: &str, indent: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = indent.to_owned();
    for word in text.split_whitespace() {
        if line.chars().count() + word.chars().count() >= WIDTH && line.len() > indent.len() {
            lines.push(std::mem::replace(&mut line, indent.to_owned()));
        }
        if line.len() > indent.len() {
            line.push(' ');
        }
        line.push_str(word);
    }
    lines.push(line);
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Value;
    use crate::yaml::Source;

    fn shipped(text: &str) -> Entry {
        Entry::read(&Source::new("entry", text)).unwrap()
    }

    const TEXT: &str = include_str!(
        "../../corpus/who-waits-for-a-challenge-is-shut-out-two-profiles-flag-false-basic-client-2d217ffb.yaml"
    );

    fn set(entry: &mut Entry, field: &str, word: &str) {
        let Value::Record(fields) = &mut entry.case.client else {
            panic!("a client is a record");
        };
        let (_, value) = fields
            .iter_mut()
            .find(|(name, _)| **name == *field)
            .unwrap();
        *value = Value::symbol(word);
    }

    #[test]
    fn odd_credentials_are_told_in_words_and_as_a_command() {
        let mut entry = shipped(TEXT);
        assert_eq!(oddities(&entry), [""; 0]);
        set(&mut entry, "credential", "nul");
        let client = entry.case.client.clone();
        entry.sibling.as_mut().unwrap().case.client = client;
        set(&mut entry, "persona", "preemptive");
        // Of a pack that nobody knows here, whose rule may speak of such a client.
        entry.rule.pack = "ours".to_owned();
        let hand = by_hand(&entry).join("\n");
        // printf 'alice:open-sesame\0' | base64
        assert!(
            hand.contains("Basic YWxpY2U6b3Blbi1zZXNhbWUA' $URL"),
            "{hand}"
        );
        let odd = oddities(&entry).join("\n");
        assert!(
            odd.contains("credential nul: the password, then a NUL"),
            "{odd}"
        );
        let text = entry.to_yaml();
        assert!(text.contains("What is odd about the client"), "{text}");
        assert_eq!(shipped(&text), entry);
    }

    #[test]
    fn the_command_stands_whole() {
        let mut entry = shipped(TEXT);
        let file = entry.file_name();
        let command = |entry: &Entry| replay(entry, &entry.file_name()).remove(0);
        assert_eq!(
            command(&entry),
            format!("  countersign replay {file} --against reference")
        );
        entry.seen_on.version = "0.1.0+accepts-expired.other".to_owned();
        assert!(command(&entry).ends_with(" --fault accepts-expired --fault other"));
        entry.seen_on.name = "nginx".to_owned();
        assert!(command(&entry).ends_with("--against nginx"));
        entry.seen_on.name = "a gateway".to_owned();
        assert!(command(&entry).ends_with("--against WHERE"));
        assert!(
            replay(&entry, "a.yaml")
                .join(" ")
                .contains("the adapter of a gateway")
        );
    }
}

//! The grammar beside another reader of it, and the page that says so: `docs/grammar.md`.

#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test may panic, and its helpers are parts of it"
)]

use std::collections::BTreeMap;
use std::fmt::Write;

use countersign::auth::{Challenge, Challenges, Departure, Recipient};

/// How many inputs are compared.
const INPUTS: usize = 150_000;

/// Challenges as both readers can say them: auth-scheme, and parameters with their values.
type Reading = Vec<(String, Vec<(String, String)>)>;

/// What the two readers differ in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Class {
    Token68,
    NoChallenge,
    EmptyFirst,
    SeveralSpaces,
    ObsText,
    Duplicate,
}

impl Class {
    const ALL: [Self; 6] = [
        Self::Token68,
        Self::NoChallenge,
        Self::EmptyFirst,
        Self::SeveralSpaces,
        Self::ObsText,
        Self::Duplicate,
    ];

    /// What differs, what `http-auth` does, and what RFC 9110 says.
    fn said(self) -> [&'static str; 3] {
        match self {
            Self::Token68 => [
                "a token68 in a challenge",
                "refuses it, by design",
                "§11.3 has it, and Negotiate and NTLM send it (RFC 4559 §4.1)",
            ],
            Self::NoChallenge => [
                "a value without any challenge",
                "refuses it",
                "§5.6.1.2: a recipient's list may have no element",
            ],
            Self::EmptyFirst => [
                "an empty element before the first parameter",
                "takes the parameter for an auth-scheme, and refuses it",
                "§11.3 with §5.6.1.2: `#auth-param` may begin with an empty element",
            ],
            Self::SeveralSpaces => [
                "several spaces behind the auth-scheme",
                "refuses them",
                "§11.3: `1*SP`",
            ],
            Self::ObsText => [
                "bytes beyond US-ASCII in a quoted-string",
                "refuses them",
                "§5.6.4: `qdtext` and `quoted-pair` have obs-text",
            ],
            Self::Duplicate => [
                "two parameters of one name",
                "hands over both",
                "§11.2: each name once in a challenge; Countersign hands over both too, and strictly refuses",
            ],
        }
    }
}

/// Numbers that look random and are the same in each run (Marsaglia's xorshift).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap() % bound
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.below(from.len())]
    }

    /// Mostly the first, which is the usual one.
    fn mostly<'a>(&mut self, from: &[&'a str]) -> &'a str {
        match self.below(3) {
            0 => self.pick(from),
            _ => from[0],
        }
    }
}

/// A field value in which something is unusual here and there.
fn almost_right(numbers: &mut Numbers) -> String {
    let mut text = numbers.mostly(&["", ",", ", "]).to_owned();
    for challenge in 0..=numbers.below(2) {
        if challenge > 0 {
            text += numbers.mostly(&[", ", ",", " , ", ",,", " "]);
        }
        text += numbers.pick(&["Basic", "Digest", "A", "b"]);
        match numbers.below(8) {
            0 => continue,
            1 => {
                text += " ";
                text += numbers.pick(&["abc=", "a/b", "c", "=="]);
                continue;
            }
            _ => {}
        }
        text += numbers.mostly(&[" ", "  ", " , ", "\t", " ,", ", ", ":"]);
        for param in 0..=numbers.below(3) {
            if param > 0 {
                text += numbers.mostly(&[", ", ",", " , ", ",,", "\t,", " "]);
            }
            text += numbers.pick(&["realm", "a", "REALM", "c1", "d", "e"]);
            text += numbers.mostly(&["=", " = ", "= ", " =", "=="]);
            text += numbers.mostly(&[
                "\"x\"",
                "y",
                "\"\"",
                "\"a, B c=d\"",
                "\"\\\"\"",
                "\"\\e\"",
                "\"\u{e9}\"",
                "\"z",
                "a@b",
                "",
                "\"\u{1}\"",
                "\"\t\"",
                "'f'",
                "\"a\"b",
            ]);
        }
    }
    text += numbers.mostly(&["", ",", " ,", " ", "x"]);
    text
}

/// Pieces of field values in any order.
fn noise(numbers: &mut Numbers) -> String {
    const PIECES: &[&str] = &[
        "Basic ",
        "b",
        "realm",
        "c=d",
        " ",
        ",",
        ", ",
        "=",
        "\"",
        "\"\"",
        "\\",
        "\"e, F g=h\"",
        "realm=\"x\"",
        "i=",
        "==",
        "\t",
        "\u{e4}",
        "/",
        "B ",
        "\u{1}",
        "@",
    ];
    let count = 1 + numbers.below(9);
    (0..count).map(|_| numbers.pick(PIECES)).collect()
}

fn ours(list: &[Challenge]) -> Reading {
    let params = |c: &Challenge| {
        let params = c.params.iter().map(|p| (p.name.clone(), p.value.clone()));
        params.collect::<Vec<_>>()
    };
    list.iter().map(|c| (c.scheme.clone(), params(c))).collect()
}

fn theirs(text: &str) -> Option<Reading> {
    let list = http_auth::parse_challenges(text).ok()?;
    let params = |c: &http_auth::ChallengeRef<'_>| {
        let params = c.params.iter();
        let params = params.map(|(name, value)| ((*name).to_owned(), value.to_unescaped()));
        params.collect::<Vec<_>>()
    };
    Some(
        list.iter()
            .map(|c| (c.scheme.to_owned(), params(c)))
            .collect(),
    )
}

/// In what the two differ about a value, or an account of a difference of no known class.
fn class(text: &str) -> Result<Option<Class>, String> {
    let bytes: Vec<u8> = text.chars().map(|c| u8::try_from(c).unwrap()).collect();
    let read = Challenges::parse(std::iter::once(bytes.as_slice()));
    let (we, they) = (read.strict().map(ours), theirs(text));
    if we == they {
        return Ok(None);
    }
    let unknown = || Err(format!("{}: {we:?}, they {they:?}", bytes.escape_ascii()));
    let class = match (&we, &they) {
        (Some(_), None) if read.list.is_empty() => Class::NoChallenge,
        (Some(_), None) if read.list.iter().any(|c| c.token68.is_some()) => Class::Token68,
        (Some(_), None) if read.departing(Departure::ObsText).next().is_some() => Class::ObsText,
        (Some(_), None)
            if read
                .departing(Departure::EmptyListElement)
                .any(|problem| problem.what.contains("before parameter")) =>
        {
            Class::EmptyFirst
        }
        (Some(_), None) if text.contains("  ") => Class::SeveralSpaces,
        (None, Some(they)) => {
            let mut refused = read.problems.iter().map(|p| p.departure);
            let only_duplicates = refused.all(|departure| {
                departure == Departure::DuplicateParameter
                    || departure.recipient() == Recipient::MustCope
            });
            // What is handed over is the same.
            if !only_duplicates || ours(&read.list) != *they {
                return unknown();
            }
            Class::Duplicate
        }
        _ => return unknown(),
    };
    Ok(Some(class))
}

/// What was compared, and the shortest value of each class.
struct Compared {
    alike: usize,
    differing: BTreeMap<Class, (usize, String)>,
}

fn compare() -> Compared {
    let mut numbers = Numbers(0x9e37_79b9_7f4a_7c15);
    let mut compared = Compared {
        alike: 0,
        differing: BTreeMap::new(),
    };
    for number in 0..INPUTS {
        let text = match number % 3 {
            0 => noise(&mut numbers),
            _ => almost_right(&mut numbers),
        };
        let text = text.trim_matches([' ', '\t']);
        match class(text).unwrap() {
            None => compared.alike += 1,
            Some(class) => {
                let known = compared.differing.entry(class);
                let (count, shortest) = known.or_insert_with(|| (0, text.to_owned()));
                *count += 1;
                if (text.len(), text) < (shortest.len(), shortest.as_str()) {
                    *shortest = text.to_owned();
                }
            }
        }
    }
    compared
}

/// Holds the part of the page between two marks to what it should say. As with other golden texts,
/// `SNAPSHOTS=overwrite` writes it.
fn hold(mark: &str, table: &str) {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/grammar.md");
    let page = std::fs::read_to_string(path).unwrap();
    let begin = format!("<!-- {mark}: generated -->\n\n");
    let (before, rest) = page.split_once(&begin).unwrap();
    let (said, behind) = rest.split_once("\n<!-- end -->").unwrap();
    if std::env::var("SNAPSHOTS").is_ok_and(|value| value == "overwrite") {
        let page = format!("{before}{begin}{table}\n<!-- end -->{behind}");
        std::fs::write(path, page).unwrap();
    } else {
        assert_eq!(said, table, "the page should say:\n{table}");
    }
}

#[test]
fn every_difference_from_http_auth_is_of_a_known_class_and_shown() {
    let compared = compare();
    assert!(compared.alike > INPUTS / 2, "{}", compared.alike);
    let mut table = String::from("| what | how often | for example | `http-auth` | RFC 9110 |\n");
    table += "|---|---|---|---|---|\n";
    for class in Class::ALL {
        let (count, example) = &compared.differing[&class];
        let example = match example.as_str() {
            "" => "(empty)".to_owned(),
            text => format!(
                "`{}`",
                text.escape_default().to_string().replace("\\\"", "\"")
            ),
        };
        let [what, does, says] = class.said();
        writeln!(table, "| {what} | {count} | {example} | {does} | {says} |").unwrap();
    }
    let count: usize = compared.differing.values().map(|(count, _)| count).sum();
    writeln!(
        table,
        "\nOf {INPUTS} generated values, the two differ on {count} and agree on {}.",
        compared.alike
    )
    .unwrap();
    hold("differences", &table);
}

#[test]
fn every_departure_is_on_the_page() {
    let mut table =
        String::from("| word | sender | recipient | source | what |\n|---|---|---|---|---|\n");
    for departure in Departure::ALL {
        let sender = departure.sender().words().trim_start_matches("sender ");
        let recipient = departure.recipient().words();
        let recipient = recipient.trim_start_matches("recipient ");
        let (section, summary) = (departure.section(), departure.summary());
        writeln!(
            table,
            "| `{departure}` | {sender} | {recipient} | {section} | {summary} |"
        )
        .unwrap();
    }
    hold("departures", &table);
}

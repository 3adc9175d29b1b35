//! Writing a reproduction: one YAML file, commented for a reader who knows nothing of Countersign.

use crate::credentials::{Identity, Token};
use crate::domain::{Case, Part, Value};
use crate::export::NOT_BY_CURL;
use crate::results::{MinimalityProof, ResolvedDemand, TriedChange, TriedVerdict, flow_value};
use crate::spec::Predicate;
use crate::yaml::{Source, flow, quoted_if_needed, read};

use super::entry::Entry;
use super::head;
use super::transcript::Message;

/// The version of the format.
pub(super) const FORMAT: i64 = 1;

/// The parts of a case that are written: a course only where there is one.
fn parts_written(case: &Case) -> impl Iterator<Item = Part> {
    let has_steps = !case.steps().is_empty();
    Part::ALL
        .into_iter()
        .filter(move |part| has_steps || *part != Part::Course)
}

/// Lines with indentation.
struct IndentedLines {
    out: String,
    depth: usize,
}

impl IndentedLines {
    fn line(&mut self, text: &str) {
        for _ in 0..self.depth {
            self.out.push_str("  ");
        }
        self.out.push_str(text);
        self.out.push('\n');
    }

    fn gap(&mut self) {
        self.out.push('\n');
    }

    fn comment(&mut self, lines: &[&str]) {
        for line in lines {
            let mut text = String::from("# ");
            for c in line.chars() {
                match c {
                    // Of these a comment would end, or be no YAML, or not be what it seems.
                    c if c.is_control() => text.extend(c.escape_default()),
                    '\u{200b}'..='\u{200f}'
                    | '\u{2028}'..='\u{202e}'
                    | '\u{2066}'..='\u{2069}'
                    | '\u{feff}'
                    | '\u{fffe}'
                    | '\u{ffff}' => text.extend(c.escape_default()),
                    c => text.push(c),
                }
            }
            self.line(text.trim_end());
        }
    }

    fn text(&mut self, key: &str, text: &str) {
        self.line(&format!("{key}: {}", alone(text)));
    }

    /// A key and what is below it.
    fn under(&mut self, key: &str, write: impl FnOnce(&mut Self)) {
        self.line(&format!("{key}:"));
        self.depth += 1;
        write(self);
        self.depth -= 1;
    }

    /// Text of several lines, `inner` levels deeper, as a block where that reads back as the same.
    fn block(&mut self, key: &str, inner: usize, text: &str) {
        if !is_block(text) {
            return self.text(key, text);
        }
        self.line(&format!("{key}: |"));
        self.depth += inner;
        for line in text.lines() {
            if line.is_empty() {
                self.gap();
            } else {
                self.line(line);
            }
        }
        self.depth -= inner;
    }

    /// A value, records and their lists of records on lines of their own.
    fn value(&mut self, key: &str, value: &Value) {
        let key = quoted_if_needed(key);
        match value {
            Value::Record(fields) if !fields.is_empty() => self.under(&key, |lines| {
                for (name, value) in fields {
                    lines.value(name, value);
                }
            }),
            Value::List(items) if items.iter().any(|item| matches!(item, Value::Record(_))) => {
                self.under(&key, |lines| {
                    for item in items {
                        lines.line(&format!("- {}", flow_value(item)));
                    }
                });
            }
            value => self.line(&format!("{key}: {}", flow_value(value))),
        }
    }

    fn case(&mut self, case: &Case) {
        for part in parts_written(case) {
            self.value(part.word(), case.part(part));
        }
    }
}

/// A text that stands alone on its line, where commas and brackets need no quotes.
fn alone(text: &str) -> String {
    let harmless = |c: char| c.is_alphanumeric() || " -_./()',;[]>§".contains(c);
    let plain = text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(harmless)
        && read(&Source::new("", format!("key: {text}\n")))
            .is_ok_and(|node| node.get("key").and_then(|value| value.text()) == Some(text));
    if plain {
        text.to_owned()
    } else {
        quoted_if_needed(text)
    }
}

/// Whether a text reads back as the same from a block with a line feed at its end.
fn is_block(text: &str) -> bool {
    let first = text.lines().next().unwrap_or_default();
    let last = text.rsplit('\n').next().unwrap_or_default();
    let printable = |c: char| c == '\n' || (' '..='~').contains(&c) || c.is_alphanumeric();
    !first.is_empty()
        && !first.starts_with(' ')
        && !last.is_empty()
        && text.chars().all(printable)
        && text.split('\n').all(|line| line.trim_end() == line)
}

/// The text of the file of this name.
pub(super) fn text(entry: &Entry, file: &str) -> String {
    let mut lines = IndentedLines {
        out: String::new(),
        depth: 0,
    };
    head(&mut lines, entry, file);
    rule(&mut lines, entry);
    cases(&mut lines, entry);
    lines.gap();
    lines.comment(&[
        "What the rule demands of this case, with nothing left to look up. `relate` holds the case",
        "against its sibling; `when` says of which answers the rule speaks at all.",
    ]);
    lines.under("demand", |lines| demand(lines, &entry.demand));
    lines.gap();
    lines.comment(&[
        "What came instead. A replay that departs in the same kind is still failing; one that departs",
        "in another kind is failing differently.",
    ]);
    lines.under("failure", |lines| {
        lines.text("expected", &entry.discrepancy.expected);
        lines.text("observed", &entry.discrepancy.observed);
        lines.text("kind", &entry.discrepancy.kind.to_string());
        if let Some((failed, runs)) = entry.flaky {
            lines.line(&format!("flaky: {{failed: {failed}, runs: {runs}}}"));
        }
    });
    why(&mut lines, entry);
    evidence(&mut lines, entry);
    lines.out
}

fn head(lines: &mut IndentedLines, entry: &Entry, file: &str) {
    lines.comment(&[
        "A failure found by Countersign, which checks how HTTP servers ask for credentials and decide",
        "on them. This file holds all that is needed to try it again, with nothing else at hand:",
        "",
    ]);
    for line in head::replay(entry, file) {
        lines.comment(&[&line]);
    }
    let hand = head::by_hand(entry);
    if hand.is_empty() {
        let why = match entry.demand.beyond_clients() {
            Some(what) => format!("No client gets to see {what}: the command above tells."),
            None => format!("{NOT_BY_CURL}: the command above does."),
        };
        lines.comment(&["", &why]);
    } else if entry.is_of_endpoint() {
        lines.comment(&[
            "",
            "By hand, with the endpoint's URL in $URL and the secrets in the variables that stand here:",
            "",
        ]);
    } else {
        lines.comment(&[
            "",
            "By hand, where a server at $URL has the policy below in force, and knows the identities",
            "at the end of this file:",
            "",
        ]);
    }
    for line in hand {
        lines.comment(&[&line]);
    }
    let odd = head::oddities(entry);
    if !odd.is_empty() {
        lines.comment(&["", "What is odd about the client:", ""]);
    }
    for line in odd {
        lines.comment(&[&line]);
    }
    lines.line(&format!("countersign-reproduction: {FORMAT}"));
    lines.gap();
    lines.text("sentence", &entry.sentence);
    lines.text("defect", &entry.defect);
    lines.under("seen-on", |lines| {
        lines.text("name", &entry.seen_on.name);
        lines.text("version", &entry.seen_on.version);
        if let Some(place) = &entry.seen_on.key_in {
            lines.text("key-in", &place.to_string());
        }
    });
}

fn rule(lines: &mut IndentedLines, entry: &Entry) {
    let rule = &entry.rule;
    lines.gap();
    lines.comment(&["The rule that it breaks, and where that is stated."]);
    lines.under("rule", |lines| {
        lines.text("id", &rule.id);
        lines.text("pack", &rule.pack);
        lines.line(&format!("version: {}", rule.version));
        lines.text("level", rule.level.word());
        if !rule.scored {
            lines.line("scored: false");
        }
        lines.under("source", |lines| {
            lines.text("document", &rule.stated.document);
            lines.text("section", &rule.stated.section);
            if let Some(note) = &rule.stated.note {
                lines.text("note", note);
            }
        });
        lines.text("impact", &rule.impact);
        if !rule.presumes.is_empty() {
            lines
                .comment(&["It only applies to implementations that chose this, of several ways."]);
            lines.under("presumes", |lines| {
                for presumed in &rule.presumes {
                    lines.line(&format!(
                        "- {{alternative: {}, choice: {}, default: {}}}",
                        quoted_if_needed(&presumed.alternative),
                        quoted_if_needed(&presumed.choice),
                        presumed.default
                    ));
                }
            });
        }
    });
}

fn cases(lines: &mut IndentedLines, entry: &Entry) {
    lines.gap();
    lines.comment(&["What was configured (policy, instance), and who asked (client)."]);
    lines.under("case", |lines| lines.case(&entry.case));
    if let Some(sibling) = &entry.sibling {
        lines.gap();
        lines.comment(&["The same with one thing changed, which the rule compares it with."]);
        lines.under("sibling", |lines| {
            lines.text("difference", &sibling.difference);
            lines.under("case", |lines| lines.case(&sibling.case));
        });
    }
}

fn demand(lines: &mut IndentedLines, demand: &ResolvedDemand) {
    let when = |lines: &mut IndentedLines, when: &Predicate| {
        if *when != Predicate::always() {
            lines.line(&format!("when: {when}"));
        }
    };
    when(lines, &demand.when);
    if let Some(clause) = &demand.expect {
        lines.line(&format!("expect: {clause}"));
    }
    if let Some(relation) = &demand.relate {
        lines.under("relate", |lines| {
            when(lines, &relation.when);
            for comparison in &relation.comparisons {
                lines.line(&comparison.to_string());
            }
            if let Some(clause) = &relation.expect {
                lines.line(&format!("expect: {clause}"));
            }
            if let Some(clause) = &relation.sound {
                lines.line(&format!("sound: {clause}"));
            }
        });
    }
}

fn why(lines: &mut IndentedLines, entry: &Entry) {
    if !entry.cures.is_empty() {
        lines.gap();
        lines.comment(&["Any one of these changes makes the rule hold."]);
        lines.under("cures", |lines| {
            for cure in &entry.cures {
                lines.line(&format!(
                    "- {{set: {}, to: {}}}",
                    quoted_if_needed(&cure.path),
                    bare_if_possible(&cure.to)
                ));
            }
        });
    }
    lines.gap();
    certificate(lines, &entry.proof);
    if !entry.variations.is_empty() {
        lines.gap();
        lines.comment(&[
            "What matters: every other value of every single field, and what the rule then says. A",
            "field whose other values all fail alike does not matter.",
        ]);
        lines.under("variations", |lines| steps(lines, &entry.variations));
    }
}

fn certificate(lines: &mut IndentedLines, proof: &MinimalityProof) {
    let alike = proof
        .steps
        .iter()
        .any(|step| step.verdict == TriedVerdict::FailsAlike);
    let words: &[&str] = match (proof.simpler_cases, proof.cut_short || alike) {
        (Some(_), _) => &[
            "Why it is minimal: it is the smallest possible. All simpler cases there are were tried, and",
            "none fails in this way. These are the ones one step away.",
        ],
        (None, false) => &[
            "Why it is minimal: everything that could be left out or made simpler in one step was, and",
            "it then no longer fails in this way.",
        ],
        (None, true) => &["It may not be minimal: the budget ended before every step was tried."],
    };
    lines.comment(words);
    lines.under("minimal", |lines| {
        if let Some(cases) = proof.simpler_cases {
            lines.line(&format!("simpler-cases: {cases}"));
        }
        if proof.cut_short {
            lines.line("cut-short: true");
        }
        if proof.steps.is_empty() {
            lines.line("steps: []");
        } else {
            lines.under("steps", |lines| steps(lines, &proof.steps));
        }
    });
}

fn steps(lines: &mut IndentedLines, steps: &[TriedChange]) {
    for step in steps {
        lines.line(&format!(
            "- {}: {}",
            step.verdict.word(),
            alone(&step.change)
        ));
    }
}

fn evidence(lines: &mut IndentedLines, entry: &Entry) {
    lines.gap();
    lines.comment(&[
        "What went over the wire. Credentials are masked; HOST stands for the server's address, and",
        "where there are several configurations at once, the path to this one is left out.",
    ]);
    lines.under("transcript", |lines| {
        messages(lines, "case", &entry.transcript.case);
        messages(lines, "sibling", &entry.transcript.sibling);
    });
    lines.gap();
    lines.comment(match entry.is_of_endpoint() {
        true => {
            &["Who can log in; the client is the first. Environment variables stand for secrets."]
        }
        false => &[
            "Who can log in; the client is the first. These are test credentials that Countersign",
            "publishes, and nobody's secrets.",
        ],
    });
    lines.under("identities", |lines| {
        for identity in &entry.identities {
            self::identity(lines, identity);
        }
    });
}

fn messages(lines: &mut IndentedLines, key: &str, messages: &[Message]) {
    if messages.is_empty() {
        return lines.line(&format!("{key}: []"));
    }
    lines.under(key, |lines| {
        for message in messages {
            lines.block("- sent", 2, &message.sent);
            lines.depth += 1;
            lines.block("received", 1, &message.received);
            lines.depth -= 1;
        }
    });
}

fn identity(lines: &mut IndentedLines, identity: &Identity) {
    lines.line(&format!("- user: {}", quoted_if_needed(&identity.user)));
    lines.depth += 1;
    lines.text("password", identity.password.expose());
    lines.line(&format!("enabled: {}", identity.enabled));
    if !identity.roles.is_empty() {
        lines.line(&format!("roles: {}", flow(&identity.roles)));
    }
    if !identity.groups.is_empty() {
        lines.line(&format!("groups: {}", flow(&identity.groups)));
    }
    for (key, tokens) in [
        ("tokens", &identity.tokens),
        ("api-keys", &identity.api_keys),
    ] {
        if !tokens.is_empty() {
            lines.under(key, |lines| tokens.iter().for_each(|one| token(lines, one)));
        }
    }
    lines.depth -= 1;
}

fn token(lines: &mut IndentedLines, token: &Token) {
    let mut parts = vec![
        format!("value: {}", quoted_if_needed(token.value.expose())),
        format!("state: {}", token.state.word()),
    ];
    if !token.scopes.is_empty() {
        parts.push(format!("scopes: {}", flow(&token.scopes)));
    }
    lines.line(&format!("- {{{}}}", parts.join(", ")));
}

/// A cure's value as a person would write it: `true`, not `"true"`. It is read back as text.
fn bare_if_possible(text: &str) -> String {
    let is_bool = text == "true" || text == "false";
    let is_int = text
        .parse::<i64>()
        .is_ok_and(|number| number.to_string() == text);
    if is_bool || is_int {
        text.to_owned()
    } else {
        quoted_if_needed(text)
    }
}

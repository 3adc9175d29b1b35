//! The try before judging: the simplest client with valid credentials of each scheme, or with a key or a
//! signature where the policy takes one, is played by itself.
//! Where none gets in, nothing that would be found is a finding: the implementation is not set up.

use crate::domain::{Case, CaseRef, Value};
use crate::observation::{Outcome, SetupFault};
use crate::results::{LetIn, Stopped, TranscriptEntry};
use crate::wire::Mask;

use super::alone::{NotPlayed, PlayedAlone};
use super::answered::let_in;
use super::lab::Lab;
use super::simplest_valid::key_of;

/// What a fault begins with where nobody listens.
const NO_CONNECTION: &str = "no connection to ";

/// The most lines of a head and of a body, and the most characters of a line, that are shown.
const MOST_LINES: usize = 16;
const MOST_BODY: usize = 6;
const MOST_CHARACTERS: usize = 160;

/// What came of trying cases of which one is to get in.
pub(crate) enum Entrance<'c> {
    /// The first who got in, with what was seen of him.
    Open(&'c Case, Box<PlayedAlone>),
    /// Nobody got in: what became of each.
    Shut(Vec<(&'c Case, Result<PlayedAlone, NotPlayed>)>),
}

/// Plays cases by themselves, one after the other, until somebody is let in.
pub(crate) async fn try_to_enter<'c>(
    lab: &mut Lab<'_>,
    cases: &'c [Case],
) -> Result<Entrance<'c>, Stopped> {
    let mut refused = Vec::new();
    for case in cases {
        match lab.play_alone(case).await? {
            Ok(witnessed) if witnessed.seen.outcome == Outcome::Accepted => {
                return Ok(Entrance::Open(case, Box::new(witnessed)));
            }
            played => refused.push((case, played)),
        }
    }
    Ok(Entrance::Shut(refused))
}

/// What a case came to that did not let anybody in.
enum EntryAttempt {
    Answered(Outcome, Vec<TranscriptEntry>),
    Unreached(String),
}

/// Makes sure that somebody gets in, and answers with who did. What cannot be had on this implementation, or
/// an exchange that broke, is for the run itself to judge.
pub(super) async fn somebody_gets_in(
    lab: &mut Lab<'_>,
    cases: &[Case],
) -> Result<Option<LetIn>, Stopped> {
    let refused = match try_to_enter(lab, cases).await? {
        Entrance::Open(case, witnessed) => return Ok(let_in(case, &witnessed.seen)),
        Entrance::Shut(refused) => refused,
    };
    let tried = |(case, played)| match played {
        Ok(PlayedAlone {
            seen, transcript, ..
        }) => Some((case, EntryAttempt::Answered(seen.outcome, transcript))),
        Err(NotPlayed::Fault(why)) if why.starts_with(NO_CONNECTION) => {
            Some((case, EntryAttempt::Unreached(why)))
        }
        Err(_) => None,
    };
    let refused: Vec<(&Case, EntryAttempt)> = refused.into_iter().filter_map(tried).collect();
    match refused.is_empty() {
        true => Ok(None),
        false => Err(Stopped::Setup(fault(&refused))),
    }
}

fn fault(refused: &[(&Case, EntryAttempt)]) -> SetupFault {
    let mut lines = vec![
        "no client with valid credentials gets in, of whatever scheme. So nothing was judged: the cause \
         is likely the set-up."
            .to_owned(),
    ];
    let mut reasons: Vec<String> = Vec::new();
    let mut is_shown = false;
    for (case, tried) in refused {
        let scheme = case.client.field("scheme").and_then(Value::as_symbol);
        let (with, and) = match key_of(CaseRef::from(*case)) {
            Some(key) => (key.to_owned(), "which is valid, and"),
            None => {
                let scheme = scheme.unwrap_or("the client");
                let with = format!("one profile, {scheme}");
                (with, "and valid credentials")
            }
        };
        let reason = match tried {
            EntryAttempt::Answered(outcome, transcript) => {
                let last = transcript.last();
                let (status, path) = last.map_or((0, String::new()), read);
                if is_shown {
                    lines.push(format!("With {with}: {outcome} ({status})"));
                } else {
                    lines.push(format!(
                        "With {with}, {and} of an identity of the installation:"
                    ));
                    lines.extend(last.map(shown).unwrap_or_default());
                    is_shown = true;
                }
                likely(status, &path)
            }
            EntryAttempt::Unreached(why) => {
                lines.push(format!("With {with}: {why}"));
                "does the program listen at the URL that it gave for the slot?".to_owned()
            }
        };
        if !reasons.contains(&reason) {
            reasons.push(reason);
        }
    }
    SetupFault {
        doing: "get in before judging".to_owned(),
        why: lines.join("\n  "),
        remedy: Some(reasons.join(" ")),
    }
}

/// What probably is the matter where valid credentials are answered with a status.
fn likely(status: u16, path: &str) -> String {
    match status {
        300..=399 => {
            "something in front of the resource sends clients elsewhere: does the slot's URL \
                      lead to the resource itself?"
                .to_owned()
        }
        400 | 421 => {
            "the server could not make sense of the request: does it answer for the host and \
                      port of the slot's URL?"
                .to_owned()
        }
        401 | 407 => {
            "are the identities of the installation used (the user and the password in it, its \
                      tokens), and is the policy of the slot in force there?"
                .to_owned()
        }
        403 => "is something asked for beside the credentials, such as a role or an address?"
            .to_owned(),
        404 | 410 => format!(
            "does `{path}` exist? Below each slot's URL, `/resource` is asked for, and must answer 2xx \
             to whoever gets in."
        ),
        405 | 501 => format!("GET must be taken at `{path}`."),
        500..=599 => {
            "what does the program's own log say? Is there an origin behind it that answers?"
                .to_owned()
        }
        _ => "2xx is what counts as let in.".to_owned(),
    }
}

/// The status of an answer, and the path that was asked for, without its query.
fn read(entry: &TranscriptEntry) -> (u16, String) {
    let word = |bytes: &[u8]| {
        let line = bytes
            .split(|byte| *byte == b'\n')
            .next()
            .unwrap_or_default();
        let line = String::from_utf8_lossy(line).into_owned();
        line.split(' ').nth(1).unwrap_or_default().trim().to_owned()
    };
    let path = word(&entry.sent);
    let path = path.split('?').next().unwrap_or_default().to_owned();
    (word(&entry.head).parse().unwrap_or(0), path)
}

/// An exchange, without its secrets.
fn shown(entry: &TranscriptEntry) -> Vec<String> {
    let mut mask = Mask::default();
    let mut all = Vec::new();
    let sent = entry.sent_lines().into_iter().take(MOST_LINES);
    for (index, line) in sent.enumerate() {
        let masked = match index {
            0 => mask.target(&line),
            _ => mask.field(&line),
        };
        all.push(format!("> {}", cut(&masked)));
    }
    for line in entry.head_lines().into_iter().take(MOST_LINES) {
        all.push(format!("< {}", cut(&mask.answer_field(&line))));
    }
    let body = entry.body_lines();
    let left = body.len().saturating_sub(MOST_BODY);
    for line in body.iter().take(MOST_BODY) {
        all.push(format!("< {}", cut(&mask.hide(line))));
    }
    if left > 0 {
        let left = crate::domain::counted(left as u64, "more line", "more lines");
        all.push(format!("< … {left}"));
    }
    all.into_iter().map(|line| format!("  {line}")).collect()
}

fn cut(line: &str) -> String {
    match line.char_indices().nth(MOST_CHARACTERS) {
        Some((at, _)) => format!("{}…", line.get(..at).unwrap_or_default()),
        None => line.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::simplest_valid::simplest_valid;
    use crate::spec::{Spec, shipped};

    #[test]
    fn an_exchange_is_shown_as_it_was_sent() {
        let entry = TranscriptEntry {
            sent: b"GET /s0/resource HTTP/1.1\r\nauthorization: Basic YTpi\r\n\r\n".to_vec(),
            head: b"HTTP/1.1 401 No\r\nwww-authenticate: Basic realm=\"a\\b\"\r\nx: \x07\r\n\r\n"
                .to_vec(),
            body: b"{\n  \"error\": \"no 'such' user\"\n}\n".to_vec(),
        };
        assert_eq!(
            shown(&entry),
            [
                "  > GET /s0/resource HTTP/1.1",
                "  > authorization: Basic ***",
                "  < HTTP/1.1 401 No",
                "  < www-authenticate: Basic realm=\"a\\b\"",
                "  < x: \\x07",
                "  < {",
                "  <   \"error\": \"no 'such' user\"",
                "  < }",
            ]
        );
    }

    #[test]
    fn every_answer_has_a_likely_reason() {
        for (status, word) in [
            (404, "`/s0/resource`"),
            (401, "identities"),
            (503, "log"),
            (302, "elsewhere"),
            (405, "GET"),
            (421, "host and port"),
            (403, "role"),
            (418, "2xx"),
        ] {
            let reason = likely(status, "/s0/resource");
            assert!(reason.contains(word), "{status}: {reason}");
        }
    }

    #[test]
    fn who_has_a_key_is_called_by_it() {
        let spec = Spec::read(&shipped("http-authentication").unwrap()).unwrap();
        let cases = simplest_valid(&spec);
        let mut in_query = cases
            .iter()
            .filter(|case| key_of(CaseRef::from(*case)) == Some("an API key in the query"));
        let case = in_query.next().unwrap();
        let refused = [(case, EntryAttempt::Unreached("nobody listens".to_owned()))];
        let why = fault(&refused).why;
        assert!(
            why.contains("With an API key in the query: nobody listens"),
            "{why}"
        );
    }
}

//! What real clients did: the measurements, and the layouts they were measured on.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::user_agents::model::{Accepts, Layout, RedirectTarget, Redirection, Script};
use crate::yaml::nearest;

/// What a case may have.
const KEYS: [&str; 8] = [
    "lines", "status", "accept", "forever", "redir", "note", "name", "close",
];

/// The schemes that a case may accept.
const SCHEMES: [&str; 3] = ["basic", "bearer", "digest"];

/// The realm that was given to clients which must be told one.
const MEASURED_REALM: &str = "x";

/// What one client did on one layout.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Measurement {
    /// The client, by its mode.
    pub mode: String,
    /// The layout, by its name.
    pub case: String,
    /// What its first twelve requests carried.
    pub schemes_sent: Vec<String>,
    /// How many requests there were.
    pub requests: usize,
    /// The last status; nothing when it sent no request.
    pub final_status: Option<u16>,
}

/// A word of the measurements without what it notes of a response: `Digest-MD5/auth` of `Digest-MD5/auth(WRONG)`.
pub fn without_marks(word: &str) -> &str {
    word.find(['(', '['])
        .and_then(|at| word.get(..at))
        .unwrap_or(word)
}

/// Reads measurements: JSON lines, each with the modes that did the same.
///
/// # Errors
///
/// In words, with the line, when a line is not of that form.
pub fn measurements(text: &str) -> Result<Vec<Measurement>, String> {
    let mut all = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let at = |what: &str| format!("line {}: {what}", index + 1);
        let row: Value = serde_json::from_str(line).map_err(|error| at(&error.to_string()))?;
        let one = Measurement {
            mode: String::new(),
            case: text_of(&row, "case").ok_or_else(|| at("no `case`"))?,
            schemes_sent: texts_of(&row, "schemes_sent").ok_or_else(|| at("no `schemes_sent`"))?,
            requests: number_of(&row, "requests").ok_or_else(|| at("no `requests`"))?,
            final_status: number_of(&row, "final_status"),
        };
        let modes = texts_of(&row, "modes").ok_or_else(|| at("no `modes`"))?;
        all.extend(modes.into_iter().map(|mode| Measurement {
            mode,
            ..one.clone()
        }));
    }
    Ok(all)
}

/// Reads scripted servers: a JSON object of cases by name, each with the `lines` of its challenges.
///
/// A case may also have `status` (of a refusal; 401), `accept` (a list of schemes; all), `forever`
/// (refuses whatever comes), `redir` (where a client that logged in is sent: `same`, `other` host, or
/// `port`; with `n` behind it everybody is sent there at once and challenged there, with `c` the target
/// challenges too) and a `note`, which tells of a non-ASCII password. `name` and `close` change nothing
/// that the model looks at. A client that must be told the realm was given `x`.
///
/// # Errors
///
/// In words, when the text is not of that form.
pub fn scripts(text: &str) -> Result<Vec<(String, Script)>, String> {
    let value: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let Value::Object(cases) = value else {
        return Err("not an object of cases by name".to_owned());
    };
    cases
        .iter()
        .map(|(name, case)| {
            let script = script(case).map_err(|what| format!("case `{name}`: {what}"))?;
            Ok((name.clone(), script))
        })
        .collect()
}

/// What is noted of the cases in such a text, by their names.
pub fn notes(text: &str) -> BTreeMap<String, String> {
    let cases = serde_json::from_str(text).ok();
    let cases = cases.and_then(|cases: Value| cases.as_object().cloned());
    let noted = cases.into_iter().flatten().filter_map(|(name, case)| {
        let note = text_of(&case, "note")?;
        Some((name, note))
    });
    noted.collect()
}

fn script(case: &Value) -> Result<Script, String> {
    let entries = case.as_object().ok_or("it is no object with `lines`")?;
    if let Some(key) = entries.keys().find(|key| !KEYS.contains(&key.as_str())) {
        return Err(unknown("it has no key", key, KEYS));
    }
    let lines = texts_of(case, "lines").ok_or("`lines` must be a list of texts")?;
    let mut script = Script::new(Layout::new(lines));
    if let Some(status) = case.get("status") {
        let number = number_of(case, "status").filter(|status| (200..600).contains(status));
        script.status =
            number.ok_or_else(|| format!("`status` is {status}, which is no status"))?;
    }
    if case.get("accept").is_some() {
        let schemes = texts_of(case, "accept").ok_or("`accept` must be a list of texts")?;
        let known = |scheme: &str| {
            SCHEMES
                .iter()
                .any(|known| known.eq_ignore_ascii_case(scheme))
        };
        if let Some(scheme) = schemes.iter().find(|scheme| !known(scheme)) {
            return Err(unknown("`accept` takes no", scheme, SCHEMES));
        }
        let has = |name: &str| {
            schemes
                .iter()
                .any(|scheme| scheme.eq_ignore_ascii_case(name))
        };
        script.accepts = Accepts {
            basic: has("basic"),
            bearer: has("bearer"),
            digest: has("digest"),
        };
    }
    let forever = case.get("forever");
    if forever.is_some_and(|forever| !matches!(forever, Value::Bool(false) | Value::Null)) {
        script.accepts = Accepts::NONE;
    }
    script.redirection = match case.get("redir").map(|redir| (redir, redir.as_str())) {
        None | Some((Value::Null, _) | (_, Some(""))) => None,
        Some((_, Some(word))) => Some(redirection(word)?),
        Some((redir, None)) => return Err(format!("`redir` is {redir}, which is no text")),
    };
    let note = case.get("note").and_then(Value::as_str).unwrap_or_default();
    script.foreign_password = note.contains("non-ascii password");
    script.known_realm = Some(MEASURED_REALM.to_owned());
    Ok(script)
}

/// Says of a word that there is none such, and which is nearest.
fn unknown<const N: usize>(what: &str, word: &str, known: [&str; N]) -> String {
    let help = match nearest(&word.to_ascii_lowercase(), known) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => format!("there is {}", known.join(", ")),
    };
    format!("{what} `{word}`\n  help: {help}")
}

fn redirection(word: &str) -> Result<Redirection, String> {
    let targets = [
        ("same", RedirectTarget::SameOrigin),
        ("other", RedirectTarget::OtherHost),
        ("port", RedirectTarget::OtherPort),
    ];
    let found = targets.iter().find_map(|(name, target)| {
        let behind = word.strip_prefix(name)?;
        Some((*target, behind))
    });
    let Some((target, behind)) = found else {
        return Err(format!(
            "`redir` is `{word}`, which is none of: same, other, port"
        ));
    };
    Ok(Redirection {
        target: match behind.contains(['2', 'p']) {
            true => RedirectTarget::OtherPort,
            false => target,
        },
        at_once: behind.contains('n'),
        challenges: behind.contains(['n', 'c']),
    })
}

fn text_of(row: &Value, key: &str) -> Option<String> {
    row.get(key)?.as_str().map(str::to_owned)
}

fn texts_of(row: &Value, key: &str) -> Option<Vec<String>> {
    let list = row.get(key)?.as_array()?;
    list.iter()
        .map(|text| text.as_str().map(str::to_owned))
        .collect()
}

fn number_of<N: TryFrom<u64>>(row: &Value, key: &str) -> Option<N> {
    N::try_from(row.get(key)?.as_u64()?).ok()
}

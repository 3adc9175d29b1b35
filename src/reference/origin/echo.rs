//! Seeded faults that put into an answer what the client asked for, or whom.

use hyper::StatusCode;
use hyper::header::{HOST, HeaderMap, HeaderValue, WWW_AUTHENTICATE};

use super::protection_space::REALM;
use super::realm::SECOND_LINE;
use crate::reference::decision::{Decision, DecisionInput};
use crate::reference::fault::Fault;
use crate::reference::seeded::Faults;

/// Changes a refusal as the faults have it; `authority` is the resource's own.
pub(super) fn depart(
    decision: &mut Decision,
    asked: &DecisionInput<'_>,
    authority: Option<&str>,
    faults: &Faults,
) {
    if decision.status != StatusCode::UNAUTHORIZED {
        return;
    }
    let target = decoded(asked.target);
    if faults.has(Fault::TargetBreaks) && target.contains(['"', '\n']) {
        *decision = Decision::bare(StatusCode::INTERNAL_SERVER_ERROR);
        return;
    }
    if faults.has(Fault::TargetBeginsField)
        && let Some((_, line)) = target.split_once("\r\n")
        && let Some((_, value)) = line.split_once(": ")
        && let Ok(value) = HeaderValue::from_str(value)
    {
        decision.fields.push((SECOND_LINE, value));
    }
    let host = |headers: &HeaderMap| {
        let host = headers.get(HOST)?.to_str().ok()?;
        Some(decoded(host))
    };
    // No field value has a line break.
    let in_a_line = |text: String| text.replace(['\r', '\n'], " ");
    for (fault, text, escapes) in [
        (Fault::TargetEchoedUnescaped, Some(&target), false),
        (Fault::TargetEchoed, Some(&target), true),
        (
            Fault::HostEchoedUnescaped,
            host(asked.headers).as_ref(),
            false,
        ),
        (Fault::HostEchoed, host(asked.headers).as_ref(), true),
    ] {
        if let Some(text) = text.filter(|_| faults.has(fault)) {
            let text = in_a_line(text.clone());
            let text = match escapes {
                true => text.replace('\\', "\\\\").replace('"', "\\\""),
                false => text,
            };
            let (realm, other) = (format!("realm=\"{REALM}\""), format!("realm=\"{text}\""));
            // The hashes of Digest have the realm in them (RFC 7616 §3.4.2): with another one nobody gets in, which is a
            // defect of its own.
            replace(decision, &realm, &other, |value| {
                !value.starts_with("Digest")
            });
        }
    }
    let forged = asked.headers.get("x-forwarded-host");
    if faults.has(Fault::ForgedHostBelieved)
        && let Some(forged) = forged.and_then(|value| value.to_str().ok())
        && let Some(authority) = authority
    {
        replace(decision, authority, forged, |_| true);
    }
}

/// Puts another text in the place of one in each line of challenges that is to have it.
fn replace(decision: &mut Decision, one: &str, other: &str, is_it: fn(&str) -> bool) {
    let challenges = { decision.fields.iter_mut() }.filter(|(name, _)| name == WWW_AUTHENTICATE);
    for (_, value) in challenges {
        let text = { value.to_str().ok() }.filter(|text| is_it(text));
        let replaced = text.map(|text| text.replace(one, other));
        if let Some(replaced) = replaced.and_then(|text| HeaderValue::try_from(text).ok()) {
            *value = replaced;
        }
    }
}

/// A text whose percent-encoded characters stand for themselves; bytes beyond US-ASCII are left as they are.
pub(in crate::reference) fn decoded(text: &str) -> String {
    let mut parts = text.split('%');
    let mut decoded = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (code, rest) = part.split_at_checked(2).unwrap_or((part, ""));
        match u8::from_str_radix(code, 16).ok().filter(u8::is_ascii) {
            Some(byte) => decoded.push(char::from(byte)),
            None => {
                decoded.push('%');
                decoded.push_str(code);
            }
        }
        decoded.push_str(rest);
    }
    decoded
}

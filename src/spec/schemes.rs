//! The schemes that an answer offers.

use std::collections::HashSet;

use super::observation::Observation;

/// The distinct schemes of the final answer's challenges, in lower case and in order.
pub(super) fn offered(observation: Observation<'_>) -> Vec<String> {
    let mut schemes: Vec<String> = Vec::new();
    // Of few a look through them costs less than a set; an answer may have thousands.
    let mut known = HashSet::new();
    for challenge in &observation.answer.challenges.list {
        let scheme = challenge.scheme.to_ascii_lowercase();
        let is_new = match schemes.len() {
            0..FEW => !schemes.contains(&scheme),
            _ => {
                known.extend(schemes.iter().skip(known.len()).cloned());
                !known.contains(&scheme)
            }
        };
        if is_new {
            schemes.push(scheme);
        }
    }
    schemes
}

/// So many schemes are few.
const FEW: usize = 16;

/// Schemes in words: `challenges for basic and bearer`.
pub(super) fn schemes_in_words<S: AsRef<str>>(schemes: &[S]) -> String {
    let words: Vec<&str> = schemes.iter().map(AsRef::as_ref).collect();
    match words.split_last() {
        None => "no challenge".to_owned(),
        Some((only, [])) => format!("a challenge for {only}"),
        Some((last, rest)) => format!("challenges for {} and {last}", rest.join(", ")),
    }
}

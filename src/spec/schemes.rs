//! The schemes that an answer offers.

use super::observation::Observation;

/// The distinct schemes of the final answer's challenges, in lower case and in order.
pub(super) fn offered(observation: Observation<'_>) -> &[String] {
    &observation.answer.offered
}

/// The same, sorted.
pub(super) fn offered_sorted(observation: Observation<'_>) -> Vec<&str> {
    let mut schemes: Vec<&str> = { offered(observation).iter() }
        .map(String::as_str)
        .collect();
    schemes.sort_unstable();
    schemes
}

/// Schemes in words: `challenges for basic and bearer`.
pub(super) fn schemes_in_words<S: AsRef<str>>(schemes: &[S]) -> String {
    let words: Vec<&str> = schemes.iter().map(AsRef::as_ref).collect();
    match words.split_last() {
        None => "no challenge".to_owned(),
        Some((only, [])) => format!("a challenge for {only}"),
        Some((last, rest)) => format!("challenges for {} and {last}", rest.join(", ")),
    }
}

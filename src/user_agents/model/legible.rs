//! Whether a reader of Digest that goes by characters, and not by the grammar, comes to the end of a challenge.

use super::offer::trim;

/// The parameters that it has a place for, each once.
const PLACES: [&str; 5] = ["realm", "nonce", "opaque", "algorithm", "qop"];

/// Whether the text behind an auth-scheme is read to its end: each name is what stands before `=`, a value in quotes ends
/// at the next quote, be that escaped, one that is not has two characters at least behind the `=`, and no place is
/// taken twice.
pub(super) fn is_legible(text: &str) -> bool {
    let mut taken = [false; PLACES.len()];
    let mut rest = text.trim_start_matches([' ', '\t']);
    while !rest.is_empty() {
        let Some((name, behind)) = rest.split_once('=') else {
            return false;
        };
        let behind = behind.trim_start_matches([' ', '\t']);
        let after = match (behind.len(), behind.strip_prefix('"')) {
            (0 | 1, _) => return false,
            (_, Some(quoted)) => {
                let Some(end) = quoted.find('"') else {
                    return false;
                };
                quoted.get(end + 2..)
            }
            (_, None) => {
                let end = behind.find([',', ' ', '\t']);
                end.and_then(|end| behind.get(end + 1..))
            }
        };
        for (place, taken) in PLACES.iter().zip(&mut taken) {
            if place.eq_ignore_ascii_case(trim(name)) && std::mem::replace(taken, true) {
                return false;
            }
        }
        rest = after.unwrap_or_default().trim_start_matches([' ', '\t']);
        rest = rest.strip_prefix(',').unwrap_or(rest);
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_behind_the_challenge_may_keep_it_from_being_read() {
        let own = "realm=\"x\", nonce=\"n\", qop=auth ,\talgorithm=MD5";
        assert!(is_legible(own));
        for (behind, legible) in [
            ("Bearer realm=\"a, b\"", true),
            ("Basic realm=\"x\", Unknown, Bearer realm=\"x\"", true),
            ("Unknown", false),
            ("Unknown abc==", false),
            ("Unknown a=\"1\", b=2", false),
            ("Bearer realm=\"a, Basic realm=\\\"b\\\"\"", false),
            ("Bearer realm=\"x", false),
            ("Digest realm=\"x\", nonce=\"n\"", false),
            ("Basic realm=\"x\", QOP=auth", false),
        ] {
            assert_eq!(is_legible(&format!("{own}, {behind}")), legible, "{behind}");
        }
    }
}

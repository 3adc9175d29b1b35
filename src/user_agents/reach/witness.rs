//! What was seen of real programs where the same schemes were named in the same way.

use crate::user_agents::catalogue::real_runs;
use crate::user_agents::model::{Layout, Script};

/// Runs of real programs against real gateways and frameworks whose 401 named the same schemes, in the same order and on as
/// many lines. A program that got in at one and not at another is not among either.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Witnesses {
    /// Who was asked, with version.
    pub implementations: Vec<&'static str>,
    /// The programs that got in.
    pub inside: Vec<&'static str>,
    /// Those that did not.
    pub outside: Vec<&'static str>,
}

impl Witnesses {
    /// Those of a server that refuses by 401, where it takes Basic: what these programs have. Nothing where nobody was asked
    /// who names schemes so.
    pub(super) fn of(script: &Script) -> Option<Self> {
        let named = schemes(&script.layout);
        if !script.accepts.basic || script.status != 401 || named.is_empty() {
            return None;
        }
        let mut found = Self::default();
        let mut disputed = Vec::new();
        for run in real_runs() {
            let lines = run.challenges.iter().map(String::as_str);
            // What stands for a platform here is none.
            if schemes(&Layout::new(lines)) != named || run.implementation.starts_with("reference")
            {
                continue;
            }
            found.implementations.push(&run.implementation);
            for client in &run.clients {
                let name = client.name.as_str();
                let (own, other) = match client.is_in {
                    true => (&mut found.inside, &found.outside),
                    false => (&mut found.outside, &found.inside),
                };
                if other.contains(&name) {
                    disputed.push(name);
                }
                if !own.contains(&name) {
                    own.push(name);
                }
            }
        }
        found.implementations.dedup();
        for names in [&mut found.inside, &mut found.outside] {
            names.retain(|name| !disputed.contains(name));
        }
        (!found.implementations.is_empty()).then_some(found)
    }
}

/// The schemes that each line names.
fn schemes(layout: &Layout) -> Vec<(usize, String)> {
    let offers = layout.offers().into_iter();
    offers
        .map(|offer| (offer.line, offer.scheme.to_ascii_lowercase()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::user_agents::catalogue::everything;

    #[test]
    fn programs_of_the_catalogue_were_seen_where_challenges_stood_so() {
        let seen = |lines: &[&str]| Witnesses::of(&Script::new(Layout::new(lines.iter().copied())));
        let bearer = seen(&["Bearer realm=\"other\""]).unwrap();
        assert!(
            bearer
                .implementations
                .iter()
                .any(|one| one.starts_with("caddy ")),
            "{bearer:?}"
        );
        assert!(bearer.outside.contains(&"curl --anyauth"), "{bearer:?}");
        assert!(bearer.inside.contains(&"curl -u"), "{bearer:?}");
        // Envoy refuses its HTTP/1.0, and the others let it in.
        let basic = seen(&["basic realm=x"]).unwrap();
        assert!(
            !basic.inside.contains(&"lynx") && basic.outside.is_empty(),
            "{basic:?}"
        );
        let (lines, line) = (
            seen(&["Bearer", "Basic realm=\"x\""]).unwrap(),
            seen(&["Bearer, Basic realm=\"x\""]).unwrap(),
        );
        assert_ne!(lines.implementations, line.implementations);
        assert!(line.outside.contains(&"lynx") && lines.inside.contains(&"lynx"));
        assert_eq!(seen(&["Unknown"]), None);
        for run in real_runs() {
            for client in &run.clients {
                assert!(
                    everything().unwrap().find(&client.name).is_some(),
                    "{}",
                    client.name
                );
            }
        }
    }
}

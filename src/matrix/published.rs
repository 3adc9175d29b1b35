//! What the pages of `docs/rules/` say of who kills whom: measured when they were written, and there without a
//! run.

use crate::reference::Fault;

const PAGES: [(&str, &str); 10] = [
    (
        "api-access-policy",
        include_str!("../../docs/rules/api-access-policy.md"),
    ),
    (
        "api-access-instance",
        include_str!("../../docs/rules/api-access-instance.md"),
    ),
    (
        "api-access-outcome",
        include_str!("../../docs/rules/api-access-outcome.md"),
    ),
    (
        "api-access-profiles",
        include_str!("../../docs/rules/api-access-profiles.md"),
    ),
    (
        "external-authorization",
        include_str!("../../docs/rules/external-authorization.md"),
    ),
    (
        "http-authentication",
        include_str!("../../docs/rules/http-authentication.md"),
    ),
    (
        "mcp-authorization",
        include_str!("../../docs/rules/mcp-authorization.md"),
    ),
    (
        "reachability",
        include_str!("../../docs/rules/reachability.md"),
    ),
    (
        "every-scheme",
        include_str!("../../docs/rules/every-scheme.md"),
    ),
    (
        "authorization-server",
        include_str!("../../docs/rules/authorization-server.md"),
    ),
];

/// That a rule of a shipped pack kills a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PublishedKill {
    /// The pack's name.
    pub pack: &'static str,
    /// The rule's id.
    pub rule: &'static str,
    /// The fault.
    pub fault: Fault,
}

/// Who kills whom, as the published pages have it.
pub fn published_kills() -> Vec<PublishedKill> {
    PAGES.into_iter().flat_map(of_page).collect()
}

fn of_page((pack, page): (&'static str, &'static str)) -> Vec<PublishedKill> {
    let mut kills = Vec::new();
    let mut rule = "";
    for line in page.lines() {
        if let Some(heading) = line.strip_prefix("## ") {
            rule = heading;
        }
        let named = line.strip_prefix("- kills: ").into_iter();
        let named = named.flat_map(|names| names.split(", "));
        let faults = named.filter_map(|name| Fault::from_name(name.trim_matches('`')));
        kills.extend(faults.map(|fault| PublishedKill { pack, rule, fault }));
    }
    kills
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::SHIPPED;

    #[test]
    fn every_shipped_pack_has_a_page_that_names_faults() {
        let kills = published_kills();
        for (name, _) in SHIPPED {
            let of_pack = kills.iter().filter(|kill| kill.pack == name);
            assert!(of_pack.count() > 10, "{name}");
        }
        let ignored: Vec<_> = kills
            .iter()
            .filter(|kill| kill.fault == Fault::FlagIgnored)
            .collect();
        assert!(ignored.iter().any(|kill| kill.pack == "reachability"));
        assert!(ignored.iter().all(|kill| !kill.rule.is_empty()));
    }
}

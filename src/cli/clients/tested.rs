//! What `countersign clients test` tells of a client.

use countersign::user_agents::catalogue::Measurement;
use countersign::user_agents::conformance::{Abilities, ClientPack, ClientRule};
use serde_json::{Value, json};

/// A layout that a client failed.
pub(super) struct FailedLayout {
    /// It in words.
    pub(super) says: String,
    /// Its field lines.
    pub(super) lines: Vec<String>,
    /// Whether nothing simpler was failed.
    pub(super) minimal: bool,
    /// Whether it was come to from a larger one by making that simpler.
    pub(super) drawn: bool,
    /// What the client did.
    pub(super) seen: Measurement,
    /// That in words.
    pub(super) did: String,
}

/// A rule that a client broke.
pub(super) struct BrokenRule<'p> {
    pub(super) rule: &'p ClientRule,
    /// The layouts on which it did, those first than which nothing simpler was failed.
    pub(super) failed: Vec<FailedLayout>,
    /// How many layouts of the rule it was held to.
    pub(super) of: usize,
}

/// For people.
pub(super) fn tell(
    pack: &ClientPack,
    name: &str,
    abilities: &Abilities,
    layouts: usize,
    broken: &[BrokenRule<'_>],
    verbose: bool,
) {
    tell!(
        "{name}: answers {}, {}; {layouts} layouts of {} {}",
        answered(pack, abilities),
        match abilities.volunteers() {
            true => "and sends credentials unasked",
            false => "and waits to be asked",
        },
        pack.name,
        pack.version,
    );
    for rule in broken {
        rule.tell(verbose);
    }
}

/// What it answers, and what it does so by credentials that are not taken.
fn answered(pack: &ClientPack, abilities: &Abilities) -> String {
    let rightly = abilities.answers(pack).join(", ");
    let wrongly = abilities.answers_wrongly(pack).join(", ");
    match (rightly.is_empty(), wrongly.is_empty()) {
        (_, true) => rightly,
        (true, false) => format!("{wrongly} wrongly"),
        (false, false) => format!("{rightly}, and {wrongly} wrongly"),
    }
}

/// For programs: one line.
pub(super) fn tell_json(
    pack: &ClientPack,
    name: &str,
    version: Option<&str>,
    abilities: &Abilities,
    layouts: usize,
    broken: &[BrokenRule<'_>],
) {
    let broken: Vec<Value> = broken.iter().map(BrokenRule::json).collect();
    tell!(
        "{}",
        json!({
            "client": name, "version": version, "pack": pack.name, "pack_version": pack.version,
            "answers": abilities.answers(pack), "answers_wrongly": abilities.answers_wrongly(pack), "unasked": abilities.volunteers(), "layouts": layouts, "broken": broken,
        })
    );
}

impl BrokenRule<'_> {
    /// How many of the layouts that were played at first were failed.
    fn failed_of_first(&self) -> usize {
        self.failed.iter().filter(|failed| !failed.drawn).count()
    }

    fn tell(&self, verbose: bool) {
        let simplest = self.failed.first().map_or("", |failed| &failed.says);
        tell!(
            "  {} ({}): {simplest}; {} of {} layouts",
            self.rule.id,
            self.rule.level,
            self.failed_of_first(),
            self.of
        );
        tell!("      {}", self.rule.says);
        tell!("      {}; {}", self.rule.source, self.rule.at);
        let most = if verbose { self.failed.len() } else { 1 };
        for failed in self.failed.iter().take(most) {
            if verbose {
                tell!("      {}", failed.says);
            }
            for line in &failed.lines {
                tell!("        WWW-Authenticate: {line}");
            }
            if failed.lines.is_empty() {
                tell!("        no WWW-Authenticate");
            }
            tell!("        {}", failed.did);
        }
    }

    fn json(&self) -> Value {
        let failed = self.failed.iter().map(|failed| {
            json!({
                "layout": failed.says, "lines": failed.lines, "minimal": failed.minimal,
                "schemes_sent": failed.seen.schemes_sent, "requests": failed.seen.requests,
                "final_status": failed.seen.final_status, "did": failed.did,
            })
        });
        json!({
            "rule": self.rule.id, "level": self.rule.level, "of": self.of, "failed_of_them": self.failed_of_first(),
            "failed": failed.collect::<Vec<_>>(),
        })
    }
}

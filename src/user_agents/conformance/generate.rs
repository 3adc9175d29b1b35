//! The layouts of a pack: the simple ones one after the other, and larger ones by chance.

use std::collections::BTreeSet;

use proptest::strategy::{Strategy as _, ValueTree as _};
use proptest::test_runner::TestRunner;

use super::judged::Abilities;
use super::laid_out::{ClientLayout, LaidOut, Role, Separator};
use super::pack::{ClientPack, ClientRule};
use crate::domain::seeded;
use crate::user_agents::model::{KnownScheme, Script};

/// How often another layout is drawn where one was drawn before.
const MOST_DRAWS: usize = 20;

impl ClientPack {
    /// The challenges by which it is seen what a client answers at all, each with the server that issues it alone and takes
    /// what answers it.
    pub fn probes(&self) -> Vec<(usize, Script)> {
        let schemes = [KnownScheme::Basic, KnownScheme::Digest, KnownScheme::Bearer];
        let plain = schemes.into_iter().filter_map(|scheme| self.plain(scheme));
        let asked = self.rules.iter().flat_map(|rule| rule.has.iter().copied());
        let all: BTreeSet<usize> = plain.chain(asked).collect();
        let alone = all.into_iter().map(|challenge| {
            let layout = ClientLayout {
                rule: usize::MAX,
                server: 0,
                items: vec![item(Role::Subject, challenge)],
            };
            (challenge, layout.script(self))
        });
        alone.collect()
    }

    /// Every layout of a rule's subject alone and with one challenge beside it, rule by rule, the simplest first.
    pub fn simple_layouts(&self) -> Vec<ClientLayout> {
        let mut all = Vec::new();
        for (at, rule) in self.rules.iter().enumerate() {
            for subject in &rule.of {
                for server in 0..rule.servers.len() {
                    let with = |items| ClientLayout {
                        rule: at,
                        server,
                        items,
                    };
                    let items = self.simple(rule, *subject);
                    all.extend(items.into_iter().map(with));
                }
            }
        }
        all
    }

    fn simple(&self, rule: &ClientRule, subject: Option<usize>) -> Vec<Vec<LaidOut>> {
        let subject_item = subject.map(|challenge| item(Role::Subject, challenge));
        let with = rule.with.iter().map(|other| item(Role::With, *other));
        let base: Vec<LaidOut> = subject_item.into_iter().chain(with).collect();
        let (least, most) = rule.count;
        let mut all = Vec::new();
        if least == 0 {
            all.extend(arranged(&base, rule.in_order));
        }
        if base.len() <= 1 && least <= 1 && most >= 1 {
            for other in self.beside(rule, subject) {
                let mut both = base.clone();
                both.push(item(Role::Beside, other));
                all.extend(arranged(&both, false));
            }
        }
        all
    }

    /// What may stand beside a challenge: not another of its scheme, which would be for the client too.
    fn beside(&self, rule: &ClientRule, subject: Option<usize>) -> Vec<usize> {
        let scheme = |at: usize| self.challenge(at).and_then(|one| one.scheme);
        let own = subject.and_then(scheme);
        let others = rule.beside.iter().copied();
        others
            .filter(|other| own.is_none() || scheme(*other) != own)
            .collect()
    }

    /// So many layouts of more challenges, of rules that concern the client, the same for the same seed.
    pub fn drawn_layouts(
        &self,
        abilities: &Abilities,
        count: usize,
        seed: u64,
    ) -> Vec<ClientLayout> {
        let mut runner = seeded(seed);
        let mut all: Vec<ClientLayout> = Vec::new();
        let mut subjects = Vec::new();
        for (at, rule) in self.rules.iter().enumerate() {
            let fixed = 1 + rule.with.len();
            if rule.beside.is_empty() || fixed + rule.count.1 < 3 {
                continue;
            }
            for subject in &rule.of {
                let alone = ClientLayout {
                    rule: at,
                    server: 0,
                    items: { subject.iter() }
                        .map(|challenge| item(Role::Subject, *challenge))
                        .collect(),
                };
                // Whoever sends the right credentials unasked gets in whatever is offered.
                if abilities.concern(self, &alone) && !abilities.volunteers() {
                    subjects.push((at, *subject));
                }
            }
        }
        for draw in 0..count.saturating_mul(MOST_DRAWS) {
            if all.len() == count || subjects.is_empty() {
                break;
            }
            let Some((at, subject)) = subjects.get(draw % subjects.len()) else {
                break;
            };
            let Some(rule) = self.rules.get(*at) else {
                break;
            };
            let layout = ClientLayout {
                rule: *at,
                server: below(&mut runner, rule.servers.len()),
                items: self.drawn(rule, *subject, &mut runner),
            };
            if layout.items.len() > 2 && !all.contains(&layout) {
                all.push(layout);
            }
        }
        all
    }

    fn drawn(
        &self,
        rule: &ClientRule,
        subject: Option<usize>,
        runner: &mut TestRunner,
    ) -> Vec<LaidOut> {
        let (least, most) = rule.count;
        let others = self.beside(rule, subject);
        let mut items: Vec<LaidOut> = { subject.into_iter() }
            .map(|challenge| item(Role::Subject, challenge))
            .collect();
        for other in &rule.with {
            let place = match rule.in_order {
                true => items.len(),
                false => below(runner, items.len() + 1),
            };
            items.insert(place, item(Role::With, *other));
        }
        let fewest = least.max(3_usize.saturating_sub(items.len())).min(most);
        let beside = fewest + below(runner, most - fewest + 1);
        for _ in 0..beside {
            if let Some(other) = others.get(below(runner, others.len())) {
                let place = below(runner, items.len() + 1);
                items.insert(place, item(Role::Beside, *other));
            }
        }
        for item in &mut items {
            let separator = Separator::ALL.get(below(runner, Separator::ALL.len()));
            item.separator = separator.copied().unwrap_or(Separator::NewLine);
        }
        if let Some(first) = items.first_mut() {
            first.separator = Separator::NewLine;
        }
        items
    }
}

fn item(role: Role, challenge: usize) -> LaidOut {
    LaidOut {
        role,
        challenge,
        separator: Separator::NewLine,
    }
}

/// The items on lines of their own and on one line, in their order and the other way round.
fn arranged(items: &[LaidOut], in_order: bool) -> Vec<Vec<LaidOut>> {
    if items.len() < 2 {
        return vec![items.to_vec()];
    }
    let mut all = Vec::new();
    for separator in [Separator::NewLine, Separator::Comma] {
        for reversed in [false, true] {
            if reversed && in_order {
                continue;
            }
            let mut items = items.to_vec();
            if reversed {
                items.reverse();
            }
            for item in items.iter_mut().skip(1) {
                item.separator = separator;
            }
            all.push(items);
        }
    }
    all
}

/// A number below this one; 0 where there is none.
fn below(runner: &mut TestRunner, end: usize) -> usize {
    let tree = (0..end.max(1)).new_tree(runner);
    tree.map_or(0, |tree| tree.current())
}

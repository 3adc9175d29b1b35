//! From a layout to simpler ones, so that what a client fails on is told by the simplest.

use super::laid_out::{ClientLayout, LaidOut, Role, Separator};
use super::pack::ClientPack;

impl ClientLayout {
    /// What is one step simpler, the largest step first: with one challenge less, one in the place of another that its rule
    /// names before it, the one that the rule is about further in front, and less odd between two.
    pub fn simpler(&self, pack: &ClientPack) -> Vec<Self> {
        let Some(rule) = self.rule(pack) else {
            return Vec::new();
        };
        let mut all = Vec::new();
        let beside = { self.items.iter() }.filter(|item| item.role == Role::Beside);
        if beside.count() > rule.count.0 {
            for (at, item) in self.items.iter().enumerate() {
                if item.role == Role::Beside {
                    let mut items = self.items.clone();
                    items.remove(at);
                    all.push(items);
                }
            }
        }
        let scheme = |at: usize| pack.challenge(at).and_then(|one| one.scheme);
        let own = self.subject().and_then(scheme);
        for (at, item) in self.items.iter().enumerate() {
            if item.role != Role::Beside {
                continue;
            }
            let before = { rule.beside.iter() }.take_while(|other| **other != item.challenge);
            for other in before.filter(|other| own.is_none() || scheme(**other) != own) {
                all.push(self.replaced(at, |item| item.challenge = *other));
            }
        }
        for (at, item) in self.items.iter().enumerate().skip(1) {
            if item.role == Role::Subject && !rule.in_order {
                let mut items = self.items.clone();
                let (front, back) = (at - 1, at);
                items.swap(front, back);
                // What stands between is not moved with them.
                if let (Some(one), Some(other)) = (self.items.get(front), self.items.get(back)) {
                    let separators = (one.separator, other.separator);
                    if let Some(item) = items.get_mut(front) {
                        item.separator = separators.0;
                    }
                    if let Some(item) = items.get_mut(back) {
                        item.separator = separators.1;
                    }
                }
                all.push(items);
            }
            let simpler = Separator::ALL.into_iter();
            for separator in simpler.take_while(|separator| *separator < item.separator) {
                all.push(self.replaced(at, |item| item.separator = separator));
            }
        }
        let made = all.into_iter().map(|mut items| {
            if let Some(first) = items.first_mut() {
                first.separator = Separator::NewLine;
            }
            Self {
                items,
                ..self.clone()
            }
        });
        made.filter(|other| other.items != self.items).collect()
    }

    fn replaced(&self, at: usize, change: impl Fn(&mut LaidOut)) -> Vec<LaidOut> {
        let mut items = self.items.clone();
        if let Some(item) = items.get_mut(at) {
            change(item);
        }
        items
    }

    /// Whether a simpler layout that was failed stands in this one: the same challenges in the same order, on one line or on
    /// several as there. Then this one shows nothing new.
    pub fn has_within(&self, simpler: &Self) -> bool {
        if (self.rule, self.server) != (simpler.rule, simpler.server) {
            return false;
        }
        let mut mine = self.items.iter();
        let mut matched_before = false;
        for wanted in &simpler.items {
            // Whether a line ended since what was matched last.
            let mut broke = false;
            let found = mine.by_ref().find(|item| {
                broke |= item.separator == Separator::NewLine;
                item.challenge == wanted.challenge && item.role == wanted.role
            });
            if found.is_none() {
                return false;
            }
            let apart = wanted.separator == Separator::NewLine;
            if matched_before && apart != broke {
                return false;
            }
            matched_before = true;
        }
        true
    }
}

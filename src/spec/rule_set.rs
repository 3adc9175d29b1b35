//! Sets of rules, by their position in a spec.

/// Some of the rules of a spec.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct RuleSet {
    words: Box<[u64]>,
}

const BITS: usize = u64::BITS as usize;

impl RuleSet {
    /// The rules, of so many, of which this is true.
    pub fn of(rules: usize, is_in: impl Fn(usize) -> bool) -> Self {
        let word = |first: usize| {
            let bits = (first..rules.min(first + BITS)).filter(|rule| is_in(*rule));
            bits.fold(0, |word, rule| word | 1 << (rule - first))
        };
        Self {
            words: (0..rules).step_by(BITS).map(word).collect(),
        }
    }

    /// Whether a rule is in it.
    pub fn has(&self, rule: usize) -> bool {
        let word = self.words.get(rule / BITS);
        word.is_some_and(|word| word >> (rule % BITS) & 1 == 1)
    }

    /// Puts a rule in, where there is one of this position.
    pub fn insert(&mut self, rule: usize) {
        if let Some(word) = self.words.get_mut(rule / BITS) {
            *word |= 1 << (rule % BITS);
        }
    }

    /// Takes a rule out.
    pub fn remove(&mut self, rule: usize) {
        if let Some(word) = self.words.get_mut(rule / BITS) {
            *word &= !(1 << (rule % BITS));
        }
    }

    /// Leaves what is in another set as well.
    pub(super) fn keep(&mut self, other: &Self) {
        let others = other.words.iter().copied().chain(std::iter::repeat(0));
        for (word, other) in self.words.iter_mut().zip(others) {
            *word &= other;
        }
    }

    /// Takes the rules out that are in another set.
    pub(super) fn take_out(&mut self, other: &Self) {
        for (word, other) in self.words.iter_mut().zip(&other.words) {
            *word &= !other;
        }
    }

    /// Whether no rule is in it.
    pub fn is_empty(&self) -> bool {
        self.words.iter().all(|word| *word == 0)
    }

    /// The rules that are in all of these sets, in order.
    pub fn in_all<const N: usize>(sets: [&Self; N]) -> impl Iterator<Item = usize> {
        let words = sets.iter().map(|set| set.words.len()).min().unwrap_or(0);
        (0..words).flat_map(move |index| {
            let word = sets.iter().fold(u64::MAX, |all, set| {
                all & set.words.get(index).copied().unwrap_or(0)
            });
            Bits(word).map(move |bit| index * BITS + bit)
        })
    }
}

/// The positions of the ones of a word, lowest first.
struct Bits(u64);

impl Iterator for Bits {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        (self.0 != 0).then(|| {
            let lowest = self.0.trailing_zeros() as usize;
            self.0 &= self.0 - 1;
            lowest
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_in_all_sets_comes_in_order() {
        let (even, third) = (
            RuleSet::of(200, |n| n % 2 == 0),
            RuleSet::of(200, |n| n % 3 == 0),
        );
        let both: Vec<usize> = RuleSet::in_all([&even, &third]).collect();
        assert_eq!(both, (0..200).filter(|n| n % 6 == 0).collect::<Vec<_>>());
        assert!(even.has(198) && !even.has(199) && !even.has(200));
        assert_eq!(RuleSet::in_all([&even, &RuleSet::default()]).count(), 0);
        assert_eq!(RuleSet::of(0, |_| true), RuleSet::default());
    }
}

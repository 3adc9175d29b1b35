//! A hash of places: numbers that we gave ourselves, so that nobody chooses them to collide.

use std::hash::{BuildHasherDefault, Hasher};

/// What maps are hashed by whose keys are places.
pub(super) type ByPlace = BuildHasherDefault<PlaceHasher>;

/// An odd number whose bits are spread evenly (2^64 divided by the golden ratio).
const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;

/// Mixes numbers by multiplication.
#[derive(Debug, Default)]
pub(super) struct PlaceHasher(u64);

impl Hasher for PlaceHasher {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u64(u64::from(*byte));
        }
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = (self.0.rotate_left(26) ^ number).wrapping_mul(SPREAD);
    }

    fn write_usize(&mut self, number: usize) {
        self.write_u64(number as u64);
    }

    fn finish(&self) -> u64 {
        // The upper bits are mixed best; maps look at the lower ones too.
        self.0 ^ self.0 >> 32
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::hash::BuildHasher;

    use super::*;

    #[test]
    fn places_beside_each_other_hash_apart() {
        let all = (0..64_usize).flat_map(|a| (0..256_usize).map(move |b| (a, b)));
        let hashes: Vec<u64> = all
            .map(|place| ByPlace::default().hash_one(place))
            .collect();
        let different: HashSet<&u64> = hashes.iter().collect();
        assert_eq!(different.len(), hashes.len());
        // And no part of a table gets many more than its share.
        let mut shares = [0; 64];
        for hash in &hashes {
            shares[(hash % 64) as usize] += 1;
        }
        assert!(
            shares.iter().all(|share| (128..=512).contains(share)),
            "{shares:?}"
        );
    }
}

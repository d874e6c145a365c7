//! A small deterministic generator: the same seed gives the same data and ids on every machine.

/// SplitMix64. Its state is one word, so that every record, chat and token has a stream of its own and nothing depends
/// on the order in which things are asked for.
#[derive(Debug, Clone)]
pub struct Random {
    state: u64,
}

const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;

fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

impl Random {
    /// The stream `name` number `index` of a seed.
    pub fn new(seed: u64, name: &str, index: u64) -> Self {
        let label =
            name.bytes().fold(0xCBF2_9CE4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3));
        Self { state: mix(mix(seed ^ label).wrapping_add(index.wrapping_mul(GOLDEN))) }
    }

    pub fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(GOLDEN);
        mix(self.state)
    }

    /// A number below `bound`.
    pub fn below(&mut self, bound: u64) -> u64 {
        ((u128::from(self.next()) * u128::from(bound)) >> 64) as u64
    }

    /// A number from `low` to `high`, both included.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        low + self.below((high - low + 1) as u64) as i64
    }

    /// True in `per_mille` of 1000 cases.
    pub fn chance(&mut self, per_mille: u64) -> bool {
        self.below(1000) < per_mille
    }

    pub fn pick<T: Copy>(&mut self, items: &[T]) -> T {
        items[self.below(items.len() as u64) as usize]
    }

    /// The position of one of `weights`, chosen in proportion to them.
    pub fn weighted(&mut self, weights: &[u32]) -> usize {
        let total: u64 = weights.iter().map(|weight| u64::from(*weight)).sum();
        let mut rest = self.below(total);
        for (position, weight) in weights.iter().enumerate() {
            let weight = u64::from(*weight);
            if rest < weight {
                return position;
            }
            rest -= weight;
        }
        weights.len() - 1
    }

    /// A value of the distribution whose evenly spaced quantiles are given. Integers only: the same on every machine.
    pub fn quantile(&mut self, quantiles: &[u32]) -> i64 {
        let steps = quantiles.len() as u64 - 1;
        let position = self.below(steps << 16);
        let (index, rest) = ((position >> 16) as usize, (position & 0xFFFF) as i64);
        let (low, high) = (i64::from(quantiles[index]), i64::from(quantiles[index + 1]));
        low + (((high - low) * rest) >> 16)
    }

    pub fn hex(&mut self, digits: usize) -> String {
        self.text(b"0123456789abcdef", digits)
    }

    /// Looks like the identifiers of LivePerson's monitoring: 22 characters of base 64.
    pub fn tag_id(&mut self) -> String {
        self.text(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", 22)
    }

    pub fn uuid(&mut self) -> String {
        let hex = self.hex(32);
        format!("{}-{}-4{}-a{}-{}", &hex[..8], &hex[8..12], &hex[13..16], &hex[17..20], &hex[20..])
    }

    fn text(&mut self, alphabet: &[u8], length: usize) -> String {
        (0..length).map(|_| char::from(self.pick(alphabet))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_are_reproducible_and_differ() {
        let first = Random::new(7, "chat", 1).hex(32);
        assert_eq!(first, Random::new(7, "chat", 1).hex(32));
        assert_ne!(first, Random::new(7, "chat", 2).hex(32));
        assert_ne!(first, Random::new(7, "visit", 1).hex(32));
        assert_ne!(first, Random::new(8, "chat", 1).hex(32));
    }

    #[test]
    fn bounds_hold() {
        let mut random = Random::new(1, "bounds", 0);
        for _ in 0..10_000 {
            assert!(random.below(3) < 3);
            assert!((-2..=2).contains(&random.between(-2, 2)));
            assert!((5..=90).contains(&random.quantile(&[5, 10, 90])));
            assert!(random.weighted(&[0, 4, 0]) == 1);
        }
    }
}

//! Chance with a seed: the same seed makes the same throws for ever, whatever becomes of libraries, so that a
//! seed that once failed stays worth keeping.

use std::time::Duration;
use uuid::Uuid;

/// PCG XSH RR 64/32 (M. E. O'Neill, 2014).
#[derive(Clone, Debug)]
pub struct Dice {
    state: u64,
    /// Odd; which of the streams of one seed this is.
    step: u64,
}

impl Dice {
    /// The dice of one player: each stream of a seed is a sequence of its own.
    pub fn new(seed: u64, stream: u64) -> Self {
        let mut dice = Self { state: 0, step: (stream << 1) | 1 };
        dice.throw();
        dice.state = dice.state.wrapping_add(seed);
        dice.throw();
        dice
    }

    pub fn throw(&mut self) -> u32 {
        let old = self.state;
        self.state = old.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(self.step);
        let shifted = u32::try_from((((old >> 18) ^ old) >> 27) & u64::from(u32::MAX)).expect("32 bits");
        shifted.rotate_right(u32::try_from(old >> 59).expect("5 bits"))
    }

    /// Any of `0..count`.
    pub fn below(&mut self, count: usize) -> usize {
        usize::try_from(self.throw()).expect("32 bits") % count.max(1)
    }

    pub fn between(&mut self, least: i64, most: i64) -> i64 {
        least + i64::from(self.throw()) % (most - least + 1)
    }

    /// True so many times in a hundred.
    pub fn percent(&mut self, chance: usize) -> bool {
        self.below(100) < chance
    }

    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> Option<&'a T> {
        if from.is_empty() { None } else { from.get(self.below(from.len())) }
    }

    pub fn pause(&mut self, least_ms: i64, most_ms: i64) -> Duration {
        Duration::from_millis(self.between(least_ms, most_ms).unsigned_abs())
    }

    pub fn id(&mut self) -> Uuid {
        let words: [u32; 4] = std::array::from_fn(|_| self.throw());
        let bits = words.into_iter().fold(0, |bits, word| (bits << 32) | u128::from(word));
        uuid::Builder::from_random_bytes(bits.to_be_bytes()).into_uuid()
    }
}

/// The seeds of a run: those of `COMANDA_SEEDS` (`7,8,9` or `100..140`), else the usual ones.
pub fn seeds(usual: &[u64]) -> Vec<u64> {
    let mut seeds = Vec::new();
    let Ok(more) = std::env::var("COMANDA_SEEDS") else { return usual.to_vec() };
    for part in more.split(',').map(str::trim).filter(|part| !part.is_empty()) {
        let number =
            |text: &str| text.parse::<u64>().unwrap_or_else(|_| panic!("COMANDA_SEEDS: `{text}` is no number"));
        match part.split_once("..") {
            Some((first, end)) => seeds.extend(number(first)..number(end)),
            None => seeds.push(number(part)),
        }
    }
    seeds
}

mod tests {
    use super::Dice;

    /// The first words of PCG's own demo, `pcg32-demo` with seed 42 and stream 54.
    #[test]
    fn the_dice_are_those_of_the_paper() {
        let mut dice = Dice::new(42, 54);
        let thrown: Vec<u32> = (0..6).map(|_| dice.throw()).collect();
        assert_eq!(thrown, [0xa15c_02b7, 0x7b47_f409, 0xba1d_3330, 0x83d2_f293, 0xbfa4_784b, 0xcbed_606e]);
    }
}

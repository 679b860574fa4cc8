//! A 64-bit digest of text and words, the same in every process and on every machine.
//!
//! Tables are cached and shared, so `std`'s hashers (which promise nothing between versions) are out. Digests are only
//! ever compared pairwise, between two layouts of one name, so 64 bits of a good mixer are enough; nobody gains by
//! forging one, as who writes the debug information also writes the code.

/// Odd constants with evenly spread bits (the fractions of the golden ratio and of the square root of 3).
const WORD: u64 = 0x9e37_79b9_7f4a_7c15;
const STEP: u64 = 0xbb67_ae85_84ca_a73b;

/// Multiply to 128 bits and fold: every input bit reaches every output bit.
fn fold(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    (product as u64) ^ ((product >> 64) as u64)
}

/// The digest of `text`.
pub fn of_text(text: &str) -> u64 {
    let (words, rest) = text.as_bytes().as_chunks::<8>();
    let mut digest = Digest::default();
    for word in words {
        digest.word(u64::from_le_bytes(*word));
    }
    let mut last = [0; 8];
    for (to, from) in last.iter_mut().zip(rest) {
        *to = *from;
    }
    digest.word(u64::from_le_bytes(last));
    digest.word(text.len() as u64);
    digest.value()
}

/// A running digest of words; order counts.
#[derive(Clone, Copy)]
pub struct Digest(u64);

impl Default for Digest {
    fn default() -> Self {
        Digest(STEP)
    }
}

impl Digest {
    pub fn word(&mut self, word: u64) {
        self.0 = fold(self.0 ^ word, WORD).wrapping_add(STEP);
    }

    pub fn value(self) -> u64 {
        fold(self.0, STEP)
    }
}

/// The digest of `words` in this order.
pub fn of_words(words: &[u64]) -> u64 {
    let mut digest = Digest::default();
    for word in words {
        digest.word(*word);
    }
    digest.value()
}

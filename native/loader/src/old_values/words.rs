//! Looks at memory word by word.
#![forbid(unsafe_code)]

use super::finding::Unknown;
use super::question::Absent;
use crate::os::memory::PAGE;
use crate::os::remote;
use crate::patience::Patience;

/// Bytes that are looked at together. From the loader's own heap.
pub const BATCH: usize = 128 << 10;
pub const WORD: usize = 8;

/// What ends the look at a piece of memory.
pub enum Stop {
    Word { at: usize, word: usize },
    Unknown(Unknown),
}

/// Meets every word between two addresses.
pub fn scan(
    mut at: usize,
    to: usize,
    wanted: &[(usize, usize)],
    buffer: &mut [u8],
    patience: &mut Patience,
) -> Result<(), Stop> {
    let low = wanted.first().map_or(0, |first| first.0);
    let high = wanted.last().map_or(0, |last| last.1);
    while at < to {
        if patience.is_over() {
            return Err(Stop::Unknown(Unknown::Time));
        }
        // A part of a word at the end is the beginning of something that is skipped.
        let length = BATCH.min(to - at);
        let part = buffer.get_mut(..length).unwrap_or_default();
        let read = remote::read(at, part);
        if read == 0 || (read < length && !(at + read).is_multiple_of(PAGE)) {
            return Err(Stop::Unknown(Unknown::Memory(at + read)));
        }
        let words = part.get(..read).unwrap_or_default().chunks_exact(WORD);
        for (index, word) in words.enumerate() {
            let word = word.try_into().map_or(0, usize::from_le_bytes);
            if (low..high).contains(&word) && is_in_any(wanted, word) {
                let at = at + index * WORD;
                return Err(Stop::Word { at, word });
            }
        }
        at += read;
    }
    Ok(())
}

/// Whether one of `ranges`, ascending and apart, holds `word`.
pub fn is_in_any(ranges: &[(usize, usize)], word: usize) -> bool {
    let after = ranges.partition_point(|(start, _)| *start <= word);
    let before = after.checked_sub(1).and_then(|at| ranges.get(at));
    before.is_some_and(|(_, end)| word < *end)
}

pub fn merged(absent: &[Absent]) -> Vec<(usize, usize)> {
    let mut all: Vec<_> = absent.iter().map(|one| (one.start, one.end)).collect();
    all.sort_unstable();
    all.dedup_by(|next, before| {
        let touches = next.0 <= before.1;
        if touches {
            before.1 = before.1.max(next.1);
        }
        touches
    });
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    /// An address that belongs to nobody.
    const CODE: usize = 0x6000_0001_0000;

    #[test]
    fn memory_that_cannot_be_read_is_no_silence() {
        let mut buffer = vec![0; BATCH];
        let mut patience = Patience::of(Duration::from_secs(5));
        let result = scan(CODE, CODE + PAGE, &[(1, 2)], &mut buffer, &mut patience);
        assert!(matches!(result, Err(Stop::Unknown(Unknown::Memory(CODE)))));
        let mut none = Patience::of(Duration::ZERO);
        std::thread::sleep(Duration::from_millis(1));
        let result = scan(CODE, CODE + PAGE, &[(1, 2)], &mut buffer, &mut none);
        assert!(matches!(result, Err(Stop::Unknown(Unknown::Time))));
    }
}

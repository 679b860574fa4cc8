//! Looks at memory word by word.
#![forbid(unsafe_code)]

use super::finding::Unknown;
use super::question::{Absent, Meaning};
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

/// What words are looked for, as ranges that are ascending and apart from each other.
pub struct Wanted {
    all: Vec<(usize, usize)>,
    /// Without what can only be a return address: places within code.
    pointers: Vec<(usize, usize)>,
    /// Stacks of which all calls are known, as start and end.
    calls: Vec<(usize, usize)>,
}

impl Wanted {
    /// With room for `room` stacks.
    pub fn of(absent: &[Absent], room: usize) -> Self {
        let whole = absent.iter().map(|one| (one.start, one.end));
        let pointers = absent.iter().map(|one| match one.meaning {
            Meaning::Code => (one.start, one.start + 1),
            Meaning::Table | Meaning::Patch => (one.start, one.end),
        });
        Self {
            all: merged(whole.collect()),
            pointers: merged(pointers.collect()),
            calls: Vec::with_capacity(room),
        }
    }

    pub fn has(&self, word: usize) -> bool {
        is_in_any(&self.all, word)
    }

    /// On this stack a word that looks like a return address is one of a call that has ended: those that have not are known.
    /// False when there is no room for it.
    pub fn knows_calls(&mut self, start: usize, end: usize) -> bool {
        let has_room = self.calls.len() < self.calls.capacity();
        if has_room {
            self.calls.push((start, end));
        }
        has_room
    }

    fn counts(&self, word: usize, at: usize) -> bool {
        let is_known = |(start, end): &(usize, usize)| (*start..*end).contains(&at);
        self.has(word) && (!self.calls.iter().any(is_known) || is_in_any(&self.pointers, word))
    }

    /// What it takes in memory.
    pub fn memory(&self) -> [(usize, usize); 3] {
        [&self.all, &self.pointers, &self.calls].map(|list| {
            let start = list.as_ptr() as usize;
            (start, start + list.capacity() * size_of::<(usize, usize)>())
        })
    }
}

/// Meets every word between two addresses.
pub fn scan(
    mut at: usize,
    to: usize,
    wanted: &Wanted,
    buffer: &mut [u8],
    patience: &mut Patience,
) -> Result<(), Stop> {
    let low = wanted.all.first().map_or(0, |first| first.0);
    let high = wanted.all.last().map_or(0, |last| last.1);
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
            let at = at + index * WORD;
            if (low..high).contains(&word) && wanted.counts(word, at) {
                return Err(Stop::Word { at, word });
            }
        }
        at += read;
    }
    Ok(())
}

/// Whether one of `ranges`, ascending and apart, holds `word`.
fn is_in_any(ranges: &[(usize, usize)], word: usize) -> bool {
    let after = ranges.partition_point(|(start, _)| *start <= word);
    let before = after.checked_sub(1).and_then(|at| ranges.get(at));
    before.is_some_and(|(_, end)| word < *end)
}

fn merged(mut all: Vec<(usize, usize)>) -> Vec<(usize, usize)> {
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
        let wanted = Wanted::of(&[range(Meaning::Table)], 0);
        let result = scan(CODE, CODE + PAGE, &wanted, &mut buffer, &mut patience);
        assert!(matches!(result, Err(Stop::Unknown(Unknown::Memory(CODE)))));
        let mut none = Patience::of(Duration::ZERO);
        std::thread::sleep(Duration::from_millis(1));
        let result = scan(CODE, CODE + PAGE, &wanted, &mut buffer, &mut none);
        assert!(matches!(result, Err(Stop::Unknown(Unknown::Time))));
    }

    #[test]
    fn where_all_calls_are_known_words_within_code_are_left_over() {
        for (meaning, is_left_over) in [
            (Meaning::Code, true),
            (Meaning::Table, false),
            (Meaning::Patch, false),
        ] {
            let mut wanted = Wanted::of(&[range(meaning)], 1);
            assert!(wanted.knows_calls(0x100, 0x200));
            assert!(!wanted.knows_calls(0x300, 0x400), "no room");
            assert!(wanted.counts(CODE + 5, 0x80), "{meaning:?}");
            assert_eq!(wanted.counts(CODE + 5, 0x180), !is_left_over, "{meaning:?}");
            assert!(wanted.counts(CODE, 0x180), "a pointer to a function is one");
        }
    }

    fn range(meaning: Meaning) -> Absent {
        Absent {
            name: "app::parse".into(),
            meaning,
            start: CODE,
            end: CODE + 0x100,
        }
    }
}

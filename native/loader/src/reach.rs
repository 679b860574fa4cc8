//! What the program can still reach: a conservative search, as a garbage collector without knowledge of types does it.
//!
//! Every word of the program that could be an address counts as one: on the stacks, in the registers that can be seen,
//! and in all memory that the program may have written. What it cannot see: a register that the kernel keeps for a
//! thread that waits, a pointer that the C library has mangled (setjmp(3), atexit(3)), one that was handed to the kernel.
//! And the program runs on meanwhile, so a pointer that moves from where nobody has looked to where somebody has is
//! missed. Therefore what is found unreachable is parked and not taken away ([`crate::unload`]).
#![forbid(unsafe_code)]

use std::io;
use std::time::{Duration, Instant};

use crate::arch::RED_ZONE;
use crate::memory_map::{areas, Area, Pages};
use crate::os::memory::Range;
use crate::os::remote;
use crate::os::slots::SLOT;
use crate::os::tasks::Tasks;
use crate::standing::{everyone, Standing};
use crate::thread_state::name;

/// A search that takes longer is given up: it has a processor to itself meanwhile.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long a thread is given to say what it holds.
const ANSWERS: Duration = Duration::from_secs(1);

/// Bytes that are looked at together.
const BATCH: usize = 128 << 10;
const WORD: usize = 8;

/// A patch that is looked for.
#[derive(Debug, Clone)]
pub struct Candidate {
    pub patch: u32,
    pub start: usize,
    pub end: usize,
    /// What still leads to it, in words; none as long as nothing was found.
    pub held_by: Option<String>,
}

/// Notes for each candidate what leads to it. `elsewhere` is no memory of the program's. What lies in a candidate counts
/// only when something leads there.
pub fn search(candidates: &mut [Candidate], elsewhere: &[Range]) -> io::Result<()> {
    let tasks = Tasks::open()?;
    let threads = everyone(&tasks, ANSWERS)?;
    let mut search = Search::new(candidates, elsewhere)?;
    for thread in &threads {
        let who = || name(&tasks, thread.tid);
        match &thread.seen {
            Some(seen) => {
                for word in &seen.words {
                    search.meet(*word, || format!("a register of {}", who()));
                }
            }
            // It may hold all of them.
            None => {
                let held_by = format!("{}, which could not be asked", who());
                search.candidates.iter_mut().for_each(|candidate| {
                    candidate.held_by.get_or_insert_with(|| held_by.clone());
                });
            }
        }
    }
    for area in areas()?.iter().filter(|area| area.may_hold_words()) {
        search.look_at(area, &threads, &tasks)?;
    }
    search.follow()
}

struct Search<'a> {
    candidates: &'a mut [Candidate],
    /// Ascending.
    skipped: Vec<(usize, usize)>,
    pages: Pages,
    buffer: Vec<u8>,
    deadline: Instant,
}

impl<'a> Search<'a> {
    fn new(candidates: &'a mut [Candidate], elsewhere: &[Range]) -> io::Result<Self> {
        candidates.sort_by_key(|candidate| candidate.start);
        let theirs = candidates.iter().map(|one| (one.start, one.end));
        let mut skipped: Vec<_> = elsewhere
            .iter()
            .map(|range| (range.start, range.end))
            .chain(theirs)
            .collect();
        skipped.sort_unstable();
        Ok(Self {
            candidates,
            skipped,
            pages: Pages::open()?,
            buffer: vec![0; BATCH],
            deadline: Instant::now() + PATIENCE,
        })
    }

    /// A word of the program: notes the candidate that it points into.
    fn meet(&mut self, word: usize, holder: impl FnOnce() -> String) {
        let after = self.candidates.partition_point(|one| one.start <= word);
        // Who lists the modules, as std does for a backtrace, keeps where each slot begins, and calls nothing there.
        let found = after
            .checked_sub(1)
            .and_then(|at| self.candidates.get_mut(at))
            .filter(|one| word < one.end && (word - one.start) & (SLOT - 1) != 0);
        if let Some(candidate) = found {
            candidate.held_by.get_or_insert_with(holder);
        }
    }

    fn look_at(&mut self, area: &Area, threads: &[Standing], tasks: &Tasks) -> io::Result<()> {
        let inside = |thread: &&Standing| {
            let sp = thread.seen.as_ref().map(|seen| seen.sp);
            sp.is_some_and(|sp| (area.start..area.end).contains(&sp))
        };
        let lowest = threads
            .iter()
            .filter(inside)
            .min_by_key(|thread| thread.seen.as_ref().map(|seen| seen.sp));
        let mut start = area.start;
        if let Some(sp) = lowest.and_then(|thread| Some(thread.seen.as_ref()?.sp)) {
            if area.is_stack() {
                start = start.max(sp.saturating_sub(RED_ZONE) & !(WORD - 1));
            }
        }
        let holder = |at: usize| match lowest {
            Some(thread) => format!("the stack of {}", name(tasks, thread.tid)),
            None if area.name.is_empty() => format!("the program's memory at {at:#x}"),
            None => format!("the program's memory at {at:#x} ({})", area.name),
        };
        for (from, to) in self.parts(start, area.end) {
            self.read(from, to, &holder)?;
        }
        Ok(())
    }

    /// What lies between two addresses, without what is skipped.
    fn parts(&self, mut start: usize, end: usize) -> Vec<(usize, usize)> {
        let mut parts = Vec::new();
        for (from, to) in &self.skipped {
            if *from >= end {
                break;
            }
            if *to <= start {
                continue;
            }
            if *from > start {
                parts.push((start, *from));
            }
            start = start.max(*to);
        }
        if start < end {
            parts.push((start, end));
        }
        parts
    }

    /// What a candidate that is reached holds is reached too.
    fn follow(&mut self) -> io::Result<()> {
        let mut seen = vec![false; self.candidates.len()];
        loop {
            let next = self
                .candidates
                .iter()
                .zip(&seen)
                .position(|(one, seen)| one.held_by.is_some() && !seen);
            let Some(at) = next else { return Ok(()) };
            if let Some(seen) = seen.get_mut(at) {
                *seen = true;
            }
            if let Some(Candidate {
                patch, start, end, ..
            }) = self.candidates.get(at).cloned()
            {
                self.read(start, end, &|_| format!("patch {patch}"))?;
            }
        }
    }

    /// Meets every word between two addresses. Memory that is unmapped meanwhile is passed over.
    fn read(
        &mut self,
        start: usize,
        end: usize,
        holder: &dyn Fn(usize) -> String,
    ) -> io::Result<()> {
        let (low, high) = match (self.candidates.first(), self.candidates.last()) {
            (Some(first), Some(last)) => (first.start, last.end),
            _ => return Ok(()),
        };
        let mut runs = Vec::new();
        self.pages.each_run(start, end, |from, to| {
            runs.push((from, to));
            true
        })?;
        let mut buffer = std::mem::take(&mut self.buffer);
        for (mut at, to) in runs {
            while at < to {
                if Instant::now() > self.deadline {
                    return Err(io::ErrorKind::TimedOut.into());
                }
                let wanted = buffer.get_mut(..BATCH.min(to - at)).unwrap_or_default();
                let read = remote::read(at, wanted);
                let words = wanted.get(..read).unwrap_or_default();
                for (index, word) in words.chunks_exact(WORD).enumerate() {
                    let word = word.try_into().map_or(0, usize::from_le_bytes);
                    if (low..high).contains(&word) {
                        self.meet(word, || holder(at + index * WORD));
                    }
                }
                // A page that cannot be read: unmapped, or taken away by the program.
                at += if read == 0 {
                    wanted.len().min(crate::os::memory::PAGE)
                } else {
                    read.max(WORD)
                };
            }
        }
        self.buffer = buffer;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rust's own heap stands for the program's. The addresses belong to nobody.
    fn candidates() -> Vec<Candidate> {
        [
            (3, 0x7000_0003_0000),
            (1, 0x7000_0001_0000),
            (2, 0x7000_0002_0000),
        ]
        .map(|(patch, start)| Candidate {
            patch,
            start,
            end: start + 0x1000,
            held_by: None,
        })
        .to_vec()
    }

    #[test]
    fn a_word_counts_from_behind_the_beginning_to_the_last_byte() {
        let mut candidates = candidates();
        let mut search = Search::new(&mut candidates, &[]).unwrap();
        for word in [
            0x7000_0001_0fff,
            0x7000_0002_0000,
            0x7000_0002_1000,
            0x7000_0002_ffff,
            0x7000_0003_0001,
        ] {
            search.meet(word, || format!("{word:x}"));
        }
        let held: Vec<_> = candidates
            .iter()
            .map(|one| one.held_by.as_deref())
            .collect();
        assert_eq!(held, [Some("700000010fff"), None, Some("700000030001")]);
    }

    #[test]
    fn memory_is_searched_but_for_what_is_skipped() {
        let words: Vec<usize> = vec![0x7000_0001_0010, 0, 0x7000_0003_0010];
        let start = words.as_ptr() as usize;
        let mut candidates = candidates();
        let own = Range {
            start,
            end: start + 8,
            protection: crate::os::memory::Protection::READ,
        };
        let mut search = Search::new(&mut candidates, &[own]).unwrap();
        for (from, to) in search.parts(start, start + 24) {
            search
                .read(from, to, &|at| format!("{}", at - start))
                .unwrap();
        }
        let held: Vec<_> = candidates
            .iter()
            .map(|one| one.held_by.as_deref())
            .collect();
        assert_eq!(held, [None, None, Some("16")]);
        drop(words);
    }
}

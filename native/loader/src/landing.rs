//! Leads jumps over landings ([`crate::os::landing`]), and shows memory as if they were not there: sessions and patch
//! images know of plain jumps alone.
#![forbid(unsafe_code)]

use crate::arch::{self, BREAKPOINT, JUMP};
use crate::edits::{Edits, Entry, Word};
use crate::os::landing::{Landings, TO_LANDING};
use crate::os::memory::Territory;

/// What stands in memory in place of the bytes that a patch expects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    Expected,
    /// A debugger's breakpoint, where the patch has to write.
    Breakpoint,
    Other,
}

/// Compares the bytes at `entry` with those that the patch expects. While a debugger is `attached`, its breakpoints are
/// looked through where nothing is written.
pub fn compare(
    landings: &Landings,
    territory: &Territory,
    entry: usize,
    expected: &[u8],
    attached: bool,
) -> Found {
    let mut now = vec![0; expected.len()];
    if !territory.read(entry, &mut now) {
        return Found::Other;
    }
    show_plain_jumps(landings, entry, &mut now);
    let is_breakpoint = |at: &usize| attached && now.get(*at) == Some(&BREAKPOINT);
    let other: Vec<usize> = (0..now.len())
        .filter(|at| now.get(*at) != expected.get(*at))
        .collect();
    if !other.iter().all(is_breakpoint) {
        Found::Other
    } else if other.iter().any(|at| *at < JUMP) {
        Found::Breakpoint
    } else {
        Found::Expected
    }
}

/// Puts a plain jump in place of each jump to a landing in the `bytes` at `start`. The first byte of one that leads
/// somewhere is no matter of doubt: a debugger may have its breakpoint there, and the jump is not written again.
fn show_plain_jumps(landings: &Landings, start: usize, bytes: &mut [u8]) {
    let first = start.saturating_sub(JUMP - 1).next_multiple_of(16);
    for entry in (first..start.saturating_add(bytes.len())).step_by(16) {
        let target = landings.target(entry);
        let Some(jump) = target.and_then(|target| arch::jump(entry, target)) else {
            continue;
        };
        for (at, byte) in (entry..).zip(jump) {
            let place = at.checked_sub(start).and_then(|at| bytes.get_mut(at));
            place.into_iter().for_each(|place| *place = byte);
        }
    }
}

/// Puts landings between the entries and the patches, `is_patch` code that they are to lead to. What is written at an
/// entry is then the same for each new version of the function, and the slot of its landing tells them apart.
pub fn lead(edits: Edits, landings: &mut Landings, is_patch: impl Fn(usize) -> bool) -> Edits {
    let mut words = edits.words;
    let mut led = |entry: Entry| {
        let at = entry.at;
        let before = landings.target(at);
        let target = arch::jump_target(at, entry.new).filter(|target| is_patch(*target));
        let slot = match (before, target) {
            (None, None) => None,
            _ => landings.slot(at),
        };
        let Some(slot) = slot else { return entry };
        let word = |address: usize| (address as u64).to_le_bytes().to_vec();
        words.push(Word {
            at: slot,
            old: word(before.unwrap_or(at)),
            new: word(target.unwrap_or(at)),
        });
        Entry {
            at,
            old: before.map_or(entry.old, |_| TO_LANDING),
            new: target.map_or(entry.new, |_| TO_LANDING),
        }
    };
    let entries = edits.entries.into_iter().map(&mut led).collect();
    Edits { entries, words }
}

//! Which replaced functions threads are in at the moment. Those calls run the old code to their end, which the user
//! wants to know: for the body of an endless loop there is no end.
//!
//! Where the threads were, the checkpoint of the patch has seen; their stacks are read after it. A word counts as a return address when it lies in a replaced
//! function, as the unwind tables have it, and behind a call. A stale one can look the same.
#![forbid(unsafe_code)]

use std::collections::BTreeMap;
use std::io;

use crate::arch;
use crate::checkpoint::{Checkpoint, Stand};
use crate::edits::{Edits, Entry};
use crate::memory_map::{areas, Area};
use crate::os::memory::Territory;
use crate::os::{remote, unwind};
use crate::protocol::messages::{Address, BusyFunction, RedirectedFunction};
use crate::thread_state::short_name;

/// Bytes of a stack that are looked at together, and at most.
const BATCH: usize = 64 << 10;
const DEPTH: usize = 4 << 20;

/// The functions among `replaced` that are on a stack, with the threads. Empty when that cannot be found out.
pub fn functions(
    replaced: &[RedirectedFunction],
    edits: &Edits,
    code: &Territory,
    checkpoint: &Checkpoint,
) -> Vec<BusyFunction> {
    if replaced.is_empty() {
        return Vec::new();
    }
    look(replaced, edits, code, checkpoint).unwrap_or_default()
}

type Entries<'a> = BTreeMap<usize, &'a Entry>;

fn look(
    replaced: &[RedirectedFunction],
    edits: &Edits,
    code: &Territory,
    checkpoint: &Checkpoint,
) -> io::Result<Vec<BusyFunction>> {
    let entries: Entries<'_> = edits.entries.iter().map(|one| (one.at, one)).collect();
    let areas = areas()?;
    let mut threads: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    for stand in checkpoint.stands() {
        for entry in on_stack(&stand, &areas, &entries, code) {
            let name = short_name(checkpoint.tasks(), stand.tid);
            threads.entry(entry).or_default().push(name);
        }
    }
    let busy = |(entry, threads): (usize, Vec<String>)| {
        let function = replaced.iter().find(|one| one.old.0 == entry as u64)?;
        Some(BusyFunction {
            symbol: function.symbol.clone(),
            old: Address(entry as u64),
            threads,
        })
    };
    Ok(threads.into_iter().filter_map(busy).collect())
}

/// The entries of the replaced functions that a thread is in, each once.
fn on_stack(stand: &Stand, areas: &[Area], entries: &Entries<'_>, code: &Territory) -> Vec<usize> {
    let mut found = Vec::new();
    let mut note = |pc: usize, is_return: bool| {
        // Unwinders look up the byte before a return address, which is in the call.
        let behind = if is_return { pc } else { pc + 1 };
        let entry = entries.range(..behind).next_back().map(|(_, entry)| *entry);
        let is_inside = |entry: &&Entry| {
            (!is_return || is_behind_a_call(pc, entry, code))
                && unwind::enclosing_function(behind) == Some(entry.at)
        };
        if let Some(entry) = entry.filter(is_inside) {
            if !found.contains(&entry.at) {
                found.push(entry.at);
            }
        }
    };
    note(stand.pc, false);
    let area = areas
        .iter()
        .find(|area| (area.start..area.end).contains(&stand.sp));
    let end = area.map_or(stand.sp, |area| area.end.min(stand.sp + DEPTH));
    let mut buffer = vec![0; BATCH];
    let mut at = stand.sp & !7;
    while at < end {
        let wanted = buffer.get_mut(..BATCH.min(end - at)).unwrap_or_default();
        let read = remote::read(at, wanted);
        for word in wanted.get(..read).unwrap_or_default().chunks_exact(8) {
            note(word.try_into().map_or(0, usize::from_le_bytes), true);
        }
        if read < 8 {
            break;
        }
        at += read & !7;
    }
    found
}

/// A call can begin in the bytes that the jump has replaced.
fn is_behind_a_call(pc: usize, entry: &Entry, code: &Territory) -> bool {
    let mut before = [0; arch::LONGEST_CALL];
    let Some(start) = pc.checked_sub(before.len()) else {
        return false;
    };
    if !code.read(start, &mut before) {
        return false;
    }
    for (at, byte) in (start..).zip(&mut before) {
        let replaced = at.checked_sub(entry.at);
        if let Some(old) = replaced.and_then(|at| entry.old.get(at)) {
            *byte = *old;
        }
    }
    arch::ends_in_call(&before)
}

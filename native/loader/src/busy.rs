//! Which replaced functions threads are in at the moment. Those calls run the old code to their end, which the user
//! wants to know: for the body of an endless loop there is no end.
//!
//! The stacks are read from outside and nobody is held. A word counts as a return address when it lies in a replaced
//! function, as the unwind tables have it, and behind a call. A stale one can look the same; a thread that could not be
//! asked in time is not mentioned.
#![forbid(unsafe_code)]

use std::collections::BTreeMap;
use std::io;
use std::time::Duration;

use crate::arch;
use crate::edits::{Edits, Entry};
use crate::memory_map::{areas, Area};
use crate::os::memory::Territory;
use crate::os::tasks::Tasks;
use crate::os::{remote, unwind};
use crate::protocol::messages::{Address, BusyFunction, RedirectedFunction};
use crate::standing::{everyone, Seen};
use crate::thread_state::short_name;

/// A thread answers at once when it gets a processor; the user waits for the report meanwhile.
const PATIENCE: Duration = Duration::from_millis(250);

/// Bytes of a stack that are looked at together, and at most.
const BATCH: usize = 64 << 10;
const DEPTH: usize = 4 << 20;

/// The functions among `replaced` that are on a stack, with the threads. Empty when that cannot be found out.
pub fn functions(
    replaced: &[RedirectedFunction],
    edits: &Edits,
    code: &Territory,
) -> Vec<BusyFunction> {
    if replaced.is_empty() {
        return Vec::new();
    }
    look(replaced, edits, code).unwrap_or_default()
}

type Entries<'a> = BTreeMap<usize, &'a Entry>;

fn look(
    replaced: &[RedirectedFunction],
    edits: &Edits,
    code: &Territory,
) -> io::Result<Vec<BusyFunction>> {
    let entries: Entries<'_> = edits.entries.iter().map(|one| (one.at, one)).collect();
    let tasks = Tasks::open()?;
    let areas = areas()?;
    let mut threads: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    for thread in everyone(&tasks, PATIENCE)? {
        let Some(seen) = thread.seen else { continue };
        for entry in on_stack(&seen, &areas, &entries, code) {
            threads
                .entry(entry)
                .or_default()
                .push(short_name(&tasks, thread.tid));
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
fn on_stack(seen: &Seen, areas: &[Area], entries: &Entries<'_>, code: &Territory) -> Vec<usize> {
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
    note(seen.pc, false);
    let area = areas
        .iter()
        .find(|area| (area.start..area.end).contains(&seen.sp));
    let end = area.map_or(seen.sp, |area| area.end.min(seen.sp + DEPTH));
    let mut buffer = vec![0; BATCH];
    let mut at = seen.sp & !7;
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

//! What is left when commits are taken back: the state that the others add up to, the constants that get their earlier
//! value, and the patches that it would lead to again though their memory may be free.

use super::Patch;
use crate::diff::plan::Write;
use crate::live::{Live, LiveFunction, State, SymbolKey};
use rustc_hash::FxHashMap;
use std::collections::{BTreeMap, BTreeSet};

/// The state without these commits.
pub fn without(live: &Live, taken: &BTreeSet<usize>) -> State {
    let mut state = State::of(live.base.clone());
    for (at, commit) in live.history.iter().enumerate() {
        if !commit.taken_back && !taken.contains(&at) {
            state.apply(commit, &live.versions);
        }
    }
    // Removed functions of patches that may be free are not brought back to mind.
    let State {
        functions, gone, ..
    } = &mut state;
    functions
        .retain(|key, function| !gone.contains_key(key) || !is_offered(live, function.address));
    // What is read of an object stays read.
    for (crate_id, units) in &mut state.crates {
        for (name, slot) in units {
            let known = live.now.crates.get(crate_id).and_then(|u| u.get(name));
            if let Some(known) = known.filter(|known| known.path == slot.path) {
                *slot = known.clone();
            }
        }
    }
    for (&first, entries) in &live.versions {
        let whose = is_taken(live, taken, first);
        let to = state.running(first);
        for &entry in entries {
            let now = live.now.jumps.get(&entry).copied();
            let then = if whose {
                // New in what is taken back: nothing current leads there, and who is inside goes on as before.
                now
            } else if entry == to {
                None
            } else if state.jumps.contains_key(&entry)
                || now.is_some()
                || is_taken(live, taken, entry)
            {
                Some(to)
            } else {
                None
            };
            match then {
                Some(to) => state.jumps.insert(entry, to),
                None => state.jumps.remove(&entry),
            };
        }
    }
    state
}

/// Whether an address lies in a patch that is taken back, now or before.
pub fn is_taken(live: &Live, taken: &BTreeSet<usize>, address: i64) -> bool {
    live.history.iter().enumerate().any(|(at, commit)| {
        (commit.taken_back || taken.contains(&at))
            && commit
                .patch
                .as_ref()
                .is_some_and(|patch| patch.memory.contains(&address))
    })
}

fn is_offered(live: &Live, address: i64) -> bool {
    let patches = live.history.iter().filter_map(|c| c.patch.as_ref());
    patches
        .into_iter()
        .any(|patch| patch.offered && patch.memory.contains(&address))
}

/// A patch whose memory may be free by now and that something would lead to again.
pub fn needs_freed(live: &Live, after: &State, taken: &BTreeSet<usize>) -> Option<usize> {
    let freed: Vec<(usize, &Patch)> = live
        .history
        .iter()
        .enumerate()
        .filter(|(at, commit)| !commit.taken_back && !taken.contains(at))
        .filter_map(|(at, commit)| Some((at, commit.patch.as_ref().filter(|p| p.offered)?)))
        .collect();
    if freed.is_empty() {
        return None;
    }
    let again = |before: &FxHashMap<SymbolKey, i64>, then: &FxHashMap<SymbolKey, i64>| {
        then.iter()
            .filter(|(key, address)| before.get(*key) != Some(*address))
            .map(|(_, address)| *address)
            .collect::<Vec<_>>()
    };
    let addresses = |functions: &FxHashMap<SymbolKey, LiveFunction>| {
        functions
            .iter()
            .map(|(key, function)| (key.clone(), function.address))
            .collect()
    };
    let mut places = again(
        &addresses(&live.now.functions),
        &addresses(&after.functions),
    );
    places.extend(again(&live.now.data, &after.data));
    let jumps = after.jumps.iter();
    places.extend(
        jumps
            .filter(|(at, to)| live.now.jumps.get(at) != Some(to))
            .map(|(_, to)| *to),
    );
    let threads = again(&live.now.threads, &after.threads);
    freed.iter().rev().find_map(|(at, patch)| {
        let wanted = places.iter().any(|place| patch.memory.contains(place))
            || threads.iter().any(|place| patch.threads.contains(place));
        wanted.then_some(*at)
    })
}

/// Constants that get their earlier value back; `None` when one cannot be read.
pub fn words(live: &Live, taken: &BTreeSet<usize>, after: &State) -> Option<Vec<Write>> {
    let mut words: BTreeMap<i64, Write> = BTreeMap::new();
    for write in taken
        .iter()
        .filter_map(|&at| live.history.get(at))
        .flat_map(|commit| &commit.words)
    {
        let linked = || live.linked(write.at, 8)?.try_into().ok();
        let old: [u8; 8] = live.read(write.at, 8)?.try_into().ok()?;
        let new = match after.words.get(&write.at) {
            Some(word) => *word,
            None => linked()?,
        };
        if old != new {
            let symbol = write.symbol.clone();
            let at = write.at;
            words.insert(
                at,
                Write {
                    symbol,
                    at,
                    old,
                    new,
                },
            );
        }
    }
    Some(words.into_values().collect())
}

//! What became of each patch, and which ones nothing current needs.

use super::{Commit, Patch};
use crate::live::{Live, LiveFunction, SymbolKey};
use serde::Serialize;
use std::collections::BTreeSet;
use std::ops::Range;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum PatchState {
    /// Something in it is current.
    Live,
    /// Nothing is: later patches have it.
    Replaced,
    TakenBack,
}

#[derive(Debug, Serialize)]
pub struct PatchStatus {
    patch: u64,
    functions: Vec<String>,
    bytes: u64,
    state: PatchState,
}

/// All patches that were ever live, in order.
pub fn status(live: &Live) -> Vec<PatchStatus> {
    let patches = live.history.iter().enumerate();
    patches
        .filter_map(|(at, commit)| {
            let patch = commit.patch.as_ref()?;
            let mut functions: Vec<String> =
                patch.functions.iter().map(|f| f.name.clone()).collect();
            functions.dedup();
            let state = if commit.taken_back {
                PatchState::TakenBack
            } else if is_current(live, at, commit, patch) {
                PatchState::Live
            } else {
                PatchState::Replaced
            };
            Some(PatchStatus {
                patch: patch.number,
                functions,
                bytes: size(&patch.memory),
                state,
            })
        })
        .collect()
}

/// So many of the newest patches are never offered, so that as many steps back lead to code that is there.
const KEPT_FOR_UNDO: usize = 8;

/// Patches that may be unloaded. From this answer on they are never made current again: to undo a later patch takes
/// them back too, where it would need them.
pub fn unreachable(live: &mut Live) -> Vec<u64> {
    let mut recent: Vec<u64> = live
        .history
        .iter()
        .filter(|commit| !commit.taken_back)
        .filter_map(|commit| Some(commit.patch.as_ref()?.number))
        .collect();
    let recent: BTreeSet<u64> = recent
        .split_off(recent.len().saturating_sub(KEPT_FOR_UNDO))
        .into_iter()
        .collect();
    let offered: Vec<usize> = (0..live.history.len())
        .filter(|&at| {
            live.history
                .get(at)
                .is_some_and(|c| may_go(live, c, &recent))
        })
        .collect();
    let mut numbers = Vec::new();
    for at in offered {
        if let Some(patch) = live.history.get_mut(at).and_then(|c| c.patch.as_mut()) {
            patch.offered = true;
            numbers.push(patch.number);
            forget(&mut live.now.functions, &patch.memory);
        }
    }
    numbers
}

/// They are freed in every process.
pub fn unloaded(live: &mut Live, patches: &[u64]) {
    for patch in live.history.iter_mut().filter_map(|c| c.patch.as_mut()) {
        patch.unloaded |= patches.contains(&patch.number);
    }
}

fn may_go(live: &Live, commit: &Commit, recent: &BTreeSet<u64>) -> bool {
    let Some(patch) = &commit.patch else {
        return false;
    };
    let kept = !commit.taken_back && recent.contains(&patch.number);
    !kept
        && !patch.memory.is_empty()
        && !is_bound(live, patch)
        && !is_led_to(live, patch)
        && !is_referred_to(live, patch)
}

fn is_current(live: &Live, at: usize, commit: &Commit, patch: &Patch) -> bool {
    is_bound(live, patch) || is_led_to(live, patch) || has_last_word(live, at, commit)
}

/// A function, static or thread-local of it is what its name means.
fn is_bound(live: &Live, patch: &Patch) -> bool {
    let state = &live.now;
    let functions = state
        .functions
        .iter()
        .filter(|(key, _)| !state.gone.contains_key(*key));
    functions
        .into_iter()
        .any(|(_, function)| patch.memory.contains(&function.address))
        || state.data.values().any(|a| patch.memory.contains(a))
        || state.threads.values().any(|o| patch.threads.contains(o))
}

/// An entry outside of it, in memory that is not free, jumps into it.
fn is_led_to(live: &Live, patch: &Patch) -> bool {
    live.now.jumps.iter().any(|(from, to)| {
        patch.memory.contains(to) && !patch.memory.contains(from) && !live.is_free(*from)
    })
}

/// A patch that is not freed refers to it: a thread may be in that one.
fn is_referred_to(live: &Live, patch: &Patch) -> bool {
    let others = live.history.iter().filter_map(|c| c.patch.as_ref());
    others
        .into_iter()
        .filter(|other| other.number != patch.number && !other.unloaded)
        .any(|other| other.refers.meets(&patch.memory, &patch.threads))
}

/// What it restored or wrote in place is as it left it. (It may have no memory of its own.)
fn has_last_word(live: &Live, at: usize, commit: &Commit) -> bool {
    let later = || {
        let rest = live.history.iter().skip(at.saturating_add(1));
        rest.filter(|commit| !commit.taken_back)
    };
    let restored = commit.jumps.iter().any(|(entry, to)| {
        to.is_none() && !later().any(|c| c.jumps.iter().any(|(e, _)| e == entry))
    });
    let written = commit
        .words
        .iter()
        .any(|word| !later().any(|c| c.words.iter().any(|w| w.at == word.at)));
    restored || written
}

fn forget(functions: &mut rustc_hash::FxHashMap<SymbolKey, LiveFunction>, memory: &Range<i64>) {
    functions.retain(|_, function| !memory.contains(&function.address));
}

fn size(memory: &Range<i64>) -> u64 {
    memory.end.abs_diff(memory.start)
}

//! Which later commits build on one, and must be taken back with it.

use super::Commit;
use crate::live::SymbolKey;
use rustc_hash::FxHashSet;
use std::collections::BTreeSet;

/// The commits that go with those in `taken`: indices into `history`.
pub fn with_dependents(history: &[Commit], mut taken: BTreeSet<usize>) -> BTreeSet<usize> {
    for (at, later) in history.iter().enumerate() {
        if later.taken_back || taken.contains(&at) {
            continue;
        }
        let builds = taken
            .range(..at)
            .filter_map(|&earlier| history.get(earlier))
            .any(|earlier| builds_on(later, earlier));
        if builds {
            taken.insert(at);
        }
    }
    taken
}

fn builds_on(later: &Commit, earlier: &Commit) -> bool {
    later.is_barrier
        || earlier.is_barrier
        || same_units(later, earlier)
        || refers(later, earlier)
        || !touched(later).is_disjoint(&touched(earlier))
        || !entries(later).is_disjoint(&entries(earlier))
        || !words(later).is_disjoint(&words(earlier))
}

/// Objects of a unit that was compiled twice: the second holds both edits.
fn same_units(later: &Commit, earlier: &Commit) -> bool {
    let names = |commit: &'_ Commit| -> FxHashSet<(String, String)> {
        let units = commit.units.iter();
        units
            .map(|u| (u.crate_id.clone(), u.name.clone()))
            .collect()
    };
    !names(later).is_disjoint(&names(earlier))
}

/// Code or data that the earlier one brought, or code that was lifted later from one of its objects. Its version of an
/// older function is no such thing: once it is taken back, that entry leads to the version that is left.
fn refers(later: &Commit, earlier: &Commit) -> bool {
    let Some(patch) = &later.patch else {
        return false;
    };
    let lifted = earlier
        .units
        .iter()
        .filter_map(|unit| unit.new.as_ref())
        .any(|slot| patch.sources.contains(&slot.path));
    lifted
        || earlier.patch.as_ref().is_some_and(|of| {
            let older = earlier
                .functions
                .iter()
                .filter(|(_, function)| !of.memory.contains(&function.first()))
                .map(|(_, function)| function.address)
                .collect();
            patch.refers.but(&older).meets(&of.memory, &of.threads)
        })
}

/// Symbols that mean something else since then.
fn touched(commit: &Commit) -> FxHashSet<&SymbolKey> {
    let functions = commit.functions.iter().chain(&commit.renamed);
    let data = commit.data.iter().chain(&commit.threads);
    let keys = functions
        .map(|(key, _)| key)
        .chain(data.map(|(key, _)| key));
    keys.chain(&commit.hidden)
        .chain(commit.gone.iter().map(|(key, _)| key))
        .chain(commit.along.iter().map(|copy| &copy.key))
        .chain(&commit.reverted)
        .collect()
}

/// Functions by their first entry: one that was renamed is the same function.
fn entries(commit: &Commit) -> FxHashSet<i64> {
    let functions = commit.functions.iter().chain(&commit.renamed);
    let copies = commit.along.iter();
    let both = copies.flat_map(|copy| [copy.first, copy.with]);
    functions
        .map(|(_, function)| function.first())
        .chain(both)
        .collect()
}

fn words(commit: &Commit) -> FxHashSet<i64> {
    commit.words.iter().map(|word| word.at).collect()
}

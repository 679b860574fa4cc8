//! What symbols mean and what stands in memory, as the sum of commits.

use super::{LiveFunction, SymbolKey, UnitSlot};
use crate::history::Commit;
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::BTreeMap;

/// Crate -> unit -> object.
pub type Units = BTreeMap<String, BTreeMap<String, UnitSlot>>;

#[derive(Default)]
pub struct State {
    pub crates: Units,
    pub functions: FxHashMap<SymbolKey, LiveFunction>,
    /// Statics and named constants that patches brought, by name.
    pub data: FxHashMap<SymbolKey, i64>,
    /// Thread-locals that patches brought: offset from the thread pointer.
    pub threads: FxHashMap<SymbolKey, i64>,
    /// Symbols of new functions that old ones had: what the image has under them is not they.
    pub hidden: FxHashSet<SymbolKey>,
    /// Functions and statics that an edit removed, and the object that had them last: old code runs, and has its data,
    /// for whoever holds a pointer.
    pub gone: FxHashMap<SymbolKey, UnitSlot>,
    /// Copies that go along with another function, both by their first entries.
    pub along: FxHashMap<i64, i64>,
    /// Constants written in place: aligned words, by address.
    pub words: BTreeMap<i64, [u8; 8]>,
    /// Entries that are a jump, and where it leads.
    pub jumps: BTreeMap<i64, i64>,
    /// The entry whose code runs, by a function's first entry, where it is another.
    pub current: FxHashMap<i64, i64>,
}

impl State {
    pub fn of(crates: Units) -> State {
        State {
            crates,
            ..State::default()
        }
    }

    /// `versions` gives all entries of a function by its first.
    pub fn apply(&mut self, commit: &Commit, versions: &FxHashMap<i64, Vec<i64>>) {
        for key in &commit.hidden {
            self.functions.remove(key);
            self.hidden.insert(key.clone());
        }
        self.gone.extend(commit.gone.iter().cloned());
        for (key, function) in commit.renamed.iter().chain(&commit.functions) {
            self.gone.remove(key);
            self.along.remove(&function.first());
        }
        for (key, _) in commit.data.iter().chain(&commit.threads) {
            self.gone.remove(key);
        }
        for copy in &commit.along {
            self.gone.remove(&copy.key);
            self.functions.remove(&copy.key);
            self.along.insert(copy.first, copy.with);
        }
        for (key, function) in commit.renamed.iter().chain(&commit.functions) {
            let first = function.first();
            let entries = versions.get(&first).unwrap_or(&function.entries).clone();
            let address = function.address;
            self.current.insert(first, address);
            self.functions
                .insert(key.clone(), LiveFunction { address, entries });
        }
        for key in &commit.reverted {
            self.data.remove(key);
        }
        self.data.extend(commit.data.iter().cloned());
        self.threads.extend(commit.threads.iter().cloned());
        self.words
            .extend(commit.words.iter().map(|w| (w.at, w.new)));
        for &(at, to) in &commit.jumps {
            match to {
                Some(to) => self.jumps.insert(at, to),
                None => self.jumps.remove(&at),
            };
        }
        for unit in &commit.units {
            let units = self.crates.entry(unit.crate_id.clone()).or_default();
            match &unit.new {
                Some(slot) => units.insert(unit.name.clone(), slot.clone()),
                None => units.remove(&unit.name),
            };
        }
    }
}

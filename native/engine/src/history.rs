//! What each commit changed, so that it can be taken back.
//!
//! The live state is the sum of the commits that are not taken back (`State::apply`), so to take one back is to add up
//! the others. What stays of it: its code in memory, its entries (pointers to them exist, and lead on to what is
//! current), and its place among the thread-locals.

mod dependents;
mod reach;
mod remaining;
mod status;
mod take_back;

pub use reach::Reach;
pub use status::{status, unloaded, unreachable, PatchStatus};
pub use take_back::{blocked, cannot, restored, turns, SetBack, TakeBack, Target};

use crate::diff::absence::Absent;
use crate::diff::plan::{Reported, Write};
use crate::live::{Along, Live, LiveFunction, PatchMemory, SymbolKey, UnitSlot};
use rustc_hash::{FxHashMap, FxHashSet};
use std::ops::Range;
use std::path::PathBuf;

#[derive(Default)]
pub struct Commit {
    /// None when units were accepted without any code.
    pub patch: Option<Patch>,
    /// Functions with new code, or with earlier code again.
    pub functions: Vec<(SymbolKey, LiveFunction)>,
    /// Functions that have another symbol from now on.
    pub renamed: Vec<(SymbolKey, LiveFunction)>,
    pub hidden: Vec<SymbolKey>,
    /// With the object that had it last.
    pub gone: Vec<(SymbolKey, UnitSlot)>,
    /// Copies that their units gave up.
    pub along: Vec<Along>,
    pub data: Vec<(SymbolKey, i64)>,
    pub threads: Vec<(SymbolKey, i64)>,
    /// Constants for which the image's own stand again.
    pub reverted: Vec<SymbolKey>,
    pub words: Vec<Write>,
    /// Entries, and where they lead; none for their own code.
    pub jumps: Vec<(i64, Option<i64>)>,
    pub units: Vec<ReplacedUnit>,
    /// Where nothing pointed when it was applied, because of types that are laid out otherwise since.
    pub absent: Vec<Absent>,
    /// Whether there are such types: code from before and code since then do not go together.
    pub is_barrier: bool,
    pub taken_back: bool,
}

pub struct ReplacedUnit {
    pub crate_id: String,
    pub name: String,
    pub new: Option<UnitSlot>,
}

/// The image of a commit.
pub struct Patch {
    pub number: u64,
    /// Its place in the window and in the threads (offsets from the thread pointer); empty ranges for nothing.
    pub memory: Range<i64>,
    pub threads: Range<i64>,
    pub functions: Vec<Reported>,
    /// Objects that its code and data were lifted from.
    pub sources: FxHashSet<PathBuf>,
    /// Places outside of it that it refers to.
    pub refers: Reach,
    /// Offered for unloading: it must not become current again.
    pub offered: bool,
    /// Freed in every process.
    pub unloaded: bool,
}

impl Live {
    /// Whether an address lies in a patch that was unloaded: nobody holds it.
    pub fn is_free(&self, address: i64) -> bool {
        let patches = self.history.iter().filter_map(|c| c.patch.as_ref());
        patches
            .into_iter()
            .any(|patch| patch.unloaded && patch.memory.contains(&address))
    }

    /// Every process has it.
    pub fn commit(&mut self, mut commit: Commit, memory: Option<PatchMemory>) {
        for copy in &commit.along {
            let own = self.own_entries(copy.first);
            self.versions.insert(copy.first, own);
        }
        let followers = self.followers_with(&commit);
        for (_, function) in commit.renamed.iter().chain(&commit.functions) {
            let first = function.first();
            let foreign = followers.get(&first);
            let known = self.versions.entry(first).or_default();
            for entry in &function.entries {
                if !known.contains(entry) && !foreign.is_some_and(|of| of.contains(entry)) {
                    known.push(*entry);
                }
            }
        }
        self.now.apply(&commit, &self.versions);
        if let Some(patch) = &commit.patch {
            let reached = self.reached(&[], &patch.sources);
            let reached: Vec<String> = reached.into_iter().map(str::to_string).collect();
            self.unlinked.retain(|crate_id| !reached.contains(crate_id));
        }
        self.patches.extend(memory);
        for unit in &mut commit.units {
            unit.new = unit.new.as_ref().map(UnitSlot::unread);
        }
        for (_, slot) in &mut commit.gone {
            *slot = slot.unread();
        }
        self.history.push(commit);
    }

    /// Entries of the copies that go along with a function once `commit` holds, by its first entry.
    fn followers_with(&self, commit: &Commit) -> FxHashMap<i64, FxHashSet<i64>> {
        let mut all: FxHashMap<i64, FxHashSet<i64>> = FxHashMap::default();
        for (_, function) in commit.renamed.iter().chain(&commit.functions) {
            let first = function.first();
            let entries = self.now.followers(first).into_iter();
            let entries = entries.flat_map(|copy| self.own_entries(copy));
            all.entry(first).or_default().extend(entries);
        }
        for copy in &commit.along {
            all.entry(copy.with)
                .or_default()
                .extend(self.entries_of(copy.first));
        }
        all
    }
}

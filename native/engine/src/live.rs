//! What runs now: the host image, the objects that its code was made from, and the patches on top.
//!
//! Addresses here ("live addresses") are relative to the host's load bias, and signed: patches lie below the host.

mod along;
mod slot;
mod state;
mod unlinked;

pub use along::Along;
pub use slot::UnitSlot;
pub use state::{State, Units};

use crate::arch::x86_64::{self, JUMP};
use crate::diff::UnitChange;
use crate::format::host::{HostImage, HostKind, HostSymbol};
use crate::format::unit::{Symbol, Unit};
use crate::history::Commit;
use rustc_hash::{FxHashMap, FxHashSet};
use std::ops::Range;

/// Global symbols are one per program; a local one is its unit's own.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SymbolKey {
    pub name: String,
    /// The `STT_FILE` symbol of its object, for local symbols.
    pub file: Option<String>,
}

impl SymbolKey {
    pub fn of(unit: &Unit, symbol: &Symbol) -> SymbolKey {
        SymbolKey {
            name: symbol.name.clone(),
            file: symbol.local.then(|| unit.file_symbol.clone()),
        }
    }
}

/// A function that patches have replaced or added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiveFunction {
    /// Where its current code begins.
    pub address: i64,
    /// All entries that pointers, vtables and old code may hold: the original and each version since, the oldest
    /// first. The first one tells the function: it never changes.
    pub entries: Vec<i64>,
}

impl LiveFunction {
    pub fn first(&self) -> i64 {
        self.entries.first().copied().unwrap_or(self.address)
    }
}

/// The loaded bytes of a patch as they were linked, for reading back what instructions refer to.
pub struct PatchMemory {
    pub base: i64,
    /// Bytes that it takes in the window.
    pub size: u64,
    pub blocks: Vec<(u64, Vec<u8>)>,
    /// Its functions: live addresses, ascending.
    pub code: Vec<Range<i64>>,
    /// Its constants that lead to functions, directly or through others: live addresses.
    pub tables: Vec<Range<i64>>,
}

impl PatchMemory {
    pub fn range(&self) -> Range<i64> {
        self.base..self.base.saturating_add_unsigned(self.size)
    }

    /// The rest of the block from `address` on.
    fn rest(&self, address: i64) -> Option<&[u8]> {
        self.blocks.iter().find_map(|(start, bytes)| {
            let within = address
                .checked_sub(self.base)?
                .checked_sub_unsigned(*start)?;
            let offset = usize::try_from(within).ok()?;
            bytes.get(offset..).filter(|rest| !rest.is_empty())
        })
    }
}

/// An entry that is to lead elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Turn {
    pub at: i64,
    /// Where to; none for the entry's own code.
    pub to: Option<i64>,
    /// Up to 16 bytes that are there now.
    pub now: Vec<u8>,
    /// The first bytes from then on.
    pub then: [u8; JUMP as usize],
}

pub struct Live {
    pub host: HostImage,
    /// The units that the image was linked from, and those of `unlinked` crates as they were then.
    pub base: Units,
    /// Ids of the crates of which the program has nothing, see `unlinked.rs`.
    pub unlinked: FxHashSet<String>,
    /// What holds with all patches that are live.
    pub now: State,
    /// All entries of each function, by the first: what a pointer once meant is never forgotten.
    pub versions: FxHashMap<i64, Vec<i64>>,
    pub patches: Vec<PatchMemory>,
    pub history: Vec<Commit>,
}

/// As many bytes as the loader compares at an entry.
const COMPARED: usize = 16;

impl Live {
    pub fn new(host: HostImage, crates: Units, unlinked: FxHashSet<String>) -> Self {
        Live {
            host,
            unlinked,
            now: State::of(crates.clone()),
            base: crates,
            versions: FxHashMap::default(),
            patches: Vec::new(),
            history: Vec::new(),
        }
    }

    /// Where the code of a named function of `unit` runs now; `None` when the program does not contain it.
    pub fn function(&self, unit: &Unit, symbol: &Symbol) -> Option<i64> {
        let key = SymbolKey::of(unit, symbol);
        if let Some(function) = self.now.functions.get(&key) {
            return Some(function.address);
        }
        self.host_symbol(unit, symbol, HostKind::Function)
    }

    /// All entries of a function, the oldest first.
    pub fn entries(&self, unit: &Unit, symbol: &Symbol) -> Vec<i64> {
        let first = match self.now.functions.get(&SymbolKey::of(unit, symbol)) {
            Some(function) => Some(function.first()),
            None => self.host_symbol(unit, symbol, HostKind::Function),
        };
        first
            .map(|first| self.entries_of(first))
            .unwrap_or_default()
    }

    /// All entries of the function whose first entry this is, and of copies that go along with it.
    pub fn entries_of(&self, first: i64) -> Vec<i64> {
        let followers = self.now.followers(first);
        let all = std::iter::once(first).chain(followers);
        let mut entries = Vec::new();
        for entry in all.flat_map(|first| self.own_entries(first)) {
            if !entries.contains(&entry) {
                entries.push(entry);
            }
        }
        entries
    }

    /// Without those of copies that go along.
    pub fn own_entries(&self, first: i64) -> Vec<i64> {
        self.versions
            .get(&first)
            .cloned()
            .unwrap_or_else(|| vec![first])
    }

    /// Where a named static or constant lies now.
    pub fn datum(&self, unit: &Unit, symbol: &Symbol) -> Option<i64> {
        if let Some(&address) = self.now.data.get(&SymbolKey::of(unit, symbol)) {
            return Some(address);
        }
        self.host_symbol(unit, symbol, HostKind::Data)
    }

    /// A named thread-local's offset from the thread pointer.
    pub fn thread_local(&self, unit: &Unit, symbol: &Symbol) -> Option<i64> {
        if let Some(&offset) = self.now.threads.get(&SymbolKey::of(unit, symbol)) {
            return Some(offset);
        }
        let found = self.in_host(unit, symbol)?;
        (found.kind == HostKind::Tls)
            .then(|| self.host.thread_offset(found))
            .flatten()
    }

    fn host_symbol(&self, unit: &Unit, symbol: &Symbol, kind: HostKind) -> Option<i64> {
        if kind == HostKind::Function && self.is_hidden(&SymbolKey::of(unit, symbol)) {
            return None;
        }
        let found = self.in_host(unit, symbol)?;
        (found.kind == kind).then_some(found.address as i64)
    }

    pub fn is_hidden(&self, key: &SymbolKey) -> bool {
        self.now.hidden.contains(key)
    }

    /// What the image itself has under a symbol of one of its units.
    pub fn in_host(&self, unit: &Unit, symbol: &Symbol) -> Option<&HostSymbol> {
        if symbol.local {
            // A copy that another unit holds privately is not this one, but then rustc made them equal.
            return self
                .host
                .local_symbol(&unit.file_symbol, &symbol.name)
                .or_else(|| self.host.symbol(&symbol.name));
        }
        // The image has no undefined-versus-local ambiguity for a shared name but for private copies.
        self.host
            .symbol(&symbol.name)
            .or_else(|| self.host.local_symbol(&unit.file_symbol, &symbol.name))
    }

    /// Bytes of the running program as the last commit left them: host file, patches, constants written in place,
    /// jumps at entries.
    pub fn read(&self, address: i64, len: usize) -> Option<Vec<u8>> {
        let mut bytes = self.linked(address, len)?;
        let end = address.saturating_add_unsigned(len as u64);
        let mut lay = |at: i64, over: &[u8]| {
            for (place, &byte) in (at..).zip(over) {
                let place = place.checked_sub(address).map(usize::try_from);
                if let Some(old) = place.and_then(|p| bytes.get_mut(p.ok()?)) {
                    *old = byte;
                }
            }
        };
        for (&at, word) in self.now.words.range(address.saturating_sub(7)..end) {
            lay(at, word);
        }
        for (&at, &to) in self.now.jumps.range(address.saturating_sub(4)..end) {
            lay(at, &x86_64::jump(at, to)?);
        }
        Some(bytes)
    }

    /// Whether an entry is a jump by now.
    pub fn is_overwritten(&self, entry: i64) -> bool {
        self.now.jumps.contains_key(&entry)
    }

    /// Bytes as they were linked, in the image or in a patch.
    pub fn linked(&self, address: i64, len: usize) -> Option<Vec<u8>> {
        match u64::try_from(address)
            .ok()
            .and_then(|a| self.host.read(a, len))
        {
            Some(found) => Some(found.to_vec()),
            None => Some(self.block(address)?.get(..len)?.to_vec()),
        }
    }

    /// The function or datum of a patch that begins at `address`, as it was linked.
    pub fn block(&self, address: i64) -> Option<&[u8]> {
        self.patches.iter().rev().find_map(|p| p.rest(address))
    }

    /// What to write at `entries` of one function so that all lead to `to`. Entries that were never redirected and of
    /// which `left` knows nothing keep their code. `None` when one cannot be reached or read.
    pub fn turns(&self, entries: &[i64], to: i64, left: impl Fn(i64) -> bool) -> Option<Vec<Turn>> {
        let mut turns = Vec::new();
        for &at in entries.iter().filter(|&&at| !self.is_free(at)) {
            let known = self.now.jumps.get(&at).copied();
            let wanted = (at != to && (known.is_some() || left(at))).then_some(to);
            if wanted == known {
                continue;
            }
            let then = match wanted {
                Some(to) => x86_64::jump(at, to)?,
                None => self.linked(at, JUMP as usize)?.try_into().ok()?,
            };
            turns.push(Turn {
                at,
                to: wanted,
                now: self.compared(at)?,
                then,
            });
        }
        Some(turns)
    }

    /// The bytes at an entry that the loader compares: up to 16, fewer at the end of a section.
    pub fn compared(&self, entry: i64) -> Option<Vec<u8>> {
        (1..=COMPARED).rev().find_map(|n| self.read(entry, n))
    }

    /// Units of the program that a compile left alone: crate, name, object.
    pub fn others<'l>(
        &'l self,
        changes: &'l [UnitChange],
    ) -> impl Iterator<Item = (&'l str, &'l str, &'l UnitSlot)> {
        self.units_besides(changes)
            .filter(|(crate_id, _, _)| !self.is_unlinked(crate_id))
    }

    fn units_besides<'l>(
        &'l self,
        changes: &'l [UnitChange],
    ) -> impl Iterator<Item = (&'l str, &'l str, &'l UnitSlot)> {
        let replaced: FxHashSet<_> = changes
            .iter()
            .map(|c| (c.crate_id.as_str(), c.name.as_str()))
            .collect();
        let all = self.now.crates.iter().flat_map(|(crate_id, units)| {
            units
                .iter()
                .map(move |(name, slot)| (crate_id.as_str(), name.as_str(), slot))
        });
        all.filter(move |(crate_id, name, _)| !replaced.contains(&(*crate_id, *name)))
    }
}

/// The name in a crate's id, which is `name-hash`, as cargo calls its outputs.
pub fn crate_name(id: &str) -> &str {
    id.split_once('-').map_or(id, |(name, _)| name)
}

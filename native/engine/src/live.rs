//! What runs now: the host image, the objects that its code was made from, and the patches on top.
//!
//! Addresses here ("live addresses") are relative to the host's load bias, and signed: patches lie below the host.

use crate::diff::UnitChange;
use crate::format::host::{HostImage, HostKind};
use crate::format::unit::{Symbol, Unit};
use crate::format::{Error, Result};
use crate::index::{self, UnitIndex};
use crate::layout::DebugTables;
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

/// A unit's object on disk and what has been read of it so far.
#[derive(Clone)]
pub struct UnitSlot {
    pub path: PathBuf,
    unit: Arc<OnceLock<Arc<Unit>>>,
    debug: Arc<OnceLock<Arc<DebugTables>>>,
    index: Arc<OnceLock<UnitIndex>>,
}

impl UnitSlot {
    pub fn new(path: &Path) -> Self {
        UnitSlot {
            path: path.into(),
            unit: Arc::default(),
            debug: Arc::default(),
            index: Arc::default(),
        }
    }

    pub fn unit(&self) -> Result<Arc<Unit>> {
        if let Some(unit) = self.unit.get() {
            return Ok(unit.clone());
        }
        let unit = Arc::new(Unit::open(&self.path)?);
        Ok(self.unit.get_or_init(|| unit).clone())
    }

    /// Whether a relocation of the unit refers to one of `names`; opens the unit if it was not indexed before.
    pub fn refers_to<'n>(&self, mut names: impl Iterator<Item = &'n String>) -> Result<bool> {
        let index = self.index()?;
        Ok(names.any(|name| index.refers_to(name)))
    }

    pub fn defines(&self, name: &str) -> Result<bool> {
        Ok(self.index()?.defines(name))
    }

    fn index(&self) -> Result<&UnitIndex> {
        if let Some(index) = self.index.get() {
            return Ok(index);
        }
        let index = match index::read_beside(&self.path) {
            Some(index) => index,
            None => UnitIndex::of(&*self.unit()?),
        };
        Ok(self.index.get_or_init(|| index))
    }

    /// Types, signatures and vtables; `Error` also when the object has no debug information, for then nothing can
    /// be said about layouts.
    pub fn debug(&self) -> Result<Arc<DebugTables>> {
        if let Some(debug) = self.debug.get() {
            return Ok(debug.clone());
        }
        let unit = self.unit()?;
        let tables = DebugTables::read(&unit.elf()?).map_err(|e| Error::new(&self.path, e))?;
        Ok(self.debug.get_or_init(|| Arc::new(tables)).clone())
    }
}

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
#[derive(Debug, Clone)]
pub struct LiveFunction {
    /// Where its current code begins.
    pub address: i64,
    /// All entries that pointers, vtables and old code may hold: the original and each replaced version.
    pub entries: Vec<i64>,
}

/// The loaded bytes of a patch, for reading back what instructions refer to.
pub struct PatchMemory {
    pub base: i64,
    pub blocks: Vec<(u64, Vec<u8>)>,
}

pub struct Live {
    pub host: HostImage,
    pub crates: BTreeMap<String, BTreeMap<String, UnitSlot>>,
    pub functions: FxHashMap<SymbolKey, LiveFunction>,
    /// Statics and named constants that patches brought, by name.
    pub data: FxHashMap<SymbolKey, i64>,
    /// Thread-locals that patches brought: offset from the thread pointer.
    pub threads: FxHashMap<SymbolKey, i64>,
    pub patches: Vec<PatchMemory>,
    /// What patches wrote over the image and over earlier patches: jumps at entries, constants; by address.
    written: BTreeMap<i64, u8>,
    /// Symbols of new functions that old ones had: what the image has under them is not they.
    hidden: FxHashSet<SymbolKey>,
    /// Functions that an edit removed: their code still runs for whoever holds a pointer.
    pub gone: FxHashSet<SymbolKey>,
}

impl Live {
    pub fn new(host: HostImage, crates: BTreeMap<String, BTreeMap<String, UnitSlot>>) -> Self {
        Live {
            host,
            crates,
            functions: FxHashMap::default(),
            data: FxHashMap::default(),
            threads: FxHashMap::default(),
            patches: Vec::new(),
            written: BTreeMap::new(),
            hidden: FxHashSet::default(),
            gone: FxHashSet::default(),
        }
    }

    /// Where the code of a named function of `unit` runs now; `None` when the program does not contain it.
    pub fn function(&self, unit: &Unit, symbol: &Symbol) -> Option<i64> {
        let key = SymbolKey::of(unit, symbol);
        if let Some(function) = self.functions.get(&key) {
            return Some(function.address);
        }
        self.host_symbol(unit, symbol, HostKind::Function)
    }

    /// From now on these symbols mean functions that are not in the program, unless a patch brings them.
    pub fn hide<'k>(&mut self, keys: impl Iterator<Item = &'k SymbolKey>) {
        for key in keys {
            self.functions.remove(key);
            self.hidden.insert(key.clone());
        }
    }

    /// All entries of a function, the oldest first.
    pub fn entries(&self, unit: &Unit, symbol: &Symbol) -> Vec<i64> {
        if let Some(function) = self.functions.get(&SymbolKey::of(unit, symbol)) {
            return function.entries.clone();
        }
        self.host_symbol(unit, symbol, HostKind::Function)
            .into_iter()
            .collect()
    }

    /// Where a named static or constant lies now.
    pub fn datum(&self, unit: &Unit, symbol: &Symbol) -> Option<i64> {
        if let Some(&address) = self.data.get(&SymbolKey::of(unit, symbol)) {
            return Some(address);
        }
        self.host_symbol(unit, symbol, HostKind::Data)
    }

    /// A named thread-local's offset from the thread pointer.
    pub fn thread_local(&self, unit: &Unit, symbol: &Symbol) -> Option<i64> {
        if let Some(&offset) = self.threads.get(&SymbolKey::of(unit, symbol)) {
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
        self.hidden.contains(key)
    }

    fn in_host(&self, unit: &Unit, symbol: &Symbol) -> Option<&crate::format::host::HostSymbol> {
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

    /// Bytes of the running program as the last commit left them: host file, patches, constants written in place.
    pub fn read(&self, address: i64, len: usize) -> Option<Vec<u8>> {
        let mut bytes = match u64::try_from(address)
            .ok()
            .and_then(|a| self.host.read(a, len))
        {
            Some(found) => found.to_vec(),
            None => self.read_patch(address, len)?,
        };
        for (&at, &byte) in self
            .written
            .range(address..address.saturating_add(len as i64))
        {
            if let Some(place) = usize::try_from(at - address)
                .ok()
                .and_then(|p| bytes.get_mut(p))
            {
                *place = byte;
            }
        }
        Some(bytes)
    }

    /// Whether a patch wrote in place at `address`.
    pub fn is_overwritten(&self, address: i64) -> bool {
        self.written.contains_key(&address)
    }

    /// The block of a patch that begins at `address`, as it was loaded.
    pub fn block(&self, address: i64) -> Option<&[u8]> {
        self.patches.iter().rev().find_map(|patch| {
            let start = u64::try_from(address.checked_sub(patch.base)?).ok()?;
            let (_, bytes) = patch.blocks.iter().find(|(at, _)| *at == start)?;
            Some(bytes.as_slice())
        })
    }

    /// Notes bytes that a patch wrote in place, for `read`.
    pub fn overwrite(&mut self, address: i64, bytes: &[u8]) {
        self.written.extend((address..).zip(bytes.iter().copied()));
    }

    fn read_patch(&self, address: i64, len: usize) -> Option<Vec<u8>> {
        self.patches.iter().rev().find_map(|patch| {
            patch.blocks.iter().find_map(|(start, bytes)| {
                let within = address
                    .checked_sub(patch.base)?
                    .checked_sub_unsigned(*start)?;
                let offset = usize::try_from(within).ok()?;
                Some(bytes.get(offset..offset.checked_add(len)?)?.to_vec())
            })
        })
    }

    /// Units that a compile left alone: crate, name, object.
    pub fn others<'l>(
        &'l self,
        changes: &'l [UnitChange],
    ) -> impl Iterator<Item = (&'l str, &'l str, &'l UnitSlot)> {
        let replaced: FxHashSet<_> = changes
            .iter()
            .map(|c| (c.crate_id.as_str(), c.name.as_str()))
            .collect();
        let all = self.crates.iter().flat_map(|(crate_id, units)| {
            units
                .iter()
                .map(move |(name, slot)| (crate_id.as_str(), name.as_str(), slot))
        });
        all.filter(move |(crate_id, name, _)| !replaced.contains(&(*crate_id, *name)))
    }
}

//! Which function of the new objects is which function of the old ones: a ladder of rungs, the surest first.
//!
//! 1. **Same symbol.** `_ZN3app5price17h3f0c…E` in both. rustc's hash covers the crate, the path, the signature and the
//!    type arguments, so the same symbol is the same function, but for closures (see `closures`).
//! 2. **Same symbol, other linkage.** A function that was shared between units and is now a private copy, or the other
//!    way round: the name alone decides when only one object holds it.
//!
//! 2b. **Another copy.** Each unit can have a private copy of an `#[inline]` function or of an instance. When the copy of
//!    one unit disappears while another unit has one, its old entry goes along with that one (`copies`).
//!
//! Whatever finds no partner is new on one side and gone on the other: old callers keep old code, new callers get new.

use super::content::Contents;
use super::naming::Naming;
use super::Function;
use crate::format::unit::Unit;
use crate::live::SymbolKey;
use rustc_hash::{FxHashMap, FxHashSet};
use std::sync::Arc;

/// All named functions of one side, by symbol and by bare name.
pub struct Side<'u> {
    pub functions: FxHashMap<SymbolKey, Function>,
    by_name: FxHashMap<String, Vec<SymbolKey>>,
    contents: Vec<Contents<'u>>,
}

impl<'u> Side<'u> {
    pub fn of(units: &'u [Arc<Unit>]) -> Side<'u> {
        Side::with(units, Naming::Exact)
    }

    pub fn with(units: &'u [Arc<Unit>], naming: Naming<'u>) -> Side<'u> {
        let contents: Vec<Contents<'u>> = units.iter().map(|u| Contents::with(u, naming)).collect();
        let mut functions = FxHashMap::default();
        let mut by_name: FxHashMap<String, Vec<SymbolKey>> = FxHashMap::default();
        for (index, unit) in units.iter().enumerate() {
            for (section, symbol) in unit.functions() {
                let key = SymbolKey::of(unit, symbol);
                let digest = contents[index].function(section);
                by_name
                    .entry(key.name.clone())
                    .or_default()
                    .push(key.clone());
                functions.insert(
                    key.clone(),
                    Function {
                        unit: unit.clone(),
                        index,
                        section,
                        key,
                        digest,
                    },
                );
            }
        }
        Side {
            functions,
            by_name,
            contents,
        }
    }

    /// What the sections of `function`'s unit mean.
    pub fn contents(&self, function: &Function) -> &Contents<'u> {
        &self.contents[function.index]
    }

    /// Whether any object of this side has a function of this name.
    pub fn knows(&self, name: &str) -> bool {
        self.by_name.contains_key(name)
    }

    /// The function of this name, or the one of all its copies that goes for them.
    pub fn first_of(&self, name: &str) -> Option<&SymbolKey> {
        let copies = self.by_name.get(name)?;
        copies.iter().min_by(|a, b| a.file.cmp(&b.file))
    }

    /// Whether the name means one function only.
    pub fn is_unique(&self, name: &str) -> bool {
        self.by_name.get(name).is_none_or(|keys| keys.len() == 1)
    }

    /// Private copies of this (old) side that disappeared, by the function of `new` that is the same. `kept`: those that
    /// found a partner.
    pub fn copies(
        &self,
        new: &Side<'_>,
        kept: &FxHashSet<&SymbolKey>,
    ) -> FxHashMap<SymbolKey, Vec<&Function>> {
        let mut copies: FxHashMap<SymbolKey, Vec<&Function>> = FxHashMap::default();
        for (key, function) in &self.functions {
            if key.file.is_none() || kept.contains(key) {
                continue;
            }
            if let Some(other) = new.first_of(&key.name) {
                copies.entry(other.clone()).or_default().push(function);
            }
        }
        for functions in copies.values_mut() {
            functions.sort_by(|a, b| a.key.file.cmp(&b.key.file));
        }
        copies
    }

    /// The partner of `key` in this side.
    pub fn partner(&self, key: &SymbolKey) -> Option<&Function> {
        if let Some(function) = self.functions.get(key) {
            return Some(function);
        }
        match self.by_name.get(&key.name).map(Vec::as_slice) {
            Some([only]) if only.file.is_none() || key.file.is_none() => self.functions.get(only),
            _ => None,
        }
    }
}

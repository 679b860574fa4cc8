//! Closures have no names of their own: rustc numbers them within their function, and the number is in the symbol
//! (v0: `{closure#1}`; legacy: in the hash). A closure that is put in front of others shifts all numbers behind it, and
//! the same symbol then means its neighbour. Old closures that live in the program must never get a neighbour's body.

use super::correlate::Side;
use super::debug_sides::{DebugSide, DebugSides};
use super::naming::path;
use super::taint::environment;
use super::Function;
use crate::live::SymbolKey;
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::BTreeMap;

/// Closures and async bodies of one function, by symbol.
type Group<'s> = BTreeMap<&'s str, &'s Function>;

/// Closures whose symbols cannot be trusted, of both sides, and the names of their environments.
#[derive(Default)]
pub struct Renumbered {
    pub functions: FxHashSet<SymbolKey>,
    pub environments: FxHashSet<String>,
    /// The functions that they belong to, as the user reads them.
    pub owners: Vec<String>,
}

impl Renumbered {
    pub fn find(old: &Side<'_>, new: &Side<'_>, debug: &DebugSides) -> Renumbered {
        let (old, new) = (groups(old), groups(new));
        let mut found = Renumbered::default();
        for (name, before) in &old {
            let Some(after) = new.get(name) else { continue };
            if shifted(before, after) {
                found.add(before, &debug.old);
                found.add(after, &debug.new);
                let owner = name
                    .rsplit_once("::")
                    .map_or(name.as_str(), |(owner, _)| owner);
                found.owners.push(owner.to_string());
            }
        }
        found.owners.sort();
        found
    }

    fn add(&mut self, group: &Group<'_>, debug: &DebugSide) {
        for (symbol, function) in group {
            self.functions.insert(function.key.clone());
            self.environments
                .extend(debug.signature(symbol).and_then(environment));
        }
    }
}

/// By their common path: siblings. What is nested in a closure is a group of its own.
fn groups<'s>(side: &'s Side<'_>) -> FxHashMap<String, Group<'s>> {
    let mut groups: FxHashMap<String, Group<'s>> = FxHashMap::default();
    for (key, function) in &side.functions {
        let path = path(&key.name);
        if is_closure(&path) {
            groups.entry(path).or_default().insert(&key.name, function);
        }
    }
    groups
}

/// Whether a path is that of a closure or an async body itself, and not of an instance for one.
pub fn is_closure(path: &str) -> bool {
    path.ends_with("::{{closure}}")
        || path
            .rsplit("::")
            .next()
            .is_some_and(|last| last.starts_with("{closure") || last.starts_with("{async_"))
}

/// Numbers shifted when a body turns up under another symbol than before, or when closures came or went while one that
/// kept its symbol changed (it may be an edit, or a neighbour: the objects cannot tell).
fn shifted(before: &Group<'_>, after: &Group<'_>) -> bool {
    let edited: Vec<&str> = before
        .iter()
        .filter(|(name, old)| after.get(*name).is_some_and(|new| new.digest != old.digest))
        .map(|(name, _)| *name)
        .collect();
    if edited.is_empty() {
        return false;
    }
    let moved = edited.iter().any(|name| {
        before.get(name).is_some_and(|old| {
            after
                .iter()
                .any(|(other, new)| other != name && new.digest == old.digest)
        })
    });
    let same_names = before.len() == after.len() && before.keys().eq(after.keys());
    moved || !same_names
}

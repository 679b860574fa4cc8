//! Closures have no names of their own: rustc numbers them within their function, and the number is in the symbol
//! (v0: `{closure#1}`; legacy: in the hash). A closure that is put in front of others shifts all numbers behind it, and
//! the same symbol then means its neighbour. Old closures that live in the program must never get a neighbour's body.

use super::blocks::{self, is_in_block};
use super::correlate::Side;
use super::debug_sides::{DebugSide, DebugSides};
use super::naming::path;
use super::taint::environment;
use super::Function;
use crate::live::SymbolKey;
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::BTreeMap;

/// Closures and async bodies of one function, by number (`{closure#1}`), else by symbol.
type Group<'s> = BTreeMap<String, &'s Function>;

/// Closures whose symbols cannot be trusted, of both sides, and the names of their environments.
#[derive(Default)]
pub struct Renumbered {
    pub functions: FxHashSet<SymbolKey>,
    pub environments: FxHashSet<String>,
    /// The functions that they belong to, as the user reads them.
    pub owners: Vec<String>,
    /// Modules with `const _` blocks whose functions were renumbered.
    pub modules: Vec<String>,
    /// The same as debug information names them.
    pub scopes: FxHashSet<String>,
    /// Scopes of `const _` blocks that have other numbers, as those show who refer to them.
    pub blocks: FxHashSet<String>,
}

impl Renumbered {
    pub fn find(old: &Side<'_>, new: &Side<'_>, debug: &DebugSides) -> Renumbered {
        let mut found = Renumbered {
            blocks: blocks::moved(old, new, debug),
            ..Renumbered::default()
        };
        let (old, new) = (groups(old, &debug.old), groups(new, &debug.new));
        for (scope, before) in &old {
            let Some(after) = new.get(scope) else {
                continue;
            };
            if shifted(before, after) || found.blocks.contains(scope) {
                found.add(before, &debug.old);
                found.add(after, &debug.new);
                if is_in_block(scope) {
                    let module = scope.rsplit_once("::").map_or("", |(module, _)| module);
                    found.modules.push(module.to_string());
                    continue;
                }
                found.owners.extend(owner(before));
                found.scopes.insert(scope.clone());
            }
        }
        found.owners.sort();
        found.owners.dedup();
        found.modules.sort();
        found.modules.dedup();
        found
    }

    fn add(&mut self, group: &Group<'_>, debug: &DebugSide) {
        for function in group.values() {
            self.functions.insert(function.key.clone());
            self.environments
                .extend(debug.signature(&function.key.name).and_then(environment));
        }
    }
}

/// By the function that they stand in: siblings. What is nested in a closure is a group of its own.
fn groups<'s>(side: &'s Side<'_>, debug: &DebugSide) -> FxHashMap<String, Group<'s>> {
    let mut groups: FxHashMap<String, Group<'s>> = FxHashMap::default();
    for (key, function) in &side.functions {
        let (scope, number) = match debug.signature(&key.name) {
            Some(signature) if signature.name().starts_with('{') => {
                (signature.scope().to_string(), signature.name().to_string())
            }
            Some(signature) if is_in_block(signature.scope()) => {
                (signature.scope().to_string(), key.name.clone())
            }
            Some(_) => continue,
            None => match path(&key.name) {
                path if is_closure(&path) => (path, key.name.clone()),
                _ => continue,
            },
        };
        let group = groups.entry(scope).or_default();
        let other = group
            .get(&number)
            .is_some_and(|known| known.key.name != key.name);
        // Instances that debug information cannot tell apart.
        let name = if other {
            format!("{number} {}", key.name)
        } else {
            number
        };
        group.insert(name, function);
    }
    groups
}

/// The function that a group's closures belong to, as the user reads it.
fn owner(group: &Group<'_>) -> Option<String> {
    let path = path(&group.values().next()?.key.name);
    Some(path.rsplit_once("::")?.0.to_string())
}

/// Whether a path is that of a closure or an async body itself, and not of an instance for one.
fn is_closure(path: &str) -> bool {
    path.ends_with("::{{closure}}")
        || path
            .rsplit("::")
            .next()
            .is_some_and(|last| last.starts_with("{closure") || last.starts_with("{async_"))
}

/// Numbers shifted when a body turns up under another symbol than before, or when closures came or went while one that
/// kept its symbol changed (it may be an edit, or a neighbour: the objects cannot tell).
fn shifted(before: &Group<'_>, after: &Group<'_>) -> bool {
    let edited: Vec<&String> = before
        .iter()
        .filter(|(name, old)| after.get(*name).is_some_and(|new| new.digest != old.digest))
        .map(|(name, _)| name)
        .collect();
    if edited.is_empty() {
        return false;
    }
    let moved = edited.iter().any(|name| {
        before.get(*name).is_some_and(|old| {
            after
                .iter()
                .any(|(other, new)| other != *name && new.digest == old.digest)
        })
    });
    let same_names = before.len() == after.len() && before.keys().eq(after.keys());
    moved || !same_names
}

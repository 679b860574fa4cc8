//! Nobody can name what is in a `const _` block from outside of it, so a method of an `impl` in it, which is known by its
//! type, refers to items of its own block alone. When it refers to `step` of block 0 in the old code and to `step` of
//! block 1 in the new, the blocks have other numbers, though each number may have the same items with the same values.

use super::super::correlate::Side;
use super::super::debug_sides::{DebugSide, DebugSides};
use super::super::naming::path;
use super::super::Function;
use super::is_in_block;
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::{BTreeMap, BTreeSet};

/// What debug information says alike of items of several blocks: scope, name and type.
type Declaration<'d> = (&'d str, &'d str, u64);

/// Symbols by their declaration.
type Items<'d> = BTreeMap<Declaration<'d>, BTreeSet<&'d str>>;

/// Scopes with blocks that have other numbers than before, as those show who refer to them.
pub fn moved(old: &Side<'_>, new: &Side<'_>, debug: &DebugSides) -> FxHashSet<String> {
    let (several_old, several_new) = (several(&debug.old), several(&debug.new));
    if several_old.is_empty() || several_new.is_empty() {
        return FxHashSet::default();
    }
    let before = readers(old, &debug.old, &several_old);
    let mut moved = FxHashSet::default();
    for (reader, items) in readers(new, &debug.new, &several_new) {
        let Some(known) = before.get(&reader) else {
            continue;
        };
        for (declaration, symbols) in items {
            if known.get(&declaration).is_some_and(|old| *old != symbols) {
                moved.insert(declaration.0.to_string());
            }
        }
    }
    moved
}

/// Items of blocks of which there are several of one declaration.
fn several(debug: &DebugSide) -> FxHashMap<&str, Declaration<'_>> {
    let mut items: Items<'_> = BTreeMap::default();
    for signature in debug.signatures().filter(|s| is_in_block(s.scope())) {
        let declaration = (signature.scope(), signature.name(), signature.digest());
        items
            .entry(declaration)
            .or_default()
            .insert(signature.symbol());
    }
    let several = items.into_iter().filter(|(_, symbols)| symbols.len() > 1);
    several
        .flat_map(|(of, symbols)| symbols.into_iter().map(move |symbol| (symbol, of)))
        .collect()
}

/// What each function refers to of these, by the path that is its own alone. What is in a block is told by a number.
fn readers<'d>(
    side: &Side<'_>,
    debug: &DebugSide,
    items: &FxHashMap<&'d str, Declaration<'d>>,
) -> FxHashMap<String, Items<'d>> {
    let mut readers: FxHashMap<String, Option<Items<'_>>> = FxHashMap::default();
    let is_told = |scope: &str| !is_in_block(scope);
    for (key, function) in &side.functions {
        if !debug
            .signature(&key.name)
            .is_some_and(|s| is_told(s.scope()))
        {
            continue;
        }
        let used = used(function, items);
        if !used.is_empty() {
            let same_path = readers.contains_key(&path(&key.name));
            readers.insert(path(&key.name), Some(used).filter(|_| !same_path));
        }
    }
    let alone = readers.into_iter();
    alone
        .filter_map(|(path, used)| Some((path, used?)))
        .collect()
}

fn used<'d>(function: &Function, items: &FxHashMap<&'d str, Declaration<'d>>) -> Items<'d> {
    let mut used: Items<'_> = BTreeMap::default();
    let unit = &function.unit;
    for relocation in unit.relocations(function.section) {
        let symbol = unit.referred(relocation);
        let item = symbol.and_then(|symbol| items.get_key_value(symbol.name.as_str()));
        if let Some((name, declaration)) = item {
            used.entry(*declaration).or_default().insert(name);
        }
    }
    used
}

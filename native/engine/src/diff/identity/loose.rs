//! Functions whose symbol says nothing reliable.

use super::super::closures::Renumbered;
use super::super::correlate::Side;
use super::super::debug_sides::DebugSide;
use super::super::taint::Taint;
use super::super::Function;
use crate::format::unit::Target;
use crate::live::SymbolKey;
use rustc_hash::{FxHashMap, FxHashSet};

/// Functions of one side that have no namesake, that are renumbered closures, or that were compiled for one.
pub fn loose<'s>(
    side: &'s Side<'_>,
    has_namesake: impl Fn(&SymbolKey) -> bool,
    debug: &DebugSide,
    renumbered: &Renumbered,
    taint: &Taint<'_>,
) -> Vec<&'s Function> {
    let mut loose: FxHashMap<&SymbolKey, &Function> = FxHashMap::default();
    let for_renumbered = |key: &SymbolKey| {
        renumbered.functions.contains(key)
            || debug.signature(&key.name).is_some_and(|s| taint.touches(s))
    };
    for (key, function) in &side.functions {
        if !has_namesake(key) || for_renumbered(key) {
            loose.insert(key, function);
        }
    }
    // Shims have no signature: they are compiled for a closure if they refer to something that is.
    let mut names: FxHashSet<&str> = loose
        .keys()
        .filter(|key| for_renumbered(key))
        .map(|key| key.name.as_str())
        .collect();
    loop {
        let before = loose.len();
        for (key, function) in &side.functions {
            let unsigned = debug.signature(&key.name).is_none();
            if unsigned && !loose.contains_key(key) && refers_to(function, &names) {
                loose.insert(key, function);
                names.insert(&key.name);
            }
        }
        if loose.len() == before {
            return loose.into_values().collect();
        }
    }
}

pub fn refers_to(function: &Function, names: &FxHashSet<&str>) -> bool {
    !names.is_empty()
        && function.unit.relocations(function.section).iter().any(|r| {
            match function.unit.target(r) {
                Target::Undefined(symbol) => names.contains(symbol.name.as_str()),
                Target::Section {
                    section, symbol, ..
                } => function
                    .unit
                    .called(section, symbol)
                    .is_some_and(|s| names.contains(s.name.as_str())),
            }
        })
}

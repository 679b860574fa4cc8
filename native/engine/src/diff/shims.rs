//! Shims by which a function or closure is called as `dyn Fn`: `<app::rule as FnOnce<(u32,)>>::call_once`.
//!
//! The compiler makes them, without debug information, and their symbols do not hold the result type of what they call:
//! not with v0 mangling, and not in the legacy hash either, which covers the declaration of `call_once`. So a shim keeps
//! its symbol while the function behind it becomes another. Old vtables have the old one, and whoever calls through them
//! expects the old types.

use super::debug_sides::DebugSides;
use super::identity::refers_to;
use super::naming::path;
use super::plan::Pairing;
use super::Function;
use crate::live::{SymbolKey, UnitSlot};
use crate::reason::demangled;
use rustc_hash::{FxHashMap, FxHashSet};

/// Shims of functions whose signature is another: of `retyped`, which kept their symbols, and of those among `gone` that
/// came back under another one.
pub fn of_others(
    debug: &DebugSides,
    pairing: &Pairing<'_>,
    retyped: &[(SymbolKey, String)],
    gone: &[(SymbolKey, UnitSlot)],
) -> Vec<SymbolKey> {
    let paths: Vec<String> = retyped
        .iter()
        .map(|(key, _)| demangled(&key.name))
        .collect();
    let renamed = renamed(debug, pairing, gone);
    if paths.is_empty() && renamed.is_empty() {
        return Vec::new();
    }
    let mut names: FxHashSet<&str> = renamed;
    names.extend(retyped.iter().map(|(key, _)| key.name.as_str()));
    let mut found: FxHashSet<&SymbolKey> = FxHashSet::default();
    // One may call another.
    loop {
        let before = found.len();
        for (key, function) in &pairing.new.functions {
            if found.contains(key) || debug.new.signature(&key.name).is_some() {
                continue;
            }
            let name = demangled(&key.name);
            if refers_to(function, &names)
                || paths.iter().any(|path| mentions(&name, path))
                || is_call(&name) && has_changed(pairing, function)
            {
                found.insert(key);
                names.insert(&key.name);
            }
        }
        if found.len() == before {
            found.retain(|key| !pairing.olds(key).is_empty());
            return found.into_iter().cloned().collect();
        }
    }
}

/// New functions of the path of one that is gone, with other types.
fn renamed<'n>(
    debug: &DebugSides,
    pairing: &Pairing<'n>,
    gone: &[(SymbolKey, UnitSlot)],
) -> FxHashSet<&'n str> {
    let mut before: FxHashMap<String, Vec<u64>> = FxHashMap::default();
    for (key, _) in gone {
        if let Some(signature) = debug.old.signature(&key.name) {
            let digests = before.entry(path(&key.name)).or_default();
            digests.push(signature.digest());
        }
    }
    let keys = pairing.new.functions.keys();
    let keys = keys.filter(|key| !before.is_empty() && pairing.olds(key).is_empty());
    keys.filter(|key| {
        let digest = debug.new.signature(&key.name).map(|s| s.digest());
        let known = before.get(&path(&key.name));
        known.is_some_and(|known| digest.is_none_or(|digest| !known.contains(&digest)))
    })
    .map(|key| key.name.as_str())
    .collect()
}

/// What it calls may be inlined, and legacy symbols do not name it: any shim that changed may be one.
fn is_call(name: &str) -> bool {
    let mut parts = name.split("::").filter_map(|part| part.split('{').next());
    parts.any(|part| ["call_once", "call_mut", "call"].contains(&part))
}

fn has_changed(pairing: &Pairing<'_>, function: &Function) -> bool {
    let mut olds = pairing.olds(&function.key).into_iter();
    olds.any(|old| old.digest != function.digest)
}

/// Whether a name has this path as a whole.
fn mentions(name: &str, path: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
    name.match_indices(path).any(|(at, _)| {
        let (before, after) = (name.get(..at), name.get(at + path.len()..));
        !before.is_some_and(|text| text.ends_with(is_part))
            && !after.is_some_and(|text| text.starts_with(is_part))
    })
}

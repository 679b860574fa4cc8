//! Old functions that go along with a new or running one of the same name, though their units have none any more.
//!
//! Each unit can have a private copy of an `#[inline]` function or of an instance. A unit that gives its copy up leaves
//! pointers to it behind, and those must see later edits. The copy goes along with
//! - a copy of the new units, when there is one (`Side::copies`);
//! - else with the copy of a unit that was not compiled, for all copies mean the same at all times (`elsewhere`);
//! - else it is gone, until some unit has the function again (`returned`).

use super::super::correlate::Side;
use super::super::debug_sides::DebugSides;
use super::super::identity::Identity;
use super::super::taint::is_about_environments;
use super::super::{returned::LastSeen, Function, UnitChange};
use crate::format::Result;
use crate::live::{Along, Live, SymbolKey, UnitSlot};
use rustc_hash::FxHashMap;

/// Removed functions that the new ones are again, by the new: what they were called and their first entries. What
/// several units have comes back as the copy of one of them.
pub fn returned(
    live: &Live,
    new: &Side<'_>,
    identity: &Identity,
    debug: &DebugSides,
) -> FxHashMap<SymbolKey, Vec<(SymbolKey, i64)>> {
    let mut by_name: FxHashMap<&str, Vec<(&SymbolKey, &UnitSlot)>> = FxHashMap::default();
    for (key, slot) in &live.now.gone {
        by_name.entry(&key.name).or_default().push((key, slot));
    }
    let mut found = FxHashMap::default();
    if by_name.is_empty() {
        return found;
    }
    for key in new.functions.keys() {
        let meaning = identity.meaning(&key.name);
        let Some(gone) = by_name.get(meaning) else {
            continue;
        };
        if new.first_of(&key.name) != Some(key) || !is_plain(debug, &key.name) {
            continue;
        }
        let mut firsts: Vec<(SymbolKey, i64)> = gone
            .iter()
            .filter(|(old, slot)| LastSeen::of(slot, &old.name).is_same(debug, &key.name))
            .filter_map(|(old, slot)| Some(((*old).clone(), first(live, old, slot)?)))
            .collect();
        firsts.sort_by(|(a, _), (b, _)| (a != key, &a.file).cmp(&(b != key, &b.file)));
        if !firsts.is_empty() {
            found.insert(key.clone(), firsts);
        }
    }
    found
}

/// Of closures, and of what is compiled for one, a symbol that comes back can be a neighbour's.
fn is_plain(debug: &DebugSides, name: &str) -> bool {
    let signature = debug.new.signature(name);
    signature.is_some_and(|s| !is_about_environments(s))
}

fn first(live: &Live, key: &SymbolKey, slot: &UnitSlot) -> Option<i64> {
    if let Some(function) = live.now.functions.get(key) {
        return Some(function.first());
    }
    let unit = slot.unit().ok()?;
    let symbol = unit.symbol_named(&key.name)?;
    live.entries(&unit, symbol).first().copied()
}

/// Copies that are gone from the new units and that go along with one that a unit has which was not compiled.
pub fn elsewhere(live: &Live, changes: &[UnitChange], gone: &[&Function]) -> Result<Vec<Along>> {
    let mut along = Vec::new();
    for function in gone {
        let own = function.symbol().map(|s| live.entries(&function.unit, s));
        let Some(first) = own.and_then(|entries| entries.first().copied()) else {
            continue;
        };
        let mut with = Vec::new();
        for (_, _, slot) in live.others(changes) {
            if !slot.has_function(&function.key.name)? {
                continue;
            }
            let unit = slot.unit()?;
            let mut named = unit.functions().map(|(_, symbol)| symbol);
            if let Some(symbol) = named.find(|s| s.name == function.key.name) {
                let entries = live.entries(&unit, symbol);
                with.extend(entries.first().map(|first| (unit.name.clone(), *first)));
            }
        }
        let with = with.into_iter().filter(|(_, other)| *other != first).min();
        along.extend(with.map(|(_, with)| Along {
            key: function.key.clone(),
            first,
            with,
        }));
    }
    Ok(along)
}

//! The vtable gate: objects that live in the program keep the vtable that they were made with.

pub mod objects;
mod shapes;

use super::debug_sides::DebugSides;
use super::identity::Identity;
use crate::format::unit::{Target, Unit};
use crate::layout::{DebugTables, Vtable};
use crate::reason::{demangled, Reason};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Bytes before the first method: drop glue, size, alignment.
const METHODS: u64 = 24;

/// Refuses every vtable whose slots are not what they were: another number, another method in a slot, or the same
/// method with another signature; and every type whose objects came to need a destructor, or to need none.
pub fn gate(
    debug: &DebugSides,
    (old, new): (&[Arc<Unit>], &[Arc<Unit>]),
    identity: &Identity,
    is_told: &dyn Fn(&str) -> bool,
) -> Vec<Reason> {
    let mut reasons = described(debug, identity, is_told);
    let after = shapes::by_key(new);
    for ((type_name, trait_name), before) in shapes::by_key(old) {
        let subject = format!("<{type_name} as {trait_name}>");
        let key = (type_name, trait_name);
        let Some(after) = after.get(&key) else {
            continue;
        };
        if before.is_subset(after)
            || is_told(&key.0)
            || reasons.iter().any(|known| known.subject == subject)
        {
            continue;
        }
        let (type_name, trait_name) = key;
        reasons.push(Reason::new(
            "vtable-shape",
            subject,
            format!("The vtable of `{type_name}` for `{trait_name}`, which is in the value of a static, has other entries than before, and objects with the old one may be alive."),
        ));
    }
    reasons
}

fn described(
    debug: &DebugSides,
    identity: &Identity,
    is_told: &dyn Fn(&str) -> bool,
) -> Vec<Reason> {
    let mut reasons = Vec::new();
    for ((type_name, trait_name), old, new) in unequal(debug) {
        // No old object of it meets new code: old values keep their vtable and all code behind it, or there are none.
        if is_told(type_name) {
            continue;
        }
        let differs = |before: &Located<'_>| {
            let mut all = new
                .iter()
                .map(|&after| difference(debug, identity, *before, after));
            let first = all.next()??;
            all.all(|other| other.is_some()).then_some(first)
        };
        let Some(what) = old.iter().find_map(differs) else {
            continue;
        };
        let shown = trait_name.unwrap_or("_");
        reasons.push(Reason::new(
            "vtable-shape",
            format!("<{type_name} as {shown}>"),
            format!("The vtable of `{type_name}` for `{shown}` changed ({what}), and objects with the old one may be alive."),
        ));
    }
    reasons
}

/// Methods that stand where others stood: symbols of the old and of the new side.
pub fn changed_slots(debug: &DebugSides) -> Vec<(&str, &str)> {
    let mut changed = Vec::new();
    for (_, old, new) in unequal(debug) {
        let ([before], [after]) = (&old[..], &new[..]) else {
            continue;
        };
        if before.1.slots != after.1.slots {
            continue;
        }
        let mut after = methods(after.0, after.1);
        for (offset, old) in methods(before.0, before.1) {
            if let (Cow::Borrowed(old), Some(Cow::Borrowed(new))) = (old, after.remove(&offset)) {
                changed.extend((old != new).then_some((old, new)));
            }
        }
    }
    changed
}

/// By type and trait. Two types can share a name: those of two versions of a crate, or of two blocks of a function.
type Key<'t> = (&'t str, Option<&'t str>);
type Located<'t> = (&'t Unit, &'t Vtable);
/// Number of slots, whether there is a destructor, methods.
type Content<'t> = (u32, Option<bool>, BTreeMap<u64, Cow<'t, str>>);

/// The vtables of each name that are on one side only, where there are such on both sides. One that is on both sides is
/// the same type's: a method's symbol has a hash of it.
fn unequal(debug: &DebugSides) -> Vec<(Key<'_>, Vec<Located<'_>>, Vec<Located<'_>>)> {
    let mut new = tables(&debug.new.units);
    let mut unequal = Vec::new();
    for (key, mut old) in tables(&debug.old.units) {
        let Some(mut new) = new.remove(&key) else {
            continue;
        };
        old.retain(|content, _| new.remove(content).is_none());
        if !old.is_empty() && !new.is_empty() {
            unequal.push((
                key,
                old.into_values().collect(),
                new.into_values().collect(),
            ));
        }
    }
    unequal
}

fn tables(
    side: &[(Arc<Unit>, Arc<DebugTables>)],
) -> BTreeMap<Key<'_>, BTreeMap<Content<'_>, Located<'_>>> {
    let mut tables = BTreeMap::<Key<'_>, BTreeMap<_, _>>::new();
    for (unit, debug) in side {
        for vtable in debug.vtables.vtables.iter().filter(|v| v.place.is_some()) {
            let key = (vtable.type_name.as_str(), vtable.trait_name.as_deref());
            let content = (
                vtable.slots,
                has_destructor((unit, vtable)),
                methods(unit, vtable),
            );
            tables
                .entry(key)
                .or_default()
                .insert(content, (&**unit, vtable));
        }
    }
    tables
}

fn difference(
    debug: &DebugSides,
    identity: &Identity,
    old: (&Unit, &Vtable),
    new: (&Unit, &Vtable),
) -> Option<String> {
    match (has_destructor(old), has_destructor(new)) {
        (Some(false), Some(true)) => return Some("its values now need to be dropped".into()),
        (Some(true), Some(false)) => return Some("its values need no drop any more".into()),
        _ => {}
    }
    if old.1.slots != new.1.slots {
        return Some(format!("{} slots -> {}", old.1.slots, new.1.slots));
    }
    let (before, after) = (methods(old.0, old.1), methods(new.0, new.1));
    let offsets: std::collections::BTreeSet<u64> =
        before.keys().chain(after.keys()).copied().collect();
    offsets.into_iter().find_map(|offset| {
        let slot = offset / 8;
        let show = |name: Option<&Cow<'_, str>>| {
            name.map_or_else(|| "empty".to_string(), |n| format!("`{}`", demangled(n)))
        };
        match (before.get(&offset), after.get(&offset)) {
            (None, None) => None,
            (Some(a), Some(b)) if a == b || identity.is_same(a, b) => None,
            (Some(a), Some(b)) if demangled(a) == demangled(b) => {
                // The hash of the symbol changed; with it the signature may have.
                match (debug.old.signature(a), debug.new.signature(b)) {
                    (Some(x), Some(y)) if x.digest() != y.digest() => Some(format!(
                        "`{}` is now {} instead of {}",
                        demangled(a),
                        y.display(),
                        x.display()
                    )),
                    _ => Some(format!("slot {slot} holds another `{}`", demangled(a))),
                }
            }
            (a, b) => Some(format!("slot {slot} was {}, is {}", show(a), show(b))),
        }
    })
}

/// Whether the first word points to drop glue; `None` when the data is not there.
fn has_destructor((unit, vtable): (&Unit, &Vtable)) -> Option<bool> {
    let place = vtable.place?;
    let mut entries = unit.relocations(place.section).iter();
    Some(entries.any(|r| r.offset == place.offset))
}

/// Method symbols by byte offset in the vtable; of a supertrait's vtable, which has no name that lasts, its trait.
fn methods<'u>(unit: &'u Unit, vtable: &Vtable) -> BTreeMap<u64, Cow<'u, str>> {
    let Some(place) = vtable.place else {
        return BTreeMap::new();
    };
    let at = |slot: u64| place.offset.saturating_add(slot);
    let inside = at(METHODS)..at(vtable.size);
    let entries = unit
        .relocations(place.section)
        .iter()
        .filter(|r| inside.contains(&r.offset));
    entries
        .filter_map(|r| {
            let name = match unit.target(r) {
                Target::Undefined(symbol) => Cow::Borrowed(symbol.name.as_str()),
                Target::Section {
                    section, symbol, ..
                } => match unit.called(section, symbol) {
                    Some(symbol) => Cow::Borrowed(symbol.name.as_str()),
                    None => Cow::Owned(shapes::supertrait(unit, section).unwrap_or_default()),
                },
            };
            Some((r.offset.checked_sub(place.offset)?, name))
        })
        .collect()
}

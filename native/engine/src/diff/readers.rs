//! Read-only data is code: after a patch every reader of a changed constant sees the new value, also readers in units
//! that were not recompiled. A constant of more than one word cannot be rewritten under a reader (it would see half of
//! each), so its readers are redirected to copies of themselves that refer to the new constant.

use super::plan::{PatchPlan, Status};
use super::taint::Taint;
use super::UnitChange;
use crate::format::unit::{SectionId, Target, Unit};
use crate::format::Result;
use crate::live::{Live, SymbolKey, UnitSlot};
use rustc_hash::FxHashSet;
use std::sync::Arc;

/// A unit and whether it was compiled before: what it refers to then means what it means now.
type Open<'l> = (&'l UnitSlot, bool);

/// Redirects readers of changed constants and callers of functions that are others under their name, to what `moved`
/// now means. Of `taken` symbols that holds for units that were compiled before; the new ones were compared with that in
/// mind. A caller that was compiled for a tainted type is for old values, and becomes another function itself.
pub fn redirect(
    live: &Live,
    changes: &[UnitChange],
    taint: &Taint<'_>,
    mut moved: FxHashSet<String>,
    taken: FxHashSet<String>,
    plan: &mut PatchPlan,
) -> Result<()> {
    if moved.is_empty() && taken.is_empty() {
        return Ok(());
    }
    let mut closed: Vec<&UnitSlot> = live.others(changes).map(|(_, _, slot)| slot).collect();
    let fresh = changes.iter().filter_map(|c| c.new.as_ref());
    let mut open: Vec<Open<'_>> = fresh.map(|slot| (slot, false)).collect();
    loop {
        let (opened, waiting) = split(closed, &moved, &taken)?;
        closed = waiting;
        open.extend(opened.into_iter().map(|slot| (slot, true)));
        let units = open
            .iter()
            .map(|(slot, is_old)| Ok((slot.unit()?, *is_old)))
            .collect::<Result<Vec<_>>>()?;
        let before = moved.len();
        let found = readers(&units, &mut moved, &taken);
        for (at, unit, section) in &found {
            let Some(symbol) = unit.name_of(*section) else {
                continue;
            };
            let key = SymbolKey::of(unit, symbol);
            let kept = matches!(plan.status.get(&key), Some(Status::New));
            if !kept
                && is_for_old_values(open.get(*at).map(|(slot, _)| *slot), &symbol.name, taint)?
            {
                plan.make_new(&key);
                moved.insert(key.name);
            }
        }
        if moved.len() > before {
            continue;
        }
        for (_, unit, section) in found {
            for symbol in unit.names_of(section) {
                let key = SymbolKey::of(&unit, symbol);
                let status = plan.status.get(&key);
                if matches!(status, Some(Status::Changed(_) | Status::New)) {
                    continue;
                }
                let entries = plan.entries(live, &unit, symbol);
                if !entries.is_empty() {
                    plan.redirect(&unit, section, key, entries);
                }
            }
        }
        plan.moved = moved;
        return Ok(());
    }
}

fn split<'l>(
    closed: Vec<&'l UnitSlot>,
    moved: &FxHashSet<String>,
    taken: &FxHashSet<String>,
) -> Result<(Vec<&'l UnitSlot>, Vec<&'l UnitSlot>)> {
    let (mut opened, mut waiting) = (Vec::new(), Vec::new());
    for slot in closed {
        match slot.refers_to(moved.iter().chain(taken))? {
            true => opened.push(slot),
            false => waiting.push(slot),
        }
    }
    Ok((opened, waiting))
}

/// Shims have no signature: where types are tainted, one that calls what moved is taken to be compiled for one.
fn is_for_old_values(slot: Option<&UnitSlot>, symbol: &str, taint: &Taint<'_>) -> Result<bool> {
    if taint.is_empty() {
        return Ok(false);
    }
    let Some(slot) = slot else { return Ok(false) };
    Ok(slot
        .debug()?
        .signatures
        .get(symbol)
        .is_none_or(|s| taint.touches(s)))
}

/// Functions of `units`, with the place of their unit, that read one of `changed`, directly or through other constants; the names of those constants
/// are added to `changed`, since they must point to the new one and so are new themselves.
fn readers(
    units: &[(Arc<Unit>, bool)],
    changed: &mut FxHashSet<String>,
    taken: &FxHashSet<String>,
) -> Vec<(usize, Arc<Unit>, SectionId)> {
    loop {
        let mut grown = false;
        let mut found = Vec::new();
        for (at, (unit, is_old)) in units.iter().enumerate() {
            let means_other =
                |name: &str| changed.contains(name) || (*is_old && taken.contains(name));
            let dirty = dirty_sections(unit, &means_other);
            for &section in &dirty {
                let Some(of) = unit.sections.get(section) else {
                    continue;
                };
                match unit.name_of(section) {
                    Some(_) if unit.is_function(section) => found.push((at, unit.clone(), section)),
                    Some(name) if of.kind.is_constant() => {
                        grown |= changed.insert(name.name.clone())
                    }
                    _ => {}
                }
            }
        }
        if !grown {
            return found;
        }
    }
}

fn dirty_sections(unit: &Unit, means_other: &dyn Fn(&str) -> bool) -> FxHashSet<SectionId> {
    let mut dirty = FxHashSet::default();
    loop {
        let before = dirty.len();
        for (id, section) in unit.sections.iter().enumerate() {
            // A static's initial value counts for nothing once the program runs.
            if section.kind.is_state() || dirty.contains(&id) {
                continue;
            }
            let reads = unit.relocations(id).iter().any(|r| match unit.target(r) {
                Target::Undefined(symbol) => means_other(&symbol.name),
                Target::Section {
                    section: target,
                    symbol,
                    ..
                } => match unit.called(target, symbol) {
                    Some(name) => means_other(&name.name),
                    None => dirty.contains(&target) && !unit.is_function(target),
                },
            });
            if reads {
                dirty.insert(id);
            }
        }
        if dirty.len() == before {
            return dirty;
        }
    }
}

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

/// Redirects readers of changed constants and callers of functions that are others under their name, to what `moved`
/// now means. A caller that was compiled for a tainted type is for old values, and becomes another function itself.
pub fn redirect(
    live: &Live,
    changes: &[UnitChange],
    taint: &Taint,
    mut moved: FxHashSet<String>,
    plan: &mut PatchPlan,
) -> Result<()> {
    if moved.is_empty() {
        return Ok(());
    }
    let mut closed: Vec<&UnitSlot> = live.others(changes).map(|(_, _, slot)| slot).collect();
    let mut open: Vec<&UnitSlot> = changes.iter().filter_map(|c| c.new.as_ref()).collect();
    loop {
        let (opened, waiting) = split(closed, &moved)?;
        closed = waiting;
        open.extend(opened);
        let units: Vec<Arc<Unit>> = open.iter().map(|slot| slot.unit()).collect::<Result<_>>()?;
        let before = moved.len();
        let found = readers(&units, &mut moved);
        for (at, unit, section) in &found {
            let Some(symbol) = unit.name_of(*section) else {
                continue;
            };
            let key = SymbolKey::of(unit, symbol);
            let kept = matches!(plan.status.get(&key), Some(Status::New));
            if !kept && is_for_old_values(open.get(*at).copied(), &symbol.name, taint)? {
                plan.make_new(&key);
                moved.insert(key.name);
            }
        }
        if moved.len() > before {
            continue;
        }
        for (_, unit, section) in found {
            let Some(symbol) = unit.name_of(section) else {
                continue;
            };
            let key = SymbolKey::of(&unit, symbol);
            if matches!(
                plan.status.get(&key),
                Some(Status::Changed(_) | Status::New)
            ) {
                continue;
            }
            let entries = live.entries(&unit, symbol);
            if !entries.is_empty() {
                plan.status.insert(key, Status::Changed(entries));
                plan.roots.push((unit.clone(), section));
            }
        }
        plan.constants = moved;
        return Ok(());
    }
}

fn split<'l>(
    closed: Vec<&'l UnitSlot>,
    moved: &FxHashSet<String>,
) -> Result<(Vec<&'l UnitSlot>, Vec<&'l UnitSlot>)> {
    let (mut opened, mut waiting) = (Vec::new(), Vec::new());
    for slot in closed {
        match slot.refers_to(moved.iter())? {
            true => opened.push(slot),
            false => waiting.push(slot),
        }
    }
    Ok((opened, waiting))
}

/// Shims have no signature: where types are tainted, one that calls what moved is taken to be compiled for one.
fn is_for_old_values(slot: Option<&UnitSlot>, symbol: &str, taint: &Taint) -> Result<bool> {
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
    units: &[Arc<Unit>],
    changed: &mut FxHashSet<String>,
) -> Vec<(usize, Arc<Unit>, SectionId)> {
    loop {
        let mut grown = false;
        let mut found = Vec::new();
        for (at, unit) in units.iter().enumerate() {
            let dirty = dirty_sections(unit, changed);
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

fn dirty_sections(unit: &Unit, changed: &FxHashSet<String>) -> FxHashSet<SectionId> {
    let mut dirty = FxHashSet::default();
    loop {
        let before = dirty.len();
        for (id, section) in unit.sections.iter().enumerate() {
            // A static's initial value counts for nothing once the program runs.
            if section.kind.is_state() || dirty.contains(&id) {
                continue;
            }
            let reads = unit.relocations(id).iter().any(|r| match unit.target(r) {
                Target::Undefined(symbol) => changed.contains(&symbol.name),
                Target::Section {
                    section: target, ..
                } => match unit.name_of(target) {
                    Some(name) => changed.contains(&name.name),
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

//! Read-only data is code: after a patch every reader of a changed constant sees the new value, also readers in units
//! that were not recompiled. A constant of more than one word cannot be rewritten under a reader (it would see half of
//! each), so its readers are redirected to copies of themselves that refer to the new constant.

use crate::format::unit::{SectionId, Target, Unit};
use rustc_hash::FxHashSet;
use std::sync::Arc;

/// Functions of `units` that read one of `changed`, directly or through other constants; the names of those constants
/// are added to `changed`, since they must point to the new one and so are new themselves.
pub fn readers(
    units: &[Arc<Unit>],
    changed: &mut FxHashSet<String>,
) -> Vec<(Arc<Unit>, SectionId)> {
    loop {
        let mut grown = false;
        let mut found = Vec::new();
        for unit in units {
            let dirty = dirty_sections(unit, changed);
            for &section in &dirty {
                let Some(of) = unit.sections.get(section) else {
                    continue;
                };
                match unit.name_of(section) {
                    Some(_) if unit.is_function(section) => found.push((unit.clone(), section)),
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

//! Types that the user declares and that are laid out otherwise than before: what must be absent from the process.
//!
//! All code of the patched program is compiled for the new layout, as in a fresh build, so not one value of the old may be
//! alive. Where could one be?
//! - In a static or thread-local, or behind one: its type says so, and the change is refused here.
//! - In a frame: the function takes or gives such values, or calls one that does, or its code is another one now. Then
//!   a thread that is in it has a return address in it, or its pc.
//! - Anywhere else there is an owner in between whose type says nothing: an object of a trait, a pointer to a function,
//!   a pointer to nothing in particular with functions beside it. Then its vtable, its functions, or a table of them are
//!   pointed to from somewhere.
//!
//! So a process without any word that points to such code or to such a table has no old value. The loader looks for one at
//! the moment of the change, while all threads stand still. What it looks for is worked out here, and may be too much:
//! then an edit is refused that could have been patched.
//!
//! Code and tables of earlier patches count all of them, and so does code that they have replaced: some thread may be in it
//! still. Values that the user's own code keeps behind bare pointers are told by the types of these (`hiding`). Not seen is
//! one that is kept by its address alone, as a number.

mod code;
mod hiding;
mod statics;
mod tables;

use super::debug_sides::DebugSides;
use super::gates::layout_reasons;
use super::plan::PatchPlan;
use super::taint::Taint;
use super::UnitChange;
use crate::format::Result;
use crate::layout::LayoutChange;
use crate::live::Live;
use crate::reason::demangled;
use code::Code;
use serde::Serialize;
use std::collections::BTreeMap;

/// Where no word of the program may point; live addresses.
#[derive(Debug, Clone, Serialize, PartialEq, Eq)]
pub struct Absent {
    pub name: String,
    pub kind: Kind,
    pub start: i64,
    pub end: i64,
}

#[derive(Debug, Clone, Copy, Serialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    Code,
    Table,
}

/// By their first addresses, so that none comes twice.
type Ranges = BTreeMap<i64, Absent>;

/// Types that are laid out otherwise, but for those whose old values keep old code, and pointers to objects, which are
/// the matter of vtables.
pub fn changed<'l>(layouts: &'l [LayoutChange], taint: &Taint<'_>) -> Vec<&'l LayoutChange> {
    let changed = layouts.iter();
    changed
        .filter(|change| change.entries.is_none() && !taint.covers(&change.type_name))
        .collect()
}

/// Works out what must be absent; or refuses, where a static may hold old values or a table cannot be found. `values`
/// are those of the changed types.
pub fn require(
    live: &Live,
    changes: &[UnitChange],
    debug: &DebugSides,
    changed: &[&LayoutChange],
    values: &Taint<'_>,
    plan: &mut PatchPlan,
) -> Result<()> {
    if changed.is_empty() {
        return Ok(());
    }
    let mut reasons = layout_reasons::of(changed);
    let sides = code::versions(live, changes, debug)?;
    let mut obstacles = statics::holding(&sides, values);
    let code = Code::find(live, &sides, values, plan)?;
    obstacles.extend(code.hidden.iter().cloned());
    let mut ranges = code.ranges(live, plan);
    ranges.extend(earlier_patches(live));
    match tables::leading_to(live, &code)? {
        Ok(tables) => ranges.extend(tables),
        Err(why) => obstacles.push(why),
    }
    if let Some(why) = obstacles.first() {
        for reason in &mut reasons {
            reason.message = format!("{} {why}", reason.message);
        }
        plan.refused.append(&mut reasons);
        return Ok(());
    }
    plan.absent = ranges.into_values().collect();
    plan.notes.extend(layout_reasons::notes(changed));
    plan.layouts = reasons;
    Ok(())
}

/// Code of all patches that are in memory, and their constants that lead to code. Pointers to any of them are as good as
/// values: which of them are about changed types is not asked.
pub fn earlier_patches(live: &Live) -> Ranges {
    let mut ranges = Ranges::new();
    for memory in &live.patches {
        let patches = live.history.iter().filter_map(|c| c.patch.as_ref());
        let mut in_memory = patches.filter(|patch| !patch.unloaded);
        let Some(patch) = in_memory.find(|patch| patch.memory == memory.range()) else {
            continue;
        };
        let mut add = |kind, start: i64, end: i64| {
            let name = format!("patch {}", patch.number);
            if start < end {
                ranges.insert(
                    start,
                    Absent {
                        name,
                        kind,
                        start,
                        end,
                    },
                );
            }
        };
        for code in &memory.code {
            add(Kind::Code, code.start, code.end);
        }
        for table in &memory.tables {
            add(Kind::Table, table.start, table.end);
        }
    }
    ranges
}

/// The function at an address of the image, as people call it.
fn function_at(live: &Live, address: u64) -> String {
    let names = live.host.functions_at(address);
    names
        .first()
        .map_or_else(|| format!("the function at {address:#x}"), |n| demangled(n))
}

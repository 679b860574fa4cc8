//! Traits whose vtables have more or fewer entries than before, told by the pointers to their objects: whether any object
//! with an old vtable can be alive.
//!
//! An object needs a vtable, and all of them lie in units of the workspace's crates. A unit that has one is compiled
//! anew when its trait changes, so the old versions of the changed units have them all, and those that patches have
//! replaced since the start: what they made may still live.

use super::super::UnitChange;
use super::shapes::shapes;
use crate::format::Result;
use crate::layout::LayoutChange;
use crate::live::{Live, UnitSlot};
use crate::reason::Reason;
use rustc_hash::FxHashSet;
use std::collections::BTreeMap;

/// `known`: reasons that name the trait already, with a type.
pub fn gate(
    live: &Live,
    changes: &[UnitChange],
    layouts: &[LayoutChange],
    known: &[Reason],
) -> Result<Vec<Reason>> {
    let mut traits: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
    for change in layouts {
        let of = change.entries.zip(trait_of(&change.type_name));
        traits.extend(of.map(|(entries, name)| (name, entries)));
    }
    traits.retain(|name, _| {
        let told = format!(" as {name}");
        !known.iter().any(|reason| reason.subject.contains(&told))
    });
    if traits.is_empty() {
        return Ok(Vec::new());
    }
    let mut found: Vec<(u64, Option<String>)> = Vec::new();
    for slot in ever(live, changes) {
        let (unit, tables) = (slot.unit()?, slot.debug()?);
        found.extend(shapes(&unit).filter_map(|(section, shape, key)| {
            let of = match tables.vtables.at(section, 0) {
                // Without a trait: of auto traits only.
                Some(described) => Some(described.trait_name.clone()?),
                None => key.map(|(_, of)| of),
            };
            Some((shape.words(), of))
        }));
    }
    let may_live = |name: &str, entries: u64| {
        found.iter().any(|(words, of)| {
            // The pointer's type tells the least number: places for supertraits can come on top.
            *words >= entries && of.as_ref().is_none_or(|of| plain(of) == name)
        })
    };
    let refused = traits
        .into_iter()
        .filter(|(name, (before, _))| may_live(name, *before));
    Ok(refused
        .map(|(name, (before, after))| {
            Reason::new(
                "vtable-shape",
                format!("dyn {name}"),
                format!("The vtables of `dyn {name}` changed ({before} entries -> {after}), and objects with the old ones may be alive."),
            )
        })
        .collect())
}

/// Every version that has run of the units of changed crates.
fn ever<'l>(live: &'l Live, changes: &[UnitChange]) -> impl Iterator<Item = &'l UnitSlot> {
    let crates: FxHashSet<String> = changes.iter().map(|c| c.crate_id.clone()).collect();
    let base = live
        .base
        .iter()
        .map(|(name, units)| (name, units.values().collect()));
    let later = live.history.iter().flat_map(|commit| &commit.units);
    let later = later.map(|unit| (&unit.crate_id, unit.new.iter().collect::<Vec<_>>()));
    base.chain(later)
        .filter(move |(name, _)| crates.contains(*name))
        .flat_map(|(_, slots)| slots)
}

/// `app::Shape` of `alloc::boxed::Box<(dyn app::Shape<u8> + core::marker::Send), alloc::alloc::Global>`.
fn trait_of(pointer: &str) -> Option<&str> {
    let (_, name) = pointer.split_once("dyn ")?;
    Some(plain(name))
}

/// Without arguments and bounds.
fn plain(name: &str) -> &str {
    name.split(['<', '>', ' ', ',', ')', ';'])
        .next()
        .unwrap_or(name)
}

//! Which types are those of function items: `fn hello(..)` passed as itself, of no bytes, not as a pointer.
//!
//! rustc writes both as a pointer to a subroutine, `fn(u32) -> u32`, in entries of their own that look alike (rustc
//! `debuginfo/metadata.rs`, `build_subroutine_type_di_node`). Only members tell them apart: the one of an item is aligned
//! to one byte, that of a pointer to eight, in a packed struct too. What no member says is taken for a pointer.

use super::record::NodeKind;
use super::scan::Scan;
use rustc_hash::{FxHashMap, FxHashSet};

/// Offsets of the entries that stand for types of function items.
pub fn find(scan: &Scan<'_>, by_offset: &FxHashMap<usize, u32>) -> FxHashSet<usize> {
    let node = |offset: usize| scan.nodes.get(*by_offset.get(&offset)? as usize);
    let is_function = |offset: usize| {
        node(offset)
            .filter(|node| node.kind == NodeKind::Pointer)
            .and_then(|pointer| node(pointer.target?))
            .is_some_and(|subroutine| subroutine.is_subroutine)
    };
    let mut items = FxHashSet::default();
    let mut pointers = FxHashSet::default();
    for member in &scan.members {
        let Some(target) = member.target else {
            continue;
        };
        match member.align {
            1 if !items.contains(&target) && is_function(target) => drop(items.insert(target)),
            1 => {}
            _ => drop(pointers.insert(target)),
        }
    }
    items.retain(|target| !pointers.contains(target));
    items
}

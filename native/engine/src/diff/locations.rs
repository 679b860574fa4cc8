//! Functions that differ in nothing but source positions.
//!
//! A blank line at the top of a file changes every panic location below it: `core::panic::Location` constants of
//! {file: &str, line: u32, col: u32}. No code changed, so nothing is redirected; the constants themselves are brought
//! up to date in place: line and column are one aligned 8-byte word, written in one store.

use super::content::Contents;
use crate::format::unit::{Relocation, SectionId, Target, Unit};
use object::elf::{R_X86_64_64, R_X86_64_PC32};
use rustc_hash::FxHashMap;

/// Where line and column stand in a `Location`, rustc 1.6x and later: pointer, length, line, column.
const POSITION: std::ops::Range<usize> = 16..24;

/// Old constant -> the position that it must show.
pub type Positions = FxHashMap<SectionId, [u8; 8]>;

/// The new positions if `new` differs from `old` in locations alone, `None` if it differs in more.
pub fn only_locations(
    old: &Contents<'_>,
    old_function: SectionId,
    new: &Contents<'_>,
    new_function: SectionId,
) -> Option<Positions> {
    let (a, b) = (
        old.unit.relocations(old_function),
        new.unit.relocations(new_function),
    );
    if old.unit.bytes(old_function) != new.unit.bytes(new_function)
        || a.len() != b.len()
        || old.landing_pads(old_function) != new.landing_pads(new_function)
    {
        return None;
    }
    let mut positions = Positions::default();
    for (a, b) in a.iter().zip(b) {
        if (a.offset, a.kind) != (b.offset, b.kind) {
            return None;
        }
        if old.target_digest(a) == new.target_digest(b) {
            continue;
        }
        let (section, _) = location(old, a)?;
        let (other, position) = location(new, b)?;
        let same_file = file(old, section)? == file(new, other)?;
        if !same_file
            || a.addend != b.addend
            || positions
                .insert(section, position)
                .is_some_and(|p| p != position)
        {
            return None;
        }
    }
    Some(positions)
}

/// What `function` expects of the location constants that it refers to.
pub fn expected(contents: &Contents<'_>, function: SectionId) -> Positions {
    contents
        .unit
        .relocations(function)
        .iter()
        .filter_map(|r| location(contents, r))
        .collect()
}

/// The PC-relative reference to `section` from `function`: where its field is, and its addend.
pub fn reference(unit: &Unit, function: SectionId, section: SectionId) -> Option<Relocation> {
    unit.relocations(function).iter().copied().find(|r| {
        r.kind == R_X86_64_PC32.0
            && matches!(unit.target(r), Target::Section { section: s, offset: 0, .. } if s == section)
    })
}

fn location(contents: &Contents<'_>, r: &Relocation) -> Option<(SectionId, [u8; 8])> {
    let Target::Section {
        section, offset: 0, ..
    } = contents.unit.target(r)
    else {
        return None;
    };
    if r.kind != R_X86_64_PC32.0 || !contents.is_location(section) {
        return None;
    }
    file(contents, section)?;
    let position = contents
        .unit
        .bytes(section)
        .get(POSITION)?
        .try_into()
        .ok()?;
    Some((section, position))
}

/// The file part: what the pointer means and the length.
fn file(contents: &Contents<'_>, section: SectionId) -> Option<([u8; 16], [u8; 8])> {
    let [pointer] = contents.unit.relocations(section) else {
        return None;
    };
    if pointer.offset != 0 || pointer.kind != R_X86_64_64.0 {
        return None;
    }
    let length = contents.unit.bytes(section).get(8..16)?.try_into().ok()?;
    Some((contents.target_digest(pointer), length))
}

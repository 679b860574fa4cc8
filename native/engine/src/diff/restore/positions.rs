//! Panic locations of restored functions. The image's own constants are written in place, as for a blank line
//! (`locations`); they were left behind while other code ran.

use super::base::{Bases, Original, Pair};
use crate::diff::content::Contents;
use crate::diff::plan::{PatchPlan, Status, Write};
use crate::format::unit::{Relocation, SectionId, Target, Unit};
use crate::live::{Live, SymbolKey};
use object::elf::R_X86_64_PC32;
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;

/// Where line and column stand in a `Location`; see `locations`.
const POSITION: std::ops::Range<usize> = 16..24;

/// What must stand in the constants for all originals to show the right positions. `Err` names one that cannot: two disagree about
/// a constant, or a function that runs the image's code shares one and shows another position.
pub fn writes(
    live: &Live,
    plan: &PatchPlan,
    bases: &Bases,
    originals: &FxHashMap<SymbolKey, Original>,
) -> Result<Vec<Write>, SymbolKey> {
    let mut wanted: BTreeMap<i64, (&SymbolKey, [u8; 8])> = BTreeMap::new();
    for (key, original) in originals {
        let pair = bases.pairs.get(original.pair).ok_or_else(|| key.clone())?;
        for (section, at, new) in shown(live, pair, original).ok_or_else(|| key.clone())? {
            let other = wanted.entry(at).or_insert((key, new));
            if other.1 != new || shown_otherwise(live, plan, pair, section, originals, at, new) {
                return Err(key.clone());
            }
        }
    }
    let mut writes = Vec::new();
    for (at, (key, new)) in wanted {
        let old: Option<[u8; 8]> = live.read(at, 8).and_then(|bytes| bytes.try_into().ok());
        let old = old.ok_or_else(|| key.clone())?;
        let symbol = key.name.clone();
        writes.push(Write {
            symbol,
            at,
            old,
            new,
        });
    }
    Ok(writes)
}

/// The location constants of an original: section, live address of the position, and the position that it must show.
fn shown(live: &Live, pair: &Pair, original: &Original) -> Option<Vec<(SectionId, i64, [u8; 8])>> {
    let (before, after) = (Contents::new(&pair.base), Contents::new(&pair.new));
    let (a, b) = (
        pair.base.relocations(original.base),
        pair.new.relocations(original.new),
    );
    let mut shown = Vec::new();
    for (a, b) in a.iter().zip(b) {
        let Some(section) = location(&before, a) else {
            continue;
        };
        let position = pair.new.bytes(location(&after, b)?).get(POSITION)?;
        let at = address(live, original.address, a)?;
        if at % 8 != 0 {
            return None;
        }
        shown.push((section, at, position.try_into().ok()?));
    }
    Some(shown)
}

/// Whether a function that runs the image's code, and is none of the originals, shows another position by `section`.
fn shown_otherwise(
    live: &Live,
    plan: &PatchPlan,
    pair: &Pair,
    section: SectionId,
    originals: &FxHashMap<SymbolKey, Original>,
    at: i64,
    new: [u8; 8],
) -> bool {
    let present = pending(plan, at).or_else(|| live.read(at, 8)?.try_into().ok());
    if present == Some(new) {
        return false;
    }
    pair.base.functions().any(|(function, symbol)| {
        let key = SymbolKey::of(&pair.base, symbol);
        let own = live.in_host(&pair.base, symbol).map(|s| s.address as i64);
        let runs = match plan.status.get(&key) {
            Some(Status::Same(address)) => *address == own,
            Some(_) => false,
            None => !live.now.functions.contains_key(&key),
        };
        runs && !originals.contains_key(&key) && uses(&pair.base, function, section)
    })
}

fn uses(unit: &Unit, function: SectionId, wanted: SectionId) -> bool {
    unit.relocations(function)
        .iter()
        .any(|r| matches!(unit.target(r), Target::Section { section, .. } if section == wanted))
}

fn pending(plan: &PatchPlan, at: i64) -> Option<[u8; 8]> {
    plan.writes.iter().find(|w| w.at == at).map(|w| w.new)
}

fn location(contents: &Contents<'_>, r: &Relocation) -> Option<SectionId> {
    match contents.unit.target(r) {
        Target::Section {
            section, offset: 0, ..
        } if contents.is_location(section) => Some(section),
        _ => None,
    }
}

/// Where the position lies that a PC-relative field of the function at `function` refers to: S = field value + P - A.
fn address(live: &Live, function: i64, r: &Relocation) -> Option<i64> {
    if r.kind != R_X86_64_PC32.0 {
        return None;
    }
    // As it was linked: a jump may stand over the field.
    let field = function.checked_add(i64::try_from(r.offset).ok()?)?;
    let value = i32::from_le_bytes(live.linked(field, 4)?.try_into().ok()?);
    let start = field.checked_add(i64::from(value))?.checked_sub(r.addend)?;
    start.checked_add(POSITION.start as i64)
}

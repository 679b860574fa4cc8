//! Tables of functions in the image, vtables above all: where they lie, from the pointers in them.
//!
//! They have no names in the image. But each pointer that leads to such a function stands in some constant of a unit, which
//! is known by what else stands in it; and so does each pointer that leads to such a table. One that no constant
//! explains ends the search: nobody knows then how far its table reaches.

use super::code::{image_units, Code};
use super::{function_at, Absent, Kind, Ranges};
use crate::format::host::pointers::Pointer;
use crate::format::unit::{Relocation, SectionId, Unit};
use crate::format::Result;
use crate::live::Live;
use crate::reason::demangled;
use object::elf::R_X86_64_64;
use rustc_hash::{FxHashMap, FxHashSet};
use std::sync::Arc;

/// A constant of a unit that has pointers.
#[derive(Clone, Copy)]
struct Constant<'u> {
    unit: &'u Arc<Unit>,
    section: SectionId,
}

/// All tables of the image that lead to code to which nothing may point, and what leads to them; or a sentence about
/// one that cannot be found.
pub fn leading_to(live: &Live, code: &Code) -> Result<std::result::Result<Ranges, String>> {
    let Some(mut rest) = live.host.constant_pointers() else {
        return Ok(Err("Where its tables of functions are cannot be told, because the image is not position-independent or packs its relocations.".into()));
    };
    let functions = code.pointed_at(live);
    let places: FxHashMap<u64, u64> = rest.iter().map(|p| (p.place, p.target)).collect();
    let mut names = code.pointed.clone();
    let mut units = image_units(live, &names)?;
    let mut ranges = Ranges::new();
    loop {
        let leads_there = |pointer: &Pointer| {
            functions.contains(&pointer.target) || is_in(&ranges, pointer.target)
        };
        let (open, others) = rest.into_iter().partition::<Vec<_>, _>(leads_there);
        rest = others;
        if open.is_empty() {
            return Ok(Ok(ranges));
        }
        let constants = by_offset(&units);
        let mut named = FxHashSet::default();
        for pointer in open {
            let found = explaining(live, &constants, pointer, &places);
            if found.is_empty() {
                let name = function_at(live, pointer.target);
                return Ok(Err(format!(
                    "A table of the program leads to `{name}`, and which one cannot be told."
                )));
            }
            for (constant, start) in found {
                let symbol = constant.unit.name_of(constant.section);
                named.extend(symbol.map(|symbol| symbol.name.clone()));
                let table = constant.at(live, start, pointer.target);
                let known = ranges.entry(table.start).or_insert_with(|| table.clone());
                known.end = known.end.max(table.end);
            }
        }
        // What leads to these may stand in further units.
        let before = names.len();
        names.extend(named);
        if names.len() > before {
            units = image_units(live, &names)?;
        }
    }
}

fn is_in(ranges: &Ranges, target: u64) -> bool {
    let target = i64::try_from(target).unwrap_or(i64::MAX);
    let before = ranges.range(..=target).next_back();
    before.is_some_and(|(_, table)| target < table.end)
}

/// Constants in which the pointer can stand, and where each begins then.
fn explaining<'u>(
    live: &Live,
    constants: &FxHashMap<u64, Vec<Constant<'u>>>,
    pointer: Pointer,
    places: &FxHashMap<u64, u64>,
) -> Vec<(Constant<'u>, u64)> {
    let mut found = Vec::new();
    for (offset, all) in constants {
        if let Some(start) = pointer.place.checked_sub(*offset) {
            let here = all.iter().filter(|c| c.stands_at(live, start, places));
            found.extend(here.map(|constant| (*constant, start)));
        }
    }
    found
}

/// Constants by the offsets of their pointers.
fn by_offset(units: &[Arc<Unit>]) -> FxHashMap<u64, Vec<Constant<'_>>> {
    let mut all: FxHashMap<u64, Vec<Constant<'_>>> = FxHashMap::default();
    for unit in units {
        for (section, of) in unit.sections.iter().enumerate() {
            if !of.kind.is_constant() {
                continue;
            }
            for r in unit.relocations(section).iter().filter(|r| is_pointer(r)) {
                let constant = Constant { unit, section };
                all.entry(r.offset).or_default().push(constant);
            }
        }
    }
    all
}

fn is_pointer(r: &Relocation) -> bool {
    r.kind == R_X86_64_64.0
}

impl Constant<'_> {
    /// Whether the image has it at `start`: pointers where it has them, and the same bytes elsewhere.
    fn stands_at(self, live: &Live, start: u64, places: &FxHashMap<u64, u64>) -> bool {
        let relocations = self.unit.relocations(self.section);
        let are_there = relocations.iter().filter(|r| is_pointer(r)).all(|r| {
            let place = start.checked_add(r.offset);
            place.is_some_and(|place| places.contains_key(&place))
        });
        if !are_there {
            return false;
        }
        let bytes = self.unit.bytes(self.section);
        let Some(running) = live.host.read(start, bytes.len()) else {
            return false;
        };
        let mut pointers = vec![false; bytes.len()];
        for r in relocations {
            let end = r.offset.saturating_add(8);
            let field = usize::try_from(r.offset).unwrap_or(usize::MAX);
            let field = field..usize::try_from(end).unwrap_or(usize::MAX).min(bytes.len());
            if let Some(field) = pointers.get_mut(field) {
                field.fill(true);
            }
        }
        let mut pairs = running.iter().zip(bytes).zip(pointers);
        pairs.all(|((a, b), is_pointer)| a == b || is_pointer)
    }

    /// Of a table without a name, a function that people know: not drop glue, which vtables have in the first place.
    fn method(self) -> Option<String> {
        let relocations = self.unit.relocations(self.section).iter();
        let names = relocations.filter_map(|r| Some(demangled(&self.unit.referred(r)?.name)));
        let mut names = names.filter(|name| !name.starts_with("core::ptr::drop_in_place"));
        names.next()
    }

    fn at(self, live: &Live, start: u64, target: u64) -> Absent {
        let name = match self.unit.name_of(self.section) {
            Some(symbol) => demangled(&symbol.name),
            None => self.method().unwrap_or_else(|| function_at(live, target)),
        };
        let size = self.unit.bytes(self.section).len().max(1) as u64;
        let start = i64::try_from(start).unwrap_or(i64::MAX);
        Absent {
            name,
            kind: Kind::Table,
            start,
            end: start.saturating_add_unsigned(size),
        }
    }
}

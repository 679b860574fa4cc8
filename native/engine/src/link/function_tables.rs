//! Constants without a name that hold functions: what wakers, trait objects and hand-made `dyn`s are called through.
//!
//! Programs compare where they lie (`Waker::will_wake`, tables as tags), and a compile gives all functions of a unit the
//! same one. So a function in a patch goes on with the one that the rest of its unit uses, as long as it leads to the
//! same functions. One in a patch is no such one: its memory is given back some day.

use super::anonymous::read_back;
use crate::diff::plan::{PatchPlan, Status};
use crate::format::host::HostKind;
use crate::format::unit::{Kind, Relocation, SectionId, Symbol, Target, Unit};
use crate::live::{Live, SymbolKey};
use object::elf::R_X86_64_64;
use std::sync::Arc;

/// Where the program has the table `section` of a changed unit; none when it is another table, or cannot be told.
pub fn running(live: &Live, plan: &PatchPlan, unit: &Arc<Unit>, section: SectionId) -> Option<i64> {
    let wanted = Table::of(unit, section)?;
    let change = plan.change_to(unit)?;
    let old = change.old.as_ref()?.unit().ok()?;
    let (before, after) = (wanted.twins(&old), wanted.twins(unit));
    let ([twin], [_]) = (before.as_slice(), after.as_slice()) else {
        return None;
    };
    let slots = wanted.functions.iter();
    if !slots
        .into_iter()
        .all(|(_, f)| leads_alike(live, plan, unit, f))
    {
        return None;
    }
    let found = old.functions().find_map(|(holder, symbol)| {
        let at = live.function(&old, symbol)?;
        read_back(live, &old, (holder, at), *twin)
    })?;
    let running = live
        .host
        .read(u64::try_from(found).ok()?, wanted.bytes.len())?;
    wanted.has(running).then_some(found)
}

/// A constant all of whose pointers lead to the beginnings of functions.
struct Table<'u> {
    bytes: &'u [u8],
    functions: Vec<(u64, &'u Symbol)>,
}

impl<'u> Table<'u> {
    fn of(unit: &'u Unit, section: SectionId) -> Option<Table<'u>> {
        let found = unit.sections.get(section)?;
        let relocations = unit.relocations(section);
        if found.kind != Kind::Relro || unit.name_of(section).is_some() || relocations.is_empty() {
            return None;
        }
        let slot = |r: &Relocation| Some((r.offset, function(unit, r)?));
        Some(Table {
            bytes: unit.bytes(section),
            functions: relocations.iter().map(slot).collect::<Option<_>>()?,
        })
    }

    /// The tables of a unit that say the same.
    fn twins(&self, unit: &Unit) -> Vec<SectionId> {
        let size = self.bytes.len() as u64;
        let names = |table: &Table<'_>| -> Vec<(u64, String)> {
            let slots = table.functions.iter();
            slots.map(|(at, f)| (*at, f.name.clone())).collect()
        };
        let is_twin = |&id: &SectionId| {
            Table::of(unit, id)
                .is_some_and(|other| other.bytes == self.bytes && names(&other) == names(self))
        };
        let sections = unit.sections.iter().enumerate();
        let alike = sections.filter(|(_, s)| s.kind == Kind::Relro && s.size == size);
        alike.map(|(id, _)| id).filter(is_twin).collect()
    }

    /// Whether these bytes of the image are the table's, but for its pointers.
    fn has(&self, running: &[u8]) -> bool {
        let pairs = running.iter().zip(self.bytes).zip(0..);
        let is_pointer = |at: u64| {
            self.functions
                .iter()
                .any(|(of, _)| (*of..of + 8).contains(&at))
        };
        running.len() == self.bytes.len()
            && pairs
                .into_iter()
                .all(|((a, b), at)| a == b || is_pointer(at))
    }
}

fn function<'u>(unit: &'u Unit, r: &Relocation) -> Option<&'u Symbol> {
    if r.kind != R_X86_64_64.0 || r.addend != 0 {
        return None;
    }
    match unit.target(r) {
        Target::Section {
            section,
            offset: 0,
            symbol,
        } if unit.is_function(section) => unit.called(section, symbol),
        Target::Undefined(symbol) => Some(symbol),
        Target::Section { .. } => None,
    }
}

/// Whether what the image has under the symbol is an entry of the function that the patch means by it.
fn leads_alike(live: &Live, plan: &PatchPlan, unit: &Unit, symbol: &Symbol) -> bool {
    let key = SymbolKey::of(unit, symbol);
    if plan.moved.contains(&symbol.name)
        || plan.status.get(&key) == Some(&Status::New)
        || live.is_hidden(&key)
    {
        return false;
    }
    live.in_host(unit, symbol)
        .filter(|found| found.kind == HostKind::Function)
        .is_some_and(|found| {
            let entries = plan.entries(live, unit, symbol);
            entries.contains(&(found.address as i64))
        })
}

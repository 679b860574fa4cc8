//! What a program does or collects before `main`: `.init_array` entries (`ctor`, `inventory`), and sections that are read
//! from their start to their stop symbol (`linkme`). The running program has done so already, and such a section cannot
//! grow in place: what is new in it, changed or gone counts from the next start on, and the report says so.

mod entries;
mod named_places;
mod start_up;

pub use start_up::StartUp;

use super::debug_sides::{DebugSide, DebugSides};
use super::naming::path;
use super::plan::PatchPlan;
use super::UnitChange;
use crate::format::unit::{Kind, Unit};
use crate::format::Result;
use crate::live::{Live, SymbolKey};
use entries::{entries, Entry};
use rustc_hash::FxHashSet;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// What both sides register, by section and by item.
pub struct Registrations {
    old: ByItem,
    new: ByItem,
}

type ByItem = BTreeMap<(String, String), Vec<Entry>>;

impl Registrations {
    pub fn read(live: &Live, changes: &[UnitChange], debug: &DebugSides) -> Registrations {
        let elsewhere = |symbol: &str| {
            let mut others = live.others(changes).map(|(_, _, slot)| slot);
            let slot = others.find(|slot| slot.defines(symbol).unwrap_or(false))?;
            let tables = slot.debug().ok()?;
            Some(tables.signatures.get(symbol)?.name().to_string())
        };
        let read = |side: &DebugSide| {
            by_item(entries(&side.units, &|symbol| {
                let known = side.signature(symbol).map(|s| s.name().to_string());
                known.or_else(|| elsewhere(symbol))
            }))
        };
        Registrations {
            old: read(&debug.old),
            new: read(&debug.new),
        }
    }

    /// Whether a macro made this function or static for an entry, so that its author knows the entry and not it.
    pub fn hides(&self, symbol: &str) -> bool {
        self.generated().any(|name| name == symbol)
    }

    /// Likewise, by its path.
    pub fn hides_path(&self, of: &str) -> bool {
        self.generated().any(|name| path(name) == of)
    }

    fn generated(&self) -> impl Iterator<Item = &String> {
        let entries = self.old.values().chain(self.new.values()).flatten();
        entries.flat_map(|entry| &entry.generated)
    }

    /// A note for every registration that differs.
    pub fn notes(&self) -> Vec<String> {
        let mut keys: Vec<_> = self.old.keys().chain(self.new.keys()).collect();
        keys.sort();
        keys.dedup();
        let none = Vec::new();
        let mut notes = Vec::new();
        for key in keys {
            let old = self.old.get(key).unwrap_or(&none);
            let new = self.new.get(key).unwrap_or(&none);
            let (gone, came) = (without(old, new), without(new, old));
            let section = &key.0;
            for (at, entry) in came.iter().enumerate() {
                let what = match at < gone.len() {
                    true => "was registered at start-up as it was",
                    false if section.starts_with('.') => "is to run at start-up",
                    false => "is to be collected at start-up",
                };
                notes.push(format!(
                    "{} {what} (section `{section}`); what is new about it takes effect after a restart.",
                    entry.shown()
                ));
            }
            for entry in gone.iter().skip(came.len()) {
                notes.push(format!(
                    "{} was registered at start-up (section `{section}`) and stays so until a restart.",
                    entry.shown()
                ));
            }
        }
        notes
    }
}

/// What has run before `main`, and what nothing else leads to, is not replaced where a macro made it; what its author
/// wrote is noted.
pub fn run_already(registrations: &Registrations, start_up: &StartUp<'_>, plan: &mut PatchPlan) {
    let ran = plan.changed().filter(|c| start_up.only(&c.symbol.name));
    let ran: Vec<SymbolKey> = ran.map(|c| SymbolKey::of(c.unit, c.symbol)).collect();
    let mut notes = Vec::new();
    for key in ran {
        if registrations.hides(&key.name) {
            plan.make_new(&key);
            continue;
        }
        let name = path(&key.name);
        notes.push(format!(
            "`{name}` has run at start-up; its new code runs at the next start."
        ));
    }
    notes.sort();
    notes.dedup();
    plan.notes.extend(notes);
}

/// Notes for what crates register of which the program has nothing before a patch from `sources`: with it they become a
/// part of the program, and all that they register runs from the next start on.
pub fn brought(
    live: &Live,
    changes: &[UnitChange],
    sources: &FxHashSet<PathBuf>,
) -> Result<Vec<String>> {
    let crates = live.reached(changes, sources);
    let mut brought = Vec::new();
    for (crate_id, name, slot) in live.unlinked_units(changes) {
        let registers = |unit: &Unit| {
            let mut sections = unit.sections.iter();
            sections.any(|s| is_registry(&s.name, s.kind))
        };
        if crates.contains(crate_id) && registers(&*slot.unit()?) {
            brought.push(UnitChange {
                crate_id: crate_id.into(),
                name: name.into(),
                old: None,
                new: Some(slot.clone()),
            });
        }
    }
    let debug = DebugSides::read(&brought)?;
    Ok(Registrations::read(live, &brought, &debug).notes())
}

/// Linkers make `__start_` and `__stop_` symbols for sections whose names are C identifiers (gABI has none of these).
pub fn is_registry(name: &str, kind: Kind) -> bool {
    let identifier =
        !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    kind == Kind::InitArray || (identifier && (kind.is_state() || kind.is_constant()))
}

fn by_item(entries: Vec<Entry>) -> ByItem {
    let mut all = ByItem::new();
    for entry in entries {
        let key = (entry.section.clone(), entry.item.clone());
        all.entry(key).or_default().push(entry);
    }
    all
}

/// Entries of `these` beyond those that `others` has alike, as often as it has them.
fn without<'e>(these: &'e [Entry], others: &[Entry]) -> Vec<&'e Entry> {
    let mut open: Vec<&[u8]> = others.iter().map(|e| e.contents.as_slice()).collect();
    let mut rest: Vec<&Entry> = these
        .iter()
        .filter(|entry| {
            let known = open.iter().position(|other| *other == entry.contents);
            known.map(|at| open.swap_remove(at)).is_none()
        })
        .collect();
    rest.sort_by(|a, b| a.place.cmp(&b.place));
    rest
}

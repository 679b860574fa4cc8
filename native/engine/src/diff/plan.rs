//! The diff as a whole: from changed units to what is redirected, what is written in place and what is refused.

use super::closures::Renumbered;
use super::correlate::Side;
use super::debug_sides::DebugSides;
use super::identity::Identity;
use super::locations::{self, Positions};
use super::naming::Naming;
use super::taint::{environment, is_environment, Taint};
use super::{gates, readers, signatures, vtables, Function, UnitChange};
use crate::arch::x86_64;
use crate::format::unit::{SectionId, Unit};
use crate::format::Result;
use crate::live::{Live, LiveFunction, SymbolKey, UnitSlot};
use crate::reason::{demangled, Reason};
use rustc_hash::{FxHashMap, FxHashSet};
use serde::Serialize;
use std::sync::Arc;

/// What becomes of a function of the new units.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Status {
    /// Means what it meant: calls go to the running one, at this live address (none when the image dropped it).
    Same(Option<i64>),
    /// In the patch; these entries of the running versions are redirected to it.
    Changed(Vec<i64>),
    /// In the patch if something in the patch needs it.
    New,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Change {
    Changed,
    New,
    Removed,
}

/// A function as reports name it.
#[derive(Debug, Clone, Serialize, PartialEq, Eq)]
pub struct Reported {
    pub name: String,
    pub symbol: String,
    pub change: Change,
}

/// A location constant to be brought up to date in place.
#[derive(Debug, Clone)]
pub struct Write {
    pub symbol: String,
    pub at: i64,
    pub old: [u8; 8],
    pub new: [u8; 8],
}

#[derive(Default)]
pub struct PatchPlan {
    pub status: FxHashMap<SymbolKey, Status>,
    /// Functions that are redirected: where linking starts.
    pub roots: Vec<(Arc<Unit>, SectionId)>,
    /// The new units, in the order of the changes.
    pub units: Vec<Arc<Unit>>,
    /// Names that mean something else than before: constants with other contents, which are bound to their new copy, and
    /// functions that became others under their symbol (`status` says so of each).
    pub constants: FxHashSet<String>,
    pub writes: Vec<Write>,
    pub gone: Vec<SymbolKey>,
    /// Running functions that have another symbol from now on.
    pub renamed: Vec<(SymbolKey, LiveFunction)>,
    pub notes: Vec<String>,
    pub refused: Vec<Reason>,
    pub changes: Vec<UnitChange>,
    /// The old version of each changed function.
    pub before: FxHashMap<SymbolKey, (Arc<Unit>, SectionId)>,
}

impl PatchPlan {
    /// The function is another one than before: whoever reaches the old entry keeps the old code.
    pub fn make_new(&mut self, key: &SymbolKey) {
        self.status.insert(key.clone(), Status::New);
        self.before.remove(key);
        self.roots.retain(|(unit, section)| {
            unit.name_of(*section)
                .is_none_or(|s| SymbolKey::of(unit, s) != *key)
        });
    }

    /// What is redirected, by name. New functions are known when the patch is linked.
    pub fn redirected(&self) -> Vec<Reported> {
        let mut functions: Vec<Reported> = self
            .roots
            .iter()
            .filter_map(|(unit, section)| unit.name_of(*section))
            .map(|s| Reported {
                name: demangled(&s.name),
                symbol: s.name.clone(),
                change: Change::Changed,
            })
            .collect();
        functions.sort_by(|a, b| (&a.name, &a.symbol).cmp(&(&b.name, &b.symbol)));
        functions.dedup();
        functions
    }
}

/// Compares the changed units with what runs. Nothing is changed by it.
pub fn diff(live: &Live, changes: Vec<UnitChange>) -> Result<PatchPlan> {
    let read = |slot: &Option<UnitSlot>| slot.as_ref().map(UnitSlot::unit).transpose();
    let mut old_units = Vec::new();
    let mut new_units = Vec::new();
    for change in &changes {
        old_units.extend(read(&change.old)?);
        new_units.extend(read(&change.new)?);
    }
    let debug = DebugSides::read(&changes)?;
    let layouts = gates::layout_changes(&debug);
    let (old, new) = (Side::of(&old_units), Side::of(&new_units));
    let renumbered = Renumbered::find(&old, &new, &debug);
    let identity = Identity::establish(&old, &new, &new_units, &debug, &renumbered);
    let taint = Taint::find(&debug, &layouts, renumbered.environments.iter().cloned());
    let new = if identity.rename.is_empty() {
        new
    } else {
        Side::with(&new_units, Naming::Renamed(&identity.rename))
    };
    let mut plan = PatchPlan {
        units: new_units.clone(),
        ..PatchPlan::default()
    };
    plan.notes.extend(renumbered.owners.iter().map(|owner| {
        format!("Closures of `{owner}` were renumbered: those alive keep their own code.")
    }));

    compare_functions(live, &old, &new, &identity, &debug, &mut plan);
    let mut moved: FxHashSet<String> = identity.moved().cloned().collect();
    moved.extend(keep_for_old_values(&debug, &taint, &mut plan));
    moved.extend(signatures::gate(
        live, &debug, &old, &new, &identity, &mut plan,
    )?);
    moved.extend(gates::constants(&old_units, &plan.units));
    readers::redirect(live, &changes, &taint, moved, &mut plan)?;
    gates::statics(live, &debug, &old_units, &mut plan);
    gates::layouts(&layouts, &debug, &taint, &mut plan);
    plan.refused.extend(vtables::gate(&debug, &taint));
    gates::entries(live, &mut plan);
    plan.notes.extend(still_running(&plan));

    let kept: FxHashSet<&SymbolKey> = new
        .functions
        .keys()
        .filter_map(|key| identity.partner(&old, key))
        .map(|f| &f.key)
        .collect();
    plan.gone = old
        .functions
        .keys()
        .filter(|key| !kept.contains(key))
        .cloned()
        .collect();
    plan.refused
        .sort_by(|a, b| (a.code, &a.subject).cmp(&(b.code, &b.subject)));
    plan.refused.dedup();
    plan.changes = changes;
    Ok(plan)
}

fn compare_functions(
    live: &Live,
    old: &Side<'_>,
    new: &Side<'_>,
    identity: &Identity,
    debug: &DebugSides,
    plan: &mut PatchPlan,
) {
    let mut moved = Vec::new();
    let mut needed: FxHashMap<(String, SectionId), Option<[u8; 8]>> = FxHashMap::default();
    for (key, function) in &new.functions {
        let Some(before) = identity.partner(old, key) else {
            set(plan, function, returned(live, function, old, debug));
            continue;
        };
        let Some(symbol) = before.symbol() else {
            continue;
        };
        let address = live.function(&before.unit, symbol);
        if before.key != *key {
            let entries = live.entries(&before.unit, symbol);
            plan.renamed
                .extend(address.map(|address| (key.clone(), LiveFunction { address, entries })));
        }
        let positions = if before.digest == function.digest {
            locations::expected(old.contents(before), before.section)
        } else {
            let (a, b) = (old.contents(before), new.contents(function));
            match locations::only_locations(a, before.section, b, function.section) {
                Some(changed) => {
                    let mut all = locations::expected(a, before.section);
                    all.extend(changed);
                    all
                }
                None => {
                    set_changed(live, plan, function, before);
                    continue;
                }
            }
        };
        // Two users of one constant must agree on its new position, or it stays as it is.
        for (&section, &position) in &positions {
            needed
                .entry((before.unit.name.clone(), section))
                .and_modify(|known| {
                    if *known != Some(position) {
                        *known = None;
                    }
                })
                .or_insert(Some(position));
        }
        set(plan, function, Status::Same(address));
        moved.push((function, before, address, positions));
    }
    for (function, before, address, positions) in moved {
        match positions_to_write(live, before, address, &positions, &needed) {
            Some(writes) => plan.writes.extend(writes),
            None => set_changed(live, plan, function, before),
        }
    }
    plan.writes.sort_by_key(|w| w.at);
    plan.writes.dedup_by_key(|w| w.at);
}

/// The writes for one function; `None` when a position cannot be written for all its users, so that the function must
/// be redirected instead.
fn positions_to_write(
    live: &Live,
    before: &Function,
    address: Option<i64>,
    positions: &Positions,
    needed: &FxHashMap<(String, SectionId), Option<[u8; 8]>>,
) -> Option<Vec<Write>> {
    let mut writes = Vec::new();
    for (&section, &position) in positions {
        let old: [u8; 8] = before.unit.bytes(section).get(16..24)?.try_into().ok()?;
        let agreed = needed
            .get(&(before.unit.name.clone(), section))
            .copied()
            .flatten();
        if old == position && agreed == Some(position) {
            continue;
        }
        agreed?;
        // Code that the image dropped shows no position to anybody.
        let Some(address) = address else { continue };
        let r = locations::reference(&before.unit, before.section, section)?;
        let field = address.checked_add(r.offset as i64)?;
        let value = i32::from_le_bytes(live.read(field, 4)?.try_into().ok()?);
        // PC32 is S + A - P, so S = field value + P - A.
        let at = field
            .checked_add(i64::from(value))?
            .checked_sub(r.addend)?
            .checked_add(16)?;
        if live.read(at, 8)? != old || at % 8 != 0 {
            return None;
        }
        writes.push(Write {
            symbol: before.key.name.clone(),
            at,
            old,
            new: position,
        });
    }
    Some(writes)
}

/// `main` is entered once: its new code would wait for a call that never comes.
fn still_running(plan: &PatchPlan) -> Option<String> {
    let names = plan
        .roots
        .iter()
        .filter_map(|(unit, section)| Some(demangled(&unit.name_of(*section)?.name)));
    let main = names.into_iter().find(|name| {
        name.strip_suffix("::main")
            .is_some_and(|crate_name| !crate_name.contains(':'))
    })?;
    Some(format!(
        "`{main}` is running and keeps its old code until it returns; what it calls is patched."
    ))
}

fn set(plan: &mut PatchPlan, function: &Function, status: Status) {
    plan.status.insert(function.key.clone(), status);
}

fn set_changed(live: &Live, plan: &mut PatchPlan, function: &Function, before: &Function) {
    let entries = before
        .symbol()
        .map(|s| live.entries(&before.unit, s))
        .unwrap_or_default();
    if entries.is_empty() {
        // Not in the program (never called, or inlined everywhere): as good as new.
        set(plan, function, Status::New);
    } else {
        set(plan, function, Status::Changed(entries));
        plan.before
            .insert(function.key.clone(), (before.unit.clone(), before.section));
        plan.roots.push((function.unit.clone(), function.section));
    }
}

/// A function without a partner: new, or one that an earlier edit removed and this one brings back, whose old entries
/// still exist. Of closures, and of what is compiled for one, a symbol that comes back can be a neighbour's.
fn returned(live: &Live, function: &Function, old: &Side<'_>, debug: &DebugSides) -> Status {
    let name = &function.key.name;
    let plain = debug.new.signature(name).is_some_and(|s| {
        environment(s).is_none()
            && !is_environment(s.name())
            && !is_environment(s.result())
            && !s.parameters().any(is_environment)
    });
    if !plain || !live.gone.contains(&function.key) || old.knows(name) {
        return Status::New;
    }
    let entries = function
        .symbol()
        .map(|s| live.entries(&function.unit, s))
        .unwrap_or_default();
    if entries.is_empty() {
        Status::New
    } else {
        Status::Changed(entries)
    }
}

/// Functions that were compiled for a type whose old values are laid out otherwise: the old ones keep their entry, for
/// the old values; the new ones are for new values. Gives the names that mean another function from now on.
fn keep_for_old_values(debug: &DebugSides, taint: &Taint, plan: &mut PatchPlan) -> Vec<String> {
    let touched = |unit: &Arc<Unit>, section: SectionId| {
        let symbol = unit.name_of(section)?;
        debug
            .new
            .signature(&symbol.name)
            .filter(|s| taint.touches(*s))?;
        Some(SymbolKey::of(unit, symbol))
    };
    let keys: Vec<SymbolKey> = plan
        .roots
        .iter()
        .filter_map(|(unit, section)| touched(unit, *section))
        .collect();
    keys.into_iter()
        .map(|key| {
            plan.make_new(&key);
            key.name
        })
        .collect()
}

/// Whether the running code at an entry is what the old object says, relocated fields aside.
pub fn runs_at(live: &Live, unit: &Unit, section: SectionId, address: i64) -> bool {
    let expected = unit.bytes(section);
    let Some(mut running) = live.read(address, expected.len()) else {
        return false;
    };
    let mut expected = expected.to_vec();
    for r in unit.relocations(section) {
        let start = r.offset as usize;
        // The linker may rewrite the instruction of a GOT or TLS reference as well: up to 4 bytes before the field
        // (psABI B.2, TLS 5.5: the general-dynamic sequence is 16 bytes around its field).
        let (before, after) = match r.kind {
            k if k == object::elf::R_X86_64_TLSGD.0 => (4, 12),
            k if k == object::elf::R_X86_64_64.0 => (0, 8),
            _ => (3, 4),
        };
        for at in start.saturating_sub(before)..start.saturating_add(after) {
            if let (Some(a), Some(b)) = (expected.get_mut(at), running.get_mut(at)) {
                (*a, *b) = (0, 0);
            }
        }
    }
    expected == running
}

pub fn hazard(live: &Live, entry: i64, length: usize) -> Option<&'static str> {
    let code = live.read(entry, length)?;
    x86_64::entry_hazard(&code)
}

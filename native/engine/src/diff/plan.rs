//! The diff as a whole: from changed units to what is redirected, what is written in place and what is refused.

mod compare;
mod copies;
mod old_values;

use super::absence::{self, Absent};
use super::closures::Renumbered;
use super::correlate::Side;
use super::debug_sides::DebugSides;
use super::identity::Identity;
use super::naming::Naming;
use super::registration::{run_already, Registrations, StartUp};
use super::restore::{self, Restore};
use super::states::{State, States};
use super::taint::{suspended, Taint};
use super::{gates, readers, shared_sections, signatures, vtables, Function, UnitChange};
use crate::format::unit::{SectionId, Symbol, Unit};
use crate::format::Result;
use crate::live::{Along, Live, LiveFunction, SymbolKey, UnitSlot};
use crate::reason::{demangled, Reason};
use compare::compare_functions;
pub use compare::Pairing;
use old_values::keep_for_old_values;
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
    /// Earlier code runs again.
    Restored,
}

/// A function as reports name it.
#[derive(Debug, Clone, Serialize, PartialEq, Eq)]
pub struct Reported {
    pub name: String,
    pub symbol: String,
    pub change: Change,
}

/// A function that is redirected, under one of its names.
pub struct Changed<'p> {
    pub unit: &'p Arc<Unit>,
    pub section: SectionId,
    pub symbol: &'p Symbol,
    /// Where its old versions begin, live addresses.
    pub entries: &'p [i64],
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
    pub moved: FxHashSet<String>,
    pub writes: Vec<Write>,
    /// Functions whose earlier code runs again, and constants for which those of the image stand again.
    pub restores: Vec<Restore>,
    pub reverted: FxHashSet<SymbolKey>,
    /// With the object that had it last.
    pub gone: Vec<(SymbolKey, UnitSlot)>,
    /// Copies that their units gave up, and what they go along with.
    pub along: Vec<Along>,
    /// Running functions that have another symbol from now on.
    pub renamed: FxHashMap<SymbolKey, LiveFunction>,
    /// Running statics, and thread-locals, that have another symbol from now on: where they are.
    pub data: FxHashMap<SymbolKey, i64>,
    pub threads: FxHashMap<SymbolKey, i64>,
    /// Statics that are others than those that had their names before.
    pub fresh: FxHashSet<SymbolKey>,
    pub notes: Vec<String>,
    pub refused: Vec<Reason>,
    /// Where nothing in the process may point when the plan is carried out, because of types that are laid out otherwise.
    pub absent: Vec<Absent>,
    /// What is wrong when something does.
    pub layouts: Vec<Reason>,
    pub changes: Vec<UnitChange>,
    /// Changes of crates of which the program has nothing: there is nothing to compare.
    pub unlinked: Vec<UnitChange>,
    /// The old version of each changed function.
    pub before: FxHashMap<SymbolKey, (Arc<Unit>, SectionId)>,
}

impl PatchPlan {
    /// The function is another one than before: whoever reaches the old entry keeps the old code.
    pub fn make_new(&mut self, key: &SymbolKey) {
        let before = self.status.insert(key.clone(), Status::New);
        if let Some(Status::Changed(entries)) = before {
            // Nor do copies of the old one go along.
            self.along
                .retain(|copy| entries.first() != Some(&copy.with));
        }
        self.before.remove(key);
        let status = &self.status;
        self.roots.retain(|(unit, section)| {
            unit.names_of(*section).iter().any(|s| {
                matches!(
                    status.get(&SymbolKey::of(unit, s)),
                    Some(Status::Changed(_))
                )
            })
        });
    }

    /// The function goes into the patch, and these entries of its running versions become jumps to it.
    pub fn redirect(
        &mut self,
        unit: &Arc<Unit>,
        section: SectionId,
        key: SymbolKey,
        entries: Vec<i64>,
    ) {
        let known =
            |(other, of): &(Arc<Unit>, SectionId)| Arc::ptr_eq(other, unit) && *of == section;
        // Only functions of equal code, which share a section, come twice.
        let is_alias = unit.name_of(section).is_none_or(|s| s.name != key.name);
        if !is_alias || !self.roots.iter().any(known) {
            self.roots.push((unit.clone(), section));
        }
        self.status.insert(key, Status::Changed(entries));
    }

    /// All functions that are redirected, by each of their names.
    pub fn changed(&self) -> impl Iterator<Item = Changed<'_>> {
        self.roots.iter().flat_map(move |(unit, section)| {
            unit.names_of(*section)
                .into_iter()
                .filter_map(
                    move |symbol| match self.status.get(&SymbolKey::of(unit, symbol)) {
                        Some(Status::Changed(entries)) => Some(Changed {
                            unit,
                            section: *section,
                            symbol,
                            entries,
                        }),
                        _ => None,
                    },
                )
        })
    }

    /// The change that `unit` is the new version of.
    pub fn change_to(&self, unit: &Arc<Unit>) -> Option<&UnitChange> {
        self.changes.iter().find(|change| {
            let new = change.new.as_ref().and_then(|slot| slot.unit().ok());
            new.is_some_and(|new| Arc::ptr_eq(&new, unit))
        })
    }

    /// The entries of a function, also of one that had another symbol.
    pub fn entries(&self, live: &Live, unit: &Unit, symbol: &Symbol) -> Vec<i64> {
        let first = match self.renamed.get(&SymbolKey::of(unit, symbol)) {
            Some(function) => Some(function.first()),
            None => live.entries(unit, symbol).first().copied(),
        };
        first.map_or(Vec::new(), |first| self.entries_of(live, first))
    }

    /// The entries of the function whose first one this is, and of copies that go along with it from now on.
    pub fn entries_of(&self, live: &Live, first: i64) -> Vec<i64> {
        let mut entries = live.entries_of(first);
        for copy in self.along.iter().filter(|copy| copy.with == first) {
            for entry in live.entries_of(copy.first) {
                if !entries.contains(&entry) {
                    entries.push(entry);
                }
            }
        }
        entries
    }

    /// What is redirected and what is restored, by name. New functions are known when the patch is linked.
    pub fn redirected(&self) -> Vec<Reported> {
        let mut functions: Vec<Reported> = self
            .changed()
            .map(|changed| Reported {
                name: demangled(&changed.symbol.name),
                symbol: changed.symbol.name.clone(),
                change: Change::Changed,
            })
            .collect();
        functions.extend(self.restores.iter().map(Restore::reported));
        functions.sort_by(|a, b| (&a.name, &a.symbol).cmp(&(&b.name, &b.symbol)));
        functions.dedup();
        functions
    }
}

/// Compares the changed units with what runs. Nothing is changed by it.
pub fn diff(live: &Live, changes: Vec<UnitChange>) -> Result<PatchPlan> {
    let (unlinked, changes): (Vec<_>, Vec<_>) = changes
        .into_iter()
        .partition(|change| live.is_unlinked(&change.crate_id));
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
    let states = States::pair(&old_units, &new_units, &debug, &renumbered);
    let identity = Identity::establish(&old, &new, &new_units, &debug, &renumbered, &states);
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

    plan.notes.extend(renumbered.modules.iter().map(|module| {
        format!("Blocks `const _` of `{module}` were renumbered: old functions in them keep their own code.")
    }));
    let returned = copies::returned(live, &new, &identity, &debug);
    let pairing = Pairing::of(&old, &new, &identity, &renumbered, returned);
    let environments = renumbered.environments.iter().cloned();
    let others = layouts.iter().map(|change| change.type_name.as_str());
    let taint = Taint::find(&debug, others, environments);
    plan.refused
        .extend(suspended::gate(&debug, &pairing, &taint));
    let mut gone = pairing.gone();
    let named = |f: &&Function| !renumbered.functions.contains(&f.key);
    let unclaimed: Vec<&Function> = gone.iter().copied().filter(named).collect();
    plan.along = copies::elsewhere(live, &changes, &unclaimed)?;
    gone.retain(|f| plan.along.iter().all(|copy| copy.key != f.key));
    let slots: Vec<&UnitSlot> = changes.iter().filter_map(|c| c.old.as_ref()).collect();
    let slot = |f: &Function| Some((f.key.clone(), (*slots.get(f.index)?).clone()));
    plan.gone = gone.into_iter().filter_map(slot).collect();
    let slot_of = |(unit, _): &State| {
        let at = old_units.iter().position(|old| Arc::ptr_eq(old, unit))?;
        slots.get(at).map(|slot| (*slot).clone())
    };
    let removed = states.removed();
    plan.gone
        .extend(removed.filter_map(|(key, state)| Some((key.clone(), slot_of(state)?))));
    compare_functions(live, &pairing, &mut plan);
    let mut moved: FxHashSet<String> = FxHashSet::default();
    moved.extend(keep_for_old_values(&debug, &taint, live, &mut plan));
    moved.extend(signatures::gate(
        live, &debug, &pairing, &changes, &mut plan,
    )?);
    moved.extend(gates::constants(live, &old_units, &plan.units, &identity));
    let taken: FxHashSet<String> = identity.taken(&old).cloned().collect();
    readers::redirect(live, &changes, &taint, moved, taken, &mut plan)?;
    let registrations = Registrations::read(live, &changes, &debug);
    gates::Statics {
        live,
        debug: &debug,
        layouts: &layouts,
        old: &old_units,
        states: &states,
        identity: &identity,
        registrations: &registrations,
    }
    .gate(&mut plan);
    plan.notes.extend(registrations.notes());
    restore::recognise(live, &changes, &mut plan)?;
    let start_up = StartUp::of(live, &changes, old_units.iter().chain(&new_units));
    shared_sections::gate(live, &old_units, &start_up, &mut plan);
    run_already(&registrations, &start_up, &mut plan);
    gates::tainted_statics(&debug, &taint, &mut plan);
    let others = absence::changed(&layouts, &taint);
    let names = others.iter().map(|change| change.type_name.as_str());
    let values = Taint::of_types(&debug, names);
    absence::require(live, &changes, &debug, &others, &values, &mut plan)?;
    // No object of a type of which no value may be alive has a vtable of the old shape.
    let none_alive = !plan.layouts.is_empty();
    let is_told = |name: &str| taint.covers(name) || (none_alive && values.covers(name));
    let shapes = vtables::gate(&debug, (&old_units, &new_units), &identity, &is_told);
    let objects = vtables::objects::gate(live, &changes, &layouts, &shapes)?;
    plan.refused.extend(shapes.into_iter().chain(objects));
    gates::entries(live, &identity, &mut plan);
    plan.notes.extend(still_running(&plan));
    plan.refused
        .sort_by(|a, b| (a.code, &a.subject).cmp(&(b.code, &b.subject)));
    plan.refused.dedup();
    plan.changes = changes;
    plan.unlinked = unlinked;
    Ok(plan)
}

/// `main` is entered once: its new code would wait for a call that never comes.
fn still_running(plan: &PatchPlan) -> Option<String> {
    let mut names = plan.changed().map(|c| demangled(&c.symbol.name));
    let main = names.find(|name| {
        name.strip_suffix("::main")
            .is_some_and(|crate_name| !crate_name.contains(':'))
    })?;
    Some(format!(
        "`{main}` is running and keeps its old code until it returns; what it calls is patched."
    ))
}

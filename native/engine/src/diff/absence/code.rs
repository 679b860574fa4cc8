//! Functions that may have an old value in their frame, and functions to which a pointer can be all that is left of one.

use super::super::debug_sides::DebugSides;
use super::super::plan::{PatchPlan, Status};
use super::super::taint::Taint;
use super::super::UnitChange;
use super::hiding::Hiding;
use super::{function_at, statics, Absent, Kind, Ranges};
use crate::format::unit::{SectionId, Unit};
use crate::format::Result;
use crate::layout::{DebugTables, Signature, SymbolKind};
use crate::live::{Live, UnitSlot};
use crate::reason::demangled;
use rustc_hash::{FxHashMap, FxHashSet};
use std::sync::Arc;

/// A version of a unit that has run: what describes it. The image has the first of each; what patches brought of later
/// ones is looked at as a whole.
pub struct Version {
    pub unit: Arc<Unit>,
    pub tables: Arc<DebugTables>,
}

/// Debug tables of all versions of changed units that may have code or data in the process: those that the image was
/// linked from, and those that are current.
pub fn versions(live: &Live, changes: &[UnitChange], debug: &DebugSides) -> Result<Vec<Version>> {
    let current = debug.old.units.iter();
    let mut all: Vec<Version> = current
        .map(|(unit, tables)| Version {
            unit: unit.clone(),
            tables: tables.clone(),
        })
        .collect();
    for change in changes {
        let first = live.base.get(&change.crate_id);
        let first = first.and_then(|units| units.get(&change.name));
        let is_current =
            |slot: &&UnitSlot| change.old.as_ref().is_some_and(|old| old.path == slot.path);
        if let Some(slot) = first.filter(|slot| !is_current(slot)) {
            let (unit, tables) = (slot.unit()?, slot.debug()?);
            all.push(Version { unit, tables });
        }
    }
    Ok(all)
}

/// By symbol. Private copies in several units have one name, and are all meant.
pub struct Code {
    /// Functions that may have an old value in their frame.
    frames: FxHashSet<String>,
    /// Functions to which nothing may point.
    pub pointed: FxHashSet<String>,
    /// Why old values can be where nobody looks, in whole sentences.
    pub hidden: Vec<String>,
}

struct Referring {
    name: String,
    to: FxHashSet<String>,
    is_known: bool,
    takes_bare: bool,
}

impl Code {
    pub fn find(
        live: &Live,
        versions: &[Version],
        values: &Taint<'_>,
        plan: &PatchPlan,
    ) -> Result<Code> {
        let signatures = |symbol: &str| -> Option<Signature<'_>> {
            versions
                .iter()
                .find_map(|v| v.tables.signatures.get(symbol))
        };
        let all = versions.iter().flat_map(|v| v.tables.signatures.iter());
        let mut touching: FxHashSet<String> = all
            .filter(|s| s.kind() == SymbolKind::Function && values.touches(*s))
            .map(|s| s.symbol().to_owned())
            .collect();
        // Units that say nothing of the types in their debug information can call their functions all the same.
        let referring = loop {
            let before = touching.len();
            let mut referring = Vec::new();
            for unit in image_units(live, &touching)? {
                for (section, symbol) in unit.functions() {
                    let signature = signatures(&symbol.name);
                    if signature.is_none() && values.is_in_name(&demangled(&symbol.name)) {
                        touching.insert(symbol.name.clone());
                    }
                    referring.push(Referring {
                        name: symbol.name.clone(),
                        to: targets(&unit, section),
                        is_known: signature.is_some(),
                        takes_bare: signature.is_some_and(|s| values.may_hide_in(s)),
                    });
                }
            }
            if touching.len() == before {
                break referring;
            }
        };
        let mut frames = touching.clone();
        let callers = referring.iter().filter(|f| !f.to.is_disjoint(&touching));
        frames.extend(callers.map(|f| f.name.clone()));
        let left = left_behind(live, plan);
        let changed: FxHashSet<&str> = plan.changed().map(|c| c.symbol.name.as_str()).collect();
        // Who only gives values has none when it is called, and what it gives from then on is new.
        let gives_only = |symbol: &String| {
            let signature = signatures(symbol);
            signature.is_some_and(|signature| !values.takes(signature))
        };
        let mut pointed = touching;
        pointed.retain(|symbol| !gives_only(symbol));
        pointed.extend(left.iter().cloned());
        frames.extend(left);
        let with_bare = referring.iter().filter(|f| {
            f.takes_bare && (frames.contains(&f.name) || changed.contains(f.name.as_str()))
        });
        pointed.extend(with_bare.map(|f| f.name.clone()));
        // Shims call one another: `call_once` of an object the closure, drop glue that of what is inside.
        loop {
            let before = pointed.len();
            let shims = referring.iter().filter(|f| !f.is_known);
            let more: Vec<String> = shims
                .filter(|f| !pointed.contains(&f.name) && !f.to.is_disjoint(&pointed))
                .map(|f| f.name.clone())
                .collect();
            frames.extend(more.iter().cloned());
            pointed.extend(more);
            if pointed.len() == before {
                break;
            }
        }
        let mut code = Code {
            frames,
            pointed,
            hidden: Vec::new(),
        };
        code.hidden.extend(code.exported(live));
        let hiding = Hiding::find(live, versions);
        let concerned: FxHashSet<&str> = code.frames.iter().map(String::as_str).collect();
        let concerned = || concerned.union(&changed).copied();
        let used = used_by(&referring, &concerned().collect());
        let statics = statics::hiding(versions, &hiding, &used);
        let own = hiding.used_by(concerned());
        code.hidden.extend(statics.into_iter().chain(own));
        Ok(code)
    }

    /// What other programs can call by name, they can keep the values of.
    fn exported(&self, live: &Live) -> Option<String> {
        let exported = live.host.exported();
        let mut names: Vec<&String> = self.pointed.iter().collect();
        names.sort_unstable();
        let name = names.into_iter().find(|name| {
            let at = live.host.functions_named(name);
            at.iter().any(|at| exported.contains(at))
        })?;
        let name = demangled(name);
        Some(format!(
            "`{name}` is exported, so other code can have been given some."
        ))
    }

    /// Where they are in the image, with what `plan` and earlier patches have replaced.
    pub fn ranges(&self, live: &Live, plan: &PatchPlan) -> Ranges {
        let host = &live.host;
        let mut found: FxHashMap<u64, (String, bool)> = FxHashMap::default();
        for name in &self.frames {
            for at in host.functions_named(name) {
                found.insert(at, (demangled(name), false));
            }
        }
        let replaced = plan.changed().flat_map(|changed| {
            let name = demangled(&changed.symbol.name);
            changed.entries.iter().map(move |&at| (at, name.clone()))
        });
        for (at, name) in replaced {
            let at = u64::try_from(at).ok().filter(|at| host.holds(*at));
            found.extend(
                at.filter(|at| !found.contains_key(at))
                    .map(|at| (at, (name, false))),
            );
        }
        for &at in live.now.jumps.keys() {
            let at = u64::try_from(at).ok().filter(|at| host.holds(*at));
            if let Some(at) = at.filter(|at| !found.contains_key(at)) {
                found.insert(at, (function_at(live, at), false));
            }
        }
        for name in &self.pointed {
            for at in host.functions_named(name) {
                found.insert(at, (demangled(name), true));
            }
        }
        let range = |(at, (name, is_pointed)): (u64, (String, bool))| {
            let start = i64::try_from(at).ok()?;
            let end = start.checked_add_unsigned(host.room(at).max(2))?;
            let start = if is_pointed {
                start
            } else {
                start.checked_add(1)?
            };
            let kind = Kind::Code;
            Some((
                start,
                Absent {
                    name,
                    kind,
                    start,
                    end,
                },
            ))
        };
        found.into_iter().filter_map(range).collect()
    }

    /// First addresses of functions to which nothing may point.
    pub fn pointed_at(&self, live: &Live) -> FxHashSet<u64> {
        let names = self.pointed.iter();
        names
            .flat_map(|name| live.host.functions_named(name))
            .collect()
    }
}

/// Units that the image was linked from and that have or refer to one of `names`.
pub fn image_units(live: &Live, names: &FxHashSet<String>) -> Result<Vec<Arc<Unit>>> {
    let linked = live.base.iter();
    let linked = linked.filter(|(crate_id, _)| !live.is_unlinked(crate_id));
    let mut units = Vec::new();
    for slot in linked.flat_map(|(_, slots)| slots.values()) {
        if slot.refers_to(names.iter())? || has_one_of(slot, names)? {
            units.push(slot.unit()?);
        }
    }
    Ok(units)
}

fn has_one_of(slot: &UnitSlot, names: &FxHashSet<String>) -> Result<bool> {
    for name in names {
        if slot.has_function(name)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Functions whose entry is not redirected: removed ones, and those that are others under their name from now on. A
/// pointer to one is a way into old code.
fn left_behind(live: &Live, plan: &PatchPlan) -> FxHashSet<String> {
    let status = plan.status.iter();
    let new = status
        .filter(|(_, status)| **status == Status::New)
        .map(|(key, _)| key);
    let all = plan.gone.iter().map(|(key, _)| key).chain(new);
    let all = all.chain(&live.now.hidden).chain(live.now.gone.keys());
    all.map(|key| key.name.clone()).collect()
}

fn targets(unit: &Unit, section: SectionId) -> FxHashSet<String> {
    let relocations = unit.relocations(section).iter();
    relocations
        .filter_map(|r| Some(unit.referred(r)?.name.clone()))
        .collect()
}

/// What these functions refer to.
fn used_by<'r>(referring: &'r [Referring], functions: &FxHashSet<&str>) -> FxHashSet<&'r str> {
    let ours = referring
        .iter()
        .filter(|f| functions.contains(f.name.as_str()));
    ours.flat_map(|f| f.to.iter().map(String::as_str)).collect()
}

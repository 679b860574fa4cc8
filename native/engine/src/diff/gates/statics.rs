//! Data that the running program may have changed.

use super::super::content::Contents;
use super::super::debug_sides::DebugSides;
use super::super::identity::Identity;
use super::super::naming::Naming;
use super::super::plan::PatchPlan;
use super::super::registration::Registrations;
use super::super::returned;
use super::super::states::{State, States};
use crate::format::unit::{Kind, SectionId, Symbol, Unit};
use crate::layout::LayoutChange;
use crate::live::{Live, SymbolKey};
use crate::reason::{demangled, Reason};
use rustc_hash::{FxHashMap, FxHashSet};
use std::sync::Arc;

/// What the gate looks at.
pub struct Statics<'d> {
    pub live: &'d Live,
    pub debug: &'d DebugSides,
    pub layouts: &'d [LayoutChange],
    pub old: &'d [Arc<Unit>],
    pub states: &'d States,
    pub identity: &'d Identity,
    pub registrations: &'d Registrations,
}

impl Statics<'_> {
    /// Statics and thread-locals keep their live value: their size and type must stay, a new initializer is only noted.
    pub fn gate(&self, plan: &mut PatchPlan) {
        let Statics { live, states, .. } = *self;
        let known = states.refused.iter();
        let known = known.filter(|reason| !self.registrations.hides_path(&reason.subject));
        plan.refused.extend(known.cloned());
        let paths: FxHashMap<String, &SymbolKey> = states
            .old
            .keys()
            .map(|key| (demangled(&key.name), key))
            .collect();
        for (key, (unit, section)) in &states.new {
            let name = demangled(&key.name);
            let Some(symbol) = unit.name_of(*section) else {
                continue;
            };
            match states.partner(key) {
                _ if self.registrations.hides(&key.name) => {}
                Some(before) => self.kept(key, before, (unit, *section), plan),
                None if states.fresh.contains(key) => drop(plan.fresh.insert(key.clone())),
                None if bring_back(live, self.debug, key, unit, symbol, plan) => {}
                // rustc hashes a static's type into its symbol: one path under another symbol is another type.
                None => {
                    let other = paths
                        .get(&name)
                        .filter(|other| !states.new.contains_key(other));
                    let reason =
                        other.map(|other| self.refusal(&name, (&other.name, &key.name), ""));
                    plan.refused.extend(reason);
                }
            }
        }
        writable(self.old, states, plan);
        for (new, old) in &states.renamed {
            let Some((unit, section)) = states.old.get(old) else {
                continue;
            };
            let Some(symbol) = unit.name_of(*section) else {
                continue;
            };
            if let Some(address) = live.datum(unit, symbol) {
                plan.data.insert(new.clone(), address);
            }
            if let Some(offset) = live.thread_local(unit, symbol) {
                plan.threads.insert(new.clone(), offset);
            }
        }
        plan.notes.sort();
        plan.notes.dedup();
    }

    fn kept(
        &self,
        key: &SymbolKey,
        (old, before): &State,
        (new, after): (&Unit, SectionId),
        plan: &mut PatchPlan,
    ) {
        let name = demangled(&key.name);
        let known = self.states.renamed.get(key).unwrap_or(key);
        let symbols = (known.name.as_str(), key.name.as_str());
        let size = |unit: &Unit, section: usize| unit.sections.get(section).map_or(0, |s| s.size);
        let (was, is) = (size(old, *before), size(new, after));
        if was != is {
            let sizes = format!("its size from {was} to {is} bytes");
            plan.refused.push(self.refusal(&name, symbols, &sizes));
        } else if self.retyped(symbols) {
            plan.refused.push(self.refusal(&name, symbols, ""));
        } else if Contents::new(old).section(*before)
            != Contents::with(new, Naming::Renamed(&self.identity.rename)).section(after)
        {
            plan.notes.push(format!(
                "`{name}` keeps its live value; its new initial value applies after a restart."
            ));
        }
    }

    /// With v0 mangling the symbol of a static says nothing about its type.
    fn retyped(&self, (before, after): (&str, &str)) -> bool {
        match (
            self.debug.old.signature(before),
            self.debug.new.signature(after),
        ) {
            (Some(a), Some(b)) => a.digest() != b.digest(),
            _ => false,
        }
    }

    /// `symbols`: the old and the new one. `sizes` in place of the types where debug information does not tell them.
    fn refusal(&self, name: &str, symbols: (&str, &str), sizes: &str) -> Reason {
        let before = self.debug.old.signature(symbols.0).map(|s| s.result());
        let after = self.debug.new.signature(symbols.1).map(|s| s.result());
        let what = match (before, after) {
            (Some(before), Some(after)) if before != after => {
                format!("its type from `{before}` to `{after}`")
            }
            (Some(of), _) => match self.layouts.iter().find(|change| change.type_name == of) {
                Some(change) => format!("the layout of its type `{of}` ({})", change.what),
                None if sizes.is_empty() => "its type".to_string(),
                None => format!("the layout of its type `{of}`, {sizes}"),
            },
            _ if sizes.is_empty() => "its type".to_string(),
            _ => sizes.to_string(),
        };
        Reason::new(
            "static-layout",
            name,
            format!("The static `{name}` changed {what}, and its live value has the old one."),
        )
    }
}

/// A static that an earlier edit removed, and whose old place the program still has: the same one again, with its live
/// value, or another one. False for what the program has nothing of.
fn bring_back(
    live: &Live,
    debug: &DebugSides,
    key: &SymbolKey,
    unit: &Unit,
    symbol: &Symbol,
    plan: &mut PatchPlan,
) -> bool {
    let (datum, thread) = (live.datum(unit, symbol), live.thread_local(unit, symbol));
    if datum.is_none() && thread.is_none() {
        return false;
    }
    let name = demangled(&key.name);
    if returned::is_same_static(live, debug, key, unit) {
        plan.data.extend(datum.map(|at| (key.clone(), at)));
        plan.threads.extend(thread.map(|at| (key.clone(), at)));
        let note = format!("`{name}` is there again and goes on with its live value.");
        plan.notes.push(note);
    } else {
        plan.fresh.insert(key.clone());
        let note = format!("`{name}` is another static than the one of this name that was removed, and starts with its initial value.");
        plan.notes.push(note);
    }
    true
}

/// What was read-only lies where nobody can write, and what was writable may hold another value than its initial one.
fn writable(old: &[Arc<Unit>], states: &States, plan: &mut PatchPlan) {
    let constants = |units: &[Arc<Unit>]| -> FxHashSet<SymbolKey> {
        let of = |unit: &Arc<Unit>| -> Vec<SymbolKey> {
            unit.named(Kind::is_constant)
                .map(|(_, symbol)| SymbolKey::of(unit, symbol))
                .collect()
        };
        units.iter().flat_map(of).collect()
    };
    let (before, after) = (constants(old), constants(&plan.units));
    let changed = [
        (&before, &states.new, "was read-only and can be changed now"),
        (&after, &states.old, "could be changed and is read-only now"),
    ];
    let mut reasons = Vec::new();
    for (constants, states, what) in changed {
        for key in states.keys().filter(|key| constants.contains(key)) {
            let name = demangled(&key.name);
            let message =
                format!("The static `{name}` {what}, and the program has it in the old place.");
            reasons.push(Reason::new("static-layout", name, message));
        }
    }
    plan.refused.extend(reasons);
}

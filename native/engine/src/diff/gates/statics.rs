//! Data that the running program may have changed.

use super::super::content::Contents;
use super::super::debug_sides::DebugSides;
use super::super::identity::Identity;
use super::super::naming::Naming;
use super::super::plan::PatchPlan;
use super::super::states::{State, States};
use crate::format::unit::{Kind, SectionId, Unit};
use crate::live::{Live, SymbolKey};
use crate::reason::{demangled, Reason};
use rustc_hash::{FxHashMap, FxHashSet};
use std::sync::Arc;

/// Statics and thread-locals keep their live value: their size and type must stay, a new initializer is only noted.
pub fn statics(
    live: &Live,
    debug: &DebugSides,
    old: &[Arc<Unit>],
    states: &States,
    identity: &Identity,
    plan: &mut PatchPlan,
) {
    plan.refused.extend(states.refused.iter().cloned());
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
            Some(before) => kept(debug, identity, key, before, (unit, *section), plan),
            // rustc hashes a static's type into its symbol: one path under another symbol is another type.
            None if live.datum(unit, symbol).is_none()
                && live.thread_local(unit, symbol).is_none()
                && paths
                    .get(&name)
                    .is_some_and(|other| !states.new.contains_key(other)) =>
            {
                plan.refused.push(retype(&name));
            }
            None => {}
        }
    }
    writable(old, states, plan);
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

fn retype(name: &str) -> Reason {
    Reason::new(
        "static-layout",
        name,
        format!("The static `{name}` changed its type, and its live value has the old one."),
    )
}

fn kept(
    debug: &DebugSides,
    identity: &Identity,
    key: &SymbolKey,
    (old, before): &State,
    (new, after): (&Unit, SectionId),
    plan: &mut PatchPlan,
) {
    let name = demangled(&key.name);
    let size = |unit: &Unit, section: usize| unit.sections.get(section).map_or(0, |s| s.size);
    let (was, is) = (size(old, *before), size(new, after));
    if was != is {
        plan.refused.push(Reason::new(
            "static-layout",
            name.clone(),
            format!("The static `{name}` changed its size from {was} to {is} bytes, and its live value has the old one."),
        ));
    } else if retyped(debug, &key.name) {
        plan.refused.push(retype(&name));
    } else if Contents::new(old).section(*before)
        != Contents::with(new, Naming::Renamed(&identity.rename)).section(after)
    {
        plan.notes.push(format!(
            "`{name}` keeps its live value; its new initial value applies after a restart."
        ));
    }
}

/// With v0 mangling the symbol of a static says nothing about its type.
fn retyped(debug: &DebugSides, symbol: &str) -> bool {
    match (debug.old.signature(symbol), debug.new.signature(symbol)) {
        (Some(a), Some(b)) => a.digest() != b.digest(),
        _ => false,
    }
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

//! What must not change under a running program. Every reason is collected, not the first.

pub mod entries;
pub mod layout_reasons;
mod statics;

pub use entries::{entries, has_code};
pub use statics::Statics;

use super::content::{Contents, Digest};
use super::debug_sides::DebugSides;
use super::identity::Identity;
use super::naming::Naming;
use super::plan::PatchPlan;
use super::taint::Taint;
use crate::format::unit::Unit;
use crate::layout::{self, LayoutChange, SymbolKind};
use crate::live::{Live, SymbolKey};
use crate::reason::{demangled, Reason};
use rustc_hash::{FxHashMap, FxHashSet};
use std::sync::Arc;

/// What is laid out otherwise than before, of all types that both sides know.
pub fn layout_changes(debug: &DebugSides) -> Vec<LayoutChange> {
    let old: Vec<_> = debug.old.units.iter().map(|(_, t)| &t.types).collect();
    let new: Vec<_> = debug.new.units.iter().map(|(_, t)| &t.types).collect();
    layout::compare_all(&old, &new)
}

/// A static must not hold a closure or future whose layout changed: new code would meet its value. Other types that are
/// laid out otherwise are the matter of [`super::absence`], and pointers to objects of a trait that of [`super::vtables`].
pub fn tainted_statics(debug: &DebugSides, taint: &Taint<'_>, plan: &mut PatchPlan) {
    for signature in debug
        .new
        .units
        .iter()
        .flat_map(|(_, tables)| tables.signatures.iter())
    {
        if signature.kind() == SymbolKind::Static
            && taint.touches(signature)
            && debug.old.signature(signature.symbol()).is_some()
        {
            let name = demangled(signature.symbol());
            plan.refused.push(Reason::new(
                "static-layout",
                name.clone(),
                format!("The static `{name}` holds a closure or future whose layout changed, and its live value has the old one."),
            ));
        }
    }
}

/// Names of constants whose contents are not what they were. One that an earlier edit removed has the old contents where
/// the program has it, and nobody knows them any more.
pub fn constants(
    live: &Live,
    old: &[Arc<Unit>],
    new: &[Arc<Unit>],
    identity: &Identity,
) -> FxHashSet<String> {
    let digests = |units: &[Arc<Unit>], naming: Naming<'_>| {
        let mut all = FxHashMap::default();
        for unit in units {
            let contents = Contents::with(unit, naming);
            for (section, symbol) in unit.named(|kind| kind.is_constant()) {
                all.insert(SymbolKey::of(unit, symbol), contents.section(section));
            }
        }
        all
    };
    let before = digests(old, Naming::Exact);
    let mut by_name: FxHashMap<&str, Vec<&Digest>> = FxHashMap::default();
    for (key, digest) in &before {
        by_name.entry(&key.name).or_default().push(digest);
    }
    let mut moved = digests(new, Naming::Renamed(&identity.rename));
    moved.retain(|key, digest| match before.get(key) {
        Some(known) => known != digest,
        None => match by_name.get(key.name.as_str()).map(Vec::as_slice) {
            // It was shared, and is its unit's own now, or the other way round.
            Some(known) => known.iter().any(|known| *known != digest),
            None => new.iter().any(|unit| {
                let symbol = unit.symbol_named(&key.name);
                symbol.is_some_and(|s| live.datum(unit, s).is_some())
            }),
        },
    });
    moved.into_keys().map(|key| key.name).collect()
}

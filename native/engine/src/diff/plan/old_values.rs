//! Code for values of types that are laid out otherwise than before.

use super::super::debug_sides::DebugSides;
use super::super::taint::Taint;
use super::{Changed, PatchPlan};
use crate::live::SymbolKey;

/// Functions that were compiled for a type whose old values are laid out otherwise: the old ones keep their entry, for
/// the old values; the new ones are for new values. Gives the names that mean another function from now on.
pub fn keep_for_old_values(debug: &DebugSides, taint: &Taint, plan: &mut PatchPlan) -> Vec<String> {
    let touched = |changed: Changed<'_>| {
        let signature = debug.new.signature(&changed.symbol.name)?;
        taint
            .touches(signature)
            .then(|| SymbolKey::of(changed.unit, changed.symbol))
    };
    let keys: Vec<SymbolKey> = plan.changed().filter_map(touched).collect();
    keys.into_iter()
        .map(|key| {
            plan.make_new(&key);
            key.name
        })
        .collect()
}

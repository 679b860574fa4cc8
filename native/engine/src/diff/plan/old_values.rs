//! Code for values of types that are laid out otherwise than before.

use super::super::debug_sides::DebugSides;
use super::super::taint::{environment, Taint};
use super::PatchPlan;
use crate::live::{crate_name, Live, SymbolKey};
use crate::reason::demangled;
use std::collections::BTreeSet;

/// Functions that were compiled for a type whose old values are laid out otherwise: the old ones keep their entry, for
/// the old values; the new ones are for new values. Gives the names that mean another function from now on.
///
/// An object that holds such a value, or a pointer to what makes them, is for old values too, and goes on with the old code
/// for as long as it lives. Nothing tells whether there is any, so the person is told.
pub fn keep_for_old_values(
    debug: &DebugSides,
    taint: &Taint<'_>,
    live: &Live,
    plan: &mut PatchPlan,
) -> Vec<String> {
    let mut owners = BTreeSet::new();
    let mut keys = Vec::new();
    for changed in plan.changed() {
        let name = &changed.symbol.name;
        match debug.new.signature(name) {
            Some(signature) if taint.touches(signature) => {
                if environment(signature).is_some() && is_own(live, signature.scope()) {
                    owners.insert(format!("`{}`", owner(&demangled(name))));
                }
            }
            None if taint.touches_shim(&demangled(name)) => {}
            _ => continue,
        }
        keys.push(SymbolKey::of(changed.unit, changed.symbol));
    }
    if !owners.is_empty() {
        let owners = Vec::from_iter(owners).join(", ");
        plan.notes.push(format!("Futures and closures of {owners} from before go on in the old code, and so does what holds one or a pointer to what makes them."));
    }
    keys.into_iter()
        .map(|key| {
            plan.make_new(&key);
            key.name
        })
        .collect()
}

/// Whose closure or async body a function is: `app::Get::apply` of `app::Get::apply::{{closure}}`, in v0 of `{closure#0}`.
fn owner(body: &str) -> &str {
    match body.rsplit_once("::{") {
        Some((owner, last)) if last.ends_with('}') => owner,
        _ => body,
    }
}

/// Whether a path leads into a crate of the workspace.
fn is_own(live: &Live, scope: &str) -> bool {
    let first = scope.split("::").next().unwrap_or(scope);
    live.now.crates.keys().any(|id| crate_name(id) == first)
}

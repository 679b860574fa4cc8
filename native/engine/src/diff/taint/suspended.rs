//! Futures that wait with other values alive than before, in the same layout.
//!
//! A local that was borrowed keeps its place in an async body after it was moved out of (rustc's `MaybeRequiresStorage`), so
//! `drop(guard)` before an `.await` and behind it make types of equal layout. A future that waits there, finished or
//! dropped by code for the other, would drop the guard twice or never. Which values are alive at each `.await` is what the
//! drop glue of the type is about. Optimised, it may be a part of what drops the future, and is not seen.

use super::super::content::Digest;
use super::super::correlate::Side;
use super::super::debug_sides::{DebugSide, DebugSides};
use super::super::plan::Pairing;
use super::text::environment_in;
use super::Taint;
use crate::layout::Signature;
use crate::reason::Reason;
use rustc_hash::FxHashMap;
use std::collections::BTreeSet;

/// Refuses futures whose drop glue does something else than before. Those of `taint` keep their old code anyway.
pub fn gate(debug: &DebugSides, pairing: &Pairing<'_>, taint: &Taint<'_>) -> Vec<Reason> {
    let after = glue(pairing.new, &debug.new);
    let before = glue(pairing.old, &debug.old);
    let changed = before.iter().filter(|(name, old)| {
        let is_other = after.get(*name).is_some_and(|new| new != *old);
        is_other && !taint.covers(name)
    });
    let mut names: Vec<&str> = changed.map(|(name, _)| *name).collect();
    names.sort_unstable();
    let refused = names.into_iter().map(|name| {
        let message = format!("A waiting `{name}` has other values to drop than before in the same layout, and such futures may be alive.");
        Reason::new("type-layout", name, message)
    });
    refused.collect()
}

/// What the drop glue of futures does, by their types.
fn glue<'d>(side: &Side<'_>, debug: &'d DebugSide) -> FxHashMap<&'d str, BTreeSet<Digest>> {
    let mut all: FxHashMap<&str, BTreeSet<Digest>> = FxHashMap::default();
    for (key, function) in &side.functions {
        let name = debug.signature(&key.name).and_then(dropped);
        if let Some(name) = name.filter(|name| is_future(name)) {
            all.entry(name).or_default().insert(function.digest);
        }
    }
    all
}

/// A closure is whole for as long as it lives; what can wait is an async body.
fn is_future(name: &str) -> bool {
    let last = environment_in(name).and_then(|own| own.rsplit("::").next());
    last.is_some_and(|last| !last.starts_with("{closure_env#"))
}

/// The type that a function is the drop glue of: `drop_in_place<app::run::{async_fn_env#0}>`.
fn dropped(signature: Signature<'_>) -> Option<&str> {
    let name = signature.name().strip_prefix("drop_in_place<")?;
    name.strip_suffix('>')
}

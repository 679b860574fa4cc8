//! The signature gate. A function that takes or gives other types than before is another function: new callers get the
//! new one, the old entry is not redirected, for whoever reaches it through an old pointer passes the old types.

use super::correlate::Side;
use super::debug_sides::DebugSides;
use super::identity::Identity;
use super::plan::PatchPlan;
use crate::arch::x86_64;
use crate::format::unit::{SymbolKind, Target, Unit};
use crate::format::Result;
use crate::live::{Live, SymbolKey, UnitSlot};
use crate::reason::{demangled, Reason};
use object::elf::{
    R_X86_64_GOTPCREL, R_X86_64_GOTPCRELX, R_X86_64_PC32, R_X86_64_PLT32, R_X86_64_REX_GOTPCRELX,
};
use rustc_hash::{FxHashMap, FxHashSet};
use std::sync::Arc;

/// Names whose callers must be redirected though their own bytes did not change: v0 symbols do not spell the signature,
/// so a call can look the same and mean another function.
pub fn gate(
    live: &Live,
    debug: &DebugSides,
    old: &Side<'_>,
    new: &Side<'_>,
    identity: &Identity,
    plan: &mut PatchPlan,
) -> Result<FxHashSet<String>> {
    let mut moved = FxHashSet::default();
    let mut suspects: Vec<(SymbolKey, String)> = Vec::new();
    for key in new.functions.keys() {
        let Some(before) = identity.partner(old, key) else {
            continue;
        };
        // Paired by meaning: all that differs is how the types of its closures are numbered.
        if before.key.name != key.name {
            continue;
        }
        if let Some(what) = difference(debug, &before.key.name, &key.name) {
            suspects.push((key.clone(), what));
        }
    }
    let kept = suspects.len();
    suspects.extend(renamed(debug, old, new, identity, &plan.gone));
    if suspects.is_empty() {
        return Ok(moved);
    }
    for (index, (key, what)) in suspects.into_iter().enumerate() {
        let name = demangled(&key.name);
        let mut units = Vec::new();
        for slot in live.now.crates.values().flat_map(|units| units.values()) {
            if slot.refers_to(std::iter::once(&key.name))? {
                units.push(slot.unit()?);
            }
        }
        if address_taken(&units, &key.name) {
            plan.refused.push(Reason::new(
                "signature",
                name.clone(),
                format!("The signature of `{name}` changed ({what}), and the running program may hold pointers to the old one."),
            ));
        } else if index < kept {
            plan.make_new(&key);
            moved.insert(key.name);
        }
    }
    Ok(moved)
}

fn difference(debug: &DebugSides, old: &str, new: &str) -> Option<String> {
    let (a, b) = (debug.old.signature(old)?, debug.new.signature(new)?);
    (a.digest() != b.digest()).then(|| format!("{} -> {}", a.display(), b.display()))
}

/// Functions that vanished while another of the same path and another signature appeared: with legacy mangling the hash
/// in the symbol covers the signature. Nothing is redirected for them; only old pointers matter.
fn renamed(
    debug: &DebugSides,
    old: &Side<'_>,
    new: &Side<'_>,
    identity: &Identity,
    gone: &[(SymbolKey, UnitSlot)],
) -> Vec<(SymbolKey, String)> {
    let mut appeared: FxHashMap<String, Vec<&str>> = FxHashMap::default();
    for key in new
        .functions
        .keys()
        .filter(|key| identity.partner(old, key).is_none())
    {
        appeared
            .entry(demangled(&key.name))
            .or_default()
            .push(&key.name);
    }
    gone.iter()
        .filter_map(|(key, _)| {
            // Instances of one generic share their path; which became which cannot be told, nor does it matter. Nor do
            // closures: a pointer to an old one leads to old code.
            let [only] = appeared.get(&demangled(&key.name))?.as_slice() else {
                return None;
            };
            let name = debug.old.signature(&key.name)?.name();
            let same = !name.starts_with('{') && debug.new.signature(only)?.name() == name;
            Some((
                key.clone(),
                difference(debug, &key.name, only).filter(|_| same)?,
            ))
        })
        .collect()
}

/// Whether some relocation other than a call takes the address of `name`.
fn address_taken(units: &[Arc<Unit>], name: &str) -> bool {
    const BY_CODE: [u32; 5] = [
        R_X86_64_PLT32.0,
        R_X86_64_PC32.0,
        R_X86_64_GOTPCREL.0,
        R_X86_64_GOTPCRELX.0,
        R_X86_64_REX_GOTPCRELX.0,
    ];
    units.iter().any(|unit| {
        (0..unit.sections.len()).any(|section| {
            unit.relocations(section).iter().any(|r| {
                let target = match unit.target(r) {
                    Target::Undefined(symbol) => &symbol.name,
                    Target::Section {
                        section: target,
                        symbol,
                        ..
                    } => match unit.called(target, symbol) {
                        Some(named) if symbol.kind == SymbolKind::Section => &named.name,
                        _ => &symbol.name,
                    },
                };
                let called = BY_CODE.contains(&r.kind)
                    && x86_64::is_call_or_jump(unit.bytes(section), r.offset);
                target == name && !called && unit.sections[section].name != ".eh_frame"
            })
        })
    })
}

//! The signature gate. A function that takes or gives other types than before is another function: new callers get the
//! new one, the old entry is not redirected, for whoever reaches it through an old pointer passes the old types. The same
//! goes for the shims by which `dyn Fn` calls it (`shims`).

use super::debug_sides::DebugSides;
use super::plan::{Pairing, PatchPlan};
use super::{shims, UnitChange};
use crate::arch::x86_64;
use crate::format::unit::{SymbolKind, Target, Unit};
use crate::format::Result;
use crate::layout::Signature;
use crate::live::{crate_name, Live, SymbolKey, UnitSlot};
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
    pairing: &Pairing<'_>,
    changes: &[UnitChange],
    plan: &mut PatchPlan,
) -> Result<FxHashSet<String>> {
    let mut moved = FxHashSet::default();
    let mut suspects: Vec<(SymbolKey, String)> = Vec::new();
    for key in pairing.new.functions.keys() {
        // Paired by meaning: all that differs is how the types of its closures are numbered.
        let mut olds = pairing.olds(key).into_iter();
        if olds.all(|before| before.key.name != key.name) {
            continue;
        }
        if let Some(what) = difference(debug, &key.name, &key.name) {
            suspects.push((key.clone(), what));
        }
    }
    for key in shims::of_others(debug, pairing, &suspects, &plan.gone) {
        plan.make_new(&key);
        moved.insert(key.name);
    }
    let kept = suspects.len();
    suspects.extend(renamed(debug, pairing, changes, &plan.gone));
    if suspects.is_empty() {
        return Ok(moved);
    }
    for (index, (key, what)) in suspects.into_iter().enumerate() {
        let name = demangled(&key.name);
        let mut units = Vec::new();
        for (_, _, slot) in live.others(&[]) {
            if slot.refers_to(std::iter::once(&key.name))? {
                units.push(slot.unit()?);
            }
        }
        let signature = debug.old.signature(&key.name);
        let may_be_cast = signature.is_none_or(|s| has_own_pointers(s, changes));
        if may_be_cast && address_taken(&units, &key.name) {
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
    pairing: &Pairing<'_>,
    changes: &[UnitChange],
    gone: &[(SymbolKey, UnitSlot)],
) -> Vec<(SymbolKey, String)> {
    let mut appeared: FxHashMap<String, Vec<&str>> = FxHashMap::default();
    let keys = pairing.new.functions.keys();
    for key in keys.filter(|key| pairing.olds(key).is_empty()) {
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
            let (a, b) = (debug.old.signature(&key.name)?, debug.new.signature(only)?);
            let same = !a.name().starts_with('{')
                && (a.name(), a.scope()) == (b.name(), b.scope())
                && is_compiled(changes, a.scope());
            Some((
                key.clone(),
                difference(debug, &key.name, only).filter(|_| same)?,
            ))
        })
        .collect()
}

/// Whether a pointer to the function can be kept as a bare address, which tells nobody its type: functions that one can
/// name. To closures, and to the shims of `dyn Fn`, types lead, and those are compared.
fn has_own_pointers(signature: Signature<'_>, changes: &[UnitChange]) -> bool {
    !signature.name().starts_with('{') && is_compiled(changes, signature.scope())
}

/// Whether what is declared in this scope is of a crate that was compiled anew. The others have what they had: of theirs
/// there are but other instances.
fn is_compiled(changes: &[UnitChange], scope: &str) -> bool {
    let name = scope.split("::").next().unwrap_or_default();
    name.is_empty()
        || changes
            .iter()
            .any(|change| crate_name(&change.crate_id) == name)
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

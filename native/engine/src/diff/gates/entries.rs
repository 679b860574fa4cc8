//! Entries that cannot become a jump: the function is too short, shares its code with another, or branches back into
//! its first bytes; and images that do not hold what the old objects say.

use super::super::identity::Identity;
use super::super::plan::{Changed, PatchPlan};
use crate::arch::x86_64;
use crate::format::unit::{SectionId, Unit};
use crate::live::{Live, SymbolKey};
use crate::reason::{demangled, Reason};
use rustc_hash::{FxHashMap, FxHashSet};
use std::sync::Arc;

/// Adds a reason for every entry of a redirected function that must be left alone.
pub fn entries(live: &Live, identity: &Identity, plan: &mut PatchPlan) {
    let mut reasons = Vec::new();
    let mut redirected: FxHashSet<&str> = plan.changed().map(|c| c.symbol.name.as_str()).collect();
    let old_names: Vec<&str> = redirected
        .iter()
        .filter_map(|name| identity.rename.get(*name).map(String::as_str))
        .collect();
    redirected.extend(old_names);
    let mut targets: FxHashMap<i64, (*const Unit, SectionId)> = FxHashMap::default();
    for changed in plan.changed() {
        let name = demangled(&changed.symbol.name);
        for &entry in changed.entries {
            let target = (Arc::as_ptr(changed.unit), changed.section);
            if *targets.entry(entry).or_insert(target) != target {
                reasons.push(Reason::new("folded-function", name.clone(), format!("`{name}` shared its machine code with another function, and both changed, each in its own way.")));
            }
            // What has become a jump already was looked at then.
            if live.is_overwritten(entry) {
                continue;
            }
            reasons.extend(check(live, plan, &changed, entry, &redirected));
        }
    }
    plan.refused.extend(reasons);
}

fn check(
    live: &Live,
    plan: &PatchPlan,
    changed: &Changed<'_>,
    entry: i64,
    redirected: &FxHashSet<&str>,
) -> Option<Reason> {
    let name = demangled(&changed.symbol.name);
    let key = SymbolKey::of(changed.unit, changed.symbol);
    let hazard = |code: &[u8]| {
        let why = x86_64::entry_hazard(code)?;
        Some(Reason::new(
            "entry-not-patchable",
            name.clone(),
            format!("The entry of `{name}` cannot be overwritten safely: {why}."),
        ))
    };
    let Some(address) = u64::try_from(entry).ok().filter(|a| live.host.holds(*a)) else {
        return hazard(live.block(entry)?);
    };
    // A reader of a changed constant is taken from the very object that was linked.
    let untouched = || {
        !plan
            .units
            .iter()
            .any(|unit| Arc::ptr_eq(unit, changed.unit))
    };
    let known = match plan.before.get(&key) {
        Some((unit, section)) => Some((unit, *section)),
        None => untouched().then_some((changed.unit, changed.section)),
    };
    let only = changed.entries.len() == 1;
    if known.is_some_and(|(unit, section)| only && !runs_at(live, unit, section, entry)) {
        return Some(Reason::new("foreign-image", name.clone(), format!("`{name}` in the image is not the code that was compiled; the image was changed after it was linked.")));
    }
    let room = live.host.room(address);
    if room < x86_64::JUMP {
        return Some(Reason::new(
            "function-too-short",
            name.clone(),
            format!("`{name}` has only {room} bytes, too few for a jump to its new code."),
        ));
    }
    let code = live.read(entry, room.min(1 << 20) as usize)?;
    hazard(&code).or_else(|| folded(live, &name, address, redirected))
}

fn folded(live: &Live, name: &str, address: u64, redirected: &FxHashSet<&str>) -> Option<Reason> {
    let all = live.host.functions_at(address);
    if all.len() == 1 {
        return None; // itself, perhaps under the name that it had
    }
    let others: Vec<String> = all
        .iter()
        .filter(|other| !redirected.contains(other.as_str()))
        .map(|other| demangled(other))
        .collect();
    if others.is_empty() {
        return None;
    }
    let others = others.join("`, `");
    let message =
        format!("`{name}` shares its machine code with `{others}`, which did not change.");
    Some(Reason::new("folded-function", name, message))
}

/// Whether the running code at an entry is what the old object says, relocated fields aside.
pub fn runs_at(live: &Live, unit: &Unit, section: SectionId, address: i64) -> bool {
    has_code(unit, section, live.read(address, unit.bytes(section).len()))
}

/// Whether these bytes of an image are what the object says, relocated fields aside.
pub fn has_code(unit: &Unit, section: SectionId, bytes: Option<Vec<u8>>) -> bool {
    let Some(mut running) = bytes else {
        return false;
    };
    let mut expected = unit.bytes(section).to_vec();
    for r in unit.relocations(section) {
        let start = r.offset as usize;
        // The linker may rewrite the instruction of a GOT or TLS reference as well: up to 4 bytes before the field
        // (psABI B.2, TLS 5.5: the general-dynamic sequence is 16 bytes around its field).
        let (before, after) = match r.kind {
            k if k == object::elf::R_X86_64_TLSGD.0 => (4, 12),
            k if k == object::elf::R_X86_64_64.0 => (0, 8),
            _ => (3, 4),
        };
        for at in start.saturating_sub(before)..start.saturating_add(after) {
            if let (Some(a), Some(b)) = (expected.get_mut(at), running.get_mut(at)) {
                (*a, *b) = (0, 0);
            }
        }
    }
    expected == running
}

//! What must not change under a running program. Every reason is collected, not the first.

use super::content::Contents;
use super::debug_sides::DebugSides;
use super::plan::{hazard, runs_at, PatchPlan, Status};
use super::taint::Taint;
use crate::arch::x86_64;
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

/// Types that both sides know must agree in size, alignment, fields and variants. Tainted ones need not, but for those
/// of a static, whose value new code would meet.
pub fn layouts(changes: &[LayoutChange], debug: &DebugSides, taint: &Taint, plan: &mut PatchPlan) {
    for change in changes.iter().filter(|c| !taint.mentions(&c.type_name)) {
        let name = &change.type_name;
        plan.refused.push(Reason::new(
            "type-layout",
            name.clone(),
            format!(
                "The layout of `{name}` changed ({}), and values of the old layout may be alive.",
                change.what
            ),
        ));
    }
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

/// Names of constants whose contents are not what they were.
pub fn constants(old: &[Arc<Unit>], new: &[Arc<Unit>]) -> FxHashSet<String> {
    let digests = |units: &[Arc<Unit>]| {
        let mut all = FxHashMap::default();
        for unit in units {
            let contents = Contents::new(unit);
            for (section, symbol) in unit.named(|kind| kind.is_constant()) {
                all.insert(SymbolKey::of(unit, symbol), contents.section(section));
            }
        }
        all
    };
    let before = digests(old);
    digests(new)
        .into_iter()
        .filter(|(key, digest)| before.get(key).is_some_and(|b| b != digest))
        .map(|(k, _)| k.name)
        .collect()
}

/// Statics and thread-locals keep their live value: their size and type must stay, a new initializer is only noted.
pub fn statics(live: &Live, debug: &DebugSides, old: &[Arc<Unit>], plan: &mut PatchPlan) {
    let mut before = FxHashMap::default();
    for unit in old {
        let contents = Contents::new(unit);
        for (section, symbol) in unit.named(|kind| kind.is_state()) {
            before.insert(
                SymbolKey::of(unit, symbol),
                (unit.sections[section].size, contents.section(section)),
            );
        }
    }
    let paths: FxHashMap<String, &SymbolKey> = before
        .keys()
        .map(|key| (demangled(&key.name), key))
        .collect();
    let mut present = FxHashSet::default();
    for unit in &plan.units {
        present.extend(
            unit.named(|kind| kind.is_state())
                .map(|(_, s)| SymbolKey::of(unit, s)),
        );
    }
    for unit in plan.units.clone() {
        let contents = Contents::new(&unit);
        for (section, symbol) in unit.named(|kind| kind.is_state()) {
            let key = SymbolKey::of(&unit, symbol);
            let name = demangled(&symbol.name);
            match before.get(&key) {
                Some((size, _)) if *size != unit.sections[section].size => plan.refused.push(Reason::new(
                    "static-layout",
                    name.clone(),
                    format!("The static `{name}` changed its size from {size} to {} bytes, and its live value has the old one.", unit.sections[section].size),
                )),
                Some(_) if retyped(debug, &symbol.name) => plan.refused.push(Reason::new(
                    "static-layout",
                    name.clone(),
                    format!("The static `{name}` changed its type, and its live value has the old one."),
                )),
                Some((_, digest)) if *digest != contents.section(section) => {
                    plan.notes.push(format!("`{name}` keeps its live value; its new initial value applies after a restart."));
                }
                Some(_) => {}
                // rustc hashes a static's type into its symbol: one path under another symbol is another type.
                None if live.datum(&unit, symbol).is_none()
                    && live.thread_local(&unit, symbol).is_none()
                    && paths.get(&name).is_some_and(|other| !present.contains(other)) =>
                {
                    plan.refused.push(Reason::new(
                        "static-layout",
                        name.clone(),
                        format!("The static `{name}` changed its type, and its live value has the old one."),
                    ));
                }
                None => {}
            }
        }
    }
    plan.notes.sort();
    plan.notes.dedup();
}

/// With v0 mangling the symbol of a static says nothing about its type.
fn retyped(debug: &DebugSides, symbol: &str) -> bool {
    match (debug.old.signature(symbol), debug.new.signature(symbol)) {
        (Some(a), Some(b)) => a.digest() != b.digest(),
        _ => false,
    }
}

/// Entries that cannot become a jump: the function is too short, shares its code with another, or branches back into
/// its first bytes; and images that do not hold what the old objects say.
pub fn entries(live: &Live, plan: &mut PatchPlan) {
    let redirected: FxHashSet<&str> = plan
        .roots
        .iter()
        .filter_map(|(u, s)| u.name_of(*s))
        .map(|s| s.name.as_str())
        .collect();
    let mut reasons = Vec::new();
    for (unit, section) in &plan.roots {
        let Some(symbol) = unit.name_of(*section) else {
            continue;
        };
        let name = demangled(&symbol.name);
        let Some(Status::Changed(entries)) = plan.status.get(&SymbolKey::of(unit, symbol)) else {
            continue;
        };
        let Some(&original) = entries.first() else {
            continue;
        };
        let Ok(address) = u64::try_from(original) else {
            continue;
        };
        let known = plan.before.get(&SymbolKey::of(unit, symbol));
        if entries.len() == 1
            && known.is_some_and(|(old, section)| !runs_at(live, old, *section, original))
        {
            reasons.push(Reason::new("foreign-image", name.clone(), format!("`{name}` in the image is not the code that was compiled; the image was changed after it was linked.")));
            continue;
        }
        let room = live.host.room(address);
        if room < x86_64::JUMP {
            reasons.push(Reason::new(
                "function-too-short",
                name.clone(),
                format!("`{name}` has only {room} bytes, too few for a jump to its new code."),
            ));
        } else if entries.len() == 1 {
            if let Some(why) = hazard(live, original, room.min(1 << 20) as usize) {
                reasons.push(Reason::new(
                    "entry-not-patchable",
                    name.clone(),
                    format!("The entry of `{name}` cannot be overwritten safely: {why}."),
                ));
            }
            let folded = live.host.functions_at(address);
            if folded
                .iter()
                .any(|other| !redirected.contains(other.as_str()))
            {
                reasons.push(Reason::new(
                    "folded-function",
                    name.clone(),
                    format!(
                        "`{name}` shares its machine code with `{}`, which did not change.",
                        folded
                            .iter()
                            .filter(|o| !redirected.contains(o.as_str()))
                            .map(|o| demangled(o))
                            .collect::<Vec<_>>()
                            .join("`, `")
                    ),
                ));
            }
        }
    }
    plan.refused.extend(reasons);
}

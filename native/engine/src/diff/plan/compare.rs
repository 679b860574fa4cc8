//! Each function of the new units against the old one that it is.

use super::super::closures::Renumbered;
use super::super::correlate::Side;
use super::super::debug_sides::DebugSides;
use super::super::identity::Identity;
use super::super::locations::{self, Positions};
use super::super::taint::{environment, is_environment};
use super::super::Function;
use super::{PatchPlan, Status, Write};
use crate::format::unit::SectionId;
use crate::live::{Live, LiveFunction, SymbolKey};
use crate::reason::{demangled, Reason};
use rustc_hash::{FxHashMap, FxHashSet};

/// What pairs the functions of the two sides.
pub struct Pairing<'s> {
    pub old: &'s Side<'s>,
    pub new: &'s Side<'s>,
    pub identity: &'s Identity,
    /// Old copies of new functions whose units lost them.
    pub copies: FxHashMap<SymbolKey, Vec<&'s Function>>,
}

impl<'s> Pairing<'s> {
    pub fn of(
        old: &'s Side<'s>,
        new: &'s Side<'s>,
        identity: &'s Identity,
        renumbered: &Renumbered,
    ) -> Self {
        let mut kept: FxHashSet<&SymbolKey> = renumbered.functions.iter().collect();
        let partners = new.functions.keys();
        kept.extend(partners.filter_map(|key| Some(&identity.partner(old, key)?.key)));
        Pairing {
            old,
            new,
            identity,
            copies: old.copies(new, &kept),
        }
    }

    /// The old function that the new one is, and further copies of it.
    fn before(&self, key: &SymbolKey) -> Option<(&'s Function, &[&'s Function])> {
        let copies = self.copies.get(key).map_or([].as_slice(), Vec::as_slice);
        match self.identity.partner(self.old, key) {
            Some(partner) => Some((partner, copies)),
            None => copies.split_first().map(|(first, rest)| (*first, rest)),
        }
    }

    /// Old functions that no new one is.
    pub fn gone(&self) -> Vec<SymbolKey> {
        let keys = self.new.functions.keys();
        let partners = keys.filter_map(|key| self.before(key));
        let kept: FxHashSet<&SymbolKey> = partners
            .flat_map(|(one, copies)| {
                std::iter::once(&one.key).chain(copies.iter().map(|c| &c.key))
            })
            .collect();
        let all = self.old.functions.keys();
        all.filter(|key| !kept.contains(key)).cloned().collect()
    }
}

pub fn compare_functions(
    live: &Live,
    pairing: &Pairing<'_>,
    debug: &DebugSides,
    plan: &mut PatchPlan,
) {
    let (old, new) = (pairing.old, pairing.new);
    let mut claims = Claims::default();
    let mut functions: Vec<(&SymbolKey, &Function)> = new.functions.iter().collect();
    functions.sort_by(|(a, _), (b, _)| (&a.name, &a.file).cmp(&(&b.name, &b.file)));
    let mut moved = Vec::new();
    let mut needed: FxHashMap<(String, SectionId), Option<[u8; 8]>> = FxHashMap::default();
    for (key, function) in functions {
        let Some((before, copies)) = pairing.before(key) else {
            set(plan, function, returned(live, function, old, debug));
            continue;
        };
        let Some(symbol) = before.symbol() else {
            continue;
        };
        let address = live.function(&before.unit, symbol);
        if before.key != *key || !copies.is_empty() {
            let entries = entries(live, before, copies);
            plan.renamed
                .extend(address.map(|address| (key.clone(), LiveFunction { address, entries })));
        }
        let positions = if before.digest == function.digest {
            locations::expected(old.contents(before), before.section)
        } else {
            let (a, b) = (old.contents(before), new.contents(function));
            match locations::only_locations(a, before.section, b, function.section) {
                Some(changed) => {
                    let mut all = locations::expected(a, before.section);
                    all.extend(changed);
                    all
                }
                None => {
                    claims.changed(live, plan, function, (before, copies));
                    continue;
                }
            }
        };
        // Two users of one constant must agree on its new position, or it stays as it is.
        for (&section, &position) in &positions {
            needed
                .entry((before.unit.name.clone(), section))
                .and_modify(|known| {
                    if *known != Some(position) {
                        *known = None;
                    }
                })
                .or_insert(Some(position));
        }
        set(plan, function, Status::Same(address));
        moved.push((function, before, copies, address, positions));
    }
    for (function, before, copies, address, positions) in moved {
        match positions_to_write(live, before, address, &positions, &needed) {
            Some(writes) => plan.writes.extend(writes),
            None => claims.changed(live, plan, function, (before, copies)),
        }
    }
    plan.writes.sort_by_key(|w| w.at);
    plan.writes.dedup_by_key(|w| w.at);
}

/// The writes for one function; `None` when a position cannot be written for all its users, so that the function must
/// be redirected instead.
fn positions_to_write(
    live: &Live,
    before: &Function,
    address: Option<i64>,
    positions: &Positions,
    needed: &FxHashMap<(String, SectionId), Option<[u8; 8]>>,
) -> Option<Vec<Write>> {
    let mut writes = Vec::new();
    for (&section, &position) in positions {
        let old: [u8; 8] = before.unit.bytes(section).get(16..24)?.try_into().ok()?;
        let agreed = needed
            .get(&(before.unit.name.clone(), section))
            .copied()
            .flatten();
        if old == position && agreed == Some(position) {
            continue;
        }
        agreed?;
        // Code that the image dropped shows no position to anybody.
        let Some(address) = address else { continue };
        let r = locations::reference(&before.unit, before.section, section)?;
        let field = address.checked_add(r.offset as i64)?;
        let value = i32::from_le_bytes(live.read(field, 4)?.try_into().ok()?);
        // PC32 is S + A - P, so S = field value + P - A.
        let at = field
            .checked_add(i64::from(value))?
            .checked_sub(r.addend)?
            .checked_add(16)?;
        if live.read(at, 8)? != old || at % 8 != 0 {
            return None;
        }
        writes.push(Write {
            symbol: before.key.name.clone(),
            at,
            old,
            new: position,
        });
    }
    Some(writes)
}

fn set(plan: &mut PatchPlan, function: &Function, status: Status) {
    plan.status.insert(function.key.clone(), status);
}

/// All entries of the running versions of a function and its copies.
fn entries(live: &Live, before: &Function, copies: &[&Function]) -> Vec<i64> {
    let all = std::iter::once(before).chain(copies.iter().copied());
    let mut entries: Vec<i64> = Vec::new();
    for function in all {
        let found = function
            .symbol()
            .map(|symbol| live.entries(&function.unit, symbol));
        for entry in found.unwrap_or_default() {
            if !entries.contains(&entry) {
                entries.push(entry);
            }
        }
    }
    entries
}

/// Who redirects which entry. When one function became several private copies, one of them takes its entries.
#[derive(Default)]
struct Claims {
    by: FxHashMap<i64, SymbolKey>,
}

impl Claims {
    fn changed(
        &mut self,
        live: &Live,
        plan: &mut PatchPlan,
        function: &Function,
        (before, copies): (&Function, &[&Function]),
    ) {
        let mut entries = entries(live, before, copies);
        let (old, symbol) = (&before.unit, before.key.name.as_str());
        if entries.is_empty() && live.host.is_ambiguous(&old.file_symbol, symbol) {
            let name = demangled(symbol);
            plan.refused.push(Reason::new(
                "entry-out-of-reach",
                name.clone(),
                format!("The image holds several private copies of `{name}`, and it cannot be told which one is whose."),
            ));
        }
        entries.retain(|entry| {
            let owner = self
                .by
                .entry(*entry)
                .or_insert_with(|| function.key.clone());
            owner.name != function.key.name || owner.file == function.key.file
        });
        if entries.is_empty() {
            // Not in the program (never called, or inlined everywhere): as good as new.
            set(plan, function, Status::New);
        } else {
            plan.before
                .insert(function.key.clone(), (before.unit.clone(), before.section));
            plan.redirect(
                &function.unit,
                function.section,
                function.key.clone(),
                entries,
            );
        }
    }
}

/// A function without a partner: new, or one that an earlier edit removed and this one brings back, whose old entries
/// still exist. Of closures, and of what is compiled for one, a symbol that comes back can be a neighbour's.
fn returned(live: &Live, function: &Function, old: &Side<'_>, debug: &DebugSides) -> Status {
    let name = &function.key.name;
    let plain = debug.new.signature(name).is_some_and(|s| {
        environment(s).is_none()
            && !is_environment(s.name())
            && !is_environment(s.result())
            && !s.parameters().any(is_environment)
    });
    if !plain || !live.now.gone.contains(&function.key) || old.knows(name) {
        return Status::New;
    }
    let entries = function
        .symbol()
        .map(|s| live.entries(&function.unit, s))
        .unwrap_or_default();
    if entries.is_empty() {
        Status::New
    } else {
        Status::Changed(entries)
    }
}

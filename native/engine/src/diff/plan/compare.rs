//! Each function of the new units against the old one that it is.

use super::super::closures::Renumbered;
use super::super::correlate::Side;
use super::super::identity::Identity;
use super::super::locations::{self, Positions};
use super::super::Function;
use super::{PatchPlan, Status, Write};
use crate::format::unit::SectionId;
use crate::live::{Along, Live, LiveFunction, SymbolKey};
use crate::reason::{demangled, Reason};
use rustc_hash::{FxHashMap, FxHashSet};

/// What pairs the functions of the two sides.
pub struct Pairing<'s> {
    pub old: &'s Side<'s>,
    pub new: &'s Side<'s>,
    pub identity: &'s Identity,
    /// Old copies of new functions whose units lost them.
    copies: FxHashMap<SymbolKey, Vec<&'s Function>>,
    /// Functions that earlier edits removed, by the new ones that they are, with their first entries.
    returned: FxHashMap<SymbolKey, Vec<(SymbolKey, i64)>>,
}

/// The old code of a function, and what else leads to the new one from now on.
struct Before<'s> {
    code: &'s Function,
    /// Copies in the program whose units lost them, and their first entries.
    copies: Vec<(SymbolKey, i64)>,
}

impl<'s> Pairing<'s> {
    pub fn of(
        old: &'s Side<'s>,
        new: &'s Side<'s>,
        identity: &'s Identity,
        renumbered: &Renumbered,
        returned: FxHashMap<SymbolKey, Vec<(SymbolKey, i64)>>,
    ) -> Self {
        let mut kept: FxHashSet<&SymbolKey> = renumbered.functions.iter().collect();
        let partners = new.functions.keys();
        kept.extend(partners.filter_map(|key| Some(&identity.partner(old, key)?.key)));
        Pairing {
            old,
            new,
            identity,
            copies: old.copies(new, &kept),
            returned,
        }
    }

    /// The old functions that the new one is: its partner first, then copies of it.
    pub fn olds(&self, key: &SymbolKey) -> Vec<&'s Function> {
        let partner = self.identity.partner(self.old, key).into_iter();
        let copies = self.copies.get(key).into_iter().flatten().copied();
        partner.chain(copies).collect()
    }

    /// What the new function is compared with: an old one that is in the program, if there is one.
    fn before(&self, live: &Live, key: &SymbolKey) -> Option<Before<'s>> {
        let mut olds = self.olds(key);
        let runs = olds.iter().position(|f| first(live, f).is_some());
        if olds.is_empty() {
            return None;
        }
        let code = olds.remove(runs.unwrap_or(0));
        let copies = olds
            .into_iter()
            .filter_map(|f| Some((f.key.clone(), first(live, f)?)));
        Some(Before {
            code,
            copies: copies.collect(),
        })
    }

    /// Old functions that no new one is.
    pub fn gone(&self) -> Vec<&'s Function> {
        let keys = self.new.functions.keys();
        let kept: FxHashSet<&SymbolKey> = keys
            .flat_map(|key| self.olds(key))
            .map(|old| &old.key)
            .collect();
        let all = self.old.functions.values();
        all.filter(|old| !kept.contains(&old.key)).collect()
    }
}

fn first(live: &Live, function: &Function) -> Option<i64> {
    let entries = live.entries(&function.unit, function.symbol()?);
    entries.first().copied()
}

pub fn compare_functions(live: &Live, pairing: &Pairing<'_>, plan: &mut PatchPlan) {
    let (old, new) = (pairing.old, pairing.new);
    let mut claims = Claims::default();
    let mut functions: Vec<(&SymbolKey, &Function)> = new.functions.iter().collect();
    functions.sort_by(|(a, _), (b, _)| (&a.name, &a.file).cmp(&(&b.name, &b.file)));
    let mut moved = Vec::new();
    let mut needed: FxHashMap<(String, SectionId), Option<[u8; 8]>> = FxHashMap::default();
    for (key, function) in functions {
        let returned = pairing
            .returned
            .get(key)
            .map_or([].as_slice(), Vec::as_slice);
        let Some(Before {
            code: before,
            copies,
        }) = pairing.before(live, key)
        else {
            come_back(live, plan, function, returned);
            continue;
        };
        let Some(symbol) = before.symbol() else {
            continue;
        };
        let address = live.function(&before.unit, symbol);
        if before.key != *key {
            let entries = live.entries(&before.unit, symbol);
            plan.renamed
                .extend(address.map(|address| (key.clone(), LiveFunction { address, entries })));
        }
        if let Some(with) = first(live, before) {
            go_along(plan, &copies, with);
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
                    claims.changed(live, plan, function, before, returned);
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
        moved.push((function, before, returned, address, positions));
    }
    for (function, before, returned, address, positions) in moved {
        match positions_to_write(live, before, address, &positions, &needed) {
            Some(writes) => plan.writes.extend(writes),
            None => claims.changed(live, plan, function, before, returned),
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

/// `copies` go along with the function whose first entry is `with`.
fn go_along(plan: &mut PatchPlan, copies: &[(SymbolKey, i64)], with: i64) {
    let others = copies.iter().filter(|(_, first)| *first != with);
    plan.along.extend(others.map(|(key, first)| Along {
        key: key.clone(),
        first: *first,
        with,
    }));
}

/// A function without a partner: new, or one that earlier edits removed and this one brings back, whose old entries
/// still exist.
fn come_back(
    live: &Live,
    plan: &mut PatchPlan,
    function: &Function,
    returned: &[(SymbolKey, i64)],
) {
    let Some((_, first)) = returned.first() else {
        return set(plan, function, Status::New);
    };
    go_along(plan, returned, *first);
    let entries = plan.entries_of(live, *first);
    plan.redirect(
        &function.unit,
        function.section,
        function.key.clone(),
        entries,
    );
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
        before: &Function,
        returned: &[(SymbolKey, i64)],
    ) {
        let own = first(live, before);
        let with = own.or(returned.first().map(|(_, first)| *first));
        if let Some(with) = with {
            go_along(plan, returned, with);
        }
        let mut entries = with.map_or(Vec::new(), |first| plan.entries_of(live, first));
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
            if own.is_some() {
                plan.before
                    .insert(function.key.clone(), (before.unit.clone(), before.section));
            }
            plan.redirect(
                &function.unit,
                function.section,
                function.key.clone(),
                entries,
            );
        }
    }
}

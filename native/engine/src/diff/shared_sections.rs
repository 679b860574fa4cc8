//! Functions that `#[link_section]` puts into one section. The compiler resolves calls between them itself, so they
//! cannot be taken apart, and only the first of them is a function to the rest of the diff: a change to any other would
//! be lost without a word.

use super::content::Contents;
use super::plan::PatchPlan;
use super::registration::StartUp;
use crate::format::unit::{is_anonymous, SectionId, Symbol, SymbolKind, Unit};
use crate::live::{Live, SymbolKey};
use crate::reason::{demangled, Reason};
use rustc_hash::FxHashMap;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Refuses the change of a function that shares its section. Those that run before `main` alone, such as what `ctor`
/// and `inventory` generate, have run and need no new code.
pub fn gate(live: &Live, old: &[Arc<Unit>], start_up: &StartUp<'_>, plan: &mut PatchPlan) {
    let new = plan.units.clone();
    let roots = plan.roots.iter().map(|(unit, _)| unit);
    if !old.iter().chain(&new).chain(roots).any(|unit| shares(unit)) {
        return;
    }
    let before = functions(old);
    let mut lost: BTreeSet<(String, String)> = BTreeSet::new();
    let mut check = |known: &Placed<'_>, now: &Placed<'_>, name: &str| {
        if !start_up.only(name) && !live.entries(known.unit, known.symbol).is_empty() {
            lost.extend(now.described());
        }
    };
    for (key, now) in functions(&new) {
        let Some(known) = before.get(&key) else {
            continue;
        };
        let is_further = known.symbol.value != 0 || now.symbol.value != 0;
        if is_further && known.place() != now.place() {
            check(known, &now, &key.name);
        }
    }
    // Those that share the section of a reader of what changed: the section is the same, and the first is redirected.
    for (unit, section) in &plan.roots {
        let is_new = new.iter().any(|one| Arc::ptr_eq(one, unit));
        for (_, symbol) in further(unit).filter(|(of, _)| of == section) {
            let now = Placed {
                unit,
                section: *section,
                symbol,
            };
            let key = SymbolKey::of(unit, symbol);
            if let Some(known) = before.get(&key).or(Some(&now).filter(|_| !is_new)) {
                check(known, &now, &key.name);
            }
        }
    }
    plan.refused.extend(lost.into_iter().map(|(name, section)| {
        Reason::new(
            "unpatchable-output",
            name.clone(),
            format!("`{name}` shares the section `{section}` with other functions, and the compiler does not tell them apart."),
        )
        .remedy("Restart the program with the new build, or leave out the `#[link_section]` that is written there, by you or by a macro such as `ctor`.")
    }));
}

struct Placed<'u> {
    unit: &'u Unit,
    section: SectionId,
    symbol: &'u Symbol,
}

impl Placed<'_> {
    /// What the section means, and where in it the function begins.
    fn place(&self) -> ([u8; 16], u64) {
        let contents = Contents::new(self.unit).section(self.section);
        (contents, self.symbol.value)
    }

    fn described(&self) -> Option<(String, String)> {
        let section = self.unit.sections.get(self.section)?;
        Some((demangled(&self.symbol.name), section.name.clone()))
    }
}

fn functions(units: &[Arc<Unit>]) -> FxHashMap<SymbolKey, Placed<'_>> {
    let mut all = FxHashMap::default();
    for unit in units {
        for (section, symbol) in unit.functions().chain(further(unit)) {
            let placed = Placed {
                unit,
                section,
                symbol,
            };
            all.insert(SymbolKey::of(unit, symbol), placed);
        }
    }
    all
}

/// Functions that do not begin where their section does.
fn further(unit: &Unit) -> impl Iterator<Item = (SectionId, &Symbol)> {
    unit.symbols
        .iter()
        .filter(|s| s.kind == SymbolKind::Function && s.value != 0 && !is_anonymous(&s.name))
        .filter_map(|s| Some((s.section.filter(|of| unit.is_function(*of))?, s)))
}

fn shares(unit: &Unit) -> bool {
    further(unit).next().is_some()
}

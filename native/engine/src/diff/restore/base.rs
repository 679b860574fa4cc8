//! The units that the image was linked from, beside those of the plan.

use crate::diff::content::Contents;
use crate::diff::gates::has_code;
use crate::diff::locations;
use crate::diff::plan::{PatchPlan, Status};
use crate::diff::UnitChange;
use crate::format::host::HostKind;
use crate::format::unit::{Kind, SectionId, Unit};
use crate::format::Result;
use crate::live::{Live, SymbolKey};
use rustc_hash::FxHashMap;
use std::path::Path;
use std::sync::Arc;

/// A unit as the image has it, and as it is now.
pub struct Pair {
    pub base: Arc<Unit>,
    pub new: Arc<Unit>,
}

/// A function of the image that a function of the plan is again.
pub struct Original {
    /// Index into `Bases::pairs`.
    pub pair: usize,
    pub base: SectionId,
    pub new: SectionId,
    /// Its entry in the image.
    pub address: i64,
}

#[derive(Default)]
pub struct Bases {
    pub pairs: Vec<Pair>,
    by_path: FxHashMap<std::path::PathBuf, usize>,
}

impl Bases {
    /// Of all units that the plan takes code from.
    pub fn open(live: &Live, changes: &[UnitChange], plan: &PatchPlan) -> Result<Bases> {
        let mut bases = Bases::default();
        let changed = changes.iter().filter_map(|c| {
            let path = c.new.as_ref()?.path.as_path();
            Some((path, (c.crate_id.as_str(), c.name.as_str())))
        });
        let others = live
            .others(changes)
            .map(|(crate_id, name, slot)| (slot.path.as_path(), (crate_id, name)));
        let names: FxHashMap<&Path, (&str, &str)> = changed.chain(others).collect();
        let roots = plan.roots.iter().map(|(unit, _)| unit);
        for unit in plan.units.iter().chain(roots) {
            if bases.by_path.contains_key(&unit.path) {
                continue;
            }
            let slot = names
                .get(unit.path.as_path())
                .and_then(|(crate_id, name)| live.base.get(*crate_id)?.get(*name));
            let Some(slot) = slot else { continue };
            let base = slot.unit()?;
            // Local names mean the same in both.
            if base.file_symbol != unit.file_symbol {
                continue;
            }
            bases.by_path.insert(unit.path.clone(), bases.pairs.len());
            bases.pairs.push(Pair {
                base,
                new: unit.clone(),
            });
        }
        Ok(bases)
    }

    /// Functions that would get new code and whose content is the image's own.
    pub fn originals(&self, live: &Live, plan: &PatchPlan) -> FxHashMap<SymbolKey, Original> {
        let mut originals = FxHashMap::default();
        for (index, pair) in self.pairs.iter().enumerate() {
            let (before, after) = (Contents::new(&pair.base), Contents::new(&pair.new));
            for (new, symbol) in pair.new.functions() {
                let key = SymbolKey::of(&pair.new, symbol);
                let entries = match plan.status.get(&key) {
                    Some(Status::Changed(entries)) => Some(entries),
                    Some(Status::New) => None,
                    _ => continue,
                };
                let base = defined(&pair.base, &symbol.name, Kind::Text);
                let Some(base) = base.filter(|base| has_one_name(pair, *base, new)) else {
                    continue;
                };
                let Some(address) = at(live, &pair.base, base) else {
                    continue;
                };
                let same_function = match entries {
                    Some(entries) => entries.first() == Some(&address),
                    // The name meant another function for a while. The one of the image must be nobody else's now.
                    None => !is_bound(live, plan, address),
                };
                let same = same_function
                    && live.host.functions_at(address as u64).len() == 1
                    && (before.function(base) == after.function(new)
                        || locations::only_locations(&before, base, &after, new).is_some())
                    && has_code(
                        &pair.base,
                        base,
                        live.linked(address, pair.base.bytes(base).len()),
                    );
                if same {
                    let pair = index;
                    originals.insert(
                        key,
                        Original {
                            pair,
                            base,
                            new,
                            address,
                        },
                    );
                }
            }
        }
        originals
    }
}

/// The section of this kind that a name stands for.
pub fn defined(unit: &Unit, name: &str, kind: Kind) -> Option<SectionId> {
    let section = unit.definition(name)?;
    let named = unit.name_of(section)?;
    (named.name == name && unit.sections.get(section)?.kind == kind).then_some(section)
}

/// Functions of equal code share a section, and one of them may have changed.
fn has_one_name(pair: &Pair, base: SectionId, new: SectionId) -> bool {
    pair.base.names_of(base).len() == 1 && pair.new.names_of(new).len() == 1
}

fn at(live: &Live, unit: &Unit, section: SectionId) -> Option<i64> {
    let found = live.in_host(unit, unit.name_of(section)?)?;
    (found.kind == HostKind::Function).then_some(found.address as i64)
}

fn is_bound(live: &Live, plan: &PatchPlan, first: i64) -> bool {
    let renamed = plan.renamed.values();
    let mut bound = live.now.functions.values().chain(renamed);
    bound.any(|function| function.first() == first)
}

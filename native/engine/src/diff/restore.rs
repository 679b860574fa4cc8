//! Reverts recognised: a changed function that is again what the image was built from gets its original code back, in
//! place of new code.
//!
//! Equal text is not enough. The original code is bound to the image: it calls what stood under a name when the image
//! was linked. So a function is restored when its content is the same by the differ's own notion (`content`), when
//! every name in it, through its constants too, leads from the image to what the name means after this patch
//! (`meaning`), and when its panic locations can be brought up to date (`positions`). All else gets new code as ever.

mod base;
mod meaning;
mod positions;

use super::plan::{Change, PatchPlan, Reported, Status};
use super::UnitChange;
use crate::format::Result;
use crate::live::{Live, LiveFunction, SymbolKey};
use crate::reason::demangled;
use base::{Bases, Original};
use meaning::Meaning;
use rustc_hash::{FxHashMap, FxHashSet};

/// A function that gets the code of an earlier version again.
#[derive(Debug, Clone)]
pub struct Restore {
    pub key: SymbolKey,
    /// All its entries, the oldest first, and the one whose code is to run.
    pub entries: Vec<i64>,
    pub to: i64,
}

impl Restore {
    pub fn reported(&self) -> Reported {
        Reported {
            name: demangled(&self.key.name),
            symbol: self.key.name.clone(),
            change: Change::Restored,
        }
    }
}

/// Takes functions that can be restored out of what is to be compiled into the patch.
pub fn recognise(live: &Live, changes: &[UnitChange], plan: &mut PatchPlan) -> Result<()> {
    if live.history.is_empty() {
        return Ok(());
    }
    let bases = Bases::open(live, changes, plan)?;
    let mut originals: FxHashMap<SymbolKey, Original> = bases.originals(live, plan);
    // The largest set of functions that mean what they meant, supposing that the others of the set do.
    let writes = loop {
        let meaning = Meaning::new(live, plan, &bases, &originals);
        let differing: FxHashSet<SymbolKey> = originals
            .iter()
            .filter(|(_, original)| !meaning.holds(original))
            .map(|(key, _)| key.clone())
            .collect();
        if !differing.is_empty() {
            originals.retain(|key, _| !differing.contains(key));
            continue;
        }
        match positions::writes(live, plan, &bases, &originals) {
            Ok(writes) => break writes,
            Err(key) => drop(originals.remove(&key)),
        }
    };
    let reverted = Meaning::new(live, plan, &bases, &originals).constants();
    plan.writes
        .retain(|known| writes.iter().all(|w| w.at != known.at));
    plan.writes
        .extend(writes.into_iter().filter(|w| w.old != w.new));
    plan.writes.sort_by_key(|w| w.at);
    for key in &reverted {
        plan.moved.remove(&key.name);
    }
    plan.reverted = reverted;
    take_out(live, originals, plan);
    Ok(())
}

fn take_out(live: &Live, originals: FxHashMap<SymbolKey, Original>, plan: &mut PatchPlan) {
    let keys: FxHashSet<&SymbolKey> = originals.keys().collect();
    plan.roots.retain(|(unit, section)| {
        let key = unit.name_of(*section).map(|s| SymbolKey::of(unit, s));
        key.is_none_or(|key| !keys.contains(&key))
    });
    for (key, original) in &originals {
        let to = original.address;
        plan.before.remove(key);
        plan.status.insert(key.clone(), Status::Same(Some(to)));
        let entries = plan.entries_of(live, to);
        let leads = plan.along.iter().any(|copy| copy.with == to);
        if leads || live.now.jumps.contains_key(&to) {
            plan.restores.push(Restore {
                key: key.clone(),
                entries,
                to,
            });
        } else {
            let address = to;
            plan.renamed
                .insert(key.clone(), LiveFunction { address, entries });
        }
    }
    plan.restores.sort_by(|a, b| a.key.name.cmp(&b.key.name));
}

//! Crates of the workspace that the image was not linked with, as no code named them, and of which no patch has brought
//! anything: nothing of theirs runs, and no value of theirs lives in their units' data. An edit of one changes nothing that
//! runs; what new code needs of one is lifted from its units.
//!
//! From the first patch that has something of it on, a crate is one like any other: its functions and statics are bound,
//! and its layouts are compared. That stays so when the patch is taken back, for values can be left behind.

use super::{Live, UnitSlot};
use crate::diff::UnitChange;
use rustc_hash::FxHashSet;
use std::path::PathBuf;

impl Live {
    pub fn is_unlinked(&self, crate_id: &str) -> bool {
        self.unlinked.contains(crate_id)
    }

    /// Crate, name and object of their units, as they are with `changes`.
    pub fn unlinked_units<'l>(
        &'l self,
        changes: &'l [UnitChange],
    ) -> impl Iterator<Item = (&'l str, &'l str, &'l UnitSlot)> {
        let new = changes.iter().filter_map(|change| {
            let slot = change.new.as_ref()?;
            Some((change.crate_id.as_str(), change.name.as_str(), slot))
        });
        let kept = self.units_besides(changes);
        kept.filter(|(crate_id, _, _)| self.is_unlinked(crate_id))
            .chain(new)
    }

    /// Those of which a patch made from these objects has something.
    pub fn reached<'l>(
        &'l self,
        changes: &'l [UnitChange],
        sources: &FxHashSet<PathBuf>,
    ) -> FxHashSet<&'l str> {
        self.unlinked_units(changes)
            .filter(|(_, _, slot)| sources.contains(&slot.path))
            .map(|(crate_id, _, _)| crate_id)
            .collect()
    }
}

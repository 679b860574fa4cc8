//! Debug tables of both versions of the changed units.

use super::impls::Impls;
use super::UnitChange;
use crate::format::unit::Unit;
use crate::format::Result;
use crate::layout::{DebugTables, Signature};
use crate::live::UnitSlot;
use rustc_hash::FxHashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Arc;

/// One version. A symbol's signature is in one unit out of many, so they are looked up through one table.
pub struct DebugSide {
    pub units: Vec<(Arc<Unit>, Arc<DebugTables>)>,
    signatures: FxHashMap<String, usize>,
}

impl DebugSide {
    fn read<'c>(slots: impl Iterator<Item = &'c UnitSlot>) -> Result<DebugSide> {
        let units: Vec<_> = slots
            .map(|slot| Ok((slot.unit()?, slot.debug()?)))
            .collect::<Result<_>>()?;
        Ok(DebugSide::of(units))
    }

    fn of(units: Vec<(Arc<Unit>, Arc<DebugTables>)>) -> DebugSide {
        let mut signatures = FxHashMap::default();
        for (index, (_, tables)) in units.iter().enumerate() {
            for signature in tables.signatures.iter() {
                signatures
                    .entry(signature.symbol().to_string())
                    .or_insert(index);
            }
        }
        DebugSide { units, signatures }
    }

    /// The signatures of all units.
    pub fn signatures(&self) -> impl Iterator<Item = Signature<'_>> {
        self.units
            .iter()
            .flat_map(|(_, tables)| tables.signatures.iter())
    }

    /// The same with `impl` blocks under other names.
    fn renamed(self, impls: &Impls) -> DebugSide {
        let rename = |text: &str| impls.rename(text);
        let renamed = |(unit, tables): (Arc<Unit>, Arc<DebugTables>)| {
            (unit, Arc::new(tables.renamed(&rename)))
        };
        DebugSide::of(self.units.into_iter().map(renamed).collect())
    }

    /// The signature of a symbol, from whichever unit describes it.
    pub fn signature(&self, symbol: &str) -> Option<Signature<'_>> {
        let (_, tables) = self.units.get(*self.signatures.get(symbol)?)?;
        tables.signatures.get(symbol)
    }
}

/// Both versions, the new one in the terms of the old: an `impl` block has the number that it had.
pub struct DebugSides {
    pub old: DebugSide,
    pub new: DebugSide,
    /// Whether `impl` blocks have other numbers than before.
    pub shifted: bool,
}

impl DebugSides {
    pub fn read(changes: &[UnitChange]) -> Result<DebugSides> {
        read_ahead(
            changes
                .iter()
                .flat_map(|c| [&c.old, &c.new])
                .flatten()
                .collect(),
        );
        let old = DebugSide::read(changes.iter().filter_map(|c| c.old.as_ref()))?;
        let new = DebugSide::read(changes.iter().filter_map(|c| c.new.as_ref()))?;
        let impls = Impls::matched(&old, &new);
        let shifted = !impls.is_empty();
        let new = if shifted { new.renamed(&impls) } else { new };
        Ok(DebugSides { old, new, shifted })
    }
}

/// Reads debug information on all cores: an edit that moves lines changes hundreds of units. What goes wrong here goes
/// wrong again, and is reported, where the unit is used.
fn read_ahead(slots: Vec<&UnitSlot>) {
    let threads = std::thread::available_parallelism()
        .map_or(1, usize::from)
        .min(slots.len());
    if threads < 2 {
        return;
    }
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some(slot) = slots.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let _ = slot.debug();
                }
            });
        }
    });
}

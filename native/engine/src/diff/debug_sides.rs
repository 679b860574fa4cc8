//! Debug tables of both versions of the changed units.

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
        let mut signatures = FxHashMap::default();
        for (index, (_, tables)) in units.iter().enumerate() {
            for signature in tables.signatures.iter() {
                signatures
                    .entry(signature.symbol().to_string())
                    .or_insert(index);
            }
        }
        Ok(DebugSide { units, signatures })
    }

    /// The signature of a symbol, from whichever unit describes it.
    pub fn signature(&self, symbol: &str) -> Option<Signature<'_>> {
        let (_, tables) = self.units.get(*self.signatures.get(symbol)?)?;
        tables.signatures.get(symbol)
    }
}

pub struct DebugSides {
    pub old: DebugSide,
    pub new: DebugSide,
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
        Ok(DebugSides {
            old: DebugSide::read(changes.iter().filter_map(|c| c.old.as_ref()))?,
            new: DebugSide::read(changes.iter().filter_map(|c| c.new.as_ref()))?,
        })
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

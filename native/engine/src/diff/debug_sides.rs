//! Debug tables of both versions of the changed units.

use super::UnitChange;
use crate::format::unit::Unit;
use crate::format::Result;
use crate::layout::{DebugTables, Signature};
use crate::live::UnitSlot;
use std::sync::Arc;

type Side = Vec<(Arc<Unit>, Arc<DebugTables>)>;

pub struct DebugSides {
    pub old: Side,
    pub new: Side,
}

impl DebugSides {
    pub fn read(changes: &[UnitChange]) -> Result<DebugSides> {
        let side = |pick: fn(&UnitChange) -> &Option<UnitSlot>| -> Result<Side> {
            changes
                .iter()
                .filter_map(|c| pick(c).as_ref())
                .map(|slot| Ok((slot.unit()?, slot.debug()?)))
                .collect()
        };
        Ok(DebugSides {
            old: side(|c| &c.old)?,
            new: side(|c| &c.new)?,
        })
    }
}

/// The signature of a symbol, from whichever unit describes it.
pub fn signature<'s>(side: &'s Side, symbol: &str) -> Option<Signature<'s>> {
    side.iter()
        .find_map(|(_, tables)| tables.signatures.get(symbol))
}
